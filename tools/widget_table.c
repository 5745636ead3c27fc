/* SPDX-License-Identifier: BSD-2-Clause
 *
 * widget_table.c - columns as wide as what is in them, or narrower, the widest
 * first, where they do not fit; numbers to the right.
 */
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "widget.h"

#define COLS_MAX 64
#define GAP	 2
#define LEAST	 3 /* columns of a cell that was made narrower */

struct cell {
	char *text;
	size_t len;
	int width;
	int is_number;
};

struct grid {
	size_t cols, rows; /* with the headers */
	struct cell *cells;
	int widths[COLS_MAX];
};

static void
take_text(struct cell *cell, const weir_value *v)
{
	const char *s = v->ptr;
	int64_t n = v->len;

	if (v->type == WEIR_NIL)
		return;
	if (v->type != WEIR_STR)
		n = out_json(v->raw, v->raw_len, &s);
	if (n < 0)
		return;
	cell->text = malloc((size_t)n + 1);
	if (!cell->text)
		return;
	memcpy(cell->text, s, (size_t)n);
	cell->len = (size_t)n;
}

static void
take(struct grid *g, size_t row, size_t col, const weir_value *v)
{
	struct cell *cell = &g->cells[row * g->cols + col];
	double d;

	take_text(cell, v);
	cell->is_number = widget_is_number(v, &d);
	if (cell->text)
		cell->width = canvas_width(cell->text, cell->len);
	if (cell->width > g->widths[col])
		g->widths[col] = cell->width;
}

static void
take_row(struct grid *g, size_t row, const weir_value *array)
{
	struct elements e;
	weir_value v;

	if (array->type != WEIR_ARRAY)
		return;
	elements_of(&e, array);
	for (size_t k = 0; k < g->cols && elements_next(&e, &v); k++)
		take(g, row, k, &v);
}

static void
take_all(struct grid *g, const weir_value *headers, const weir_value *rows)
{
	struct elements e;
	weir_value v;

	take_row(g, 0, headers);
	elements_of(&e, rows);
	for (size_t i = 1; i < g->rows && elements_next(&e, &v); i++)
		take_row(g, i, &v);
}

/* The widest gives way first. */
static void
fit(struct grid *g, int cols)
{
	int sum = (int)(g->cols - 1) * GAP;

	for (size_t k = 0; k < g->cols; k++)
		sum += g->widths[k];
	while (sum > cols) {
		size_t widest = 0;

		for (size_t k = 1; k < g->cols; k++)
			if (g->widths[k] > g->widths[widest])
				widest = k;
		if (g->widths[widest] <= LEAST)
			return; /* the row is cut */
		g->widths[widest]--;
		sum--;
	}
}

static void
put_cell(struct canvas *c, const struct cell *cell, int at, int width,
	 enum ink ink)
{
	struct canvas one = {0};
	int gap = width - cell->width;

	canvas_pad(c, at + (cell->is_number && gap > 0 ? gap : 0));
	if (!cell->text)
		return;
	/* on a canvas as wide as the column it is cut there */
	canvas_begin(&one, width, 0);
	canvas_row(&one);
	canvas_put(&one, ink, cell->text, cell->len);
	if (one.cnt && one.rows[0].cnt)
		canvas_puts(c, ink, one.rows[0].runs[0].text);
	canvas_free(&one);
}

static void
put_row(struct canvas *c, const struct grid *g, size_t row)
{
	int at = 0;

	canvas_row(c);
	for (size_t k = 0; k < g->cols; k++) {
		put_cell(c, &g->cells[row * g->cols + k], at, g->widths[k],
			 row ? INK_PLAIN : INK_BOLD);
		at += g->widths[k] + GAP;
	}
}

/* A column whose cells are numbers has its header over them. */
static void
align_headers(struct grid *g)
{
	for (size_t k = 0; k < g->cols && g->rows > 1; k++)
		g->cells[k].is_number = g->cells[g->cols + k].is_number;
}

const char *
widget_table(struct canvas *c, const weir_record *rec, int rows)
{
	weir_value headers, lines;
	struct grid g = {.cols = 0};
	size_t all, shown;

	if (weir_record_find(rec, "/headers", &headers) != 0 ||
	    headers.type != WEIR_ARRAY || !headers.cnt)
		return "/headers, an array, is missing";
	if (weir_record_find(rec, "/rows", &lines) != 0 ||
	    lines.type != WEIR_ARRAY)
		return "/rows, an array, is missing";
	widget_title(c, rec);
	rows -= (int)c->cnt + 1;
	all = lines.cnt;
	shown = rows < 1 ? 0 : all <= (size_t)rows ? all : (size_t)rows - 1;
	g.cols = headers.cnt < COLS_MAX ? headers.cnt : COLS_MAX;
	g.rows = shown + 1;
	g.cells = calloc(g.rows * g.cols, sizeof(*g.cells));
	if (!g.cells)
		return "there is no memory";
	take_all(&g, &headers, &lines);
	align_headers(&g);
	fit(&g, c->cols);
	for (size_t i = 0; i < g.rows; i++)
		put_row(c, &g, i);
	if (shown < all) {
		canvas_row(c);
		canvas_fmt(c, INK_DIM, "... and %zu more", all - shown);
	}
	for (size_t i = 0; i < g.rows * g.cols; i++)
		free(g.cells[i].text);
	free(g.cells);
	return NULL;
}
