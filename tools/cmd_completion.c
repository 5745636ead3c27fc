/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_completion.c - what a shell asks when somebody types "weir ..." and Tab.
 *
 * The scripts know nothing of verbs and options: they hand over the words that
 * stand there, and get what may come next, a line each.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "facts.h"
#include "jobs.h"
#include "out.h"
#include "reach.h"

#define FILES "\001" /* alone on a line: names of files may come next, too */

static const char bash_script[] =
    "# weir for bash: eval \"$(weir completion bash)\"\n"
    "_weir() {\n"
    "\tlocal line=${COMP_LINE:0:COMP_POINT} words cur before breaks word\n"
    "\tlocal IFS=$' \\t'\n"
    "\tread -a words <<<\"$line\"\n"
    "\t[[ $line == *[[:space:]] ]] && words+=('')\n"
    "\t[[ ${words[0]} == '~/'* ]] && words[0]=$HOME${words[0]:1}\n"
    "\tcur=${words[-1]}\n"
    "\t# bash replaces only what is behind a = or :, or from an @ on\n"
    "\tbreaks=${COMP_WORDBREAKS//[^=:]/} before=\n"
    "\t[[ $breaks ]] && before=${cur%\"${cur##*[$breaks]}\"}\n"
    "\tword=${cur#\"$before\"}\n"
    "\t[[ $COMP_WORDBREAKS == *@* && $word == *@* ]] && before+=${word%@*}\n"
    "\tCOMPREPLY=()\n"
    "\twhile IFS= read -r word; do\n"
    "\t\tif [[ $word == $'\\001' ]]; then\n"
    "\t\t\tcompopt -o filenames 2>/dev/null\n"
    "\t\t\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done \\\n"
    "\t\t\t\t< <(compgen -f -- \"${cur#\"$before\"}\")\n"
    "\t\telse\n"
    "\t\t\tCOMPREPLY+=(\"$(printf %q \"${word#\"$before\"}\")\")\n"
    "\t\tfi\n"
    "\tdone < <(\"${words[0]}\" completion words -- \"${words[@]:1}\" "
    "2>/dev/null)\n"
    "}\n"
    "complete -F _weir weir\n";

static const char zsh_script[] =
    "#compdef weir\n"
    "# weir for zsh: eval \"$(weir completion zsh)\", after compinit; or this\n"
    "# as the file _weir in a folder of $fpath\n"
    "_weir() {\n"
    "\tlocal -a all\n"
    "\tlocal files=$'\\001' run=${(Q)words[1]}\n"
    "\t[[ $run == '~/'* ]] && run=$HOME${run[2,-1]}\n"
    "\tall=(\"${(@f)$($run completion words -- "
    "\"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
    "\tif [[ $PREFIX == --*=* ]]; then # as --name=value\n"
    "\t\tcompset -P 1 '*='\n"
    "\t\tall=(\"${(@)all#--*=}\")\n"
    "\tfi\n"
    "\tif (( ${all[(Ie)$files]} )); then\n"
    "\t\t_files\n"
    "\t\tall=(\"${(@)all:#$files}\")\n"
    "\tfi\n"
    "\tall=(\"${(@)all:#}\")\n"
    "\t(( $#all )) && compadd -a all\n"
    "}\n"
    "if [[ $funcstack[1] == _weir ]]; then\n"
    "\t_weir \"$@\"\n"
    "else\n"
    "\tcompdef _weir weir\n"
    "fi\n";

/* The word that is being typed, and how much of it stands before what may be
 * completed: the name in "--name=value". */
static const char *typed;
static size_t typed_name;

static void
offer(const char *word, size_t len)
{
	const char *start = typed + typed_name;
	size_t n = strlen(start);

	if (len < n || strncmp(word, start, n) != 0)
		return;
	out_raw(typed, typed_name);
	out_raw(word, len);
	out_raw("\n", 1);
}

static void
offer_word(const char *word)
{
	offer(word, strlen(word));
}

static void
offer_files(void)
{
	out_raw(FILES "\n", 2);
}

