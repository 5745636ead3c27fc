/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/check.h"

#include <string.h>

#include "base/compiler.h"
#include "codec/walk.h"
#include "schema/format.h"
#include "schema/leap.h"
#include "schema/marks.h"
#include "schema/name.h"
#include "schema/number.h"
#include "schema/pattern.h"
#include "schema/set.h"
#include "schema/unique.h"

/* Props up to this many are searched from the front. */
#define FEW 8

struct run {
	struct weir_schema *s;
	const uint8_t *end;
	uint64_t steps;
	struct wi_verdict *v;
	struct wi_marks marks;
	struct wi_leap l;
};

static int
refuse(struct run *r, const struct wi_node *node, unsigned kw,
       const uint8_t *at)
{
	r->v->node = node;
	r->v->keyword = r->steps ? kw : WI_KW_STEPS;
	r->v->at = at;
	return WEIR_ESCHEMA;
}

/* Take what @len bytes cost that were only passed over. */
static inline void
charge(struct run *r, size_t len)
{
	uint64_t cost = len / 32;

	r->steps = r->steps > cost ? r->steps - cost : 0;
}

static int
check_bounds(struct run *r, const struct wi_node *node, const uint8_t *at,
	     const struct wi_head *h)
{
	struct wi_num n;
	unsigned kw = WI_KW_CNT;

	if (wi_num_of(h, &n))
		kw = wi_bounds_broken(node->bounds, &n);
	return kw == WI_KW_CNT ? 0 : refuse(r, node, kw, at);
}

static int
check_string(struct run *r, const struct wi_node *node, const uint8_t *at,
	     const struct wi_head *h)
{
	const struct wi_strings *s = node->strings;
	unsigned kw = wi_length_broken(s, h->ptr, h->len);

	if (kw != WI_KW_CNT)
		return refuse(r, node, kw, at);
	if (s->pattern && wi_pattern_search(r->s->patterns, s->pattern, h->ptr,
					    h->len, &r->steps) != WI_FOUND_YES)
		return refuse(r, node, WI_KW_PATTERN, at);
	if (s->format && !wi_format_has(s->format, h->ptr, h->len))
		return refuse(r, node, WI_KW_FORMAT, at);
	return 0;
}

static int
check_sets(struct run *r, const struct wi_node *node, const uint8_t *at,
	   const struct wi_head *h)
{
	const uint8_t *doc = r->s->doc;

	if (node->konst &&
	    !wi_set_has(node->konst, doc, at, r->end, h, &r->steps))
		return refuse(r, node, WI_KW_CONST, at);
	if (node->set && !wi_set_has(node->set, doc, at, r->end, h, &r->steps))
		return refuse(r, node, WI_KW_ENUM, at);
	return 0;
}

uint32_t
wi_prop_find(const struct wi_object *obj, const struct wi_name *name,
	     uint32_t guess)
{
	uint32_t lo = 0, hi = obj->prop_cnt;

	if (wi_likely(guess < hi && wi_name_eq(name, &obj->props[guess].name)))
		return guess;
	if (hi <= FEW) {
		for (; lo < hi; lo++)
			if (wi_name_eq(name, &obj->props[lo].name))
				return lo;
		return hi;
	}
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2, i = obj->sorted[mid];
		int order = wi_name_cmp(name, &obj->props[i].name);

		if (order == 0)
			return i;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return obj->prop_cnt;
}

/* Read the name of the next member of the object in @f, at *@p, which is moved
 * to the value.  Return: its prop; prop_cnt: it is none; -1: refused. */
static int64_t
next_name(struct run *r, struct wi_frame *f, const uint8_t **p)
{
	const struct wi_object *obj = f->node->object;
	struct wi_name name;
	struct wi_head key;
	uint32_t i;

	if (wi_head_read(*p, r->end, &key) || key.type != WEIR_STR)
		goto refused;
	*p = key.next;
	charge(r, key.len);
	name = wi_name_of(key.ptr, key.len);
	i = wi_prop_find(obj, &name, f->next);
	if (wi_unlikely(i == obj->prop_cnt)) {
		/* one open name cannot be there twice; more can */
		if (f->others++)
			r->v->open = 1;
		else if (!wi_utf8_valid(key.ptr, key.len))
			goto refused;
		return i;
	}
	f->next = i + 1;
	if (wi_likely(obj->prop_cnt <= WI_PROPS_NOTED)) {
		if (f->seen >> i & 1)
			goto refused;
		f->seen |= 1ull << i;
	} else {
		f->seen += obj->props[i].required;
		r->v->open = 1;
	}
	return i;
refused:
	refuse(r, f->node, WI_KW_CNT, *p);
	return -1;
}

