/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Schemas and records that are made to take long, or to take much memory:
 * what is refused, and what is let through.
 */
#include "support/harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define J(...) #__VA_ARGS__

/* JSON text that grows. */
struct text {
	char *s;
	size_t len, cap;
};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->cap - t->len < 8192) {
		t->cap = t->cap * 2 + 65536;
		t->s = realloc(t->s, t->cap);
		CU_ASSERT_PTR_NOT_NULL_FATAL(t->s);
	}
	va_start(ap, fmt);
	n = vsnprintf(t->s + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	CU_ASSERT_FATAL(n >= 0 && (size_t)n < t->cap - t->len);
	t->len += (size_t)n;
}

/* @cnt times @one with commas between, its number for each "@". */
static void
put_all(struct text *t, const char *before, int cnt, const char *one,
	const char *after)
{
	char buf[256];

	put(t, "%s", before);
	for (int i = 0; i < cnt; i++) {
		size_t n = 0;

		for (const char *p = one; *p; p++)
			if (*p == '@')
				n += (size_t)snprintf(buf + n, sizeof(buf) - n,
						      "%d", i);
			else
				buf[n++] = *p;
		put(t, "%s%.*s", i ? "," : "", (int)n, buf);
	}
	put(t, "%s", after);
}

static weir_schema *
compile(struct text *t, int expected, weir_diag *d)
{
	weir_schema *s = NULL;
	int ret;

	memset(d, 0, sizeof(*d));
	ret = weir_schema_compile(t->s, t->len, NULL, &s, d);
	if (ret != expected)
		t_log("got %d: %s\n", ret, d->message);
	CU_ASSERT_EQUAL(ret, expected);
	memset(t->s, 0, t->cap);
	free(t->s);
	memset(t, 0, sizeof(*t));
	return s;
}

static int
check(weir_schema *s, struct text *t, weir_diag *d)
{
	uint8_t *msg = malloc(3 * t->len + 16);
	int64_t n = weir_json_to_msgpack(t->s, t->len, msg, 3 * t->len + 16, d);
	int ret = 0;

	CU_ASSERT(n > 0 && s);
	memset(d, 0, sizeof(*d));
	if (n > 0 && s)
		ret = weir_schema_check(s, msg, (size_t)n, d);
	free(msg);
	free(t->s);
	memset(t, 0, sizeof(*t));
	return ret;
}

/* Telling apart n anchors n times for each of n schemas would take hours. */
static void
bounds_of_dynamic_anchors(void)
{
	struct text t = {0};
	weir_diag d;

	put_all(&t, "{\"$defs\":{", 1024, J("a@":{"$dynamicAnchor":"a@"}),
		"}}");
	weir_schema_free(compile(&t, 0, &d));
	put_all(&t, "{\"$defs\":{", 1025, J("a@":{"$dynamicAnchor":"a@"}),
		"}}");
	weir_schema_free(compile(&t, WEIR_EBADSCHEMA, &d));
	CU_ASSERT_STRING_EQUAL(d.keyword, "$dynamicAnchor");
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "one too many"));
}

/* Six resources that lead to each other: the order in which they are met
 * makes no difference. */
static void
bounds_of_scopes_count_sets_and_not_ways(void)
{
	struct text t = {0};
	weir_diag d;

	put(&t, "{\"$ref\":\"r0\",\"$defs\":{");
	for (int i = 0; i < 6; i++) {
		put(&t, "%s\"r%d\":{\"$id\":\"r%d\",\"$dynamicAnchor\":\"a%d\",",
		    i ? "," : "", i, i, i);
		put_all(&t, "\"properties\":{", 6, J("p@":{"$ref":"r@"}), "}}");
	}
	put(&t, "}}");
	weir_schema_free(compile(&t, 0, &d));
}

/* A large schema that is reached in 250 scopes. */
static void
bounds_of_what_is_compiled_again(void)
{
	struct text t = {0};
	weir_diag d;

	put_all(&t, "{\"allOf\":[", 250, J({"$ref":"r@"}), "],\"$defs\":{");
	put_all(&t, "", 250,
		J("r@":{"$id":"r@","$dynamicAnchor":"a@","$ref":"big"}), ",");
	put_all(&t, "\"big\":{\"$id\":\"big\",\"properties\":{", 10000,
		J("p@":{"minLength":1}), "}}}}");
	weir_schema_free(compile(&t, WEIR_EBADSCHEMA, &d));
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "so many ways"));
}

static void
bounds_of_uris(void)
{
	struct text t = {0};
	weir_diag d;

	/* one */
	put(&t, "{\"$id\":\"http://x/%04000d/\",\"$ref\":\"%0100d\"}", 1, 1);
	weir_schema_free(compile(&t, WEIR_EBADSCHEMA, &d));
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too long a URI"));
	/* all */
	put(&t, "{\"$id\":\"http://x/%04000d/\",", 1);
	put_all(&t, "\"$defs\":{\"t\":{\"$id\":\"t\"},", 9000,
		J("a@":{"$ref":"t"}), "}}");
	weir_schema_free(compile(&t, WEIR_EBADSCHEMA, &d));
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too long altogether"));
	CU_ASSERT_STRING_EQUAL(d.keyword, "$ref");
}

