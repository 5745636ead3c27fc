/* SPDX-License-Identifier: BSD-2-Clause */
#include "chart.h"

#include <math.h>

#include "text.h"

/* In units of the drawing, which are about pixels of a phone.  Above the
 * lines stands the legend, below them the axis. */
#define WIDTH  360
#define LEFT   6.0
#define RIGHT  354.0
#define TOP    22
#define LINE   30
#define BOTTOM 22
#define LABEL  44 /* characters */

struct scale {
	bool is_log;
	double lo, hi;
};

static double
place(const struct scale *s, double v)
{
	double share;

	v = fmin(fmax(v, s->lo), s->hi);
	share = s->is_log ? log(v / s->lo) / log(s->hi / s->lo)
			  : (v - s->lo) / (s->hi - s->lo);
	return LEFT + share * (RIGHT - LEFT);
}

/* The numbers 1, 2, 5, 10, 20, 50 ...: @v itself or the next below. */
static double
round_down(double v)
{
	double ten = pow(10, floor(log10(v)));

	return ten * (v >= 5 * ten ? 5 : v >= 2 * ten ? 2 : 1);
}

static double
next(double v)
{
	double ten = pow(10, floor(log10(v * 1.01)));

	return ten * (v < 1.5 * ten ? 2 : v < 3 * ten ? 5 : 10);
}

static struct scale
scale_of(const struct rows *rows, const struct row *first)
{
	struct scale s = {first->kind == ROW_TIME, INFINITY, 0};
	const char *const *m;
	static const char *const of[][4] = {
	    [ROW_TIME] = {"median_ns", "p999_ns", "floor_ns"},
	    [ROW_RATE] = {"rate", "floor_rate"},
	};

	for (size_t i = 0; i < rows->cnt; i++) {
		if (!row_beside(first, &rows->row[i]))
			continue;
		for (m = of[first->kind]; *m; m++) {
			double v = row_number(&rows->row[i], *m);

			s.lo = fmin(s.lo, v);
			s.hi = fmax(s.hi, v);
		}
	}
	if (!s.is_log) {
		s.lo = 0;
		s.hi = fmax(s.hi, 1);
		return s;
	}
	s.lo = round_down(fmax(s.lo, 0.1));
	s.hi = fmax(s.hi, next(s.lo));
	return s;
}

static void
grid(FILE *f, const struct scale *s, double v, enum unit unit, int height)
{
	double x = place(s, v);
	char buf[TEXT_NUMBER];

	text_number(buf, v, unit);
	fprintf(f,
		"<path class=\"grid\" d=\"M%.1f %dV%d\"/>"
		"<text class=\"soft\" x=\"%.1f\" y=\"%d\""
		" text-anchor=\"%s\">%s</text>\n",
		x, TOP, height - BOTTOM + 4, x, height - 6,
		x < LEFT + 15	 ? "start"
		: x > RIGHT - 20 ? "end"
				 : "middle",
		buf);
}

static void
axis(FILE *f, const struct scale *s, int height)
{
	double decades = log10(s->hi / s->lo);
	double ten = pow(10, ceil(decades / 8)), step;

	if (s->is_log && decades > 2)
		for (double v = round_down(s->lo); v <= s->hi; v *= ten)
			grid(f, s, pow(10, ceil(log10(v) - 0.01)), UNIT_NS,
			     height);
	else if (s->is_log)
		for (double v = s->lo; v <= s->hi; v = next(v))
			grid(f, s, v, UNIT_NS, height);
	else
		for (step = round_down(s->hi / 2.5), ten = 0; ten <= s->hi;
		     ten += step)
			grid(f, s, ten, UNIT_RATE, height);
}

