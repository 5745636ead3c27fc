/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_sub.c - print the records of a channel as they come.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "show.h"
#include "stop.h"

#define BATCH	 64	    /* records of one read */
#define LOOK_NS	 1000000000 /* how often to see whether our reader is gone */
#define NEVER_NS (INT64_MAX)

static const char *from = "current";
static const char *id;
static uint64_t wanted;
static int64_t timeout_ns = -1;
static int gate, strict;

static const struct opt opts[] = {
    {'f', "from", "WHERE",
     "current: the current value, then what comes; each: of\n"
     "each producer; oldest: what is kept; new: what comes;\n"
     "or a seq; default current",
     OPT_STR, &from},
    {'n', "count", "N", "end after N lines", OPT_U64, &wanted},
    {'t', "timeout", "SECONDS", "end after this time; 0: take what is there",
     OPT_SECONDS, &timeout_ns},
    {'i', "id", "ID", "take a place as consumer, under this id", OPT_STR, &id},
    {'g', "gate", NULL, "block channels: be a consumer that producers wait for",
     OPT_FLAG, &gate},
    {0, "strict", NULL, "exit code 6 if records were lost", OPT_FLAG, &strict},
    {0, "json", NULL,
     "an object for each record, also for clears: channel,\n"
     "seq, time, producer, kind, lost, current, value",
     OPT_FLAG, &row_json},
    OPT_END,
};

/* When to stop, besides -n. */
static struct {
	int64_t end;	 /* on the monotonic clock, or NEVER_NS */
	int drain;	 /* take what is there and do not wait */
	uint64_t newest; /* with .drain: up to this seq */
} until = {.end = NEVER_NS};

/* What came so far. */
static struct {
	uint64_t lines;
	uint64_t seq; /* of the stream */
	uint64_t lost;
	uint64_t bad;
} sum;

static int
is_pipe(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void
print(const char *channel, const weir_record *rec)
{
	int bad = 0;

	if (!(rec->flags & WEIR_CURRENT))
		sum.seq = rec->seq;
	if (rec->lost) {
		sum.lost += rec->lost;
		talk("%s: %" PRIu64 " %s lost before seq %" PRIu64, channel,
		     rec->lost, rec->lost == 1 ? "record" : "records",
		     rec->seq);
	}
	if (row_json) {
		row_begin(NULL);
		row_str("channel", channel);
		bad = show_record(rec);
		row_end();
		sum.lines++;
	} else if (rec->kind == WEIR_CLEAR) {
		talk("%s: %s cleared its value, seq %" PRIu64, channel,
		     rec->producer, rec->seq);
	} else {
		out_msgpack(rec->data, rec->len, &bad);
		out_raw("\n", 1);
		sum.lines++;
	}
	if (bad) {
		sum.bad++;
		talk("%s: record %" PRIu64 " cannot be read: %s", channel,
		     rec->seq, reason(bad, NULL));
	}
}

/* Read what is there, or wait for it as long as there is time. */
static int
next(weir_consumer *c, weir_record *recs)
{
	static int piped = -1;
	uint64_t left = wanted ? wanted - sum.lines : BATCH;
	int cnt = left < BATCH ? (int)left : BATCH;
	int64_t wait;
	int rc;

	rc = weir_read(c, recs, cnt, 0);
	if (rc != -EAGAIN)
		return rc;
	if (out_flush())
		return -EPIPE; /* out_end() says more */
	if (piped < 0)
		piped = is_pipe();
	wait = until.end == NEVER_NS ? -1 : until.end - clock_mono();
	if (until.drain || (until.end != NEVER_NS && wait <= 0))
		return -EAGAIN;
	if (piped && (wait < 0 || wait > LOOK_NS))
		wait = LOOK_NS;
	rc = weir_read(c, recs, cnt, wait);
	if (rc == -EAGAIN && piped && out_reader_is_gone()) {
		raise(SIGPIPE); /* ended() sees it, if it is not ignored */
		return -EPIPE;
	}
	return rc;
}

/* Is it over, after a read that gave @rc? */
static int
is_over(int rc)
{
	if (until.drain)
		return rc == -EAGAIN || sum.seq >= until.newest;
	return until.end != NEVER_NS && clock_mono() >= until.end;
}

static int
follow(const char *channel, weir_consumer *c)
{
	weir_record recs[BATCH];
	int rc, i;

	while (!stop_signal() && !out_failed()) {
		if (wanted && sum.lines >= wanted)
			return 0;
		rc = next(c, recs);
		for (i = 0; i < rc; i++)
			print(channel, &recs[i]);
		if (rc == -EPIPE)
			return X_FAILED;
		if (rc < 0 && rc != -EAGAIN && rc != -EINTR)
			return fail(channel, rc, NULL);
		if (is_over(rc))
			return sum.lines < (wanted ? wanted : 1) ? X_TIMEOUT
								 : 0;
	}
	return out_failed() ? X_FAILED : 0;
}

static int
where_from(weir_consumer_opts *o)
{
	static const char *const words[] = {"current", "each", "oldest", "new"};
	const char *bad = NULL;

	o->from = 0;
	while (o->from < 4 && strcmp(from, words[o->from]) != 0)
		o->from++;
	if (o->from == WEIR_FROM_SEQ)
		bad = opts_value(OPT_U64, NULL, &o->seq, from);
	if (bad)
		talk("--from %s: it is current, each, oldest, new or a seq",
		     from);
	return bad ? X_USAGE : 0;
}

/* Without time to wait, or on a copy, where nothing more will ever come,
 * what is there now is all. */
static void
set_end(weir_store *store, weir_channel *ch)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_channel_info now = {.size = sizeof(now)};

	if (timeout_ns > 0)
		until.end = clock_mono() + timeout_ns;
	until.drain = timeout_ns == 0 ||
		      (weir_store_stat(store, &info) == 0 && info.is_copy);
	if (until.drain && weir_channel_stat(ch, &now) == 0)
		until.newest = now.newest_seq;
}

