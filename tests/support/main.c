/* SPDX-License-Identifier: BSD-2-Clause
 *
 * main.c - runs the suite of a test program.
 *
 *     test_ring [--list] [--seed N] [NAME-PART ...]
 *
 * Without a name all tests run, else those whose name has one of the parts
 * in it.  Each test is announced before it starts, so that the log of one
 * that crashes or hangs ends with its name.  The last line is for run.sh:
 *
 *     # ring: 12 tests, 345 asserts, 0 failed, 0 skipped
 *
 * Exit: 0 all passed, 1 some failed, 2 wrong usage, 77 all were skipped.
 */
#include "support/harness.h"
#include <CUnit/TestRun.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed_given;
static bool have_seed_given;

/* of the test that runs now */
static uint64_t seed_used;
static bool have_seed_used;
static bool skipped_now;

static unsigned ran_cnt;
static unsigned failed_cnt;
static unsigned skipped_cnt;

uint64_t
t_seed(uint64_t dflt)
{
	seed_used = have_seed_given ? seed_given : dflt;
	have_seed_used = true;
	return seed_used;
}

bool
t_torture(void)
{
	const char *s = getenv("WEIR_TORTURE");

	return s && *s && strcmp(s, "0") != 0;
}

void
t_skip(const char *why)
{
	skipped_now = true;
	printf("skipped: %s\n", why);
}

void
t_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static void
on_start(const CU_pTest test, const CU_pSuite suite)
{
	(void)suite;
	have_seed_used = skipped_now = false;
	printf("- %s\n", test->pName);
	if (t_suite_before)
		t_suite_before();
}

static void
on_complete(const CU_pTest test, const CU_pSuite suite,
	    const CU_pFailureRecord failures)
{
	const CU_FailureRecord *f;

	(void)suite;
	if (t_suite_after)
		t_suite_after();
	ran_cnt++;
	if (!failures) {
		skipped_cnt += skipped_now;
		return;
	}
	failed_cnt++;
	for (f = failures; f; f = f->pNext)
		printf("%s:%u: %s: failed: %s\n",
		       f->strFileName ? f->strFileName : "?", f->uiLineNumber,
		       test->pName, f->strCondition ? f->strCondition : "?");
	if (have_seed_used)
		printf("seed: again with --seed %llu %s\n",
		       (unsigned long long)seed_used, test->pName);
}

static bool
wanted(const char *name, char *const *parts)
{
	if (!*parts)
		return true;
	for (; *parts; parts++)
		if (strstr(name, *parts))
			return true;
	return false;
}

static int
usage(const char *self)
{
	fprintf(stderr, "usage: %s [--list] [--seed N] [NAME-PART ...]\n",
		self);
	return 2;
}

int
main(int argc, char **argv)
{
	CU_pSuite suite;
	CU_TestInfo *t;
	unsigned added = 0;
	int i;

	/* Children that a test forks must not print our lines again. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--list") == 0) {
			for (t = t_suite_tests; t->pName; t++)
				puts(t->pName);
			return 0;
		}
		if (strcmp(argv[i], "--seed") != 0 || i + 1 == argc)
			return usage(argv[0]);
		seed_given = strtoull(argv[++i], NULL, 0);
		have_seed_given = true;
	}

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 1;
	suite = CU_add_suite(t_suite_name, NULL, NULL);
	if (!suite)
		return 1;
	for (t = t_suite_tests; t->pName; t++) {
		if (!wanted(t->pName, argv + i))
			continue;
		if (!CU_add_test(suite, t->pName, t->pTestFunc))
			return 1;
		added++;
	}
	if (added == 0) {
		fprintf(stderr, "%s: no such test\n", argv[0]);
		return 2;
	}

	CU_set_test_start_handler(on_start);
	CU_set_test_complete_handler(on_complete);
	CU_set_error_action(CUEA_IGNORE);
	CU_run_all_tests();
	printf("# %s: %u tests, %u asserts, %u failed, %u skipped\n",
	       t_suite_name, ran_cnt, CU_get_number_of_asserts(), failed_cnt,
	       skipped_cnt);
	CU_cleanup_registry();
	if (failed_cnt || ran_cnt != added)
		return 1;
	return skipped_cnt == ran_cnt ? 77 : 0;
}
