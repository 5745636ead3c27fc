/* SPDX-License-Identifier: BSD-2-Clause
 *
 * utf8.c - is it UTF-8, and how long is it.
 *
 * Most strings are short ASCII, so that case is a few loads (walk.h), and long
 * ones are for utf8_wide.c; the rest is one comparison per byte against RFC
 * 3629's table of well-formed sequences.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "codec/walk.h"

static int
tail(uint8_t b)
{
	return (b & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at @p; 0 if there is none. */
static size_t
sequence(const uint8_t *p, size_t len)
{
	uint8_t a = p[0];

	if (a < 0x80)
		return 1;
	if (a < 0xc2 || len < 2)
		return 0;
	if (a < 0xe0)
		return tail(p[1]) ? 2 : 0;
	if (a < 0xf0) {
		uint8_t lo = a == 0xe0 ? 0xa0 : 0x80; /* not overlong */
		uint8_t hi = a == 0xed ? 0x9f : 0xbf; /* no surrogate */

		return len >= 3 && p[1] >= lo && p[1] <= hi && tail(p[2]) ? 3
									  : 0;
	}
	if (a < 0xf5) {
		uint8_t lo = a == 0xf0 ? 0x90 : 0x80; /* not overlong */
		uint8_t hi = a == 0xf4 ? 0x8f : 0xbf; /* <= U+10FFFF */

		return len >= 4 && p[1] >= lo && p[1] <= hi && tail(p[2]) &&
			       tail(p[3])
			   ? 4
			   : 0;
	}
	return 0;
}

size_t
wi_utf8_span(const uint8_t *p, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t n;

		while (len - at >= 32 &&
		       !((wi_word64(p + at) | wi_word64(p + at + 8) |
			  wi_word64(p + at + 16) | wi_word64(p + at + 24)) &
			 WI_EACH(0x80)))
			at += 32;
		while (len - at >= 8) {
			uint64_t high = wi_word64(p + at) & WI_EACH(0x80);

			if (high) { /* on to the first byte that is not ASCII */
				at += (size_t)__builtin_ctzll(high) / 8;
				break;
			}
			at += 8;
		}
		if (at == len)
			break;
		n = sequence(p + at, len - at);
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

bool
wi_utf8_valid_long(const uint8_t *p, size_t len)
{
	int ret = len >= 35 ? wi_utf8_wide(p, len) : -1;

	return ret < 0 ? wi_utf8_span(p, len) == len : ret;
}

size_t
wi_utf8_count(const uint8_t *p, size_t len)
{
	size_t cnt = len, at = 0;

	/* Each code point has one byte that is not 10xxxxxx. */
	for (; len - at >= 8; at += 8) {
		uint64_t w = wi_word64(p + at);

		w = w >> 7 & ~(w >> 6) & WI_EACH(0x01);
		cnt -= (size_t)(w * WI_EACH(0x01) >> 56);
	}
	for (; at < len; at++)
		cnt -= (size_t)tail(p[at]);
	return cnt;
}