/* "a|b|c" */
static void
offer_choices(const char *words)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		offer(words, len);
		words += len + (words[len] == '|');
	}
}

/* ---- what is in the store ---- */

static void
offer_channels(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_store *store;

	if (reach_store(WEIR_READ_ONLY, &store))
		return;
	while (weir_channel_next(store, &info) > 0)
		offer_word(info.name);
	weir_store_close(store);
}

static void
offer_producers(void)
{
	struct facts f = {.cnt = 0};
	weir_store *store;

	if (reach_store(WEIR_READ_ONLY, &store))
		return;
	if (facts_look(&f, store) == 0)
		for (size_t i = 0; i < f.cnt; i++)
			for (size_t k = 0; k < f.channels[i].producer_cnt; k++)
				offer_word(f.channels[i].producers[k].id);
	facts_forget(&f);
	weir_store_close(store);
}

static void
offer_jobs(void)
{
	struct job *jobs = NULL;
	weir_channel *ch;
	weir_store *store;
	size_t cnt;

	if (jobs_reach(WEIR_READ_ONLY, &store, &ch))
		return;
	if (jobs_look(ch, NULL, &jobs, &cnt) == 0)
		for (size_t i = 0; i < cnt; i++)
			offer_word(jobs[i].id);
	free(jobs);
	weir_channel_close(ch);
	weir_store_close(store);
}

static void
offer_stores(void)
{
	DIR *d = opendir(store_dir ? store_dir : "/dev/shm");
	struct dirent *e;
	size_t len;

	while (d && (e = readdir(d))) {
		len = strlen(e->d_name);
		if (strncmp(e->d_name, "weir.", 5) == 0 &&
		    (len < 5 || strcmp(e->d_name + len - 5, ".lock") != 0))
			offer_word(e->d_name + 5);
	}
	if (d)
		closedir(d);
	offer_files(); /* the path of one, or of a copy */
}

/* ---- what may stand where ---- */

