/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checking a record: msgpack that JSON cannot write, bytes that are not
 * msgpack, limits, and the words of a refusal.
 */
#include "support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define J(...)	 #__VA_ARGS__
#define BYTES(s) (s), sizeof(s) - 1

struct bytes {
	const char *msg;
	size_t len;
};

static weir_schema *
compile(const char *text)
{
	weir_diag d = {0};
	weir_schema *s = NULL;

	if (weir_schema_compile(text, strlen(text), NULL, &s, &d))
		t_log("%s\n  refused: %s\n", text, d.message);
	CU_ASSERT_FATAL(s != NULL);
	return s;
}

static int
check(const char *schema, const void *msg, size_t len, weir_diag *d)
{
	weir_schema *s = compile(schema);
	int ret;

	memset(d, 0, sizeof(*d));
	ret = weir_schema_check(s, msg, len, d);
	weir_schema_free(s);
	return ret;
}

static int
check_json(const char *schema, const char *json, weir_diag *d)
{
	size_t len = strlen(json);
	uint8_t *msg = malloc(3 * len);
	int64_t n = weir_json_to_msgpack(json, len, msg, 3 * len, NULL);
	int ret;

	CU_ASSERT_FATAL(n > 0);
	ret = check(schema, msg, (size_t)n, d);
	free(msg);
	return ret;
}

/* clang-format off */
static void
check_bin_ext_and_nan_have_no_json_type(void)
{
	static const struct bytes vals[] = {
		{BYTES("\xc4\x01x")},			/* bin */
		{BYTES("\xd4\x01x")},			/* ext */
		{BYTES("\xd6\xff\x00\x00\x00\x00")},	/* time stamp */
		{BYTES("\xca\x7f\xc0\x00\x00")},	/* NaN */
		{BYTES("\xca\x7f\x80\x00\x00")},	/* Infinity */
		{BYTES("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00")},
	};
	weir_diag d;

	for (size_t i = 0; i < sizeof(vals) / sizeof(vals[0]); i++) {
		const char *msg = vals[i].msg;
		size_t len = vals[i].len;

		CU_ASSERT_EQUAL(check(J({"type": ["null", "boolean", "integer",
			"number", "string", "array", "object"]}), msg, len, &d),
			WEIR_ESCHEMA);
		CU_ASSERT_STRING_EQUAL(d.keyword, "type");
		CU_ASSERT_EQUAL(check(J({"enum": [null, "x", 0]}), msg, len, &d),
				WEIR_ESCHEMA);
		CU_ASSERT_STRING_EQUAL(d.keyword, "enum");
		/* keywords for one type ask nothing of values of no type */
		CU_ASSERT_EQUAL(check(J({"minimum": 1, "maximum": 0,
			"minLength": 9, "pattern": "a", "minItems": 9,
			"required": ["a"]}), msg, len, &d), 0);
		CU_ASSERT_EQUAL(check("{}", msg, len, &d), 0);
	}
}

static void
check_numbers_are_the_same_in_every_width(void)
{
	static const struct bytes fives[] = {
		{BYTES("\x05")},
		{BYTES("\xcc\x05")},
		{BYTES("\xcd\x00\x05")},
		{BYTES("\xce\x00\x00\x00\x05")},
		{BYTES("\xcf\x00\x00\x00\x00\x00\x00\x00\x05")},
		{BYTES("\xd0\x05")},
		{BYTES("\xd3\x00\x00\x00\x00\x00\x00\x00\x05")},
		{BYTES("\xca\x40\xa0\x00\x00")},
		{BYTES("\xcb\x40\x14\x00\x00\x00\x00\x00\x00")},
	};
	weir_diag d;

	for (size_t i = 0; i < sizeof(fives) / sizeof(fives[0]); i++) {
		CU_ASSERT_EQUAL(check(J({"type": "integer", "const": 5,
			"enum": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
			"minimum": 5, "maximum": 5.0}),
			fives[i].msg, fives[i].len, &d), 0);
		CU_ASSERT_EQUAL(check(J({"const": 6}), fives[i].msg,
				      fives[i].len, &d), WEIR_ESCHEMA);
	}
}

