/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
page_clear(struct page *p)
{
	for (size_t i = 0; i < p->cnt; i++)
		free(p->lines[i].text);
	free(p->lines);
	*p = (struct page){.first = p->first};
}

void
page_line(struct page *p, enum ink ink, const char *fmt, ...)
{
	struct page_line *grown;
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	grown = text ? realloc(p->lines, (p->cnt + 1) * sizeof(*grown)) : NULL;
	if (!grown) {
		free(text);
		p->broken = 1;
		return;
	}
	p->lines = grown;
	p->lines[p->cnt++] = (struct page_line){text, ink};
}

void
page_draw(struct page *p, int y, int end)
{
	size_t shown = end > y ? (size_t)(end - y) : 0;
	size_t last = p->cnt > shown ? p->cnt - shown : 0;

	if (p->first > last)
		p->first = last;
	for (size_t i = p->first; i < p->cnt && y < end; i++)
		screen_text(y++, 0, screen_cols(), p->lines[i].ink,
			    p->lines[i].text);
}
