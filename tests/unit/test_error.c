/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_error.c - every code has a text of its own.
 */
#include "support/harness.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir.h>

static const int own[] = {
    WEIR_EMSGPACK, WEIR_EJSON,	 WEIR_ESCHEMA,	 WEIR_EBADSCHEMA, WEIR_ENAME,
    WEIR_EINUSE,   WEIR_EFULL,	 WEIR_ECONFIG,	 WEIR_EREMOVED,	  WEIR_ERETIRED,
    WEIR_EREVOKED, WEIR_EFORKED, WEIR_ENOTSTORE, WEIR_EVERSION,	  WEIR_ELAYOUT,
    WEIR_EUNSAFE,  WEIR_ETRUNC,	 WEIR_ECOPY,	 WEIR_ECORRUPT,
};

/* Those of errno that a "Return:" in the headers names. */
static const int named[] = {
    EAGAIN, ENOENT,  EBUSY,  EROFS, EINTR,  EMSGSIZE, ENOBUFS, EINVAL,
    ENOSPC, EDEADLK, EACCES, EPERM, ENOMEM, EMFILE,   ENOTSUP,
};

#define OWN   ((int)(sizeof(own) / sizeof(*own)))
#define NAMED ((int)(sizeof(named) / sizeof(*named)))

static int
code(int i)
{
	return i < OWN ? own[i] : -named[i - OWN];
}

/* The list above is that of the header. */
static void
error_list_is_whole(void)
{
	FILE *f = fopen("include/weir/error.h", "r");
	char line[256];
	int n = 0;

	if (!f) {
		t_skip("not at the top of the tree");
		return;
	}
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, " = -5");

		if (!strstr(line, "WEIR_E") || !at)
			continue;
		n++;
		for (int i = 0; i <= OWN; i++) {
			CU_ASSERT_FATAL(i < OWN);
			if (own[i] == atoi(at + 3))
				break;
		}
	}
	fclose(f);
	CU_ASSERT_EQUAL(n, OWN);
}

static void
error_texts_are_there_and_distinct(void)
{
	for (int i = 0; i < OWN + NAMED; i++) {
		const char *text = weir_strerror(code(i));

		CU_ASSERT_FATAL(text != NULL);
		CU_ASSERT(strlen(text) > 5);
		CU_ASSERT_STRING_NOT_EQUAL(text, "unknown error");
		CU_ASSERT_STRING_NOT_EQUAL(text, "system error");
		CU_ASSERT_STRING_NOT_EQUAL(text, weir_strerror(0));
		CU_ASSERT(strchr(text, '\n') == NULL);
		for (int j = 0; j < i; j++)
			if (strcmp(text, weir_strerror(code(j))) == 0)
				CU_FAIL("two codes have one text");
	}
}

static void
error_text_of_nonsense_is_a_text(void)
{
	const int odd[] = {1,	  5001, -5000,		 -5037,	    -4096,
			   -4095, -133, -2147483647 - 1, 2147483647};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		CU_ASSERT_FATAL(weir_strerror(odd[i]) != NULL);
		CU_ASSERT(strlen(weir_strerror(odd[i])) > 0);
	}
	CU_ASSERT_STRING_EQUAL(weir_strerror(-5037), weir_strerror(5001));
	CU_ASSERT_STRING_NOT_EQUAL(weir_strerror(-133), weir_strerror(5001));
}

static void
error_codes_collide_with_no_errno(void)
{
	for (int i = 0; i < OWN; i++)
		CU_ASSERT(own[i] < -4095);
}

static void
error_version_is_that_of_the_header(void)
{
	char want[32];

	snprintf(want, sizeof(want), "%d.%d.%d", WEIR_VERSION_MAJOR,
		 WEIR_VERSION_MINOR, WEIR_VERSION_PATCH);
	CU_ASSERT_STRING_EQUAL(weir_version(), want);
}

SUITE("error", TEST(error_list_is_whole),
      TEST(error_texts_are_there_and_distinct),
      TEST(error_text_of_nonsense_is_a_text),
      TEST(error_codes_collide_with_no_errno),
      TEST(error_version_is_that_of_the_header));
