/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Streams: one process publishes as fast as it can, another reads, looks at
 * every record, and counts what it lost.
 */
#include <errno.h>
#include <stdio.h>

#include "ends.h"
#include "figure.h"
#include "floors.h"

#define BATCH_MAX 64

struct stream {
	bool exclusive, gated, checked, stamps;
	uint32_t len, batch, read;
	uint64_t n;
};

struct side {
	const struct bench *b;
	const struct stream *x;
};

static uint32_t
capacity(const struct stream *x)
{
	if (x->len > 64)
		return 256; /* lane and ring stay in the second cache */
	return x->gated ? 4096 : 16384;
}

static weir_channel_opts
channel_opts(const struct stream *x)
{
	return (weir_channel_opts){
	    .size = sizeof(weir_channel_opts),
	    .overflow = x->gated ? WEIR_BLOCK : WEIR_OVERWRITE,
	    .producers = x->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .stamps = x->stamps ? WEIR_ON : WEIR_OFF,
	    .capacity = capacity(x),
	    .lane_bytes = ends_lane_bytes(capacity(x), x->len)};
}

/* ---- the producer
 * ------------------------------------------------------------ */

static int
publish_all(weir_producer *p, const struct stream *x)
{
	static struct bench_record recs[BATCH_MAX];
	struct iovec io[BATCH_MAX];
	weir_diag diag;
	int64_t rc;

	for (uint32_t i = 0; i < x->batch; i++) {
		bench_record_init(&recs[i], x->len);
		io[i] = (struct iovec){recs[i].word, x->len};
	}
	for (uint64_t t = 0; t < x->n; t += x->batch) {
		for (uint32_t i = 0; i < x->batch; i++)
			bench_record_stamp(&recs[i], t + 1 + i);
		if (x->batch == 1)
			rc = weir_publish(p, recs[0].word, x->len, &diag);
		else
			rc = weir_publish_batch(p, io, (int)x->batch, &diag);
		if (rc != (int64_t)(t + x->batch))
			return bench_fail("publish", rc, &diag);
	}
	return 0;
}

static int
producer_side(struct bench_sides *s, void *arg)
{
	const struct side *side = arg;
	const struct stream *x = side->x;
	weir_channel_opts o = channel_opts(x);
	weir_store *st = ends_store(side->b, true);
	weir_channel *ch = st ? ends_channel(st, "stream", &o) : NULL;
	weir_producer *p = ch ? ends_producer(ch, !x->checked) : NULL;
	int rc = p ? 0 : -1;

	bench_meet(s, 2, 1);
	bench_meet(s, 2, 2);
	if (rc == 0)
		rc = publish_all(p, x);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(st);
	return rc;
}

/* ---- the consumer
 * ------------------------------------------------------------ */

/* Every record must be the one that its number says, whole, and every number
 * come once or be counted as lost. */
static int
read_all(struct bench_sides *s, weir_consumer *c, const struct stream *x)
{
	weir_record recs[BATCH_MAX];
	struct bench_blocks blocks;
	uint64_t seq = 0, begin = bench_ticks();
	int n;

	bench_blocks_begin(&blocks, bench_block(x->len));
	while (seq < x->n) {
		n = weir_read(c, recs, (int)x->read, 0);
		if (n == -EAGAIN)
			continue;
		if (n < 0)
			return bench_fail("read", n, NULL);
		for (int i = 0; i < n; i++) {
			const weir_record *r = &recs[i];

			seq += r->lost + 1;
			s->lost += r->lost;
			if (r->seq == seq && r->len == x->len &&
			    bench_record_is(r->data, x->len / 8, seq))
				continue;
			fprintf(stderr,
				"bench: record %llu is not what was sent\n",
				(unsigned long long)r->seq);
			return -1;
		}
		s->delivered += (uint64_t)n;
		bench_stream_at(&blocks, s, s->delivered);
	}
	s->ticks = bench_ticks() - begin;
	return s->delivered + s->lost == x->n ? 0 : -1;
}

static int
consumer_side(struct bench_sides *s, void *arg)
{
	const struct side *side = arg;
	const struct stream *x = side->x;
	weir_channel_opts o = channel_opts(x);
	weir_channel *ch = NULL;
	weir_consumer *c = NULL;
	weir_store *st;
	int rc;

	bench_meet(s, 2, 1);
	st = ends_store(side->b, false);
	if (st)
		ch = ends_channel(st, "stream", &o);
	if (ch)
		c = ends_consumer(ch, x->gated ? WEIR_GATE : 0, 0);
	bench_meet(s, 2, 2);
	rc = c ? read_all(s, c, x) : -1;
	weir_consumer_close(c);
	weir_channel_close(ch);
	weir_store_close(st);
	return rc;
}

/* ---- figures
 * ----------------------------------------------------------------- */

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	struct side x = {b, arg};
	bench_side *sides[2] = {producer_side, consumer_side};
	void *args[2] = {&x, &x};
	int rc = bench_together(b, s, 2, sides, args);

	return ends_clean(b) != 0 ? -1 : rc;
}

static int
figure(const struct bench *b, struct bench_sides *s, struct stream x)
{
	const char *producers = x.exclusive ? "exclusive" : "shared";
	const char *overflow = x.gated ? "block" : "overwrite";
	const char *check = x.checked ? "checked" : "trusted";
	weir_channel_opts o = channel_opts(&x);
	char title[96], params[256];
	struct figure f = {.bench = "throughput",
			   .title = title,
			   .params = params,
			   .is_rate = true,
			   .what = {"weir", measure, &x}};

	x.read = x.len > 64 ? 16 : BATCH_MAX;
	x.n = (b->quick ? 16u : 48u) * 16384;
	f.floor = x.len > 64 ? floor_ring_1k : floor_ring_64;
	snprintf(title, sizeof(title), "%s %s %s %u B batch %u%s", producers,
		 overflow, check, x.len, x.batch, x.stamps ? " stamps" : "");
	snprintf(params, sizeof(params),
		 "\"producers\":\"%s\",\"overflow\":\"%s\",\"checked\":%s,"
		 "\"bytes\":%u,\"batch\":%u,\"read\":%u,\"stamps\":%s,"
		 "\"capacity\":%u,\"lane_bytes\":%llu",
		 producers, overflow, x.checked ? "true" : "false", x.len,
		 x.batch, x.read, x.stamps ? "true" : "false", o.capacity,
		 (unsigned long long)o.lane_bytes);
	return figure_run(b, s, &f);
}

static const struct stream streams[] = {
    /* gated, checked, stamps, len, batch; each exclusive and shared */
    {false, true, false, false, 64, 1, 0, 0},
    {false, true, false, false, 64, 32, 0, 0},
    {false, true, false, false, 64, 64, 0, 0},
    {false, true, false, true, 64, 64, 0, 0},
    {false, true, true, false, 64, 1, 0, 0},
    {false, true, true, false, 64, 64, 0, 0},
    {false, false, false, false, 64, 1, 0, 0},
    {false, false, false, false, 64, 64, 0, 0},
    {false, true, false, false, 1024, 1, 0, 0},
    {false, true, false, false, 1024, 32, 0, 0},
    {false, true, true, false, 1024, 32, 0, 0},
    {false, false, false, false, 1024, 32, 0, 0},
};

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	int rc = 0;

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		for (int k = 0; rc == 0 && k < 2; k++) {
			struct stream x = streams[i];

			x.exclusive = k == 0;
			rc = figure(b, s, x);
		}
	}
	return rc;
}
