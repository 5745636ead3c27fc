/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "schema/number.h"

const struct wi_node wi_node_true = {.types = WI_T_ALL, .leaf = 1, .leap = 1};

int
wi_refuse(struct wi_compiler *c, uint32_t at, unsigned kw, const char *fmt, ...)
{
	const char *last = kw < WI_KW_CNT ? wi_keyword_rows[kw].name : NULL;
	char place[sizeof(c->diag->schema_pointer)], why[256];
	va_list ap;

	if (!c->diag)
		return WEIR_EBADSCHEMA;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	wi_schema_place(c->s, at, last, place, sizeof(place));
	wi_fail(c->diag, WEIR_EBADSCHEMA, "%s: %s", place, why);
	wi_copy(c->diag->schema_pointer, sizeof(c->diag->schema_pointer), place,
		strlen(place));
	if (last)
		wi_copy(c->diag->keyword, sizeof(c->diag->keyword), last,
			strlen(last));
	return WEIR_EBADSCHEMA;
}

/* The document that the place @at is in. */
static const struct wi_document *
document_of(const struct weir_schema *s, uint32_t at)
{
	uint32_t i = 0;

	while (i + 1 < s->doc_cnt && at >= s->docs[i].end)
		i++;
	return &s->docs[i];
}

void
wi_schema_place(const struct weir_schema *s, uint32_t at, const char *last,
		char *dst, size_t cap)
{
	const struct wi_document *d = document_of(s, at);
	size_t n = 0;

	/* the schema itself is "#", others go by their names */
	if (d->uri.len && cap > d->uri.len + 8) {
		memcpy(dst, d->uri.ptr, d->uri.len);
		n = d->uri.len;
	}
	wi_place(s->doc + d->start, d->end - d->start, at - d->start, "#", last,
		 dst + n, cap - n);
}

void
wi_schema_absolute(const struct weir_schema *s, uint32_t at, const char *last,
		   char *dst, size_t cap)
{
	const struct wi_document *d = document_of(s, at);
	const struct wi_resource *r = NULL;
	const uint8_t *end;
	size_t n = 0;

	/* the innermost one around it is the last that begins before it and
	 * has not ended */
	for (uint32_t i = s->res_cnt; i-- > 0 && !r;) {
		if (s->res[i].at > at)
			continue;
		end = wi_skip(s->doc + s->res[i].at, s->doc + d->end);
		if (end && s->doc + at < end)
			r = &s->res[i];
	}
	if (r && r->uri.len && cap > r->uri.len + 8) {
		memcpy(dst, r->uri.ptr, r->uri.len);
		n = r->uri.len;
	}
	if (r)
		wi_place(s->doc + r->at, d->end - r->at, at - r->at, "#", last,
			 dst + n, cap - n);
	else
		wi_schema_place(s, at, last, dst, cap);
}

