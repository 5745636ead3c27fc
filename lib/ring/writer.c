/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/writer.h"

#include "base/compiler.h"

/* A shared channel's order slots, four to a line, are asked for this many
 * ahead: streams 0.39 -> 0.44 of a bare ring. */
#define AHEAD_ORDER 24

size_t
wi_writer_scratch(const struct wi_geom *g)
{
	return (size_t)g->lane_cnt +
	       ((g->flags & WI_CH_BLOCK) && g->lane_len ? g->slot_cnt : 0);
}

static uint64_t
quarter(const struct wi_ring *r)
{
	return r->g.slot_cnt / 4 ? r->g.slot_cnt / 4 : 1;
}

static void
keep(struct wi_writer *w, uint64_t seq, uint64_t pos)
{
	if (!w->kept)
		return;
	if (w->kept_to - w->kept_from == w->r->g.slot_cnt)
		w->kept_from++; /* it has left the ring: nobody needs it */
	w->kept[w->kept_to++ & w->r->mask] = (struct wi_pair){seq, pos};
}

int
wi_writer_init(struct wi_writer *w, const struct wi_ring *r, uint32_t idx,
	       uint64_t id_hash, struct wi_pair *scratch)
{
	struct wi_rec rec = {.len = 0};
	struct wi_pair s, last;

	*w = (struct wi_writer){
	    .r = r,
	    .lane = &r->lanes[idx],
	    .lane_idx = idx,
	    .id_hash = id_hash,
	    .notes = scratch,
	};
	if (wi_is_block(r) && r->g.lane_len)
		w->kept = scratch + r->g.lane_cnt;
	if (wi_newest(r, &w->newest) != 0)
		return WEIR_ECORRUPT;
	wi_raise_tail(r, w->newest);
	w->tailed = w->newest;
	w->safe = wi_load_acquire(&r->ch->safe_seq);
	w->reserved = wi_load_relaxed(&w->lane->reserved) & ~15ull;
	wi_fence_release(); /* S2: also where the last holder had raised it */
	if (r->g.lane_len == 0)
		return 0;

	/* The ring first, then `last`: a record that has left the ring
	 * meanwhile is in `last` by then (L1, L2). */
	for (uint64_t t = wi_oldest(r, w->newest); t <= w->newest; t++) {
		if (!wi_slot_look(r, t, &s) || s.seq != 2 * t ||
		    (s.word & WI_DESC_INLINE) || wi_desc_lane(s.word) != idx)
			continue;
		w->last_seq = t;
		w->last_pos = wi_desc_position(s.word);
		keep(w, t, w->last_pos);
	}
	if (wi_pair_look(&w->lane->last, &last) && last.seq > w->last_seq) {
		w->last_seq = last.seq;
		w->last_pos = last.word;
	}

	w->write = w->reserved;
	if (w->last_seq &&
	    wi_lane_read(r, idx, w->last_pos, &rec, NULL, 0) == WI_READ_OK) {
		uint64_t end = w->last_pos + wi_footprint(rec.parts, rec.len);

		if (end > w->reserved)
			return WEIR_ECORRUPT;
		w->write = end;
	} else {
		/* none yet; or an exclusive channel whose long records have
		 * all left the ring */
		w->last_seq = 0;
	}
	return 0;
}

/* May record @u, and all before it, be overwritten? */
static bool
may_reuse(struct wi_writer *w, uint64_t u)
{
	if ((int64_t)(u - w->safe) < 0)
		return true;
	w->safe = wi_load_acquire(&w->r->ch->safe_seq); /* G2 */
	if ((int64_t)(u - w->safe) < 0)
		return true;
	w->blocked_on = u;
	return false;
}

/* The newest kept record whose bytes end before position @p; 0: none. */
static uint64_t
newest_before(const struct wi_writer *w, uint64_t p)
{
	uint64_t seq = 0;

	for (uint64_t i = w->kept_from; i != w->kept_to; i++) {
		const struct wi_pair *k = &w->kept[i & w->r->mask];

		if ((int64_t)(k->word - p) >= 0)
			break;
		seq = k->seq;
	}
	return seq;
}

/* Raise `reserved` so that it covers @need. */
static int
reserve(struct wi_writer *w, uint64_t need)
{
	const struct wi_ring *r = w->r;
	uint64_t base = w->last_seq ? w->last_pos : w->write;
	uint64_t most = base + r->g.lane_len;
	uint64_t want = need + wi_lane_step(r->g.lane_len);
	uint64_t u;

	if (want > most)
		want = most;
	if (need > most)
		return WEIR_ECORRUPT; /* wi_lane_fits() says: impossible */
	if (w->kept) {
		u = newest_before(w, want - r->g.lane_len);
		if (want > r->g.lane_len && u && !may_reuse(w, u)) {
			/* not a whole step: just what is needed now */
			want = need;
			u = newest_before(w, want - r->g.lane_len);
			if (want > r->g.lane_len && u && !may_reuse(w, u))
				return WI_BLOCKED;
		}
		while (w->kept_from != w->kept_to &&
		       (int64_t)(w->kept[w->kept_from & r->mask].word +
				 r->g.lane_len - want) < 0)
			w->kept_from++;
	}
	wi_store_relaxed(&w->lane->reserved, want);
	wi_fence_release(); /* S2: the word before the bytes that it voids */
	w->reserved = want;
	return 0;
}

