/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Round trips: a record goes to another process through one channel, and one
 * comes back through a second.
 */
#include <errno.h>
#include <stdio.h>

#include "ends.h"
#include "figure.h"
#include "floors.h"

struct trip {
	bool exclusive, blocks, stamps, defaults;
	uint32_t len, n;
};

struct side {
	const struct bench *b;
	const struct trip *t;
	bool leads;
};

struct ends {
	weir_store *store;
	weir_channel *to_ch, *from_ch;
	weir_producer *to;
	weir_consumer *from;
};

#define CAPACITY 64 /* a ring that stays in the nearest cache */

static weir_channel_opts
channel_opts(const struct trip *t)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .producers =
				   t->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
			       .stamps = t->stamps ? WEIR_ON : WEIR_OFF};

	if (!t->defaults) {
		o.capacity = CAPACITY;
		o.lane_bytes = ends_lane_bytes(CAPACITY, t->len);
	}
	return o;
}

static int
open_ends(struct bench_sides *s, const struct side *x, struct ends *e)
{
	weir_channel_opts o = channel_opts(x->t);

	*e = (struct ends){0};
	if (!x->leads)
		bench_meet(s, 2, 1);
	e->store = ends_store(x->b, x->leads);
	if (e->store) {
		e->to_ch = ends_channel(e->store, x->leads ? "to" : "from", &o);
		e->from_ch =
		    ends_channel(e->store, x->leads ? "from" : "to", &o);
	}
	if (e->to_ch && e->from_ch) {
		e->to = ends_producer(e->to_ch, true);
		e->from = ends_consumer(e->from_ch, 0, x->t->blocks ? -1 : 0);
	}
	if (x->leads)
		bench_meet(s, 2, 1);
	bench_meet(s, 2, 2);
	return e->to && e->from ? 0 : -1;
}

static void
close_ends(struct ends *e)
{
	weir_consumer_close(e->from);
	weir_producer_close(e->to);
	weir_channel_close(e->to_ch);
	weir_channel_close(e->from_ch);
	weir_store_close(e->store);
}

static inline int
send_one(struct ends *e, struct bench_record *r, uint64_t t, uint32_t len)
{
	int64_t rc;

	bench_record_stamp(r, t);
	rc = weir_publish(e->to, r->word, len, NULL);
	return rc == (int64_t)t ? 0 : bench_fail("publish", rc, NULL);
}

static inline int
receive_one(struct ends *e, uint64_t t, uint32_t len, int64_t timeout_ns)
{
	weir_record rec;
	int rc;

	while ((rc = weir_read(e->from, &rec, 1, timeout_ns)) == -EAGAIN)
		;
	if (rc != 1)
		return bench_fail("read", rc, NULL);
	if (rec.seq != t || rec.lost || rec.len != len ||
	    !bench_record_is(rec.data, len / 8, t)) {
		fprintf(stderr, "bench: record %llu is not what was sent\n",
			(unsigned long long)t);
		return -1;
	}
	return 0;
}

static int
poll_trips(struct bench_sides *s, const struct side *x, struct ends *e,
	   struct bench_record *r)
{
	struct bench_trips trips = {.warm = x->t->n / 10};
	int rc = 0;

	for (uint64_t t = 1; rc == 0 && t <= x->t->n; t++) {
		if (!x->leads) {
			rc = receive_one(e, t, x->t->len, 0);
			if (rc == 0)
				rc = send_one(e, r, t, x->t->len);
			continue;
		}
		rc = send_one(e, r, t, x->t->len);
		bench_trips_sent(&trips, s, t);
		if (rc == 0)
			rc = receive_one(e, t, x->t->len, 0);
	}
	return rc;
}

static int
block_trips(struct bench_sides *s, const struct side *x, struct ends *e,
	    struct bench_record *r)
{
	uint64_t think, begin, took;
	int rc = 0;

	for (uint64_t t = 1; rc == 0 && t <= x->t->n; t++) {
		if (!x->leads)
			rc = receive_one(e, t, x->t->len, -1);
		think = bench_think();
		begin = bench_ticks();
		if (rc == 0)
			rc = send_one(e, r, t, x->t->len);
		if (!x->leads || rc != 0)
			continue;
		rc = receive_one(e, t, x->t->len, -1);
		took = bench_ticks() - begin;
		if (t > x->t->n / 10)
			bench_trips_took(s, took > think ? took - think : 0);
	}
	return rc;
}

static int
trip_side(struct bench_sides *s, void *arg)
{
	const struct side *x = arg;
	static struct bench_record r;
	struct ends e;
	int rc = open_ends(s, x, &e);

	bench_record_init(&r, x->t->len);
	if (rc == 0)
		rc = x->t->blocks ? block_trips(s, x, &e, &r)
				  : poll_trips(s, x, &e, &r);
	close_ends(&e);
	return rc;
}

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	struct side x[2] = {{b, arg, true}, {b, arg, false}};
	bench_side *sides[2] = {trip_side, trip_side};
	void *args[2] = {&x[0], &x[1]};
	int rc = bench_together(b, s, 2, sides, args);

	return ends_clean(b) != 0 ? -1 : rc;
}

static int
figure(const struct bench *b, struct bench_sides *s, struct trip t)
{
	const char *producers = t.exclusive ? "exclusive" : "shared";
	const char *wait = t.blocks ? "blocking" : "polling";
	weir_channel_opts o = channel_opts(&t);
	char title[96], params[256];
	struct figure f = {.bench = "latency",
			   .title = title,
			   .params = params,
			   .what = {"weir", measure, &t}};

	t.n = t.blocks ? (b->quick ? 300 : 1000) : (b->quick ? 20000 : 40000);
	if (t.blocks)
		f.floor = floor_futex;
	else
		f.floor = t.len == 64 ? floor_message_64 : floor_message_1k;
	snprintf(title, sizeof(title), "%s %s %u B stamps %s%s", producers,
		 wait, t.len, t.stamps ? "on" : "off",
		 t.defaults ? " defaults" : "");
	snprintf(params, sizeof(params),
		 "\"producers\":\"%s\",\"wait\":\"%s\",\"bytes\":%u,"
		 "\"stamps\":%s,\"capacity\":%u,\"lane_bytes\":%llu",
		 producers, wait, t.len, t.stamps ? "true" : "false",
		 o.capacity ? o.capacity : 256,
		 (unsigned long long)o.lane_bytes);
	return figure_run(b, s, &f);
}

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	int rc = 0;

	for (int i = 0; rc == 0 && i < 16; i++)
		rc = figure(b, s,
			    (struct trip){.exclusive = !(i & 1),
					  .len = i & 2 ? 1024 : 64,
					  .stamps = i & 4,
					  .blocks = i & 8});
	for (int i = 0; rc == 0 && i < 2; i++)
		rc = figure(b, s,
			    (struct trip){.exclusive = !i,
					  .len = 64,
					  .stamps = true,
					  .defaults = true});
	return rc;
}
