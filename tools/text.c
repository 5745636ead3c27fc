/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <stdint.h>
#include <stdio.h>
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
	return text_safe_bytes(dst, cap, src, strlen(src));
}

size_t
text_safe_bytes(char *dst, size_t cap, const char *src, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)src;
	size_t at = 0, n;

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

/* The next character of @src, into @to with room for 5: how many bytes of
 * @src, and how many columns of a terminal, it is. */
static size_t
next_shown(const char *src, size_t len, char *to, size_t *cols)
{
	size_t n = text_printable((const unsigned char *)src, len);
	mbstate_t state = {0};
	wchar_t c;
	int w = -1;

	if (n && mbrtowc(&c, src, n, &state) == n)
		w = wcwidth(c);
	if (w >= 0) {
		memcpy(to, src, n);
		to[n] = 0;
		*cols = (size_t)w;
		return n;
	}
	snprintf(to, 5, "\\x%02x", (unsigned)(unsigned char)*src);
	*cols = 4;
	return 1;
}

void
text_fit(char *dst, size_t cap, const char *src, size_t cols)
{
	size_t len = strlen(src), at = 0, used = 0, n, w, k;
	size_t cut_at = 0, cut_used = 0; /* an ellipsis fits behind this */
	char shown[5];

	for (; len; src += n, len -= n) {
		n = next_shown(src, len, shown, &w);
		k = strlen(shown);
		/* many marks on one letter need more than 4 bytes a column */
		if (used + w > cols || at + k + (cols - used) + 4 > cap)
			break;
		memcpy(dst + at, shown, k);
		at += k;
		used += w;
		if (used < cols) {
			cut_at = at;
			cut_used = used;
		}
	}
	if (len && cols) {
		memcpy(dst + cut_at, "\xe2\x80\xa6", 3);
		at = cut_at + 3;
		used = cut_used + 1;
	}
	memset(dst + at, ' ', cols - used);
	dst[at + cols - used] = 0;
}
