/* SPDX-License-Identifier: BSD-2-Clause
 *
 * walk.h - a bounded walk over raw msgpack bytes.
 *
 * The only msgpack reader of the house: the schema compiler and checker, the
 * JSON writer and the JSON Pointer search all stand on it.  It reads each
 * byte through [ptr, end) and allocates nothing.  The bytes are private
 * memory: callers copy records out of the segment first.
 */
#ifndef WI_CODEC_WALK_H
#define WI_CODEC_WALK_H

#include <stdbool.h>
#include <weir/record.h>

#include "base/bytes.h"

#define WI_DEPTH_MAX 128 /* WEIR_DEPTH_MAX; containers inside containers */

/* One head: what stands at a position.  For STR, BIN and EXT the payload
 * lies behind it and `next` is behind the payload; for ARRAY and MAP `next`
 * is the first child.  Only the fields of the type are set. */
struct wi_head {
	const uint8_t *next;
	const uint8_t *ptr; /* STR, BIN, EXT payload */
	union {
		uint64_t u; /* WEIR_UINT, WEIR_BOOL */
		int64_t i;  /* WEIR_INT: always negative */
		double d;   /* WEIR_FLOAT; float 32 is widened */
	};
	uint32_t len; /* STR, BIN, EXT bytes; ARRAY, MAP elements/members */
	int8_t ext_type;
	uint8_t type; /* enum weir_type */
};

/* wi_head_read_long - wi_head_read() for the heads that it leaves over. */
int wi_head_read_long(const uint8_t *p, const uint8_t *end, struct wi_head *h);

/* wi_head_read - decode the head at @p.
 * Return: 0, or WEIR_EMSGPACK: truncated, reserved byte 0xc1, or a length
 * that goes past @end (for arrays and maps: more elements than bytes).
 * A signed msgpack integer that is not negative is a WEIR_UINT.
 * UTF-8 is not checked here. */
static inline int
wi_head_read(const uint8_t *p, const uint8_t *end, struct wi_head *h)
{
	if (p < end && *p < 0x80) {
		h->type = WEIR_UINT;
		h->u = *p;
		h->next = p + 1;
		return 0;
	}
	if (p < end && *p < 0xc0) {
		size_t room = (size_t)(end - p) - 1;

		h->next = p + 1;
		if (*p >= 0xa0) {
			h->type = WEIR_STR;
			h->len = *p & 0x1f;
			h->ptr = p + 1;
			if (h->len > room)
				return WEIR_EMSGPACK;
			h->next += h->len;
			return 0;
		}
		h->type = *p < 0x90 ? WEIR_MAP : WEIR_ARRAY;
		h->len = *p & 0x0f;
		return (h->len << (*p < 0x90)) <= room ? 0 : WEIR_EMSGPACK;
	}
	return wi_head_read_long(p, end, h);
}

/* wi_skip - the byte behind the value at @p, or NULL if it is truncated,
 * malformed or nests deeper than WI_DEPTH_MAX.  No UTF-8, no key checks. */
const uint8_t *wi_skip(const uint8_t *p, const uint8_t *end);

/* wi_utf8_span - how many bytes at @p are well-formed UTF-8 (RFC 3629):
 * @len, or the offset of the first sequence that is not. */
size_t wi_utf8_span(const uint8_t *p, size_t len);

/* wi_utf8_wide - is [p, p+len), of 35 bytes or more, well-formed UTF-8?
 * Return: 1, 0, or -1: this processor has no wide registers. */
int wi_utf8_wide(const uint8_t *p, size_t len);

/* wi_utf8_valid_long - wi_utf8_valid() for what it leaves over. */
bool wi_utf8_valid_long(const uint8_t *p, size_t len);

/* wi_utf8_valid - is [p, p+len) well-formed UTF-8 (RFC 3629)?  Most strings
 * are short ASCII: loads that overlap cover any length up to 32. */
static inline bool
wi_utf8_valid(const uint8_t *p, size_t len)
{
	uint64_t w;

	if (len < 8) {
		if (len >= 4)
			w = wi_word32(p) | wi_word32(p + len - 4);
		else if (len > 0)
			w = p[0] | p[len / 2] | p[len - 1];
		else
			return true;
	} else if (len <= 16) {
		w = wi_word64(p) | wi_word64(p + len - 8);
	} else if (len <= 32) {
		w = wi_word64(p) | wi_word64(p + 8) | wi_word64(p + len - 16) |
		    wi_word64(p + len - 8);
	} else {
		return wi_utf8_valid_long(p, len);
	}
	return !(w & WI_EACH(0x80)) || wi_utf8_valid_long(p, len);
}

/* wi_utf8_count - code points in well-formed UTF-8. */
size_t wi_utf8_count(const uint8_t *p, size_t len);

/* wi_wellformed - is [msg, msg+len) exactly one value as the door demands:
 * nothing behind it, no reserved byte, strings in UTF-8, map keys strings
 * and unique, nesting <= WI_DEPTH_MAX?
 * Duplicate keys in large maps are found in less than quadratic time and
 * without allocation (keys.h says how, and what the worst case costs).
 * Return: 0 or WEIR_EMSGPACK with diag->offset, pointer and message. */
int wi_wellformed(const void *msg, size_t len, weir_diag *diag);

#endif
