/* SPDX-License-Identifier: BSD-2-Clause
 *
 * writer.h - one producer's way into the ring: a lane, and the commit.
 *
 * State.  A lane is an endless stream of records of which the last lane_len
 * bytes exist; position p lies at p mod lane_len.
 *
 *      last_pos        write       reserved        last_pos + lane_len
 *   -----|--- newest ----|--- free ----|-- may not yet --|--------> position
 *
 * Invariant.  last_pos <= write <= reserved <= last_pos + lane_len, so the
 * newest committed record of a lane, which may be a current value, is never
 * overwritten before its successor is committed.  In block channels the same
 * holds for the oldest record that a consumer may still read.  wi_lane_fits()
 * makes sure that there is always room for the next record.
 *
 * Ordering.  E1, E2, S1, S2 of ring.h; and
 *
 *   pair  release                     acquire                 carries
 *   L1    settle: wi_cas_128 last     value: lane.last        {seq, position}
 *   L2    settle: raise settled,      publish: settled        every last up
 *         after all last                                      to it
 *
 * Settling (shared channels).  Before the slot of record t-N is used again,
 * `last` of its lane must remember it or a newer one; otherwise a producer
 * that dies between its commit and its own bookkeeping would make its value
 * fall back to an older one.  Whoever finds settled < t-N does it for all
 * lanes, a quarter of the ring ahead; nobody else writes `last`, and a
 * settler that is frozen half-way and goes on later only raises what is
 * lower.
 *
 * Crash.  What was written but not committed lies between `write` and
 * `reserved` and is overwritten by whoever gets the lane next, who resumes
 * behind the last committed record, never at `reserved` (which repeated
 * crashes would push over the current value).
 *
 * Source: the order ring with a compare-and-swap of {seq, word} and lanes of
 * their own is this project's; slots that carry their sequence number go
 * back to D. Vyukov's bounded queue.
 */
#ifndef WI_RING_WRITER_H
#define WI_RING_WRITER_H

#include "ring/ring.h"

struct wi_writer {
	const struct wi_ring *r;
	struct wi_shm_lane *lane;
	uint32_t lane_idx;
	uint64_t id_hash;
	bool is_stream; /* more records follow soon */

	uint64_t newest;	/* known to be committed */
	uint64_t tailed;	/* where the tail was raised last */
	uint64_t settled, safe; /* as last seen */

	uint64_t write, reserved;
	uint64_t last_seq, last_pos; /* newest of the lane; seq 0: none */

	/* block channels: {seq, position} of the lane's records, oldest first,
	 * that a consumer may still read; a ring of slot_cnt entries */
	struct wi_pair *kept;
	uint64_t kept_from, kept_to;

	struct wi_pair *notes; /* lane_cnt, for settling */

	/* the record under construction */
	uint64_t cur_t;	  /* exclusive, inline: its number; else 0 */
	uint64_t cur_pos; /* else: its position */
	uint8_t *cur_payload;
	uint32_t cur_parts, cur_cap;
	uint64_t origin_channel, origin_seq; /* with WI_PART_ORIGIN */

	/* what wi_write_* waits for when it says WI_BLOCKED: no gating
	 * consumer may still need records up to this one */
	uint64_t blocked_on;
};

#define WI_BLOCKED 1

#define WI_SOON_MOST	4096u /* bytes of a record to ask for */
#define WI_SOON_SLOTS	8     /* in a stream, ahead */
#define WI_SOON_SHORT	256u  /* bytes of a record in a lane ... */
#define WI_SOON_RECORDS 4     /* ... of which this many are asked for ahead */

/* wi_writer_scratch - how many wi_pair a writer needs. */
size_t wi_writer_scratch(const struct wi_geom *g);

/* wi_writer_init - take up lane @idx, which the caller holds, where its last
 * holder stopped.  @scratch: wi_writer_scratch() pairs, kept.
 * Return: 0 or WEIR_ECORRUPT. */
int wi_writer_init(struct wi_writer *w, const struct wi_ring *r, uint32_t idx,
		   uint64_t id_hash, struct wi_pair *scratch);

/* wi_write_soon - a record of @len bytes will be written next: ask for the
 * lines that it will take.  Changes nothing.
 *
 * To be called as early as can be: a processor that still waits for the
 * record that is being answered runs some 200 instructions ahead, and two
 * transfers become one if it gets here.  Measured, round trips over a bare
 * message: exclusive 1.4 -> 1.15, shared 3.0 -> 1.7; 1 KB 1.4 -> 1.25.
 * Slots ahead: streams of single publishes, far, 0.18 -> 0.32 of a bare ring,
 * batches +15 %, but round trips 1.2 -> 1.4, so in streams only.  The lane
 * ahead of short records: single publishes 0.10 -> 0.16 of a bare ring, with
 * the cores far apart 0.04 -> 0.18; round trips +1 %. */
static inline void
wi_write_soon(const struct wi_writer *w, size_t len)
{
	const struct wi_ring *r = w->r;
	const void *slot = wi_slot(r, w->newest + 1);
	size_t most = len < WI_SOON_MOST ? len : WI_SOON_MOST;
	uint64_t off = w->write & (r->g.lane_len - 1);
	const uint8_t *lane;

	if (r->g.flags & WI_CH_STAMPS)
		len += 8;
	if (len <= r->g.inline_len) {
		len += sizeof(struct wi_shm_slot);
		if (w->is_stream)
			slot = wi_slot(r, w->newest + 1 + WI_SOON_SLOTS);
		wi_prefetch_write(slot, len);
		return;
	}
	most += sizeof(struct wi_shm_record);
	if (off + most > r->g.lane_len)
		off = 0; /* records do not wrap */
	lane = r->bytes + w->lane_idx * r->g.lane_len;
	wi_prefetch_write(lane + off, most);
	wi_want_write(slot);
	if (most <= WI_SOON_SHORT)
		off += WI_SOON_RECORDS * most;
	else if (w->is_stream)
		off += most;
	else
		return;
	if (off + most <= r->g.lane_len)
		wi_prefetch_write(lane + off, most);
}

/* wi_write_begin - find room for a record of up to @cap payload bytes
 * (<= max_record) with these @parts; w->cur_payload is where it goes.
 * Forgets a record begun before.
 * Return: 0; WI_BLOCKED; WEIR_ECORRUPT. */
int wi_write_begin(struct wi_writer *w, uint32_t parts, uint32_t cap);

/* wi_write_commit - publish @len <= cap bytes of it as one record of @kind;
 * @time_ns counts if its parts have a time.
 * THE commit is in here; the caller wakes sleepers afterwards.
 * Return: 0, w->newest is its seq; WI_BLOCKED (nothing has changed: call
 * again); WEIR_ECORRUPT. */
int wi_write_commit(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns,
		    uint32_t len);

/* wi_write_record - the three steps in one: room, copy, commit.
 * Return: as wi_write_commit(). */
int wi_write_record(struct wi_writer *w, enum weir_kind kind, uint32_t parts,
		    uint64_t time_ns, const void *msg, uint32_t len);

/* wi_settle - make sure that settled >= @upto <= newest.  Also for those who
 * are no writers; @notes: lane_cnt pairs. */
int wi_settle(const struct wi_ring *r, uint64_t upto, struct wi_pair *notes);

#endif
