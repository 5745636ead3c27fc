/* SPDX-License-Identifier: BSD-2-Clause
 *
 * users.c - see users.h
 */
#include "users.h"

#include <unistd.h>

#include "support/harness.h"
#include "support/ns.h"

struct role {
	int (*fn)(struct proc *me, void *arg);
	void *arg;
	uid_t uid;
};

static int
as_user(struct proc *me, void *arg)
{
	struct role *r = arg;
	int rc = 0;

	if (r->uid == OWNER)
		rc = ns_user(OWNER, GROUP, 0);
	else if (r->uid == MEMBER)
		rc = ns_user(MEMBER, MEMBER, GROUP);
	else if (r->uid == STRANGER)
		rc = ns_user(STRANGER, STRANGER, 0);
	return rc ? rc : r->fn(me, r->arg);
}

struct proc
user_start(uid_t uid, int (*fn)(struct proc *me, void *arg), void *arg)
{
	struct role r = {fn, arg, uid};
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, as_user, &r) == 0);
	return p;
}

int
user_run(uid_t uid, int (*fn)(struct proc *me, void *arg), void *arg)
{
	struct proc p = user_start(uid, fn, arg);

	return proc_wait(&p);
}

static int
nothing(struct proc *me, void *arg)
{
	(void)me;
	(void)arg;
	return 0;
}

bool
users_absent(void)
{
	if (geteuid() == 0 && user_run(OWNER, nothing, NULL) == 0)
		return false;
	t_skip("needs root, and user ids to change to");
	return true;
}
