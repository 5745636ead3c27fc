/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_shm.c - files in a shared-memory directory, and mappings of them.
 */
#include "support/sys.h"
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "platform/shm.h"

#define DIR    "/dev/shm"
#define PAGE   4096u
#define MIB    ((uint64_t)1 << 20)
#define RACERS 6

static char path[64], second[64];

static void
before(void)
{
	snprintf(path, sizeof(path), DIR "/weir-test-%ld-shm", (long)getpid());
	snprintf(second, sizeof(second), DIR "/weir-test-%ld-shm2",
		 (long)getpid());
}

static void
after(void)
{
	unlink(path);
	unlink(second);
}

static struct wi_file_info
info_of(int fd)
{
	struct wi_file_info info;

	memset(&info, 0xee, sizeof(info));
	CU_ASSERT_EQUAL(wi_shm_stat(fd, &info), 0);
	return info;
}

/* Unnamed, and mapped for reading and writing. */
static uint8_t *
fresh_map(int *fd, uint64_t len)
{
	void *map = NULL;

	*fd = wi_shm_anonymous(NULL, len, 0600);
	CU_ASSERT_FATAL(*fd >= 0);
	CU_ASSERT_FATAL(wi_shm_map(*fd, len, false, NULL, &map) == 0);
	return map;
}

/* ---- names
 * ------------------------------------------------------------------- */

static void
anonymous_in(const char *dir)
{
	mode_t old = umask(0077);
	int fd = wi_shm_anonymous(dir, 5 * PAGE + 1, 0666);
	struct wi_file_info info;

	umask(old);
	CU_ASSERT_FATAL(fd >= 0);
	info = info_of(fd);
	CU_ASSERT(info.is_regular);
	CU_ASSERT_EQUAL(info.mode, 0666);
	CU_ASSERT_EQUAL(info.len, 5 * PAGE + 1);
	CU_ASSERT_EQUAL(info.real_bytes, 0);
	CU_ASSERT_EQUAL(info.link_cnt, 0);
	CU_ASSERT_EQUAL(info.uid, wi_uid());
	CU_ASSERT_EQUAL(info.uid, geteuid());
	CU_ASSERT_EQUAL(info.gid, getegid());
	CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	wi_fd_close(fd);
	CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
}

static void
shm_anonymous_is_as_asked(void)
{
	anonymous_in(DIR);
	anonymous_in(NULL);
	wi_fd_close(-1);
}

static void
shm_anonymous_impossible_says_why(void)
{
	int next = dup(0);

	close(next);
	CU_ASSERT_EQUAL(wi_shm_anonymous(DIR "/weir-test-no-such", 1, 0600),
			-ENOENT);
	CU_ASSERT_EQUAL(wi_shm_anonymous(NULL, UINT64_MAX, 0600), -EFBIG);
	CU_ASSERT_EQUAL(wi_shm_anonymous(DIR, UINT64_MAX, 0600), -EFBIG);
	CU_ASSERT_EQUAL(fcntl(next, F_GETFD), -1);
}

static void
shm_link_makes_a_name_once(void)
{
	int a = wi_shm_anonymous(DIR, PAGE, 0640);
	int b = wi_shm_anonymous(DIR, PAGE, 0600);
	struct wi_file_info mine = info_of(a), named;

	CU_ASSERT_EQUAL(wi_shm_stat_path(path, &named), -ENOENT);
	CU_ASSERT_EQUAL(wi_shm_open(path, true), -ENOENT);
	CU_ASSERT_EQUAL(wi_shm_link(a, path), 0);
	CU_ASSERT_EQUAL(wi_shm_link(b, path), -EEXIST);
	CU_ASSERT_EQUAL(wi_shm_stat_path(path, &named), 0);
	CU_ASSERT(named.id.ino == mine.id.ino && named.id.dev == mine.id.dev);
	CU_ASSERT_EQUAL(named.mode, 0640);
	CU_ASSERT_EQUAL(named.link_cnt, 1);
	CU_ASSERT_EQUAL(info_of(b).link_cnt, 0);

	CU_ASSERT_EQUAL(wi_shm_unlink(path), 0);
	CU_ASSERT_EQUAL(wi_shm_unlink(path), -ENOENT);
	CU_ASSERT_EQUAL(info_of(a).link_cnt, 0);
	CU_ASSERT_EQUAL(wi_shm_link(b, path), 0);
	CU_ASSERT_EQUAL(wi_shm_link(b, DIR "/weir-test-no-such/x"), -ENOENT);
	CU_ASSERT(wi_shm_link(-1, second) < 0);
	close(a);
	close(b);
}

