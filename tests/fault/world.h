/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world.h - what a victim lives in, and what must hold when it is gone.
 *
 * A world is a store with one channel, seen by the survivor (this process),
 * which holds handles that were opened before; a ledger of all that was ever
 * committed; sleepers, if asked for.  Every record says who made it, which
 * of his it is, and carries a sum of its bytes, so that loss, doubles,
 * tears and disorder all show.
 */
#ifndef WI_TESTS_FAULT_WORLD_H
#define WI_TESTS_FAULT_WORLD_H

#include <stdbool.h>
#include <weir/consumer.h>
#include <weir/inspect.h>
#include <weir/producer.h>

#include "support/procs.h"

/* Whose records there are. */
enum who { OTHER, VICTIM, GONE, WHO_CNT };
extern const char *const who_id[WHO_CNT]; /* their ids */

struct world_opts {
	bool exclusive, block, evict;
	bool young;	   /* its ring is not yet full */
	uint32_t capacity; /* default 256 */
	uint32_t lanes;	   /* shared; default 4 */
	uint32_t sleepers;
};

#define SLEEPERS 2

/* What the processes of a world tell each other without weir. */
struct board {
	int64_t rc; /* of the victim's operation */
	uint32_t is_done;
	struct {
		uint64_t seq; /* the newest record that it has */
		uint64_t bad; /* records that were not whole or not next */
		int64_t at_ns;
		int64_t ended;	  /* the error that ended it */
		uint32_t stirred; /* how often a signal made it look */
	} sleeper[SLEEPERS];
};

/* What is known of one producer's records. */
struct account {
	uint64_t cnt;	    /* the number of its newest record */
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
	struct proc sleeper[SLEEPERS];
	struct board *board;
	weir_store_info at_first;

	/* for messages */
	const char *op;
	uint64_t point;
	unsigned failures, shown;
	/* for the closing line */
	uint64_t retries;   /* ids that were free only a moment later */
	int64_t longest_ns; /* that a sleeper waited */
	unsigned late;	    /* how many took over 300 ms */
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

/* ---- records ---------------------------------------------------------------
 */

#define REC_SHORT 40  /* lies in a slot of an exclusive channel */
#define REC_LONG  700 /* lies in a lane */
#define REC_MAX	  1024

/* @len bytes of msgpack: record number @cnt of @who. */
void rec_make(uint8_t *buf, size_t len, enum who who, uint64_t cnt);
bool rec_whole(const weir_record *rec, enum who *who, uint64_t *cnt);

/* Publish the next record of @who.  Return: as weir_publish(). */
int64_t world_publish(struct world *w, weir_producer *p, enum who who,
		      size_t len);

/* ---- the survivor's looks --------------------------------------------------
 */

/* Open a producer with a deadline; the id may take a moment to come free. */
weir_producer *world_producer(struct world *w, enum who who);

/* Read what has come and compare it with the ledger. */
void world_drain(struct world *w);

/* A record of our own, published and read again. */
void world_say(struct world *w, size_t len);

/* Current values are what the ledger says. */
void world_values(struct world *w);

/* Everybody who sleeps has everything, in time. */
void world_sleepers_have(struct world *w, int64_t since_ns, bool strict);

/* Wait until they sleep again. */
void world_sleepers_rest(struct world *w);

/* Make them get up and lie down again, behind whoever sleeps now. */
void world_sleepers_stir(struct world *w);

/* Participants, channels and bytes are as at first. */
void world_figures(struct world *w);

#endif