wi_inline int
begin_in_lane(struct wi_writer *w, uint32_t parts, uint32_t cap)
{
	uint64_t lane_len = w->r->g.lane_len;
	uint64_t foot = wi_footprint(parts, cap);
	uint64_t pos = w->write, off = pos & (lane_len - 1);
	int rc;

	if (off + foot > lane_len)
		pos += lane_len - off; /* records do not wrap */
	if ((int64_t)(pos + foot - w->reserved) > 0 &&
	    (rc = reserve(w, pos + foot)) != 0)
		return rc;
	w->cur_t = 0;
	w->cur_pos = pos;
	w->cur_payload = w->r->bytes + w->lane_idx * lane_len +
			 (pos & (lane_len - 1)) + sizeof(struct wi_shm_record);
	return 0;
}

/* Exclusive: open slot @t for writing. */
wi_inline int
open_slot(struct wi_writer *w, uint64_t t)
{
	const struct wi_ring *r = w->r;

	if (wi_is_block(r) && t > r->g.slot_cnt &&
	    !may_reuse(w, t - r->g.slot_cnt))
		return WI_BLOCKED;
	/* E3: the mark also proves that t - 1 is committed */
	wi_store_release(&wi_slot(r, t)->commit.seq, 2 * t - 1);
	wi_fence_release(); /* E2: the mark before the bytes that it voids */
	return 0;
}

wi_inline int
begin(struct wi_writer *w, uint32_t parts, uint32_t cap)
{
	const struct wi_ring *r = w->r;
	int rc;

	w->cur_parts = parts;
	w->cur_cap = cap;
	if (!wi_is_exclusive(r) || cap + wi_parts_len(parts) > r->g.inline_len)
		return begin_in_lane(w, parts, cap);
	w->cur_t = w->newest + 1;
	rc = open_slot(w, w->cur_t);
	if (rc != 0)
		return rc;
	w->cur_payload = (uint8_t *)(wi_slot(r, w->cur_t) + 1);
	return 0;
}

/* Behind a payload of @len bytes at @p. */
wi_inline void
put_parts(const struct wi_writer *w, uint8_t *p, uint32_t len,
	  uint64_t time_ns)
{
	p += (len + 7u) & ~7u;
	if (w->cur_parts & WI_PART_TIME) {
		wi_put(p, &time_ns, 8);
		p += 8;
	}
	if (wi_unlikely(w->cur_parts & WI_PART_ORIGIN)) {
		wi_put(p, &w->origin_channel, 8);
		wi_put(p + 8, &w->origin_seq, 8);
	}
}

/* The head of a record in the lane; afterwards it only needs its number. */
wi_inline uint64_t
seal(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns, uint32_t len)
{
	struct wi_shm_record *head =
	    (struct wi_shm_record *)(void *)w->cur_payload - 1;

	put_parts(w, w->cur_payload, len, time_ns);
	wi_store_relaxed(&head->position, w->cur_pos);
	wi_store_relaxed(wi_head_about(head), len | (uint64_t)kind << 32 |
						  (uint64_t)w->cur_parts << 40 |
						  (uint64_t)w->lane_idx << 48);
	wi_store_relaxed(&head->id_hash, w->id_hash);
	wi_store_relaxed(&head->reserved, 0);
	return wi_desc(w->lane_idx, w->cur_pos);
}

/* Bookkeeping in private memory after the commit of @t. */
wi_inline void
committed(struct wi_writer *w, uint64_t t, uint32_t len)
{
	const struct wi_ring *r = w->r;

	w->newest = t;
	if (w->cur_t == 0) {
		w->last_seq = t;
		w->last_pos = w->cur_pos;
		w->write = w->cur_pos + wi_footprint(w->cur_parts, len);
		keep(w, t, w->cur_pos);
	}
	w->cur_payload = NULL;
	if (t - w->tailed >= quarter(r)) {
		wi_raise_tail(r, t);
		w->tailed = t;
	}
}

wi_inline int
commit_exclusive(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns,
		 uint32_t len)
{
	uint64_t t = w->newest + 1;
	struct wi_shm_slot *s = wi_slot(w->r, t);
	uint64_t desc;
	int rc;

	if (w->cur_t) {
		put_parts(w, (uint8_t *)(s + 1), len, time_ns);
		desc = WI_DESC_INLINE | (uint64_t)w->cur_parts << 59 |
		       (uint64_t)kind << 56 | (uint64_t)len << 32 |
		       (w->id_hash & 0xffffffffu);
	} else {
		desc = seal(w, kind, time_ns, len);
		rc = open_slot(w, t);
		if (rc != 0)
			return rc;
	}
	wi_store_relaxed(&s->commit.word, desc);
	wi_store_release(&s->commit.seq, 2 * t); /* E1: THE commit */
	committed(w, t, len);
	return 0;
}