/* Records of the kinds that are passed over at once, each with one fault. */
static void
check_usual_records_are_looked_at_all_the_same(void)
{
	static const struct {
		const char *schema;
		struct bytes msg;
		int want;
	} rows[] = {
		{J({"type": "object", "properties": {"a": {}},
		    "minProperties": 2}),
		 {BYTES("\x81\xa1" "a\x01")}, WEIR_ESCHEMA},
		{J({"type": "object", "properties": {"a": {}, "b": {}},
		    "maxProperties": 1}),
		 {BYTES("\x82\xa1" "a\x01\xa1" "b\x01")}, WEIR_ESCHEMA},
		{J({"type": "array", "items": {"type": "number"}}),
		 {BYTES("\x94\xcb\x3f\xf8\0\0\0\0\0\0"
			"\xcb\x3f\xf8\0\0\0\0\0\0"
			"\xcb\x7f\xf8\0\0\0\0\0\0"
			"\xcb\x3f\xf8\0\0\0\0\0\0")}, WEIR_ESCHEMA},
		{J({"type": "array", "items": {"type": "number"}}),
		 {BYTES("\x93\xcb\x3f\xf8\0\0\0\0\0\0"
			"\xca\x3f\xc0\0\0\xca\xff\x80\0\0")},
		 WEIR_ESCHEMA},
		{J({"type": "array", "items": {"type": "integer"}}),
		 {BYTES("\x93\xca\x40\xa0\0\0\xd1\xff\x01"
			"\xca\x40\xa8\0\0")}, WEIR_ESCHEMA},
		{J({"type": "array", "items": {"type": "integer"}}),
		 {BYTES("\x93\xca\x40\xa0\0\0\xd1\xff\x01\xd1\x7f\x01")}, 0},
		{J({"type": "array", "items": {"type": "integer"}}),
		 {BYTES("\x93\xcb\x40\x14\0\0\0\0\0\0"
			"\xcb\x3f\xf8\0\0\0\0\0\0"
			"\xcb\x40\x14\0\0\0\0\0\0")}, WEIR_ESCHEMA},
		{J({"type": "object", "properties": {"a": {"type": "string"}}}),
		 {BYTES("\x81\xa1" "a\xd9\x28" "abcdefghijklmnopqrstuvwxyz"
			"abcdefghijklm\xff")}, WEIR_EMSGPACK},
		{J({"type": "object", "properties": {"a": {"type": "string"}}}),
		 {BYTES("\x81\xa1" "a\xd9\x28" "abcdefghijklmnopqrstuvwxyz"
			"abcdefghijklmn")}, 0},
		/* names that differ in their last byte */
		{J({"properties": {"seventeen-bytes17": {}}, "additionalProperties":
		    false}),
		 {BYTES("\x81\xb1" "seventeen-bytes18\xc0")}, WEIR_ESCHEMA},
		{J({"properties": {"seventeen-bytes17": {}}, "additionalProperties":
		    false}),
		 {BYTES("\x81\xb1" "seventeen-bytes17\xc0")}, 0},
		/* the same name, once in a longer form */
		{J({"type": "object", "properties": {"a": {"type": "null"}}}),
		 {BYTES("\x82\xa1" "a\xc0\xd9\x01" "a\xc0")}, WEIR_EMSGPACK},
		{J({"type": "object", "properties": {"a": {"type": "null"},
		    "a-name-of-more-than-thirty-one-bytes": {"const": 1}}}),
		 {BYTES("\x82\xd9\x24" "a-name-of-more-than-thirty-one-bytes"
			"\x01\xda\0\x01" "a\xc0")}, 0},
	};
	weir_diag d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(check(rows[i].schema, rows[i].msg.msg,
				      rows[i].msg.len, &d), rows[i].want);
}

/* Wherever the schema is strict and wherever it is not, bytes that are not
 * well-formed are refused as that. */
