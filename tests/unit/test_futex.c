/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_futex.c - sleeping, waking, and the bell that rings for the dead.
 *
 * The waits are tried with futex_waitv and without.
 */
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomic.h"
#include "platform/clock.h"
#include "platform/futex.h"
#include "platform/shm.h"

#define MS 1000000

static struct shared {
	uint32_t slot, other, bell;
	uint32_t filler[13];
	pthread_mutex_t mutex;
} * shared;
static const struct shared *view; /* the same, read-only */

static void
before(void)
{
	int fd = wi_shm_anonymous(NULL, sizeof(*shared), 0600);

	/* not wi_shm_map: the children of a test need it */
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	view = mmap(NULL, sizeof(*view), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
}

static void
after(void)
{
	wi_futex_waitv_absent(false);
	munmap(shared, sizeof(*shared));
	munmap((void *)(uintptr_t)view, sizeof(*view));
}

/* As the kernel has it, apart from our cache. */
static struct robust_list_head *
robust_list(void)
{
	struct robust_list_head *head = NULL;
	size_t len;

	if (syscall(SYS_get_robust_list, 0, &head, &len) < 0)
		return NULL;
	return head;
}

static bool
has_waitv(void)
{
	return syscall(449, NULL, 0, 0, NULL, 0) < 0 && errno == EINVAL;
}

static bool
no_bell(void)
{
	if (robust_list() && has_waitv())
		return false;
	t_skip("no robust list or no futex_waitv");
	return true;
}

/* ---- waits that end at once
 * -------------------------------------------------- */

static void
ends_at_once(void)
{
	uint32_t words[3] = {1, 2, 3};
	struct wi_wait_word w[3] = {
	    {&words[0], 1, false}, {&words[1], 2, true}, {&words[2], 3, false}};

	/* as they should be: only the deadline ends it */
	CU_ASSERT_EQUAL(wi_futex_wait(w, 1, 0), -ETIMEDOUT);
	CU_ASSERT_EQUAL(wi_futex_wait(w, 1, INT64_MIN), -ETIMEDOUT);
	CU_ASSERT_EQUAL(wi_futex_wait(w, 3, 0), -ETIMEDOUT);
	CU_ASSERT_EQUAL(wi_futex_wait(w, 3, INT64_MIN), -ETIMEDOUT);
	for (int i = 0; i < 3; i++) {
		words[i]++;
		CU_ASSERT_EQUAL(wi_futex_wait(w, 3, INT64_MAX), -EAGAIN);
		CU_ASSERT_EQUAL(wi_futex_wait(w, 3, 0), -EAGAIN);
		CU_ASSERT_EQUAL(wi_futex_wait(&w[i], 1, INT64_MAX), -EAGAIN);
		words[i]--;
	}
}

static void
futex_other_value_is_eagain(void)
{
	ends_at_once();
	wi_futex_waitv_absent(true);
	ends_at_once();
}

static void
times_out(int cnt)
{
	struct wi_wait_word w[2] = {{&view->slot, 0, false},
				    {&view->bell, 0, false}};
	int64_t end = wi_deadline(120 * MS);
	int r;

	/* without futex_waitv it comes back in between */
	do
		r = wi_futex_wait(w, cnt, end);
	while (r == -EAGAIN);
	CU_ASSERT_EQUAL(r, -ETIMEDOUT);
	CU_ASSERT(wi_clock_mono() >= end);
}

static void
futex_nobody_wakes_is_etimedout_at_the_deadline(void)
{
	times_out(1);
	times_out(2);
	wi_futex_waitv_absent(true);
	times_out(1);
	times_out(2);
}

static void
futex_bad_counts_are_einval(void)
{
	struct wi_wait_word w[WI_WAIT_MAX + 1];

	for (int i = 0; i <= WI_WAIT_MAX; i++)
		w[i] = (struct wi_wait_word){&view->slot, 0, i % 2 != 0};
	CU_ASSERT_EQUAL(wi_futex_wait(w, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(wi_futex_wait(w, -1, 0), -EINVAL);
	CU_ASSERT_EQUAL(wi_futex_wait(w, WI_WAIT_MAX + 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(wi_futex_wait(w, WI_WAIT_MAX, 0), -ETIMEDOUT);
}

static void
futex_wake_of_nobody_is_0_and_keeps_errno(void)
{
	errno = ENOTTY;
	CU_ASSERT_EQUAL(wi_futex_wake(&shared->slot, 0, false), 0);
	CU_ASSERT_EQUAL(wi_futex_wake(&shared->slot, 3, true), 0);
	CU_ASSERT_EQUAL(
	    wi_futex_wake((uint32_t *)((uintptr_t)&shared->slot + 1), 0, false),
	    -EINVAL);
	CU_ASSERT_EQUAL(errno, ENOTTY);
}

/* ---- sleepers
 * ---------------------------------------------------------------- */

#define INTERRUPTED 100
#define CHANGED	    101

static void
on_signal(int sig)
{
	(void)sig;
}

/* Sleeps in the read-only mapping on {slot} or {other, slot, bell}, while
 * slot is 0.  Ends with the index that it was woken by. */
static int
sleep_on(struct proc *me, int cnt)
{
	struct wi_wait_word one = {&view->slot, 0, false};
	struct wi_wait_word many[3] = {{&view->other, 0, false},
				       {&view->slot, 0, false},
				       {&view->bell, 0, false}};
	struct sigaction sa = {.sa_handler = on_signal};
	int r;

	sigaction(SIGUSR1, &sa, NULL);
	proc_tell(me, 'r');
	do {
		if (wi_load_relaxed_32(&view->slot) == 9)
			return CHANGED;
		r = wi_futex_wait(cnt == 1 ? &one : many, cnt, INT64_MAX);
	} while (r == -EAGAIN);
	return r == -EINTR ? INTERRUPTED : r < 0 ? -r : r;
}

static int
sleep_on_one(struct proc *me, void *arg)
{
	(void)arg;
	return sleep_on(me, 1);
}

static int
sleep_on_many(struct proc *me, void *arg)
{
	(void)arg;
	return sleep_on(me, 3);
}

static void
start_sleeper(struct proc *p, int (*fn)(struct proc *me, void *arg))
{
	CU_ASSERT_FATAL(proc_start(p, fn, NULL) == 0);
	CU_ASSERT_EQUAL(proc_hear(p), 'r');
	CU_ASSERT_EQUAL(proc_await_asleep(p), 0);
}

static void
futex_wake_reaches_other_processes(void)
{
	struct proc p[3];

	start_sleeper(&p[0], sleep_on_one);
	start_sleeper(&p[1], sleep_on_one);
	start_sleeper(&p[2], sleep_on_one);
	/* from the other mapping of the same memory */
	CU_ASSERT_EQUAL(wi_futex_wake(&view->slot, 1, false), 1);
	CU_ASSERT_EQUAL(wi_futex_wake(&shared->slot, 0, true), 0);
	CU_ASSERT_EQUAL(wi_futex_wake(&shared->slot, 0, false), 2);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(proc_wait(&p[i]), 0);
}

static void
futex_wait_on_many_says_which(void)
{
	uint32_t *words[3] = {&shared->other, &shared->slot, &shared->bell};
	struct proc p;

	if (!has_waitv()) {
		t_skip("no futex_waitv");
		return;
	}
	for (int i = 0; i < 3; i++) {
		start_sleeper(&p, sleep_on_many);
		CU_ASSERT_EQUAL(wi_futex_wake(words[i], 0, false), 1);
		CU_ASSERT_EQUAL(proc_wait(&p), i);
	}
}

/* The wake goes to a word that is not slept on; the sleeper looks by itself
 * before long. */
static void
futex_without_waitv_changes_are_seen(void)
{
	struct proc p;

	wi_futex_waitv_absent(true);
	start_sleeper(&p, sleep_on_many);
	wi_store_relaxed_32(&shared->slot, 9);
	CU_ASSERT_EQUAL(proc_wait(&p), CHANGED);
}

static void
interrupts(int (*fn)(struct proc *me, void *arg))
{
	struct proc p;

	start_sleeper(&p, fn);
	kill(p.pid, SIGUSR1);
	CU_ASSERT_EQUAL(proc_wait(&p), INTERRUPTED);
}

static void
futex_signal_handler_is_eintr(void)
{
	interrupts(sleep_on_one);
	interrupts(sleep_on_many);
}

/* Between two slices it is not in the kernel, so the signal is repeated. */
static void
futex_without_waitv_signal_handler_is_eintr(void)
{
	struct proc p;

	wi_futex_waitv_absent(true);
	start_sleeper(&p, sleep_on_many);
	while (proc_ended(&p) == 0) {
		kill(p.pid, SIGUSR1);
		proc_nap_ms(1);
	}
	CU_ASSERT_EQUAL(proc_wait(&p), INTERRUPTED);
}

/* A kernel or a filter that answers futex_waitv with @arg. */
static int
refused_waitv(struct proc *me, void *arg)
{
	uint32_t answer = SECCOMP_RET_ERRNO | *(const uint16_t *)arg;
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 449, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, answer),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {4, code};
	struct wi_wait_word w[2] = {{&view->slot, 0, false},
				    {&view->bell, 0, false}};

	(void)me;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return 77;
	proc_check(wi_futex_wait(w, 2, INT64_MAX) == -EAGAIN);
	proc_check(wi_futex_wait(w, 2, 0) == -ETIMEDOUT);
	w[1].val = 1;
	proc_check(wi_futex_wait(w, 2, INT64_MAX) == -EAGAIN);
	return 0;
}

static void
futex_refused_waitv_falls_back(void)
{
	static uint16_t answers[2] = {ENOSYS, EPERM};
	struct proc p;
	int r;

	for (int i = 0; i < 2; i++) {
		CU_ASSERT_FATAL(proc_start(&p, refused_waitv, &answers[i]) ==
				0);
		r = proc_wait(&p);
		if (r == 77)
			t_skip("no seccomp filters here");
		else
			CU_ASSERT_EQUAL(r, 0);
	}
}

/* ---- private words
 * ----------------------------------------------------------- */

static uint32_t private_word;

static void *
sleep_privately(void *arg)
{
	struct wi_wait_word w[2] = {{arg, 0, false}, {&private_word, 0, true}};
	static int ret;

	do
		ret = wi_futex_wait(w, 2,
				    wi_deadline(PROC_PATIENCE_S * 1000LL * MS));
	while (ret == -EAGAIN);
	return &ret;
}

static void
futex_private_word_wakes_a_thread(void)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * 1000LL * MS;
	pthread_t thread;
	void *ret = NULL;
	int r = 0, wrong = 0;

	if (!has_waitv()) {
		t_skip("no futex_waitv");
		return;
	}
	CU_ASSERT_FATAL(
	    pthread_create(&thread, NULL, sleep_privately, &shared->slot) == 0);
	while (r == 0 && proc_now_ns() < end) {
		wrong += wi_futex_wake(&private_word, 0, false);
		r = wi_futex_wake(&private_word, 0, true);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(r, 1);
	pthread_join(thread, &ret);
	CU_ASSERT_EQUAL(*(int *)ret, 1);
}

/* ---- the bell
 * ---------------------------------------------------------------- */

/* Commits, and dies before it can wake anybody. */
static int
commit_and_die(struct proc *me, void *arg)
{
	uintptr_t old;

	(void)arg;
	old = wi_bell_arm(&shared->bell);
	wi_store_relaxed_32(&shared->slot, 9);
	proc_tell(me, 'c');
	for (;;)
		pause();
	wi_bell_disarm(old);
	return 0;
}

static void
bell_rings_when_the_waker_is_killed(void)
{
	struct proc sleeper, waker;

	if (no_bell())
		return;
	/* what this thread knows of itself must hold for its children */
	wi_bell_disarm(wi_bell_arm(&shared->bell));
	start_sleeper(&sleeper, sleep_on_many);
	CU_ASSERT_FATAL(proc_start(&waker, commit_and_die, NULL) == 0);
	CU_ASSERT_EQUAL(proc_hear(&waker), 'c');
	CU_ASSERT_EQUAL(proc_await_asleep(&sleeper), 0);
	CU_ASSERT_EQUAL(proc_kill(&waker), -SIGKILL);
	CU_ASSERT_EQUAL(proc_wait(&sleeper), 2);
	CU_ASSERT_EQUAL(view->bell, 0);
}

static void *
arm_and_exit(void *arg)
{
	wi_bell_arm(arg);
	return NULL;
}

/* A thread that ends in between, in a process that lives on. */
static int
arm_in_a_thread(struct proc *me, void *arg)
{
	pthread_t thread;

	proc_check(pthread_create(&thread, NULL, arm_and_exit, arg) == 0);
	pthread_join(thread, NULL);
	proc_tell(me, 't');
	proc_hear(me);
	return 0;
}

static void
bell_rings_when_a_thread_ends(void)
{
	struct proc sleeper, waker;

	if (no_bell())
		return;
	start_sleeper(&sleeper, sleep_on_many);
	CU_ASSERT_FATAL(proc_start(&waker, arm_in_a_thread, &shared->bell) ==
			0);
	CU_ASSERT_EQUAL(proc_hear(&waker), 't');
	CU_ASSERT_EQUAL(proc_wait(&sleeper), 2);
	proc_tell(&waker, 'q');
	CU_ASSERT_EQUAL(proc_wait(&waker), 0);
}

static int
arm_and_disarm(struct proc *me, void *arg)
{
	(void)me;
	(void)arg;
	wi_bell_disarm(wi_bell_arm(&shared->bell));
	kill(getpid(), SIGKILL);
	return 0;
}

static void
bell_disarmed_does_not_ring(void)
{
	struct proc sleeper, waker;

	if (no_bell())
		return;
	start_sleeper(&sleeper, sleep_on_many);
	CU_ASSERT_FATAL(proc_start(&waker, arm_and_disarm, NULL) == 0);
	CU_ASSERT_EQUAL(proc_wait(&waker), -SIGKILL);
	/* the kernel is done with the dead: the wake finds the sleeper */
	CU_ASSERT_EQUAL(wi_futex_wake(&shared->slot, 0, false), 1);
	CU_ASSERT_EQUAL(proc_wait(&sleeper), 1);
}

static void
bell_puts_the_old_value_back(void)
{
	struct robust_list_head *head = robust_list();
	uint32_t outer = 0, inner = 0;
	uintptr_t first, second;

	if (!head) {
		t_skip("no robust list");
		return;
	}
	CU_ASSERT_PTR_NULL(head->list_op_pending);
	first = wi_bell_arm(&outer);
	CU_ASSERT_PTR_NULL(first);
	CU_ASSERT_PTR_EQUAL((char *)head->list_op_pending + head->futex_offset,
			    &outer);
	/* in a signal handler, say */
	second = wi_bell_arm(&inner);
	CU_ASSERT_PTR_EQUAL((char *)head->list_op_pending + head->futex_offset,
			    &inner);
	wi_bell_disarm(second);
	CU_ASSERT_PTR_EQUAL((char *)head->list_op_pending + head->futex_offset,
			    &outer);
	wi_bell_disarm(first);
	CU_ASSERT_PTR_NULL(head->list_op_pending);
}

/* libc's own robust mutexes go on working beside it. */
static int
lock_arm_and_die(struct proc *me, void *arg)
{
	(void)me;
	(void)arg;
	proc_check(pthread_mutex_lock(&shared->mutex) == 0);
	wi_bell_arm(&shared->bell);
	kill(getpid(), SIGKILL);
	return 0;
}

static void
bell_and_robust_mutex_get_along(void)
{
	struct proc sleeper, waker;
	pthread_mutexattr_t attr;

	if (no_bell())
		return;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	CU_ASSERT_EQUAL(pthread_mutex_init(&shared->mutex, &attr), 0);
	start_sleeper(&sleeper, sleep_on_many);
	CU_ASSERT_FATAL(proc_start(&waker, lock_arm_and_die, NULL) == 0);
	CU_ASSERT_EQUAL(proc_wait(&waker), -SIGKILL);
	CU_ASSERT_EQUAL(proc_wait(&sleeper), 2);
	CU_ASSERT_EQUAL(pthread_mutex_lock(&shared->mutex), EOWNERDEAD);
	pthread_mutex_consistent(&shared->mutex);
	pthread_mutex_unlock(&shared->mutex);
	pthread_mutex_destroy(&shared->mutex);
	pthread_mutexattr_destroy(&attr);
}

/* ---- fences
 * ------------------------------------------------------------------ */

static void
membarrier_is_there_or_says_so(void)
{
	int r = wi_membarrier_register();

	if (r == -ENOSYS || r == -EPERM || r == -EINVAL) {
		CU_ASSERT(wi_membarrier() < 0);
		t_skip("no membarrier");
		return;
	}
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT_EQUAL(wi_membarrier_register(), 0);
	CU_ASSERT_EQUAL(wi_membarrier(), 0);
}

SUITE_WITH("futex", before, after, TEST(futex_other_value_is_eagain),
	   TEST(futex_nobody_wakes_is_etimedout_at_the_deadline),
	   TEST(futex_bad_counts_are_einval),
	   TEST(futex_wake_of_nobody_is_0_and_keeps_errno),
	   TEST(futex_wake_reaches_other_processes),
	   TEST(futex_wait_on_many_says_which),
	   TEST(futex_without_waitv_changes_are_seen),
	   TEST(futex_signal_handler_is_eintr),
	   TEST(futex_without_waitv_signal_handler_is_eintr),
	   TEST(futex_refused_waitv_falls_back),
	   TEST(futex_private_word_wakes_a_thread),
	   TEST(bell_rings_when_the_waker_is_killed),
	   TEST(bell_rings_when_a_thread_ends),
	   TEST(bell_disarmed_does_not_ring),
	   TEST(bell_puts_the_old_value_back),
	   TEST(bell_and_robust_mutex_get_along),
	   TEST(membarrier_is_there_or_says_so));
