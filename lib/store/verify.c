/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* ---- findings ---------------------------------------------------------------
 */

void
wi_found(struct wi_verify *v, uint32_t *cnt, const void *at, const char *place,
	 uint32_t idx, const char *fmt, ...)
{
	weir_damage *d;
	va_list ap;

	if (cnt && ++*cnt > WI_TOLD_MOST)
		return;
	if (v->kept_cnt == v->kept_cap) {
		uint32_t cap = v->kept_cap ? 2 * v->kept_cap : 16;

		d = realloc(v->kept, cap * sizeof(*d));
		if (!d) {
			v->rc = -ENOMEM;
			return;
		}
		v->kept = d;
		v->kept_cap = cap;
	}
	d = &v->kept[v->kept_cnt++];
	memset(d, 0, sizeof(*d));
	d->size = sizeof(*d);
	wi_copy(d->channel, sizeof(d->channel), v->channel, strlen(v->channel));
	if (idx == WI_ALONE)
		snprintf(d->place, sizeof(d->place), "%s", place);
	else
		snprintf(d->place, sizeof(d->place), "%s %" PRIu32, place, idx);
	d->offset = at ? (uint64_t)((const uint8_t *)at - v->st->base) : 0;
	va_start(ap, fmt);
	vsnprintf(d->message, sizeof(d->message), fmt, ap);
	va_end(ap);
}

void
wi_found_more(struct wi_verify *v, uint32_t cnt, const char *places)
{
	if (cnt > WI_TOLD_MOST)
		wi_found(v, NULL, NULL, places, WI_ALONE,
			 "and %" PRIu32 " more", cnt - WI_TOLD_MOST);
}

/* Tell what was kept, or forget it. */
static void
end(struct wi_verify *v, bool counts)
{
	for (uint32_t i = 0; counts && v->rc == 0 && i < v->kept_cnt; i++) {
		v->told++;
		v->rc = v->fn(&v->kept[i], v->arg);
	}
	v->kept_cnt = 0;
}

/* ---- tables -----------------------------------------------------------------
 */

/* Why this cannot be an owner; NULL: it can. */
static const char *
wrong_owner(const struct weir_store *st, uint64_t word, uint32_t states)
{
	enum wi_state s = wi_word_state(word);
	uint32_t idx = wi_word_idx(word);
	uint64_t gen;

	if (!(states >> s & 1))
		return "its state is none that it can be in";
	if (s == WI_FREE || s == WI_IDLE)
		return NULL;
	if (idx >= st->head.participant_cnt)
		return "its owner has a place that does not exist";
	gen = wi_load_acquire(&st->participants[idx].gen);
	if (gen < 1u << 26 && wi_word_gen(word) > gen)
		return "its owner has never been here";
	return NULL;
}

static const char *
wrong_name(const struct wi_shm_tag *tag, const char *text)
{
	uint32_t len = wi_load_relaxed_32(&tag->len);

	if (len < 1 || len > WI_NAME_MAX || strlen(text) != len)
		return "the length of its name is wrong";
	if (wi_load_relaxed(&tag->hash) != wi_hash(text, len))
		return "its name and the hash of it do not fit";
	if (wi_id_check("", text, WI_NAME_MAX, NULL) != 0)
		return "its name has control characters or is not UTF-8";
	return NULL;
}

/* Does an entry before this one stand with the same name? */
static bool
is_double(const struct wi_table *t, uint32_t idx, uint64_t word,
	  const char *text)
{
	const struct wi_shm_tag *own = wi_tag(t, idx);
	uint64_t hash = wi_load_relaxed(&own->hash), other;

	for (uint32_t i = 0; i < idx; i++) {
		const struct wi_shm_tag *tag = wi_tag(t, i);

		if (wi_load_relaxed(&tag->hash) != hash)
			continue;
		other = wi_load_acquire(&tag->word);
		if (!WI_STANDS(wi_word_state(other)) ||
		    !wi_tag_is(tag, hash, text, strlen(text)))
			continue;
		wi_fence_acquire();
		/* ours stood before, and does after, so while that did */
		if (wi_load_relaxed(&tag->word) == other &&
		    wi_load_acquire(&own->word) == word)
			return true;
	}
	return false;
}

