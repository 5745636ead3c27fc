/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_fence.c - processes that may not call membarrier, on exclusive channels.
 *
 * There the sleeper fences for publishers.  A publisher that cannot be reached
 * fences by itself, and a sleeper that cannot call says so when it opens.
 */
#include "kit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "store/internal.h"

#define RECORDS 200

/* From now on.  Return: whether it can be had. */
static bool
refuse_membarrier(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {4, code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

/* Reads all, mostly asleep when they come. */
static bool
read_all(weir_consumer *c)
{
	weir_record rec;

	for (uint64_t i = 1; i <= RECORDS; i++)
		if (weir_read(c, &rec, 1, 10 * KIT_S) != 1 || rec.seq != i)
			return false;
	return true;
}

static bool
publish_all(weir_channel *ch, weir_producer *p)
{
	uint8_t buf[64];

	for (uint64_t i = 1; i <= RECORDS; i++)
		if (kit_await_sleepers(ch, 1) != 0 ||
		    weir_publish(p, buf, kit_rec(buf, 0, i, 40), NULL) !=
			(int64_t)i)
			return false;
	return true;
}

static int
sleeper(struct proc *me, void *arg)
{
	weir_store *st;
	weir_consumer *c;

	if (!refuse_membarrier())
		return 77;
	st = kit_store(arg);
	c = kit_consumer(kit_channel_find(st, "c"), "c", 0, WEIR_FROM_NEW);
	proc_tell(me, 'r');
	proc_hear(me);
	proc_check(read_all(c));
	weir_store_close(st);
	return 0;
}

static void
fence_is_asked_for_when_a_sleeper_opens(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_EXCLUSIVE, 256);
	weir_producer *p = kit_producer(ch, "p", 0);
	struct proc child;
	int rc;

	CU_ASSERT_FATAL(proc_start(&child, sleeper, (void *)(uintptr_t)name) ==
			0);
	if (proc_hear(&child) == 'r') {
		CU_ASSERT_EQUAL(wi_load_relaxed_32(&st->control->need_fence),
				1);
		proc_tell(&child, 'g');
		CU_ASSERT(publish_all(ch, p));
	}
	rc = proc_wait(&child);
	if (rc == 77)
		t_skip("no seccomp filters here");
	else
		CU_ASSERT_EQUAL(rc, 0);
	weir_store_close(st);
}

static int
talker(struct proc *me, void *arg)
{
	weir_store *st;
	weir_channel *ch;

	if (!refuse_membarrier())
		return 77;
	st = kit_store(arg);
	proc_check(st->must_fence);
	ch = kit_channel_find(st, "c");
	proc_tell(me, 'r');
	proc_check(publish_all(ch, kit_producer(ch, "p", 0)));
	weir_store_close(st);
	return 0;
}

static void
fence_is_made_by_who_cannot_be_reached(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_EXCLUSIVE, 256);
	weir_consumer *c = kit_consumer(ch, "c", 0, WEIR_FROM_NEW);
	struct proc child;
	int rc;

	CU_ASSERT_FATAL(proc_start(&child, talker, (void *)(uintptr_t)name) ==
			0);
	if (proc_hear(&child) == 'r')
		CU_ASSERT(read_all(c));
	rc = proc_wait(&child);
	if (rc == 77)
		t_skip("no seccomp filters here");
	else
		CU_ASSERT_EQUAL(rc, 0);
	CU_ASSERT_EQUAL(wi_load_relaxed_32(&st->control->need_fence), 0);
	weir_store_close(st);
}

SUITE("fence", TEST(fence_is_asked_for_when_a_sleeper_opens),
      TEST(fence_is_made_by_who_cannot_be_reached));
