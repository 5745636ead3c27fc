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

/* What the first byte says: how long the value is, and its type.  No schema
 * tells integers below 0 from others by their type. */
struct first {
	uint8_t len; /* 0: a string whose length follows */
	uint8_t type;
};

#define OTHER 15 /* no short form: what leap_read() is for; in no type mask */

#define X4(...) __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__
#define X16(...)                                                               \
	X4(__VA_ARGS__), X4(__VA_ARGS__), X4(__VA_ARGS__), X4(__VA_ARGS__)
#define STRS(n)                                                                \
	{n, WEIR_STR}, {n + 1, WEIR_STR}, {n + 2, WEIR_STR},                   \
	{                                                                      \
		n + 3, WEIR_STR                                                \
	}
/* clang-format off */
static const struct first firsts[256] = {
    X16({1, WEIR_UINT}), X16({1, WEIR_UINT}), X16({1, WEIR_UINT}),
    X16({1, WEIR_UINT}), X16({1, WEIR_UINT}), X16({1, WEIR_UINT}),
    X16({1, WEIR_UINT}), X16({1, WEIR_UINT}),
    X16({1, OTHER}), X16({1, OTHER}), /* maps, arrays */
    STRS(1), STRS(5), STRS(9), STRS(13),
    STRS(17), STRS(21), STRS(25), STRS(29),
    {1, WEIR_NIL}, {1, OTHER}, {1, WEIR_BOOL}, {1, WEIR_BOOL},
    {1, OTHER}, {1, OTHER}, {1, OTHER}, /* bin */
    {1, OTHER}, {1, OTHER}, {1, OTHER}, /* ext */
    {5, WEIR_FLOAT}, {9, WEIR_FLOAT},
    {2, WEIR_UINT}, {3, WEIR_UINT}, {5, WEIR_UINT}, {9, WEIR_UINT},
    {2, WEIR_INT}, {3, WEIR_INT}, {5, WEIR_INT}, {9, WEIR_INT},
    X4({1, OTHER}), {1, OTHER}, /* ext */
    {0, WEIR_STR}, {0, WEIR_STR}, {1, OTHER},
    X4({1, OTHER}), /* arrays, maps */
    X16({1, WEIR_INT}), X16({1, WEIR_INT}),
};
/* clang-format on */

/* The types that a value has by its first byte alone. */
#define PLAIN                                                                  \
	(WI_T(WEIR_NIL) | WI_T(WEIR_BOOL) | WI_T(WEIR_INT) | WI_T(WEIR_UINT))

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
	size_t room = (size_t)(l->end - p);
	const uint8_t *str = NULL, *next;
	struct first f;

	if (wi_unlikely(room == 0))
		return NULL;
	f = firsts[*p];
	if (wi_unlikely(f.len > room || !(n->types >> f.type & 1)))
		return leap_read(l, n, p);
	next = p + f.len;
	if (f.type == WEIR_STR) {
		str = p + 1;
		if (wi_unlikely(!f.len)) {
			if (room < 3)
				return NULL;
			str = *p == 0xd9 ? p + 2 : p + 3;
			next = str + (*p == 0xd9 ? p[1] : wi_be16(p + 1));
			if ((size_t)(next - p) > room)
				return NULL;
		}
		if (!wi_utf8_valid(str, (size_t)(next - str)))
			return NULL;
	} else if (f.type == WEIR_FLOAT && !is_finite(p, f.len)) {
		return NULL;
	}
	if (n->leaf ||
	    is_as_asked(l, n, p, str, str ? (uint32_t)(next - str) : 0))
		return next;
	return NULL;
}

/* Pass over up to *@left scalars in short forms, of which only the type is
 * asked. */
static const uint8_t *
over_scalars(const struct wi_node *n, const uint8_t *p, const uint8_t *end,
	     uint32_t *left)
{
	unsigned types = n->types, plain = types & PLAIN;
	bool floats = types & WI_T(WEIR_FLOAT);
	uint32_t cnt = *left;

	for (; cnt && end - p >= 9; cnt--) {
		struct first f;

		/* A length that is known here is not waited for: the processor
		 * goes on with the next before it has seen this one. */
		if (*p == 0xcb && floats && is_finite(p, 9)) {
			p += 9;
			continue;
		}
		f = firsts[*p];
		if (wi_likely(plain >> f.type & 1)) {
			p += f.len;
			continue;
		}
		if (!(types >> f.type & 1))
			break;
		if (f.type == WEIR_FLOAT ? !is_finite(p, f.len)
					 : f.len == 0 || f.len > end - p ||
					       !wi_utf8_valid(p + 1, f.len - 1u))
			break;
		p += f.len;
	}
	*left = cnt;
	return p;
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

bool
wi_leap_all(const struct weir_schema *s, const uint8_t *msg, size_t len)
{
	struct wi_leap l = {s->doc, msg + len, msg};

	return s->root->leap && leap_value(&l, s->root, msg) == l.end;
}

const uint8_t *
wi_leap_over(struct wi_leap *l, const struct wi_node *node, const uint8_t *p,
	     uint32_t *left)
{
	const uint8_t *next;

	for (; *left; --*left, p = next) {
		if (node->leaf)
			p = over_scalars(node, p, l->end, left);
		if (!*left)
			break;
		next = leap_value(l, node, p);
		if (wi_unlikely(!next)) {
			if (l->at < p)
				l->at = p;
			break;
		}
	}
	return p;
}
