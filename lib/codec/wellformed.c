/* SPDX-License-Identifier: BSD-2-Clause
 *
 * wellformed.c - what every record must be before anything else is asked.
 *
 * One walk with a stack of open containers.  It runs on each publish, so
 * the usual bytes (small integers, short strings, small maps) take the
 * shortest way and all else is out of line.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "base/diag.h"
#include "codec/keys.h"
#include "codec/pointer.h"
#include "codec/walk.h"

#include <string.h>

struct frame {
	uint64_t left;	    /* values still to come; a map's keys count */
	const uint8_t *key; /* the last key of a map */
	uint32_t key_len;
	uint32_t cnt;
	uint8_t is_map;
	uint8_t near;
};

struct near_key {
	const uint8_t *ptr;
	uint32_t len;
};

struct walk {
	const uint8_t *msg, *end;
	unsigned depth; /* open containers */
	uint64_t keys;	/* seen so far */
	uint64_t far_keys;
	struct frame frame[WI_DEPTH_MAX];
	struct near_key near[WI_NEAR_DEPTH][WI_NEAR_KEYS];
	uint16_t tag[WI_NEAR_DEPTH][WI_NEAR_KEYS];
};

static void
path_of(const struct walk *w, struct wi_path *path)
{
	for (unsigned i = 0; i < w->depth; i++) {
		const struct frame *f = &w->frame[i];

		if (!f->is_map)
			wi_path_index(path, f->cnt - f->left);
		else if (f->left % 2)
			wi_path_key(path, f->key, f->key_len);
	}
}

/* Say where: the offset of @at, and the containers that are open. */
static int
refuse(const struct walk *w, const uint8_t *at, weir_diag *diag,
       const char *why)
{
	struct wi_path path;

	wi_fail(diag, WEIR_EMSGPACK, "%s", why);
	if (diag) {
		diag->offset = (uint64_t)(at - w->msg);
		wi_path_init(&path, diag->pointer, sizeof(diag->pointer));
		path_of(w, &path);
	}
	return WEIR_EMSGPACK;
}

/* wi_head_read() has refused what stands at @p. */
static int
bad_head(const struct walk *w, const uint8_t *p, weir_diag *diag)
{
	if (p >= w->end)
		return refuse(w, p, diag,
			      "the message ends where a value must follow");
	if (*p == 0xc1)
		return refuse(w, p, diag,
			      "0xc1 is a reserved byte, no msgpack value");
	return refuse(w, p, diag,
		      "the value is cut off: its head tells of more bytes "
		      "than the message has");
}

static int
bad_dup(const struct walk *w, const uint8_t *key, weir_diag *diag)
{
	struct wi_path path;
	struct wi_head h;

	refuse(w, key, diag, "the map has two members with this key");
	if (diag && wi_head_read(key, w->end, &h) == 0) {
		wi_path_init(&path, diag->pointer, sizeof(diag->pointer));
		path_of(w, &path);
		wi_path_key(&path, h.ptr, h.len);
	}
	return WEIR_EMSGPACK;
}

/* Is this key of a near map there already?  If not, remember it. */
static int
near_seen(struct walk *w, const struct frame *f, const struct wi_head *h)
{
	uint16_t *tag = w->tag[w->depth - 1];
	struct near_key *near = w->near[w->depth - 1];
	uint32_t cnt = f->cnt - (uint32_t)(f->left / 2);
	uint16_t t = wi_key_tag(h->ptr, h->len);

	for (uint32_t i = 0; i < cnt; i++)
		if (wi_unlikely(tag[i] == t) && near[i].len == h->len &&
		    !memcmp(near[i].ptr, h->ptr, h->len))
			return 1;
	tag[cnt] = t;
	near[cnt].ptr = h->ptr;
	near[cnt].len = h->len;
	return 0;
}

static int
take_key(struct walk *w, struct frame *f, const uint8_t *p,
	 const struct wi_head *h, weir_diag *diag, struct wi_key_dup *dup)
{
	if (h->type != WEIR_STR)
		return refuse(w, p, diag, "a map key must be a string");
	if (!wi_utf8_valid(h->ptr, h->len))
		return refuse(w, h->ptr + wi_utf8_span(h->ptr, h->len), diag,
			      "the map key is not UTF-8");
	if (!f->near) {
		w->far_keys++;
	} else if (near_seen(w, f, h)) {
		dup->key = p;
		dup->idx = w->keys;
		return bad_dup(w, p, diag);
	}
	w->keys++;
	f->key = h->ptr;
	f->key_len = h->len;
	return 0;
}

