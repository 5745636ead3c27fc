/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_wake.c - who sleeps is woken, who does not costs nothing.
 */
#include "support/sys.h"
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct bed {
	const char *store;
	uint32_t overflow, producers, flags;
	uint64_t *seen; /* the highest seq, per sleeper */
	uint64_t *stop;
	unsigned me;
};

static int
sleeper(struct proc *me, void *arg)
{
	struct bed *b = arg;
	weir_channel *ch = kit_channel_find(kit_store(b->store), "c");
	weir_consumer *c;
	weir_record rec;
	char id[16];

	snprintf(id, sizeof(id), "c%u", b->me);
	c = kit_consumer(ch, id, b->flags, WEIR_FROM_NEW);
	proc_tell(me, 'r');
	while (!kit_get(b->stop)) {
		proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1);
		kit_set(&b->seen[b->me], rec.seq);
	}
	weir_consumer_close(c);
	return 0;
}

static int
reaches(const uint64_t *word, uint64_t value)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (kit_get(word) < value)
		if (proc_now_ns() > end)
			return 0;
	return 1;
}

#define SLEEPERS 4

/* With looks alone, one a second, the rounds would take longer than the
 * runner waits. */
static void
wakes(uint32_t overflow, uint32_t producers, uint32_t flags)
{
	struct bed b = {
	    .overflow = overflow, .producers = producers, .flags = flags};
	weir_store *st = tmpstore_new(&b.store);
	weir_channel *ch = kit_channel(st, "c", overflow, producers, 16);
	weir_producer *p = kit_producer(ch, "p", -1);
	struct proc s[SLEEPERS];
	uint8_t buf[KIT_REC_MAX];
	int64_t seq, from, spent = 0;

	b.seen = kit_shared(SLEEPERS * 8);
	b.stop = kit_shared(8);
	for (b.me = 0; b.me < SLEEPERS; b.me++) {
		CU_ASSERT_FATAL(proc_start(&s[b.me], sleeper, &b) == 0);
		CU_ASSERT_EQUAL(proc_hear(&s[b.me]), 'r');
	}
	for (int round = 0; round < 100; round++) {
		CU_ASSERT_EQUAL_FATAL(kit_await_sleepers(ch, SLEEPERS), 0);
		for (unsigned i = 0; round % 2 && i < SLEEPERS; i++)
			CU_ASSERT_EQUAL(proc_await_asleep(&s[i]), 0);
		if (round == 99)
			kit_set(b.stop, 1);
		from = proc_now_ns();
		seq = weir_publish(p, buf, kit_rec(buf, 1, 1, 50), NULL);
		CU_ASSERT_EQUAL(seq, round + 1);
		for (unsigned i = 0; i < SLEEPERS; i++)
			CU_ASSERT_FATAL(reaches(&b.seen[i], (uint64_t)seq));
		spent += proc_now_ns() - from;
	}
	for (unsigned i = 0; i < SLEEPERS; i++)
		CU_ASSERT_EQUAL(proc_wait(&s[i]), 0);
	t_log("%lld us for %d sleepers to wake\n",
	      (long long)spent / 100 / 1000, SLEEPERS);
	CU_ASSERT_EQUAL(kit_sleeper_cnt(ch), 0);
	weir_store_close(st);
	kit_unshared(b.seen, SLEEPERS * 8);
	kit_unshared(b.stop, 8);
}

static void
wake_shared(void)
{
	wakes(WEIR_OVERWRITE, WEIR_SHARED, 0);
}

static void
wake_exclusive(void)
{
	wakes(WEIR_OVERWRITE, WEIR_EXCLUSIVE, 0);
}

static void
wake_block(void)
{
	wakes(WEIR_BLOCK, WEIR_SHARED, WEIR_GATE);
	wakes(WEIR_BLOCK, WEIR_EXCLUSIVE, WEIR_GATE);
}

/* ---- who wakes them dies right after the commit ---------------------------
 */

static int
dying(struct proc *me, void *arg)
{
	struct bed *b = arg;
	weir_channel *ch = kit_channel_find(kit_store(b->store), "c");
	weir_producer *p = kit_producer(ch, "dying", -1);
	uint8_t buf[KIT_REC_MAX];

	proc_tell(me, 'r');
	while (weir_publish(p, buf, kit_rec(buf, 1, 1, 50), NULL) > 0)
		;
	return 1;
}

