/* SPDX-License-Identifier: BSD-2-Clause */
#include "pretty.h"

#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 40 /* levels that are indented; deeper ones as this one */

static void
new_line(FILE *to, int depth)
{
	fprintf(to, "\n%*s", 2 * (depth < DEPTH_MAX ? depth : DEPTH_MAX), "");
}

/* How long the string is that begins here, quotes included. */
static size_t
string_len(const char *s, size_t len)
{
	size_t n = 1;

	while (n < len && s[n] != '"')
		n += s[n] == '\\' ? 2 : 1;
	return n < len ? n + 1 : len;
}

static void
put_all(FILE *to, const char *s, size_t len)
{
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		size_t n;

		switch (s[i]) {
		case '"':
			n = string_len(s + i, len - i);
			fwrite(s + i, 1, n, to);
			i += n - 1;
			break;
		case '{':
		case '[':
			putc(s[i], to);
			/* an empty one stays in its line */
			if (i + 1 < len && (s[i + 1] == '}' || s[i + 1] == ']'))
				putc(s[++i], to);
			else
				new_line(to, ++depth);
			break;
		case '}':
		case ']':
			new_line(to, --depth);
			putc(s[i], to);
			break;
		case ',':
			putc(',', to);
			new_line(to, depth);
			break;
		case ':':
			fputs(": ", to);
			break;
		default:
			putc(s[i], to);
		}
	}
}

char *
pretty_json(const char *text, size_t len)
{
	char *out = NULL;
	size_t out_len = 0;
	FILE *to = open_memstream(&out, &out_len);

	if (!to)
		return NULL;
	put_all(to, text, len);
	if (fclose(to) == 0)
		return out;
	free(out);
	return NULL;
}
