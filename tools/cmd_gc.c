/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_gc.c - give back what killed processes have left.
 */
#include <inttypes.h>

#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"

static int dry_run;

static const struct opt opts[] = {
    {'n', "dry-run", NULL, "only say what it would do", OPT_FLAG, &dry_run},
    {0, "json", NULL, "one object", OPT_FLAG, &row_json},
    OPT_END,
};

static void
json(const weir_gc_info *g)
{
	row_begin(NULL);
	row_bool("dry_run", dry_run);
	row_u64("participants", g->participants);
	row_u64("producers", g->producers);
	row_u64("consumers", g->consumers);
	row_u64("marks", g->marks);
	row_u64("channels", g->channels);
	row_u64("channel_bytes", g->channel_bytes);
	row_u64("stray_bytes", g->stray_bytes);
	row_u64("lock_files", g->lock_files);
	row_u64("values_left", g->values);
	row_u64("channels_left", g->held);
	row_u64("channel_bytes_left", g->held_bytes);
	row_end();
}

/* One line, if there is something of it. */
static int
line(uint64_t cnt, const char *what)
{
	if (cnt)
		out_fmt("  %s: %" PRIu64 "\n", what, cnt);
	return cnt != 0;
}

static void
text(const weir_gc_info *g)
{
	int any = g->participants || g->producers || g->consumers || g->marks ||
		  g->channels || g->stray_bytes || g->lock_files;

	out_fmt("%s%s\n", dry_run ? "would give back:" : "gave back:",
		any ? "" : " nothing");
	line(g->participants, "participants killed with channels open");
	line(g->producers, "places of killed producers without a value");
	line(g->consumers, "places of killed consumers");
	line(g->marks, "marks of sleepers that nobody is");
	if (line(g->channels, "channels left half made, or removed"))
		line(g->channel_bytes, "bytes of those");
	line(g->stray_bytes, "bytes in no channel");
	line(g->lock_files, "lock files of no store");
	if (!g->values && !g->held)
		return;
	out_fmt("%s\n", dry_run ? "would leave:" : "left:");
	line(g->values,
	     "values of killed producers, which weir clear withdraws");
	if (line(g->held, "removed channels that live processes have open"))
		line(g->held_bytes, "bytes of those");
}

static int
run(int argc, char **argv)
{
	weir_gc_info g = {.size = sizeof(g)};
	weir_store *store;
	weir_diag diag = {0};
	int code, rc;

	(void)argc;
	(void)argv;
	code = reach_store(dry_run ? WEIR_READ_ONLY : 0, &store);
	if (code)
		return code;
	rc = weir_store_gc(store, dry_run ? WEIR_DRY_RUN : 0, &g, &diag);
	(row_json ? json : text)(&g);
	if (rc != 0)
		code = fail(store_name, rc, &diag);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_gc = {
    .name = "gc",
    .args = "",
    .what = "give back what killed processes have left",
    .more =
	"Places, channels half made or half freed, memory, lock files; never\n"
	"a value, and nothing of the living.  Safe at any time, and never\n"
	"needed: who lacks something takes it from the dead by itself.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
