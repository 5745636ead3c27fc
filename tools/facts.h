/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts.h - the figures of a whole store, at one look.
 */
#ifndef WI_TOOLS_FACTS_H
#define WI_TOOLS_FACTS_H

#include <stddef.h>
#include <weir.h>

struct facts_channel {
	weir_channel_info info;	       /* .damaged: there is nothing else */
	weir_producer_info *producers; /* whose id is known */
	weir_consumer_info *consumers;
	size_t producer_cnt, consumer_cnt;
	uint64_t newest_ns; /* time stamp of the newest record; 0: unknown */
};

struct facts {
	weir_store_info store;
	struct facts_channel *channels; /* in the order of the table */
	size_t cnt;
};

/* facts_look - fill in *@f, which was zeroed, or forgotten before.  What ends
 * meanwhile is left out.
 * Return: 0 or -errno; to be forgotten in both cases. */
int facts_look(struct facts *f, weir_store *store);
void facts_forget(struct facts *f);

/* facts_producers, facts_consumers - those of a channel, as far as they were
 * seen; of producers those whose id is known.  *@list is to be freed, also
 * after a failure.  Return: 0 or -errno. */
int facts_producers(weir_channel *ch, weir_producer_info **list, size_t *cnt);
int facts_consumers(weir_channel *ch, weir_consumer_info **list, size_t *cnt);

/* facts_record - record @seq of a channel, or the first behind it that is kept,
 * into *@rec, which is *@reader's; that is to be closed, also after a failure.
 * Return: 1, 0: there is none, or -errno. */
int facts_record(weir_channel *ch, uint64_t seq, weir_consumer **reader,
		 weir_record *rec);

/* facts_time - the time stamp of record *@seq, or of the first behind it that
 * is kept, which *@seq then is, into *@ns; 0: it has none, or there is no such
 * record.  Return: 0 or -errno. */
int facts_time(weir_channel *ch, uint64_t *seq, uint64_t *ns);

/* What the producers and consumers of a channel come to. */
struct facts_sum {
	uint64_t bytes, refused; /* all producers */
	uint64_t lag, lost; /* the largest, and all, of consumers not gone */
};
struct facts_sum facts_sum(const struct facts_channel *c);

/* facts_newest - the time stamp of a channel's newest record, of which @info
 * was said, into *@ns; 0: there is none.  Return: 0 or -errno. */
int facts_newest(weir_channel *ch, const weir_channel_info *info, uint64_t *ns);

/* facts_age - nanoseconds from a time stamp to now; negative if the clock was
 * set back. */
int64_t facts_age(uint64_t time_ns);

#endif
