/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/naive.h"

#include <string.h>
#include <weir/record.h>

#include "codec/json.h"
#include "codec/walk.h"

struct naive {
	const uint8_t *doc, *doc_end, *msg_end;
	int work;
};

/* Yes, no, and no opinion, of which no is the strongest. */
static int
both(int a, int b)
{
	return a == 0 || b == 0 ? 0 : a < 0 || b < 0 ? -1 : 1;
}

static int
is_str(const struct wi_head *h, const char *s)
{
	return h->type == WEIR_STR && h->len == strlen(s) &&
	       !memcmp(h->ptr, s, h->len);
}

/* The value of member name[0 .. len) of the map at @p, or NULL. */
static const uint8_t *
member(const uint8_t *p, const uint8_t *end, const uint8_t *name, size_t len)
{
	struct wi_head h, key;

	if (wi_head_read(p, end, &h) || h.type != WEIR_MAP)
		return NULL;
	p = h.next;
	for (uint32_t i = 0; i < h.len; i++) {
		wi_head_read(p, end, &key);
		if (key.len == len && !memcmp(key.ptr, name, len))
			return key.next;
		p = wi_skip(key.next, end);
	}
	return NULL;
}

static int
get(const struct naive *n, const uint8_t *schema, const char *kw,
    struct wi_head *h)
{
	const uint8_t *p =
	    member(schema, n->doc_end, (const uint8_t *)kw, strlen(kw));

	return p && !wi_head_read(p, n->doc_end, h);
}

static int
is_number(const struct wi_head *h)
{
	return h->type == WEIR_INT || h->type == WEIR_UINT ||
	       (h->type == WEIR_FLOAT && h->d - h->d == 0);
}

static long double
number(const struct wi_head *h)
{
	return h->type == WEIR_INT    ? (long double)h->i
	       : h->type == WEIR_UINT ? (long double)h->u
				      : (long double)h->d;
}

static int
has_type(const struct wi_head *name, const struct wi_head *v)
{
	if (is_str(name, "number"))
		return is_number(v);
	if (is_str(name, "integer"))
		return is_number(v) &&
		       (v->type != WEIR_FLOAT || v->d >= 0x1p53 ||
			v->d <= -0x1p53 || (double)(long)v->d == v->d);
	return v->type == (is_str(name, "null")	     ? WEIR_NIL
			   : is_str(name, "boolean") ? WEIR_BOOL
			   : is_str(name, "string")  ? WEIR_STR
			   : is_str(name, "array")   ? WEIR_ARRAY
						     : WEIR_MAP);
}

static int
check_scalars(const struct naive *n, const uint8_t *schema, const uint8_t *p,
	      const struct wi_head *v)
{
	static const struct {
		const char *kw;
		int sign, or_equal;
	} bounds[] = {{"minimum", 1, 1},
		      {"maximum", -1, 1},
		      {"exclusiveMinimum", 1, 0},
		      {"exclusiveMaximum", -1, 0}};
	static const struct {
		const char *kw;
		int type, sign;
	} counts[] = {{"minLength", WEIR_STR, 1},
		      {"maxLength", WEIR_STR, -1},
		      {"minItems", WEIR_ARRAY, 1},
		      {"maxItems", WEIR_ARRAY, -1}};
	const uint8_t *end = wi_skip(p, n->msg_end), *q;
	struct wi_head h, e;
	int hit = 0;

	if (get(n, schema, "type", &h)) {
		if (h.type == WEIR_STR)
			hit = has_type(&h, v);
		for (q = h.next; h.type == WEIR_ARRAY && h.len--; q = e.next) {
			wi_head_read(q, n->doc_end, &e);
			hit |= has_type(&e, v);
		}
		if (!hit)
			return 0;
	}
	q = member(schema, n->doc_end, (const uint8_t *)"const", 5);
	if (q && !wi_value_equal(q, wi_skip(q, n->doc_end), p, end))
		return 0;
	if (get(n, schema, "enum", &h)) {
		hit = 0;
		for (q = h.next; h.len--; q = wi_skip(q, n->doc_end))
			hit |=
			    wi_value_equal(q, wi_skip(q, n->doc_end), p, end);
		if (!hit)
			return 0;
	}
	for (int i = 0; i < 4; i++) {
		if (is_number(v) && get(n, schema, bounds[i].kw, &h)) {
			long double diff =
			    (number(v) - number(&h)) * bounds[i].sign;

			if (diff < 0 || (diff == 0 && !bounds[i].or_equal))
				return 0;
		}
		if (v->type == counts[i].type &&
		    get(n, schema, counts[i].kw, &h)) {
			long double cnt =
			    v->type == WEIR_STR
				? (long double)wi_utf8_count(v->ptr, v->len)
				: (long double)v->len;

			if ((cnt - number(&h)) * counts[i].sign < 0)
				return 0;
		}
	}
	return v->type == WEIR_STR && get(n, schema, "pattern", &h) ? -1 : 1;
}

