/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_memory.c - WEIR_PREFAULT, WEIR_LOCK_MEMORY, WEIR_HUGE_PAGES: what the
 * kernel says of the mapping (/proc/self/smaps) with them and without, and
 * what of the store's memory stays as it was.
 */
#include "unit/fix.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/pages.h"
#include "support/ns.h"
#include "support/procs.h"
#include "support/sys.h"


#define MIB	 (UINT64_C(1) << 20)
#define MAX	 (64 * MIB)
#define LANE	 (8 * MIB)
#define CHANNELS 4096u /* so that the tables are large, too */

/* The sum of a figure over all mappings of the file at @path, in bytes. */
static uint64_t
of_maps(const char *path, const char *what)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512], ours[256], key[64];
	unsigned long long from, to, kb;
	uint64_t bytes = 0;
	bool is_in = false;
	int n = snprintf(ours, sizeof(ours), "%s\n", path);

	CU_ASSERT_FATAL(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		size_t len = strlen(line);

		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			is_in = len >= (size_t)n &&
				strcmp(line + len - (size_t)n, ours) == 0;
		else if (is_in &&
			 sscanf(line, "%63[^:]: %llu", key, &kb) == 2 &&
			 strcmp(key, what) == 0)
			bytes += kb * 1024;
	}
	fclose(f);
	return bytes;
}

/* What this process has locked, in bytes. */
static uint64_t
locked_in_all(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long kb = 0;
	char line[256];

	CU_ASSERT_FATAL(f != NULL);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %llu", &kb) == 1)
			break;
	fclose(f);
	return kb * 1024;
}

/* The memory that a file takes. */
static uint64_t
taken(const char *path)
{
	struct stat s;

	CU_ASSERT_EQUAL_FATAL(stat(path, &s), 0);
	return (uint64_t)s.st_blocks * 512;
}

static char path[256];

static weir_store *
open_with(const char *name, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = flags,
			     .max_bytes = MAX,
			     .max_channels = CHANNELS};
	weir_store *st = NULL;

	fix_rc(weir_store_open(name, &o, &st, &fix_diag), "store");
	return st;
}

static const weir_channel_opts large = {.size = sizeof(large),
					.producers = WEIR_EXCLUSIVE,
					.lane_bytes = LANE,
					.max_record = 100000};

/* A store with a channel of 8 MiB between holes, in which one record was
 * published; nobody has it open. */
static const char *
make(void)
{
	const char *name = tmpstore_name();
	weir_store *st = open_with(name, WEIR_CREATE);
	weir_channel *ch;

	fix_channel(st, "hole", &large);
	ch = fix_channel(st, "c", &large);
	fix_must_put(fix_producer(ch, "p"), 1);
	weir_store_close(st);
	st = open_with(name, 0);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "hole", NULL), 0);
	weir_store_close(st);
	snprintf(path, sizeof(path), "%s", tmpstore_path(name));
	return name;
}

static weir_channel *
look_in(weir_store *st)
{
	weir_channel *ch = NULL;

	fix_rc(weir_channel_open(st, "c", NULL, &ch, &fix_diag), "c");
	return ch;
}

static uint64_t
bytes_of(weir_channel *ch)
{
	weir_channel_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
	return i.bytes;
}

static weir_store_info
info_of(weir_store *st)
{
	weir_store_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL(weir_store_stat(st, &i), 0);
	return i;
}

/* An emulator has another process's figures, and takes no advice. */
static bool
is_real(void)
{
	if (sys_is_emulated())
		t_skip("the figures are the emulator's");
	return !sys_is_emulated();
}

/* ---- faulting in ------------------------------------------------------------
 */

