/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_namespaces.c - the other side is in other namespaces: of processes,
 * users, clocks.  The living are alive and the dead are dead there, too, and
 * a time-out is as long as it was asked to be.
 *
 * (A directory mounted elsewhere: test_container.c.)
 */
#include "kit.h"
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/ns.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

struct scene {
	const char *store;
	uint64_t *word;
	int flags; /* namespaces to be in */
	int (*fn)(void *scene);
	const char *offset; /* of the clock in there */
	uint64_t owner;
};

static weir_store *
open_store(const struct scene *s, uint32_t flags)
{
	weir_store_opts o = {
	    .size = sizeof(o), .flags = flags, .owner = s->owner};
	weir_diag diag = {.message = ""};
	weir_store *st = NULL;

	if (weir_store_open(s->store, &o, &st, &diag) != 0)
		printf("%s\n", diag.message);
	proc_check(st != NULL);
	return st;
}

static int
comes(const uint64_t *word, uint64_t value)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (kit_get(word) != value) {
		if (proc_now_ns() > end)
			return 0;
		proc_nap_ms(1);
	}
	return 1;
}

static bool
set_clock(const char *offset)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, offset, strlen(offset)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Into the namespaces, then to work as their first process. */
static int
go_in(struct proc *me, void *arg)
{
	struct scene *s = arg;

	(void)me;
	if (ns_enter(s->flags) != 0)
		return 77;
	if (s->offset && !set_clock(s->offset))
		return 77;
	return ns_fork(s->fn, s);
}

/* Start it; false: it cannot be, and the test is skipped. */
static bool
started(struct proc *p, struct scene *s)
{
	kit_set(s->word, 0);
	CU_ASSERT_FATAL(proc_start(p, go_in, s) == 0);
	while (!kit_get(s->word) && !proc_ended(p))
		proc_nap_ms(1);
	if (kit_get(s->word))
		return true;
	CU_ASSERT_EQUAL(proc_wait(p), 77);
	t_skip("no such namespaces here");
	return false;
}

/* ---- who lives
 * -------------------------------------------------------------- */

/* Process 1 of its world, in which /proc knows nobody from outside. */
static int
looks_out(void *arg)
{
	struct scene *s = arg;
	weir_store *st, *ro;
	weir_channel *ch, *seen;

	if (getpid() != 1 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV, NULL) < 0)
		return 77;
	st = open_store(s, 0);
	ro = open_store(s, WEIR_READ_ONLY);
	ch = kit_channel_find(st, "c");
	seen = kit_channel_find(ro, "c");
	proc_check(kit_producer_life(ch, "out") == WEIR_ALIVE);
	proc_check(kit_producer_life(seen, "out") == WEIR_ALIVE);
	kit_producer(ch, "in", 0);
	proc_check(kit_producer_life(seen, "in") == WEIR_ALIVE);
	kit_set(s->word, 1);
	/* the one outside is gone */
	proc_check(comes(s->word, 2));
	proc_check(kit_producer_life(ch, "out") == WEIR_GONE);
	proc_check(kit_producer_life(seen, "out") == WEIR_GONE);
	weir_producer_close(kit_producer(ch, "out", 0));
	kit_set(s->word, 3);
	proc_nap_ms(PROC_PATIENCE_S * 1000); /* it is killed */
	return 1;
}

static int
lives(struct proc *me, void *arg)
{
	weir_store *st = kit_store(((struct scene *)arg)->store);

	kit_producer(kit_channel_find(st, "c"), "out", 0);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
across(int flags)
{
	struct scene s = {.flags = flags, .fn = looks_out};
	weir_store *st = tmpstore_new(&s.store), *ro;
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16), *seen;
	struct proc out, in;

	s.word = kit_shared(8);
	ro = tmpstore_open(s.store, WEIR_READ_ONLY);
	seen = kit_channel_find(ro, "c");
	CU_ASSERT_FATAL(proc_start(&out, lives, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&out), 'r');
	if (started(&in, &s)) {
		CU_ASSERT_EQUAL(kit_producer_life(ch, "in"), WEIR_ALIVE);
		CU_ASSERT_EQUAL(kit_producer_life(seen, "in"), WEIR_ALIVE);
		CU_ASSERT_EQUAL(proc_kill(&out), -SIGKILL);
		kit_set(s.word, 2);
		CU_ASSERT(comes(s.word, 3));
		CU_ASSERT_EQUAL(proc_kill(&in), -SIGKILL);
		while (kit_producer_life(ch, "in") != WEIR_GONE)
			proc_nap_ms(1);
		CU_ASSERT_EQUAL(kit_producer_life(seen, "in"), WEIR_GONE);
		weir_producer_close(kit_producer(ch, "in", 0));
	} else {
		proc_kill(&out);
	}
	weir_store_close(ro);
	weir_store_close(st);
	kit_unshared(s.word, 8);
}

