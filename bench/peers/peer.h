/* SPDX-License-Identifier: BSD-2-Clause
 *
 * peer.h - something that one might use instead of weir, as the loops of
 * bench_peers.c see it: records of one length between two processes.
 *
 * A process has one end of one link, so what a peer has to remember are static
 * variables of its file.  Plain C that is also C++.
 */
#ifndef WI_BENCH_PEERS_PEER_H
#define WI_BENCH_PEERS_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER_BATCH_MAX 64

struct peer_link {
	const char *dir;  /* for files; emptied afterwards in any case */
	const char *name; /* of this program, for names that are no files */
	uint32_t len;	  /* bytes of each record */
	bool stream;	  /* from the leader to the other; else both ways */
	bool waits;	  /* recv sleeps; else it looks once */
};

struct peer {
	const char *name;
	const char *settings; /* for people, in the figure's line */
	uint32_t batch;	      /* most records per send; 1: has no such call */
	bool threads; /* has threads that want our processor while we poll */
	bool stream_waits; /* the reader of a stream sleeps: found faster */

	/* Before the two processes are there: what they inherit; nothing of it
	 * has a name when it returns.  And when they have ended.  May be NULL.
	 */
	int (*make)(const struct peer_link *l);
	void (*unmake)(const struct peer_link *l);

	/* In each of them; the leader's comes first.  close may be NULL. */
	int (*open)(const struct peer_link *l, bool leads);
	void (*close)(void);

	/* All of @cnt records, however long it takes.  Return: 0 or -errno. */
	int (*send)(const struct iovec *io, int cnt);

	/* Up to @max records, good until the next call.
	 * Return: how many, 0 only if it does not wait; or -errno. */
	int (*recv)(const void **rec, int max);
};

/* Each in peer_<name>.c or .cpp; not there if its library was not. */
extern const struct peer peer_weir, peer_weir_shared;
extern const struct peer peer_pipe, peer_seqpacket, peer_mq;
extern const struct peer peer_zeromq __attribute__((weak));
extern const struct peer peer_nng __attribute__((weak));
extern const struct peer peer_libqb __attribute__((weak));
extern const struct peer peer_boost __attribute__((weak));

#ifdef __cplusplus
}
#endif
#endif
