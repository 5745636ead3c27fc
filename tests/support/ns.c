/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ns.c - see ns.h
 */
#include "support/ns.h"
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"

static bool
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* This user is root in here. */
static bool
map_user(uid_t uid, gid_t gid)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %ld 1", (long)uid);
	if (!put("/proc/self/uid_map", map))
		return false;
	snprintf(map, sizeof(map), "0 %ld 1", (long)gid);
	return put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/gid_map", map);
}

int
ns_enter(int flags)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid != 0)
		flags |= CLONE_NEWUSER;
	if (unshare(flags) < 0)
		return 77;
	if ((flags & CLONE_NEWUSER) && !map_user(uid, gid))
		return 77;
	if ((flags & CLONE_NEWNS) &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	return 0;
}

int
ns_tmpfs(const char *dir, const char *options)
{
	int rc = ns_enter(CLONE_NEWNS);

	if (rc == 0 && mount("weir-test", dir, "tmpfs", 0, options) < 0)
		rc = 77;
	return rc;
}

int
ns_user(uid_t uid, gid_t gid, gid_t also)
{
	/* changing users undoes both: that this process dies with its parent,
	 * and that /proc/self is its own */
	if (setgroups(also != 0, &also) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		return 77;
	return 0;
}

int
ns_fork(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		status = fn(arg);
		fflush(NULL);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 77;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void
ns_try_tmpfs(char *dir, int (*fn)(struct proc *me, void *arg), void *arg)
{
	struct proc p;
	int rc;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	CU_ASSERT_EQUAL_FATAL(proc_start(&p, fn, arg), 0);
	rc = proc_wait(&p);
	rmdir(dir);
	if (rc == 77)
		t_skip("may not mount a tmpfs");
	else
		CU_ASSERT_EQUAL(rc, 0);
}
