/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_sub.c - print the records of channels as they come.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "follow.h"
#include "out.h"
#include "reach.h"
#include "render.h"
#include "stop.h"
#include "where.h"

#define LOOK_NS	 1000000000 /* how often to see whether our reader is gone */
#define NEVER_NS (INT64_MAX)

static const char *from = "current";
static const char *id, *producer, *where_text;
static uint64_t wanted;
static int64_t timeout_ns = -1;
static int gate, strict;
static struct where *where;

static const struct opt opts[] = {
    {'f', "from", "START",
     "current: the current value, then what comes; each: of\n"
     "each producer; oldest: what is kept; new: what comes;\n"
     "or a seq; default current",
     OPT_STR, &from},
    {'n', "count", "N", "end after N records", OPT_U64, &wanted},
    {'t', "timeout", "SECONDS", "end after this time; 0: take what is there",
     OPT_SECONDS, &timeout_ns},
    {'p', "producer", "ID", "only what this producer says", OPT_STR, &producer},
    {'w', "where", "CONDITION",
     "only records in which a field is like that:\n"
     "'/value > 10', '/type == \"TEMP\"', '/error' (it is\n"
     "there); ==, !=, <, <=, >, >= and a JSON value",
     OPT_STR, &where_text},
    RENDER_OPTS,
    {'i', "id", "ID", "take a place as consumer, under this id", OPT_STR, &id},
    {'g', "gate", NULL, "block channels: be a consumer that producers wait for",
     OPT_FLAG, &gate},
    {0, "strict", NULL, "exit code 6 if records were lost", OPT_FLAG, &strict},
    OPT_END,
};

