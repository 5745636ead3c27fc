/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define WORDS 256

/* The first line of @path that begins with @key, without the key, a colon and
 * the space around it.  Return: is there one? */
static bool
look_up(const char *path, const char *key, char *out, size_t cap)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	bool found = false;

	while (f && !found && getline(&text, &size, f) >= 0) {
		const char *s = text + strlen(key);

		if (strncmp(text, key, strlen(key)) != 0)
			continue;
		s += strspn(s, " \t:");
		snprintf(out, cap, "%.*s", (int)strcspn(s, "\n"), s);
		found = *out != '\0';
	}
	free(text);
	if (f)
		fclose(f);
	return found;
}

static void
fact(struct page *p, const char *name, const char *what)
{
	page_cell(p, name);
	page_cell(p, what);
}

static void
processor(struct page *p, const struct utsname *u)
{
	char model[WORDS], what[2 * WORDS];

	if (!look_up("/proc/cpuinfo", "model name", model, sizeof(model)) &&
	    !look_up("/proc/device-tree/model", "", model, sizeof(model)))
		snprintf(model, sizeof(model), "not known");
	snprintf(what, sizeof(what), "%s (%s), %ld online", model, u->machine,
		 sysconf(_SC_NPROCESSORS_ONLN));
	fact(p, "Processor", what);
	if (!look_up("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
		     "", what, sizeof(what)))
		snprintf(what, sizeof(what), "not known");
	fact(p, "Governor", what);
}

/* On x86 the processor says so; elsewhere one may guess from who made it. */
static void virtual(struct page *p)
{
	char flags[8192], maker[WORDS] = "", what[2 * WORDS];
	const char *is = "not known";

	if (look_up("/proc/cpuinfo", "flags", flags, sizeof(flags)))
		is = strstr(flags, " hypervisor") ? "yes" : "no";
	look_up("/sys/class/dmi/id/sys_vendor", "", maker, sizeof(maker));
	snprintf(what, sizeof(what), "%s%s%s", is,
		 *maker ? "; maker of the machine: " : "", maker);
	fact(p, "Virtual", what);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
distance(struct page *p, const struct rows *rows)
{
	double *all = calloc(rows->cnt, sizeof(*all));
	char lo[TEXT_NUMBER], mid[TEXT_NUMBER], hi[TEXT_NUMBER];
	char what[WORDS] = "not measured";
	size_t cnt = 0;

	for (size_t i = 0; all && i < rows->cnt; i++) {
		all[cnt] = row_number(&rows->row[i], "distance_ns");
		if (!isnan(all[cnt]))
			cnt++;
	}
	if (cnt) {
		qsort(all, cnt, sizeof(*all), compare);
		snprintf(what, sizeof(what),
			 "a line's round trip of %s; of all figures %s to %s",
			 text_number(mid, all[cnt / 2], UNIT_NS),
			 text_number(lo, all[0], UNIT_NS),
			 text_number(hi, all[cnt - 1], UNIT_NS));
	}
	free(all);
	fact(p, "Between two processors", what);
}

void
machine_write(struct page *p, const struct rows *rows, const char *const *facts,
	      size_t cnt)
{
	static const char *const heads[] = {"what", "here"};
	struct utsname u = {0};
	char what[2 * WORDS];
	time_t now = time(NULL);

	uname(&u);
	page_table(p, "The machine", heads, 2);
	processor(p, &u);
	virtual(p);
	snprintf(what, sizeof(what), "%s %s %s", u.sysname, u.release,
		 u.version);
	fact(p, "Kernel", what);
	distance(p, rows);
	if (look_up("/proc/loadavg", "", what, sizeof(what)))
		fact(p, "Load at the end", what);
	if (look_up("/sys/kernel/mm/transparent_hugepage/shmem_enabled", "",
		    what, sizeof(what)))
		fact(p, "Huge pages of /dev/shm", what);
	for (size_t i = 0; i < cnt; i++) {
		const char *eq = strchr(facts[i], '=');

		snprintf(what, sizeof(what), "%.*s", (int)(eq - facts[i]),
			 facts[i]);
		fact(p, what, eq + 1);
	}
	strftime(what, sizeof(what), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	fact(p, "Report made", what);
	page_table_end(p);
}
