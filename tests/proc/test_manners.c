/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_manners.c - how the library behaves in the process that is its host:
 * what it leaves alone, and what it survives of what the host does.
 */
#include "kit.h"
#include "support/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* ---- memory is taken in open calls
 * ------------------------------------------ */

static unsigned long allocations;

#if !SANITIZED && defined(__GLIBC__)
#define COUNTED 1
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *
malloc(size_t n)
{
	__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
	__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
	return __libc_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
	__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
	return __libc_realloc(p, n);
}
#else
#define COUNTED 0
#endif

#define SCHEMA                                                                 \
	"{\"type\":\"object\",\"required\":[\"v\"],\"properties\":{\"v\":"     \
	"{\"type\":\"integer\",\"maximum\":1000},\"s\":{\"type\":\"string\","  \
	"\"pattern\":\"^[a-z]+$\"}}}"

static int
takes(weir_consumer *c, const weir_record *rec, void *arg)
{
	(void)c;
	(void)rec;
	++*(int *)arg;
	return 0;
}

/* Everything that moves records, so often that each ring goes round. */
static void
move_records(weir_channel *ch, weir_producer *p, weir_consumer *c, bool gates)
{
	static const char text[] = "{\"v\":7,\"s\":\"abc\",\"l\":[1,\"b\",2]}";
	static const char bad[] = "{\"v\":7000,\"s\":\"A\"}";
	struct iovec iov[2] = {{(void *)(uintptr_t) "\x81\xa1v\1", 4},
			       {(void *)(uintptr_t) "\x81\xa1v\2", 4}};
	weir_record recs[8];
	weir_diag diag;
	uint8_t buf[512];
	void *loan;
	int n = 0;

	CU_ASSERT(weir_publish(p, iov[0].iov_base, 4, &diag) > 0);
	CU_ASSERT(weir_publish_json(p, text, sizeof(text) - 1, &diag) > 0);
	CU_ASSERT_EQUAL(weir_publish_json(p, bad, sizeof(bad) - 1, &diag),
			WEIR_ESCHEMA);
	CU_ASSERT(weir_publish_batch(p, iov, 2, &diag) > 0);
	CU_ASSERT_EQUAL(weir_loan(p, 64, &loan), 0);
	memcpy(loan, "\x81\xa1v\3", 4);
	CU_ASSERT(weir_commit(p, 4, &diag) > 0);
	CU_ASSERT_EQUAL(weir_loan(p, 64, &loan), 0);
	weir_abort(p);
	CU_ASSERT_EQUAL(weir_read(c, recs, 1, 0), 1);
	CU_ASSERT(weir_record_json(&recs[0], (char *)buf, sizeof(buf)) > 0);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, KIT_MS, NULL), 1);
	if (gates) {
		CU_ASSERT_EQUAL(weir_view(c, recs, 1, 0), 1);
		CU_ASSERT_EQUAL(weir_release(c, recs[0].seq), 0);
	}
	CU_ASSERT(weir_dispatch(&c, 1, takes, &n, 0) > 0);
	CU_ASSERT_EQUAL(weir_read(c, recs, 8, KIT_MS), -EAGAIN);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, sizeof(buf), recs), 0);
	CU_ASSERT(weir_clear(p) > 0);
	CU_ASSERT_EQUAL(weir_read(c, recs, 1, 0), 1);
}

static void
manners_no_allocation_on_the_way(void)
{
	weir_store *st;
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 16,
			       .lane_bytes = 4096,
			       .schema = SCHEMA};
	weir_channel *ch = NULL;
	weir_producer *p;
	weir_consumer *c;
	static const char *const names[] = {"so", "xo", "sb", "xb"};
	unsigned long before;
	weir_diag diag;
	int rc;

	if (!COUNTED) {
		t_skip("allocations cannot be counted in this build");
		return;
	}
	st = tmpstore_new(NULL);
	for (uint32_t kind = 0; kind < 4; kind++) {
		o.producers = kind & 1 ? WEIR_EXCLUSIVE : WEIR_SHARED;
		o.overflow = kind & 2 ? WEIR_BLOCK : WEIR_OVERWRITE;
		rc = weir_channel_open(st, names[kind], &o, &ch, &diag);
		if (rc != 0)
			t_log("%s\n", diag.message);
		CU_ASSERT_EQUAL_FATAL(rc, 0);
		before = allocations;
		p = kit_producer(ch, "p", 0);
		CU_ASSERT(allocations > before); /* the test can tell */
		c = kit_consumer(ch, "c",
				 WEIR_CHECK | (kind & 2 ? WEIR_GATE : 0),
				 WEIR_FROM_NEW);
		before = allocations;
		for (int i = 0; i < 50; i++)
			move_records(ch, p, c, kind & 2);
		CU_ASSERT_EQUAL(allocations, before);
	}
	weir_store_close(st);
}

