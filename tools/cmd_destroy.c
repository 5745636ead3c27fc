/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_destroy.c - remove a store and what is in it.
 */
#include "cmd.h"
#include "out.h"
#include "reach.h"

static int
run(int argc, char **argv)
{
	weir_store_opts opts = {.size = sizeof(opts)};
	weir_diag diag = {0};
	int rc;

	(void)argc;
	(void)argv;
	rc = reach_name_only();
	if (!rc)
		rc = reach_opts(&opts);
	if (rc)
		return rc;
	rc = weir_store_destroy(store_name, &opts, &diag);
	return rc < 0 ? fail(store_name, rc, &diag) : 0;
}

const struct cmd cmd_destroy = {
    .name = "destroy",
    .args = "",
    .what = "remove a store and what is in it",
    .more = "Whoever is attached is woken and told that it is gone; the\n"
	    "memory is free once the last of them has let go.\n",
    .has_store = 1,
    .run = run,
};
