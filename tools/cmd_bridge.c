/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_bridge.c - the updates of a job become the records of another channel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "cmd.h"
#include "fieldmap.h"
#include "out.h"
#include "reach.h"
#include "stop.h"

#include <weir/bridge.h>

#define LOOK_NS 1000000000

static const char *job, *to, *from, *status = "completed";
static struct opt_list sets;
static uint64_t wanted;
static int64_t timeout_ns = -1;
static int keep;
static struct fieldmap *map;

static const struct opt opts[] = {
    {'j', "job", "ID", "whose updates; needed", OPT_STR, &job},
    {0, "to", "CHANNEL", "where to; needed", OPT_STR, &to},
    {0, "from", "CHANNEL", "where the updates are; default job-updates",
     OPT_STR, &from},
    {'s', "set", "POINTER=VALUE",
     "a field of the record: a JSON value, or @POINTER,\n"
     "a field of the update; may be given again; without\n"
     "it the record is the result, text in it read as JSON",
     OPT_LIST, &sets},
    {0, "status", "STATUS",
     "updates with this status; or any; default\ncompleted", OPT_STR, &status},
    {'n', "count", "N", "end after N records", OPT_U64, &wanted},
    {'t', "timeout", "SECONDS", "end after this time; 0: take what is there",
     OPT_SECONDS, &timeout_ns},
    {0, "keep", NULL, "at the end the last record stays", OPT_FLAG, &keep},
    OPT_END,
};

static int
is_text(const weir_record *in, const char *pointer, const char *want)
{
	weir_value v;

	return weir_record_find(in, pointer, &v) == 0 && v.type == WEIR_STR &&
	       v.len == strlen(want) && memcmp(v.ptr, want, v.len) == 0;
}

/* A weir_filter. */
static int
is_wanted(const weir_record *in, void *arg)
{
	(void)arg;
	return is_text(in, "/jobId", job) &&
	       (strcmp(status, "any") == 0 || is_text(in, "/status", status));
}

/* A weir_transform. */
static int64_t
make(const weir_record *in, void *buf, size_t cap, weir_diag *why, void *arg)
{
	(void)arg;
	return fieldmap_make(map, in, buf, cap, why);
}

/* A weir_bridge_failed. */
static void
on_failed(weir_bridge *b, const weir_record *in, const weir_diag *why,
	  void *arg)
{
	(void)b;
	(void)arg;
	talk("%s: update %" PRIu64 " cannot be bridged: %s", job, in->seq,
	     reason(why->code, why));
}

static uint64_t
bridged(weir_bridge *b, uint64_t *bad)
{
	weir_bridge_info info = {.size = sizeof(info)};

	weir_bridge_stat(b, &info);
	*bad = info.failed + info.refused;
	return info.bridged;
}

/* What went wrong with either of them is said of both. */
static int
fail_between(int rc, const weir_diag *diag)
{
	char both[600];

	snprintf(both, sizeof(both), "%s to %s",
		 from ? from : WEIR_BRIDGE_FROM, to);
	return fail(both, rc, diag);
}

static int
bridge_on(weir_bridge *b)
{
	int64_t end = timeout_ns < 0 ? INT64_MAX : clock_mono() + timeout_ns;
	int64_t wait = LOOK_NS;
	uint64_t bad = 0;
	int rc, is_over = 0;

	while (!stop_signal()) {
		if (wanted && bridged(b, &bad) >= wanted)
			return bad ? X_INVALID : 0;
		if (is_over)
			break;
		if (end - clock_mono() < wait)
			wait = end - clock_mono();
		rc = weir_bridge_dispatch(b, wait > 0 ? wait : 0);
		if (rc < 0 && rc != -EAGAIN && rc != -EINTR)
			return fail_between(rc, NULL);
		is_over = clock_mono() >= end && (rc == -EAGAIN || timeout_ns);
	}
	if (is_over && bridged(b, &bad) < (wanted ? wanted : 1))
		return bad ? X_INVALID : X_TIMEOUT;
	bridged(b, &bad);
	return bad ? X_INVALID : 0;
}

static int
run_bridge(weir_store *store)
{
	weir_bridge_opts o = {.size = sizeof(o),
			      .flags = keep ? WEIR_BRIDGE_KEEP : 0,
			      .job = job,
			      .to = to,
			      .from = from,
			      .filter = is_wanted,
			      .transform = map ? make : NULL,
			      .failed = on_failed};
	weir_diag diag = {0};
	weir_bridge *b;
	int rc = weir_bridge_open(store, &o, &b, &diag), code;

	if (rc < 0)
		return fail_between(rc, &diag);
	code = bridge_on(b);
	rc = weir_bridge_close(b);
	if (rc < 0 && !code)
		code = fail("what was bridged cannot be withdrawn", rc, NULL);
	return code;
}

static int
run(int argc, char **argv)
{
	weir_store *store = NULL;
	int code = 0;

	(void)argc;
	(void)argv;
	if (!job || !to) {
		talk("--job ID and --to CHANNEL are needed");
		return X_USAGE;
	}
	if (sets.cnt)
		code = fieldmap_parse(&sets, &map);
	if (code)
		return code;
	stop_catch();
	code = reach_store(0, &store);
	if (!code)
		code = run_bridge(store);
	fieldmap_free(map);
	weir_store_close(store);
	/* without -n and --timeout a signal is how it ends */
	if ((wanted || timeout_ns >= 0) && code == 0)
		stop_raise();
	return code;
}

const struct cmd cmd_bridge = {
    .name = "bridge",
    .args = "",
    .what = "turn a job's updates into records of another channel",
    .more =
	"It is a consumer of the updates and a producer of the channel, under\n"
	"the id job-JOB-to-CHANNEL.  A job that has completed already is\n"
	"bridged at once.  What cannot be bridged is said on standard error,\n"
	"and the exit code is then 4; 5 if the time was over before N records\n"
	"(without -n: before the first).  At the end, also by a signal, the\n"
	"last record is withdrawn.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
