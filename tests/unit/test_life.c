/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_life.c - a lock lives exactly as long as the process that took it.
 */
#include "support/sys.h"
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/life.h"

static int fd = -1; /* a description that holds no lock */
static struct wi_file_id id;

static void
before(void)
{
	struct wi_file_info info;

	fd = wi_shm_anonymous("/dev/shm", 0, 0600);
	if (fd < 0 || wi_shm_stat(fd, &info) < 0)
		return;
	id = info.id;
}

static void
after(void)
{
	wi_fd_close(fd);
	fd = -1;
}

static int
held(uint64_t byte)
{
	return wi_life_probe(fd, &id, byte);
}

/* Wait until it is dead, but leave it unreaped. */
static void
kill_only(const struct proc *p)
{
	siginfo_t info;

	kill(p->pid, SIGKILL);
	waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT);
}

/* ---- one process
 * ------------------------------------------------------------- */

static void
life_two_handles_see_each_other(void)
{
	struct wi_life a, b, c;

	CU_ASSERT_EQUAL(held(5), 0);
	CU_ASSERT_EQUAL_FATAL(wi_life_take(&a, fd, 5), 0);
	CU_ASSERT_PTR_NOT_NULL(a.map);
	CU_ASSERT_EQUAL(wi_life_take(&b, fd, 5), WI_HELD);
	CU_ASSERT_PTR_NULL(b.map);
	CU_ASSERT_EQUAL(wi_life_take(&c, fd, 6), 0);
	CU_ASSERT_EQUAL(held(4), 0);
	CU_ASSERT_EQUAL(held(5), 1);
	CU_ASSERT_EQUAL(held(6), 1);

	wi_life_drop(&a, false);
	CU_ASSERT_PTR_NULL(a.map);
	CU_ASSERT_EQUAL(held(5), 0);
	CU_ASSERT_EQUAL(held(6), 1);
	CU_ASSERT_EQUAL(wi_life_take(&b, fd, 5), 0);
	wi_life_drop(&b, false);
	wi_life_drop(&c, false);
	wi_life_drop(&c, false);
	CU_ASSERT_EQUAL(held(6), 0);
}

static void
life_far_bytes_are_bytes(void)
{
	static const uint64_t bytes[] = {0, 4095, (uint64_t)1 << 40,
					 (uint64_t)1 << 62, INT64_MAX - 2};
	struct wi_life life;

	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		CU_ASSERT_EQUAL(wi_life_take(&life, fd, bytes[i]), 0);
		CU_ASSERT_EQUAL(held(bytes[i]), 1);
		CU_ASSERT_EQUAL(held(bytes[i] ^ 1), 0);
		wi_life_drop(&life, false);
		CU_ASSERT_EQUAL(held(bytes[i]), 0);
	}
	CU_ASSERT_EQUAL(wi_life_take(&life, fd, INT64_MAX), -EINVAL);
	CU_ASSERT_EQUAL(wi_life_take(&life, fd, UINT64_MAX), -EINVAL);
}

static void
life_take_of_no_file_fails(void)
{
	struct wi_life life = {&life};

	CU_ASSERT(wi_life_take(&life, -1, 5) < 0);
	CU_ASSERT_PTR_NULL(life.map);
}

static void
life_leaves_no_descriptor(void)
{
	int lowest = dup(fd);
	struct wi_life life, second;

	close(lowest);
	CU_ASSERT_EQUAL(wi_life_take(&life, fd, 1), 0);
	CU_ASSERT_EQUAL(fcntl(lowest, F_GETFD), -1);
	CU_ASSERT_EQUAL(wi_life_take(&second, fd, 1), WI_HELD);
	CU_ASSERT_EQUAL(fcntl(lowest, F_GETFD), -1);
	wi_life_drop(&life, false);
}

