/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_schema_memory.c - every allocation of compiling a schema fails, one at
 * a time: there is no schema then, or the one that was asked for, but never
 * another one.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <weir/schema.h>

#include "fault/heapseam.h"

#define J(...) #__VA_ARGS__

/* A schema, and a record that it refuses; NULL: it is refused itself. */
static const struct {
	const char *name, *text, *record;
} rows[] = {
    {"resources",
     J({"$id": "http://x/a", "$dynamicAnchor": "n", "$ref": "b",
	"uniqueItems": true, "unevaluatedItems": false, "$defs": {"q":
	{"$id": "b", "$dynamicAnchor": "n", "$anchor": "z", "pattern": "a+",
	"properties": {"a": {"$dynamicRef": "#n"}}, "required": ["a", "b"],
	"dependentRequired": {"a": ["b"]}, "patternProperties": {"^x":
	{"enum": [1, [2]]}}, "prefixItems": [{"const": 1}]}}}),
     "\x92\x01\x02"},
    {"meta-schemas",
     J({"$ref": "https://json-schema.org/draft/2020-12/schema"}), "\x01"},
    {"pointers",
     J({"anyOf": [{"$ref": "http://x/d#/x/0"}, {"$ref": "http://x/d#/y/k"}]}),
     "\x01"},
    {"dialect", J({"$schema": "http://x/strict", "format": "date"}), "\xa1x"},
    {"draft", J({"$schema": "http://json-schema.org/draft-07/schema#"}), NULL},
};

static const weir_schema_ref refs[] = {
    {.uri = "http://x/d",
     .text = J({"x": [{"type": "null"}],
		"y": {"k": {"$anchor": "p", "type": "string"}}})},
    {.uri = "http://x/strict",
     .text = J({"$vocabulary": {
	 "https://json-schema.org/draft/2020-12/vocab/core": true,
	 "https://json-schema.org/draft/2020-12/vocab/format-assertion":
	     true}})},
};

/* Return: is it as it must be? */
static bool
try(size_t i, uint64_t n, uint64_t *made)
{
	weir_schema_opts o = {.size = sizeof(o), .refs = refs, .ref_cnt = 2};
	const char *record = rows[i].record;
	weir_schema *s = NULL;
	weir_diag d = {0};
	uint64_t before = heap.made;
	int want = record ? 0 : WEIR_EBADSCHEMA, rc, verdict = WEIR_ESCHEMA;

	heap.fail_at = n ? before + n : 0;
	rc = weir_schema_compile(rows[i].text, strlen(rows[i].text), &o, &s,
				 &d);
	*made = heap.made - before;
	heap.fail_at = 0;
	if (rc == 0 && record)
		verdict = weir_schema_check(s, record, strlen(record), NULL);
	weir_schema_free(s);
	if ((rc == want || (n && rc == -ENOMEM)) && verdict == WEIR_ESCHEMA)
		return true;
	printf("%s: allocation %llu: %d %s; verdict %d\n", rows[i].name,
	       (unsigned long long)n, rc, d.message, verdict);
	return false;
}

int
main(void)
{
	unsigned bad = 0, cnt = 0;

	for (; cnt < sizeof(rows) / sizeof(*rows); cnt++) {
		uint64_t all, made;
		bool ok = try(cnt, 0, &all);

		for (uint64_t n = 1; n <= all; n++)
			ok &= try(cnt, n, &made);
		printf("# %s: %llu allocations\n", rows[cnt].name,
		       (unsigned long long)all);
		bad += !ok;
	}
	printf("# fault_schema_memory: %u tests, %u failed, 0 skipped\n", cnt,
	       bad);
	return bad != 0;
}