/* Exit status: did it get the name? */
static int
racer(struct proc *me, void *arg)
{
	int fd = wi_shm_anonymous(DIR, PAGE, 0600), r;

	(void)arg;
	proc_tell(me, 'r');
	proc_hear(me);
	r = wi_shm_link(fd, path);
	proc_check(r == 0 || r == -EEXIST);
	return r == 0;
}

static void
shm_link_race_has_one_winner(void)
{
	struct proc p[RACERS];
	int won_cnt = 0;

	for (int i = 0; i < RACERS; i++) {
		CU_ASSERT_FATAL(proc_start(&p[i], racer, NULL) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[i]), 'r');
	}
	for (int i = 0; i < RACERS; i++)
		proc_tell(&p[i], 'g');
	for (int i = 0; i < RACERS; i++)
		won_cnt += proc_wait(&p[i]);
	CU_ASSERT_EQUAL(won_cnt, 1);
}

static void
shm_open_read_only_cannot_write(void)
{
	int fd = wi_shm_anonymous(DIR, PAGE, 0600), ro, rw;
	void *map = NULL;

	CU_ASSERT_EQUAL(wi_shm_link(fd, path), 0);
	ro = wi_shm_open(path, true);
	rw = wi_shm_open(path, false);
	CU_ASSERT_FATAL(ro >= 0 && rw >= 0);
	CU_ASSERT(fcntl(ro, F_GETFD) & FD_CLOEXEC);
	CU_ASSERT_EQUAL(wi_shm_map(ro, PAGE, false, NULL, &map), -EACCES);
	CU_ASSERT_PTR_NULL(map);
	CU_ASSERT_EQUAL(wi_shm_map(ro, PAGE, true, NULL, &map), 0);
	CU_ASSERT_EQUAL(mprotect(map, PAGE, PROT_READ | PROT_WRITE), -1);
	wi_shm_unmap(map, PAGE);
	CU_ASSERT_EQUAL(pwrite(ro, "x", 1, 0), -1);
	CU_ASSERT_EQUAL(pwrite(rw, "x", 1, 0), 1);
	close(ro);
	close(rw);
	close(fd);
}

