/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/leap.h"

#include <string.h>

#include "base/compiler.h"
#include "codec/walk.h"
#include "schema/check.h"
#include "schema/name.h"
#include "schema/number.h"
#include "schema/set.h"

/* ---- which nodes can
 * ----------------------------------------------------------------- */

/* The higher of a height and that of a node; 0: one of them cannot leap. */
static unsigned
higher(unsigned leap, const struct wi_node *n)
{
	if (!leap || !n->leap)
		return 0;
	return leap > n->leap ? leap : n->leap;
}

static unsigned
height_of(const struct wi_node *n)
{
	const struct wi_array *a = n->array;
	const struct wi_object *o = n->object;
	unsigned leap = 1;

	if (n->more || n->is_time ||
	    (n->strings && (n->strings->pattern || n->strings->format)))
		return 0;
	if (a) {
		leap = higher(leap, a->items);
		for (uint32_t i = 0; leap && i < a->prefix_cnt; i++)
			leap = higher(leap, a->prefix[i]);
	}
	if (o && (!o->is_plain || o->prop_cnt > WI_PROPS_NOTED))
		return 0;
	for (uint32_t i = 0; o && leap && i < o->prop_cnt; i++)
		leap = higher(leap, o->props[i].node);
	if (leap && (a || o))
		leap++;
	return leap <= WI_LEAP_MAX ? leap : 0;
}

/* As records have the name: one byte that tells of a string of up to 31 bytes,
 * and those, as in the document.  Nothing begins with 0xc1. */
static struct wi_raw
raw_name(const struct wi_name *name)
{
	static const uint8_t never[1] = {0xc1};

	return name->len < 32 ? wi_raw_of(name->ptr - 1, name->len + 1)
			      : wi_raw_of(never, 1);
}

bool
wi_leap_prepare(struct wi_node *n)
{
	n->leap = (uint8_t)height_of(n);
	if (n->leap && n->object)
		for (uint32_t i = 0; i < n->object->prop_cnt; i++)
			n->object->props[i].raw =
			    raw_name(&n->object->props[i].name);
	return n->leap != 0;
}

/* ---- leaping
 * ------------------------------------------------------------------------- */

/* Scalars from 0xc0 on whose length the first byte says.  No schema tells
 * integers below 0 from others by their type. */
static const struct {
	uint8_t len, type;
} heads[0x20] = {
    [0x00] = {1, WEIR_NIL},   [0x02] = {1, WEIR_BOOL},	[0x03] = {1, WEIR_BOOL},
    [0x0a] = {5, WEIR_FLOAT}, [0x0b] = {9, WEIR_FLOAT}, [0x0c] = {2, WEIR_UINT},
    [0x0d] = {3, WEIR_UINT},  [0x0e] = {5, WEIR_UINT},	[0x0f] = {9, WEIR_UINT},
    [0x10] = {2, WEIR_INT},   [0x11] = {3, WEIR_INT},	[0x12] = {5, WEIR_INT},
    [0x13] = {9, WEIR_INT},
};

/* Is the scalar at @p in the set? */
static bool
is_in(const struct wi_leap *l, const struct wi_set *set, const uint8_t *p)
{
	uint64_t steps = 1000; /* a set may be made to be slow */
	struct wi_head h;

	for (uint32_t i = 0; i < set->raw_cnt; i++)
		if (wi_is_raw(&set->raws[i], p, (size_t)(l->end - p)))
			return true;
	return wi_head_read(p, l->end, &h) == 0 &&
	       wi_set_has(set, l->doc, p, l->end, &h, &steps);
}

/* Does the scalar at @p pass what its node asks beyond the type?  @str, @len:
 * what is in it, if it is a string. */
static bool
is_as_asked(const struct wi_leap *l, const struct wi_node *n, const uint8_t *p,
	    const uint8_t *str, uint32_t len)
{
	struct wi_head h;
	struct wi_num num;

	if ((n->konst && !is_in(l, n->konst, p)) ||
	    (n->set && !is_in(l, n->set, p)))
		return false;
	if (str)
		return !n->strings ||
		       wi_length_broken(n->strings, str, len) == WI_KW_CNT;
	return !n->bounds || (wi_head_read(p, l->end, &h) == 0 &&
			      (!wi_num_of(&h, &num) ||
			       wi_bounds_broken(n->bounds, &num) == WI_KW_CNT));
}

static const uint8_t *leap_members(struct wi_leap *l,
				   const struct wi_object *obj,
				   const uint8_t *p, uint32_t cnt);

static const uint8_t *
leap_elements(struct wi_leap *l, const struct wi_array *arr, const uint8_t *p,
	      uint32_t cnt)
{
	if (cnt < arr->min || cnt > arr->max)
		return NULL;
	for (uint32_t i = 0; cnt && i < arr->prefix_cnt; i++, cnt--) {
		const uint8_t *next = wi_leap(l, arr->prefix[i], p);

		if (!next)
			return NULL;
		p = next;
	}
	p = wi_leap_over(l, arr->items, p, &cnt);
	return cnt ? NULL : p;
}

