/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_sameid.c - several processes want what only one can have.
 */
#include "kit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#define RIVALS 3
#define ROUNDS 200

enum what { PRODUCER, CONSUMER, EXCLUSIVE, GATE };

struct duel {
	const char *store;
	enum what what;
	unsigned me;
	uint64_t *round;       /* the round that is open */
	uint64_t *holders;     /* right now */
	uint64_t *wins, *done; /* of this round */
	uint64_t *value;       /* that only the holder writes */
};

static int
try_open(const struct duel *d, weir_channel *ch, weir_producer **p,
	 weir_consumer **c)
{
	weir_consumer_opts co = {.size = sizeof(co), .flags = WEIR_GATE};
	char id[16];

	*p = NULL;
	*c = NULL;
	snprintf(id, sizeof(id), "id%u", d->me);
	switch (d->what) {
	case PRODUCER:
		return weir_producer_open(ch, "id", NULL, p, NULL);
	case EXCLUSIVE:
		return weir_producer_open(ch, id, NULL, p, NULL);
	case CONSUMER:
		return weir_consumer_open(ch, "id", NULL, c, NULL);
	default:
		return weir_consumer_open(ch, "id", &co, c, NULL);
	}
}

/* Having it: nobody else has. */
static void
hold(struct duel *d, struct rng *rng, weir_producer *p)
{
	uint8_t buf[64];
	uint64_t v;

	proc_check(kit_add(d->holders, 1) == 1);
	v = *(volatile uint64_t *)d->value;
	if (p)
		proc_check(
		    weir_publish(p, buf, kit_rec(buf, d->me, v, 40), NULL) > 0);
	for (volatile uint64_t k = rng_below(rng, 3000); k > 0; k--)
		;
	*(volatile uint64_t *)d->value = v + 1;
	kit_add(d->wins, 1);
	proc_check(kit_add(d->holders, UINT64_MAX) == 0);
}

static int
rival(struct proc *me, void *arg)
{
	struct duel *d = arg;
	struct rng rng = {d->me};
	weir_channel *ch = kit_channel_find(kit_store(d->store), "c");
	weir_producer *p;
	weir_consumer *c;

	proc_tell(me, 'r');
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		int rc;

		while (kit_get(d->round) < round)
			sched_yield();
		rc = try_open(d, ch, &p, &c);
		proc_check(rc == 0 || rc == WEIR_EINUSE);
		if (rc == 0)
			hold(d, &rng, p);
		/* the loser of a round must not find the place free again,
		 * or there would be nothing to lose */
		kit_add(d->done, 1);
		while (rc == 0 && kit_get(d->done) < RIVALS * round)
			sched_yield();
		weir_producer_close(p);
		weir_consumer_close(c);
		kit_add(d->done + 1, 1);
	}
	return 0;
}

static int
doomed(struct proc *me, void *arg)
{
	struct duel *d = arg;
	weir_channel *ch = kit_channel_find(kit_store(d->store), "c");
	weir_producer *p;
	weir_consumer *c;

	proc_check(try_open(d, ch, &p, &c) == 0);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
duel(enum what what)
{
	struct duel d = {.what = what};
	weir_store *st = tmpstore_new(&d.store);
	uint64_t *mem = kit_shared(64), wins = 0;
	struct proc p[RIVALS], dead;

	d.round = mem;
	d.holders = mem + 1;
	d.wins = mem + 2;
	d.done = mem + 3; /* and 4 */
	d.value = mem + 5;
	kit_channel(st, "c", what == GATE ? WEIR_BLOCK : WEIR_OVERWRITE,
		    what == EXCLUSIVE ? WEIR_EXCLUSIVE : WEIR_SHARED, 16);
	for (d.me = 0; d.me < RIVALS; d.me++) {
		CU_ASSERT_FATAL(proc_start(&p[d.me], rival, &d) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[d.me]), 'r');
	}
	for (uint64_t round = 1; round <= ROUNDS; round++) {
		int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

		/* some rounds are about what a dead one has left */
		if (round % 8 == 0) {
			CU_ASSERT_FATAL(proc_start(&dead, doomed, &d) == 0);
			CU_ASSERT_EQUAL(proc_hear(&dead), 'r');
			CU_ASSERT_EQUAL(proc_kill(&dead), -SIGKILL);
		}
		kit_set(d.round, round);
		while (kit_get(d.done + 1) < RIVALS * round) {
			CU_ASSERT_FATAL(proc_now_ns() < end);
			sched_yield();
		}
		/* one got it, and one only: it was not given back before the
		 * others had been refused */
		CU_ASSERT_EQUAL(kit_get(d.wins) - wins, 1);
		wins = kit_get(d.wins);
	}
	for (unsigned i = 0; i < RIVALS; i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	CU_ASSERT_EQUAL(*d.value, wins);
	kit_unshared(mem, 64);
	weir_store_close(st);
}

static void
sameid_producer(void)
{
	duel(PRODUCER);
}

static void
sameid_consumer(void)
{
	duel(CONSUMER);
}

static void
sameid_gating_consumer(void)
{
	duel(GATE);
}

static void
sameid_exclusive_channel(void)
{
	duel(EXCLUSIVE);
}

SUITE("sameid", TEST(sameid_producer), TEST(sameid_consumer),
      TEST(sameid_gating_consumer), TEST(sameid_exclusive_channel));
