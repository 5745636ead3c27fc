/* SPDX-License-Identifier: BSD-2-Clause
 *
 * parts.c - what the keywords of one schema object become.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "schema/compile.h"
#include "schema/name.h"
#include "schema/number.h"
#include "schema/pattern.h"
#include "schema/set.h"

/* The head of the value of @kw; false if the keyword is not there. */
static int
get(const struct wi_compiler *c, unsigned kw, struct wi_head *h)
{
	if (!c->value_at[kw])
		return 0;
	wi_doc_head(c, c->value_at[kw], h);
	return 1;
}

static void *
new_part(struct wi_compiler *c, size_t cnt, size_t size)
{
	return wi_arena_get(c->s->arena, cnt, size);
}

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
			 (int)(name->len < 40 ? name->len : 40),
			 (const char *)name->ptr);
}

static int
build_types(struct wi_compiler *c)
{
	struct wi_head h, name;
	uint32_t at, named = 0;

	if (!get(c, WI_KW_TYPE, &h))
		return 0;
	c->node->types = 0;
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
	struct wi_set *set = new_part(c, 1, sizeof(*set));

	if (!set)
		return NULL;
	set->cnt = cnt;
	set->vals = new_part(c, cnt ? cnt : 1, sizeof(*set->vals));
	return set->vals ? set : NULL;
}

static int
build_sets(struct wi_compiler *c)
{
	struct wi_head h;
	uint32_t at;

	if (get(c, WI_KW_CONST, &h)) {
		c->node->konst = new_set(c, 1);
		if (!c->node->konst)
			return -ENOMEM;
		add_const(c, c->value_at[WI_KW_CONST], c->node->konst->vals);
	}
	if (get(c, WI_KW_ENUM, &h)) {
		c->node->set = new_set(c, h.len);
		if (!c->node->set)
			return -ENOMEM;
		at = wi_doc_at(c, h.next);
		for (uint32_t i = 0; i < h.len; i++) {
			add_const(c, at, &c->node->set->vals[i]);
			at = c->node->set->vals[i].end;
		}
		wi_set_sort(c->node->set->vals, h.len);
	}
	return 0;
}

static int
build_bounds(struct wi_compiler *c)
{
	static const unsigned kws[WI_BOUND_CNT] = {
	    [WI_MIN] = WI_KW_MINIMUM,
	    [WI_MAX] = WI_KW_MAXIMUM,
	    [WI_EXMIN] = WI_KW_EXCLUSIVE_MINIMUM,
	    [WI_EXMAX] = WI_KW_EXCLUSIVE_MAXIMUM,
	};
	struct wi_bounds *b = NULL;
	struct wi_head h;

	for (unsigned i = 0; i < WI_BOUND_CNT; i++) {
		if (!get(c, kws[i], &h))
			continue;
		if (!b)
			b = new_part(c, 1, sizeof(*b));
		if (!b)
			return -ENOMEM;
		wi_num_of(&h, &b->num[i]);
		b->has |= 1u << i;
	}
	c->node->bounds = b;
	return 0;
}

/* The value of a keyword that is a count; @dflt if it is not there. */
static uint64_t
count(const struct wi_compiler *c, unsigned kw, uint64_t dflt)
{
	struct wi_head h;
	struct wi_num n;

	if (get(c, kw, &h) && wi_num_of(&h, &n))
		(void)wi_num_count(&n, &dflt);
	return dflt;
}

static int
build_pattern(struct wi_compiler *c, const struct wi_head *h,
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
		return wi_refuse(c, c->node->at, WI_KW_PATTERN, "\"%.*s\": %s",
				 (int)(h->len < 60 ? h->len : 60),
				 (const char *)h->ptr, why);
	return ret;
}

