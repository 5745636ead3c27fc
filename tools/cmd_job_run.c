/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_job_run.c - run a command as a job: what it is at goes to job-updates.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <weir/bridge.h>

#include "clock.h"
#include "cmd.h"
#include "job_command.h"
#include "out.h"
#include "pack.h"
#include "reach.h"
#include "stop.h"
#include "text.h"

#define GRACE_NS 5000000000

static const char *id, *type;
static int64_t grace_ns = GRACE_NS;

static const struct opt opts[] = {
    {'i', "id", "ID", "of the job; default: made of the command's name",
     OPT_STR, &id},
    {'y', "type", "TYPE", "of the job; default: the command's name", OPT_STR,
     &type},
    {'g', "grace", "SECONDS",
     "when told to end: until the command is killed;\n"
     "default 5",
     OPT_SECONDS, &grace_ns},
    OPT_END,
};

/* The job, as it is. */
static struct {
	weir_producer *p;
	uint32_t max_record;
	unsigned char *buf;
	char started[64], finished[64]; /* "": not yet */
	int is_mute; /* it cannot publish any more, and has said so */
} job;

struct update {
	const char *status;
	double progress;     /* < 0: none */
	const char *message; /* NULL: none; so are the others */
	const char *error;
	const unsigned char *result; /* msgpack */
	size_t result_len;
};

static void
put_text(struct pack *p, const char *key, const char *value)
{
	pack_str(p, key, strlen(key));
	pack_str(p, value, strlen(value));
}

/* The update in job.buf.  Return: its length; 0: it does not fit. */
static size_t
make(const struct update *u)
{
	struct pack p = {.buf = job.buf, .cap = job.max_record};

	int optional = (*job.started != 0) + (*job.finished != 0) +
		       (u->progress >= 0) + (u->message != NULL) +
		       (u->error != NULL) + (u->result != NULL);

	pack_map(&p, 3 + (size_t)optional);
	put_text(&p, "jobId", id);
	put_text(&p, "type", type);
	put_text(&p, "status", u->status);
	if (u->progress >= 0) {
		pack_str(&p, "progress", strlen("progress"));
		pack_double(&p, u->progress);
	}
	if (u->message)
		put_text(&p, "message", u->message);
	if (*job.started)
		put_text(&p, "startedAt", job.started);
	if (*job.finished)
		put_text(&p, "finishedAt", job.finished);
	if (u->error)
		put_text(&p, "error", u->error);
	if (u->result) {
		pack_str(&p, "result", strlen("result"));
		pack_raw(&p, u->result, u->result_len);
	}
	return p.is_full ? 0 : p.len;
}

/* Return: 0, or an exit code after having said why.  A job goes on without its
 * store. */
static int
say(const struct update *u)
{
	weir_diag diag = {0};
	size_t len = make(u);
	int64_t rc;

	if (job.is_mute)
		return X_FAILED;
	rc = len ? weir_publish(job.p, job.buf, len, &diag) : -EMSGSIZE;
	if (rc > 0)
		return 0;
	job.is_mute = rc != WEIR_ESCHEMA && rc != -EMSGSIZE && rc != -EAGAIN;
	return fail(id, (int)rc, len ? &diag : NULL);
}

static void
now(char to[64])
{
	snprintf(to, 64, "%s", out_time_text((uint64_t)clock_real(), 3));
}

/* ---- what comes of it ---- */

/* The output as msgpack: as JSON, if it is that, else as text without the last
 * newline, or as bytes if it is none.  Return: its length; 0: it is too long.
 */
static size_t
result_of(const struct command *c, unsigned char *to, size_t cap)
{
	struct pack p = {.buf = to, .cap = cap};
	size_t len = c->out_len;
	int64_t n;

	if (c->out_total > c->out_len)
		return 0;
	n = weir_json_to_msgpack(c->out, len, to, cap, NULL);
	if (n > 0)
		return (size_t)n;
	if (len && c->out[len - 1] == '\n')
		len--;
	pack_str(&p, c->out, len);
	if (!p.is_full && weir_msgpack_to_json(to, p.len, NULL, 0) < 0) {
		p.len = 0;
		pack_bin(&p, c->out, len);
	}
	return p.is_full ? 0 : p.len;
}

static void
say_completed(const struct command *c)
{
	size_t cap = job.max_record;
	unsigned char *result = malloc(cap);
	struct update u = {.status = "completed", .progress = 1};
	char why[200];

	u.result = result;
	if (result)
		u.result_len = result_of(c, result, cap);
	if (!u.result_len || !make(&u)) {
		snprintf(why, sizeof(why),
			 "its output, %llu bytes, does not fit into an update, "
			 "which may have %u",
			 (unsigned long long)c->out_total, job.max_record);
		talk("%s: %s", id, why);
		u = (struct update){
		    .status = "failed", .progress = -1, .error = why};
	}
	say(&u);
	free(result);
}

/* The end of its standard error as lines of printable text behind @what. */
static void
say_ended(const struct command *c, const char *status, const char *what)
{
	char error[200 + 5 * COMMAND_TAIL_MAX];
	struct update u = {.status = status, .progress = -1, .error = error};
	char line[COMMAND_TAIL_MAX + 1];
	size_t at = (size_t)snprintf(error, 200, "%s", what);
	const char *from = c->tail, *end = c->tail + c->tail_len;

	while (from < end) {
		const char *nl = memchr(from, '\n', (size_t)(end - from));
		size_t len = (size_t)((nl ? nl : end) - from);

		memcpy(line, from, len);
		line[len] = 0;
		error[at++] = '\n';
		at += text_safe(error + at, sizeof(error) - at, line);
		from += len + (nl != NULL);
	}
	if (!make(&u)) /* of a channel with small records */
		u.error = what;
	say(&u);
}

