/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libqb's ring buffer in shared memory, one each way.
 *
 * Settings: 256 KiB; read in place (peek, then reclaim at the next call); where
 * readers poll, QB_RB_FLAG_NO_SEMAPHORE, which is its fast way.  It does not
 * wait for room, so a writer that finds none tries again.
 */
#include <errno.h>
#include <qb/qbrb.h>
#include <sched.h>
#include <stdio.h>

#include "peer.h"

#define RING_BYTES (256 << 10)

static qb_ringbuffer_t *in, *out;
static uint32_t rec_len;
static int wait_ms;
static bool hold; /* the record handed out last is still in the ring */

static int
open_end(const struct peer_link *l, bool leads)
{
	uint32_t flags = QB_RB_FLAG_SHARED_PROCESS;
	qb_ringbuffer_t *ring[2];

	if (leads)
		flags |= QB_RB_FLAG_CREATE;
	if (!l->waits)
		flags |= QB_RB_FLAG_NO_SEMAPHORE;
	for (int i = 0; i < 2; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s/libqb-%d", l->dir, i);
		ring[i] = qb_rb_open(name, RING_BYTES, flags, 0);
		if (!ring[i])
			return -errno;
	}
	in = ring[leads];
	out = ring[!leads];
	rec_len = l->len;
	wait_ms = l->waits ? -1 : 0;
	hold = false;
	return 0;
}

static void
close_end(void)
{
	qb_rb_close(in);
	qb_rb_close(out);
}

static int
send_records(const struct iovec *io, int cnt)
{
	for (int i = 0; i < cnt; i++) {
		ssize_t n;

		while ((n = qb_rb_chunk_write(out, io[i].iov_base,
					      io[i].iov_len)) < 0 &&
		       n == -EAGAIN)
			sched_yield();
		if (n < 0)
			return (int)n;
	}
	return 0;
}

static int
recv_records(const void **rec, int max)
{
	void *data;
	ssize_t n;

	(void)max;
	if (hold)
		qb_rb_chunk_reclaim(in);
	hold = false;
	n = qb_rb_chunk_peek(in, &data, wait_ms);
	if (n <= 0) /* -EBADMSG: what is there is no record yet */
		return n == 0 || n == -ETIMEDOUT || n == -EBADMSG ? 0 : (int)n;
	hold = true;
	rec[0] = data;
	return (size_t)n == rec_len ? 1 : -EBADMSG;
}

const struct peer peer_libqb = {.name = "libqb",
				.settings = "qb_rb 256 KiB",
				.batch = 1,
				.open = open_end,
				.close = close_end,
				.send = send_records,
				.recv = recv_records};