/* ---- what is the host's
 * ----------------------------------------------------- */

/* Names in a folder of /proc/self; so many, and their sum. */
static uint64_t
names_in(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	uint64_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			n += 65536 + strtoul(e->d_name, NULL, 10);
	closedir(d);
	return n;
}

struct host {
	struct sigaction act[65];
	sigset_t mask;
	mode_t umask;
	uint64_t fds, threads;
	char cwd[256];
};

static void
look_at_host(struct host *h)
{
	memset(h, 0, sizeof(*h));
	for (int i = 1; i < 65; i++)
		sigaction(i, NULL, &h->act[i]);
	sigprocmask(SIG_SETMASK, NULL, &h->mask);
	h->umask = umask(0);
	umask(h->umask);
	h->fds = names_in("/proc/self/fd");
	h->threads = names_in("/proc/self/task");
	CU_ASSERT_PTR_NOT_NULL(getcwd(h->cwd, sizeof(h->cwd)));
}

/* A whole life, with errors of all kinds. */
static void
a_life(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name), *none;
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16), *no;
	weir_producer *p = kit_producer(ch, "p", 0), *same;
	weir_consumer *c = kit_consumer(ch, "c", 0, WEIR_FROM_NEW);
	weir_channel_opts bad = {.size = sizeof(bad), .schema = "{\"type\":1}"};
	weir_store_opts o = {.size = sizeof(o), .mode = 1};
	weir_diag diag;

	CU_ASSERT(weir_fd(c) >= 0);
	CU_ASSERT(weir_publish(p, "\1", 1, &diag) > 0);
	CU_ASSERT_EQUAL(weir_publish(p, "\xc1", 1, &diag), WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "p", NULL, &same, &diag),
			WEIR_EINUSE);
	CU_ASSERT_EQUAL(weir_channel_open(st, "d", &bad, &no, &diag),
			WEIR_EBADSCHEMA);
	CU_ASSERT_EQUAL(weir_store_open(name, &o, &none, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_open("weir-test-nobody", NULL, &none, &diag),
			-ENOENT);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(weir_publish(p, "\1", 1, &diag), WEIR_ERETIRED);
	weir_store_close(st);
}

/* The watcher ends soon after its last consumer. */
static void
settle(struct host *h, uint64_t threads)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (names_in("/proc/self/task") != threads && proc_now_ns() < end)
		proc_nap_ms(1);
	look_at_host(h);
}

static void
manners_leave_the_host_as_it_was(void)
{
	uint64_t threads = names_in("/proc/self/task");
	struct host before, after;
	int out = dup(1), err = dup(2), sink = memfd_create("sink", 0);
	struct stat sb;

	a_life(); /* what it keeps for ever, it has now */
	fflush(NULL);
	dup2(sink, 1);
	dup2(sink, 2);
	settle(&before, threads);
	a_life();
	settle(&after, threads);
	fflush(NULL);
	dup2(out, 1);
	dup2(err, 2);
	CU_ASSERT_EQUAL(fstat(sink, &sb), 0);
	CU_ASSERT_EQUAL(sb.st_size, 0); /* not a word */
	CU_ASSERT_EQUAL(before.threads, after.threads);
	CU_ASSERT_EQUAL(before.fds, after.fds);
	for (int i = 1; i < 65; i++)
		CU_ASSERT(before.act[i].sa_handler == after.act[i].sa_handler &&
			  before.act[i].sa_flags == after.act[i].sa_flags);
	CU_ASSERT(memcmp(&before.mask, &after.mask, sizeof(before.mask)) == 0);
	CU_ASSERT_EQUAL(before.umask, after.umask);
	CU_ASSERT_STRING_EQUAL(before.cwd, after.cwd);
	close(out);
	close(err);
	close(sink);
}

/* ---- its thread
 * ------------------------------------------------------------- */

/* Of the threads of this process that are not the first: how many, and the
 * signals that all of them block. */
static int
other_threads(uint64_t *blocked)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	char path[300], line[256];
	unsigned long long set;
	int n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	*blocked = UINT64_MAX;
	while ((e = readdir(d))) {
		FILE *f;

		if (e->d_name[0] == '.' || atoi(e->d_name) == (int)getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
			 e->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		n++;
		while (fgets(line, sizeof(line), f))
			if (sscanf(line, "SigBlk: %llx", &set) == 1)
				*blocked &= set;
		fclose(f);
	}
	closedir(d);
	return n;
}

