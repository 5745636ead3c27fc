/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pipes, one each way.  Their content is bytes, not records; that all records
 * have one length, which saves a length in front of each, is a gift to them.
 *
 * Settings: F_SETPIPE_SZ; a batch is gathered and written by one write(); the
 * reader takes up to 64 KiB per read() and hands out what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

#define PIPE_BYTES (256 << 10)
#define READ_BYTES (64 << 10)

static int fds[2][2] = {{-1, -1}, {-1, -1}}; /* to the other, and back */
static int in_fd, out_fd;
static uint32_t rec_len;

static _Alignas(64) char in[READ_BYTES];
static size_t in_at, in_have;

static void
unmake(const struct peer_link *l)
{
	(void)l;
	for (int i = 0; i < 4; i++) {
		int *fd = &fds[i / 2][i % 2];

		if (*fd >= 0)
			close(*fd);
		*fd = -1;
	}
}

static int
make(const struct peer_link *l)
{
	for (int i = 0; i < 2; i++)
		if (pipe(fds[i]) != 0 ||
		    fcntl(fds[i][1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
		    (!l->waits && fcntl(fds[i][0], F_SETFL, O_NONBLOCK) != 0)) {
			int err = errno;

			unmake(l);
			return -err;
		}
	return 0;
}

static int
open_end(const struct peer_link *l, bool leads)
{
	in_fd = fds[leads][0];
	out_fd = fds[!leads][1];
	rec_len = l->len;
	in_at = in_have = 0;
	return 0;
}

static int
send_records(const struct iovec *io, int cnt)
{
	static _Alignas(64) char out[PEER_BATCH_MAX * 1024];
	const char *p = io->iov_base;
	size_t len = io->iov_len;
	ssize_t n;

	if (cnt > 1) {
		len = 0;
		for (int i = 0; i < cnt; i++) {
			memcpy(out + len, io[i].iov_base, io[i].iov_len);
			len += io[i].iov_len;
		}
		p = out;
	}
	for (; len > 0; p += n, len -= (size_t)n) {
		n = write(out_fd, p, len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

static int
recv_records(const void **rec, int max)
{
	ssize_t n;
	int cnt = 0;

	while (in_have - in_at < rec_len) {
		memmove(in, in + in_at, in_have - in_at);
		in_have -= in_at;
		in_at = 0;
		n = read(in_fd, in + in_have, sizeof(in) - in_have);
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (n == 0)
			return -EPIPE;
		in_have += (size_t)n;
	}
	for (; cnt < max && in_have - in_at >= rec_len; in_at += rec_len)
		rec[cnt++] = in + in_at;
	return cnt;
}

const struct peer peer_pipe = {.name = "pipe",
			       .settings = "F_SETPIPE_SZ 256 KiB",
			       .batch = PEER_BATCH_MAX,
			       .make = make,
			       .unmake = unmake,
			       .open = open_end,
			       .send = send_records,
			       .recv = recv_records};
