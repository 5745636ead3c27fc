/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_end.c - a store is destroyed, or a channel removed, under everybody's
 * hands.
 *
 * One process per way of being busy with a channel.  Each goes on until it
 * is told that this is over, and must be told the right thing.
 */
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum {
	IN_READ,
	IN_WAIT,
	IN_POLL,
	IN_POLL_OBSERVING,
	IN_PUBLISH,
	HOLDING_UP,
	OBSERVING,
	ROLES
};

struct scene {
	const char *store;
	int expect; /* what everybody gets in the end */
	unsigned me;
	uint32_t producers;
};

static int
until_error(weir_consumer *c)
{
	weir_record recs[4];
	int rc;

	while ((rc = weir_read(c, recs, 4, 10 * KIT_S)) > 0)
		;
	return rc;
}

static int
poll_until_error(weir_consumer *c)
{
	struct pollfd fd = {.fd = weir_fd(c), .events = POLLIN};
	weir_record rec;
	int rc;

	proc_check(fd.fd >= 0);
	for (;;) {
		rc = weir_read(c, &rec, 1, 0);
		if (rc != -EAGAIN && rc != 1)
			return rc;
		if (rc == -EAGAIN)
			proc_check(poll(&fd, 1, 10000) == 1);
	}
}

static int
wait_until_error(weir_consumer *c)
{
	weir_record rec;
	int rc;

	do {
		proc_check(weir_wait(&c, 1, 10 * KIT_S, NULL) == 1);
		rc = weir_read(c, &rec, 1, 0);
	} while (rc == 1);
	return rc;
}

static int
publish_until_error(weir_producer *p)
{
	uint8_t buf[KIT_REC_MAX];
	int64_t rc;

	while ((rc = weir_publish(p, buf, kit_rec(buf, 1, 1, 60), NULL)) > 0)
		;
	return (int)rc;
}

static int
busy(struct proc *me, void *arg)
{
	struct scene *s = arg;
	bool observes = s->me == OBSERVING || s->me == IN_POLL_OBSERVING;
	weir_store *st = tmpstore_open(s->store, observes ? WEIR_READ_ONLY : 0);
	weir_channel *quiet = kit_channel_find(st, "quiet");
	weir_channel *busy = kit_channel_find(st, "busy");
	weir_channel *full = kit_channel_find(st, "full");
	weir_consumer *c, *gate = NULL;
	weir_producer *p = NULL;
	char id[16];
	int rc = 0;

	snprintf(id, sizeof(id), "c%u", s->me);
	c = kit_consumer(quiet, observes ? NULL : id, 0, WEIR_FROM_NEW);
	if (s->me == HOLDING_UP) /* never read, so nobody may publish */
		gate = kit_consumer(full, id, WEIR_GATE, WEIR_FROM_NEW);
	/* what opens later may find that all has ended */
	if (s->me == IN_PUBLISH)
		p = kit_producer(busy, "busy", 20 * KIT_S);
	proc_tell(me, 'r');
	switch (s->me) {
	case IN_READ:
	case OBSERVING:
		rc = until_error(c);
		break;
	case IN_WAIT:
		rc = wait_until_error(c);
		break;
	case IN_POLL:
	case IN_POLL_OBSERVING:
		rc = poll_until_error(c);
		break;
	case IN_PUBLISH:
		rc = publish_until_error(p);
		break;
	case HOLDING_UP:
		proc_hear(me);
		rc = until_error(gate);
		break;
	}
	if (rc != s->expect)
		t_log("role %u: %s\n", s->me, weir_strerror(rc));
	proc_check(rc == s->expect);
	weir_consumer_close(gate);
	weir_consumer_close(c);
	weir_store_close(st);
	return 0;
}

static int
waiting_for_space(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store *st = kit_store(s->store);
	weir_producer *p;
	int rc;

	p = kit_producer(kit_channel_find(st, "full"), "full", 20 * KIT_S);
	proc_tell(me, 'r');
	rc = publish_until_error(p);
	proc_check(rc == s->expect);
	weir_store_close(st);
	return 0;
}

