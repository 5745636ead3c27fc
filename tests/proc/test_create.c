/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_create.c - many create the same at once; some die in the middle.
 */
#include "kit.h"

#include <errno.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#define CREATORS 8
#define CHANNELS 3

struct rush {
	const char *store;
	uint64_t *ready, *go;
	uint64_t *born; /* per creator */
	unsigned me;
};

static weir_store *
create(const char *name, int *rc)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_CREATE};
	weir_diag diag = {.message = ""};
	weir_store *st = NULL;

	*rc = weir_store_open(name, &o, &st, &diag);
	if (*rc != 0)
		t_log("create: %s: %s\n", weir_strerror(*rc), diag.message);
	return st;
}

/* Files of a store in the directory, lock files too. */
static unsigned
file_cnt(const char *name)
{
	char pattern[128];
	glob_t g;
	unsigned n = 0;

	snprintf(pattern, sizeof(pattern), "%s*", tmpstore_path(name));
	if (glob(pattern, 0, NULL, &g) == 0) {
		n = (unsigned)g.gl_pathc;
		globfree(&g);
	}
	return n;
}

static int
creator(struct proc *me, void *arg)
{
	static const char *const names[CHANNELS] = {"a", "b", "c"};
	struct rush *r = arg;
	weir_store_info info = {.size = sizeof(info)};
	weir_consumer *c[CHANNELS];
	weir_producer *p[CHANNELS];
	weir_store *st;
	uint8_t buf[64];
	char id[16];
	int rc;

	(void)me;
	kit_add(r->ready, 1);
	while (!kit_get(r->go))
		sched_yield();
	st = create(r->store, &rc);
	proc_check(rc == 0);
	proc_check(weir_store_stat(st, &info) == 0);
	kit_set(&r->born[r->me], info.created_ns);
	snprintf(id, sizeof(id), "p%u", r->me);
	for (unsigned i = 0; i < CHANNELS; i++) {
		weir_channel *ch =
		    kit_channel(st, names[(i + r->me) % CHANNELS],
				WEIR_OVERWRITE, WEIR_SHARED, 32);

		c[i] = kit_consumer(ch, id, 0, WEIR_FROM_OLDEST);
		p[i] = kit_producer(ch, id, 0);
	}
	for (unsigned i = 0; i < CHANNELS; i++)
		proc_check(weir_publish(p[i], buf, kit_rec(buf, r->me, 1, 40),
					NULL) > 0);
	/* everybody's record, in each channel, once */
	for (unsigned i = 0; i < CHANNELS; i++) {
		unsigned seen = 0;
		weir_record rec;
		uint32_t who;

		while (seen != (1u << CREATORS) - 1) {
			proc_check(weir_read(c[i], &rec, 1, 10 * KIT_S) == 1);
			proc_check(kit_rec_ok(rec.data, rec.len, &who, NULL));
			proc_check(!(seen >> who & 1));
			seen |= 1u << who;
		}
	}
	weir_store_close(st);
	return 0;
}

static void
create_at_once_makes_one(void)
{
	struct rush r = {.me = 0};
	struct proc p[CREATORS];
	struct kit_use use;
	weir_store *st;

	r.ready = kit_shared(8);
	r.go = kit_shared(8);
	r.born = kit_shared(CREATORS * 8);
	for (int round = 0; round < (t_torture() ? 1000 : 20); round++) {
		r.store = tmpstore_name();
		*r.ready = *r.go = 0;
		for (r.me = 0; r.me < CREATORS; r.me++)
			CU_ASSERT_FATAL(proc_start(&p[r.me], creator, &r) == 0);
		while (kit_get(r.ready) < CREATORS)
			proc_nap_ms(1);
		kit_set(r.go, 1);
		for (unsigned i = 0; i < CREATORS; i++)
			CU_ASSERT_EQUAL_FATAL(proc_wait(&p[i]), 0);
		for (unsigned i = 1; i < CREATORS; i++)
			CU_ASSERT_EQUAL(r.born[i], r.born[0]);
		st = kit_store(r.store);
		use = kit_use(st);
		CU_ASSERT_EQUAL(use.channels, CHANNELS);
		CU_ASSERT_EQUAL(use.participants, 1);
		CU_ASSERT_EQUAL(file_cnt(r.store), 2);
		weir_store_close(st);
		CU_ASSERT_EQUAL(weir_store_destroy(r.store, NULL, NULL), 0);
		CU_ASSERT_EQUAL(file_cnt(r.store), 0);
	}
	kit_unshared(r.ready, 8);
	kit_unshared(r.go, 8);
	kit_unshared(r.born, CREATORS * 8);
}

