/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world.h - what a victim lives in, and what must hold when it is gone.
 *
 * A world is a store with one channel, seen by the survivor (this process),
 * which holds handles that were opened before; a ledger of all that was ever
 * committed; sleepers, if asked for; and where producers wait for consumers, a
 * second channel, which none of that may touch.
 */
#ifndef WI_TESTS_FAULT_WORLD_H
#define WI_TESTS_FAULT_WORLD_H

#include <stdbool.h>
#include <weir/consumer.h>
#include <weir/inspect.h>
#include <weir/producer.h>

#include "fault/rec.h"
#include "fault/sleepers.h"
#include "support/procs.h"

struct world_opts {
	bool exclusive, block, evict;
	bool young;	   /* its ring is not yet full */
	uint32_t capacity; /* default 256 */
	uint32_t lanes;	   /* shared; default 4 */
	uint32_t sleepers;
	bool crowd; /* they wait on more than one wait can name */
};

/* What the processes of a world tell each other without weir. */
struct board {
	/* what a victim's operation returned; he may be VICTIM or GONE */
	struct outcome {
		int64_t rc;
		uint32_t is_done;
	} outcome[WHO_CNT];
	uint32_t thawed;  /* the victim stood still, and goes on */
	uint32_t do_look; /* sleepers look after a second */
	struct sleeper_board {
		uint64_t seq;	  /* the newest record that it has */
		uint64_t bad;	  /* records that were not whole or not next */
		int64_t ended;	  /* the error that ended it */
		uint32_t stirred; /* how often a signal made it look */
	} sleeper[SLEEPERS];
};

/* What is known of one producer's records. */
struct account {
	uint64_t cnt;	    /* the number of its newest record */
	uint64_t had;	    /* the same when the victim was made */
	uint64_t value_seq; /* of its current value; 0: none */
	uint64_t value_cnt;
};

struct world {
	struct world_opts o;
	const char *name;
	weir_store *st;
	weir_channel *ch;
	weir_consumer *watch; /* sees everything; gates where there are gates */
	weir_producer *other; /* shared channels only */
	struct account of[WHO_CNT];
	uint64_t seq;	  /* newest that watch has seen */
	uint64_t seq_was; /* the same when the victim was made */
	uint32_t cleared; /* clears seen since then */
	struct {
		weir_producer *p;
		weir_consumer *c;
	} beside; /* in another channel; block channels only */
	struct proc sleeper[SLEEPERS];
	struct board *board;
	weir_store_info at_first;
	int64_t blocks_at_first; /* of the file, in memory */

	/* for messages */
	const char *op;
	uint64_t point;
	unsigned failures, shown;
	/* for the closing line */
	uint64_t retries;   /* ids that were free only a moment later */
	int64_t longest_ns; /* that a sleeper waited */
	uint64_t waits;	    /* how many times one did */
	unsigned late;	    /* and how many of them were over 100 ms */
};

/* Something is wrong; the first few are printed. */
void world_fail(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Return: 0; -1 after a message. */
int world_make(struct world *w, const struct world_opts *o);
void world_drop(struct world *w);

/* The channel's configuration, for whoever opens it. */
weir_channel_opts world_channel(const struct world *w);

/* A handle on the world's store, for another process. */
weir_store *world_attach(const struct world *w);

/* ---- the survivor's looks --------------------------------------------------
 */

/* Open a producer that waits up to @timeout_ns for space, or amply; the id may
 * take a moment to come free. */
weir_producer *world_producer_for(struct world *w, enum who who,
				  int64_t timeout_ns);
weir_producer *world_producer(struct world *w, enum who who);

/* Publish the next record of @who.  Return: as weir_publish(). */
int64_t world_publish(struct world *w, weir_producer *p, enum who who,
		      size_t len);

/* Is it worth trying to open an id again?  A dead process's lock is given
 * back when its memory goes; somebody who reads its /proc may hold that a
 * moment longer. */
bool world_try_again(struct world *w, int rc, int64_t since_ns);

/* Read what has come and compare it with the ledger. */
void world_drain(struct world *w);

/* A record of our own, published and read again. */
void world_say(struct world *w, size_t len);

/* Current values are what the ledger says. */
void world_values(struct world *w);

/* Participants, channels and bytes are as at first, and so is the memory that
 * the file takes. */
void world_figures(struct world *w);

#endif