/* What the marks mean, by the marks themselves; the floor's comes last. */
static void
legend(FILE *f, enum row_kind kind)
{
	int x = 60;

	if (kind == ROW_TIME) {
		fputs("<g class=\"c\"><circle cx=\"10\" cy=\"8\" r=\"4.5\"/>"
		      "<path class=\"thick\" d=\"M66 8H84\"/>"
		      "<path class=\"thin\" d=\"M126 8H146\"/></g>\n"
		      "<g><text class=\"soft\" x=\"19\" y=\"12\">median</text>"
		      "<text class=\"soft\" x=\"88\" y=\"12\">99 %</text>"
		      "<text class=\"soft\" x=\"150\" y=\"12\">99.9 %</text>"
		      "</g>\n",
		      f);
		x = 200;
	} else {
		fputs("<g class=\"c\"><rect x=\"6\" y=\"4\" width=\"16\" "
		      "height=\"8\"/></g><text class=\"soft\" x=\"27\" "
		      "y=\"12\">rate</text>\n",
		      f);
	}
	fprintf(f,
		"<path class=\"floor\" d=\"M%d 2V14\"/><text class=\"soft\" "
		"x=\"%d\" y=\"12\">floor</text><text class=\"soft value\" "
		"x=\"%.0f\" y=\"12\">ratio</text>\n",
		x, x + 6, RIGHT);
}

static char
colour(const struct row *r)
{
	if (row_says(r, "producers", "exclusive") ||
	    row_says(r, "peer", "weir"))
		return 'a';
	if (row_says(r, "producers", "shared") ||
	    row_says(r, "peer", "weir shared"))
		return 'b';
	return 'c';
}

static void
line(FILE *f, const struct row *r, const struct scale *s, int y)
{
	const bool times = r->kind == ROW_TIME;
	double main = row_number(r, times ? "median_ns" : "rate");
	double floor = row_number(r, times ? "floor_ns" : "floor_rate");
	enum unit unit = times ? UNIT_NS : UNIT_RATE;
	char a[TEXT_NUMBER], b[TEXT_NUMBER];

	fprintf(f, "<g class=\"%c\"><title>", colour(r));
	text_html(f, r->title, 200);
	fprintf(f, ": %s, floor %s, ratio ", text_number(a, main, unit),
		text_number(b, floor, unit));
	fprintf(f, "%s</title><text x=\"%.0f\" y=\"%d\">",
		text_number(b, row_number(r, "ratio"), UNIT_RATIO), LEFT,
		y + 13);
	text_html(f, r->title, LABEL);
	fprintf(f,
		"</text><text class=\"value\" x=\"%.0f\" y=\"%d\">%s &#xb7; "
		"%s</text>",
		RIGHT, y + 13, a, b);
	y += 22;
	if (times) {
		double x = place(s, main);

		fprintf(f,
			"<path class=\"thin\" d=\"M%.1f %dH%.1f\"/>"
			"<path class=\"thick\" d=\"M%.1f %dH%.1f\"/>"
			"<circle cx=\"%.1f\" cy=\"%d\" r=\"4.5\"/>",
			x, y, place(s, row_number(r, "p999_ns")), x, y,
			place(s, row_number(r, "p99_ns")), x, y);
	} else {
		fprintf(f,
			"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
			"height=\"8\"/>",
			LEFT, y - 4, place(s, main) - LEFT);
	}
	fprintf(f, "<path class=\"floor\" d=\"M%.1f %dV%d\"/></g>\n",
		place(s, floor), y - 6, y + 6);
}

void
chart_write(FILE *f, const struct rows *rows, const struct row *first)
{
	struct scale s = scale_of(rows, first);
	double bytes = row_number(first, "bytes");
	int height = TOP + BOTTOM, y = TOP;
	char buf[TEXT_NUMBER];

	for (size_t i = 0; i < rows->cnt; i++)
		height += row_beside(first, &rows->row[i]) ? LINE : 0;
	fputs("<figure><figcaption>", f);
	if (!isnan(bytes))
		fprintf(f, "%s bytes, ", text_number(buf, bytes, UNIT_NONE));
	fputs("floor: ", f);
	text_html(f, first->floor, LABEL);
	fprintf(f,
		"</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\">\n"
		"<title>",
		WIDTH, height);
	text_html(f, first->bench, LABEL);
	fputs(first->kind == ROW_TIME ? ": times, a logarithmic axis; floor: "
				      : ": records per second; floor: ",
	      f);
	text_html(f, first->floor, LABEL);
	fputs("</title><desc>The numbers are in the table below.</desc>\n", f);
	legend(f, first->kind);
	axis(f, &s, height);
	for (size_t i = 0; i < rows->cnt; i++) {
		if (!row_beside(first, &rows->row[i]))
			continue;
		line(f, &rows->row[i], &s, y);
		y += LINE;
	}
	fputs("</svg></figure>\n", f);
}
