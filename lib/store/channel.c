/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* The entry with this name; false: none.  In a table of entries whose block
 * is being made, names are claimed last, so a standing one is whole. */
static bool
find(const struct weir_store *st, const char *name, uint32_t *idx,
     uint64_t *word)
{
	*idx = wi_find(&st->channels, name, strlen(name), word);
	return *idx < st->channels.cnt;
}

/* Where the block of entry @idx lies; WEIR_ECORRUPT if not in the heap. */
static int
block_of(const struct weir_store *st, uint32_t idx, uint64_t *off,
	 uint64_t *len)
{
	const struct wi_shm_entry *e = wi_entry(st, idx);

	*off = wi_load_relaxed(&e->off);
	*len = wi_load_relaxed(&e->len);
	if (*off < st->head.heap_off || *off % WI_PAGE ||
	    *off > st->head.seg_len || *len > st->head.seg_len - *off)
		return WEIR_ECORRUPT;
	return 0;
}

static void
dispose(struct weir_channel *ch)
{
	weir_schema_free(ch->schema);
	free(ch->schema_text);
	free(ch->scratch);
	free(ch);
}

/* Where the parts of the block are, whose geometry was checked. */
static int
bind(struct weir_channel *ch, const struct wi_geom *g)
{
	struct weir_store *st = ch->st;

	wi_ring_init(&ch->ring, st->base + ch->off, g, st->read_only);
	ch->lanes = (struct wi_table){(void *)ch->ring.lanes,
				      sizeof(struct wi_shm_lane), g->lane_cnt};
	ch->cells = (struct wi_table){(void *)ch->ring.cells,
				      sizeof(struct wi_shm_cell), g->cell_cnt};
	ch->scratch = calloc(g->lane_cnt, sizeof(*ch->scratch));
	return ch->scratch ? 0 : -ENOMEM;
}

/* The geometry, the schema, and private memory; the channel is held. */
static int
look_into(struct weir_channel *ch, weir_diag *diag)
{
	struct weir_store *st = ch->st;
	struct wi_geom g;
	uint64_t len;
	int rc = block_of(st, ch->idx, &ch->off, &len);

	if (rc == 0)
		rc = wi_block_read(st->base + ch->off, len, &g);
	if (rc != 0)
		return wi_fail(diag, WEIR_ECORRUPT,
			       "the block of channel %s is damaged: remove "
			       "the channel",
			       ch->name);
	rc = bind(ch, &g);
	if (g.schema_len)
		ch->schema_text = malloc(g.schema_len + 1);
	if (rc != 0 || (g.schema_len && !ch->schema_text))
		return wi_fail(diag, -ENOMEM, "out of memory");
	if (!g.schema_len)
		return 0;
	wi_copy_out(ch->schema_text, st->base + ch->off + g.schema_off,
		    g.schema_len);
	ch->schema_text[g.schema_len] = 0;
	return wi_config_compile(&g, ch->schema_text, g.schema_len, &ch->schema,
				 diag);
}

/* A handle on entry @idx.  -EAGAIN: it went away meanwhile. */
static int
attach(struct weir_store *st, const char *name, uint32_t idx, uint64_t word,
       const weir_channel_opts *o, struct weir_channel **out, weir_diag *diag)
{
	struct weir_channel *ch;
	int rc;

	if (!wi_hold(st, idx, word))
		return -EAGAIN;
	ch = calloc(1, sizeof(*ch));
	if (!ch) {
		wi_unhold(st, idx);
		return wi_fail(diag, -ENOMEM, "out of memory");
	}
	ch->st = st;
	ch->idx = idx;
	ch->word = word;
	ch->word_now = &wi_tag(&st->channels, idx)->word;
	memcpy(ch->name, name, strlen(name));
	rc = look_into(ch, diag);
	/* An observer holds nothing: what it read counts only if the entry
	 * still stands. */
	wi_fence_acquire(); /* H2 */
	if (st->read_only && wi_channel_ok(ch) == WEIR_EREMOVED)
		rc = -EAGAIN;
	if (rc == 0 && o)
		rc = wi_config_differs(o, &ch->ring.g, ch->schema_text, diag);
	if (rc != 0) {
		dispose(ch);
		wi_unhold(st, idx);
		return rc;
	}
	/* in one with the list, which says whose memory stays locked */
	wi_mutex_lock(st->mutex);
	rc = wi_memory_lock(st, ch->off, ch->ring.g.block_len, diag);
	ch->next = st->first_channel;
	st->first_channel = ch;
	wi_mutex_unlock(st->mutex);
	if (rc == 0)
		rc = wi_memory_ready(st, ch->off, ch->ring.g.block_len, diag);
	if (rc != 0) {
		weir_channel_close(ch);
		return rc;
	}
	*out = ch;
	return 0;
}

