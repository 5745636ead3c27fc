/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_silent.c - where nobody sleeps, publishing and reading ask nothing of
 * the system: a process that is ended by its first system call does both.
 */
#include "kit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/sys.h"

#define RECORDS	  3000
#define NO_FILTER 77

static const char *name;

/* From now on there is one call left: to end. */
static bool
be_silent(void)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = {4, code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

static _Noreturn void
end(bool good)
{
	for (;;)
		syscall(SYS_exit_group, good ? 0 : 1);
}

struct kind {
	uint32_t overflow, producers, stamps;
	const char *schema;
};

struct ends {
	weir_channel *ch;
	weir_producer *p;
	weir_consumer *c;
};

static struct ends
open_ends(weir_store *st, const struct kind *k)
{
	weir_channel_opts co = {.size = sizeof(co),
				.overflow = k->overflow,
				.producers = k->producers,
				.stamps = k->stamps,
				.capacity = 16,
				.schema = k->schema};
	struct ends e = {NULL, NULL, NULL};

	if (weir_channel_open(st, "c", &co, &e.ch, NULL) != 0)
		return e;
	e.p = kit_producer(e.ch, "p", 0);
	e.c = kit_consumer(e.ch, "c", k->overflow == WEIR_BLOCK ? WEIR_GATE : 0,
			   WEIR_FROM_NEW);
	return e;
}

/* Every way to publish in turn, and every way to read. */
static bool
go_round(const struct ends *e)
{
	static uint8_t rec[64];
	static weir_record recs[4];
	static uint8_t copy[256];
	struct iovec io[2] = {{rec, sizeof(rec)}, {rec, sizeof(rec)}};
	weir_record now;
	uint64_t seq = 0;
	void *buf;
	int n;

	/* a bin of 62 bytes */
	memset(rec, 0x7f, sizeof(rec));
	rec[0] = 0xc4;
	rec[1] = sizeof(rec) - 2;
	for (int i = 0; i < RECORDS; i++) {
		int64_t rc;

		switch (i % 3) {
		case 0:
			rc = weir_publish(e->p, rec, sizeof(rec), NULL);
			break;
		case 1:
			rc = weir_publish_batch(e->p, io, 2, NULL);
			break;
		default:
			if (weir_loan(e->p, sizeof(rec), &buf) != 0)
				return false;
			memcpy(buf, rec, sizeof(rec));
			rc = weir_commit(e->p, sizeof(rec), NULL);
		}
		if (rc <= 0)
			return false;
		n = weir_read(e->c, recs, 4, 0);
		if (n <= 0 || recs[n - 1].seq != (uint64_t)rc ||
		    recs[0].seq != seq + 1)
			return false;
		seq = (uint64_t)rc;
		if (weir_read(e->c, recs, 4, 0) != -EAGAIN)
			return false;
		if (weir_current(e->ch, NULL, copy, sizeof(copy), &now) != 0 ||
		    now.seq != seq)
			return false;
	}
	return weir_clear(e->p) > 0;
}

static int
silent(struct proc *me, void *arg)
{
	weir_store *st = kit_store(name);
	struct ends e = open_ends(st, arg);

	(void)me;
	if (!e.c)
		return 1;
	/* so that what is found once is found by now */
	if (!go_round(&e))
		return 2;
	weir_consumer_close(e.c);
	weir_producer_close(e.p);
	weir_channel_close(e.ch);
	if (weir_channel_remove(st, "c", NULL) != 0)
		return 3;
	e = open_ends(st, arg);
	if (!e.c)
		return 1;
	if (!be_silent())
		return NO_FILTER;
	end(go_round(&e));
}

static void
nobody_sleeps_nothing_is_called(void)
{
	static const struct kind kinds[] = {
	    {WEIR_OVERWRITE, WEIR_EXCLUSIVE, WEIR_OFF, NULL},
	    {WEIR_OVERWRITE, WEIR_SHARED, WEIR_OFF, NULL},
	    {WEIR_BLOCK, WEIR_EXCLUSIVE, WEIR_OFF, NULL},
	    {WEIR_BLOCK, WEIR_SHARED, WEIR_OFF, NULL},
	    {WEIR_OVERWRITE, WEIR_SHARED, WEIR_OFF, "{\"x-msgpack\":\"bin\"}"},
	};

	if (sys_is_emulated()) {
		t_skip("an emulator makes calls of its own");
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct kind k = kinds[i];
		weir_store *st = tmpstore_new(&name);
		struct proc p;
		int rc;

		CU_ASSERT_EQUAL_FATAL(proc_start(&p, silent, &k), 0);
		rc = proc_wait(&p);
		weir_store_close(st);
		tmpstore_drop(name);
		if (rc == NO_FILTER) {
			t_skip("no filters here");
			return;
		}
		CU_ASSERT_EQUAL(rc, 0);
	}
}

/* ---- and where somebody does
 * -------------------------------------------------------------------- */

static int
sleeper(struct proc *me, void *arg)
{
	weir_channel *ch = kit_channel_find(kit_store(name), "c");
	weir_consumer *c = kit_consumer(ch, "sleeper", 0, WEIR_FROM_NEW);
	weir_record rec;

	(void)arg;
	proc_tell(me, 'r');
	return weir_read(c, &rec, 1, 20 * KIT_S) == 1 ? 0 : 1;
}

static int
waker(struct proc *me, void *arg)
{
	weir_channel *ch = kit_channel_find(kit_store(name), "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	static const uint8_t one = 1;

	(void)me;
	(void)arg;
	if (kit_await_sleepers(ch, 1) != 0)
		return 1;
	if (!be_silent())
		return NO_FILTER;
	end(weir_publish(p, &one, 1, NULL) > 0);
}

/* The filter does see a call; and he who died of it had published. */
static void
one_who_sleeps_is_woken_by_a_call(void)
{
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch =
	    kit_channel(st, "c", WEIR_OVERWRITE, WEIR_SHARED, 16);
	struct proc s, p;
	int rc;

	CU_ASSERT_EQUAL_FATAL(proc_start(&s, sleeper, NULL), 0);
	CU_ASSERT_EQUAL(proc_hear(&s), 'r');
	CU_ASSERT_EQUAL_FATAL(proc_start(&p, waker, NULL), 0);
	rc = proc_wait(&p);
	if (rc == NO_FILTER) {
		proc_kill(&s);
		t_skip("no filters here");
	} else {
		CU_ASSERT_EQUAL(rc, -SIGSYS);
		CU_ASSERT_EQUAL(proc_wait(&s), 0);
	}
	weir_channel_close(ch);
	weir_store_close(st);
	tmpstore_drop(name);
}

SUITE("silent", TEST(nobody_sleeps_nothing_is_called),
      TEST(one_who_sleeps_is_woken_by_a_call));
