/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Records against schemas: one table per keyword.  What JSON cannot write,
 * and limits, are in test_check_bytes.c.
 */
#include "unit/rows.h"

/* clang-format off */

static void
check_type_accepts_its_own_and_refuses_others(void)
{
	static const char *const schemas[] = {
		J({"type": "null"}), J({"type": "boolean"}),
		J({"type": "integer"}), J({"type": "number"}),
		J({"type": "string"}), J({"type": "array"}),
		J({"type": "object"}),
	};
	static const struct {
		const char *record;
		unsigned types; /* bits of the above */
	} vals[] = {
		{"null", 0x01}, {"true", 0x02}, {"false", 0x02}, {"0", 0x0c},
		{"-1", 0x0c}, {"18446744073709551615", 0x0c}, {"1.0", 0x0c},
		{"1e3", 0x0c}, {"-0.0", 0x0c}, {"1.5", 0x08}, {"1e300", 0x0c},
		{"-1e300", 0x0c}, {"5e-324", 0x08}, {"2251799813685248.5", 0x08},
		{"\"\"", 0x10}, {"\"null\"", 0x10}, {"[]", 0x20}, {"[1]", 0x20},
		{"{}", 0x40}, {"{\"a\":1}", 0x40},
	};

	for (size_t t = 0; t < sizeof(schemas) / sizeof(schemas[0]); t++)
		for (size_t v = 0; v < sizeof(vals) / sizeof(vals[0]); v++) {
			struct row row = {schemas[t], vals[v].record, NULL, ""};

			if (!(vals[v].types >> t & 1))
				row.keyword = "type";
			run_row(&row);
		}
}

static void
check_type_lists_accept_any_of_them(void)
{
	static const char s[] = J({"type": ["string", "null"]});
	static const char i[] = J({"type": ["integer", "boolean"]});
	static const char n[] = J({"type": ["integer", "number"]});
	static const struct row rows[] = {
		{s, "\"a\"", NULL, NULL},
		{s, "null", NULL, NULL},
		{s, "0", "type", ""},
		{s, "{}", "type", ""},
		{i, "1", NULL, NULL},
		{i, "1.0", NULL, NULL},
		{i, "1.5", "type", ""},
		{i, "false", NULL, NULL},
		{n, "1.5", NULL, NULL},
		{n, "\"1\"", "type", ""},
		{J({"type": ["array"]}), "[]", NULL, NULL},
		{J({"type": ["array"]}), "{}", "type", ""},
	};

	RUN(rows);
}

static void
check_boolean_schemas_allow_all_or_nothing(void)
{
	static const struct row rows[] = {
		{"true", "1", NULL, NULL},
		{"true", J({"a": [1, {"b": null}]}), NULL, NULL},
		{"{}", "\"x\"", NULL, NULL},
		{"false", "1", "", ""},
		{"false", "[]", "", ""},
		{J({"properties": {"a": false}}), J({"b": 1}), NULL, NULL},
		{J({"properties": {"a": false}}), J({"a": 1}), "properties", "/a"},
		{J({"items": false}), "[]", NULL, NULL},
		{J({"items": false}), "[1]", "items", "/0"},
		{J({"prefixItems": [true, false]}), "[1]", NULL, NULL},
		{J({"prefixItems": [true, false]}), "[1,2]", "prefixItems", "/1"},
		{J({"$ref": "#/$defs/no", "$defs": {"no": false}}), "1", "$ref",
		 ""},
	};

	RUN(rows);
}

