/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/doc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/walk.h"
#include "schema/name.h"

/* The members of one container that a reference went through, so that many
 * references into a large container do not search it again and again. */
struct wi_members {
	uint32_t cnt;
	struct wi_name *names; /* of an object, sorted; at: the value */
	uint32_t *elems;       /* of an array */
};

int
wi_doc_init(struct wi_doc *d, const uint8_t *ptr, uint32_t len)
{
	const uint8_t *p = ptr, *end = ptr + len;
	uint32_t start[WI_DEPTH_MAX], sp = 0;
	uint64_t left[WI_DEPTH_MAX];
	struct wi_head h;

	memset(d, 0, sizeof(*d));
	d->ptr = ptr;
	d->len = len;
	d->end_at = calloc(len ? len : 1, sizeof(*d->end_at));
	if (!d->end_at)
		return -ENOMEM;
	while (p < end && !wi_head_read(p, end, &h)) {
		uint32_t at = (uint32_t)(p - ptr);

		p = h.next;
		if (h.type == WEIR_ARRAY || h.type == WEIR_MAP) {
			if (h.len && sp < WI_DEPTH_MAX) {
				start[sp] = at;
				left[sp++] = (uint64_t)h.len
					     << (h.type == WEIR_MAP);
				continue;
			}
			d->end_at[at] = (uint32_t)(p - ptr);
		}
		while (sp && --left[sp - 1] == 0)
			d->end_at[start[--sp]] = (uint32_t)(p - ptr);
	}
	return 0;
}

void
wi_doc_fini(struct wi_doc *d)
{
	free(d->end_at);
	free(d->member_at);
	free(d->members);
	wi_arena_free(d->arena);
	memset(d, 0, sizeof(*d));
}

uint32_t
wi_doc_skip(const struct wi_doc *d, uint32_t at)
{
	struct wi_head h;

	if (d->end_at[at])
		return d->end_at[at];
	if (wi_head_read(d->ptr + at, d->ptr + d->len, &h))
		return d->len;
	return (uint32_t)(h.next - d->ptr);
}

static int
by_name(const void *a, const void *b)
{
	return wi_name_cmp(a, b);
}

static int
fill_members(struct wi_doc *d, const struct wi_head *h, struct wi_members *m)
{
	uint32_t at = (uint32_t)(h->next - d->ptr), i;
	struct wi_head key;

	m->cnt = h->len;
	if (h->type == WEIR_ARRAY) {
		m->elems = wi_arena_get(d->arena, h->len, sizeof(*m->elems));
		if (!m->elems)
			return -ENOMEM;
		for (i = 0; i < h->len; i++, at = wi_doc_skip(d, at))
			m->elems[i] = at;
		return 0;
	}
	m->names = wi_arena_get(d->arena, h->len, sizeof(*m->names));
	if (!m->names)
		return -ENOMEM;
	for (i = 0; i < h->len; i++, at = wi_doc_skip(d, at)) {
		if (wi_head_read(d->ptr + at, d->ptr + d->len, &key))
			return WEIR_EBADSCHEMA;
		m->names[i] = wi_name_of(key.ptr, key.len);
		at = (uint32_t)(key.next - d->ptr);
		m->names[i].at = at;
	}
	qsort(m->names, m->cnt, sizeof(*m->names), by_name);
	return 0;
}

/* The members of the container @h at @at, found once. */
static int
members_of(struct wi_doc *d, uint32_t at, const struct wi_head *h,
	   struct wi_members **out)
{
	struct wi_members *grown;
	uint32_t cap;
	int ret;

	if (!d->arena)
		d->arena = wi_arena_new();
	if (!d->member_at)
		d->member_at = calloc(d->len, sizeof(*d->member_at));
	if (!d->arena || !d->member_at)
		return -ENOMEM;
	if (!d->member_at[at]) {
		if (d->member_cnt == d->member_cap) {
			cap = d->member_cap ? d->member_cap * 2 : 8;
			grown = realloc(d->members, cap * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			d->members = grown;
			d->member_cap = cap;
		}
		memset(&d->members[d->member_cnt], 0, sizeof(*d->members));
		ret = fill_members(d, h, &d->members[d->member_cnt]);
		if (ret)
			return ret;
		d->member_at[at] = ++d->member_cnt;
	}
	*out = &d->members[d->member_at[at] - 1];
	return 0;
}

/* "0", "7", "12"; not "", "01", "-1": UINT32_MAX. */
static uint32_t
array_index(const char *tok, size_t len)
{
	uint64_t n = 0;

	if (len == 0 || len > 9 || (len > 1 && tok[0] == '0'))
		return UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		if (tok[i] < '0' || tok[i] > '9')
			return UINT32_MAX;
		n = n * 10 + (uint64_t)(tok[i] - '0');
	}
	return (uint32_t)n;
}

