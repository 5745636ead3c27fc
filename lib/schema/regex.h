/* SPDX-License-Identifier: BSD-2-Clause
 *
 * regex.h - ECMA-262 patterns (flag u) in the words of PCRE2.
 *
 * The translator reads the whole of ECMA-262's grammar and writes PCRE2
 * that means the same under PCRE2_UTF and PCRE2_DOLLAR_ENDONLY, without
 * PCRE2_UCP.  It copies nothing that it has not understood, so what only
 * PCRE2 knows is refused.  Refused too, though ECMA-262 has them:
 * back-references and flags in the pattern ("(?i:").  PCRE2 itself refuses
 * look-behind of unbounded length, counts above 65535, and property values
 * newer than its Unicode.
 */
#ifndef WI_SCHEMA_REGEX_H
#define WI_SCHEMA_REGEX_H

#include <stddef.h>
#include <stdint.h>

/* wi_regex_translate - write text[0 .. len), which is valid UTF-8, to @dst.
 * A callout comes first, in front of every group's content, after each
 * repeat, and so often elsewhere that between two of them no more than some
 * dozens of characters are looked at.
 * Return: the length written, or negative: -1 the pattern is refused and
 * *@why says so, *@at is the offset; -2 @cap is too small. */
int64_t wi_regex_translate(const uint8_t *text, size_t len, char *dst,
			   size_t cap, const char **why, size_t *at);

#endif
