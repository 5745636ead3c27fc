/* SPDX-License-Identifier: BSD-2-Clause */
#include "manual.h"

#include <ctype.h>
#include <string.h>

enum { PART_VERBS = 1, PART_SYNOPSIS, PART_OPTIONS };

/* Text, so that no line of it is taken for a macro. */
static void
text(FILE *to, const char *s)
{
	int is_first = 1;

	for (; *s; s++) {
		if (is_first && (*s == '.' || *s == '\''))
			fputs("\\&", to);
		is_first = *s == '\n';
		if (*s == '\\')
			fputs("\\e", to);
		else
			fputc(*s, to);
	}
}

/* As one, unless it begins with a word that is explained: "each: ..." */
static void
sentence(FILE *to, const char *s)
{
	size_t word = strcspn(s, " :\n");

	if (s[word] != ':' && islower((unsigned char)*s)) {
		fputc(toupper((unsigned char)*s), to);
		s++;
	}
	text(to, s);
}

static void
lower(FILE *to, const char *s, size_t len)
{
	while (len--)
		fputc(tolower((unsigned char)*s++), to);
}

static void
option(FILE *to, const struct opt *o)
{
	fputs(".It", to);
	if (o->letter)
		fprintf(to, " Fl %c%s", o->letter, o->name ? " ," : "");
	if (o->name)
		fprintf(to, " Fl Fl %s", o->name);
	if (o->arg && o->kind == OPT_CHOICE) {
		fputs(" Cm ", to);
		for (const char *p = o->arg; *p; p++)
			fprintf(to, *p == '|' ? " | " : "%c", *p);
	} else if (o->arg) {
		fputs(" Ar ", to);
		lower(to, o->arg, strlen(o->arg));
	}
	fputc('\n', to);
	sentence(to, o->help);
	fputs(".\n", to);
}

static void
options(FILE *to, const struct cmd *c)
{
	fputs(".Bl -tag -width Ds\n", to);
	for (const struct opt *o = c ? c->opts : store_opts; o && o->help; o++)
		option(to, o);
	fputs(".It Fl h , Fl Fl help\nSay how it is used.\n.El\n", to);
	if (c && c->has_store)
		fputs(".Pp\nAnd those of all verbs with a store:\n"
		      ".Fl Fl store , Fl Fl dir , Fl Fl owner , "
		      "Fl Fl any-writer ;\nsee\n.Xr weir 1 .\n",
		      to);
}

/* "SCHEMA [FILE...]" */
static void
arguments(FILE *to, const char *args)
{
	while (*args) {
		int is_optional = *args == '[';
		size_t len = strcspn(args += is_optional, " ].");
		int has_more = strncmp(args + len, "...", 3) == 0;

		fputs(is_optional ? ".Op Ar " : ".Ar ", to);
		lower(to, args, len);
		fputs(has_more ? " ...\n" : "\n", to);
		args += len + (has_more ? 3 : 0);
		args += strspn(args, "] ");
	}
}

static void
synopsis(FILE *to, const struct cmd *c)
{
	fprintf(to, ".Nm weir\n.Cm %s\n.Op Ar options\n", c->name);
	arguments(to, c->args);
}

static void
verb(FILE *to, const struct cmd *c)
{
	fprintf(to, ".It Cm %s\n", c->name);
	sentence(to, c->what);
	if (c->page)
		fputs(".\n", to);
	else
		fprintf(to, ";\n.Xr weir-%.*s 1 .\n",
			(int)strcspn(c->name, " "), c->name);
}

void
manual_put(FILE *to, uint32_t part, const struct cmd *c)
{
	if (part == PART_SYNOPSIS)
		synopsis(to, c);
	else if (part == PART_OPTIONS)
		options(to, c);
	if (part != PART_VERBS)
		return;
	fputs(".Bl -tag -width \"channel create\"\n", to);
	for (size_t i = 0; i < cmd_cnt; i++)
		verb(to, cmds[i]);
	fputs(".El\n", to);
}