static int
all_required(const struct wi_frame *f)
{
	const struct wi_object *obj = f->node->object;

	if (obj->prop_cnt <= WI_PROPS_NOTED)
		return (f->seen & obj->required) == obj->required;
	return f->seen == obj->required_cnt;
}

/* What a scalar must pass beyond its type. */
static int
check_scalar(struct run *r, const struct wi_node *node, const uint8_t *at,
	     const struct wi_head *h)
{
	int ret = 0;

	if (h->type == WEIR_STR) {
		charge(r, h->len);
		if (wi_unlikely(!wi_utf8_valid(h->ptr, h->len)))
			return refuse(r, node, WI_KW_CNT, at);
	}
	if (node->leaf)
		return 0;
	if (node->is_time && h->type == WEIR_EXT &&
	    (h->ext_type != -1 || (h->len != 4 && h->len != 8 && h->len != 12)))
		return refuse(r, node, WI_KW_MSGPACK, at);
	if (node->set || node->konst)
		ret = check_sets(r, node, at, h);
	if (!ret && node->bounds && h->type <= WEIR_FLOAT)
		ret = check_bounds(r, node, at, h);
	if (!ret && node->strings && h->type == WEIR_STR)
		ret = check_string(r, node, at, h);
	return ret;
}

/* What a container must pass before its elements. */
static int
check_container(struct run *r, const struct wi_node *node, const uint8_t *at,
		const struct wi_head *h)
{
	const struct wi_array *arr = node->array;
	const struct wi_object *obj = node->object;
	int ret = 0;

	if (node->set || node->konst)
		ret = check_sets(r, node, at, h);
	if (ret)
		return ret;
	if (h->type == WEIR_MAP && obj) {
		if (h->len < obj->min)
			return refuse(r, node, WI_KW_MIN_PROPERTIES, at);
		if (h->len > obj->max)
			return refuse(r, node, WI_KW_MAX_PROPERTIES, at);
		if (!h->len && obj->required_cnt)
			return refuse(r, node, WI_KW_REQUIRED, at);
	}
	if (h->type == WEIR_ARRAY && arr) {
		if (h->len < arr->min)
			return refuse(r, node, WI_KW_MIN_ITEMS, at);
		if (h->len > arr->max)
			return refuse(r, node, WI_KW_MAX_ITEMS, at);
	}
	return 0;
}

/* wi_leap(), and take what it costs. */
static inline const uint8_t *
leap(struct run *r, const struct wi_node *node, const uint8_t *p)
{
	const uint8_t *next;

	r->l.at = p;
	next = wi_leap(&r->l, node, p);
	charge(r, (size_t)((next ? next : r->l.at) - p) * 8);
	return next;
}

/* ---- when the value is over
 *
 * From here on the record is known to be well-formed, because schemas that
 * come here have has_steps. */

/* The first element of the array in @f, or the first name of the object. */
static const uint8_t *
first_of(const struct run *r, const struct wi_frame *f)
{
	struct wi_head h;

	return wi_head_read(f->start, r->end, &h) ? f->here : h.next;
}

/* Has the object in @f a member @name?  When the steps run out before that is
 * known, it says no, and r->steps is 0. */
static bool
has_member(struct run *r, const struct wi_frame *f, const struct wi_name *name)
{
	const uint8_t *p = first_of(r, f);
	struct wi_head key;

	for (uint32_t i = 0; p && i < f->cnt && r->steps; i++) {
		struct wi_name have;

		if (wi_head_read(p, r->end, &key))
			return false;
		have = wi_name_of(key.ptr, key.len);
		if (wi_name_eq(&have, name))
			return true;
		charge(r, 32);
		p = wi_skip(key.next, r->end);
	}
	return false;
}

static int
check_dependents(struct run *r, const struct wi_frame *f)
{
	const struct wi_object *obj = f->node->object;

	for (uint32_t i = 0; i < obj->dependent_cnt; i++) {
		const struct wi_dependent *d = &obj->dependents[i];

		if (r->steps == 0)
			return refuse(r, f->node, WI_KW_STEPS, f->start);
		if (!has_member(r, f, &d->name))
			continue;
		for (uint32_t k = 0; k < d->cnt; k++)
			if (!has_member(r, f, &d->names[k]))
				return refuse(r, f->node,
					      WI_KW_DEPENDENT_REQUIRED,
					      f->start);
	}
	return r->steps ? 0 : refuse(r, f->node, WI_KW_STEPS, f->start);
}

