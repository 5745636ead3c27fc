/* SPDX-License-Identifier: BSD-2-Clause
 *
 * producer.c - lanes: who gets which, and what happens to the values in them.
 *
 * State.  FREE -> RESERVED -> CLAIM_NAME -> LIVE -> IDLE; a lane that is LIVE
 * by somebody whose lock is free counts as IDLE.  An idle lane keeps its id
 * and its value.  IDLE -> CLEARING -> IDLE: somebody withdraws that value;
 * where a taker died over the name, RESERVED -> RESERVED -> FREE.
 *
 * An id goes back to its own lane: one compare-and-swap of the owner word.  A
 * new id gets a lane without a value, by ring/claim.h; the one whose last
 * record is oldest, so that values and names of the recently gone stay
 * readable longest.
 *
 * Crash.  Whatever was written under RESERVED is the next holder's to write
 * over.  A lane is never half taken: the owner word says who may write.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* Who finds that somebody takes or clears a lane looks again after this. */
#define BUSY_NS 1000000

static bool
is_held(const struct weir_channel *ch, uint64_t word)
{
	enum wi_state s = wi_word_state(word);

	return (s == WI_LIVE || s == WI_RESERVED || s == WI_CLAIM_NAME ||
		s == WI_CLEARING) &&
	       wi_alive(ch->st, word);
}

/* What is known of a lane's newest record. */
struct lane_view {
	uint64_t seq; /* 0: none */
	bool has_value;
};

/* Of all lanes, as of now; @found: lane_cnt pairs. */
static int
find_all(const struct weir_channel *ch, struct wi_pair *found)
{
	uint64_t newest = 0;

	if (wi_newest(&ch->ring, &newest) != 0)
		return WEIR_ECORRUPT;
	if (!wi_is_exclusive(&ch->ring))
		return wi_values_find(&ch->ring, newest, found);
	found[0] = (struct wi_pair){newest, 0};
	return 0;
}

static struct lane_view
view_of(const struct weir_channel *ch, uint32_t idx, struct wi_pair found)
{
	struct wi_rec rec = {.len = 0};
	enum wi_value v = WI_VALUE_NONE;

	if (!wi_is_exclusive(&ch->ring))
		v = wi_value_of(&ch->ring, idx, found, &rec, NULL, 0);
	else if (found.seq)
		v = wi_value_current(&ch->ring, found.seq, &rec, NULL, 0, NULL);
	/* superseded: there is a newer one, so it is in use */
	return (struct lane_view){v == WI_VALUE_SUPERSEDED ? UINT64_MAX
							   : found.seq,
				  v == WI_VALUE || v == WI_VALUE_SUPERSEDED};
}

static int
in_use(const struct weir_channel *ch, const char *id, uint64_t word,
       weir_diag *diag)
{
	return wi_fail(diag, WEIR_EINUSE,
		       "producer %s on channel %s is a live process (pid %u, "
		       "as far as known): end it, or take another id",
		       id, ch->name, wi_pid_of(ch->st, word));
}

/* The lane to give to a new id: without a value, oldest first.
 * Return: 0; WI_CLASHED: look again; WEIR_EFULL, and others. */
static int
choose(struct weir_channel *ch, uint32_t *idx, uint64_t *word, weir_diag *diag)
{
	char holder[WI_TAG_MAX + 1];
	uint64_t oldest = UINT64_MAX;
	int rc = find_all(ch, ch->scratch);

	*idx = ch->lanes.cnt;
	if (rc != 0)
		return wi_fail(diag, rc, "channel %s is damaged", ch->name);
	for (uint32_t i = 0; i < ch->lanes.cnt; i++) {
		const struct wi_shm_tag *tag = wi_tag(&ch->lanes, i);
		uint64_t w = wi_load_acquire(&tag->word);
		struct lane_view v;

		if (is_held(ch, w)) {
			if (!wi_is_exclusive(&ch->ring))
				continue;
			if (wi_word_state(w) == WI_LIVE) {
				wi_tag_text(tag, w, holder);
				return in_use(ch, holder, w, diag);
			}
			wi_sleep_until(wi_deadline(BUSY_NS));
			return WI_CLASHED;
		}
		v = view_of(ch, i, ch->scratch[i]);
		if (v.has_value && !wi_is_exclusive(&ch->ring))
			continue;
		if (*idx == ch->lanes.cnt || v.seq < oldest) {
			*idx = i;
			*word = w;
			oldest = v.seq;
		}
	}
	if (*idx == ch->lanes.cnt)
		return WEIR_EFULL;
	/* The values were looked at before the owner word was.  A lane that
	 * nobody alive holds at this word gets no record without the word
	 * changing; so what is found now is what it has when it is taken. */
	if (wi_is_exclusive(&ch->ring))
		return 0;
	rc = find_all(ch, ch->scratch);
	if (rc != 0)
		return wi_fail(diag, rc, "channel %s is damaged", ch->name);
	return view_of(ch, *idx, ch->scratch[*idx]).has_value ? WI_CLASHED : 0;
}

