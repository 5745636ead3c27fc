/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/check.h"

#include "base/compiler.h"
#include "codec/walk.h"
#include "schema/name.h"
#include "schema/number.h"
#include "schema/pattern.h"
#include "schema/set.h"

/* Props up to this many are searched from the front. */
#define FEW 8

struct run {
	struct weir_schema *s;
	const uint8_t *end;
	uint64_t steps;
	struct wi_verdict *v;
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
	const struct wi_bounds *b = node->bounds;
	struct wi_num n;

	if (!wi_num_of(h, &n))
		return 0;
	if (b->has & 1u << WI_MIN && wi_num_cmp(&n, &b->num[WI_MIN]) < 0)
		return refuse(r, node, WI_KW_MINIMUM, at);
	if (b->has & 1u << WI_MAX && wi_num_cmp(&n, &b->num[WI_MAX]) > 0)
		return refuse(r, node, WI_KW_MAXIMUM, at);
	if (b->has & 1u << WI_EXMIN && wi_num_cmp(&n, &b->num[WI_EXMIN]) <= 0)
		return refuse(r, node, WI_KW_EXCLUSIVE_MINIMUM, at);
	if (b->has & 1u << WI_EXMAX && wi_num_cmp(&n, &b->num[WI_EXMAX]) >= 0)
		return refuse(r, node, WI_KW_EXCLUSIVE_MAXIMUM, at);
	return 0;
}

static int
check_string(struct run *r, const struct wi_node *node, const uint8_t *at,
	     const struct wi_head *h)
{
	const struct wi_strings *s = node->strings;
	uint64_t cnt;

	/* A character has one to four bytes: mostly there is no need to
	 * count. */
	if (h->len > s->max || (h->len + 3ull) / 4 < s->min) {
		cnt = wi_utf8_count(h->ptr, h->len);
		if (cnt < s->min)
			return refuse(r, node, WI_KW_MIN_LENGTH, at);
		if (cnt > s->max)
			return refuse(r, node, WI_KW_MAX_LENGTH, at);
	}
	if (s->pattern && wi_pattern_search(r->s->patterns, s->pattern, h->ptr,
					    h->len, &r->steps) != WI_FOUND_YES)
		return refuse(r, node, WI_KW_PATTERN, at);
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

/* The next member of the object in @f, whose name is at *@p: *@p is moved
 * to its value.  Return: the value's node; NULL: refused. */
static const struct wi_node *
next_member(struct run *r, struct wi_frame *f, const uint8_t **p)
{
	const struct wi_object *obj = f->node->object;
	const struct wi_node *node;
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
		node = obj->additional;
	} else {
		f->next = i + 1;
		node = obj->props[i].node;
		if (wi_likely(obj->prop_cnt <= WI_PROPS_NOTED)) {
			if (f->seen >> i & 1)
				goto refused;
			f->seen |= 1ull << i;
		} else {
			f->seen += obj->props[i].required;
			r->v->open = 1;
		}
	}
	return node;
refused:
	refuse(r, f->node, WI_KW_CNT, *p);
	return NULL;
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
	if (node->set || node->konst)
		ret = check_sets(r, node, at, h);
	if (!ret && node->bounds && h->type <= WEIR_FLOAT)
		ret = check_bounds(r, node, at, h);
	if (!ret && node->strings && h->type == WEIR_STR)
		ret = check_string(r, node, at, h);
	return ret;
}

/* What a container must pass before its elements.  Return: 1 there are
 * elements to look at, and @f is set up for them; 0 there are none; negative
 * refused. */
static int
enter(struct run *r, const struct wi_node *node, const uint8_t *at,
      const struct wi_head *h, struct wi_frame *f)
{
	int is_map = h->type == WEIR_MAP;
	int ret = 0;

	if (node->set || node->konst)
		ret = check_sets(r, node, at, h);
	if (ret)
		return ret;
	if (!is_map && node->array &&
	    (h->len < node->array->min || h->len > node->array->max))
		return refuse(r, node,
			      h->len < node->array->min ? WI_KW_MIN_ITEMS
							: WI_KW_MAX_ITEMS,
			      at);
	f->node = node;
	f->start = at;
	f->seen = 0;
	f->left = h->len;
	f->next = 0;
	f->others = 0;
	f->is_map = (uint32_t)is_map;
	if (h->len)
		return 1;
	if (is_map && node->object && !all_required(f))
		return refuse(r, node, WI_KW_REQUIRED, at);
	return 0;
}

