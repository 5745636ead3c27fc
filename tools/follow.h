/* SPDX-License-Identifier: BSD-2-Clause
 *
 * follow.h - the records of many channels, also of those that appear later,
 * as one stream in the order of their time stamps.
 *
 * Records of one channel keep their order whatever their time
 * stamps say; those of different channels are merged as far as they have come.
 */
#ifndef WI_TOOLS_FOLLOW_H
#define WI_TOOLS_FOLLOW_H

#include <weir.h>

#define FOLLOW_BATCH 64 /* records of one read */

/* An observer is not woken, and looks ever more seldom while nothing comes.
 * Who must not be overtaken waits no longer than this at once. */
#define FOLLOW_SHORT_NS 5000000

struct follow_how {
	weir_from from;
	uint64_t seq;	/* WEIR_FROM_SEQ */
	const char *id; /* a consumer in each channel; NULL: observers */
	uint32_t flags; /* of weir_consumer_opts */
	int64_t spin_ns;
	int needs_names; /* cannot go on without a channel that was named */
};

/* A channel by its name: one that was removed and made again stays this. */
struct followed {
	char name[WEIR_CHANNEL_NAME_MAX + 1];
	uint32_t idx;		/* 0, 1, ... */
	uint32_t life;		/* how often it was found anew */
	weir_channel_info info; /* as it was found */
	weir_channel *ch;	/* NULL: not there any more */
	weir_consumer *c;
	uint64_t lost; /* records */
	uint64_t told; /* of those, for the caller */
	uint64_t seq;  /* of the stream, that was read */
	uint64_t last; /* up to here it is read */
	weir_record recs[FOLLOW_BATCH];
	int cnt, at;
};

struct follow {
	weir_store *store;
	const char *const *patterns; /* names or globs; none: all */
	size_t pattern_cnt;
	struct follow_how how;
	int has_globs; /* channels may appear later */
	struct followed **all;
	size_t cnt;
	struct followed *now; /* whose record was given last */
	int must_fill;
	int has_begun, is_ending;
	int code; /* why a channel could not be followed: an exit code; or 0 */
	int is_over; /* it was one that is needed */
	int64_t looked_ns;
};

/* follow_begin - find the channels that are there.  The patterns, the store and
 * the id are the caller's, and stay.
 * Return: 0, or an exit code after having said why: a name that is no glob
 * must be there. */
int follow_begin(struct follow *f, weir_store *store,
		 const char *const *patterns, size_t cnt,
		 const struct follow_how *how);

/* follow_next - the next record; good until the next call.
 * Return: 1; 0: nothing just now; WEIR_ERETIRED: all was read, and nothing
 * will come; -ENOMEM. */
int follow_next(struct follow *f, struct followed **of, weir_record *rec);

/* follow_wait - until there is something, a signal, @ns, or it is time to look
 * for new channels. */
void follow_wait(struct follow *f, int64_t ns);

/* follow_finish - only what has been published by now is still to come. */
void follow_finish(struct follow *f);

void follow_end(struct follow *f);

#endif
