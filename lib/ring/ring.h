/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ring.h - the order ring of a channel: which record has which number.
 *
 * State.  Record t lies in slot t mod N.  A slot's seq is 2t when record t is
 * there, 2t-1 while it is being written (exclusive channels), 0 when fresh.
 *
 *      tail            newest
 *   ----|----------------|------------------> t
 *    hint, may lag    first t whose successor's slot does not say so
 *
 * Invariant.  A slot's seq only rises.  Slot t is committed only after t-1
 * is, so the committed records are 1 .. newest without a gap, and whoever
 * finds record t knows that all before it were committed.
 *
 * Ordering.
 *
 *   pair  release                        acquire               carries
 *   E1    commit: slot.seq = 2t          read: slot.seq        record t, and
 *                                                              t-1 before it
 *   E2    slot.seq = 2t-1, then a        read: bytes, acquire  "these bytes
 *         release fence, then the bytes  fence, slot.seq       may be torn"
 *   E3    slot.seq = 2t-1                newest: slot.seq      record t-1
 *   S1    wi_cas_128 slot -> {2t, desc}  read: slot.seq        record t in
 *                                                              its lane
 *   S2    lane.reserved, then a release  read: bytes, acquire  "these bytes
 *         fence, then the bytes          fence, lane.reserved  may be torn"
 *   T1    raise tail                     newest: tail          tail's slot
 *
 * Crash.  Before the commit there is nothing: a slot left at 2t-1 says that
 * t-1 is committed and is written again by the next holder.  After it the
 * record is there, whole.  Nothing needs repair.
 *
 * Nothing here sleeps, calls the system or allocates.  All of it reads the
 * segment as input: each word once, checked, every loop bounded.
 */
#ifndef WI_RING_RING_H
#define WI_RING_RING_H

#include <weir/record.h>

#include "base/compiler.h"
#include "format/block.h"

/* A channel's block as this process sees it. */
struct wi_ring {
	struct wi_geom g;
	struct wi_shm_channel *ch;
	struct wi_shm_lane *lanes;
	struct wi_shm_cell *cells;
	uint8_t *slots;
	uint8_t *bytes;
	uint64_t mask;	/* N - 1 */
	bool read_only; /* the mapping is */
};

/* No channel counts that far, 290 years at a thousand million records a second:
 * a slot that says so is damaged.  What is below can be doubled, and counted on
 * from for a few laps. */
#define WI_SEQ_MAX ((1ull << 63) - (1ull << 32))

/* wi_ring_init - @block has the geometry @g, which was checked. */
void wi_ring_init(struct wi_ring *r, void *block, const struct wi_geom *g,
		  bool read_only);

static inline struct wi_shm_slot *
wi_slot(const struct wi_ring *r, uint64_t t)
{
	return (struct wi_shm_slot *)(void *)(r->slots +
					      (t & r->mask) * r->g.slot_len);
}

/* wi_slot_word - the half of slot @t's seq that a sleeper waits on. */
static inline const uint32_t *
wi_slot_word(const struct wi_ring *r, uint64_t t)
{
	return (const uint32_t *)&wi_slot(r, t)->commit.seq; /* little-endian */
}

static inline bool
wi_is_exclusive(const struct wi_ring *r)
{
	return r->g.flags & WI_CH_EXCLUSIVE;
}

static inline bool
wi_is_block(const struct wi_ring *r)
{
	return r->g.flags & WI_CH_BLOCK;
}

/* wi_newest - raise *@t, which is committed or 0, to the newest committed
 * record.  Return: 0 or WEIR_ECORRUPT.  Where producers are faster than the
 * walk, it ends early: *@t is then committed, and was the newest at some
 * time since the call began or is beyond. */
int wi_newest(const struct wi_ring *r, uint64_t *t);

/* wi_oldest - the oldest record that can still be in the ring when @newest
 * is the newest; 1 if nothing has left it yet. */
