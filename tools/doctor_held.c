/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor_held.c - who has a store open that has no name any more.
 *
 * Its memory is taken until they let go, and nobody finds it by name.  It is
 * found in the maps of processes that may be looked at; a descriptor that
 * they still have of it is a way in.  The creator's mapping shows a name that
 * says nothing ("#1234"), so that one is only found by its descriptor.
 */
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"
#include "finding.h"
#include "opts.h"
#include "reach.h"

/* A deleted file that a process has mapped. */
struct mapped {
	uint32_t pid;
	dev_t dev;
	ino_t ino;
	int is_named; /* it was DIR/weir.NAME */
};

#define DELETED " (deleted)"

/* "7f12-7f34 rw-s 00000000 00:18 1234   /dev/shm/weir.x (deleted)" */
static int
parse(const char *line, const char *dir, struct mapped *m)
{
	static const char deleted[] = DELETED;
	size_t n = strlen(dir), len, name = strlen(store_name);
	unsigned long ino;
	unsigned maj, min;
	int at = 0;

	if (sscanf(line, "%*s %*s %*s %x:%x %lu %n", &maj, &min, &ino, &at) <
		3 ||
	    at == 0)
		return 0;
	line += at;
	len = strlen(line);
	if (len < sizeof(deleted) || strncmp(line, dir, n) != 0 ||
	    line[n] != '/' ||
	    strcmp(line + len - (sizeof(deleted) - 1), deleted) != 0)
		return 0;
	line += n + 1;
	len -= n + 1 + sizeof(deleted) - 1;
	m->dev = makedev(maj, min);
	m->ino = ino;
	m->is_named = len == 5 + name && strncmp(line, "weir.", 5) == 0 &&
		      strncmp(line + 5, store_name, name) == 0;
	return m->is_named || *line == '#';
}

/* The descriptor of the process for this file; its path, or 0. */
static int
descriptor(const struct mapped *m, char *path, size_t cap)
{
	struct dirent *e;
	struct stat st;
	int found = 0;
	DIR *d;

	snprintf(path, cap, "/proc/%" PRIu32 "/fd", m->pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		snprintf(path, cap, "/proc/%" PRIu32 "/fd/%.16s", m->pid,
			 e->d_name);
		found = stat(path, &st) == 0 && st.st_ino == m->ino &&
			st.st_dev == m->dev && st.st_nlink == 0;
	}
	if (d)
		closedir(d);
	return found;
}

/* What the store says of itself; 0: it is none, or cannot be opened. */
static int
stat_store(const char *path, weir_store_info *info)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_READ_ONLY | WEIR_ANY_WRITER};
	weir_store *store;
	struct stat st;
	int ok;

	/* whosever it is: only its header's word is taken */
	if (stat(path, &st) < 0)
		return 0;
	o.owner = st.st_uid;
	if (weir_store_open(path, &o, &store, NULL) != 0)
		return 0;
	info->size = sizeof(*info);
	ok = weir_store_stat(store, info) == 0;
	weir_store_close(store);
	return ok;
}

static void
tell(const struct mapped *m)
{
	weir_store_info i = {.is_retired = 1};
	struct about a = {.pid = m->pid};
	char path[64], next[128];
	int opened = descriptor(m, path, sizeof(path)) && stat_store(path, &i);

	if (opened ? strcmp(i.name, store_name) != 0 : !m->is_named)
		return;
	a.bytes = i.real_bytes;
	if (i.is_retired) {
		finding(FIND_STORE_HELD, &a, doctor_who(m->pid),
			"pid %" PRIu32 " still has a store %s open that was "
			"destroyed%s, and its memory",
			m->pid, store_name, opened ? "" : " or removed");
		return;
	}
	snprintf(next, sizeof(next), "weir dump --store %s", path);
	finding(FIND_STORE_LOST, &a, next,
		"pid %" PRIu32 " works on a store %s whose file somebody has "
		"removed: nobody else can find it; restart that process",
		m->pid, store_name);
}

/* One process; each file of it once. */
static void
look(uint32_t pid, const char *dir)
{
	struct mapped last = {.pid = pid}, m = {.pid = pid};
	char path[32], line[PATH_MAX + 128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!parse(line, dir, &m) ||
		    (m.ino == last.ino && m.dev == last.dev))
			continue;
		last = m;
		tell(&m);
	}
	fclose(f);
}

int
doctor_held(void)
{
	char dir[PATH_MAX], *end;
	struct dirent *e;
	DIR *d;

	if (strchr(store_name, '/') || !realpath(doctor_dir(), dir))
		return 0;
	d = opendir("/proc");
	while (d && (e = readdir(d))) {
		unsigned long pid = strtoul(e->d_name, &end, 10);

		if (*end == 0 && pid > 0 && (pid_t)pid != getpid())
			look((uint32_t)pid, dir);
	}
	if (d)
		closedir(d);
	return 0;
}
