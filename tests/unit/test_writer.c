/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_writer.c - lanes and commits: room, values that stay, holders that
 * die half-way, settling.
 */
#include "unit/ringfix.h"
#include "support/rng.h"

#include <weir/error.h>

static struct blk b;

static void
after(void)
{
	blk_close(&b);
}

/* The value of a lane as of the newest record: its length, filled with
 * @fill; -1 if it is not that. */
static int
value_len(uint32_t lane, uint8_t fill)
{
	struct wi_pair found[4];
	struct wi_rec rec = {.len = 0};
	uint8_t buf[1000];
	uint64_t t = 0;

	if (wi_newest(&b.r, &t) != 0 || wi_values_find(&b.r, t, found) != 0 ||
	    wi_value_of(&b.r, lane, found[lane], &rec, buf, sizeof(buf)) !=
		WI_VALUE)
		return -1;
	return all_are(buf, fill, rec.len) ? (int)rec.len : -1;
}

/* Random lengths; at every step the newest record of the lane is whole,
 * also while the next one is being written, and the words are in order. */
static void
writer_never_touches_its_newest(void)
{
	struct rng rng = {t_seed(7)};
	struct wr w;

	for (uint64_t lane = 1024; lane <= 8192; lane *= 2) {
		uint32_t max = 0, len = 0;
		uint8_t fill = 0;

		while (wi_lane_fits(lane, max + 1))
			max++;
		CU_ASSERT_FATAL(max >= 100);
		if (max > 1000)
			max = 1000;
		blk_open(&b, 0, 4, 1, lane, max);
		CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		for (int i = 0; i < 3000; i++) {
			uint32_t next = rng_one_in(&rng, 4)
					    ? max
					    : (uint32_t)rng_range(&rng, 1, max);

			CU_ASSERT_EQUAL_FATAL(
			    wi_write_begin(&w.w, WI_PART_TIME, next), 0);
			memset(w.w.cur_payload, 0xee, next);
			if (len)
				CU_ASSERT_EQUAL_FATAL(value_len(0, fill),
						      (int)len);
			CU_ASSERT(w.w.last_pos <= w.w.write);
			CU_ASSERT(w.w.cur_pos +
				      wi_footprint(WI_PART_TIME, next) <=
				  w.w.reserved);
			CU_ASSERT_EQUAL(w.w.reserved, b.r.lanes[0].reserved);
			if (len)
				CU_ASSERT(w.w.reserved <= w.w.last_pos + lane);
			/* some give up, some die */
			if (rng_one_in(&rng, 3))
				continue;
			if (rng_one_in(&rng, 5)) {
				wr_close(&w);
				CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
				continue;
			}
			len = (uint32_t)rng_range(&rng, 1, next);
			fill = (uint8_t)i;
			memset(w.w.cur_payload, fill, len);
			CU_ASSERT_EQUAL_FATAL(
			    wi_write_commit(&w.w, WEIR_DATA, 1, len), 0);
		}
		wr_close(&w);
		blk_close(&b);
	}
}

/* Exclusive: long records in the lane among short ones in slots. */
static void
writer_exclusive_mixes_long_and_short(void)
{
	struct rng rng = {t_seed(8)};
	struct wr w;
	struct wi_rec rec = {.len = 0};
	uint8_t buf[300];

	blk_open(&b, WI_CH_EXCLUSIVE, 4, 1, 2048, 300);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (uint64_t i = 1; i <= 5000; i++) {
		uint32_t len = rng_one_in(&rng, 10)
				   ? (uint32_t)rng_range(&rng, 105, 300)
				   : (uint32_t)rng_range(&rng, 1, 104);

		if (rng_one_in(&rng, 20)) {
			/* dies with a record begun */
			CU_ASSERT_EQUAL(
			    wi_write_begin(&w.w, WI_PART_TIME,
					   (uint32_t)rng_range(&rng, 1, 300)),
			    0);
			memset(w.w.cur_payload, 0xdd, w.w.cur_cap);
			wr_close(&w);
			CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		}
		CU_ASSERT_EQUAL_FATAL(wr_put(&w, (uint8_t)i, len), 0);
		CU_ASSERT_EQUAL_FATAL(w.w.newest, i);
		CU_ASSERT_EQUAL_FATAL(
		    wi_ring_read(&b.r, i, &rec, buf, sizeof(buf)), WI_READ_OK);
		CU_ASSERT_EQUAL(rec.len, len);
		CU_ASSERT_EQUAL(rec.is_inline, len <= 104);
		CU_ASSERT_FATAL(all_are(buf, (uint8_t)i, len));
	}
	wr_close(&w);
}

/* A lane's value is what was committed last in it, though its holder died
 * before it could note anything down, and others go on for laps. */
