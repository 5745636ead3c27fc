/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Shorten the text of @len bytes in dst[cap] so that it ends in "...". */
static void
ellipsis(char *dst, size_t cap)
{
	size_t n = cap - 4;

	while (n > 0 && ((unsigned char)dst[n] & 0xc0) == 0x80)
		n--;
	memcpy(dst + n, "...", 4);
}

int
wi_cut(const void *ptr, size_t len, size_t max)
{
	const unsigned char *p = ptr;

	if (len <= max)
		return (int)len;
	while (max > 0 && (p[max] & 0xc0) == 0x80)
		max--;
	return (int)max;
}

int
wi_fail(weir_diag *diag, int code, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!diag)
		return code;
	memset(diag, 0, sizeof(*diag));
	diag->code = code;
	va_start(ap, fmt);
	n = vsnprintf(diag->message, sizeof(diag->message), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(diag->message))
		ellipsis(diag->message, sizeof(diag->message));
	return code;
}

void
wi_copy(char *dst, size_t cap, const char *src, size_t len)
{
	size_t n = len < cap - 1 ? len : cap - 1;

	memcpy(dst, src, n);
	dst[n] = 0;
	if (len > cap - 1)
		ellipsis(dst, cap);
}
