/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_channel.c - make and remove one channel.
 */
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"
#include "config.h"
#include "fields.h"
#include "out.h"
#include "reach.h"

static weir_channel_opts asked;
static const char *schema_path;

#define ROW(option, key, kind, words, help)                                    \
	{0, option, words, help, kind, &asked.key},
static const struct opt opts[] = {
    {0, "schema", "FILE", "JSON Schema of the records (\"-\": standard input)",
     OPT_STR, &schema_path},
    CHANNEL_FIELDS(ROW) OPT_END,
};

static int
run_create(int argc, char **argv)
{
	weir_channel *ch = NULL;
	weir_store *store = NULL;
	weir_diag diag = {0};
	char *schema = NULL;
	int rc = 0;

	(void)argc;
	asked.size = sizeof(asked);
	if (schema_path) {
		rc = config_schema(schema_path, &schema, &asked.schema_len);
		asked.schema = schema;
	}
	if (!rc)
		rc = config_check(argv[0], &asked);
	if (!rc)
		rc = reach_store(0, &store);
	if (!rc) {
		rc = weir_channel_open(store, argv[0], &asked, &ch, &diag);
		if (rc < 0)
			rc = fail(argv[0], rc, &diag);
	}
	weir_channel_close(ch);
	weir_store_close(store);
	free(schema);
	return rc;
}

static int
run_rm(int argc, char **argv)
{
	weir_store *store;
	weir_diag diag = {0};
	int rc;

	(void)argc;
	rc = reach_store(0, &store);
	if (rc)
		return rc;
	rc = weir_channel_remove(store, argv[0], &diag);
	if (rc == -ENOENT) {
		talk("%s: no such channel (%s)", argv[0], code_name(rc));
		rc = X_REACH;
	} else if (rc < 0) {
		rc = fail(argv[0], rc, &diag);
	}
	weir_store_close(store);
	return rc;
}

const struct cmd cmd_channel_create = {
    .name = "channel create",
    .args = "CHANNEL",
    .what = "make a channel",
    .more =
	"If the channel exists already, what is given must be as it is; what\n"
	"differs is an error that names the field.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_create,
};

const struct cmd cmd_channel_rm = {
    .name = "channel rm",
    .args = "CHANNEL",
    .what = "remove a channel and what is in it",
    .more = "Whoever has it open is told that it was removed.\n",
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_rm,
};
