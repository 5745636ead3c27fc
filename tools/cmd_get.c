/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_get.c - the current value of a channel, or of one producer in it.
 */
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"
#include "current.h"
#include "out.h"
#include "reach.h"
#include "render.h"

static const char *producer;

static const struct opt opts[] = {
    {'p', "producer", "ID", "the value of this producer", OPT_STR, &producer},
    RENDER_OPTS,
    OPT_END,
};

static int
print(const char *channel, const weir_record *rec)
{
	int rc = render(channel, rec, rec->lost);

	if (render_flush() == -ENOMEM)
		return fail(channel, -ENOMEM, NULL);
	if (rc >= 0)
		return 0;
	talk("%s: the value cannot be read: %s", channel, reason(rc, NULL));
	return X_INVALID;
}

static int
run(int argc, char **argv)
{
	const char *channel = argv[0];
	weir_channel *ch;
	weir_store *store;
	weir_record rec;
	void *buf = NULL;
	int code, rc;

	(void)argc;
	code = render_begin();
	if (code)
		return code;
	code = reach_channel(WEIR_READ_ONLY, channel, &store, &ch);
	if (code)
		return code;
	rc = current_value(ch, producer, &buf, &rec);
	if (rc == -ENOENT) {
		if (producer)
			talk("%s: no value of %s (%s)", channel, producer,
			     code_name(rc));
		else
			talk("%s: no value (%s)", channel, code_name(rc));
		code = X_FAILED;
	} else if (rc == -EINVAL && producer) {
		talk("%s: --producer: an id is 1 to %d bytes of UTF-8 without "
		     "control characters (%s)",
		     channel, WEIR_ID_MAX, code_name(WEIR_ENAME));
		code = X_USAGE;
	} else if (rc < 0) {
		code = fail(channel, rc, NULL);
	} else {
		code = print(channel, &rec);
	}
	free(buf);
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_get = {
    .name = "get",
    .args = "CHANNEL",
    .what = "print the current value",
    .more = "Exit code 1 if there is none.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
