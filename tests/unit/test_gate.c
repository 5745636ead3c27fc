/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_gate.c - want, safe, and who may join where; blocked writers.
 */
#include "unit/ringfix.h"

#include <pthread.h>
#include <sched.h>
#include <weir/error.h>

static struct blk b;

static void
after(void)
{
	blk_close(&b);
}

/* Make cell @i a live gating one at @cursor. */
static void
cell(uint32_t i, uint64_t cursor)
{
	struct wi_shm_cell *c = &b.r.cells[i];

	c->cursor = cursor;
	c->gating = 1;
	c->tag.word = wi_word_next(c->tag.word, WI_LIVE, wi_who(i, 1));
}

static void
fill(struct wr *w, int n)
{
	while (n--)
		CU_ASSERT_EQUAL_FATAL(wr_put(w, 1, 9), 0);
}

static void
gate_without_consumers_is_open(void)
{
	struct wi_slowest slow;

	blk_open(&b, WI_CH_BLOCK, 8, 1, 1024, 60);
	CU_ASSERT_EQUAL(b.r.ch->want_seq, 1);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 1);
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 1, 8, &slow), 0);
	/* a step of a quarter, never past the newest */
	CU_ASSERT_EQUAL(b.r.ch->want_seq, 4);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 4);
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 8, 8, &slow), 0);
	CU_ASSERT_EQUAL(b.r.ch->want_seq, 9);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 9);
	/* words only rise */
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 2, 8, &slow), 0);
	CU_ASSERT_EQUAL(b.r.ch->want_seq, 9);
}

static void
gate_waits_for_the_slowest(void)
{
	struct wi_slowest slow;

	blk_open(&b, WI_CH_BLOCK, 8, 1, 1024, 60);
	cell(1, 5);
	cell(3, 2);
	cell(6, 7);
	b.r.cells[6].gating = 0;
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 1, 8, &slow), 0);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 2);
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 2, 8, &slow), WI_GATED);
	CU_ASSERT_EQUAL(slow.idx, 3);
	CU_ASSERT_EQUAL(slow.cursor, 2);
	CU_ASSERT_EQUAL(slow.word, b.r.cells[3].tag.word);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 2);
	b.r.cells[3].cursor = 6;
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 2, 8, &slow), 0);
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 5, 8, &slow), WI_GATED);
	CU_ASSERT_EQUAL(slow.idx, 1);
	/* who is not live does not gate */
	b.r.cells[1].tag.word =
	    wi_word_next(b.r.cells[1].tag.word, WI_REVOKED, wi_who(1, 1));
	CU_ASSERT_EQUAL(wi_gate_round(&b.r, 5, 8, &slow), 0);
	CU_ASSERT_EQUAL(b.r.ch->safe_seq, 6);
}

static void
gate_join_is_never_before_want(void)
{
	struct wr w;
	uint64_t newest, start;

	blk_open(&b, WI_CH_BLOCK, 8, 1, 2048, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	fill(&w, 6);
	CU_ASSERT_EQUAL(wi_gate_join(&b.r, 0, 3, 0, &newest, &start), 0);
	CU_ASSERT_EQUAL(start, 3);
	CU_ASSERT_EQUAL(newest, 6);
	CU_ASSERT_EQUAL(b.r.cells[0].cursor, 3);
	CU_ASSERT_EQUAL(wi_gate_join(&b.r, 0, UINT64_MAX, 0, &newest, &start), 0);
	CU_ASSERT_EQUAL(start, 7);
	b.r.ch->want_seq = 5;
	CU_ASSERT_EQUAL(wi_gate_join(&b.r, 0, 1, 0, &newest, &start), 0);
	CU_ASSERT_EQUAL(start, 5);
	b.r.ch->want_seq = 7;
	CU_ASSERT_EQUAL(wi_gate_join(&b.r, 0, 1, 0, &newest, &start), 0);
	CU_ASSERT_EQUAL(start, 7);
	/* a want that nobody can have had */
	b.r.ch->want_seq = 8;
	CU_ASSERT_EQUAL(wi_gate_join(&b.r, 0, 1, 0, &newest, &start),
			WEIR_ECORRUPT);
	wr_close(&w);
}

/* A writer that is blocked says on which record, and has changed nothing. */
static void
writer_blocked_says_on_what(void)
{
	struct wi_slowest slow;
	struct wr w;

	for (uint32_t flags = 0; flags <= WI_CH_EXCLUSIVE; flags += 2) {
		blk_open(&b, WI_CH_BLOCK | flags, 4, 1, 4096, 60);
		cell(0, 1);
		CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		fill(&w, 4);
		for (uint64_t i = 1; i <= 20; i++) {
			for (int tries = 0; tries < 3; tries++) {
				CU_ASSERT_EQUAL_FATAL(wr_put(&w, 1, 9),
						      WI_BLOCKED);
				CU_ASSERT_EQUAL(w.w.blocked_on, i);
				CU_ASSERT_EQUAL(w.w.newest, 3 + i);
				CU_ASSERT_EQUAL(
				    wi_gate_round(&b.r, i, 3 + i, &slow),
				    WI_GATED);
			}
			b.r.cells[0].cursor = i + 1;
			CU_ASSERT_EQUAL(wi_gate_round(&b.r, i, 3 + i, &slow),
					0);
			CU_ASSERT_EQUAL_FATAL(wr_put(&w, 1, 9), 0);
		}
		wr_close(&w);
		blk_close(&b);
	}
}

/* The bytes of a lane that a consumer may still read are not overwritten,
 * also by a writer who came later. */
static void
writer_blocked_by_its_lane(void)
{
	struct wi_slowest slow;
	struct wi_rec rec = {.len = 0};
	struct wr w;
	uint8_t buf[200];
	uint64_t at = 1, seq = 0;

	blk_open(&b, WI_CH_BLOCK, 64, 1, 1024, 200);
	cell(0, 1);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int round = 0; round < 500; round++) {
		int rc = wr_put(&w, (uint8_t)(seq + 1), 150);

		if (rc == 0) {
			seq++;
			continue;
		}
		CU_ASSERT_EQUAL_FATAL(rc, WI_BLOCKED);
		CU_ASSERT(w.w.blocked_on >= at && w.w.blocked_on <= seq);
		if (round % 3 == 0) {
			wr_close(&w);
			CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
			CU_ASSERT_EQUAL(wr_put(&w, 0xee, 150), WI_BLOCKED);
		}
		for (uint64_t t = at; t <= seq; t++) {
			CU_ASSERT_EQUAL_FATAL(
			    wi_ring_read(&b.r, t, &rec, buf, sizeof(buf)),
			    WI_READ_OK);
			CU_ASSERT_FATAL(all_are(buf, (uint8_t)t, 150));
		}
		b.r.cells[0].cursor = ++at;
		wi_gate_round(&b.r, at - 1, seq, &slow);
	}
	CU_ASSERT(seq > 100);
	wr_close(&w);
}

