/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_ring.c - the order ring: newest, reading, damage, and threads on one
 * mapping.
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

static uint64_t
newest(void)
{
	uint64_t t = 0;

	CU_ASSERT_EQUAL_FATAL(wi_newest(&b.r, &t), 0);
	return t;
}

static enum wi_read
get(uint64_t t, struct wi_rec *rec, void *buf, size_t cap)
{
	rec->len = 0;
	return wi_ring_read(&b.r, t, rec, buf, cap);
}

static void
ring_fresh_is_empty(void)
{
	struct wi_rec rec;
	uint8_t buf[8];

	blk_open(&b, 0, 4, 1, 1024, 100);
	CU_ASSERT_EQUAL(newest(), 0);
	CU_ASSERT_EQUAL(get(1, &rec, buf, 8), WI_READ_EMPTY);
	CU_ASSERT_EQUAL(get(5, &rec, buf, 8), WI_READ_EMPTY);
	CU_ASSERT_EQUAL(wi_oldest(&b.r, 0), 1);
	CU_ASSERT_EQUAL(wi_oldest(&b.r, 4), 1);
	CU_ASSERT_EQUAL(wi_oldest(&b.r, 5), 2);
}

/* The tail is a hint: however far it lags, the newest is found. */
static void
ring_newest_is_found_from_any_tail(void)
{
	for (uint32_t flags = 0; flags <= WI_CH_EXCLUSIVE; flags += 2) {
		struct wr w;

		blk_open(&b, flags, 8, 1, 1024, 60);
		CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		for (uint64_t i = 1; i <= 100; i++) {
			CU_ASSERT_EQUAL(wr_put(&w, (uint8_t)i, 9), 0);
			CU_ASSERT_EQUAL(w.w.newest, i);
			for (uint64_t tail = 0; tail <= i; tail++) {
				if (tail && i - tail >= 8)
					continue; /* that would be a lie */
				b.r.ch->tail_seq = tail;
				CU_ASSERT_EQUAL_FATAL(newest(), i);
			}
		}
		wr_close(&w);
		blk_close(&b);
	}
}

static void
ring_reads_what_was_written(void)
{
	for (uint32_t flags = 0; flags <= WI_CH_EXCLUSIVE; flags += 2) {
		struct wr w;
		struct wi_rec rec;
		uint8_t buf[200];

		blk_open(&b, flags, 4, 1, 2048, 200);
		CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		for (uint64_t i = 1; i <= 50; i++) {
			uint32_t len = (uint32_t)(i * 37 % 200) + 1;

			CU_ASSERT_EQUAL(wr_put(&w, (uint8_t)i, len), 0);
			CU_ASSERT_EQUAL(get(i, &rec, buf, 200), WI_READ_OK);
			CU_ASSERT_EQUAL(rec.seq, i);
			CU_ASSERT_EQUAL(rec.len, len);
			CU_ASSERT_EQUAL(rec.kind, WEIR_DATA);
			CU_ASSERT_EQUAL(rec.time_ns, 77);
			CU_ASSERT_EQUAL((uint32_t)rec.id_hash, 100);
			CU_ASSERT_PTR_EQUAL(rec.data, buf);
			CU_ASSERT(all_are(buf, (uint8_t)i, len));
			CU_ASSERT_EQUAL(get(i, &rec, NULL, 0), WI_READ_OK);
			CU_ASSERT(all_are(rec.data, (uint8_t)i, len));
			CU_ASSERT_EQUAL(get(i, &rec, buf, len - 1),
					WI_READ_SHORT);
			CU_ASSERT_EQUAL(rec.len, len);
			CU_ASSERT_EQUAL(get(i + 1, &rec, buf, 200),
					WI_READ_EMPTY);
			if (i > 4)
				CU_ASSERT_EQUAL(get(i - 4, &rec, buf, 200),
						WI_READ_LAPPED);
		}
		wr_close(&w);
		blk_close(&b);
	}
}