static void
prefault_is_tables_then_channels(void)
{
	const char *name = make();
	uint64_t real, tables, rss, len;
	weir_store *st;
	weir_channel *ch;

	if (!is_real())
		return;
	real = taken(path);
	st = open_with(name, 0);
	ch = look_in(st);
	len = bytes_of(ch);
	tables = info_of(st).used_bytes - len;
	CU_ASSERT(tables > MIB && len > LANE);
	CU_ASSERT(of_maps(path, "Rss") < (tables + len) / 2);
	weir_store_close(st);

	st = open_with(name, WEIR_PREFAULT);
	rss = of_maps(path, "Rss");
	CU_ASSERT(rss >= tables && rss < len);
	CU_ASSERT_PTR_NOT_NULL(look_in(st));
	CU_ASSERT(of_maps(path, "Rss") >= tables + len);
	CU_ASSERT_EQUAL(taken(path), real); /* no hole */
	/* and of a channel that it makes itself */
	ch = fix_channel(
	    st, "d", CH_OPTS(.producers = WEIR_EXCLUSIVE, .lane_bytes = LANE));
	CU_ASSERT(of_maps(path, "Rss") >= tables + len + bytes_of(ch));
	CU_ASSERT_EQUAL(taken(path), real + bytes_of(ch));
	weir_store_close(st);
	tmpstore_drop(name);
}

/* As an older kernel: it does not know the advice. */
static int
without_populate(struct proc *me, void *name)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, args[2])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_POPULATE_WRITE, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(code) / sizeof(*code), code};
	uint64_t len, real = taken(path);
	weir_store *st;

	(void)me;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return 77;
	st = open_with(name, WEIR_PREFAULT);
	len = bytes_of(look_in(st));
	proc_check(len > LANE && of_maps(path, "Rss") >= len);
	proc_check(taken(path) == real);
	weir_store_close(st);
	return 0;
}

static void
prefault_on_an_older_kernel(void)
{
	const char *name = make();
	struct proc p;
	int rc;

	if (!is_real())
		return;
	CU_ASSERT_EQUAL_FATAL(
	    proc_start(&p, without_populate, (void *)(uintptr_t)name), 0);
	rc = proc_wait(&p);
	if (rc == 77)
		t_skip("no seccomp filters here");
	else
		CU_ASSERT_EQUAL(rc, 0);
	tmpstore_drop(name);
}

/* They could give memory to what is being removed. */
static void
observers_wish_for_nothing(void)
{
	static const uint32_t wishes[] = {WEIR_PREFAULT, WEIR_LOCK_MEMORY,
					  WEIR_HUGE_PAGES};
	const char *name = make();
	weir_store *st;

	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(
		    weir_store_open(
			name, STORE_OPTS(.flags = WEIR_READ_ONLY | wishes[i]),
			&st, &fix_diag),
		    -EINVAL);
		CU_ASSERT_PTR_NOT_NULL(
		    strstr(fix_diag.message, "WEIR_READ_ONLY"));
	}
	tmpstore_drop(name);
}

/* Who shortens a store makes opening it fail, not a signal. */
static void
prefault_of_what_is_gone_is_efault(void)
{
	const char *name = make();
	weir_store *st;
	weir_channel *ch;

	if (!is_real())
		return;
	st = open_with(name, WEIR_PREFAULT);
	/* in the lane of the channel, which begins behind another's place */
	CU_ASSERT_EQUAL(truncate(path, (off_t)(LANE + LANE / 2 + 2 * MIB)), 0);
	CU_ASSERT_EQUAL(weir_channel_open(st, "c", NULL, &ch, &fix_diag),
			-EFAULT);
	CU_ASSERT_PTR_NULL(ch);
	CU_ASSERT_PTR_NOT_NULL(strstr(fix_diag.message, "has no memory"));
	weir_store_close(st);
	tmpstore_drop(name);
}

/* ---- locking ----------------------------------------------------------------
 */

static void
locked_is_what_is_open(void)
{
	const char *name = make();
	uint64_t before = locked_in_all(), tables, len, real;
	weir_channel *a, *b;
	weir_store *st;
	weir_diag diag;
	int rc;

	if (!is_real())
		return;
	st = NULL;
	rc = weir_store_open(
	    name, STORE_OPTS(.flags = WEIR_LOCK_MEMORY | WEIR_PREFAULT), &st,
	    &diag);
	if (rc == 0)
		rc = weir_channel_open(st, "c", NULL, &a, &diag);
	if (rc == -ENOMEM || rc == -EPERM) {
		weir_store_close(st);
		tmpstore_drop(name);
		t_skip("this process may not lock 10 MiB");
		return;
	}
	fix_rc(rc, diag.message);
	len = bytes_of(a);
	tables = info_of(st).used_bytes - len;
	CU_ASSERT(locked_in_all() - before >= tables + len);
	CU_ASSERT(locked_in_all() - before < tables + len + MIB);
	CU_ASSERT(of_maps(path, "Locked") >= tables + len);
	/* a second handle, of two that close */
	b = look_in(st);
	CU_ASSERT(locked_in_all() - before < tables + len + MIB);
	weir_channel_close(a);
	CU_ASSERT(locked_in_all() - before >= tables + len);
	weir_channel_close(b);
	CU_ASSERT(locked_in_all() - before < tables + MIB);
	/* what is removed gives its memory back, though it was locked */
	a = look_in(st);
	real = taken(path);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	CU_ASSERT_EQUAL(taken(path), real);
	weir_channel_close(a);
	CU_ASSERT_EQUAL(taken(path), real - len);
	weir_store_close(st);
	CU_ASSERT_EQUAL(locked_in_all(), before);
	tmpstore_drop(name);
}