/* Make the channel; -EEXIST: somebody was faster. */
static int
make(struct weir_store *st, const char *name, const weir_channel_opts *o,
     weir_diag *diag)
{
	struct weir_schema *schema = NULL;
	struct wi_geom g;
	uint32_t idx, other;
	uint64_t word, off;
	int rc;

	if (st->read_only)
		return wi_fail(diag, -EROFS,
			       "no channel %s, and the store is open "
			       "read-only",
			       name);
	rc = wi_config_geom(o, &g, diag);
	if (rc == 0 && o->schema)
		rc = wi_config_compile(&g, o->schema, g.schema_len, &schema,
				       diag);
	weir_schema_free(schema); /* whether it compiles is all we ask */
	if (rc != 0)
		return rc;
	g.created_ns = wi_clock_real();
	rc = wi_block_alloc(st, g.block_len, name, &idx, &word, &off, diag);
	if (rc != 0)
		return rc;
	wi_block_init(st->base + off, &g, o->schema);
	rc = wi_claim(&st->channels, idx, &word, st->who, WI_BUILDING,
		      WI_CLAIM_NAME, WI_LIVE, wi_name_clash, NULL, &other);
	if (rc == 0)
		return 0;
	wi_block_free(st, idx, word);
	if (rc == WI_CLASHED)
		return -EEXIST;
	return wi_fail(diag, rc, "too many others make this channel");
}

int
weir_channel_open(weir_store *st, const char *name,
		  const weir_channel_opts *opts, weir_channel **out,
		  weir_diag *diag)
{
	weir_channel_opts o;
	uint32_t idx;
	uint64_t word;
	int rc;

	if (out)
		*out = NULL;
	if (!st || !out)
		return wi_fail(diag, -EINVAL, "an argument is NULL");
	rc = wi_mine(st);
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	rc = wi_id_check("a channel's name", name, WEIR_CHANNEL_NAME_MAX, diag);
	if (rc == 0 && strchr(name, '/'))
		rc = wi_fail(diag, WEIR_ENAME, "a channel's name has no \"/\"");
	memset(&o, 0, sizeof(o));
	if (rc == 0)
		rc = wi_opts_copy(&o, WI_OPTS_KNOWN(weir_channel_opts), opts,
				  "weir_channel_opts", diag);
	if (rc != 0)
		return rc;
	for (int tries = 0; tries < 64; tries++) {
		if (wi_is_retired(st))
			return wi_fail(diag, WEIR_ERETIRED,
				       "the store was destroyed");
		if (find(st, name, &idx, &word)) {
			rc = attach(st, name, idx, word, opts ? &o : NULL, out,
				    diag);
			if (rc != -EAGAIN)
				return rc;
			continue;
		}
		if (!opts || (o.flags & WEIR_MUST_EXIST))
			return wi_fail(diag, -ENOENT,
				       "no channel %s: make it with `weir "
				       "channel create`, or open it with a "
				       "configuration",
				       name);
		rc = make(st, name, &o, diag);
		if (rc != 0 && rc != -EEXIST)
			return rc;
	}
	return wi_fail(diag, -EAGAIN,
		       "the channel is made and removed again and again");
}

/* Unlock its memory, unless another handle of ours has it open. */
static void
unlock(const struct weir_channel *ch)
{
	struct weir_store *st = ch->st;

	for (const struct weir_channel *c = st->first_channel; c; c = c->next)
		if (c->idx == ch->idx)
			return;
	wi_memory_unlock(st, ch->off, ch->ring.g.block_len);
}

