/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_kill.c - SIGKILL at random moments, again and again.
 *
 * What the dead leave: whole records without a gap, their current value,
 * their id for the next, and no memory or place that does not come back.
 */
#include "kit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define KILLS 200

struct war {
	const char *store;
	uint32_t overflow, producers;
	uint64_t *committed; /* highest number that the victim knows of */
	uint64_t *stop;	     /* seq of the last record */
	uint64_t first;	     /* number that the victim starts with */
};

static int
victim(struct proc *me, void *arg)
{
	struct war *w = arg;
	weir_channel *ch = kit_channel_find(kit_store(w->store), "c");
	weir_producer *p = kit_producer(ch, "victim", -1);
	uint8_t buf[KIT_REC_MAX];
	uint64_t no = w->first;

	proc_tell(me, 'r');
	for (; !kit_get(w->stop); no++) {
		size_t len = kit_rec(buf, 1, no, 30 + no * 37 % 700);

		proc_check(weir_publish(p, buf, len, NULL) > 0);
		kit_set(w->committed, no);
	}
	return 0;
}

/* No gap, no tear, and the victim's numbers rise one by one. */
static int
witness(struct proc *me, void *arg)
{
	struct war *w = arg;
	weir_channel *ch = kit_channel_find(kit_store(w->store), "c");
	weir_consumer *c = kit_consumer(
	    ch, "witness", w->overflow == WEIR_BLOCK ? WEIR_GATE : 0,
	    WEIR_FROM_SEQ);
	uint64_t next = 1, last = 0, no;
	weir_record recs[8];
	uint32_t who;
	int n;

	proc_tell(me, 'r');
	while (!kit_get(w->stop) || next <= kit_get(w->stop)) {
		n = weir_read(c, recs, 8, 10 * KIT_S);
		proc_check(n > 0);
		for (int i = 0; i < n; i++) {
			proc_check(recs[i].seq == next + recs[i].lost);
			proc_check(!recs[i].lost || w->overflow != WEIR_BLOCK);
			next = recs[i].seq + 1;
			proc_check(
			    kit_rec_ok(recs[i].data, recs[i].len, &who, &no));
			if (who != 1)
				continue;
			proc_check(no > last || recs[i].lost);
			proc_check(no == last + 1 || recs[i].lost ||
				   w->overflow != WEIR_BLOCK);
			last = no;
		}
	}
	return 0;
}

/* The newest of the dead, which is at least what it knew to be committed. */
static uint64_t
value_of_dead(weir_channel *ch, uint64_t committed)
{
	uint8_t buf[KIT_REC_MAX * 16];
	weir_record rec;
	uint64_t no = 0;
	uint32_t who = 0;

	if (weir_current(ch, "victim", buf, sizeof(buf), &rec) != 0)
		return committed ? UINT64_MAX : 0;
	CU_ASSERT(kit_rec_ok(rec.data, rec.len, &who, &no));
	CU_ASSERT_STRING_EQUAL(rec.producer, "victim");
	CU_ASSERT(who == 1 && no >= committed && no <= committed + 1);
	return no;
}

