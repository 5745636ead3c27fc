/* SPDX-License-Identifier: BSD-2-Clause
 *
 * json_reader.h - the state of one reading of JSON, shared by json_read.c
 * (the grammar) and json_token.c (strings, numbers, words, errors).
 */
#ifndef WI_CODEC_JSON_READER_H
#define WI_CODEC_JSON_READER_H

#include <errno.h>

#include "base/compiler.h"
#include "codec/walk.h"

struct wi_open {
	size_t head; /* offset in the output */
	uint32_t cnt;
	uint8_t is_map;
};

struct wi_reader {
	const char *text, *p, *end;
	uint8_t *out;
	size_t len, cap;
	uint64_t keys;
	const char *stop_key; /* text of key number stop_idx, once seen */
	uint64_t stop_idx;
	weir_diag *diag;
	unsigned depth;
	int full; /* cap was too small */
	struct wi_open open[WI_DEPTH_MAX];
};

/* Errors: each fills diag and returns WEIR_EJSON. */

/* wi_json_place - only line, column and offset of @at. */
int wi_json_place(struct wi_reader *r, const char *at);

/* wi_json_refuse - @why says all. */
int wi_json_refuse(struct wi_reader *r, const char *at, const char *why);

/* wi_json_expected - @what was expected at @at; says what stands there. */
int wi_json_expected(struct wi_reader *r, const char *at, const char *what);

/* Tokens: read one at r->p and write its msgpack.
 * Return: 0, WEIR_EJSON or -ENOBUFS. */
int wi_json_string(struct wi_reader *r);
int wi_json_number(struct wi_reader *r);

/* wi_json_word - @w, of @len bytes, becomes @byte; @want for the error. */
int wi_json_word(struct wi_reader *r, const char *w, size_t len, uint8_t byte,
		 const char *want);

static inline void
wi_json_skip_space(struct wi_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' ||
				 *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

/* Room for @n bytes, or NULL. */
static inline uint8_t *
wi_json_room(struct wi_reader *r, size_t n)
{
	uint8_t *p = r->out + r->len;

	if (wi_unlikely(n > r->cap - r->len)) {
		r->full = 1;
		return NULL;
	}
	r->len += n;
	return p;
}

static inline int
wi_json_put_byte(struct wi_reader *r, uint8_t b)
{
	uint8_t *p = wi_json_room(r, 1);

	if (!p)
		return -ENOBUFS;
	*p = b;
	return 0;
}

/* One head byte and the lowest @n bytes of @v, big-endian. */
static inline int
wi_json_put_num(struct wi_reader *r, uint8_t head, uint64_t v, size_t n)
{
	uint8_t *p = wi_json_room(r, n + 1);

	if (!p)
		return -ENOBUFS;
	*p = head;
	for (; n > 0; n--, v >>= 8)
		p[n] = (uint8_t)v;
	return 0;
}

#endif
