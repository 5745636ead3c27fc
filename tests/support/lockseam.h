/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lockseam.h - a place to stand: between a look at shared memory and the next.
 *
 * Who lives is asked of the kernel with fcntl().  A program that includes
 * this, in one file, sees each such question before the kernel does, and can
 * let others do something just then:
 *
 *     lockseam_set(fn);       the next one, once, runs fn
 */
#ifndef WI_TESTS_SUPPORT_LOCKSEAM_H
#define WI_TESTS_SUPPORT_LOCKSEAM_H

#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef void lockseam_fn(int cmd, const struct flock *lock);

static lockseam_fn *lockseam_next;

/* @fn: F_OFD_GETLK or F_OFD_SETLK and its argument; NULL: nothing any more. */
static inline void
lockseam_set(lockseam_fn *fn)
{
	__atomic_store_n(&lockseam_next, fn, __ATOMIC_SEQ_CST);
}

int
fcntl(int fd, int cmd, ...)
{
	lockseam_fn *fn = NULL;
	va_list args;
	void *arg;

	va_start(args, cmd);
	arg = va_arg(args, void *);
	va_end(args);
	if (cmd == F_OFD_GETLK || cmd == F_OFD_SETLK)
		fn =
		    __atomic_exchange_n(&lockseam_next, NULL, __ATOMIC_SEQ_CST);
	if (fn)
		fn(cmd, arg);
	return (int)syscall(SYS_fcntl, fd, cmd, arg);
}

#endif