/* They all have the same URI, which is none. */
static void
bounds_of_ids_that_say_nothing(void)
{
	struct text t = {0};
	weir_diag d;

	put_all(&t, "{\"$defs\":{", 250000, J("a@":{"$id":"#"}), "}}");
	weir_schema_free(compile(&t, 0, &d));
}

/* Each name that the schema speaks of is looked for among all members. */
static void
bounds_of_dependents(void)
{
	static const char *const kinds[] = {
	    J("dependentRequired"), J("z@":["q"]),
	    J("dependentSchemas"), J("z@":{"minProperties":1})};
	struct text t = {0};
	weir_schema *s;
	weir_diag d;

	for (int i = 0; i < 4; i += 2) {
		put(&t, "{%s:{", kinds[i]);
		put_all(&t, "", 100000, kinds[i + 1], "}}");
		s = compile(&t, 0, &d);
		put_all(&t, "{", 50000, J("k@":1), "}");
		CU_ASSERT_EQUAL(check(s, &t, &d), WEIR_ESCHEMA);
		CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too many steps"));
		/* few members do not take as much */
		put_all(&t, "{", 10, J("k@":1), "}");
		CU_ASSERT_EQUAL(check(s, &t, &d), 0);
		weir_schema_free(s);
	}
}

/* Two that fit are found at once, the others take 2^40 steps each. */
static void
bounds_of_what_a_message_may_cost(void)
{
	struct text t = {0};
	weir_schema *s;
	weir_diag d;

	put_all(&t, "{\"oneOf\":[true,true,", 20, J({"$ref":"#/$defs/t0"}),
		"],\"$defs\":{");
	for (int i = 0; i < 40; i++)
		put(&t, "\"t%d\":{\"allOf\":[{\"$ref\":\"#/$defs/t%d\"},"
			"{\"$ref\":\"#/$defs/t%d\"}]},", i, i + 1, i + 1);
	put(&t, "\"t40\":{\"not\":{\"type\":\"null\"}}}}");
	s = compile(&t, 0, &d);
	put(&t, "1");
	CU_ASSERT_EQUAL(check(s, &t, &d), WEIR_ESCHEMA);
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "fits 2 or more"));
	weir_schema_free(s);
}

/* The one that is missing is the last of many that are looked for. */
static void
bounds_of_what_all_errors_may_cost(void)
{
	enum { CNT = 150000 };
	struct text t = {0};
	uint8_t *msg = malloc(CNT * 16);
	char buf[512];
	weir_schema *s;
	weir_diag d;
	int64_t n;

	put_all(&t, "{\"required\":[", CNT, J("k@"), "]}");
	s = compile(&t, 0, &d);
	put_all(&t, "{", CNT - 1, J("k@":1), "}");
	n = weir_json_to_msgpack(t.s, t.len, msg, CNT * 16, &d);
	CU_ASSERT_FATAL(n > 0 && s);
	CU_ASSERT(weir_schema_errors(s, msg, (size_t)n, 9, buf, sizeof(buf)) >
		  0);
	CU_ASSERT_PTR_NOT_NULL(strstr(buf, "/required"));
	weir_schema_free(s);
	free(msg);
	free(t.s);
}

static void
messages_do_not_end_within_a_character(void)
{
	static const char *const refused[] = {
	    "{\"$ref\":\"#/%s\"}", "{\"$ref\":\"#/x%s\"}",
	    "{\"type\":[\"%s\"]}", "{\"type\":[\"x%s\"]}",
	    "{\"pattern\":\"(%s\"}", "{\"pattern\":\"(x%s\"}"};
	struct text t = {0};
	char e[201];
	weir_diag d;

	for (int i = 0; i < 200; i++)
		e[i] = i % 2 ? '\xa9' : '\xc3';
	e[200] = 0;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const char *p = refused[i], *at = strchr(p, '%');

		put(&t, "%.*s%s%s", (int)(at - p), p, e, at + 2);
		weir_schema_free(compile(&t, WEIR_EBADSCHEMA, &d));
		p = strchr(d.message, '\xc3');
		CU_ASSERT_PTR_NOT_NULL_FATAL(p);
		for (; p; p = strchr(p + 1, '\xc3'))
			CU_ASSERT_EQUAL(p[1], '\xa9');
	}
}

SUITE("schema_bounds", TEST(bounds_of_dynamic_anchors),
      TEST(bounds_of_scopes_count_sets_and_not_ways),
      TEST(bounds_of_what_is_compiled_again), TEST(bounds_of_uris),
      TEST(bounds_of_ids_that_say_nothing), TEST(bounds_of_dependents),
      TEST(bounds_of_what_a_message_may_cost),
      TEST(bounds_of_what_all_errors_may_cost),
      TEST(messages_do_not_end_within_a_character));
