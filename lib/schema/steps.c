/* SPDX-License-Identifier: BSD-2-Clause
 *
 * steps.c - the keywords that hand the same value to other schemas.
 */
#include <errno.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "schema/compile.h"
#include "schema/name.h"

/* A step with room for @cnt nodes. */
static struct wi_step *
add_step(struct wi_compiler *c, enum wi_step_kind kind, unsigned kw,
	 uint32_t cnt)
{
	struct wi_step *st = &c->node->steps[c->node->step_cnt];

	st->nodes = wi_new(c, cnt, sizeof(*st->nodes));
	if (!st->nodes)
		return NULL;
	st->kind = (uint8_t)kind;
	st->keyword = (uint8_t)kw;
	st->cnt = cnt;
	c->node->step_cnt++;
	return st;
}

static int
add_reference(struct wi_compiler *c, unsigned kw)
{
	struct wi_target t;
	struct wi_step *st;
	struct wi_head h, to;
	int ret;

	if (!wi_get(c, kw, &h))
		return 0;
	ret = wi_refer(&c->lib, c->res, wi_text(h.ptr, h.len), &t);
	if (ret == WEIR_EBADSCHEMA) {
		ret = wi_refuse(c, c->node->at, kw, "%s", c->lib.why);
		c->lib.why[0] = 0;
	}
	if (ret)
		return ret;
	if (kw == WI_KW_DYNAMIC_REF)
		wi_scope_find(&c->lib, c->scope, &t);
	wi_doc_head(c, t.at, &to);
	if (to.type != WEIR_BOOL && to.type != WEIR_MAP)
		return wi_refuse(c, c->node->at, kw, "\"%.*s\" is no schema",
				 wi_cut(h.ptr, h.len, 100),
				 (const char *)h.ptr);
	st = add_step(c, WI_STEP_ALL, kw, 1);
	return st ? wi_link_to(c, &t, kw, &st->nodes[0]) : -ENOMEM;
}

static int
add_list(struct wi_compiler *c, enum wi_step_kind kind, unsigned kw)
{
	struct wi_step *st;
	struct wi_head h;
	uint32_t at;
	int ret = 0;

	if (!wi_get(c, kw, &h))
		return 0;
	st = add_step(c, kind, kw, h.len);
	if (!st)
		return -ENOMEM;
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len && !ret; i++) {
		ret = wi_link(c, at, kw, &st->nodes[i]);
		at = wi_doc_skip(&c->doc, at);
	}
	return ret;
}

static int
add_not(struct wi_compiler *c)
{
	struct wi_step *st;
	struct wi_head h;

	if (!wi_get(c, WI_KW_NOT, &h))
		return 0;
	st = add_step(c, WI_STEP_NOT, WI_KW_NOT, 1);
	return st ? wi_link(c, c->value_at[WI_KW_NOT], WI_KW_NOT,
			    &st->nodes[0])
		  : -ENOMEM;
}

/* `then` and `else` without `if` ask for nothing, but must be schemas. */
static int
add_if(struct wi_compiler *c)
{
	static const unsigned kws[] = {WI_KW_IF, WI_KW_THEN, WI_KW_ELSE};
	const struct wi_node *nodes[3] = {NULL, NULL, NULL};
	struct wi_step *st;
	struct wi_head h;
	int ret = 0;

	for (int i = 0; i < 3 && !ret; i++)
		if (wi_get(c, kws[i], &h))
			ret = wi_link(c, c->value_at[kws[i]], kws[i],
				      &nodes[i]);
	if (ret || !nodes[0])
		return ret;
	st = add_step(c, WI_STEP_IF, WI_KW_IF, 3);
	if (!st)
		return -ENOMEM;
	for (int i = 0; i < 3; i++)
		st->nodes[i] = nodes[i];
	return 0;
}

static int
add_dependents(struct wi_compiler *c)
{
	struct wi_head h, name;
	struct wi_step *st;
	uint32_t at;
	int ret = 0;

	if (!wi_get(c, WI_KW_DEPENDENT_SCHEMAS, &h))
		return 0;
	at = wi_doc_at(c, h.next);
	for (uint32_t i = 0; i < h.len && !ret; i++) {
		wi_doc_head(c, at, &name);
		at = wi_doc_at(c, name.next);
		st = add_step(c, WI_STEP_DEPENDENT, WI_KW_DEPENDENT_SCHEMAS, 1);
		if (!st)
			return -ENOMEM;
		st->name = wi_name_of(name.ptr, name.len);
		ret = wi_link(c, at, WI_KW_DEPENDENT_SCHEMAS, &st->nodes[0]);
		at = wi_doc_skip(&c->doc, at);
	}
	return ret;
}

static int
link_rest(struct wi_compiler *c, unsigned kw, const struct wi_node **out)
{
	struct wi_head h;

	return wi_get(c, kw, &h) ? wi_link(c, c->value_at[kw], kw, out) : 0;
}

int
wi_build_steps(struct wi_compiler *c)
{
	struct wi_node *n = c->node;
	struct wi_head h;
	size_t most = 8; /* of the others, at most one each */
	int ret = 0;

	if (wi_get(c, WI_KW_DEPENDENT_SCHEMAS, &h))
		most += h.len;
	n->steps = NULL;
	for (unsigned kw = WI_KW_DEPENDENT_SCHEMAS; kw <= WI_KW_ELSE; kw++)
		if (c->value_at[kw] && !n->steps) {
			n->steps = wi_new(c, most, sizeof(*n->steps));
			if (!n->steps)
				return -ENOMEM;
		}
	if (!ret)
		ret = add_reference(c, WI_KW_REF);
	if (!ret)
		ret = add_reference(c, WI_KW_DYNAMIC_REF);
	if (!ret)
		ret = add_list(c, WI_STEP_ALL, WI_KW_ALL_OF);
	if (!ret)
		ret = add_list(c, WI_STEP_ANY, WI_KW_ANY_OF);
	if (!ret)
		ret = add_list(c, WI_STEP_ONE, WI_KW_ONE_OF);
	if (!ret)
		ret = add_not(c);
	if (!ret)
		ret = add_if(c);
	if (!ret)
		ret = add_dependents(c);
	if (!ret)
		ret = link_rest(c, WI_KW_UNEVALUATED_ITEMS, &n->rest_items);
	if (!ret)
		ret = link_rest(c, WI_KW_UNEVALUATED_PROPS, &n->rest_props);
	return ret;
}