static void
life_probe_of_another_file_says_held(void)
{
	int probe = wi_shm_reopen(fd);
	int other = wi_shm_anonymous("/dev/shm", 0, 0600);

	CU_ASSERT_FATAL(probe >= 0 && other >= 0);
	CU_ASSERT_EQUAL(wi_life_probe(probe, &id, 9), 0);
	dup2(other, probe);
	CU_ASSERT_EQUAL(wi_life_probe(probe, &id, 9), 1);
	close(probe);
	CU_ASSERT_EQUAL(wi_life_probe(probe, &id, 9), 1);
	close(other);
}

/* A descriptor of the right file through which nothing can be asked. */
static void
life_probe_without_answer_says_held(void)
{
	char name[64];
	int probe;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	probe = open(name, O_PATH | O_CLOEXEC);
	CU_ASSERT_FATAL(probe >= 0);
	CU_ASSERT_EQUAL(wi_life_probe(probe, &id, 9), 1);
	CU_ASSERT_EQUAL(wi_life_probe(fd, &id, UINT64_MAX), 1);
	close(probe);
}

/* An onlooker with a read lock must not pass for "free" either. */
static void
life_probe_sees_read_locks(void)
{
	int other = wi_shm_reopen(fd);
	struct flock lock = {.l_type = F_RDLCK, .l_start = 3, .l_len = 1};

	CU_ASSERT_EQUAL(fcntl(other, F_OFD_SETLK, &lock), 0);
	CU_ASSERT_EQUAL(held(3), 1);
	close(other);
	CU_ASSERT_EQUAL(held(3), 0);
}

/* ---- several processes
 * ------------------------------------------------------- */

struct order {
	uint64_t byte;
	enum { STAY, CLOSE_ALL, FORK, EXEC, DROP } then;
};

static int
holder(struct proc *me, void *arg)
{
	const struct order *order = arg;
	struct wi_life life;
	char what;

	proc_check(wi_life_take(&life, fd, order->byte) == 0);
	if (order->then == FORK && fork() == 0) {
		/* its parent is not the one that PDEATHSIG watches: the end
		 * of the pipe ends it */
		while (read(me->in, &what, 1) == 1)
			if (write(me->out, &what, 1) != 1)
				break;
		_exit(0);
	}
	proc_tell(me, 'h');
	if (order->then == CLOSE_ALL)
		syscall(SYS_close_range, 3, ~0u, 0);
	if (order->then == EXEC) {
		dup2(me->in, 0);
		dup2(me->out, 1);
		execlp("cat", "cat", (char *)NULL);
		_exit(97);
	}
	if (order->then == DROP) {
		proc_hear(me);
		wi_life_drop(&life, false);
		proc_tell(me, 'd');
	}
	for (;;)
		pause();
}

static void
life_killed_is_free_before_it_is_reaped(void)
{
	struct order order = {7, STAY};
	struct wi_life life;
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	CU_ASSERT_EQUAL(held(7), 1);
	CU_ASSERT_EQUAL(wi_life_take(&life, fd, 7), WI_HELD);
	CU_ASSERT_EQUAL(proc_freeze(&p), 0);
	CU_ASSERT_EQUAL(held(7), 1);
	kill_only(&p);
	CU_ASSERT_EQUAL(held(7), 0);
	CU_ASSERT_EQUAL(proc_wait(&p), -SIGKILL);
}

static void
life_dropped_is_free(void)
{
	struct order order = {7, DROP};
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	CU_ASSERT_EQUAL(held(7), 1);
	proc_tell(&p, 'd');
	CU_ASSERT_EQUAL(proc_hear(&p), 'd');
	CU_ASSERT_EQUAL(held(7), 0);
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
}

static void
life_outlives_its_descriptors(void)
{
	struct order order = {7, CLOSE_ALL};
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	CU_ASSERT_EQUAL(proc_hear(&p), PROC_EGONE); /* all are closed */
	CU_ASSERT_EQUAL(proc_ended(&p), 0);
	CU_ASSERT_EQUAL(held(7), 1);
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	CU_ASSERT_EQUAL(held(7), 0);
}

static void
life_is_not_inherited_by_fork(void)
{
	struct order order = {7, FORK};
	struct proc p;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	CU_ASSERT_EQUAL(held(7), 1);
	kill_only(&p);
	CU_ASSERT_EQUAL(held(7), 0);
	proc_tell(&p, '?');
	CU_ASSERT_EQUAL(proc_hear(&p), '?'); /* the child of it lives */
	CU_ASSERT_EQUAL(proc_wait(&p), -SIGKILL);
}

