/* SPDX-License-Identifier: BSD-2-Clause
 *
 * pages.h - what the kernel is asked to do with the pages of a mapping.
 *
 * All functions return 0 (or what is said) or -errno.  EINTR never comes out.
 */
#ifndef WI_PLATFORM_PAGES_H
#define WI_PLATFORM_PAGES_H

#include <stdint.h>

/* wi_advise - madvise().  -ENOSYS: advice that the kernel does not know;
 * -ENOMEM also for too much locked memory (mlockall). */
int wi_advise(void *p, uint64_t len, int how);

/* wi_pages_fault - enter the pages of [p, p + len) of a mapping that can be
 * written to into this process's page table.  A hole takes memory by it.
 * Return: 0; -EFAULT there is none for it, or the file ends before (on a kernel
 * before 5.14 that is SIGBUS, as by any look); -ENOMEM and others. */
int wi_pages_fault(void *p, uint64_t len);

/* wi_pages_lock - keep the pages of [p, p + len) in memory, once somebody has
 * used them: a hole takes none.  As long as they are locked, wi_shm_free() of
 * them through the same mapping gives nothing back.
 * Return: 0; -ENOMEM past wi_pages_lock_limit(), -EPERM if that is 0; others.
 */
int wi_pages_lock(void *p, uint64_t len);
void wi_pages_unlock(void *p, uint64_t len);

/* wi_pages_lock_limit - how many bytes this process may lock in all without
 * CAP_IPC_LOCK; UINT64_MAX: any. */
uint64_t wi_pages_lock_limit(void);

/* wi_huge_len - how long a huge page is; 0: there are none. */
uint64_t wi_huge_len(void);

/* wi_huge_place - an address for a mapping of @len bytes where huge pages can
 * be mapped as such, free just now; NULL: none. */
void *wi_huge_place(uint64_t len);

/* wi_huge_make - make huge pages of what lies in [p, p + len) of a file that is
 * mapped at a wi_huge_place() from its start, where all of such a page is in
 * the range.  A hole in the range takes memory by it.  A wish: what cannot
 * be stays as it is. */
void wi_huge_make(void *p, uint64_t len);

/* wi_huge_mapped - how many of the bytes [p, p + len) this process has mapped
 * by huge pages now. */
uint64_t wi_huge_mapped(const void *p, uint64_t len);

#endif
