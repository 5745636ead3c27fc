/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_pub.c - publish records from the command line or standard input.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "in.h"
#include "out.h"
#include "reach.h"
#include "stop.h"
#include "why.h"

#define FORMAT_JSON    1
#define FORMAT_MSGPACK 2

static const char *id;
static const char *message;
static uint32_t format;
static int64_t timeout_ns = -1;
static uint32_t errors;
static weir_schema *schema; /* for --errors */

static const struct opt opts[] = {
    {'i', "id", "ID", "who publishes; needed", OPT_STR, &id},
    {'m', "message", "JSON", "this record, not standard input", OPT_STR,
     &message},
    {0, "format", "json|msgpack",
     "what standard input holds: a JSON value on each line,\n"
     "or msgpack values one after the other; default json",
     OPT_CHOICE, &format},
    {0, "timeout", "SECONDS",
     "block channels: how long one record may wait for\n"
     "consumers; default: for ever",
     OPT_SECONDS, &timeout_ns},
    {0, "errors", "N",
     "up to N errors of each record that breaks the schema,\n"
     "in the output format \"basic\" of JSON Schema, a line",
     OPT_U32, &errors},
    OPT_END,
};

/* Was it the record's fault?  Then the next one has its own chance. */
static int
is_refusal(int64_t rc)
{
	return exit_of((int)rc) == X_INVALID;
}

static int64_t
publish(weir_producer *p, const void *item, size_t len, weir_diag *diag)
{
	int64_t rc;

	do {
		memset(diag, 0, sizeof(*diag));
		rc = format == FORMAT_MSGPACK
			 ? weir_publish(p, item, len, diag)
			 : weir_publish_json(p, item, len, diag);
		/* a debugger, or stopped and continued */
	} while (rc == -EINTR && !stop_signal());
	return rc;
}

/* All that is wrong with it, if that was asked for. */
static void
say_all(int64_t rc, const void *item, size_t len)
{
	const char *all;

	if (rc != WEIR_ESCHEMA || !schema)
		return;
	all = format == FORMAT_MSGPACK
		  ? why_json(schema, item, len, errors)
		  : why_json_text(schema, item, len, errors);
	if (all)
		fprintf(stderr, "%s\n", all);
}

/* The channel's schema again, with all locations kept. */
static int
prepare_errors(weir_channel *ch, const weir_channel_info *info)
{
	weir_schema_opts o = {.size = sizeof(o), .flags = WEIR_LOCATIONS};
	size_t len;
	const char *text = weir_channel_schema(ch, &len);

	if (!errors || !text)
		return 0;
	if (info->formats == WEIR_ON)
		o.flags |= WEIR_ASSERT_FORMAT;
	return weir_schema_compile(text, len, &o, &schema, NULL);
}

static int
stream(weir_producer *p, const char *channel, uint32_t max_record)
{
	const char *unit = format == FORMAT_MSGPACK ? "value" : "line";
	uint64_t refused = 0, taken = 0;
	const void *item;
	weir_diag diag;
	struct in in;
	size_t len;
	int64_t rc;
	int got = IN_END;

	/* JSON takes at most six bytes for one, not counting white space */
	rc = in_open(&in, "-",
		     format == FORMAT_MSGPACK ? max_record
					      : (size_t)max_record * 8 + 4096);
	if (rc < 0)
		return fail("standard input", (int)rc, NULL);
	while (!stop_signal()) {
		got = format == FORMAT_MSGPACK ? in_value(&in, &item, &len)
					       : in_line(&in, &item, &len);
		if (got == IN_END || got == IN_FAILED)
			break;
		if (got == IN_ITEM && format == FORMAT_JSON &&
		    in_is_blank(item, len))
			continue;
		rc = got == IN_LONG  ? -EMSGSIZE
		     : got == IN_CUT ? WEIR_EMSGPACK
				     : publish(p, item, len, &diag);
		if (rc > 0) {
			taken++;
			continue;
		}
		if (rc == -EINTR)
			break;
		talk("%s: %s", channel,
		     reason_at(unit, in.cnt, (int)rc,
			       got == IN_ITEM ? &diag : NULL));
		say_all(rc, item, len);
		if (!is_refusal(rc)) {
			in_close(&in);
			return exit_of((int)rc);
		}
		refused++;
	}
	in_close(&in);
	if (stop_signal())
		return X_FAILED;
	if (got == IN_FAILED)
		return fail("standard input", in.eof, NULL);
	if (refused == 0)
		return 0;
	talk("%s: %" PRIu64 " of %" PRIu64 " records refused", channel, refused,
	     refused + taken);
	return X_INVALID;
}

static int
single(weir_producer *p, const char *channel)
{
	weir_diag diag;
	int64_t rc = publish(p, message, strlen(message), &diag);
	int code;

	if (rc == -EINTR)
		return X_FAILED;
	code = rc < 0 ? fail(channel, (int)rc, &diag) : 0;
	say_all(rc, message, strlen(message));
	return code;
}

static int
run(int argc, char **argv)
{
	weir_producer_opts o = {.size = sizeof(o)};
	weir_channel_info info = {.size = sizeof(info)};
	const char *channel = argv[0];
	weir_producer *p = NULL;
	weir_channel *ch;
	weir_store *store;
	weir_diag diag = {0};
	int code, rc;

	(void)argc;
	if (!id) {
		talk("--id ID is needed: under it the channel keeps the value");
		return X_USAGE;
	}
	if (message && format == FORMAT_MSGPACK) {
		talk("-m is JSON; msgpack is read from standard input");
		return X_USAGE;
	}
	format = format ? format : FORMAT_JSON;
	stop_catch();
	code = reach_channel(0, channel, &store, &ch);
	if (code)
		return code;
	o.timeout_ns = timeout_ns;
	rc = weir_channel_stat(ch, &info);
	if (rc >= 0)
		rc = prepare_errors(ch, &info);
	if (rc >= 0)
		rc = weir_producer_open(ch, id, &o, &p, &diag);
	if (rc < 0)
		code = fail(channel, rc, &diag);
	else if (message)
		code = single(p, channel);
	else
		code = stream(p, channel, info.max_record);
	weir_schema_free(schema);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	stop_raise();
	return code;
}

const struct cmd cmd_pub = {
    .name = "pub",
    .args = "CHANNEL",
    .what = "publish records",
    .more =
	"A record that is refused is named on standard error, the others are\n"
	"published all the same, and the exit code is then 4; 5 if a record\n"
	"waited longer than the time-out, which ends it.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
