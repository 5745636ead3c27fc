/* SPDX-License-Identifier: BSD-2-Clause
 *
 * order.c - what is known of the nodes only when all of them are there.
 *
 * Steps are followed over one and the same value, so they must not go round
 * in circles, and how deep they go says how much room checking needs.  Both
 * come from one walk over the steps of all nodes, with a stack of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "schema/compile.h"
#include "schema/leap.h"
#include "schema/unique.h"

/* A unit whose steps are being followed. */
struct visit {
	uint32_t unit;
	uint32_t step, alt;
	uint32_t deepest; /* of the steps so far */
};

#define UNDER_WAY UINT32_MAX

/* The next node that @v leads to; NULL: no more. */
static const struct wi_node *
next_step(const struct wi_node *n, struct visit *v)
{
	while (v->step < n->step_cnt) {
		const struct wi_step *st = &n->steps[v->step];

		while (v->alt < st->cnt) {
			const struct wi_node *to = st->nodes[v->alt++];

			if (to && to != &wi_node_true)
				return to;
		}
		v->step++;
		v->alt = 0;
	}
	return NULL;
}

static int
circle(struct wi_compiler *c, const struct wi_node *n)
{
	return wi_refuse(c, n->at, n->steps[0].keyword,
			 "leads back here without looking at any part of a "
			 "value");
}

/* Find the depth of unit @first and of all that its steps lead to. */
static int
follow(struct wi_compiler *c, struct visit *stack, uint32_t first)
{
	struct visit *v = stack;

	*v = (struct visit){.unit = first};
	c->units[first].depth = UNDER_WAY;
	for (;;) {
		struct wi_unit *u = &c->units[v->unit];
		const struct wi_node *to = next_step(u->node, v);
		uint32_t i;

		if (!to) {
			u->depth = v->deepest + 1;
			if (v == stack)
				return 0;
			v--;
			if (u->depth > v->deepest)
				v->deepest = u->depth;
			continue;
		}
		i = to->unit;
		if (c->units[i].depth == UNDER_WAY)
			return circle(c, to);
		if (c->units[i].depth == 0) {
			*++v = (struct visit){.unit = i};
			c->units[i].depth = UNDER_WAY;
		} else if (c->units[i].depth > v->deepest) {
			v->deepest = c->units[i].depth;
		}
	}
}

/* Find the depths of all units, or the circle in them. */
static int
find_depths(struct wi_compiler *c)
{
	struct visit *stack = malloc((c->unit_cnt + 1) * sizeof(*stack));
	int ret = stack ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < c->unit_cnt; i++)
		c->units[i].depth = 0;
	for (uint32_t i = 0; i < c->unit_cnt && !ret; i++)
		if (c->units[i].depth == 0)
			ret = follow(c, stack, i);
	free(stack);
	return ret;
}

/* Does the node nothing but pass the value on to one other? */
static const struct wi_node *
passes_on(const struct wi_node *n)
{
	if (n->step_cnt != 1 || n->steps->kind != WI_STEP_ALL ||
	    n->steps->cnt != 1 || n->types != WI_T_ALL || n->bounds ||
	    n->strings || n->array || n->object || n->set || n->konst ||
	    n->rest_items || n->rest_props)
		return NULL;
	return n->steps->nodes[0];
}

/* Where a node leads in the end; there are no circles any more. */
static void
shorten(const struct wi_node **link)
{
	const struct wi_node *end = *link, *n, *next;

	if (!end)
		return;
	while ((next = passes_on(end)))
		end = next;
	/* leave a short way for the next who comes along */
	for (n = *link; n != end; n = next) {
		next = passes_on(n);
		n->steps->nodes[0] = end;
	}
	*link = end;
}

static void
shorten_links(struct wi_node *n)
{
	for (uint32_t i = 0; i < n->step_cnt; i++)
		for (uint32_t k = 0; k < n->steps[i].cnt; k++)
			shorten(&n->steps[i].nodes[k]);
	shorten(&n->rest_items);
	shorten(&n->rest_props);
	if (n->array) {
		shorten(&n->array->items);
		shorten(&n->array->contains);
		for (uint32_t i = 0; i < n->array->prefix_cnt; i++)
			shorten(&n->array->prefix[i]);
	}
	if (n->object) {
		shorten(&n->object->additional);
		shorten(&n->object->names);
		for (uint32_t i = 0; i < n->object->prop_cnt; i++)
			shorten(&n->object->props[i].node);
		for (uint32_t i = 0; i < n->object->pattern_cnt; i++)
			shorten(&n->object->patterns[i].node);
	}
}

static void
classify(struct wi_node *n)
{
	const struct wi_array *a = n->array;
	const struct wi_object *o = n->object;

	n->more = n->step_cnt || n->rest_items || n->rest_props ||
		  (a && (a->contains || a->unique)) || (o && o->dependent_cnt);
	n->leaf = !n->bounds && !n->strings && !n->set && !n->konst &&
		  !n->more && !n->is_time;
}

/* From the scalars up, a round for each height. */
static void
find_leaps(struct wi_compiler *c)
{
	bool is_new = true;

	for (int round = 0; is_new && round < WI_LEAP_MAX; round++) {
		is_new = false;
		for (uint32_t i = 0; i < c->unit_cnt; i++)
			if (!c->units[i].node->leap)
				is_new |= wi_leap_prepare(c->units[i].node);
	}
}

/* Frames, marks and the table. */
static int
reserve(struct weir_schema *s, uint32_t depth, bool wants_marks,
	bool wants_table)
{
	/* One for each container and the record itself; where a value may be
	 * looked at twice, each of them and the scalar inside may need more. */
	s->frame_cnt = s->has_steps ? (WEIR_DEPTH_MAX + 1) * depth + 1
				    : WEIR_DEPTH_MAX + 1;
	if (s->frame_cnt > WI_FRAME_MAX)
		s->frame_cnt = WI_FRAME_MAX;
	s->frames = malloc(s->frame_cnt * sizeof(*s->frames));
	if (wants_marks)
		s->marks = malloc(WI_MARKS_LEN);
	if (wants_table)
		s->table = malloc(WI_UNIQUE_LEN);
	return s->frames && (s->marks || !wants_marks) &&
		       (s->table || !wants_table)
		   ? 0
		   : -ENOMEM;
}

int
wi_put_in_order(struct wi_compiler *c)
{
	bool wants_marks = false, wants_table = false;
	uint32_t deepest = 1;
	int ret = find_depths(c);

	if (ret)
		return ret;
	if (!c->s->is_exact) {
		shorten(&c->s->root);
		for (uint32_t i = 0; i < c->unit_cnt; i++)
			shorten_links(c->units[i].node);
		ret = find_depths(c);
	}
	for (uint32_t i = 0; i < c->unit_cnt && !ret; i++) {
		struct wi_node *n = c->units[i].node;

		classify(n);
		if (!c->s->is_exact && passes_on(n))
			continue; /* nothing leads here any more */
		wants_marks |= n->rest_items || n->rest_props;
		wants_table |= n->array && n->array->unique;
		c->s->has_steps |=
		    n->more || (n->object && !n->object->is_plain);
		if (c->units[i].depth > deepest)
			deepest = c->units[i].depth;
		if (deepest > WI_STEP_DEPTH_MAX)
			ret = wi_refuse(c, n->at, WI_KW_CNT,
					"more than %d schemas inside each "
					"other for one value",
					WI_STEP_DEPTH_MAX);
	}
	find_leaps(c);
	return ret ? ret : reserve(c->s, deepest, wants_marks, wants_table);
}
