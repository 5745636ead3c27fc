/* SPDX-License-Identifier: BSD-2-Clause */
#include "finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "row.h"

enum severity { NOTE, PROBLEM };

static const struct {
	const char *name;
	enum severity severity;
} table[] = {
#define X(name, text, severity) [FIND_##name] = {text, severity},
    FINDINGS(X)
#undef X
};

static unsigned cnt[2];

static void
string(const char *key, const char *v)
{
	if (v && *v)
		row_str(key, v);
	else
		row_null(key);
}

static void
number(const char *key, uint64_t v)
{
	if (v)
		row_u64(key, v);
	else
		row_null(key);
}

static void
json(const char *name, const char *severity, const struct about *a,
     const char *what, const char *next)
{
	row_begin(NULL);
	row_word("severity", severity);
	row_word("finding", name);
	string("channel", a->channel);
	string("id", a->id);
	string("place", a->place);
	number("offset", a->offset);
	number("bytes", a->bytes);
	number("pid", a->pid);
	row_str("what", what);
	string("next", next);
	row_end();
}

static void
text(const char *name, const char *severity, const struct about *a,
     const char *what, const char *next)
{
	out_fmt("%s %s: ", severity, name);
	if (a->channel && *a->channel) {
		out_fmt("channel ");
		out_text(a->channel, strlen(a->channel));
		out_fmt(": ");
	}
	if (a->place) {
		out_text(a->place, strlen(a->place));
		out_fmt(": ");
	}
	out_text(what, strlen(what));
	if (next) {
		out_fmt("; next: ");
		out_text(next, strlen(next));
	}
	out_fmt("\n");
}

void
finding(enum finding f, const struct about *about, const char *next,
	const char *fmt, ...)
{
	static const struct about nothing;
	const char *severity = table[f].severity == NOTE ? "note" : "problem";
	char what[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	cnt[table[f].severity]++;
	(row_json ? json : text)(table[f].name, severity,
				 about ? about : &nothing, what, next);
}

unsigned
finding_cnt(unsigned *problems)
{
	*problems = cnt[PROBLEM];
	return cnt[PROBLEM] + cnt[NOTE];
}
