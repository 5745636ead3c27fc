/* SPDX-License-Identifier: BSD-2-Clause */
#include "row.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

#define DEPTH_MAX 8

int row_json;
int row_indent;

static char closing[DEPTH_MAX]; /* what closes each level */
static int depth;
static int first; /* nothing stands in this level yet */

static void
put(const char *s)
{
	out_raw(s, strlen(s));
}

static void
key_is(const char *key)
{
	if (!first)
		put(row_json ? "," : " ");
	first = 0;
	if (!key)
		return;
	if (row_json)
		out_quoted(key, strlen(key));
	else
		put(key);
	put(row_json ? ":" : "=");
}

void
row_begin(const char *type)
{
	depth = 0;
	first = 1;
	if (row_json) {
		put("{");
		if (type)
			row_word("type", type);
		return;
	}
	for (int i = 0; i < row_indent; i++)
		put(" ");
	if (type) {
		put(type);
		first = 0;
	}
}

void
row_end(void)
{
	while (depth > 0)
		row_close();
	put(row_json ? "}\n" : "\n");
}

void
row_open(const char *key, char bracket)
{
	if (!row_json || depth == DEPTH_MAX)
		return;
	key_is(key);
	out_raw(&bracket, 1);
	closing[depth++] = bracket == '[' ? ']' : '}';
	first = 1;
}

void
row_close(void)
{
	if (depth == 0)
		return;
	out_raw(&closing[--depth], 1);
	first = 0;
}

void
row_u64(const char *key, uint64_t v)
{
	key_is(key);
	out_fmt("%" PRIu64, v);
}

void
row_i64(const char *key, int64_t v)
{
	key_is(key);
	out_fmt("%" PRId64, v);
}

void
row_double(const char *key, double v)
{
	key_is(key);
	out_fmt("%.17g", v);
}

void
row_bool(const char *key, int v)
{
	key_is(key);
	if (row_json)
		put(v ? "true" : "false");
	else
		put(v ? "yes" : "no");
}

void
row_null(const char *key)
{
	key_is(key);
	put(row_json ? "null" : "-");
}

void
row_word(const char *key, const char *v)
{
	key_is(key);
	if (row_json)
		out_quoted(v, strlen(v));
	else
		put(v);
}

void
row_str_len(const char *key, const char *v, size_t len)
{
	key_is(key);
	out_quoted(v, len);
}

void
row_str(const char *key, const char *v)
{
	row_str_len(key, v, strlen(v));
}

void
row_time(const char *key, uint64_t ns)
{
	key_is(key);
	if (!row_json) {
		out_time(ns);
	} else if (ns == 0) {
		put("null");
	} else {
		put("\"");
		out_time(ns);
		put("\"");
	}
}

int
row_msgpack(const char *key, const void *msg, size_t len)
{
	int bad;

	key_is(key);
	out_msgpack(msg, len, &bad);
	return bad;
}

void
row_schema(const char *key, const char *text, size_t len)
{
	size_t cap = 3 * len + 1;
	void *msg = malloc(cap);
	int64_t n = -1;

	if (msg)
		n = weir_json_to_msgpack(text, len, msg, cap, NULL);
	if (n > 0)
		row_msgpack(key, msg, (size_t)n);
	else
		row_str_len(key, text, len);
	free(msg);
}
