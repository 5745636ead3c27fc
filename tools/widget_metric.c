/* SPDX-License-Identifier: BSD-2-Clause
 *
 * widget_metric.c - figures in large digits, with how they moved.
 */
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "widget.h"

#define LARGE_ROWS 3
#define GAP	   3

/* Three rows each; what is not here stands as it is, in the last row. */
static const struct {
	char c;
	const char *rows[LARGE_ROWS];
} glyphs[] = {
    {'0', {"█▀█", "█ █", "▀▀▀"}}, {'1', {"▀█ ", " █ ", "▀▀▀"}},
    {'2', {"▀▀█", "█▀▀", "▀▀▀"}}, {'3', {"▀▀█", " ▀█", "▀▀▀"}},
    {'4', {"█ █", "▀▀█", "  ▀"}}, {'5', {"█▀▀", "▀▀█", "▀▀▀"}},
    {'6', {"█▀▀", "█▀█", "▀▀▀"}}, {'7', {"▀▀█", "  █", "  ▀"}},
    {'8', {"█▀█", "█▀█", "▀▀▀"}}, {'9', {"█▀█", "▀▀█", "▀▀▀"}},
    {'-', {"   ", "▀▀▀", "   "}}, {'.', {" ", " ", "▀"}},
};

struct metric {
	const weir_record *rec;
	char value[32];
	const char *unit;
	size_t unit_len;
	int width; /* in large digits */
};

static const char *
glyph(char c, int row)
{
	static char other[2];

	for (size_t i = 0; i < sizeof(glyphs) / sizeof(*glyphs); i++)
		if (glyphs[i].c == c)
			return glyphs[i].rows[row];
	other[0] = row == LARGE_ROWS - 1 ? c : ' ';
	return other;
}

static int
large_width(const char *value)
{
	int width = 0;

	for (; *value; value++)
		width +=
		    canvas_width(glyph(*value, 0), strlen(glyph(*value, 0))) +
		    1;
	return width;
}

/* As it stands in the record, if it is whole or short; else six digits of it.
 */
static void
value_text(const weir_record *rec, char to[32])
{
	const char *json;
	weir_value v;
	double d = 0;
	int64_t n = -1;

	if (weir_record_find(rec, "/value", &v) == 0 &&
	    widget_is_number(&v, &d))
		n = out_json(v.raw, v.raw_len, &json);
	if (n > 0 && (n <= 10 || v.type != WEIR_FLOAT))
		snprintf(to, 32, "%.*s", (int)n, json);
	else
		snprintf(to, 32, "%.6g", d);
}

static const char *
take(struct metric *m, const weir_record *rec)
{
	double d;

	if (!widget_number(rec, "/value", &d))
		return "/value, a number, is missing";
	m->rec = rec;
	value_text(rec, m->value);
	m->unit_len = 0;
	widget_text(rec, "/unit", &m->unit, &m->unit_len);
	m->width = large_width(m->value);
	return NULL;
}

static void
put_label(struct canvas *c, const struct metric *m)
{
	const char *s;
	size_t len;

	if (widget_text(m->rec, "/label", &s, &len))
		canvas_put(c, INK_BOLD, s, len);
	if (m->unit_len) {
		canvas_puts(c, INK_DIM, " ");
		canvas_put(c, INK_DIM, m->unit, m->unit_len);
	}
}

static void
put_change(struct canvas *c, const struct metric *m)
{
	const char *type = "", *arrow;
	size_t len = 0;
	enum ink ink;
	double d;

	if (!widget_number(m->rec, "/change", &d))
		return;
	if (!widget_text(m->rec, "/changeType", &type, &len)) {
		type = d > 0 ? "increase" : d < 0 ? "decrease" : "neutral";
		len = strlen(type);
	}
	arrow = len == 8 && memcmp(type, "increase", 8) == 0   ? "▲"
		: len == 8 && memcmp(type, "decrease", 8) == 0 ? "▼"
							       : "=";
	ink = *arrow == '=' ? INK_DIM : arrow[2] == "▲"[2] ? INK_GOOD : INK_BAD;
	canvas_fmt(c, ink, "%s %+.6g", arrow, d);
}

static int
label_width(const struct metric *m)
{
	struct canvas c = {.cols = 1000};
	int width;

	canvas_row(&c);
	put_label(&c, m);
	width = 1000 - canvas_room(&c);
	canvas_free(&c);
	return width;
}

/* A row each. */
static void
small(struct canvas *c, const struct metric *m)
{
	canvas_row(c);
	put_label(c, m);
	canvas_fmt(c, INK_BOLD, "  %s  ", m->value);
	put_change(c, m);
}

/* Those that fit beside each other, in large digits. */
static void
large(struct canvas *c, const struct metric *ms, size_t cnt, const int *at)
{
	for (int row = -1; row <= LARGE_ROWS; row++) {
		canvas_row(c);
		for (size_t i = 0; i < cnt; i++) {
			canvas_pad(c, at[i]);
			if (row == -1)
				put_label(c, &ms[i]);
			else if (row == LARGE_ROWS)
				put_change(c, &ms[i]);
			for (const char *p = ms[i].value;
			     row >= 0 && row < LARGE_ROWS && *p; p++) {
				canvas_puts(c, INK_BOLD, glyph(*p, row));
				canvas_puts(c, INK_BOLD, " ");
			}
		}
	}
}

static size_t
beside(const struct metric *ms, size_t cnt, int cols, int *at)
{
	int x = 0;
	size_t i;

	for (i = 0; i < cnt; i++) {
		int width = label_width(&ms[i]);

		if (ms[i].width > width)
			width = ms[i].width;
		if (x && x + width > cols)
			break;
		at[i] = x;
		x += width + GAP;
	}
	return i;
}

#define METRICS_MAX 64

const char *
widget_metrics(struct canvas *c, const weir_record *const *recs, size_t cnt,
	       int rows)
{
	struct metric ms[METRICS_MAX];
	int at[METRICS_MAX];
	const char *wrong = NULL, *bad;
	size_t good = 0;

	for (size_t i = 0; i < cnt && good < METRICS_MAX; i++) {
		bad = take(&ms[good], recs[i]);
		if (bad)
			wrong = bad;
		else
			good++;
	}
	for (size_t i = 0; i < good;) {
		size_t n = beside(ms + i, good - i, c->cols, at);
		int lines = ((int)(good - i) + (int)n - 1) / (int)n;

		if ((int)c->cnt + lines * (LARGE_ROWS + 2) > rows ||
		    ms[i].width > c->cols) {
			small(c, &ms[i++]);
			continue;
		}
		large(c, ms + i, n, at);
		i += n;
	}
	return wrong;
}
