/* SPDX-License-Identifier: BSD-2-Clause
 *
 * json.h - JSON text and msgpack, beyond what <weir/record.h> promises.
 *
 * json_read.c and json_write.c are the only door for JSON.
 */
#ifndef WI_CODEC_JSON_H
#define WI_CODEC_JSON_H

#include <weir/record.h>

/* WI_JSON_CAP - msgpack bytes that @len bytes of JSON can become, at most.
 *
 * The worst is a double that no float holds: "0.1" and a comma, four bytes,
 * become nine.  Counting for each value the comma behind it: 9 <= 2.5 * 4;
 * "-0" gives 5 <= 2.5 * 3; a string of n bytes n + 5 <= 2.5 * (n + 3); a
 * container's own brackets give a head of 5 <= 2.5 * 2.  So all of it is at
 * most 2.5 * (len + 1), which is below 3 * len from 5 on, and the texts up to
 * 4 bytes give at most 1, 5, 9, 9. */
#define WI_JSON_CAP(len) (3 * (len))

/* wi_json_quote - [p, p+len), which is UTF-8, as a JSON string with its
 * quotes, at most @cap - 1 bytes and a NUL (@cap at least 8); cut text ends
 * in ..." */
void wi_json_quote(char *buf, size_t cap, const uint8_t *p, size_t len);

/* wi_value_equal - are two well-formed msgpack values the same JSON value?
 *
 * Numbers by value, exactly, whatever their width or kind (1 == 1.0; NaN is
 * equal to NaN, -0.0 to 0), strings, bin and ext by their bytes, arrays in
 * order, maps in any order.  Bytes that are not well-formed equal nothing.
 *
 * Linear where members stand in about the same order.  Where they do not
 * and the search takes long, both sides are compared by 128 bits of a seeded
 * hash instead, so the time stays linear for hostile values too. */
int wi_value_equal(const uint8_t *a, const uint8_t *aend, const uint8_t *b,
		   const uint8_t *bend);

/* wi_value_hash - a hash under which equal values are equal; seeded by where
 * the program lies, so that a stranger cannot aim. */
uint64_t wi_value_hash(const uint8_t *p, const uint8_t *end);

#endif
