/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_threads.c - handles in threads of one process, on one mapping.
 *
 * This is where tsan sees the library's own memory accesses against each
 * other.  Rings are small, so that everybody is always in everybody's way.
 */
#include "support/sys.h"
#include "kit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MOST 2

struct crew {
	uint32_t overflow, producers, flags;
	uint32_t slots; /* 0: short lanes */
	uint64_t each;
	uint64_t *log, *last; /* as in test_order.c */
	unsigned failures;    /* CUnit is for one thread */
};

struct hand {
	struct crew *crew;
	weir_producer *p;
	weir_consumer *c;
	uint32_t me;
	pthread_t thread;
};

#define NEVER(cond)                                                            \
	do {                                                                   \
		if (cond) {                                                    \
			t_log("%s:%d: %s\n", __FILE__, __LINE__, #cond);       \
			kit_add(&h->crew->failures, 1);                        \
			return NULL;                                           \
		}                                                              \
	} while (0)

static unsigned
producer_cnt(const struct crew *w)
{
	return w->producers == WEIR_EXCLUSIVE ? 1 : MOST;
}

static uint64_t
all(const struct crew *w)
{
	return producer_cnt(w) * w->each + 1;
}

static void *
produce(void *arg)
{
	struct hand *h = arg;
	uint8_t buf[KIT_REC_MAX];

	for (uint64_t i = 1; i <= h->crew->each; i++)
		NEVER(weir_publish(h->p, buf,
				   kit_rec(buf, h->me, i, 30 + i * 7 % 900),
				   NULL) <= 0);
	return NULL;
}

static int
take(struct hand *h, weir_record *recs, int cnt, int64_t timeout, bool in_view)
{
	return in_view ? weir_view(h->c, recs, cnt, timeout)
		       : weir_read(h->c, recs, cnt, timeout);
}

static void *
consume(void *arg)
{
	struct hand *h = arg;
	struct crew *w = h->crew;
	uint64_t next = 1, delivered = 0, lost = 0;
	/* one of them in place, where producers would write */
	bool in_view = (w->flags & WEIR_GATE) && h->me % 2;
	weir_record recs[4];
	int n;

	while (!kit_get(w->last) || next <= kit_get(w->last)) {
		n = next % 3 ? take(h, recs, 4, 10 * KIT_S, in_view)
			     : weir_wait(&h->c, 1, 10 * KIT_S, NULL);
		NEVER(n <= 0);
		if (next % 3 == 0)
			n = take(h, recs, 2, 0, in_view);
		NEVER(n <= 0);
		for (int i = 0; i < n; i++) {
			lost += recs[i].lost;
			NEVER(recs[i].seq != next + recs[i].lost);
			next = recs[i].seq + 1;
			delivered++;
			NEVER(
			    !kit_rec_ok(recs[i].data, recs[i].len, NULL, NULL));
			NEVER(!kit_same(w->log, all(w) + 1, recs[i].seq,
					kit_digest(&recs[i])));
		}
		NEVER(in_view && weir_release(h->c, next - 1) != 0);
	}
	NEVER(delivered + lost != all(w));
	NEVER((w->flags & WEIR_GATE) && lost);
	return NULL;
}

static void
run(struct crew w)
{
	weir_store *st = tmpstore_new(NULL);
	weir_channel *ch =
	    w.slots
		? kit_channel(st, "c", w.overflow, w.producers, w.slots)
		: kit_channel_of_short_lanes(st, "c", w.overflow, w.producers);
	size_t len = (all(&w) + 1) * 8;
	struct hand p[MOST], c[MOST];
	uint8_t buf[64];
	weir_producer *end;
	char id[8];

	w.log = kit_shared(len);
	w.last = kit_shared(8);
	for (uint32_t i = 0; i < MOST; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		c[i] = (struct hand){
		    .crew = &w,
		    .me = i,
		    .c = kit_consumer(ch, id, w.flags, WEIR_FROM_SEQ)};
	}
	for (uint32_t i = 0; i < producer_cnt(&w); i++) {
		snprintf(id, sizeof(id), "p%u", i);
		p[i] = (struct hand){
		    .crew = &w, .me = i, .p = kit_producer(ch, id, -1)};
		CU_ASSERT_FATAL(
		    pthread_create(&p[i].thread, NULL, produce, &p[i]) == 0);
	}
	for (uint32_t i = 0; i < MOST; i++)
		CU_ASSERT_FATAL(
		    pthread_create(&c[i].thread, NULL, consume, &c[i]) == 0);
	for (uint32_t i = 0; i < producer_cnt(&w); i++)
		pthread_join(p[i].thread, NULL);
	for (uint32_t i = 0; i < producer_cnt(&w); i++)
		weir_producer_close(p[i].p);
	end = kit_producer(ch, "end", -1);
	kit_set(w.last, all(&w));
	CU_ASSERT_EQUAL(weir_publish(end, buf, kit_rec(buf, 9, 1, 40), NULL),
			(int64_t)all(&w));
	for (uint32_t i = 0; i < MOST; i++)
		pthread_join(c[i].thread, NULL);
	CU_ASSERT_EQUAL(w.failures, 0);
	weir_store_close(st);
	kit_unshared(w.log, len);
	kit_unshared(w.last, 8);
}

static uint64_t
amount(uint64_t n)
{
	return t_torture() ? n * 100 : n;
}

static void
threads_shared_overwrite(void)
{
	run((struct crew){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_SHARED,
			  .slots = 8,
			  .each = amount(3000)});
}

static void
threads_exclusive_overwrite(void)
{
	run((struct crew){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_EXCLUSIVE,
			  .slots = 8,
			  .each = amount(6000)});
}

static void
threads_shared_block(void)
{
	run((struct crew){.overflow = WEIR_BLOCK,
			  .producers = WEIR_SHARED,
			  .flags = WEIR_GATE,
			  .slots = 8,
			  .each = amount(1000)});
}

static void
threads_exclusive_block(void)
{
	run((struct crew){.overflow = WEIR_BLOCK,
			  .producers = WEIR_EXCLUSIVE,
			  .flags = WEIR_GATE,
			  .slots = 8,
			  .each = amount(2000)});
}

static void
threads_short_lanes(void)
{
	for (uint32_t producers = WEIR_SHARED; producers <= WEIR_EXCLUSIVE;
	     producers++) {
		run((struct crew){.overflow = WEIR_OVERWRITE,
				  .producers = producers,
				  .each = amount(3000)});
		run((struct crew){.overflow = WEIR_BLOCK,
				  .producers = producers,
				  .flags = WEIR_GATE,
				  .each = amount(1000)});
	}
}

/* ---- opening and closing
 * ----------------------------------------------------------- */

struct closer {
	struct crew *crew;
	pthread_mutex_t m;
	pthread_cond_t cond;
	weir_producer *p;
	weir_consumer *c;
	bool over;
};

/* Closes what another thread opens. */
static void *
close_all(void *arg)
{
	struct closer *k = arg;

	pthread_mutex_lock(&k->m);
	while (!k->over || k->p || k->c) {
		weir_producer *p = k->p;
		weir_consumer *c = k->c;

		k->p = NULL;
		k->c = NULL;
		pthread_cond_signal(&k->cond);
		if (!p && !c) {
			pthread_cond_wait(&k->cond, &k->m);
			continue;
		}
		pthread_mutex_unlock(&k->m);
		weir_producer_close(p);
		weir_consumer_close(c);
		pthread_mutex_lock(&k->m);
	}
	pthread_mutex_unlock(&k->m);
	return NULL;
}

static void
threads_close_what_others_opened(void)
{
	struct closer k = {.m = PTHREAD_MUTEX_INITIALIZER,
			   .cond = PTHREAD_COND_INITIALIZER};
	weir_store *st = tmpstore_new(NULL);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	uint8_t buf[64];
	pthread_t t;
	char id[16];

	CU_ASSERT_FATAL(pthread_create(&t, NULL, close_all, &k) == 0);
	for (int i = 0; i < (t_torture() ? 20000 : 300); i++) {
		weir_producer *p;
		weir_consumer *c;

		snprintf(id, sizeof(id), "i%d", i % 4);
		/* the last of this name was handed over four rounds ago */
		while (weir_producer_open(ch, id, NULL, &p, NULL) ==
		       WEIR_EINUSE)
			proc_nap_ms(0);
		while (weir_consumer_open(ch, id, NULL, &c, NULL) ==
		       WEIR_EINUSE)
			proc_nap_ms(0);
		CU_ASSERT_FATAL(p && c);
		CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			  0);
		if (i % 5 == 0)
			CU_ASSERT(weir_fd(c) >= 0);
		pthread_mutex_lock(&k.m);
		while (k.p || k.c)
			pthread_cond_wait(&k.cond, &k.m);
		k.p = p;
		k.c = c;
		pthread_cond_signal(&k.cond);
		pthread_mutex_unlock(&k.m);
	}
	pthread_mutex_lock(&k.m);
	k.over = true;
	pthread_cond_signal(&k.cond);
	pthread_mutex_unlock(&k.m);
	pthread_join(t, NULL);
	weir_store_close(st);
}

