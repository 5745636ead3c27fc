/* SPDX-License-Identifier: BSD-2-Clause
 *
 * blocks.c - the channel table, and which bytes of the heap are whose.
 *
 * State.  An entry of the table goes through
 *
 *   FREE -> RESERVED -> CLAIM_RANGE -> BUILDING -> CLAIM_NAME -> LIVE
 *     ^                                                            |
 *     +------------- FREEING <------------- DYING <----------------+
 *
 * and owns the bytes [off, off + len) of the segment from CLAIM_RANGE to
 * FREEING.  Both claims are ring/claim.h's: one for the bytes, which makes
 * them this entry's alone, so that the block can be filled where nobody else
 * writes; one for the name, when the block is whole.
 *
 * Invariant.  No two entries in BUILDING .. FREEING overlap.
 *
 * Holding.  A participant that has a channel open has its bit set in its
 * row of `holds`; it sets it first and looks at the entry again afterwards.
 * Who wants to free a dying block marks it first and looks at the bits
 * afterwards.  Both sides fence between, so a block that somebody opened is
 * never freed under him.
 *
 * Ordering.
 *
 *   pair  one side                       other side
 *   H1    opener: its bit, sc,           freer: DYING, sc, the bits
 *         the entry's word
 *   H2    remover: DYING, then others    observer, who holds nothing: copies,
 *         write over the block           acquire fence, the entry's word
 *   H3    publisher: its last records;   reader: the entry's word, acquire
 *         then the remover: DYING        fence, the next slot
 *
 * Crash.  An entry whose holder's lock is free is brought on by whoever comes
 * by: half made ones and half freed ones are freed, dying ones too.  Memory is
 * reserved in BUILDING and given back in FREEING only.  weir_store_gc() does
 * the same at once, and also frees entries without memory, which otherwise
 * wait for the next who needs one.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct wi_shm_entry *
wi_entry(const struct weir_store *st, uint32_t i)
{
	return (struct wi_shm_entry *)(void *)wi_tag(&st->channels, i);
}

static bool
owns_range(enum wi_state s)
{
	return s == WI_BUILDING || s == WI_CLAIM_NAME || s == WI_LIVE ||
	       s == WI_DYING || s == WI_FREEING;
}

/* wi_clash_fn of ranges. */
static enum wi_clash
range_clash(const struct wi_table *t, uint32_t i, uint64_t word, uint32_t self,
	    void *arg)
{
	const struct wi_shm_entry *a = (const void *)wi_tag(t, i);
	const struct wi_shm_entry *b = (const void *)wi_tag(t, self);
	enum wi_state s = wi_word_state(word);
	uint64_t off = wi_load_relaxed(&a->off);

	(void)arg;
	if (s != WI_CLAIM_RANGE && !owns_range(s))
		return WI_CLASH_NONE;
	if (off >= b->off + b->len || b->off >= off + wi_load_relaxed(&a->len))
		return WI_CLASH_NONE;
	return s == WI_CLAIM_RANGE ? WI_CLASH_CLAIMS : WI_CLASH_STANDS;
}

/* Blocks are apart by whole pages, so that giving one's memory back leaves the
 * next one's alone: what the format asks for, and what this system has. */
static uint64_t
whole_pages(uint64_t v)
{
	uint64_t page = wi_page_len() > WI_PAGE ? wi_page_len() : WI_PAGE;

	return (v + page - 1) & ~(page - 1);
}

struct range {
	uint64_t off, len;
};

static int
by_offset(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

/* All ranges that are taken, in order of offset. */
static uint32_t
taken_ranges(const struct weir_store *st, struct range *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		const struct wi_shm_entry *e = wi_entry(st, i);
		uint64_t word = wi_load_acquire(&e->tag.word);

		if (!owns_range(wi_word_state(word)))
			continue;
		r[n].off = wi_load_relaxed(&e->off);
		r[n].len = wi_load_relaxed(&e->len);
		if (r[n].off > st->head.seg_len ||
		    r[n].len > st->head.seg_len - r[n].off)
			continue; /* damaged */
		n++;
	}
	qsort(r, n, sizeof(*r), by_offset);
	return n;
}

/* The first gap of @len bytes, which are whole pages; 0: none, and *@left is
 * what is free in all. */
static uint64_t
find_gap(const struct weir_store *st, uint64_t len, struct range *scratch,
	 uint64_t *left)
{
	uint32_t n = taken_ranges(st, scratch);
	uint64_t at = whole_pages(st->head.heap_off);

	*left = 0;
	for (uint32_t i = 0; i <= n; i++) {
		uint64_t end = i < n ? scratch[i].off : st->head.seg_len;

		if (end > at) {
			if (end - at >= len)
				return at;
			*left += end - at;
		}
		/* whole pages, whatever a damaged entry says */
		if (i < n && scratch[i].off + scratch[i].len > at)
			at = whole_pages(scratch[i].off + scratch[i].len);
	}
	return 0;
}

