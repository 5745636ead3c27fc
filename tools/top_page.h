/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_page.h - lines of which a screen shows a part, scrolled.
 */
#ifndef WI_TOOLS_TOP_PAGE_H
#define WI_TOOLS_TOP_PAGE_H

#include <stddef.h>

#include "screen.h"

/* Zeroed at first. */
struct page {
	struct page_line {
		char *text;
		enum ink ink;
	} * lines;
	size_t cnt;
	size_t first; /* at the top of the screen; stays when lines are new */
	int broken;   /* no memory: lines are missing */
};

/* page_clear - no lines any more. */
void page_clear(struct page *p);

void page_line(struct page *p, enum ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* page_draw - into lines @y to @end - 1 of the screen; .first then is within
 * the page. */
void page_draw(struct page *p, int y, int end);

#endif
