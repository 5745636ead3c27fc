/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_columns.h - the columns of weir top, each once: what is in them, by
 * which of them lines are sorted, and which have to go on a narrow screen.
 */
#ifndef WI_TOOLS_TOP_COLUMNS_H
#define WI_TOOLS_TOP_COLUMNS_H

#include "top_figures.h"
#include "units.h"

#define TOP_CELL_MAX UNITS_MAX

struct top_column {
	const char *head;
	const char *sort; /* the word for --sort; NULL: not by this */
	char key;	  /* the key that sorts by it */
	int cols;	  /* on a screen; 0: what the others leave, and at least
			     TOP_NAME_COLS */
	int rank;	  /* on a narrow screen the highest goes first */
	/* the text of a cell; NULL: the name */
	void (*text)(char *to, const struct top_figures *f,
		     const struct top_channel *c);
	/* what a screen shows as a bar instead, 0 .. 1; or NULL */
	double (*share)(const struct top_channel *c);
	int is_alarm; /* a long bar is bad */
	/* what lines are sorted by, the largest first; NULL: the name */
	double (*value)(const struct top_channel *c);
};

#define TOP_NAME_COLS 16
/* the words of .sort, of which the first is where it begins */
#define TOP_SORTS "rate|bytes|fill|lag|lost|age|name"

extern const struct top_column top_columns[];
extern const size_t top_column_cnt;

/* top_share - records, as a share of what the channel can keep.
 * top_fill - the same of those that it keeps. */
double top_share(const struct top_channel *c, uint64_t records);
double top_fill(const struct top_channel *c);

/* top_count - a number that stays short: exact below 100000. */
const char *top_count(char to[UNITS_MAX], uint64_t n);

/* top_by_word, top_by_key - the column to sort by; NULL: none. */
const struct top_column *top_by_word(const char *word);
const struct top_column *top_by_key(int key);

/* top_sort - sort pointers to channels; equals by name, damaged ones last. */
void top_sort(const struct top_channel **rows, size_t cnt,
	      const struct top_column *by, int reverse);

#endif