static inline uint64_t
wi_oldest(const struct wi_ring *r, uint64_t newest)
{
	return newest > r->g.slot_cnt ? newest - r->g.slot_cnt + 1 : 1;
}

/* wi_raise_tail - let others find the newest sooner. */
static inline void
wi_raise_tail(const struct wi_ring *r, uint64_t t)
{
	wi_raise(&r->ch->tail_seq, t);
}

/* A record's description in private memory. */
struct wi_rec {
	uint64_t seq;
	uint64_t id_hash; /* inline: only the low half */
	uint64_t time_ns, origin_channel, origin_seq;
	const uint8_t *data; /* payload: in the buffer, or in place */
	uint32_t len;
	uint32_t lane_idx;
	uint64_t position; /* in the lane; of the record's head */
	uint8_t kind, parts;
	bool is_inline;
};

enum wi_read {
	WI_READ_OK = 0,
	WI_READ_EMPTY = 1,  /* not there yet */
	WI_READ_LAPPED = 2, /* a newer record has its slot */
	WI_READ_LOST = 3,   /* its bytes in the lane have been overwritten */
	WI_READ_SHORT = 4,  /* the buffer is too small; rec->len is known */
	WI_READ_DAMAGED = 5,
};

/* wi_ring_read - copy record @t: payload to buf[cap], the rest to @rec.
 * With @buf NULL and @cap 0 the payload stays in place and rec->data points
 * to it: for records that producers may not overwrite (a gating consumer's),
 * or to find out everything but the payload.
 * @rec: its .len is a guess at the record's length, to be fetched at once
 * with its head; 0 if there is none. */
enum wi_read wi_ring_read(const struct wi_ring *r, uint64_t t,
			  struct wi_rec *rec, void *buf, size_t cap);

/* wi_prefetch_slot - a record of about @guess bytes inline reaches into the
 * slot's second line, and waiting for that only after the first has come
 * would cost a transfer more: 1.9 -> 1.6 of a bare message. */
static inline void
wi_prefetch_slot(const struct wi_ring *r, const struct wi_shm_slot *s,
		 uint32_t guess)
{
	if (r->g.inline_len && guess > WI_LINE - sizeof(*s))
		__builtin_prefetch((const char *)s + WI_LINE, 0, 3);
}

/* wi_lane_read - the same for a record known by its place in a lane. */
enum wi_read wi_lane_read(const struct wi_ring *r, uint32_t lane_idx,
			  uint64_t position, struct wi_rec *rec, void *buf,
			  size_t cap);

/* wi_pair_look - both halves as they stood at one time.  A seq never comes
 * back, so finding it unchanged proves the word between.
 * Return: false if it changed again and again. */
static inline bool
wi_pair_look(const struct wi_pair *pair, struct wi_pair *out)
{
	for (int tries = 0; tries < 64; tries++) {
		out->seq = wi_load_acquire(&pair->seq);
		out->word = wi_load_relaxed(&pair->word);
		wi_fence_acquire();
		if (wi_likely(wi_load_relaxed(&pair->seq) == out->seq))
			return true;
	}
	return false;
}

/* wi_slot_look - {seq, desc} of the slot of record @t. */
static inline bool
wi_slot_look(const struct wi_ring *r, uint64_t t, struct wi_pair *out)
{
	return wi_pair_look(&wi_slot(r, t)->commit, out);
}

/* Where a desc that is not inline points. */
static inline uint32_t
wi_desc_lane(uint64_t desc)
{
	return (uint32_t)(desc >> 52) & 0x7ff;
}

static inline uint64_t
wi_desc_position(uint64_t desc)
{
	return (desc & 0xfffffffffffffu) << 4;
}

static inline uint64_t
wi_desc(uint32_t lane_idx, uint64_t position)
{
	return (uint64_t)lane_idx << 52 | (position >> 4 & 0xfffffffffffffu);
}

