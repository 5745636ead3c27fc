/* SPDX-License-Identifier: BSD-2-Clause
 *
 * errors.c - all that is wrong with a record, in the output format "basic".
 *
 * Only for records that have failed, so it may be slow: it asks the checker
 * again and again, for one node and one value at a time.  A stack of what
 * failed is worked off; each node says which of its own keywords failed, and
 * which nodes that it leads to have, which come next.  So errors stand in the
 * order in which the checker meets them, and the first is the one that it
 * names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "codec/json.h"
#include "schema/check.h"
#include "schema/compile.h"
#include "schema/doc.h"
#include "schema/name.h"
#include "schema/pattern.h"
#include "schema/report.h"

#define PLACE_LEN 512
#define LOOK	  UINT32_MAX
#define CHECK_MAX 100000u /* questions to the checker, altogether; */
#define STEPS	  32	  /* as many steps as that many records may take */

/* A node that a value has failed, and the way there in the schema; or what is
 * to be told of it when its turn comes. */
struct item {
	const struct wi_node *node;
	const uint8_t *at;
	char *path;
	unsigned tell; /* the keyword; LOOK: look into the node */
};

struct errors {
	struct weir_schema *s;
	const uint8_t *msg, *end;
	struct item *items;
	uint32_t cnt, cap;
	uint32_t told, most, checks;
	uint64_t steps; /* that are left for them */
	bool is_out_of_memory;
	char *buf;
	size_t buf_cap, len; /* len goes on where the buffer ends */
};

/* ---- writing
 * ----------------------------------------------------------------- */

static void
put(struct errors *e, const char *text, size_t n)
{
	if (e->len < e->buf_cap)
		memcpy(e->buf + e->len, text,
		       n < e->buf_cap - e->len ? n : e->buf_cap - e->len);
	e->len += n;
}

static void
put_text(struct errors *e, const char *text)
{
	put(e, text, strlen(text));
}

static void
put_member(struct errors *e, const char *name, const char *value)
{
	char quoted[PLACE_LEN * 6 + 8];

	put_text(e, name);
	wi_json_quote(quoted, sizeof(quoted), (const uint8_t *)value,
		      strlen(value));
	put_text(e, quoted);
}

/* @path and one more token, which is escaped. */
static char *
join(const char *path, const char *token, size_t len)
{
	size_t n = strlen(path);
	char *to = malloc(n + 2 * len + 2);

	if (!to)
		return NULL;
	memcpy(to, path, n);
	to[n++] = '/';
	for (size_t i = 0; i < len; i++) {
		if (token[i] == '~' || token[i] == '/')
			to[n++] = '~';
		to[n++] = token[i] == '~'   ? '0'
			  : token[i] == '/' ? '1'
					    : token[i];
	}
	to[n] = 0;
	return to;
}

/* One error: keyword @v->keyword of the node that @path leads to. */
static void
tell(struct errors *e, const char *path, const struct wi_verdict *v)
{
	const char *kw = wi_keyword_name(v->keyword);
	char place[PLACE_LEN], why[256];
	char *full;

	if (e->told >= e->most)
		return;
	full = *kw ? join(path, kw, strlen(kw)) : NULL;
	if (*kw && !full)
		e->is_out_of_memory = true;
	put_text(e, e->told++ ? "," : "");
	put_member(e, "{\"keywordLocation\":", full ? full : path);
	wi_schema_absolute(e->s, v->node->at, *kw ? kw : NULL, place,
			   sizeof(place));
	put_member(e, ",\"absoluteKeywordLocation\":", place);
	wi_place(e->msg, (size_t)(e->end - e->msg), (size_t)(v->at - e->msg),
		 "", NULL, place, sizeof(place));
	put_member(e, ",\"instanceLocation\":", place);
	wi_explain(e->s, v, e->msg, e->end, why, sizeof(why));
	put_member(e, ",\"error\":", why);
	put_text(e, "}");
	free(full);
}

/* ---- asking
 * ------------------------------------------------------------------ */

static bool
fails(struct errors *e, const struct wi_node *node, const uint8_t *at,
      struct wi_verdict *v)
{
	const uint8_t *end = wi_skip(at, e->end);

	if (!end || e->checks++ >= CHECK_MAX || !e->steps)
		return false;
	return wi_check_at(e->s, node, at, (size_t)(end - at), &e->steps, v) !=
	       0;
}

/* @path is taken, also if there is no memory. */
static void
push(struct errors *e, const struct wi_node *node, const uint8_t *at,
     char *path, unsigned tell)
{
	uint32_t cap = e->cap ? e->cap * 2 : 16;
	struct item *grown = e->items;

	if (e->cnt == e->cap) {
		grown = realloc(e->items, cap * sizeof(*grown));
		if (grown) {
			e->items = grown;
			e->cap = cap;
		}
	}
	if (!grown || !path) {
		free(path);
		e->is_out_of_memory = true;
		return;
	}
	e->items[e->cnt++] = (struct item){node, at, path, tell};
}