int
wi_doc_child(struct wi_doc *d, uint32_t *at, const char *tok, size_t len)
{
	struct wi_name name = wi_name_of((const uint8_t *)tok, (uint32_t)len);
	const struct wi_name *hit;
	struct wi_members *m;
	struct wi_head h;
	uint32_t i;
	int ret;

	if (wi_head_read(d->ptr + *at, d->ptr + d->len, &h) ||
	    (h.type != WEIR_ARRAY && h.type != WEIR_MAP) || h.len == 0)
		return -ENOENT;
	ret = members_of(d, *at, &h, &m);
	if (ret)
		return ret;
	if (h.type == WEIR_ARRAY) {
		i = array_index(tok, len);
		if (i >= m->cnt)
			return -ENOENT;
		*at = m->elems[i];
		return 0;
	}
	hit = bsearch(&name, m->names, m->cnt, sizeof(*m->names), by_name);
	if (!hit)
		return -ENOENT;
	*at = hit->at;
	return 0;
}

/* Append src[0 .. n) to dst[cap], of which *len is used.  What is too much
 * is counted, not written. */
static void
put(char *dst, size_t cap, size_t *len, const char *src, size_t n)
{
	for (size_t i = 0; i < n; i++, ++*len)
		if (*len < cap)
			dst[*len] = src[i];
}

static void
put_token(char *dst, size_t cap, size_t *len, const struct wi_head *key)
{
	put(dst, cap, len, "/", 1);
	for (uint32_t i = 0; i < key->len && *len <= cap; i++) {
		char c = (char)key->ptr[i];

		if (c == '~')
			put(dst, cap, len, "~0", 2);
		else if (c == '/')
			put(dst, cap, len, "~1", 2);
		else
			put(dst, cap, len, &c, 1);
	}
}

/* Go from the container @h down to its child that holds @at: its token is
 * appended.  Return: the child, or NULL. */
static const uint8_t *
child_towards(const struct wi_head *h, const uint8_t *end, const uint8_t *at,
	      char *dst, size_t cap, size_t *len)
{
	const uint8_t *p = h->next, *q;
	struct wi_head key;
	char num[16];

	for (uint32_t i = 0; i < h->len; i++, p = q) {
		if (h->type == WEIR_MAP) {
			if (wi_head_read(p, end, &key) || key.type != WEIR_STR)
				return NULL;
			p = key.next;
		}
		q = wi_skip(p, end);
		if (!q)
			return NULL;
		if (at >= q)
			continue;
		if (h->type == WEIR_MAP)
			put_token(dst, cap, len, &key);
		else
			put(dst, cap, len, num,
			    (size_t)snprintf(num, sizeof(num), "/%u", i));
		return p;
	}
	return NULL;
}

void
wi_place(const uint8_t *msg, size_t len, size_t at, const char *prefix,
	 const char *last, char *dst, size_t cap)
{
	const uint8_t *p = msg, *end = msg + len;
	struct wi_head h;
	size_t n = 0;

	put(dst, cap, &n, prefix, strlen(prefix));
	while (p && p < msg + at && n <= cap) {
		if (wi_head_read(p, end, &h) ||
		    (h.type != WEIR_ARRAY && h.type != WEIR_MAP))
			break;
		p = child_towards(&h, end, msg + at, dst, cap, &n);
	}
	if (last) {
		put(dst, cap, &n, "/", 1);
		put(dst, cap, &n, last, strlen(last));
	}
	if (n < cap) {
		dst[n] = 0;
		return;
	}
	/* cut at a character, and say so */
	for (n = cap - 4; n > 0 && (dst[n] & 0xc0) == 0x80; n--)
		;
	memcpy(dst + n, "...", 4);
}