/* The value of a dead producer that is oldest; lane_cnt: none. */
static uint32_t
oldest_orphan(struct weir_channel *ch)
{
	uint32_t best = ch->lanes.cnt;

	for (uint32_t i = 0; i < ch->lanes.cnt; i++) {
		uint64_t w = wi_load_acquire(&wi_tag(&ch->lanes, i)->word);
		struct lane_view v = view_of(ch, i, ch->scratch[i]);

		if (is_held(ch, w) || !v.has_value)
			continue;
		if (best == ch->lanes.cnt ||
		    ch->scratch[i].seq < ch->scratch[best].seq)
			best = i;
	}
	return best;
}

/* All lanes are taken: by whom? */
static int
tell_full(struct weir_channel *ch, weir_diag *diag)
{
	char list[160], id[WI_TAG_MAX + 1];
	size_t used = 0;
	uint32_t orphans = 0;

	list[0] = 0;
	for (;;) {
		uint32_t i = oldest_orphan(ch);
		const struct wi_shm_tag *tag;
		int n;

		if (i == ch->lanes.cnt)
			break;
		ch->scratch[i].seq = 0; /* listed */
		orphans++;
		tag = wi_tag(&ch->lanes, i);
		if (!wi_tag_text(tag, wi_load_acquire(&tag->word), id))
			continue;
		n = snprintf(list + used, sizeof(list) - used, "%s%s",
			     used ? ", " : "", id);
		if (n < 0 || (size_t)n >= sizeof(list) - used) {
			list[used] = 0;
			continue;
		}
		used += (size_t)n;
	}
	if (orphans == 0)
		return wi_fail(diag, WEIR_EFULL,
			       "all %u places for producers of channel %s are "
			       "taken by live ones",
			       ch->lanes.cnt, ch->name);
	return wi_fail(diag, WEIR_EFULL,
		       "%u of %u lanes of channel %s hold values of producers "
		       "that are gone (oldest first: %s): `weir clear "
		       "%s --orphans`, or make the channel with orphans=evict",
		       orphans, ch->lanes.cnt, ch->name, list, ch->name);
}

/* Take lane @idx, whose word is @word, for a new id.
 * Return: 0; WI_CLASHED: try again. */
static int
take_for(struct weir_channel *ch, uint32_t idx, uint64_t *word, const char *id)
{
	struct wi_shm_lane *lane = &ch->ring.lanes[idx];
	uint64_t next = wi_word_next(*word, WI_RESERVED, ch->st->who);
	char old[WI_TAG_MAX + 1];
	uint32_t other;
	int rc;

	if (!wi_cas(&lane->tag.word, *word, next))
		return WI_CLASHED;
	*word = next;
	/* The name goes on with its records.  An odd word says that this is
	 * under way, or that whoever did it died. */
	if (wi_load_relaxed(&lane->tag.hash)) {
		uint64_t odd = (wi_load_relaxed(&lane->before.word) + 1) | 1;

		wi_tag_text(&lane->tag, next, old);
		wi_store_relaxed(&lane->before.word, odd);
		wi_fence_release();
		wi_tag_set(&lane->before, old, strlen(old));
		wi_store_release(&lane->before.word, odd + 1);
	}
	wi_tag_set(&lane->tag, id, strlen(id));
	wi_store_relaxed(&lane->record_cnt, 0);
	wi_store_relaxed(&lane->byte_cnt, 0);
	wi_store_relaxed(&lane->refused_cnt, 0);
	rc = wi_claim(&ch->lanes, idx, word, ch->st->who, WI_RESERVED,
		      WI_CLAIM_NAME, WI_LIVE, wi_name_clash, NULL, &other);
	if (rc == WI_CLASHED || rc == -EAGAIN) {
		wi_cas(&lane->tag.word, *word, wi_word_next(*word, WI_FREE, 0));
		return WI_CLASHED;
	}
	return rc;
}

