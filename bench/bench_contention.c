/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Contention: two producers, and four, on one shared channel at once, against
 * one.  What is told is the time per record of all of them together: 1.5 times
 * that of one is two thirds of its rate.  Nobody takes the records from them
 * meanwhile, but each record that the ring has kept is looked at afterwards:
 * whole, and each producer's own in their order.
 */
#include <errno.h>
#include <stdio.h>

#include "ends.h"
#include "figure.h"

#define LEN	 64
#define CAPACITY 16384
#define MOST	 4
#define WARM	 CAPACITY /* records of each that do not count */

struct crush {
	unsigned producers;
	uint32_t n; /* records of each */
};

struct side {
	const struct bench *b;
	const struct crush *x;
	unsigned me;
};

static weir_channel_opts
channel_opts(void)
{
	return (weir_channel_opts){.size = sizeof(weir_channel_opts),
				   .producers = WEIR_SHARED,
				   .stamps = WEIR_OFF,
				   .capacity = CAPACITY,
				   .max_producers = MOST,
				   .lane_bytes =
				       ends_lane_bytes(CAPACITY, LEN)};
}

/* Records say whose they are: producer @me has the numbers from
 * me * n + 1 on. */
static int
publish(struct bench_sides *s, const struct side *side, weir_channel *ch)
{
	weir_producer_opts o = {.size = sizeof(o), .flags = WEIR_TRUSTED};
	const uint64_t n = side->x->n, from = side->me * n;
	static struct bench_record r;
	weir_producer *p = NULL;
	uint64_t begin = 0;
	int64_t rc;
	char id[32];

	snprintf(id, sizeof(id), "producer-%u", side->me);
	rc = weir_producer_open(ch, id, &o, &p, NULL);
	bench_record_init(&r, LEN);
	if (rc != 0)
		return bench_fail("producer", rc, NULL);
	for (uint64_t t = 1; t <= n; t++) {
		/* the first ones are of pages that nobody has touched */
		if (t == WARM + 1) {
			bench_meet(s, side->x->producers, 2);
			begin = bench_ticks();
		}
		bench_record_stamp(&r, from + t);
		rc = weir_publish(p, r.word, LEN, NULL);
		if (rc <= 0)
			return bench_fail("publish", rc, NULL);
	}
	/* all of them, until the last has done */
	bench_meet(s, side->x->producers, 3);
	if (side->me == 0) {
		uint64_t took = bench_ticks() - begin;

		hist_add(&s->typical,
			 took * BENCH_SCALE / (n * side->x->producers));
		s->ticks = took;
	}
	return 0;
}

static int
look(struct bench_sides *s, const struct crush *x, weir_channel *ch)
{
	weir_consumer *c = ends_consumer(ch, 0, 0);
	uint64_t next[MOST] = {0}, seq = 0;
	weir_record rec;

	while (c && weir_read(c, &rec, 1, 0) == 1) {
		uint64_t t, who;

		/* it came late: what had left the ring by then is lost */
		seq = seq ? seq + rec.lost + 1 : rec.seq;
		memcpy(&t, (const char *)rec.data + 8, 8);
		who = (t - 1) / x->n;
		if (rec.seq != seq || rec.len != LEN || who >= x->producers ||
		    !bench_record_is(rec.data, LEN / 8, t) || t < next[who])
			return bench_fail("a record is not what was sent", 0,
					  NULL);
		next[who] = t + 1;
		s->delivered++;
	}
	s->lost = seq - s->delivered;
	for (unsigned i = 0; i < x->producers; i++)
		if (next[i] && next[i] != (i + 1) * (uint64_t)x->n + 1)
			return bench_fail("the last record is missing", 0,
					  NULL);
	return seq == (uint64_t)x->n * x->producers && s->delivered
		   ? 0
		   : bench_fail("records are missing", 0, NULL);
}

static int
producer_side(struct bench_sides *s, void *arg)
{
	const struct side *side = arg;
	weir_channel_opts o = channel_opts();
	weir_channel *ch = NULL;
	weir_store *st = NULL;
	int rc = -1;

	if (side->me == 0)
		st = ends_store(side->b, true);
	bench_meet(s, side->x->producers, 1);
	if (side->me != 0)
		st = ends_store(side->b, false);
	if (st)
		ch = ends_channel(st, "crush", &o);
	if (ch)
		rc = publish(s, side, ch);
	if (rc == 0 && side->me == 0)
		rc = look(s, side->x, ch);
	weir_store_close(st);
	return rc;
}

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	const struct crush *x = arg;
	bench_side *sides[MOST];
	struct side side[MOST];
	void *args[MOST];
	int rc;

	for (unsigned i = 0; i < x->producers; i++) {
		side[i] = (struct side){b, x, i};
		sides[i] = producer_side;
		args[i] = &side[i];
	}
	rc = bench_together(b, s, (int)x->producers, sides, args);
	return ends_clean(b) != 0 ? -1 : rc;
}

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	int rc = 0;

	for (unsigned k = 2; rc == 0 && k <= MOST; k += 2) {
		struct crush x = {k, b->quick ? 50000 : 200000}, one = {1, x.n};
		char title[64], params[96];
		struct figure f = {.bench = "contention",
				   .title = title,
				   .params = params,
				   .what = {"weir", measure, &x},
				   .floor = {"one producer", measure, &one}};

		snprintf(title, sizeof(title), "%u producers at once", k);
		snprintf(params, sizeof(params),
			 "\"publishing\":%u,\"bytes\":%d,\"capacity\":%d", k,
			 LEN, CAPACITY);
		rc = figure_run(b, s, &f);
	}
	return rc;
}
