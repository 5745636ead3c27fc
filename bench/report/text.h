/* SPDX-License-Identifier: BSD-2-Clause
 *
 * text.h - text that may be anything, written so that it stays text; and
 * numbers, so that people can read them.
 *
 * Control characters and bytes that are not UTF-8 come out as U+FFFD.
 */
#ifndef WI_BENCH_REPORT_TEXT_H
#define WI_BENCH_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* text_html - inside an element or a quoted attribute, in HTML and XML; of
 * more than @most characters the end becomes an ellipsis. */
void text_html(FILE *f, const char *s, size_t most);

/* text_md - inside a line or a table of Markdown. */
void text_md(FILE *f, const char *s);

enum unit { UNIT_NONE, UNIT_RATIO, UNIT_NS, UNIT_RATE, UNIT_BYTES };

/* text_number - with three digits and its unit.  Return: @buf. */
#define TEXT_NUMBER 32
const char *text_number(char buf[TEXT_NUMBER], double v, enum unit unit);

#endif
