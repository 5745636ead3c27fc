/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_job.c - the jobs of a store: list, show, wait for and cancel them.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "current.h"
#include "facts.h"
#include "jobs.h"
#include "out.h"
#include "pretty.h"
#include "reach.h"
#include "row.h"
#include "show.h"
#include "stop.h"
#include "table.h"
#include "units.h"

#define LOOK_NS 200000000 /* whoever runs a job may die without a word */

static int64_t timeout_ns = -1;

static const struct opt ls_opts[] = {
    {0, "json", NULL, "an object for each job", OPT_FLAG, &row_json},
    OPT_END,
};

static const struct opt wait_opts[] = {
    {'t', "timeout", "SECONDS", "end after this time; 0: only look",
     OPT_SECONDS, &timeout_ns},
    OPT_END,
};

static int
no_job(const char *id)
{
	talk("%s: no such job (%s); `weir job ls` lists them", id,
	     code_name(-ENOENT));
	return X_FAILED;
}

/* ---- ls ---- */

static void
put_json(const struct job *j)
{
	row_begin(NULL);
	row_str("job", j->id);
	row_str("type", j->type);
	row_word("status", j->status);
	if (j->progress >= 0)
		row_double("progress", j->progress);
	else
		row_null("progress");
	row_str("message", j->message);
	row_u64("seq", j->seq);
	row_time("time", j->time_ns);
	row_word("life", show_life(j->life));
	row_u64("pid", j->pid);
	row_end();
}

static void
put_line(const struct job *j)
{
	char age[UNITS_MAX] = "-";
	size_t len = strcspn(j->message, "\n");

	if (j->time_ns)
		units_time(age, facts_age(j->time_ns));
	table_cell(j->id, strlen(j->id));
	table_cell(j->type, strlen(j->type));
	table_fmt("%s", j->status);
	if (j->progress >= 0)
		table_fmt("%.0f%%", 100 * j->progress);
	else
		table_fmt("-");
	table_fmt("%s", age);
	table_cell(j->message, len);
}

static int
list(const struct job *jobs, size_t cnt)
{
	static const char *const heads[] = {"JOB",	"TYPE", "STATUS",
					    "PROGRESS", "AGE",	"MESSAGE"};

	table_begin("<<<>><");
	for (size_t i = 0; !row_json && i < 6; i++)
		table_fmt("%s", heads[i]);
	for (size_t i = 0; i < cnt; i++) {
		if (row_json)
			put_json(&jobs[i]);
		else
			put_line(&jobs[i]);
	}
	return table_end() < 0 ? fail("the table", -ENOMEM, NULL) : 0;
}

