/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_poll_threads.c - event loops.
 *
 * A thread of the library's does the waiting here, so this runs under tsan.
 */
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

/* ---- an event loop over one of each
 * --------------------------------------------- */

enum { SHARED, EXCLUSIVE, BLOCKING, OBSERVED, KINDS };

static const char *const names[KINDS] = {"shared", "exclusive", "blocking",
					 "observed"};

struct scene {
	const char *store;
	unsigned me;
	uint64_t each;
};

static int
talker(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_channel *ch = kit_channel_find(kit_store(s->store), names[s->me]);
	weir_producer *p = kit_producer(ch, "p", -1);
	struct rng rng = {s->me + 1};
	uint8_t buf[KIT_REC_MAX];

	proc_tell(me, 'r');
	proc_hear(me);
	for (uint64_t i = 1; i <= s->each; i++) {
		proc_check(weir_publish(p, buf, kit_rec(buf, s->me, i, 60),
					NULL) == (int64_t)i);
		if (rng_one_in(&rng, 10))
			proc_nap_ms((unsigned)rng_below(&rng, 3));
	}
	return 0;
}

static weir_channel *
channel_of_kind(weir_store *st, unsigned kind)
{
	return kit_channel(st, names[kind],
			   kind == BLOCKING ? WEIR_BLOCK : WEIR_OVERWRITE,
			   kind == EXCLUSIVE ? WEIR_EXCLUSIVE : WEIR_SHARED,
			   kind == BLOCKING ? 8 : 1024);
}

/* Read all there is.  Return: records. */
static uint64_t
drain(weir_consumer *c, uint64_t *next)
{
	weir_record recs[4];
	uint64_t cnt = 0;
	int n;

	while ((n = weir_read(c, recs, 4, 0)) > 0)
		for (int i = 0; i < n; i++, cnt++) {
			++*next;
			CU_ASSERT_EQUAL(recs[i].seq, *next);
			CU_ASSERT(
			    kit_rec_ok(recs[i].data, recs[i].len, NULL, NULL));
		}
	CU_ASSERT_EQUAL(n, -EAGAIN);
	return cnt;
}

/* @mixed: now and then wait in other ways for the same consumers. */
static void
loop(bool mixed)
{
	struct scene s = {.each = t_torture() ? 50000 : 300};
	struct rng rng = {t_seed(0xe9011)};
	weir_store *st = tmpstore_new(&s.store), *ro;
	uint64_t next[KINDS] = {0}, all = 0;
	struct epoll_event ev = {.events = EPOLLIN};
	int ep = epoll_create1(EPOLL_CLOEXEC), n, empty = 0;
	weir_consumer *c[KINDS];
	struct proc p[KINDS];
	weir_record rec;

	for (unsigned k = 0; k < KINDS; k++)
		channel_of_kind(st, k);
	ro = tmpstore_open(s.store, WEIR_READ_ONLY);
	for (unsigned k = 0; k < KINDS; k++) {
		c[k] = kit_consumer(
		    kit_channel_find(k == OBSERVED ? ro : st, names[k]),
		    k == OBSERVED ? NULL : "c", k == BLOCKING ? WEIR_GATE : 0,
		    WEIR_FROM_OLDEST);
		ev.data.u32 = k;
		CU_ASSERT_FATAL(weir_fd(c[k]) >= 0);
		CU_ASSERT_EQUAL(weir_fd(c[k]), weir_fd(c[k]));
		CU_ASSERT_FATAL(
		    epoll_ctl(ep, EPOLL_CTL_ADD, weir_fd(c[k]), &ev) == 0);
	}
	for (s.me = 0; s.me < KINDS; s.me++) {
		CU_ASSERT_FATAL(proc_start(&p[s.me], talker, &s) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[s.me]), 'r');
	}
	for (unsigned k = 0; k < KINDS; k++)
		proc_tell(&p[k], 'g');
	while (all < KINDS * s.each) {
		if (mixed && rng_one_in(&rng, 4)) {
			unsigned k = (unsigned)rng_below(&rng, KINDS);

			if (rng_one_in(&rng, 2)) {
				weir_wait(c, KINDS, KIT_MS, NULL);
			} else if (weir_read(c[k], &rec, 1, KIT_MS) == 1) {
				next[k]++;
				CU_ASSERT_EQUAL(rec.seq, next[k]);
				all++;
			}
			continue;
		}
		n = epoll_wait(ep, &ev, 1, 10000);
		CU_ASSERT_EQUAL_FATAL(n, 1);
		n = (int)drain(c[ev.data.u32], &next[ev.data.u32]);
		empty += n == 0;
		all += (uint64_t)n;
	}
	for (unsigned k = 0; k < KINDS; k++) {
		CU_ASSERT_EQUAL(next[k], s.each);
		CU_ASSERT_EQUAL(proc_wait(&p[k]), 0);
	}
	t_log("%d times nothing\n", empty);
	for (unsigned k = 0; k < KINDS; k++)
		drain(c[k], &next[k]);
	CU_ASSERT_EQUAL(epoll_wait(ep, &ev, 1, 30), 0);
	close(ep);
	weir_store_close(ro);
	weir_store_close(st);
}