wi_inline int
commit_shared(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns,
	      uint32_t len)
{
	const struct wi_ring *r = w->r;
	uint64_t n = r->g.slot_cnt;
	uint64_t desc = seal(w, kind, time_ns, len);
	uint64_t t, before = 0;
	struct wi_pair old;

	if ((w->newest & 3) == 0) /* four order slots to a line */
		wi_want_write(wi_slot(r, w->newest + AHEAD_ORDER));
	for (;;) {
		t = w->newest + 1;
		/* Fresh, or what is to be replaced; else somebody was faster
		 * and newest has moved: if it has not, the ring is damaged. */
		if (wi_unlikely(!wi_slot_look(r, t, &old) ||
				old.seq != (t <= n ? 0 : 2 * (t - n)))) {
			if (t == before || wi_newest(r, &w->newest) != 0)
				return WEIR_ECORRUPT;
			before = t;
			wi_pause();
			continue;
		}
		if (t > n) {
			if (wi_is_block(r) && !may_reuse(w, t - n))
				return WI_BLOCKED;
			if (w->settled < t - n) {
				w->settled = wi_load_acquire(
				    &r->ch->settled_seq); /* L2 */
				if (w->settled < t - n &&
				    wi_settle(r, t - n, w->notes) != 0)
					return WEIR_ECORRUPT;
			}
		}
		if (wi_cas_128(&wi_slot(r, t)->commit, old,
			       (struct wi_pair){2 * t, desc}))
			break; /* S1: THE commit */
		wi_pause();
	}
	committed(w, t, len);
	return 0;
}

wi_inline int
commit(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns, uint32_t len)
{
	return wi_is_exclusive(w->r) ? commit_exclusive(w, kind, time_ns, len)
				     : commit_shared(w, kind, time_ns, len);
}

int
wi_write_begin(struct wi_writer *w, uint32_t parts, uint32_t cap)
{
	return begin(w, parts, cap);
}

int
wi_write_commit(struct wi_writer *w, enum weir_kind kind, uint64_t time_ns,
		uint32_t len)
{
	return commit(w, kind, time_ns, len);
}

int
wi_write_record(struct wi_writer *w, enum weir_kind kind, uint32_t parts,
		uint64_t time_ns, const void *msg, uint32_t len)
{
	int rc = begin(w, parts, len);

	if (wi_unlikely(rc != 0))
		return rc;
	wi_put(w->cur_payload, msg, len);
	return commit(w, kind, time_ns, len);
}

/* Raise lane.last to {seq, position} if it is lower. */
static bool
raise_last(struct wi_shm_lane *lane, struct wi_pair val)
{
	struct wi_pair old;

	for (int tries = 0; tries < 1024; tries++) {
		old.seq = wi_load_acquire(&lane->last.seq);
		old.word = wi_load_relaxed(&lane->last.word);
		if (old.seq >= val.seq || wi_cas_128(&lane->last, old, val))
			return true;
	}
	return false; /* it only rises, by few: somebody writes nonsense */
}

int
wi_settle(const struct wi_ring *r, uint64_t upto, struct wi_pair *notes)
{
	uint64_t from = wi_load_acquire(&r->ch->settled_seq);
	uint64_t newest = upto, to;
	struct wi_pair s;

	if (wi_newest(r, &newest) != 0)
		return WEIR_ECORRUPT;
	to = upto + r->g.slot_cnt / 4;
	if (to > newest)
		to = newest;
	if (from >= upto)
		return 0;
	/* What is older than the ring was settled by whoever replaced it. */
	if (from + 1 < wi_oldest(r, newest))
		from = wi_oldest(r, newest) - 1;
	for (uint32_t i = 0; i < r->g.lane_cnt; i++)
		notes[i].seq = 0;
	for (uint64_t u = from + 1; u <= to; u++) {
		uint32_t idx;

		if (!wi_slot_look(r, u, &s) || s.seq != 2 * u)
			continue; /* moved on: settled by somebody else */
		idx = wi_desc_lane(s.word);
		if (idx >= r->g.lane_cnt)
			return WEIR_ECORRUPT;
		notes[idx] = (struct wi_pair){u, wi_desc_position(s.word)};
	}
	for (uint32_t i = 0; i < r->g.lane_cnt; i++)
		if (notes[i].seq &&
		    !raise_last(&r->lanes[i], notes[i])) /* L1 */
			return WEIR_ECORRUPT;
	wi_raise(&r->ch->settled_seq, to); /* L2 */
	return 0;
}
