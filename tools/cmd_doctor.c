/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_doctor.c - what is wrong with a store, and what to do about it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "doctor.h"
#include "finding.h"
#include "out.h"
#include "reach.h"
#include "row.h"

static const struct opt opts[] = {
    {0, "json", NULL, "one object a line", OPT_FLAG, &row_json},
    OPT_END,
};

const char *
doctor_dir(void)
{
	static char dir[512];
	const char *slash = strrchr(store_name, '/');

	if (!slash)
		return store_dir ? store_dir : "/dev/shm";
	snprintf(dir, sizeof(dir), "%.*s",
		 slash == store_name ? 1 : (int)(slash - store_name),
		 store_name);
	return dir;
}

const char *
doctor_path(void)
{
	static char path[640];

	if (strchr(store_name, '/'))
		return store_name;
	snprintf(path, sizeof(path), "%s/weir.%s", doctor_dir(), store_name);
	return path;
}

const char *
doctor_command(const char *verb, const char *fmt, ...)
{
	static char line[2048];
	char rest[1200];
	va_list ap;

	/* first, because they may be in a buffer that reach_command() uses */
	va_start(ap, fmt);
	vsnprintf(rest, sizeof(rest), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s%s", reach_command(verb), rest);
	return line;
}

const char *
doctor_who(uint32_t pid)
{
	static char line[64];

	snprintf(line, sizeof(line), "ps -o pid,user,args -p %" PRIu32, pid);
	return line;
}

/* The store cannot even be looked at, and that is a finding. */
static int
is_finding(int rc)
{
	return rc == WEIR_ENOTSTORE || rc == WEIR_EVERSION ||
	       rc == WEIR_ELAYOUT || rc == WEIR_EUNSAFE || rc == WEIR_ETRUNC ||
	       rc == WEIR_ECORRUPT;
}

static void
unusable(int rc, const weir_diag *diag)
{
	const char *path = reach_quoted(doctor_path());
	char next[700];
	struct stat st;

	snprintf(next, sizeof(next), "ls -l %s", path);
	if (rc == WEIR_EVERSION || rc == WEIR_ELAYOUT)
		snprintf(next, sizeof(next), "weir version");
	if (rc == WEIR_ETRUNC)
		snprintf(next, sizeof(next), "rm %s", path);
	if (rc == WEIR_ECORRUPT && !strchr(store_name, '/'))
		snprintf(next, sizeof(next), "%s", reach_command("destroy"));
	if (rc == WEIR_EUNSAFE && lstat(doctor_path(), &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		if (st.st_mode & 02)
			snprintf(next, sizeof(next), "chmod o-w %s", path);
		else if (st.st_uid != geteuid() && st.st_uid != 0)
			snprintf(next, sizeof(next), "%s --owner %u",
				 reach_command("doctor"), st.st_uid);
	}
	finding(FIND_STORE_UNUSABLE, NULL, next, "%s", reason(rc, diag));
}

static int
whole(weir_store *store)
{
	weir_store_info i = {.size = sizeof(i)};
	int rc = weir_store_stat(store, &i);

	if (rc == 0 && i.is_retired)
		finding(FIND_STORE_HALF_DESTROYED, NULL,
			reach_command("destroy"),
			"it was destroyed, but for its name");
	if (rc == 0)
		rc = doctor_place(&i);
	if (rc == 0)
		rc = doctor_damage(store);
	if (rc == 0)
		rc = doctor_tables(store);
	if (rc == 0)
		rc = doctor_left(store);
	if (rc == 0)
		rc = doctor_channels(store, &i);
	return rc;
}

static int
run(int argc, char **argv)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	weir_store *store = NULL;
	weir_diag diag = {0};
	unsigned problems;
	int rc, code;

	(void)argc;
	(void)argv;
	code = reach_opts(&o);
	if (code)
		return code;
	rc = weir_store_open(store_name, &o, &store, &diag);
	if (rc == 0 || rc == -ENOENT || is_finding(rc))
		doctor_held();
	if (rc == 0) {
		rc = whole(store);
		weir_store_close(store);
		if (rc != 0)
			return fail(store_name, rc, NULL);
	} else if (is_finding(rc)) {
		unusable(rc, &diag);
	} else if (rc != -ENOENT || finding_cnt(&problems) == 0) {
		/* once more, for the message */
		code = reach_store(WEIR_READ_ONLY, &store);
		weir_store_close(store);
		return code;
	}
	if (finding_cnt(&problems) == 0 && !row_json) {
		out_text(store_name, strlen(store_name));
		out_fmt(": nothing is wrong\n");
	}
	return problems ? X_FAILED : X_DONE;
}

const struct cmd cmd_doctor = {
    .name = "doctor",
    .args = "",
    .what = "say what is wrong with a store, and what to do about it",
    .more = "One finding a line: a problem, or a note; exit code 1 if there\n"
	    "are problems.  Each is explained in the manual.\n",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