static void
wake_though_the_waker_was_killed(void)
{
	struct bed b = {.flags = 0};
	struct rng rng = {t_seed(0x77a4e)};
	weir_store *st = tmpstore_new(&b.store);
	weir_channel *ch =
	    kit_channel(st, "c", WEIR_OVERWRITE, WEIR_SHARED, 16);
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer *p;
	struct proc s[SLEEPERS], d;
	uint8_t buf[KIT_REC_MAX];

	b.seen = kit_shared(SLEEPERS * 8);
	b.stop = kit_shared(8);
	for (b.me = 0; b.me < SLEEPERS; b.me++) {
		CU_ASSERT_FATAL(proc_start(&s[b.me], sleeper, &b) == 0);
		CU_ASSERT_EQUAL(proc_hear(&s[b.me]), 'r');
	}
	for (int round = 0; round < (t_torture() ? 5000 : 100); round++) {
		CU_ASSERT_FATAL(proc_start(&d, dying, &b) == 0);
		CU_ASSERT_EQUAL(proc_hear(&d), 'r');
		kit_nap(&rng, 1000);
		CU_ASSERT_EQUAL(proc_kill(&d), -SIGKILL);
		CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
		for (unsigned i = 0; i < SLEEPERS; i++)
			CU_ASSERT_FATAL(reaches(&b.seen[i], info.newest_seq));
	}
	kit_set(b.stop, 1);
	p = kit_producer(ch, "p", 0);
	CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 50), NULL) > 0);
	for (unsigned i = 0; i < SLEEPERS; i++)
		CU_ASSERT_EQUAL(proc_wait(&s[i]), 0);
	weir_store_close(st);
	kit_unshared(b.seen, SLEEPERS * 8);
	kit_unshared(b.stop, 8);
}

/* ---- system calls -----------------------------------------------------------
 */

#define MARK SYS_getppid

/* Between two marks: 1000 publishes. */
static int
publisher(struct proc *me, void *arg)
{
	struct bed *b = arg;
	weir_channel *ch = kit_channel_find(kit_store(b->store), "c");
	weir_producer *p = kit_producer(ch, "p", -1);
	weir_consumer *c = kit_consumer(ch, "awake", 0, WEIR_FROM_NEW);
	weir_record rec;
	uint8_t buf[KIT_REC_MAX];
	size_t len;

	(void)me;
	for (uint64_t i = 0; i < 3000; i++) { /* once around everything */
		len = kit_rec(buf, 1, i, 20 + i % 400);
		proc_check(weir_publish(p, buf, len, NULL) > 0);
		proc_check(weir_read(c, &rec, 1, 0) == 1);
	}
	proc_check(weir_read(c, &rec, 1, 0) == -EAGAIN);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		return 77;
	raise(SIGSTOP);
	syscall(MARK);
	for (uint64_t i = 0; i < 1000; i++) {
		len = kit_rec(buf, 1, i, 20 + i % 400);
		if (weir_publish(p, buf, len, NULL) <= 0)
			return 1;
	}
	syscall(MARK);
	return 0;
}

/* Which system call @pid is about to make, or has just made: the marks count
 * both ways. */
static long
syscall_of(pid_t pid)
{
	struct __ptrace_syscall_info i = {.op = 0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(i), &i) <= 0)
		return -2;
	return i.op == PTRACE_SYSCALL_INFO_ENTRY ? (long)i.entry.nr : -1;
}

