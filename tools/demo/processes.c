/* SPDX-License-Identifier: BSD-2-Clause
 *
 * processes.c - the ten processes that take the most memory, every three
 * seconds to table-data.  The record is packed with msgpack-c straight into
 * the store.
 *
 *     processes STORE
 */
#include <weir/msgpack.h>
#include <weir.h>

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/demo.h"

#define TOP 10

struct process {
	unsigned long pid, pages;
	char name[64];
};

static bool
look_at(const char *pid, struct process *p)
{
	char path[300];
	FILE *f;
	size_t n = 0;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%s/statm", pid);
	f = fopen(path, "re");
	if (!f)
		return false; /* it has ended meanwhile */
	ok = fscanf(f, "%*u %lu", &p->pages) == 1;
	fclose(f);
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = ok ? fopen(path, "re") : NULL;
	if (!f)
		return false;
	n = fread(p->name, 1, sizeof(p->name) - 1, f);
	fclose(f);
	while (n > 0 && p->name[n - 1] == '\n')
		n--;
	p->name[n] = '\0';
	/* a name may be any bytes; a record's text is UTF-8 */
	for (char *c = p->name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	p->pid = strtoul(pid, NULL, 10);
	return true;
}

/* The largest ones, largest first.  Return: how many. */
static uint32_t
find_top(struct process top[TOP])
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	uint32_t cnt = 0;

	while (dir && (e = readdir(dir))) {
		struct process p;
		uint32_t i;

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    !look_at(e->d_name, &p))
			continue;
		for (i = cnt; i > 0 && top[i - 1].pages < p.pages; i--)
			if (i < TOP)
				top[i] = top[i - 1];
		if (i < TOP)
			top[i] = p;
		if (cnt < TOP)
			cnt++;
	}
	if (dir)
		closedir(dir);
	return cnt;
}

static void
pack_text(msgpack_packer *pk, const char *text)
{
	msgpack_pack_str_with_body(pk, text, strlen(text));
}

static int64_t
publish(weir_producer *p, weir_diag *diag)
{
	double mib = (double)sysconf(_SC_PAGESIZE) / (1 << 20);
	struct process top[TOP];
	uint32_t cnt = find_top(top);
	msgpack_packer pk;
	int64_t rc = weir_pack(p, &pk);

	if (rc < 0)
		return rc;
	msgpack_pack_map(&pk, 3);
	pack_text(&pk, "title");
	pack_text(&pk, "Processes by memory");
	pack_text(&pk, "headers");
	msgpack_pack_array(&pk, 3);
	pack_text(&pk, "PID");
	pack_text(&pk, "Name");
	pack_text(&pk, "Memory, MiB");
	pack_text(&pk, "rows");
	msgpack_pack_array(&pk, cnt);
	for (uint32_t i = 0; i < cnt; i++) {
		double size = (double)top[i].pages * mib;

		msgpack_pack_array(&pk, 3);
		msgpack_pack_unsigned_long(&pk, top[i].pid);
		pack_text(&pk, top[i].name);
		msgpack_pack_double(&pk, (double)(int64_t)(size * 10) / 10);
	}
	rc = weir_commit_appended(p, diag);
	if (rc < 0)
		weir_abort(p); /* the loan stays open for a second try */
	return rc;
}

int
main(int argc, char **argv)
{
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	int64_t rc;

	if (argc != 2)
		return 2;
	demo_begin("processes", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "table-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_producer_open(ch, "process-table-service", NULL, &p,
				     &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("registered on table-data as process-table-service");

	do {
		rc = publish(p, &diag);
		if (rc < 0)
			return demo_fail("publish", rc, &diag);
	} while (demo_sleep(3 * DEMO_S));

	rc = weir_clear(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
