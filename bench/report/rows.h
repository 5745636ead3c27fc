/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rows.h - the lines that the benchmarks printed, looked at once: what is
 * asked of a row afterwards is there.
 */
#ifndef WI_BENCH_REPORT_ROWS_H
#define WI_BENCH_REPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum row_kind {
	ROW_TIME,  /* has typical_ns and percentiles, beside floor_ns */
	ROW_RATE,  /* has rate, beside floor_rate */
	ROW_BYTES, /* has footprint_bytes and real_bytes, and no floor */
	ROW_KINDS
};

struct row {
	enum row_kind kind;
	char *bench, *title;
	char *floor; /* "" if there is none */
	void *msg;   /* the line as msgpack */
	size_t len;
};

struct rows {
	struct row *row;
	size_t cnt;
};

/* rows_read - all lines of the file @path, at least one.
 * Return: 0; or -1, and stderr has which line it is and what is wrong. */
int rows_read(struct rows *rows, const char *path);

void rows_free(struct rows *rows);

/* row_number - 0 or more; NAN if there is no such number. */
double row_number(const struct row *r, const char *member);

/* row_says - is this member this text? */
bool row_says(const struct row *r, const char *member, const char *text);

/* row_beside - do both have the same floor, in the same program, with
 * records of the same length?  Then one picture may have both. */
bool row_beside(const struct row *a, const struct row *b);

#endif
