/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Compiling schemas: what is refused and with which words, what is not, and
 * how large and how odd schemas fare.
 */
#include "support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define J(...)	   #__VA_ARGS__
#define CNT(array) (sizeof(array) / sizeof((array)[0]))

static int
compile(const char *text, weir_diag *d)
{
	weir_schema *s = (void *)d;
	int ret, quiet;

	memset(d, 0, sizeof(*d));
	ret = weir_schema_compile(text, strlen(text), NULL, &s, d);
	CU_ASSERT_EQUAL(s == NULL, ret != 0);
	weir_schema_free(s);
	quiet = weir_schema_compile(text, strlen(text), NULL, &s, NULL);
	CU_ASSERT_EQUAL(quiet, ret);
	weir_schema_free(s);
	return ret;
}

struct row {
	const char *schema, *place, *keyword, *words;
};

static void
expect_refused(const struct row *row)
{
	weir_diag d;
	int ret = compile(row->schema, &d);

	if (ret != WEIR_EBADSCHEMA || strcmp(d.schema_pointer, row->place) ||
	    strcmp(d.keyword, row->keyword) || !strstr(d.message, row->words)) {
		t_log("%s\n  expected \"%s\" \"%s\" \"%s\"\n  got %d \"%s\" "
		      "\"%s\" \"%s\"\n",
		      row->schema, row->place, row->keyword, row->words, ret,
		      d.schema_pointer, d.keyword, d.message);
		CU_FAIL("refusal differs");
	}
	CU_ASSERT_EQUAL(d.code, ret);
}

static void
expect_accepted(const char *schema)
{
	weir_diag d;

	if (compile(schema, &d)) {
		t_log("%s\n  refused: %s\n", schema, d.message);
		CU_FAIL("refused");
	}
}

/* clang-format off */
static void
schema_values_of_the_wrong_shape_are_refused(void)
{
	static const struct row rows[] = {
		{"1", "#", "", "must be an object or a boolean"},
		{"null", "#", "", "must be an object or a boolean"},
		{"[]", "#", "", "must be an object or a boolean"},
		{J({"type": 1}), "#/type", "type", "string"},
		{J({"type": []}), "#/type", "type", "at least one"},
		{J({"type": ["null", 1]}), "#/type", "type", "strings"},
		{J({"type": "int"}), "#/type", "type", "\"int\" is none of"},
		{J({"type": ["null", "any"]}), "#/type", "type", "\"any\" is"},
		{J({"type": ["null", "null"]}), "#/type", "type", "twice"},
		{J({"properties": []}), "#/properties", "properties", "object"},
		{J({"properties": {"a": 1}}), "#/properties/a", "",
		 "must be an object or a boolean"},
		{J({"properties": {"a": {"properties": {"b": "c"}}}}),
		 "#/properties/a/properties/b", "", "must be an object"},
		{J({"required": "a"}), "#/required", "required", "array"},
		{J({"required": ["a", 1]}), "#/required", "required", "strings"},
		{J({"required": ["a", "b", "a"]}), "#/required", "required",
		 "\"a\" is named twice"},
		{J({"properties": {"a": {}}, "required": ["a", "a"]}),
		 "#/required", "required", "\"a\" is named twice"},
		{J({"additionalProperties": 1}), "#/additionalProperties", "",
		 "must be an object or a boolean"},
		{J({"items": []}), "#/items", "", "must be an object"},
		{J({"items": [{}]}), "#/items", "", "must be an object"},
		{J({"prefixItems": {}}), "#/prefixItems", "prefixItems",
		 "array of schemas"},
		{J({"prefixItems": []}), "#/prefixItems", "prefixItems",
		 "at least one"},
		{J({"prefixItems": [true, 1]}), "#/prefixItems/1", "",
		 "must be an object"},
		{J({"enum": {}}), "#/enum", "enum", "array"},
		{J({"enum": "a"}), "#/enum", "enum", "array"},
		{J({"minimum": "x"}), "#/minimum", "minimum", "number"},
		{J({"maximum": null}), "#/maximum", "maximum", "number"},
		{J({"exclusiveMinimum": true}), "#/exclusiveMinimum",
		 "exclusiveMinimum", "number"},
		{J({"exclusiveMaximum": []}), "#/exclusiveMaximum",
		 "exclusiveMaximum", "number"},
		{J({"minLength": -1}), "#/minLength", "minLength", "0 or above"},
		{J({"minLength": 1.5}), "#/minLength", "minLength", "integer"},
		{J({"maxLength": "1"}), "#/maxLength", "maxLength", "integer"},
		{J({"maxLength": -1.0}), "#/maxLength", "maxLength",
		 "0 or above"},
		{J({"minItems": -2}), "#/minItems", "minItems", "0 or above"},
		{J({"maxItems": 0.5}), "#/maxItems", "maxItems", "integer"},
		{J({"pattern": 1}), "#/pattern", "pattern", "string"},
		{J({"pattern": "("}), "#/pattern", "pattern", "not closed"},
		{J({"items": {"pattern": "(?<=a+)b"}}), "#/items/pattern",
		 "pattern", "lookbehind"},
		{J({"$defs": []}), "#/$defs", "$defs", "object"},
		{J({"$defs": {"a": {"type": 5}}}), "#/$defs/a/type", "type",
		 "string"},
		{J({"$ref": 1}), "#/$ref", "$ref", "string"},
		{J({"$schema": 1}), "#/$schema", "$schema", "string"},
		{J({"$id": 1}), "#/$id", "$id", "string"},
		{J({"title": 1}), "#/title", "title", "string"},
		{J({"description": []}), "#/description", "description",
		 "string"},
		{J({"examples": 1}), "#/examples", "examples", "array"},
		{J({"deprecated": 1}), "#/deprecated", "deprecated", "boolean"},
		{J({"format": null}), "#/format", "format", "string"},
		{J({"properties": {"a/b~": {"type": 5}}}),
		 "#/properties/a~1b~0/type", "type", "string"},
	};

	for (size_t i = 0; i < CNT(rows); i++)
		expect_refused(&rows[i]);
}

