/* SPDX-License-Identifier: BSD-2-Clause
 *
 * members.c - what the keywords of one schema object that speak of objects
 * become.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/diag.h"
#include "schema/compile.h"
#include "schema/name.h"

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

	at = wi_get(c, WI_KW_PROPERTIES, &h) ? wi_doc_at(c, h.next) : 0;
	for (i = 0; i < prop_cnt && !ret; i++) {
		wi_doc_head(c, at, &name);
		at = wi_doc_at(c, name.next);
		e[i].name = wi_name_of(name.ptr, name.len);
		e[i].prop = i;
		obj->props[i].name = e[i].name;
		obj->props[i].own = 1;
		ret = wi_link(c, at, WI_KW_PROPERTIES, &obj->props[i].node);
		at = wi_doc_skip(&c->doc, at);
	}
	at = wi_get(c, WI_KW_REQUIRED, &h) ? wi_doc_at(c, h.next) : 0;
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
	    wi_cut(name->ptr, name->len, 100), (const char *)name->ptr);
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
	obj->props = wi_new(c, cnt, sizeof(*obj->props));
	obj->sorted = wi_new(c, cnt, sizeof(*obj->sorted));
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

/* patternProperties: the name is a pattern, the value a schema. */
static int
build_patterns(struct wi_compiler *c, struct wi_object *obj)
{
	struct wi_head h, name;
	uint32_t at;
	int ret = 0;

	if (!wi_get(c, WI_KW_PATTERN_PROPERTIES, &h) || !h.len)
		return 0;
	obj->pattern_cnt = h.len;
	obj->patterns = wi_new(c, h.len, sizeof(*obj->patterns));
	if (!obj->patterns)
		return -ENOMEM;
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len && !ret; i++) {
		struct wi_pattern_prop *p = &obj->patterns[i];

		wi_doc_head(c, at, &name);
		at = wi_doc_at(c, name.next);
		ret = wi_build_pattern(c, WI_KW_PATTERN_PROPERTIES, &name,
				       &p->pattern);
		if (!ret)
			ret = wi_link(c, at, WI_KW_PATTERN_PROPERTIES,
				      &p->node);
		at = wi_doc_skip(&c->doc, at);
	}
	return ret;
}

static int
build_dependents(struct wi_compiler *c, struct wi_object *obj)
{
	struct wi_head h, name, list;
	uint32_t at;

	if (!wi_get(c, WI_KW_DEPENDENT_REQUIRED, &h) || !h.len)
		return 0;
	obj->dependent_cnt = h.len;
	obj->dependents = wi_new(c, h.len, sizeof(*obj->dependents));
	if (!obj->dependents)
		return -ENOMEM;
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len; i++) {
		struct wi_dependent *d = &obj->dependents[i];

		wi_doc_head(c, at, &name);
		d->name = wi_name_of(name.ptr, name.len);
		at = wi_doc_at(c, name.next);
		wi_doc_head(c, at, &list);
		d->cnt = list.len;
		d->names = wi_new(c, list.len, sizeof(*d->names));
		if (!d->names)
			return -ENOMEM;
		at = wi_doc_at(c, list.next);
		for (uint32_t k = 0; k < d->cnt; k++) {
			wi_doc_head(c, at, &name);
			d->names[k] = wi_name_of(name.ptr, name.len);
			at = wi_doc_at(c, name.next);
		}
	}
	return 0;
}

/* Is anything asked of an object? */
static int
asks(const struct wi_object *obj)
{
	return obj->prop_cnt || obj->has_additional || obj->pattern_cnt ||
	       obj->dependent_cnt || obj->names || obj->min ||
	       obj->max != UINT64_MAX;
}

int
wi_build_object(struct wi_compiler *c)
{
	struct wi_head properties = {0}, required = {0}, h;
	struct wi_object obj = {
	    .additional = &wi_node_true,
	    .has_additional = c->value_at[WI_KW_ADDITIONAL_PROPERTIES] != 0,
	    .min = wi_count(c, WI_KW_MIN_PROPERTIES, 0),
	    .max = wi_count(c, WI_KW_MAX_PROPERTIES, UINT64_MAX),
	};
	int ret = 0;

	wi_get(c, WI_KW_PROPERTIES, &properties);
	wi_get(c, WI_KW_REQUIRED, &required);
	if (wi_get(c, WI_KW_ADDITIONAL_PROPERTIES, &h))
		ret = wi_link(c, c->value_at[WI_KW_ADDITIONAL_PROPERTIES],
			      WI_KW_ADDITIONAL_PROPERTIES, &obj.additional);
	if (!ret)
		ret = build_props(c, &obj, properties.len, required.len);
	if (!ret)
		ret = build_patterns(c, &obj);
	if (!ret)
		ret = build_dependents(c, &obj);
	if (!ret && wi_get(c, WI_KW_PROPERTY_NAMES, &h))
		ret = wi_link(c, c->value_at[WI_KW_PROPERTY_NAMES],
			      WI_KW_PROPERTY_NAMES, &obj.names);
	obj.is_plain = !obj.pattern_cnt && !obj.names;
	if (ret || !asks(&obj))
		return ret;
	c->node->object = wi_new(c, 1, sizeof(obj));
	if (!c->node->object)
		return -ENOMEM;
	*c->node->object = obj;
	return 0;
}