/* Put @node on the stack if the value at @at fails it.  The way there is @path,
 * @kw, and then @token, or number @idx if @token is NULL and @idx is not
 * negative. */
static bool
ask(struct errors *e, const struct wi_node *node, const uint8_t *at,
    const char *path, unsigned kw, const char *token, size_t len, int64_t idx)
{
	const char *name = wi_keyword_name(kw);
	char num[24], *way, *all = NULL;
	struct wi_verdict v;

	if (!node || node == &wi_node_true || !fails(e, node, at, &v))
		return false;
	way = join(path, name, strlen(name));
	if (!way)
		goto out_of_memory;
	if (!token && idx >= 0) {
		len = (size_t)snprintf(num, sizeof(num), "%lld",
				       (long long)idx);
		token = num;
	}
	all = token ? join(way, token, len) : way;
	if (token)
		free(way);
	if (!all)
		goto out_of_memory;
	push(e, node, at, all, LOOK);
	return true;
out_of_memory:
	e->is_out_of_memory = true;
	return true;
}

/* Tell of keyword @kw of @it when what was put on the stack before has been
 * worked off. */
static void
later(struct errors *e, const struct item *it, unsigned kw)
{
	push(e, it->node, it->at, strdup(it->path), kw);
}

/* ---- one node
 * ---------------------------------------------------------------- */

/* A copy of a node that asks for nothing but what its own keywords do. */
struct alone {
	struct wi_node node;
	struct wi_bounds bounds;
	struct wi_strings strings;
	struct wi_array array;
	struct wi_object object;
};

static void
make_alone(struct alone *a, const struct wi_node *n)
{
	a->node = *n;
	a->node.step_cnt = 0;
	a->node.rest_items = a->node.rest_props = NULL;
	if (n->bounds) {
		a->bounds = *n->bounds;
		a->node.bounds = &a->bounds;
	}
	if (n->strings) {
		a->strings = *n->strings;
		a->node.strings = &a->strings;
	}
	if (n->array) {
		a->array = *n->array;
		a->array.items = &wi_node_true;
		a->array.prefix_cnt = 0;
		a->node.array = &a->array;
	}
	if (n->object) {
		a->object = *n->object;
		/* members are asked one by one, and missing ones for */
		a->object.prop_cnt = a->object.pattern_cnt = 0;
		a->object.required_cnt = 0;
		a->object.required = 0;
		a->object.additional = &wi_node_true;
		a->object.names = NULL;
		a->object.is_plain = 1;
		a->node.object = &a->object;
	}
}

/* No longer ask for what keyword @kw does.  Return: false: it is no keyword
 * of the node's own. */
static bool
take_away(struct alone *a, unsigned kw)
{
	switch (kw) {
	case WI_KW_TYPE:
	case WI_KW_MSGPACK:
		a->node.types = WI_T_ALL;
		a->node.is_time = 0;
		return true;
	case WI_KW_CONST:
		a->node.konst = NULL;
		return true;
	case WI_KW_ENUM:
		a->node.set = NULL;
		return true;
	case WI_KW_MINIMUM:
		a->bounds.has &= ~(1u << WI_MIN);
		return true;
	case WI_KW_MAXIMUM:
		a->bounds.has &= ~(1u << WI_MAX);
		return true;
	case WI_KW_EXCLUSIVE_MINIMUM:
		a->bounds.has &= ~(1u << WI_EXMIN);
		return true;
	case WI_KW_EXCLUSIVE_MAXIMUM:
		a->bounds.has &= ~(1u << WI_EXMAX);
		return true;
	case WI_KW_MULTIPLE_OF:
		a->bounds.has &= ~(1u << WI_MULTIPLE);
		return true;
	case WI_KW_MIN_LENGTH:
		a->strings.min = 0;
		return true;
	case WI_KW_MAX_LENGTH:
		a->strings.max = UINT64_MAX;
		return true;
	case WI_KW_PATTERN:
		a->strings.pattern = NULL;
		return true;
	case WI_KW_FORMAT:
		a->strings.format = 0;
		return true;
	case WI_KW_MIN_ITEMS:
		a->array.min = 0;
		return true;
	case WI_KW_MAX_ITEMS:
		a->array.max = UINT64_MAX;
		return true;
	case WI_KW_UNIQUE_ITEMS:
		a->array.unique = 0;
		return true;
	case WI_KW_CONTAINS:
	case WI_KW_MIN_CONTAINS:
	case WI_KW_MAX_CONTAINS:
		a->array.contains = NULL;
		return true;
	case WI_KW_MIN_PROPERTIES:
		a->object.min = 0;
		return true;
	case WI_KW_MAX_PROPERTIES:
		a->object.max = UINT64_MAX;
		return true;
	case WI_KW_DEPENDENT_REQUIRED:
		a->object.dependent_cnt = 0;
		return true;
	default:
		return false;
	}
}

