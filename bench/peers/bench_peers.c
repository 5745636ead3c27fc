/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The round trips of bench_latency and the streams of bench_throughput, through
 * what one might use instead of weir; and through weir, with these same loops
 * in the same run.  Each peer's file says how it is set.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "../figure.h"
#include "../floors.h"
#include "peer.h"

static const struct {
	const char *name;
	const struct peer *peer; /* NULL: not built */
} peers[] = {
    {"weir", &peer_weir},   {"weir shared", &peer_weir_shared},
    {"pipe", &peer_pipe},   {"seqpacket", &peer_seqpacket},
    {"mq", &peer_mq},	    {"ZeroMQ", &peer_zeromq},
    {"nng", &peer_nng},	    {"libqb", &peer_libqb},
    {"Boost", &peer_boost},
};
#define PEERS (sizeof(peers) / sizeof(*peers))

struct job {
	const struct peer *p;
	struct peer_link link;
	uint32_t batch;
	uint64_t n;
};

struct side {
	const struct job *j;
	bool leads;
};

static int
fail(const struct job *j, const char *what, int err)
{
	fprintf(stderr, "bench: %s: ", j->p->name);
	return bench_fail(what, err, NULL);
}

/* ---- both kinds
 * -------------------------------------------------------------- */

static int
open_end(struct bench_sides *s, const struct side *x)
{
	int rc;

	if (!x->leads)
		bench_meet(s, 2, 1);
	rc = x->j->p->open(&x->j->link, x->leads);
	if (x->leads)
		bench_meet(s, 2, 1);
	bench_meet(s, 2, 2);
	return rc == 0 ? 0 : fail(x->j, "open", rc);
}

/* Nobody closes before the other has everything: some drop what is still under
 * way. */
static void
close_end(struct bench_sides *s, const struct side *x)
{
	bench_meet(s, 2, 3);
	if (x->j->p->close)
		x->j->p->close();
}

static inline int
receive(const struct job *j, const void **rec, int max)
{
	int n;

	while ((n = j->p->recv(rec, max)) == 0)
		if (j->p->threads)
			sched_yield();
		else
			bench_pause();
	return n > 0 ? n : fail(j, "receive", n);
}

static inline int
look(const struct job *j, const void *rec, uint64_t t)
{
	if (bench_record_is(rec, j->link.len / 8, t))
		return 0;
	fprintf(stderr, "bench: %s: record %llu is not what was sent\n",
		j->p->name, (unsigned long long)t);
	return -1;
}

/* ---- round trips
 * ------------------------------------------------------------- */

static inline int
send_one(const struct job *j, struct bench_record *r, uint64_t t)
{
	const struct iovec io = {r->word, j->link.len};
	int rc;

	bench_record_stamp(r, t);
	rc = j->p->send(&io, 1);
	return rc == 0 ? 0 : fail(j, "send", rc);
}

static inline int
receive_one(const struct job *j, uint64_t t)
{
	const void *rec;

	return receive(j, &rec, 1) == 1 ? look(j, rec, t) : -1;
}

static int
poll_trips(struct bench_sides *s, const struct side *x, struct bench_record *r)
{
	const struct job *j = x->j;
	struct bench_trips trips = {.warm = j->n / 10};
	int rc = 0;

	for (uint64_t t = 1; rc == 0 && t <= j->n; t++) {
		if (!x->leads) {
			rc = receive_one(j, t);
			if (rc == 0)
				rc = send_one(j, r, t);
			continue;
		}
		rc = send_one(j, r, t);
		bench_trips_sent(&trips, s, t);
		if (rc == 0)
			rc = receive_one(j, t);
	}
	return rc;
}

static int
block_trips(struct bench_sides *s, const struct side *x, struct bench_record *r)
{
	const struct job *j = x->j;
	uint64_t think, begin, took;
	int rc = 0;

	for (uint64_t t = 1; rc == 0 && t <= j->n; t++) {
		if (!x->leads)
			rc = receive_one(j, t);
		think = bench_think();
		begin = bench_ticks();
		if (rc == 0)
			rc = send_one(j, r, t);
		if (!x->leads || rc != 0)
			continue;
		rc = receive_one(j, t);
		took = bench_ticks() - begin;
		if (t > j->n / 10)
			bench_trips_took(s, took > think ? took - think : 0);
	}
	return rc;
}

static int
trip_side(struct bench_sides *s, void *arg)
{
	const struct side *x = arg;
	static struct bench_record r;
	int rc = open_end(s, x);

	if (rc != 0)
		return rc;
	bench_record_init(&r, x->j->link.len);
	rc = x->j->link.waits ? block_trips(s, x, &r) : poll_trips(s, x, &r);
	if (rc == 0)
		close_end(s, x);
	return rc;
}

/* ---- streams
 * ----------------------------------------------------------------- */

static int
send_all(const struct job *j)
{
	static struct bench_record recs[PEER_BATCH_MAX];
	struct iovec io[PEER_BATCH_MAX];
	int rc = 0;

	for (uint32_t i = 0; i < j->batch; i++) {
		bench_record_init(&recs[i], j->link.len);
		io[i] = (struct iovec){recs[i].word, j->link.len};
	}
	for (uint64_t t = 0; rc == 0 && t < j->n; t += j->batch) {
		for (uint32_t i = 0; i < j->batch; i++)
			bench_record_stamp(&recs[i], t + 1 + i);
		rc = j->p->send(io, (int)j->batch);
	}
	return rc == 0 ? 0 : fail(j, "send", rc);
}

