/* SPDX-License-Identifier: BSD-2-Clause
 *
 * room.c - see room.h
 */
#include "room.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/ns.h"
#include "support/procs.h"

int
room_enter(struct room *r, const char *dir, const char *options)
{
	char path[128];

	r->dir = dir;
	if (ns_tmpfs(dir, options) != 0)
		return 77;
	snprintf(path, sizeof(path), "%s/ballast", dir);
	r->ballast = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	proc_check(r->ballast >= 0);
	return 0;
}

static struct statvfs
vfs_of(const struct room *r)
{
	struct statvfs v;

	proc_check(statvfs(r->dir, &v) == 0);
	return v;
}

uint64_t
room_free(const struct room *r)
{
	struct statvfs v = vfs_of(r);

	return v.f_bavail * v.f_frsize / ROOM_PAGE;
}

void
room_leave(struct room *r, uint64_t pages)
{
	uint64_t all;

	proc_check(ftruncate(r->ballast, 0) == 0);
	all = room_free(r);
	if (pages == ROOM_ALL)
		return;
	proc_check(pages <= all);
	if (pages < all)
		proc_check(fallocate(r->ballast, 0, 0,
				     (off_t)((all - pages) * ROOM_PAGE)) == 0);
	proc_check(room_free(r) == pages);
}

/* Channels with all their members. */
static void
view_store(weir_store *st, struct room_view *v)
{
	weir_store_info si = {.size = sizeof(si)};
	weir_channel_info ci = {.size = sizeof(ci)};

	proc_check(weir_store_stat(st, &si) == 0);
	v->used = si.used_bytes;
	v->real = si.real_bytes;
	v->channels = si.channel_cnt;
	v->participants = si.participant_cnt;
	while (weir_channel_next(st, &ci) == 1)
		v->members += ci.producer_cnt * 65536 + ci.consumer_cnt +
			      ci.newest_seq * (UINT64_C(1) << 32);
}

struct room_view
room_view(const struct room *r, weir_store *st)
{
	struct statvfs vfs = vfs_of(r);
	struct room_view v = {.pages = vfs.f_bfree, .files = vfs.f_ffree};
	DIR *d = opendir(r->dir);
	struct dirent *e;
	struct stat sb;

	proc_check(d != NULL);
	while ((e = readdir(d))) {
		proc_check(fstatat(dirfd(d), e->d_name, &sb, 0) == 0);
		v.names++;
		v.blocks += (uint64_t)sb.st_blocks;
	}
	closedir(d);
	if (st)
		view_store(st, &v);
	return v;
}

bool
room_same(const struct room_view *a, const struct room_view *b)
{
	bool same = memcmp(a, b, sizeof(*a)) == 0;

	if (!same)
		t_log("pages %" PRIu64 " %" PRIu64 ", files %" PRIu64
		      " %" PRIu64 ", names %" PRIu64 " %" PRIu64
		      ", blocks %" PRIu64 " %" PRIu64 ", used %" PRIu64
		      " %" PRIu64 ", real %" PRIu64 " %" PRIu64
		      ", channels %" PRIu64 " %" PRIu64
		      ", participants %" PRIu64 " %" PRIu64 ", members %" PRIx64
		      " %" PRIx64 "\n",
		      a->pages, b->pages, a->files, b->files, a->names,
		      b->names, a->blocks, b->blocks, a->used, b->used, a->real,
		      b->real, a->channels, b->channels, a->participants,
		      b->participants, a->members, b->members);
	return same;
}

bool
room_says(const weir_diag *diag, int code, uint64_t need, uint64_t left)
{
	char want[64], have[64];
	bool ok;

	snprintf(want, sizeof(want), "needs %" PRIu64 " bytes", need);
	snprintf(have, sizeof(have), "has %" PRIu64 " free", left);
	ok = diag->code == code && strstr(diag->message, want) &&
	     strstr(diag->message, have);
	if (!ok)
		t_log("%d \"%s\", not %d \"%s ... %s\"\n", diag->code,
		      diag->message, code, want, have);
	return ok;
}