/* The node's own keywords, but for `required`: those that the checker looks at
 * before the elements and members, or after them. */
static void
own_keywords(struct errors *e, const struct item *it, bool after)
{
	struct wi_verdict v;
	struct alone a;

	make_alone(&a, it->node);
	while (fails(e, &a.node, it->at, &v)) {
		bool is_late = v.keyword == WI_KW_DEPENDENT_REQUIRED ||
			       v.keyword == WI_KW_UNIQUE_ITEMS ||
			       v.keyword == WI_KW_CONTAINS ||
			       v.keyword == WI_KW_MIN_CONTAINS ||
			       v.keyword == WI_KW_MAX_CONTAINS;

		if (is_late == after)
			later(e, it, v.keyword);
		if (!take_away(&a, v.keyword))
			break;
	}
}

static void
array_items(struct errors *e, const struct item *it, const struct wi_head *h)
{
	const struct wi_array *arr = it->node->array;
	const uint8_t *p = h->next;

	for (uint32_t i = 0; p && i < h->len; i++, p = wi_skip(p, e->end)) {
		if (i < arr->prefix_cnt)
			ask(e, arr->prefix[i], p, it->path, WI_KW_PREFIX_ITEMS,
			    NULL, 0, i);
		else
			ask(e, arr->items, p, it->path, WI_KW_ITEMS, NULL, 0,
			    -1);
	}
}

/* One member, whose name is at @p, and is @key. */
static void
member(struct errors *e, const struct item *it, const uint8_t *p,
       const struct wi_head *key)
{
	const struct wi_object *obj = it->node->object;
	struct wi_name name = wi_name_of(key->ptr, key->len);
	uint32_t i = wi_prop_find(obj, &name, 0);
	uint64_t steps = WI_STEPS_BASE;
	bool known = i < obj->prop_cnt && obj->props[i].own;

	ask(e, obj->names, p, it->path, WI_KW_PROPERTY_NAMES, NULL, 0, -1);
	if (known)
		ask(e, obj->props[i].node, key->next, it->path,
		    WI_KW_PROPERTIES, (const char *)key->ptr, key->len, -1);
	for (uint32_t k = 0; k < obj->pattern_cnt; k++) {
		const struct wi_pattern_prop *pp = &obj->patterns[k];
		struct wi_text text;

		if (wi_pattern_search(e->s->patterns, pp->pattern, key->ptr,
				      key->len, &steps) != WI_FOUND_YES)
			continue;
		known = true;
		text = wi_pattern_text(pp->pattern);
		ask(e, pp->node, key->next, it->path, WI_KW_PATTERN_PROPERTIES,
		    (const char *)text.ptr, text.len, -1);
	}
	if (!known)
		ask(e, obj->additional, key->next, it->path,
		    WI_KW_ADDITIONAL_PROPERTIES, NULL, 0, -1);
}

static void
members(struct errors *e, const struct item *it, const struct wi_head *h)
{
	const struct wi_object *obj = it->node->object;
	bool *seen = calloc(obj->prop_cnt + 1, sizeof(*seen)); /* props */
	const uint8_t *p = h->next;
	struct wi_name name;
	struct wi_head key;
	uint32_t at = 0;

	e->is_out_of_memory |= !seen;
	for (uint32_t i = 0; p && i < h->len; i++) {
		if (wi_head_read(p, e->end, &key))
			break;
		member(e, it, p, &key);
		name = wi_name_of(key.ptr, key.len);
		at = wi_prop_find(obj, &name, at);
		if (seen && at < obj->prop_cnt)
			seen[at++] = true;
		p = wi_skip(key.next, e->end);
	}
	for (at = 0; seen && at < obj->prop_cnt; at++) {
		if (!obj->props[at].required || seen[at])
			continue;
		later(e, it, WI_KW_REQUIRED);
		break;
	}
	free(seen);
}

/* Take everything above the first @cnt off the stack. */
static void
forget(struct errors *e, uint32_t cnt)
{
	while (e->cnt > cnt)
		free(e->items[--e->cnt].path);
}