/* System calls between the marks; -1: cannot trace here. */
static int
count_calls(struct proc *p)
{
	int status, marks = 0, cnt = 0;
	long nr;

	if (waitpid(p->pid, &status, WUNTRACED) != p->pid ||
	    !WIFSTOPPED(status))
		return -1;
	ptrace(PTRACE_SETOPTIONS, p->pid, NULL,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	while (marks < 2) {
		if (ptrace(PTRACE_SYSCALL, p->pid, NULL, NULL) < 0 ||
		    waitpid(p->pid, &status, 0) != p->pid ||
		    !WIFSTOPPED(status))
			return -1;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		nr = syscall_of(p->pid);
		if (nr == MARK)
			marks++;
		else if (nr >= 0 && marks == 1) {
			t_log("system call %ld\n", nr);
			cnt++;
		}
	}
	ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
	return cnt;
}

static void
publish_makes_no_call(uint32_t overflow, uint32_t producers)
{
	struct bed b = {.overflow = overflow};
	weir_store *st = tmpstore_new(&b.store);
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch = kit_channel(st, "c", overflow, producers, 64);
	struct proc p;
	int cnt;

	CU_ASSERT_FATAL(proc_start(&p, publisher, &b) == 0);
	cnt = count_calls(&p);
	if (cnt < 0) {
		proc_kill(&p);
		t_skip("no ptrace here");
	} else {
		CU_ASSERT_EQUAL(cnt, 0);
		CU_ASSERT_EQUAL(proc_wait(&p), 0);
		CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
		CU_ASSERT_EQUAL(info.newest_seq, 4000);
		CU_ASSERT_EQUAL(info.stamps, WEIR_ON);
	}
	weir_store_close(st);
}

static void
wake_nobody_makes_no_system_call(void)
{
	publish_makes_no_call(WEIR_OVERWRITE, WEIR_SHARED);
	publish_makes_no_call(WEIR_OVERWRITE, WEIR_EXCLUSIVE);
	publish_makes_no_call(WEIR_BLOCK, WEIR_SHARED);
	publish_makes_no_call(WEIR_BLOCK, WEIR_EXCLUSIVE);
}

/* ---- idle -------------------------------------------------------------------
 */

static long
sleeps(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nvcsw;
}

enum { BY_READ, BY_WAIT, BY_FD, WAYS };

static int
idler(struct proc *me, void *arg)
{
	struct bed *b = arg;
	weir_store *st = kit_store(b->store);
	weir_consumer *c[2] = {
	    kit_consumer(kit_channel_find(st, "c"), NULL, 0, WEIR_FROM_NEW)};
	struct pollfd fd = {.events = POLLIN};
	weir_record rec;
	char id[16];
	long before;

	weir_consumer_close(c[0]);
	snprintf(id, sizeof(id), "c%u", b->me);
	c[0] = kit_consumer(kit_channel_find(st, "c"), id, 0, WEIR_FROM_NEW);
	c[1] = kit_consumer(kit_channel_find(st, "x"), id, 0, WEIR_FROM_NEW);
	if (b->me == BY_FD) {
		fd.fd = weir_fd(c[0]);
		proc_check(fd.fd >= 0);
		proc_check(weir_read(c[0], &rec, 1, 0) == -EAGAIN);
		proc_nap_ms(50); /* the thread comes up */
	}
	proc_tell(me, 'r');
	before = sleeps();
	switch (b->me) {
	case BY_READ:
		proc_check(weir_read(c[0], &rec, 1, 3 * KIT_S) == -EAGAIN);
		break;
	case BY_WAIT:
		proc_check(weir_wait(c, 2, 3 * KIT_S, NULL) == -EAGAIN);
		break;
	case BY_FD:
		proc_check(poll(&fd, 1, 3000) == 0);
		break;
	}
	proc_send(me, (uint64_t)(sleeps() - before));
	weir_consumer_close(c[0]);
	weir_consumer_close(c[1]);
	return 0;
}

/* About one look a second, whichever way one waits; 20 where a sleep is on one
 * word of several. */
static void
wake_an_idle_one_hardly_ever(void)
{
	struct bed b = {.flags = 0};
	weir_store *st = tmpstore_new(&b.store);
	struct proc p[WAYS];
	uint64_t cnt, most = sys_has_futex_waitv() ? 5 : 63;

	kit_channel(st, "c", WEIR_OVERWRITE, WEIR_SHARED, 64);
	kit_channel(st, "x", WEIR_OVERWRITE, WEIR_EXCLUSIVE, 64);
	for (b.me = 0; b.me < WAYS; b.me++) {
		CU_ASSERT_FATAL(proc_start(&p[b.me], idler, &b) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[b.me]), 'r');
	}
	for (unsigned i = 0; i < WAYS; i++) {
		cnt = 1000;
		CU_ASSERT_EQUAL(proc_recv(&p[i], &cnt), 0);
		t_log("way %u: %llu sleeps in 3 s\n", i,
		      (unsigned long long)cnt);
		CU_ASSERT(cnt >= 1 && cnt <= most + (i == BY_FD));
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
	}
	weir_store_close(st);
}

SUITE("wake", TEST(wake_shared), TEST(wake_exclusive), TEST(wake_block),
      TEST(wake_though_the_waker_was_killed),
      TEST(wake_nobody_makes_no_system_call),
      TEST(wake_an_idle_one_hardly_ever));