static void
end(uint32_t producers, bool whole_store)
{
	struct scene s = {.expect = whole_store ? WEIR_ERETIRED : WEIR_EREMOVED,
			  .producers = producers};
	weir_store *st = tmpstore_new(&s.store), *other;
	struct kit_use before, after;
	weir_channel *quiet;
	struct proc p[ROLES], w;
	weir_store_info was = {.size = sizeof(was)}, is = was;

	kit_channel(st, "stays", WEIR_OVERWRITE, WEIR_SHARED, 64);
	before = kit_use(st);
	quiet = kit_channel(st, "quiet", WEIR_OVERWRITE, producers, 64);
	kit_channel(st, "busy", WEIR_OVERWRITE, producers, 64);
	kit_channel(st, "full", WEIR_BLOCK, producers, 64);
	for (s.me = 0; s.me < ROLES; s.me++) {
		CU_ASSERT_FATAL(proc_start(&p[s.me], busy, &s) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[s.me]), 'r');
	}
	CU_ASSERT_FATAL(proc_start(&w, waiting_for_space, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&w), 'r');
	CU_ASSERT_EQUAL(proc_await_asleep(&w), 0);
	CU_ASSERT_EQUAL(proc_await_asleep(&p[IN_READ]), 0);
	CU_ASSERT_EQUAL(proc_await_asleep(&p[IN_WAIT]), 0);
	CU_ASSERT_EQUAL(proc_await_asleep(&p[IN_POLL]), 0);
	CU_ASSERT_EQUAL(weir_store_stat(st, &was), 0);

	if (whole_store) {
		CU_ASSERT_EQUAL(weir_store_destroy(s.store, NULL, NULL), 0);
		CU_ASSERT_EQUAL(weir_store_destroy(s.store, NULL, NULL),
				-ENOENT);
		other = tmpstore_open(s.store, WEIR_CREATE);
		CU_ASSERT_EQUAL(weir_store_stat(other, &is), 0);
		CU_ASSERT_EQUAL(is.channel_cnt, 0);
		CU_ASSERT_EQUAL(is.participant_cnt, 1);
		CU_ASSERT_NOT_EQUAL(is.created_ns, was.created_ns);
		weir_store_close(other);
	} else {
		CU_ASSERT_EQUAL(weir_channel_remove(st, "quiet", NULL), 0);
		CU_ASSERT_EQUAL(weir_channel_remove(st, "busy", NULL), 0);
		CU_ASSERT_EQUAL(weir_channel_remove(st, "full", NULL), 0);
		CU_ASSERT_EQUAL(weir_channel_remove(st, "full", NULL), -ENOENT);
		/* a new one of that name is another one */
		weir_channel_close(
		    kit_channel(st, "quiet", WEIR_BLOCK, WEIR_SHARED, 128));
		CU_ASSERT_EQUAL(weir_channel_remove(st, "quiet", NULL), 0);
	}
	CU_ASSERT_EQUAL(proc_wait(&w), 0);
	proc_tell(&p[HOLDING_UP], 'g');
	for (unsigned i = 0; i < ROLES; i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	CU_ASSERT_EQUAL(weir_channel_open(st, "quiet", NULL, &quiet, NULL),
			whole_store ? WEIR_ERETIRED : -ENOENT);
	if (!whole_store) {
		/* only we hold the three now */
		after = kit_use(st);
		CU_ASSERT(after.used_bytes > before.used_bytes);
		weir_store_close(st);
		st = kit_store(s.store);
		kit_channel(st, "stays", 0, 0, 0);
		weir_channel_close(kit_channel(st, "x", 0, 0, 0));
		CU_ASSERT_EQUAL(weir_channel_remove(st, "x", NULL), 0);
		after = kit_use(st);
		CU_ASSERT_EQUAL(after.used_bytes, before.used_bytes);
		CU_ASSERT_EQUAL(after.channels, 1);
	}
	weir_store_close(st);
}

static void
end_of_store_reaches_everybody(void)
{
	end(WEIR_SHARED, true);
	end(WEIR_EXCLUSIVE, true);
}

static void
end_of_channel_reaches_everybody(void)
{
	end(WEIR_SHARED, false);
	end(WEIR_EXCLUSIVE, false);
}

static void
end_of_channel_comes_after_what_is_unread(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name), *ro;
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_consumer *c[2];
	uint8_t buf[64];
	weir_record rec;

	ro = tmpstore_open(name, WEIR_READ_ONLY);
	for (uint64_t i = 1; i <= 5; i++)
		CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, i, 40), NULL) >
			  0);
	c[0] = kit_consumer(ch, "c", 0, WEIR_FROM_OLDEST);
	c[1] =
	    kit_consumer(kit_channel_find(ro, "c"), NULL, 0, WEIR_FROM_OLDEST);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	for (uint64_t i = 1; i <= 5; i++) {
		CU_ASSERT_EQUAL(weir_read(c[0], &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, i);
	}
	CU_ASSERT_EQUAL(weir_read(c[0], &rec, 1, -1), WEIR_EREMOVED);
	/* nobody keeps the memory for an observer */
	CU_ASSERT_EQUAL(weir_read(c[1], &rec, 1, -1), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_publish(p, buf, 40, NULL), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_clear(p), WEIR_EREMOVED);
	weir_store_close(ro);
	weir_store_close(st);
}

/* ---- memory of the removed -------------------------------------------------
 */

static int
holder(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store *st = kit_store(s->store);
	weir_channel *ch = kit_channel_find(st, "c");

	proc_tell(me, 'r');
	proc_hear(me);
	weir_channel_close(ch);
	proc_tell(me, 'c');
	return proc_hear(me) == 'g' ? 0 : 1;
}

