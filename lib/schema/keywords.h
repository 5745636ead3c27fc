/* SPDX-License-Identifier: BSD-2-Clause
 *
 * keywords.h - the keywords of JSON Schema 2020-12, one row each.
 *
 * X(id, name, shape, use)
 *   shape  what the value must look like; compile.c refuses anything else
 *   use    APPLY   compiled into the program
 *          NOTE    an annotation: its shape is checked, then it is forgotten
 *          LATER   2020-12 defines it and we do not check it yet: a schema
 *                  that uses it is refused, never checked in part
 *
 * A keyword that is not here is not in 2020-12, and is ignored.  To add one:
 * turn LATER into APPLY, build its part of the node in compile.c, check it
 * in check.c, word its failure in report.c, list it in <weir/schema.h>, and
 * write its cases in tests/unit/test_check.c.
 */
#ifndef WI_SCHEMA_KEYWORDS_H
#define WI_SCHEMA_KEYWORDS_H

/* clang-format off */
#define WI_KEYWORDS(X) \
	/* first those that most schemas are made of */ \
	X(TYPE,                  "type",                  TYPES,   APPLY) \
	X(PROPERTIES,            "properties",            SCHEMAS, APPLY) \
	X(REQUIRED,              "required",              NAMES,   APPLY) \
	X(ADDITIONAL_PROPERTIES, "additionalProperties",  SCHEMA,  APPLY) \
	X(ITEMS,                 "items",                 SCHEMA,  APPLY) \
	X(PREFIX_ITEMS,          "prefixItems",           LIST,    APPLY) \
	X(ENUM,                  "enum",                  ARRAY,   APPLY) \
	X(CONST,                 "const",                 ANY,     APPLY) \
	X(MINIMUM,               "minimum",               NUMBER,  APPLY) \
	X(MAXIMUM,               "maximum",               NUMBER,  APPLY) \
	X(EXCLUSIVE_MINIMUM,     "exclusiveMinimum",      NUMBER,  APPLY) \
	X(EXCLUSIVE_MAXIMUM,     "exclusiveMaximum",      NUMBER,  APPLY) \
	X(MIN_LENGTH,            "minLength",             COUNT,   APPLY) \
	X(MAX_LENGTH,            "maxLength",             COUNT,   APPLY) \
	X(PATTERN,               "pattern",               STRING,  APPLY) \
	X(MIN_ITEMS,             "minItems",              COUNT,   APPLY) \
	X(MAX_ITEMS,             "maxItems",              COUNT,   APPLY) \
	X(REF,                   "$ref",                  STRING,  APPLY) \
	X(DEFS,                  "$defs",                 SCHEMAS, APPLY) \
	X(SCHEMA,                "$schema",               STRING,  APPLY) \
	X(ID,                    "$id",                   STRING,  APPLY) \
	/* annotations */ \
	X(TITLE,                 "title",                 STRING,  NOTE) \
	X(DESCRIPTION,           "description",           STRING,  NOTE) \
	X(DEFAULT,               "default",               ANY,     NOTE) \
	X(EXAMPLES,              "examples",              ARRAY,   NOTE) \
	X(FORMAT,                "format",                STRING,  NOTE) \
	X(DEPRECATED,            "deprecated",            BOOL,    NOTE) \
	X(READ_ONLY,             "readOnly",              BOOL,    NOTE) \
	X(WRITE_ONLY,            "writeOnly",             BOOL,    NOTE) \
	X(COMMENT,               "$comment",              STRING,  NOTE) \
	X(CONTENT_ENCODING,      "contentEncoding",       STRING,  NOTE) \
	X(CONTENT_MEDIA_TYPE,    "contentMediaType",      STRING,  NOTE) \
	X(CONTENT_SCHEMA,        "contentSchema",         ANY,     NOTE) \
	/* the rest of 2020-12 */ \
	X(ALL_OF,                "allOf",                 LIST,    LATER) \
	X(ANY_OF,                "anyOf",                 LIST,    LATER) \
	X(ONE_OF,                "oneOf",                 LIST,    LATER) \
	X(NOT,                   "not",                   SCHEMA,  LATER) \
	X(IF,                    "if",                    SCHEMA,  LATER) \
	X(THEN,                  "then",                  SCHEMA,  LATER) \
	X(ELSE,                  "else",                  SCHEMA,  LATER) \
	X(CONTAINS,              "contains",              SCHEMA,  LATER) \
	X(MIN_CONTAINS,          "minContains",           COUNT,   LATER) \
	X(MAX_CONTAINS,          "maxContains",           COUNT,   LATER) \
	X(UNIQUE_ITEMS,          "uniqueItems",           BOOL,    LATER) \
	X(MULTIPLE_OF,           "multipleOf",            NUMBER,  LATER) \
	X(MIN_PROPERTIES,        "minProperties",         COUNT,   LATER) \
	X(MAX_PROPERTIES,        "maxProperties",         COUNT,   LATER) \
	X(PATTERN_PROPERTIES,    "patternProperties",     SCHEMAS, LATER) \
	X(PROPERTY_NAMES,        "propertyNames",         SCHEMA,  LATER) \
	X(DEPENDENT_REQUIRED,    "dependentRequired",     ANY,     LATER) \
	X(DEPENDENT_SCHEMAS,     "dependentSchemas",      SCHEMAS, LATER) \
	X(UNEVALUATED_ITEMS,     "unevaluatedItems",      SCHEMA,  LATER) \
	X(UNEVALUATED_PROPS,     "unevaluatedProperties", SCHEMA,  LATER) \
	X(ANCHOR,                "$anchor",               STRING,  LATER) \
	X(DYNAMIC_REF,           "$dynamicRef",           STRING,  LATER) \
	X(DYNAMIC_ANCHOR,        "$dynamicAnchor",        STRING,  LATER) \
	X(VOCABULARY,            "$vocabulary",           ANY,     LATER)
/* clang-format on */

enum wi_keyword {
#define X(id, name, shape, use) WI_KW_##id,
	WI_KEYWORDS(X)
#undef X
	/* behind the keywords: reasons that are none */
	WI_KW_CNT,
	WI_KW_FALSE = WI_KW_CNT, /* the schema `false` */
	WI_KW_STEPS,		 /* too much work for one record */
};

#endif