void
weir_channel_close(weir_channel *ch)
{
	struct weir_channel **p;
	struct wi_reaped reaped;
	struct weir_store *st;

	if (!ch)
		return;
	st = ch->st;
	if (wi_mine(st) == 0)
		wi_mutex_lock(st->mutex);
	for (p = &st->first_channel; *p != ch; p = &(*p)->next)
		;
	*p = ch->next;
	if (wi_mine(st) == 0) {
		unlock(ch);
		wi_mutex_unlock(st->mutex);
	}
	wi_unhold(st, ch->idx);
	if (wi_mine(st) == 0 && !st->read_only &&
	    wi_load_relaxed(ch->word_now) != ch->word)
		/* removed: perhaps we were the last */
		wi_blocks_reap(st, false, &reaped);
	dispose(ch);
}

int
weir_channel_remove(weir_store *st, const char *name, weir_diag *diag)
{
	struct wi_reaped reaped;
	uint32_t idx;
	uint64_t word;
	uintptr_t old;
	bool found;
	int rc;

	if (!st)
		return wi_fail(diag, -EINVAL, "store is NULL");
	rc = wi_mine(st);
	if (rc == 0 && st->read_only)
		rc = -EROFS;
	if (rc == 0 && wi_is_retired(st))
		rc = WEIR_ERETIRED;
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	rc = wi_id_check("a channel's name", name, WEIR_CHANNEL_NAME_MAX, diag);
	if (rc != 0)
		return rc;
	/* The bell before the mark: if we die in between, sleepers learn it. */
	old = wi_bell_arm(&st->control->bell);
	do
		found = find(st, name, &idx, &word);
	while (found && !wi_cas(&wi_tag(&st->channels, idx)->word, word,
				wi_word_next(word, WI_DYING, st->who)));
	if (found)
		wi_change(&st->waker);
	wi_bell_disarm(old);
	if (!found)
		return wi_fail(diag, -ENOENT, "no channel %s", name);
	wi_blocks_reap(st, false, &reaped);
	return 0;
}

/* Configuration into the caller's struct. */
static void
tell_geom(const struct wi_geom *g, weir_channel_info *info)
{
	info->overflow = g->flags & WI_CH_BLOCK ? WEIR_BLOCK : WEIR_OVERWRITE;
	info->producers =
	    g->flags & WI_CH_EXCLUSIVE ? WEIR_EXCLUSIVE : WEIR_SHARED;
	info->stamps = g->flags & WI_CH_STAMPS ? WEIR_ON : WEIR_OFF;
	info->orphans = g->flags & WI_CH_EVICT ? WEIR_EVICT : WEIR_KEEP;
	info->formats = g->flags & WI_CH_FORMATS ? WEIR_ON : WEIR_OFF;
	info->capacity = g->slot_cnt;
	info->max_producers = g->lane_cnt;
	info->max_consumers = g->cell_cnt;
	info->max_record = g->max_record;
	info->inline_bytes = g->inline_len;
	info->slot_len = g->slot_len;
	info->lane_bytes = g->lane_len;
	info->schema_len = g->schema_len;
	info->bytes = g->block_len;
	info->created_ns = g->created_ns;
}

/* The name alone would be that of the next channel, too. */
static uint64_t
channel_id(const char *name, uint64_t created_ns)
{
	uint64_t words[2] = {wi_hash(name, strlen(name)), created_ns};

	return wi_hash(words, sizeof(words));
}

int
weir_channel_stat(weir_channel *ch, weir_channel_info *info)
{
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	uint64_t newest = 0;
	int rc;

	if (!ch || !info || info->size < sizeof(*info))
		return -EINVAL;
	rc = wi_channel_ok(ch);
	if (rc != 0)
		return rc;
	info->idx = ch->idx;
	info->id = channel_id(ch->name, ch->ring.g.created_ns);
	memcpy(info->name, ch->name, sizeof(info->name));
	info->damaged = 0;
	tell_geom(&ch->ring.g, info);
	if (wi_newest(&ch->ring, &newest) != 0)
		return WEIR_ECORRUPT;
	info->newest_seq = newest;
	info->oldest_seq = wi_oldest(&ch->ring, newest);
	info->producer_cnt = info->consumer_cnt = info->orphan_cnt = 0;
	while (weir_producer_next(ch, &p) == 1) {
		info->producer_cnt += p.life != WEIR_GONE;
		info->orphan_cnt += p.life == WEIR_GONE && p.has_value;
	}
	while (weir_consumer_next(ch, &c) == 1)
		info->consumer_cnt += c.life != WEIR_GONE;
	return 0;
}

