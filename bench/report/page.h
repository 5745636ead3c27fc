/* SPDX-License-Identifier: BSD-2-Clause
 *
 * page.h - the report as a page of HTML and as Markdown, written at once.
 *
 * The HTML is XML too, and needs nothing but itself.
 */
#ifndef WI_BENCH_REPORT_PAGE_H
#define WI_BENCH_REPORT_PAGE_H

#include <stddef.h>
#include <stdio.h>

struct page {
	FILE *html, *md;
	size_t cols, at; /* of the table that is being written */
};

void page_begin(struct page *p, const char *title);
void page_heading(struct page *p, const char *text);
void page_text(struct page *p, const char *text);

/* page_table - begin a table; page_cell() fills it row by row. */
void page_table(struct page *p, const char *caption, const char *const *heads,
		size_t cols);
void page_cell(struct page *p, const char *text);
void page_table_end(struct page *p);

void page_end(struct page *p);

#endif