/* Everything else that 2020-12 defines: refused with its name and place. */
static void
schema_keywords_are_checked_wherever_they_stand(void)
{
	static const struct {
		const char *name, *bad, *words;
	} rows[] = {
		{"allOf", "[]", "at least one"},
		{"anyOf", "{}", "at least one"},
		{"oneOf", "[1]", "must be an object or a boolean"},
		{"not", "1", "must be an object or a boolean"},
		{"if", "[]", "must be an object or a boolean"},
		{"then", "null", "must be an object or a boolean"},
		{"else", "\"x\"", "must be an object or a boolean"},
		{"contains", "[]", "must be an object or a boolean"},
		{"minContains", "-1", "0 or above"},
		{"maxContains", "1.5", "0 or above"},
		{"uniqueItems", "1", "boolean"},
		{"multipleOf", "0", "above 0"},
		{"multipleOf", "-2", "above 0"},
		{"minProperties", "\"1\"", "0 or above"},
		{"maxProperties", "-1", "0 or above"},
		{"patternProperties", "[]", "object of schemas"},
		{"patternProperties", "{\"(\":{}}", ""},
		{"propertyNames", "1", "must be an object or a boolean"},
		{"dependentRequired", "{\"a\":1}", "arrays of strings"},
		{"dependentRequired", "{\"a\":[1]}", "arrays of strings"},
		{"dependentSchemas", "[]", "object of schemas"},
		{"unevaluatedItems", "1", "must be an object or a boolean"},
		{"unevaluatedProperties", "1",
		 "must be an object or a boolean"},
		{"$anchor", "1", "string"},
		{"$anchor", "\"1a\"", "letter"},
		{"$dynamicAnchor", "\"\"", "letter"},
		{"$dynamicRef", "1", "string"},
		{"$dynamicRef", "\"#x\"", "no such anchor"},
		{"$vocabulary", "{\"x\":1}", "booleans"},
		{"x-msgpack", "\"int\"", "bin, ext, timestamp"},
	};
	char schema[160], place[80];

	for (size_t i = 0; i < CNT(rows); i++) {
		const char *name = rows[i].name;
		int whole = !strstr(rows[i].words, "object or a boolean") ||
			    !strcmp(name, "oneOf");
		struct row row = {schema, place, whole ? name : "",
				  rows[i].words};

		if (!strcmp(name, "oneOf"))
			row.keyword = "";
		sprintf(schema, "{\"type\":\"object\",\"%s\":%s}", name,
			rows[i].bad);
		sprintf(place, "#/%s%s", name,
			!strcmp(name, "oneOf") ? "/0" : "");
		expect_refused(&row);
		/* also where nothing leads: nothing is skipped in silence */
		sprintf(schema, "{\"$defs\":{\"x\":{\"%s\":%s}}}", name,
			rows[i].bad);
		sprintf(place, "#/$defs/x/%s%s", name,
			!strcmp(name, "oneOf") ? "/0" : "");
		expect_refused(&row);
		/* but not where it is no keyword */
		sprintf(schema, "{\"properties\":{\"%s\":{}},\"const\":"
				"{\"%s\":1},\"required\":[\"%s\"]}",
			name, name, name);
		expect_accepted(schema);
	}
}

