/* SPDX-License-Identifier: BSD-2-Clause
 *
 * keywords.h - the keywords of JSON Schema 2020-12, one row each.
 *
 * X(id, name, shape, use, vocabulary)
 *   shape  what the value must look like; compile.c refuses anything else,
 *          resource.c looks for schemas in SCHEMA, SCHEMAS and LIST, and
 *          meta.c says the same as a schema
 *   use    APPLY   compiled into the program
 *          NOTE    an annotation: its shape is checked, then it is forgotten
 *   vocabulary  that defines it; a resource whose meta-schema does not have
 *          that vocabulary ignores the keyword
 *
 * A keyword that is not here is not in 2020-12, and is ignored.  To add one:
 * its row, its part of the node in parts.c or steps.c, its check in check.c,
 * its words in report.c, a line in <weir/schema.h>, and its cases in
 * tests/unit/test_check.c.
 */
#ifndef WI_SCHEMA_KEYWORDS_H
#define WI_SCHEMA_KEYWORDS_H

#include "codec/walk.h"

/* clang-format off */
#define WI_KEYWORDS(X) \
	/* first those that most schemas are made of */ \
	X(TYPE,                  "type",                  TYPES,   APPLY, VALIDATION) \
	X(PROPERTIES,            "properties",            SCHEMAS, APPLY, APPLICATOR) \
	X(REQUIRED,              "required",              NAMES,   APPLY, VALIDATION) \
	X(ADDITIONAL_PROPERTIES, "additionalProperties",  SCHEMA,  APPLY, APPLICATOR) \
	X(ITEMS,                 "items",                 SCHEMA,  APPLY, APPLICATOR) \
	X(PREFIX_ITEMS,          "prefixItems",           LIST,    APPLY, APPLICATOR) \
	X(ENUM,                  "enum",                  ARRAY,   APPLY, VALIDATION) \
	X(CONST,                 "const",                 ANY,     APPLY, VALIDATION) \
	X(MINIMUM,               "minimum",               NUMBER,  APPLY, VALIDATION) \
	X(MAXIMUM,               "maximum",               NUMBER,  APPLY, VALIDATION) \
	X(EXCLUSIVE_MINIMUM,     "exclusiveMinimum",      NUMBER,  APPLY, VALIDATION) \
	X(EXCLUSIVE_MAXIMUM,     "exclusiveMaximum",      NUMBER,  APPLY, VALIDATION) \
	X(MULTIPLE_OF,           "multipleOf",            POSITIVE, APPLY, VALIDATION) \
	X(MIN_LENGTH,            "minLength",             COUNT,   APPLY, VALIDATION) \
	X(MAX_LENGTH,            "maxLength",             COUNT,   APPLY, VALIDATION) \
	X(PATTERN,               "pattern",               REGEX,   APPLY, VALIDATION) \
	X(FORMAT,                "format",                STRING,  APPLY, FORMAT) \
	X(MIN_ITEMS,             "minItems",              COUNT,   APPLY, VALIDATION) \
	X(MAX_ITEMS,             "maxItems",              COUNT,   APPLY, VALIDATION) \
	X(UNIQUE_ITEMS,          "uniqueItems",           BOOL,    APPLY, VALIDATION) \
	X(CONTAINS,              "contains",              SCHEMA,  APPLY, APPLICATOR) \
	X(MIN_CONTAINS,          "minContains",           COUNT,   APPLY, VALIDATION) \
	X(MAX_CONTAINS,          "maxContains",           COUNT,   APPLY, VALIDATION) \
	X(MIN_PROPERTIES,        "minProperties",         COUNT,   APPLY, VALIDATION) \
	X(MAX_PROPERTIES,        "maxProperties",         COUNT,   APPLY, VALIDATION) \
	X(PATTERN_PROPERTIES,    "patternProperties",     REGEXES, APPLY, APPLICATOR) \
	X(PROPERTY_NAMES,        "propertyNames",         SCHEMA,  APPLY, APPLICATOR) \
	X(DEPENDENT_REQUIRED,    "dependentRequired",     NAMESETS, APPLY, VALIDATION) \
	X(DEPENDENT_SCHEMAS,     "dependentSchemas",      SCHEMAS, APPLY, APPLICATOR) \
	/* of the value as a whole */ \
	X(REF,                   "$ref",                  STRING,  APPLY, CORE) \
	X(DYNAMIC_REF,           "$dynamicRef",           STRING,  APPLY, CORE) \
	X(ALL_OF,                "allOf",                 LIST,    APPLY, APPLICATOR) \
	X(ANY_OF,                "anyOf",                 LIST,    APPLY, APPLICATOR) \
	X(ONE_OF,                "oneOf",                 LIST,    APPLY, APPLICATOR) \
	X(NOT,                   "not",                   SCHEMA,  APPLY, APPLICATOR) \
	X(IF,                    "if",                    SCHEMA,  APPLY, APPLICATOR) \
	X(THEN,                  "then",                  SCHEMA,  APPLY, APPLICATOR) \
	X(ELSE,                  "else",                  SCHEMA,  APPLY, APPLICATOR) \
	X(UNEVALUATED_ITEMS,     "unevaluatedItems",      SCHEMA,  APPLY, UNEVALUATED) \
	X(UNEVALUATED_PROPS,     "unevaluatedProperties", SCHEMA,  APPLY, UNEVALUATED) \
	/* of the document */ \
	X(DEFS,                  "$defs",                 SCHEMAS, APPLY, CORE) \
	X(SCHEMA,                "$schema",               URI,     APPLY, CORE) \
	X(ID,                    "$id",                   URI,     APPLY, CORE) \
	X(ANCHOR,                "$anchor",               ANCHOR,  APPLY, CORE) \
	X(DYNAMIC_ANCHOR,        "$dynamicAnchor",        ANCHOR,  APPLY, CORE) \
	X(VOCABULARY,            "$vocabulary",           BOOLS,   APPLY, CORE) \
	/* ours: what msgpack has and JSON lacks */ \
	X(MSGPACK,               "x-msgpack",             STRING,  APPLY, OURS) \
	/* annotations */ \
	X(TITLE,                 "title",                 STRING,  NOTE,  META_DATA) \
	X(DESCRIPTION,           "description",           STRING,  NOTE,  META_DATA) \
	X(DEFAULT,               "default",               ANY,     NOTE,  META_DATA) \
	X(EXAMPLES,              "examples",              ARRAY,   NOTE,  META_DATA) \
	X(DEPRECATED,            "deprecated",            BOOL,    NOTE,  META_DATA) \
	X(READ_ONLY,             "readOnly",              BOOL,    NOTE,  META_DATA) \
	X(WRITE_ONLY,            "writeOnly",             BOOL,    NOTE,  META_DATA) \
	X(COMMENT,               "$comment",              STRING,  NOTE,  CORE) \
	X(CONTENT_ENCODING,      "contentEncoding",       STRING,  NOTE,  CONTENT) \
	X(CONTENT_MEDIA_TYPE,    "contentMediaType",      STRING,  NOTE,  CONTENT) \
	X(CONTENT_SCHEMA,        "contentSchema",         SCHEMA,  NOTE,  CONTENT)

