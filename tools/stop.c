/* SPDX-License-Identifier: BSD-2-Clause */
#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static volatile sig_atomic_t came, cnt;
static weir_consumer *volatile reading;

/* Without a reader a signal that comes just before a call blocks would be
 * slept over: so it is said again until the process has ended. */
static void
on_stop(int sig)
{
	if (sig != SIGALRM) {
		came = sig;
		cnt++;
	}
	if (reading)
		weir_interrupt(reading);
	else
		alarm(1);
}

static void
catch_with(int flags)
{
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct sigaction sa, old;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_stop;
	sigaction(SIGALRM, &sa, NULL);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		sa.sa_flags = sigs[i] == SIGPIPE ? 0 : flags;
		if (sigaction(sigs[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	}
}

void
stop_catch(void)
{
	catch_with((int)SA_RESETHAND);
}

void
stop_catch_all(void)
{
	catch_with(0);
}

int
stop_count(void)
{
	return cnt;
}

void
stop_reading(weir_consumer *c)
{
	reading = c;
}

int
stop_signal(void)
{
	return came;
}

void
stop_sleep(int64_t start_ns, double after_ns)
{
	int64_t until_ns =
	    after_ns < 4e18 ? start_ns + (int64_t)after_ns : INT64_MAX;
	struct timespec t = {until_ns / 1000000000, until_ns % 1000000000};

	/* a sleep until a time that is past is still a system call, and more
	 * than a record costs */
	if (clock_mono() >= until_ns)
		return;
	while (!came && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t,
					NULL) == EINTR)
		;
}

void
stop_raise(void)
{
	if (!came)
		return;
	signal(came, SIG_DFL);
	raise(came);
}
