/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/report.h"

#include <stdio.h>
#include <string.h>
#include <weir/record.h>

#include "base/compiler.h"
#include "base/diag.h"
#include "codec/json.h"
#include "codec/walk.h"
#include "schema/compile.h"
#include "schema/doc.h"
#include "schema/name.h"

#define TEXT_LEN 72   /* of one half of a message */
#define VAL_LEN	 56   /* of a value in it */
#define LONG_LEN 4096 /* values beyond this are counted, not shown */

/* Required names that are looked for at once, when one is missing. */
#define WINDOW 4096

struct text {
	char s[TEXT_LEN];
};

/* A value as JSON text, cut. */
static struct text
json_text(const uint8_t *p, const uint8_t *end)
{
	char buf[TEXT_LEN * 2];
	struct text t;

	if (weir_msgpack_to_json(p, (size_t)(end - p), buf, sizeof(buf)) < 0)
		buf[0] = 0;
	wi_copy(t.s, VAL_LEN, buf, strlen(buf));
	return t;
}

static struct text
counted(const char *what, uint32_t cnt, const char *one, const char *many)
{
	struct text t;

	snprintf(t.s, sizeof(t.s), "%s%u %s", what, cnt, cnt == 1 ? one : many);
	return t;
}

/* What stands at @p, as "string \"abc\"". */
static struct text
found(const uint8_t *p, const uint8_t *end)
{
	struct text t = {""}, val;
	const char *type = "";
	struct wi_head h;

	if (wi_head_read(p, end, &h))
		return t;
	switch (h.type) {
	case WEIR_ARRAY:
		return counted("array of ", h.len, "element", "elements");
	case WEIR_MAP:
		return counted("object of ", h.len, "member", "members");
	case WEIR_BIN:
		return counted("binary of ", h.len, "byte", "bytes");
	case WEIR_EXT:
		snprintf(t.s, sizeof(t.s), "extension of type %d", h.ext_type);
		return t;
	case WEIR_STR:
		type = "string ";
		wi_json_quote(val.s, VAL_LEN, h.ptr, h.len);
		break;
	case WEIR_FLOAT:
		if (!(h.d - h.d == 0)) {
			snprintf(t.s, sizeof(t.s), "%s",
				 h.d != h.d ? "NaN" : "Infinity");
			return t;
		}
		/* fall through */
	case WEIR_INT:
	case WEIR_UINT:
		type = "number ";
		/* fall through */
	default:
		val = json_text(p, h.next);
	}
	snprintf(t.s, sizeof(t.s), "%s%.55s", type, val.s);
	return t;
}

/* The value of keyword @kw of @node in the schema's document. */
static struct text
wanted(const struct weir_schema *s, const struct wi_node *node, unsigned kw)
{
	const uint8_t *p = s->doc + node->at, *end = s->doc + s->doc_len, *q;
	const char *name = wi_keyword_name(kw);
	struct wi_head map, h;
	struct text t = {""};

	if (wi_head_read(p, end, &map) || map.type != WEIR_MAP)
		return t;
	p = map.next;
	for (uint32_t i = 0; i < map.len; i++) {
		if (wi_head_read(p, end, &h))
			return t;
		p = h.next;
		q = wi_skip(p, end);
		if (!q)
			return t;
		if (h.len == strlen(name) && !memcmp(h.ptr, name, h.len)) {
			if (q - p <= LONG_LEN)
				return json_text(p, q);
			return found(p, end);
		}
		p = q;
	}
	return t;
}

/* "string or null" */
static struct text
type_names(unsigned types, bool is_time)
{
	const struct {
		unsigned bit;
		const char *name;
	} names[] = {
	    {WI_T(WEIR_FLOAT), "number"},
	    {WI_T(WEIR_UINT), "integer"},
	    {WI_T(WEIR_STR), "string"},
	    {WI_T(WEIR_BOOL), "boolean"},
	    {WI_T(WEIR_NIL), "null"},
	    {WI_T(WEIR_ARRAY), "array"},
	    {WI_T(WEIR_MAP), "object"},
	    {WI_T(WEIR_BIN), "binary"},
	    {WI_T(WEIR_EXT), is_time ? "timestamp" : "extension"},
	};
	struct text t = {""};
	size_t n = 0;

	if (types & WI_T(WEIR_FLOAT))
		types &= ~WI_T(WEIR_UINT);
	for (size_t i = 0; i < WI_CNT(names); i++)
		if (types & names[i].bit)
			n += (size_t)snprintf(t.s + n, sizeof(t.s) - n, "%s%s",
					      n ? " or " : "", names[i].name);
	return t;
}

/* The first required name that the object at @p lacks, among the first
 * WINDOW props. */