int
wi_channel_peek(struct weir_store *st, uint32_t idx, uint64_t word,
		const char *name, struct weir_channel *ch)
{
	struct wi_geom g;
	uint64_t len;
	int rc;

	*ch = (struct weir_channel){
	    .st = st,
	    .idx = idx,
	    .word = word,
	    .word_now = &wi_tag(&st->channels, idx)->word,
	};
	memcpy(ch->name, name, sizeof(ch->name));
	rc = block_of(st, idx, &ch->off, &len);
	if (rc == 0)
		rc = wi_block_read(st->base + ch->off, len, &g);
	return rc == 0 ? bind(ch, &g) : rc;
}

/* A channel's figures without its schema being compiled. */
static int
glance(struct weir_store *st, uint32_t idx, uint64_t word, const char *name,
       weir_channel_info *it)
{
	struct weir_channel ch;
	int rc = wi_channel_peek(st, idx, word, name, &ch);

	if (rc == 0)
		rc = weir_channel_stat(&ch, it);
	free(ch.scratch);
	wi_fence_acquire(); /* H2 */
	if (st->read_only && wi_channel_ok(&ch) == WEIR_EREMOVED)
		return -EAGAIN;
	if (rc == WEIR_ECORRUPT) {
		it->idx = idx;
		memcpy(it->name, name, sizeof(it->name));
		it->bytes = wi_load_relaxed(&wi_entry(st, idx)->len);
		it->damaged = 1;
		rc = 0;
	}
	return rc;
}

int
weir_channel_next(weir_store *st, weir_channel_info *it)
{
	char name[WI_TAG_MAX + 1];
	int rc;

	if (!st || !it || it->size < sizeof(*it))
		return -EINVAL;
	rc = wi_mine(st);
	if (rc != 0)
		return rc;
	for (uint32_t i = it->next; i < st->channels.cnt; i++) {
		const struct wi_shm_tag *tag = wi_tag(&st->channels, i);
		uint64_t word = wi_load_acquire(&tag->word);

		if (wi_word_state(word) != WI_LIVE ||
		    !wi_tag_text(tag, word, name) || !wi_hold(st, i, word))
			continue;
		rc = glance(st, i, word, name, it);
		wi_unhold(st, i);
		if (rc == -ENOMEM)
			return rc;
		if (rc != 0)
			continue; /* went away meanwhile */
		it->next = i + 1;
		return 1;
	}
	return 0;
}

const char *
weir_channel_schema(weir_channel *ch, size_t *len)
{
	if (len)
		*len = ch && ch->schema_text ? ch->ring.g.schema_len : 0;
	return ch ? ch->schema_text : NULL;
}

int
weir_channel_check(weir_channel *ch, const void *msg, size_t len,
		   weir_diag *diag)
{
	if (!ch || !msg)
		return wi_fail(diag, -EINVAL, "an argument is NULL");
	if (len > ch->ring.g.max_record)
		return wi_fail(diag, -EMSGSIZE,
			       "the record has %zu bytes, the channel takes "
			       "up to %u",
			       len, ch->ring.g.max_record);
	return weir_schema_check(ch->schema, msg, len, diag);
}

void
wi_id_text(const struct weir_channel *ch, const struct wi_rec *rec, char *buf)
{
	const struct wi_shm_lane *lane = &ch->ring.lanes[rec->lane_idx];

	for (int tries = 0; tries < 4; tries++) {
		uint64_t word = wi_load_acquire(&lane->tag.word);
		enum wi_state s = wi_word_state(word);
		bool now = wi_hash_fits(wi_load_relaxed(&lane->tag.hash), rec);
		/* its word first, so that hash and text are of one name */
		uint64_t even = wi_load_acquire(&lane->before.word);
		bool before =
		    wi_hash_fits(wi_load_relaxed(&lane->before.hash), rec);

		if ((now && WI_STANDS(s) && wi_tag_text(&lane->tag, word, buf)))
			return;
		if (!now && before && !(even & 1) &&
		    wi_tag_text(&lane->before, even, buf) &&
		    wi_load_relaxed(&lane->tag.word) == word)
			return;
	}
	snprintf(buf, WI_TAG_MAX,
		 rec->is_inline ? "~%08" PRIx64 : "~%016" PRIx64, rec->id_hash);
}