/* The vocabularies of 2020-12, by the last part of their URI. */
#define WI_VOCABULARIES(X) \
	X(CORE,             "core") \
	X(APPLICATOR,       "applicator") \
	X(UNEVALUATED,      "unevaluated") \
	X(VALIDATION,       "validation") \
	X(META_DATA,        "meta-data") \
	X(FORMAT,           "format-annotation") \
	X(CONTENT,          "content") \
	X(FORMAT_ASSERTION, "format-assertion") \
	X(OURS,             "")
/* clang-format on */

#define WI_META_BASE "https://json-schema.org/draft/2020-12/"

enum wi_keyword {
#define X(id, name, shape, use, vocab) WI_KW_##id,
	WI_KEYWORDS(X)
#undef X
	/* behind the keywords: reasons that are none */
	WI_KW_CNT,
	WI_KW_FALSE = WI_KW_CNT, /* the schema `false` */
	WI_KW_STEPS,		 /* too much work for one record */
};

enum wi_vocab {
#define X(id, name) WI_VOCAB_##id,
	WI_VOCABULARIES(X)
#undef X
	WI_VOCAB_CNT,
};

/* All but format-assertion. */
#define WI_VOCABS_USUAL ((1u << WI_VOCAB_CNT) - 1 - (1u << WI_VOCAB_FORMAT_ASSERTION))

enum wi_shape {
	WI_SHAPE_ANY,
	WI_SHAPE_STRING,
	WI_SHAPE_URI,	 /* a string; what it may say, resource.c judges */
	WI_SHAPE_ANCHOR, /* a string; the same */
	WI_SHAPE_REGEX,	 /* a string; the same, pattern.c */
	WI_SHAPE_BOOL,
	WI_SHAPE_BOOLS, /* an object of booleans */
	WI_SHAPE_ARRAY,
	WI_SHAPE_NUMBER,
	WI_SHAPE_POSITIVE,
	WI_SHAPE_COUNT,
	WI_SHAPE_TYPES,
	WI_SHAPE_NAMES,
	WI_SHAPE_NAMESETS, /* an object of arrays of strings */
	WI_SHAPE_SCHEMA,
	WI_SHAPE_SCHEMAS, /* an object of schemas */
	WI_SHAPE_REGEXES, /* the same, with regular expressions as names */
	WI_SHAPE_LIST,	  /* an array of schemas, at least one */
};

enum wi_use { WI_USE_APPLY, WI_USE_NOTE };

struct wi_keyword_row {
	const char *name;
	uint8_t len, shape, use, vocab;
};

extern const struct wi_keyword_row wi_keyword_rows[WI_KW_CNT];

/* wi_vocab_name - the last part of a vocabulary's URI. */
const char *wi_vocab_name(unsigned vocab);

/* wi_keyword_name - as it is spelled; "" for those that are none. */
const char *wi_keyword_name(unsigned kw);

/* wi_keyword_find - the keyword with the name in @h; WI_KW_CNT: none. */
unsigned wi_keyword_find(const struct wi_head *h);

#endif