static void
shm_open_of_what_is_no_file(void)
{
	struct wi_file_info info;
	int fd = wi_shm_anonymous(DIR, PAGE, 0600);

	CU_ASSERT_EQUAL(wi_shm_link(fd, second), 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(symlink(second, path), 0);
	CU_ASSERT_EQUAL(wi_shm_open(path, true), -ELOOP);
	CU_ASSERT_EQUAL(wi_shm_open(path, false), -ELOOP);
	CU_ASSERT_EQUAL(wi_shm_stat_path(path, &info), 0);
	CU_ASSERT(!info.is_regular);
	unlink(path);

	/* nobody is at the other end */
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	for (int ro = 0; ro < 2; ro++) {
		fd = wi_shm_open(path, ro);
		CU_ASSERT_FATAL(fd >= 0);
		CU_ASSERT(!info_of(fd).is_regular);
		close(fd);
	}
	CU_ASSERT_EQUAL(wi_shm_open(DIR, false), -EISDIR);
	CU_ASSERT_EQUAL(wi_shm_stat(-1, &info), -EBADF);
}

static void
shm_reopen_is_another_description(void)
{
	int fd = wi_shm_anonymous(DIR, PAGE, 0600), again;
	struct wi_file_info a = info_of(fd), b;

	again = wi_shm_reopen(fd);
	CU_ASSERT_FATAL(again >= 0);
	b = info_of(again);
	CU_ASSERT(a.id.ino == b.id.ino && a.id.dev == b.id.dev);
	CU_ASSERT(fcntl(again, F_GETFD) & FD_CLOEXEC);
	CU_ASSERT_EQUAL(lseek(fd, 77, SEEK_SET), 77);
	CU_ASSERT_EQUAL(lseek(again, 0, SEEK_CUR), 0);
	CU_ASSERT_EQUAL(pwrite(again, "x", 1, 0), 1);
	close(again);
	close(fd);
	CU_ASSERT(wi_shm_reopen(fd) < 0);
}

/* ---- memory
 * ------------------------------------------------------------------ */

static void
shm_reserve_and_punch_are_accounted(void)
{
	uint64_t len = 16 * MIB;
	int fd;
	uint8_t *map = fresh_map(&fd, len);

	map[PAGE] = 1;
	CU_ASSERT_EQUAL(info_of(fd).real_bytes, PAGE);
	/* more than one step, and not a whole number of them */
	CU_ASSERT_EQUAL(wi_shm_reserve(fd, 4 * PAGE, 5 * MIB + PAGE), 0);
	CU_ASSERT_EQUAL(info_of(fd).real_bytes, 5 * MIB + 2 * PAGE);
	CU_ASSERT_EQUAL(wi_shm_reserve(fd, 0, 0), 0);
	CU_ASSERT_EQUAL(wi_shm_punch(fd, 0, 0), 0);
	CU_ASSERT_EQUAL(info_of(fd).real_bytes, 5 * MIB + 2 * PAGE);
	CU_ASSERT_EQUAL(map[5 * MIB], 0);

	map[5 * MIB] = 2;
	CU_ASSERT_EQUAL(wi_shm_punch(fd, MIB, 5 * MIB), 0);
	CU_ASSERT_EQUAL(info_of(fd).real_bytes, MIB - 3 * PAGE);
	CU_ASSERT_EQUAL(map[5 * MIB], 0);
	CU_ASSERT_EQUAL(map[PAGE], 1);
	CU_ASSERT_EQUAL(info_of(fd).len, len);

	CU_ASSERT_EQUAL(wi_shm_reserve(fd, len - PAGE, PAGE + 1), -EFBIG);
	CU_ASSERT_EQUAL(wi_shm_reserve(fd, len + 1, 0), -EFBIG);
	CU_ASSERT_EQUAL(wi_shm_reserve(fd, UINT64_MAX, 1), -EFBIG);
	CU_ASSERT_EQUAL(wi_shm_reserve(fd, 1, UINT64_MAX), -EFBIG);
	CU_ASSERT_EQUAL(wi_shm_punch(fd, UINT64_MAX, 1), -EFBIG);
	/* looking at a hole through a mapping fills it */
	CU_ASSERT_EQUAL(info_of(fd).real_bytes, MIB - 2 * PAGE);
	CU_ASSERT_EQUAL(info_of(fd).len, len);
	CU_ASSERT_EQUAL(wi_shm_reserve(-1, 0, 1), -EBADF);
	wi_shm_unmap(map, len);
	close(fd);
}

static void
shm_data_is_found(void)
{
	uint64_t off = 0, len = 0;
	int fd;
	uint8_t *map = fresh_map(&fd, MIB);

	CU_ASSERT_EQUAL(wi_shm_data(fd, 0, MIB, &off, &len), 0);
	map[3 * PAGE] = map[4 * PAGE] = map[7 * PAGE] = 1;
	CU_ASSERT_EQUAL(wi_shm_data(fd, PAGE, MIB, &off, &len), 1);
	CU_ASSERT_EQUAL(off, 3 * PAGE);
	CU_ASSERT_EQUAL(len, 2 * PAGE);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 4 * PAGE, 5 * PAGE, &off, &len), 1);
	CU_ASSERT_EQUAL(off, 4 * PAGE);
	CU_ASSERT_EQUAL(len, PAGE);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 5 * PAGE, 7 * PAGE, &off, &len), 0);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 7 * PAGE, MIB, &off, &len), 1);
	CU_ASSERT_EQUAL(len, PAGE);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 8 * PAGE, MIB, &off, &len), 0);
	CU_ASSERT_EQUAL(wi_shm_data(fd, MIB, MIB, &off, &len), 0);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 0, UINT64_MAX, &off, &len), 0);
	wi_shm_unmap(map, MIB);
	close(fd);
	CU_ASSERT_EQUAL(wi_shm_data(fd, 0, MIB, &off, &len), 0);
}

