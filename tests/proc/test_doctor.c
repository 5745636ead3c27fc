/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_doctor.c - `weir doctor` where a shell cannot bring it: run by the
 * creator of a store that is gone, on an old kernel, in a full file system.
 */
#include "kit.h"
#include "support/ns.h"
#include "support/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

static char out[8192];

/* Run the command: what it prints is in out[].  Return: its exit code. */
static int
weir(const char *args)
{
	const char *command = getenv("WEIR");
	char line[512];
	size_t n;
	FILE *f;

	snprintf(line, sizeof(line), "'%s' %s 2>&1", command, args);
	f = popen(line, "r");
	if (!f)
		return -1;
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = 0;
	n = (size_t)pclose(f);
	return WIFEXITED((int)n) ? WEXITSTATUS((int)n) : -1;
}

static bool
has(const char *text)
{
	if (strstr(out, text))
		return true;
	fprintf(stderr, "no \"%s\" in:\n%s\n", text, out);
	return false;
}

static bool
can_run(void)
{
	if (getenv("WEIR") && !sys_is_emulated())
		return true;
	t_skip(sys_is_emulated()
		   ? "the command would have to be run by the emulator, too"
		   : "WEIR, the command to run, is not in the environment");
	return false;
}

/* The creator's mapping has no name that says anything. */
static void
doctor_finds_a_creator(void)
{
	const char *name;
	char args[128], want[128];
	weir_store *st;

	if (!can_run())
		return;
	st = tmpstore_new(&name);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	snprintf(args, sizeof(args), "doctor --store %s", name);
	snprintf(want, sizeof(want),
		 "problem store-held: pid %d still has a store %s open",
		 (int)getpid(), name);
	CU_ASSERT_EQUAL(weir(args), 1);
	CU_ASSERT(has(want));
	/* one of the next store of that name is not */
	snprintf(args, sizeof(args), "doctor --store %s-x", name);
	CU_ASSERT_EQUAL(weir(args), 3);
	/* once it lets go, there is none */
	weir_store_close(st);
	snprintf(args, sizeof(args), "doctor --store %s", name);
	CU_ASSERT_EQUAL(weir(args), 3);
}

/* ---- a kernel without what came late
 * ------------------------------------------ */

#define JUMP(nr)                                                               \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),                       \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)

static int
old_kernel(struct proc *me, void *arg)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    JUMP(SYS_futex_waitv),
	    JUMP(SYS_membarrier),
	    JUMP(SYS_get_robust_list),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};
	char args[128];

	(void)me;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return 77;
	snprintf(args, sizeof(args), "doctor --store %s", (const char *)arg);
	proc_check(weir(args) == 0);
	proc_check(has("note kernel-old: no futex_waitv"));
	proc_check(has("note kernel-old: no membarrier"));
	proc_check(has("note kernel-old: no robust list"));
	return 0;
}

static void
run(int (*fn)(struct proc *me, void *arg), void *arg)
{
	struct proc p;
	int rc;

	CU_ASSERT_EQUAL_FATAL(proc_start(&p, fn, arg), 0);
	rc = proc_wait(&p);
	if (rc == 77)
		t_skip("not allowed here");
	else
		CU_ASSERT_EQUAL(rc, 0);
}

static void
doctor_on_an_old_kernel(void)
{
	const char *name;
	weir_store *st;
	char args[128];

	if (!can_run())
		return;
	st = tmpstore_new(&name);
	snprintf(args, sizeof(args), "doctor --store %s", name);
	CU_ASSERT_EQUAL(weir(args), 0);
	CU_ASSERT(strstr(out, "kernel-old") == NULL ||
		  syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) < 0);
	run(old_kernel, (void *)name);
	weir_store_close(st);
	tmpstore_drop(name);
}

/* ---- a full file system
 * ------------------------------------------------------- */

/* Take memory from the file system. */
static void
fill(const char *dir, const char *file, uint64_t bytes)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	proc_check(fd >= 0);
	proc_check(posix_fallocate(fd, 0, (off_t)bytes) == 0);
	close(fd);
}

static int
full(struct proc *me, void *arg)
{
	const char *dir = arg;
	char args[256];

	(void)me;
	if (ns_tmpfs(dir, "size=16m") == 77)
		return 77;
	snprintf(args, sizeof(args), "create --dir %s --store s", dir);
	proc_check(weir(args) == 0);
	snprintf(args, sizeof(args), "doctor --dir %s --store s", dir);
	proc_check(weir(args) == 0);
	proc_check(has("nothing is wrong"));
	fill(dir, "a", (15u << 20) - (200u << 10));
	proc_check(weir(args) == 0);
	proc_check(has("note fs-low: "));
	proc_check(has("next: df -h "));
	fill(dir, "b", 700u << 10);
	proc_check(weir(args) == 1);
	proc_check(has("problem fs-full: "));
	proc_check(has("the channels that are there have their memory"));
	proc_check(strstr(out, "fs-low") == NULL);
	return 0;
}

static void
doctor_in_a_full_file_system(void)
{
	char dir[] = "/tmp/weir-test-XXXXXX";

	if (!can_run())
		return;
	CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
	run(full, dir);
	rmdir(dir);
}

SUITE("doctor", TEST(doctor_finds_a_creator), TEST(doctor_on_an_old_kernel),
      TEST(doctor_in_a_full_file_system));
