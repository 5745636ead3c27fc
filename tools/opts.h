/* SPDX-License-Identifier: BSD-2-Clause
 *
 * opts.h - the options of a verb: one table, from which getopt, the usage
 * text and the checks of ranges come.
 */
#ifndef WI_TOOLS_OPTS_H
#define WI_TOOLS_OPTS_H

#include <stdint.h>
#include <stdio.h>

struct cmd;

enum opt_kind {
	OPT_FLAG = 1, /* int, set to 1 */
	OPT_STR,      /* const char * */
	OPT_U32,      /* uint32_t */
	OPT_U64,      /* uint64_t */
	OPT_SIZE32,   /* uint32_t, with k, M, G after the number */
	OPT_SIZE,     /* uint64_t, the same, also T */
	OPT_SECONDS,  /* int64_t nanoseconds; fractions allowed */
	OPT_FACTOR,   /* double, 0 or more */
	OPT_MODE,     /* uint32_t, octal */
	OPT_CHOICE,   /* uint32_t: which of the words in .arg, from 1 */
	OPT_LIST,     /* struct opt_list: may be given again and again */
};

#define OPT_LIST_MAX 256

struct opt_list {
	const char *val[OPT_LIST_MAX];
	size_t cnt;
};

struct opt {
	char letter;	  /* or 0 */
	const char *name; /* the long form, or NULL */
	const char
	    *arg; /* what the usage calls the value; "a|b" for a choice */
	const char *help; /* may have newlines */
	enum opt_kind kind;
	void *to;
};

#define OPT_END                                                                \
	{                                                                      \
		0, NULL, NULL, NULL, OPT_FLAG, NULL                            \
	}

/* The options that all verbs with a store share, and their values. */
extern const struct opt store_opts[];
extern const char *store_name; /* --store, $WEIR_STORE, "default" */
extern const char *store_dir;  /* --dir, $WEIR_DIR, NULL */
extern const char *store_owner; /* --owner, $WEIR_OWNER, NULL */
extern int store_any_writer;	/* --any-writer */

/* opts_value - store the text of a value where the option says, if it is in
 * range.  Returns NULL, or what is wrong with it. */
const char *opts_value(enum opt_kind kind, const char *choices, void *to,
		       const char *text);

/* opts_all - all options of @c in one list: its own, then the shared ones. */
#define OPTS_MAX 32 /* options of one verb */
size_t opts_all(const struct cmd *c, const struct opt *all[OPTS_MAX]);

/* opts_parse - read the options of @c; the operands are left at the end of
 * @argv.  Returns the index of the first of them, -1 on wrong usage, which
 * has been said, or -2 if --help was asked for. */
int opts_parse(const struct cmd *c, int argc, char **argv);

/* opts_usage - print how @c is called, with all options. */
void opts_usage(FILE *to, const struct cmd *c);

#endif
