/* SPDX-License-Identifier: BSD-2-Clause
 *
 * harness.h - what every benchmark needs: pinned processes that work
 * together, clocks, figures as JSON lines, and an end that comes in any case.
 *
 * A benchmark is a program with
 *
 *     int
 *     bench_run(struct bench *b) { ... return 0; }
 *
 * main() is in harness.c.  It runs bench_run() in a child, removes what that
 * left behind however it ends, and kills everything after a while.
 *
 * Machines are noisy, and some change under the program: the host of a
 * virtual machine may put its two processors on sibling threads now and a
 * socket apart a second later.  So nothing is ever compared across runs: a
 * figure is measured between two measurements of its floor, a few
 * milliseconds each, again and again (figure.h).
 */
#ifndef WI_BENCH_HARNESS_H
#define WI_BENCH_HARNESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <weir.h>

#include "hist.h"

#define BENCH_LINE 128 /* apart by this, two words never travel together */

struct bench {
	bool quick;	  /* QUICK=1 */
	int rounds;	  /* per figure */
	int cpu[2];	  /* where the two sides of a figure run */
	const char *only; /* figures whose title has this in it; NULL: all */
	const char *dir;  /* for stores; removed at the end */
};

int bench_run(struct bench *b);

/* ---- time -------------------------------------------------------------------
 */

/* bench_ticks - the cheapest clock there is; bench_tick_ns is its unit. */
static inline uint64_t
bench_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}

extern double bench_tick_ns;

/* bench_pause - tell the processor that this is a polling loop. */
static inline void
bench_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("isb");
#endif
}

/* bench_think - be busy for BENCH_THINK_NS.  In blocking round trips both
 * sides do so before they send, so that the other one really sleeps: without
 * it a fast answer finds a process that is only on its way to sleep, and one
 * measures now this, now that.  The other side's thinking is taken off.
 * Return: how many ticks it took. */
#define BENCH_THINK_NS 50000

static inline uint64_t
bench_think(void)
{
	uint64_t from = bench_ticks(), now;

	do {
		bench_pause();
		now = bench_ticks();
	} while ((double)(now - from) * bench_tick_ns < BENCH_THINK_NS);
	return now - from;
}

/* bench_own - fetch the line at @p for writing.  The builtin becomes this
 * instruction only with -mprfchw. */
