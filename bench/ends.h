/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ends.h - a store and its channels for one measurement.  Whatever fails is
 * said on stderr, and NULL comes back.
 */
#ifndef WI_BENCH_ENDS_H
#define WI_BENCH_ENDS_H

#include "harness.h"

#define BENCH_STORE "bench"

weir_store *ends_store(const struct bench *b, bool create);

/* ends_store_for - a new one with room for so many. */
weir_store *ends_store_for(const struct bench *b, uint32_t channels,
			   uint32_t participants);
weir_channel *ends_channel(weir_store *s, const char *name,
			   const weir_channel_opts *opts);
weir_producer *ends_producer(weir_channel *ch, bool trusted);
weir_consumer *ends_consumer(weir_channel *ch, uint32_t flags, int64_t spin_ns);

/* ends_clean - remove the store.  Return: 0 or -1. */
int ends_clean(const struct bench *b);

/* ends_lane_bytes - a lane that holds @cnt records of @len bytes and some. */
uint64_t ends_lane_bytes(uint32_t cnt, uint32_t len);

#endif