/* ---- killed in the middle ---------------------------------------------------
 */

/* The name is this store's, or the store has been destroyed: nobody takes the
 * name away and leaves it at that. */
static bool
keeps_its_name(weir_store *st, const char *name)
{
	weir_store_info mine = {.size = sizeof(mine)}, other = mine;
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	weir_store *named;
	bool is = weir_store_open(name, &o, &named, NULL) == 0;

	is = is && weir_store_stat(named, &other) == 0;
	weir_store_close(named);
	return weir_store_stat(st, &mine) == 0 &&
	       (mine.is_retired || (is && mine.created_ns == other.created_ns));
}

/* Makes the store and a channel in it, and destroys it, for ever. */
static int
churner(struct proc *me, void *arg)
{
	struct rush *r = arg;
	weir_store *st;
	weir_channel *ch;
	int rc;

	proc_tell(me, 'r');
	while (!kit_get(r->go)) {
		st = create(r->store, &rc);
		if (rc == WEIR_ERETIRED)
			continue; /* others are faster, again and again */
		proc_check(rc == 0);
		rc = weir_channel_open(
		    st, "x",
		    &(weir_channel_opts){.size =
					     sizeof(*(weir_channel_opts *)0)},
		    &ch, NULL);
		proc_check(rc == 0 || rc == WEIR_ERETIRED);
		proc_check(keeps_its_name(st, r->store));
		weir_store_close(st);
		rc = weir_store_destroy(r->store, NULL, NULL);
		proc_check(rc == 0 || rc == -ENOENT);
		kit_add(r->ready, 1);
	}
	return 0;
}

static void
create_killed_hinders_nobody(void)
{
	struct rush r = {.store = tmpstore_name()};
	struct rng rng = {t_seed(0xc4ea7e)};
	struct proc p;
	weir_store *st;
	int rc;

	r.ready = kit_shared(8);
	r.go = kit_shared(8);
	for (int i = 0; i < (t_torture() ? 5000 : 200); i++) {
		CU_ASSERT_FATAL(proc_start(&p, churner, &r) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p), 'r');
		kit_nap(&rng, 3000);
		CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
		st = create(r.store, &rc);
		CU_ASSERT_EQUAL_FATAL(rc, 0);
		CU_ASSERT_EQUAL(kit_use(st).participants, 1);
		kit_channel(st, "x", 0, 0, 0);
		CU_ASSERT_EQUAL(kit_use(st).channels, 1);
		weir_store_close(st);
		CU_ASSERT_EQUAL(weir_store_destroy(r.store, NULL, NULL), 0);
	}
	/* what the killed left is swept by the next that creates */
	st = create(r.store, &rc);
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_EQUAL(file_cnt(r.store), 2);
	weir_store_close(st);
	t_log("%llu stores made and destroyed\n",
	      (unsigned long long)kit_get(r.ready));
	kit_unshared(r.ready, 8);
	kit_unshared(r.go, 8);
}

/* Several make and destroy the same name: each gets a whole store.  They are
 * made to stand still at times, for less long than anybody waits. */
static void
create_and_destroy_in_a_storm(void)
{
	struct rush r = {.store = tmpstore_name()};
	struct rng rng = {t_seed(0x5708)};
	struct proc p[6];
	int64_t end;

	r.ready = kit_shared(8);
	r.go = kit_shared(8);
	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_FATAL(proc_start(&p[i], churner, &r) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[i]), 'r');
	}
	end = proc_now_ns() + (t_torture() ? 60 * KIT_S : 2 * KIT_S);
	while (proc_now_ns() < end) {
		struct proc *who = &p[rng_below(&rng, 6)];

		CU_ASSERT_EQUAL_FATAL(proc_freeze(who), 0);
		proc_nap_ms((unsigned)rng_below(&rng, 4));
		CU_ASSERT_EQUAL(proc_thaw(who), 0);
	}
	kit_set(r.go, 1);
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	t_log("%llu stores made and destroyed\n",
	      (unsigned long long)kit_get(r.ready));
	kit_unshared(r.ready, 8);
	kit_unshared(r.go, 8);
}

SUITE("create", TEST(create_at_once_makes_one),
      TEST(create_killed_hinders_nobody), TEST(create_and_destroy_in_a_storm));
