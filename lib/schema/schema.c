/* SPDX-License-Identifier: BSD-2-Clause */
#include <weir/schema.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>

#include "base/diag.h"
#include "codec/json.h"
#include "codec/walk.h"
#include "schema/arena.h"
#include "schema/check.h"
#include "schema/compile.h"
#include "schema/leap.h"
#include "schema/meta.h"
#include "schema/pattern.h"
#include "schema/report.h"

_Static_assert(WEIR_DEPTH_MAX == WI_DEPTH_MAX, "the codec has another limit");

/* Append the text as msgpack to the documents. */
static int
add_document(struct weir_schema *s, const char *text, size_t len,
	     struct wi_text uri, weir_diag *diag)
{
	size_t cap = WI_JSON_CAP(len) + 1;
	struct wi_document *d;
	uint8_t *grown;
	int64_t n;

	if (s->doc_len + cap > UINT32_MAX)
		return wi_fail(diag, WEIR_EBADSCHEMA,
			       "the documents together are too large");
	grown = realloc(s->doc, s->doc_len + cap);
	if (!grown)
		return -ENOMEM;
	s->doc = grown;
	n = weir_json_to_msgpack(text, len, s->doc + s->doc_len, cap, diag);
	if (n < 0)
		return (int)n;
	d = &s->docs[s->doc_cnt++];
	d->start = s->doc_len;
	d->end = s->doc_len += (uint32_t)n;
	/* what the caller has under this name goes away */
	d->uri = wi_text_copy(s->arena, uri);
	return uri.len && !d->uri.ptr ? -ENOMEM : 0;
}

static int
add_all(struct weir_schema *s, const char *text, size_t len,
	const weir_schema_opts *o, weir_diag *diag)
{
	int ret;

	s->docs = wi_arena_get(s->arena, 1 + o->ref_cnt + WI_META_CNT,
			       sizeof(*s->docs));
	if (!s->docs)
		return -ENOMEM;
	ret = add_document(s, text, len, wi_text(NULL, 0), diag);
	for (size_t i = 0; i < o->ref_cnt && !ret; i++) {
		const weir_schema_ref *r = &o->refs[i];

		ret = add_document(s, r->text, r->len ? r->len : strlen(r->text),
				   wi_text(r->uri, strlen(r->uri)), diag);
		if (ret == WEIR_EJSON && diag) {
			weir_diag d = *diag;

			wi_fail(diag, ret, "%s: line %u, column %u: %s", r->uri,
				d.line, d.column, d.message);
		}
	}
	return ret;
}

/* The meta-schemas of 2020-12, which something refers to. */
static int
add_meta(struct weir_schema *s, weir_diag *diag)
{
	char text[WI_META_LEN], uri[WI_META_URI_LEN];
	int ret = 0;

	for (unsigned i = 0; i < WI_META_CNT && !ret; i++) {
		size_t len = wi_meta_text(i, text, uri);

		ret = add_document(s, text, len, wi_text(uri, strlen(uri)),
				   diag);
		if (!ret)
			s->docs[s->doc_cnt - 1].is_ours = true;
	}
	return ret;
}

static int
build(struct weir_schema *s, const char *text, size_t len,
      const weir_schema_opts *o, weir_diag *diag)
{
	int ret;

	s->arena = wi_arena_new();
	ret = s->arena ? add_all(s, text, len, o, diag) : -ENOMEM;
	if (!ret)
		ret = wi_compile(s, diag);
	if (ret == -EAGAIN) {
		ret = add_meta(s, diag);
		if (!ret)
			ret = wi_compile(s, diag);
	}
	return ret;
}

static int
opts_read(weir_schema_opts *o, const weir_schema_opts *opts, weir_diag *diag)
{
	memset(o, 0, sizeof(*o));
	if (!opts)
		return 0;
	if (opts->size < offsetof(weir_schema_opts, refs) ||
	    opts->size > 4096)
		return wi_fail(diag, -EINVAL,
			       "weir_schema_opts: size is not set");
	memcpy(o, opts, opts->size < sizeof(*o) ? opts->size : sizeof(*o));
	if (o->flags & ~(WEIR_ASSERT_FORMAT | WEIR_LOCATIONS))
		return wi_fail(diag, -EINVAL, "flags: unknown bits 0x%x",
			       o->flags);
	for (size_t i = 0; i < o->ref_cnt; i++)
		if (!o->refs || !o->refs[i].uri || !*o->refs[i].uri ||
		    !o->refs[i].text)
			return wi_fail(diag, -EINVAL,
				       "refs: number %zu has no uri or no text",
				       i);
	return 0;
}

int
weir_schema_compile(const char *text, size_t len, const weir_schema_opts *opts,
		    weir_schema **out, weir_diag *diag)
{
	struct weir_schema *s;
	weir_schema_opts o;
	size_t all = len;
	int ret;

	if (out)
		*out = NULL;
	if (!text || !out)
		return wi_fail(diag, -EINVAL,
			       "no text, or nowhere to put the "
			       "schema");
	ret = opts_read(&o, opts, diag);
	if (ret)
		return ret;
	for (size_t i = 0; i < o.ref_cnt; i++)
		all += o.refs[i].len ? o.refs[i].len : strlen(o.refs[i].text);
	if (all > WI_SCHEMA_TEXT_MAX)
		return wi_fail(diag, WEIR_EBADSCHEMA,
			       "the schema has %zu bytes, the limit is %zu",
			       all, WI_SCHEMA_TEXT_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return wi_fail(diag, -ENOMEM, "no memory for the schema");
	s->asserts = o.flags & WEIR_ASSERT_FORMAT;
	s->is_exact = o.flags & WEIR_LOCATIONS;
	ret = build(s, text, len, &o, diag);
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
	if (wi_leap_all(schema, msg, len))
		return 0;
	if (schema->has_steps) {
		/* a value is looked at more than once: is it whole? */
		ret = wi_wellformed(msg, len, diag);
		if (ret)
			return ret;
	}
	ret = wi_check_run(schema, msg, len, &v);
	if (!ret && (!v.open || schema->has_steps))
		return 0;
	if (schema->has_steps)
		return wi_report(schema, msg, len, &v, diag);
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
	free(schema->frames);
	free(schema->marks);
	free(schema->table);
	free(schema->doc);
	free(schema);
}