static void
check_minimum_and_maximum_include_their_bound(void)
{
	static const char min[] = J({"minimum": 3});
	static const char max[] = J({"maximum": 3});
	static const char minf[] = J({"minimum": -2.5});
	static const char maxf[] = J({"maximum": 2.5});
	static const struct row rows[] = {
		{min, "3", NULL, NULL},
		{min, "3.0", NULL, NULL},
		{min, "2", "minimum", ""},
		{min, "2.999", "minimum", ""},
		{min, "-4", "minimum", ""},
		{min, "\"2\"", NULL, NULL},
		{min, "null", NULL, NULL},
		{min, "[1]", NULL, NULL},
		{max, "3", NULL, NULL},
		{max, "3.0", NULL, NULL},
		{max, "4", "maximum", ""},
		{max, "3.001", "maximum", ""},
		{max, "-9", NULL, NULL},
		{max, "\"9\"", NULL, NULL},
		{max, "true", NULL, NULL},
		{minf, "-2", NULL, NULL},
		{minf, "-2.5", NULL, NULL},
		{minf, "-3", "minimum", ""},
		{minf, "-2.6", "minimum", ""},
		{minf, "0", NULL, NULL},
		{maxf, "2", NULL, NULL},
		{maxf, "2.5", NULL, NULL},
		{maxf, "3", "maximum", ""},
		{maxf, "2.6", "maximum", ""},
		{maxf, "-3", NULL, NULL},
		{J({"minimum": 0}), "-0.0", NULL, NULL},
		{J({"maximum": -0.5}), "-1", NULL, NULL},
		{J({"maximum": -0.5}), "0", "maximum", ""},
		{J({"minimum": -0.5}), "-1", "minimum", ""},
		{J({"minimum": 1, "maximum": 2}), "1.5", NULL, NULL},
		{J({"maximum": -2.5}), "-2", "maximum", ""},
		{J({"maximum": -2.5}), "-3", NULL, NULL},
	};

	RUN(rows);
}

static void
check_exclusive_bounds_leave_their_bound_out(void)
{
	static const char min[] = J({"exclusiveMinimum": 3});
	static const char max[] = J({"exclusiveMaximum": 3});
	static const struct row rows[] = {
		{min, "3", "exclusiveMinimum", ""},
		{min, "3.0", "exclusiveMinimum", ""},
		{min, "2", "exclusiveMinimum", ""},
		{min, "3.0000001", NULL, NULL},
		{min, "4", NULL, NULL},
		{min, "\"\"", NULL, NULL},
		{max, "3", "exclusiveMaximum", ""},
		{max, "3.0", "exclusiveMaximum", ""},
		{max, "4", "exclusiveMaximum", ""},
		{max, "2.9999999", NULL, NULL},
		{max, "2", NULL, NULL},
		{max, "{}", NULL, NULL},
		{J({"exclusiveMinimum": 0, "exclusiveMaximum": 1}), "0.5", NULL,
		 NULL},
		{J({"minimum": 1, "exclusiveMinimum": 1}), "1",
		 "exclusiveMinimum", ""},
	};

	RUN(rows);
}

static void
check_integers_compare_exactly_at_64_bits(void)
{
	static const char u[] = J({"maximum": 18446744073709551614});
	static const char i[] = J({"minimum": -9223372036854775807});
	static const char x[] = J({"exclusiveMaximum": 9007199254740993});
	static const char two53[] = J({"exclusiveMinimum": 9007199254740992.0});
	static const char two63[] = J({"minimum": -9223372036854775808.0});
	static const char two64[] = J({"maximum": 18446744073709551616.0});
	static const struct row rows[] = {
		{u, "18446744073709551614", NULL, NULL},
		{u, "18446744073709551615", "maximum", ""},
		{u, "18446744073709551616.0", "maximum", ""},
		{i, "-9223372036854775807", NULL, NULL},
		{i, "-9223372036854775808", "minimum", ""},
		{x, "9007199254740992", NULL, NULL},
		{x, "9007199254740993", "exclusiveMaximum", ""},
		{x, "9007199254740992.0", NULL, NULL},
		{x, "9007199254740994.0", "exclusiveMaximum", ""},
		{two53, "9007199254740992", "exclusiveMinimum", ""},
		{two53, "9007199254740993", NULL, NULL},
		{two63, "-9223372036854775808", NULL, NULL},
		{two64, "18446744073709551615", NULL, NULL},
		{J({"exclusiveMinimum": -9223372036854775808.0}),
		 "-9223372036854775808", "exclusiveMinimum", ""},
		{J({"minimum": 1e300}), "18446744073709551615", "minimum", ""},
		{J({"maximum": -1e300}), "-9223372036854775808", "maximum", ""},
		{J({"maximum": 9223372036854775807}), "9223372036854775808",
		 "maximum", ""},
		{J({"maximum": 9223372036854775807}), "9223372036854775808.0",
		 "maximum", ""},
		{J({"maximum": 9223372036854775807}), "9223372036854775807",
		 NULL, NULL},
	};

	RUN(rows);
}