/* ---- fallocate() by a kernel that lets signals in
 * ----------------------------- */

#if defined(__x86_64__)
#define REG_LEN(uc) ((uc)->uc_mcontext.gregs[REG_R10])
#define REG_RET(uc) ((uc)->uc_mcontext.gregs[REG_RAX])
typedef greg_t reg;
#elif defined(__aarch64__)
#define REG_LEN(uc) ((uc)->uc_mcontext.regs[3])
#define REG_RET(uc) ((uc)->uc_mcontext.regs[0])
typedef unsigned long long reg;
#endif

#ifdef REG_RET
static struct {
	unsigned call_cnt;
	uint64_t largest, done;
} fake;

/* Every call is made twice: the first time, something comes in between. */
static void
on_fallocate(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint64_t len = (uint64_t)REG_LEN(uc);

	(void)sig;
	(void)info;
	if (len > fake.largest)
		fake.largest = len;
	if (fake.call_cnt++ % 2 == 0) {
		REG_RET(uc) = (reg)-EINTR;
	} else {
		fake.done += len;
		REG_RET(uc) = 0;
	}
}

static int
reserve_under_fire(struct proc *me, void *arg)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fallocate, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {4, code};
	struct sigaction sa = {.sa_sigaction = on_fallocate,
			       .sa_flags = SA_SIGINFO};
	int fd = wi_shm_anonymous(NULL, 1024 * MIB, 0600);

	(void)me;
	(void)arg;
	sigaction(SIGSYS, &sa, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return 77;
	proc_check(wi_shm_reserve(fd, MIB, 1000 * MIB + PAGE) == 0);
	proc_check(fake.done == 1000 * MIB + PAGE);
	/* short enough to be done between two ticks of a timer */
	proc_check(fake.largest <= 4 * MIB);
	proc_check(wi_shm_punch(fd, 0, 8 * PAGE) == 0);
	proc_check(fake.done == 1000 * MIB + 9 * PAGE);
	return 0;
}
#endif

static void
shm_reserve_gets_through_signals(void)
{
#ifdef REG_RET
	struct proc p;
	int r;

	CU_ASSERT_FATAL(proc_start(&p, reserve_under_fire, NULL) == 0);
	r = proc_wait(&p);
	if (r == 77)
		t_skip("no seccomp filters here");
	else
		CU_ASSERT_EQUAL(r, 0);
#else
	t_skip("written for x86-64 and aarch64");
#endif
}

/* ---- a file system that is full
 * ------------------------------------------------ */

