/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/ring.h"

#include "base/compiler.h"

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

	*ok =
	    seq == 0 || (((owner ^ t) & r->mask) == 0 && seq < 2 * WI_SEQ_MAX);
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

enum wi_read
wi_lane_read(const struct wi_ring *r, uint32_t lane_idx, uint64_t position,
	     struct wi_rec *rec, void *buf, size_t cap)
{
	return wi_lane_take(r, lane_idx, position, rec, buf, cap);
}

enum wi_read
wi_ring_read(const struct wi_ring *r, uint64_t t, struct wi_rec *rec, void *buf,
	     size_t cap)
{
	return wi_ring_take(r, t, rec, buf, cap);
}