static void
check_string_lengths_count_code_points(void)
{
	static const char min[] = J({"minLength": 2});
	static const char max[] = J({"maxLength": 2});
	static const struct row rows[] = {
		{min, J("ab"), NULL, NULL},
		{min, J("a"), "minLength", ""},
		{min, J(""), "minLength", ""},
		{min, "\"\\u00e9\"", "minLength", ""},
		{min, "\"\\ud83d\\udca9\"", "minLength", ""},
		{min, "\"\\ud83d\\udca9x\"", NULL, NULL},
		{min, "\"\\u00e9\\u00e9\"", NULL, NULL},
		{min, "1", NULL, NULL},
		{max, J("ab"), NULL, NULL},
		{max, J("abc"), "maxLength", ""},
		{max, "\"\\u20ac\\u20ac\"", NULL, NULL},
		{max, "\"\\u20ac\\u20ac\\u20ac\"", "maxLength", ""},
		{max, "\"\\ud83d\\udca9\\ud83d\\udca9\"", NULL, NULL},
		{max, "[1,2,3]", NULL, NULL},
		{J({"minLength": 2.0}), J("a"), "minLength", ""},
		{J({"maxLength": 0}), J(""), NULL, NULL},
		{J({"maxLength": 0}), J("a"), "maxLength", ""},
		{J({"minLength": 1e30}), J("a"), "minLength", ""},
		{J({"maxLength": 1e30}), J("a"), NULL, NULL},
	};

	RUN(rows);
}

static void
check_pattern_searches_anywhere(void)
{
	static const char any[] = J({"pattern": "b+"});
	static const char whole[] = J({"pattern": "^a*$"});
	static const char digits[] = J({"properties":
		{"d": {"pattern": "^\\d{4}$"}}});
	static const struct row rows[] = {
		{any, J("abc"), NULL, NULL},
		{any, J("xyz"), "pattern", ""},
		{any, J(""), "pattern", ""},
		{any, "5", NULL, NULL},
		{whole, J("aaa"), NULL, NULL},
		{whole, J(""), NULL, NULL},
		{whole, J("aab"), "pattern", ""},
		{whole, J("aa\n"), "pattern", ""},
		{whole, "null", NULL, NULL},
		{digits, J({"d": "1234"}), NULL, NULL},
		{digits, J({"d": "123"}), "pattern", "/d"},
	};

	RUN(rows);
}

static void
check_item_counts_apply_to_arrays_only(void)
{
	static const char min[] = J({"minItems": 1});
	static const char max[] = J({"maxItems": 2.0});
	static const struct row rows[] = {
		{min, "[1]", NULL, NULL},
		{min, "[]", "minItems", ""},
		{min, "{}", NULL, NULL},
		{min, J(""), NULL, NULL},
		{max, "[]", NULL, NULL},
		{max, "[1,2]", NULL, NULL},
		{max, "[1,2,3]", "maxItems", ""},
		{max, "[[1,2,3],2]", NULL, NULL},
		{max, J({"a": 1, "b": 2, "c": 3}), NULL, NULL},
		{max, J("abc"), NULL, NULL},
	};

	RUN(rows);
}

