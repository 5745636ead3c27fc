/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_check.c - any bytes as a record, against one of a few schemas that
 * the first byte chooses.  A record is refused as msgpack exactly if the
 * codec refuses it, and as a record exactly if a naive checker does.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#include "codec/json.h"
#include "codec/walk.h"
#include "fuzz/naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define J(...) #__VA_ARGS__
#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

/* clang-format off */
static const char *const schemas[] = {
	"true",
	"false",
	J({"type": "object",
	   "properties": {"label": {"type": "string"},
			  "value": {"type": "number"},
			  "changeType": {"enum": ["increase", "decrease"]}},
	   "required": ["label", "value"], "additionalProperties": false}),
	J({"type": ["array", "integer"],
	   "items": {"type": ["array", "string", "null"],
		     "items": {"type": ["string", "number", "boolean", "null"]}}}),
	J({"properties": {"v": {"type": "integer"}, "kids": {"items":
	   {"$ref": "#"}}}, "required": ["v"]}),
	J({"prefixItems": [{"const": {"a": [1, 2.5]}}, {"enum": [1, "x", null,
	   [], {}, 2, 3, 4, 5, 6]}, false], "items": {"maxLength": 2}}),
	J({"minimum": -5, "exclusiveMaximum": 9007199254740993, "minLength": 2,
	   "maxLength": 3, "minItems": 1, "maxItems": 3}),
	J({"additionalProperties": {"type": "integer", "maximum": 1e18}}),
	J({"$ref": "#/$defs/a", "type": ["object", "array"], "items": {"$ref":
	   "#/$defs/a"}, "$defs": {"a": {"properties": {"x": {"$ref": "#"}},
	   "required": ["y", "x"], "maxItems": 2, "$ref": "#/$defs/b"},
	   "b": {"additionalProperties": {"type": ["object", "integer"]}}}}),
	J({"properties": {"a": {}, "b": {"type": "object"}, "c": true},
	   "required": ["c"]}),
	J({"anyOf": [{"type": "array", "items": {"$ref": "#"}, "contains":
	   {"type": "integer"}, "uniqueItems": true}, {"oneOf": [{"type":
	   "integer"}, {"minimum": 3}, {"properties": {"a": {"$ref": "#"}},
	   "required": ["a"]}]}, {"not": {"type": ["string", "object",
	   "number", "array"]}}]}),
	J({"if": {"type": "object"}, "then": {"dependentRequired": {"a": ["b"]},
	   "dependentSchemas": {"b": {"minProperties": 2}}, "propertyNames":
	   {"maxLength": 2}, "maxProperties": 3, "additionalProperties":
	   {"$ref": "#"}}, "else": {"allOf": [{"minContains": 2, "contains":
	   {"type": "null"}}, {"maxContains": 3, "contains": true}, {"items":
	   {"$ref": "#"}}]}}),
	J({"type": "object", "allOf": [{"properties": {"a": true}}, {"anyOf":
	   [{"properties": {"b": {"type": "null"}}, "required": ["b"]},
	   {"prefixItems": [true]}, true]}], "unevaluatedProperties": {"type":
	   "object", "properties": {"x": {"unevaluatedItems": false,
	   "prefixItems": [true]}}, "unevaluatedProperties": false}}),
	J({"type": "object", "properties": {"title": {"type": "string",
	   "minLength": 1, "maxLength": 4}, "a-name-of-eighteen": {"type":
	   "integer", "minimum": -3, "multipleOf": 3},
	   "this-name-has-more-than-thirty-one-bytes": {"const": 7}, "rows":
	   {"type": "array", "minItems": 1, "items": {"type": "array",
	   "prefixItems": [{"enum": ["up", "down", 1, null]}], "items":
	   {"type": ["string", "number"]}}}, "x": {"enum": ["increase",
	   "decrease-slowly-now"]}}, "required": ["title"],
	   "additionalProperties": false, "maxProperties": 4}),
	J({"$dynamicAnchor": "n", "type": ["object", "number", "array"],
	   "multipleOf": 0.25, "properties": {"k": {"type": "array", "items":
	   {"$dynamicRef": "#n"}}}, "prefixItems": [{"type": "string"}],
	   "contains": {"type": "null"}, "minContains": 0, "unevaluatedItems":
	   {"$dynamicRef": "#n"}, "unevaluatedProperties": false}),
};
/* clang-format on */
#define SCHEMA_CNT (sizeof(schemas) / sizeof(schemas[0]))

static struct {
	weir_schema *s;
	uint8_t doc[1024];
	size_t doc_len;
} compiled[SCHEMA_CNT];

static void
compile(size_t i)
{
	size_t len = strlen(schemas[i]);
	int64_t n = weir_json_to_msgpack(schemas[i], len, compiled[i].doc,
					 sizeof(compiled[i].doc), NULL);

	MUST(n > 0);
	compiled[i].doc_len = (size_t)n;
	MUST(!weir_schema_compile(schemas[i], len, NULL, &compiled[i].s, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	weir_diag d = {0};
	uint8_t *msg;
	int ret, bad, want;
	size_t i;

	if (len == 0)
		return 0;
	i = data[0] % SCHEMA_CNT;
	if (!compiled[i].s)
		compile(i);
	len--;
	msg = malloc(len ? len : 1);
	memcpy(msg, data + 1, len);
	bad = wi_wellformed(msg, len, NULL);
	ret = weir_schema_check(compiled[i].s, msg, len, &d);
	MUST(ret == weir_schema_check(compiled[i].s, msg, len, NULL));
	MUST(ret == d.code);
	MUST((ret == WEIR_EMSGPACK) == (bad != 0));
	if (ret)
		MUST(d.message[0]);
	if (!bad && !strstr(d.message, "too many steps")) {
		want =
		    naive_check(compiled[i].doc, compiled[i].doc_len, msg, len);
		MUST(want < 0 || want == (ret == 0));
	}
	free(msg);
	return 0;
}
