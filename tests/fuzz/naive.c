/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz/naive.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>

#include "codec/json.h"
#include "codec/walk.h"

__extension__ typedef __int128 i128;

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

/* A finite number as digits * 10^exp, in the fewest digits that mean it. */
static void
decimal(const struct wi_head *h, i128 *digits, int *exp)
{
	char text[40], *e;

	*exp = 0;
	if (h->type != WEIR_FLOAT) {
		*digits = h->type == WEIR_INT ? (i128)h->i : (i128)h->u;
		return;
	}
	for (int cnt = 0; cnt < 17; cnt++) {
		snprintf(text, sizeof(text), "%.*e", cnt, h->d);
		if (strtod(text, NULL) == h->d)
			break;
	}
	e = strchr(text, 'e');
	*exp = atoi(e + 1);
	*digits = 0;
	for (const char *c = text; c < e; c++)
		if (*c >= '0' && *c <= '9')
			*digits = *digits * 10 + (*c - '0');
	if (strchr(text, '.'))
		*exp -= (int)(e - strchr(text, '.')) - 1;
}

static int
check_multiple(const struct wi_head *v, const struct wi_head *of)
{
	i128 a, b;
	int exp_a, exp_b;

	decimal(v, &a, &exp_a);
	decimal(of, &b, &exp_b);
	if (a == 0)
		return 1;
	for (; a % 10 == 0; exp_a++)
		a /= 10;
	for (; b % 10 == 0; exp_b++)
		b /= 10;
	if (exp_a - exp_b > 16 || exp_b - exp_a > 16)
		return -1;
	for (; exp_a > exp_b; exp_a--)
		a *= 10;
	for (; exp_b > exp_a; exp_b--)
		b *= 10;
	return a % b == 0;
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
	if (is_number(v) && get(n, schema, "multipleOf", &h))
		return check_multiple(v, &h);
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

/* How many of the schemas in the list @kw the value conforms to; *@open: of how
 * many there is no opinion.  -1: there is no such list. */
static int
count_fits(struct naive *n, const uint8_t *schema, const char *kw,
	   const uint8_t *p, int *cnt, int *open)
{
	const uint8_t *q;
	struct wi_head h;
	int fits = 0;

	*open = 0;
	if (!get(n, schema, kw, &h))
		return -1;
	*cnt = (int)h.len;
	for (q = h.next; h.len--; q = wi_skip(q, n->doc_end)) {
		int ok = check(n, q, p);

		fits += ok > 0;
		*open += ok < 0;
	}
	return fits;
}

static const uint8_t *
part(const struct naive *n, const uint8_t *schema, const char *kw)
{
	return member(schema, n->doc_end, (const uint8_t *)kw, strlen(kw));
}

/* Schemas that the same value is handed to. */
static int
check_steps(struct naive *n, const uint8_t *schema, const uint8_t *p)
{
	const uint8_t *q;
	int cnt, open, fits, ok = 1, one;

	fits = count_fits(n, schema, "allOf", p, &cnt, &open);
	if (fits >= 0)
		ok = both(ok, fits == cnt ? 1 : fits + open == cnt ? -1 : 0);
	fits = count_fits(n, schema, "anyOf", p, &cnt, &open);
	if (fits >= 0)
		ok = both(ok, fits ? 1 : open ? -1 : 0);
	fits = count_fits(n, schema, "oneOf", p, &cnt, &open);
	if (fits >= 0)
		ok = both(ok, open ? -1 : fits == 1);
	q = part(n, schema, "not");
	if (q) {
		one = check(n, q, p);
		ok = both(ok, one < 0 ? -1 : !one);
	}
	q = part(n, schema, "if");
	if (q) {
		one = check(n, q, p);
		q = part(n, schema, one ? "then" : "else");
		if (one < 0)
			ok = both(ok, -1);
		else if (q)
			ok = both(ok, check(n, q, p));
	}
	return ok;
}

static int
check_array(struct naive *n, const uint8_t *schema, const struct wi_head *v)
{
	const uint8_t *contains = part(n, schema, "contains");
	const uint8_t *p = v->next, *q;
	int fits = 0, open = 0, unique, ok = 1;
	long double min = 1, max = 1e30L;
	struct wi_head h;

	unique = get(n, schema, "uniqueItems", &h) && h.u;
	for (uint32_t i = 0; i < v->len; i++, p = wi_skip(p, n->msg_end)) {
		if (contains) {
			int one = check(n, contains, p);

			fits += one > 0;
			open += one < 0;
		}
		q = wi_skip(p, n->msg_end);
		for (uint32_t k = i + 1; unique && k < v->len; k++) {
			const uint8_t *e = wi_skip(q, n->msg_end);

			if (--n->work < 0)
				return -1;
			if (wi_value_equal(p, wi_skip(p, n->msg_end), q, e))
				return 0;
			q = e;
		}
	}
	if (!contains)
		return ok;
	if (get(n, schema, "minContains", &h))
		min = number(&h);
	if (get(n, schema, "maxContains", &h))
		max = number(&h);
	return open ? -1 : fits >= min && fits <= max;
}

static int
check_object(struct naive *n, const uint8_t *schema, const uint8_t *at,
	     const struct wi_head *v)
{
	const uint8_t *names = part(n, schema, "propertyNames"), *p = v->next;
	struct wi_head h, key, list, name;
	int ok = 1;

	if (get(n, schema, "minProperties", &h) && v->len < number(&h))
		return 0;
	if (get(n, schema, "maxProperties", &h) && v->len > number(&h))
		return 0;
	for (uint32_t i = 0; names && i < v->len; i++) {
		wi_head_read(p, n->msg_end, &key);
		ok = both(ok, check(n, names, p));
		p = wi_skip(key.next, n->msg_end);
	}
	if (get(n, schema, "dependentRequired", &h)) {
		const uint8_t *q = h.next;

		for (; h.len--; q = wi_skip(key.next, n->doc_end)) {
			wi_head_read(q, n->doc_end, &key);
			if (!member(at, n->msg_end, key.ptr, key.len))
				continue;
			wi_head_read(key.next, n->doc_end, &list);
			for (p = list.next; list.len--; p = name.next) {
				wi_head_read(p, n->doc_end, &name);
				if (!member(at, n->msg_end, name.ptr, name.len))
					return 0;
			}
		}
	}
	if (get(n, schema, "dependentSchemas", &h)) {
		const uint8_t *q = h.next;

		for (; h.len--; q = wi_skip(key.next, n->doc_end)) {
			wi_head_read(q, n->doc_end, &key);
			if (member(at, n->msg_end, key.ptr, key.len))
				ok = both(ok, check(n, key.next, at));
		}
	}
	if (v->len && get(n, schema, "patternProperties", &h) && h.len)
		ok = both(ok, -1);
	return ok;
}

/* ---- references
 * ---------------------------------------------------------------- */

/* The one schema whose anchor has this name; NULL: there are more that could
 * be it. */
static const uint8_t *
anchored(const struct naive *n, const uint8_t *name, size_t len)
{
	static const char *const kws[] = {"$anchor", "$dynamicAnchor"};
	const uint8_t *found = NULL;
	struct wi_head h, value;

	/* any byte could be where an object begins */
	for (const uint8_t *p = n->doc; p < n->doc_end; p++) {
		if (wi_head_read(p, n->doc_end, &h) || h.type != WEIR_MAP ||
		    !wi_skip(p, n->doc_end))
			continue;
		for (int i = 0; i < 2; i++) {
			if (!get(n, p, kws[i], &value) ||
			    value.type != WEIR_STR || value.len != len ||
			    memcmp(value.ptr, name, len) != 0)
				continue;
			if (found)
				return NULL;
			found = p;
		}
	}
	return found;
}

/* Where the reference @kw of @schema leads; NULL: no opinion. */
static const uint8_t *
target_of(const struct naive *n, const struct wi_head *ref)
{
	char pointer[512];
	weir_value v;

	if (ref->len == 0)
		return n->doc;
	if (ref->ptr[0] != '#' || ref->len > sizeof(pointer) ||
	    memchr(ref->ptr, '%', ref->len) || memchr(ref->ptr, 0, ref->len))
		return NULL;
	if (ref->len > 1 && ref->ptr[1] != '/')
		return anchored(n, ref->ptr + 1, ref->len - 1);
	memcpy(pointer, ref->ptr + 1, ref->len - 1);
	pointer[ref->len - 1] = 0;
	return weir_value_find(n->doc, (size_t)(n->doc_end - n->doc), pointer,
			       &v)
		   ? NULL
		   : v.raw;
}

/* With one document that has no $id, both kinds lead to the same place. */
static const char *const reference_kws[] = {"$ref", "$dynamicRef"};

static int
check_references(struct naive *n, const uint8_t *schema, const uint8_t *p)
{
	struct wi_head ref;
	int ok = 1;

	for (int i = 0; i < 2; i++) {
		const uint8_t *to;

		if (!get(n, schema, reference_kws[i], &ref))
			continue;
		to = target_of(n, &ref);
		ok = both(ok, to ? check(n, to, p) : -1);
	}
	return ok;
}

/* ---- what is evaluated
 * --------------------------------------------------------- */

#define EVALUATED_MAX 64

/* Which of the elements or members of the value at @p @schema has evaluated,
 * given that the value passes it.  Return: a bit for each; *@sure is made
 * false if there is no opinion. */
static uint64_t evaluated(struct naive *n, const uint8_t *schema,
			  const uint8_t *p, bool with_rest, bool *sure);

/* By a schema for the same value, if that passes it. */
static uint64_t
evaluated_by(struct naive *n, const uint8_t *schema, const uint8_t *p,
	     bool *sure)
{
	int ok = check(n, schema, p);

	if (ok < 0)
		*sure = false;
	return ok > 0 ? evaluated(n, schema, p, true, sure) : 0;
}

static uint64_t
evaluated_by_list(struct naive *n, const uint8_t *schema, const char *kw,
		  const uint8_t *p, bool *sure)
{
	const uint8_t *q;
	uint64_t set = 0;
	struct wi_head h;

	if (!get(n, schema, kw, &h))
		return 0;
	for (q = h.next; h.len--; q = wi_skip(q, n->doc_end))
		set |= evaluated_by(n, q, p, sure);
	return set;
}

static uint64_t
evaluated_by_steps(struct naive *n, const uint8_t *schema, const uint8_t *p,
		   bool *sure)
{
	uint64_t set = evaluated_by_list(n, schema, "allOf", p, sure) |
		       evaluated_by_list(n, schema, "anyOf", p, sure) |
		       evaluated_by_list(n, schema, "oneOf", p, sure);
	const uint8_t *q = part(n, schema, "if"), *to;
	struct wi_head h, key;

	if (q) {
		int one = check(n, q, p);

		set |= evaluated_by(n, q, p, sure);
		q = part(n, schema, one ? "then" : "else");
		if (q)
			set |= evaluated_by(n, q, p, sure);
	}
	for (int i = 0; i < 2; i++) {
		if (!get(n, schema, reference_kws[i], &h))
			continue;
		to = target_of(n, &h);
		if (to)
			set |= evaluated_by(n, to, p, sure);
		else
			*sure = false;
	}
	if (get(n, schema, "dependentSchemas", &h))
		for (q = h.next; h.len--; q = wi_skip(key.next, n->doc_end)) {
			wi_head_read(q, n->doc_end, &key);
			if (member(p, n->msg_end, key.ptr, key.len))
				set |= evaluated_by(n, key.next, p, sure);
		}
	return set;
}

static uint64_t
evaluated(struct naive *n, const uint8_t *schema, const uint8_t *p,
	  bool with_rest, bool *sure)
{
	const uint8_t *contains, *props;
	uint64_t set = 0, all;
	struct wi_head s, v, list, key;

	wi_head_read(schema, n->doc_end, &s);
	wi_head_read(p, n->msg_end, &v);
	if (s.type == WEIR_BOOL || (v.type != WEIR_ARRAY && v.type != WEIR_MAP))
		return 0;
	if (v.len > EVALUATED_MAX || --n->work < 0) {
		*sure = false;
		return 0;
	}
	all = v.len ? UINT64_MAX >> (64 - v.len) : 0;
	set = evaluated_by_steps(n, schema, p, sure);
	if (part(n, schema,
		 v.type == WEIR_MAP ? "additionalProperties" : "items") ||
	    (with_rest && part(n, schema,
			       v.type == WEIR_MAP ? "unevaluatedProperties"
						  : "unevaluatedItems")))
		return all;
	if (!get(n, schema, "prefixItems", &list))
		list.len = 0;
	contains = part(n, schema, "contains");
	props = part(n, schema, "properties");
	p = v.next;
	for (uint32_t i = 0; i < v.len; i++) {
		bool hit = i < list.len;

		if (v.type == WEIR_MAP) {
			wi_head_read(p, n->msg_end, &key);
			p = key.next;
			hit = props &&
			      member(props, n->doc_end, key.ptr, key.len);
		} else if (contains) {
			int one = check(n, contains, p);

			hit |= one > 0;
			*sure &= one >= 0;
		}
		set |= (uint64_t)hit << i;
		p = wi_skip(p, n->msg_end);
	}
	return set;
}

static int
check_rest(struct naive *n, const uint8_t *schema, const uint8_t *p,
	   const struct wi_head *v)
{
	const uint8_t *rest = part(n, schema,
				   v->type == WEIR_MAP ? "unevaluatedProperties"
						       : "unevaluatedItems");
	bool sure = true;
	uint64_t set;
	struct wi_head key;
	int ok = 1;

	if (!rest || !v->len)
		return 1;
	set = evaluated(n, schema, p, false, &sure);
	if (!sure)
		return -1;
	p = v->next;
	for (uint32_t i = 0; i < v->len && ok; i++) {
		if (v->type == WEIR_MAP) {
			wi_head_read(p, n->msg_end, &key);
			p = key.next;
		}
		if (!(set >> i & 1))
			ok = both(ok, check(n, rest, p));
		p = wi_skip(p, n->msg_end);
	}
	return ok;
}

static int
check(struct naive *n, const uint8_t *schema, const uint8_t *p)
{
	struct wi_head s, v;
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
	if (ok && v.type == WEIR_ARRAY)
		ok = both(ok, check_array(n, schema, &v));
	if (ok && v.type == WEIR_MAP)
		ok = both(ok, check_object(n, schema, p, &v));
	if (ok)
		ok = both(ok, check_steps(n, schema, p));
	if (ok)
		ok = both(ok, check_references(n, schema, p));
	/* only what passes has evaluated anything */
	if (ok > 0 && (v.type == WEIR_MAP || v.type == WEIR_ARRAY))
		ok = check_rest(n, schema, p, &v);
	return ok && part(n, schema, "x-msgpack") ? -1 : ok;
}

int
naive_check(const uint8_t *doc, size_t doc_len, const uint8_t *msg, size_t len)
{
	struct naive n = {doc, doc + doc_len, msg + len, 20000};

	/* references then start somewhere else */
	for (const uint8_t *p = doc; p + 3 <= doc + doc_len; p++)
		if (!memcmp(p, "$id", 3))
			return -1;
	return check(&n, doc, msg);
}