/* Any value, by its head. */
static const uint8_t *
leap_read(struct wi_leap *l, const struct wi_node *n, const uint8_t *p)
{
	struct wi_head h;

	if (wi_head_read(p, l->end, &h) || !wi_type_fits(n->types, &h))
		return NULL;
	switch (h.type) {
	case WEIR_BIN:
	case WEIR_EXT:
		return NULL;
	case WEIR_ARRAY:
		return n->array && !n->set && !n->konst
			   ? leap_elements(l, n->array, h.next, h.len)
			   : NULL;
	case WEIR_MAP:
		return n->object && !n->set && !n->konst
			   ? leap_members(l, n->object, h.next, h.len)
			   : NULL;
	case WEIR_STR:
		return wi_utf8_valid(h.ptr, h.len) &&
			       (n->leaf || is_as_asked(l, n, p, h.ptr, h.len))
			   ? h.next
			   : NULL;
	default:
		return n->leaf || is_as_asked(l, n, p, NULL, 0) ? h.next : NULL;
	}
}

/* The float of @len bytes at @p: not all bits of its exponent are set. */
static inline bool
is_finite(const uint8_t *p, size_t len)
{
	return (~wi_be16(p + 1) & (len == 9 ? 0x7ff0 : 0x7f80)) != 0;
}

/* A scalar in one of its short forms, or any value by leap_read(). */
wi_inline const uint8_t *
leap_value(struct wi_leap *l, const struct wi_node *n, const uint8_t *p)
{
	size_t room = (size_t)(l->end - p), len = 1;
	const uint8_t *str = NULL;
	unsigned type;

	if (wi_unlikely(room == 0))
		return NULL;
	if (*p >= 0xc0 && *p < 0xe0) {
		len = heads[*p - 0xc0].len;
		type = heads[*p - 0xc0].type;
		if (wi_unlikely(len > room || !len))
			return leap_read(l, n, p);
		if (type == WEIR_FLOAT && !is_finite(p, len))
			return NULL;
	} else if (*p < 0x80 || *p >= 0xe0) {
		type = *p < 0x80 ? WEIR_UINT : WEIR_INT;
	} else if (*p >= 0xa0) {
		str = p + 1;
		len = 1 + (*p & 0x1fu);
		type = WEIR_STR;
		if (len > room || !wi_utf8_valid(str, len - 1))
			return NULL;
	} else {
		return leap_read(l, n, p);
	}
	if (wi_unlikely(!(n->types >> type & 1)))
		return type == WEIR_FLOAT ? leap_read(l, n, p) : NULL;
	return n->leaf || is_as_asked(l, n, p, str, (uint32_t)len - 1) ? p + len
								       : NULL;
}

/* Any name of @obj, which is likely number *@idx.  Return: what is behind it,
 * and *@idx; NULL: it is none. */
static const uint8_t *
find_name(const struct wi_leap *l, const struct wi_object *obj,
	  const uint8_t *p, uint32_t *idx)
{
	struct wi_name name;
	struct wi_head h;

	if (wi_head_read(p, l->end, &h) || h.type != WEIR_STR)
		return NULL;
	name = wi_name_of(h.ptr, h.len);
	*idx = wi_prop_find(obj, &name, *idx);
	return *idx < obj->prop_cnt ? h.next : NULL;
}

static const uint8_t *
leap_members(struct wi_leap *l, const struct wi_object *obj, const uint8_t *p,
	     uint32_t cnt)
{
	uint64_t seen = 0, bit;
	uint32_t i = 0;

	if (cnt < obj->min || cnt > obj->max)
		return NULL;
	for (; cnt; cnt--, i++) {
		const uint8_t *next;

		if (i < obj->prop_cnt &&
		    wi_is_raw(&obj->props[i].raw, p, (size_t)(l->end - p)))
			next = p + obj->props[i].raw.len;
		else
			next = find_name(l, obj, p, &i);
		bit = 1ull << (i & 63);
		if (next && !(seen & bit))
			next = leap_value(l, obj->props[i].node, next);
		else
			next = NULL;
		if (!next) {
			if (l->at < p)
				l->at = p;
			return NULL;
		}
		seen |= bit;
		p = next;
	}
	return (seen & obj->required) == obj->required ? p : NULL;
}

const uint8_t *
wi_leap(struct wi_leap *l, const struct wi_node *node, const uint8_t *p)
{
	return leap_value(l, node, p);
}

const uint8_t *
wi_leap_over(struct wi_leap *l, const struct wi_node *node, const uint8_t *p,
	     uint32_t *left)
{
	uint32_t n = *left;

	for (; n; n--) {
		const uint8_t *next = leap_value(l, node, p);

		if (wi_unlikely(!next)) {
			if (l->at < p)
				l->at = p;
			break;
		}
		/* who measures has many doubles in a row */
		if (*p == 0xcb && node->leaf && node->types & WI_T(WEIR_FLOAT))
			for (; n > 1 && l->end - next >= 9 && *next == 0xcb &&
			       is_finite(next, 9);
			     n--)
				next += 9;
		p = next;
	}
	*left = n;
	return p;
}