static bool
threads_become(int cnt)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;
	uint64_t blocked;

	while (other_threads(&blocked) != cnt && proc_now_ns() < end)
		proc_nap_ms(1);
	return other_threads(&blocked) == cnt;
}

static int
with_descriptors(struct proc *me, void *arg)
{
	const char *names[2];
	weir_store *st[2];
	weir_consumer *c[4];
	uint64_t blocked;

	(void)me;
	(void)arg;
	for (int i = 0; i < 2; i++) {
		st[i] = tmpstore_new(&names[i]);
		kit_channel(st[i], "c", 0, WEIR_SHARED, 16);
	}
	for (int i = 0; i < 4; i++) {
		c[i] = kit_consumer(kit_channel_find(st[i % 2], "c"),
				    i < 2 ? "a" : "b", 0, WEIR_FROM_NEW);
		proc_check(other_threads(&blocked) == (i > 0));
		proc_check(weir_fd(c[i]) >= 0);
		proc_check(threads_become(1)); /* for all of them */
	}
	other_threads(&blocked);
	/* all but SIGKILL, SIGSTOP, and the two that libc keeps to itself */
	proc_check((blocked | 1u << (SIGKILL - 1) | 1u << (SIGSTOP - 1) |
		    UINT64_C(3) << 31) == UINT64_MAX);
	for (int i = 0; i < 3; i++)
		weir_consumer_close(c[i]);
	proc_check(threads_become(1));
	weir_consumer_close(c[3]);
	proc_check(threads_become(0));
	for (int i = 0; i < 2; i++) {
		weir_store_close(st[i]);
		tmpstore_drop(names[i]);
	}
	return 0;
}

static void
manners_one_thread_at_most(void)
{
	struct proc p;

	if (SANITIZED || sys_is_emulated()) {
		t_skip("the sanitizer or emulator may have threads of its own");
		return;
	}
	CU_ASSERT_FATAL(proc_start(&p, with_descriptors, NULL) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
}

/* ---- other programs
 * --------------------------------------------------------- */

/* Run a program; its exit status. */
static int
run(bool by_vfork)
{
	static char *argv[] = {(char *)(uintptr_t) "sh",
			       (char *)(uintptr_t) "-c",
			       (char *)(uintptr_t) "exit 7", NULL};
	int status = -1;
	pid_t pid = -1;

	if (by_vfork) {
		pid = vfork();
		if (pid == 0) {
			execv("/bin/sh", argv);
			_exit(1);
		}
	} else if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ)) {
		return -1;
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WEXITSTATUS(status);
}

/* What is read from here ends when the test closes the other end. */
static int leash[2];

/* A program that is started amidst all that is open changes nothing, keeps
 * nobody alive, and gets no descriptor. */
static int
starts_programs(struct proc *me, void *arg)
{
	weir_store *st = kit_store(arg);
	weir_channel *ch = kit_channel_find(st, "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_consumer *c = kit_consumer(ch, "c", 0, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;
	int fd = weir_fd(c);

	proc_check(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	for (int i = 0; i < 4; i++) {
		void *loan;

		proc_check(weir_loan(p, 64, &loan) == 0);
		proc_check(run(i % 2) == 7);
		proc_check(weir_commit(p, kit_rec(loan, 1, 1, 40), NULL) > 0);
		proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			   0);
		proc_check(weir_read(c, &rec, 1, 0) == 1 &&
			   kit_rec_ok(rec.data, rec.len, NULL, NULL));
		proc_check(weir_read(c, &rec, 1, 0) == 1);
	}
	/* one that outlives this process */
	if (vfork() == 0) {
		dup2(leash[0], STDIN_FILENO);
		execl("/bin/cat", "cat", (char *)NULL);
		_exit(1);
	}
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
manners_survive_vfork_and_spawn(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_EXCLUSIVE, 16);
	struct proc p;

	/* an emulated vfork is a fork */
	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_FATAL(pipe2(leash, O_CLOEXEC) == 0);
	CU_ASSERT_FATAL(
	    proc_start(&p, starts_programs, (void *)(uintptr_t)name) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	CU_ASSERT_EQUAL(kit_use(st).participants, 2);
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	close(leash[0]);
	close(leash[1]);
	weir_producer_close(kit_producer(ch, "p", 0));
	weir_store_close(st);
}

SUITE("manners", TEST(manners_no_allocation_on_the_way),
      TEST(manners_leave_the_host_as_it_was), TEST(manners_one_thread_at_most),
      TEST(manners_survive_vfork_and_spawn));
