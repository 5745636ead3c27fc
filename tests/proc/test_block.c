/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_block.c - producers wait for live consumers, and for nobody else.
 */
#include "kit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#define SLOTS 32

struct scene {
	const char *store;
	weir_store *st;
	uint64_t *read;	     /* records read by the reader */
	uint64_t *published; /* by the producer */
	uint64_t *stop;
	unsigned slow_us; /* the reader naps this long now and then */
	bool view;
};

/* Gating; reads for ever, in order, and says how far it is. */
static int
reader(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_channel *ch = kit_channel_find(kit_store(s->store), "c");
	weir_consumer *c = kit_consumer(ch, "reader", WEIR_GATE, WEIR_FROM_SEQ);
	weir_record recs[4];
	uint64_t next = 1;
	int n;

	proc_tell(me, 'r');
	for (;;) {
		n = s->view ? weir_view(c, recs, 4, 100 * KIT_MS)
			    : weir_read(c, recs, 4, 100 * KIT_MS);
		if (n == -EAGAIN && kit_get(s->stop) == next)
			break;
		if (n == -EAGAIN)
			continue;
		proc_check(n > 0);
		for (int i = 0; i < n; i++) {
			proc_check(recs[i].seq == next++ && recs[i].lost == 0);
			proc_check(
			    kit_rec_ok(recs[i].data, recs[i].len, NULL, NULL));
		}
		if (s->view && next % 3 == 0)
			proc_check(weir_release(c, next - 1) == 0);
		kit_set(s->read, next - 1);
		if (s->slow_us && next % 16 < 4)
			proc_nap_ms(s->slow_us / 1000);
	}
	weir_consumer_close(c);
	return 0;
}

/* Publishes until told to stop, waiting as long as it takes. */
static int
writer(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_channel *ch = kit_channel_find(kit_store(s->store), "c");
	weir_producer *p = kit_producer(ch, "writer", -1);
	uint8_t buf[KIT_REC_MAX];
	int64_t seq = 0;

	proc_tell(me, 'r');
	while (!kit_get(s->stop)) {
		seq = weir_publish(
		    p, buf, kit_rec(buf, 1, (uint64_t)seq + 1, 64), NULL);
		proc_check(seq > 0);
		kit_set(s->published, (uint64_t)seq);
	}
	return 0;
}

static weir_channel *
scene_begin(struct scene *s, uint32_t producers)
{
	s->st = tmpstore_new(&s->store);
	s->read = kit_shared(8);
	s->published = kit_shared(8);
	s->stop = kit_shared(8);
	return kit_channel(s->st, "c", WEIR_BLOCK, producers, SLOTS);
}

static void
scene_end(struct scene *s)
{
	kit_unshared(s->read, 8);
	kit_unshared(s->published, 8);
	kit_unshared(s->stop, 8);
	weir_store_close(s->st);
}

/* Wait until @word is at least @value. */
static int
reaches(const uint64_t *word, uint64_t value)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (kit_get(word) < value) {
		if (proc_now_ns() > end)
			return 0;
		proc_nap_ms(1);
	}
	return 1;
}

static void
slow_reader_loses_nothing(uint32_t producers, bool view)
{
	struct scene s = {.slow_us = 1000, .view = view};
	weir_channel *ch = scene_begin(&s, producers);
	struct proc r;
	weir_producer *p = kit_producer(ch, "here", -1);
	uint8_t buf[KIT_REC_MAX];
	int64_t seq = 0;

	CU_ASSERT_FATAL(proc_start(&r, reader, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&r), 'r');
	for (uint64_t i = 1; i <= 1500; i++) {
		seq = weir_publish(p, buf, kit_rec(buf, 1, i, 40 + i % 900),
				   NULL);
		CU_ASSERT_EQUAL_FATAL(seq, (int64_t)i);
		/* the ring holds so many that were not read */
		CU_ASSERT(i <= kit_get(s.read) + SLOTS + 4);
	}
	kit_set(s.stop, (uint64_t)seq + 1);
	CU_ASSERT_EQUAL(proc_wait(&r), 0);
	CU_ASSERT_EQUAL(kit_get(s.read), 1500);
	scene_end(&s);
}

static void
block_slow_reader_loses_nothing_shared(void)
{
	slow_reader_loses_nothing(WEIR_SHARED, false);
}

static void
block_slow_reader_loses_nothing_exclusive(void)
{
	slow_reader_loses_nothing(WEIR_EXCLUSIVE, false);
}

static void
block_views_are_not_overwritten(void)
{
	slow_reader_loses_nothing(WEIR_SHARED, true);
	slow_reader_loses_nothing(WEIR_EXCLUSIVE, true);
}

