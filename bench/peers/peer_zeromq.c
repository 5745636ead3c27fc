/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ZeroMQ: a PAIR over ipc://.
 *
 * Settings: one I/O thread on each side, which may use any processor that we
 * may; a high-water mark of 10,000 records each way (1,000 is the default; the
 * library gathers what is waiting by itself, and has no call for batches).
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <zmq.h>

#include "peer.h"

#define HIGH_WATER 10000

static void *ctx, *sock;
static uint32_t rec_len;
static int wait_flag;
static cpu_set_t all;

static int
make(const struct peer_link *l)
{
	(void)l;
	return sched_getaffinity(0, sizeof(all), &all) == 0 ? 0 : -errno;
}

/* Threads start on the processors of who makes them. */
static int
start(void)
{
	cpu_set_t mine;

	if (sched_getaffinity(0, sizeof(mine), &mine) != 0 ||
	    sched_setaffinity(0, sizeof(all), &all) != 0)
		return -1;
	ctx = zmq_ctx_new();
	sock = ctx ? zmq_socket(ctx, ZMQ_PAIR) : NULL;
	return sched_setaffinity(0, sizeof(mine), &mine) == 0 && sock ? 0 : -1;
}

static int
open_end(const struct peer_link *l, bool leads)
{
	const int hwm = HIGH_WATER;
	char at[128];

	snprintf(at, sizeof(at), "ipc://%s/zeromq", l->dir);
	if (start() != 0 ||
	    zmq_setsockopt(sock, ZMQ_SNDHWM, &hwm, sizeof(hwm)) != 0 ||
	    zmq_setsockopt(sock, ZMQ_RCVHWM, &hwm, sizeof(hwm)) != 0 ||
	    (leads ? zmq_bind(sock, at) : zmq_connect(sock, at)) != 0)
		return -errno;
	rec_len = l->len;
	wait_flag = l->waits ? 0 : ZMQ_DONTWAIT;
	return 0;
}

static void
close_end(void)
{
	zmq_close(sock);
	zmq_ctx_term(ctx);
}

static int
send_records(const struct iovec *io, int cnt)
{
	for (int i = 0; i < cnt; i++)
		if (zmq_send(sock, io[i].iov_base, io[i].iov_len, 0) < 0)
			return -errno;
	return 0;
}

static int
recv_records(const void **rec, int max)
{
	static _Alignas(64) char buf[1024];
	int n = zmq_recv(sock, buf, sizeof(buf), wait_flag);

	(void)max;
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	rec[0] = buf;
	return (uint32_t)n == rec_len ? 1 : -EBADMSG;
}

const struct peer peer_zeromq = {.name = "ZeroMQ",
				 .settings = "PAIR ipc, HWM 10000, 1 I/O "
					     "thread",
				 .batch = 1,
				 .threads = true,
				 .make = make,
				 .open = open_end,
				 .close = close_end,
				 .send = send_records,
				 .recv = recv_records};