/* An entry that is free, or half made by somebody dead who had no range. */
static bool
reserve_entry(struct weir_store *st, uint32_t *idx, uint64_t *word)
{
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		struct wi_shm_tag *tag = wi_tag(&st->channels, i);
		uint64_t w = wi_load_acquire(&tag->word);
		enum wi_state s = wi_word_state(w);

		if (s != WI_FREE &&
		    !((s == WI_RESERVED || s == WI_CLAIM_RANGE) &&
		      !wi_alive(st, w)))
			continue;
		*word = wi_word_next(w, WI_RESERVED, st->who);
		if (!wi_cas(&tag->word, w, *word))
			continue;
		*idx = i;
		return true;
	}
	return false;
}

/* Bring an entry that we hold to WI_FREE, from any state without memory. */
static void
let_go(struct weir_store *st, uint32_t idx, uint64_t word)
{
	wi_cas(&wi_tag(&st->channels, idx)->word, word,
	       wi_word_next(word, WI_FREE, 0));
}

/* May entry @idx, as it says, give these bytes back?  What a damaged entry
 * takes for its own may be another's, and is then left to that one. */
static bool
is_alone(const struct weir_store *st, uint32_t idx, uint64_t off, uint64_t len)
{
	if (off < st->head.heap_off || off > st->head.seg_len ||
	    len > st->head.seg_len - off || (off | len) % WI_PAGE)
		return false;
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		const struct wi_shm_entry *e = wi_entry(st, i);
		uint64_t word = wi_load_acquire(&e->tag.word);
		uint64_t at = wi_load_relaxed(&e->off);

		if (i == idx || !owns_range(wi_word_state(word)))
			continue;
		if (at < off ? wi_load_relaxed(&e->len) <= off - at
			     : at - off >= len)
			continue;
		wi_fence_acquire();
		if (wi_load_relaxed(&e->tag.word) == word)
			return false;
	}
	return true;
}

/* Give the memory back, then the entry.  @word: ours, in WI_FREEING. */
static void
free_memory(struct weir_store *st, uint32_t idx, uint64_t word)
{
	const struct wi_shm_entry *e = wi_entry(st, idx);
	uint64_t off = wi_load_relaxed(&e->off), len = wi_load_relaxed(&e->len);

	if (is_alone(st, idx, off, len))
		wi_shm_free(st->base, off, len);
	let_go(st, idx, word);
}

void
wi_block_free(struct weir_store *st, uint32_t idx, uint64_t word)
{
	uint64_t next = wi_word_next(word, WI_FREEING, st->who);

	if (wi_cas(&wi_tag(&st->channels, idx)->word, word, next))
		free_memory(st, idx, next);
}

/* A range of our own for the entry, which is in WI_RESERVED. */
static int
claim_range(struct weir_store *st, uint64_t len, uint32_t idx, uint64_t *word,
	    uint64_t *off, weir_diag *diag)
{
	struct wi_shm_entry *e = wi_entry(st, idx);
	struct range *scratch = calloc(st->channels.cnt, sizeof(*scratch));
	uint32_t other;
	uint64_t left;
	int rc = WI_CLASHED;

	if (!scratch)
		return wi_fail(diag, -ENOMEM, "out of memory");
	for (int tries = 0; rc == WI_CLASHED && tries < 1000; tries++) {
		*off = find_gap(st, len, scratch, &left);
		if (!*off) {
			rc = wi_fail(
			    diag, -ENOSPC,
			    "the channel needs %" PRIu64
			    " bytes in one piece, the store has %" PRIu64
			    " free of %" PRIu64
			    ": remove channels, or make the store "
			    "with a larger max_bytes",
			    len, left, st->head.seg_len);
			break;
		}
		wi_store_relaxed(&e->off, *off);
		wi_store_relaxed(&e->len, len);
		rc = wi_claim(&st->channels, idx, word, st->who, WI_RESERVED,
			      WI_CLAIM_RANGE, WI_BUILDING, range_clash, NULL,
			      &other);
	}
	free(scratch);
	if (rc == WI_CLASHED || rc == -EAGAIN)
		return wi_fail(diag, -EAGAIN, "too many others make channels");
	return rc;
}

