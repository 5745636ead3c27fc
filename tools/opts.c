/* SPDX-License-Identifier: BSD-2-Clause */
#include "opts.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "out.h"

#define LONG_ID	 256 /* what getopt_long() returns: this + the index */

const char *store_name;
const char *store_dir;
const char *store_owner;
int store_any_writer;

const struct opt store_opts[] = {
    {0, "store", "NAME", "the store; default: $WEIR_STORE, or \"default\"",
     OPT_STR, &store_name},
    {0, "dir", "DIR", "where stores are; default: $WEIR_DIR, or /dev/shm",
     OPT_STR, &store_dir},
    {0, "owner", "USER",
     "a user whose store it may be, beside you and root;\n"
     "default: $WEIR_OWNER, or nobody else",
     OPT_STR, &store_owner},
    {0, "any-writer", NULL, "use it although everybody may write to it",
     OPT_FLAG, &store_any_writer},
    OPT_END,
};

/* A number, digits only, times what its letter says. */
static const char *
number(const char *text, uint64_t max, int letters, uint64_t *out)
{
	static const char units[] = "kmgt";
	const char *u;
	char *end;
	uint64_t n;
	unsigned shift;

	if (!isdigit((unsigned char)*text))
		return "a number is needed";
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return "too large";
	if (letters && *end) {
		u = strchr(units, tolower((unsigned char)*end));
		if (!u)
			return "a number of bytes is needed, as 65536, 64k, 1M";
		shift = 10 * (unsigned)(u - units + 1);
		if (n > UINT64_MAX >> shift)
			return "too large";
		n <<= shift;
		end++;
	}
	if (*end)
		return "a number is needed";
	if (n > max)
		return "too large";
	if (n == 0)
		return "it must be 1 or more";
	*out = n;
	return NULL;
}

/* A number that may have a fraction, 0 or more. */
static int
fraction(const char *text, double *out)
{
	char *end;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return 0;
	*out = strtod(text, &end);
	return !*end && end != text && isfinite(*out);
}

static const char *
seconds(const char *text, int64_t *ns)
{
	double s;

	if (!fraction(text, &s))
		return "a number of seconds is needed";
	if (s > 9e9)
		return "too large";
	*ns = (int64_t)(s * 1e9);
	return NULL;
}

/* Which of the words in "one|two|three"? 0: none. */
static uint32_t
choice(const char *words, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t i;

	for (i = 1; len; i++, words += n + 1) {
		n = strcspn(words, "|");
		if (n == len && memcmp(words, text, n) == 0)
			return i;
		if (!words[n])
			break;
	}
	return 0;
}

const char *
opts_value(enum opt_kind kind, const char *choices, void *to, const char *text)
{
	static char why[96];
	struct opt_list *list;
	const char *bad = NULL;
	uint64_t n = 0;
	char *end;

	switch (kind) {
	case OPT_FLAG:
		*(int *)to = 1;
		return NULL;
	case OPT_STR:
		*(const char **)to = text;
		return NULL;
	case OPT_LIST:
		list = to;
		if (list->cnt == OPT_LIST_MAX)
			return "too many of these";
		list->val[list->cnt++] = text;
		return NULL;
	case OPT_U32:
	case OPT_SIZE32:
		bad = number(text, UINT32_MAX, kind == OPT_SIZE32, &n);
		if (!bad)
			*(uint32_t *)to = (uint32_t)n;
		return bad;
	case OPT_U64:
	case OPT_SIZE:
		bad = number(text, UINT64_MAX, kind == OPT_SIZE, &n);
		if (!bad)
			*(uint64_t *)to = n;
		return bad;
	case OPT_SECONDS:
		return seconds(text, to);
	case OPT_FACTOR:
		return fraction(text, to) ? NULL : "a number is needed";
	case OPT_MODE:
		n = isdigit((unsigned char)*text) ? strtoul(text, &end, 8) : 0;
		if (n == 0 || *end || n > 0777)
			return "an octal mode is needed, as 0660";
		*(uint32_t *)to = (uint32_t)n;
		return NULL;
	case OPT_CHOICE:
		n = choice(choices, text);
		if (n == 0) {
			snprintf(why, sizeof(why), "it is one of %s", choices);
			return why;
		}
		*(uint32_t *)to = (uint32_t)n;
		return NULL;
	}
	return "no such kind of option";
}

