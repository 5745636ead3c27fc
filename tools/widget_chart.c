/* SPDX-License-Identifier: BSD-2-Clause
 *
 * widget_chart.c - lines in braille, or bars of blocks, with numbers at the
 * axes.
 *
 * Where inks can be told from each other, series of a line chart share one
 * plot; otherwise each has its own, as bars always have.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "widget.h"

#define SERIES_MAX 12
#define ROWS_MOST  16 /* of a plot, where there is no end to the rows */
#define ROWS_LEAST 2
#define LABEL_COLS 9 /* of a number at the axis */

struct series {
	const char *name;
	size_t name_len;
	double *points; /* NAN: a gap */
	size_t cnt;
	enum ink ink;
};

struct plot {
	int cols, rows;
	double low, high;
	unsigned char *dots; /* braille, a byte for each cell */
	enum ink *inks;
};

static const enum ink inks[] = {INK_CODE, INK_WARN, INK_GOOD,
				INK_BAD,  INK_BOLD, INK_PLAIN};

/* ---- the record ---- */

static const char *
take_points(struct series *s, const weir_value *array)
{
	struct elements e;
	weir_value v;

	s->points = calloc(array->cnt ? array->cnt : 1, sizeof(*s->points));
	if (!s->points)
		return "there is no memory";
	elements_of(&e, array);
	while (elements_next(&e, &v)) {
		if (!widget_is_number(&v, &s->points[s->cnt])) {
			if (v.type != WEIR_NIL && v.type != WEIR_FLOAT)
				return "/series has points that are no numbers";
			s->points[s->cnt] = NAN;
		}
		s->cnt++;
	}
	return NULL;
}

static const char *
take_series(const weir_record *rec, struct series *all, size_t *cnt)
{
	weir_value series, points;
	char pointer[64];
	const char *bad = NULL;

	if (weir_record_find(rec, "/series", &series) != 0 ||
	    series.type != WEIR_ARRAY)
		return "/series, an array, is missing";
	for (uint32_t i = 0; i < series.cnt && i < SERIES_MAX && !bad; i++) {
		struct series *s = &all[(*cnt)++];

		s->ink = inks[i % (sizeof(inks) / sizeof(*inks))];
		snprintf(pointer, sizeof(pointer), "/series/%u/name", i);
		widget_text(rec, pointer, &s->name, &s->name_len);
		snprintf(pointer, sizeof(pointer), "/series/%u/points", i);
		if (weir_record_find(rec, pointer, &points) != 0 ||
		    points.type != WEIR_ARRAY)
			bad = "/series has one without points, an array";
		else
			bad = take_points(s, &points);
	}
	return bad;
}

static void
range(const struct series *all, size_t cnt, double *low, double *high)
{
	int has = 0;

	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; k < all[i].cnt; k++) {
			double y = all[i].points[k];

			if (isnan(y))
				continue;
			*low = !has || y < *low ? y : *low;
			*high = !has || y > *high ? y : *high;
			has = 1;
		}
	if (!has)
		*low = *high = 0;
	if (*low == *high) { /* a line in the middle */
		*low -= *low != 0 ? fabs(*low) / 2 : 1;
		*high += *high != 0 ? fabs(*high) / 2 : 1;
	}
}

/* ---- lines: 2 x 4 dots in each cell ---- */

