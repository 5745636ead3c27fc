/* SPDX-License-Identifier: BSD-2-Clause */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void
canvas_begin(struct canvas *c, int cols, int has_colours)
{
	canvas_free(c);
	c->cols = cols;
	c->has_colours = has_colours;
}

void
canvas_free(struct canvas *c)
{
	for (size_t i = 0; i < c->cnt; i++) {
		for (size_t k = 0; k < c->rows[i].cnt; k++)
			free(c->rows[i].runs[k].text);
		free(c->rows[i].runs);
	}
	free(c->rows);
	memset(c, 0, sizeof(*c));
}

void
canvas_row(struct canvas *c)
{
	struct canvas_row *rows =
	    realloc(c->rows, (c->cnt + 1) * sizeof(*rows));

	if (!rows) {
		c->broken = 1;
		return;
	}
	c->rows = rows;
	rows[c->cnt++] = (struct canvas_row){.cnt = 0};
}

/* Printable, and the caller's to free. */
static char *
safe(const char *s, size_t len)
{
	char *text = malloc(4 * len + 6);

	if (text)
		text_safe_bytes(text, 4 * len + 6, s, len);
	return text;
}

int
canvas_width(const char *s, size_t len)
{
	char *text = safe(s, len);
	int width = text ? (int)text_width(text, strlen(text)) : 0;

	free(text);
	return width;
}

int
canvas_room(const struct canvas *c)
{
	return c->cnt ? c->cols - c->rows[c->cnt - 1].width : 0;
}

/* As much of @text as there is room for. */
static char *
cut(char *text, int room)
{
	size_t cap = 4 * strlen(text) + 4 * (size_t)room + 8;
	char *fit = malloc(cap);

	if (fit)
		text_fit(fit, cap, text, (size_t)room);
	free(text);
	return fit;
}

static void
add(struct canvas *c, enum ink ink, char *text)
{
	struct canvas_row *row = &c->rows[c->cnt - 1];
	struct canvas_run *runs =
	    realloc(row->runs, (row->cnt + 1) * sizeof(*runs));

	if (!runs) {
		c->broken = 1;
		free(text);
		return;
	}
	row->runs = runs;
	runs[row->cnt] =
	    (struct canvas_run){.ink = ink,
				.text = text,
				.width = (int)text_width(text, strlen(text))};
	row->width += runs[row->cnt++].width;
}

void
canvas_put(struct canvas *c, enum ink ink, const char *s, size_t len)
{
	int room = canvas_room(c);
	char *text;

	if (!c->cnt || room <= 0 || !len)
		return;
	text = safe(s, len);
	if (text && (int)text_width(text, strlen(text)) > room)
		text = cut(text, room);
	if (text)
		add(c, ink, text);
	else
		c->broken = 1;
}

void
canvas_puts(struct canvas *c, enum ink ink, const char *s)
{
	canvas_put(c, ink, s, strlen(s));
}

void
canvas_fmt(struct canvas *c, enum ink ink, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	canvas_puts(c, ink, text);
}

void
canvas_pad(struct canvas *c, int to)
{
	int gap = c->cnt ? to - c->rows[c->cnt - 1].width : 0;

	for (; gap > 0 && canvas_room(c) > 0; gap--)
		canvas_put(c, INK_PLAIN, " ", 1);
}
