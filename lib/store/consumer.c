/* SPDX-License-Identifier: BSD-2-Clause
 *
 * consumer.c - places of consumers, and where they start.
 *
 * Joining takes one number T, the newest record: what is current as of T is
 * delivered first, the stream begins at T + 1.  So every record comes at most
 * once, and nothing after T is missed.  Values are only *found* here; their
 * bytes are copied by the first read, which skips those that a newer record
 * has superseded by then, because the stream brings it.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
damaged(const struct weir_channel *ch, weir_diag *diag)
{
	return wi_fail(diag, WEIR_ECORRUPT, "channel %s is damaged", ch->name);
}

/* ---- where to start
 * ---------------------------------------------------------- */

static int
by_seq(const void *a, const void *b)
{
	const struct wi_pend *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void
pend(struct weir_consumer *c, const struct wi_rec *rec)
{
	c->pend[c->pend_to++] =
	    (struct wi_pend){rec->seq, rec->position, rec->lane_idx,
			     wi_is_exclusive(&c->ch->ring)};
}

/* Find the values as of @t that are to be delivered first. */
static int
find_values(struct weir_consumer *c, bool each, uint64_t t)
{
	const struct wi_ring *r = &c->ch->ring;
	struct wi_pair *found = c->scratch;
	struct wi_rec rec = {.len = 0};

	if (!each || wi_is_exclusive(r)) {
		switch (wi_value_current(r, t, &rec, NULL, 0, found)) {
		case WI_VALUE:
			pend(c, &rec);
			return 0;
		case WI_VALUE_DAMAGED:
			return WEIR_ECORRUPT;
		default:
			return 0;
		}
	}
	if (wi_values_find(r, t, found) != 0)
		return WEIR_ECORRUPT;
	for (uint32_t i = 0; i < r->g.lane_cnt; i++)
		if (wi_value_of(r, i, found[i], &rec, NULL, 0) == WI_VALUE)
			pend(c, &rec);
	qsort(c->pend, c->pend_to, sizeof(*c->pend), by_seq);
	return 0;
}

/* The oldest that is kept: records whose slot is there while their bytes in
 * the lane are not have gone before we came, so they are not lost to us. */
static void
skip_gone(struct weir_consumer *c, uint64_t newest)
{
	struct wi_rec rec = {.len = 0};

	while (!c->gating && c->next <= newest) {
		enum wi_read got =
		    wi_ring_read(&c->ch->ring, c->next, &rec, NULL, 0);

		if (got != WI_READ_LOST && got != WI_READ_LAPPED)
			break;
		c->next++;
	}
}

int
wi_consumer_start(struct weir_consumer *c, uint32_t from, uint64_t seq)
{
	const struct wi_ring *r = &c->ch->ring;
	uint64_t t = 0, at = UINT64_MAX;
	int rc = wi_newest(r, &t);

	if (rc != 0)
		return rc;
	c->pend_from = c->pend_to = 0;
	c->lost = c->skip_to = c->current = 0;
	c->track_current = from == WEIR_FROM_CURRENT;
	c->tell_none = from == WEIR_FROM_CURRENT || from == WEIR_FROM_EACH;
	if (from == WEIR_FROM_OLDEST)
		at = wi_oldest(r, t);
	else if (from == WEIR_FROM_SEQ)
		at = seq ? seq : 1;
	if (c->gating) {
		rc = wi_gate_join(r, c->idx, at, c->published, &t, &c->next);
		if (rc != 0)
			return rc;
		/* what was asked for and may be overwritten already */
		if (from == WEIR_FROM_SEQ && c->next > at)
			c->lost = c->next - at;
	} else {
		c->next = at > t + 1 ? t + 1 : at;
	}
	if (from == WEIR_FROM_OLDEST)
		skip_gone(c, t);
	if (from == WEIR_FROM_SEQ && at > c->next)
		c->skip_to =
		    at; /* in the future: what comes before is passed */
	c->newest = t;
	c->start = c->next;
	c->lost_cnt += c->lost;
	if (c->tell_none)
		rc = find_values(c, from == WEIR_FROM_EACH, t);
	c->published = 0;
	if (c->gating) {
		/* wi_gate_join() has moved the cursor, and fenced (G3).  The
		 * mark stays: it may have been made for where it is now. */
		c->published = c->next;
		if (wi_load_relaxed_32(&c->cell->waiters))
			wi_futex_wake((const uint32_t *)&c->cell->cursor, 0,
				      false);
	}
	wi_cursor_publish(c);
	return rc;
}

void
wi_cursor_publish(struct weir_consumer *c)
{
	uint64_t at = c->in_view ? c->in_view : c->next;
	bool had;

	if (!c->cell)
		return;
	wi_store_relaxed(&c->cell->delivered_cnt, c->delivered_cnt);
	wi_store_relaxed(&c->cell->lost_cnt, c->lost_cnt);
	wi_store_relaxed(&c->cell->invalid_cnt, c->invalid_cnt);
	if (at == c->published)
		return;
	c->published = at;
	/* A mark is taken away before the cursor moves, never after: one that
	 * is made for the new value must stay. */
	had = c->gating && wi_load_relaxed_32(&c->cell->waiters) != 0;
	if (had)
		wi_store_relaxed_32(&c->cell->waiters, 0);
	wi_store_release(&c->cell->cursor, at); /* G4 */
	if (!c->gating)
		return;
	wi_fence_sc(); /* G3 */
	if (had || wi_load_relaxed_32(&c->cell->waiters))
		wi_futex_wake((const uint32_t *)&c->cell->cursor, 0, false);
}

/* ---- taking a place
 * ------------------------------------------------------------ */

static bool
is_usable(const struct weir_channel *ch, uint64_t word)
{
	switch (wi_word_state(word)) {
	case WI_FREE:
		return true;
	case WI_LIVE:
	case WI_RESERVED:
	case WI_CLAIM_NAME:
	case WI_REVOKED: /* its owner may still write to it, if it lives */
		return !wi_alive(ch->st, word);
	default:
		return false;
	}
}

static int
in_use(const struct weir_consumer *c, const char *id, uint64_t word,
       weir_diag *diag)
{
	return wi_fail(diag, WEIR_EINUSE,
		       "consumer %s on channel %s is a live process (pid %u, "
		       "as far as known): end it, or take another id",
		       id, c->ch->name, wi_pid_of(c->ch->st, word));
}

/* Reserve any usable cell. */
static bool
reserve(struct weir_consumer *c)
{
	struct weir_channel *ch = c->ch;

	for (uint32_t i = 0; i < ch->cells.cnt; i++) {
		struct wi_shm_tag *tag = wi_tag(&ch->cells, i);
		uint64_t word = wi_load_acquire(&tag->word);
		uint64_t next = wi_word_next(word, WI_RESERVED, ch->st->who);

		if (!is_usable(ch, word) || !wi_cas(&tag->word, word, next))
			continue;
		c->idx = i;
		c->word = next;
		c->cell = &ch->ring.cells[i];
		return true;
	}
	return false;
}

static void
give_back(struct weir_consumer *c)
{
	wi_cas(&c->cell->tag.word, c->word, wi_word_next(c->word, WI_FREE, 0));
	c->cell = NULL;
}

/* A cell for this id. */
static int
take(struct weir_consumer *c, const char *id, weir_diag *diag)
{
	struct weir_channel *ch = c->ch;
	uint32_t other;
	uint64_t word, newest = 0;
	int rc;

	for (int tries = 0; tries < 64; tries++) {
		other = wi_find(&ch->cells, id, strlen(id), &word);
		if (other < ch->cells.cnt) {
			if (wi_alive(ch->st, word))
				return in_use(c, id, word, diag);
			wi_cell_reap(ch, other, word);
			continue;
		}
		if (!reserve(c))
			return wi_fail(diag, WEIR_EFULL,
				       "all %u places for consumers of channel "
				       "%s are taken by live ones",
				       ch->cells.cnt, ch->name);
		if (wi_newest(&ch->ring, &newest) != 0) {
			give_back(c);
			return damaged(ch, diag);
		}
		wi_sleep_unmark(&ch->ring, c->idx); /* the last holder's */
		wi_store_relaxed(&c->cell->cursor, newest + 1);
		wi_store_relaxed_32(&c->cell->waiters, 0);
		wi_store_relaxed_32(&c->cell->gating, c->gating);
		wi_store_relaxed(&c->cell->await, newest + 1);
		wi_tag_set(&c->cell->tag, id, strlen(id));
		rc = wi_claim(&ch->cells, c->idx, &c->word, ch->st->who,
			      WI_RESERVED, WI_CLAIM_NAME, WI_LIVE,
			      wi_name_clash, NULL, &other);
		if (rc == 0)
			return 0;
		give_back(c);
		if (rc != WI_CLASHED)
			return wi_fail(diag, rc, "%s", weir_strerror(rc));
	}
	return wi_fail(diag, -EAGAIN, "too many others take places");
}

/* ---- open and close
 * -------------------------------------------------------------- */

static void
dispose(struct weir_consumer *c)
{
	weir_schema_free(c->schema);
	free(c->pend);
	free(c->scratch);
	free(c->buf);
	free(c->ids);
	free(c);
}

static int
prepare(struct weir_consumer *c, const weir_consumer_opts *o, weir_diag *diag)
{
	const struct wi_geom *g = &c->ch->ring.g;
	const char *text = o->schema ? o->schema : c->ch->schema_text;
	size_t len;

	c->buf_len = o->buffer_bytes ? o->buffer_bytes : 64u << 10;
	if (c->buf_len < g->max_record)
		c->buf_len = g->max_record;
	c->buf = malloc(c->buf_len);
	c->pend = calloc(g->lane_cnt, sizeof(*c->pend));
	c->scratch = calloc(g->lane_cnt, sizeof(*c->scratch));
	c->ids = calloc((size_t)g->lane_cnt * 2, sizeof(*c->ids));
	if (!c->buf || !c->pend || !c->scratch || !c->ids)
		return wi_fail(diag, -ENOMEM, "out of memory");
	c->check = o->flags & WEIR_CHECK;
	if (!c->check || !text)
		return 0;
	len = !o->schema      ? g->schema_len
	      : o->schema_len ? o->schema_len
			      : strlen(text);
	return wi_config_compile(g, text, len, &c->schema, diag);
}

static int
check_opts(const struct weir_channel *ch, const char *id,
	   const weir_consumer_opts *o, weir_diag *diag)
{
	if (o->flags & ~(WEIR_GATE | WEIR_CHECK))
		return wi_fail(diag, -EINVAL, "flags: unknown bits 0x%x",
			       o->flags);
	if (o->from > WEIR_FROM_SEQ)
		return wi_fail(diag, -EINVAL, "from is %u: see weir_from",
			       o->from);
	if (o->buffer_bytes > 1ull << 32)
		return wi_fail(diag, -EINVAL, "buffer_bytes: up to 2^32");
	if (o->schema && !(o->flags & WEIR_CHECK))
		return wi_fail(diag, -EINVAL,
			       "schema: needs the flag WEIR_CHECK");
	if (!(o->flags & WEIR_GATE))
		return 0;
	if (!wi_is_block(&ch->ring))
		return wi_fail(diag, -EINVAL,
			       "WEIR_GATE needs a channel with "
			       "overflow=block; %s overwrites",
			       ch->name);
	if (ch->st->read_only || !id)
		return wi_fail(diag, -EROFS,
			       "flags: an observer cannot be waited for");
	return 0;
}

int
weir_consumer_open(weir_channel *ch, const char *id,
		   const weir_consumer_opts *opts, weir_consumer **out,
		   weir_diag *diag)
{
	weir_consumer_opts o;
	struct weir_consumer *c;
	int rc;

	if (out)
		*out = NULL;
	if (!ch || !out)
		return wi_fail(diag, -EINVAL, "an argument is NULL");
	rc = wi_channel_ok(ch);
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	memset(&o, 0, sizeof(o));
	rc = wi_opts_copy(&o, WI_OPTS_KNOWN(weir_consumer_opts), opts,
			  "weir_consumer_opts", diag);
	if (rc == 0 && id)
		rc = wi_id_check("a consumer's id", id, WEIR_ID_MAX, diag);
	if (rc == 0)
		rc = check_opts(ch, id, &o, diag);
	if (rc != 0)
		return rc;
	c = calloc(1, sizeof(*c));
	if (!c)
		return wi_fail(diag, -ENOMEM, "out of memory");
	c->ch = ch;
	c->observer = !id || ch->st->read_only;
	c->gating = o.flags & WEIR_GATE;
	c->idx = UINT32_MAX;
	c->spin_ns = o.spin_ns;
	c->reader = wi_thread_self();
	if (id)
		memcpy(c->id, id, strlen(id));
	c->names = (struct wi_names){ch->name, c->id};
	rc = prepare(c, &o, diag);
	if (rc == 0 && !c->observer)
		rc = take(c, id, diag);
	/* W1: publishers are to know it long before the first sleep */
	if (rc == 0 && c->cell && ch->st->must_fence &&
	    wi_is_exclusive(&ch->ring))
		wi_store_relaxed_32(&ch->st->control->need_fence, 1);
	if (rc == 0) {
		rc = wi_consumer_start(c, o.from, o.seq);
		if (rc != 0) {
			if (c->cell)
				give_back(c);
			damaged(ch, diag);
		}
	}
	if (rc != 0) {
		dispose(c);
		return rc;
	}
	wi_mutex_lock(ch->st->mutex);
	c->next_in_list = ch->first_consumer;
	ch->first_consumer = c;
	wi_mutex_unlock(ch->st->mutex);
	*out = c;
	return 0;
}

void
weir_consumer_close(weir_consumer *c)
{
	struct weir_consumer **at;
	struct weir_channel *ch;
	bool mine;

	if (!c)
		return;
	ch = c->ch;
	mine = wi_mine(ch->st) == 0;
	wi_watch_end(c);
	if (mine && c->cell) {
		struct wi_shm_cell *cell = c->cell;

		/* out of everybody's way, and another value in the half that
		 * a producer may be about to sleep on */
		if (wi_load_acquire(&cell->tag.word) == c->word)
			wi_store_release(&cell->cursor, c->next + (1ull << 31));
		give_back(c);
		/* who waits for us, waits no longer */
		wi_fence_sc();
		if (wi_load_relaxed_32(&cell->waiters))
			wi_futex_wake((const uint32_t *)&cell->cursor, 0,
				      false);
	}
	if (mine)
		wi_mutex_lock(ch->st->mutex);
	for (at = &ch->first_consumer; *at != c; at = &(*at)->next_in_list)
		;
	*at = c->next_in_list;
	if (mine)
		wi_mutex_unlock(ch->st->mutex);
	dispose(c);
}

int
weir_seek(weir_consumer *c, weir_from from, uint64_t seq)
{
	int rc;

	if (!c || (uint32_t)from > WEIR_FROM_SEQ)
		return -EINVAL;
	rc = wi_channel_ok(c->ch);
	if (rc != 0)
		return rc;
	return c->in_view ? -EBUSY : wi_consumer_start(c, from, seq);
}

/* ---- figures
 * ---------------------------------------------------------------------- */

int
weir_consumer_stat(weir_consumer *c, weir_consumer_info *info)
{
	int rc;

	if (!c || !info || info->size < sizeof(*info))
		return -EINVAL;
	rc = wi_mine(c->ch->st);
	if (rc != 0)
		return rc;
	wi_newest(&c->ch->ring, &c->newest);
	info->idx = c->idx;
	memcpy(info->id, c->id, sizeof(info->id));
	info->gating = c->gating;
	info->asleep = 0;
	info->life = WEIR_ALIVE;
	info->pid = wi_pid();
	info->cursor = c->next;
	info->lag = c->newest + 1 > c->next ? c->newest + 1 - c->next : 0;
	info->delivered = c->delivered_cnt;
	info->lost = c->lost_cnt;
	info->invalid = c->invalid_cnt;
	return 0;
}

int
weir_consumer_next(weir_channel *ch, weir_consumer_info *it)
{
	char id[WI_TAG_MAX + 1];
	uint64_t newest = 0;
	int rc;

	if (!ch || !it || it->size < sizeof(*it))
		return -EINVAL;
	rc = wi_channel_ok(ch);
	if (rc != 0)
		return rc;
	wi_newest(&ch->ring, &newest);
	for (uint32_t i = it->next; i < ch->cells.cnt; i++) {
		const struct wi_shm_cell *cell = &ch->ring.cells[i];
		uint64_t word = wi_load_acquire(&cell->tag.word);
		enum wi_state s = wi_word_state(word);

		if ((s != WI_LIVE && s != WI_REVOKED) ||
		    !wi_tag_text(&cell->tag, word, id))
			continue;
		it->next = i + 1;
		it->idx = i;
		memcpy(it->id, id, sizeof(it->id));
		it->gating = wi_load_relaxed_32(&cell->gating) == 1;
		it->asleep =
		    wi_load_relaxed(&ch->ring.ch->sleepers[i / 64]) >> i % 64 &
		    1;
		it->life = wi_life_of(ch->st, word);
		it->pid = wi_pid_of(ch->st, word);
		it->cursor = wi_load_relaxed(&cell->cursor);
		it->lag = newest + 1 > it->cursor ? newest + 1 - it->cursor : 0;
		it->delivered = wi_load_relaxed(&cell->delivered_cnt);
		it->lost = wi_load_relaxed(&cell->lost_cnt);
		it->invalid = wi_load_relaxed(&cell->invalid_cnt);
		return 1;
	}
	return 0;
}

const weir_diag *
weir_consumer_diag(weir_consumer *c, uint64_t *seq)
{
	if (!c || !c->diag_seq)
		return NULL;
	if (seq)
		*seq = c->diag_seq;
	return &c->diag;
}