/* Who has it open keeps the memory: by closing, and by dying, it comes back. */
static void
end_of_channel_gives_memory_back(void)
{
	struct scene s = {.me = 0};
	weir_store *st = tmpstore_new(&s.store);
	struct kit_use before = kit_use(st);
	uint64_t held;
	struct proc p;

	for (int by_death = 0; by_death < 2; by_death++) {
		weir_channel_close(kit_channel(st, "c", 0, 0, 64));
		held = kit_use(st).used_bytes;
		CU_ASSERT(held > before.used_bytes);
		CU_ASSERT_FATAL(proc_start(&p, holder, &s) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p), 'r');
		CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
		CU_ASSERT_EQUAL(kit_use(st).used_bytes, held);
		CU_ASSERT_EQUAL(kit_use(st).channels, 0);
		if (by_death) {
			CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
			/* looked after by whoever comes next */
			weir_channel_close(kit_channel(st, "d", 0, 0, 64));
			CU_ASSERT_EQUAL(weir_channel_remove(st, "d", NULL), 0);
		} else {
			proc_tell(&p, 'g');
			CU_ASSERT_EQUAL(proc_hear(&p), 'c');
		}
		CU_ASSERT_EQUAL(kit_use(st).used_bytes, before.used_bytes);
		if (!by_death) {
			proc_tell(&p, 'g');
			CU_ASSERT_EQUAL(proc_wait(&p), 0);
		}
	}
	weir_store_close(st);
}

/* ---- removed and made again, while all use it
 * -------------------------------- */

static int
user(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store *st = kit_store(s->store);
	weir_channel_opts o = {.size = sizeof(o), .capacity = 16};
	struct rng rng = {s->me};
	uint8_t buf[KIT_REC_MAX];
	unsigned done = 0;

	proc_tell(me, 'r');
	for (unsigned round = 0; round < (t_torture() ? 30000u : 400u);
	     round++) {
		weir_consumer *c = NULL;
		weir_producer *p = NULL;
		weir_channel *ch;
		weir_record rec;
		char id[16];
		int rc;

		snprintf(id, sizeof(id), "u%u", s->me);
		o.producers =
		    rng_one_in(&rng, 2) ? WEIR_SHARED : WEIR_EXCLUSIVE;
		rc = weir_channel_open(st, "c", &o, &ch, NULL);
		proc_check(rc == 0 || rc == WEIR_ECONFIG || rc == -EAGAIN);
		if (rc == 0)
			rc = weir_consumer_open(ch, id, NULL, &c, NULL);
		if (rc == 0)
			rc = weir_producer_open(ch, id, NULL, &p, NULL);
		proc_check(rc == 0 || rc == WEIR_ECONFIG ||
			   rc == WEIR_EREMOVED || rc == WEIR_EINUSE ||
			   rc == -EAGAIN);
		for (int i = 0; rc == 0 && i < 20; i++) {
			int64_t seq = weir_publish(
			    p, buf, kit_rec(buf, s->me, round, 100), NULL);

			proc_check(seq > 0 || seq == WEIR_EREMOVED);
			rc = weir_read(c, &rec, 1, 0);
			proc_check(rc == 1 || rc == -EAGAIN ||
				   rc == WEIR_EREMOVED);
			if (rc == 1)
				proc_check(
				    kit_rec_ok(rec.data, rec.len, NULL, NULL));
			rc = rc == WEIR_EREMOVED ? rc : 0;
			done++;
		}
		if (rng_one_in(&rng, 3)) {
			rc = weir_channel_remove(st, "c", NULL);
			proc_check(rc == 0 || rc == -ENOENT);
		}
		weir_producer_close(p);
		weir_consumer_close(c);
		weir_channel_close(ch);
	}
	proc_send(me, done);
	weir_store_close(st);
	return 0;
}

static void
end_and_beginning_in_a_storm(void)
{
	struct scene s = {.me = 0};
	weir_store *st = tmpstore_new(&s.store);
	struct kit_use before = kit_use(st), after;
	struct proc p[4];
	uint64_t done;
	int rc;

	for (s.me = 0; s.me < 4; s.me++)
		CU_ASSERT_FATAL(proc_start(&p[s.me], user, &s) == 0);
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(proc_hear(&p[i]), 'r');
		CU_ASSERT_EQUAL(proc_recv(&p[i], &done), 0);
		t_log("user %u: %llu records\n", i, (unsigned long long)done);
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	}
	rc = weir_channel_remove(st, "c", NULL);
	CU_ASSERT(rc == 0 || rc == -ENOENT);
	weir_channel_close(kit_channel(st, "d", 0, 0, 64));
	CU_ASSERT_EQUAL(weir_channel_remove(st, "d", NULL), 0);
	after = kit_use(st);
	CU_ASSERT_EQUAL(after.used_bytes, before.used_bytes);
	weir_store_close(st);
}

SUITE("end", TEST(end_of_store_reaches_everybody),
      TEST(end_of_channel_reaches_everybody),
      TEST(end_of_channel_comes_after_what_is_unread),
      TEST(end_of_channel_gives_memory_back),
      TEST(end_and_beginning_in_a_storm));
