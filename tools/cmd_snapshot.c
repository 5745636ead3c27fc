/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_snapshot.c - a copy of a store, in a file that every verb that looks can
 * read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "cmd.h"
#include "out.h"
#include "reach.h"

static const char *output;
static int is_forced;

static const struct opt opts[] = {
    {'o', "output", "FILE", "where to; must be given", OPT_STR, &output},
    {'f', "force", NULL, "replace a file that is there", OPT_FLAG, &is_forced},
    OPT_END,
};

/* The name is only there when the copy is whole. */
static int
put(weir_store *store, char *temp)
{
	weir_diag diag = {0};
	int fd = mkstemp(temp);
	int rc = fd < 0 ? -errno : weir_store_snapshot(store, fd, &diag);

	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && (is_forced ? rename(temp, output) : link(temp, output)))
		rc = -errno;
	if (fd >= 0 && (rc < 0 || !is_forced))
		unlink(temp);
	if (rc == 0)
		return 0;
	fail(output, rc, &diag);
	return X_FAILED;
}

static int
run(int argc, char **argv)
{
	weir_store *store;
	char *temp;
	int code;

	(void)argc;
	(void)argv;
	if (!output) {
		talk("where to?  -o FILE");
		return X_USAGE;
	}
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	if (asprintf(&temp, "%s.XXXXXX", output) < 0) {
		code = fail(output, -ENOMEM, NULL);
	} else {
		code = put(store, temp);
		free(temp);
	}
	weir_store_close(store);
	return code;
}

const struct cmd cmd_snapshot = {
    .name = "snapshot",
    .args = "",
    .what = "copy a store into a file, beside live traffic",
    .more =
	"Verbs that look take the file as --store PATH, with a \"/\".  Every\n"
	"record is in it as a whole, or lost.  The file has holes: copy it "
	"with\n"
	"cp --sparse=always, pack it with tar --sparse.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
