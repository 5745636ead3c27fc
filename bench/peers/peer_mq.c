/* SPDX-License-Identifier: BSD-2-Clause
 *
 * POSIX message queues, one each way.
 *
 * Settings: mq_msgsize is the record's; mq_maxmsg up to 512, or what we may
 * have: /proc/sys/fs/mqueue/msg_max, which is 10 unless somebody has raised it
 * or we have CAP_SYS_RESOURCE, and RLIMIT_MSGQUEUE for the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"

#define DEPTH_MAX 512
#define DEPTH_MIN 8

/* Readers do not wait where writers do, so each has a description of its own.
 */
static mqd_t readers[2] = {-1, -1}, writers[2] = {-1, -1};
static mqd_t in, out;
static char settings[32] = "mq_maxmsg";
static uint32_t rec_len;

static void
unmake(const struct peer_link *l)
{
	(void)l;
	for (int i = 0; i < 2; i++) {
		if (readers[i] >= 0)
			mq_close(readers[i]);
		if (writers[i] >= 0)
			mq_close(writers[i]);
		readers[i] = writers[i] = -1;
	}
}

static int
make_one(const struct peer_link *l, int i)
{
	struct mq_attr attr = {.mq_maxmsg = DEPTH_MAX, .mq_msgsize = l->len};
	int wait = l->waits ? 0 : O_NONBLOCK, err;
	char name[64];

	snprintf(name, sizeof(name), "/%s-%d", l->name, i);
	do {
		writers[i] =
		    mq_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600, &attr);
		err = errno;
		snprintf(settings, sizeof(settings), "mq_maxmsg %ld",
			 attr.mq_maxmsg);
		attr.mq_maxmsg /= 2;
	} while (writers[i] < 0 && attr.mq_maxmsg >= DEPTH_MIN &&
		 (err == EINVAL || err == EMFILE));
	if (writers[i] < 0)
		return -err;
	readers[i] = mq_open(name, O_RDONLY | wait);
	err = errno;
	mq_unlink(name);
	return readers[i] >= 0 ? 0 : -err;
}

static int
make(const struct peer_link *l)
{
	struct rlimit lim;
	int rc = 0;

	if (getrlimit(RLIMIT_MSGQUEUE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_MSGQUEUE, &lim);
	}
	for (int i = 0; rc == 0 && i < 2; i++)
		rc = make_one(l, i);
	if (rc != 0)
		unmake(l);
	return rc;
}

static int
open_end(const struct peer_link *l, bool leads)
{
	in = readers[leads];
	out = writers[!leads];
	rec_len = l->len;
	return 0;
}

static int
send_records(const struct iovec *io, int cnt)
{
	for (int i = 0; i < cnt; i++)
		if (mq_send(out, io[i].iov_base, io[i].iov_len, 0) != 0)
			return -errno;
	return 0;
}

static int
recv_records(const void **rec, int max)
{
	static _Alignas(64) char buf[1024];
	ssize_t n = mq_receive(in, buf, rec_len, NULL);

	(void)max;
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	rec[0] = buf;
	return (size_t)n == rec_len ? 1 : -EBADMSG;
}

const struct peer peer_mq = {.name = "mq",
			     .settings = settings,
			     .batch = 1,
			     .make = make,
			     .unmake = unmake,
			     .open = open_end,
			     .send = send_records,
			     .recv = recv_records};
