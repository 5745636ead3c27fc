/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sys.c - see sys.h
 */
#include "support/sys.h"
#include "support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYS_FUTEX_WAITV 449 /* on all machines; not in older headers */

/* What a child finds where @p was: true, what the advice promised. */
static bool
in_child(int advice, char *p, size_t len)
{
	unsigned char in_core;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		bool ok = advice == MADV_DONTFORK
			      ? mincore(p, len, &in_core) < 0 && errno == ENOMEM
			      : *p == 0;

		_exit(ok ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
heeds(int advice)
{
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	int fd = advice == MADV_REMOVE
		     ? open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
		     : -1;
	int flags = advice == MADV_WIPEONFORK ? MAP_PRIVATE | MAP_ANONYMOUS
		    : advice == MADV_DONTFORK ? MAP_SHARED | MAP_ANONYMOUS
					      : MAP_SHARED;
	bool ok = false;
	char *p;

	if (advice == MADV_REMOVE && (fd < 0 || ftruncate(fd, (off_t)len) < 0))
		return false;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (p != MAP_FAILED) {
		*p = 1;
		ok = madvise(p, len, advice) == 0 &&
		     (advice == MADV_REMOVE ? *p == 0
					    : in_child(advice, p, len));
		munmap(p, len);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
sys_heeds(int advice)
{
	if (heeds(advice))
		return true;
	t_skip(advice == MADV_DONTFORK	   ? "MADV_DONTFORK is ignored here"
	       : advice == MADV_WIPEONFORK ? "MADV_WIPEONFORK is ignored here"
					   : "MADV_REMOVE is ignored here");
	return false;
}

bool
sys_is_emulated(void)
{
	const char *s = getenv("WEIR_EMULATOR");

	return s && *s;
}

bool
sys_has_futex_waitv(void)
{
	/* no words: the call, if it is there, says so */
	return syscall(SYS_FUTEX_WAITV, NULL, 0, 0, NULL, 0) < 0 &&
	       errno == EINVAL;
}
