/* SPDX-License-Identifier: BSD-2-Clause
 *
 * schema.h - JSON Schema 2020-12 over msgpack bytes.
 *
 * A channel's schema is compiled by each process when it opens the channel;
 * these functions are for the same check outside a store.
 *
 * All of the draft is there: its keywords, $id and anchors, $dynamicRef, the
 * vocabularies of a meta-schema that is handed in, and the meta-schemas of
 * 2020-12 themselves.  A keyword that 2020-12 does not define is ignored, as
 * the specification says; one whose value is not of the kind that it must
 * have makes the schema be refused.  $schema may name 2020-12, or a
 * meta-schema that is handed in; another draft is refused.  References to
 * other documents are resolved among those that are handed in, and nothing
 * is ever fetched.
 *
 * format is an annotation unless WEIR_ASSERT_FORMAT is given or the
 * meta-schema has the vocabulary format-assertion; then these are checked,
 * and others ask for nothing: date-time, date, time, duration, email,
 * idn-email, hostname, idn-hostname, ipv4, ipv6, uri, uri-reference, iri,
 * iri-reference, uri-template, uuid, json-pointer, relative-json-pointer,
 * regex.  contentEncoding and its kin are annotations always.
 *
 * Values.  Integers and doubles compare exactly, 1.0 is an integer, lengths
 * of strings count code points; enum, const and uniqueItems compare by value
 * whatever the msgpack width.  multipleOf takes doubles for the shortest
 * decimals that stand for them: 19.99 is a multiple of 0.01.
 *
 * What JSON lacks.  bin, ext, time stamps, NaN and the infinities have no
 * JSON type: they fail any type, enum and const; keywords that speak of
 * numbers, strings, arrays or objects do not concern them.  A schema opts in
 * by the keyword x-msgpack, alone or beside type:
 *
 *	{"x-msgpack": "bin"}                     bytes
 *	{"x-msgpack": "timestamp"}               ext -1 of 4, 8 or 12 bytes
 *	{"x-msgpack": "ext"}                     any ext
 *	{"type": "null", "x-msgpack": "bin"}     null, or bytes
 *
 * pattern is ECMA-262 with the u flag, searched for anywhere in the string.
 * Refused: back-references, flags inside the pattern, look-behind whose
 * alternatives have no fixed length, counts above 65535.
 *
 * Limits.  Schema: 16 MiB of text with all documents, nesting
 * WEIR_DEPTH_MAX; 500 schemas inside each other for one value (by $ref, allOf
 * and their kin); 1024 dynamic anchors, and 256 sets of them that different
 * ways through the schema meet first; of what is compiled anew for each such
 * set, 16 MiB and four times the text; URIs of 4 KiB, and 32 MiB of them once
 * they are made absolute; 2048 different patterns of up
 * to 16 KiB, 256 KiB in all.  Record: nesting WEIR_DEPTH_MAX.
 * Work: 2 million steps and 32 for each byte of the record, where a step is
 * a value that one schema looks at, a name that dependentRequired or
 * dependentSchemas looks at, or about one character that a pattern looks
 * at.  A record that needs more does not conform, and the message says
 * why; ordinary schemas take a few steps per byte.  A pattern that must
 * remember more places than fit in 10 MiB counts as one that needs more.
 */
#ifndef WEIR_SCHEMA_H
#define WEIR_SCHEMA_H

#include <weir/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_schema weir_schema;

/* How deep records and schemas may nest. */
#define WEIR_DEPTH_MAX 128

#define WEIR_ASSERT_FORMAT 1u /* `format` is checked; else an annotation */
#define WEIR_LOCATIONS	   2u /* weir_schema_errors() is to name each $ref on \
				 the way; checking is a little slower */

/**
 * struct weir_schema_ref - a document that a schema may refer to
 *
 * Nothing is ever fetched: what a $ref means is in the schema itself, in one
 * of these, or one of the meta-schemas of 2020-12.
 */
typedef struct weir_schema_ref {
	const char *uri;  /* what it is called; its own $id is another name */
	const char *text; /* JSON, UTF-8; read during the call, never kept */
	size_t len;	  /* 0: strlen(text) */
} weir_schema_ref;