/* All alternatives that fail go on the stack; is that enough? */
static void
choice(struct errors *e, const struct item *it, const struct wi_step *st)
{
	uint32_t was = e->cnt, fit = 0;

	later(e, it, st->keyword);
	for (uint32_t i = 0; i < st->cnt; i++)
		fit += !ask(e, st->nodes[i], it->at, it->path, st->keyword,
			    NULL, 0, i);
	if (st->kind == WI_STEP_ANY ? fit > 0 : fit == 1)
		forget(e, was);
	else if (fit && e->cnt > was)
		/* more than one fits: those that do not are no fault */
		forget(e, was + 1);
}

static void
step(struct errors *e, const struct item *it, const struct wi_step *st)
{
	struct wi_verdict none;
	bool is_list = st->keyword == WI_KW_ALL_OF;

	switch (st->kind) {
	case WI_STEP_ANY:
	case WI_STEP_ONE:
		choice(e, it, st);
		break;
	case WI_STEP_NOT:
		if (!fails(e, st->nodes[0], it->at, &none))
			later(e, it, WI_KW_NOT);
		break;
	case WI_STEP_IF:
		if (fails(e, st->nodes[0], it->at, &none))
			ask(e, st->nodes[2], it->at, it->path, WI_KW_ELSE, NULL,
			    0, -1);
		else
			ask(e, st->nodes[1], it->at, it->path, WI_KW_THEN, NULL,
			    0, -1);
		break;
	case WI_STEP_DEPENDENT:
		if (wi_name_in(&st->name, it->at, e->end))
			ask(e, st->nodes[0], it->at, it->path, st->keyword,
			    (const char *)st->name.ptr, st->name.len, -1);
		break;
	default:
		for (uint32_t i = 0; i < st->cnt; i++)
			ask(e, st->nodes[i], it->at, it->path, st->keyword,
			    NULL, 0, is_list ? (int64_t)i : -1);
		break;
	}
}

static void
rest(struct errors *e, const struct item *it, const struct wi_verdict *v)
{
	unsigned kw = v->node == it->node->rest_props ? WI_KW_UNEVALUATED_PROPS
		      : v->node == it->node->rest_items
			  ? WI_KW_UNEVALUATED_ITEMS
			  : WI_KW_CNT;
	const char *name = wi_keyword_name(kw);
	char *way = kw < WI_KW_CNT ? join(it->path, name, strlen(name)) : NULL;

	tell(e, way ? way : it->path, v);
	free(way);
}

static void
work_off(struct errors *e, const struct item *it)
{
	struct wi_verdict v = {it->node, it->at, it->tell, 0};
	uint32_t was = e->cnt;
	struct wi_head h;

	if (it->tell != LOOK) {
		tell(e, it->path, &v);
		return;
	}
	if (wi_head_read(it->at, e->end, &h))
		return;
	own_keywords(e, it, false);
	if (it->node->array && h.type == WEIR_ARRAY)
		array_items(e, it, &h);
	if (it->node->object && h.type == WEIR_MAP)
		members(e, it, &h);
	own_keywords(e, it, true);
	for (uint32_t i = 0; i < it->node->step_cnt; i++)
		step(e, it, &it->node->steps[i]);
	/* What is left over is looked at when all else is well; or it was too
	 * much work. */
	if (e->cnt == was && fails(e, it->node, it->at, &v))
		rest(e, it, &v);
	/* the first to be told must lie on top */
	for (uint32_t i = was, k = e->cnt; i + 1 < k; i++) {
		struct item top = e->items[--k];

		e->items[k] = e->items[i];
		e->items[i] = top;
	}
}

int64_t
weir_schema_errors(weir_schema *s, const void *msg, size_t len, uint32_t most,
		   char *buf, size_t cap)
{
	struct errors e = {.s = s,
			   .msg = msg,
			   .end = (const uint8_t *)msg + len,
			   .most = most,
			   .steps = STEPS * wi_steps_for(len),
			   .buf = buf,
			   .buf_cap = cap ? cap - 1 : 0};
	int rc;

	if (!s || !msg || !most || (!buf && cap))
		return -EINVAL;
	rc = weir_schema_check(s, msg, len, NULL);
	if (rc == 0) {
		put_text(&e, "{\"valid\":true}");
	} else if (rc != WEIR_ESCHEMA) {
		return rc;
	} else {
		put_text(&e, "{\"valid\":false,\"errors\":[");
		push(&e, s->root, msg, calloc(1, 1), LOOK);
		while (e.cnt && e.told < most && !e.is_out_of_memory) {
			struct item it = e.items[--e.cnt]; /* they move */

			work_off(&e, &it);
			free(it.path);
		}
		forget(&e, 0);
		free(e.items);
		put_text(&e, "]}");
	}
	if (e.is_out_of_memory)
		return -ENOMEM;
	if (cap)
		buf[e.len < cap ? e.len : cap - 1] = 0;
	return (int64_t)e.len;
}