static inline void
bench_own(const void *p)
{
#if defined(__x86_64__)
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

/* ---- processes that work together -------------------------------------------
 */

/* What the sides of a measurement have in common. */
struct bench_sides {
	_Alignas(BENCH_LINE) atomic_uint arrived;
	_Alignas(BENCH_LINE) atomic_uint stop;
	/* results; each written by one side.  hist: single operations, or what
	 * is the smallest that was timed; typical: blocks of them, from which
	 * ratios are made, because some clocks tick every 10 ns only */
	_Alignas(BENCH_LINE) struct hist hist, typical;
	uint64_t delivered, lost, ticks;
};

typedef int bench_side(struct bench_sides *s, void *arg);

/* bench_together - run each of @cnt functions in a process of its own, pinned
 * to b->cpu[0], [1], [0], ...; side @i gets args[i].
 * Return: 0 if all returned 0.  If one does not, the others are killed. */
int bench_together(const struct bench *b, struct bench_sides *s, int cnt,
		   bench_side *const *sides, void *const *args);

/* bench_pin - this process runs there from now on. */
void bench_pin(int cpu);

/* bench_meet - wait until @cnt sides have called it for the @nth time. */
void bench_meet(struct bench_sides *s, unsigned cnt, unsigned nth);

/* bench_shared - zeroed memory that children share; bench_unshare gives it
 * back. */
void *bench_shared(size_t len);
void bench_unshare(void *p, size_t len);

/* bench_fail - say on stderr what went wrong.  Return: -1. */
int bench_fail(const char *what, int64_t err, const weir_diag *diag);

/* One way to measure something. */
struct bench_probe {
	const char *name;
	/* fills s->hist and s->typical with ticks per operation, times
	 * BENCH_SCALE */
	int (*measure)(const struct bench *b, struct bench_sides *s,
		       const void *arg);
	const void *arg;
};

/* ---- timing -----------------------------------------------------------------
 */

#define BENCH_SCALE 64 /* histograms hold this many parts of a tick */

/* A stream is timed in blocks of this many records.  One is long against a
 * burst, and short against a time slice, so that the median is of blocks in
 * which nobody else ran. */
static inline uint64_t
bench_block(uint32_t len)
{
	return len > 64 ? 2048 : 16384;
}

/* A block of round trips. */
#define BENCH_TRIPS 64

struct bench_blocks {
	uint64_t done, len, ticks;
};

static inline void
bench_blocks_begin(struct bench_blocks *k, uint64_t len)
{
	*k = (struct bench_blocks){0, len, bench_ticks()};
}

/* bench_blocks_at - @done operations are through, and it is now @now. */
static inline void
bench_blocks_at(struct bench_blocks *k, struct hist *h, uint64_t done,
		uint64_t now)
{
	if (done - k->done < k->len)
		return;
	hist_add(h, (now - k->ticks) * BENCH_SCALE / (done - k->done));
	k->done = done;
	k->ticks = now;
}

/* bench_stream_at - @done records are through. */
static inline void
bench_stream_at(struct bench_blocks *k, struct bench_sides *s, uint64_t done)
{
	if (done - k->done >= k->len)
		bench_blocks_at(k, &s->typical, done, bench_ticks());
}

/* Round trips, on the side that leads.  The clock is read when a message is
 * under way, so looking at it costs nothing. */
struct bench_trips {
	struct bench_blocks blocks;
	uint64_t warm, last; /* trips that do not count; when the last began */
};

/* bench_trips_sent - message @t, from 1, has just been sent. */
static inline void
bench_trips_sent(struct bench_trips *k, struct bench_sides *s, uint64_t t)
{
	uint64_t now = bench_ticks();

	if (t <= k->warm) {
		bench_blocks_begin(&k->blocks, BENCH_TRIPS);
	} else {
		hist_add(&s->hist, (now - k->last) * BENCH_SCALE);
		bench_blocks_at(&k->blocks, &s->typical, t - k->warm, now);
	}
	k->last = now;
}

/* bench_trips_took - a trip that was timed by itself. */
static inline void
bench_trips_took(struct bench_sides *s, uint64_t ticks)
{
	hist_add(&s->hist, ticks * BENCH_SCALE);
	hist_add(&s->typical, ticks * BENCH_SCALE);
}

/* ---- records ----------------------------------------------------------------
 *
 * A record is one msgpack bin of @len bytes in all: its number in front, the
 * number's complement at the end, and once more at a place that moves
 * through the record, so that over time every word of it is looked at.
 */
#define BENCH_RECORD_MAX 4096

struct bench_record {
	_Alignas(64) uint64_t word[BENCH_RECORD_MAX / 8];
	uint32_t words, at;
};

/* bench_record_init - @len: 64 .. BENCH_RECORD_MAX, a multiple of 8. */
void bench_record_init(struct bench_record *r, uint32_t len);

#define BENCH_FILL 0x5a5a5a5a5a5a5a5au

/* bench_record_place - where record @t has its third stamp. */
static inline uint32_t
bench_record_place(uint32_t words, uint64_t t)
{
	/* 2 .. words - 2, another one each time */
	return 2 + (uint32_t)(((t * 40503 & 0xffff) * (words - 3)) >> 16);
}

/* bench_record_stamp - make it number @t. */
static inline void
bench_record_stamp(struct bench_record *r, uint64_t t)
{
	r->word[r->at] = BENCH_FILL;
	r->at = bench_record_place(r->words, t);
	r->word[1] = t;
	r->word[r->at] = t;
	r->word[r->words - 1] = ~t;
}

/* bench_record_is - is this record number @t, whole? */
static inline bool
bench_record_is(const void *data, uint32_t words, uint64_t t)
{
	const char *p = data;
	uint64_t front, mid, back;

	memcpy(&front, p + 8, 8);
	memcpy(&mid, p + 8 * bench_record_place(words, t), 8);
	memcpy(&back, p + 8 * (words - 1), 8);
	return front == t && mid == t && back == ~t;
}

#endif