size_t
opts_all(const struct cmd *c, const struct opt *all[OPTS_MAX])
{
	const struct opt *o;
	size_t n = 0;

	for (o = c->opts; o && o->kind && (o->name || o->letter); o++)
		if (n < OPTS_MAX)
			all[n++] = o;
	for (o = store_opts; c->has_store && o->name; o++)
		if (n < OPTS_MAX)
			all[n++] = o;
	return n;
}

static int
wrong(const struct cmd *c, const char *what, const char *why)
{
	talk("%s: %s; see: weir help %s", what, why, c->name);
	return -1;
}

/* "--name" or "-x", as the user knows the option. */
static const char *
spelled(const struct opt *o)
{
	static char s[64];

	if (o->name && o->letter)
		snprintf(s, sizeof(s), "-%c, --%s", o->letter, o->name);
	else if (o->name)
		snprintf(s, sizeof(s), "--%s", o->name);
	else
		snprintf(s, sizeof(s), "-%c", o->letter);
	return s;
}

static int
unknown(const struct cmd *c, char **argv, int answer)
{
	char what[3] = {'-', (char)optopt, 0};
	const char *arg = argv[optind - 1];

	if (answer == ':')
		return wrong(c, arg, "needs a value");
	if (optopt > 0 && optopt < LONG_ID)
		return wrong(c, what, "no such option");
	if (optopt >= LONG_ID)
		return wrong(c, arg, "takes no value");
	return wrong(c, arg, "no such option");
}

int
opts_parse(const struct cmd *c, int argc, char **argv)
{
	const struct opt *all[OPTS_MAX], *o;
	struct option longs[OPTS_MAX + 2];
	char shorts[2 * OPTS_MAX + 4] = ":h";
	size_t cnt = opts_all(c, all), i, s = 2, l = 0;
	const char *bad;
	int ch;

	for (i = 0; i < cnt; i++) {
		int has = all[i]->kind != OPT_FLAG;

		if (all[i]->letter) {
			shorts[s++] = all[i]->letter;
			if (has)
				shorts[s++] = ':';
		}
		if (all[i]->name)
			longs[l++] = (struct option){all[i]->name, has, NULL,
						     LONG_ID + (int)i};
	}
	shorts[s] = 0;
	longs[l++] = (struct option){"help", 0, NULL, 'h'};
	longs[l] = (struct option){NULL, 0, NULL, 0};

	opterr = 0;
	optind = 1;
	while ((ch = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (ch == 'h')
			return -2;
		if (ch == '?' || ch == ':')
			return unknown(c, argv, ch);
		o = NULL;
		for (i = 0; i < cnt; i++)
			if (ch == LONG_ID + (int)i || ch == all[i]->letter)
				o = all[i];
		if (!o)
			return unknown(c, argv, '?');
		bad = opts_value(o->kind, o->arg, o->to, optarg);
		if (bad)
			return wrong(c, spelled(o), bad);
	}
	if (argc - optind < c->min_args)
		return wrong(c, c->args, "missing");
	if (c->max_args >= 0 && argc - optind > c->max_args)
		return wrong(c, argv[optind + c->max_args], "one too many");
	return optind;
}

static void
option(FILE *to, const struct opt *o)
{
	char left[64];
	const char *h;
	int n = 0;

	if (o->letter)
		n = snprintf(left, sizeof(left), "-%c%s", o->letter,
			     o->name ? ", " : "");
	if (o->name)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s",
			      o->name);
	if (o->arg)
		snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->arg);
	fprintf(to, "  %-24s", left);
	if (strlen(left) > 23)
		fprintf(to, "\n%26s", "");
	for (h = o->help; *h; h++) {
		fputc(*h, to);
		if (*h == '\n')
			fprintf(to, "%26s", "");
	}
	fputc('\n', to);
}

void
opts_usage(FILE *to, const struct cmd *c)
{
	const struct opt *all[OPTS_MAX];
	size_t cnt = opts_all(c, all), i;

	fprintf(to, "weir %s%s%s%s\n\n%s\n", c->name, cnt ? " [options]" : "",
		*c->args ? " " : "", c->args, c->what);
	if (cnt)
		fputc('\n', to);
	for (i = 0; i < cnt; i++)
		option(to, all[i]);
	if (c->more)
		fprintf(to, "\n%s", c->more);
}