/* What the usage calls a value says what it is. */
static void
offer_value(enum opt_kind kind, const char *arg, size_t len)
{
	static const struct {
		const char *arg;
		void (*offer)(void);
	} values[] = {
	    {"CHANNEL", offer_channels}, {"PATTERN", offer_channels},
	    {"JOB", offer_jobs},	 {"ID", offer_producers},
	    {"NAME", offer_stores},	 {"FILE", offer_files},
	    {"SCHEMA", offer_files},	 {"DIR", offer_files},
	    {"URI=FILE", offer_files},
	};

	if (kind == OPT_CHOICE || memchr(arg, '|', len)) {
		offer_choices(arg);
		return;
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (strlen(values[i].arg) == len &&
		    strncmp(values[i].arg, arg, len) == 0)
			values[i].offer();
}

static void
offer_options(const struct cmd *c)
{
	const struct opt *all[OPTS_MAX];
	size_t cnt = opts_all(c, all);
	char word[64];

	for (size_t i = 0; i < cnt; i++) {
		if (all[i]->name)
			snprintf(word, sizeof(word), "--%s", all[i]->name);
		else
			snprintf(word, sizeof(word), "-%c", all[i]->letter);
		offer_word(word);
	}
	offer_word("--help");
}

/* The @n-th of "SCHEMA [FILE...]", from 0; the last may stand for more. */
static void
offer_operand(const struct cmd *c, int n)
{
	const char *arg = c->args, *next;

	if (c->max_args >= 0 && n >= c->max_args)
		return;
	arg += strspn(arg, "[");
	while (n-- > 0 && (next = strchr(arg, ' ')))
		arg = next + 1 + strspn(next + 1, "[");
	offer_value(OPT_STR, arg, strcspn(arg, " ].["));
}

/* The option that @word is, if it takes a value; *value is the one that stands
 * in the same word, "--name=value", or NULL. */
static const struct opt *
takes_value(const struct cmd *c, const char *word, const char **value)
{
	const struct opt *all[OPTS_MAX];
	size_t cnt = opts_all(c, all), len = strcspn(word, "=");

	*value = NULL;
	for (size_t i = 0; i < cnt; i++) {
		if (all[i]->kind == OPT_FLAG)
			continue;
		if (all[i]->name && len > 2 && strncmp(word, "--", 2) == 0 &&
		    strlen(all[i]->name) == len - 2 &&
		    memcmp(word + 2, all[i]->name, len - 2) == 0) {
			*value = word[len] ? word + len + 1 : NULL;
			return all[i];
		}
		if (all[i]->letter && word[0] == '-' &&
		    word[1] == all[i]->letter && !word[2])
			return all[i];
	}
	return NULL;
}

/* Of the options that stand there, those that say which store it is count. */
static void
take_value(const struct opt *o, const char *value)
{
	if (o->to == &store_name || o->to == &store_dir ||
	    o->to == &store_owner)
		opts_value(o->kind, o->arg, o->to, value);
}

/* Behind the verb.  Which store it is may stand there already. */
static void
offer_rest(const struct cmd *c, char **words, int cnt)
{
	const struct opt *o = NULL;
	const char *value;
	int operands = 0, has_ended = 0;

	for (int i = 0; i < cnt - 1; i++) {
		if (o) {
			take_value(o, words[i]);
			o = NULL;
		} else if (has_ended || words[i][0] != '-' || !words[i][1]) {
			operands++;
		} else if (strcmp(words[i], "--") == 0) {
			has_ended = 1;
		} else if (strcmp(words[i], "--any-writer") == 0) {
			store_any_writer = 1;
		} else {
			o = takes_value(c, words[i], &value);
			if (value) {
				take_value(o, value);
				o = NULL;
			}
		}
	}
	if (!o && !has_ended && (o = takes_value(c, typed, &value))) {
		if (value)
			typed_name = (size_t)(value - typed);
		else
			o = NULL; /* its name is being typed */
	}
	if (o)
		offer_value(o->kind, o->arg, strlen(o->arg));
	else if (*typed == '-' && !has_ended)
		offer_options(c);
	else
		offer_operand(c, operands);
}

static void
offer_verbs(const char *first)
{
	size_t n = first ? strlen(first) : 0;

	for (size_t i = 0; i < cmd_cnt; i++) {
		const char *name = cmds[i]->name;

		if (!first)
			offer(name, strcspn(name, " "));
		else if (strncmp(name, first, n) == 0 && name[n] == ' ')
			offer_word(name + n + 1);
	}
}

static void
offer_next(char **words, int cnt)
{
	const struct cmd *c;
	int taken = 0;

	typed = cnt ? words[cnt - 1] : "";
	if (cnt < 2) {
		offer_verbs(NULL);
		return;
	}
	c = cmd_find(cnt - 1, words, &taken);
	if (c && strcmp(c->name, "help") == 0)
		offer_verbs(cnt > 2 ? words[1] : NULL);
	else if (c)
		offer_rest(c, words + taken, cnt - taken);
	else if (cnt == 2)
		offer_verbs(words[0]);
}

static int
run(int argc, char **argv)
{
	if (strcmp(argv[0], "bash") == 0 && argc == 1) {
		out_raw(bash_script, strlen(bash_script));
	} else if (strcmp(argv[0], "zsh") == 0 && argc == 1) {
		out_raw(zsh_script, strlen(zsh_script));
	} else if (strcmp(argv[0], "words") == 0) {
		offer_next(argv + 1, argc - 1);
	} else {
		talk("%s: it is bash or zsh", argv[0]);
		return X_USAGE;
	}
	return X_DONE;
}

const struct cmd cmd_completion = {
    .name = "completion",
    .args = "bash|zsh",
    .what = "print what makes a shell complete verbs, options and names",
    .more =
	"In ~/.bashrc: eval \"$(weir completion bash)\"; in ~/.zshrc, after\n"
	"compinit: eval \"$(weir completion zsh)\".  Channels and producers "
	"are\n"
	"those of the store that the line names.  The scripts ask with\n"
	"\"completion words -- WORD...\" what may come next.\n",
    .page = "weir",
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
