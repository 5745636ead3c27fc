/* SPDX-License-Identifier: BSD-2-Clause
 *
 * parts.c - what the keywords of one schema object become; those that speak
 * of objects are in members.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "schema/compile.h"
#include "schema/format.h"
#include "schema/name.h"
#include "schema/number.h"
#include "schema/pattern.h"
#include "schema/set.h"

/* Allow the type @name; *@named has a bit per type that was named before. */
static int
add_type(struct wi_compiler *c, const struct wi_head *name, uint32_t *named)
{
	static const struct {
		const char *name;
		unsigned types;
	} types[] = {
	    {"null", WI_T(WEIR_NIL)},	{"boolean", WI_T(WEIR_BOOL)},
	    {"integer", WI_T_INTEGER},	{"number", WI_T_NUMBER},
	    {"string", WI_T(WEIR_STR)}, {"array", WI_T(WEIR_ARRAY)},
	    {"object", WI_T(WEIR_MAP)},
	};

	for (size_t i = 0; i < WI_CNT(types); i++) {
		if (strlen(types[i].name) != name->len ||
		    memcmp(types[i].name, name->ptr, name->len))
			continue;
		if (*named >> i & 1)
			return wi_refuse(c, c->node->at, WI_KW_TYPE,
					 "\"%s\" is named twice",
					 types[i].name);
		*named |= 1u << i;
		c->node->types |= (uint16_t)types[i].types;
		return 0;
	}
	return wi_refuse(c, c->node->at, WI_KW_TYPE,
			 "\"%.*s\" is none of null, boolean, integer, number, "
			 "string, array, object",
			 wi_cut(name->ptr, name->len, 40),
			 (const char *)name->ptr);
}

/* What JSON has no type for, and this schema allows. */
static int
build_msgpack(struct wi_compiler *c)
{
	static const struct {
		const char *name;
		unsigned type;
	} kinds[] = {
	    {"bin", WEIR_BIN}, {"ext", WEIR_EXT}, {"timestamp", WEIR_EXT}};
	struct wi_head h;

	wi_get(c, WI_KW_MSGPACK, &h);
	for (size_t i = 0; i < WI_CNT(kinds); i++) {
		if (strlen(kinds[i].name) != h.len ||
		    memcmp(kinds[i].name, h.ptr, h.len))
			continue;
		c->node->types |= (uint16_t)WI_T(kinds[i].type);
		c->node->is_time = i == 2;
		return 0;
	}
	return wi_refuse(c, c->node->at, WI_KW_MSGPACK,
			 "\"%.*s\" is none of bin, ext, timestamp",
			 wi_cut(h.ptr, h.len, 40), (const char *)h.ptr);
}

static int
build_types(struct wi_compiler *c)
{
	struct wi_head h, name;
	uint32_t at, named = 0;

	if (!wi_get(c, WI_KW_TYPE, &h) && !c->value_at[WI_KW_MSGPACK])
		return 0;
	c->node->types = 0;
	if (c->value_at[WI_KW_MSGPACK]) {
		int ret = build_msgpack(c);

		c->node->by_ext = !c->value_at[WI_KW_TYPE];
		if (ret || c->node->by_ext)
			return ret;
	}
	if (h.type == WEIR_STR)
		return add_type(c, &h, &named);
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len; i++, at = wi_doc_skip(&c->doc, at)) {
		int ret;

		wi_doc_head(c, at, &name);
		ret = add_type(c, &name, &named);
		if (ret)
			return ret;
	}
	return 0;
}

static int
add_const(struct wi_compiler *c, uint32_t at, struct wi_const *k)
{
	struct wi_head h;

	wi_doc_head(c, at, &h);
	k->hash = wi_const_hash(&h);
	k->at = at;
	k->end = wi_doc_skip(&c->doc, at);
	return 0;
}

static struct wi_set *
new_set(struct wi_compiler *c, uint32_t cnt)
{
	struct wi_set *set = wi_new(c, 1, sizeof(*set));

	if (!set)
		return NULL;
	set->cnt = cnt;
	set->vals = wi_new(c, cnt ? cnt : 1, sizeof(*set->vals));
	return set->vals ? set : NULL;
}

/* Bytes to compare with first, for a set that is not too large for that. */
static int
add_raws(struct wi_compiler *c, struct wi_set *set)
{
	if (set->cnt > WI_RAWS_MAX)
		return 0;
	set->raws = wi_new(c, set->cnt, sizeof(*set->raws));
	if (!set->raws)
		return -ENOMEM;
	for (uint32_t i = 0; i < set->cnt; i++) {
		const struct wi_const *k = &set->vals[i];
		struct wi_head h;

		wi_doc_head(c, k->at, &h);
		if (h.type < WEIR_ARRAY)
			set->raws[set->raw_cnt++] =
			    wi_raw_of(c->doc.ptr + k->at, k->end - k->at);
	}
	return 0;
}

static int
build_sets(struct wi_compiler *c)
{
	struct wi_head h;
	uint32_t at;
	int ret = 0;

	if (wi_get(c, WI_KW_CONST, &h)) {
		c->node->konst = new_set(c, 1);
		if (!c->node->konst)
			return -ENOMEM;
		add_const(c, c->value_at[WI_KW_CONST], c->node->konst->vals);
		ret = add_raws(c, c->node->konst);
	}
	if (!ret && wi_get(c, WI_KW_ENUM, &h)) {
		c->node->set = new_set(c, h.len);
		if (!c->node->set)
			return -ENOMEM;
		at = wi_doc_at(c, h.next);
		for (uint32_t i = 0; i < h.len; i++) {
			add_const(c, at, &c->node->set->vals[i]);
			at = c->node->set->vals[i].end;
		}
		wi_set_sort(c->node->set->vals, h.len);
		ret = add_raws(c, c->node->set);
	}
	return ret;
}