static void
check_items_apply_behind_the_prefix(void)
{
	static const char items[] = J({"items": {"type": "integer"}});
	static const char both[] = J({
		"prefixItems": [{"type": "string"}, {"type": "boolean"}],
		"items": {"type": "integer"}});
	static const char nested[] = J({"items":
		{"type": "array", "items": {"type": "number"}}});
	static const struct row rows[] = {
		{items, "[]", NULL, NULL},
		{items, "[1,2,3]", NULL, NULL},
		{items, J([1, "2"]), "type", "/1"},
		{items, J({"0": "x"}), NULL, NULL},
		{items, J("x"), NULL, NULL},
		{both, "[]", NULL, NULL},
		{both, J(["a"]), NULL, NULL},
		{both, J(["a", true, 1, 2]), NULL, NULL},
		{both, "[1]", "type", "/0"},
		{both, J(["a", 1]), "type", "/1"},
		{both, J(["a", true, "b"]), "type", "/2"},
		{nested, "[[1,2],[],[3.5]]", NULL, NULL},
		{nested, "[[1],[2,null]]", "type", "/1/1"},
		{nested, "[1]", "type", "/0"},
		{J({"prefixItems": [{"type": "null"}]}), J([null, 1, "x", []]),
		 NULL, NULL},
	};

	RUN(rows);
}

static void
check_properties_apply_to_those_that_are_there(void)
{
	static const char s[] = J({"properties": {
		"a": {"type": "integer"},
		"b": {"type": "string"},
		"a long name, it is": {"type": "null"},
		"a long name, I say": {"type": "array"},
		"": {"type": "boolean"}}});
	static const struct row rows[] = {
		{s, "{}", NULL, NULL},
		{s, J({"a": 1, "b": "x"}), NULL, NULL},
		{s, J({"b": "x", "a": 1}), NULL, NULL},
		{s, J({"a": "x"}), "type", "/a"},
		{s, J({"a": 1, "b": 2}), "type", "/b"},
		{s, J({"z": {"y": []}, "b": 2}), "type", "/b"},
		{s, J({"c": 1, "d": [1, 2], "e": {}}), NULL, NULL},
		{s, J({"a long name, it is": null}), NULL, NULL},
		{s, J({"a long name, it is": []}), "type", "/a long name, it is"},
		{s, J({"a long name, I say": []}), NULL, NULL},
		{s, J({"a long name, I say": 1}), "type", "/a long name, I say"},
		{s, J({"a long name, so so": 1}), NULL, NULL},
		{s, J({"": 1}), "type", "/"},
		{s, J({"": true}), NULL, NULL},
		{s, "[1]", NULL, NULL},
		{J({"properties": {"a/b": {"type": "null"}}}), J({"a/b": 1}),
		 "type", "/a~1b"},
		{J({"properties": {"m~n": {"type": "null"}}}), J({"m~n": 1}),
		 "type", "/m~0n"},
		{J({"properties": {"type": {"type": "null"}}}), J({"type": 1}),
		 "type", "/type"},
		{J({"properties": {"abc": {"type": "null"}}}), J({"abd": 1}),
		 NULL, NULL},
		{J({"properties": {"abcdefg": {"type": "null"}}}),
		 J({"abcdefh": 1}), NULL, NULL},
		{J({"properties": {"abcde": {"type": "null"}}}),
		 J({"abcdf": 1}), NULL, NULL},
		{J({"properties": {"a": {"properties": {"b": {"properties":
		   {"c": {"type": "null"}}}}}}}),
		 J({"a": {"b": {"c": 0}}}), "type", "/a/b/c"},
	};

	RUN(rows);
}