static void
poll_sees_every_record(void)
{
	loop(false);
}

static void
poll_mixes_with_other_waits(void)
{
	loop(true);
}

static void
poll_closing_under_the_watcher(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_producer *p = kit_producer(ch, "p", 0);
	struct rng rng = {t_seed(0xc105e)};
	weir_consumer *c[3] = {NULL};
	struct pollfd fd = {.events = POLLIN};
	weir_record rec;
	uint8_t buf[64];
	char id[8];

	for (int i = 0; i < (t_torture() ? 20000 : 300); i++) {
		unsigned k = (unsigned)rng_below(&rng, 3);

		if (c[k]) {
			weir_consumer_close(c[k]);
			c[k] = NULL;
			continue;
		}
		snprintf(id, sizeof(id), "c%u", k);
		c[k] = kit_consumer(ch, id, 0, WEIR_FROM_NEW);
		fd.fd = weir_fd(c[k]);
		CU_ASSERT_FATAL(fd.fd >= 0);
		if (rng_one_in(&rng, 2))
			proc_nap_ms(1); /* the watcher is asleep for it */
		if (rng_one_in(&rng, 2)) {
			CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 40),
					       NULL) > 0);
			CU_ASSERT_EQUAL(poll(&fd, 1, 10000), 1);
			CU_ASSERT_EQUAL(weir_read(c[k], &rec, 1, 0), 1);
			CU_ASSERT_EQUAL(weir_read(c[k], &rec, 1, 0), -EAGAIN);
			CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
		}
	}
	weir_store_close(st);
}

/* A store goes, mapping and all, while another is still watched. */
static void
poll_two_stores_of_which_one_goes(void)
{
	const char *name[2];
	weir_store *st[2] = {tmpstore_new(&name[0]), tmpstore_new(&name[1])};
	weir_channel *ch = kit_channel(st[0], "c", 0, WEIR_SHARED, 16);
	weir_consumer *stays = kit_consumer(ch, "c", 0, WEIR_FROM_NEW);
	weir_producer *p = kit_producer(ch, "p", 0);
	struct pollfd fd = {.fd = weir_fd(stays), .events = POLLIN};
	uint8_t buf[64];
	weir_record rec;

	CU_ASSERT_FATAL(fd.fd >= 0);
	for (int i = 0; i < 20; i++) {
		weir_consumer *goes =
		    kit_consumer(kit_channel(st[1], "c", 0, WEIR_SHARED, 16),
				 "c", 0, WEIR_FROM_NEW);

		CU_ASSERT(weir_fd(goes) >= 0);
		proc_nap_ms(1);
		weir_store_close(st[1]);
		CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
		CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			  0);
		CU_ASSERT_EQUAL(poll(&fd, 1, 10000), 1);
		CU_ASSERT_EQUAL(weir_read(stays, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(weir_read(stays, &rec, 1, 0), -EAGAIN);
		st[1] = kit_store(name[1]);
	}
	weir_store_close(st[1]);
	weir_store_close(st[0]);
}

/* ---- more than one wait of the kernel's takes
 * ---------------------------------------- */

#define CROWD	 150
#define CHANNELS 3

static weir_consumer *crowd[CROWD];

static weir_store *
gather(const char **name)
{
	weir_store *st = tmpstore_new(name);
	char text[16], id[16];

	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(text, sizeof(text), "c%u", i % CHANNELS);
		snprintf(id, sizeof(id), "i%u", i);
		if (i < CHANNELS)
			kit_channel(st, text, 0,
				    i ? WEIR_SHARED : WEIR_EXCLUSIVE, 64);
		crowd[i] = kit_consumer(kit_channel_find(st, text), id, 0,
					WEIR_FROM_NEW);
	}
	return st;
}

