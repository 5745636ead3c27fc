/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_join.c - those who come late: the current value, then the stream, and
 * nothing between them missing or twice.
 */
#include "kit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PRODUCERS 3

struct party {
	const char *store;
	uint32_t overflow, producers, flags;
	uint64_t seed;
	uint64_t *stop;
	uint64_t *newest; /* seq that is known to be committed */
	uint64_t *log;
	unsigned me;
	unsigned joins;
};

#define LOG_CNT (1u << 22)

static void
raise_to(uint64_t *word, uint64_t v)
{
	uint64_t old = kit_get(word);

	while (old < v &&
	       !__atomic_compare_exchange_n(word, &old, v, 0, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST))
		;
}

/* Publishes; clears now and then; rests at times, so that values are found
 * in all places. */
static int
talker(struct proc *me, void *arg)
{
	struct party *t = arg;
	weir_channel *ch = kit_channel_find(kit_store(t->store), "c");
	struct rng rng = {t->seed + t->me};
	uint8_t buf[KIT_REC_MAX];
	char id[16];
	weir_producer *p;
	uint64_t no = 0;

	snprintf(id, sizeof(id), "p%u", t->me);
	p = kit_producer(ch, id, 10 * KIT_S);
	proc_tell(me, 'r');
	while (!kit_get(t->stop)) {
		int64_t seq;

		if (rng_one_in(&rng, 50))
			seq = weir_clear(p);
		else
			seq = weir_publish(
			    p, buf,
			    kit_rec(buf, t->me, ++no, rng_range(&rng, 24, 500)),
			    NULL);
		proc_check(seq >= 0);
		raise_to(t->newest, (uint64_t)seq);
		if (rng_one_in(&rng, 200))
			proc_nap_ms(1);
	}
	return 0;
}

/* One join: what comes first, and what then. */
static void
join(struct party *t, weir_channel *ch, struct rng *rng)
{
	uint64_t known = kit_get(t->newest), last = 0, value = 0;
	weir_record recs[4];
	weir_consumer *c;
	unsigned seen = 0;
	char id[16];
	int n;

	snprintf(id, sizeof(id), "c%u", t->me);
	c = kit_consumer(ch, id, t->flags, WEIR_FROM_CURRENT);
	while (seen < 12) {
		n = weir_read(c, recs, 4, 200 * KIT_MS);
		if (n == -EAGAIN)
			break; /* all rest */
		proc_check(n > 0);
		for (int i = 0; i < n; i++, seen++) {
			const weir_record *r = &recs[i];

			if (r->kind == WEIR_DATA) {
				proc_check(
				    kit_rec_ok(r->data, r->len, NULL, NULL));
				proc_check(r->seq >= LOG_CNT ||
					   kit_same(t->log, LOG_CNT, r->seq,
						    kit_digest(r)));
			}
			if (r->flags & WEIR_CURRENT) {
				/* first of all, or after a clear */
				proc_check(r->kind == WEIR_DATA);
				proc_check(r->lost == 0);
				proc_check(last == 0 || r->seq < last);
				if (last == 0)
					value = r->seq;
				continue;
			}
			proc_check(r->seq > value);
			if (last)
				proc_check(r->seq == last + 1 + r->lost);
			else /* what was known before is not missing */
				proc_check(r->seq - r->lost > known ||
					   r->seq - r->lost > value);
			if (!last)
				proc_check(r->seq - r->lost > known);
			proc_check(!(t->flags & WEIR_GATE) || r->lost == 0);
			last = r->seq;
		}
		if (rng_one_in(rng, 8))
			break;
	}
	weir_consumer_close(c);
}

static int
latecomer(struct proc *me, void *arg)
{
	struct party *t = arg;
	weir_channel *ch = kit_channel_find(kit_store(t->store), "c");
	struct rng rng = {t->seed + 100 + t->me};

	proc_tell(me, 'r');
	for (unsigned i = 0; i < t->joins; i++) {
		for (volatile uint64_t k = rng_below(&rng, 20000); k > 0; k--)
			;
		join(t, ch, &rng);
	}
	return 0;
}

/* weir_current() again and again: never backwards, never before what was
 * known when it was asked. */
