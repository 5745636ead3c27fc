/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_ls.c - the channels of a store, with who is on them.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "facts.h"
#include "out.h"
#include "people.h"
#include "reach.h"
#include "row.h"
#include "show.h"
#include "stop.h"
#include "table.h"
#include "units.h"

static int is_long, is_watching;
static int64_t interval_ns = 1000000000;

static const struct opt opts[] = {
    {'l', "long", NULL, "a line for each channel, with its figures", OPT_FLAG,
     &is_long},
    {'w', "watch", NULL, "again and again, until a signal comes", OPT_FLAG,
     &is_watching},
    {'i', "interval", "SECONDS", "between two looks; default 1", OPT_SECONDS,
     &interval_ns},
    {0, "json", NULL, "one object a line", OPT_FLAG, &row_json},
    OPT_END,
};

static int
one_json(const weir_channel_info *info, weir_channel *ch)
{
	uint64_t newest_ns;
	int rc = 0;

	row_begin(NULL);
	row_str("channel", info->name);
	row_bool("damaged", info->damaged);
	if (!info->damaged) {
		row_open("config", '{');
		show_config(info);
		row_close();
		show_figures(info);
	}
	if (ch && facts_newest(ch, info, &newest_ns) == 0)
		row_time("newest", newest_ns);
	if (ch)
		rc = people_json(ch);
	row_end();
	return rc;
}

static int
one_text(const weir_channel_info *info, weir_channel *ch)
{
	out_fmt("Channel: ");
	out_text(info->name, strlen(info->name));
	out_fmt("%s\n", info->damaged ? " (damaged)" : "");
	return ch ? people_text(ch, 0) : 0;
}

/* What ended while we looked is no failure. */
static int
is_over(int rc)
{
	return rc == -ENOENT || rc == WEIR_EREMOVED;
}

static int
one(weir_store *store, const weir_channel_info *info)
{
	weir_channel *ch = NULL;
	weir_diag diag = {0};
	int rc = WEIR_ECORRUPT, code = 0;

	if (!info->damaged)
		rc = weir_channel_open(store, info->name, NULL, &ch, &diag);
	if (is_over(rc))
		return 0;
	if (rc < 0) {
		fail(info->name, rc, &diag);
		code = X_FAILED;
	}
	rc = row_json ? one_json(info, ch) : one_text(info, ch);
	weir_channel_close(ch);
	if (rc < 0 && !is_over(rc)) {
		fail(info->name, rc, NULL);
		code = X_FAILED;
	}
	return code;
}

static int
each(weir_store *store)
{
	weir_channel_info info = {.size = sizeof(info)};
	int code = 0, rc;

	while ((rc = weir_channel_next(store, &info)) > 0)
		if (one(store, &info))
			code = X_FAILED;
	return rc < 0 ? fail(store_name, rc, NULL) : code;
}

static void
line(const struct facts_channel *c)
{
	const weir_channel_info *i = &c->info;
	const struct facts_sum sum = facts_sum(c);
	char text[UNITS_MAX];

	table_cell(i->name, strlen(i->name));
	table_fmt("%" PRIu32, i->producer_cnt);
	table_fmt("%" PRIu32, i->orphan_cnt);
	table_fmt("%" PRIu32, i->consumer_cnt);
	table_fmt("%" PRIu64, i->newest_seq);
	table_fmt("%s", units_bytes(text, (double)sum.bytes));
	table_fmt("%" PRIu64, sum.refused);
	table_fmt("%" PRIu64, sum.lag);
	table_fmt("%" PRIu64, sum.lost);
	table_fmt("%s", units_bytes(text, (double)i->bytes));
	table_fmt("%s", c->newest_ns ? units_time(text, facts_age(c->newest_ns))
				     : "-");
}

/* A line for each channel. */
static int
lines(weir_store *store)
{
	static const char *const heads[] = {
	    "CHANNEL", "PRODUCERS", "KEPT", "CONSUMERS", "RECORDS", "BYTES",
	    "REFUSED", "LAG",	    "LOST", "MEMORY",	 "AGE"};
	struct facts f = {.cnt = 0};
	int code = 0, rc = facts_look(&f, store);

	table_begin("<>>>>>>>>>>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		table_fmt("%s", heads[i]);
	for (size_t i = 0; rc == 0 && i < f.cnt; i++) {
		if (!f.channels[i].info.damaged) {
			line(&f.channels[i]);
			continue;
		}
		fail(f.channels[i].info.name, WEIR_ECORRUPT, NULL);
		code = X_FAILED;
	}
	if (rc == 0)
		rc = table_end();
	facts_forget(&f);
	return rc < 0 ? fail(store_name, rc, NULL) : code;
}

static int
look(weir_store *store)
{
	return is_long && !row_json ? lines(store) : each(store);
}

/* Again and again: on a terminal in one place, else one after the other. */
static int
watch(weir_store *store)
{
	const struct timespec pause = {interval_ns / 1000000000,
				       interval_ns % 1000000000};
	int is_terminal = isatty(STDOUT_FILENO), code = 0;

	stop_catch();
	while (!stop_signal() && code == 0) {
		if (is_terminal)
			out_fmt("\033[H\033[2J");
		code = look(store);
		if (!is_terminal && !row_json)
			out_fmt("\n");
		if (out_flush() != 0 || code)
			break;
		nanosleep(&pause, NULL);
	}
	return code;
}

static int
run(int argc, char **argv)
{
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
	code = is_watching ? watch(store) : look(store);
	weir_store_close(store);
	code = out_end(code);
	stop_raise();
	return code;
}

const struct cmd cmd_ls = {
    .name = "ls",
    .args = "",
    .what = "list the channels, with producers and consumers",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