static void
check_required_wants_each_of_its_names(void)
{
	static const char s[] = J({"properties": {"a": {}, "b": {}},
				   "required": ["b", "c"]});
	static const char in[] = J({"items": {"required": ["x"]}});
	static const struct row rows[] = {
		{s, J({"b": 1, "c": 2}), NULL, NULL},
		{s, J({"c": 1, "b": 2, "d": 3}), NULL, NULL},
		{s, J({"b": 1}), "required", ""},
		{s, J({"c": 1}), "required", ""},
		{s, J({"a": 1}), "required", ""},
		{s, "{}", "required", ""},
		{s, "[]", NULL, NULL},
		{s, J("b"), NULL, NULL},
		{J({"required": []}), "{}", NULL, NULL},
		{J({"required": ["x"]}), J({"x": null}), NULL, NULL},
		{J({"required": ["x"]}), J({"y": null}), "required", ""},
		{in, J([{"x": 1}, {}]), "required", "/1"},
		{in, J([{"x": 1}, {"y": 1}]), "required", "/1"},
		{in, J([{"x": 1}, {"y": 1, "x": 2}]), NULL, NULL},
		{J({"required": ["x"], "additionalProperties": false}),
		 J({"x": 1}), "additionalProperties", "/x"},
		{J({"required": ["x"], "additionalProperties": {"type": "null"}}),
		 J({"x": 1}), "type", "/x"},
		{J({"required": ["x"], "additionalProperties": {"type": "null"}}),
		 J({"x": null}), NULL, NULL},
	};

	RUN(rows);
}

static void
check_additional_properties_apply_to_the_rest(void)
{
	static const char no[] = J({"properties": {"a": {}},
				    "additionalProperties": false});
	static const char typed[] = J({"properties": {"a": {"type": "null"}},
				       "additionalProperties":
					   {"type": "integer"}});
	static const struct row rows[] = {
		{no, "{}", NULL, NULL},
		{no, J({"a": 1}), NULL, NULL},
		{no, J({"a": 1, "b": 1}), "additionalProperties", "/b"},
		{no, J({"b": 1}), "additionalProperties", "/b"},
		{no, "[1]", NULL, NULL},
		{typed, J({"a": null, "b": 1, "c": 2}), NULL, NULL},
		{typed, J({"a": 1}), "type", "/a"},
		{typed, J({"b": null}), "type", "/b"},
		{typed, J({"b": 1, "c": ""}), "type", "/c"},
		{J({"additionalProperties": false}), "{}", NULL, NULL},
		{J({"additionalProperties": false}), J({"a": 1}),
		 "additionalProperties", "/a"},
		{J({"additionalProperties": true}), J({"a": 1, "b": 2}), NULL,
		 NULL},
		{J({"additionalProperties": {"additionalProperties":
		   {"type": "string"}}}),
		 J({"x": {"y": "1", "z": 2}}), "type", "/x/z"},
	};

	RUN(rows);
}

