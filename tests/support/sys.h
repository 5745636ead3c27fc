/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sys.h - what the system under a test really does, asked of it.  Emulators
 * of single programs take advice and ignore it, and lack newer system calls.
 */
#ifndef WI_TESTS_SUPPORT_SYS_H
#define WI_TESTS_SUPPORT_SYS_H

#include <stdbool.h>
#include <sys/mman.h> /* MADV_* */

/* newer than the oldest headers that we are built with */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* Does madvise() with MADV_DONTFORK, MADV_WIPEONFORK or MADV_REMOVE do what it
 * says?  If not, the running test is skipped: return from it. */
bool sys_heeds(int advice);

/* Is this process run by an emulator (of which run.sh was told)? */
bool sys_is_emulated(void);

/* Can a thread sleep on several words at once? */
bool sys_has_futex_waitv(void);

#endif
