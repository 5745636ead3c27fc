/* SPDX-License-Identifier: BSD-2-Clause
 *
 * users.h - children that are other users than this one, which must be root.
 */
#ifndef WI_TESTS_PROC_USERS_H
#define WI_TESTS_PROC_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "support/procs.h"

/* Nobody's, one hopes; nothing of theirs stays. */
#define OWNER	 64101u
#define MEMBER	 64102u
#define STRANGER 64103u
#define GROUP	 64110u /* of the owner, and the member's second one */

/* Cannot this program be anybody?  Then the test is skipped. */
bool users_absent(void);

/* Start fn(me, arg) as user @uid (0: stay root), or do nothing but fail the
 * test. */
struct proc user_start(uid_t uid, int (*fn)(struct proc *me, void *arg),
		       void *arg);

/* And wait for its end.  Return: as proc_wait(). */
int user_run(uid_t uid, int (*fn)(struct proc *me, void *arg), void *arg);

#endif
