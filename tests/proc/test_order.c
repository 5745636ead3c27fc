/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_order.c - several producers, several consumers, one order.
 *
 * Each consumer notes what it saw under each seq in memory that all share,
 * so two that saw different things under one number meet there, whatever
 * each of them has lost.
 */
#include "kit.h"

#include <stdio.h>
#include <string.h>

#define PRODUCERS 3
#define CONSUMERS 4

struct race {
	const char *store;
	uint32_t overflow, producers;
	uint32_t flags; /* of the consumers */
	bool short_lanes;
	unsigned each; /* records per producer */
	uint64_t seed;
	uint64_t *log;	/* [all + 2] */
	uint64_t *last; /* seq of the very last record, 0: not there yet */
	unsigned me;
};

static unsigned
producer_cnt(const struct race *r)
{
	return r->producers == WEIR_EXCLUSIVE ? 1 : PRODUCERS;
}

static uint64_t
all(const struct race *r)
{
	return (uint64_t)producer_cnt(r) * r->each;
}

static int
produce(struct proc *me, void *arg)
{
	struct race *r = arg;
	weir_channel *ch = kit_channel_find(kit_store(r->store), "c");
	struct rng rng = {r->seed + r->me};
	uint8_t buf[KIT_REC_MAX];
	char id[16];
	weir_producer *p;

	snprintf(id, sizeof(id), "p%u", r->me);
	p = kit_producer(ch, id, -1);
	proc_tell(me, 'r');
	proc_check(proc_hear(me) == 'g');
	for (unsigned i = 1; i <= r->each; i++) {
		size_t len = rng_one_in(&rng, 4) ? rng_range(&rng, 24, 1400)
						 : rng_range(&rng, 24, 90);
		int64_t seq =
		    weir_publish(p, buf, kit_rec(buf, r->me, i, len), NULL);

		proc_check(seq > 0);
		if (rng_one_in(&rng, 500))
			proc_nap_ms(1);
	}
	return 0;
}

/* Read until the last record; everything adds up. */
static int
consume(struct proc *me, void *arg)
{
	struct race *r = arg;
	weir_channel *ch = kit_channel_find(kit_store(r->store), "c");
	uint64_t next = 1, delivered = 0, lost = 0, no, nos[PRODUCERS + 1];
	weir_consumer_info info = {.size = sizeof(info)};
	weir_record recs[8];
	weir_consumer *c;
	uint32_t who;
	char id[16];
	int n;

	snprintf(id, sizeof(id), "c%u", r->me);
	c = kit_consumer(ch, id, r->flags, WEIR_FROM_SEQ);
	for (unsigned i = 0; i <= PRODUCERS; i++)
		nos[i] = 0;
	proc_tell(me, 'r');
	while (!kit_get(r->last) || next <= kit_get(r->last)) {
		n = weir_read(c, recs, 1 + (int)(next % 8), 10 * KIT_S);
		proc_check(n > 0);
		for (int i = 0; i < n; i++) {
			lost += recs[i].lost;
			proc_check(recs[i].seq == next + recs[i].lost);
			next = recs[i].seq + 1;
			delivered++;
			proc_check(
			    kit_rec_ok(recs[i].data, recs[i].len, &who, &no));
			proc_check(who <= PRODUCERS && no > nos[who]);
			proc_check(lost || no == nos[who] + 1);
			nos[who] = no;
			snprintf(id, sizeof(id), "p%u", who);
			proc_check(strcmp(recs[i].producer, id) == 0);
			proc_check(kit_same(r->log, all(r) + 2, recs[i].seq,
					    kit_digest(&recs[i])));
		}
	}
	proc_check(delivered + lost == all(r) + 1);
	proc_check(!(r->flags & WEIR_GATE) || lost == 0);
	proc_check(weir_consumer_stat(c, &info) == 0);
	proc_check(info.delivered == delivered && info.lost == lost);
	proc_send(me, delivered);
	proc_send(me, lost);
	weir_consumer_close(c);
	return 0;
}