/* Says how it ended; returns the exit code that the command had. */
static int
say_end(const struct command *c)
{
	int status = c->status, code;
	char what[100];

	now(job.finished);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (WIFEXITED(status))
		snprintf(what, sizeof(what), "exit status %d", code);
	else
		snprintf(what, sizeof(what), "killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (code == 0)
		say_completed(c);
	else
		say_ended(c, stop_signal() ? "cancelled" : "failed", what);
	return code;
}

/* ---- running ---- */

static void
say_progress(const struct command *c)
{
	char message[COMMAND_LINE_MAX];
	struct update u = {.status = "progress", .progress = c->progress};

	text_safe(message, sizeof(message), c->message);
	u.message = *message ? message : NULL;
	say(&u);
}

/* Told to end, it tells the command, and kills it when the grace is over, or
 * when it is told again. */
static int
follow(struct command *c)
{
	int64_t kill_ns = INT64_MAX, left;

	for (;;) {
		if (stop_signal() && kill_ns == INT64_MAX) {
			command_signal(c, stop_signal());
			kill_ns = clock_mono() + grace_ns;
		}
		if (stop_count() > 1 && kill_ns < INT64_MAX - 1)
			kill_ns = 0;
		left = kill_ns == INT64_MAX ? -1 : kill_ns - clock_mono();
		if (kill_ns != INT64_MAX && left <= 0) {
			command_signal(c, SIGKILL);
			kill_ns = INT64_MAX - 1;
			left = -1;
		}
		switch (command_wait(c, left)) {
		case COMMAND_PROGRESS:
			say_progress(c);
			break;
		case COMMAND_ENDED:
			return say_end(c);
		case COMMAND_NOTHING:
			break;
		}
	}
}

static int
run_command(char **argv)
{
	struct update queued = {.status = "queued", .progress = -1};
	struct update running = {.status = "running", .progress = -1};
	struct command c;
	char what[200];
	int rc, code = say(&queued);

	if (code)
		return code;
	rc = command_start(&c, argv, job.max_record);
	now(job.started);
	if (rc < 0) {
		snprintf(what, sizeof(what), "cannot be started: %s",
			 strerror(-rc));
		talk("%s: %s", argv[0], what);
		now(job.finished);
		say_ended(&c, "failed", what);
		code = rc == -ENOENT ? 127 : 126; /* as of a shell */
	} else {
		say(&running);
		code = follow(&c);
	}
	command_free(&c);
	return code;
}

/* "NAME-20261127T101500Z-4711" */
static void
make_id(char to[WEIR_ID_MAX + 1], const char *name)
{
	time_t t = time(NULL);
	char when[32] = "";
	struct tm tm;
	char *p = to;

	if (gmtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(to, WEIR_ID_MAX + 1, "%.64s-%s-%ld", name, when,
		 (long)getpid());
	for (; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			*p = '_';
}

static int
open_job(weir_store *store, weir_channel **ch)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_diag diag = {0};
	int rc = weir_jobs_open(store, ch, &diag);

	if (rc >= 0)
		rc = weir_channel_stat(*ch, &info);
	if (rc < 0)
		return fail(WEIR_BRIDGE_FROM, rc, &diag);
	job.max_record = info.max_record;
	job.buf = malloc(job.max_record);
	rc = job.buf ? weir_producer_open(*ch, id, NULL, &job.p, &diag)
		     : -ENOMEM;
	return rc < 0 ? fail(id, rc, &diag) : 0;
}

static int
run(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char own[WEIR_ID_MAX + 1], own_type[65];
	weir_channel *ch = NULL;
	weir_store *store;
	int code;

	(void)argc;
	name = name ? name + 1 : argv[0];
	make_id(own, name);
	text_safe(own_type, sizeof(own_type), name);
	id = id ? id : own;
	type = type ? type : own_type;
	/* its updates and its end are of use also if nobody reads the rest of
	 * standard error any more */
	signal(SIGPIPE, SIG_IGN);
	/* ignored, the kernel would not keep how the command ended */
	signal(SIGCHLD, SIG_DFL);
	stop_catch_all();
	code = reach_store(0, &store);
	if (code)
		return code;
	code = open_job(store, &ch);
	if (!code)
		code = run_command(argv);
	/* its last update is its value, which stays */
	weir_producer_close(job.p);
	weir_channel_close(ch);
	weir_store_close(store);
	free(job.buf);
	if (code == 128 + stop_signal())
		stop_raise();
	return code;
}

const struct cmd cmd_job_run = {
    .name = "job run",
    .args = "COMMAND...",
    .what = "run a command as a job, and publish what it is at",
    .more =
	"Write -- before the COMMAND: weir job run --id j1 -- sort -u FILE.\n"
	"Its lines \"progress 0.4 message\" on standard error are updates; "
	"the\n"
	"rest of standard error goes on to here.  Its standard output becomes\n"
	"the result, as JSON if it is that.  The exit code is the command's;\n"
	"126 or 127 if it cannot be started.  A signal is passed on to it.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = -1,
    .has_store = 1,
    .run = run,
};
