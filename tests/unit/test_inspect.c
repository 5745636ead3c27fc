/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_inspect.c - the raw order ring, as tools see it.
 */
#include "unit/fix.h"
#include <weir/inspect.h>

static weir_store *st;
static weir_channel *ch;

static void
before(void)
{
	st = fix_store();
}

static void
after(void)
{
	weir_store_close(st);
}

static weir_slot_info
slot(uint32_t idx)
{
	weir_slot_info it = {.size = sizeof(it), .next = idx};

	CU_ASSERT_EQUAL_FATAL(weir_slot_next(ch, &it), 1);
	CU_ASSERT_EQUAL(it.idx, idx);
	CU_ASSERT_EQUAL(it.next, idx + 1);
	return it;
}

static void
slots_of_a_shared_channel(void)
{
	weir_slot_info it = {.size = sizeof(it)};
	weir_producer *p, *q;
	int n = 0;

	ch = fix_channel(st, "a", CH_OPTS(.capacity = 4));
	while (weir_slot_next(ch, &it) == 1) {
		CU_ASSERT_EQUAL(it.state, WEIR_SLOT_FRESH);
		CU_ASSERT_EQUAL(it.seq, 0);
		n++;
	}
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_EQUAL(weir_slot_next(ch, &it), 0);
	p = fix_producer(ch, "p");
	q = fix_producer(ch, "q");
	for (uint64_t i = 1; i <= 6; i++)
		fix_must_put(i % 2 ? p : q, i);
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t seq = i < 3 ? 4 + i : 3;

		CU_ASSERT_EQUAL(slot(i).state, WEIR_SLOT_RECORD);
		CU_ASSERT_EQUAL(slot(i).seq, seq);
		CU_ASSERT_EQUAL(slot(i).lane, seq % 2 ? 0 : 1);
		CU_ASSERT_EQUAL(slot(i).is_inline, 0);
		CU_ASSERT_EQUAL(slot(i).position % 16, 0);
	}
	CU_ASSERT(slot(0).position < slot(2).position);
}

static void
slots_of_an_exclusive_channel(void)
{
	static uint8_t big[300];
	weir_producer *p;
	void *buf;

	ch = fix_channel(st, "a",
			 CH_OPTS(.capacity = 4, .producers = WEIR_EXCLUSIVE));
	p = fix_producer(ch, "p");
	fix_must_put(p, 1);
	fix_bytes(big, sizeof(big), 1);
	CU_ASSERT_EQUAL(weir_publish(p, big, sizeof(big), NULL), 2);
	CU_ASSERT_EQUAL(slot(1).is_inline, 1);
	CU_ASSERT_EQUAL(slot(2).is_inline, 0);
	CU_ASSERT_EQUAL(slot(2).state, WEIR_SLOT_RECORD);
	CU_ASSERT_EQUAL(weir_loan(p, 9, &buf), 0);
	CU_ASSERT_EQUAL(slot(3).state, WEIR_SLOT_WRITING);
	CU_ASSERT_EQUAL(slot(3).seq, 3);
	CU_ASSERT_EQUAL(slot(0).state, WEIR_SLOT_FRESH);
}

static void
ring_words(void)
{
	weir_ring_info i = {.size = sizeof(i)};
	weir_producer *p;

	ch = fix_channel(st, "a",
			 CH_OPTS(.capacity = 4, .overflow = WEIR_BLOCK));
	CU_ASSERT_EQUAL(weir_ring_stat(ch, &i), 0);
	CU_ASSERT_EQUAL(i.tail, 0);
	CU_ASSERT_EQUAL(i.settled, 0);
	CU_ASSERT_EQUAL(i.want, 1);
	CU_ASSERT_EQUAL(i.safe, 1);
	CU_ASSERT_EQUAL(i.sleepers, 0);
	CU_ASSERT(i.block_offset > 0 && i.block_offset % 4096 == 0);
	p = fix_producer(ch, "p");
	for (uint64_t n = 1; n <= 100; n++)
		fix_must_put(p, n);
	CU_ASSERT(weir_fd(fix_consumer(ch, "c", WEIR_FROM_NEW)) >= 0);
	CU_ASSERT_EQUAL(weir_ring_stat(ch, &i), 0);
	CU_ASSERT(i.tail > 90 && i.tail <= 100);
	CU_ASSERT(i.settled >= 96 && i.settled <= 100);
	CU_ASSERT(i.want > 96 && i.want <= 101);
	CU_ASSERT(i.safe <= i.want);
	CU_ASSERT_EQUAL(i.sleepers, 1);
}

static void
inspect_bad_arguments(void)
{
	weir_slot_info s = {.size = sizeof(s)};
	weir_ring_info r = {.size = sizeof(r)};

	ch = fix_channel(st, "a", NULL);
	CU_ASSERT_EQUAL(weir_slot_next(NULL, &s), -EINVAL);
	CU_ASSERT_EQUAL(weir_slot_next(ch, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_ring_stat(NULL, &r), -EINVAL);
	CU_ASSERT_EQUAL(weir_ring_stat(ch, NULL), -EINVAL);
	s.size = r.size = 8;
	CU_ASSERT_EQUAL(weir_slot_next(ch, &s), -EINVAL);
	CU_ASSERT_EQUAL(weir_ring_stat(ch, &r), -EINVAL);
}

SUITE_WITH("inspect", before, after, TEST(slots_of_a_shared_channel),
	   TEST(slots_of_an_exclusive_channel), TEST(ring_words),
	   TEST(inspect_bad_arguments));