static int
build_bounds(struct wi_compiler *c)
{
	static const unsigned kws[WI_BOUND_CNT] = {
	    [WI_MIN] = WI_KW_MINIMUM,
	    [WI_MAX] = WI_KW_MAXIMUM,
	    [WI_EXMIN] = WI_KW_EXCLUSIVE_MINIMUM,
	    [WI_EXMAX] = WI_KW_EXCLUSIVE_MAXIMUM,
	    [WI_MULTIPLE] = WI_KW_MULTIPLE_OF,
	};
	struct wi_bounds *b = NULL;
	struct wi_head h;

	for (unsigned i = 0; i < WI_BOUND_CNT; i++) {
		if (!wi_get(c, kws[i], &h))
			continue;
		if (!b)
			b = wi_new(c, 1, sizeof(*b));
		if (!b)
			return -ENOMEM;
		wi_num_of(&h, &b->num[i]);
		b->has |= 1u << i;
	}
	c->node->bounds = b;
	return 0;
}

uint64_t
wi_count(const struct wi_compiler *c, unsigned kw, uint64_t dflt)
{
	struct wi_head h;
	struct wi_num n;

	if (wi_get(c, kw, &h) && wi_num_of(&h, &n))
		(void)wi_num_count(&n, &dflt);
	return dflt;
}

int
wi_build_pattern(struct wi_compiler *c, unsigned kw, const struct wi_head *h,
		 const struct wi_pattern **out)
{
	char why[160];
	int ret;

	if (!c->s->patterns)
		c->s->patterns = wi_patterns_new();
	if (!c->s->patterns)
		return -ENOMEM;
	ret = wi_patterns_add(c->s->patterns, h->ptr, h->len, out, why,
			      sizeof(why));
	if (ret == WEIR_EBADSCHEMA)
		return wi_refuse(c, c->node->at, kw, "\"%.*s\": %s",
				 wi_cut(h->ptr, h->len, 60),
				 (const char *)h->ptr, why);
	return ret;
}

/* A format that is unknown asks for nothing, as the specification says. */
static unsigned
asserted_format(const struct wi_compiler *c)
{
	struct wi_head h;

	if (!c->s->asserts &&
	    !(c->lib.res[c->res].vocabs >> WI_VOCAB_FORMAT_ASSERTION & 1))
		return 0;
	return wi_get(c, WI_KW_FORMAT, &h) ? wi_format_find(h.ptr, h.len) : 0;
}

static int
build_strings(struct wi_compiler *c)
{
	uint64_t min = wi_count(c, WI_KW_MIN_LENGTH, 0);
	uint64_t max = wi_count(c, WI_KW_MAX_LENGTH, UINT64_MAX);
	unsigned format = asserted_format(c);
	struct wi_strings *s;
	struct wi_head h;
	int has_pattern = wi_get(c, WI_KW_PATTERN, &h);

	if (min == 0 && max == UINT64_MAX && !has_pattern && !format)
		return 0;
	s = wi_new(c, 1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->min = min;
	s->max = max;
	s->format = format;
	c->node->strings = s;
	return has_pattern ? wi_build_pattern(c, WI_KW_PATTERN, &h, &s->pattern)
			   : 0;
}

static int
build_array(struct wi_compiler *c)
{
	struct wi_array arr = {
	    .min = wi_count(c, WI_KW_MIN_ITEMS, 0),
	    .max = wi_count(c, WI_KW_MAX_ITEMS, UINT64_MAX),
	    .items = &wi_node_true,
	    .has_items = c->value_at[WI_KW_ITEMS] != 0,
	    .min_contains = wi_count(c, WI_KW_MIN_CONTAINS, 1),
	    .max_contains = wi_count(c, WI_KW_MAX_CONTAINS, UINT64_MAX),
	};
	struct wi_head h;
	uint32_t at;
	int ret = 0;

	if (wi_get(c, WI_KW_PREFIX_ITEMS, &h)) {
		arr.prefix_cnt = h.len;
		arr.prefix = wi_new(c, h.len, sizeof(struct wi_node *));
		if (!arr.prefix)
			return -ENOMEM;
		at = wi_doc_at(c, h.next);
		for (uint32_t i = 0; i < h.len && !ret; i++) {
			ret =
			    wi_link(c, at, WI_KW_PREFIX_ITEMS, &arr.prefix[i]);
			at = wi_doc_skip(&c->doc, at);
		}
	}
	if (!ret && wi_get(c, WI_KW_ITEMS, &h))
		ret = wi_link(c, c->value_at[WI_KW_ITEMS], WI_KW_ITEMS,
			      &arr.items);
	if (!ret && wi_get(c, WI_KW_CONTAINS, &h))
		ret = wi_link(c, c->value_at[WI_KW_CONTAINS], WI_KW_CONTAINS,
			      &arr.contains);
	arr.unique = wi_get(c, WI_KW_UNIQUE_ITEMS, &h) && h.u;
	if (ret || (arr.min == 0 && arr.max == UINT64_MAX && !arr.prefix_cnt &&
		    !arr.has_items && !arr.contains && !arr.unique))
		return ret;
	c->node->array = wi_new(c, 1, sizeof(arr));
	if (!c->node->array)
		return -ENOMEM;
	*c->node->array = arr;
	return 0;
}

int
wi_build_parts(struct wi_compiler *c)
{
	static int (*const builds[])(struct wi_compiler *) = {
	    build_types,   build_sets,	build_bounds,
	    build_strings, build_array, wi_build_object,
	};
	int ret = 0;

	for (size_t i = 0; i < WI_CNT(builds) && !ret; i++)
		ret = builds[i](c);
	return ret;
}