static struct text
missing(const struct wi_object *obj, const uint8_t *p, const uint8_t *end)
{
	uint64_t seen[WINDOW / 64] = {0};
	struct text t = {"a required member"};
	uint32_t guess = 0, i;
	struct wi_head h = {0};
	uint32_t left;

	if (wi_head_read(p, end, &h))
		return t;
	p = h.next;
	for (left = h.len; left && p; left--) {
		struct wi_name name;

		if (wi_head_read(p, end, &h))
			return t;
		name = wi_name_of(h.ptr, h.len);
		i = wi_prop_find(obj, &name, guess);
		guess = i + 1;
		if (i < WINDOW && i < obj->prop_cnt)
			seen[i / 64] |= 1ull << i % 64;
		p = wi_skip(h.next, end);
	}
	for (i = 0; i < obj->prop_cnt && i < WINDOW; i++) {
		if (!obj->props[i].required || seen[i / 64] >> i % 64 & 1)
			continue;
		wi_json_quote(t.s, sizeof(t.s), obj->props[i].name.ptr,
			      obj->props[i].name.len);
		break;
	}
	return t;
}

/* Which member asks for which other one? */
static void
explain_dependent(const struct wi_object *obj, const uint8_t *p,
		  const uint8_t *end, char *dst, size_t cap)
{
	struct text a, b;

	for (uint32_t i = 0; i < obj->dependent_cnt; i++) {
		const struct wi_dependent *d = &obj->dependents[i];

		if (!wi_name_in(&d->name, p, end))
			continue;
		for (uint32_t k = 0; k < d->cnt; k++) {
			if (wi_name_in(&d->names[k], p, end))
				continue;
			wi_json_quote(a.s, sizeof(a.s), d->name.ptr,
				      d->name.len);
			wi_json_quote(b.s, sizeof(b.s), d->names[k].ptr,
				      d->names[k].len);
			snprintf(dst, cap, "%s is there, so %s must be, too",
				 a.s, b.s);
			return;
		}
	}
}

static void explain(struct weir_schema *s, const struct wi_verdict *v,
		    const uint8_t *msg, const uint8_t *end, unsigned depth,
		    uint64_t *steps, char *dst, size_t cap);

/* Of the schemas of anyOf or oneOf none fits, or too many do: say how many,
 * and why not the one that went furthest.  The record has had its steps; what
 * is asked again here has as many, all in all. */
static void
explain_choice(struct weir_schema *s, const struct wi_verdict *v,
	       const uint8_t *msg, const uint8_t *end, unsigned depth,
	       uint64_t *steps, char *dst, size_t cap)
{
	const struct wi_step *st = v->node->steps;
	const uint8_t *stop = wi_skip(v->at, end);
	struct wi_verdict best = {NULL, NULL, 0, 0}, one;
	uint32_t fit = 0, which = 0;
	char place[64], all[256], why[130];

	while (st->keyword != v->keyword)
		st++;
	for (uint32_t i = 0; i < st->cnt && stop && *steps; i++) {
		if (wi_check_at(s, st->nodes[i], v->at, (size_t)(stop - v->at),
				steps, &one) == 0) {
			fit++;
		} else if (!best.node || one.at > best.at ||
			   (one.at == best.at && best.keyword == WI_KW_TYPE &&
			    one.keyword != WI_KW_TYPE)) {
			best = one;
			which = i + 1;
		}
	}
	if (fit) {
		snprintf(dst, cap,
			 "expected to fit exactly one of %u schemas, fits %u%s",
			 st->cnt, fit, *steps ? "" : " or more");
		return;
	}
	snprintf(dst, cap, "fits none of %u schemas", st->cnt);
	if (!best.node || !depth)
		return;
	wi_place(msg, (size_t)(end - msg), (size_t)(best.at - msg), "", NULL,
		 place, sizeof(place));
	explain(s, &best, msg, end, depth - 1, steps, all, sizeof(all));
	wi_copy(why, sizeof(why), all, strlen(all));
	snprintf(dst, cap,
		 "fits none of %u schemas; closest is number %u: %.63s: %.129s",
		 st->cnt, which, *place ? place : "the record", why);
}

/* What is said of the value at v->at; @depth: how many choices inside each
 * other are explained. */
