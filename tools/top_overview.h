/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_overview.h - a line for each channel, sorted and filtered, one of them
 * selected.
 */
#ifndef WI_TOOLS_TOP_OVERVIEW_H
#define WI_TOOLS_TOP_OVERVIEW_H

#include "top_columns.h"

#define TOP_FILTER_MAX 128

struct overview {
	const struct top_column *by;
	int reverse;
	char filter[TOP_FILTER_MAX]; /* what a name must contain; "": all */
	/* The selected one is followed by its name where it moves; "": the
	 * first line, whichever that is. */
	char selected[WEIR_CHANNEL_NAME_MAX + 1];
	size_t row;   /* the same, as a line */
	size_t first; /* line at the top of the screen */
	const struct top_channel **rows;
	size_t cnt;
};

/* overview_arrange - after a look, or when the order or the filter is another.
 * Return: 0 or -ENOMEM */
int overview_arrange(struct overview *o, const struct top_figures *f);

/* overview_move - the selection, by so many lines. */
void overview_move(struct overview *o, long by);

/* overview_selected - NULL: there is no line. */
const struct top_channel *overview_selected(const struct overview *o);

/* overview_draw - into lines @y to @end - 1 of the screen. */
void overview_draw(struct overview *o, const struct top_figures *f, int y,
		   int end);

#endif
