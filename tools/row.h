/* SPDX-License-Identifier: BSD-2-Clause
 *
 * row.h - one line of facts, as text for people or as a JSON object.
 *
 *     row_begin("lane");             lane idx=3 id="a b" life=alive
 *     row_u64("idx", 3);             {"type":"lane","idx":3,"id":"a b",...}
 *     row_str("id", "a b");
 *     row_word("life", "alive");
 *     row_end();
 */
#ifndef WI_TOOLS_ROW_H
#define WI_TOOLS_ROW_H

#include <stddef.h>
#include <stdint.h>

extern int row_json;   /* 1: JSON objects */
extern int row_indent; /* in text: this many spaces before */

/* @type: the first word, and the first key "type"; NULL: none */
void row_begin(const char *type);
void row_end(void);

void row_u64(const char *key, uint64_t v);
void row_i64(const char *key, int64_t v);
void row_double(const char *key, double v);
void row_bool(const char *key, int v);
void row_null(const char *key);
void row_word(const char *key, const char *v); /* a word of ours */
void row_str(const char *key, const char *v);  /* from elsewhere */
void row_str_len(const char *key, const char *v, size_t len);
void row_time(const char *key, uint64_t ns); /* 0: null */
int row_msgpack(const char *key, const void *msg, size_t len);

/* row_schema - a schema's text: in JSON as a value, if it can be read */
void row_schema(const char *key, const char *text, size_t len);

/* Inside of a JSON object; in text as if they were not there. */
void row_open(const char *key, char bracket); /* key NULL: an element */
void row_close(void);

#endif
