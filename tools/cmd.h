/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd.h - what a verb is, and what it may answer.
 */
#ifndef WI_TOOLS_CMD_H
#define WI_TOOLS_CMD_H

#include "opts.h"

/* Exit codes; there are no others. */
enum exit_code {
	X_DONE = 0,
	X_FAILED = 1,  /* ran and failed, or the answer is no */
	X_USAGE = 2,   /* wrong usage, also of a configuration file */
	X_REACH = 3,   /* cannot get at the store or channel */
	X_INVALID = 4, /* a schema or a record is invalid */
	X_TIMEOUT = 5,
	X_LOST = 6, /* records were lost, with --strict */
};

/* A verb.  Its usage text, what getopt is told, and "weir help" come from
 * here. */
struct cmd {
	const char *name;	/* one or two words */
	const char *args;	/* "CHANNEL [FILE...]" */
	const char *what;	/* one line */
	const char *more;	/* lines, each ending in a newline; or NULL */
	const struct opt *opts; /* ends with OPT_END; or NULL */
	const char *page;	/* of the manual; NULL: weir-NAME */
	int min_args, max_args; /* max_args < 0: any number */
	int has_store;		/* takes --store and --dir */
	int (*run)(int argc, char **argv); /* the arguments that are left */
};

/* All verbs, in the order of "weir help". */
extern const struct cmd *const cmds[];
extern const size_t cmd_cnt;

/* cmd_find - the verb that argv[0..] begins with, and of how many words it is;
 * NULL: none. */
const struct cmd *cmd_find(int argc, char **argv, int *words);

extern const struct cmd cmd_create, cmd_destroy;
extern const struct cmd cmd_ls, cmd_info, cmd_dump, cmd_snapshot, cmd_bench;
extern const struct cmd cmd_doctor, cmd_gc;
extern const struct cmd cmd_channel_create, cmd_channel_rm;
extern const struct cmd cmd_pub, cmd_sub, cmd_get, cmd_clear;
extern const struct cmd cmd_record, cmd_replay;
extern const struct cmd cmd_hz, cmd_bw, cmd_delay;
extern const struct cmd cmd_bridge;
extern const struct cmd cmd_job_run, cmd_job_ls, cmd_job_show;
extern const struct cmd cmd_job_wait, cmd_job_cancel;
extern const struct cmd cmd_trace;
extern const struct cmd cmd_metrics;
extern const struct cmd cmd_top, cmd_watch;
extern const struct cmd cmd_completion;
extern const struct cmd cmd_schema_bundle;
extern const struct cmd cmd_schema_check;

#endif