static void
war(uint32_t overflow, uint32_t producers, int kills)
{
	struct war w = {.overflow = overflow, .producers = producers};
	struct rng rng = {t_seed(0x1d11)};
	weir_store *st = tmpstore_new(&w.store);
	weir_channel *ch = kit_channel(st, "c", overflow, producers, 64);
	struct kit_use before = kit_use(st), after;
	weir_producer *other = NULL;
	uint8_t buf[KIT_REC_MAX];
	struct proc v, see[2];
	int64_t seq = 0;

	w.committed = kit_shared(8);
	w.stop = kit_shared(8);
	CU_ASSERT_FATAL(proc_start(&see[0], witness, &w) == 0);
	CU_ASSERT_EQUAL(proc_hear(&see[0]), 'r');
	if (producers == WEIR_SHARED)
		other = kit_producer(ch, "other", -1);
	for (int i = 0; i < kills; i++) {
		uint64_t got;

		w.first = kit_get(w.committed) + 1;
		CU_ASSERT_FATAL(proc_start(&v, victim, &w) == 0);
		CU_ASSERT_EQUAL_FATAL(proc_hear(&v), 'r');
		for (uint64_t n = other ? rng_below(&rng, 60) : 0; n > 0; n--)
			CU_ASSERT(weir_publish(other, buf,
					       kit_rec(buf, 2, n, 50),
					       NULL) > 0);
		kit_nap(&rng, 2000);
		CU_ASSERT_EQUAL_FATAL(proc_kill(&v), -SIGKILL);
		got = value_of_dead(ch, kit_get(w.committed));
		CU_ASSERT_NOT_EQUAL_FATAL(got, UINT64_MAX);
		kit_set(w.committed, got);
		if (other && i % 10 == 0) {
			/* nobody else's traffic evicts it */
			for (int k = 0; k < 200; k++)
				seq = weir_publish(
				    other, buf, kit_rec(buf, 2, 1, 300), NULL);
			CU_ASSERT(seq > 0);
			CU_ASSERT_EQUAL(value_of_dead(ch, kit_get(w.committed)),
					got);
		}
	}
	if (!other)
		other = kit_producer(ch, "other", -1);
	kit_set(w.stop, UINT64_MAX);
	seq = weir_publish(other, buf, kit_rec(buf, 2, 1, 50), NULL);
	CU_ASSERT(seq > 0);
	kit_set(w.stop, (uint64_t)seq);
	seq = weir_publish(other, buf, kit_rec(buf, 2, 1, 50), NULL);
	CU_ASSERT_EQUAL(proc_wait(&see[0]), 0);
	after = kit_use(st);
	CU_ASSERT_EQUAL(after.participants, before.participants);
	CU_ASSERT_EQUAL(after.used_bytes, before.used_bytes);
	CU_ASSERT_EQUAL(after.channels, 1);
	t_log("%d kills, %llu records of the victims\n", kills,
	      (unsigned long long)kit_get(w.committed));
	CU_ASSERT(kit_get(w.committed) > (uint64_t)kills);
	weir_store_close(st);
	kit_unshared(w.committed, 8);
	kit_unshared(w.stop, 8);
}

static int
kills(int n)
{
	return t_torture() ? n * 20 : n;
}

static void
kill_producer_shared_overwrite(void)
{
	war(WEIR_OVERWRITE, WEIR_SHARED, kills(KILLS));
}

static void
kill_producer_exclusive_overwrite(void)
{
	war(WEIR_OVERWRITE, WEIR_EXCLUSIVE, kills(KILLS));
}

static void
kill_producer_shared_block(void)
{
	war(WEIR_BLOCK, WEIR_SHARED, kills(KILLS / 2));
}

static void
kill_producer_exclusive_block(void)
{
	war(WEIR_BLOCK, WEIR_EXCLUSIVE, kills(KILLS / 2));
}

/* ---- consumers --------------------------------------------------------- */

static int
reader(struct proc *me, void *arg)
{
	struct war *w = arg;
	weir_channel *ch = kit_channel_find(kit_store(w->store), "c");
	weir_consumer *c = kit_consumer(
	    ch, "reader", w->overflow == WEIR_BLOCK ? WEIR_GATE : 0,
	    WEIR_FROM_CURRENT);
	uint64_t last = 0;
	weir_record recs[4];
	int n;

	proc_tell(me, 'r');
	while (!kit_get(w->stop)) {
		n = weir_read(c, recs, 4, 10 * KIT_S);
		proc_check(n > 0);
		for (int i = 0; i < n; i++) {
			proc_check(last == 0 ||
				   recs[i].seq == last + 1 + recs[i].lost);
			last = recs[i].seq;
			proc_check(
			    kit_rec_ok(recs[i].data, recs[i].len, NULL, NULL));
		}
	}
	return 0;
}

