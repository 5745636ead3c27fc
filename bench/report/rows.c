/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <weir.h>

/* What makes a row one of its kind, and what it must have then: numbers. */
static const char *const members[ROW_KINDS][14] = {
    [ROW_RATE] = {"rate", "overall_rate", "lost", "floor_rate", "ratio",
		  "ratio_low", "ratio_high", "rounds", "moved", "distance_ns"},
    [ROW_TIME] = {"typical_ns", "median_ns", "p99_ns", "p999_ns", "max_ns",
		  "floor_ns", "ratio", "ratio_low", "ratio_high", "rounds",
		  "moved", "distance_ns"},
    [ROW_BYTES] = {"footprint_bytes", "real_bytes", "channels", "ratio"},
};

static bool
find(const struct row *r, const char *member, weir_value *v)
{
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/%s", member);
	return weir_value_find(r->msg, r->len, pointer, v) == 0;
}

double
row_number(const struct row *r, const char *member)
{
	weir_value v;

	if (!find(r, member, &v))
		return NAN;
	if (v.type == WEIR_UINT)
		return (double)v.u;
	return v.type == WEIR_FLOAT && v.d >= 0 ? v.d : NAN;
}

/* Return: NULL if there is no such text. */
static char *
text_of(const struct row *r, const char *member)
{
	weir_value v;
	char *s;

	if (!find(r, member, &v) || v.type != WEIR_STR)
		return NULL;
	s = strndup(v.ptr, v.len);
	if (s && strlen(s) == v.len)
		return s;
	free(s); /* it has a NUL */
	return NULL;
}

bool
row_says(const struct row *r, const char *member, const char *text)
{
	weir_value v;

	return find(r, member, &v) && v.type == WEIR_STR &&
	       v.len == strlen(text) && memcmp(v.ptr, text, v.len) == 0;
}

bool
row_beside(const struct row *a, const struct row *b)
{
	double x = row_number(a, "bytes"), y = row_number(b, "bytes");

	return a->kind == b->kind && strcmp(a->bench, b->bench) == 0 &&
	       strcmp(a->floor, b->floor) == 0 &&
	       (isnan(x) ? isnan(y) : x == y);
}

/* Return: what is missing; NULL if nothing is. */
static const char *
missing(struct row *r)
{
	if (!(r->bench = text_of(r, "bench")) || !*r->bench)
		return "bench";
	if (!(r->title = text_of(r, "title")) || !*r->title)
		return "title";
	r->kind = ROW_BYTES;
	if (!isnan(row_number(r, "rate")))
		r->kind = ROW_RATE;
	else if (!isnan(row_number(r, "typical_ns")))
		r->kind = ROW_TIME;
	r->floor = r->kind == ROW_BYTES ? strdup("") : text_of(r, "floor");
	if (!r->floor)
		return "floor";
	for (const char *const *m = members[r->kind]; *m; m++)
		if (isnan(row_number(r, *m)))
			return *m;
	return NULL;
}

static int
take(struct row *r, const char *text, size_t len, const char *path, size_t line)
{
	weir_diag d = {.message = ""};
	const char *what;
	int64_t n;

	r->msg = malloc(3 * len + 1);
	n = r->msg ? weir_json_to_msgpack(text, len, r->msg, 3 * len + 1, &d)
		   : -ENOMEM;
	if (n < 0) {
		fprintf(stderr, "report: %s:%zu: not a line of JSON: %s\n",
			path, line,
			d.message[0] ? d.message : weir_strerror((int)n));
		return -1;
	}
	r->len = (size_t)n;
	what = missing(r);
	if (what)
		fprintf(stderr,
			"report: %s:%zu: not a figure: \"%s\" is missing or "
			"not what it should be\n",
			path, line, what);
	return what ? -1 : 0;
}

static int
no_memory(void)
{
	fprintf(stderr, "report: %s\n", strerror(ENOMEM));
	return -1;
}

static int
read_all(struct rows *rows, FILE *f, const char *path)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	while (rc == 0 && (len = getline(&text, &cap, f)) >= 0) {
		void *more =
		    realloc(rows->row, (rows->cnt + 1) * sizeof(*rows->row));

		if (!more) {
			rc = no_memory();
			break;
		}
		rows->row = more;
		rows->row[rows->cnt++] = (struct row){0};
		rc = take(&rows->row[rows->cnt - 1], text, (size_t)len, path,
			  rows->cnt);
	}
	free(text);
	if (rc == 0 && ferror(f)) {
		fprintf(stderr, "report: %s: %s\n", path, strerror(errno));
		rc = -1;
	} else if (rc == 0 && rows->cnt == 0) {
		fprintf(stderr,
			"report: %s: there is no line in it; run a "
			"benchmark first\n",
			path);
		rc = -1;
	}
	return rc;
}

int
rows_read(struct rows *rows, const char *path)
{
	FILE *f = fopen(path, "r");
	int rc;

	*rows = (struct rows){0};
	if (!f) {
		fprintf(stderr, "report: %s: %s\n", path, strerror(errno));
		return -1;
	}
	rc = read_all(rows, f, path);
	fclose(f);
	return rc;
}

void
rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->cnt; i++) {
		free(rows->row[i].bench);
		free(rows->row[i].title);
		free(rows->row[i].floor);
		free(rows->row[i].msg);
	}
	free(rows->row);
}
