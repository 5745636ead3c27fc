/* SPDX-License-Identifier: BSD-2-Clause
 *
 * text.h - which bytes may reach a terminal.
 */
#ifndef WI_TOOLS_TEXT_H
#define WI_TOOLS_TEXT_H

#include <stddef.h>

/* text_printable - how many of the @len (1 or more) bytes at @s are one
 * character in UTF-8 that a terminal only shows; 0: none, the first byte is
 * a control character, begins one, or is not UTF-8.  C1 controls (U+0080 to
 * U+009F) are commands to some terminals, too. */
size_t text_printable(const unsigned char *s, size_t len);

/* text_safe - copy the string @src to dst[cap], other bytes as \xNN; cut if
 * it does not fit.  Returns the length. */
size_t text_safe(char *dst, size_t cap, const char *src);

/* text_safe_bytes - the same of @len bytes, of which any may be NUL. */
size_t text_safe_bytes(char *dst, size_t cap, const char *src, size_t len);

/* text_width - how many columns of a terminal the text takes. */
size_t text_width(const char *s, size_t len);

/* text_fit - copy as much of the string @src to dst[cap] as takes @cols columns
 * of a terminal, with an ellipsis where it is cut and spaces where it is
 * shorter; what a terminal would not just show as \xNN.  @cap must be at
 * least 4 * @cols + 8. */
void text_fit(char *dst, size_t cap, const char *src, size_t cols);

#endif