/* wi_head_about - {len, kind, parts, lane_idx} of a record's head, one word:
 * smaller pieces, moved as larger ones, wait for each other in the store
 * buffer. */
static inline uint64_t *
wi_head_about(const struct wi_shm_record *head)
{
	return (uint64_t *)(uintptr_t)&head->len;
}

/* ---- the same, in line
 *
 * For the read of a stream, which fills the caller's record from these words
 * at once; everybody else calls the functions above. */

#define WI_TAKE_MOST 2048u /* bytes of a record to ask for at once */

/* The parts behind the payload at @p. */
wi_inline void
wi_take_parts(struct wi_rec *rec, const uint8_t *p)
{
	rec->time_ns = rec->origin_channel = rec->origin_seq = 0;
	if (!rec->parts)
		return;
	p += (rec->len + 7u) & ~7u;
	if (rec->parts & WI_PART_TIME) {
		wi_get(&rec->time_ns, p, 8);
		p += 8;
	}
	if (rec->parts & WI_PART_ORIGIN) {
		wi_get(&rec->origin_channel, p, 8);
		wi_get(&rec->origin_seq, p + 8, 8);
	}
}

/* Copy the payload, or leave it where it is. */
wi_inline bool
wi_take_payload(struct wi_rec *rec, const uint8_t *p, void *buf, size_t cap)
{
	rec->data = p;
	if (!buf)
		return true;
	if (rec->len > cap)
		return false;
	wi_get(buf, p, rec->len);
	rec->data = buf;
	return true;
}

/* All lines of a record of about @guess bytes on their way together: 1 KB
 * 1.25 -> 1.07 of a bare message. */
wi_inline void
wi_lane_soon(const struct wi_ring *r, uint32_t lane_idx, uint64_t position,
	     uint32_t guess)
{
	uint64_t off = position & (r->g.lane_len - 1);
	uint64_t len = sizeof(struct wi_shm_record) + 8 + guess;

	if (len > WI_TAKE_MOST)
		len = WI_TAKE_MOST;
	if (off + len > r->g.lane_len)
		len = r->g.lane_len - off;
	wi_prefetch_read(r->bytes + lane_idx * r->g.lane_len + off, len);
}

wi_inline enum wi_read
wi_lane_take(const struct wi_ring *r, uint32_t lane_idx, uint64_t position,
	     struct wi_rec *rec, void *buf, size_t cap)
{
	const struct wi_shm_lane *lane;
	const struct wi_shm_record *head;
	uint64_t about;
	const uint8_t *p;
	uint64_t off;
	bool fits;

	if (lane_idx >= r->g.lane_cnt || r->g.lane_len == 0)
		return WI_READ_DAMAGED;
	lane = &r->lanes[lane_idx];
	off = position & (r->g.lane_len - 1);
	if (off + sizeof(*head) > r->g.lane_len || off % 16)
		return WI_READ_DAMAGED;
	p = r->bytes + lane_idx * r->g.lane_len + off;
	wi_lane_soon(r, lane_idx, position, rec->len);
	head = (const void *)p;
	about = wi_load_relaxed(wi_head_about(head));

	rec->position = position;
	rec->lane_idx = lane_idx;
	rec->is_inline = false;
	rec->len = (uint32_t)about;
	rec->kind = about >> 32 & 0xff;
	rec->parts = about >> 40 & WI_PARTS_ALL;
	rec->id_hash = wi_load_relaxed(&head->id_hash);
	/* The head may be torn: what it says must at least stay inside. */
	if (wi_load_relaxed(&head->position) != position ||
	    rec->len > r->g.max_record ||
	    off + wi_footprint(rec->parts, rec->len) > r->g.lane_len)
		return WI_READ_LOST;
	wi_take_parts(rec, p + sizeof(*head));
	fits = wi_take_payload(rec, p + sizeof(*head), buf, cap);
	wi_fence_acquire(); /* S2: the bytes before the word that voids them */
	if ((int64_t)(wi_load_relaxed(&lane->reserved) - position -
		      r->g.lane_len) > 0)
		return WI_READ_LOST;
	return fits ? WI_READ_OK : WI_READ_SHORT;
}