/* A lane for this id. */
static int
take(struct weir_channel *ch, const char *id, uint32_t *idx, uint64_t *word,
     weir_diag *diag)
{
	uint64_t next;
	int rc;

	for (int tries = 0; tries < 64; tries++) {
		*idx = wi_find(&ch->lanes, id, strlen(id), word);
		if (*idx < ch->lanes.cnt) {
			if (is_held(ch, *word) &&
			    wi_word_state(*word) == WI_CLEARING) {
				/* not by a producer, and not for long */
				wi_sleep_until(wi_deadline(BUSY_NS));
				continue;
			}
			if (is_held(ch, *word))
				return in_use(ch, id, *word, diag);
			next = wi_word_next(*word, WI_LIVE, ch->st->who);
			if (wi_cas(&wi_tag(&ch->lanes, *idx)->word, *word,
				   next)) {
				*word = next;
				return 0;
			}
			continue;
		}
		rc = choose(ch, idx, word, diag);
		if (rc == WEIR_EFULL && (ch->ring.g.flags & WI_CH_EVICT)) {
			uint32_t orphan = oldest_orphan(ch);

			if (orphan == ch->lanes.cnt)
				return tell_full(ch, diag);
			rc = wi_lane_clear(ch, orphan);
			if (rc < 0)
				return wi_fail(diag, rc,
					       "no space to clear the value of "
					       "a producer that is gone");
			continue;
		}
		if (rc == WEIR_EFULL)
			return tell_full(ch, diag);
		if (rc == 0)
			rc = take_for(ch, *idx, word, id);
		if (rc != WI_CLASHED)
			return rc;
	}
	return wi_fail(diag, -EAGAIN,
		       "too many others take lanes of channel %s, or somebody "
		       "is stopped while taking or clearing one",
		       ch->name);
}

static void
give_back(struct weir_channel *ch, uint32_t idx, uint64_t word)
{
	wi_cas(&wi_tag(&ch->lanes, idx)->word, word,
	       wi_word_next(word, WI_IDLE, 0));
}

static void
dispose(struct weir_producer *p)
{
	weir_schema_free(p->schema);
	free(p->text);
	free(p->woken);
	free(p->scratch);
	free(p);
}

/* Private memory, all of it, before anything shared is touched. */
static int
prepare(struct weir_producer *p, struct weir_channel *ch, weir_diag *diag)
{
	const struct wi_geom *g = &ch->ring.g;

	p->ch = ch;
	p->scratch = calloc(wi_writer_scratch(g), sizeof(*p->scratch));
	p->woken = calloc(g->cell_cnt, sizeof(*p->woken));
	p->text = malloc(g->max_record);
	if (!p->scratch || !p->woken || !p->text)
		return wi_fail(diag, -ENOMEM, "out of memory");
	if (p->trusted || !ch->schema_text)
		return 0;
	return wi_config_compile(g, ch->schema_text, g->schema_len, &p->schema,
				 diag);
}

int
weir_producer_open(weir_channel *ch, const char *id,
		   const weir_producer_opts *opts, weir_producer **out,
		   weir_diag *diag)
{
	weir_producer_opts o;
	struct weir_producer *p;
	struct lane_view v;
	int rc;

	if (out)
		*out = NULL;
	if (!ch || !out)
		return wi_fail(diag, -EINVAL, "an argument is NULL");
	rc = wi_channel_ok(ch);
	if (rc == 0 && ch->st->read_only)
		rc = -EROFS;
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	rc = wi_id_check("a producer's id", id, WEIR_ID_MAX, diag);
	memset(&o, 0, sizeof(o));
	if (rc == 0)
		rc = wi_opts_copy(&o, WI_OPTS_KNOWN(weir_producer_opts), opts,
				  "weir_producer_opts", diag);
	if (rc == 0 && (o.flags & ~WEIR_TRUSTED))
		rc =
		    wi_fail(diag, -EINVAL, "flags: unknown bits 0x%x", o.flags);
	if (rc != 0)
		return rc;
	p = calloc(1, sizeof(*p));
	if (!p)
		return wi_fail(diag, -ENOMEM, "out of memory");
	p->trusted = o.flags & WEIR_TRUSTED;
	p->timeout_ns = o.timeout_ns;
	rc = prepare(p, ch, diag);
	if (rc == 0)
		rc = take(ch, id, &p->idx, &p->word, diag);
	if (rc != 0) {
		dispose(p);
		return rc;
	}
	rc = wi_writer_init(&p->w, &ch->ring, p->idx, wi_hash(id, strlen(id)),
			    p->scratch);
	p->names = (struct wi_names){
	    ch->name, (const char *)ch->ring.lanes[p->idx].tag.text};
	if (rc == 0)
		rc = find_all(ch, ch->scratch);
	if (rc != 0) {
		give_back(ch, p->idx, p->word);
		dispose(p);
		return wi_fail(diag, rc, "channel %s is damaged", ch->name);
	}
	v = view_of(ch, p->idx, ch->scratch[p->idx]);
	p->has_value = v.has_value;
	p->record_cnt = wi_load_relaxed(&p->w.lane->record_cnt);
	p->byte_cnt = wi_load_relaxed(&p->w.lane->byte_cnt);
	p->refused_cnt = wi_load_relaxed(&p->w.lane->refused_cnt);
	wi_mutex_lock(ch->st->mutex);
	p->next = ch->first_producer;
	ch->first_producer = p;
	wi_mutex_unlock(ch->st->mutex);
	*out = p;
	return 0;
}

