/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_pages.c - memory given back: in whole pages of whatever length, and
 * zeros whatever the system says.
 */
#include "support/ns.h"
#include "support/procs.h"
#include "support/sys.h"
#include "unit/fix.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "store/internal.h"

#define CNT 16u /* pages */

/* A file of CNT pages of @page bytes, mapped, all ones. */
static uint8_t *
file_of(uint64_t page, int *fd)
{
	void *map = NULL;

	*fd = wi_shm_anonymous(NULL, CNT * page, 0600);
	proc_check(*fd >= 0);
	proc_check(wi_shm_map(*fd, CNT * page, false, NULL, &map) == 0);
	memset(map, 1, CNT * page);
	return map;
}

static bool
are(const uint8_t *p, size_t len, uint8_t val)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != val)
			return false;
	return true;
}

static uint64_t
real_of(int fd)
{
	struct wi_file_info info = {.mode = 0};

	proc_check(wi_shm_stat(fd, &info) == 0);
	return info.real_bytes;
}

static void
free_is_whole_pages(void)
{
	uint64_t page = wi_page_len();
	int fd;
	uint8_t *map = file_of(page, &fd);
	uint64_t before = real_of(fd);

	CU_ASSERT_EQUAL(wi_shm_free(map, 2 * page, 3 * page), 0);
	CU_ASSERT(are(map, 2 * page, 1));
	CU_ASSERT(are(map + 5 * page, 11 * page, 1));
	CU_ASSERT(real_of(fd) == before || real_of(fd) == before - 3 * page);
	CU_ASSERT(are(map + 2 * page, 3 * page, 0));
	/* parts of pages, at either end, stay */
	CU_ASSERT_EQUAL(wi_shm_free(map, 6 * page + 1, 2 * page), 0);
	CU_ASSERT(are(map + 5 * page, 2 * page, 1));
	CU_ASSERT(are(map + 7 * page, page, 0));
	CU_ASSERT(are(map + 8 * page, 8 * page, 1));
	CU_ASSERT_EQUAL(wi_shm_free(map, 9 * page + 1, page), 0);
	CU_ASSERT_EQUAL(wi_shm_free(map, 9 * page, page - 1), 0);
	CU_ASSERT(are(map + 8 * page, 8 * page, 1));
	wi_shm_unmap(map, CNT * page);
	wi_fd_close(fd);
}

/* As if this were a machine with pages of 64 KiB. */
static void
free_is_whole_long_pages(void)
{
	wi_page_pretend(64u << 10);
	CU_ASSERT_EQUAL(wi_page_len(), 64u << 10);
	free_is_whole_pages();
	wi_page_pretend(0);
	CU_ASSERT_EQUAL(wi_page_len(), (uint64_t)sysconf(_SC_PAGESIZE));
}

/* From here on, in this process, madvise(MADV_REMOVE) is answered like this. */
static bool
answer_remove(uint32_t answer)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, args[2])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_REMOVE, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {6, code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

/* Answers that a system may give: it does not, or it says that it did. */
static const uint32_t answers[] = {EOPNOTSUPP, EPERM, 0};

static void
with_each_answer(int (*fn)(struct proc *me, void *arg))
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		uint32_t answer = answers[i];
		struct proc p;
		int r;

		CU_ASSERT_FATAL(proc_start(&p, fn, &answer) == 0);
		r = proc_wait(&p);
		if (r == 77)
			t_skip("no seccomp filters here");
		else
			CU_ASSERT_EQUAL(r, 0);
	}
}

static int
free_refused(struct proc *me, void *arg)
{
	uint32_t answer = *(uint32_t *)arg;
	uint64_t page = wi_page_len(), before;
	int fd;
	uint8_t *map = file_of(page, &fd);

	(void)me;
	if (!answer_remove(answer))
		return 77;
	proc_check(wi_shm_punch(fd, 4 * page, page) == 0);
	before = real_of(fd);
	proc_check(wi_shm_free(map, 2 * page, 5 * page) == -(int)answer);
	proc_check(real_of(fd) == before); /* nor is the hole filled */
	proc_check(are(map, 2 * page, 1));
	proc_check(are(map + 2 * page, 5 * page, 0));
	proc_check(are(map + 7 * page, 9 * page, 1));
	return 0;
}

static void
free_refused_leaves_zeros(void)
{
	with_each_answer(free_refused);
}

/* Who was root when he opened the store: to him the kernel does not tell any
 * more what of it is in memory. */
