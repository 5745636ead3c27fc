/* SPDX-License-Identifier: BSD-2-Clause
 *
 * table.h - the rows of one program and one kind, as numbers.
 */
#ifndef WI_BENCH_REPORT_TABLE_H
#define WI_BENCH_REPORT_TABLE_H

#include "page.h"
#include "rows.h"

/* table_write - nothing if there are none. */
void table_write(struct page *p, const struct rows *rows, const char *bench,
		 enum row_kind kind);

#endif