static void
check_bytes_that_are_malformed_are_emsgpack(void)
{
	static const struct bytes bad[] = {
		{BYTES("")},
		{BYTES("\xc1")},			 /* reserved */
		{BYTES("\x82\xa1" "a\x01")},		 /* too short */
		{BYTES("\x81\xa1" "a\x01\x01")},	 /* something behind */
		{BYTES("\x81\xa1" "a\xa1\xff")},	 /* UTF-8 of a value */
		{BYTES("\x92\x01\xa1\xff")},		 /* of an element */
		{BYTES("\x81\xa1\xff\x01")},		 /* UTF-8 of a name */
		{BYTES("\x81\x01\x01")},		 /* a name that is none */
		{BYTES("\x82\xa1" "a\x01\xa1" "a\x01")}, /* a name twice */
		{BYTES("\x82\xa1" "z\x01\xa1" "z\x01")},
		{BYTES("\x81\xa1" "a\x82\xa1" "z\x01\xa1" "z\x01")},
		{BYTES("\x81\xa1" "a\xd9\x05x")},	 /* length past the end */
		{BYTES("\xdd\xff\xff\xff\xff\x01")},
	};
	static const char *const schemas[] = {
		"true",
		"false",
		J({"type": "object"}),
		J({"type": "null"}),
		J({"properties": {"a": {"type": "integer"}}}),
		J({"properties": {"a": {"type": "string"}},
		   "additionalProperties": false}),
		J({"required": ["a"]}),
		J({"items": {"type": ["string", "number"]}}),
		J({"properties": {"a": {}}, "additionalProperties": false}),
		J({"additionalProperties": {"type": "string"}}),
		J({"additionalProperties": {}, "properties": {"b": {}}}),
		J({"const": {"a": 1}}),
		J({"$ref": "#/$defs/x", "minItems": 1,
		   "$defs": {"x": {"type": "object"}}}),
	};
	weir_diag d;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t k = 0; k < sizeof(schemas) / sizeof(*schemas); k++)
			CU_ASSERT_EQUAL(check(schemas[k], bad[i].msg,
					      bad[i].len, &d), WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(weir_schema_check(NULL, bad[i].msg, bad[i].len,
						  &d), WEIR_EMSGPACK);
	}
	CU_ASSERT_EQUAL(d.code, WEIR_EMSGPACK);
}

