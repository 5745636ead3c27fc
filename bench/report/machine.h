/* SPDX-License-Identifier: BSD-2-Clause
 *
 * machine.h - what a number means nothing without: where it was measured.
 */
#ifndef WI_BENCH_REPORT_MACHINE_H
#define WI_BENCH_REPORT_MACHINE_H

#include "page.h"
#include "rows.h"

/* machine_write - a table of what this machine says of itself, how far apart
 * its processors were by @rows, and @cnt @facts, each "NAME=WHAT". */
void machine_write(struct page *p, const struct rows *rows,
		   const char *const *facts, size_t cnt);

#endif