wi_inline enum wi_read
wi_ring_take(const struct wi_ring *r, uint64_t t, struct wi_rec *rec, void *buf,
	     size_t cap)
{
	const struct wi_shm_slot *s = wi_slot(r, t);
	uint64_t seq, desc;
	bool sane, fits = true;

	wi_prefetch_slot(r, s, rec->len);
	seq = wi_load_acquire(&s->commit.seq); /* E1, S1 */

	if (seq != 2 * t)
		return seq < 2 * t ? WI_READ_EMPTY : WI_READ_LAPPED;
	desc = wi_load_relaxed(&s->commit.word);
	rec->seq = t;
	if (!(desc & WI_DESC_INLINE)) {
		wi_fence_acquire(); /* E2 */
		if (wi_load_relaxed(&s->commit.seq) != seq)
			return WI_READ_LAPPED;
		return wi_lane_take(r, wi_desc_lane(desc),
				    wi_desc_position(desc), rec, buf, cap);
	}
	rec->is_inline = true;
	rec->lane_idx = 0;
	rec->position = 0;
	rec->len = (uint32_t)(desc >> 32) & 0xffffff;
	rec->kind = desc >> 56 & 7;
	rec->parts = desc >> 59 & 15 & WI_PARTS_ALL;
	rec->id_hash = desc & 0xffffffffu;
	sane = ((rec->len + 7u) & ~7u) + wi_parts_len(rec->parts) <=
	       r->g.inline_len;
	if (wi_likely(sane)) {
		wi_take_parts(rec, (const uint8_t *)(s + 1));
		fits = wi_take_payload(rec, (const uint8_t *)(s + 1), buf, cap);
	}
	wi_fence_acquire(); /* E2 */
	if (wi_unlikely(wi_load_relaxed(&s->commit.seq) != seq))
		return WI_READ_LAPPED;
	if (wi_unlikely(!sane))
		return WI_READ_DAMAGED;
	return fits ? WI_READ_OK : WI_READ_SHORT;
}

/* A reader that is behind asks for what it will read: slots this many records
 * ahead, and, once their slots have come, records in the lane. */
#define WI_AHEAD_SLOTS 16
#define WI_AHEAD_LANE  4

/* wi_ring_ahead - record @t will be taken next, and all up to @known are
 * committed, so asking for them takes nothing from a producer that writes;
 * @guess: bytes of a record.  Changes nothing.
 *
 * Streams of 64 bytes, cores far apart: 0.18 -> 0.43 of a bare ring; of 1 KB
 * 0.62 -> 0.75.  In shared channels it is the producer that takes longer, and
 * is in its way: 1 KB 0.55 -> 0.51. */
wi_inline void
wi_ring_ahead(const struct wi_ring *r, uint64_t t, uint64_t known,
	      uint32_t guess)
{
	const struct wi_shm_slot *s;
	uint64_t desc;

	if ((int64_t)(known - t) < WI_AHEAD_SLOTS || !wi_is_exclusive(r))
		return;
	s = wi_slot(r, t + WI_AHEAD_SLOTS);
	__builtin_prefetch(s, 0, 3);
	wi_prefetch_slot(r, s, guess);
	if (guess <= r->g.inline_len)
		return;
	desc = wi_load_relaxed(&wi_slot(r, t + WI_AHEAD_LANE)->commit.word);
	if (!(desc & WI_DESC_INLINE) && wi_desc_lane(desc) < r->g.lane_cnt)
		wi_lane_soon(r, wi_desc_lane(desc), wi_desc_position(desc),
			     guess);
}

#endif
