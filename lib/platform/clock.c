/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000

static int64_t
now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

uint64_t
wi_clock_real(void)
{
	return (uint64_t)now_ns(CLOCK_REALTIME);
}

int64_t
wi_clock_mono(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

int64_t
wi_deadline(int64_t timeout_ns)
{
	int64_t now;

	if (timeout_ns < 0)
		return INT64_MAX;
	now = wi_clock_mono();
	return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

int
wi_sleep_until(int64_t deadline_ns)
{
	struct timespec t = {0};

	if (deadline_ns > 0) {
		t.tv_sec = deadline_ns / NS_PER_S;
		t.tv_nsec = deadline_ns % NS_PER_S;
	}
	return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

uint32_t
wi_pid(void)
{
	return (uint32_t)getpid();
}

/* Without /proc: what main was called as. */
static size_t
read_command(char *name, size_t cap)
{
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	ssize_t len = 0;
	size_t n;

	if (fd >= 0) {
		len = read(fd, name, cap);
		close(fd);
	}
	if (len > 0)
		return name[len - 1] == '\n' ? (size_t)len - 1 : (size_t)len;
	n = strnlen(program_invocation_short_name, cap);
	memcpy(name, program_invocation_short_name, n);
	return n;
}

void
wi_command(uint8_t *buf, size_t cap)
{
	char name[64];
	size_t len = read_command(name, sizeof(name));

	memset(buf, 0, cap);
	memcpy(buf, name, len < cap ? len : cap);
}