static int
receive_all(struct bench_sides *s, const struct job *j)
{
	const void *recs[PEER_BATCH_MAX];
	const int max = j->link.len > 64 ? 16 : PEER_BATCH_MAX;
	uint64_t seq = 0, begin = bench_ticks();
	struct bench_blocks blocks;
	int n;

	bench_blocks_begin(&blocks, bench_block(j->link.len));
	while (seq < j->n) {
		n = receive(j, recs, max);
		if (n < 0)
			return -1;
		for (int i = 0; i < n; i++)
			if (look(j, recs[i], ++seq) != 0)
				return -1;
		s->delivered = seq;
		bench_stream_at(&blocks, s, seq);
	}
	s->ticks = bench_ticks() - begin;
	return 0;
}

static int
stream_side(struct bench_sides *s, void *arg)
{
	const struct side *x = arg;
	int rc = open_end(s, x);

	if (rc == 0)
		rc = x->leads ? send_all(x->j) : receive_all(s, x->j);
	if (rc == 0)
		close_end(s, x);
	return rc;
}

/* ---- figures
 * ----------------------------------------------------------------- */

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	const struct job *j = arg;
	struct side x[2] = {{j, true}, {j, false}};
	bench_side *side = j->link.stream ? stream_side : trip_side;
	bench_side *sides[2] = {side, side};
	void *args[2] = {&x[0], &x[1]};
	int rc = j->p->make ? j->p->make(&j->link) : 0;

	if (rc != 0)
		return fail(j, "make", rc);
	rc = bench_together(b, s, 2, sides, args);
	if (j->p->unmake)
		j->p->unmake(&j->link);
	return rc;
}

static int
figure(const struct bench *b, struct bench_sides *s, struct job j)
{
	const char *wait = j.link.waits ? "blocking" : "polling";
	const bool small = j.link.len == 64;
	char title[96], params[512], batch[24] = "";
	struct figure f = {.bench = "peers",
			   .title = title,
			   .params = params,
			   .is_rate = j.link.stream,
			   .what = {j.p->name, measure, &j}};

	if (j.link.stream) {
		j.n = (b->quick ? 3u : 8u) * 16384 / (small ? 1 : 4);
		f.floor = small ? floor_ring_64 : floor_ring_1k;
	} else if (j.link.waits) {
		j.n = b->quick ? 200 : 1000;
		f.floor = floor_futex;
	} else {
		j.n = b->quick ? 1000 : 4000;
		f.floor = small ? floor_message_64 : floor_message_1k;
	}
	if (j.batch > 1)
		snprintf(batch, sizeof(batch), " batch %u", j.batch);
	snprintf(title, sizeof(title), "%s %s %u B%s", j.p->name,
		 j.link.stream ? "stream" : wait, j.link.len, batch);
	snprintf(params, sizeof(params),
		 "\"peer\":\"%s\",\"wait\":\"%s\",\"bytes\":%u,\"batch\":%u,"
		 "\"settings\":\"%s\"",
		 j.p->name, wait, j.link.len, j.batch, j.p->settings);
	return figure_run(b, s, &f);
}

static struct peer_link
link_of(const struct bench *b, uint32_t len)
{
	return (struct peer_link){
	    .dir = b->dir, .name = strrchr(b->dir, '/') + 1, .len = len};
}

/* Not everything that is installed can be had everywhere. */
static bool
can_be_had(const struct bench *b, const struct peer *p)
{
	struct peer_link l = link_of(b, 64);
	int rc = p->make ? p->make(&l) : 0;

	if (rc == 0 && p->make && p->unmake)
		p->unmake(&l);
	if (rc != 0)
		fprintf(stderr, "bench: peers: %s is left out: %s\n", p->name,
			weir_strerror(rc));
	return rc == 0;
}

static int
figures(const struct bench *b, struct bench_sides *s, const struct peer *p)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < 4; i++) {
		struct job j = {p, link_of(b, i & 1 ? 1024 : 64), 1, 0};

		j.link.waits = i & 2;
		rc = figure(b, s, j);
	}
	for (int i = 0; rc == 0 && i < 2; i++) {
		struct job j = {p, link_of(b, i ? 1024 : 64), 1, 0};

		j.link.stream = true;
		j.link.waits = p->stream_waits;
		rc = figure(b, s, j);
		j.batch = i ? p->batch / 2 : p->batch;
		if (rc == 0 && j.batch > 1)
			rc = figure(b, s, j);
	}
	return rc;
}

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	int bad = 0;

	for (size_t i = 0; i < PEERS; i++)
		if (!peers[i].peer)
			fprintf(stderr,
				"bench: peers: %s is left out: its library was "
				"not there (make deps-bench)\n",
				peers[i].name);
		else if (can_be_had(b, peers[i].peer) &&
			 figures(b, s, peers[i].peer) != 0)
			bad = -1;
	return bad;
}
