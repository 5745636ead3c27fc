/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Records against schemas that hand a value on to others, and against what
 * is asked of a container as a whole.  The official suite (tests/conformance)
 * goes wider; here are the corners of this checker.
 */
#include "unit/rows.h"

#include <string.h>

/* clang-format off */

static void
steps_all_of_wants_every_one(void)
{
	static const struct row rows[] = {
		{J({"allOf": [{"minimum": 1}, {"maximum": 3}]}), "2", NULL, NULL},
		{J({"allOf": [{"minimum": 1}, {"maximum": 3}]}), "0", "minimum", ""},
		{J({"allOf": [{"minimum": 1}, {"maximum": 3}]}), "4", "maximum", ""},
		{J({"items": {"allOf": [{"type": "object"},
		    {"required": ["a"]}]}}), J([{"a": 1}, {}]), "required", "/1"},
		{J({"allOf": [true, false]}), "1", "allOf", ""},
	};

	RUN(rows);
}

static void
steps_any_of_wants_one(void)
{
	static const struct row rows[] = {
		{J({"anyOf": [{"type": "string"}, {"minimum": 3}]}), J("x"), NULL, NULL},
		{J({"anyOf": [{"type": "string"}, {"minimum": 3}]}), "3", NULL, NULL},
		{J({"anyOf": [{"type": "string"}, {"minimum": 3}]}), "2", "anyOf", ""},
		/* a failure deep inside goes on with the next one */
		{J({"properties": {"a": {"anyOf": [
		    {"items": {"properties": {"b": {"type": "null"}}}},
		    {"items": {"properties": {"b": {"const": 1}}}}]},
		    "z": {"type": "null"}}}),
		 J({"a": [{"b": null}, {"b": 1}], "z": null}), "anyOf", "/a"},
		{J({"properties": {"a": {"anyOf": [
		    {"items": {"properties": {"b": {"type": "null"}}}},
		    {"items": {"properties": {"b": {"const": 1}}}}]},
		    "z": {"type": "null"}}}),
		 J({"a": [{"b": 1}, {"b": 1}], "z": null}), NULL, NULL},
	};

	RUN(rows);
}

