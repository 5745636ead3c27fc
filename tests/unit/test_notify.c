/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_notify.c - marks of sleepers, and whom a commit wakes.
 */
#include "unit/ringfix.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "notify/notify.h"
#include "platform/clock.h"

static struct blk b;
static struct wi_shm_control *control;
static struct wi_shm_participant people[4];
static struct wi_waker waker;
static uint64_t woken[8];

static void
before(void)
{
	static struct wi_shm_control c;

	memset(&c, 0, sizeof(c));
	memset(people, 0, sizeof(people));
	memset(woken, 0, sizeof(woken));
	control = &c;
	waker = (struct wi_waker){control, people, 4};
	blk_open(&b, 0, 4, 1, 1024, 60);
}

static void
after(void)
{
	blk_close(&b);
}

static void
marks_come_and_go(void)
{
	CU_ASSERT(!wi_sleepers(&b.r));
	wi_sleep_mark(&b.r, 3, 7);
	wi_sleep_mark(&b.r, 7, 9);
	CU_ASSERT(wi_sleepers(&b.r));
	CU_ASSERT_EQUAL(b.r.ch->sleepers[0], 0x88);
	CU_ASSERT_EQUAL(b.r.cells[3].await, 7);
	wi_sleep_unmark(&b.r, 3);
	CU_ASSERT(wi_sleepers(&b.r));
	wi_sleep_unmark(&b.r, 7);
	wi_sleep_unmark(&b.r, 7);
	CU_ASSERT(!wi_sleepers(&b.r));
}

/* In a crowd the participant's word is counted up, once for each record that
 * it waits for. */
static void
wake_counts_up_the_crowd(void)
{
	b.r.cells[2].tag.word = wi_word_next(0, WI_LIVE, wi_who(1, 5));
	wi_sleep_mark(&b.r, 2, 3 | WI_CROWD);
	wi_wake(&b.r, &waker, 2, woken);
	CU_ASSERT_EQUAL(people[1].crowd, 0);
	wi_wake(&b.r, &waker, 3, woken);
	CU_ASSERT_EQUAL(people[1].crowd, 1);
	wi_wake(&b.r, &waker, 4, woken);
	CU_ASSERT_EQUAL(people[1].crowd, 1);
	wi_sleep_mark(&b.r, 2, 5 | WI_CROWD);
	wi_wake(&b.r, &waker, 9, woken);
	CU_ASSERT_EQUAL(people[1].crowd, 2);
	wi_sleep_unmark(&b.r, 2);
	wi_sleep_mark(&b.r, 3, 9 | WI_CROWD);
	/* a holder that cannot be is nobody's */
	b.r.cells[3].tag.word = wi_word_next(0, WI_LIVE, wi_who(1000, 5));
	wi_wake(&b.r, &waker, 9, woken);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(people[i].crowd, i == 1 ? 2u : 0u);
	/* bits of cells that are not there */
	b.r.ch->sleepers[0] = UINT64_MAX;
	wi_wake(&b.r, &waker, 9, woken);
}

static void
change_counts_up(void)
{
	wi_change(&waker);
	wi_change(&waker);
	CU_ASSERT_EQUAL(control->change, 2);
	CU_ASSERT_EQUAL(control->bell, 0);
}

/* ---- threads
 * -------------------------------------------------------------------- */

#define RECORDS	 2000
#define PATIENCE INT64_C(20000000000)

/* Sleeps for each record, as a consumer does; no sleep may last for ever. */
static void *
sleeper(void *arg)
{
	uint32_t idx = (uint32_t)(uintptr_t)arg;

	for (uint64_t t = 1; t <= RECORDS; t++) {
		const uint32_t *word = wi_slot_word(&b.r, t);

		wi_sleep_mark(&b.r, idx, t);
		for (;;) {
			struct wi_wait_word w = {word, wi_load_relaxed_32(word),
						 false};

			wi_fence_sc();
			if (wi_load_acquire(&wi_slot(&b.r, t)->commit.seq) >=
			    2 * t)
				break;
			/* -EAGAIN: it changed between the two looks */
			if (wi_futex_wait(&w, 1, wi_deadline(PATIENCE)) ==
			    -ETIMEDOUT)
				return &b;
		}
		wi_sleep_unmark(&b.r, idx);
	}
	return NULL;
}

static void
wake_threads_miss_nobody(void)
{
	pthread_t t[3];
	struct wr w;
	void *ret;

	CU_ASSERT_EQUAL_FATAL(wr_open(&w, &b, 0), 0);
	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, sleeper, (void *)i);
	for (int i = 1; i <= RECORDS; i++) {
		if (i % 64 == 0)
			usleep(100);
		CU_ASSERT_EQUAL_FATAL(wr_put(&w, 1, 9), 0);
		if (wi_sleepers(&b.r))
			wi_wake(&b.r, &waker, w.w.newest, woken);
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(t[i], &ret);
		CU_ASSERT_PTR_NULL(ret);
	}
	CU_ASSERT(!wi_sleepers(&b.r));
	wr_close(&w);
}

SUITE_WITH("notify", before, after, TEST(marks_come_and_go),
	   TEST(wake_counts_up_the_crowd), TEST(change_counts_up),
	   TEST(wake_threads_miss_nobody));