static int
open_consumer(weir_channel *ch, const char *channel, weir_consumer_opts *o,
	      weir_consumer **c)
{
	weir_diag diag = {0};
	char own[64];
	int rc;

	o->flags = gate ? WEIR_GATE : 0;
	snprintf(own, sizeof(own), "weir-sub-%ld", (long)getpid());
	rc = weir_consumer_open(ch, gate && !id ? own : id, o, c, &diag);
	return rc < 0 ? fail(channel, rc, &diag) : 0;
}

/* Without -n and --timeout a signal is how it ends; with them it has not
 * come to its end, and the shell should know.  A closed pipe ends us as it
 * ends others. */
static int
ended(int code)
{
	out_flush();
	if (stop_signal() == SIGPIPE ||
	    ((wanted || timeout_ns >= 0) && code == 0))
		stop_raise();
	if (sum.bad && code == 0)
		code = X_INVALID;
	if (strict && sum.lost && (code == 0 || code == X_TIMEOUT))
		code = X_LOST;
	return code;
}

static int
run(int argc, char **argv)
{
	weir_consumer_opts o = {.size = sizeof(o)};
	weir_consumer *c = NULL;
	weir_channel *ch;
	weir_store *store;
	int code;

	(void)argc;
	code = where_from(&o);
	if (code)
		return code;
	stop_catch();
	code = reach_channel(id || gate ? 0 : WEIR_READ_ONLY, argv[0], &store,
			     &ch);
	if (code)
		return code;
	set_end(store, ch);
	code = open_consumer(ch, argv[0], &o, &c);
	if (!code) {
		stop_reading(c);
		code = follow(argv[0], c);
		stop_reading(NULL);
	}
	weir_consumer_close(c);
	weir_channel_close(ch);
	weir_store_close(store);
	return ended(code);
}

const struct cmd cmd_sub = {
    .name = "sub",
    .args = "CHANNEL",
    .what = "print records as they come, a JSON value a line",
    .more =
	"It only observes, unless --id or --gate make it a consumer.  What is\n"
	"lost, and without --json a value that was cleared, is said on\n"
	"standard error.  Exit code 5 if the time was over before N lines\n"
	"(without -n: before the first).  A copy of a store is read to its\n"
	"end.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run,
};
