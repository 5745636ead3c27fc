/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ns.h - other namespaces and other users, for tests that need them.
 *
 * All of this changes the calling process for good, so it is called in a
 * child (procs.h).  What may not be done here returns 77, "cannot run here",
 * and the test passes that on as its exit status and skips.
 */
#ifndef WI_TESTS_SUPPORT_NS_H
#define WI_TESTS_SUPPORT_NS_H

#include <sys/types.h>

#include "support/procs.h"

/* Into new namespaces (CLONE_NEW*); without root also a user namespace in
 * which this user is root.  Mounts made in a new mount namespace are seen
 * there alone.  Return: 0 or 77. */
int ns_enter(int flags);

/* The same, and a tmpfs at @dir, with mount options as "size=1m". */
int ns_tmpfs(const char *dir, const char *options);

/* In the test itself: make the directory @dir, a name for mkdtemp(), run
 * @fn(me, arg) in a child, which mounts its tmpfs there, and remove it.  77
 * from @fn skips the test, what else is not 0 fails it. */
void ns_try_tmpfs(char *dir, int (*fn)(struct proc *me, void *arg), void *arg);

/* Become user @uid with group @gid and the supplementary group @also (0:
 * none), with no way back.  Return: 0 or 77: not root, or they are not
 * mapped here. */
int ns_user(uid_t uid, gid_t gid, gid_t also);

/* In a new process that does what @fn says and exits with what it returns,
 * as the first one of a PID (or time) namespace that was entered before.
 * Return: the exit status, or minus the signal. */
int ns_fork(int (*fn)(void *arg), void *arg);

#endif
