/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Documents that are handed in: whose vocabularies count where, and the
 * meta-schemas that are there without being handed in.
 */
#include "support/harness.h"

#include <string.h>
#include <weir/schema.h>

#define J(...) #__VA_ARGS__

#define BASE "https://json-schema.org/draft/2020-12/"

static weir_schema *
compile(const char *text, const weir_schema_ref *refs, size_t ref_cnt)
{
	weir_schema_opts o = {
	    .size = sizeof(o), .refs = refs, .ref_cnt = ref_cnt};
	weir_schema *s = NULL;
	weir_diag d = {0};

	if (weir_schema_compile(text, strlen(text), &o, &s, &d))
		t_log("%s\n  %s\n", text, d.message);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

static const weir_schema_ref strict = {
    .uri = "http://x/strict",
    .text = J({"$vocabulary": {
	"https://json-schema.org/draft/2020-12/vocab/core": true,
	"https://json-schema.org/draft/2020-12/vocab/applicator": true,
	"https://json-schema.org/draft/2020-12/vocab/format-assertion":
	    true}}),
};

/* A resource inside another one is of its dialect, unless it says more. */
static void
dialects_count_for_what_is_inside(void)
{
	weir_schema *s;

	s = compile(J({"$schema": "http://x/strict", "$id": "http://x/a",
		"items": {"$id": "b", "items": {"$id": "c",
		    "format": "date"}}}), &strict, 1);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x91\x91\xa1x", 4, NULL),
			WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x91\x91\x01", 3, NULL), 0);
	weir_schema_free(s);
	/* one that is usual again, in one that has no `type` */
	s = compile(J({"$schema": "http://x/strict", "$id": "http://x/a",
		"type": "null", "items": {"$id": "b", "$schema":
		"https://json-schema.org/draft/2020-12/schema",
		"format": "date", "type": "string"}}), &strict, 1);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x91\xa1x", 3, NULL), 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x91\x01", 2, NULL),
			WEIR_ESCHEMA);
	weir_schema_free(s);
	/* a document beside it is not inside */
	weir_schema_ref refs[] = {strict, {.uri = "http://x/d",
					   .text = J({"format": "date"})}};

	s = compile(J({"$schema": "http://x/strict", "items":
		{"$ref": "http://x/d"}}), refs, 2);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x91\xa1x", 3, NULL), 0);
	weir_schema_free(s);
}

/* Who hands in one of the meta-schemas, or is one, finds the others. */
static void
meta_schemas_give_way_to_those_of_the_caller(void)
{
	static const weir_schema_ref core = {
	    .uri = BASE "meta/core",
	    .text = J({"$id": "https://json-schema.org/draft/2020-12/meta/core",
		       "$dynamicAnchor": "meta", "required": ["$comment"]})};
	static const char minus[] = "\x81\xa9minLength\xff";
	static const char said[] = "\x82\xa8$comment\xa1x\xa9minLength\x01";
	weir_schema *s;

	s = compile(J({"$ref": "https://json-schema.org/draft/2020-12/schema"}),
		    &core, 1);
	CU_ASSERT_EQUAL(weir_schema_check(s, said, sizeof(said) - 1, NULL), 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, "\x81\xa9minLength\x01", 12, NULL),
			WEIR_ESCHEMA);
	weir_schema_free(s);
	s = compile(J({"$id": "https://json-schema.org/draft/2020-12/schema",
		"$dynamicAnchor": "meta",
		"allOf": [{"$ref": "meta/validation"}]}), NULL, 0);
	CU_ASSERT_EQUAL(weir_schema_check(s, minus, sizeof(minus) - 1, NULL),
			WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(weir_schema_check(s, said, sizeof(said) - 1, NULL), 0);
	weir_schema_free(s);
}

SUITE("resource", TEST(dialects_count_for_what_is_inside),
      TEST(meta_schemas_give_way_to_those_of_the_caller));
