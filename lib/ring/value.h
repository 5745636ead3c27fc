/* SPDX-License-Identifier: BSD-2-Clause
 *
 * value.h - current values: what is there for those who come late.
 *
 * As of record T, the value of a lane is its newest record <= T unless that
 * is a clear; the value of a shared channel is the newest of those; the
 * value of an exclusive channel is record T unless that is a clear.
 *
 * How a lane's newest record u <= T is found: the whole ring first, `last`
 * after it.  Either u is still in its slot, or that slot was used again; then
 * settling came before (L2 in writer.h), and `last`, read later, holds u or a
 * newer one.  If it holds one > T, the value as of T is superseded: the
 * stream behind T brings what is newer.
 *
 * Only the record's own head and the lane's `reserved` decide whether the
 * bytes at a position are still that record (S2 in ring.h).
 */
#ifndef WI_RING_VALUE_H
#define WI_RING_VALUE_H

#include "ring/ring.h"

enum wi_value {
	WI_VALUE = 0,
	WI_VALUE_NONE = 1,
	WI_VALUE_SUPERSEDED = 2,
	WI_VALUE_SHORT = 3, /* the buffer is too small; rec->len is known */
	WI_VALUE_DAMAGED = 4,
};

#define WI_SUPERSEDED UINT64_MAX

/* wi_values_find - for each lane {seq, position} of its newest record as of
 * @t; seq 0: none, WI_SUPERSEDED: see above.  Shared channels only.
 * @found: lane_cnt pairs.  Return: 0 or WEIR_ECORRUPT. */
int wi_values_find(const struct wi_ring *r, uint64_t t, struct wi_pair *found);

/* wi_value_of - the value that wi_values_find() found for one lane. */
enum wi_value wi_value_of(const struct wi_ring *r, uint32_t lane_idx,
			  struct wi_pair found, struct wi_rec *rec, void *buf,
			  size_t cap);

/* wi_value_current - the channel's value as of @t, which is committed.
 * @scratch: lane_cnt pairs (shared channels). */
enum wi_value wi_value_current(const struct wi_ring *r, uint64_t t,
			       struct wi_rec *rec, void *buf, size_t cap,
			       struct wi_pair *scratch);

#endif
