/* SPDX-License-Identifier: BSD-2-Clause
 *
 * floors.h - what the machine can do, hand-tuned, without a library: the
 * numbers that the figures are divided by.
 *
 * They are measured like the figures (two pinned processes, the same records,
 * stamped and looked at) but owe nothing to anybody: one producer, one
 * consumer, a fixed place in memory, no names, no crashes.
 */
#ifndef WI_BENCH_FLOORS_H
#define WI_BENCH_FLOORS_H

#include "harness.h"

/* Round trip of a cache line: one word each way. */
extern const struct bench_probe floor_line;

/* Round trip of a message of 64 or 1024 bytes: copied in, a sequence number
 * in the line before it, polled for, copied out. */
extern const struct bench_probe floor_message_64, floor_message_1k;

/* Round trip through FUTEX_WAIT and FUTEX_WAKE on one word each way. */
extern const struct bench_probe floor_futex;

/* Stream through a ring of slots of 64 or 1024 bytes: the producer tells of
 * many at once, the consumer gives many back at once. */
extern const struct bench_probe floor_ring_64, floor_ring_1k;

#endif