static int
by_root(const void *a, const void *b)
{
	const struct wi_resource *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* For messages. */
static int
keep_resources(struct wi_compiler *c)
{
	struct weir_schema *s = c->s;

	s->res = wi_new(c, c->lib.res_cnt, sizeof(*s->res));
	if (!s->res)
		return -ENOMEM;
	memcpy(s->res, c->lib.res, c->lib.res_cnt * sizeof(*s->res));
	for (uint32_t i = 0; i < c->lib.res_cnt; i++) {
		s->res[i].uri = wi_text_copy(s->arena, s->res[i].uri);
		if (s->res[i].uri.len != c->lib.res[i].uri.len)
			return -ENOMEM;
	}
	s->res_cnt = c->lib.res_cnt;
	qsort(s->res, s->res_cnt, sizeof(*s->res), by_root);
	return 0;
}

static int
grow_units(struct wi_compiler *c)
{
	uint32_t cap = c->unit_cap ? c->unit_cap * 2 : 32;
	struct wi_unit *grown = realloc(c->units, cap * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	c->units = grown;
	c->unit_cap = cap;
	return 0;
}

static uint64_t
hash_unit(uint32_t at, uint32_t scope)
{
	uint64_t hash = ((uint64_t)scope << 32 | at) * 0x9e3779b97f4a7c15u;

	return hash ^ hash >> 32;
}

/* The unit of the schema at @at in @scope, plus 1; or 0. */
static uint32_t
find_unit(const struct wi_compiler *c, uint32_t at, uint32_t scope)
{
	uint32_t i = c->unit_at[at], k = UINT32_MAX;

	if (!i || c->units[i - 1].scope == scope)
		return i;
	while ((i = wi_names_next(&c->again, hash_unit(at, scope), &k)) !=
	       UINT32_MAX)
		if (c->units[i].node->at == at && c->units[i].scope == scope)
			return i + 1;
	return 0;
}

/* The schema at @at is compiled again, which costs @len. */
static int
pay_again(struct wi_compiler *c, uint32_t at, uint32_t len)
{
	c->again_len += len;
	if (c->again_len <=
	    WI_AGAIN_LEN + WI_AGAIN_TIMES * (uint64_t)c->doc.len)
		return 0;
	return wi_refuse(c, at, WI_KW_CNT,
			 "the schema is too large for so many ways to reach "
			 "its dynamic anchors");
}

static int
add_unit(struct wi_compiler *c, uint32_t at, uint32_t res, uint32_t scope,
	 struct wi_node *n)
{
	bool is_again = c->unit_at[at] != 0;
	int ret = is_again ? pay_again(c, at, WI_AGAIN_EACH) : 0;

	if (ret)
		return ret;
	if (c->unit_cnt == c->unit_cap && grow_units(c))
		return -ENOMEM;
	c->units[c->unit_cnt] = (struct wi_unit){
	    .node = n, .res = res, .scope = scope, .is_again = is_again};
	n->unit = c->unit_cnt++;
	if (is_again)
		return wi_names_add(&c->again, hash_unit(at, scope), n->unit);
	c->unit_at[at] = n->unit + 1;
	return 0;
}

static int
link_in(struct wi_compiler *c, uint32_t at, uint32_t res, unsigned kw,
	const struct wi_node **out)
{
	uint32_t scope = c->scope, i;
	struct wi_node *n;
	struct wi_head h;
	int ret;

	wi_doc_head(c, at, &h);
	if (h.type != WEIR_BOOL && h.type != WEIR_MAP)
		return wi_refuse(c, at, WI_KW_CNT,
				 "a schema must be an object or a boolean");
	if (h.type == WEIR_BOOL ? h.u != 0 : h.len == 0) {
		*out = &wi_node_true;
		return 0;
	}
	ret = wi_scope_enter(&c->lib, scope, res, &scope);
	if (ret)
		return ret;
	i = find_unit(c, at, scope);
	if (i) {
		*out = c->units[i - 1].node;
		return 0;
	}
	n = wi_new(c, 1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->types = h.type == WEIR_BOOL ? 0 : WI_T_ALL;
	n->keyword = (uint8_t)kw;
	n->at = at;
	*out = n;
	return add_unit(c, at, res, scope, n);
}

int
wi_link(struct wi_compiler *c, uint32_t at, unsigned kw,
	const struct wi_node **out)
{
	uint32_t res = wi_resource_at(&c->lib, at);

	c->own_len -= wi_doc_skip(&c->doc, at) - at;
	return link_in(c, at, res == WI_RES_NONE ? c->res : res, kw, out);
}

int
wi_link_to(struct wi_compiler *c, const struct wi_target *t, unsigned kw,
	   const struct wi_node **out)
{
	return link_in(c, t->at, t->res, kw, out);
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

/* Is the value of every member of the object of this type, and if it is an
 * array, full of strings? */
static int
all_of_type(struct wi_compiler *c, const struct wi_head *map, uint8_t type)
{
	uint32_t at = wi_doc_at(c, map->next);
	struct wi_head h;

	for (uint32_t i = 0; i < map->len; i++, at = wi_doc_skip(&c->doc, at)) {
		at = wi_doc_skip(&c->doc, at);
		wi_doc_head(c, at, &h);
		if (h.type != type ||
		    (type == WEIR_ARRAY && !all_strings(c, &h)))
			return 0;
	}
	return 1;
}

/* Does the value with head @h look as keyword @kw demands?  NULL: yes. */
static const char *
bad_shape(struct wi_compiler *c, unsigned kw, const struct wi_head *h)
{
	static const struct wi_num zero = {.type = WEIR_UINT};
	struct wi_num num;
	uint64_t count;

	switch (wi_keyword_rows[kw].shape) {
	case WI_SHAPE_STRING:
	case WI_SHAPE_URI:
	case WI_SHAPE_ANCHOR:
	case WI_SHAPE_REGEX:
		return h->type == WEIR_STR ? NULL : "must be a string";
	case WI_SHAPE_BOOL:
		return h->type == WEIR_BOOL ? NULL : "must be a boolean";
	case WI_SHAPE_BOOLS:
		return h->type == WEIR_MAP && all_of_type(c, h, WEIR_BOOL)
			   ? NULL
			   : "must be an object of booleans";
	case WI_SHAPE_ARRAY:
		return h->type == WEIR_ARRAY ? NULL : "must be an array";
	case WI_SHAPE_NUMBER:
		return wi_num_of(h, &num) ? NULL : "must be a number";
	case WI_SHAPE_POSITIVE:
		return wi_num_of(h, &num) && wi_num_cmp(&num, &zero) > 0
			   ? NULL
			   : "must be a number above 0";
	case WI_SHAPE_COUNT:
		return wi_num_of(h, &num) && !wi_num_count(&num, &count)
			   ? NULL
			   : "must be an integer, 0 or above";
	case WI_SHAPE_TYPES:
		return h->type == WEIR_STR || (h->type == WEIR_ARRAY &&
					       h->len > 0 && all_strings(c, h))
			   ? NULL
			   : "must be a string, or an array of strings with "
			     "at least one";
	case WI_SHAPE_NAMES:
		return h->type == WEIR_ARRAY && all_strings(c, h)
			   ? NULL
			   : "must be an array of strings";
	case WI_SHAPE_NAMESETS:
		return h->type == WEIR_MAP && all_of_type(c, h, WEIR_ARRAY)
			   ? NULL
			   : "must be an object of arrays of strings";
	case WI_SHAPE_SCHEMAS:
	case WI_SHAPE_REGEXES:
		return h->type == WEIR_MAP ? NULL
					   : "must be an object of schemas";
	case WI_SHAPE_LIST:
		return h->type == WEIR_ARRAY && h->len > 0
			   ? NULL
			   : "must be an array of schemas with at least one";
	default: /* wi_link() looks at single schemas */
		return NULL;
	}
}

/* Definitions are compiled even if nothing refers to them: a fault in one
 * is found here and not when it is first used. */
static int
definitions(struct wi_compiler *c)
{
	const struct wi_node *unused;
	struct wi_head h;
	uint32_t at;
	int ret = 0;

	if (wi_get(c, WI_KW_CONTENT_SCHEMA, &h))
		ret = wi_link(c, c->value_at[WI_KW_CONTENT_SCHEMA],
			      WI_KW_CONTENT_SCHEMA, &unused);
	if (ret || !wi_get(c, WI_KW_DEFS, &h))
		return ret;
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len && !ret; i++) {
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
	uint32_t vocabs = c->lib.res[c->res].vocabs;
	uint32_t at = wi_doc_at(c, map->next);
	struct wi_head h;
	const char *why;
	unsigned kw;

	memset(c->value_at, 0, sizeof(c->value_at));
	for (uint32_t i = 0; i < map->len; i++, at = wi_doc_skip(&c->doc, at)) {
		wi_doc_head(c, at, &h);
		at = wi_doc_at(c, h.next);
		kw = wi_keyword_find(&h);
		if (kw == WI_KW_CNT ||
		    !(vocabs >> wi_keyword_rows[kw].vocab & 1))
			continue;
		wi_doc_head(c, at, &h);
		why = bad_shape(c, kw, &h);
		if (why)
			return wi_refuse(c, c->node->at, kw, "%s", why);
		c->value_at[kw] = at;
	}
	return 0;
}

static int
compile_unit(struct wi_compiler *c, const struct wi_unit *u)
{
	struct wi_head h;
	int ret;

	wi_doc_head(c, u->node->at, &h);
	if (h.type == WEIR_BOOL)
		return 0;
	c->node = u->node;
	c->res = u->res;
	c->scope = u->scope;
	c->own_len = wi_doc_skip(&c->doc, c->node->at) - c->node->at;
	ret = collect_keywords(c, &h);
	if (!ret && c->value_at[WI_KW_SCHEMA] &&
	    c->lib.res[u->res].at != u->node->at)
		ret = wi_refuse(c, u->node->at, WI_KW_SCHEMA,
				"stands beside $id or at the root only");
	if (!ret)
		ret = definitions(c);
	if (!ret)
		ret = wi_build_parts(c);
	if (!ret)
		ret = wi_build_steps(c);
	return ret || !u->is_again ? ret
				   : pay_again(c, u->node->at, c->own_len);
}

static int
compile_all(struct wi_compiler *c)
{
	struct weir_schema *s = c->s;
	int ret;

	ret = wi_doc_init(&c->doc, s->doc, s->doc_len);
	if (!ret)
		ret = wi_library_init(&c->lib, &c->doc, s->arena, s->docs,
				      s->doc_cnt);
	if (!ret)
		ret = wi_link(c, 0, WI_KW_FALSE, &s->root);
	for (uint32_t i = 0; i < c->unit_cnt && !ret; i++) {
		struct wi_unit u = c->units[i]; /* they move as they grow */

		ret = compile_unit(c, &u);
	}
	if (!ret)
		ret = keep_resources(c);
	return ret ? ret : wi_put_in_order(c);
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
	c->unit_at = calloc(s->doc_len, sizeof(*c->unit_at));
	if (c->unit_at)
		ret = compile_all(c);
	if (ret == WEIR_EBADSCHEMA && c->lib.why[0])
		wi_refuse(c, c->lib.bad_at, c->lib.bad_keyword, "%s",
			  c->lib.why);
	wi_library_fini(&c->lib);
	wi_doc_fini(&c->doc);
	free(c->unit_at);
	free(c->again.slots);
	free(c->units);
	free(c);
	return ret;
}
