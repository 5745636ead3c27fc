/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomic.h"

/* not in older headers; the same on all machines */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define HUGE_LEN_FILE "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"

int
wi_advise(void *p, uint64_t len, int how)
{
	int r;

	do
		r = madvise(p, (size_t)len, how);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return 0;
	if (errno == EINVAL)
		return -ENOSYS;
	return errno == EAGAIN ? -ENOMEM : -errno;
}

static uintptr_t
page_len(void)
{
	return (uintptr_t)sysconf(_SC_PAGESIZE);
}

/* The whole pages that the range has a part of: where they begin; *@len of
 * them. */
static uint8_t *
round_out(void *p, uint64_t *len)
{
	uintptr_t mask = page_len() - 1, from = (uintptr_t)p & ~mask;

	*len = (((uintptr_t)p + *len + mask) & ~mask) - from;
	return (uint8_t *)p - ((uintptr_t)p - from);
}

/* ---- faulting in ------------------------------------------------------------
 */

/* The old way, a look at each page.  In a tmpfs that is as good for writing:
 * the kernel need not be told there which pages are dirty. */
static void
touch(const uint8_t *at, uint64_t len)
{
	for (const uint8_t *end = at + len; at < end; at += page_len())
		(void)wi_load_relaxed((const uint64_t *)(const void *)at);
}

int
wi_pages_fault(void *p, uint64_t len)
{
	uint8_t *at = round_out(p, &len);
	int rc = wi_advise(at, len, MADV_POPULATE_WRITE);

	if (rc != -ENOSYS)
		return rc;
	touch(at, len);
	return 0;
}

/* ---- locking ----------------------------------------------------------------
 */

int
wi_pages_lock(void *p, uint64_t len)
{
	uint8_t *at = round_out(p, &len);

	if (mlock2(at, (size_t)len, MLOCK_ONFAULT) == 0)
		return 0;
	/* the C library cannot do without the call, and says EINVAL */
	return errno == EAGAIN ? -ENOMEM : errno == EINVAL ? -ENOSYS : -errno;
}

void
wi_pages_unlock(void *p, uint64_t len)
{
	uint8_t *at = round_out(p, &len);

	/* not munlock(), which does nothing under sanitizers */
	syscall(SYS_munlock, at, (size_t)len);
}

uint64_t
wi_pages_lock_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

/* ---- huge pages -------------------------------------------------------------
 *
 * A store's memory is allocated through the file, before anybody touches it,
 * and by then the kernel has made small pages of it: MADV_HUGEPAGE, which is
 * about the pages that a touch makes, does nothing.  MADV_COLLAPSE replaces
 * small pages by huge ones at once, whatever the administrator has set for the
 * kernel to do by itself (shmem_enabled, the mount option huge=), unless that
 * is "deny".
 */

uint64_t
wi_huge_len(void)
{
	FILE *f = fopen(HUGE_LEN_FILE, "re");
	unsigned long long len = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &len) != 1 || len < page_len() ||
	    (len & (len - 1)))
		len = 0;
	fclose(f);
	return len;
}

void *
wi_huge_place(uint64_t len)
{
	uint64_t huge = wi_huge_len();
	uint8_t *p;

	if (!huge || len < huge || len > SIZE_MAX - huge)
		return NULL;
	p = mmap(NULL, (size_t)(len + huge), PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	munmap(p, (size_t)(len + huge));
	return p + (-(uintptr_t)p & (huge - 1));
}

void
wi_huge_make(void *p, uint64_t len)
{
	uint64_t huge = wi_huge_len();
	uint8_t *at = p, *end = at + len;

	if (!huge)
		return;
	at += -(uintptr_t)at & (huge - 1);
	end -= (uintptr_t)end & (huge - 1);
	/* one by one: the kernel ends at the first for which it has no room */
	for (; at < end; at += huge)
		if (wi_advise(at, huge, MADV_COLLAPSE) == -ENOSYS)
			return;
}

uint64_t
wi_huge_mapped(const void *p, uint64_t len)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long long from, to, kb, bytes = 0;
	char line[512];
	bool is_in = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			is_in =
			    from >= (uintptr_t)p && to - (uintptr_t)p <= len;
		else if (is_in &&
			 (sscanf(line, "ShmemPmdMapped: %llu", &kb) == 1 ||
			  sscanf(line, "FilePmdMapped: %llu", &kb) == 1))
			bytes += kb * 1024;
	}
	if (f)
		fclose(f);
	return bytes;
}
