/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_top.c - the channels by what they do, on a full screen or once as a
 * table.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "show.h"
#include "stop.h"
#include "table.h"
#include "top_live.h"
#include "top_overview.h"
#include "term.h"

static int64_t interval_ns = 1000000000;
static uint32_t sort_by = 1;
static int is_once;

static const struct opt opts[] = {
    {'d', "interval", "SECONDS", "between two looks; default 1", OPT_SECONDS,
     &interval_ns},
    {'s', "sort", TOP_SORTS, "the column to sort by; default rate", OPT_CHOICE,
     &sort_by},
    {'1', "once", NULL, "a table of one interval, and no full screen", OPT_FLAG,
     &is_once},
    {0, "json", NULL, "the same, an object for each channel", OPT_FLAG,
     &row_json},
    OPT_END,
};

static void
put_json(const struct top_figures *f, const struct top_channel *c)
{
	const weir_channel_info *i = &c->now->info;

	row_begin(NULL);
	row_str("channel", i->name);
	row_bool("damaged", i->damaged);
	if (!i->damaged) {
		row_i64("window_ns", f->window_ns);
		row_u64("records", c->records);
		row_u64("bytes", c->bytes);
		row_u64("refused", c->refused);
		row_u64("lost", c->lost);
		row_u64("newest_seq", i->newest_seq);
		row_u64("kept", c->kept);
		row_u64("capacity", i->capacity);
		row_u64("lag", c->sum.lag);
		row_u64("producers_alive", i->producer_cnt);
		row_u64("consumers_alive", i->consumer_cnt);
		row_time("newest", c->now->newest_ns);
	}
	row_end();
}

static void
put_line(const struct top_figures *f, const struct top_channel *c)
{
	const char *name = c->now->info.name;
	char cell[TOP_CELL_MAX];

	table_cell(name, strlen(name));
	for (size_t i = 1; i < top_column_cnt; i++) {
		top_columns[i].text(cell, f, c);
		table_fmt("%s", cell);
	}
}

static int
put_all(const struct overview *o, const struct top_figures *f)
{
	int code = X_DONE;

	table_begin("<>>>>>>>>>");
	for (size_t i = 0; !row_json && i < top_column_cnt; i++)
		table_fmt("%s", top_columns[i].head);
	for (size_t i = 0; i < o->cnt; i++) {
		if (row_json)
			put_json(f, o->rows[i]);
		if (o->rows[i]->now->info.damaged) {
			fail(o->rows[i]->now->info.name, WEIR_ECORRUPT, NULL);
			code = X_FAILED;
		} else if (!row_json) {
			put_line(f, o->rows[i]);
		}
	}
	return table_end() < 0 ? X_FAILED : code;
}

/* What happens between two looks. */
static int
once(weir_store *store, const struct top_column *by)
{
	struct top_figures f = {.cnt = 0};
	struct overview o = {.by = by};
	struct timespec pause = {interval_ns / 1000000000,
				 interval_ns % 1000000000};
	int rc = top_take(&f, store), code = X_DONE;

	if (rc == 0) {
		nanosleep(&pause, NULL);
		rc = top_take(&f, store);
	}
	if (rc == 0)
		rc = overview_arrange(&o, &f);
	code = rc == 0 ? put_all(&o, &f) : fail(store_name, rc, NULL);
	free(o.rows);
	top_forget(&f);
	return code;
}

static int
run(int argc, char **argv)
{
	const struct top_column *by;
	weir_store *store;
	int code;

	(void)argc;
	(void)argv;
	if (interval_ns <= 0) {
		talk("--interval: above 0 is needed");
		return X_USAGE;
	}
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	by = top_by_word(show_choice(TOP_SORTS, sort_by));
	if (is_once || row_json || !term_is_there())
		code = once(store, by);
	else
		code = top_live(store, by, interval_ns);
	weir_store_close(store);
	code = out_end(code);
	stop_raise();
	return code;
}

const struct cmd cmd_top = {
    .name = "top",
    .args = "",
    .what = "watch what the channels do, on a full screen",
    .more =
	"A line for each channel: records and bytes a second, how much of "
	"what\n"
	"it can keep is there, how far the slowest consumer is behind and how\n"
	"much of what is kept that is, records lost, live producers and\n"
	"consumers, age of the newest record.  Enter opens a channel; ? says\n"
	"the keys.  Where the output is no terminal: a table, once.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