/* A set of marks for the container in @f. */
static int
take_marks(struct run *r, struct wi_frame *f)
{
	if (!wi_marks_take(&r->marks, f)) {
		r->steps = 0;
		return refuse(r, f->node, WI_KW_STEPS, f->start);
	}
	charge(r, (size_t)wi_mark_words(f) * 8);
	return 0;
}

/* ---- the run
 * ----------------------------------------------------------------- */

int
wi_check_at(struct weir_schema *s, const struct wi_node *node,
	    const uint8_t *msg, size_t len, uint64_t *steps,
	    struct wi_verdict *v)
{
	struct run r = {s, msg + len,	   *steps,
			v, wi_marks_of(s), {s->doc, msg + len, NULL}};
	const struct wi_frame *limit = s->frames + s->frame_cnt - 1;
	const struct wi_step *st;
	const uint8_t *p = msg, *at;
	struct wi_frame *f = s->frames; /* the innermost */
	bool wants_marks = false;	/* whoever sent us to `value` does */
	struct wi_head h;
	bool gives;
	int64_t i;

	v->open = 0;
	f->stage = WI_AT_BASE;
	f->marks = NULL;

value: /* the one at p must pass node */
	at = p;
	if (wi_unlikely(r.steps == 0)) {
		refuse(&r, node, WI_KW_STEPS, at);
		goto failed;
	}
	r.steps--;
	gives = wants_marks;
	wants_marks = false;
	if (node->leap && !gives && limit - f >= node->leap) {
		p = leap(&r, node, at);
		if (wi_likely(p != NULL))
			goto done;
		p = at;
	}
	if (wi_unlikely(wi_head_read(p, r.end, &h))) {
		refuse(&r, node, WI_KW_CNT, at);
		goto failed;
	}
	if (wi_unlikely(!wi_type_fits(node->types, &h))) {
		refuse(&r, node,
		       !node->types   ? WI_KW_FALSE
		       : node->by_ext ? WI_KW_MSGPACK
				      : WI_KW_TYPE,
		       at);
		goto failed;
	}
	p = h.next;
	if (h.type < WEIR_ARRAY) {
		if (wi_unlikely(check_scalar(&r, node, at, &h) != 0))
			goto failed;
		if (wi_likely(!node->more))
			goto done;
		h.len = 0; /* it has no elements */
	} else if (wi_unlikely(check_container(&r, node, at, &h) != 0)) {
		goto failed;
	}
	if (wi_unlikely(f == limit)) {
		if (s->has_steps)
			r.steps = 0;
		refuse(&r, node, s->has_steps ? WI_KW_STEPS : WI_KW_CNT, at);
		goto failed;
	}
	if (h.len == 0 && !node->more)
		goto done;
	f++;
	f->node = node;
	f->start = at;
	f->marks = NULL;
	f->cnt = f->left = h.len;
	f->type = h.type;
	f->gives = gives;
	f->seen = 0;
	f->next = 0;
	f->others = 0;
	if (h.len &&
	    (gives || (h.type == WEIR_MAP ? node->rest_props
					  : node->rest_items) != NULL) &&
	    take_marks(&r, f) != 0)
		goto failed_here;
	if (h.len && h.type == WEIR_MAP && node->object) {
		f->stage = node->object->is_plain ? WI_AT_MEMBER : WI_AT_CHOSEN;
		goto member;
	}
	if (h.len && h.type == WEIR_ARRAY && node->array) {
		f->stage = WI_AT_ITEM;
		goto item;
	}
	if (h.len) {
		/* nothing is asked of what is inside */
		v->open = 1;
		p = wi_skip(at, r.end);
		if (!p) {
			refuse(&r, node, WI_KW_CNT, at);
			goto failed_here;
		}
		charge(&r, (size_t)(p - at) * 8);
	}
	goto over;

item: /* of the array in f, which has more */
	if (f->next < f->node->array->prefix_cnt) {
		node = f->node->array->prefix[f->next++];
		goto value;
	}
	node = f->node->array->items;
	if (node->leap && limit - f >= node->leap) {
		at = p;
		p = wi_leap_over(&r.l, node, p, &f->left);
		charge(&r, (size_t)(p - at) * 8);
		if (f->left == 0)
			goto elements_done;
	}
	goto value;

member: /* of the object in f, which has more; its name is at p */
	f->sub = p;
	i = next_name(&r, f, &p);
	if (wi_unlikely(i < 0))
		goto failed_here;
	if (wi_likely(f->stage == WI_AT_MEMBER)) {
		const struct wi_object *obj = f->node->object;

		if (wi_unlikely(f->marks != NULL) &&
		    (obj->has_additional ||
		     (i < obj->prop_cnt && obj->props[i].own)))
			wi_mark(f, f->cnt - f->left);
		node = wi_likely(i < obj->prop_cnt) ? obj->props[i].node
						    : obj->additional;
		goto value;
	}
	f->here = p;
	f->alt = 0;
	f->hits = 0;
	f->step = (uint32_t)i;
	if (f->node->object->names) {
		f->stage = WI_AT_NAME;
		node = f->node->object->names;
		p = f->sub;
		goto value;
	}
named: /* the member in f has a good name */
	if (f->step < f->node->object->prop_cnt &&
	    f->node->object->props[f->step].own) {
		f->hits = 1;
		node = f->node->object->props[f->step].node;
		p = f->here;
		goto value;
	}
more_patterns: /* for the member in f; p is at or behind its value */
	while (f->alt < f->node->object->pattern_cnt) {
		const struct wi_pattern_prop *pp =
		    &f->node->object->patterns[f->alt++];

		if (wi_head_read(f->sub, r.end, &h) ||
		    wi_pattern_search(s->patterns, pp->pattern, h.ptr, h.len,
				      &r.steps) != WI_FOUND_YES)
			continue;
		f->hits++;
		node = pp->node;
		p = f->here;
		goto value;
	}
	if (wi_unlikely(r.steps == 0)) {
		refuse(&r, f->node, WI_KW_PATTERN_PROPERTIES, f->start);
		goto failed_here;
	}
	if (!f->hits) {
		f->hits = f->node->object->has_additional ? 1 : UINT32_MAX;
		node = f->node->object->additional;
		p = f->here;
		goto value;
	}
	if (f->marks && f->hits != UINT32_MAX)
		wi_mark(f, f->cnt - f->left);
	if (--f->left)
		goto member;
	/* fall through */

elements_done: /* of the container in f; p is behind it */
	if (f->type == WEIR_MAP && !all_required(f)) {
		refuse(&r, f->node, WI_KW_REQUIRED, f->start);
		goto failed_here;
	}
	if (f->marks && f->type == WEIR_ARRAY)
		wi_mark_first(f, f->node->array->has_items
				     ? f->cnt
				     : f->node->array->prefix_cnt);
	if (wi_likely(!f->node->more))
		goto passed;

over: /* the value in f has passed by itself; p is behind it */
	f->here = p;
	if (!f->node->more)
		goto passed;
	if (f->type == WEIR_MAP && f->node->object &&
	    f->node->object->dependent_cnt && check_dependents(&r, f) != 0)
		goto failed_here;
	if (f->type != WEIR_ARRAY || !f->node->array)
		goto steps;
	if (f->node->array->unique && f->cnt > 1 &&
	    !wi_unique(first_of(&r, f), f->here, f->cnt, s->table, &r.steps)) {
		refuse(&r, f->node, WI_KW_UNIQUE_ITEMS, f->start);
		goto failed_here;
	}
	if (!f->node->array->contains)
		goto steps;
	f->stage = WI_AT_CONTAINS;
	f->left = f->cnt;
	f->hits = 0;
	f->sub = first_of(&r, f);
contains: /* the element at f->sub, if there is one left */
	if (f->left) {
		node = f->node->array->contains;
		p = f->sub;
		goto value;
	}
	if (f->hits < f->node->array->min_contains ||
	    f->hits > f->node->array->max_contains) {
		refuse(&r, f->node,
		       f->hits > f->node->array->max_contains
			   ? WI_KW_MAX_CONTAINS
		       : f->hits || f->node->array->min_contains > 1
			   ? WI_KW_MIN_CONTAINS
			   : WI_KW_CONTAINS,
		       f->start);
		goto failed_here;
	}

steps:
	f->stage = WI_AT_STEP;
	f->step = 0;
step: /* number f->step of the node in f */
	if (f->step == f->node->step_cnt)
		goto rest;
	st = &f->node->steps[f->step];
	f->alt = 0;
	f->hits = 0;
	if (st->kind == WI_STEP_DEPENDENT &&
	    (f->type != WEIR_MAP || !has_member(&r, f, &st->name))) {
		if (wi_unlikely(r.steps == 0)) {
			refuse(&r, f->node, WI_KW_STEPS, f->start);
			goto failed_here;
		}
		f->step++;
		goto step;
	}
alternative: /* number f->alt of it */
	node = st->nodes[f->alt];
	p = f->start;
	wants_marks = f->marks && st->kind != WI_STEP_NOT;
	goto value;

rest: /* what no keyword has evaluated */
	node = f->type == WEIR_MAP     ? f->node->rest_props
	       : f->type == WEIR_ARRAY ? f->node->rest_items
				       : NULL;
	if (!node || !f->cnt)
		goto passed_over;
	f->stage = WI_AT_REST;
	f->left = f->cnt;
	p = first_of(&r, f);
unevaluated: /* from the element or name at p on */
	for (; f->left; f->left--) {
		if (f->type == WEIR_MAP && wi_head_read(p, r.end, &h) == 0)
			p = h.next;
		if (!wi_is_marked(f, f->cnt - f->left))
			break;
		p = wi_skip(p, r.end);
		if (!p) /* cannot be */
			goto failed_here;
	}
	if (f->left) {
		node = f->type == WEIR_MAP ? f->node->rest_props
					   : f->node->rest_items;
		goto value;
	}
	wi_mark_first(f, f->cnt);

passed_over:
	p = f->here;
passed: /* the value in f, all of it; p is behind it */
	if (wi_unlikely(f->marks != NULL)) {
		if (f->gives)
			wi_marks_give(f);
		wi_marks_drop(&r.marks, f);
	}
	f--;
done: /* with a value; p is behind it */
	if (wi_likely(f->stage == WI_AT_MEMBER)) {
		if (--f->left)
			goto member;
		goto elements_done;
	}
	switch (f->stage) {
	case WI_AT_ITEM:
		if (--f->left)
			goto item;
		goto elements_done;
	case WI_AT_CHOSEN:
		goto more_patterns;
	case WI_AT_NAME:
		f->stage = WI_AT_CHOSEN;
		goto named;
	case WI_AT_CONTAINS:
		f->hits++;
		if (f->marks)
			wi_mark(f, f->cnt - f->left);
		f->sub = p;
		f->left--;
		/* enough is enough */
		if (!f->marks && f->hits >= f->node->array->min_contains &&
		    f->node->array->max_contains == UINT64_MAX)
			goto steps;
		goto contains;
	case WI_AT_REST:
		f->left--;
		goto unevaluated;
	case WI_AT_STEP:
		st = &f->node->steps[f->step];
		switch (st->kind) {
		case WI_STEP_ANY:
			f->hits++;
			if (f->marks && ++f->alt < st->cnt)
				goto alternative;
			break;
		case WI_STEP_ONE:
			if (++f->hits > 1) {
				refuse(&r, f->node, WI_KW_ONE_OF, f->start);
				goto failed_here;
			}
			if (++f->alt < st->cnt)
				goto alternative;
			break;
		case WI_STEP_NOT:
			refuse(&r, f->node, WI_KW_NOT, f->start);
			goto failed_here;
		case WI_STEP_IF:
			if (f->alt == 0 && st->nodes[1]) {
				f->alt = 1;
				goto alternative;
			}
			break;
		default:
			if (++f->alt < st->cnt)
				goto alternative;
			break;
		}
		f->step++;
		goto step;
	default: /* WI_AT_BASE */
		*steps = r.steps;
		return p == r.end ? 0 : refuse(&r, node, WI_KW_CNT, p);
	}

failed_here: /* the value in f has not passed */
	if (f->marks)
		wi_marks_drop(&r.marks, f);
	f--;
failed: /* one that was checked for f */
	if (f->stage == WI_AT_BASE || r.steps == 0) {
		*steps = r.steps;
		return WEIR_ESCHEMA;
	}
	if (f->stage == WI_AT_CONTAINS) {
		f->left--;
		f->sub = wi_skip(f->sub, r.end);
		if (!f->sub) /* cannot be */
			goto failed_here;
		goto contains;
	}
	if (f->stage != WI_AT_STEP)
		goto failed_here;
	st = &f->node->steps[f->step];
	switch (st->kind) {
	case WI_STEP_ANY:
	case WI_STEP_ONE:
		if (++f->alt < st->cnt)
			goto alternative;
		if (f->hits)
			break;
		refuse(&r, f->node, st->keyword, f->start);
		goto failed_here;
	case WI_STEP_NOT:
		break;
	case WI_STEP_IF:
		if (f->alt)
			goto failed_here;
		if (st->nodes[2]) {
			f->alt = 2;
			goto alternative;
		}
		break;
	default:
		goto failed_here;
	}
	f->step++;
	goto step;
}

int
wi_check_run(struct weir_schema *s, const uint8_t *msg, size_t len,
	     struct wi_verdict *v)
{
	uint64_t steps = wi_steps_for(len);

	return wi_check_at(s, s->root, msg, len, &steps, v);
}
