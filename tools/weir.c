/* SPDX-License-Identifier: BSD-2-Clause
 *
 * weir.c - find the verb in the table, run it.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "manual.h"
#include "out.h"

static const struct cmd cmd_help, cmd_version;

const struct cmd *const cmds[] = {
    &cmd_create,
    &cmd_ls,
    &cmd_info,
    &cmd_pub,
    &cmd_sub,
    &cmd_get,
    &cmd_clear,
    &cmd_channel_create,
    &cmd_channel_rm,
    &cmd_job_run,
    &cmd_job_ls,
    &cmd_job_show,
    &cmd_job_wait,
    &cmd_job_cancel,
    &cmd_bridge,
    &cmd_record,
    &cmd_replay,
    &cmd_hz,
    &cmd_bw,
    &cmd_delay,
    &cmd_trace,
    &cmd_metrics,
    &cmd_top,
    &cmd_watch,
    &cmd_bench,
    &cmd_dump,
    &cmd_snapshot,
    &cmd_doctor,
    &cmd_gc,
    &cmd_destroy,
    &cmd_schema_check,
    &cmd_schema_bundle,
    &cmd_completion,
    &cmd_help,
    &cmd_version,
};
const size_t cmd_cnt = sizeof(cmds) / sizeof(*cmds);

const struct cmd *
cmd_find(int argc, char **argv, int *words)
{
	const char *name;
	size_t i, n;

	for (i = 0; i < cmd_cnt; i++) {
		name = cmds[i]->name;
		n = strcspn(name, " ");
		if (argc < 1 || strlen(argv[0]) != n ||
		    strncmp(argv[0], name, n) != 0)
			continue;
		if (name[n] && (argc < 2 || strcmp(argv[1], name + n + 1) != 0))
			continue;
		*words = name[n] ? 2 : 1;
		return cmds[i];
	}
	return NULL;
}

/* Which second words make a verb of this one: "create or rm"; NULL: none. */
static const char *
second_words(const char *first)
{
	static char words[64];
	size_t i, n, at = 0;

	for (i = 0; i < cmd_cnt; i++) {
		n = strcspn(cmds[i]->name, " ");
		if (cmds[i]->name[n] && strlen(first) == n &&
		    strncmp(first, cmds[i]->name, n) == 0 && at < sizeof(words))
			at += (size_t)snprintf(words + at, sizeof(words) - at,
					       "%s%s", at ? " or " : "",
					       cmds[i]->name + n + 1);
	}
	return at ? words : NULL;
}

static void
list(FILE *to, const char *group)
{
	size_t i, n = group ? strlen(group) : 0;
	char left[64];

	for (i = 0; i < cmd_cnt; i++) {
		if (group && (strncmp(cmds[i]->name, group, n) != 0 ||
			      cmds[i]->name[n] != ' '))
			continue;
		snprintf(left, sizeof(left), "%s %s", cmds[i]->name,
			 cmds[i]->args);
		fprintf(to, "  %-30s  %s\n", left, cmds[i]->what);
	}
}

static void
overview(FILE *to)
{
	fputs("usage: weir VERB [options] [arguments]\n\n", to);
	list(to, NULL);
	fputs("\nThe store: --store NAME, or $WEIR_STORE, or \"default\"; "
	      "for verbs that look,\nalso the path of a store's file or of a "
	      "copy of one.  weir help VERB says more.\n",
	      to);
}

static int
no_such(const char *word)
{
	talk("%s: no such verb; see: weir help", word);
	return X_USAGE;
}

/* The first word of a verb of two, and no second that goes with it. */
static int
half_a_verb(int argc, char **argv, const char *words)
{
	talk_verb = argv[0];
	if (argc > 1)
		talk("%s: it is %s; see: weir help %s", argv[1], words,
		     argv[0]);
	else
		talk("one more word is needed: %s; see: weir help %s", words,
		     argv[0]);
	return X_USAGE;
}

static int
printed(int code)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return out_lost(errno ? -errno : -EIO);
}

static uint32_t manual_part;

static const struct opt help_opts[] = {
    {0, "mdoc", MANUAL_PARTS, "the same as a part of the manual", OPT_CHOICE,
     &manual_part},
    OPT_END,
};

static int
run_help(int argc, char **argv)
{
	const struct cmd *c;
	int words = 0;

	if (argc == 0 && manual_part) {
		manual_put(stdout, manual_part, NULL);
		return printed(X_DONE);
	}
	if (argc == 0) {
		overview(stdout);
		return printed(X_DONE);
	}
	c = cmd_find(argc, argv, &words);
	if (argc == 1 && second_words(argv[0])) {
		list(stdout, argv[0]);
		return printed(X_DONE);
	}
	if (!c || words != argc)
		return no_such(argv[argc - 1]);
	if (manual_part)
		manual_put(stdout, manual_part, c);
	else
		opts_usage(stdout, c);
	return printed(X_DONE);
}

static int
run_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("weir %s\n", weir_version());
	return printed(X_DONE);
}

static const struct cmd cmd_help = {
    .name = "help",
    .args = "[VERB]",
    .what = "say what there is, or how a verb is used",
    .opts = help_opts,
    .page = "weir",
    .max_args = 2,
    .run = run_help,
};

static const struct cmd cmd_version = {
    .name = "version",
    .args = "",
    .what = "print the version",
    .page = "weir",
    .run = run_version,
};

/* A standard descriptor that is closed would be given to the next file that
 * is opened, and what we print would go into a store.  One that can only be
 * read makes writing fail, as it should. */
static void
hold_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static const char *
or_env(const char *value, const char *env, const char *dflt)
{
	if (value)
		return value;
	value = getenv(env);
	return value && *value ? value : dflt;
}

int
main(int argc, char **argv)
{
	const struct cmd *c;
	const char *more;
	int words = 0, first;

	hold_standard_files();
	setlocale(LC_CTYPE, "C.UTF-8"); /* what we print is UTF-8 */
	argc--;
	argv++;
	if (argc == 0) {
		overview(stderr);
		return X_USAGE;
	}
	if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0)
		return run_version(0, NULL);
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
		return run_help(argc - 1, argv + 1);

	c = cmd_find(argc, argv, &words);
	if (!c && (more = second_words(argv[0]))) {
		if (argc > 1 && strcmp(argv[1], "--help") == 0)
			return run_help(1, argv);
		return half_a_verb(argc, argv, more);
	}
	if (!c)
		return no_such(argv[0]);
	talk_verb = c->name;

	/* getopt wants a name of the program before the options */
	argc -= words - 1;
	argv += words - 1;
	first = opts_parse(c, argc, argv);
	if (first == -2) {
		opts_usage(stdout, c);
		return printed(X_DONE);
	}
	if (first < 0)
		return X_USAGE;
	store_name = or_env(store_name, "WEIR_STORE", "default");
	store_dir = or_env(store_dir, "WEIR_DIR", NULL);
	store_owner = or_env(store_owner, "WEIR_OWNER", NULL);
	return out_end(c->run(argc - first, argv + first));
}