/* Publishes to a channel when told, by its number. */
static int
told(struct proc *me, void *arg)
{
	weir_store *st = kit_store(arg);
	weir_producer *p[CHANNELS];
	uint8_t buf[64];
	char text[16];
	int k;

	for (unsigned i = 0; i < CHANNELS; i++) {
		snprintf(text, sizeof(text), "c%u", i);
		p[i] = kit_producer(kit_channel_find(st, text), "p", 0);
	}
	while ((k = proc_hear(me)) >= 0 && k < CHANNELS) {
		proc_nap_ms(2);
		proc_check(
		    weir_publish(p[k], buf, kit_rec(buf, 1, 1, 40), NULL) > 0);
	}
	return 0;
}

static void
poll_a_crowd_in_one_wait(void)
{
	const char *name;
	weir_store *st = gather(&name);
	uint8_t ready[CROWD];
	weir_record rec;
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, told, (void *)(uintptr_t)name) == 0);
	for (unsigned round = 0; round < 90; round++) {
		unsigned k = round % CHANNELS, cnt = 0;

		proc_tell(&p, (char)k);
		/* one commit, but a wait may see it half-way */
		while (cnt < CROWD / CHANNELS) {
			CU_ASSERT_FATAL(
			    weir_wait(crowd, CROWD, 10 * KIT_S, ready) > 0);
			for (unsigned i = 0; i < CROWD; i++) {
				if (!ready[i])
					continue;
				CU_ASSERT_EQUAL(i % CHANNELS, k);
				CU_ASSERT_EQUAL(weir_read(crowd[i], &rec, 1, 0),
						1);
				CU_ASSERT_EQUAL(rec.seq, round / CHANNELS + 1);
				cnt++;
			}
		}
		CU_ASSERT_EQUAL(cnt, CROWD / CHANNELS);
	}
	proc_tell(&p, CHANNELS);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	weir_store_close(st);
}

static void
poll_a_crowd_of_descriptors(void)
{
	const char *name;
	weir_store *st = gather(&name);
	struct pollfd fds[CROWD];
	weir_record rec;
	struct proc p;

	for (unsigned i = 0; i < CROWD; i++) {
		fds[i] =
		    (struct pollfd){.fd = weir_fd(crowd[i]), .events = POLLIN};
		CU_ASSERT_FATAL(fds[i].fd >= 0);
	}
	CU_ASSERT_FATAL(proc_start(&p, told, (void *)(uintptr_t)name) == 0);
	for (unsigned round = 0; round < 60; round++) {
		unsigned k = round % CHANNELS, cnt = 0;

		proc_tell(&p, (char)k);
		while (cnt < CROWD / CHANNELS) {
			CU_ASSERT_FATAL(poll(fds, CROWD, 10000) > 0);
			for (unsigned i = 0; i < CROWD; i++) {
				if (!(fds[i].revents & POLLIN))
					continue;
				if (weir_read(crowd[i], &rec, 1, 0) == 1) {
					CU_ASSERT_EQUAL(i % CHANNELS, k);
					cnt++;
				}
				CU_ASSERT_EQUAL(weir_read(crowd[i], &rec, 1, 0),
						-EAGAIN);
			}
		}
	}
	proc_tell(&p, CHANNELS);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	weir_store_close(st);
}

SUITE("poll", TEST(poll_sees_every_record), TEST(poll_mixes_with_other_waits),
      TEST(poll_closing_under_the_watcher),
      TEST(poll_two_stores_of_which_one_goes), TEST(poll_a_crowd_in_one_wait),
      TEST(poll_a_crowd_of_descriptors));
