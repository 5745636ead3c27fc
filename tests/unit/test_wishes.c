/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_wishes.c - what a handle wishes for its memory.
 */
#include "support/procs.h"
#include "unit/fix.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* "Locked:" or "Rss:" of the mappings of files of @name's store, in KiB. */
static long
kib(const char *name, const char *key)
{
	char line[512], mark[128];
	FILE *f = fopen("/proc/self/smaps", "r");
	bool ours = false;
	long sum = 0;

	CU_ASSERT_FATAL(f != NULL);
	snprintf(mark, sizeof(mark), "weir.%s", name);
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			ours = strstr(line, mark) != NULL;
		else if (ours && strncmp(line, key, strlen(key)) == 0)
			sum += atol(line + strlen(key));
	}
	fclose(f);
	return sum;
}

/* A store of another handle's, with a channel of a MiB; what its pages are in
 * a second handle with these wishes. */
static long
with(uint32_t flags, const char *key)
{
	const char *name;
	weir_store *made = tmpstore_new(&name), *st = NULL;
	weir_channel *ch;
	long before, got;

	fix_rc(weir_channel_open(made, "c", CH_OPTS(.lane_bytes = 1 << 17), &ch,
				 &fix_diag),
	       "channel");
	weir_channel_close(ch);
	before = kib(name, key);
	fix_rc(
	    weir_store_open(name, STORE_OPTS(.flags = flags), &st, &fix_diag),
	    "store");
	fix_rc(weir_channel_open(st, "c", NULL, &ch, &fix_diag), "channel");
	got = kib(name, key) - before;
	weir_store_close(st);
	weir_store_close(made);
	return got;
}

static void
prefaulted_pages_are_there(void)
{
	long without = with(0, "Rss:");
	long wished = with(WEIR_PREFAULT, "Rss:");

	t_log("%ld KiB without, %ld with\n", without, wished);
	if (wished < without + 900 && wished < 1000)
		t_skip("this kernel has no MADV_POPULATE_WRITE");
	CU_ASSERT(without < 500);
	CU_ASSERT(wished > 1000);
}

static void
locked_pages_are_locked(void)
{
	CU_ASSERT_EQUAL(with(0, "Locked:"), 0);
	CU_ASSERT(with(WEIR_LOCK_MEMORY, "Locked:") > 1000);
}

static void
huge_pages_are_only_a_wish(void)
{
	CU_ASSERT(with(WEIR_HUGE_PAGES, "Rss:") >= 0);
}

/* In a child without the right to lock more than it is given. */
static int
be_refused(struct proc *me, void *arg)
{
	struct rlimit limit = {1 << 16, 1 << 16};
	weir_diag diag = {.message = ""};
	weir_store *st = NULL;
	int rc;

	(void)me;
	proc_check(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	if (geteuid() == 0)
		proc_check(setresuid(65534, 65534, 65534) == 0);
	rc = weir_store_open(
	    NULL, STORE_OPTS(.flags = WEIR_PRIVATE | WEIR_LOCK_MEMORY), &st,
	    &diag);
	(void)arg;
	proc_check(rc == -ENOMEM || rc == -EPERM || rc == -EAGAIN);
	proc_check(st == NULL);
	proc_check(strstr(diag.message, "RLIMIT_MEMLOCK") != NULL);
	return 0;
}

static void
what_may_not_be_locked_is_said(void)
{
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, be_refused, NULL) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
}

static void
observers_have_none(void)
{
	const char *name;
	weir_store *made = tmpstore_new(&name), *st = NULL;

	CU_ASSERT_EQUAL(
	    weir_store_open(name,
			    STORE_OPTS(.flags = WEIR_READ_ONLY | WEIR_PREFAULT),
			    &st, &fix_diag),
	    -EINVAL);
	CU_ASSERT(strstr(fix_diag.message, "WEIR_READ_ONLY") != NULL);
	weir_store_close(made);
}

SUITE("wishes", TEST(prefaulted_pages_are_there), TEST(locked_pages_are_locked),
      TEST(huge_pages_are_only_a_wish), TEST(what_may_not_be_locked_is_said),
      TEST(observers_have_none));
