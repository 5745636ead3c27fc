/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

size_t
text_printable(const unsigned char *s, size_t len)
{
	uint32_t c;
	size_t n, i;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] >= 0xc2 && s[0] < 0xe0)
		n = 2, c = s[0] & 0x1fu;
	else if (s[0] >= 0xe0 && s[0] < 0xf0)
		n = 3, c = s[0] & 0x0fu;
	else if (s[0] >= 0xf0 && s[0] < 0xf5)
		n = 4, c = s[0] & 0x07u;
	else
		return 0;
	if (len < n)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < 0xa0 || (n == 3 && c < 0x800) || (n == 4 && c < 0x10000) ||
	    c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

size_t
text_safe(char *dst, size_t cap, const char *src)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)src;
	size_t len = strlen(src), at = 0, n;

	for (; len && at + 5 < cap; p += n, len -= n) {
		n = text_printable(p, len);
		if (n) {
			memcpy(dst + at, p, n);
			at += n;
			continue;
		}
		dst[at++] = '\\';
		dst[at++] = 'x';
		dst[at++] = hex[*p >> 4];
		dst[at++] = hex[*p & 15];
		n = 1;
	}
	dst[at] = 0;
	return at;
}

size_t
text_width(const char *s, size_t len)
{
	mbstate_t state = {0};
	size_t width = 0, n;
	wchar_t c;
	int w;

	for (; len; s += n, len -= n) {
		n = mbrtowc(&c, s, len, &state);
		if (n == 0 || n > len) { /* not of this locale */
			memset(&state, 0, sizeof(state));
			n = 1;
			w = 1;
		} else {
			w = wcwidth(c);
		}
		width += w > 0 ? (size_t)w : 0;
	}
	return width;
}
