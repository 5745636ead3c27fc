/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_ls.c - the channels of a store, with who is on them.
 */
#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "out.h"
#include "people.h"
#include "reach.h"
#include "row.h"
#include "show.h"

static const struct opt opts[] = {
    {0, "json", NULL, "one object a line", OPT_FLAG, &row_json},
    OPT_END,
};

static int
one_json(const weir_channel_info *info, weir_channel *ch)
{
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
	while ((rc = weir_channel_next(store, &info)) > 0)
		if (one(store, &info))
			code = X_FAILED;
	if (rc < 0)
		code = fail(store_name, rc, NULL);
	weir_store_close(store);
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