static int
free_unprivileged(struct proc *me, void *arg)
{
	uint64_t page = wi_page_len(), before;
	int fd, rc;
	uint8_t *map = file_of(page, &fd);

	(void)me;
	(void)arg;
	before = real_of(fd);
	rc = ns_user(65533, 65533, 0);
	if (rc != 0)
		return rc;
	proc_check(wi_shm_free(map, 2 * page, 5 * page) == 0);
	proc_check(real_of(fd) == before - 5 * page);
	return 0;
}

static void
free_takes_no_memory_again(void)
{
	struct proc p;
	int r;

	if (!sys_heeds(MADV_REMOVE))
		return;
	CU_ASSERT_FATAL(proc_start(&p, free_unprivileged, NULL) == 0);
	r = proc_wait(&p);
	if (r == 77)
		t_skip("not root, so nobody else to become");
	else
		CU_ASSERT_EQUAL(r, 0);
}

/* ---- channels
 * ------------------------------------------------------------------ */

static weir_channel *
channel(weir_store *st, const char *name, uint32_t producers)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 4,
			       .max_record = 40,
			       .producers = producers};
	weir_channel *ch;

	proc_check(weir_channel_open(st, name, &o, &ch, NULL) == 0);
	return ch;
}

static int
channel_cycles(struct proc *me, void *arg)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_PRIVATE};
	weir_store *st;

	(void)me;
	if (!answer_remove(*(uint32_t *)arg))
		return 77;
	proc_check(weir_store_open(NULL, &o, &st, NULL) == 0);
	for (uint32_t n = 0; n < 8; n++) {
		uint32_t kind = n % 3 ? WEIR_EXCLUSIVE : WEIR_SHARED;
		weir_channel *ch = channel(st, "c", kind);
		weir_producer *p;

		proc_check(fix_current(ch, NULL) == UINT64_MAX);
		proc_check(weir_producer_open(ch, "p", NULL, &p, NULL) == 0);
		for (uint64_t v = 1; v <= 20; v++)
			proc_check(fix_put(p, v) == (int64_t)v);
		proc_check(fix_current(ch, NULL) == 20);
		proc_check(weir_channel_remove(st, "c", NULL) == 0);
		weir_channel_close(ch);
	}
	weir_store_close(st);
	return 0;
}

static void
channel_is_new_whatever_was_there(void)
{
	with_each_answer(channel_cycles);
}

static void
channels_are_apart_by_long_pages(void)
{
	const uint64_t page = 64u << 10;
	weir_ring_info i = {.size = sizeof(i)};
	weir_channel *ch[5];
	weir_store_info info = {.size = sizeof(info)};
	weir_producer *p;
	weir_store *st;
	uint64_t used;
	char name[2] = "a";

	wi_page_pretend(page);
	st = fix_store();
	CU_ASSERT_EQUAL(weir_store_stat(st, &info), 0);
	used = info.used_bytes;
	for (int n = 0; n < 5; n++, name[0]++) {
		ch[n] = channel(st, name, WEIR_SHARED);
		CU_ASSERT_EQUAL(weir_ring_stat(ch[n], &i), 0);
		CU_ASSERT_EQUAL(i.block_offset % page, 0);
		p = fix_producer(ch[n], "p");
		fix_must_put(p, 100 + (uint64_t)n);
		weir_producer_close(p);
	}
	CU_ASSERT_EQUAL(weir_store_stat(st, &info), 0);
	CU_ASSERT_EQUAL((info.used_bytes - used) % page, 0);
	for (int n = 1; n < 5; n += 2) {
		name[0] = (char)('a' + n);
		CU_ASSERT_EQUAL(weir_channel_remove(st, name, NULL), 0);
		weir_channel_close(ch[n]);
		ch[n] = channel(st, name, WEIR_EXCLUSIVE);
		CU_ASSERT_EQUAL(fix_current(ch[n], NULL), UINT64_MAX);
		fix_must_put(fix_producer(ch[n], "p"), 200 + (uint64_t)n);
	}
	for (int n = 0; n < 5; n++)
		CU_ASSERT_EQUAL(fix_current(ch[n], NULL),
				(n % 2 ? 200 : 100) + (uint64_t)n);
	weir_store_close(st);
	wi_page_pretend(0);
}

SUITE("pages", TEST(free_is_whole_pages), TEST(free_is_whole_long_pages),
      TEST(free_refused_leaves_zeros), TEST(free_takes_no_memory_again),
      TEST(channel_is_new_whatever_was_there),
      TEST(channels_are_apart_by_long_pages));