static void
run(struct race r)
{
	struct proc p[PRODUCERS], c[CONSUMERS];
	size_t len = (size_t)(all(&r) + 2) * 8;
	uint8_t buf[KIT_REC_MAX];
	uint64_t delivered, lost;
	weir_producer *end;
	weir_channel *ch;
	weir_store *st;
	int64_t seq;

	r.seed = t_seed(0x0dde5);
	r.log = kit_shared(len);
	r.last = kit_shared(8);
	st = tmpstore_new(&r.store);
	ch = r.short_lanes
		 ? kit_channel_of_short_lanes(st, "c", r.overflow, r.producers)
		 : kit_channel(st, "c", r.overflow, r.producers, 64);
	for (r.me = 0; r.me < CONSUMERS; r.me++)
		CU_ASSERT_FATAL(proc_start(&c[r.me], consume, &r) == 0);
	for (r.me = 0; r.me < producer_cnt(&r); r.me++)
		CU_ASSERT_FATAL(proc_start(&p[r.me], produce, &r) == 0);
	for (unsigned i = 0; i < CONSUMERS; i++)
		CU_ASSERT_EQUAL(proc_hear(&c[i]), 'r');
	for (unsigned i = 0; i < producer_cnt(&r); i++)
		CU_ASSERT_EQUAL(proc_hear(&p[i]), 'r');
	for (unsigned i = 0; i < producer_cnt(&r); i++)
		proc_tell(&p[i], 'g');
	for (unsigned i = 0; i < producer_cnt(&r); i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	/* one more, so that everybody learns what it lost before */
	snprintf((char *)buf, 16, "p%u", PRODUCERS);
	end = kit_producer(ch, (char *)buf, -1);
	kit_set(r.last, all(&r) + 1);
	seq = weir_publish(end, buf, kit_rec(buf, PRODUCERS, 1, 40), NULL);
	CU_ASSERT_EQUAL(seq, (int64_t)all(&r) + 1);
	for (unsigned i = 0; i < CONSUMERS; i++) {
		delivered = lost = 0;
		proc_recv(&c[i], &delivered);
		proc_recv(&c[i], &lost);
		t_log("consumer %u: %llu delivered, %llu lost\n", i,
		      (unsigned long long)delivered, (unsigned long long)lost);
		CU_ASSERT_EQUAL(proc_wait(&c[i]), 0);
	}
	weir_store_close(st);
	kit_unshared(r.log, len);
	kit_unshared(r.last, 8);
}

static unsigned
amount(unsigned n)
{
	return t_torture() ? n * 50 : n;
}

static void
order_shared_overwrite_is_one(void)
{
	run((struct race){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_SHARED,
			  .each = amount(20000)});
}

static void
order_shared_block_is_one_and_nothing_lost(void)
{
	run((struct race){.overflow = WEIR_BLOCK,
			  .producers = WEIR_SHARED,
			  .flags = WEIR_GATE,
			  .each = amount(4000)});
}

static void
order_shared_block_of_onlookers_is_one(void)
{
	run((struct race){.overflow = WEIR_BLOCK,
			  .producers = WEIR_SHARED,
			  .each = amount(10000)});
}

static void
order_exclusive_overwrite_is_one(void)
{
	run((struct race){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_EXCLUSIVE,
			  .each = amount(60000)});
}

static void
order_exclusive_block_is_one_and_nothing_lost(void)
{
	run((struct race){.overflow = WEIR_BLOCK,
			  .producers = WEIR_EXCLUSIVE,
			  .flags = WEIR_GATE,
			  .each = amount(12000)});
}

/* The bytes are overwritten while the order ring still names them. */
static void
order_short_lanes_overwrite(void)
{
	run((struct race){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_SHARED,
			  .short_lanes = true,
			  .each = amount(15000)});
	run((struct race){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_EXCLUSIVE,
			  .short_lanes = true,
			  .each = amount(30000)});
}

static void
order_short_lanes_block(void)
{
	run((struct race){.overflow = WEIR_BLOCK,
			  .producers = WEIR_SHARED,
			  .flags = WEIR_GATE,
			  .short_lanes = true,
			  .each = amount(4000)});
	run((struct race){.overflow = WEIR_BLOCK,
			  .producers = WEIR_EXCLUSIVE,
			  .flags = WEIR_GATE,
			  .short_lanes = true,
			  .each = amount(8000)});
}

SUITE("order", TEST(order_shared_overwrite_is_one),
      TEST(order_shared_block_is_one_and_nothing_lost),
      TEST(order_shared_block_of_onlookers_is_one),
      TEST(order_exclusive_overwrite_is_one),
      TEST(order_exclusive_block_is_one_and_nothing_lost),
      TEST(order_short_lanes_overwrite), TEST(order_short_lanes_block));
