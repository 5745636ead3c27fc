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

/* What this checker leaves alone. */
static int
is_beyond(const struct naive *n, const uint8_t *schema)
{
	static const char *const kws[] = {
	    "$dynamicRef", "unevaluatedItems", "unevaluatedProperties",
	    "x-msgpack", "multipleOf"};

	for (size_t i = 0; i < sizeof(kws) / sizeof(*kws); i++)
		if (part(n, schema, kws[i]))
			return 1;
	return 0;
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
	if (ok && v.type == WEIR_ARRAY)
		ok = both(ok, check_array(n, schema, &v));
	if (ok && v.type == WEIR_MAP)
		ok = both(ok, check_object(n, schema, p, &v));
	if (ok)
		ok = both(ok, check_steps(n, schema, p));
	if (ok && is_beyond(n, schema))
		ok = -1;
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

	/* references then start somewhere else */
	for (const uint8_t *p = doc; p + 3 <= doc + doc_len; p++)
		if (!memcmp(p, "$id", 3))
			return -1;
	return check(&n, doc, msg);
}
