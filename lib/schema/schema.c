/* SPDX-License-Identifier: BSD-2-Clause */
#include <weir/schema.h>

#include <errno.h>
#include <stdlib.h>
#include <weir/record.h>

#include "base/diag.h"
#include "codec/json.h"
#include "codec/walk.h"
#include "schema/arena.h"
#include "schema/check.h"
#include "schema/compile.h"
#include "schema/pattern.h"
#include "schema/report.h"

_Static_assert(WEIR_DEPTH_MAX == WI_DEPTH_MAX, "the codec has another limit");

/* The text as msgpack, in memory of just that size. */
static int
read_document(struct weir_schema *s, const char *text, size_t len,
	      weir_diag *diag)
{
	size_t cap = WI_JSON_CAP(len) + 1;
	uint8_t *buf = malloc(cap), *doc;
	int64_t n;

	if (!buf)
		return -ENOMEM;
	n = weir_json_to_msgpack(text, len, buf, cap, diag);
	if (n < 0) {
		free(buf);
		return (int)n;
	}
	doc = realloc(buf, (size_t)n);
	s->doc = doc ? doc : buf;
	s->doc_len = (uint32_t)n;
	return 0;
}

int
weir_schema_compile(const char *text, size_t len, const weir_schema_opts *opts,
		    weir_schema **out, weir_diag *diag)
{
	struct weir_schema *s;
	int ret;

	if (out)
		*out = NULL;
	if (!text || !out)
		return wi_fail(diag, -EINVAL,
			       "no text, or nowhere to put the "
			       "schema");
	if (opts && (opts->size < sizeof(*opts) || opts->flags))
		return wi_fail(diag, -EINVAL,
			       "weir_schema_opts: size is too "
			       "small, or unknown flags");
	if (len > WI_SCHEMA_TEXT_MAX)
		return wi_fail(diag, WEIR_EBADSCHEMA,
			       "the schema has %zu bytes, the limit is %zu",
			       len, WI_SCHEMA_TEXT_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return wi_fail(diag, -ENOMEM, "no memory for the schema");
	s->arena = wi_arena_new();
	ret = s->arena ? read_document(s, text, len, diag) : -ENOMEM;
	if (!ret)
		ret = wi_compile(s, diag);
	if (ret) {
		weir_schema_free(s);
		return ret == -ENOMEM ? wi_fail(diag, ret,
						"no memory for the "
						"schema")
				      : ret;
	}
	*out = s;
	return 0;
}

int
weir_schema_check(weir_schema *schema, const void *msg, size_t len,
		  weir_diag *diag)
{
	struct wi_verdict v;
	int ret, bad;

	if (!msg)
		return wi_fail(diag, -EINVAL, "no record");
	if (!schema)
		return wi_wellformed(msg, len, diag);
	ret = wi_check_run(schema, msg, len, &v);
	if (!ret && !v.open)
		return 0;
	/* also where the schema says no: what is not well-formed has no
	 * place that could be named */
	bad = wi_wellformed(msg, len, diag);
	return bad || !ret ? bad : wi_report(schema, msg, len, &v, diag);
}

void
weir_schema_free(weir_schema *schema)
{
	if (!schema)
		return;
	wi_patterns_free(schema->patterns);
	wi_arena_free(schema->arena);
	free(schema->doc);
	free(schema);
}
