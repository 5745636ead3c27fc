/* SPDX-License-Identifier: BSD-2-Clause */
#include "crowd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "figure.h"

#define LEN	 64
#define CAPACITY 256
#define SLEEP_NS 20000000 /* by then who wants to sleep does */

struct side {
	const struct bench *b;
	const struct crowd *c;
};

static weir_channel_opts
channel_opts(const struct crowd *c)
{
	return (weir_channel_opts){
	    .size = sizeof(weir_channel_opts),
	    .producers = c->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .stamps = WEIR_OFF,
	    .capacity = CAPACITY,
	    .max_producers = 1,
	    .lane_bytes = ends_lane_bytes(CAPACITY, LEN)};
}

static weir_consumer *
join(weir_channel *ch, uint32_t i, weir_from from)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.from = from,
				.spin_ns = WEIR_SPIN_SLEEPY};
	weir_consumer *c = NULL;
	weir_diag diag;
	char id[32];
	int rc;

	snprintf(id, sizeof(id), "consumer-%u", i);
	rc = weir_consumer_open(ch, id, &o, &c, &diag);
	if (rc != 0)
		bench_fail("consumer", rc, &diag);
	return c;
}

/* ---- who publishes
 * ------------------------------------------------------------------------ */

struct ends {
	weir_store *store;
	weir_channel **ch;
	weir_producer **p;
	weir_consumer *first;
};

/* Processes end by _exit(), which is how participants go, too: nothing of this
 * is closed. */
static int
gather(const struct side *x, struct ends *e)
{
	const struct crowd *c = x->c;
	weir_channel_opts o = channel_opts(c);
	char name[32];

	e->ch = calloc(c->channels, sizeof(*e->ch));
	e->p = calloc(c->channels, sizeof(*e->p));
	e->store = ends_store_for(x->b, c->channels + c->sleepers,
				  c->participants + 2);
	if (!e->ch || !e->p || !e->store)
		return -1;
	for (uint32_t i = 1; i < c->participants; i++)
		if (!ends_store(x->b, false))
			return -1;
	for (uint32_t i = 0; i < c->channels; i++) {
		snprintf(name, sizeof(name), "channel-%u", i);
		e->ch[i] = ends_channel(e->store, name, &o);
		if (e->ch[i] && (i == 0 || c->each))
			e->p[i] = ends_producer(e->ch[i], true);
		if (!e->ch[i] || (!e->p[i] && (i == 0 || c->each)))
			return -1;
	}
	e->first = join(e->ch[0], 0, WEIR_FROM_OLDEST);
	for (uint32_t i = 1; i < c->consumers; i++)
		if (!join(e->ch[0], i, WEIR_FROM_NEW))
			return -1;
	return e->first ? 0 : -1;
}

static int
publish(struct bench_sides *s, const struct crowd *c, struct ends *e)
{
	static struct bench_record r;
	struct bench_blocks blocks;
	uint32_t k = 0;
	int64_t rc;

	bench_record_init(&r, LEN);
	bench_blocks_begin(&blocks, 64);
	for (uint64_t t = 1; t <= c->n; t++) {
		bench_record_stamp(&r, t);
		rc = weir_publish(e->p[k], r.word, LEN, NULL);
		if (rc <= 0)
			return bench_fail("publish", rc, NULL);
		if (c->each && ++k == c->channels)
			k = 0;
		/* the first ones are of pages that nobody has touched */
		if (t <= 4 * CAPACITY)
			bench_blocks_begin(&blocks, 64);
		else
			bench_blocks_at(&blocks, &s->typical, t - 4 * CAPACITY,
					bench_ticks());
	}
	return 0;
}

