/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fan-out: what a publish costs with many consumers that have read everything
 * and do not sleep, against one; and how fast a stream is that 1, 2, 4 and 8
 * processes read at once.
 */
#include <errno.h>
#include <stdio.h>

#include "crowd.h"
#include "ends.h"
#include "figure.h"
#include "floors.h"

#define LEN	 64
#define BATCH	 16
#define CAPACITY 4096
#define READERS	 8

struct fan {
	const struct bench *b;
	bool exclusive;
	unsigned readers;
	uint64_t n;
};

static weir_channel_opts
channel_opts(const struct fan *x)
{
	return (weir_channel_opts){
	    .size = sizeof(weir_channel_opts),
	    .overflow = WEIR_BLOCK,
	    .producers = x->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .stamps = WEIR_OFF,
	    .capacity = CAPACITY,
	    .max_producers = 1,
	    .lane_bytes = ends_lane_bytes(CAPACITY, LEN)};
}

static int
publish_side(struct bench_sides *s, void *arg)
{
	const struct fan *x = arg;
	weir_channel_opts o = channel_opts(x);
	static struct bench_record recs[BATCH];
	struct iovec io[BATCH];
	weir_store *st = ends_store(x->b, true);
	weir_channel *ch = st ? ends_channel(st, "fan", &o) : NULL;
	weir_producer *p = ch ? ends_producer(ch, true) : NULL;
	int rc = p ? 0 : -1;

	for (int i = 0; i < BATCH; i++) {
		bench_record_init(&recs[i], LEN);
		io[i] = (struct iovec){recs[i].word, LEN};
	}
	bench_meet(s, x->readers + 1, 1);
	bench_meet(s, x->readers + 1, 2);
	for (uint64_t t = 0; rc == 0 && t < x->n; t += BATCH) {
		int64_t last;

		for (uint32_t i = 0; i < BATCH; i++)
			bench_record_stamp(&recs[i], t + 1 + i);
		last = weir_publish_batch(p, io, BATCH, NULL);
		if (last != (int64_t)t + BATCH)
			rc = bench_fail("publish", last, NULL);
	}
	return rc;
}

/* Each has all of them; the first is timed. */
static int
read_side(struct bench_sides *s, const struct fan *x, unsigned me)
{
	weir_channel_opts o = channel_opts(x);
	weir_consumer_opts co = {.size = sizeof(co), .flags = WEIR_GATE};
	struct bench_blocks blocks;
	weir_record recs[64];
	weir_consumer *c = NULL;
	uint64_t seq = 0, begin;
	weir_channel *ch = NULL;
	weir_store *st;
	char id[32];
	int rc = -1, n;

	bench_meet(s, x->readers + 1, 1);
	snprintf(id, sizeof(id), "reader-%u", me);
	st = ends_store(x->b, false);
	if (st)
		ch = ends_channel(st, "fan", &o);
	if (ch)
		rc = weir_consumer_open(ch, id, &co, &c, NULL);
	bench_meet(s, x->readers + 1, 2);
	if (rc != 0)
		return bench_fail("consumer", rc, NULL);
	begin = bench_ticks();
	bench_blocks_begin(&blocks, bench_block(LEN));
	while (seq < x->n) {
		/* more readers than processors: who has nothing must sleep */
		n = weir_read(c, recs, 64, -1);
		if (n < 0)
			return bench_fail("read", n, NULL);
		for (int i = 0; i < n; i++) {
			const weir_record *r = &recs[i];

			if (r->seq != ++seq || r->lost || r->len != LEN ||
			    !bench_record_is(r->data, LEN / 8, seq)) {
				fprintf(stderr,
					"bench: record %llu is not what was "
					"sent\n",
					(unsigned long long)r->seq);
				return -1;
			}
		}
		if (me == 0) {
			s->delivered = seq;
			bench_stream_at(&blocks, s, seq);
		}
	}
	if (me == 0)
		s->ticks = bench_ticks() - begin;
	return 0;
}

struct reader {
	const struct fan *x;
	unsigned me;
};

static int
reader_side(struct bench_sides *s, void *arg)
{
	const struct reader *r = arg;

	return read_side(s, r->x, r->me);
}

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	struct fan x = *(const struct fan *)arg;
	bench_side *sides[READERS + 1] = {publish_side};
	struct reader readers[READERS];
	void *args[READERS + 1] = {&x};
	int rc;

	x.b = b;
	/* the other processor first, then both in turn */
	for (unsigned i = 0; i < x.readers; i++) {
		readers[i] = (struct reader){&x, i};
		sides[i + 1] = reader_side;
		args[i + 1] = &readers[i];
	}
	rc = bench_together(b, s, (int)x.readers + 1, sides, args);
	return ends_clean(b) != 0 ? -1 : rc;
}

static int
read_by(const struct bench *b, struct bench_sides *s, struct fan x)
{
	struct fan one = x;
	char title[64], params[128];
	struct figure f = {.bench = "fanout",
			   .title = title,
			   .params = params,
			   .is_rate = true,
			   .what = {"weir", measure, &x},
			   .floor = {"one reader", measure, &one}};

	one.readers = 1;
	x.n = one.n = (b->quick ? 4u : 16u) * 16384;
	snprintf(title, sizeof(title), "%s read by %u",
		 x.exclusive ? "exclusive" : "shared", x.readers);
	snprintf(params, sizeof(params),
		 "\"producers\":\"%s\",\"consumers\":%u,\"bytes\":%d,"
		 "\"batch\":%d",
		 x.exclusive ? "exclusive" : "shared", x.readers, LEN, BATCH);
	return figure_run(b, s, &f);
}

int
bench_run(struct bench *b)
{
	static const uint32_t idle[] = {2, 8, 64};
	static const unsigned busy[] = {2, 4, 8};
	struct bench_sides *s = bench_shared(sizeof(*s));
	char title[64];
	int rc = 0;

	for (int k = 0; rc == 0 && k < 2; k++) {
		for (int i = 0; rc == 0 && i < 3; i++) {
			struct crowd c = {.exclusive = !k,
					  .consumers = idle[i],
					  .channels = 1,
					  .participants = 1};

			snprintf(title, sizeof(title),
				 "%s publish, %u consumers",
				 k ? "shared" : "exclusive", idle[i]);
			rc = crowd_figure(b, s, "fanout", title, c);
		}
		for (int i = 0; rc == 0 && i < 3; i++)
			rc = read_by(
			    b, s,
			    (struct fan){.exclusive = !k, .readers = busy[i]});
	}
	return rc;
}