void
wi_verify_tags(struct wi_verify *v, const struct wi_table *t, const char *place,
	       const char *places, uint32_t states)
{
	char text[WI_TAG_MAX + 1];
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < t->cnt; i++) {
		const struct wi_shm_tag *tag = wi_tag(t, i);
		uint64_t word = wi_load_acquire(&tag->word);
		const char *why = wrong_owner(v->st, word, states);

		/* who clears a lane may hold one that has no name yet */
		if (!why && WI_STANDS(wi_word_state(word)) &&
		    wi_word_state(word) != WI_CLEARING) {
			const char *bad;

			wi_tag_text(tag, word, text);
			bad = wrong_name(tag, text);
			wi_fence_acquire();
			if (wi_load_relaxed(&tag->word) != word)
				continue;
			why = bad;
			if (!why && is_double(t, i, word, text))
				why = "another one has the same name";
		}
		if (why)
			wi_found(v, &cnt, tag, place, i, "%s", why);
	}
	wi_found_more(v, cnt, places);
}

/* ---- the store --------------------------------------------------------------
 */

static void
head(struct wi_verify *v)
{
	const struct weir_store *st = v->st;
	const struct wi_shm_control *c = st->control;
	struct wi_shm_header now;
	weir_diag diag = {.code = 0};

	wi_copy_out(&now, st->base, sizeof(now));
	if (memcmp(&now, &st->head, sizeof(now)) != 0)
		wi_found(v, NULL, st->base, "header", WI_ALONE,
			 "it is not what it was when the store was opened");
	if (wi_load_relaxed_32(&c->retired) > 1)
		wi_found(v, NULL, &c->retired, "control", WI_ALONE,
			 "the mark of a destroyed store is neither 0 nor 1");
	if (wi_load_relaxed_32(&c->need_fence) > 1)
		wi_found(v, NULL, &c->need_fence, "control", WI_ALONE,
			 "the mark for fences is neither 0 nor 1");
	if (wi_load_relaxed_32(&c->bell) != 0)
		wi_found(v, NULL, &c->bell, "control", WI_ALONE,
			 "the bell is not 0, so sleepers never sleep");
	if (wi_segment_lock_check(st, &diag) != 0)
		wi_found(v, NULL, NULL, "lock file", WI_ALONE, "%s",
			 diag.message);
}

static void
participants(struct wi_verify *v)
{
	const struct weir_store *st = v->st;
	uint32_t cnt = 0, removed;

	for (uint32_t i = 0; i < st->head.participant_cnt; i++) {
		const struct wi_shm_participant *p = &st->participants[i];
		/* in this order: the generation is raised first */
		uint32_t holds = wi_holds_of(st, i, &removed);

		if (holds && wi_load_acquire(&p->gen) == 0)
			wi_found(v, &cnt, p, "participant", i,
				 "it has %" PRIu32 " channels open and was "
				 "never here",
				 holds);
	}
	wi_found_more(v, cnt, "participants");
}

struct claim {
	uint64_t off, len, word;
	uint32_t idx;
};

