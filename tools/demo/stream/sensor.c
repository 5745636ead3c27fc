/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sensor.c - something far away that knows nothing of weir: sends readings
 * as lines of text over TCP, fifty a second.
 *
 *     sensor PORT
 *
 * A reading is two numbers: how often the machine has switched between
 * tasks since the last one, and by how many microseconds the kernel woke
 * this process later than it had asked for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/demo.h"

#define PERIOD (20 * DEMO_MS)

static unsigned long long
context_switches(void)
{
	unsigned long long n = 0;
	FILE *f = fopen("/proc/stat", "re");
	char *line = NULL;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0)
		if (sscanf(line, "ctxt %llu", &n) == 1)
			break;
	free(line);
	if (f)
		fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	unsigned long long before, now;
	int64_t due, late;
	char line[64];
	int fd, len;

	if (argc != 2)
		return 2;
	demo_begin("sensor", NULL);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return demo_fail("cannot connect", -errno, NULL);
	demo_say("connected to port %s of this machine", argv[1]);

	before = context_switches();
	for (due = demo_now_ns() + PERIOD; demo_sleep(due - demo_now_ns());
	     due += PERIOD) {
		late = (demo_now_ns() - due) / 1000;
		now = context_switches();
		len = snprintf(line, sizeof(line), "%llu %lld\n", now - before,
			       (long long)late);
		before = now;
		if (send(fd, line, (size_t)len, MSG_NOSIGNAL) != len)
			return demo_fail("send", -errno, NULL);
	}
	close(fd);
	return 0;
}
