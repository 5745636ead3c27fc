/* SPDX-License-Identifier: BSD-2-Clause
 *
 * diag.h - filling a struct weir_diag.
 */
#ifndef WI_BASE_DIAG_H
#define WI_BASE_DIAG_H

#include <weir/error.h>

/* wi_fail - reset @diag (may be NULL), store @code and a printf message;
 * returns @code, so that a function can end with `return wi_fail(...)`. */
int wi_fail(weir_diag *diag, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* wi_cut - so many bytes of the UTF-8 ptr[0 .. len) as fit into @max without a
 * broken character: for "%.*s". */
int wi_cut(const void *ptr, size_t len, size_t max);

/* wi_copy - copy at most @cap - 1 bytes of the @len at @src and a NUL; what
 * does not fit is cut at a UTF-8 boundary and ends in "...". */
void wi_copy(char *dst, size_t cap, const char *src, size_t len);

#endif
