/* SPDX-License-Identifier: BSD-2-Clause
 *
 * All that is wrong with a record, in the output format "basic".
 */
#include "support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define J(...) #__VA_ARGS__

static char out[8192];

static int64_t
errors(const char *schema, const char *record, uint32_t flags, uint32_t most)
{
	weir_schema_opts o = {.size = sizeof(o), .flags = flags};
	weir_schema *s = NULL;
	uint8_t msg[1024];
	int64_t n = weir_json_to_msgpack(record, strlen(record), msg,
					 sizeof(msg), NULL);

	CU_ASSERT_FATAL(n > 0);
	CU_ASSERT_EQUAL_FATAL(
	    weir_schema_compile(schema, strlen(schema), &o, &s, NULL), 0);
	n = weir_schema_errors(s, msg, (size_t)n, most, out, sizeof(out));
	weir_schema_free(s);
	return n;
}

/* The text must be JSON, and have each of these places, in this order. */
static void
expect(const char *schema, const char *record, const char *const *want)
{
	int64_t n = errors(schema, record, WEIR_LOCATIONS, 100), cnt = 0;
	static uint8_t msg[3 * sizeof(out)];
	weir_value v, e;
	char pointer[64];

	CU_ASSERT_EQUAL(n, (int64_t)strlen(out));
	n = weir_json_to_msgpack(out, (size_t)n, msg, sizeof(msg), NULL);
	CU_ASSERT_FATAL(n > 0);
	CU_ASSERT(weir_value_find(msg, (size_t)n, "/valid", &v) == 0 &&
		  v.type == WEIR_BOOL && !v.boolean);
	for (; want[2 * cnt]; cnt++) {
		static const char *const keys[] = {"keywordLocation",
						   "instanceLocation"};

		for (int k = 0; k < 2; k++) {
			const char *text = want[2 * cnt + k];

			snprintf(pointer, sizeof(pointer), "/errors/%d/%s",
				 (int)cnt, keys[k]);
			if (weir_value_find(msg, (size_t)n, pointer, &e) ||
			    e.len != strlen(text) ||
			    memcmp(e.ptr, text, e.len) != 0) {
				t_log("%s\n%s\n%s: expected \"%s\"\n%s\n",
				      schema, record, pointer, text, out);
				CU_FAIL("another error");
				return;
			}
		}
	}
	snprintf(pointer, sizeof(pointer), "/errors/%d", (int)cnt);
	if (weir_value_find(msg, (size_t)n, pointer, &e) != -ENOENT) {
		t_log("%s\n%s\none too many: %s\n", schema, record, out);
		CU_FAIL("more errors");
	}
}

#define EXPECT(schema, record, ...)                                            \
	expect(schema, record, (const char *const[]){__VA_ARGS__, NULL})

static void
errors_of_a_valid_record_are_none(void)
{
	CU_ASSERT_EQUAL(errors(J({"type": "null"}), "null", 0, 1), 14);
	CU_ASSERT_STRING_EQUAL(out, "{\"valid\":true}");
}

static void
errors_are_all_there(void)
{
	EXPECT(J({"type": "string"}), "1", "/type", "");
	EXPECT(J({"minimum": 5, "multipleOf": 2, "enum": [9]}), "3", "/enum", "",
	       "/minimum", "", "/multipleOf", "");
	EXPECT(J({"properties": {"a": {"type": "null"}, "b": false},
		  "required": ["c"]}),
	       J({"a": 1, "b": 2}), "/properties/a/type", "/a",
	       "/properties/b", "/b", "/required", "");
	EXPECT(J({"prefixItems": [{"const": 1}], "items": {"const": 2},
		  "uniqueItems": true}),
	       "[2,2,3]", "/prefixItems/0/const", "/0", "/items/const", "/2",
	       "/uniqueItems", "");
	EXPECT(J({"patternProperties": {"^a/": false}, "propertyNames":
		  {"maxLength": 2}, "additionalProperties": {"type": "null"}}),
	       J({"a/b": 1, "x": 1}), "/propertyNames/maxLength", "/a~1b",
	       "/patternProperties/^a~1", "/a~1b",
	       "/additionalProperties/type", "/x");
	/* not `required`, whose member is there; not the one that is well */
	EXPECT(J({"items": {"items": {"maximum": 1}}}), "[[1,2],[],[3]]",
	       "/items/items/maximum", "/0/1", "/items/items/maximum", "/2/0");
}