static int check(struct naive *n, const uint8_t *schema, const uint8_t *p);

static int
check_children(struct naive *n, const uint8_t *schema, const uint8_t *p,
	       const struct wi_head *v)
{
	const uint8_t *sub, *props, *rest;
	struct wi_head h, key, list;
	int ok = 1;

	rest = member(schema, n->doc_end,
		      (const uint8_t *)(v->type == WEIR_MAP
					    ? "additionalProperties"
					    : "items"),
		      v->type == WEIR_MAP ? 20 : 5);
	props = member(schema, n->doc_end, (const uint8_t *)"properties", 10);
	if (!get(n, schema, "prefixItems", &list))
		list.len = 0;
	sub = list.len ? list.next : NULL;
	if (v->type == WEIR_MAP && get(n, schema, "required", &h)) {
		const uint8_t *q = h.next;

		for (; h.len--; q = key.next) {
			wi_head_read(q, n->doc_end, &key);
			if (!member(p, n->msg_end, key.ptr, key.len))
				return 0;
		}
	}
	p = v->next;
	for (uint32_t i = 0; i < v->len && ok; i++) {
		const uint8_t *use = rest;

		if (v->type == WEIR_MAP) {
			wi_head_read(p, n->msg_end, &key);
			p = key.next;
			sub = props
				  ? member(props, n->doc_end, key.ptr, key.len)
				  : NULL;
			if (sub)
				use = sub;
		} else if (i < list.len) {
			use = sub;
			sub = wi_skip(sub, n->doc_end);
		}
		if (use)
			ok = both(ok, check(n, use, p));
		p = wi_skip(p, n->msg_end);
	}
	return ok;
}

static int
check(struct naive *n, const uint8_t *schema, const uint8_t *p)
{
	struct wi_head s, v, ref;
	char pointer[512];
	weir_value target;
	int ok;

	wi_head_read(schema, n->doc_end, &s);
	if (s.type == WEIR_BOOL)
		return s.u != 0;
	if (--n->work < 0)
		return -1;
	wi_head_read(p, n->msg_end, &v);
	ok = check_scalars(n, schema, p, &v);
	if (ok && (v.type == WEIR_MAP || v.type == WEIR_ARRAY))
		ok = both(ok, check_children(n, schema, p, &v));
	if (ok && get(n, schema, "$ref", &ref)) {
		if (ref.len > sizeof(pointer) || memchr(ref.ptr, '%', ref.len))
			return -1;
		pointer[0] = 0;
		if (ref.len) {
			memcpy(pointer, ref.ptr + 1, ref.len - 1);
			pointer[ref.len - 1] = 0;
		}
		if (strlen(pointer) + 1 < ref.len ||
		    weir_value_find(n->doc, (size_t)(n->doc_end - n->doc),
				    pointer, &target))
			return -1;
		ok = both(ok, check(n, target.raw, p));
	}
	return ok;
}

int
naive_check(const uint8_t *doc, size_t doc_len, const uint8_t *msg, size_t len)
{
	struct naive n = {doc, doc + doc_len, msg + len, 20000};

	return check(&n, doc, msg);
}
