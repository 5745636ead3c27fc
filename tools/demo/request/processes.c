/* SPDX-License-Identifier: BSD-2-Clause
 *
 * processes.c - a service that is called: who sends "N" to its socket gets the
 * N processes that take the most memory published to table-data, and the seq of
 * that record as the answer.
 *
 *     processes STORE SOCKET
 *
 * The producer is registered as long as the service runs, not once a request.
 * The record is packed with msgpack-c straight into the store.
 */
#include <weir/msgpack.h>
#include <weir.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/demo.h"

#define TOP 50

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
find_top(struct process top[TOP], uint32_t max)
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
			if (i < max)
				top[i] = top[i - 1];
		if (i < max)
			top[i] = p;
		if (cnt < max)
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
publish(weir_producer *p, uint32_t max, weir_diag *diag)
{
	double mib = (double)sysconf(_SC_PAGESIZE) / (1 << 20);
	struct process top[TOP];
	uint32_t cnt = find_top(top, max);
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

/* A socket for this user alone. */
static int
listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(at.sun_path))
		return fd < 0 ? -errno : -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	umask(077);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 8) != 0)
		return -errno;
	return fd;
}

/* One request, one answer.  A caller who says nothing holds nobody up for
 * longer than a second. */
static void
serve(int fd, weir_producer *p)
{
	struct timeval patience = {.tv_sec = 1};
	char text[16] = "", answer[300];
	weir_diag diag = {0};
	unsigned long max;
	int64_t rc = -EINVAL;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (recv(fd, text, sizeof(text) - 1, 0) > 0 &&
	    (max = strtoul(text, NULL, 10)) >= 1 && max <= TOP)
		rc = publish(p, (uint32_t)max, &diag);
	if (rc >= 0)
		snprintf(answer, sizeof(answer), "seq %" PRId64 "\n", rc);
	else
		snprintf(answer, sizeof(answer), "refused: %s: %s\n",
			 weir_strerror((int)rc),
			 rc == -EINVAL ? "a number from 1 to 50 is wanted"
				       : diag.message);
	send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	demo_say("asked for %.8s: %.*s", text, (int)strcspn(answer, "\n"),
		 answer);
}

int
main(int argc, char **argv)
{
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	int64_t rc;
	int fd, caller;

	if (argc != 3)
		return 2;
	demo_begin("processes", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "table-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_producer_open(ch, "process-table-service", NULL, &p,
				     &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("registered on table-data as process-table-service");

	fd = listen_at(argv[2]);
	if (fd < 0)
		return demo_fail("cannot listen", fd, NULL);
	while (demo_readable(fd)) {
		caller = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (caller < 0)
			continue;
		serve(caller, p);
		close(caller);
	}

	unlink(argv[2]);
	rc = weir_clear(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
