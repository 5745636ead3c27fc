/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boost.Interprocess message_queue, one each way.
 *
 * Settings: 1,024 records; one priority, so that records are kept in order at
 * no price.
 */
#include <boost/interprocess/ipc/message_queue.hpp>
#include <cerrno>
#include <cstdio>
#include <string>

#include "peer.h"

namespace ip = boost::interprocess;

static const size_t DEPTH = 1024;

static ip::message_queue *queues[2];
static ip::message_queue *in, *out;
static uint32_t rec_len;
static bool waits;

static int
error(const std::exception &e)
{
	fprintf(stderr, "bench: Boost: %s\n", e.what());
	return -EIO;
}

static void
unmake(const struct peer_link *)
{
	for (int i = 0; i < 2; i++) {
		delete queues[i];
		queues[i] = nullptr;
	}
}

static int
make(const struct peer_link *l)
{
	try {
		for (int i = 0; i < 2; i++) {
			std::string name =
			    l->name + std::string(i ? "-boost-1" : "-boost-0");

			queues[i] = new ip::message_queue(
			    ip::create_only, name.c_str(), DEPTH, l->len);
			ip::message_queue::remove(name.c_str());
		}
		return 0;
	} catch (const std::exception &e) {
		unmake(l);
		return error(e);
	}
}

static int
open_end(const struct peer_link *l, bool leads)
{
	in = queues[leads];
	out = queues[!leads];
	rec_len = l->len;
	waits = l->waits;
	return 0;
}

static int
send_records(const struct iovec *io, int cnt)
{
	try {
		for (int i = 0; i < cnt; i++)
			out->send(io[i].iov_base, io[i].iov_len, 0);
		return 0;
	} catch (const std::exception &e) {
		return error(e);
	}
}

static int
recv_records(const void **rec, int max)
{
	alignas(64) static char buf[1024];
	ip::message_queue::size_type len = 0;
	unsigned priority;

	(void)max;
	try {
		if (waits)
			in->receive(buf, sizeof(buf), len, priority);
		else if (!in->try_receive(buf, sizeof(buf), len, priority))
			return 0;
	} catch (const std::exception &e) {
		return error(e);
	}
	rec[0] = buf;
	return len == rec_len ? 1 : -EBADMSG;
}

extern "C" const struct peer peer_boost = {"Boost",	"message_queue 1024",
					   1,		false,
					   false,	make,
					   unmake,	open_end,
					   nullptr,	send_records,
					   recv_records};
