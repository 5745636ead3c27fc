/* SPDX-License-Identifier: BSD-2-Clause
 *
 * gate.h - space in block channels: may record u be overwritten?
 *
 * State.  `want`: producers would like to use again what is older than this.
 * `safe`: they may.  Each gating cell's cursor: what is older than this its
 * consumer has read.
 *
 * Invariant.  safe <= want, and safe <= the cursor of every gating consumer
 * that had joined when it was raised.  All only rise.
 *
 * Ordering.
 *
 *   pair  one side                      other side
 *   G1    producer: raise want, sc,     joiner: cell live, cursor = c, sc,
 *         load the cursors, raise safe  load want: > c means try again
 *   G2    raise safe                    publish: safe       the reads of
 *         after the cursors                                 those consumers
 *   G3    consumer: take waiters away,  producer: waiters = 1, sc, load
 *         cursor, sc, load waiters,     cursor, sleep on it
 *         wake if either was set
 *         (whoever takes a mark away then moves the cursor to another value)
 *   G4    consumer: its copies, then    producer: cursor
 *         release store of the cursor
 *   G8    whoever takes a consumer's    that consumer: what was written over
 *         cell away, before safe        its record, acquire fence, its cell
 *
 * G1 is why one word is not enough: with several producers, a consumer can
 * join between one's look at the cursors and another's use of the slot.
 * Either the joiner sees the `want` that the look was for, and goes further,
 * or the look sees the joiner's cursor.
 *
 * Crash.  A producer that dies anywhere here has raised a word to a value
 * that was right.  A dead consumer's cell is found by its lock and taken
 * away by whoever is blocked by it (store/).
 */
#ifndef WI_RING_GATE_H
#define WI_RING_GATE_H

#include "ring/ring.h"

struct wi_slowest {
	uint32_t idx;
	uint64_t word;	 /* its cell's owner word */
	uint64_t cursor; /* and what it reads next */
};

/* wi_gate_round - try to make it safe to overwrite record @u.
 * @newest: a committed record, the newer the better
 * Return: 0, it is; WI_GATED, *@slow is the consumer to wait for. */
#define WI_GATED 1
int wi_gate_round(const struct wi_ring *r, uint64_t u, uint64_t newest,
		  struct wi_slowest *slow);

/* wi_gate_join - set the cursor of cell @idx, which the caller holds live and
 * gating, to record @from, or as near behind it as is still safe from being
 * overwritten; at most to the one behind the newest.
 * @held: the cursor that the cell has had until now, which kept everything
 *   from there on safe; 0: none yet
 * Return: 0, *@start is the cursor and *@newest a committed record, the
 * newest if start is newest + 1; WEIR_ECORRUPT. */
int wi_gate_join(const struct wi_ring *r, uint32_t idx, uint64_t from,
		 uint64_t held, uint64_t *newest, uint64_t *start);

#endif
