/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/value.h"

int
wi_values_find(const struct wi_ring *r, uint64_t t, struct wi_pair *found)
{
	struct wi_pair s;

	for (uint32_t i = 0; i < r->g.lane_cnt; i++)
		found[i] = (struct wi_pair){0, 0};
	for (uint64_t i = 0; i < r->g.slot_cnt; i++) {
		uint32_t idx;

		/* any order will do; seq says which record it is */
		if (!wi_slot_look(r, i, &s))
			continue; /* moves so fast that `last` knows */
		if (s.seq == 0 || (s.seq & 1) || s.seq > 2 * t)
			continue;
		idx = wi_desc_lane(s.word);
		if (((s.seq / 2) & r->mask) != i || idx >= r->g.lane_cnt ||
		    (s.word & WI_DESC_INLINE))
			return WEIR_ECORRUPT;
		if (s.seq / 2 > found[idx].seq)
			found[idx] = (struct wi_pair){s.seq / 2,
						      wi_desc_position(s.word)};
	}
	for (uint32_t i = 0; i < r->g.lane_cnt; i++) {
		if (!wi_pair_look(&r->lanes[i].last, &s) || s.seq > t)
			found[i].seq = WI_SUPERSEDED;
		else if (s.seq > found[i].seq)
			found[i] = s; /* L1 */
	}
	return 0;
}

static enum wi_value
judge(enum wi_read got, const struct wi_rec *rec)
{
	switch (got) {
	case WI_READ_OK:
		return rec->kind == WEIR_DATA ? WI_VALUE : WI_VALUE_NONE;
	case WI_READ_SHORT:
		return WI_VALUE_SHORT;
	case WI_READ_LAPPED:
	case WI_READ_LOST:
		return WI_VALUE_SUPERSEDED;
	default:
		return WI_VALUE_DAMAGED; /* it was committed */
	}
}

enum wi_value
wi_value_of(const struct wi_ring *r, uint32_t lane_idx, struct wi_pair found,
	    struct wi_rec *rec, void *buf, size_t cap)
{
	if (found.seq == 0)
		return WI_VALUE_NONE;
	if (found.seq == WI_SUPERSEDED)
		return WI_VALUE_SUPERSEDED;
	rec->seq = found.seq;
	return judge(wi_lane_read(r, lane_idx, found.word, rec, buf, cap), rec);
}

enum wi_value
wi_value_current(const struct wi_ring *r, uint64_t t, struct wi_rec *rec,
		 void *buf, size_t cap, struct wi_pair *scratch)
{
	enum wi_value v;

	if (t == 0)
		return WI_VALUE_NONE;
	/* The newest record of all, unless it is a clear, is the answer. */
	v = judge(wi_ring_read(r, t, rec, buf, cap), rec);
	if (v != WI_VALUE_NONE || wi_is_exclusive(r))
		return v;
	if (wi_values_find(r, t, scratch) != 0)
		return WI_VALUE_DAMAGED;
	for (;;) {
		uint32_t best = 0;

		for (uint32_t i = 0; i < r->g.lane_cnt; i++)
			if (scratch[i].seq > scratch[best].seq)
				best = i; /* WI_SUPERSEDED is the highest */
		v = wi_value_of(r, best, scratch[best], rec, buf, cap);
		if (v != WI_VALUE_NONE || scratch[best].seq == 0)
			return v;
		scratch[best].seq = 0; /* a clear: the next older one */
	}
}