static void
settle_remembers_for_the_dead(void)
{
	struct wr a, c;

	for (uint32_t slots = 2; slots <= 16; slots *= 2) {
		blk_open(&b, 0, slots, 2, 1024, 60);
		CU_ASSERT_EQUAL_FATAL(wr_open(&a, &b, 0), 0);
		CU_ASSERT_EQUAL_FATAL(wr_open(&c, &b, 1), 0);
		for (uint8_t round = 1; round < 30; round++) {
			CU_ASSERT_EQUAL(wr_put(&a, round, 20), 0);
			wr_close(&a); /* the writer's memory is all it had */
			for (uint32_t i = 0; i < 3 * slots + round; i++) {
				CU_ASSERT_EQUAL(wr_put(&c, 200, 30), 0);
				CU_ASSERT_EQUAL_FATAL(value_len(0, round), 20);
				CU_ASSERT_EQUAL_FATAL(value_len(1, 200), 30);
			}
			CU_ASSERT_EQUAL_FATAL(wr_open(&a, &b, 0), 0);
			CU_ASSERT_EQUAL(
			    a.w.last_seq,
			    1 + (uint64_t)(round - 1) * (3 * slots + 1) +
				(uint64_t)round * (round - 1) / 2);
		}
		wr_close(&a);
		wr_close(&c);
		blk_close(&b);
	}
}

static void
settle_only_raises(void)
{
	struct wi_pair notes[2];
	struct wr w;
	uint64_t settled;

	blk_open(&b, 0, 8, 2, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);
	settled = b.r.ch->settled_seq;
	CU_ASSERT(settled >= 12);
	CU_ASSERT_EQUAL(wi_settle(&b.r, 5, notes), 0);
	CU_ASSERT_EQUAL(b.r.ch->settled_seq, settled);
	CU_ASSERT_EQUAL(wi_settle(&b.r, 20, notes), 0);
	CU_ASSERT_EQUAL(b.r.ch->settled_seq, 20);
	CU_ASSERT_EQUAL(b.r.lanes[0].last.seq, 20);
	CU_ASSERT_EQUAL(b.r.lanes[1].last.seq, 0);
	/* somebody who woke up late, with old notes: last stays */
	b.r.ch->settled_seq = 15;
	CU_ASSERT_EQUAL(wi_settle(&b.r, 18, notes), 0);
	CU_ASSERT_EQUAL(b.r.lanes[0].last.seq, 20);
	wr_close(&w);
}

static void
value_after_clears(void)
{
	struct wi_pair scratch[2];
	struct wi_rec rec = {.len = 0};
	struct wr a, c;
	uint8_t buf[60];

	blk_open(&b, 0, 4, 2, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&a, &b, 0), 0);
	CU_ASSERT_EQUAL_FATAL(wr_open(&c, &b, 1), 0);
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 0, &rec, buf, 60, scratch),
			WI_VALUE_NONE);
	CU_ASSERT_EQUAL(wr_put(&a, 1, 9), 0);
	CU_ASSERT_EQUAL(wr_put(&c, 2, 9), 0);
	CU_ASSERT_EQUAL(wi_write_begin(&c.w, 0, 0), 0);
	CU_ASSERT_EQUAL(wi_write_commit(&c.w, WEIR_CLEAR, 0, 0), 0);
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 3, &rec, buf, 60, scratch),
			WI_VALUE);
	CU_ASSERT_EQUAL(rec.seq, 1);
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 3, &rec, buf, 8, scratch),
			WI_VALUE_SHORT);
	/* as of then, not as of now */
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 2, &rec, buf, 60, scratch),
			WI_VALUE);
	CU_ASSERT_EQUAL(rec.seq, 2);
	CU_ASSERT_EQUAL(wi_write_begin(&a.w, 0, 0), 0);
	CU_ASSERT_EQUAL(wi_write_commit(&a.w, WEIR_CLEAR, 0, 0), 0);
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 4, &rec, buf, 60, scratch),
			WI_VALUE_NONE);
	/* a lap later, as of long ago */
	for (int i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(wr_put(&a, 5, 9), 0);
	CU_ASSERT_EQUAL(wi_value_current(&b.r, 3, &rec, buf, 60, scratch),
			WI_VALUE_SUPERSEDED);
	wr_close(&a);
	wr_close(&c);
}

static void
writer_refuses_a_damaged_lane(void)
{
	struct wr w;

	blk_open(&b, 0, 4, 1, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);
	wr_close(&w);
	/* lower than what was written */
	b.r.lanes[0].reserved = 0;
	CU_ASSERT_EQUAL(wr_open(&w, &b, 0), WEIR_ECORRUPT);
	wr_close(&w);
	b.r.lanes[0].reserved = 512;
	b.r.ch->tail_seq = 99;
	CU_ASSERT_EQUAL(wr_open(&w, &b, 0), WEIR_ECORRUPT);
	wr_close(&w);
}

SUITE_WITH("writer", NULL, after, TEST(writer_never_touches_its_newest),
	   TEST(writer_exclusive_mixes_long_and_short),
	   TEST(settle_remembers_for_the_dead), TEST(settle_only_raises),
	   TEST(value_after_clears), TEST(writer_refuses_a_damaged_lane));