void
weir_producer_close(weir_producer *p)
{
	struct weir_producer **at;
	struct weir_channel *ch;
	bool mine;

	if (!p)
		return;
	ch = p->ch;
	mine = wi_mine(ch->st) == 0;
	if (mine) {
		give_back(ch, p->idx, p->word);
		wi_mutex_lock(ch->st->mutex);
	}
	for (at = &ch->first_producer; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	if (mine)
		wi_mutex_unlock(ch->st->mutex);
	dispose(p);
}

int
weir_producer_next(weir_channel *ch, weir_producer_info *it)
{
	char id[WI_TAG_MAX + 1];
	int rc;

	if (!ch || !it || it->size < sizeof(*it))
		return -EINVAL;
	rc = wi_channel_ok(ch);
	if (rc != 0)
		return rc;
	for (uint32_t i = it->next; i < ch->lanes.cnt; i++) {
		const struct wi_shm_lane *lane = &ch->ring.lanes[i];
		uint64_t word = wi_load_acquire(&lane->tag.word);
		enum wi_state s = wi_word_state(word);
		struct lane_view v = {0, false};

		if (s == WI_FREE)
			continue;
		if (!WI_STANDS(s) || !wi_tag_text(&lane->tag, word, id))
			id[0] = 0;
		if (find_all(ch, ch->scratch) == 0)
			v = view_of(ch, i, ch->scratch[i]);
		it->next = i + 1;
		it->idx = i;
		memcpy(it->id, id, sizeof(it->id));
		it->has_value = v.has_value;
		it->last_seq = v.seq == UINT64_MAX ? 0 : v.seq;
		it->life = s == WI_IDLE || s == WI_CLEARING
			       ? WEIR_GONE
			       : wi_life_of(ch->st, word);
		it->killed = it->life == WEIR_GONE && s != WI_IDLE &&
			     s != WI_CLEARING;
		it->pid = it->life == WEIR_GONE && s != WI_LIVE
			      ? 0
			      : wi_pid_of(ch->st, word);
		it->records = wi_load_relaxed(&lane->record_cnt);
		it->bytes = wi_load_relaxed(&lane->byte_cnt);
		it->refused = wi_load_relaxed(&lane->refused_cnt);
		return 1;
	}
	return 0;
}

/* ---- values of producers that are gone
 * ------------------------------------------ */

/* Publish a clear through a writer of the lane, which we hold. */
static int
clear_held(struct weir_channel *ch, uint32_t idx)
{
	struct wi_until until = {.timeout_ns = 0};
	struct wi_pair *scratch =
	    calloc(wi_writer_scratch(&ch->ring.g), sizeof(*scratch));
	uint64_t *woken = calloc(ch->ring.g.cell_cnt, sizeof(*woken));
	uint64_t time_ns;
	struct wi_writer w;
	uintptr_t old;
	int rc = -ENOMEM;

	if (!scratch || !woken)
		goto out;
	rc = wi_writer_init(&w, &ch->ring, idx,
			    wi_load_relaxed(&ch->ring.lanes[idx].tag.hash),
			    scratch);
	if (rc == 0)
		rc = find_all(ch, ch->scratch);
	if (rc != 0)
		goto out;
	if (!view_of(ch, idx, ch->scratch[idx]).has_value)
		goto out;
	old = wi_bell_arm(&ch->st->control->bell);
	rc = wi_begin(ch, &w, wi_stamp(ch, &time_ns), 0, &until, woken);
	if (rc == 0)
		rc = wi_commit(ch, &w, WEIR_CLEAR, time_ns, 0, &until, woken);
	if (rc == 0)
		wi_tell(ch, &w, woken);
	wi_bell_disarm(old);
	if (rc == 0)
		rc = 1;
out:
	free(woken);
	free(scratch);
	return rc;
}

/* May the value in a lane with this owner word be cleared in its name?  In an
 * exclusive channel a taker may have died half-way; the value stayed, under a
 * name that may be half written. */
static bool
is_orphaned(const struct weir_channel *ch, uint64_t word)
{
	return (WI_STANDS(wi_word_state(word)) || wi_is_exclusive(&ch->ring)) &&
	       !is_held(ch, word);
}

/* wi_lane_clear() of a lane that had this owner word when it was chosen. */
static int
clear_at(struct weir_channel *ch, uint32_t idx, uint64_t word)
{
	bool stands = WI_STANDS(wi_word_state(word));
	uint64_t held = wi_word_next(
	    word, stands ? WI_CLEARING : WI_RESERVED, ch->st->who);
	uint64_t *own = &wi_tag(&ch->lanes, idx)->word;
	int rc;

	if (!is_orphaned(ch, word) || !wi_cas(own, word, held))
		return 0;
	rc = clear_held(ch, idx);
	wi_cas(own, held, wi_word_next(held, stands ? WI_IDLE : WI_FREE, 0));
	return rc;
}

int
wi_lane_clear(struct weir_channel *ch, uint32_t idx)
{
	return clear_at(ch, idx,
			wi_load_acquire(&wi_tag(&ch->lanes, idx)->word));
}

void
wi_lanes_reap(struct weir_channel *ch, bool dry_run, uint32_t *cnt,
	      uint32_t *kept)
{
	bool known = find_all(ch, ch->scratch) == 0;

	for (uint32_t i = 0; i < ch->lanes.cnt; i++) {
		uint64_t *own = &wi_tag(&ch->lanes, i)->word;
		uint64_t word = wi_load_acquire(own);
		enum wi_state s = wi_word_state(word);

		if (s == WI_FREE || s == WI_IDLE ||
		    wi_life_of(ch->st, word) != WEIR_GONE)
			continue;
		/* should it get a value after we looked, it keeps that */
		if (WI_STANDS(s) &&
		    (!known || view_of(ch, i, ch->scratch[i]).has_value))
			++*kept;
		else if (dry_run ||
			 wi_cas(own, word,
				wi_word_next(
				    word, WI_STANDS(s) ? WI_IDLE : WI_FREE, 0)))
			++*cnt;
	}
}

/* Is the value in lane @idx that of producer @id? */
static bool
is_value_of(struct weir_channel *ch, uint32_t idx, const char *id)
{
	uint64_t hash = wi_hash(id, strlen(id)), newest = 0;
	struct wi_rec rec = {.len = 0};

	if (!wi_is_exclusive(&ch->ring))
		return wi_tag_is(wi_tag(&ch->lanes, idx), hash, id, strlen(id));
	/* the value may be of a holder before */
	return wi_newest(&ch->ring, &newest) == 0 &&
	       wi_value_current(&ch->ring, newest, &rec, NULL, 0, NULL) ==
		   WI_VALUE &&
	       wi_hash_fits(hash, &rec);
}

int
weir_channel_clear_orphans(weir_channel *ch, const char *id, weir_diag *diag)
{
	int cleared = 0, rc;

	if (!ch)
		return wi_fail(diag, -EINVAL, "channel is NULL");
	rc = wi_channel_ok(ch);
	if (rc == 0 && ch->st->read_only)
		rc = -EROFS;
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	for (uint32_t i = 0; i < ch->lanes.cnt; i++) {
		uint64_t word = wi_load_acquire(&wi_tag(&ch->lanes, i)->word);

		if (id && !is_value_of(ch, i, id))
			continue;
		rc = clear_at(ch, i, word);
		if (rc < 0)
			return wi_fail(diag, rc,
				       "channel %s: %d cleared, then: %s",
				       ch->name, cleared, weir_strerror(rc));
		cleared += rc;
	}
	return cleared;
}