/* A file system of 8 MiB of its own, at @arg. */
static int
fill_up(struct proc *me, void *arg)
{
	const char *dir = arg;
	struct wi_file_info info;
	uint64_t before_bytes = 0, bytes = 0;
	int fd;

	(void)me;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", dir, "tmpfs", 0, "size=8m") < 0)
		return 77;
	fd = wi_shm_anonymous(dir, 64 * MIB, 0600);
	proc_check(fd >= 0);
	proc_check(wi_shm_reserve(fd, 0, MIB) == 0);
	proc_check(wi_shm_free_bytes(fd, &before_bytes) == 0);
	proc_check(before_bytes == 7 * MIB);

	/* one that fails in its last step, one in its first, one larger than
	 * the file system could ever hold */
	proc_check(wi_shm_reserve(fd, 2 * MIB, 7 * MIB + PAGE) == -ENOSPC);
	proc_check(wi_shm_reserve(fd, 2 * MIB, 60 * MIB) == -ENOSPC);
	proc_check(wi_shm_stat(fd, &info) == 0);
	proc_check(info.real_bytes == MIB);
	proc_check(wi_shm_reserve(fd, 2 * MIB, 6 * MIB + MIB / 2) == 0);
	proc_check(wi_shm_reserve(fd, 20 * MIB, MIB) == -ENOSPC);
	proc_check(wi_shm_stat(fd, &info) == 0);
	proc_check(info.real_bytes == 7 * MIB + MIB / 2);
	proc_check(info.len == 64 * MIB);
	proc_check(wi_shm_free_bytes(fd, &bytes) == 0);
	proc_check(bytes == MIB / 2);
	/* what there is can be had to the last page */
	proc_check(wi_shm_reserve(fd, 20 * MIB, MIB / 2) == 0);
	proc_check(wi_shm_punch(fd, 0, 64 * MIB) == 0);
	proc_check(wi_shm_free_bytes(fd, &bytes) == 0 && bytes == 8 * MIB);
	return 0;
}

static void
shm_reserve_when_full_gives_back(void)
{
	char dir[] = "/tmp/weir-test-XXXXXX";
	struct proc p;
	int r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	CU_ASSERT_FATAL(proc_start(&p, fill_up, dir) == 0);
	r = proc_wait(&p);
	rmdir(dir);
	if (r == 77)
		t_skip("no right to mount");
	else
		CU_ASSERT_EQUAL(r, 0);
}

static void
shm_free_bytes_without_a_limit(void)
{
	int fd = wi_shm_anonymous(NULL, PAGE, 0600);
	uint64_t bytes = 0;

	CU_ASSERT_EQUAL(wi_shm_free_bytes(fd, &bytes), 0);
	CU_ASSERT_EQUAL(bytes, UINT64_MAX);
	CU_ASSERT_EQUAL(wi_shm_free_bytes(-1, &bytes), -EBADF);
	close(fd);
}

/* ---- mappings
 * ---------------------------------------------------------------- */

/* Is there memory at @at, in this process? */
static bool
is_mapped(void *at)
{
	unsigned char in_core;

	return mincore(at, PAGE, &in_core) == 0;
}

static int
has_no_map(struct proc *me, void *arg)
{
	(void)me;
	return is_mapped(arg) ? 1 : 0;
}

