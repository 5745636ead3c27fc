/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/gate.h"

int
wi_gate_round(const struct wi_ring *r, uint64_t u, uint64_t newest,
	      struct wi_slowest *slow)
{
	uint64_t want = u + 1 + r->g.slot_cnt / 4;
	uint64_t min;

	if (want > newest + 1)
		want = newest + 1;
	wi_raise(&r->ch->want_seq, want);
	wi_fence_sc(); /* G1 */
	min = want;
	for (uint32_t i = 0; i < r->g.cell_cnt; i++) {
		const struct wi_shm_cell *c = &r->cells[i];
		uint64_t word = wi_load_acquire(&c->tag.word);
		uint64_t cursor;

		if (wi_word_state(word) != WI_LIVE ||
		    wi_load_relaxed_32(&c->gating) != 1)
			continue;
		cursor = wi_load_acquire(&c->cursor); /* G4 */
		if ((int64_t)(cursor - min) < 0) {
			min = cursor;
			*slow = (struct wi_slowest){i, word, cursor};
		}
	}
	wi_raise(&r->ch->safe_seq, min); /* G2 */
	return (int64_t)(u - wi_load_acquire(&r->ch->safe_seq)) < 0 ? 0
								    : WI_GATED;
}

int
wi_gate_join(const struct wi_ring *r, uint32_t idx, uint64_t from,
	     uint64_t held, uint64_t *newest, uint64_t *start)
{
	struct wi_shm_cell *c = &r->cells[idx];

	*newest = 0;
	/* want <= newest + 1 always, so a second look suffices unless
	 * producers moved in between; and they cannot pass a cursor that
	 * they have seen.  More than a few is somebody who writes nonsense. */
	for (int looks = 0; looks < 10000; looks++) {
		uint64_t want = wi_load_acquire(&r->ch->want_seq);
		uint64_t floor = held && held < want ? held : want;
		uint64_t at = from > floor ? from : floor;

		if (wi_newest(r, newest) != 0 || want > *newest + 1)
			return WEIR_ECORRUPT;
		if (at > *newest + 1)
			at = *newest + 1;
		wi_store_release(&c->cursor, at);
		wi_fence_sc(); /* G1 */
		if ((held && at >= held) ||
		    wi_load_acquire(&r->ch->want_seq) <= at) {
			*start = at;
			return 0;
		}
	}
	return WEIR_ECORRUPT;
}
