/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is in them ---- */

static void
put_rate(char *to, const struct top_figures *f, const struct top_channel *c)
{
	if (c->before)
		units_count(to, top_rate(f, c->records));
	else
		strcpy(to, "-");
}

static void
put_bytes(char *to, const struct top_figures *f, const struct top_channel *c)
{
	if (c->before)
		units_bytes(to, top_rate(f, c->bytes));
	else
		strcpy(to, "-");
}

double
top_share(const struct top_channel *c, uint64_t records)
{
	uint64_t capacity = c->now->info.capacity;

	return records < capacity ? (double)records / (double)capacity : 1;
}

double
top_fill(const struct top_channel *c)
{
	return top_share(c, c->kept);
}

static double
lag(const struct top_channel *c)
{
	return top_share(c, c->sum.lag);
}

static void
put_fill(char *to, const struct top_figures *f, const struct top_channel *c)
{
	(void)f;
	snprintf(to, TOP_CELL_MAX, "%.0f%%", 100 * top_fill(c));
}

static void
put_behind(char *to, const struct top_figures *f, const struct top_channel *c)
{
	(void)f;
	snprintf(to, TOP_CELL_MAX, "%.0f%%", 100 * lag(c));
}

const char *
top_count(char to[UNITS_MAX], uint64_t n)
{
	if (n >= 100000)
		return units_count(to, (double)n);
	snprintf(to, UNITS_MAX, "%" PRIu64, n);
	return to;
}

static void
put_lag(char *to, const struct top_figures *f, const struct top_channel *c)
{
	(void)f;
	top_count(to, c->sum.lag);
}

static void
put_lost(char *to, const struct top_figures *f, const struct top_channel *c)
{
	(void)f;
	top_count(to, c->sum.lost);
}

static void
put_producers(char *to, const struct top_figures *f,
	      const struct top_channel *c)
{
	(void)f;
	top_count(to, c->now->info.producer_cnt);
}

static void
put_consumers(char *to, const struct top_figures *f,
	      const struct top_channel *c)
{
	(void)f;
	top_count(to, c->now->info.consumer_cnt);
}

static void
put_age(char *to, const struct top_figures *f, const struct top_channel *c)
{
	(void)f;
	if (c->age_ns == INT64_MAX)
		strcpy(to, "-");
	else
		units_time(to, c->age_ns);
}

/* ---- by what they sort ---- */

static double
by_records(const struct top_channel *c)
{
	return (double)c->records;
}

static double
by_bytes(const struct top_channel *c)
{
	return (double)c->bytes;
}

static double
by_lag(const struct top_channel *c)
{
	return (double)c->sum.lag;
}

static double
by_lost(const struct top_channel *c)
{
	return (double)c->sum.lost;
}

/* the youngest first */
static double
by_age(const struct top_channel *c)
{
	return -(double)c->age_ns;
}

const struct top_column top_columns[] = {
    {"CHANNEL", "name", 'n', 0, 0, NULL, NULL, 0, NULL},
    {"REC/S", "rate", 'r', 6, 1, put_rate, NULL, 0, by_records},
    {"BYTES/S", "bytes", 'b', 7, 4, put_bytes, NULL, 0, by_bytes},
    {"FILL", "fill", 'f', 7, 7, put_fill, top_fill, 0, top_fill},
    {"LAG", "lag", 'l', 5, 2, put_lag, NULL, 0, by_lag},
    {"BEHIND", NULL, 0, 7, 3, put_behind, lag, 1, NULL},
    {"LOST", "lost", 'x', 5, 5, put_lost, NULL, 0, by_lost},
    {"PRO", NULL, 0, 4, 9, put_producers, NULL, 0, NULL},
    {"CON", NULL, 0, 4, 8, put_consumers, NULL, 0, NULL},
    {"AGE", "age", 'a', 7, 6, put_age, NULL, 0, by_age},
};
const size_t top_column_cnt = sizeof(top_columns) / sizeof(*top_columns);

const struct top_column *
top_by_word(const char *word)
{
	for (size_t i = 0; i < top_column_cnt; i++)
		if (top_columns[i].sort &&
		    strcmp(top_columns[i].sort, word) == 0)
			return &top_columns[i];
	return NULL;
}

const struct top_column *
top_by_key(int key)
{
	for (size_t i = 0; i < top_column_cnt; i++)
		if (top_columns[i].key && top_columns[i].key == key)
			return &top_columns[i];
	return NULL;
}

struct order {
	const struct top_column *by;
	int sign;
};

static int
compare(const void *left, const void *right, void *arg)
{
	const struct top_channel *a, *b;
	const struct order *o = arg;
	int names;
	double x, y;

	memcpy(&a, left, sizeof(a));
	memcpy(&b, right, sizeof(b));
	names = strcmp(a->now->info.name, b->now->info.name);
	if (a->now->info.damaged != b->now->info.damaged)
		return a->now->info.damaged ? 1 : -1;
	if (!o->by->value || a->now->info.damaged)
		return o->by->value ? names : o->sign * names;
	x = o->by->value(a);
	y = o->by->value(b);
	return x == y ? names : x > y ? -o->sign : o->sign;
}

void
top_sort(const struct top_channel **rows, size_t cnt,
	 const struct top_column *by, int reverse)
{
	struct order o = {by, reverse ? -1 : 1};

	if (cnt)
		qsort_r(rows, cnt, sizeof(*rows), compare, &o);
}