static void
locked_without_prefault_takes_nothing(void)
{
	const char *name = make();
	uint64_t rss, real = taken(path);
	weir_channel *ch = NULL;
	weir_store *st = NULL;
	int rc;

	if (!is_real())
		return;
	st = open_with(name, 0);
	look_in(st);
	rss = of_maps(path, "Rss");
	weir_store_close(st);
	rc = weir_store_open(name, STORE_OPTS(.flags = WEIR_LOCK_MEMORY), &st,
			     &fix_diag);
	if (rc == 0)
		rc = weir_channel_open(st, "c", NULL, &ch, &fix_diag);
	if (rc == -ENOMEM || rc == -EPERM) {
		t_skip("this process may not lock 10 MiB");
	} else {
		CU_ASSERT_EQUAL(rc, 0);
		CU_ASSERT(of_maps(path, "Rss") < rss + MIB);
		CU_ASSERT_EQUAL(taken(path), real);
	}
	weir_store_close(st);
	tmpstore_drop(name);
}

static int
private_with(uint32_t flags, weir_store **st, weir_diag *diag)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_PRIVATE | flags};

	return weir_store_open(NULL, &o, st, diag);
}

/* As a user who may lock half a MiB, and then nothing. */
static int
little_may_be_locked(struct proc *me, void *arg)
{
	struct rlimit most = {512 * 1024, 512 * 1024}, none = {0, 0};
	weir_channel_opts small = {.size = sizeof(small),
				   .capacity = 16,
				   .producers = WEIR_EXCLUSIVE,
				   .max_consumers = 4,
				   .lane_bytes = 65536},
			  huge = small;
	uint64_t had;
	weir_channel *ch;
	weir_store *st;
	weir_diag diag;
	void *probe;

	(void)me;
	(void)arg;
	if (getuid() == 0 && ns_user(65534, 65534, 0) != 0)
		return 77;
	proc_check(setrlimit(RLIMIT_MEMLOCK, &most) == 0);
	had = locked_in_all();
	probe = mmap(NULL, MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mlock2(probe, MIB, 0) == 0)
		return 77; /* has CAP_IPC_LOCK all the same */
	huge.lane_bytes = MIB;

	proc_check(private_with(WEIR_LOCK_MEMORY, &st, &diag) == 0);
	proc_check(weir_channel_open(st, "huge", &huge, &ch, &diag) == -ENOMEM);
	proc_check(!ch && diag.code == -ENOMEM &&
		   strstr(diag.message, "RLIMIT_MEMLOCK") &&
		   strstr(diag.message, " 524288 ") &&
		   strstr(diag.message, "ulimit -l"));
	proc_check(weir_channel_open(st, "small", &small, &ch, &diag) == 0);
	weir_store_close(st);
	proc_check(locked_in_all() == had);

	proc_check(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
	proc_check(private_with(WEIR_LOCK_MEMORY, &st, &diag) == -EPERM);
	proc_check(!st && strstr(diag.message, "RLIMIT_MEMLOCK") &&
		   strstr(diag.message, " 0 "));
	proc_check(private_with(0, &st, &diag) == 0);
	weir_store_close(st);
	return 0;
}

static void
locking_past_the_limit_is_refused(void)
{
	struct proc p;
	int rc;

	if (!is_real())
		return;
	CU_ASSERT_EQUAL_FATAL(proc_start(&p, little_may_be_locked, NULL), 0);
	rc = proc_wait(&p);
	if (rc == 77)
		t_skip("this process may lock what it likes");
	else
		CU_ASSERT_EQUAL(rc, 0);
}

/* ---- huge pages -------------------------------------------------------------
 */

/* Does the kernel make huge pages of a file of small ones? */
static bool
has_huge(void)
{
	uint64_t len = wi_huge_len();
	int fd;
	void *at, *p;
	bool ok = false;

	if (!len || len > 2 * MIB)
		return false;
	fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	at = wi_huge_place(len);
	if (fd < 0 || ftruncate(fd, (off_t)len) != 0)
		return false;
	p = mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		memset(p, 1, len);
		ok = p == at && madvise(p, len, MADV_COLLAPSE) == 0;
		munmap(p, len);
	}
	close(fd);
	return ok;
}