struct visitor {
	struct crew *crew;
	const char *store;
	unsigned me;
	uint64_t *stop;
	uint64_t rounds;
	pthread_t thread;
};

/* The whole way, from the store on, in each thread. */
static void *
visit(void *arg)
{
	struct visitor *h = arg;
	uint8_t buf[64];
	weir_record rec;
	char id[16];

	snprintf(id, sizeof(id), "v%u", h->me);
	for (; !kit_get(h->stop); h->rounds++) {
		weir_store_opts o = {.size = sizeof(o)};
		weir_producer *p = NULL;
		weir_consumer *c = NULL;
		weir_channel *ch = NULL;
		weir_store *st = NULL;

		NEVER(weir_store_open(h->store, &o, &st, NULL) != 0);
		NEVER(weir_channel_open(st, "c", NULL, &ch, NULL) != 0);
		NEVER(weir_consumer_open(ch, id, NULL, &c, NULL) != 0);
		NEVER(weir_producer_open(ch, id, NULL, &p, NULL) != 0);
		NEVER(weir_publish(p, buf, kit_rec(buf, h->me, 1, 40), NULL) <=
		      0);
		NEVER(weir_read(c, &rec, 1, 10 * KIT_S) != 1);
		NEVER(!kit_rec_ok(rec.data, rec.len, NULL, NULL));
		if (h->rounds % 4 == 0)
			NEVER(weir_fd(c) < 0);
		weir_store_close(st);
	}
	return NULL;
}