static void
life_ends_with_exec(void)
{
	struct order order = {7, EXEC};
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	proc_tell(&p, '?');
	CU_ASSERT_EQUAL(proc_hear(&p), '?'); /* cat speaks */
	CU_ASSERT_EQUAL(held(7), 0);
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
}

static int
forgetful(struct proc *me, void *arg)
{
	struct wi_life *life = arg;
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	char *at = life->map, *mine;

	(void)me;
	/* the place is free here */
	mine = mmap(at, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	proc_check(mine == at);
	*mine = 'm';
	wi_life_drop(life, true);
	proc_check(life->map == NULL);
	proc_check(msync(mine, len, MS_ASYNC) == 0);
	proc_check(*mine == 'm');
	return 0;
}

static void
life_drop_in_a_child_unmaps_nothing(void)
{
	struct wi_life life;
	struct proc p;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_EQUAL_FATAL(wi_life_take(&life, fd, 7), 0);
	CU_ASSERT_FATAL(proc_start(&p, forgetful, &life) == 0);
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	CU_ASSERT_EQUAL(held(7), 1);
	wi_life_drop(&life, false);
	CU_ASSERT_EQUAL(held(7), 0);
}

/* ---- forks while another thread takes locks
 * ---------------------------------- */

#define FORK_CNT 40

struct taker {
	pthread_mutex_t lock;
	bool stop;
	int failed_cnt;
};

static bool
stopped(struct taker *t)
{
	bool stop;

	pthread_mutex_lock(&t->lock);
	stop = t->stop;
	pthread_mutex_unlock(&t->lock);
	return stop;
}

static void *
take_and_drop(void *arg)
{
	struct taker *t = arg;
	struct wi_life life;

	/* a byte that a child keeps cannot be taken again */
	while (!stopped(t)) {
		if (wi_life_take(&life, fd, 11) != 0)
			t->failed_cnt++;
		else
			wi_life_drop(&life, false);
	}
	return NULL;
}

static void
life_fork_at_any_time_hands_nothing_down(void)
{
	struct taker t = {.lock = PTHREAD_MUTEX_INITIALIZER};
	pid_t kids[FORK_CNT];
	pthread_t thread;
	int gate[2], cnt = 0;
	char c;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_FATAL(pipe2(gate, O_CLOEXEC) == 0);
	CU_ASSERT_FATAL(pthread_create(&thread, NULL, take_and_drop, &t) == 0);
	while (cnt < FORK_CNT && (kids[cnt] = fork()) >= 0) {
		if (kids[cnt++] > 0)
			continue;
		/* until the parent closes its end, or dies */
		close(gate[1]);
		while (read(gate[0], &c, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	pthread_mutex_lock(&t.lock);
	t.stop = true;
	pthread_mutex_unlock(&t.lock);
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(cnt, FORK_CNT);
	CU_ASSERT_EQUAL(t.failed_cnt, 0);
	CU_ASSERT_EQUAL(held(11), 0);
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < cnt; i++)
		waitpid(kids[i], NULL, 0);
}

/* ---- /proc/locks
 * ------------------------------------------------------------- */

static bool
no_list(void)
{
	if (access("/proc/locks", R_OK) == 0)
		return false;
	t_skip("no /proc/locks");
	return true;
}

/* Processes that have nothing to do with us take and give back locks while
 * the list is read, which can hide some of ours: look until @want are seen.
 * Returns how many there were at last. */
static int
list_until(uint64_t *bytes, int cap, int want)
{
	int cnt = -1;

	for (int i = 0; i < 1000 && cnt != want; i++)
		cnt = wi_life_list(&id, bytes, cap);
	return cnt;
}

static void
life_list_agrees_with_probes(void)
{
	static const uint64_t taken[] = {9, 2, (uint64_t)1 << 62, 5};
	int other = wi_shm_anonymous("/dev/shm", 0, 0600);
	struct order order = {7, STAY};
	struct wi_life lives[4], stranger;
	uint64_t bytes[8];
	struct proc p;

	if (no_list())
		return;
	CU_ASSERT_EQUAL(wi_life_list(&id, bytes, 8), 0);
	CU_ASSERT_FATAL(proc_start(&p, holder, &order) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'h');
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(wi_life_take(&lives[i], fd, taken[i]), 0);
	CU_ASSERT_EQUAL(wi_life_take(&stranger, other, 3), 0);

	CU_ASSERT_EQUAL_FATAL(list_until(bytes, 8, 5), 5);
	CU_ASSERT_EQUAL(bytes[0], 2);
	CU_ASSERT_EQUAL(bytes[1], 5);
	CU_ASSERT_EQUAL(bytes[2], 7);
	CU_ASSERT_EQUAL(bytes[3], 9);
	CU_ASSERT_EQUAL(bytes[4], (uint64_t)1 << 62);

	/* too small: the lowest, and how many there are */
	memset(bytes, 0xee, sizeof(bytes));
	CU_ASSERT_EQUAL(list_until(bytes, 2, 5), 5);
	CU_ASSERT_EQUAL(bytes[0], 2);
	CU_ASSERT_EQUAL(bytes[1], 5);
	CU_ASSERT_EQUAL(bytes[2], 0xeeeeeeeeeeeeeeee);
	CU_ASSERT_EQUAL(list_until(NULL, 0, 5), 5);

	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	for (int i = 0; i < 4; i++)
		wi_life_drop(&lives[i], false);
	CU_ASSERT_EQUAL(wi_life_list(&id, bytes, 8), 0);
	wi_life_drop(&stranger, false);
	close(other);
}

/* More than one read of the file, so that lines are cut. */
static void
life_list_is_whole_when_long(void)
{
	enum { CNT = 300 };
	static struct wi_life lives[CNT];
	static uint64_t bytes[CNT];
	int bad = 0;

	if (no_list())
		return;
	for (uint64_t i = 0; i < CNT; i++)
		bad += wi_life_take(&lives[i], fd, i * 1000003) != 0;
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(list_until(bytes, CNT, CNT), CNT);
	for (uint64_t i = 0; i < CNT; i++)
		bad += bytes[i] != i * 1000003;
	CU_ASSERT_EQUAL(bad, 0);
	for (int i = 0; i < CNT; i++)
		wi_life_drop(&lives[i], false);
}

/* Two locks of a stranger on everything: bounded work, no byte twice. */
static void
life_list_survives_endless_locks(void)
{
	struct flock lock = {.l_type = F_RDLCK};
	int a = wi_shm_reopen(fd), b = wi_shm_reopen(fd);
	uint64_t bytes[4];

	if (no_list())
		return;
	CU_ASSERT_EQUAL(fcntl(a, F_OFD_SETLK, &lock), 0);
	lock.l_start = 2;
	CU_ASSERT_EQUAL(fcntl(b, F_OFD_SETLK, &lock), 0);
	CU_ASSERT(wi_life_list(&id, bytes, 4) > 4);
	for (uint64_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(bytes[i], i);
	close(a);
	close(b);
}

SUITE_WITH(
    "life", before, after, TEST(life_two_handles_see_each_other),
    TEST(life_far_bytes_are_bytes), TEST(life_take_of_no_file_fails),
    TEST(life_leaves_no_descriptor), TEST(life_probe_of_another_file_says_held),
    TEST(life_probe_without_answer_says_held), TEST(life_probe_sees_read_locks),
    TEST(life_killed_is_free_before_it_is_reaped), TEST(life_dropped_is_free),
    TEST(life_outlives_its_descriptors), TEST(life_is_not_inherited_by_fork),
    TEST(life_ends_with_exec), TEST(life_drop_in_a_child_unmaps_nothing),
    TEST(life_fork_at_any_time_hands_nothing_down),
    TEST(life_list_agrees_with_probes), TEST(life_list_is_whole_when_long),
    TEST(life_list_survives_endless_locks));
