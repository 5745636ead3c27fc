/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_doctor.c - what is wrong with a store, and what to do about it.
 */
#include <errno.h>
#include <inttypes.h>
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
doctor_command(const char *verb, const char *option, const char *operand)
{
	static char line[2048];

	if (strchr(store_name, '/'))
		return reach_command("dump");
	snprintf(line, sizeof(line), "%s%s%s%s%s", reach_command(verb),
		 option ? " " : "", option ? option : "", operand ? " " : "",
		 operand ? reach_operand(operand) : "");
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

/* A store that was given by its path and has a name: by that one from here
 * on, since verbs that change it take no path. */
static void
by_name(weir_store *store)
{
	static char name[WEIR_NAME_MAX + 1], dir[512];
	weir_store_info i = {.size = sizeof(i)};
	const char *slash = strrchr(store_name, '/');

	if (!slash || weir_store_stat(store, &i) != 0 || i.is_copy ||
	    strncmp(slash, "/weir.", 6) != 0 || strcmp(slash + 6, i.name) != 0)
		return;
	snprintf(dir, sizeof(dir), "%s", doctor_dir());
	snprintf(name, sizeof(name), "%s", i.name);
	store_dir = dir;
	store_name = name;
}

/* Of a file that was given by its path, nobody knows whether there is
 * another one, so nothing here removes it. */
static void
cut(int rc, const weir_diag *diag)
{
	finding(FIND_STORE_UNUSABLE, NULL, NULL,
		"%s: keep it if there is no other; weir dump reads what is "
		"left in a copy of it that truncate -s makes as long again",
		reason(rc, diag));
}

static void
unusable(int rc, const weir_diag *diag)
{
	const char *path = reach_operand(reach_file());
	char next[2048];
	struct stat st;

	if (rc == WEIR_ETRUNC && strchr(store_name, '/')) {
		cut(rc, diag);
		return;
	}
	snprintf(next, sizeof(next), "ls -l %s", path);
	if (rc == WEIR_EVERSION || rc == WEIR_ELAYOUT)
		snprintf(next, sizeof(next), "weir version");
	if (rc == WEIR_ETRUNC)
		snprintf(next, sizeof(next), "rm %s", path);
	if (rc == WEIR_ECORRUPT && !strchr(store_name, '/'))
		snprintf(next, sizeof(next), "%s", reach_command("destroy"));
	if (rc == WEIR_EUNSAFE && lstat(reach_file(), &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		if (st.st_mode & 02)
			snprintf(next, sizeof(next), "%s", doctor_close());
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

	if (rc == 0 && i.is_retired && !i.is_copy)
		finding(FIND_STORE_HALF_DESTROYED, NULL,
			doctor_command("destroy", NULL, NULL),
			"it was destroyed, but for its name");
	if (rc == 0)
		rc = doctor_place(&i);
	if (rc == 0)
		rc = doctor_damage(store);
	if (rc == 0)
		rc = doctor_tables(store);
	if (rc == 0 && !i.is_copy)
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
	const char *given = store_name;
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
		by_name(store);
		rc = whole(store);
		weir_store_close(store);
		if (rc != 0)
			return fail(given, rc, NULL);
	} else if (is_finding(rc)) {
		unusable(rc, &diag);
	} else if (rc != -ENOENT || finding_cnt(&problems) == 0) {
		/* once more, for the message */
		code = reach_store(WEIR_READ_ONLY, &store);
		weir_store_close(store);
		return code;
	}
	if (finding_cnt(&problems) == 0 && !row_json) {
		out_text(given, strlen(given));
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