static void
errors_of_choices(void)
{
	EXPECT(J({"allOf": [{"minimum": 3}, true, {"maximum": 1}]}), "2",
	       "/allOf/0/minimum", "", "/allOf/2/maximum", "");
	EXPECT(J({"anyOf": [{"minimum": 3}, {"type": "null"}]}), "2", "/anyOf",
	       "", "/anyOf/0/minimum", "", "/anyOf/1/type", "");
	/* those of alternatives count only if none fits */
	EXPECT(J({"anyOf": [{"minimum": 3}, true], "maximum": 1}), "2",
	       "/maximum", "");
	EXPECT(J({"oneOf": [{"minimum": 1}, {"maximum": 3}, false]}), "2",
	       "/oneOf", "");
	EXPECT(J({"not": {"const": 2}}), "2", "/not", "");
	EXPECT(J({"if": {"const": 2}, "then": {"type": "null"}}), "2",
	       "/then/type", "");
	EXPECT(J({"if": {"const": 2}, "else": false}), "3", "/else", "");
	EXPECT(J({"dependentSchemas": {"a": {"required": ["b"]}}}), J({"a": 1}),
	       "/dependentSchemas/a/required", "");
	EXPECT(J({"properties": {"a": true}, "unevaluatedProperties": false}),
	       J({"b": 1}), "/unevaluatedProperties", "/b");
}

static void
errors_name_references_on_the_way(void)
{
	static const char *const schema =
	    J({"$id": "http://x/y", "items": {"$ref": "#/$defs/a"}, "$defs":
	       {"a": {"$ref": "n"}, "n": {"$id": "n", "type": "number"}}});

	EXPECT(schema, "[\"a\"]", "/items/$ref/$ref/type", "/0");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(out, "\"absoluteKeywordLocation\":\"http://x/n#/type\""));
	CU_ASSERT(errors(schema, "[\"a\"]", 0, 1) > 0);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(out, "\"keywordLocation\":\"/items/type\""));
}

static void
errors_are_as_many_as_asked_for(void)
{
	const char *at = out;
	int cnt = 0;

	CU_ASSERT(errors(J({"items": false}), "[1,2,3,4]", 0, 2) > 0);
	while ((at = strstr(at, "instanceLocation"))) {
		at++;
		cnt++;
	}
	CU_ASSERT_EQUAL(cnt, 2);
}

static void
errors_arguments_and_buffers(void)
{
	static const char text[] = J({"items": false});
	weir_schema *s = NULL;
	char small[16];
	int64_t n;

	CU_ASSERT_EQUAL_FATAL(
	    weir_schema_compile(text, strlen(text), NULL, &s, NULL), 0);
	CU_ASSERT_EQUAL(weir_schema_errors(NULL, "\x01", 1, 1, small, 16),
			-EINVAL);
	CU_ASSERT_EQUAL(weir_schema_errors(s, NULL, 1, 1, small, 16), -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_errors(s, "\x01", 1, 0, small, 16), -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_errors(s, "\x01", 1, 1, NULL, 16), -EINVAL);
	CU_ASSERT_EQUAL(weir_schema_errors(s, "\xc1", 1, 1, small, 16),
			WEIR_EMSGPACK);
	n = weir_schema_errors(s, "\x91\x01", 2, 1, NULL, 0);
	CU_ASSERT(n > 16);
	memset(small, 'x', sizeof(small));
	CU_ASSERT_EQUAL(weir_schema_errors(s, "\x91\x01", 2, 1, small, 15), n);
	CU_ASSERT_STRING_EQUAL(small, "{\"valid\":false");
	CU_ASSERT_EQUAL(small[15], 'x');
	weir_schema_free(s);
}

SUITE("errors", TEST(errors_of_a_valid_record_are_none),
      TEST(errors_are_all_there), TEST(errors_of_choices),
      TEST(errors_name_references_on_the_way),
      TEST(errors_are_as_many_as_asked_for),
      TEST(errors_arguments_and_buffers));