/* The producer is already asleep for the reader when that one dies. */
static void
dead_reader_is_dropped(uint32_t producers)
{
	struct scene s = {.view = false};
	weir_channel *ch = scene_begin(&s, producers);
	struct proc r, w;
	uint64_t at;

	CU_ASSERT_FATAL(proc_start(&r, reader, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&r), 'r');
	CU_ASSERT_FATAL(proc_start(&w, writer, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&w), 'r');
	CU_ASSERT(reaches(s.read, 100));
	CU_ASSERT_EQUAL(proc_freeze(&r), 0);
	CU_ASSERT_EQUAL(proc_await_asleep(&w), 0);
	at = kit_get(s.published);
	proc_nap_ms(120); /* more than one look at the lock */
	CU_ASSERT_EQUAL(kit_get(s.published), at);
	CU_ASSERT_EQUAL(proc_kill(&r), -SIGKILL);
	CU_ASSERT(reaches(s.published, at + 10 * SLOTS));
	kit_set(s.stop, 1);
	CU_ASSERT_EQUAL(proc_wait(&w), 0);
	CU_ASSERT_PTR_NOT_NULL(ch);
	scene_end(&s);
}

static void
block_dead_reader_is_dropped(void)
{
	dead_reader_is_dropped(WEIR_SHARED);
	dead_reader_is_dropped(WEIR_EXCLUSIVE);
}

static void
frozen_reader_holds_up_to_timeout(uint32_t producers)
{
	struct scene s = {.view = false};
	weir_channel *ch = scene_begin(&s, producers);
	weir_producer *never, *some;
	uint8_t buf[KIT_REC_MAX];
	uint64_t i = 0, held;
	struct proc r;
	int64_t rc, from;

	CU_ASSERT_FATAL(proc_start(&r, reader, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&r), 'r');
	CU_ASSERT_EQUAL(proc_freeze(&r), 0);
	never = kit_producer(ch, "never", 0);
	while ((rc = weir_publish(never, buf, kit_rec(buf, 1, i + 1, 64),
				  NULL)) > 0)
		i++;
	CU_ASSERT_EQUAL(rc, -EAGAIN);
	CU_ASSERT(i >= SLOTS && i <= SLOTS + 1);
	CU_ASSERT_EQUAL(weir_publish(never, buf, 64, NULL), -EAGAIN);
	if (producers == WEIR_EXCLUSIVE)
		weir_producer_close(never);
	some = kit_producer(ch, "some", 150 * KIT_MS);
	from = proc_now_ns();
	CU_ASSERT_EQUAL(weir_publish(some, buf, 64, NULL), -EAGAIN);
	CU_ASSERT(proc_now_ns() - from >= 150 * KIT_MS);
	CU_ASSERT_EQUAL(weir_clear(some),
			producers == WEIR_EXCLUSIVE ? -EAGAIN : 0);
	CU_ASSERT_EQUAL(proc_thaw(&r), 0);
	CU_ASSERT(reaches(s.read, i)); /* nothing was lost meanwhile */
	held = i;
	for (; i < held + 10 * SLOTS; i++) {
		rc = weir_publish(some, buf, kit_rec(buf, 1, i, 64), NULL);
		if (rc == -EAGAIN) { /* a slow machine */
			i--;
			continue;
		}
		CU_ASSERT_EQUAL(rc, (int64_t)i + 1);
	}
	kit_set(s.stop, i + 1);
	CU_ASSERT_EQUAL(proc_wait(&r), 0);
	CU_ASSERT_EQUAL(kit_get(s.read), i);
	scene_end(&s);
}

static void
block_frozen_reader_holds_up_to_timeout(void)
{
	frozen_reader_holds_up_to_timeout(WEIR_SHARED);
	frozen_reader_holds_up_to_timeout(WEIR_EXCLUSIVE);
}

/* A producer that waits is no obstacle to one that is done waiting. */
static void
block_frozen_writer_holds_nobody(void)
{
	struct scene s = {.view = false};
	weir_channel *ch = scene_begin(&s, WEIR_SHARED);
	weir_producer *p = kit_producer(ch, "here", -1);
	struct proc r, w;
	uint8_t buf[KIT_REC_MAX];
	uint64_t at;

	CU_ASSERT_FATAL(proc_start(&r, reader, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&r), 'r');
	CU_ASSERT_FATAL(proc_start(&w, writer, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&w), 'r');
	for (int round = 0; round < 20; round++) {
		proc_nap_ms(2);
		CU_ASSERT_EQUAL(proc_freeze(&w), 0);
		at = kit_get(s.read);
		for (int i = 0; i < 4 * SLOTS; i++)
			CU_ASSERT_FATAL(weir_publish(p, buf,
						     kit_rec(buf, 2, 1, 100),
						     NULL) > 0);
		CU_ASSERT(reaches(s.read, at + 3 * SLOTS));
		CU_ASSERT_EQUAL(proc_thaw(&w), 0);
	}
	CU_ASSERT_EQUAL(proc_kill(&w), -SIGKILL);
	at = (uint64_t)weir_publish(p, buf, kit_rec(buf, 2, 1, 100), NULL);
	kit_set(s.stop, at + 1);
	CU_ASSERT_EQUAL(proc_wait(&r), 0);
	scene_end(&s);
}

SUITE("block", TEST(block_slow_reader_loses_nothing_shared),
      TEST(block_slow_reader_loses_nothing_exclusive),
      TEST(block_views_are_not_overwritten), TEST(block_dead_reader_is_dropped),
      TEST(block_frozen_reader_holds_up_to_timeout),
      TEST(block_frozen_writer_holds_nobody));