static void
schema_dialects_other_than_2020_12_are_refused(void)
{
	static const struct row rows[] = {
		{J({"$schema": "http://json-schema.org/draft-07/schema#"}),
		 "#/$schema", "$schema", "draft-07"},
		{J({"$schema": "https://json-schema.org/draft/2019-09/schema"}),
		 "#/$schema", "$schema",
		 "only https://json-schema.org/draft/2020-12/schema, or"},
		{J({"$schema": ""}), "#/$schema", "$schema", "only"},
		{J({"items": {"$schema": "x"}}), "#/items/$schema", "$schema",
		 "root only"},
		{J({"$schema": "https://json-schema.org/draft/2020-12/schema##"}),
		 "#/$schema", "$schema", "only"},
		{J({"items": {"$id": "x"}, "contains": {"$id": "x"}}),
		 "#/items/$id", "$id", "another schema"},
		{J({"items": {"$anchor": "x"}, "contains": {"$anchor": "x"}}),
		 "#/items/$anchor", "$anchor", "twice"},
		{J({"$id": "http://x/#y"}), "#/$id", "$id", "fragment"},
	};

	for (size_t i = 0; i < CNT(rows); i++)
		expect_refused(&rows[i]);
	expect_accepted(
		J({"$schema": "https://json-schema.org/draft/2020-12/schema"}));
	expect_accepted(
		J({"$schema": "https://json-schema.org/draft/2020-12/schema#"}));
	expect_accepted(J({"$id": "https://example.org/s"}));
}

static void
schema_refs_that_lead_nowhere_are_refused(void)
{
	static const struct row rows[] = {
		{J({"$ref": "#/$defs/x"}), "#/$ref", "$ref", "nothing is there"},
		{J({"$ref": "#/$defs/x", "$defs": {"y": {}}}), "#/$ref", "$ref",
		 "nothing is there"},
		{J({"$ref": "#/prefixItems/1", "prefixItems": [{}]}), "#/$ref",
		 "$ref", "nothing is there"},
		{J({"$ref": "#/prefixItems/00", "prefixItems": [{}]}), "#/$ref",
		 "$ref", "nothing is there"},
		{J({"$ref": "#/prefixItems/-", "prefixItems": [{}]}), "#/$ref",
		 "$ref", "nothing is there"},
		{J({"$ref": "#/title/x", "title": "t"}), "#/$ref", "$ref",
		 "nothing is there"},
		{J({"$ref": "#/$defs/", "$defs": {"y": {}}}), "#/$ref", "$ref",
		 "nothing is there"},
		{J({"$ref": "#here"}), "#/$ref", "$ref", "no such anchor"},
		{J({"$ref": "other.json"}), "#/$ref", "$ref",
		 "no such document"},
		{J({"$ref": "https://example.org/s#/x"}), "#/$ref", "$ref",
		 "no such document"},
		{J({"$ref": "#/%4"}), "#/$ref", "$ref", "hex digits"},
		{J({"$ref": "#/%zz"}), "#/$ref", "$ref", "hex digits"},
		{J({"$ref": "#/a~2"}), "#/$ref", "$ref", "followed by 0 or 1"},
		{J({"$ref": "#/a~"}), "#/$ref", "$ref", "followed by 0 or 1"},
		{J({"$ref": "#/title", "title": "t"}), "#/$ref", "$ref",
		 "no schema"},
		{J({"items": {"$ref": "#/x"}}), "#/items/$ref", "$ref",
		 "nothing is there"},
	};

	for (size_t i = 0; i < CNT(rows); i++)
		expect_refused(&rows[i]);
}