static int
build_strings(struct wi_compiler *c)
{
	uint64_t min = count(c, WI_KW_MIN_LENGTH, 0);
	uint64_t max = count(c, WI_KW_MAX_LENGTH, UINT64_MAX);
	struct wi_strings *s;
	struct wi_head h;
	int has_pattern = get(c, WI_KW_PATTERN, &h);

	if (min == 0 && max == UINT64_MAX && !has_pattern)
		return 0;
	s = new_part(c, 1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->min = min;
	s->max = max;
	c->node->strings = s;
	return has_pattern ? build_pattern(c, &h, &s->pattern) : 0;
}

static int
build_array(struct wi_compiler *c)
{
	struct wi_array arr = {
	    .min = count(c, WI_KW_MIN_ITEMS, 0),
	    .max = count(c, WI_KW_MAX_ITEMS, UINT64_MAX),
	    .items = &wi_node_true,
	};
	struct wi_head h;
	uint32_t at;
	int ret = 0;

	if (get(c, WI_KW_PREFIX_ITEMS, &h)) {
		arr.prefix_cnt = h.len;
		arr.prefix = new_part(c, h.len, sizeof(struct wi_node *));
		if (!arr.prefix)
			return -ENOMEM;
		at = wi_doc_at(c, h.next);
		for (uint32_t i = 0; i < h.len && !ret; i++) {
			ret =
			    wi_link(c, at, WI_KW_PREFIX_ITEMS, &arr.prefix[i]);
			at = wi_doc_skip(&c->doc, at);
		}
	}
	if (!ret && get(c, WI_KW_ITEMS, &h))
		ret = wi_link(c, c->value_at[WI_KW_ITEMS], WI_KW_ITEMS,
			      &arr.items);
	if (ret || (arr.min == 0 && arr.max == UINT64_MAX && !arr.prefix_cnt &&
		    arr.items == &wi_node_true))
		return ret;
	c->node->array = new_part(c, 1, sizeof(arr));
	if (!c->node->array)
		return -ENOMEM;
	*c->node->array = arr;
	return 0;
}

/* One name out of properties or required. */
struct entry {
	struct wi_name name; /* at: the place of the property's schema */
	uint32_t required;
	uint32_t prop; /* index in props */
};

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = wi_name_cmp(&x->name, &y->name);

	return order ? order : (int)x->required - (int)y->required;
}

/* props[0 .. cnt) from properties, and all entries. */
static int
fill_props(struct wi_compiler *c, struct wi_object *obj, struct entry *e,
	   uint32_t prop_cnt, uint32_t required_cnt)
{
	struct wi_head h, name;
	uint32_t at, i;
	int ret = 0;

	at = get(c, WI_KW_PROPERTIES, &h) ? wi_doc_at(c, h.next) : 0;
	for (i = 0; i < prop_cnt && !ret; i++) {
		wi_doc_head(c, at, &name);
		at = wi_doc_at(c, name.next);
		e[i].name = wi_name_of(name.ptr, name.len);
		e[i].prop = i;
		obj->props[i].name = e[i].name;
		ret = wi_link(c, at, WI_KW_PROPERTIES, &obj->props[i].node);
		at = wi_doc_skip(&c->doc, at);
	}
	at = get(c, WI_KW_REQUIRED, &h) ? wi_doc_at(c, h.next) : 0;
	for (i = prop_cnt; i < prop_cnt + required_cnt && !ret; i++) {
		wi_doc_head(c, at, &name);
		at = wi_doc_at(c, name.next);
		e[i].name = wi_name_of(name.ptr, name.len);
		e[i].prop = i;
		e[i].required = 1;
	}
	return ret;
}

static int
refuse_twice(struct wi_compiler *c, const struct wi_name *name)
{
	return wi_refuse(
	    c, c->node->at, WI_KW_REQUIRED, "\"%.*s\" is named twice",
	    (int)(name->len < 100 ? name->len : 100), (const char *)name->ptr);
}