static void
namespaces_of_processes(void)
{
	across(CLONE_NEWPID | CLONE_NEWNS);
}

/* This user is root in there, and stays the owner of what is its own. */
static void
namespaces_of_users(void)
{
	across(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
}

/* ---- whose it is
 * ------------------------------------------------------------ */

/* Of a user who has no number here.  All such look the same. */
static int
unmapped(void *arg)
{
	struct scene *s = arg;
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	weir_diag diag;
	weir_store *st;

	proc_check(geteuid() == 0);
	kit_set(s->word, 1);
	proc_check(weir_store_open(s->store, &o, &st, &diag) == WEIR_EUNSAFE);
	proc_check(strstr(diag.message, "user 65534"));
	s->owner = 65534;
	weir_store_close(open_store(s, WEIR_READ_ONLY));
	return 0;
}

static void
namespaces_do_not_lend_ownership(void)
{
	struct scene s = {.flags = CLONE_NEWUSER, .fn = unmapped};
	weir_store *st;
	int rc;

	if (users_absent())
		return;
	st = tmpstore_new(&s.store);
	CU_ASSERT_EQUAL(chmod(tmpstore_path(s.store), 0644), 0);
	s.word = kit_shared(8);
	/* root in there is a stranger out here */
	rc = user_run(STRANGER, go_in, &s);
	if (rc == 77)
		t_skip("no user namespaces for users here");
	else
		CU_ASSERT_EQUAL(rc, 0);
	weir_store_close(st);
	kit_unshared(s.word, 8);
}

/* ---- clocks
 * ----------------------------------------------------------------- */

/* Waits as long as it is told to, for records and for space. */
static int
keeps_time(void *arg)
{
	struct scene *s = arg;
	weir_store *st = open_store(s, 0);
	weir_channel *ch = kit_channel_find(st, "c");
	weir_producer *p = kit_producer(ch, "in", 30 * KIT_MS);
	weir_consumer *c = kit_consumer(ch, "in", WEIR_GATE, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;
	int64_t t;
	int n = 0;

	t = proc_now_ns();
	proc_check(weir_read(c, &rec, 1, 30 * KIT_MS) == -EAGAIN);
	proc_check(proc_now_ns() - t >= 30 * KIT_MS);
	kit_set(s->word, 1);
	for (int i = 0; i < 20; i++) {
		proc_check(weir_read(c, &rec, 1, 20 * KIT_S) == 1);
		if (strcmp(rec.producer, "in") != 0)
			proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40),
						NULL) > 0);
	}
	/* what was its own is read now; the ring is filled, and nobody reads */
	kit_set(s->word, 2);
	proc_check(comes(s->word, 3));
	t = proc_now_ns();
	while (weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) > 0)
		proc_check(++n < 100);
	proc_check(proc_now_ns() - t >= 30 * KIT_MS);
	weir_store_close(st);
	return 0;
}

static void
clock_is(const char *offset)
{
	struct scene s = {.flags = CLONE_NEWTIME | CLONE_NEWPID,
			  .fn = keeps_time,
			  .offset = offset};
	weir_store *st = tmpstore_new(&s.store);
	weir_channel *ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 8);
	weir_producer *p = kit_producer(ch, "out", 10 * KIT_S);
	weir_consumer *c = kit_consumer(ch, "out", WEIR_GATE, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;
	struct proc in;

	s.word = kit_shared(8);
	if (started(&in, &s)) {
		for (int i = 0; i < 10; i++) {
			CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 2, 1, 40),
					       NULL) > 0);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 10 * KIT_S), 1);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 10 * KIT_S), 1);
		}
		CU_ASSERT(comes(s.word, 2));
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 5 * KIT_MS), -EAGAIN);
		kit_set(s.word, 3);
		CU_ASSERT_EQUAL(proc_wait(&in), 0);
	}
	weir_store_close(st);
	kit_unshared(s.word, 8);
}

/* No deadline is in the store: a clock that is days before or behind ours
 * makes no wait longer or shorter. */
static void
namespaces_of_clocks(void)
{
	char back[64];

	clock_is("monotonic 1000000 0\n");
	/* not before its beginning */
	snprintf(back, sizeof(back), "monotonic -%lld 0\n",
		 (long long)(proc_now_ns() / KIT_S / 2));
	clock_is(back);
}

SUITE("namespaces", TEST(namespaces_of_processes), TEST(namespaces_of_users),
      TEST(namespaces_do_not_lend_ownership), TEST(namespaces_of_clocks));
