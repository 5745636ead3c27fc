/* SPDX-License-Identifier: BSD-2-Clause
 *
 * letters.h - kinds of ASCII letters, whatever the locale.
 */
#ifndef WI_SCHEMA_LETTERS_H
#define WI_SCHEMA_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
wi_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool
wi_is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* wi_hex_digit - its value, or -1. */
static inline int
wi_hex_digit(uint8_t c)
{
	if (wi_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool
wi_is_hex(uint8_t c)
{
	return wi_hex_digit(c) >= 0;
}

#endif
