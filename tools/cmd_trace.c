/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_trace.c - who published what, who has read it, and what was lost, as it
 * happens or as far back as the rings reach.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "stop.h"
#include "trace.h"

#define AT_ONCE	     1024      /* records between two looks at the places */
#define PRODUCERS_NS 100000000 /* how often to look at those */

static const char *producer;
static int history;

static const struct opt opts[] = {
    {0, "history", NULL, "what is kept, how things stand, and end", OPT_FLAG,
     &history},
    {0, "producer", "ID", "only what this producer publishes, and who reads it",
     OPT_STR, &producer},
    {'n', "count", "N", "end after N events", OPT_U64, &trace_wanted},
    {'v', "values", NULL, "the values of records, too", OPT_FLAG,
     &trace_values},
    {0, "json", NULL, "an object for each line", OPT_FLAG, &row_json},
    OPT_END,
};

static struct follow f;
static struct traced *traced; /* as f.all */
static size_t traced_cnt;
static int has_begun; /* how things stood at first is known */
static int is_dead;   /* nobody lived then */

static void
put_record(struct traced *t, const struct followed *c, const weir_record *rec)
{
	struct trace_event e = {
	    .what = rec->kind == WEIR_CLEAR ? TRACE_CLEARED : TRACE_PUBLISHED,
	    .time_ns = rec->time_ns,
	    .channel = c->name,
	    .seq = rec->seq,
	    .rec = rec};
	struct trace_event missed = e;

	if (!e.time_ns && has_begun)
		e.time_ns = (uint64_t)clock_real();
	missed.what = TRACE_MISSED;
	missed.time_ns = e.time_ns;
	missed.seq = rec->seq - rec->lost; /* the first of them */
	missed.records = rec->lost;
	missed.rec = NULL;
	if (rec->seq > t->shown)
		t->shown = rec->seq;
	if (rec->lost)
		trace_put(&missed);
	if (producer && strcmp(producer, rec->producer) != 0)
		return;
	t->chosen_seq = rec->seq;
	trace_put(&e);
}

static void
put_channel(const struct followed *c, enum trace_what what, uint64_t time_ns)
{
	struct trace_event e = {
	    .what = what, .time_ns = time_ns, .channel = c->name};

	trace_put(&e);
}

/* Channels that follow_next() has found are known here, too. */
static int
keep_up(void)
{
	struct traced *grown;

	if (f.cnt <= traced_cnt)
		return 0;
	grown = realloc(traced, f.cnt * sizeof(*traced));
	if (!grown)
		return -ENOMEM;
	traced = grown;
	memset(traced + traced_cnt, 0, (f.cnt - traced_cnt) * sizeof(*traced));
	for (; traced_cnt < f.cnt; traced_cnt++)
		trace_channel(f.all[traced_cnt]->name);
	return 0;
}

/* Has the channel been made, or removed? */
static void
look_at_channel(struct traced *t, const struct followed *c)
{
	if (t->life && (!c->ch || c->life != t->life)) {
		put_channel(c, TRACE_REMOVED, (uint64_t)clock_real());
		trace_forget(t);
		memset(t, 0, sizeof(*t));
	}
	if (!t->life && c->ch) {
		t->life = c->life;
		put_channel(c, TRACE_MADE, c->info.created_ns);
	}
}

/* Records that have come; *@rc: what follow_next() said last.
 * Return: how many. */
static int
take_records(int most, int *rc)
{
	struct followed *c;
	weir_record rec;
	int cnt = 0;

	*rc = 0;
	while (cnt < most && !trace_is_over() && !stop_signal() &&
	       !out_failed() && (*rc = follow_next(&f, &c, &rec)) == 1) {
		cnt++;
		*rc = keep_up();
		if (*rc < 0)
			break;
		if (c->ch && has_begun)
			look_at_channel(&traced[c->idx], c);
		put_record(&traced[c->idx], c, &rec);
	}
	if (*rc == 0)
		*rc = keep_up();
	return cnt;
}

