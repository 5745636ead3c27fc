/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/ring.h"

#include "base/compiler.h"

#define PREFETCH_MOST 2048u

void
wi_ring_init(struct wi_ring *r, void *block, const struct wi_geom *g,
	     bool read_only)
{
	uint8_t *base = block;

	*r = (struct wi_ring){
	    .g = *g,
	    .ch = block,
	    .lanes = (void *)(base + g->lanes_off),
	    .cells = (void *)(base + g->cells_off),
	    .slots = base + g->slots_off,
	    .bytes = base + g->bytes_off,
	    .mask = g->slot_cnt - 1,
	    .read_only = read_only,
	};
}

/* The newest record that a slot's seq proves to be committed; *ok is false
 * if that number cannot stand in the slot of record @t. */
static uint64_t
proved(const struct wi_ring *r, uint64_t t, uint64_t seq, bool *ok)
{
	uint64_t owner = (seq + 1) >> 1; /* 2t and 2t-1 both belong to t */

	*ok = seq == 0 || ((owner ^ t) & r->mask) == 0;
	return seq >> 1;
}

int
wi_newest(const struct wi_ring *r, uint64_t *io)
{
	uint64_t t = wi_load_acquire(&r->ch->tail_seq); /* T1 */
	uint64_t from, limit;
	bool ok;

	if ((int64_t)(*io - t) >= 0) {
		t = *io;
	} else if (proved(r, t, wi_load_acquire(&wi_slot(r, t)->commit.seq),
			  &ok) < t ||
		   !ok) {
		return WEIR_ECORRUPT; /* a tail that was never committed */
	}
	from = t;
	/* A walker is faster than a publisher: more than a few laps is
	 * somebody who writes nonsense. */
	for (limit = 4 * (uint64_t)r->g.slot_cnt + 64; limit; limit--) {
		uint64_t seq =
		    wi_load_acquire(&wi_slot(r, t + 1)->commit.seq); /* E1 */
		uint64_t b = proved(r, t + 1, seq, &ok);

		if (wi_unlikely(!ok))
			return WEIR_ECORRUPT;
		if (b <= t)
			break;
		t = b;
	}
	if (t - from >= r->g.slot_cnt / 4 && t > from && !r->read_only)
		wi_raise_tail(r, t);
	*io = t;
	return 0;
}

/* The parts behind the payload at @p. */
static inline void
take_parts(struct wi_rec *rec, const uint8_t *p)
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
static inline bool
take_payload(struct wi_rec *rec, const uint8_t *p, void *buf, size_t cap)
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

enum wi_read
wi_lane_read(const struct wi_ring *r, uint32_t lane_idx, uint64_t position,
	     struct wi_rec *rec, void *buf, size_t cap)
{
	const struct wi_shm_lane *lane;
	struct wi_shm_record head;
	const uint8_t *p;
	uint64_t off, guess;
	bool fits;

	if (lane_idx >= r->g.lane_cnt || r->g.lane_len == 0)
		return WI_READ_DAMAGED;
	lane = &r->lanes[lane_idx];
	off = position & (r->g.lane_len - 1);
	if (off + sizeof(head) > r->g.lane_len)
		return WI_READ_DAMAGED;
	p = r->bytes + lane_idx * r->g.lane_len + off;
	/* all its lines on their way together: 1 KB 1.25 -> 1.07 of a bare
	 * message */
	guess = sizeof(head) + 8 + rec->len;
	if (guess > PREFETCH_MOST)
		guess = PREFETCH_MOST;
	wi_prefetch_read(p, off + guess > r->g.lane_len ? r->g.lane_len - off
							: guess);
	wi_get(&head, p, sizeof(head));

	rec->position = position;
	rec->lane_idx = lane_idx;
	rec->is_inline = false;
	rec->len = head.len;
	rec->kind = head.kind;
	rec->parts = head.parts & WI_PARTS_ALL;
	rec->id_hash = head.id_hash;
	/* The head may be torn: what it says must at least stay inside. */
	if (head.position != position || head.len > r->g.max_record ||
	    off + wi_footprint(rec->parts, head.len) > r->g.lane_len)
		return WI_READ_LOST;
	take_parts(rec, p + sizeof(head));
	fits = take_payload(rec, p + sizeof(head), buf, cap);
	wi_fence_acquire(); /* S2: the bytes before the word that voids them */
	if ((int64_t)(wi_load_relaxed(&lane->reserved) - position -
		      r->g.lane_len) > 0)
		return WI_READ_LOST;
	return fits ? WI_READ_OK : WI_READ_SHORT;
}

enum wi_read
wi_ring_read(const struct wi_ring *r, uint64_t t, struct wi_rec *rec, void *buf,
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
		return wi_lane_read(r, wi_desc_lane(desc),
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
		take_parts(rec, (const uint8_t *)(s + 1));
		fits = take_payload(rec, (const uint8_t *)(s + 1), buf, cap);
	}
	wi_fence_acquire(); /* E2 */
	if (wi_unlikely(wi_load_relaxed(&s->commit.seq) != seq))
		return WI_READ_LAPPED;
	if (wi_unlikely(!sane))
		return WI_READ_DAMAGED;
	return fits ? WI_READ_OK : WI_READ_SHORT;
}