static void
huge_pages_are_told_and_take_nothing(void)
{
	const char *name = make();
	weir_store *st, *plain, *third;
	weir_channel *ch;
	weir_producer *p;
	weir_consumer *c;
	weir_record rec;
	uint64_t real = taken(path), len;

	if (!is_real() || !has_huge()) {
		t_skip("no huge pages are made here");
		tmpstore_drop(name);
		return;
	}
	CU_ASSERT_EQUAL((uintptr_t)wi_huge_place(MAX) % wi_huge_len(), 0);
	/* somebody who is at work meanwhile */
	plain = open_with(name, 0);
	c = fix_consumer(look_in(plain), "c", WEIR_FROM_OLDEST);
	CU_ASSERT_EQUAL(info_of(plain).huge_bytes, 0);

	st = open_with(name, WEIR_HUGE_PAGES);
	CU_ASSERT(info_of(st).huge_bytes < 2 * MIB);
	ch = look_in(st);
	len = bytes_of(ch);
	CU_ASSERT(info_of(st).huge_bytes >= LANE - 2 * MIB);
	CU_ASSERT(of_maps(path, "ShmemPmdMapped") >= LANE - 2 * MIB);
	CU_ASSERT_EQUAL(taken(path), real);
	CU_ASSERT_EQUAL(info_of(plain).huge_bytes, 0);
	/* a third, for whom they are there already */
	third = open_with(name, WEIR_HUGE_PAGES | WEIR_PREFAULT);
	look_in(third);
	CU_ASSERT(info_of(third).huge_bytes >= LANE - 2 * MIB);
	weir_store_close(third);
	CU_ASSERT_EQUAL(taken(path), real);

	p = fix_producer(ch, "p");
	fix_must_put(p, 2);
	CU_ASSERT(weir_read(c, &rec, 1, 0) == 1 && fix_value(&rec) == 1);
	CU_ASSERT(weir_read(c, &rec, 1, 0) == 1 && fix_value(&rec) == 2);
	weir_store_close(plain);
	weir_producer_close(p);
	/* parts of them can be given back */
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(taken(path), real - len);
	weir_store_close(st);
	tmpstore_drop(name);
}

static void
all_at_once(void)
{
	const char *name = make();
	uint64_t real = taken(path);
	weir_channel *ch = NULL;
	weir_store *st = NULL;
	uint32_t flags = WEIR_PREFAULT | WEIR_LOCK_MEMORY | WEIR_HUGE_PAGES;
	int rc =
	    weir_store_open(name, STORE_OPTS(.flags = flags), &st, &fix_diag);

	if (rc == 0)
		rc = weir_channel_open(st, "c", NULL, &ch, &fix_diag);
	if (rc == -ENOMEM || rc == -EPERM) {
		t_skip("this process may not lock 10 MiB");
	} else {
		CU_ASSERT_EQUAL(rc, 0);
		fix_must_put(fix_producer(ch, "p"), 2);
		CU_ASSERT_EQUAL(taken(path), real);
		if (!sys_is_emulated() && has_huge())
			CU_ASSERT(info_of(st).huge_bytes >= LANE - 2 * MIB);
	}
	weir_store_close(st);
	tmpstore_drop(name);
}

SUITE("memory", TEST(prefault_is_tables_then_channels),
      TEST(prefault_on_an_older_kernel), TEST(observers_wish_for_nothing),
      TEST(prefault_of_what_is_gone_is_efault), TEST(locked_is_what_is_open),
      TEST(locked_without_prefault_takes_nothing),
      TEST(locking_past_the_limit_is_refused),
      TEST(huge_pages_are_told_and_take_nothing), TEST(all_at_once));
