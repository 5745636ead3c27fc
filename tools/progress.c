/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define FIRST_NS 1000000000 /* shorter runs need none */
#define EACH_NS	 200000000

static int is_shown;

int
progress_is_due(void)
{
	static int is_watched = -1;
	static int64_t next_ns;
	int64_t now;

	if (is_watched < 0) {
		is_watched = isatty(STDERR_FILENO);
		next_ns = clock_mono() + FIRST_NS;
	}
	if (!is_watched)
		return 0;
	now = clock_mono();
	if (now < next_ns)
		return 0;
	next_ns = now + EACH_NS;
	return 1;
}

static void
put(const char *line, size_t len)
{
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		;
}

void
progress(const char *fmt, ...)
{
	char line[200] = "\r";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + 1, sizeof(line) - 4, fmt, ap);
	va_end(ap);
	strcat(line, "\033[K"); /* what an earlier one has left behind it */
	put(line, strlen(line));
	is_shown = 1;
}

void
progress_wipe(void)
{
	if (is_shown)
		put("\r\033[K", 4);
	is_shown = 0;
}
