/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_overview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

#define NAME_COLS_WIDE                                                         \
	40 /* of the name, where bars could be longer instead                  \
	    */
#define LAYOUT_MAX 16

/* ---- which lines ---- */

static int
is_wanted(const struct overview *o, const struct top_channel *c)
{
	return !*o->filter || strcasestr(c->now->info.name, o->filter);
}

static void
select_row(struct overview *o, size_t row)
{
	o->row = row;
	if (row == 0)
		*o->selected = 0;
	else
		strcpy(o->selected, o->rows[row]->now->info.name);
}

/* Where it is now; one that is gone leaves the selection on its line. */
static void
follow_selected(struct overview *o)
{
	size_t last = o->cnt ? o->cnt - 1 : 0;

	if (!*o->selected) {
		o->row = 0;
		return;
	}
	for (size_t i = 0; i < o->cnt; i++) {
		if (strcmp(o->rows[i]->now->info.name, o->selected) == 0) {
			o->row = i;
			return;
		}
	}
	select_row(o, o->row < last ? o->row : last);
}

int
overview_arrange(struct overview *o, const struct top_figures *f)
{
	const struct top_channel **grown;

	grown = realloc(o->rows, (f->cnt + 1) * sizeof(struct top_channel *));
	if (!grown)
		return -ENOMEM;
	o->rows = grown;
	o->cnt = 0;
	for (size_t i = 0; i < f->cnt; i++)
		if (is_wanted(o, &f->channels[i]))
			o->rows[o->cnt++] = &f->channels[i];
	top_sort(o->rows, o->cnt, o->by, o->reverse);
	follow_selected(o);
	return 0;
}

void
overview_move(struct overview *o, long by)
{
	long row = (long)o->row + by, last = (long)o->cnt - 1;

	if (o->cnt)
		select_row(o, (size_t)(row < 0 ? 0 : row > last ? last : row));
}

const struct top_channel *
overview_selected(const struct overview *o)
{
	return o->row < o->cnt ? o->rows[o->row] : NULL;
}

/* ---- how they look ---- */

/* The columns that fit on the screen, as wide as it allows: first those of
 * high rank go, then the name gets what is left, then the bars. */
static void
lay_out(int widths[LAYOUT_MAX], int cols)
{
	int sum = TOP_NAME_COLS, bars = 0, spare;

	for (size_t i = 0; i < top_column_cnt; i++) {
		widths[i] = top_columns[i].cols;
		sum += widths[i] ? widths[i] + 1 : 0;
	}
	while (sum > cols) {
		size_t worst = 0;

		for (size_t i = 1; i < top_column_cnt; i++)
			if (widths[i] &&
			    (!widths[worst] ||
			     top_columns[i].rank > top_columns[worst].rank))
				worst = i;
		if (worst == 0)
			break;
		sum -= widths[worst] + 1;
		widths[worst] = 0;
	}
	spare = cols - sum;
	widths[0] = TOP_NAME_COLS + spare;
	if (widths[0] <= NAME_COLS_WIDE)
		return;
	for (size_t i = 0; i < top_column_cnt; i++)
		bars += widths[i] && top_columns[i].share;
	spare = bars ? (widths[0] - NAME_COLS_WIDE) / bars : 0;
	for (size_t i = 0; i < top_column_cnt; i++)
		if (widths[i] && top_columns[i].share)
			widths[i] += spare;
	widths[0] -= spare * bars;
}

static void
draw_heads(const struct overview *o, const int *widths, int y)
{
	screen_reversed(1);
	screen_text(y, 0, screen_cols(), INK_PLAIN, "");
	for (size_t i = 0, x = 0; i < top_column_cnt; i++) {
		const struct top_column *c = &top_columns[i];

		if (!widths[i])
			continue;
		(c->text && !c->share ? screen_right : screen_text)(
		    y, (int)x, widths[i], c == o->by ? INK_BOLD : INK_PLAIN,
		    c->head);
		x += (size_t)widths[i] + 1;
	}
	screen_reversed(0);
}

/* Losses of just now are worth a look. */
static enum ink
ink_of(const struct top_column *column, const struct top_channel *c)
{
	if (column->sort && strcmp(column->sort, "lost") == 0 && c->lost)
		return INK_BAD;
	return INK_PLAIN;
}

static void
draw_row(const struct top_figures *f, const struct top_channel *c,
	 const int *widths, int y)
{
	const weir_channel_info *info = &c->now->info;
	int x = widths[0] + 1;
	char cell[TOP_CELL_MAX], bar[SCREEN_BAR_MAX];

	screen_text(y, 0, screen_cols(), INK_PLAIN, "");
	screen_text(y, 0, widths[0], info->damaged ? INK_BAD : INK_PLAIN,
		    info->name);
	if (info->damaged)
		screen_text(y, x, screen_cols() - x, INK_BAD, "damaged");
	for (size_t i = 1; !info->damaged && i < top_column_cnt; i++) {
		const struct top_column *column = &top_columns[i];

		if (!widths[i])
			continue;
		if (column->share) {
			double share = column->share(c);

			screen_bar(bar, widths[i], share);
			screen_text(y, x, widths[i],
				    column->is_alarm ? screen_alarm(share)
						     : INK_PLAIN,
				    bar);
		} else {
			column->text(cell, f, c);
			screen_right(y, x, widths[i], ink_of(column, c), cell);
		}
		x += widths[i] + 1;
	}
}

void
overview_draw(struct overview *o, const struct top_figures *f, int y, int end)
{
	int widths[LAYOUT_MAX];
	size_t lines;

	lay_out(widths, screen_cols());
	if (end - y > 1)
		draw_heads(o, widths, y++);
	lines = end > y ? (size_t)(end - y) : 0;
	if (o->row < o->first)
		o->first = o->row;
	if (o->row >= o->first + lines && lines)
		o->first = o->row - lines + 1;
	if (o->first + lines > o->cnt) /* no empty lines for nothing */
		o->first = o->cnt > lines ? o->cnt - lines : 0;
	for (size_t i = o->first; i < o->cnt && i < o->first + lines; i++) {
		screen_reversed(i == o->row);
		draw_row(f, o->rows[i], widths, y++);
		screen_reversed(0);
	}
	if (o->cnt == 0)
		screen_text(y, 0, screen_cols(), INK_DIM,
			    f->cnt ? "no channel whose name contains that"
				   : "no channels");
}
