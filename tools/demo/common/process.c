/* SPDX-License-Identifier: BSD-2-Clause
 *
 * process.c - being asked to stop, and waiting.
 *
 * A signal that comes between "was I asked to stop?" and the wait must not
 * be missed.  Who waits here keeps the signals blocked except inside
 * ppoll(); who waits in weir_read() has @on_stop call weir_interrupt(),
 * which ends the next wait as well.
 */
#include "demo.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

volatile sig_atomic_t demo_stop;
static void (*stop_hook)(void);

static void
on_signal(int sig)
{
	(void)sig;
	demo_stop = 1;
	if (stop_hook)
		stop_hook();
}

void demo_name(const char *name); /* print.c */

void
demo_begin(const char *name, void (*on_stop)(void))
{
	struct sigaction sa;
	sigset_t set;

	demo_name(name);
	stop_hook = on_stop;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal; /* no SA_RESTART: waits end with -EINTR */
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(on_stop ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
	/* no demo lasts that long: whatever hangs must end, too */
	alarm(120);
}

int64_t
demo_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * DEMO_S + ts.tv_nsec;
}

static int
wait_for(struct pollfd *p, nfds_t cnt, const struct timespec *ts)
{
	sigset_t none;

	sigemptyset(&none);
	return ppoll(p, cnt, ts, &none);
}

bool
demo_sleep(int64_t ns)
{
	int64_t end = demo_now_ns() + ns, left;

	while (!demo_stop && (left = end - demo_now_ns()) > 0) {
		struct timespec ts = {.tv_sec = left / DEMO_S,
				      .tv_nsec = left % DEMO_S};

		wait_for(NULL, 0, &ts);
	}
	return !demo_stop;
}

bool
demo_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = 0;

	while (!demo_stop && n == 0) {
		n = wait_for(&p, 1, NULL);
		if (n < 0 && errno == EINTR)
			n = 0;
	}
	return !demo_stop;
}

bool
demo_line(struct demo_lines *in, char *line, size_t cap)
{
	for (;;) {
		char *from = in->buf + in->taken, *end;
		size_t len = in->used - in->taken;
		ssize_t n;

		end = memchr(from, '\n', len);
		if (end || len == sizeof(in->buf)) {
			len = end ? (size_t)(end - from) : len;
			in->taken += len + (end ? 1 : 0);
			len = len < cap ? len : cap - 1;
			memcpy(line, from, len);
			line[len] = '\0';
			return true;
		}
		memmove(in->buf, from, len);
		in->taken = 0;
		in->used = len;
		if (!demo_readable(in->fd))
			return false;
		n = read(in->fd, in->buf + len, sizeof(in->buf) - len);
		if (n <= 0)
			return false;
		in->used += (size_t)n;
	}
}