/* Numbers as they are after a thousand years. */
static void
ring_goes_on_with_huge_numbers(void)
{
	const uint64_t t0 = (UINT64_C(1) << 62) - 3;

	for (uint32_t flags = 0; flags <= WI_CH_EXCLUSIVE; flags += 2) {
		struct wr w;
		struct wi_rec rec;
		uint8_t buf[60];

		blk_open(&b, flags, 4, 1, 1024, 60);
		for (uint64_t t = t0 - 3; t <= t0; t++)
			*wi_slot(&b.r, t) =
			    (struct wi_shm_slot){{2 * t, wi_desc(0, 0)}};
		b.r.ch->tail_seq = t0;
		b.r.ch->settled_seq = t0;
		b.r.lanes[0].reserved = UINT64_C(1) << 40;
		CU_ASSERT_EQUAL(newest(), t0);
		CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
		for (uint64_t i = 1; i <= 20; i++) {
			CU_ASSERT_EQUAL_FATAL(wr_put(&w, (uint8_t)i, 50), 0);
			CU_ASSERT_EQUAL(w.w.newest, t0 + i);
			CU_ASSERT_EQUAL(newest(), t0 + i);
			CU_ASSERT_EQUAL(get(t0 + i, &rec, buf, 60), WI_READ_OK);
			CU_ASSERT(all_are(buf, (uint8_t)i, 50));
		}
		wr_close(&w);
		blk_close(&b);
	}
}

/* ---- damage
 * ------------------------------------------------------------------- */

/* All ones could be the mark of record 2^63, which stands in slot 0. */
static void
ring_number_beyond_all_is_damage(void)
{
	struct wr w;
	uint64_t t = 0;

	blk_open(&b, 0, 8, 2, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int i = 1; i < 8; i++)
		CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);
	CU_ASSERT_EQUAL(newest(), 7);
	wi_slot(&b.r, 8)->commit.seq = UINT64_MAX;
	CU_ASSERT_EQUAL(wi_newest(&b.r, &t), WEIR_ECORRUPT);
	wr_close(&w);
	blk_close(&b);
}

static void
ring_damage_is_noticed_and_bounded(void)
{
	struct wr w;
	struct wi_rec rec;
	uint8_t buf[60];
	uint64_t t = 0;

	blk_open(&b, 0, 8, 2, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int i = 1; i <= 10; i++)
		CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);

	/* a tail that was never committed */
	b.r.ch->tail_seq = 11;
	CU_ASSERT_EQUAL(wi_newest(&b.r, &t), WEIR_ECORRUPT);
	b.r.ch->tail_seq = UINT64_C(1) << 62;
	t = 0;
	CU_ASSERT_EQUAL(wi_newest(&b.r, &t), WEIR_ECORRUPT);
	/* one that seems to lag is only of no use */
	b.r.ch->tail_seq = UINT64_MAX;
	CU_ASSERT_EQUAL(newest(), 10);
	b.r.ch->tail_seq = 8;

	/* a number that cannot stand in its slot */
	wi_slot(&b.r, 11)->commit.seq = 2 * 12;
	t = 0;
	CU_ASSERT_EQUAL(wi_newest(&b.r, &t), WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(wr_put(&w, 1, 9), WEIR_ECORRUPT);
	wi_slot(&b.r, 11)->commit.seq = 2 * 3;
	CU_ASSERT_EQUAL(newest(), 10);

	/* descriptors that point nowhere */
	wi_slot(&b.r, 10)->commit.word = wi_desc(2, 0);
	CU_ASSERT_EQUAL(get(10, &rec, buf, 60), WI_READ_DAMAGED);
	wi_slot(&b.r, 10)->commit.word = wi_desc(0x7ff, UINT64_MAX);
	CU_ASSERT_EQUAL(get(10, &rec, buf, 60), WI_READ_DAMAGED);
	wi_slot(&b.r, 10)->commit.word = wi_desc(0, 1024 - 16);
	CU_ASSERT_EQUAL(get(10, &rec, buf, 60), WI_READ_DAMAGED);
	wi_slot(&b.r, 10)->commit.word = wi_desc(1, 0);
	CU_ASSERT(get(10, &rec, buf, 60) != WI_READ_DAMAGED);
	/* inline, where nothing can be */
	wi_slot(&b.r, 10)->commit.word = WI_DESC_INLINE | UINT64_C(9) << 32;
	CU_ASSERT_EQUAL(get(10, &rec, buf, 60), WI_READ_DAMAGED);
	wr_close(&w);
	blk_close(&b);

	blk_open(&b, WI_CH_EXCLUSIVE, 8, 1, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);
	for (uint64_t len = 113; len < 1u << 24; len *= 3) {
		wi_slot(&b.r, 1)->commit.word = WI_DESC_INLINE | len << 32;
		CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_DAMAGED);
	}
	wr_close(&w);
}

