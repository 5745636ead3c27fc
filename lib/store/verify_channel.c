/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define BIT(s) (1u << (s))
#define LANE_STATES                                                            \
	(BIT(WI_FREE) | BIT(WI_RESERVED) | BIT(WI_CLAIM_NAME) | BIT(WI_LIVE) | \
	 BIT(WI_IDLE) | BIT(WI_CLEARING))
#define CELL_STATES                                                            \
	(BIT(WI_FREE) | BIT(WI_RESERVED) | BIT(WI_CLAIM_NAME) | BIT(WI_LIVE) | \
	 BIT(WI_REVOKED))

/* A consumer that closes puts its cursor this far ahead. */
#define OUT_OF_THE_WAY (1ull << 31)

static void
schema(struct wi_verify *v, const struct weir_channel *ch)
{
	const struct wi_geom *g = &ch->ring.g;
	const uint8_t *at = v->st->base + ch->off + g->schema_off;
	struct weir_schema *s = NULL;
	weir_diag diag;
	char *text;
	int rc;

	if (!g->schema_len)
		return;
	text = malloc(g->schema_len + 1);
	if (!text) {
		v->rc = -ENOMEM;
		return;
	}
	wi_copy_out(text, at, g->schema_len);
	text[g->schema_len] = 0;
	rc = wi_config_compile(g, text, g->schema_len, &s, &diag);
	weir_schema_free(s);
	free(text);
	if (rc == -ENOMEM)
		v->rc = rc;
	else if (rc != 0)
		wi_found(v, NULL, at, "schema", WI_ALONE, "%.150s",
			 diag.message);
}

/* Is there a record @t by now?  Looking for the newest may end early where
 * producers are fast; then it has come further, and looks on. */
static bool
is_there(const struct wi_ring *r, uint64_t *newest, uint64_t t)
{
	while (*newest < t) {
		uint64_t before = *newest;

		if (wi_newest(r, newest) != 0 || *newest == before)
			return false;
	}
	return true;
}

/* The words that producers steer by.  Each is loaded before what it may not
 * exceed; all only rise.  Return: the newest record; UINT64_MAX: that is
 * damaged. */
static uint64_t
words(struct wi_verify *v, const struct wi_ring *r)
{
	const struct wi_shm_channel *c = r->ch;
	uint64_t first = 0, safe, want, settled, newest = 0;

	if (wi_newest(r, &first) != 0) {
		wi_found(v, NULL, &c->tail_seq, "ring", WI_ALONE,
			 "the newest record cannot be found from tail %" PRIu64,
			 wi_load_relaxed(&c->tail_seq));
		return UINT64_MAX;
	}
	safe = wi_load_acquire(&c->safe_seq);
	want = wi_load_acquire(&c->want_seq);
	settled = wi_load_acquire(&c->settled_seq);
	newest = first;
	if (want < 1 || !is_there(r, &newest, want - 1))
		wi_found(v, NULL, &c->want_seq, "ring", WI_ALONE,
			 "want %" PRIu64
			 " is not up to the newest record, %" PRIu64,
			 want, newest);
	if (safe > want)
		wi_found(v, NULL, &c->safe_seq, "ring", WI_ALONE,
			 "safe %" PRIu64 " is beyond want %" PRIu64, safe,
			 want);
	if (!is_there(r, &newest, settled))
		wi_found(v, NULL, &c->settled_seq, "ring", WI_ALONE,
			 "settled %" PRIu64
			 " is beyond the newest record, %" PRIu64,
			 settled, newest);
	else if (!wi_is_exclusive(r) && settled + r->g.slot_cnt < first)
		wi_found(v, NULL, &c->settled_seq, "ring", WI_ALONE,
			 "settled %" PRIu64
			 " lags: slots were used again before "
			 "their records were remembered, newest %" PRIu64,
			 settled, first);
	for (uint32_t i = r->g.cell_cnt; i < WI_CELL_MAX; i++)
		if (wi_load_relaxed(&c->sleepers[i / 64]) >> i % 64 & 1) {
			wi_found(v, NULL, &c->sleepers[i / 64], "sleepers",
				 WI_ALONE,
				 "place %" PRIu32
				 " is marked, and there are %" PRIu32,
				 i, r->g.cell_cnt);
			break;
		}
	return newest;
}

/* The bytes of a record whose lane says that they have not been written over
 * must have its head. */
static bool
is_in_place(const struct wi_ring *r, uint32_t lane, uint64_t position)
{
	return (int64_t)(wi_load_acquire(&r->lanes[lane].reserved) - position -
			 r->g.lane_len) <= 0;
}