static void
dot(struct plot *p, int x, int y, enum ink ink)
{
	static const unsigned char bits[4][2] = {
	    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	size_t cell = (size_t)(y / 4) * (size_t)p->cols + (size_t)(x / 2);

	p->dots[cell] |= bits[y % 4][x % 2];
	p->inks[cell] = ink;
}

/* From one dot to another (J. Bresenham). */
static void
line(struct plot *p, int x, int y, int to_x, int to_y, enum ink ink)
{
	int dx = abs(to_x - x), dy = -abs(to_y - y), err = dx + dy, twice;

	for (;;) {
		dot(p, x, y, ink);
		if (x == to_x && y == to_y)
			return;
		twice = 2 * err;
		if (twice >= dy) {
			err += dy;
			x += x < to_x ? 1 : -1;
		}
		if (twice <= dx) {
			err += dx;
			y += y < to_y ? 1 : -1;
		}
	}
}

/* The row of dots of a value, from the top. */
static int
height(const struct plot *p, double y, int dots)
{
	double part = (y / 2 - p->low / 2) / (p->high / 2 - p->low / 2);

	return (int)((1 - part) * (dots - 1) + 0.5);
}

static void
draw_line(struct plot *p, const struct series *s)
{
	int last_x = 0, last_y = 0, has_last = 0;

	for (size_t i = 0; i < s->cnt; i++) {
		int x = s->cnt < 2 ? p->cols - 1
				   : (int)((double)i / (double)(s->cnt - 1) *
					       (2 * p->cols - 1) +
					   0.5);
		int y;

		if (isnan(s->points[i])) {
			has_last = 0;
			continue;
		}
		y = height(p, s->points[i], 4 * p->rows);
		if (!has_last)
			dot(p, x, y, s->ink);
		else
			line(p, last_x, last_y, x, y, s->ink);
		has_last = 1;
		last_x = x;
		last_y = y;
	}
}

static void
put_dots(struct canvas *c, const struct plot *p, int row)
{
	for (int x = 0; x < p->cols; x++) {
		size_t cell = (size_t)row * (size_t)p->cols + (size_t)x;
		unsigned char d = p->dots[cell];
		char braille[4] = {(char)0xe2, (char)(0xa0 | d >> 6),
				   (char)(0x80 | (d & 0x3f)), 0};

		canvas_puts(c, p->inks[cell], d ? braille : " ");
	}
}

/* ---- bars: the last ones that fit, in eighths of a row ---- */

/* How much of a row, counted from the top, the bar of @y fills: from zero up in
 * eighths, from zero down in whole rows. */
static int
filled(const struct plot *p, double y, int row)
{
	int up = p->rows - 1 - row;
	int zero = (8 * p->rows - height(p, 0, 8 * p->rows)) / 8, end, here;

	if (isnan(y))
		return 0;
	end = 8 * p->rows - height(p, y, 8 * p->rows);
	if (y < 0)
		return up < zero && (up >= end / 8 || up == zero - 1) ? 8 : 0;
	here = up < zero ? 0 : end - 8 * up;
	return here < 0 ? 0 : here > 8 ? 8 : here;
}

static void
put_bars(struct canvas *c, const struct plot *p, const struct series *s,
	 int row)
{
	static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄",
					      "▅", "▆", "▇", "█"};
	size_t from = s->cnt > (size_t)p->cols ? s->cnt - (size_t)p->cols : 0;
	int wide = (int)((size_t)p->cols / (s->cnt - from ? s->cnt - from : 1));

	if (wide > 4)
		wide = 4;
	for (size_t i = from; i < s->cnt; i++) {
		int here = filled(p, s->points[i], row);

		for (int k = 0; k < wide; k++)
			canvas_puts(c, s->ink,
				    k && k == wide - 1 ? " " : eighths[here]);
	}
}

/* ---- a plot with its axes ---- */

static void
put_number(struct canvas *c, double d)
{
	char text[40];
	int width;

	snprintf(text, sizeof(text), "%.4g", d);
	width = (int)strlen(text);
	canvas_pad(c, LABEL_COLS - width);
	canvas_puts(c, INK_DIM, text);
}

static void
put_axis(struct canvas *c, const struct plot *p, int row)
{
	canvas_row(c);
	if (row == 0)
		put_number(c, p->high);
	else if (row == p->rows - 1)
		put_number(c, p->low);
	else if (p->rows >= 5 && row == (p->rows - 1) / 2)
		put_number(c, p->low + (p->high - p->low) *
					   (1 - (double)row / (p->rows - 1)));
	canvas_pad(c, LABEL_COLS);
	canvas_puts(c, INK_DIM, "┤");
}

