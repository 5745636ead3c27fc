/* SPDX-License-Identifier: BSD-2-Clause
 *
 * harness.h - a test program: a list of small functions, and this.
 *
 *     #include "support/harness.h"
 *
 *     static void
 *     ring_push_full_returns_eagain(void)
 *     {
 *             CU_ASSERT_EQUAL(wi_ring_push(...), -EAGAIN);
 *     }
 *
 *     SUITE("ring", TEST(ring_push_full_returns_eagain));
 *
 * main() is in main.c.  A program that brings a main() of its own gets that
 * one instead; it ends with 0, 1, or 77 for "cannot run here".
 */
#ifndef WI_TESTS_SUPPORT_HARNESS_H
#define WI_TESTS_SUPPORT_HARNESS_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define TEST(fn) {#fn, fn}
/* clang-format on */

/* SUITE_WITH takes functions that run before and after each test. */
#define SUITE_WITH(name, before, after, ...)                                   \
	const char *const t_suite_name = (name);                               \
	void (*const t_suite_before)(void) = (before);                         \
	void (*const t_suite_after)(void) = (after);                           \
	CU_TestInfo t_suite_tests[] = {__VA_ARGS__, CU_TEST_INFO_NULL}

#define SUITE(name, ...) SUITE_WITH(name, NULL, NULL, __VA_ARGS__)

extern const char *const t_suite_name;
extern void (*const t_suite_before)(void);
extern void (*const t_suite_after)(void);
extern CU_TestInfo t_suite_tests[];

/* The seed for a random test: @dflt, or what --seed says.  It is printed
 * when the test fails. */
uint64_t t_seed(uint64_t dflt);

/* True in `make torture`: do all of it, not a sample. */
bool t_torture(void);

/* This test cannot run here.  Say why, then return from it. */
void t_skip(const char *why);

/* printf to the log of the test, which is shown when it fails. */
void t_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