static int
open_container(struct walk *w, const uint8_t *p, const struct wi_head *h,
	       weir_diag *diag)
{
	struct frame *f;

	if (w->depth == WI_DEPTH_MAX)
		return refuse(w, p, diag,
			      "nested too deeply: 128 containers inside each "
			      "other are the limit");
	f = &w->frame[w->depth];
	f->is_map = h->type == WEIR_MAP;
	f->near = f->is_map && wi_key_near(h->len, w->depth);
	f->cnt = h->len;
	f->left = (uint64_t)h->len << f->is_map;
	w->depth++;
	return 0;
}

/* Open the containers again that stand around @at. */
static void
walk_to(struct walk *w, const uint8_t *at)
{
	const uint8_t *p = w->msg;
	struct frame *f;
	struct wi_head h;

	w->depth = 0;
	while (p < at && !wi_head_read(p, w->end, &h)) {
		p = h.next;
		f = &w->frame[w->depth - (w->depth > 0)];
		if (h.type >= WEIR_ARRAY) {
			open_container(w, p, &h, NULL);
		} else {
			if (f->is_map && f->left % 2 == 0) {
				f->key = h.ptr;
				f->key_len = h.len;
			}
			f->left--;
		}
		while (w->frame[w->depth - 1].left == 0 && --w->depth > 0)
			w->frame[w->depth - 1].left--;
	}
}

/* All is well but for the keys of far maps. */
static int
check_far(struct walk *w, const struct wi_room *room, weir_diag *diag,
	  struct wi_key_dup *dup)
{
	int r = wi_keys_far(w->msg, w->end, w->far_keys, room, dup);

	if (r < 0)
		return refuse(w, w->msg, diag,
			      "the keys of its maps are made to collide");
	if (r == 0)
		return 0;
	walk_to(w, dup->key);
	return bad_dup(w, dup->key, diag);
}

int
wi_check(const uint8_t *msg, size_t len, const struct wi_room *room,
	 weir_diag *diag, struct wi_key_dup *dup)
{
	const uint8_t *p = msg;
	struct frame *f;
	struct wi_head h;
	struct walk w;
	int err;

	w.msg = msg;
	w.end = msg + len;
	w.depth = 0;
	w.keys = 0;
	w.far_keys = 0;
	dup->key = NULL;
	for (;;) {
		if (wi_unlikely(wi_head_read(p, w.end, &h)))
			return bad_head(&w, p, diag);
		f = w.depth > 0 ? &w.frame[w.depth - 1] : NULL;
		if (f && f->is_map && f->left % 2 == 0) {
			err = take_key(&w, f, p, &h, diag, dup);
			if (err)
				return err;
			f->left--;
			p = h.next;
			continue;
		}
		if (h.type >= WEIR_ARRAY) {
			err = open_container(&w, p, &h, diag);
			if (err)
				return err;
		} else if (h.type == WEIR_STR && !wi_utf8_valid(h.ptr, h.len)) {
			return refuse(&w, h.ptr + wi_utf8_span(h.ptr, h.len),
				      diag, "the string is not UTF-8");
		}
		p = h.next;
		if (h.type < WEIR_ARRAY) {
			if (!f)
				break;
			f->left--;
		}
		while (w.depth > 0 && w.frame[w.depth - 1].left == 0)
			if (--w.depth > 0)
				w.frame[w.depth - 1].left--;
		if (w.depth == 0)
			break;
	}
	if (p != w.end)
		return refuse(&w, p, diag,
			      "the message goes on behind its one value");
	return wi_unlikely(w.far_keys > 0) ? check_far(&w, room, diag, dup) : 0;
}

int
wi_wellformed(const void *msg, size_t len, weir_diag *diag)
{
	struct wi_key_dup dup;

	return wi_check(msg, len, NULL, diag, &dup);
}
