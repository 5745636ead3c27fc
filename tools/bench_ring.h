/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bench_ring.h - the least that a stream between two processes can do: records
 * copied into a ring and out of it, and nothing else.
 *
 * The producer tells of 1/16 of the ring at once, the consumer gives back so
 * much at once.  It has a record that differs at both ends looked at, as
 * `weir bench` does with those of a channel.
 */
#ifndef WI_TOOLS_BENCH_RING_H
#define WI_TOOLS_BENCH_RING_H

#include <stdatomic.h>
#include <stdint.h>

#define BENCH_RING_LEN (256u << 10)

/* In memory that both share, of zeros. */
struct bench_ring {
	_Alignas(128) _Atomic uint64_t told; /* records before this are there */
	_Alignas(128) _Atomic uint64_t free; /* and before this are read */
	_Alignas(128) uint8_t slots[BENCH_RING_LEN];
};

/* bench_ring_put - the @at-th record, from 0 on, of @len bytes (a power of
 * two); waits for space.  @yield: the other one needs this processor, too.
 * bench_ring_flush - the records before @at are there; the last call. */
void bench_ring_put(struct bench_ring *r, uint64_t at, const void *rec,
		    uint32_t len, int yield);
void bench_ring_flush(struct bench_ring *r, uint64_t at);

/* bench_ring_get - the @at-th record into @rec; waits for it. */
void bench_ring_get(struct bench_ring *r, uint64_t at, void *rec, uint32_t len,
		    int yield);

#endif