/**
 * struct weir_schema_opts - how a schema is compiled; start from zero
 */
typedef struct weir_schema_opts {
	size_t size;	/* sizeof(weir_schema_opts) */
	uint32_t flags; /* WEIR_ASSERT_FORMAT, WEIR_LOCATIONS */
	const weir_schema_ref *refs; /* documents that $ref may name */
	size_t ref_cnt;
} weir_schema_opts;

/**
 * weir_schema_compile - turn the text of a JSON Schema into a checker
 * @text: JSON, UTF-8; read during the call, never kept
 * @len:  bytes in @text
 * @opts: NULL for the defaults
 * @out:  the checker; NULL on failure
 * @diag: may be NULL
 *
 * Return: 0, or
 *   WEIR_EJSON       @text is not JSON; @diag has line and column
 *   WEIR_EBADSCHEMA  not a schema, over a limit, or with a $ref that leads
 *                    nowhere; @diag has the place in schema_pointer and the
 *                    keyword
 *   -EINVAL          @text or @out is NULL, or @opts has a size, flags or
 *                    refs that cannot be
 *   -ENOMEM
 *
 * Owner:   the caller, until weir_schema_free()
 * Blocks:  never
 * Threads: any number at once
 */
WEIR_API int weir_schema_compile(const char *text, size_t len,
				 const weir_schema_opts *opts,
				 weir_schema **out, weir_diag *diag);

/**
 * weir_schema_check - is this record valid?
 * @schema: from weir_schema_compile(), or NULL: any well-formed record
 * @msg:    one msgpack value
 * @len:    bytes in @msg
 * @diag:   may be NULL: then only the answer is computed
 *
 * Checks that @msg is one whole well-formed value (every byte used, strings
 * in UTF-8, map keys strings and unique, nesting at most WEIR_DEPTH_MAX)
 * and that it conforms to @schema.  Allocates nothing (but for the formats
 * of host names and mail, where a name is not ASCII or begins with "xn--").
 *
 * Return: 0, or
 *   WEIR_EMSGPACK  not well-formed; @diag has the offset
 *   WEIR_ESCHEMA   does not conform; @diag has pointer, offset,
 *                  schema_pointer, keyword and what was expected; of several
 *                  failures, that which one pass meets first
 *   -EINVAL        @msg is NULL
 *
 * Blocks:  never
 * Threads: one at a time per schema: it owns the scratch memory
 */
WEIR_API int weir_schema_check(weir_schema *schema, const void *msg,
			       size_t len, weir_diag *diag);

/**
 * weir_schema_errors - what is wrong with a record, as JSON text
 * @schema: from weir_schema_compile()
 * @msg:    one msgpack value
 * @len:    bytes in @msg
 * @most:   so many errors at most, 1 or more
 * @buf:    receives the text and a NUL; may be NULL if @cap is 0
 * @cap:    bytes in @buf
 *
 * The output format "basic" of 2020-12: {"valid":true}, or {"valid":false,
 * "errors":[...]}, each with keywordLocation, absoluteKeywordLocation,
 * instanceLocation and error.  What is said of a schema inside anyOf or oneOf
 * stands there only if none of them fits.  Without WEIR_LOCATIONS a
 * keywordLocation leaves out schemas that are nothing but a reference.
 * What unevaluated* refuses is told when all else is well.  Locations over
 * 512 bytes are cut with "...".
 *
 * Return: the length of the text without the NUL, also where it is more than
 * fits (then @buf holds the first @cap - 1 bytes and a NUL); or
 *   WEIR_EMSGPACK  not well-formed
 *   -EINVAL        an argument is NULL, or @most is 0
 *   -ENOMEM
 *
 * Blocks: never.  Threads: one at a time per schema.  Allocates memory; not
 * for the way of every record.
 */
WEIR_API int64_t weir_schema_errors(weir_schema *schema, const void *msg,
				    size_t len, uint32_t most, char *buf,
				    size_t cap);

/**
 * weir_schema_free - give a checker back; NULL is allowed
 */
WEIR_API void weir_schema_free(weir_schema *schema);

#ifdef __cplusplus
}
#endif
#endif