/* All that the first channel has kept; the rest must be counted as lost. */
static int
look(struct bench_sides *s, const struct crowd *c, struct ends *e)
{
	uint64_t step = c->each ? c->channels : 1, seq = 0;
	weir_record rec;

	while (weir_read(e->first, &rec, 1, 0) == 1) {
		seq += rec.lost + 1;
		if (rec.seq != seq || rec.len != LEN ||
		    !bench_record_is(rec.data, LEN / 8, (seq - 1) * step + 1)) {
			fprintf(stderr,
				"bench: record %llu is not what was sent\n",
				(unsigned long long)rec.seq);
			return -1;
		}
		s->delivered++;
	}
	s->lost = seq - s->delivered;
	return seq == (c->n + step - 1) / step && s->delivered > 0
		   ? 0
		   : bench_fail("records are missing", 0, NULL);
}

static int
publish_side(struct bench_sides *s, void *arg)
{
	const struct side *x = arg;
	unsigned sides = x->c->sleepers ? 2 : 1;
	struct timespec nap = {.tv_nsec = SLEEP_NS};
	struct ends e = {0};
	int rc = gather(x, &e);

	bench_meet(s, sides, 1);
	bench_meet(s, sides, 2);
	if (sides > 1)
		nanosleep(&nap, NULL);
	if (rc == 0)
		rc = publish(s, x->c, &e);
	if (rc == 0)
		rc = look(s, x->c, &e);
	atomic_store(&s->stop, 1);
	return rc;
}

/* ---- who sleeps elsewhere
 * ----------------------------------------------------------------- */

/* On all its channels at once, until the store is gone; and looks now and then
 * whether it still has to. */
static int
sleep_side(struct bench_sides *s, void *arg)
{
	const struct side *x = arg;
	weir_channel_opts o = channel_opts(x->c);
	weir_consumer **cs = calloc(x->c->sleepers, sizeof(*cs));
	weir_store *st;
	char name[32];
	int rc = cs ? 0 : -1;

	bench_meet(s, 2, 1);
	st = ends_store(x->b, false);
	for (uint32_t i = 0; rc == 0 && i < x->c->sleepers; i++) {
		weir_channel *ch = NULL;

		snprintf(name, sizeof(name), "other-%u", i);
		if (st)
			ch = ends_channel(st, name, &o);
		cs[i] = ch ? join(ch, 0, WEIR_FROM_NEW) : NULL;
		rc = cs[i] ? 0 : -1;
	}
	bench_meet(s, 2, 2);
	while (rc == 0 && !atomic_load(&s->stop)) {
		rc = weir_wait(cs, (int)x->c->sleepers, 200000000, NULL);
		rc = rc == -EAGAIN ? 0 : bench_fail("wait", rc, NULL);
	}
	return rc;
}

/* ---- figures
 * ----------------------------------------------------------------------------
 */

int
crowd_measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	const struct crowd *c = arg;
	struct side x = {b, c};
	bench_side *sides[2] = {publish_side, sleep_side};
	void *args[2] = {&x, &x};
	int rc = bench_together(b, s, c->sleepers ? 2 : 1, sides, args);

	return ends_clean(b) != 0 ? -1 : rc;
}

int
crowd_figure(const struct bench *b, struct bench_sides *s, const char *bench,
	     const char *title, struct crowd c)
{
	struct crowd alone = {.exclusive = c.exclusive,
			      .consumers = 1,
			      .channels = 1,
			      .participants = 1};
	char params[256];
	struct figure f = {.bench = bench,
			   .title = title,
			   .params = params,
			   .what = {"crowd", crowd_measure, &c},
			   .floor = {"alone", crowd_measure, &alone}};

	c.n = alone.n = b->quick ? 16384 : 65536;
	snprintf(params, sizeof(params),
		 "\"producers\":\"%s\",\"consumers\":%u,\"channels\":%u,"
		 "\"each\":%s,\"participants\":%u,\"sleepers\":%u,\"bytes\":%d",
		 c.exclusive ? "exclusive" : "shared", c.consumers, c.channels,
		 c.each ? "true" : "false", c.participants, c.sleepers, LEN);
	return figure_run(b, s, &f);
}
