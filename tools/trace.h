/* SPDX-License-Identifier: BSD-2-Clause
 *
 * trace.h - what `weir trace` tells: its events, how they are printed, and
 * which of them come from looking at the places of producers and consumers.
 */
#ifndef WI_TOOLS_TRACE_H
#define WI_TOOLS_TRACE_H

#include <weir.h>

#include "follow.h"

enum trace_what {
	TRACE_PUBLISHED,
	TRACE_CLEARED,
	TRACE_READ,	/* a consumer's cursor moved */
	TRACE_BEHIND,	/* it did not, and there is something to read */
	TRACE_LOST,	/* by a consumer */
	TRACE_INVALID,	/* failed a consumer's check */
	TRACE_REFUSED,	/* of a producer */
	TRACE_MISSED,	/* overtaken before it could be shown */
	TRACE_STANDING, /* how things stand with a producer or consumer */
	TRACE_JOINED,
	TRACE_LEFT,
	TRACE_KILLED,
	TRACE_MADE, /* the channel */
	TRACE_REMOVED,
};

#define TRACE_NONE INT64_MIN /* no such time */

/* One event; of the last three one at most is set. */
struct trace_event {
	enum trace_what what;
	uint64_t time_ns; /* 0: unknown */
	const char *channel;
	uint64_t seq;	   /* 0: none */
	uint64_t records;  /* how many it is about */
	int64_t lag_ns;	   /* READ, BEHIND, STANDING: age of the next to read */
	int64_t within_ns; /* READ: it was read at most so long after its
			      publish */
	const weir_record *rec;
	const weir_producer_info *producer;
	const weir_consumer_info *consumer;
};

extern weir_store *trace_store; /* where origins are looked for */
extern int trace_values;      /* print the values of records, too */
extern uint64_t trace_wanted; /* end after so many lines; 0: never */
extern uint64_t trace_bad;    /* records whose values cannot be printed */

/* trace_channel - a channel of this name will be printed. */
void trace_channel(const char *name);

/* trace_put - print it, unless enough lines were. */
void trace_put(const struct trace_event *e);
int trace_is_over(void);

struct traced_consumer {
	weir_consumer_info is;
	uint64_t still_ns;    /* since when its cursor stands */
	uint64_t patience_ns; /* told to be behind when it stands so long */
};

/* One channel, and what was there at the last look. */
struct traced {
	uint32_t life;	     /* of the followed one; 0: not looked at yet */
	uint64_t shown;	     /* records up to here are not news */
	uint64_t chosen_seq; /* the newest of the producer that was asked for */
	weir_producer_info *producers;
	struct traced_consumer *consumers;
	size_t producer_cnt, consumer_cnt;
};

/* trace_stand - how things stand with its producers and consumers.
 * trace_look - what has changed with them since.
 * @producer: of producers, only this one, and a consumer's reading where it
 *            passes a record of it; NULL: everything
 * @with_producers: look at those, too; it costs more than the consumers
 * Return: 0, -ENOMEM. */
int trace_stand(struct traced *t, const struct followed *f,
		const char *producer, int with_gone);
int trace_look(struct traced *t, const struct followed *f, const char *producer,
	       int with_producers);
void trace_forget(struct traced *t);

#endif