static void
shm_map_is_shared_but_not_with_children(void)
{
	int fd;
	uint8_t *map = fresh_map(&fd, 2 * PAGE);
	void *view = NULL;
	struct proc p;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_EQUAL(wi_shm_map(fd, 2 * PAGE, true, NULL, &view), 0);
	map[PAGE] = 'm';
	CU_ASSERT_EQUAL(((uint8_t *)view)[PAGE], 'm');
	CU_ASSERT(is_mapped(map));
	CU_ASSERT_FATAL(proc_start(&p, has_no_map, map) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	CU_ASSERT_FATAL(proc_start(&p, has_no_map, view) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	wi_shm_unmap(map, 2 * PAGE);
	CU_ASSERT(!is_mapped(map));
	wi_shm_unmap(view, 2 * PAGE);
	wi_shm_unmap(NULL, PAGE);
	close(fd);
}

/* The flags of the mapping at @at, as /proc/self/smaps has them. */
static bool
has_flag(const void *at, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	bool here = false, yes = false;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start <= (uintptr_t)at && (uintptr_t)at < end;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			yes = strstr(line, flag) != NULL;
	}
	if (f)
		fclose(f);
	return yes;
}

static void
shm_map_is_not_dumped(void)
{
	int fd;
	uint8_t *map = fresh_map(&fd, PAGE);
	void *other = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	CU_ASSERT_FATAL(other != MAP_FAILED);
	CU_ASSERT_EQUAL(madvise(other, PAGE, MADV_DONTDUMP), 0);
	if (!has_flag(other, " dd"))
		t_skip("MADV_DONTDUMP does not show in /proc/self/smaps");
	else
		CU_ASSERT(has_flag(map, " dd"));
	munmap(other, PAGE);
	wi_shm_unmap(map, PAGE);
	close(fd);
}

static void
shm_map_impossible_says_why(void)
{
	void *map = NULL;
	int fd = wi_shm_anonymous(NULL, PAGE, 0600);

	CU_ASSERT_EQUAL(wi_shm_map(fd, 0, false, NULL, &map), -EINVAL);
	CU_ASSERT_EQUAL(wi_shm_map(fd, UINT64_MAX, false, NULL, &map), -ENOMEM);
	CU_ASSERT_EQUAL(wi_shm_map(-1, PAGE, false, NULL, &map), -EBADF);
	CU_ASSERT_PTR_NULL(map);
	close(fd);
}

/* ---- this process
 * ------------------------------------------------------------ */

static int
sees_zero(struct proc *me, void *arg)
{
	const uint32_t *cookie = arg;

	(void)me;
	return *cookie == 0 ? 0 : 1;
}

static void
cookie_is_zero_in_children(void)
{
	uint32_t *cookie = NULL;
	struct proc p;
	int status = -1;
	long pid;

	if (!sys_heeds(MADV_WIPEONFORK))
		return;
	CU_ASSERT_EQUAL_FATAL(wi_cookie_new(&cookie), 0);
	CU_ASSERT(*cookie != 0);
	CU_ASSERT_FATAL(proc_start(&p, sees_zero, cookie) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);

	/* no libc in between */
	pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
	if (pid == 0)
		syscall(SYS_exit_group, *cookie == 0 ? 0 : 1);
	CU_ASSERT_EQUAL(waitpid((pid_t)pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT(*cookie != 0);
	wi_cookie_free(cookie);
	CU_ASSERT(!is_mapped(cookie));
	wi_cookie_free(NULL);
}

static int
random_of_child(struct proc *me, void *arg)
{
	(void)arg;
	proc_send(me, wi_random());
	return 0;
}

static void
random_numbers_differ(void)
{
	enum { CNT = 256 };
	uint64_t v[CNT], all = 0;
	struct proc p;
	int bad = 0;

	for (int i = 0; i < CNT; i++) {
		v[i] = 0;
		if (i % 64 != 0) {
			v[i] = wi_random();
		} else {
			CU_ASSERT_FATAL(proc_start(&p, random_of_child, NULL) ==
					0);
			CU_ASSERT_EQUAL(proc_recv(&p, &v[i]), 0);
			CU_ASSERT_EQUAL(proc_wait(&p), 0);
		}
		all |= v[i];
		bad += v[i] == 0;
		for (int j = 0; j < i; j++)
			bad += v[i] == v[j];
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(all, UINT64_MAX);
}

SUITE_WITH("shm", before, after, TEST(shm_anonymous_is_as_asked),
	   TEST(shm_anonymous_impossible_says_why),
	   TEST(shm_link_makes_a_name_once), TEST(shm_link_race_has_one_winner),
	   TEST(shm_open_read_only_cannot_write),
	   TEST(shm_open_of_what_is_no_file),
	   TEST(shm_reopen_is_another_description),
	   TEST(shm_reserve_and_punch_are_accounted), TEST(shm_data_is_found),
	   TEST(shm_reserve_gets_through_signals),
	   TEST(shm_reserve_when_full_gives_back),
	   TEST(shm_free_bytes_without_a_limit),
	   TEST(shm_map_is_shared_but_not_with_children),
	   TEST(shm_map_is_not_dumped), TEST(shm_map_impossible_says_why),
	   TEST(cookie_is_zero_in_children), TEST(random_numbers_differ));