static int
child(struct proc *me, void *arg)
{
	weir_store *st = kit_store(arg);
	weir_channel *ch = kit_channel_find(st, "c");
	weir_producer *p = kit_producer(ch, "child", 0);
	uint8_t buf[64];

	(void)me;
	proc_check(weir_publish(p, buf, kit_rec(buf, 7, 1, 40), NULL) > 0);
	weir_store_close(st);
	return 0;
}

/* No lock is left taken in the child, and no life is taken along. */
static void
threads_fork_while_others_open(void)
{
	struct crew crew = {.failures = 0};
	struct visitor v[MOST];
	const char *name;
	weir_store *st = tmpstore_new(&name);
	uint64_t *stop = kit_shared(8);
	struct proc p;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	kit_channel(st, "c", 0, WEIR_SHARED, 16);
	for (unsigned i = 0; i < MOST; i++) {
		v[i] = (struct visitor){
		    .crew = &crew, .store = name, .me = i, .stop = stop};
		CU_ASSERT_FATAL(
		    pthread_create(&v[i].thread, NULL, visit, &v[i]) == 0);
	}
	for (int i = 0; i < (t_torture() ? 5000 : 60); i++) {
		CU_ASSERT_FATAL(
		    proc_start(&p, child, (void *)(uintptr_t)name) == 0);
		CU_ASSERT_EQUAL(proc_wait(&p), 0);
	}
	kit_set(stop, 1);
	for (unsigned i = 0; i < MOST; i++) {
		pthread_join(v[i].thread, NULL);
		t_log("%llu rounds\n", (unsigned long long)v[i].rounds);
	}
	CU_ASSERT_EQUAL(crew.failures, 0);
	CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	weir_store_close(st);
	kit_unshared(stop, 8);
}

SUITE("threads", TEST(threads_shared_overwrite),
      TEST(threads_exclusive_overwrite), TEST(threads_shared_block),
      TEST(threads_exclusive_block), TEST(threads_short_lanes),
      TEST(threads_close_what_others_opened),
      TEST(threads_fork_while_others_open));
