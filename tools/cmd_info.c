/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_info.c - all about one channel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "current.h"
#include "facts.h"
#include "fields.h"
#include "out.h"
#include "people.h"
#include "reach.h"
#include "row.h"
#include "show.h"
#include "units.h"

static const struct opt opts[] = {
    {0, "json", NULL, "one object", OPT_FLAG, &row_json},
    OPT_END,
};

static void
config_text(const weir_channel_info *i, uint64_t newest_ns)
{
	char age[UNITS_MAX];

	out_fmt("  Overflow: %s\n", show_choice(WORDS_OVERFLOW, i->overflow));
	out_fmt("  Producers at once: %s, %" PRIu32 " %s of %" PRIu64
		" bytes\n",
		show_choice(WORDS_PRODUCERS, i->producers), i->max_producers,
		i->max_producers == 1 ? "lane" : "lanes", i->lane_bytes);
	out_fmt("  Consumers at once: %" PRIu32 "\n", i->max_consumers);
	out_fmt("  Capacity: %" PRIu32 " records of at most %" PRIu32
		" bytes\n",
		i->capacity, i->max_record);
	if (i->inline_bytes)
		out_fmt("  In the ring: records up to %" PRIu32 " bytes\n",
			i->inline_bytes);
	out_fmt("  Time stamps: %s\n", show_choice(WORDS_SWITCH, i->stamps));
	out_fmt("  Orphans: %s\n", show_choice(WORDS_ORPHANS, i->orphans));
	if (i->formats == WEIR_ON)
		out_fmt("  Formats: checked\n");
	out_fmt("  Memory: %" PRIu64 " bytes\n", i->bytes);
	out_fmt("  Created: ");
	out_time(i->created_ns);
	out_fmt("\n");
	if (!i->newest_seq) {
		out_fmt("  Records: none yet\n");
		return;
	}
	out_fmt("  Records: newest seq %" PRIu64, i->newest_seq);
	if (newest_ns)
		out_fmt(" (%s ago)", units_time(age, facts_age(newest_ns)));
	out_fmt(", oldest kept %" PRIu64 "\n", i->oldest_seq);
}

static void
schema_text(weir_channel *ch)
{
	size_t len = 0;
	const char *text = weir_channel_schema(ch, &len);

	if (!text) {
		out_fmt("  Schema: none, any record\n");
		return;
	}
	out_fmt("  Schema:\n");
	out_lines(text, len, "    ");
}

static void
value_text(const weir_record *rec)
{
	int bad;

	out_fmt("  Current value: seq %" PRIu64 ", ", rec->seq);
	out_time(rec->time_ns);
	out_fmt(", ");
	out_text(rec->producer, strlen(rec->producer));
	out_fmt("\n    ");
	out_msgpack(rec->data, rec->len, &bad);
	out_fmt("\n");
}

static int
text(const weir_channel_info *info, weir_channel *ch, const weir_record *rec,
     uint64_t newest_ns)
{
	int rc;

	out_fmt("Channel: ");
	out_text(info->name, strlen(info->name));
	out_fmt("\n");
	config_text(info, newest_ns);
	schema_text(ch);
	rc = people_text(ch, 1);
	if (rec)
		value_text(rec);
	else
		out_fmt("  Current value: none\n");
	return rc;
}

static int
json(const weir_channel_info *info, weir_channel *ch, const weir_record *rec,
     uint64_t newest_ns)
{
	size_t len = 0;
	const char *schema = weir_channel_schema(ch, &len);
	int rc;

	row_begin(NULL);
	row_str("channel", info->name);
	row_open("config", '{');
	show_config(info);
	row_close();
	show_figures(info);
	row_time("newest", newest_ns);
	if (schema)
		row_schema("schema", schema, len);
	rc = people_json(ch);
	if (rec) {
		row_open("current", '{');
		show_record(rec);
		row_close();
	}
	row_end();
	return rc;
}

static int
run(int argc, char **argv)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch;
	weir_store *store;
	weir_record rec;
	void *buf = NULL;
	uint64_t newest_ns;
	int code, rc, has;

	(void)argc;
	code = reach_channel(WEIR_READ_ONLY, argv[0], &store, &ch);
	if (code)
		return code;
	rc = weir_channel_stat(ch, &info);
	if (rc < 0) {
		code = fail(argv[0], rc, NULL);
	} else {
		has = current_value(ch, NULL, &buf, &rec);
		if (has < 0 && has != -ENOENT)
			code = fail(argv[0], has, NULL);
		rc = facts_newest(ch, &info, &newest_ns);
		if (rc == 0)
			rc = (row_json ? json : text)(
			    &info, ch, has ? NULL : &rec, newest_ns);
		if (rc < 0)
			code = fail(argv[0], rc, NULL);
	}
	free(buf);
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_info = {
    .name = "info",
    .args = "CHANNEL",
    .what = "all about one channel",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