static void
steps_one_of_wants_just_one(void)
{
	static const struct row rows[] = {
		{J({"oneOf": [{"type": "integer"}, {"minimum": 3}]}), "2", NULL, NULL},
		{J({"oneOf": [{"type": "integer"}, {"minimum": 3}]}), "3.5", NULL, NULL},
		{J({"oneOf": [{"type": "integer"}, {"minimum": 3}]}), "3", "oneOf", ""},
		{J({"oneOf": [{"type": "integer"}, {"minimum": 3}]}), "2.5", "oneOf", ""},
		{J({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
		 J({"b": 1}), NULL, NULL},
		{J({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
		 J({"b": 1, "a": 1}), "oneOf", ""},
	};

	RUN(rows);
}

static void
steps_not_turns_the_answer_around(void)
{
	static const struct row rows[] = {
		{J({"not": {"type": "string"}}), "1", NULL, NULL},
		{J({"not": {"type": "string"}}), J("x"), "not", ""},
		{J({"not": {"not": {"type": "string"}}}), J("x"), NULL, NULL},
		{J({"not": {"not": {"type": "string"}}}), "1", "not", ""},
		{J({"not": true}), "null", "not", ""},
		{J({"not": false}), "null", NULL, NULL},
		{J({"not": {"items": {"anyOf": [{"const": 1}, {"const": 2}]}}}),
		 J([1, 2, 3]), NULL, NULL},
		{J({"not": {"items": {"anyOf": [{"const": 1}, {"const": 2}]}}}),
		 J([1, 2, 2]), "not", ""},
	};

	RUN(rows);
}

static void
steps_if_chooses(void)
{
	static const struct row rows[] = {
		{J({"if": {"minimum": 10}, "then": {"multipleOf": 2},
		    "else": {"multipleOf": 3}}), "12", NULL, NULL},
		{J({"if": {"minimum": 10}, "then": {"multipleOf": 2},
		    "else": {"multipleOf": 3}}), "13", "multipleOf", ""},
		{J({"if": {"minimum": 10}, "then": {"multipleOf": 2},
		    "else": {"multipleOf": 3}}), "9", NULL, NULL},
		{J({"if": {"minimum": 10}, "then": {"multipleOf": 2},
		    "else": {"multipleOf": 3}}), "8", "multipleOf", ""},
		{J({"if": {"const": 1}, "then": false}), "1", "then", ""},
		{J({"if": {"const": 1}, "then": false}), "2", NULL, NULL},
		{J({"if": {"const": 1}, "else": false}), "2", "else", ""},
		{J({"then": false, "else": false}), "2", NULL, NULL},
	};

	RUN(rows);
}

static void
steps_dependents_go_with_their_member(void)
{
	static const struct row rows[] = {
		{J({"dependentRequired": {"a": ["b", "c"]}}), J({"b": 1}), NULL, NULL},
		{J({"dependentRequired": {"a": ["b", "c"]}}),
		 J({"a": 1, "c": 1, "b": 1}), NULL, NULL},
		{J({"dependentRequired": {"a": ["b", "c"]}}), J({"a": 1, "b": 1}),
		 "dependentRequired", ""},
		{J({"dependentSchemas": {"a": {"minProperties": 2}}}), J({"a": 1}),
		 "minProperties", ""},
		{J({"dependentSchemas": {"a": {"minProperties": 2}}}), J({"b": 1}),
		 NULL, NULL},
		{J({"dependentSchemas": {"a": false}}), "1", NULL, NULL},
	};

	RUN(rows);
}

static void
whole_contains_counts_what_fits(void)
{
	static const struct row rows[] = {
		{J({"contains": {"minimum": 5}}), J([1, 7]), NULL, NULL},
		{J({"contains": {"minimum": 5}}), J([1, 2]), "contains", ""},
		{J({"contains": {"minimum": 5}}), "[]", "contains", ""},
		{J({"contains": {"minimum": 5}}), "{}", NULL, NULL},
		{J({"contains": {"minimum": 5}, "minContains": 2}), J([7, 1, 8]),
		 NULL, NULL},
		{J({"contains": {"minimum": 5}, "minContains": 2}), J([7, 1]),
		 "minContains", ""},
		{J({"contains": {"minimum": 5}, "maxContains": 1}), J([7, 1, 8]),
		 "maxContains", ""},
		{J({"contains": {"minimum": 5}, "minContains": 0}), J([1]), NULL, NULL},
		{J({"minContains": 3, "maxContains": 0}), J([1]), NULL, NULL},
		/* elements that fail half-way are passed over */
		{J({"contains": {"required": ["a"], "properties": {"a": {"type":
		    "string"}}}}), J([{"b": [1, {"c": 2}]}, {"a": 1}, {"a": "x"}]),
		 NULL, NULL},
		{J({"contains": {"items": {"const": 1}}, "items": {"minItems": 1}}),
		 J([[2, 3], [1, 2], []]), "minItems", "/2"},
	};

	RUN(rows);
}

static void
whole_unique_items_differ_by_value(void)
{
	static const struct row rows[] = {
		{J({"uniqueItems": true}), J([1, 2, "1", [1], {"a": 1}]), NULL, NULL},
		{J({"uniqueItems": true}), J([1, 2, 1]), "uniqueItems", ""},
		{J({"uniqueItems": true}), J([1, 1.0]), "uniqueItems", ""},
		{J({"uniqueItems": true}), J([{"a": 1, "b": [2]}, {"b": [2], "a": 1}]),
		 "uniqueItems", ""},
		{J({"uniqueItems": true}), J([[1, true], [1, 1]]), NULL, NULL},
		{J({"uniqueItems": false}), J([1, 1]), NULL, NULL},
		{J({"uniqueItems": true, "items": {"type": "integer"}}), J([3, 3]),
		 "uniqueItems", ""},
	};

	RUN(rows);
}

/* A record of 1 MB, which is more than fits the table at once, all different
 * but for one pair. */
static void
whole_unique_items_of_long_arrays(void)
{
	enum { CNT = 209000, FIRST = 70000 };
	static const char text[] = J({"uniqueItems": true});
	static uint8_t msg[5 + CNT * 5];
	weir_schema *s = NULL;
	weir_diag d;

	CU_ASSERT_EQUAL_FATAL(
		weir_schema_compile(text, strlen(text), NULL, &s, &d), 0);
	for (int twin = -1; twin < CNT; twin += CNT / 3) {
		uint8_t *p = msg;

		memset(&d, 0, sizeof(d));
		*p++ = 0xdd; /* array 32 */
		for (int i = -1; i < CNT; i++) {
			uint32_t v = FIRST + (uint32_t)(
				i == CNT - 1 && twin >= 0 ? twin : i);

			if (i < 0)
				v = CNT;
			else
				*p++ = 0xce; /* uint 32 */
			for (int k = 24; k >= 0; k -= 8)
				*p++ = (uint8_t)(v >> k);
		}
		CU_ASSERT_EQUAL(weir_schema_check(s, msg, sizeof(msg), &d),
				twin < 0 ? 0 : WEIR_ESCHEMA);
		CU_ASSERT_STRING_EQUAL(d.keyword,
				       twin < 0 ? "" : "uniqueItems");
	}
	weir_schema_free(s);
}

static void
whole_multiple_of_is_right_for_decimals(void)
{
	static const struct row rows[] = {
		{J({"multipleOf": 0.1}), "0.3", NULL, NULL},
		{J({"multipleOf": 0.01}), "19.99", NULL, NULL},
		{J({"multipleOf": 0.01}), "19.995", "multipleOf", ""},
		{J({"multipleOf": 0.0001}), "0.0075", NULL, NULL},
		{J({"multipleOf": 0.0001}), "0.00751", "multipleOf", ""},
		{J({"multipleOf": 2}), "18446744073709551614", NULL, NULL},
		{J({"multipleOf": 2}), "18446744073709551615", "multipleOf", ""},
		{J({"multipleOf": 3}), "-9223372036854775808", "multipleOf", ""},
		{J({"multipleOf": 2}), "-9223372036854775808", NULL, NULL},
		{J({"multipleOf": 1.5}), "4.5", NULL, NULL},
		{J({"multipleOf": 1.5}), "-4.5", NULL, NULL},
		{J({"multipleOf": 1.5}), "4", "multipleOf", ""},
		{J({"multipleOf": 1e-8}), "12391239123", NULL, NULL},
		{J({"multipleOf": 1e300}), "1e301", NULL, NULL},
		{J({"multipleOf": 1e300}), "1", "multipleOf", ""},
		{J({"multipleOf": 5e-324}), "1.7976931348623157e308", NULL, NULL},
		{J({"multipleOf": 7}), "0", NULL, NULL},
		{J({"multipleOf": 7}), "-0.0", NULL, NULL},
		{J({"multipleOf": 7}), J("x"), NULL, NULL},
		{J({"multipleOf": 10}), "1e20", NULL, NULL},
		{J({"multipleOf": 3}), "1e20", "multipleOf", ""},
	};

	RUN(rows);
}

static void
whole_members_by_pattern_and_name(void)
{
	static const struct row rows[] = {
		{J({"patternProperties": {"^s": {"type": "string"}}}),
		 J({"s1": "x", "n": 1}), NULL, NULL},
		{J({"patternProperties": {"^s": {"type": "string"}}}),
		 J({"a": 0, "s1": 1}), "type", "/s1"},
		/* every pattern that matches, and the property of that name */
		{J({"properties": {"ab": {"minimum": 1}}, "patternProperties":
		    {"a": {"maximum": 5}, "b": {"multipleOf": 2}}}),
		 J({"ab": 4}), NULL, NULL},
		{J({"properties": {"ab": {"minimum": 1}}, "patternProperties":
		    {"a": {"maximum": 5}, "b": {"multipleOf": 2}}}),
		 J({"ab": 0}), "minimum", "/ab"},
		{J({"properties": {"ab": {"minimum": 1}}, "patternProperties":
		    {"a": {"maximum": 5}, "b": {"multipleOf": 2}}}),
		 J({"ab": 6}), "maximum", "/ab"},
		{J({"properties": {"ab": {"minimum": 1}}, "patternProperties":
		    {"a": {"maximum": 5}, "b": {"multipleOf": 2}}}),
		 J({"ab": 3}), "multipleOf", "/ab"},
		/* the rest */
		{J({"properties": {"p": {}}, "patternProperties": {"^x-": true},
		    "additionalProperties": false}), J({"x-a": [1], "p": {}}),
		 NULL, NULL},
		{J({"properties": {"p": {}}, "patternProperties": {"^x-": true},
		    "additionalProperties": false}), J({"x-a": 1, "q": 2}),
		 "additionalProperties", "/q"},
		/* a name that is only required is no property */
		{J({"required": ["x-a"], "patternProperties": {"^x-": {"type":
		    "null"}}, "additionalProperties": false}), J({"x-a": null}),
		 NULL, NULL},
		{J({"propertyNames": {"maxLength": 2}}), J({"ab": 1, "c": [2]}),
		 NULL, NULL},
		{J({"propertyNames": {"maxLength": 2}}), J({"ab": 1, "abc": 2}),
		 "maxLength", "/abc"},
		{J({"propertyNames": {"enum": ["a", "b"]}, "minProperties": 1}),
		 "{}", "minProperties", ""},
		{J({"maxProperties": 1}), J({"a": 1, "b": 2}), "maxProperties", ""},
	};

	RUN(rows);
}

static void
rest_is_what_nothing_has_evaluated(void)
{
	static const struct row rows[] = {
		{J({"properties": {"a": true}, "unevaluatedProperties": false}),
		 J({"a": 1}), NULL, NULL},
		{J({"properties": {"a": true}, "unevaluatedProperties": false}),
		 J({"a": 1, "b": 2}), "unevaluatedProperties", "/b"},
		{J({"allOf": [{"properties": {"a": true}}, {"patternProperties":
		    {"^b": true}}], "unevaluatedProperties": {"type": "null"}}),
		 J({"a": 1, "bb": 2, "c": null}), NULL, NULL},
		{J({"allOf": [{"properties": {"a": true}}, {"patternProperties":
		    {"^b": true}}], "unevaluatedProperties": {"type": "null"}}),
		 J({"a": 1, "bb": 2, "c": 3}), "type", "/c"},
		/* all branches that pass count, those that fail do not */
		{J({"anyOf": [{"properties": {"a": {"const": 1}}, "required":
		    ["a"]}, {"properties": {"b": {"const": 2}}, "required":
		    ["b"]}], "unevaluatedProperties": false}),
		 J({"a": 1, "b": 2}), NULL, NULL},
		{J({"anyOf": [{"properties": {"a": {"const": 1}}, "required":
		    ["a"]}, {"properties": {"b": {"const": 2}}, "required":
		    ["b"]}], "unevaluatedProperties": false}),
		 J({"a": 1, "b": 3}), "unevaluatedProperties", "/b"},
		/* what is under not evaluates nothing */
		{J({"not": {"not": {"properties": {"a": true}}},
		    "unevaluatedProperties": false}), J({"a": 1}),
		 "unevaluatedProperties", "/a"},
		/* nor does what is deeper */
		{J({"properties": {"o": {"properties": {"a": true}}},
		    "unevaluatedProperties": false}), J({"o": {"a": 1}, "a": 1}),
		 "unevaluatedProperties", "/a"},
		{J({"prefixItems": [true], "unevaluatedItems": false}), J([1]),
		 NULL, NULL},
		{J({"prefixItems": [true], "unevaluatedItems": false}), J([1, 2]),
		 "unevaluatedItems", "/1"},
		{J({"prefixItems": [true], "contains": {"const": 9},
		    "unevaluatedItems": {"type": "string"}}), J([1, 9, "x"]),
		 NULL, NULL},
		{J({"prefixItems": [true], "contains": {"const": 9},
		    "unevaluatedItems": {"type": "string"}}), J([1, 9, 8]),
		 "type", "/2"},
		{J({"if": {"prefixItems": [{"const": 1}]}, "then": {"items": true},
		    "unevaluatedItems": false}), J([1, 2, 3]), NULL, NULL},
		{J({"if": {"prefixItems": [{"const": 1}]}, "then": {"items": true},
		    "unevaluatedItems": false}), J([2]), "unevaluatedItems", "/0"},
		/* one inside the other: the inner one has evaluated the rest */
		{J({"allOf": [{"unevaluatedProperties": true}],
		    "unevaluatedProperties": false}), J({"x": 1}), NULL, NULL},
	};

	RUN(rows);
}

static void
refs_by_anchor_and_dynamic_ones(void)
{
	static const struct row rows[] = {
		{J({"$ref": "#n", "$defs": {"x": {"$anchor": "n", "type":
		    "number"}}}), J("x"), "type", ""},
		{J({"$id": "http://x/a/", "$ref": "b#/$defs/q", "$defs": {"y":
		    {"$id": "b", "$defs": {"q": {"type": "null"}}}}}), "1",
		 "type", ""},
		/* a tree whose nodes are made strict from outside */
		{J({"$id": "http://x/strict", "$dynamicAnchor": "node", "$ref":
		    "tree", "unevaluatedProperties": false, "$defs": {"t":
		    {"$id": "tree", "$dynamicAnchor": "node", "type": "object",
		    "properties": {"kids": {"items": {"$dynamicRef":
		    "#node"}}}}}}), J({"kids": [{"kids": []}]}), NULL, NULL},
		{J({"$id": "http://x/strict", "$dynamicAnchor": "node", "$ref":
		    "tree", "unevaluatedProperties": false, "$defs": {"t":
		    {"$id": "tree", "$dynamicAnchor": "node", "type": "object",
		    "properties": {"kids": {"items": {"$dynamicRef":
		    "#node"}}}}}}), J({"kids": [{"kidz": []}]}),
		 "unevaluatedProperties", "/kids/0/kidz"},
		{J({"$ref": "https://json-schema.org/draft/2020-12/schema"}),
		 J({"items": {"minLength": 1}}), NULL, NULL},
		{J({"$ref": "https://json-schema.org/draft/2020-12/schema"}),
		 J({"items": {"minLength": -1}}), "minimum", "/items/minLength"},
	};

	RUN(rows);
}

static void
types_of_msgpack_are_opted_in(void)
{
	static const struct {
		const char *schema;
		const char *msg;
		size_t len;
		const char *keyword; /* that refuses; NULL: none does */
	} rows[] = {
		{J({"x-msgpack": "bin"}), "\xc4\x01x", 3, NULL},
		{J({"x-msgpack": "bin"}), "\xa1x", 2, "x-msgpack"},
		{J({"x-msgpack": "ext"}), "\xd4\x05x", 3, NULL},
		{J({"x-msgpack": "ext"}), "\xc4\x01x", 3, "x-msgpack"},
		{J({"x-msgpack": "timestamp"}), "\xd6\xff\0\0\0\1", 6, NULL},
		{J({"x-msgpack": "timestamp"}), "\xd6\x05\0\0\0\1", 6,
		 "x-msgpack"},
		{J({"x-msgpack": "timestamp"}), "\x05", 1, "x-msgpack"},
		{J({"x-msgpack": "bin", "type": "null"}), "\xc0", 1, NULL},
		{J({"x-msgpack": "bin", "type": "null"}), "\xc4\x01x", 3, NULL},
		{J({"x-msgpack": "bin", "type": "null"}), "\x01", 1,
		 "type"},
		{J({"type": "string"}), "\xc4\x01x", 3, "type"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		weir_schema *s = NULL;
		weir_diag d = {.keyword = ""};

		CU_ASSERT_EQUAL_FATAL(
			weir_schema_compile(rows[i].schema,
					    strlen(rows[i].schema), NULL, &s, &d),
			0);
		CU_ASSERT_EQUAL(weir_schema_check(s, rows[i].msg, rows[i].len,
						  &d),
				rows[i].keyword ? WEIR_ESCHEMA : 0);
		CU_ASSERT_STRING_EQUAL(d.keyword, rows[i].keyword ?
						      rows[i].keyword : "");
		weir_schema_free(s);
	}
}

/* clang-format on */

SUITE("check_steps", TEST(steps_all_of_wants_every_one),
      TEST(steps_any_of_wants_one), TEST(steps_one_of_wants_just_one),
      TEST(steps_not_turns_the_answer_around), TEST(steps_if_chooses),
      TEST(steps_dependents_go_with_their_member),
      TEST(whole_contains_counts_what_fits),
      TEST(whole_unique_items_differ_by_value),
      TEST(whole_unique_items_of_long_arrays),
      TEST(whole_multiple_of_is_right_for_decimals),
      TEST(whole_members_by_pattern_and_name),
      TEST(rest_is_what_nothing_has_evaluated),
      TEST(refs_by_anchor_and_dynamic_ones),
      TEST(types_of_msgpack_are_opted_in));
