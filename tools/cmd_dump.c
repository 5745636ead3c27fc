/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_dump.c - everything that is in a store, decoded.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "dump.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "show.h"

#define DUMP_VERSION 1

int dump_hex;

static const struct opt opts[] = {
    {0, "hex", NULL, "also the bytes of each record", OPT_FLAG, &dump_hex},
    {0, "json", NULL, "one object a line, \"type\" first", OPT_FLAG, &row_json},
    OPT_END,
};

static void
version_line(void)
{
	if (!row_json) {
		out_fmt("weir dump %d\n", DUMP_VERSION);
		return;
	}
	row_begin("dump");
	row_u64("version", DUMP_VERSION);
	row_str("library", weir_version());
	row_end();
}

static void
dump_store(weir_store *store)
{
	weir_store_info i = {.size = sizeof(i)};
	char mode[16];
	int rc = weir_store_stat(store, &i);

	if (rc < 0) {
		damage(NULL, "store", rc, NULL);
		return;
	}
	row_begin("store");
	row_str("name", i.name);
	row_u64("format", i.format);
	row_bool("copy", (int)i.is_copy);
	row_bool("destroyed", (int)i.is_retired);
	row_u64("channels", i.channel_cnt);
	row_u64("max_channels", i.max_channels);
	row_u64("participants", i.participant_cnt);
	row_u64("max_participants", i.max_participants);
	row_u64("max_bytes", i.max_bytes);
	row_u64("used_bytes", i.used_bytes);
	row_u64("real_bytes", i.real_bytes);
	row_time("created", i.created_ns);
	row_str("created_by", i.created_by);
	row_u64("uid", i.uid);
	row_u64("gid", i.gid);
	snprintf(mode, sizeof(mode), "%04o", i.mode & 07777u);
	row_word("mode", mode);
	row_end();
}

static void
dump_participants(weir_store *store)
{
	weir_participant_info p = {.size = sizeof(p)};
	int rc;

	while ((rc = weir_participant_next(store, &p)) > 0) {
		row_begin("participant");
		row_u64("place", p.idx);
		if (damage_is("", "participant", p.idx)) {
			row_bool("damaged", 1);
			row_end();
			continue;
		}
		row_word("life", show_life(p.life));
		row_u64("pid", p.pid);
		row_str("command", p.command);
		row_u64("generation", p.generation);
		row_time("attached", p.attached_ns);
		row_end();
	}
	if (rc < 0)
		damage(NULL, "participants", rc, NULL);
}

static int
run(int argc, char **argv)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_store *store;
	int code, rc;

	(void)argc;
	(void)argv;
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	version_line();
	damage_look(store);
	dump_store(store);
	damage_told("");
	dump_participants(store);
	while ((rc = weir_channel_next(store, &info)) > 0 && !out_failed())
		dump_channel(store, &info);
	if (rc < 0)
		damage(NULL, "channels", rc, NULL);
	damage_told(NULL); /* of channels that nothing else finds */
	weir_store_close(store);
	if (damage_cnt == 0)
		return 0;
	talk("%s: %u %s damaged (%s)", store_name, damage_cnt,
	     damage_cnt == 1 ? "part is" : "parts are",
	     code_name(WEIR_ECORRUPT));
	return X_FAILED;
}

const struct cmd cmd_dump = {
    .name = "dump",
    .args = "",
    .what = "print everything that is in a store",
    .more =
	"Works on a live store, on one whose processes are all dead, and on a\n"
	"copy of the file (--store PATH, with a \"/\").  What is damaged is\n"
	"named and passed over, and the exit code is then 1.  The first line\n"
	"names the version of the output.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