static void
kill_readers(uint32_t overflow, uint32_t producers)
{
	struct war w = {.overflow = overflow, .producers = producers};
	struct rng rng = {t_seed(0x1d12)};
	weir_store *st = tmpstore_new(&w.store);
	weir_channel *ch = kit_channel(st, "c", overflow, producers, 64);
	struct kit_use before = kit_use(st), after;
	weir_producer *p = kit_producer(ch, "p", -1);
	weir_consumer_info info = {.size = sizeof(info)};
	uint8_t buf[KIT_REC_MAX];
	uint64_t no = 0;
	struct proc r;

	w.stop = kit_shared(8);
	for (int i = 0; i < kills(KILLS / 2); i++) {
		CU_ASSERT_FATAL(proc_start(&r, reader, &w) == 0);
		CU_ASSERT_EQUAL_FATAL(proc_hear(&r), 'r');
		for (uint64_t n = rng_below(&rng, 300); n > 0; n--, no++)
			CU_ASSERT_FATAL(weir_publish(p, buf,
						     kit_rec(buf, 1, no, 80),
						     NULL) > 0);
		if (i % 4 == 0)
			CU_ASSERT_EQUAL(kit_await_sleepers(ch, 1), 0);
		CU_ASSERT_EQUAL_FATAL(proc_kill(&r), -SIGKILL);
	}
	/* none of them is in the way */
	for (int k = 0; k < 1000; k++)
		CU_ASSERT_FATAL(
		    weir_publish(p, buf, kit_rec(buf, 1, no, 80), NULL) > 0);
	while (weir_consumer_next(ch, &info) == 1)
		CU_ASSERT_EQUAL(info.life, WEIR_GONE);
	weir_consumer_close(kit_consumer(ch, "reader", 0, WEIR_FROM_NEW));
	info = (weir_consumer_info){.size = sizeof(info)};
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &info), 0);
	after = kit_use(st);
	CU_ASSERT_EQUAL(after.participants, before.participants);
	CU_ASSERT_EQUAL(after.used_bytes, before.used_bytes);
	weir_store_close(st);
	kit_unshared(w.stop, 8);
}

static void
kill_consumer_overwrite(void)
{
	kill_readers(WEIR_OVERWRITE, WEIR_SHARED);
}

static void
kill_consumer_block(void)
{
	kill_readers(WEIR_BLOCK, WEIR_SHARED);
	kill_readers(WEIR_BLOCK, WEIR_EXCLUSIVE);
}

/* ---- many places in a crash loop ---------------------------------------- */

static int
newcomer(struct proc *me, void *arg)
{
	struct war *w = arg;
	weir_store *st = kit_store(w->store);
	weir_channel *ch = kit_channel_find(st, "c");
	uint8_t buf[KIT_REC_MAX];
	char id[32];
	weir_producer *p;

	snprintf(id, sizeof(id), "p%llu", (unsigned long long)w->first);
	kit_consumer(ch, id, 0, WEIR_FROM_CURRENT);
	p = kit_producer(ch, id, -1);
	proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) > 0);
	proc_check(weir_clear(p) > 0);
	proc_tell(me, 'r');
	return proc_hear(me); /* nothing comes */
}

/* More of them than there are places of any kind. */
static void
kill_newcomers_use_up_nothing(void)
{
	struct war w = {.overflow = WEIR_OVERWRITE};
	weir_store_opts so = {
	    .size = sizeof(so), .flags = WEIR_CREATE, .max_participants = 4};
	weir_channel_opts co = {.size = sizeof(co),
				.capacity = 16,
				.max_producers = 2,
				.max_consumers = 2};
	weir_channel *ch;
	weir_store *st;
	struct proc p;

	w.store = tmpstore_name();
	CU_ASSERT_FATAL(weir_store_open(w.store, &so, &st, NULL) == 0);
	CU_ASSERT_FATAL(weir_channel_open(st, "c", &co, &ch, NULL) == 0);
	for (w.first = 0; w.first < 50; w.first++) {
		CU_ASSERT_FATAL(proc_start(&p, newcomer, &w) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p), 'r');
		CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	}
	weir_store_close(st);
}

SUITE("kill", TEST(kill_producer_shared_overwrite),
      TEST(kill_producer_exclusive_overwrite), TEST(kill_producer_shared_block),
      TEST(kill_producer_exclusive_block), TEST(kill_consumer_overwrite),
      TEST(kill_consumer_block), TEST(kill_newcomers_use_up_nothing));