/* A head in the lane that is not that of the record. */
static void
ring_torn_heads_are_lost_records(void)
{
	struct wr w;
	struct wi_rec rec;
	struct wi_shm_record *head;
	uint8_t buf[60];

	blk_open(&b, 0, 8, 1, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	CU_ASSERT_EQUAL(wr_put(&w, 1, 9), 0);
	head = (void *)b.r.bytes;
	CU_ASSERT_EQUAL(head->position, 0);
	CU_ASSERT_EQUAL(head->len, 9);
	head->len = 61;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_LOST);
	head->len = UINT32_MAX;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_LOST);
	head->len = 9;
	head->position = 1024;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_LOST);
	head->position = 0;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_OK);
	/* or whose bytes may be being overwritten */
	b.r.lanes[0].reserved = 1024;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_OK);
	b.r.lanes[0].reserved = 1025;
	CU_ASSERT_EQUAL(get(1, &rec, buf, 60), WI_READ_LOST);
	wr_close(&w);
}

/* A slot that is being written: the one before it is gone, it is not there,
 * and all before it are committed. */
static void
ring_slot_being_written(void)
{
	struct wr w;
	struct wi_rec rec;
	uint8_t buf[60];

	blk_open(&b, WI_CH_EXCLUSIVE, 4, 1, 1024, 60);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (int i = 1; i <= 6; i++)
		CU_ASSERT_EQUAL(wr_put(&w, (uint8_t)i, 9), 0);
	CU_ASSERT_EQUAL(wi_write_begin(&w.w, WI_PART_TIME, 9), 0);
	CU_ASSERT_EQUAL(wi_slot(&b.r, 7)->commit.seq, 13);
	CU_ASSERT_EQUAL(get(3, &rec, buf, 60), WI_READ_LAPPED);
	CU_ASSERT_EQUAL(get(7, &rec, buf, 60), WI_READ_EMPTY);
	b.r.ch->tail_seq = 0;
	CU_ASSERT_EQUAL(newest(), 6);
	/* its holder dies; the next one writes it again */
	wr_close(&w);
	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	CU_ASSERT_EQUAL(w.w.newest, 6);
	CU_ASSERT_EQUAL(wr_put(&w, 7, 9), 0);
	CU_ASSERT_EQUAL(get(7, &rec, buf, 60), WI_READ_OK);
	CU_ASSERT(all_are(buf, 7, 9));
	wr_close(&w);
}

/* ---- threads
 * ------------------------------------------------------------------------ */

#define WRITERS 3
#define EACH	4000

static uint32_t stop;

/* Bytes that say whose they are, and how many there are. */
static void *
write_many(void *arg)
{
	uint32_t lane = (uint32_t)(uintptr_t)arg;
	struct wr w;

	if (wr_open(&w, &b, lane) != 0)
		return arg;
	for (uint32_t i = 0; i < EACH; i++) {
		uint32_t len = 1 + i * 7 % 180;

		if (wr_put(&w, (uint8_t)(len + lane), len) != 0)
			return &stop;
	}
	wr_close(&w);
	return NULL;
}

