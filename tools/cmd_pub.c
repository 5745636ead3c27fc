/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_pub.c - publish records from the command line or standard input.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "in.h"
#include "out.h"
#include "progress.h"
#include "reach.h"
#include "stop.h"
#include "units.h"
#include "why.h"

#define FORMAT_JSON    1
#define FORMAT_MSGPACK 2

static const char *id;
static const char *message;
static const char *file = "-";
static uint32_t format;
static uint64_t repeat; /* 0: not given, once */
static int is_looping;
static int is_typed; /* the input is, on the terminal where the line would be */
static double rate;  /* 0: as fast as possible */
static int64_t timeout_ns = -1;
static uint32_t errors;
static weir_schema *schema; /* for --errors */

static const struct opt opts[] = {
    {'i', "id", "ID", "who publishes; needed", OPT_STR, &id},
    {'m', "message", "JSON", "this record, not standard input", OPT_STR,
     &message},
    {'f', "file", "FILE", "those in this file, not standard input", OPT_STR,
     &file},
    {0, "format", "json|msgpack",
     "what the input holds: a JSON value on each line, or\n"
     "msgpack values one after the other; default json",
     OPT_CHOICE, &format},
    {'n', "repeat", "N", "publish all of it N times", OPT_U64, &repeat},
    {'l', "loop", NULL, "again and again, until a signal comes", OPT_FLAG,
     &is_looping},
    {'r', "rate", "X", "so many records a second; default: as they come",
     OPT_FACTOR, &rate},
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

/* ---- how fast, and how far ---- */

static struct {
	int64_t start_ns;
	uint64_t taken, refused;
} sum;

static uint64_t
records(void)
{
	return sum.taken + sum.refused;
}

/* Before each record.  The times are as far apart as was asked for, counted
 * from the first, so what is late once does not stay late. */
static void
pace(void)
{
	if (!sum.start_ns)
		sum.start_ns = clock_mono();
	if (rate > 0)
		stop_sleep(sum.start_ns, (double)records() / rate * 1e9);
}

static void
show_progress(void)
{
	char cnt[UNITS_MAX], each[UNITS_MAX];
	double seconds;

	if (is_typed || !progress_is_due())
		return;
	seconds = (double)(clock_mono() - sum.start_ns) / 1e9;
	progress("%s records, %" PRIu64 " refused, %s a second",
		 units_count(cnt, (double)records()), sum.refused,
		 units_count(each, (double)records() / seconds));
}

/* ---- what is published ---- */

/* The next record of the input. */
static int
take(struct in *in, const void **item, size_t *len)
{
	int got;

	do {
		got = format == FORMAT_MSGPACK ? in_value(in, item, len)
					       : in_line(in, item, len);
	} while (got == IN_ITEM && format == FORMAT_JSON &&
		 in_is_blank(*item, *len));
	return got;
}

/* All of the input, once.  Return: 0, or an exit code if there is no point in
 * going on. */
static int
pass(struct in *in, weir_producer *p, const char *channel)
{
	const char *unit = format == FORMAT_MSGPACK ? "value" : "line";
	const void *item;
	weir_diag diag;
	size_t len;
	int64_t rc;
	int got;

	while (!stop_signal()) {
		got = take(in, &item, &len);
		if (got == IN_END || stop_signal())
			return 0;
		if (got == IN_FAILED)
			return fail(in->name, in->eof, NULL);
		pace();
		if (stop_signal())
			return 0;
		rc = got == IN_LONG  ? -EMSGSIZE
		     : got == IN_CUT ? WEIR_EMSGPACK
				     : publish(p, item, len, &diag);
		if (rc == -EINTR)
			return 0;
		show_progress();
		if (rc > 0) {
			sum.taken++;
			continue;
		}
		talk("%s: %s", channel,
		     reason_at(unit, in->cnt, (int)rc,
			       got == IN_ITEM ? &diag : NULL));
		say_all(rc, item, len);
		if (!is_refusal(rc))
			return exit_of((int)rc);
		sum.refused++;
	}
	return 0;
}

static int
stream(weir_producer *p, const char *channel, uint32_t max_record)
{
	uint64_t taken;
	struct in in;
	int code, rc;

	/* JSON takes at most six bytes for one, not counting white space */
	rc = in_open(&in, file,
		     format == FORMAT_MSGPACK ? max_record
					      : (size_t)max_record * 8 + 4096);
	if (rc == -EINTR)
		return X_FAILED;
	if (rc < 0) {
		talk("%s: %s (%s)", in.name, strerror(-rc), code_name(rc));
		return X_FAILED;
	}
	if ((repeat > 1 || is_looping) && in_rewind(&in) < 0) {
		talk("%s cannot be read more than once; --repeat and --loop "
		     "need -m or a file",
		     in.name);
		in_close(&in);
		return X_USAGE;
	}
	is_typed = isatty(in.fd);
	for (uint64_t i = 0;; in_rewind(&in)) {
		taken = sum.taken;
		code = pass(&in, p, channel);
		/* what was all refused is the next time, too */
		if (code || stop_signal() || sum.taken == taken ||
		    (++i >= repeat && !is_looping))
			break;
	}
	in_close(&in);
	progress_wipe();
	if (code)
		return code;
	if (stop_signal() && !is_looping)
		return X_FAILED;
	if (sum.refused == 0)
		return 0;
	talk("%s: %" PRIu64 " of %" PRIu64 " records refused", channel,
	     sum.refused, records());
	return X_INVALID;
}

static int
single(weir_producer *p, const char *channel)
{
	weir_diag diag;
	int64_t rc = 0;

	do {
		pace();
		if (stop_signal())
			break;
		rc = publish(p, message, strlen(message), &diag);
		show_progress();
		sum.taken++;
	} while (rc >= 0 && (is_looping || sum.taken < repeat));
	progress_wipe();
	if (stop_signal())
		return is_looping ? 0 : X_FAILED;
	if (rc >= 0)
		return 0;
	fail(channel, (int)rc, &diag);
	say_all(rc, message, strlen(message));
	return exit_of((int)rc);
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
		talk("-m is JSON; msgpack is read from a file or standard "
		     "input");
		return X_USAGE;
	}
	if (message && strcmp(file, "-") != 0) {
		talk("-m or --file: one of them");
		return X_USAGE;
	}
	if (repeat && is_looping) {
		talk("--repeat or --loop: one of them");
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
	if (!is_looping) /* or it is the end that was asked for */
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
