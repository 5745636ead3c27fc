/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_clear.c - withdraw values of producers that are gone.
 */
#include <inttypes.h>
#include <string.h>

#include "cmd.h"
#include "out.h"
#include "reach.h"

static const char *id;
static int orphans;

static const struct opt opts[] = {
    {0, "id", "ID", "the value of this producer", OPT_STR, &id},
    {0, "orphans", NULL, "the values of all producers that are gone", OPT_FLAG,
     &orphans},
    OPT_END,
};

/* Nothing was cleared for --id: why? */
static int
why_not(const char *channel, weir_channel *ch)
{
	weir_producer_info p = {.size = sizeof(p)};

	while (weir_producer_next(ch, &p) > 0) {
		if (strcmp(p.id, id) != 0)
			continue;
		if (p.life == WEIR_ALIVE)
			talk("%s: %s is alive (pid %" PRIu32 "), and its value "
			     "is its own to clear (%s)",
			     channel, id, p.pid, code_name(WEIR_EINUSE));
		else
			talk("%s: %s has no value", channel, id);
		return X_FAILED;
	}
	talk("%s: %s: no such producer", channel, id);
	return X_FAILED;
}

static int
run(int argc, char **argv)
{
	weir_channel *ch;
	weir_store *store;
	weir_diag diag = {0};
	int code, rc;

	(void)argc;
	if (!id == !orphans) {
		talk("%s; see: weir help clear",
		     id ? "--id ID or --orphans, not both"
			: "one of --id ID and --orphans is needed");
		return X_USAGE;
	}
	code = reach_channel(0, argv[0], &store, &ch);
	if (code)
		return code;
	rc = weir_channel_clear_orphans(ch, id, &diag);
	if (rc < 0)
		code = fail(argv[0], rc, &diag);
	else if (orphans)
		out_fmt("values withdrawn: %d\n", rc);
	else if (rc == 0)
		code = why_not(argv[0], ch);
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_clear = {
    .name = "clear",
    .args = "CHANNEL",
    .what = "withdraw the value of a producer that is gone",
    .more = "Consumers are told.  A live producer clears its own value.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