static void
check_enum_and_const_compare_by_value(void)
{
	static const char e[] = J({"enum":
		[1, "a", null, false, [1, 2], {"x": 1, "y": []}]});
	static const char many[] = J({"enum":
		["a", "b", "c", "d", "e", "f", "g", "h", "i", "the tenth", 11,
		 12.5, -13, [14], {"n": 15}, null]});
	static const struct row rows[] = {
		{e, "1", NULL, NULL},
		{e, "1.0", NULL, NULL},
		{e, J("a"), NULL, NULL},
		{e, "null", NULL, NULL},
		{e, "false", NULL, NULL},
		{e, "[1,2]", NULL, NULL},
		{e, "[1.0,2]", NULL, NULL},
		{e, J({"y": [], "x": 1.0}), NULL, NULL},
		{e, "2", "enum", ""},
		{e, "1.5", "enum", ""},
		{e, J("1"), "enum", ""},
		{e, "true", "enum", ""},
		{e, "0", "enum", ""},
		{e, "[2,1]", "enum", ""},
		{e, "[1]", "enum", ""},
		{e, J({"x": 1}), "enum", ""},
		{e, J({"x": 1, "y": {}}), "enum", ""},
		{many, J("a"), NULL, NULL},
		{many, J("the tenth"), NULL, NULL},
		{many, J("the tents"), "enum", ""},
		{many, "11.0", NULL, NULL},
		{many, "12.5", NULL, NULL},
		{many, "-13.0", NULL, NULL},
		{many, "13", "enum", ""},
		{many, "[14]", NULL, NULL},
		{many, "[15]", "enum", ""},
		{many, J({"n": 15}), NULL, NULL},
		{many, J({"m": 15}), "enum", ""},
		{many, "null", NULL, NULL},
		{many, "true", "enum", ""},
		{J({"enum": []}), "1", "enum", ""},
		{J({"const": 0}), "-0.0", NULL, NULL},
		{J({"const": 0}), "false", "const", ""},
		{J({"const": false}), "0", "const", ""},
		{J({"const": null}), "null", NULL, NULL},
		{J({"const": null}), "0", "const", ""},
		{J({"const": []}), "[]", NULL, NULL},
		{J({"const": []}), "{}", "const", ""},
		{J({"const": 9007199254740993}), "9007199254740993", NULL, NULL},
		{J({"const": 9007199254740993}), "9007199254740992.0", "const",
		 ""},
		{J({"const": 1.0}), "1", NULL, NULL},
		{J({"const": 18446744073709551615}), "18446744073709551615",
		 NULL, NULL},
		{J({"const": -9223372036854775808}), "-9223372036854775808.0",
		 NULL, NULL},
		{J({"const": 1e300}), "1e300", NULL, NULL},
		{J({"const": "a", "enum": ["a", "b"]}), J("b"), "const", ""},
		{J({"const": "c", "enum": ["a", "b"]}), J("c"), "enum", ""},
		{J({"const": {"a": {"b": [1, 2]}}}), J({"a": {"b": [1, 2.0]}}),
		 NULL, NULL},
		{J({"const": {"a": 1, "b": 2}, "required": ["c"]}),
		 J({"b": 2, "a": 1}), "required", ""},
	};

	RUN(rows);
}