/* ---- threads
 * ------------------------------------------------------------------ */

#define EACH 2000

static uint32_t producers_left;

/* A producer that polls for space, as store/ waits for it. */
static void *
producer(void *arg)
{
	uint32_t lane = (uint32_t)(uintptr_t)arg;
	struct wi_slowest slow;
	struct wr w;
	void *failed = NULL;

	if (wr_open(&w, &b, lane) != 0)
		failed = arg;
	for (int i = 0; i < EACH && !failed; i++) {
		int rc;

		while ((rc = wr_put(&w, (uint8_t)(40 + lane), 40)) ==
		       WI_BLOCKED) {
			while (wi_gate_round(&b.r, w.w.blocked_on, w.w.newest,
					     &slow) == WI_GATED)
				sched_yield();
		}
		if (rc != 0)
			failed = &b;
	}
	wr_close(&w);
	wi_fetch_add_32(&producers_left, UINT32_MAX);
	return failed;
}

/* Joins, reads some, leaves, joins again: never is a record that it was
 * promised gone or torn. */
static void *
consumer(void *arg)
{
	uint32_t idx = (uint32_t)(uintptr_t)arg, rounds = 0;
	struct wi_shm_cell *c = &b.r.cells[idx];
	const char *failed = NULL;
	uint8_t buf[60];

	while (!failed && wi_load_relaxed_32(&producers_left)) {
		uint64_t newest = 0, t = 0, until;

		wi_store_relaxed(&c->cursor, 1);
		wi_store_relaxed_32(&c->gating, 1);
		wi_store_release(
		    &c->tag.word,
		    wi_word_next(c->tag.word, WI_LIVE, wi_who(idx, 1)));
		if (wi_gate_join(&b.r, idx, 1, 0, &newest, &t) != 0) {
			failed = "join";
			break;
		}
		until = t + 1 + ++rounds % 50;
		while (t < until && wi_load_relaxed_32(&producers_left)) {
			struct wi_rec rec = {.len = 0};
			enum wi_read got =
			    wi_ring_read(&b.r, t, &rec, buf, sizeof(buf));

			if (got == WI_READ_EMPTY) {
				sched_yield();
				continue;
			}
			if (got != WI_READ_OK || rec.len != 40 ||
			    !all_are(buf, (uint8_t)(40 + rec.lane_idx), 40)) {
				failed = "record";
				break;
			}
			wi_store_release(&c->cursor, ++t);
		}
		wi_store_release(&c->tag.word,
				 wi_word_next(c->tag.word, WI_FREE, 0));
	}
	/* producers must not wait for who has given up */
	wi_store_release(&c->tag.word, wi_word_next(c->tag.word, WI_FREE, 0));
	return (void *)(uintptr_t)failed;
}

static void
gate_threads_lose_nothing(void)
{
	pthread_t p[2], c[2];
	void *ret;

	for (uint32_t slots = 2; slots <= 32; slots *= 4) {
		blk_open(&b, WI_CH_BLOCK, slots, 2, 1024, 60);
		wi_store_relaxed_32(&producers_left, 2);
		for (uintptr_t i = 0; i < 2; i++) {
			pthread_create(&c[i], NULL, consumer, (void *)(i + 2));
			pthread_create(&p[i], NULL, producer, (void *)i);
		}
		for (int i = 0; i < 2; i++) {
			pthread_join(p[i], &ret);
			CU_ASSERT_PTR_NULL(ret);
			pthread_join(c[i], &ret);
			CU_ASSERT_PTR_NULL(ret);
		}
		blk_close(&b);
	}
}

SUITE_WITH("gate", NULL, after, TEST(gate_without_consumers_is_open),
	   TEST(gate_waits_for_the_slowest),
	   TEST(gate_join_is_never_before_want),
	   TEST(writer_blocked_says_on_what), TEST(writer_blocked_by_its_lane),
	   TEST(gate_threads_lose_nothing));
