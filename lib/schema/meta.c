/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/meta.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/keywords.h"

#define SUB "{\"$dynamicRef\":\"#meta\"}"
#define STRINGS                                                                \
	"{\"type\":\"array\",\"items\":{\"type\":\"string\"},"                 \
	"\"uniqueItems\":true}"
#define SIMPLE                                                                 \
	"{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\","    \
	"\"object\",\"string\"]}"
#define URI_BEFORE_FRAGMENT                                                    \
	"{\"type\":\"string\",\"format\":\"uri-reference\","                   \
	"\"pattern\":\"^[^#]*#?$\"}"
#define REGEX "{\"type\":\"string\",\"format\":\"regex\"}"
#define ANCHOR                                                                 \
	"{\"type\":\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"}"

static const char *const shapes[] = {
    [WI_SHAPE_ANY] = "true",
    [WI_SHAPE_STRING] = "{\"type\":\"string\"}",
    [WI_SHAPE_URI] = URI_BEFORE_FRAGMENT,
    [WI_SHAPE_ANCHOR] = ANCHOR,
    [WI_SHAPE_REGEX] = REGEX,
    [WI_SHAPE_BOOL] = "{\"type\":\"boolean\"}",
    [WI_SHAPE_BOOLS] = "{\"type\":\"object\","
		       "\"additionalProperties\":{\"type\":\"boolean\"}}",
    [WI_SHAPE_ARRAY] = "{\"type\":\"array\"}",
    [WI_SHAPE_NUMBER] = "{\"type\":\"number\"}",
    [WI_SHAPE_POSITIVE] = "{\"type\":\"number\",\"exclusiveMinimum\":0}",
    [WI_SHAPE_COUNT] = "{\"type\":\"integer\",\"minimum\":0}",
    [WI_SHAPE_TYPES] = "{\"anyOf\":[" SIMPLE ",{\"type\":\"array\","
		       "\"items\":" SIMPLE ",\"minItems\":1,"
		       "\"uniqueItems\":true}]}",
    [WI_SHAPE_NAMES] = STRINGS,
    [WI_SHAPE_NAMESETS] =
	"{\"type\":\"object\",\"additionalProperties\":" STRINGS "}",
    [WI_SHAPE_SCHEMA] = SUB,
    [WI_SHAPE_SCHEMAS] =
	"{\"type\":\"object\",\"additionalProperties\":" SUB "}",
    [WI_SHAPE_REGEXES] =
	"{\"type\":\"object\",\"additionalProperties\":" SUB ","
	"\"propertyNames\":" REGEX "}",
    [WI_SHAPE_LIST] =
	"{\"type\":\"array\",\"minItems\":1,\"items\":" SUB "}",
};

static void
put(char *buf, size_t *n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
put(char *buf, size_t *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*n += (size_t)vsnprintf(buf + *n, WI_META_LEN - *n, fmt, ap);
	va_end(ap);
}

static void
begin(char *buf, size_t *n, const char *uri)
{
	put(buf, n,
	    "{\"$schema\":\"" WI_META_BASE "schema\",\"$id\":\"%s\","
	    "\"$dynamicAnchor\":\"meta\",\"type\":[\"object\","
	    "\"boolean\"],",
	    uri);
}

/* The schema itself is all vocabularies but one. */
static size_t
whole(char *buf, const char *uri)
{
	const char *comma = "";
	size_t n = 0;

	begin(buf, &n, uri);
	put(buf, &n, "\"$vocabulary\":{");
	for (unsigned v = 0; v < WI_VOCAB_FORMAT_ASSERTION; v++) {
		put(buf, &n, "%s\"" WI_META_BASE "vocab/%s\":true", comma,
		    wi_vocab_name(v));
		comma = ",";
	}
	put(buf, &n, "},\"allOf\":[");
	comma = "";
	for (unsigned v = 0; v < WI_VOCAB_FORMAT_ASSERTION; v++) {
		put(buf, &n, "%s{\"$ref\":\"meta/%s\"}", comma,
		    wi_vocab_name(v));
		comma = ",";
	}
	put(buf, &n, "]}");
	return n;
}

size_t
wi_meta_text(unsigned i, char buf[WI_META_LEN], char uri[WI_META_URI_LEN])
{
	const char *comma = "";
	unsigned vocab = i - 1;
	size_t n = 0;

	snprintf(uri, WI_META_URI_LEN, WI_META_BASE "%s%s",
		 i ? "meta/" : "schema", i ? wi_vocab_name(vocab) : "");
	if (i == 0)
		return whole(buf, uri);
	begin(buf, &n, uri);
	put(buf, &n, "\"properties\":{");
	for (unsigned kw = 0; kw < WI_KW_CNT; kw++) {
		const struct wi_keyword_row *row = &wi_keyword_rows[kw];

		if (row->vocab != vocab &&
		    !(vocab == WI_VOCAB_FORMAT_ASSERTION && kw == WI_KW_FORMAT))
			continue;
		put(buf, &n, "%s\"%s\":%s", comma, row->name,
		    shapes[row->shape]);
		comma = ",";
	}
	put(buf, &n, "}}");
	return n;
}
