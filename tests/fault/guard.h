/* SPDX-License-Identifier: BSD-2-Clause
 *
 * guard.h - fences around the library's mappings.
 *
 * A program that uses guard.c maps files of more than a page with nothing on
 * either side of them: a read or write outside ends in SIGSEGV, which asan,
 * that watches what was allocated only, would not say.
 */
#ifndef WI_TESTS_FAULT_GUARD_H
#define WI_TESTS_FAULT_GUARD_H

#include <stddef.h>

/* How many mappings have fences now. */
size_t guard_cnt(void);

/* Is this built with asan?  Then malloc() gives no more than 64 MiB. */
int guard_by_asan(void);

#endif
