/* SPDX-License-Identifier: BSD-2-Clause
 *
 * weir itself, by the same loops, as what the others stand beside.
 *
 * Settings: those of bench_latency and bench_throughput.  "weir" is its fast
 * way: exclusive channels, trusted producers.  "weir shared" is what one gets
 * without asking: anybody may produce, and every record is checked.  Streams
 * are through channels that make producers wait, because the others do not lose
 * records either.
 */
#include <errno.h>

#include "../ends.h"
#include "peer.h"

static weir_store *store;
static weir_channel *channels[2];
static weir_producer *out;
static weir_consumer *in;
static uint32_t rec_len;
static int64_t wait_ns;

static uint32_t
capacity(const struct peer_link *l)
{
	if (!l->stream)
		return 64;
	return l->len > 64 ? 256 : 1024;
}

static int
open_way(const struct peer_link *l, bool leads, bool exclusive)
{
	weir_channel_opts o = {
	    .size = sizeof(o),
	    .overflow = l->stream ? WEIR_BLOCK : WEIR_OVERWRITE,
	    .producers = exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .stamps = WEIR_OFF,
	    .capacity = capacity(l),
	    .lane_bytes = ends_lane_bytes(capacity(l), l->len)};
	const bool sends = !l->stream || leads, takes = !l->stream || !leads;
	const struct bench b = {.dir = l->dir};

	store = ends_store(&b, leads);
	for (int i = 0; store && i < 2; i++)
		channels[i] = ends_channel(store, i ? "from" : "to", &o);
	if (!store || !channels[0] || !channels[1])
		return -EIO;
	if (sends)
		out = ends_producer(channels[!leads], exclusive);
	if (takes)
		in = ends_consumer(channels[leads], l->stream ? WEIR_GATE : 0,
				   l->waits ? -1 : 0);
	rec_len = l->len;
	wait_ns = l->waits ? -1 : 0;
	return (out || !sends) && (in || !takes) ? 0 : -EIO;
}

static void
unmake(const struct peer_link *l)
{
	const struct bench b = {.dir = l->dir};

	ends_clean(&b);
}

static int
open_exclusive(const struct peer_link *l, bool leads)
{
	return open_way(l, leads, true);
}

static int
open_shared(const struct peer_link *l, bool leads)
{
	return open_way(l, leads, false);
}

static void
close_end(void)
{
	weir_consumer_close(in);
	weir_producer_close(out);
	weir_channel_close(channels[0]);
	weir_channel_close(channels[1]);
	weir_store_close(store);
}

static int
send_records(const struct iovec *io, int cnt)
{
	int64_t rc;

	if (cnt == 1)
		rc = weir_publish(out, io->iov_base, io->iov_len, NULL);
	else
		rc = weir_publish_batch(out, io, cnt, NULL);
	return rc > 0 ? 0 : (int)rc;
}

static int
recv_records(const void **rec, int max)
{
	static weir_record recs[PEER_BATCH_MAX];
	int n = weir_read(in, recs, max, wait_ns);

	if (n < 0)
		return n == -EAGAIN ? 0 : n;
	for (int i = 0; i < n; i++) {
		if (recs[i].len != rec_len || recs[i].lost)
			return -EBADMSG;
		rec[i] = recs[i].data;
	}
	return n;
}

const struct peer peer_weir = {.name = "weir",
			       .settings = "exclusive, trusted",
			       .batch = PEER_BATCH_MAX,
			       .unmake = unmake,
			       .open = open_exclusive,
			       .close = close_end,
			       .send = send_records,
			       .recv = recv_records};

const struct peer peer_weir_shared = {.name = "weir shared",
				      .settings = "shared, checked",
				      .batch = PEER_BATCH_MAX,
				      .unmake = unmake,
				      .open = open_shared,
				      .close = close_end,
				      .send = send_records,
				      .recv = recv_records};
