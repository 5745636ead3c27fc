/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chart.h - figures that stand beside the same floor, as one picture: times
 * with their percentiles, or rates; and in each line where the floor was.
 */
#ifndef WI_BENCH_REPORT_CHART_H
#define WI_BENCH_REPORT_CHART_H

#include <stdio.h>

#include "rows.h"

/* chart_write - an SVG of all rows that row_beside() says belong to @first,
 * which is no ROW_BYTES. */
void chart_write(FILE *f, const struct rows *rows, const struct row *first);

#endif
