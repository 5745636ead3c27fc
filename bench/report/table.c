/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <string.h>

#include "text.h"

struct column {
	const char *head, *member; /* NULL: the floor's name */
	enum unit unit;
};
#define COLUMNS 12

static const struct {
	const char *caption;
	struct column column[COLUMNS];
} tables[ROW_KINDS] = {
    [ROW_TIME] = {"Times; ratio: times of the floor, less is better",
		  {{"ratio", "ratio", UNIT_RATIO},
		   {"10 %", "ratio_low", UNIT_RATIO},
		   {"90 %", "ratio_high", UNIT_RATIO},
		   {"typical", "typical_ns", UNIT_NS},
		   {"median", "median_ns", UNIT_NS},
		   {"99 %", "p99_ns", UNIT_NS},
		   {"99.9 %", "p999_ns", UNIT_NS},
		   {"longest", "max_ns", UNIT_NS},
		   {"floor", NULL, UNIT_NONE},
		   {"its time", "floor_ns", UNIT_NS},
		   {"rounds", "rounds", UNIT_NONE},
		   {"moved", "moved", UNIT_NONE}}},
    [ROW_RATE] = {"Records per second; ratio: share of the floor's, more is "
		  "better",
		  {{"ratio", "ratio", UNIT_RATIO},
		   {"10 %", "ratio_low", UNIT_RATIO},
		   {"90 %", "ratio_high", UNIT_RATIO},
		   {"rate", "rate", UNIT_RATE},
		   {"overall", "overall_rate", UNIT_RATE},
		   {"lost", "lost", UNIT_NONE},
		   {"floor", NULL, UNIT_NONE},
		   {"its rate", "floor_rate", UNIT_RATE},
		   {"rounds", "rounds", UNIT_NONE},
		   {"moved", "moved", UNIT_NONE}}},
    [ROW_BYTES] = {"Memory; ratio: what was taken to what was foretold",
		   {{"ratio", "ratio", UNIT_RATIO},
		    {"channels", "channels", UNIT_NONE},
		    {"foretold for each", "footprint_bytes", UNIT_BYTES},
		    {"taken by all", "real_bytes", UNIT_BYTES}}},
};

static void
cell(struct page *p, const struct row *r, const struct column *c)
{
	char buf[TEXT_NUMBER];

	page_cell(p, c->member
			 ? text_number(buf, row_number(r, c->member), c->unit)
			 : r->floor);
}

void
table_write(struct page *p, const struct rows *rows, const char *bench,
	    enum row_kind kind)
{
	const struct column *column = tables[kind].column;
	const char *heads[COLUMNS + 1] = {"figure"};
	size_t cols = 0;
	int begun = 0;

	for (; cols < COLUMNS && column[cols].head; cols++)
		heads[cols + 1] = column[cols].head;
	for (size_t i = 0; i < rows->cnt; i++) {
		const struct row *r = &rows->row[i];

		if (r->kind != kind || strcmp(r->bench, bench) != 0)
			continue;
		if (!begun++)
			page_table(p, tables[kind].caption, heads, cols + 1);
		page_cell(p, r->title);
		for (size_t c = 0; c < cols; c++)
			cell(p, r, &column[c]);
	}
	if (begun)
		page_table_end(p);
}