static int
asker(struct proc *me, void *arg)
{
	struct party *t = arg;
	weir_channel *ch = kit_channel_find(
	    tmpstore_open(t->store, t->me % 2 ? WEIR_READ_ONLY : 0), "c");
	static uint8_t buf[1 << 20];
	uint64_t last[PRODUCERS] = {0}, got = 0, no;
	weir_record rec;
	uint32_t who;
	char id[16];

	proc_tell(me, 'r');
	while (!kit_get(t->stop)) {
		unsigned k = (unsigned)(got % PRODUCERS);
		int rc;

		snprintf(id, sizeof(id), "p%u", k);
		rc = weir_current(ch, id, buf, sizeof(buf), &rec);
		proc_check(rc == 0 || rc == -ENOENT || rc == -EAGAIN);
		got++;
		if (rc != 0)
			continue;
		proc_check(kit_rec_ok(rec.data, rec.len, &who, &no));
		proc_check(strcmp(rec.producer, id) == 0 && who == k);
		proc_check(rec.seq >= last[k]);
		last[k] = rec.seq;
		rc = weir_current(ch, NULL, buf, sizeof(buf), &rec);
		proc_check(rc == 0 || rc == -ENOENT || rc == -EAGAIN);
		if (rc == 0)
			proc_check(kit_rec_ok(rec.data, rec.len, NULL, NULL));
	}
	proc_check(got > 0);
	return 0;
}

static void
party(struct party t)
{
	struct proc p[PRODUCERS], late[2], ask[2];
	unsigned talkers = t.producers == WEIR_EXCLUSIVE ? 1 : PRODUCERS;
	weir_store *st = tmpstore_new(&t.store);
	uint64_t *mem = kit_shared(16);

	t.seed = t_seed(0x901a);
	t.stop = mem;
	t.newest = mem + 1;
	t.log = kit_shared(LOG_CNT * 8ul);
	t.joins = t_torture() ? 8000 : 100;
	kit_channel(st, "c", t.overflow, t.producers, 32);
	for (t.me = 0; t.me < talkers; t.me++) {
		CU_ASSERT_FATAL(proc_start(&p[t.me], talker, &t) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[t.me]), 'r');
	}
	for (t.me = 0; t.me < 2; t.me++) {
		CU_ASSERT_FATAL(proc_start(&ask[t.me], asker, &t) == 0);
		CU_ASSERT_EQUAL(proc_hear(&ask[t.me]), 'r');
		CU_ASSERT_FATAL(proc_start(&late[t.me], latecomer, &t) == 0);
		CU_ASSERT_EQUAL(proc_hear(&late[t.me]), 'r');
	}
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(proc_wait(&late[i]), 0);
	kit_set(t.stop, 1);
	for (unsigned i = 0; i < talkers; i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(proc_wait(&ask[i]), 0);
	t_log("%u joins in %llu records\n", 2 * t.joins,
	      (unsigned long long)*t.newest);
	weir_store_close(st);
	kit_unshared(mem, 16);
	kit_unshared(t.log, LOG_CNT * 8ul);
}

static void
join_shared_overwrite(void)
{
	party((struct party){.overflow = WEIR_OVERWRITE,
			     .producers = WEIR_SHARED});
}

static void
join_exclusive_overwrite(void)
{
	party((struct party){.overflow = WEIR_OVERWRITE,
			     .producers = WEIR_EXCLUSIVE});
}

static void
join_shared_block_gating(void)
{
	party((struct party){.overflow = WEIR_BLOCK,
			     .producers = WEIR_SHARED,
			     .flags = WEIR_GATE});
}

static void
join_exclusive_block_gating(void)
{
	party((struct party){.overflow = WEIR_BLOCK,
			     .producers = WEIR_EXCLUSIVE,
			     .flags = WEIR_GATE});
}

/* When all is quiet the value is there at once, from whoever is gone. */
static void
join_finds_the_value_of_the_dead(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_producer *p[2];
	weir_consumer *c;
	uint8_t buf[64];
	weir_record rec;

	p[0] = kit_producer(ch, "a", 0);
	p[1] = kit_producer(ch, "b", 0);
	CU_ASSERT_EQUAL(weir_publish(p[0], buf, kit_rec(buf, 0, 1, 40), NULL),
			1);
	CU_ASSERT_EQUAL(weir_publish(p[1], buf, kit_rec(buf, 1, 1, 40), NULL),
			2);
	c = kit_consumer(ch, "c", 0, WEIR_FROM_CURRENT);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT(rec.seq == 2 && rec.flags == WEIR_CURRENT);
	/* b withdraws its value, so a's is current again */
	CU_ASSERT_EQUAL(weir_clear(p[1]), 3);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT(rec.kind == WEIR_CLEAR && rec.current_seq == 1);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT(rec.seq == 1 && rec.flags == WEIR_CURRENT);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	weir_consumer_close(c);
	c = kit_consumer(ch, "c", 0, WEIR_FROM_CURRENT);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, 1);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	weir_store_close(st);
}

SUITE("join", TEST(join_shared_overwrite), TEST(join_exclusive_overwrite),
      TEST(join_shared_block_gating), TEST(join_exclusive_block_gating),
      TEST(join_finds_the_value_of_the_dead));