static int
run_ls(int argc, char **argv)
{
	struct job *jobs = NULL;
	weir_channel *ch;
	weir_store *store;
	size_t cnt;
	int rc, code = jobs_reach(WEIR_READ_ONLY, &store, &ch);

	(void)argc;
	(void)argv;
	if (code)
		return code;
	rc = jobs_look(ch, NULL, &jobs, &cnt);
	code = rc < 0 ? fail(store_name, rc, NULL) : list(jobs, cnt);
	free(jobs);
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

/* ---- show ---- */

static int
show(weir_channel *ch, const char *id)
{
	struct job *j = NULL;
	const char *text;
	weir_record rec;
	void *buf = NULL;
	char *lines;
	size_t cnt;
	int64_t n;
	int rc = jobs_look(ch, id, &j, &cnt), code = 0;

	if (rc == 0 && cnt == 0)
		rc = -ENOENT;
	if (rc == 0)
		rc = current_value(ch, id, &buf, &rec);
	if (rc == -ENOENT) {
		code = no_job(id);
	} else if (rc < 0) {
		code = fail(id, rc, NULL);
	} else {
		n = out_json(rec.data, rec.len, &text);
		lines = n < 0 ? NULL : pretty_json(text, (size_t)n);
		if (lines)
			out_lines(lines, strlen(lines), "");
		else
			code = fail(id, n < 0 ? (int)n : -ENOMEM, NULL);
		free(lines);
		if (strcmp(j->status, "lost") == 0)
			talk("%s: who ran it is gone: it is lost", id);
	}
	free(buf);
	free(j);
	return code;
}

static int
run_show(int argc, char **argv)
{
	weir_channel *ch;
	weir_store *store;
	int code = jobs_reach(WEIR_READ_ONLY, &store, &ch);

	(void)argc;
	if (code)
		return code;
	code = show(ch, argv[0]);
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

/* ---- wait ---- */

/* How the job has ended: an exit code; -1: it has not yet. */
static int
outcome(weir_channel *ch, const char *id)
{
	struct job *j = NULL;
	size_t cnt;
	int rc = jobs_look(ch, id, &j, &cnt), code = -1;

	if (rc < 0) {
		code = fail(id, rc, NULL);
	} else if (cnt == 0) {
		code = no_job(id);
	} else if (job_is_final(j)) {
		code = strcmp(j->status, "completed") == 0 ? 0 : X_FAILED;
		if (code)
			talk("%s: %s%s%.*s", id, j->status,
			     *j->message ? ": " : "",
			     (int)strcspn(j->message, "\n"), j->message);
	}
	free(j);
	return code;
}

/* The next update, or a while. */
static int
await(weir_consumer *c, int64_t end)
{
	int64_t wait = end == INT64_MAX ? LOOK_NS : end - clock_mono();
	weir_record recs[16];
	int rc;

	if (wait > LOOK_NS)
		wait = LOOK_NS;
	rc = weir_read(c, recs, 16, wait > 0 ? wait : 0);
	return rc < 0 && rc != -EAGAIN && rc != -EINTR ? rc : 0;
}

static int
wait_for(weir_channel *ch, weir_consumer *c, const char *id, int64_t end)
{
	int code, rc;

	while ((code = outcome(ch, id)) < 0) {
		if (stop_signal())
			return X_FAILED;
		if (clock_mono() >= end) {
			talk("%s: the time is over", id);
			return X_TIMEOUT;
		}
		rc = await(c, end);
		if (rc < 0)
			return fail(id, rc, NULL);
	}
	return code;
}

static int
run_wait(int argc, char **argv)
{
	int64_t end = timeout_ns < 0 ? INT64_MAX : clock_mono() + timeout_ns;
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_NEW};
	weir_consumer *c = NULL;
	weir_diag diag = {0};
	weir_channel *ch;
	weir_store *store;
	int rc, one, code = jobs_reach(WEIR_READ_ONLY, &store, &ch);

	if (code)
		return code;
	stop_catch();
	rc = weir_consumer_open(ch, NULL, &o, &c, &diag);
	if (rc < 0)
		code = fail(store_name, rc, &diag);
	stop_reading(c);
	for (int i = 0; i < argc && rc >= 0; i++) {
		one = wait_for(ch, c, argv[i], end);
		code = code ? code : one;
	}
	stop_reading(NULL);
	weir_consumer_close(c);
	weir_channel_close(ch);
	weir_store_close(store);
	stop_raise();
	return code;
}

/* ---- cancel ---- */

/* Is the store's file mapped by this process?  A pid is a hint, and may be that
 * of somebody else in another PID namespace. */
static int
has_store(uint32_t pid)
{
	char path[64], *line = NULL;
	struct stat st;
	size_t cap = 0;
	int found = 0;
	FILE *f;

	if (stat(reach_file(), &st) < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!found && getline(&line, &cap, f) > 0) {
		unsigned int major_no, minor_no;
		unsigned long inode;

		found = sscanf(line, "%*s %*s %*s %x:%x %lu", &major_no,
			       &minor_no, &inode) == 3 &&
			inode == st.st_ino && major_no == major(st.st_dev) &&
			minor_no == minor(st.st_dev);
	}
	free(line);
	fclose(f);
	return found;
}

/* The pidfd first: what is seen of the process after that is of that one. */
static int
tell(weir_channel *ch, const char *id, uint32_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int rc = fd < 0 ? -errno : has_store(pid);
	struct job *j = NULL;
	size_t cnt = 0;

	if (rc == 0) {
		talk("%s: process %" PRIu32 " is none of this store's here; "
		     "who runs the job may be in another container",
		     id, pid);
		rc = X_FAILED;
	} else if (rc > 0 && jobs_look(ch, id, &j, &cnt) == 0 && cnt == 1 &&
		   j->life == WEIR_ALIVE && j->pid == pid) {
		rc = syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) < 0
			 ? -errno
			 : 0;
	} else if (rc > 0) {
		talk("%s: it has just ended", id);
		rc = X_FAILED;
	}
	free(j);
	if (fd >= 0)
		close(fd);
	return rc < 0 ? fail(id, rc, NULL) : rc;
}

static int
cancel(weir_channel *ch, const char *id)
{
	struct job *j = NULL;
	size_t cnt;
	int rc = jobs_look(ch, id, &j, &cnt), code;

	if (rc < 0) {
		code = fail(id, rc, NULL);
	} else if (cnt == 0) {
		code = no_job(id);
	} else if (job_is_final(j)) {
		talk("%s: it is over: %s", id, j->status);
		code = X_FAILED;
	} else if (j->life != WEIR_ALIVE || !j->pid) {
		talk("%s: who runs it cannot be told", id);
		code = X_FAILED;
	} else {
		code = tell(ch, id, j->pid);
	}
	free(j);
	return code;
}

static int
run_cancel(int argc, char **argv)
{
	weir_channel *ch;
	weir_store *store;
	int one, code = jobs_reach(WEIR_READ_ONLY, &store, &ch);

	if (code)
		return code;
	for (int i = 0; i < argc; i++) {
		one = cancel(ch, argv[i]);
		code = code ? code : one;
	}
	weir_channel_close(ch);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_job_ls = {
    .name = "job ls",
    .args = "",
    .what = "list the jobs, and how far they are",
    .more = "A job whose runner has gone without a word is lost.\n",
    .opts = ls_opts,
    .has_store = 1,
    .run = run_ls,
};

const struct cmd cmd_job_show = {
    .name = "job show",
    .args = "JOB",
    .what = "print what a job said last",
    .more = "Exit code 1 if there is no such job.\n",
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_show,
};

const struct cmd cmd_job_wait = {
    .name = "job wait",
    .args = "JOB...",
    .what = "wait until jobs have ended",
    .more = "Exit code 0 if all have completed; 1 if one has failed, was\n"
	    "cancelled or got lost, or is not known; 5 if the time was over.\n",
    .opts = wait_opts,
    .min_args = 1,
    .max_args = -1,
    .has_store = 1,
    .run = run_wait,
};

const struct cmd cmd_job_cancel = {
    .name = "job cancel",
    .args = "JOB...",
    .what = "tell jobs to end",
    .more = "Who runs the job, a process of this user and not of another\n"
	    "container, is sent SIGTERM; it passes that on to the command, and "
	    "the\n"
	    "job is cancelled.  It does not wait: that does weir job wait.\n",
    .min_args = 1,
    .max_args = -1,
    .has_store = 1,
    .run = run_cancel,
};