static void
schema_refs_that_consume_nothing_are_refused(void)
{
	static const struct row rows[] = {
		{J({"$ref": "#"}), "#/$ref", "$ref", "leads back here"},
		{J({"$ref": ""}), "#/$ref", "$ref", "leads back here"},
		{J({"type": "object", "$ref": "#"}), "#/$ref", "$ref",
		 "leads back here"},
		{J({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"},
		    "b": {"$ref": "#/$defs/a"}}}),
		 "#/$defs/a/$ref", "$ref", "leads back here"},
		{J({"$defs": {"a": {"$ref": "#/$defs/b", "type": "null"},
		    "b": {"minimum": 1, "$ref": "#/$defs/c"},
		    "c": {"$ref": "#/$defs/a"}}}),
		 "#/$defs/a/$ref", "$ref", "leads back here"},
	};

	for (size_t i = 0; i < CNT(rows); i++)
		expect_refused(&rows[i]);
	expect_accepted(J({"items": {"$ref": "#"}}));
	expect_accepted(J({"properties": {"a": {"$ref": "#"}}}));
	expect_accepted(J({"additionalProperties": {"$ref": "#"},
			   "prefixItems": [{"$ref": "#"}]}));
	/* two ways to one place are no circle */
	expect_accepted(J({"$ref": "#/$defs/a", "items": {"$ref": "#/$defs/b"},
		"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "array"}}}));
}
/* clang-format on */

static void
schema_text_that_is_no_json_is_ejson(void)
{
	weir_schema *s;
	weir_diag d;

	CU_ASSERT_EQUAL(compile("{\n  \"type\": }", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(d.code, WEIR_EJSON);
	CU_ASSERT_EQUAL(d.line, 2);
	CU_ASSERT_EQUAL(d.column, 11);
	CU_ASSERT_EQUAL(compile("", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(compile("{\"a\":1,\"a\":2}", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(compile("{\"maximum\":1e400}", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(compile("{\"const\":\"\\ud800\"}", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(compile("{\"const\":\"\xff\"}", &d), WEIR_EJSON);
	CU_ASSERT_EQUAL(weir_schema_compile("{}\0", 3, NULL, &s, &d),
			WEIR_EJSON);
	CU_ASSERT_PTR_NULL(s);
}

static void
schema_arguments_are_looked_at(void)
{
	weir_schema_opts opts = {.size = sizeof(opts)};
	weir_schema *s = NULL;
	weir_diag d;

	CU_ASSERT_EQUAL(weir_schema_compile(NULL, 0, NULL, &s, &d), -EINVAL);
	CU_ASSERT_EQUAL(d.code, -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_compile("{}", 2, NULL, NULL, &d), -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_compile("{}", 2, &opts, &s, NULL), 0);
	weir_schema_free(s);
	opts.flags = WEIR_LOCATIONS << 1;
	CU_ASSERT_EQUAL(weir_schema_compile("{}", 2, &opts, &s, &d), -EINVAL);
	CU_ASSERT_PTR_NULL(s);
	opts.flags = 0;
	opts.ref_cnt = 1;
	CU_ASSERT_EQUAL(weir_schema_compile("{}", 2, &opts, &s, &d), -EINVAL);
	CU_ASSERT_PTR_NULL(s);
	opts.ref_cnt = 0;
	opts.size = 1;
	CU_ASSERT_EQUAL(weir_schema_compile("{}", 2, &opts, &s, &d), -EINVAL);
	CU_ASSERT_PTR_NULL(s);
}

/* The text may go as soon as it is compiled. */
static void
schema_text_is_not_kept(void)
{
	char text[] = "{\"properties\":{\"a long name\":{\"enum\":[\"a long "
		      "value\"],\"pattern\":\"lo.g\"}}}";
	weir_schema *s;
	weir_diag d = {0};

	CU_ASSERT_EQUAL_FATAL(
	    weir_schema_compile(text, strlen(text), NULL, &s, &d), 0);
	memset(text, 'x', sizeof(text));
	CU_ASSERT_EQUAL(weir_schema_check(s,
					  "\x81\xab"
					  "a long name\xac"
					  "a long value",
					  26, &d),
			0);
	CU_ASSERT_EQUAL(weir_schema_check(s,
					  "\x81\xab"
					  "a long name\xac"
					  "a long walue",
					  26, &d),
			WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(d.schema_pointer,
			       "#/properties/a long name/enum");
	weir_schema_free(s);
}

/* ---- large ones -------------------------------------------------------- */

/* A text that is put together from @cnt pieces made by format @fmt with a
 * number, between @head and @tail. */
static char *
large(const char *head, const char *fmt, int cnt, const char *tail)
{
	char *text = malloc(strlen(head) + strlen(tail) +
			    (size_t)cnt * (strlen(fmt) + 32) + 1);
	size_t n = (size_t)sprintf(text, "%s", head);

	for (int i = 0; i < cnt; i++) {
		if (i)
			text[n++] = ',';
		n += (size_t)sprintf(text + n, fmt, i, i, i);
	}
	sprintf(text + n, "%s", tail);
	return text;
}

static int
compile_large(const char *head, const char *fmt, int cnt, const char *tail,
	      weir_diag *d)
{
	char *text = large(head, fmt, cnt, tail);
	weir_schema *s = NULL;
	int ret = weir_schema_compile(text, strlen(text), NULL, &s, d);

	weir_schema_free(s);
	free(text);
	return ret;
}

/* None of these is quadratic: the whole test takes a moment. */
static void
schema_long_lists_compile(void)
{
	static const struct {
		const char *head, *fmt, *tail;
	} rows[] = {
	    {"{\"enum\":[", "\"value %d\"", "]}"},
	    {"{\"enum\":[", "[%d]", "]}"},
	    {"{\"required\":[", "\"name %d\"", "]}"},
	    {"{\"properties\":{", "\"name %d\":{\"type\":\"null\"}", "}}"},
	    {"{\"prefixItems\":[", "{\"const\":%d}", "]}"},
	    {"{\"$ref\":\"#/$defs/d0\",\"$defs\":{\"d-1\":{},",
	     "\"d%d\":{\"items\":{\"$ref\":\"#/$defs/d%d\"}}", "}}"},
	    {"{\"properties\":{", "\"p%d\":{\"$ref\":\"#/properties/p0/x\"}",
	     ",\"p0x\":{}}}"},
	};
	weir_diag d = {0};

	for (size_t i = 0; i < CNT(rows); i++) {
		int ret = compile_large(rows[i].head, rows[i].fmt, 50000,
					rows[i].tail, &d);

		CU_ASSERT_EQUAL(ret, i == 6 ? WEIR_EBADSCHEMA : 0);
	}
}

/* A chain of $refs, each of them first seen before its goal is known. */
static void
schema_long_chains_of_refs_compile(void)
{
	enum { LEN = 20000 };
	char *text = malloc(64 * (size_t)LEN);
	weir_schema *s = NULL;
	weir_diag d = {0};
	size_t n;

	n = (size_t)sprintf(text,
			    "{\"items\":{\"$ref\":\"#/$defs/0\"},\"$defs\":{");
	for (int i = 0; i < LEN; i++)
		n += (size_t)sprintf(
		    text + n, "\"%d\":{\"$ref\":\"#/$defs/%d\"},", i, i + 1);
	n += (size_t)sprintf(text + n, "\"%d\":{\"type\":\"null\"}}}", LEN);
	CU_ASSERT_EQUAL_FATAL(weir_schema_compile(text, n, NULL, &s, &d), 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x92\xc0\xc0", 3, &d), 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x92\xc0\x01", 3, &d),
			WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(d.schema_pointer, "#/$defs/20000/type");
	weir_schema_free(s);
	free(text);
}

static void
schema_nesting_is_limited(void)
{
	char text[2048];
	size_t n = 0;
	weir_diag d;

	for (int i = 0; i < 127; i++)
		n += (size_t)sprintf(text + n, "{\"items\":");
	n += (size_t)sprintf(text + n, "{}");
	for (int i = 0; i < 127; i++)
		text[n++] = '}';
	text[n] = 0;
	CU_ASSERT_EQUAL(compile(text, &d), 0);
	memmove(text + 9, text, n + 1);
	memcpy(text, "{\"items\":", 9);
	strcat(text, "}");
	CU_ASSERT_EQUAL(compile(text, &d), WEIR_EJSON);
}

static void
schema_limits_are_enforced(void)
{
	size_t len = ((size_t)16 << 20) + 1;
	char *text = malloc(len);
	weir_schema *s = NULL;
	weir_diag d = {0};

	memset(text, ' ', len);
	memcpy(text, "{}", 2);
	CU_ASSERT_EQUAL(weir_schema_compile(text, len, NULL, &s, &d),
			WEIR_EBADSCHEMA);
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "16777217"));
	CU_ASSERT_EQUAL(weir_schema_compile(text, len - 1, NULL, &s, &d), 0);
	weir_schema_free(s);

	memset(text, 'a', 20000);
	memcpy(text, "{\"pattern\":\"", 12);
	memcpy(text + 12 + 16384, "\"}", 2);
	CU_ASSERT_EQUAL(weir_schema_compile(text, 12 + 16384 + 2, NULL, &s, &d),
			0);
	weir_schema_free(s);
	memcpy(text + 12 + 16384, "a\"}", 3);
	CU_ASSERT_EQUAL(weir_schema_compile(text, 12 + 16384 + 3, NULL, &s, &d),
			WEIR_EBADSCHEMA);
	CU_ASSERT_STRING_EQUAL(d.keyword, "pattern");
	free(text);

	CU_ASSERT_EQUAL(compile_large("{\"prefixItems\":[",
				      "{\"pattern\":\"a%d\"}", 2048, "]}", &d),
			0);
	CU_ASSERT_EQUAL(compile_large("{\"prefixItems\":[",
				      "{\"pattern\":\"a%d\"}", 2049, "]}", &d),
			WEIR_EBADSCHEMA);
	CU_ASSERT_STRING_EQUAL(d.schema_pointer, "#/prefixItems/2048/pattern");
	/* the same one over and over is one */
	CU_ASSERT_EQUAL(compile_large("{\"prefixItems\":[",
				      "{\"pattern\":\"a\"}", 5000, "]}", &d),
			0);
}

SUITE("schema", TEST(schema_values_of_the_wrong_shape_are_refused),
      TEST(schema_keywords_are_checked_wherever_they_stand),
      TEST(schema_dialects_other_than_2020_12_are_refused),
      TEST(schema_refs_that_lead_nowhere_are_refused),
      TEST(schema_refs_that_consume_nothing_are_refused),
      TEST(schema_text_that_is_no_json_is_ejson),
      TEST(schema_arguments_are_looked_at), TEST(schema_text_is_not_kept),
      TEST(schema_long_lists_compile), TEST(schema_long_chains_of_refs_compile),
      TEST(schema_nesting_is_limited), TEST(schema_limits_are_enforced));