/* Every record is whole, and the numbers rise by one. */
static void *
read_many(void *arg)
{
	uint64_t t = 1, wrong = 0;
	uint8_t buf[200];

	while (!wi_load_relaxed_32(&stop)) {
		struct wi_rec rec = {.len = 0};
		uint64_t n = 0;

		switch (wi_ring_read(&b.r, t, &rec, buf, sizeof(buf))) {
		case WI_READ_OK:
			wrong += !all_are(
			    buf, (uint8_t)(rec.len + rec.lane_idx), rec.len);
			wrong += rec.seq != t;
			t++;
			break;
		case WI_READ_EMPTY:
			sched_yield();
			break;
		case WI_READ_LAPPED:
			wrong += wi_newest(&b.r, &n) != 0 || n < t;
			t = n;
			break;
		case WI_READ_LOST:
			t++;
			break;
		default:
			wrong++;
			t++;
		}
	}
	*(uint64_t *)arg = wrong;
	return NULL;
}

/* The value as of now: whole, and never older than before. */
static void *
value_many(void *arg)
{
	struct wi_pair scratch[WRITERS];
	uint64_t seen = 0, wrong = 0;
	uint8_t buf[200];

	while (!wi_load_relaxed_32(&stop)) {
		struct wi_rec rec = {.len = 0};
		uint64_t t = 0;

		wrong += wi_newest(&b.r, &t) != 0;
		switch (wi_value_current(&b.r, t, &rec, buf, sizeof(buf),
					 scratch)) {
		case WI_VALUE:
			wrong += !all_are(
			    buf, (uint8_t)(rec.len + rec.lane_idx), rec.len);
			wrong += rec.seq < seen;
			seen = rec.seq;
			break;
		case WI_VALUE_NONE:
			wrong += seen != 0;
			break;
		case WI_VALUE_SUPERSEDED:
			break;
		default:
			wrong++;
		}
	}
	*(uint64_t *)arg = wrong;
	return NULL;
}

static void
race(uint32_t flags, uint32_t slots, uint32_t writers)
{
	pthread_t wt[WRITERS], rt[2], vt;
	uint64_t wrong[3] = {0};
	void *ret;

	blk_open(&b, flags, slots, writers, 2048, 180);
	wi_store_relaxed_32(&stop, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&rt[i], NULL, read_many, &wrong[i]);
	pthread_create(&vt, NULL, value_many, &wrong[2]);
	for (uintptr_t i = 0; i < writers; i++)
		pthread_create(&wt[i], NULL, write_many, (void *)i);
	for (uint32_t i = 0; i < writers; i++) {
		pthread_join(wt[i], &ret);
		CU_ASSERT_PTR_NULL(ret);
	}
	wi_store_relaxed_32(&stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(rt[i], NULL);
	pthread_join(vt, NULL);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(wrong[i], 0);
	CU_ASSERT_EQUAL(newest(), (uint64_t)writers * EACH);
	blk_close(&b);
}

static void
ring_threads_see_whole_records_in_order(void)
{
	for (uint32_t slots = 2; slots <= 64; slots *= 4) {
		race(0, slots, WRITERS);
		race(WI_CH_EXCLUSIVE, slots, 1);
	}
}

SUITE_WITH("ring", NULL, after, TEST(ring_fresh_is_empty),
	   TEST(ring_newest_is_found_from_any_tail),
	   TEST(ring_reads_what_was_written),
	   TEST(ring_goes_on_with_huge_numbers),
	   TEST(ring_number_beyond_all_is_damage),
	   TEST(ring_damage_is_noticed_and_bounded),
	   TEST(ring_torn_heads_are_lost_records),
	   TEST(ring_slot_being_written),
	   TEST(ring_threads_see_whole_records_in_order));
