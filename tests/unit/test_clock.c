/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_clock.c - time, and what a process says of itself.
 */
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "platform/clock.h"

static void
clock_mono_is_the_clock_of_tests(void)
{
	int64_t before = proc_now_ns();
	int64_t now = wi_clock_mono();

	CU_ASSERT(before <= now);
	CU_ASSERT(now <= proc_now_ns());
}

static void
clock_real_is_after_this_was_written(void)
{
	CU_ASSERT(wi_clock_real() > 1700000000000000000u);
}

static void
clock_deadline_saturates(void)
{
	int64_t now = wi_clock_mono();

	CU_ASSERT_EQUAL(wi_deadline(-1), INT64_MAX);
	CU_ASSERT_EQUAL(wi_deadline(INT64_MIN), INT64_MAX);
	CU_ASSERT_EQUAL(wi_deadline(INT64_MAX), INT64_MAX);
	CU_ASSERT_EQUAL(wi_deadline(INT64_MAX - now), INT64_MAX);
	CU_ASSERT(wi_deadline(0) >= now);
	CU_ASSERT(wi_deadline(1000) >= now + 1000);
}

static void
clock_sleep_ends_at_its_deadline(void)
{
	int64_t end = wi_deadline(5000000);

	CU_ASSERT_EQUAL(wi_sleep_until(end), 0);
	CU_ASSERT(wi_clock_mono() >= end);
	CU_ASSERT_EQUAL(wi_sleep_until(0), 0);
	CU_ASSERT_EQUAL(wi_sleep_until(INT64_MIN), 0);
}

static void
on_signal(int sig)
{
	(void)sig;
}

static int
sleeper(struct proc *me, void *arg)
{
	struct sigaction sa = {.sa_handler = on_signal};

	(void)arg;
	sigaction(SIGUSR1, &sa, NULL);
	proc_tell(me, 'r');
	return -wi_sleep_until(INT64_MAX);
}

static void
clock_sleep_interrupted_is_eintr(void)
{
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, sleeper, NULL) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	CU_ASSERT_EQUAL(proc_await_asleep(&p), 0);
	kill(p.pid, SIGUSR1);
	CU_ASSERT_EQUAL(proc_wait(&p), EINTR);
}

static void
clock_command_is_padded_and_cut(void)
{
	uint8_t buf[32];
	char old[16];

	prctl(PR_GET_NAME, old);
	prctl(PR_SET_NAME, "weir (a b");
	memset(buf, 'x', sizeof(buf));
	wi_command(buf, sizeof(buf));
	CU_ASSERT_EQUAL(memcmp(buf, "weir (a b\0\0\0\0", 13), 0);
	CU_ASSERT_EQUAL(buf[31], 0);

	memset(buf, 'x', sizeof(buf));
	wi_command(buf, 4);
	CU_ASSERT_EQUAL(memcmp(buf, "weirxxxx", 8), 0);
	prctl(PR_SET_NAME, old);
}

static void
clock_pid_is_ours(void)
{
	CU_ASSERT_EQUAL(wi_pid(), (uint32_t)getpid());
}

SUITE("clock", TEST(clock_mono_is_the_clock_of_tests),
      TEST(clock_real_is_after_this_was_written),
      TEST(clock_deadline_saturates), TEST(clock_sleep_ends_at_its_deadline),
      TEST(clock_sleep_interrupted_is_eintr),
      TEST(clock_command_is_padded_and_cut), TEST(clock_pid_is_ours));
