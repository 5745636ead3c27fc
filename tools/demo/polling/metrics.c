/* SPDX-License-Identifier: BSD-2-Clause
 *
 * metrics.c - a polling service: looks at the machine twice a second, by a
 * timerfd, and publishes what it sees to metric-data, as JSON text.
 *
 *     metrics STORE
 *
 * A producer belongs right where the figures are read: nobody else needs to
 * know what /proc looks like.
 */
#include <weir.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../common/demo.h"

/* Share of the CPUs' time that was used since the last call, in percent. */
static double
cpu_percent(void)
{
	static unsigned long long old_total, old_idle;
	unsigned long long t[8] = {0}, total = 0, idle;
	FILE *f = fopen("/proc/stat", "re");
	double used = 0;

	if (!f)
		return 0;
	if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0],
		   &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) < 4)
		memset(t, 0, sizeof(t));
	fclose(f);
	for (int i = 0; i < 8; i++)
		total += t[i];
	idle = t[3] + t[4]; /* idle, and waiting for a disk */
	if (old_total && total > old_total && idle >= old_idle)
		used =
		    1 - (double)(idle - old_idle) / (double)(total - old_total);
	old_total = total;
	old_idle = idle;
	return used > 0 ? 100 * used : 0;
}

/* Memory that cannot be had without swapping, in MiB. */
static double
memory_mib(void)
{
	unsigned long long total = 0, available = 0;
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "MemTotal: %llu", &total);
		sscanf(line, "MemAvailable: %llu", &available);
	}
	if (f)
		fclose(f);
	return total > available ? (double)(total - available) / 1024 : 0;
}

/* To one digit after the point. */
static double
rounded(double x)
{
	return (double)(int64_t)(x * 10 + (x < 0 ? -0.5 : 0.5)) / 10;
}

struct metric {
	const char *label;
	double (*look)(void);
	double last;
	bool is_known;
};

static int64_t
publish(weir_producer *p, struct metric *m, weir_diag *diag)
{
	double value = rounded(m->look());
	double change = m->is_known ? rounded(value - m->last) : 0;
	char text[256];
	int len;

	m->last = value;
	m->is_known = true;
	len = snprintf(text, sizeof(text),
		       "{\"label\":\"%s\",\"value\":%.1f,\"change\":%.1f,"
		       "\"changeType\":\"%s\"}",
		       m->label, value, change,
		       change > 0   ? "increase"
		       : change < 0 ? "decrease"
				    : "neutral");
	return weir_publish_json(p, text, (size_t)len, diag);
}

/* A descriptor that becomes readable every @ns. */
static int
every(long ns)
{
	struct itimerspec t = {{0, ns}, {0, ns}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	return fd >= 0 && timerfd_settime(fd, 0, &t, NULL) == 0 ? fd : -errno;
}

int
main(int argc, char **argv)
{
	struct metric metrics[] = {
	    {.label = "CPU, %", .look = cpu_percent},
	    {.label = "memory, MiB", .look = memory_mib}};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	uint64_t rounds; /* more than one if we were late; those are over */
	int64_t rc;
	int timer;

	if (argc != 2)
		return 2;
	demo_begin("metrics", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "metric-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_producer_open(ch, "system-metrics-service", NULL, &p,
				     &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("registered on metric-data as system-metrics-service");

	timer = every(500 * DEMO_MS);
	if (timer < 0)
		return demo_fail("timer", timer, NULL);
	cpu_percent(); /* the first look has nothing to compare with */
	while (demo_readable(timer) &&
	       read(timer, &rounds, sizeof(rounds)) > 0) {
		for (int i = 0; i < 2; i++) {
			rc = publish(p, &metrics[i], &diag);
			if (rc < 0)
				return demo_fail("publish", rc, &diag);
		}
	}

	/* a figure that nobody measures any more is worse than none */
	rc = weir_clear(p);
	close(timer);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
