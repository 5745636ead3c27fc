/* SPDX-License-Identifier: BSD-2-Clause
 *
 * callerr.h - which errors a system call can end with, and what weir makes of
 * them.
 */
#ifndef WI_TESTS_FAULT_CALLERR_H
#define WI_TESTS_FAULT_CALLERR_H

#include <stdbool.h>
#include <stdint.h>

/* A system call that somebody is about to make. */
struct syscall_made {
	int64_t nr;
	uint64_t arg[6];
};

#define ERRS_MAX 10

/* A kind of call: one number, and sometimes one of its commands. */
struct callerr {
	const char *name;
	bool (*is)(const struct syscall_made *c);
	bool is_done; /* it does its work and then says that it failed */
	int errs[ERRS_MAX + 1];	 /* positive, 0 at the end */
	int never[ERRS_MAX + 1]; /* of those: may also be so for good, and weir
				    must do without */
};

/* The kind of @c; NULL: one that the table does not know.  One that cannot
 * fail has no errs. */
const struct callerr *callerr_of(const struct syscall_made *c);

/* Does @rc say the cause of a failure of @k with @err? */
bool callerr_said(const struct callerr *k, int err, int64_t rc);

#endif
