/* SPDX-License-Identifier: BSD-2-Clause
 *
 * table.h - what the processes of a soak know of each other without weir:
 * memory of their own, shared by fork, which no kill and no bug in the
 * library can confuse.
 *
 *   slots    one for each place of a worker; its counters go on counting when
 *            the place gets another process
 *   lives    one for each producer, from its open to its end: how many records
 *            it has tried to publish, and how many it knows to be published
 *   grounds  one for each channel ever made (a *generation*): its newest record
 *            as far as a producer was told; a digest for each recent seq, so
 *            that all who saw a seq saw the same; and what the next holder of
 *            an id must find as its value (a *will*)
 *
 * Places of lives and grounds are used again after a while; each word carries
 * whose it is, so one that a frozen process writes late is passed over.
 */
#ifndef WI_TESTS_SOAK_TABLE_H
#define WI_TESTS_SOAK_TABLE_H

#include <weir.h>
#include <weir/inspect.h>

#include "proc/kit.h"

#define SOAK_SLOTS   40
#define SOAK_PLANS   12
#define SOAK_HANDS   4 /* channels that a worker has open at a time */
#define SOAK_LIVES   (1u << 18)
#define SOAK_GROUNDS 8u		/* kept per plan: the last that were made */
#define SOAK_SEQS    (1u << 15) /* digests kept per ground */
#define SOAK_EVENTS  32u
#define SOAK_FAILS   8
#define SOAK_TEXT    400

#define SOAK_FAILED 90 /* exit status of a worker that has told why */

struct soak_life {
	uint64_t who;  /* its number; another one: the place was used again */
	uint64_t born; /* by the table's clock, before it opened */
	uint64_t gen;
	uint64_t tried, done;
	uint32_t slot, plan;
};

/* What the value of an id is, whenever its producer dies: the number of the
 * last record that is known to be published, and what may have followed.
 * Both as soak_pack(). */
struct soak_will {
	uint64_t gen;
	uint64_t was, next;
};
#define SOAK_CLEARS 1u /* next: a clear */

struct soak_ground {
	uint64_t newest;	     /* gen << 40 | seq; only rises */
	uint64_t digests[SOAK_SEQS]; /* gen, lap, digest: see table.c */
	struct soak_will wills[SOAK_SLOTS];
};

struct soak_event {
	int64_t at_ns;
	const char *what; /* a constant: parent and children have it alike */
	int64_t a, b;
};

/* One consumer of a worker, for the watchdog. */
struct soak_hand {
	uint64_t gen; /* 0: none */
	uint64_t next;
	uint32_t gating, plan;
};

struct soak_counts {
	uint64_t published, delivered, lost, joins, clears, refused, full;
	uint64_t looks, removals, makes, attaches, commands, gcs;
	uint64_t sleeps;   /* in a calm: records that were waited for */
	uint64_t compared; /* records whose digest was known already */
};

struct soak_slot {
	uint64_t frozen;    /* 1: now */
	int64_t touched_ns; /* when it was frozen or thawed last */
	int64_t busy_ns;    /* since when in a publish; 0: it is not */
	uint64_t busy_plan;
	struct soak_hand hands[SOAK_HANDS];
	struct soak_counts n;
	uint64_t event_cnt;
	struct soak_event events[SOAK_EVENTS];
};

struct soak_table {
	char store[WEIR_NAME_MAX + 1], side[WEIR_NAME_MAX + 1];
	char command[256]; /* path of weir; "": there is none */
	uint64_t seed;
	uint64_t clock, life_cnt;
	uint64_t gen_cnt[SOAK_PLANS];
	uint64_t stop;	 /* workers end when it is set */
	int64_t calm_ns; /* since when nobody is disturbed; 0: they are */
	uint64_t fail_cnt;
	char fails[SOAK_FAILS][SOAK_TEXT];
	struct soak_slot slots[SOAK_SLOTS];
	struct soak_life lives[SOAK_LIVES];
	struct soak_ground grounds[SOAK_PLANS][SOAK_GROUNDS];
};

/* A worker: one process, from fork to its end. */
struct soak {
	struct soak_table *t;
	struct soak_slot *me;
	uint32_t slot;
	uint32_t turn; /* which process of the slot it is, from 1 */
	struct rng rng;
};

/* Note what happens now; the last ones are shown when the worker fails. */
void soak_event(struct soak *s, const char *what, int64_t a, int64_t b);

/* Say what is wrong, and end this process. */
_Noreturn void soak_fail(struct soak *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same from the conductor, who goes on. */
void soak_tell(struct soak_table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Has SIGTERM come, or the end? */
int soak_over(const struct soak *s);
void soak_catch_term(void);

/* A new life; its number. */
uint64_t soak_born(struct soak *s, uint32_t plan, uint64_t gen);
/* NULL: its place was used again. */
struct soak_life *soak_life(struct soak_table *t, uint64_t who);

/* A number for another channel of this plan. */
uint64_t soak_new_gen(struct soak_table *t, uint32_t plan);

/* A record is known to be published; and the newest that is. */
void soak_raise(struct soak_table *t, uint64_t gen, uint64_t seq);
uint64_t soak_newest(struct soak_table *t, uint64_t gen);

/* The will of the id of @slot. */
struct soak_will *soak_will(struct soak_table *t, uint64_t gen, uint32_t slot);

/* Note the digest of a record.  Return: 0 if it differs from what was noted;
 * 1 it is the same; 2 it is the first, or too old to say. */
int soak_note(struct soak_table *t, uint64_t gen, uint64_t seq,
	      uint64_t digest);

/* Number @n of life @who in one word. */
static inline uint64_t
soak_pack(uint64_t who, uint64_t n)
{
	return who << 28 | (n & 0xfffffff);
}

#endif