static void
check_refs_lead_to_schemas_in_the_document(void)
{
	static const char tree[] = J({
		"type": "object",
		"properties": {"v": {"type": "integer"},
			       "kids": {"items": {"$ref": "#"}}},
		"required": ["v"]});
	static const char beside[] = J({
		"$defs": {"a": {"type": "object", "required": ["x"]}},
		"$ref": "#/$defs/a", "required": ["y"]});
	static const char odd[] = "{\"$defs\": {"
		"\"a/b~c %\": {\"type\": \"null\"},"
		"\"\\u00e9\": {\"type\": \"array\"}},"
		"\"properties\": {"
		"\"p\": {\"$ref\": \"#/$defs/a~1b~0c%20%25\"},"
		"\"q\": {\"$ref\": \"#/$defs/%C3%A9\"}}}";
	static const char chain[] = J({
		"$ref": "#/$defs/a",
		"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/c"},
			  "c": {"type": "string"}}});
	static const char other[] = J({
		"properties": {
			"a": {"type": "null"},
			"b": {"$ref": "#/properties/a"},
			"c": {"prefixItems": [{"type": "array"}]},
			"d": {"$ref": "#/properties/c/prefixItems/0"},
			"e": {"$ref": "#/definitions/old"}},
		"definitions": {"old": {"type": "integer"}}});
	static const char links[] = J({
		"items": {"$ref": "#/$defs/s", "maxLength": 2},
		"$defs": {"s": {"minLength": 2, "$ref": "#/$defs/r"},
			  "r": {"pattern": "^x"}}});
	static const char types[] = J({
		"items": {"type": ["string", "null"], "$ref": "#/$defs/t"},
		"$defs": {"t": {"type": ["null", "integer"]}}});
	static const struct row rows[] = {
		{tree, J({"v": 1}), NULL, NULL},
		{tree, J({"v": 1, "kids": [{"v": 2, "kids": [{"v": 3}]}]}), NULL,
		 NULL},
		{tree, J({"v": 1, "kids": [{"v": 2, "kids": [{"v": "3"}]}]}),
		 "type", "/kids/0/kids/0/v"},
		{tree, J({"v": 1, "kids": [{"v": 2}, {}]}), "required",
		 "/kids/1"},
		{beside, J({"x": 1, "y": 2}), NULL, NULL},
		{beside, J({"x": 1}), "required", ""},
		{beside, J({"y": 1}), "required", ""},
		{beside, "1", "type", ""},
		{odd, J({"p": null, "q": []}), NULL, NULL},
		{odd, J({"p": 1}), "type", "/p"},
		{odd, J({"q": 1}), "type", "/q"},
		{chain, J("x"), NULL, NULL},
		{chain, "1", "type", ""},
		{other, J({"a": null, "b": null, "c": [[]], "d": [], "e": 1}),
		 NULL, NULL},
		{other, J({"b": 1}), "type", "/b"},
		{other, J({"d": 1}), "type", "/d"},
		{other, J({"e": 1.5}), "type", "/e"},
		{links, J(["xy", "xz"]), NULL, NULL},
		{links, J(["xy", "yy"]), "pattern", "/1"},
		{links, J(["xy", "x"]), "minLength", "/1"},
		{links, J(["xyz"]), "maxLength", "/0"},
		{types, "[null,null]", NULL, NULL},
		{types, J([null, "a"]), "type", "/1"},
		{types, "[1]", "type", "/0"},
		{J({"$ref": "#/$defs/t", "$defs": {"t": true}}), "1", NULL,
		 NULL},
		{J({"$ref": "#/$defs/t", "type": "null", "$defs": {"t": {}}}),
		 "1", "type", ""},
		{J({"properties": {"a": {"$ref": ""}}, "required": ["x"]}),
		 J({"x": 1, "a": {}}), "required", "/a"},
	};

	RUN(rows);
}

static void
check_annotations_and_unknown_keywords_have_no_say(void)
{
	static const struct row rows[] = {
		{J({"title": "t", "description": "d", "default": 1,
		    "examples": [2], "deprecated": true, "readOnly": true,
		    "writeOnly": false, "$comment": "c", "format": "email",
		    "contentEncoding": "base64", "contentMediaType": "a/b",
		    "contentSchema": false}),
		 J("no email"), NULL, NULL},
		{J({"x-units": {"type": 5}, "minimun": 3, "extends": []}), "1",
		 NULL, NULL},
		{J({"$schema": "https://json-schema.org/draft/2020-12/schema",
		    "$id": "https://example.org/x", "type": "null"}),
		 "1", "type", ""},
		{J({"$schema": "https://json-schema.org/draft/2020-12/schema#"}),
		 "1", NULL, NULL},
	};

	RUN(rows);
}

SUITE("check",
      TEST(check_type_accepts_its_own_and_refuses_others),
      TEST(check_type_lists_accept_any_of_them),
      TEST(check_boolean_schemas_allow_all_or_nothing),
      TEST(check_minimum_and_maximum_include_their_bound),
      TEST(check_exclusive_bounds_leave_their_bound_out),
      TEST(check_integers_compare_exactly_at_64_bits),
      TEST(check_string_lengths_count_code_points),
      TEST(check_pattern_searches_anywhere),
      TEST(check_item_counts_apply_to_arrays_only),
      TEST(check_items_apply_behind_the_prefix),
      TEST(check_properties_apply_to_those_that_are_there),
      TEST(check_required_wants_each_of_its_names),
      TEST(check_additional_properties_apply_to_the_rest),
      TEST(check_enum_and_const_compare_by_value),
      TEST(check_refs_lead_to_schemas_in_the_document),
      TEST(check_annotations_and_unknown_keywords_have_no_say));