static void
explain(struct weir_schema *s, const struct wi_verdict *v, const uint8_t *msg,
	const uint8_t *end, unsigned depth, uint64_t *steps, char *dst,
	size_t cap)
{
	static const struct {
		const char *before, *unit, *units;
	} plain[WI_KW_CNT] = {
	    [WI_KW_CONST] = {"", NULL, NULL},
	    [WI_KW_ENUM] = {"one of ", NULL, NULL},
	    [WI_KW_MINIMUM] = {"at least ", NULL, NULL},
	    [WI_KW_MAXIMUM] = {"at most ", NULL, NULL},
	    [WI_KW_EXCLUSIVE_MINIMUM] = {"more than ", NULL, NULL},
	    [WI_KW_EXCLUSIVE_MAXIMUM] = {"less than ", NULL, NULL},
	    [WI_KW_MIN_ITEMS] = {"at least ", " element", " elements"},
	    [WI_KW_MAX_ITEMS] = {"at most ", " element", " elements"},
	    [WI_KW_MIN_LENGTH] = {"at least ", " character", " characters"},
	    [WI_KW_MAX_LENGTH] = {"at most ", " character", " characters"},
	    [WI_KW_PATTERN] = {"a match of ", NULL, NULL},
	    [WI_KW_FORMAT] = {"the format ", NULL, NULL},
	    [WI_KW_MULTIPLE_OF] = {"a multiple of ", NULL, NULL},
	    [WI_KW_MIN_PROPERTIES] = {"at least ", " member", " members"},
	    [WI_KW_MAX_PROPERTIES] = {"at most ", " member", " members"},
	    [WI_KW_MIN_CONTAINS] = {"at least ", " element that fits",
				    " elements that fit"},
	    [WI_KW_MAX_CONTAINS] = {"at most ", " element that fits",
				    " elements that fit"},
	    [WI_KW_MSGPACK] = {"msgpack's ", NULL, NULL},
	};
	const struct wi_node *node = v->node;
	const char *unit;
	struct text want;

	switch (v->keyword) {
	case WI_KW_TYPE:
		snprintf(dst, cap, "expected %s, found %s",
			 type_names(node->types, node->is_time).s,
			 found(v->at, end).s);
		return;
	case WI_KW_REQUIRED:
		snprintf(dst, cap, "%s is missing",
			 missing(node->object, v->at, end).s);
		return;
	case WI_KW_ANY_OF:
	case WI_KW_ONE_OF:
		explain_choice(s, v, msg, end, depth, steps, dst, cap);
		return;
	case WI_KW_NOT:
		snprintf(dst, cap, "fits the schema that it must not fit");
		return;
	case WI_KW_CONTAINS:
		snprintf(dst, cap,
			 "expected at least one element that fits, found %s",
			 found(v->at, end).s);
		return;
	case WI_KW_UNIQUE_ITEMS:
		snprintf(dst, cap,
			 "expected elements that are all different, found %s "
			 "of which two are equal",
			 found(v->at, end).s);
		return;
	case WI_KW_DEPENDENT_REQUIRED:
		explain_dependent(node->object, v->at, end, dst, cap);
		return;
	case WI_KW_FALSE:
		snprintf(dst, cap, "nothing is allowed here, found %s",
			 found(v->at, end).s);
		return;
	case WI_KW_STEPS:
		snprintf(dst, cap,
			 "does not conform: checking it takes too many steps "
			 "($refs that multiply, or a pattern that backtracks)");
		return;
	default:
		break;
	}
	if (v->keyword >= WI_KW_CNT || !plain[v->keyword].before) {
		snprintf(dst, cap, "does not conform");
		return;
	}
	want = wanted(s, node, v->keyword);
	unit = plain[v->keyword].unit;
	if (unit && strcmp(want.s, "1") != 0)
		unit = plain[v->keyword].units;
	snprintf(dst, cap, "expected %s%s%s, found %s",
		 plain[v->keyword].before, want.s, unit ? unit : "",
		 found(v->at, end).s);
}

void
wi_explain(struct weir_schema *s, const struct wi_verdict *v,
	   const uint8_t *msg, const uint8_t *end, char *dst, size_t cap)
{
	uint64_t steps = wi_steps_for((size_t)(end - msg));

	explain(s, v, msg, end, 2, &steps, dst, cap);
}

int
wi_report(struct weir_schema *s, const uint8_t *msg, size_t len,
	  const struct wi_verdict *v, weir_diag *diag)
{
	char place[sizeof(diag->pointer)], why[256];
	unsigned kw = v->keyword;
	const char *name, *last;

	if (!diag)
		return WEIR_ESCHEMA;
	wi_place(msg, len, (size_t)(v->at - msg), "", NULL, place,
		 sizeof(place));
	wi_explain(s, v, msg, msg + len, why, sizeof(why));
	last = kw < WI_KW_CNT ? wi_keyword_name(kw) : NULL;
	/* a schema `false` fails for the keyword that holds it; one in $defs
	 * for what refers to it */
	if (kw == WI_KW_FALSE)
		kw = v->node->keyword;
	name = wi_keyword_name(kw == WI_KW_DEFS ? WI_KW_REF : kw);
	wi_fail(diag, WEIR_ESCHEMA, "%s: %s%s%s", *place ? place : "the record",
		name, *name ? ": " : "", why);
	diag->offset = (uint64_t)(v->at - msg);
	wi_copy(diag->pointer, sizeof(diag->pointer), place, strlen(place));
	wi_schema_place(s, v->node->at, last, diag->schema_pointer,
			sizeof(diag->schema_pointer));
	wi_copy(diag->keyword, sizeof(diag->keyword), name, strlen(name));
	return WEIR_ESCHEMA;
}