/* Go over elements that are scalars and fit a leaf, from p on.  Return: the
 * first other one, or what is behind the last; *@left says how many are
 * left. */
static const uint8_t *
skip_fitting(struct run *r, const struct wi_node *leaf, const uint8_t *p,
	     uint32_t *left)
{
	const uint8_t *from = p;
	uint32_t n = *left;
	struct wi_head h;

	for (; n; n--, p = h.next) {
		if (wi_head_read(p, r->end, &h) || h.type >= WEIR_ARRAY ||
		    !wi_type_fits(leaf->types, &h))
			break;
		if (h.type == WEIR_STR && !wi_utf8_valid(h.ptr, h.len))
			break;
	}
	charge(r, (size_t)(p - from) * 8);
	*left = n;
	return p;
}

int
wi_check_run(struct weir_schema *s, const uint8_t *msg, size_t len,
	     struct wi_verdict *v)
{
	struct run r = {s, msg + len,
			WI_STEPS_BASE + (uint64_t)len * WI_STEPS_PER_BYTE, v};
	const struct wi_node *node = s->root;
	const uint8_t *p = msg, *at;
	struct wi_frame *f = s->frames; /* the innermost container */
	struct wi_head h;
	int ret;

	v->open = 0;
value: /* the one at p must pass node */
	at = p;
	if (wi_unlikely(r.steps == 0))
		return refuse(&r, node, WI_KW_STEPS, at);
	r.steps--;
	if (wi_unlikely(wi_head_read(p, r.end, &h)))
		return refuse(&r, node, WI_KW_CNT, at);
	if (wi_unlikely(!wi_type_fits(node->types, &h)))
		return refuse(&r, node, node->types ? WI_KW_TYPE : WI_KW_FALSE,
			      at);
	p = h.next;
	if (h.type < WEIR_ARRAY) {
		ret = check_scalar(&r, node, at, &h);
		if (wi_unlikely(ret))
			return ret;
		goto done;
	}
	if (wi_unlikely(f == s->frames + WEIR_DEPTH_MAX))
		return refuse(&r, node, WI_KW_CNT, at);
	ret = enter(&r, node, at, &h, f + 1);
	if (wi_unlikely(ret < 0))
		return ret;
	if (ret == 0)
		goto done;
	if (h.type == WEIR_ARRAY ? !node->array : !node->object) {
		/* nothing is asked of what is inside */
		v->open = 1;
		p = wi_skip(at, r.end);
		if (!p)
			return refuse(&r, node, WI_KW_CNT, at);
		charge(&r, (size_t)(p - at) * 8);
		goto done;
	}
	f++;
next: /* of the container in f, which has more */
	if (f->is_map) {
		node = next_member(&r, f, &p);
		if (wi_unlikely(!node))
			return WEIR_ESCHEMA;
		goto value;
	}
	if (f->next < f->node->array->prefix_cnt) {
		node = f->node->array->prefix[f->next++];
		goto value;
	}
	node = f->node->array->items;
	if (node->leaf) {
		p = skip_fitting(&r, node, p, &f->left);
		if (f->left == 0)
			goto leave;
	}
	goto value;
done: /* with the value at[0 .. p - at) and node */
	if (wi_unlikely(node->also)) {
		node = node->also;
		p = at;
		goto value;
	}
	if (f == s->frames)
		return p == r.end ? 0 : refuse(&r, node, WI_KW_CNT, p);
	if (--f->left)
		goto next;
leave: /* the container in f: it is the value that is done */
	node = f->node;
	at = f->start;
	if (f->is_map && !all_required(f))
		return refuse(&r, node, WI_KW_REQUIRED, at);
	f--;
	goto done;
}
