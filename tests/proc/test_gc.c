/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_gc.c - weir_store_gc() and weir_store_verify() beside processes that
 * open, publish, read, make and remove, and are killed at it: nobody loses
 * anything, nothing looks damaged, and in the end all memory is back.
 */
#include "kit.h"
#include "support/sys.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <weir/inspect.h>

#define WORKERS 3

static const char *name;
static uint64_t *stop;

/* What is refused because others are there is no failure. */
static int
is_fine(int64_t rc)
{
	return rc >= 0 || rc == -EAGAIN || rc == -ENOENT || rc == -EINTR ||
	       rc == WEIR_EINUSE || rc == WEIR_EFULL || rc == WEIR_EREMOVED ||
	       rc == WEIR_ECONFIG;
}

/* One channel, for a while. */
static void
use(weir_store *st, struct rng *rng)
{
	weir_channel_opts co = {.size = sizeof(co), .capacity = 4};
	weir_consumer_opts ro = {.size = sizeof(ro)};
	static const uint8_t one = 1;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_consumer *c = NULL;
	char channel[8], id[8];
	weir_record rec[4];
	weir_diag diag;
	int rc;

	snprintf(channel, sizeof(channel), "c%d", (int)rng_below(rng, 4));
	snprintf(id, sizeof(id), "i%d", (int)rng_below(rng, 4));
	co.overflow = channel[1] & 1 ? WEIR_BLOCK : WEIR_OVERWRITE;
	co.producers = channel[1] & 2 ? WEIR_SHARED : WEIR_EXCLUSIVE;
	rc = weir_channel_open(st, channel, &co, &ch, &diag);
	if (!is_fine(rc))
		t_log("opening %s: %d, %s\n", channel, rc, diag.message);
	proc_check(is_fine(rc));
	if (rc != 0)
		return;
	ro.flags = co.overflow == WEIR_BLOCK ? WEIR_GATE : 0;
	rc = weir_consumer_open(ch, id, &ro, &c, NULL);
	proc_check(is_fine(rc));
	rc = weir_producer_open(ch, id, NULL, &p, NULL);
	proc_check(is_fine(rc));
	for (int i = 0; i < 20; i++) {
		proc_check(!p || is_fine(weir_publish(p, &one, 1, NULL)));
		proc_check(!c || is_fine(weir_read(c, rec, 4, 0)));
	}
	if (rng_below(rng, 3) == 0)
		proc_check(is_fine(weir_channel_remove(st, channel, NULL)));
	if (p && rng_below(rng, 2) == 0)
		weir_clear(p);
	weir_producer_close(p);
	weir_consumer_close(c);
	weir_channel_close(ch);
}

static int
worker(struct proc *me, void *arg)
{
	struct rng rng = *(struct rng *)arg;

	(void)me;
	for (;;) {
		weir_store *st = kit_store(name);

		for (int i = 0; i < 20; i++)
			use(st, &rng);
		weir_store_close(st);
	}
	return 0;
}

/* Its records are all delivered, whatever goes on around. */
static int
steady(struct proc *me, void *arg)
{
	weir_store *st = kit_store(name);
	weir_channel *ch =
	    kit_channel(st, "steady", WEIR_BLOCK, WEIR_SHARED, 8);
	weir_consumer *c = kit_consumer(ch, "c", WEIR_GATE, WEIR_FROM_NEW);
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_record rec;
	uint8_t n = 0;

	(void)arg;
	proc_tell(me, 'r');
	do {
		n = (n + 1) & 0x7f;
		proc_check(weir_publish(p, &n, 1, NULL) > 0);
		proc_check(weir_read(c, &rec, 1, -1) == 1);
		proc_check(rec.len == 1 && *(const uint8_t *)rec.data == n);
		proc_check(rec.lost == 0);
	} while (!kit_get(stop));
	weir_store_close(st);
	return 0;
}

static int
damaged(const weir_damage *d, void *arg)
{
	(void)arg;
	t_log("%s: %s at %llu: %s\n", d->channel, d->place,
	      (unsigned long long)d->offset, d->message);
	return 0;
}

static void
start(struct proc *p, struct rng *rng)
{
	struct rng own = {rng_next(rng)};

	CU_ASSERT_EQUAL_FATAL(proc_start(p, worker, &own), 0);
}

/* What is there must be right at any time. */
static void
look(void)
{
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	weir_gc_info g = {.size = sizeof(g)};

	CU_ASSERT_EQUAL(weir_store_verify(ro, damaged, NULL), 0);
	CU_ASSERT_EQUAL(weir_store_gc(ro, WEIR_DRY_RUN, &g, NULL), 0);
	weir_store_close(ro);
}

/* After the last has gone: all is given back, and that is all there is. */
static void
is_clean(weir_store *st)
{
	weir_gc_info g = {.size = sizeof(g)};
	weir_store_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL(weir_store_gc(st, 0, &g, NULL), 0);
	CU_ASSERT_EQUAL(g.held, 0);
	CU_ASSERT_EQUAL(weir_store_gc(st, WEIR_DRY_RUN, &g, NULL), 0);
	CU_ASSERT_EQUAL(g.participants + g.producers + g.consumers + g.marks +
			    g.channels + g.held,
			0);
	CU_ASSERT_EQUAL(g.stray_bytes, 0);
	CU_ASSERT_EQUAL(weir_store_stat(st, &i), 0);
	CU_ASSERT_EQUAL(i.real_bytes, i.used_bytes);
	CU_ASSERT_EQUAL(weir_store_verify(st, damaged, NULL), 0);
}

static void
gc_beside_others(void)
{
	int64_t end = proc_now_ns() + (t_torture() ? 60 : 2) * KIT_S;
	struct rng rng = {t_seed(20)};
	struct proc workers[WORKERS], calm;
	uint64_t rounds = 0, given = 0;
	weir_gc_info g = {.size = sizeof(g)};
	weir_store *st;

	if (!sys_heeds(MADV_REMOVE))
		return;
	st = tmpstore_new(&name);
	stop = kit_shared(sizeof(*stop));
	CU_ASSERT_EQUAL_FATAL(proc_start(&calm, steady, NULL), 0);
	CU_ASSERT_EQUAL(proc_hear(&calm), 'r');
	for (int i = 0; i < WORKERS; i++)
		start(&workers[i], &rng);
	/* on a busy machine, until somebody was killed while he had something
	 */
	while (proc_now_ns() < end || given == 0) {
		struct proc *p = &workers[rng_below(&rng, WORKERS)];
		bool kill = rng_below(&rng, 2) == 0;

		kit_nap(&rng, 5000);
		if (kill)
			CU_ASSERT_EQUAL(proc_kill(p), -SIGKILL);
		CU_ASSERT_EQUAL(weir_store_gc(st, 0, &g, NULL), 0);
		given +=
		    g.participants + g.consumers + g.producers + g.channels;
		look();
		if (kill)
			start(p, &rng);
		rounds++;
	}
	for (int i = 0; i < WORKERS; i++)
		CU_ASSERT_EQUAL(proc_kill(&workers[i]), -SIGKILL);
	kit_set(stop, 1);
	CU_ASSERT_EQUAL(proc_wait(&calm), 0);
	t_log("%llu rounds, %llu things given back\n",
	      (unsigned long long)rounds, (unsigned long long)given);
	is_clean(st);
	weir_store_close(st);
	kit_unshared(stop, sizeof(*stop));
	tmpstore_drop(name);
}

SUITE("gc", TEST(gc_beside_others));
