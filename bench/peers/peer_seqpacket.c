/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A pair of Unix sockets that keep records apart.
 *
 * Settings: SO_SNDBUF (it is what limits how much is under way); batches by
 * sendmmsg(), and in streams recvmmsg() for as many as there are.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

#define BUFFER_BYTES (1 << 20)

static int fds[2] = {-1, -1};
static int fd;
static uint32_t rec_len;
static int wait_flag;

static _Alignas(64) char in[PEER_BATCH_MAX][1024];

static void
unmake(const struct peer_link *l)
{
	(void)l;
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int
make(const struct peer_link *l)
{
	const int bytes = BUFFER_BYTES;

	(void)l;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &bytes,
			   sizeof(bytes));
	return 0;
}

static int
open_end(const struct peer_link *l, bool leads)
{
	fd = fds[leads];
	close(fds[!leads]);
	fds[!leads] = -1;
	rec_len = l->len;
	wait_flag = l->waits ? 0 : MSG_DONTWAIT;
	return 0;
}

static int
send_records(const struct iovec *io, int cnt)
{
	struct mmsghdr msg[PEER_BATCH_MAX];
	int n;

	if (cnt == 1)
		return send(fd, io->iov_base, io->iov_len, 0) ==
			       (ssize_t)io->iov_len
			   ? 0
			   : -errno;
	for (int i = 0; i < cnt; i++)
		msg[i] = (struct mmsghdr){
		    .msg_hdr = {.msg_iov = (struct iovec *)&io[i],
				.msg_iovlen = 1}};
	for (int at = 0; at < cnt; at += n) {
		n = sendmmsg(fd, msg + at, (unsigned)(cnt - at), 0);
		if (n < 0)
			return -errno;
	}
	return 0;
}

static int
recv_many(const void **rec, int max)
{
	struct mmsghdr msg[PEER_BATCH_MAX];
	struct iovec io[PEER_BATCH_MAX];
	int n;

	for (int i = 0; i < max; i++) {
		io[i] = (struct iovec){in[i], sizeof(in[i])};
		msg[i] = (struct mmsghdr){
		    .msg_hdr = {.msg_iov = &io[i], .msg_iovlen = 1}};
		rec[i] = in[i];
	}
	n = recvmmsg(fd, msg, (unsigned)max, MSG_WAITFORONE | wait_flag, NULL);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++)
		if (msg[i].msg_len != rec_len)
			return -EBADMSG;
	return n;
}

static int
recv_records(const void **rec, int max)
{
	ssize_t n;

	if (max > 1)
		return recv_many(rec, max);
	n = recv(fd, in[0], sizeof(in[0]), wait_flag);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	rec[0] = in[0];
	return (size_t)n == rec_len ? 1 : -EBADMSG;
}

const struct peer peer_seqpacket = {.name = "seqpacket",
				    .settings = "SO_SNDBUF 1 MiB",
				    .batch = PEER_BATCH_MAX,
				    .make = make,
				    .unmake = unmake,
				    .open = open_end,
				    .send = send_records,
				    .recv = recv_records};