/* The points are numbered from the oldest. */
static void
put_ground(struct canvas *c, const struct plot *p, size_t first, size_t last)
{
	char text[32];
	int width = snprintf(text, sizeof(text), "%zu", last);

	canvas_row(c);
	canvas_pad(c, LABEL_COLS);
	canvas_puts(c, INK_DIM, "└");
	for (int i = 0; i < p->cols; i++)
		canvas_puts(c, INK_DIM, "─");
	canvas_row(c);
	canvas_pad(c, LABEL_COLS + 1);
	canvas_fmt(c, INK_DIM, "%zu", first);
	canvas_pad(c, LABEL_COLS + 1 + p->cols - width);
	if (last > first)
		canvas_puts(c, INK_DIM, text);
}

static void
put_legend(struct canvas *c, const struct series *all, size_t cnt)
{
	canvas_row(c);
	canvas_pad(c, LABEL_COLS + 1);
	for (size_t i = 0; i < cnt; i++) {
		canvas_puts(c, all[i].ink, i ? "  ■ " : "■ ");
		canvas_put(c, INK_PLAIN, all[i].name, all[i].name_len);
		if (all[i].cnt && !isnan(all[i].points[all[i].cnt - 1]))
			canvas_fmt(c, INK_DIM, " %.6g",
				   all[i].points[all[i].cnt - 1]);
	}
}

/* @cnt series in one plot of @rows rows, with all that is around it. */
static int
put_plot(struct canvas *c, const struct series *all, size_t cnt, int rows,
	 int is_bars)
{
	struct plot p = {.cols = c->cols - LABEL_COLS - 1, .rows = rows};
	size_t cells, most = 0;
	int is_made;

	if (p.cols < 4)
		p.cols = 4;
	cells = (size_t)p.cols * (size_t)p.rows;
	range(all, cnt, &p.low, &p.high);
	if (is_bars && p.low > 0)
		p.low = 0; /* a bar stands on something, */
	if (is_bars && p.high < 0)
		p.high = 0; /* or hangs from it */
	p.dots = calloc(cells, 1);
	p.inks = calloc(cells, sizeof(*p.inks));
	is_made = p.dots && p.inks;
	for (size_t i = 0; i < cnt && is_made; i++) {
		most = all[i].cnt > most ? all[i].cnt : most;
		if (!is_bars)
			draw_line(&p, &all[i]);
	}
	for (int row = 0; row < p.rows && is_made; row++) {
		put_axis(c, &p, row);
		if (is_bars)
			put_bars(c, &p, all, row);
		else
			put_dots(c, &p, row);
	}
	put_ground(c, &p,
		   is_bars && most > (size_t)p.cols ? most - (size_t)p.cols + 1
						    : 1,
		   most);
	put_legend(c, all, cnt);
	free(p.dots);
	free(p.inks);
	return is_made;
}

static void
put_head(struct canvas *c, const weir_record *rec)
{
	const char *unit;
	size_t len;

	widget_title(c, rec);
	if (!widget_text(rec, "/unit", &unit, &len))
		return;
	if (!c->cnt)
		canvas_row(c);
	canvas_puts(c, INK_DIM, "  ");
	canvas_put(c, INK_DIM, unit, len);
}

const char *
widget_chart(struct canvas *c, const weir_record *rec, int rows)
{
	struct series all[SERIES_MAX] = {{.name = ""}};
	const char *kind = "", *bad;
	size_t cnt = 0, kind_len = 0, plots;
	int is_bars, each;

	for (size_t i = 0; i < SERIES_MAX; i++)
		all[i].name = "";
	bad = take_series(rec, all, &cnt);
	widget_text(rec, "/kind", &kind, &kind_len);
	is_bars = kind_len == 3 && memcmp(kind, "bar", 3) == 0;
	if (!bad) {
		put_head(c, rec);
		plots = cnt > 1 && (is_bars || !c->has_colours) ? cnt : 1;
		each = (rows - (int)c->cnt) / (int)plots - 3;
		each = each > ROWS_MOST	   ? ROWS_MOST
		       : each < ROWS_LEAST ? ROWS_LEAST
					   : each;
		for (size_t i = 0; i < plots && cnt && !bad; i++)
			if (!put_plot(c, all + i, plots > 1 ? 1 : cnt, each,
				      is_bars))
				bad = "there is no memory";
	}
	for (size_t i = 0; i < cnt; i++)
		free(all[i].points);
	return bad;
}
