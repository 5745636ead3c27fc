/* SPDX-License-Identifier: BSD-2-Clause
 *
 * name.h - names of members, compared as words.
 *
 * Most names have at most eight bytes, or differ in length or in the first
 * eight: comparing the length and one word decides nearly always.
 */
#ifndef WI_SCHEMA_NAME_H
#define WI_SCHEMA_NAME_H

#include <string.h>

#include "base/bytes.h"
#include "codec/walk.h"
#include "schema/program.h"

/* The first eight bytes at ptr[0 .. len), padded with 0. */
static inline uint64_t
wi_name_word(const uint8_t *ptr, uint32_t len)
{
	uint64_t w = 0;
	uint32_t a, b;

	if (len >= 8) {
		memcpy(&w, ptr, 8);
		return w;
	}
	if (len >= 4) { /* two words that may overlap */
		memcpy(&a, ptr, 4);
		memcpy(&b, ptr + len - 4, 4);
		return a | (uint64_t)b << 8 * (len - 4);
	}
	if (len > 0)
		w = ptr[0];
	if (len > 1)
		w |= (uint64_t)ptr[1] << 8;
	if (len > 2)
		w |= (uint64_t)ptr[2] << 16;
	return w;
}

static inline struct wi_name
wi_name_of(const uint8_t *ptr, uint32_t len)
{
	struct wi_name n = {wi_name_word(ptr, len), ptr, len, 0};

	return n;
}

static inline int
wi_name_eq(const struct wi_name *a, const struct wi_name *b)
{
	return a->len == b->len && a->word == b->word &&
	       (a->len <= 8 || !memcmp(a->ptr + 8, b->ptr + 8, a->len - 8));
}

/* wi_name_in - has the map at @map, which ends before @end, a member @name? */
static inline bool
wi_name_in(const struct wi_name *name, const uint8_t *map, const uint8_t *end)
{
	const uint8_t *p;
	struct wi_head h;

	if (wi_head_read(map, end, &h) || h.type != WEIR_MAP)
		return false;
	p = h.next;
	for (uint32_t left = h.len; left && p; left--) {
		struct wi_name have;

		if (wi_head_read(p, end, &h))
			return false;
		have = wi_name_of(h.ptr, h.len);
		if (wi_name_eq(&have, name))
			return true;
		p = wi_skip(h.next, end);
	}
	return false;
}

static inline struct wi_raw
wi_raw_of(const uint8_t *ptr, uint32_t len)
{
	struct wi_raw raw = {.len = len, .ptr = ptr};
	uint8_t mask[8] = {0};

	raw.head = wi_name_word(ptr, len);
	memset(mask, 0xff, len < 8 ? len : 8);
	memcpy(&raw.mask, mask, 8);
	if (len > 8)
		memcpy(&raw.tail, ptr + len - 8, 8);
	return raw;
}

/* wi_is_raw - are these the bytes at @p, where @room bytes may be read? */
static inline bool
wi_is_raw(const struct wi_raw *raw, const uint8_t *p, size_t room)
{
	if (room < 8 || room < raw->len ||
	    (wi_word64(p) & raw->mask) != raw->head)
		return false;
	if (raw->len <= 8)
		return true;
	return raw->len <= 16 ? wi_word64(p + raw->len - 8) == raw->tail
			      : !memcmp(p + 8, raw->ptr + 8, raw->len - 8);
}

/* An order of names, for sorting; it has no meaning beyond that. */
static inline int
wi_name_cmp(const struct wi_name *a, const struct wi_name *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->word != b->word)
		return a->word < b->word ? -1 : 1;
	return a->len <= 8 ? 0 : memcmp(a->ptr + 8, b->ptr + 8, a->len - 8);
}

#endif