static int
by_offset(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static bool
stands_still(const struct weir_store *st, const struct claim *c)
{
	return wi_load_acquire(&wi_tag(&st->channels, c->idx)->word) == c->word;
}

/* What the entries of the channel table claim of the heap. */
static void
claims(struct wi_verify *v)
{
	const struct weir_store *st = v->st;
	struct claim *all = calloc(st->channels.cnt, sizeof(*all)), *before;
	uint32_t n = 0, bad = 0;

	if (!all) {
		v->rc = -ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < st->channels.cnt; i++) {
		const struct wi_shm_entry *e = wi_entry(st, i);
		struct claim c = {.word = wi_load_acquire(&e->tag.word),
				  .idx = i};
		enum wi_state s = wi_word_state(c.word);

		if (s != WI_BUILDING && s != WI_CLAIM_NAME && s != WI_LIVE &&
		    s != WI_DYING && s != WI_FREEING)
			continue;
		c.off = wi_load_relaxed(&e->off);
		c.len = wi_load_relaxed(&e->len);
		wi_fence_acquire();
		if (!stands_still(st, &c))
			continue;
		if (c.off < st->head.heap_off || c.off % WI_PAGE ||
		    c.len % WI_PAGE || c.off > st->head.seg_len ||
		    c.len > st->head.seg_len - c.off)
			wi_found(v, &bad, &e->off, "entry", i,
				 "it claims %" PRIu64 " bytes at %" PRIu64
				 ", not whole pages of the heap",
				 c.len, c.off);
		else
			all[n++] = c;
	}
	qsort(all, n, sizeof(*all), by_offset);
	before = all;
	for (uint32_t i = 1; i < n; i++) {
		const struct claim *c = &all[i];

		/* both stood while the later of them was looked at */
		if (before->off + before->len > c->off &&
		    stands_still(st, before) && stands_still(st, c))
			wi_found(v, &bad, &wi_entry(st, c->idx)->off, "entry",
				 c->idx,
				 "its bytes at %" PRIu64
				 " are also entry %" PRIu32 "'s",
				 c->off, before->idx);
		if (c->off + c->len > before->off + before->len)
			before = &all[i];
	}
	wi_found_more(v, bad, "entries");
	free(all);
}

/* The channel behind a live entry. */
static void
channel(struct wi_verify *v, uint32_t idx)
{
	struct weir_store *st = v->st;
	const struct wi_shm_entry *e = wi_entry(st, idx);
	uint64_t word = wi_load_acquire(&e->tag.word);
	char name[WI_TAG_MAX + 1];
	struct weir_channel ch;
	int rc;

	if (wi_word_state(word) != WI_LIVE || !wi_tag_text(&e->tag, word, name))
		return;
	v->channel = name;
	rc = wi_channel_peek(st, idx, word, name, &ch);
	if (rc == WEIR_ECORRUPT)
		wi_found(v, NULL, NULL, "block", WI_ALONE,
			 "its geometry contradicts itself: nobody can open it");
	else if (rc != 0)
		v->rc = rc;
	else
		wi_verify_channel(v, &ch);
	if (rc == 0 && ch.ring.g.block_len != wi_load_relaxed(&e->len))
		wi_found(v, NULL, &e->len, "entry", idx,
			 "it claims other bytes than its block has");
	free(ch.scratch);
	wi_fence_acquire();
	end(v, wi_load_relaxed(&e->tag.word) == word);
	v->channel = "";
}

#define BIT(s) (1u << (s))
#define CHANNEL_STATES                                                         \
	(BIT(WI_FREE) | BIT(WI_RESERVED) | BIT(WI_CLAIM_RANGE) |               \
	 BIT(WI_BUILDING) | BIT(WI_CLAIM_NAME) | BIT(WI_LIVE) |                \
	 BIT(WI_DYING) | BIT(WI_FREEING))

int
weir_store_verify(weir_store *st, weir_damage_fn *fn, void *arg)
{
	struct wi_verify v = {.st = st, .fn = fn, .arg = arg, .channel = ""};
	struct wi_file_info f;
	int rc;

	if (!st || !fn)
		return -EINVAL;
	rc = wi_mine(st);
	if (rc != 0)
		return rc;
	if (wi_shm_is(st->data_fd, &st->data_id) &&
	    wi_shm_stat(st->data_fd, &f) == 0 && f.len < st->head.seg_len) {
		/* what is not there any more is not looked at */
		wi_found(&v, NULL, NULL, "file", WI_ALONE,
			 "it was cut to %" PRIu64 " of %" PRIu64
			 " bytes: whoever looks behind its end gets a SIGBUS",
			 f.len, st->head.seg_len);
		end(&v, true);
		free(v.kept);
		return v.rc ? v.rc : v.told;
	}
	head(&v);
	participants(&v);
	wi_verify_tags(&v, &st->channels, "entry", "entries", CHANNEL_STATES);
	claims(&v);
	end(&v, true);
	for (uint32_t i = 0; v.rc == 0 && i < st->channels.cnt; i++)
		channel(&v, i);
	free(v.kept);
	return v.rc ? v.rc : v.told;
}
