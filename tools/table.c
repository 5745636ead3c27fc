/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "text.h"

static const char *columns;
static size_t widths[TABLE_COLUMNS_MAX]; /* of what was printed so far */
static char **cells; /* NUL-terminated, printable */
static size_t cell_cnt, room;
static int broken; /* no memory: the rest is dropped */

void
table_begin(const char *aligns)
{
	columns = aligns;
	memset(widths, 0, sizeof(widths));
	cell_cnt = 0;
	broken = 0;
}

static void
add(char *text)
{
	char **grown;

	if (cell_cnt == room) {
		grown = realloc(cells, (2 * room + 64) * sizeof(*cells));
		if (!grown) {
			free(text);
			broken = 1;
			return;
		}
		cells = grown;
		room = 2 * room + 64;
	}
	if (text)
		cells[cell_cnt++] = text;
	else
		broken = 1;
}

void
table_cell(const char *s, size_t len)
{
	char *copy = strndup(s, len), *text;
	size_t cap = 4 * len + 6;

	text = copy ? malloc(cap) : NULL;
	if (text)
		text_safe(text, cap, copy);
	free(copy);
	add(text);
}

void
table_fmt(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	add(text);
}

static size_t
width_of(size_t column, size_t cnt)
{
	size_t widest = widths[column];

	for (size_t i = column; i < cell_cnt; i += cnt) {
		size_t w = text_width(cells[i], strlen(cells[i]));

		if (w > widest)
			widest = w;
	}
	return widest;
}

static void
spaces(size_t n)
{
	while (n--)
		out_raw(" ", 1);
}

static int
is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return end != text && !*end;
}

static void
put_cell(const char *text, size_t width, char align, int is_last)
{
	size_t len = strlen(text), gap = width - text_width(text, len);
	int is_right = align == '>' || (align == '=' && is_number(text));

	if (is_right)
		spaces(gap);
	out_raw(text, len);
	if (!is_last)
		spaces(2 + (is_right ? 0 : gap));
}

int
table_flush(void)
{
	size_t cnt = strlen(columns);
	int rc = broken ? -ENOMEM : 0;

	for (size_t k = 0; k < cnt; k++)
		widths[k] = width_of(k, cnt);
	for (size_t i = 0; !broken && i < cell_cnt; i++) {
		size_t k = i % cnt;

		put_cell(cells[i], widths[k], columns[k], k == cnt - 1);
		if (k == cnt - 1)
			out_raw("\n", 1);
	}
	for (size_t i = 0; i < cell_cnt; i++)
		free(cells[i]);
	cell_cnt = 0;
	broken = 0;
	return rc;
}

int
table_end(void)
{
	int rc = table_flush();

	free(cells);
	cells = NULL;
	room = 0;
	return rc;
}