int
wi_block_alloc(struct weir_store *st, uint64_t len, const char *name,
	       uint32_t *idx, uint64_t *word, uint64_t *off, weir_diag *diag)
{
	struct wi_reaped reaped;
	uint64_t left = 0;
	bool is_old;
	int rc;

	len = whole_pages(len);
	wi_blocks_reap(st, false, &reaped);
	if (!reserve_entry(st, idx, word))
		return wi_fail(diag, WEIR_EFULL,
			       "the store has room for %u channels, and they "
			       "are all there: remove some, or make it with a "
			       "larger max_channels",
			       st->channels.cnt);
	wi_tag_set(wi_tag(&st->channels, *idx), name, strlen(name));
	rc = claim_range(st, len, *idx, word, off, diag);
	if (rc != 0) {
		let_go(st, *idx, *word);
		return rc;
	}
	if (!wi_shm_is(st->data_fd, &st->data_id)) {
		wi_block_free(st, *idx, *word);
		return wi_fail(diag, -EBADF,
			       "this process has closed the store's descriptor "
			       "(closefrom?): open the store again to make "
			       "channels");
	}
	/* What a damaged entry claimed as well could not be given back; it is
	 * ours alone now, and must be zeros. */
	is_old = wi_shm_punch(st->data_fd, *off, len) != 0;
	rc = wi_shm_reserve(st->data_fd, *off, len);
	if (rc == 0) {
		if (is_old)
			memset((uint8_t *)st->base + *off, 0, len);
		return 0;
	}
	wi_block_free(st, *idx, *word);
	if (rc != -ENOSPC)
		return wi_fail(diag, rc,
			       "cannot give the channel its %" PRIu64 " bytes",
			       len);
	if (wi_shm_free_bytes(st->data_fd, &left) != 0)
		left = 0;
	return wi_fail(diag, rc,
		       "the channel needs %" PRIu64
		       " bytes, the file system has %" PRIu64
		       " free: make room there, or raise its size",
		       len, left);
}

static uint64_t *
hold_word(const struct weir_store *st, uint32_t who, uint32_t idx)
{
	return &st->holds[(uint64_t)who * st->head.hold_cnt + idx / 64];
}

bool
wi_hold(struct weir_store *st, uint32_t idx, uint64_t word)
{
	bool is;

	if (st->read_only)
		return true;
	wi_mutex_lock(st->mutex);
	if (st->hold_refs[idx]++ == 0)
		wi_fetch_or(hold_word(st, st->idx, idx), 1ull << idx % 64);
	/* H1: the bit before this look */
	is = wi_load_acquire(&wi_tag(&st->channels, idx)->word) == word;
	wi_mutex_unlock(st->mutex);
	if (!is)
		wi_unhold(st, idx);
	return is;
}

void
wi_unhold(struct weir_store *st, uint32_t idx)
{
	if (st->read_only || wi_mine(st) != 0)
		return;
	wi_mutex_lock(st->mutex);
	if (--st->hold_refs[idx] == 0)
		wi_fetch_and(hold_word(st, st->idx, idx), ~(1ull << idx % 64));
	wi_mutex_unlock(st->mutex);
}

uint32_t
wi_holds_of(const struct weir_store *st, uint32_t who, uint32_t *removed)
{
	uint32_t cnt = 0;

	*removed = 0;
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		uint64_t bits = wi_load_relaxed(hold_word(st, who, i));
		uint64_t word =
		    wi_load_relaxed(&wi_tag(&st->channels, i)->word);

		if (!(bits >> i % 64 & 1))
			continue;
		cnt++;
		*removed += wi_word_state(word) == WI_DYING;
	}
	return cnt;
}

bool
wi_unhold_all(struct weir_store *st, uint32_t who)
{
	bool had = false;

	for (uint32_t i = 0; i < st->head.hold_cnt; i++) {
		had |= wi_load_relaxed(hold_word(st, who, i * 64)) != 0;
		wi_store_release(hold_word(st, who, i * 64), 0);
	}
	return had;
}

/* Does anybody alive have the channel open? */
static bool
is_held(const struct weir_store *st, uint32_t idx)
{
	for (uint32_t i = 0; i < st->head.participant_cnt; i++) {
		uint64_t bits = wi_load_acquire(hold_word(st, i, idx));
		uint64_t gen = wi_load_acquire(&st->participants[i].gen);

		if ((bits >> idx % 64 & 1) &&
		    wi_life_of(st, wi_who(i, gen)) != WEIR_GONE)
			return true;
	}
	return false;
}

/* The bytes that an entry has, as far as they are in the heap. */
static uint64_t
bytes_of(const struct weir_store *st, uint32_t idx)
{
	const struct wi_shm_entry *e = wi_entry(st, idx);
	uint64_t off = wi_load_relaxed(&e->off), len = wi_load_relaxed(&e->len);

	return off <= st->head.seg_len && len <= st->head.seg_len - off ? len
									: 0;
}

