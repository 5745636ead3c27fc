/* SPDX-License-Identifier: BSD-2-Clause */
#include "widget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <weir/record.h>

#include "out.h"
#include "pretty.h"

static const struct {
	const char *name;
	enum widget_kind kind;
} kinds[] = {{"paragraph", WIDGET_PARAGRAPH},
	     {"table", WIDGET_TABLE},
	     {"metric", WIDGET_METRIC},
	     {"chart", WIDGET_CHART},
	     {"json", WIDGET_JSON}};
#define KIND_CNT (sizeof(kinds) / sizeof(*kinds))

/* Does the schema name one? */
static int
asked(const char *schema, size_t len, enum widget_kind *kind)
{
	void *msg = len ? malloc(3 * len) : NULL;
	int64_t n =
	    msg ? weir_json_to_msgpack(schema, len, msg, 3 * len, NULL) : -1;
	weir_value v;
	int found = 0;

	if (n > 0 &&
	    weir_value_find(msg, (size_t)n, "/x-weir-widget", &v) == 0 &&
	    v.type == WEIR_STR)
		for (size_t i = 0; i < KIND_CNT && !found; i++) {
			found = v.len == strlen(kinds[i].name) &&
				memcmp(v.ptr, kinds[i].name, v.len) == 0;
			*kind = kinds[i].kind;
		}
	free(msg);
	return found;
}

enum widget_kind
widget_kind_of(const char *channel, const char *schema, size_t schema_len)
{
	enum widget_kind kind;

	if (asked(schema, schema_len, &kind))
		return kind;
	for (size_t i = 0; i < KIND_CNT; i++)
		if (strncmp(channel, kinds[i].name, strlen(kinds[i].name)) == 0)
			return kinds[i].kind;
	return WIDGET_JSON;
}

int
widget_text(const weir_record *rec, const char *pointer, const char **s,
	    size_t *len)
{
	weir_value v;

	if (weir_record_find(rec, pointer, &v) != 0 || v.type != WEIR_STR)
		return 0;
	*s = v.ptr;
	*len = v.len;
	return 1;
}

int
widget_is_number(const weir_value *v, double *d)
{
	switch (v->type) {
	case WEIR_INT:
		*d = (double)v->i;
		return 1;
	case WEIR_UINT:
		*d = (double)v->u;
		return 1;
	case WEIR_FLOAT:
		*d = v->d;
		return isfinite(v->d);
	default:
		return 0;
	}
}

int
widget_number(const weir_record *rec, const char *pointer, double *d)
{
	weir_value v;

	return weir_record_find(rec, pointer, &v) == 0 &&
	       widget_is_number(&v, d);
}

void
elements_of(struct elements *e, const weir_value *array)
{
	const unsigned char *end =
	    (const unsigned char *)array->raw + array->raw_len;
	weir_value v;

	*e = (struct elements){.left = 0};
	if (weir_value_find(array->raw, array->raw_len, "/0", &v) != 0)
		return;
	e->at = v.raw;
	e->len = (size_t)(end - e->at);
	e->left = array->cnt;
}

int
elements_next(struct elements *e, weir_value *v)
{
	if (!e->left || weir_value_find(e->at, e->len, "", v) != 0)
		return 0;
	e->left--;
	e->at += v->raw_len;
	e->len -= v->raw_len;
	return 1;
}

void
widget_title(struct canvas *c, const weir_record *rec)
{
	const char *s;
	size_t len;

	if (!widget_text(rec, "/title", &s, &len) || !len)
		return;
	canvas_row(c);
	canvas_put(c, INK_BOLD, s, len);
}

const char *
widget_json(struct canvas *c, const weir_record *rec, int rows)
{
	const char *text, *line;
	char *lines;
	int64_t n = out_json(rec->data, rec->len, &text);

	if (n < 0)
		return "it cannot be read";
	lines = pretty_json(text, (size_t)n);
	for (line = lines; line && rows-- > 0;) {
		const char *nl = strchr(line, '\n');

		canvas_row(c);
		canvas_put(c, INK_PLAIN, line,
			   nl ? (size_t)(nl - line) : strlen(line));
		line = nl ? nl + 1 : NULL;
	}
	free(lines);
	return NULL;
}
