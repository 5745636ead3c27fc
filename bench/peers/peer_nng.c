/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nng: a pair0 over ipc://.
 *
 * Settings: NNG_OPT_SENDBUF and NNG_OPT_RECVBUF of 1,024 records; messages are
 * handed over, not copied, where the reader gets them.  The library's threads
 * may use any processor that we may.
 */
#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <sched.h>
#include <stdio.h>

#include "peer.h"

#define BUFFER_RECORDS 1024

static nng_socket sock;
static nng_msg *got;
static uint32_t rec_len;
static int wait_flag;
static cpu_set_t all;

static int
error(int rv)
{
	switch (rv) {
	case 0:
		return 0;
	case NNG_ENOMEM:
		return -ENOMEM;
	case NNG_EADDRINUSE:
		return -EADDRINUSE;
	case NNG_ECONNREFUSED:
		return -ECONNREFUSED;
	default:
		fprintf(stderr, "bench: nng: %s\n", nng_strerror(rv));
		return -EIO;
	}
}

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
	int rv;

	if (sched_getaffinity(0, sizeof(mine), &mine) != 0 ||
	    sched_setaffinity(0, sizeof(all), &all) != 0)
		return -errno;
	rv = nng_pair0_open(&sock);
	return sched_setaffinity(0, sizeof(mine), &mine) == 0 ? error(rv)
							      : -errno;
}

static int
open_end(const struct peer_link *l, bool leads)
{
	char at[128];
	int rc = start();

	snprintf(at, sizeof(at), "ipc://%s/nng", l->dir);
	rec_len = l->len;
	wait_flag = l->waits ? 0 : NNG_FLAG_NONBLOCK;
	if (rc == 0)
		rc = error(
		    nng_socket_set_int(sock, NNG_OPT_SENDBUF, BUFFER_RECORDS));
	if (rc == 0)
		rc = error(
		    nng_socket_set_int(sock, NNG_OPT_RECVBUF, BUFFER_RECORDS));
	if (rc == 0)
		rc = error(leads ? nng_listen(sock, at, NULL, 0)
				 : nng_dial(sock, at, NULL, 0));
	return rc;
}

static void
close_end(void)
{
	nng_msg_free(got);
	got = NULL;
	nng_close(sock);
}

static int
send_records(const struct iovec *io, int cnt)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < cnt; i++)
		rc = error(nng_send(sock, io[i].iov_base, io[i].iov_len, 0));
	return rc;
}

static int
recv_records(const void **rec, int max)
{
	int rv;

	(void)max;
	nng_msg_free(got);
	got = NULL;
	rv = nng_recvmsg(sock, &got, wait_flag);
	if (rv != 0)
		return rv == NNG_EAGAIN ? 0 : error(rv);
	rec[0] = nng_msg_body(got);
	return nng_msg_len(got) == rec_len ? 1 : -EBADMSG;
}

const struct peer peer_nng = {.name = "nng",
			      .settings = "pair0 ipc, SENDBUF and RECVBUF 1024",
			      .batch = 1,
			      .threads = true,
			      .make = make,
			      .open = open_end,
			      .close = close_end,
			      .send = send_records,
			      .recv = recv_records};