/* How things stand with everybody. */
static int
stand(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	int rc = keep_up();

	for (size_t i = 0; rc == 0 && i < f.cnt; i++) {
		if (!f.all[i]->ch)
			continue;
		traced[i].life = f.all[i]->life;
		if (!history && weir_channel_stat(f.all[i]->ch, &info) == 0)
			traced[i].shown = info.newest_seq;
		rc = trace_stand(&traced[i], f.all[i], producer,
				 history || is_dead);
	}
	has_begun = 1;
	return rc;
}

static int
look(void)
{
	static uint64_t last_ns;
	uint64_t now = (uint64_t)clock_real();
	int with_producers = now - last_ns >= PRODUCERS_NS, rc = 0;

	if (with_producers)
		last_ns = now;
	for (size_t i = 0; rc == 0 && i < f.cnt; i++) {
		look_at_channel(&traced[i], f.all[i]);
		if (f.all[i]->ch)
			rc = trace_look(&traced[i], f.all[i], producer,
					with_producers);
	}
	return rc;
}

static int
follow_on(void)
{
	int rc, cnt, ended;

	while (!stop_signal() && !out_failed() && !trace_is_over()) {
		cnt = take_records(AT_ONCE, &ended);
		rc = look();
		if (ended < 0 || rc < 0)
			return fail(store_name, ended < 0 ? ended : rc, NULL);
		if (cnt || out_flush())
			continue;
		if (out_reader_is_gone()) {
			raise(SIGPIPE);
			return X_FAILED;
		}
		follow_wait(&f, FOLLOW_SHORT_NS);
	}
	return 0;
}

static int
tell_history(void)
{
	int rc = 0;

	follow_finish(&f);
	while (rc == 0 && take_records(AT_ONCE, &rc) > 0)
		;
	if (rc == 0)
		rc = stand();
	return rc < 0 ? fail(store_name, rc, NULL) : 0;
}

/* Where nobody lives nothing has come since, and what is kept is the news. */
static int
is_deserted(weir_store *store)
{
	weir_participant_info it = {.size = sizeof(it)};

	while (weir_participant_next(store, &it) > 0)
		if (it.life != WEIR_GONE)
			return 0;
	return 1;
}

static int
trace(weir_store *store, const char *const *patterns, size_t cnt)
{
	weir_store_info info = {.size = sizeof(info)};
	struct follow_how how = {.spin_ns = WEIR_SPIN_SLEEPY};
	int code, rc;

	if (weir_store_stat(store, &info) == 0 && info.is_copy)
		history = 1; /* nothing more will ever come */
	is_dead = is_deserted(store);
	how.from = history || is_dead ? WEIR_FROM_OLDEST : WEIR_FROM_NEW;
	code = follow_begin(&f, store, patterns, cnt, &how);
	if (code)
		return code;
	if (history)
		return tell_history();
	/* a dead store's records before how things stand, as in history */
	rc = keep_up();
	if (rc == 0 && is_dead)
		while (take_records(AT_ONCE, &rc) == AT_ONCE && rc == 0)
			;
	if (rc == 0)
		rc = stand();
	return rc < 0 ? fail(store_name, rc, NULL) : follow_on();
}

static int
run(int argc, char **argv)
{
	weir_store *store;
	int code;

	stop_catch();
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	trace_store = store;
	code = trace(store, (const char *const *)argv, (size_t)argc);
	if (!code)
		code = f.code;
	follow_end(&f);
	for (size_t i = 0; i < traced_cnt; i++)
		trace_forget(&traced[i]);
	free(traced);
	weir_store_close(store);
	out_flush();
	/* without an end of its own a signal is a good one */
	if (stop_signal() == SIGPIPE || ((trace_wanted || history) && !code))
		stop_raise();
	return trace_bad && !code ? X_INVALID : code;
}

const struct cmd cmd_trace = {
    .name = "trace",
    .args = "[CHANNEL...]",
    .what = "show who publishes, who reads, who lags, what is lost",
    .more =
	"A line for each event, with its time, as it comes; CHANNEL is a name\n"
	"or a pattern (*, ?, [...]), none: all.  Who reads is seen by looking\n"
	"every few milliseconds: \"within\" is the longest that it can have\n"
	"taken.  Where nobody has the store open, what is kept comes first; a\n"
	"copy is read to its end.\n",
    .opts = opts,
    .max_args = -1,
    .has_store = 1,
    .run = run,
};