void
wi_blocks_reap(struct weir_store *st, bool dry_run, struct wi_reaped *n)
{
	*n = (struct wi_reaped){.cnt = 0};
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		struct wi_shm_tag *tag = wi_tag(&st->channels, i);
		uint64_t w = wi_load_acquire(&tag->word), next, len;
		enum wi_state s = wi_word_state(w);

		len = bytes_of(st, i);
		switch (s) {
		case WI_DYING: /* H1: the mark before the look at the bits */
			wi_fence_sc();
			if (is_held(st, i)) {
				n->held++;
				n->held_bytes += len;
				continue;
			}
			break;
		case WI_RESERVED:
		case WI_CLAIM_RANGE:
			len = 0;
			/* fall through */
		case WI_BUILDING:
		case WI_CLAIM_NAME:
		case WI_FREEING:
			if (wi_life_of(st, w) != WEIR_GONE)
				continue;
			break;
		default:
			continue;
		}
		if (!dry_run) {
			next = wi_word_next(
			    w, owns_range(s) ? WI_FREEING : WI_RESERVED,
			    st->who);
			if (!wi_cas(&tag->word, w, next))
				continue;
			if (owns_range(s))
				free_memory(st, i, next);
			else
				let_go(st, i, next);
		}
		n->cnt++;
		n->bytes += len;
	}
}

/* ---- memory between the blocks
 *
 * Comes from who looks at a block that has gone: a hole that is read takes
 * memory.  To give it back, its bytes are claimed like a channel's, so that no
 * channel is made there meanwhile.
 */

static bool
free_stray(struct weir_store *st, const struct range *r)
{
	uint32_t idx, other;
	struct wi_shm_entry *e;
	uint64_t word;

	if (!reserve_entry(st, &idx, &word))
		return false;
	e = wi_entry(st, idx);
	wi_tag_set(&e->tag, "", 0);
	wi_store_relaxed(&e->off, r->off);
	wi_store_relaxed(&e->len, r->len);
	if (wi_claim(&st->channels, idx, &word, st->who, WI_RESERVED,
		     WI_CLAIM_RANGE, WI_BUILDING, range_clash, NULL,
		     &other) != 0) {
		let_go(st, idx, word);
		return false;
	}
	wi_block_free(st, idx, word);
	return true;
}

/* What has memory in [at, end), which is nobody's. */
static uint64_t
stray_in(struct weir_store *st, uint64_t at, uint64_t end, bool dry_run)
{
	uint64_t bytes = 0;
	struct range r;

	while (wi_shm_data(st->data_fd, at, end, &r.off, &r.len) == 1) {
		at = r.off + r.len;
		if (dry_run || free_stray(st, &r))
			bytes += r.len;
	}
	return bytes;
}

/* Does each channel lie where its entry says?  Were an entry damaged, what
 * looks like nobody's might be its block, with people in it. */
static bool
is_sound(const struct weir_store *st)
{
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		const struct wi_shm_entry *e = wi_entry(st, i);
		uint64_t word = wi_load_acquire(&e->tag.word), off, len;
		enum wi_state s = wi_word_state(word);
		struct wi_geom g;

		if (s != WI_LIVE && s != WI_DYING)
			continue;
		off = wi_load_relaxed(&e->off);
		len = wi_load_relaxed(&e->len);
		if (bytes_of(st, i) == len && off >= st->head.heap_off &&
		    off % WI_PAGE == 0 &&
		    wi_block_read(st->base + off, len, &g) == 0 &&
		    g.block_len == len)
			continue;
		wi_fence_acquire();
		if (wi_load_relaxed(&e->tag.word) == word)
			return false;
	}
	return true;
}

int
wi_blocks_stray(struct weir_store *st, bool dry_run, uint64_t *bytes)
{
	struct range *taken;
	uint64_t at = st->head.heap_off;
	uint32_t n;

	*bytes = 0;
	if (!wi_shm_is(st->data_fd, &st->data_id))
		return -EBADF;
	if (!is_sound(st))
		return 0;
	taken = calloc(st->channels.cnt, sizeof(*taken));
	if (!taken)
		return -ENOMEM;
	n = taken_ranges(st, taken);
	for (uint32_t i = 0; i <= n; i++) {
		uint64_t end = i < n ? taken[i].off : st->head.seg_len;

		if (end > at)
			*bytes += stray_in(st, at, end, dry_run);
		if (i < n && taken[i].off + taken[i].len > at)
			at = (taken[i].off + taken[i].len + WI_PAGE - 1) &
			     ~(uint64_t)(WI_PAGE - 1);
	}
	free(taken);
	return 0;
}

uint64_t
wi_blocks_used(const struct weir_store *st, uint32_t *cnt)
{
	uint64_t used = 0;

	*cnt = 0;
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		const struct wi_shm_entry *e = wi_entry(st, i);
		enum wi_state s = wi_word_state(wi_load_acquire(&e->tag.word));

		if (s == WI_LIVE)
			++*cnt;
		if (owns_range(s))
			used += wi_load_relaxed(&e->len);
	}
	return used;
}
