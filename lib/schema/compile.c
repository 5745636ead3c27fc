/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "schema/name.h"
#include "schema/number.h"

const struct wi_node wi_node_true = {.types = WI_T_ALL, .leaf = 1};

enum shape {
	SHAPE_ANY,
	SHAPE_STRING,
	SHAPE_BOOL,
	SHAPE_ARRAY,
	SHAPE_NUMBER,
	SHAPE_COUNT,
	SHAPE_TYPES,
	SHAPE_NAMES,
	SHAPE_SCHEMA,
	SHAPE_SCHEMAS,
	SHAPE_LIST,
};

enum use { APPLY, NOTE, LATER };

static const struct keyword {
	const char *name;
	uint8_t len, shape, use;
} keywords[] = {
#define X(id, name, shape, use) {name, sizeof(name) - 1, SHAPE_##shape, use},
    WI_KEYWORDS(X)
#undef X
};

const char *
wi_keyword_name(unsigned kw)
{
	return kw < WI_KW_CNT ? keywords[kw].name : "";
}

int
wi_refuse(struct wi_compiler *c, uint32_t at, unsigned kw, const char *fmt, ...)
{
	const char *last = kw < WI_KW_CNT ? keywords[kw].name : NULL;
	char place[sizeof(c->diag->schema_pointer)], why[256];
	va_list ap;

	if (!c->diag)
		return WEIR_EBADSCHEMA;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	wi_place(c->doc.ptr, c->doc.len, at, "#", last, place, sizeof(place));
	wi_fail(c->diag, WEIR_EBADSCHEMA, "%s: %s", place, why);
	wi_copy(c->diag->schema_pointer, sizeof(c->diag->schema_pointer), place,
		strlen(place));
	if (last)
		wi_copy(c->diag->keyword, sizeof(c->diag->keyword), last,
			strlen(last));
	return WEIR_EBADSCHEMA;
}