/* Bring properties and required together: each name is one prop. */
static int
merge_props(struct wi_compiler *c, struct wi_object *obj, struct entry *e,
	    uint32_t prop_cnt, uint32_t cnt)
{
	uint32_t i, *prop_of = calloc(cnt, sizeof(*prop_of));

	if (!prop_of)
		return -ENOMEM;
	qsort(e, cnt, sizeof(*e), by_name);
	for (i = 0; i < cnt; i++) {
		/* by the order of sorting, `required` comes second */
		if (i && e[i].required &&
		    wi_name_eq(&e[i].name, &e[i - 1].name)) {
			if (e[i - 1].required == 1) {
				free(prop_of);
				return refuse_twice(c, &e[i].name);
			}
			obj->props[e[i - 1].prop].required = 1;
			prop_of[e[i].prop] = UINT32_MAX;
			e[i].required = 2; /* not the first of its name */
			if (i + 1 < cnt &&
			    wi_name_eq(&e[i].name, &e[i + 1].name)) {
				free(prop_of);
				return refuse_twice(c, &e[i].name);
			}
			continue;
		}
		if (e[i].required)
			prop_of[e[i].prop] = i + 1; /* only required */
	}
	/* those get their place behind the others, in the order of the list */
	obj->prop_cnt = prop_cnt;
	for (i = prop_cnt; i < cnt; i++) {
		struct entry *only;

		if (prop_of[i] == UINT32_MAX)
			continue;
		only = &e[prop_of[i] - 1];
		only->prop = obj->prop_cnt;
		obj->props[obj->prop_cnt].name = only->name;
		obj->props[obj->prop_cnt].node = obj->additional;
		obj->props[obj->prop_cnt++].required = 1;
	}
	for (uint32_t k = i = 0; i < cnt; i++)
		if (e[i].required != 2)
			obj->sorted[k++] = e[i].prop;
	free(prop_of);
	return 0;
}

static int
build_props(struct wi_compiler *c, struct wi_object *obj, uint32_t prop_cnt,
	    uint32_t required_cnt)
{
	uint32_t cnt = prop_cnt + required_cnt;
	struct entry *e;
	int ret;

	if (cnt == 0)
		return 0;
	obj->props = new_part(c, cnt, sizeof(*obj->props));
	obj->sorted = new_part(c, cnt, sizeof(*obj->sorted));
	e = calloc(cnt, sizeof(*e));
	ret = obj->props && obj->sorted && e
		  ? fill_props(c, obj, e, prop_cnt, required_cnt)
		  : -ENOMEM;
	if (!ret)
		ret = merge_props(c, obj, e, prop_cnt, cnt);
	free(e);
	obj->required_cnt = required_cnt;
	for (uint32_t i = 0; !ret && i < obj->prop_cnt; i++)
		if (obj->props[i].required && i < WI_PROPS_NOTED)
			obj->required |= 1ull << i;
	return ret;
}

static int
build_object(struct wi_compiler *c)
{
	struct wi_head properties = {0}, required = {0}, h;
	struct wi_object obj = {.additional = &wi_node_true};
	int ret = 0;

	get(c, WI_KW_PROPERTIES, &properties);
	get(c, WI_KW_REQUIRED, &required);
	if (get(c, WI_KW_ADDITIONAL_PROPERTIES, &h))
		ret = wi_link(c, c->value_at[WI_KW_ADDITIONAL_PROPERTIES],
			      WI_KW_ADDITIONAL_PROPERTIES, &obj.additional);
	if (!ret)
		ret = build_props(c, &obj, properties.len, required.len);
	if (ret || (!obj.prop_cnt && obj.additional == &wi_node_true))
		return ret;
	c->node->object = new_part(c, 1, sizeof(obj));
	if (!c->node->object)
		return -ENOMEM;
	*c->node->object = obj;
	return 0;
}

int
wi_build_parts(struct wi_compiler *c)
{
	static int (*const builds[])(struct wi_compiler *) = {
	    build_types,   build_sets,	build_bounds,
	    build_strings, build_array, build_object,
	};
	int ret = 0;

	for (size_t i = 0; i < WI_CNT(builds) && !ret; i++)
		ret = builds[i](c);
	return ret;
}