/* Why record @t, which is committed, cannot be; NULL: it can. */
static const char *
wrong_record(const struct wi_ring *r, uint64_t t)
{
	struct wi_rec rec = {.len = 0};

	switch (wi_ring_read(r, t, &rec, NULL, 0)) {
	case WI_READ_EMPTY:
		return "it is older than the one that was committed here";
	case WI_READ_DAMAGED:
		return "it says that its record lies where none can";
	case WI_READ_LOST:
		if (is_in_place(r, rec.lane_idx, rec.position))
			return "its record has no head in the lane";
		return NULL;
	case WI_READ_OK:
		if (rec.kind != WEIR_DATA && rec.kind != WEIR_CLEAR)
			return "its record is of no known kind";
		return NULL;
	default:
		return NULL;
	}
}

static void
slots(struct wi_verify *v, const struct wi_ring *r, uint64_t newest)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < r->g.slot_cnt; i++) {
		const char *why = NULL;
		uint64_t t = newest - ((newest - i) & r->mask), now = newest;
		struct wi_pair s;

		if (!wi_slot_look(r, i, &s))
			continue; /* in use */
		if (s.seq && (((s.seq + 1) / 2) & r->mask) != i)
			why = "its number belongs to another slot";
		else if (newest != UINT64_MAX && t >= 1 && t <= newest)
			why = wrong_record(r, t);
		/* 2t and 2t - 1 both prove record t - 1 */
		if (!why && newest != UINT64_MAX && s.seq &&
		    !is_there(r, &now, (s.seq - 1) / 2))
			why = "its number is beyond the newest record";
		if (why)
			wi_found(v, &cnt, wi_slot(r, i), "slot", i, "%s", why);
	}
	wi_found_more(v, cnt, "slots");
}

static const char *
wrong_lane(const struct wi_ring *r, uint32_t idx, uint64_t newest)
{
	const struct wi_shm_lane *lane = &r->lanes[idx];
	struct wi_rec rec = {.len = 0};
	struct wi_pair last;

	if (!wi_pair_look(&lane->last, &last) || last.seq == 0)
		return NULL;
	if (newest != UINT64_MAX && !is_there(r, &newest, last.seq))
		return "it remembers a record that there is not yet";
	if (r->g.lane_len == 0 || last.word % 16)
		return "it remembers a record where none can be";
	if (last.word >= wi_load_acquire(&lane->reserved))
		return "it remembers a record where nothing was written";
	if (wi_lane_read(r, idx, last.word, &rec, NULL, 0) != WI_READ_OK &&
	    is_in_place(r, idx, last.word))
		return "the record that it remembers has no head";
	return NULL;
}

static void
lanes(struct wi_verify *v, const struct wi_ring *r, uint64_t newest)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < r->g.lane_cnt; i++) {
		const char *why = wrong_lane(r, i, newest);

		if (why)
			wi_found(v, &cnt, &r->lanes[i].last, "lane", i, "%s",
				 why);
	}
	wi_found_more(v, cnt, "lanes");
}

static void
cells(struct wi_verify *v, const struct wi_ring *r, uint64_t newest)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < r->g.cell_cnt; i++) {
		const struct wi_shm_cell *c = &r->cells[i];
		uint64_t word = wi_load_acquire(&c->tag.word), cursor;
		const char *why = NULL;
		uint32_t gating;

		if (wi_word_state(word) != WI_LIVE)
			continue;
		gating = wi_load_relaxed_32(&c->gating);
		cursor = wi_load_relaxed(&c->cursor);
		wi_fence_acquire();
		if (wi_load_relaxed(&c->tag.word) != word)
			continue;
		if (gating > (wi_is_block(r) ? 1 : 0))
			why = "it gates, which it cannot";
		else if (newest != UINT64_MAX && cursor > OUT_OF_THE_WAY + 1 &&
			 !is_there(r, &newest, cursor - OUT_OF_THE_WAY - 1))
			why = "it reads what there is not yet";
		if (why)
			wi_found(v, &cnt, c, "place", i, "%s", why);
	}
	wi_found_more(v, cnt, "places");
}

void
wi_verify_channel(struct wi_verify *v, struct weir_channel *ch)
{
	const struct wi_ring *r = &ch->ring;
	uint64_t newest = words(v, r);

	schema(v, ch);
	wi_verify_tags(v, &ch->lanes, "lane", "lanes", LANE_STATES);
	wi_verify_tags(v, &ch->cells, "place", "places", CELL_STATES);
	slots(v, r, newest);
	lanes(v, r, newest);
	cells(v, r, newest);
}
