/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"

#include <errno.h>

int
weir_slot_next(weir_channel *ch, weir_slot_info *it)
{
	const struct wi_ring *r;
	struct wi_pair s;
	int rc;

	if (!ch || !it || it->size < sizeof(*it))
		return -EINVAL;
	rc = wi_channel_ok(ch);
	if (rc != 0 && rc != WEIR_ERETIRED)
		return rc;
	r = &ch->ring;
	if (it->next >= r->g.slot_cnt)
		return 0;
	it->idx = it->next++;
	if (!wi_slot_look(r, it->idx, &s))
		s.seq = 0; /* changes all the time */
	it->seq = (s.seq + 1) / 2;
	it->state = s.seq == 0	? WEIR_SLOT_FRESH
		    : s.seq & 1 ? WEIR_SLOT_WRITING
				: WEIR_SLOT_RECORD;
	if (s.seq &&
	    ((it->seq & r->mask) != it->idx || s.seq >= 2 * WI_SEQ_MAX))
		it->state = WEIR_SLOT_DAMAGED;
	it->is_inline = (s.word & WI_DESC_INLINE) != 0;
	it->lane = it->is_inline ? 0 : wi_desc_lane(s.word);
	it->position = it->is_inline ? 0 : wi_desc_position(s.word);
	return 1;
}

int
weir_ring_stat(weir_channel *ch, weir_ring_info *info)
{
	const struct wi_shm_channel *c;
	int rc;

	if (!ch || !info || info->size < sizeof(*info))
		return -EINVAL;
	rc = wi_channel_ok(ch);
	if (rc != 0 && rc != WEIR_ERETIRED)
		return rc;
	c = ch->ring.ch;
	info->block_offset = ch->off;
	info->tail = wi_load_relaxed(&c->tail_seq);
	info->settled = wi_load_relaxed(&c->settled_seq);
	info->want = wi_load_relaxed(&c->want_seq);
	info->safe = wi_load_relaxed(&c->safe_seq);
	info->sleepers = 0;
	for (uint32_t i = 0; i * 64 < ch->cells.cnt; i++)
		info->sleepers += (uint64_t)__builtin_popcountll(
		    wi_load_relaxed(&c->sleepers[i]));
	return 0;
}