static int
grow_nodes(struct wi_compiler *c)
{
	uint32_t cap = c->node_cap ? c->node_cap * 2 : 32;
	struct wi_node **grown = realloc(c->nodes, cap * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	c->nodes = grown;
	c->node_cap = cap;
	return 0;
}

int
wi_link(struct wi_compiler *c, uint32_t at, unsigned kw,
	const struct wi_node **out)
{
	struct wi_head h;
	struct wi_node *n;

	wi_doc_head(c, at, &h);
	if (h.type != WEIR_BOOL && h.type != WEIR_MAP)
		return wi_refuse(c, at, WI_KW_CNT,
				 "a schema must be an object or a boolean");
	if (h.type == WEIR_BOOL ? h.u != 0 : h.len == 0) {
		*out = &wi_node_true;
		return 0;
	}
	if (c->node_at[at]) {
		*out = c->nodes[c->node_at[at] - 1];
		return 0;
	}
	if (c->node_cnt == c->node_cap && grow_nodes(c))
		return -ENOMEM;
	n = wi_arena_get(c->s->arena, 1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->types = h.type == WEIR_BOOL ? 0 : WI_T_ALL;
	n->keyword = (uint8_t)kw;
	n->at = at;
	c->nodes[c->node_cnt] = n;
	c->node_at[at] = ++c->node_cnt;
	*out = n;
	return 0;
}

/* WI_KW_CNT: none of 2020-12. */
static unsigned
find_keyword(const struct wi_head *name)
{
	for (unsigned i = 0; i < WI_KW_CNT; i++)
		if (keywords[i].len == name->len &&
		    !memcmp(keywords[i].name, name->ptr, name->len))
			return i;
	return WI_KW_CNT;
}

/* Is every element of the array a string?  (That none is there twice is
 * seen where the names are sorted.) */
static int
all_strings(struct wi_compiler *c, const struct wi_head *array)
{
	uint32_t at = wi_doc_at(c, array->next);
	struct wi_head h;

	for (uint32_t i = 0; i < array->len;
	     i++, at = wi_doc_skip(&c->doc, at)) {
		wi_doc_head(c, at, &h);
		if (h.type != WEIR_STR)
			return 0;
	}
	return 1;
}

/* Does the value with head @h look as keyword @kw demands?  NULL: yes. */
static const char *
bad_shape(struct wi_compiler *c, unsigned kw, const struct wi_head *h)
{
	struct wi_num num;
	uint64_t count;

	switch (keywords[kw].shape) {
	case SHAPE_STRING:
		return h->type == WEIR_STR ? NULL : "must be a string";
	case SHAPE_BOOL:
		return h->type == WEIR_BOOL ? NULL : "must be a boolean";
	case SHAPE_ARRAY:
		return h->type == WEIR_ARRAY ? NULL : "must be an array";
	case SHAPE_NUMBER:
		return wi_num_of(h, &num) ? NULL : "must be a number";
	case SHAPE_COUNT:
		return wi_num_of(h, &num) && !wi_num_count(&num, &count)
			   ? NULL
			   : "must be an integer, 0 or above";
	case SHAPE_TYPES:
		return h->type == WEIR_STR || (h->type == WEIR_ARRAY &&
					       h->len > 0 && all_strings(c, h))
			   ? NULL
			   : "must be a string, or an array of strings with "
			     "at least one";
	case SHAPE_NAMES:
		return h->type == WEIR_ARRAY && all_strings(c, h)
			   ? NULL
			   : "must be an array of strings";
	case SHAPE_SCHEMAS:
		return h->type == WEIR_MAP ? NULL
					   : "must be an object of schemas";
	case SHAPE_LIST:
		return h->type == WEIR_ARRAY && h->len > 0
			   ? NULL
			   : "must be an array of schemas with at least one";
	default: /* wi_link() looks at single schemas */
		return NULL;
	}
}

static int
dialect(struct wi_compiler *c, const struct wi_head *h)
{
	static const char uri[] =
	    "https://json-schema.org/draft/2020-12/schema";
	uint32_t len = h->len;

	if (len && h->ptr[len - 1] == '#')
		len--;
	if (len == sizeof(uri) - 1 && !memcmp(h->ptr, uri, len))
		return 0;
	return wi_refuse(
	    c, c->node->at, WI_KW_SCHEMA, "only %s is supported, not %.*s", uri,
	    (int)(h->len < 120 ? h->len : 120), (const char *)h->ptr);
}

/* At the root an $id gives the document a name, which nothing in it can
 * depend on because references by name are refused.  Below, it would start
 * a document of its own. */
static int
identity(struct wi_compiler *c, const struct wi_head *h)
{
	if (c->node->at != 0)
		return wi_refuse(c, c->node->at, WI_KW_ID,
				 "is supported at the root only");
	if (memchr(h->ptr, '#', h->len))
		return wi_refuse(c, c->node->at, WI_KW_ID,
				 "must not have a fragment");
	return 0;
}

static int
reference(struct wi_compiler *c, const struct wi_head *h)
{
	uint32_t at = 0;
	const char *why = NULL;
	struct wi_head target;
	int ret = wi_doc_resolve(&c->doc, h->ptr, h->len, &at, &why);

	if (ret == WEIR_EBADSCHEMA)
		return wi_refuse(c, c->node->at, WI_KW_REF,
				 "cannot resolve \"%.*s\": %s",
				 (int)(h->len < 100 ? h->len : 100),
				 (const char *)h->ptr, why ? why : "");
	if (ret)
		return ret;
	wi_doc_head(c, at, &target);
	if (target.type != WEIR_BOOL && target.type != WEIR_MAP)
		return wi_refuse(
		    c, c->node->at, WI_KW_REF, "\"%.*s\" is no schema",
		    (int)(h->len < 100 ? h->len : 100), (const char *)h->ptr);
	return wi_link(c, at, WI_KW_REF, &c->node->also);
}

/* Definitions are compiled even if nothing refers to them: a fault in one
 * is found here and not when it is first used. */
static int
definitions(struct wi_compiler *c, const struct wi_head *h)
{
	uint32_t at = wi_doc_at(c, h->next);
	const struct wi_node *unused;
	int ret = 0;

	for (uint32_t i = 0; i < h->len && !ret; i++) {
		at = wi_doc_skip(&c->doc, at);
		ret = wi_link(c, at, WI_KW_DEFS, &unused);
		at = wi_doc_skip(&c->doc, at);
	}
	return ret;
}

/* Note where the keywords of the schema object @map are. */
static int
collect_keywords(struct wi_compiler *c, const struct wi_head *map)
{
	uint32_t at = wi_doc_at(c, map->next);
	struct wi_head h;
	const char *why;
	unsigned kw;

	memset(c->value_at, 0, sizeof(c->value_at));
	for (uint32_t i = 0; i < map->len; i++, at = wi_doc_skip(&c->doc, at)) {
		wi_doc_head(c, at, &h);
		at = wi_doc_at(c, h.next);
		kw = find_keyword(&h);
		if (kw == WI_KW_CNT)
			continue;
		if (keywords[kw].use == LATER)
			return wi_refuse(c, c->node->at, kw,
					 "this keyword is not supported yet");
		wi_doc_head(c, at, &h);
		why = bad_shape(c, kw, &h);
		if (why)
			return wi_refuse(c, c->node->at, kw, "%s", why);
		c->value_at[kw] = at;
	}
	return 0;
}

static void
classify(struct wi_node *n)
{
	int bare = !n->bounds && !n->strings && !n->set && !n->konst;

	n->leaf = bare && !n->also;
	n->pure =
	    bare && n->also && n->types == WI_T_ALL && !n->array && !n->object;
}

static int
compile_node(struct wi_compiler *c, struct wi_node *n)
{
	static const struct {
		unsigned kw;
		int (*compile)(struct wi_compiler *, const struct wi_head *);
	} steps[] = {
	    {WI_KW_SCHEMA, dialect},
	    {WI_KW_ID, identity},
	    {WI_KW_DEFS, definitions},
	    {WI_KW_REF, reference},
	};
	struct wi_head h;
	int ret;

	wi_doc_head(c, n->at, &h);
	if (h.type == WEIR_BOOL)
		return 0;
	c->node = n;
	ret = collect_keywords(c, &h);
	for (size_t i = 0; i < WI_CNT(steps) && !ret; i++) {
		if (!c->value_at[steps[i].kw])
			continue;
		wi_doc_head(c, c->value_at[steps[i].kw], &h);
		ret = steps[i].compile(c, &h);
	}
	if (!ret)
		ret = wi_build_parts(c);
	classify(n);
	return ret;
}

/* From each node at most one `also` leads on: a walk that meets itself is a
 * circle, in which no byte of a record is ever consumed. */
static int
refuse_circles(struct wi_compiler *c)
{
	uint32_t *walk = c->node_at; /* no longer needed: by node index */
	const struct wi_node *n;
	uint32_t at;

	memset(walk, 0, c->doc.len * sizeof(*walk));
	for (uint32_t i = 0; i < c->node_cnt; i++) {
		for (n = c->nodes[i]; n && n != &wi_node_true; n = n->also) {
			at = n->at;
			if (walk[at] == i + 1)
				return wi_refuse(
				    c, at, WI_KW_REF,
				    "leads back here without looking at any "
				    "part of a value");
			if (walk[at])
				break;
			walk[at] = i + 1;
		}
	}
	return 0;
}

/* Where a node that only passes on leads in the end. */
static const struct wi_node *
goal(struct wi_compiler *c, const struct wi_node *n)
{
	const struct wi_node *end = n, *next;

	while (end->pure)
		end = end->also;
	/* leave a short way for the next who comes along */
	for (; n->pure; n = next) {
		next = n->also;
		c->nodes[c->node_at[n->at] - 1]->also = end;
	}
	return end;
}

static void
shorten(struct wi_compiler *c)
{
	memset(c->node_at, 0, c->doc.len * sizeof(*c->node_at));
	for (uint32_t i = 0; i < c->node_cnt; i++)
		c->node_at[c->nodes[i]->at] = i + 1;
	c->s->root = goal(c, c->s->root);
	for (uint32_t i = 0; i < c->node_cnt; i++) {
		struct wi_node *n = c->nodes[i];
		struct wi_object *obj = n->object;
		struct wi_array *arr = n->array;

		if (n->also)
			n->also = goal(c, n->also);
		if (n->also == &wi_node_true)
			n->also = NULL;
		if (obj) {
			obj->additional = goal(c, obj->additional);
			for (uint32_t k = 0; k < obj->prop_cnt; k++)
				obj->props[k].node =
				    goal(c, obj->props[k].node);
		}
		if (arr) {
			arr->items = goal(c, arr->items);
			for (uint32_t k = 0; k < arr->prefix_cnt; k++)
				arr->prefix[k] = goal(c, arr->prefix[k]);
		}
	}
}

int
wi_compile(struct weir_schema *s, weir_diag *diag)
{
	struct wi_compiler *c = calloc(1, sizeof(*c));
	int ret = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->s = s;
	c->diag = diag;
	c->node_at = calloc(s->doc_len, sizeof(*c->node_at));
	if (!c->node_at || wi_doc_init(&c->doc, s->doc, s->doc_len))
		goto out;
	ret = wi_link(c, 0, WI_KW_FALSE, &s->root);
	for (uint32_t i = 0; i < c->node_cnt && !ret; i++)
		ret = compile_node(c, c->nodes[i]);
	if (!ret)
		ret = refuse_circles(c);
	if (!ret)
		shorten(c);
out:
	wi_doc_fini(&c->doc);
	free(c->node_at);
	free(c->nodes);
	free(c);
	return ret;
}