/* What came so far. */
static struct {
	uint64_t printed;
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

static int
is_chosen(const weir_record *rec)
{
	if (producer &&
	    (!rec->producer || strcmp(rec->producer, producer) != 0))
		return 0;
	return where_holds(where, rec);
}

static void
say_lost(const char *channel, const weir_record *rec)
{
	sum.lost += rec->lost;
	talk("%s: %" PRIu64 " %s lost before seq %" PRIu64, channel, rec->lost,
	     rec->lost == 1 ? "record" : "records", rec->seq);
}

/* Losses before records that are not shown are those of the next that is. */
static void
take(struct followed *c, const weir_record *rec)
{
	int rc;

	if (rec->lost)
		say_lost(c->name, rec);
	rc = is_chosen(rec);
	if (rc == 0)
		return;
	if (rc == 1) {
		rc = render(c->name, rec, c->lost - c->told);
		if (rc == 0)
			talk("%s: %s cleared its value, seq %" PRIu64, c->name,
			     rec->producer ? rec->producer : "", rec->seq);
		else
			sum.printed++;
		c->told = c->lost;
	}
	if (rc < 0) {
		sum.bad++;
		talk("%s: record %" PRIu64 " cannot be read: %s", c->name,
		     rec->seq, reason(rc, NULL));
	}
}

/* Until there is something, or the time is over.  Return: 0, or X_FAILED: there
 * is nobody who reads. */
static int
wait_for_more(struct follow *f, int64_t end)
{
	static int piped = -1;
	int64_t wait = LOOK_NS;

	if (render_flush())
		return X_FAILED; /* out_end() says more */
	if (piped < 0)
		piped = is_pipe();
	if (end != NEVER_NS && end - clock_mono() < wait)
		wait = end - clock_mono();
	follow_wait(f, wait > 0 ? wait : 0);
	if (!piped || !out_reader_is_gone())
		return 0;
	raise(SIGPIPE); /* ended() sees it, if it is not ignored */
	return X_FAILED;
}

static int
is_enough(void)
{
	return wanted && sum.printed >= wanted;
}

static int
follow(struct follow *f)
{
	int64_t end = timeout_ns > 0 ? clock_mono() + timeout_ns : NEVER_NS;
	int is_over = 0;
	struct followed *c;
	weir_record rec;
	int rc;

	while (!is_over && !stop_signal() && !out_failed()) {
		if (is_enough())
			return 0;
		rc = follow_next(f, &c, &rec);
		if (rc < 0)
			return fail(store_name, rc, NULL);
		if (f->is_over)
			return 0; /* and .code says why */
		if (rc == 1)
			take(c, &rec);
		else if (!f->is_ending && wait_for_more(f, end))
			return X_FAILED;
		is_over = rc == 0 && f->is_ending;
		if (end != NEVER_NS && clock_mono() >= end)
			is_over = 1;
	}
	if (out_failed())
		return X_FAILED;
	return is_over && sum.printed < (wanted ? wanted : 1) ? X_TIMEOUT : 0;
}

static int
where_from(struct follow_how *how)
{
	static const char *const words[] = {"current", "each", "oldest", "new"};
	const char *bad = NULL;

	how->from = 0;
	while (how->from < 4 && strcmp(from, words[how->from]) != 0)
		how->from++;
	if (how->from == WEIR_FROM_SEQ)
		bad = opts_value(OPT_U64, NULL, &how->seq, from);
	if (bad)
		talk("--from %s: it is current, each, oldest, new or a seq",
		     from);
	return bad ? X_USAGE : 0;
}

/* Without -n and --timeout a signal is how it ends; with them it has not
 * come to its end, and the shell should know.  A closed pipe ends us as it
 * ends others. */
static int
ended(int code)
{
	if (render_flush() == -ENOMEM)
		code = fail("the table", -ENOMEM, NULL);
	if (stop_signal() == SIGPIPE ||
	    ((wanted || timeout_ns >= 0) && code == 0))
		stop_raise();
	if (sum.bad && code == 0)
		code = X_INVALID;
	if (strict && sum.lost && (code == 0 || code == X_TIMEOUT))
		code = X_LOST;
	return code;
}

/* Without time to wait, or on a copy, where nothing more will ever come,
 * what is there now is all. */
static int
is_all_there(weir_store *store)
{
	weir_store_info info = {.size = sizeof(info)};

	return timeout_ns == 0 ||
	       (weir_store_stat(store, &info) == 0 && info.is_copy);
}

static int
sub(weir_store *store, char **names, size_t cnt, struct follow_how *how)
{
	struct follow f;
	int code =
	    follow_begin(&f, store, (const char *const *)names, cnt, how);

	if (!code && is_all_there(store))
		follow_finish(&f);
	/* where channels come and go, signals end short waits */
	if (!code && !f.has_globs)
		stop_reading(f.all[0]->c);
	if (!code)
		code = follow(&f);
	stop_reading(NULL);
	if (!code)
		code = f.code;
	follow_end(&f);
	return code;
}

static int
run(int argc, char **argv)
{
	struct follow_how how = {.id = id, .needs_names = 1};
	weir_store *store = NULL;
	char own[64];
	int code = where_from(&how);

	if (!code)
		code = render_begin();
	if (!code && where_text)
		code = where_parse(where_text, &where);
	if (code)
		return code;
	snprintf(own, sizeof(own), "weir-sub-%ld", (long)getpid());
	if (gate && !id)
		how.id = own;
	how.flags = gate ? WEIR_GATE : 0;
	stop_catch();
	code = reach_store(how.id ? 0 : WEIR_READ_ONLY, &store);
	if (!code)
		code = ended(sub(store, argv, (size_t)argc, &how));
	where_free(where);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_sub = {
    .name = "sub",
    .args = "CHANNEL...",
    .what = "print records as they come, a JSON value a line",
    .more =
	"CHANNEL is a name, or a pattern as of a shell, of which channels may\n"
	"appear later.  It only observes, unless --id or --gate make it a\n"
	"consumer.  What is lost, and a value that was cleared where the\n"
	"format has no place for that, is said on standard error.  Exit code "
	"5\n"
	"if the time was over before N records (without -n: before the "
	"first).\n"
	"A copy of a store is read to its end.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = -1,
    .has_store = 1,
    .run = run,
};