/* Nesting up to the limit passes, one more does not, strict or not. */
static void
check_nesting_is_limited(void)
{
	static const char tree[] = J({"items": {"$ref": "#"}});
	static const char obj[] = J({"properties": {"a": {"$ref": "#"}}});
	uint8_t msg[3 * 200];
	weir_diag d;

	memset(msg, 0x91, sizeof(msg));
	msg[WEIR_DEPTH_MAX - 1] = 0x90;
	CU_ASSERT_EQUAL(check(tree, msg, WEIR_DEPTH_MAX, &d), 0);
	CU_ASSERT_EQUAL(check("true", msg, WEIR_DEPTH_MAX, &d), 0);
	msg[WEIR_DEPTH_MAX - 1] = 0x91;
	msg[WEIR_DEPTH_MAX] = 0x01;
	CU_ASSERT_EQUAL(check(tree, msg, WEIR_DEPTH_MAX + 1, &d), 0);
	CU_ASSERT_EQUAL(check("true", msg, WEIR_DEPTH_MAX + 1, &d), 0);
	msg[WEIR_DEPTH_MAX] = 0x90;
	CU_ASSERT_EQUAL(check(tree, msg, WEIR_DEPTH_MAX + 1, &d),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(check("true", msg, WEIR_DEPTH_MAX + 1, &d),
			WEIR_EMSGPACK);
	for (int i = 0; i < 200; i++)
		memcpy(msg + 3 * i, "\x81\xa1" "a", 3);
	msg[3 * WEIR_DEPTH_MAX] = 0x01;
	CU_ASSERT_EQUAL(check(obj, msg, 3 * WEIR_DEPTH_MAX + 1, &d), 0);
	msg[3 * WEIR_DEPTH_MAX] = 0x80;
	CU_ASSERT_EQUAL(check(obj, msg, 3 * WEIR_DEPTH_MAX + 1, &d),
			WEIR_EMSGPACK);
}

static void
check_words_name_place_expected_and_found(void)
{
	static const struct {
		const char *schema, *record, *message, *schema_pointer;
	} rows[] = {
		{J({"properties": {"value": {"type": "number"}}}),
		 J({"value": "abc"}),
		 "/value: type: expected number, found string \"abc\"",
		 "#/properties/value/type"},
		{J({"type": ["string", "null"]}), "[1]",
		 "the record: type: expected string or null, found array of 1 element",
		 "#/type"},
		{J({"required": ["b", "a"]}), J({"b": 1}),
		 "the record: required: \"a\" is missing", "#/required"},
		{J({"enum": ["up", "down"]}), J("left"),
		 "the record: enum: expected one of [\"up\",\"down\"], found string "
		 "\"left\"", "#/enum"},
		{J({"items": {"minimum": 3}}), "[4,2]",
		 "/1: minimum: expected at least 3, found number 2", "#/items/minimum"},
		{J({"items": {"maximum": 3}}), "[1,4.5]",
		 "/1: maximum: expected at most 3, found number 4.5", "#/items/maximum"},
		{J({"prefixItems": [{"exclusiveMinimum": 3}]}), "[3]",
		 "/0: exclusiveMinimum: expected more than 3, found number 3",
		 "#/prefixItems/0/exclusiveMinimum"},
		{J({"$ref": "#/$defs/p", "$defs": {"p": {"exclusiveMaximum": 3}}}),
		 "3", "the record: exclusiveMaximum: expected less than 3, found number 3",
		 "#/$defs/p/exclusiveMaximum"},
		{J({"minLength": 3}), J("ab"),
		 "the record: minLength: expected at least 3 characters, found string "
		 "\"ab\"", "#/minLength"},
		{J({"maxLength": 1}), J("ab"),
		 "the record: maxLength: expected at most 1 character, found string "
		 "\"ab\"", "#/maxLength"},
		{J({"minItems": 1}), "[]",
		 "the record: minItems: expected at least 1 element, found array of 0 "
		 "elements", "#/minItems"},
		{J({"maxItems": 1}), "[1,2]",
		 "the record: maxItems: expected at most 1 element, found array of 2 "
		 "elements", "#/maxItems"},
		{J({"const": {"a": 1}}), "null",
		 "the record: const: expected {\"a\":1}, found null", "#/const"},
		{J({"pattern": "^x"}), J("y"),
		 "the record: pattern: expected a match of \"^x\", found string \"y\"",
		 "#/pattern"},
		{J({"properties": {"a/b": {"items": false}}}),
		 J({"a/b": [true]}),
		 "/a~1b/0: items: nothing is allowed here, found true",
		 "#/properties/a~1b/items"},
		{J({"type": "integer"}), J({"a": 1}),
		 "the record: type: expected integer, found object of 1 member",
		 "#/type"},
	};
	weir_diag d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(check_json(rows[i].schema, rows[i].record, &d),
				WEIR_ESCHEMA);
		if (strcmp(d.message, rows[i].message))
			t_log("%s\n%s\n", d.message, rows[i].message);
		CU_ASSERT_STRING_EQUAL(d.message, rows[i].message);
		CU_ASSERT_STRING_EQUAL(d.schema_pointer,
				       rows[i].schema_pointer);
	}
	CU_ASSERT_EQUAL(check("{\"type\":\"null\"}", BYTES("\xd4\x05x"), &d),
			WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(d.message, "the record: type: expected null, found "
					  "extension of type 5");
	CU_ASSERT_EQUAL(check_json(J({"items": {"type": "null"}}), "[null,1]",
				   &d), WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(d.offset, 2);
}
/* clang-format on */

/* {"properties":{"member 0":..., ...}, "required":[...]} and records that
 * vary: in order, backwards, one missing, one too many, one wrong. */
static void
check_objects_with_many_properties_find_each(void)
{
	static const int cnts[] = {7, 8, 9, 63, 64, 65, 300};
	static const char *const keyword[] = {"", "", "required",
					      "additionalProperties", "const"};
	static char text[32768], rec[16384];
	weir_diag d;

	for (size_t c = 0; c < 5 * sizeof(cnts) / sizeof(cnts[0]); c++) {
		int cnt = cnts[c / 5], variant = (int)c % 5, n = 0;
		int last = cnt - 1;

		n += sprintf(text + n, "{\"additionalProperties\":false,"
				       "\"properties\":{");
		for (int i = 0; i < cnt; i++)
			n += sprintf(text + n, "%s\"member %d\":{\"const\":%d}",
				     i ? "," : "", i, i);
		n += sprintf(text + n, "},\"required\":[");
		for (int i = 0; i < cnt; i++)
			n += sprintf(text + n, "%s\"member %d\"", i ? "," : "",
				     last - i);
		sprintf(text + n, "]}");
		n = sprintf(rec, "{");
		for (int i = 0; i < cnt; i++) {
			int k = variant == 1 ? last - i : i;

			if (variant == 2 && k == last)
				continue;
			n += sprintf(rec + n, "%s\"member %d\":%d",
				     n > 1 ? "," : "", k,
				     variant == 4 && k == last ? 9999 : k);
		}
		if (variant == 3)
			n += sprintf(rec + n, ",\"member x\":1");
		sprintf(rec + n, "}");
		CU_ASSERT_EQUAL(check_json(text, rec, &d),
				variant < 2 ? 0 : WEIR_ESCHEMA);
		CU_ASSERT_STRING_EQUAL(d.keyword, keyword[variant]);
		sprintf(text, "\"member %d\" is missing", last);
		if (variant == 2)
			CU_ASSERT_PTR_NOT_NULL(strstr(d.message, text));
	}
}

/* Members that are counted, not noted: the same one twice is not two. */
static void
check_a_name_twice_is_emsgpack_also_among_many(void)
{
	char text[8192];
	uint8_t msg[64];
	int n = sprintf(text, "{\"properties\":{"), at = 0;
	weir_diag d;

	for (int i = 0; i < 100; i++)
		n += sprintf(text + n, "%s\"k%02d\":{\"type\":\"integer\"}",
			     i ? "," : "", i);
	sprintf(text + n, "},\"required\":[\"k00\",\"k01\"]}");
	msg[at++] = 0x82;
	for (int i = 0; i < 2; i++)
		at += sprintf((char *)msg + at, "\xa3k00%c", 1);
	CU_ASSERT_EQUAL(check(text, msg, (size_t)at, &d), WEIR_EMSGPACK);
	msg[9] = '1'; /* k00 and k01 */
	msg[8] = '0';
	CU_ASSERT_EQUAL(check(text, msg, (size_t)at, &d), 0);
}

/* Every string of the diag ends, and says so if it was cut. */
static void
check_long_names_and_values_are_cut(void)
{
	static char rec[8192];
	weir_diag d;

	memset(rec, 'k', sizeof(rec) - 1);
	memcpy(rec, "{\"", 2);
	memcpy(rec + 2000, "\":\"", 3);
	memcpy(rec + 5000, "\"}", 3);
	CU_ASSERT_EQUAL(
	    check_json(J({"additionalProperties" : {"type" : "null"}}), rec,
		       &d),
	    WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(strlen(d.pointer), sizeof(d.pointer) - 1);
	CU_ASSERT_STRING_EQUAL(d.pointer + sizeof(d.pointer) - 4, "...");
	CU_ASSERT_STRING_EQUAL(d.message + strlen(d.message) - 3, "...");
	CU_ASSERT_STRING_EQUAL(d.keyword, "type");
}

/* $refs that double at each level of the record. */
static void
check_refs_that_multiply_run_out_of_steps(void)
{
	static const char s[] = J({
		"$ref" : "#/$defs/a",
		"items" : {"$ref" : "#"},
		"$defs" : {"a" : {"items" : {"$ref" : "#"}}}
	});
	uint8_t msg[100];
	weir_diag d;

	memset(msg, 0x91, sizeof(msg));
	msg[8] = 0x01;
	CU_ASSERT_EQUAL(check(s, msg, 9, &d), 0);
	msg[8] = 0x91;
	msg[99] = 0x01;
	CU_ASSERT_EQUAL(check(s, msg, 100, &d), WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(d.keyword, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too many steps"));
}

/* Containers in an enum have hashes in common, here all of them. */
static void
check_enums_of_like_values_run_out_of_steps(void)
{
	enum { VALS = 3000, ELEMS = 1000 };
	static char text[VALS * 8 + 64];
	static uint8_t msg[3 + 4 * ELEMS];
	int n = sprintf(text, "{\"items\":{\"enum\":[");
	weir_diag d;

	for (int i = 0; i < VALS; i++)
		n += sprintf(text + n, "%s[%d]", i ? "," : "", i);
	sprintf(text + n, "]}}");
	memcpy(msg, "\xdc\x03\xe8", 3);
	for (int i = 0; i < ELEMS; i++)
		memcpy(msg + 3 + 4 * i, "\x91\xcd\x00\x05", 4);
	CU_ASSERT_EQUAL(check(text, msg, sizeof(msg), &d), 0);
	for (int i = 0; i < ELEMS; i++)
		memcpy(msg + 3 + 4 * i, "\x91\xcd\x0b\xb7", 4);
	CU_ASSERT_EQUAL(check(text, msg, sizeof(msg), &d), WEIR_ESCHEMA);
	CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too many steps"));
}

static void
check_patterns_that_backtrack_run_out_of_steps(void)
{
	static const char *const schemas[] = {
	    J({"pattern" : "^(a|aa)+$"}),
	    J({"pattern" : "^(a*)*$"}),
	    J({"pattern" : "^(?=(a+)+$)"}),
	    J({"pattern" : "a*a*a*a*[bc][^c]"}),
	};
	uint8_t msg[3 + 3000];
	weir_diag d;

	memset(msg, 'a', sizeof(msg));
	msg[0] = 0xda;
	msg[1] = 3000 >> 8;
	msg[2] = 3000 & 0xff;
	msg[sizeof(msg) - 1] = 'c';
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		CU_ASSERT_EQUAL(check(schemas[i], msg, sizeof(msg), &d),
				WEIR_ESCHEMA);
		if (!strstr(d.message, "too many steps"))
			t_log("%s: %s\n", schemas[i], d.message);
		CU_ASSERT_PTR_NOT_NULL(strstr(d.message, "too many steps"));
	}
}

static void
check_arguments_are_looked_at(void)
{
	weir_diag d = {0};
	weir_schema *s = compile("true");

	CU_ASSERT_EQUAL(weir_schema_check(s, NULL, 1, &d), -EINVAL);
	CU_ASSERT_EQUAL(d.code, -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_check(s, NULL, 1, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_check(NULL, "\x01", 1, &d), 0);
	weir_schema_free(s);
	weir_schema_free(NULL);
}

static void
check_success_leaves_the_diag_alone(void)
{
	weir_schema *s = compile("{\"type\":[\"integer\",\"object\"]}");
	weir_diag d, before;

	memset(&d, 0x5a, sizeof(d));
	before = d;
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x01", 1, &d), 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x80", 1, &d), 0);
	CU_ASSERT_EQUAL(weir_schema_check(NULL, "\x01", 1, &d), 0);
	CU_ASSERT_EQUAL(memcmp(&d, &before, sizeof(d)), 0);
	weir_schema_free(s);
}

SUITE("check_bytes", TEST(check_bin_ext_and_nan_have_no_json_type),
      TEST(check_numbers_are_the_same_in_every_width),
      TEST(check_usual_records_are_looked_at_all_the_same),
      TEST(check_bytes_that_are_malformed_are_emsgpack),
      TEST(check_nesting_is_limited),
      TEST(check_words_name_place_expected_and_found),
      TEST(check_objects_with_many_properties_find_each),
      TEST(check_a_name_twice_is_emsgpack_also_among_many),
      TEST(check_long_names_and_values_are_cut),
      TEST(check_refs_that_multiply_run_out_of_steps),
      TEST(check_enums_of_like_values_run_out_of_steps),
      TEST(check_patterns_that_backtrack_run_out_of_steps),
      TEST(check_arguments_are_looked_at),
      TEST(check_success_leaves_the_diag_alone));
