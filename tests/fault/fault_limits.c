/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_limits.c - what a process or a file system is allowed runs out:
 * inodes, sizes of files, descriptors, address space.
 *
 * Each limit is raised step by step from where nothing goes to where all
 * does.  Below: the error of that limit, and nothing has changed; never a
 * signal.
 */
#include "room.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/ns.h"
#include "support/procs.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

struct scene {
	char dir[32];
	const char *options;
	int (*fn)(struct room *r);
};

static int
enter(struct proc *me, void *arg)
{
	struct scene *s = arg;
	struct room r;

	(void)me;
	if (room_enter(&r, s->dir, s->options) != 0)
		return 77;
	return s->fn(&r);
}

/* Run @fn in a child with a tmpfs of its own. */
static void
in_room(const char *options, int (*fn)(struct room *r))
{
	struct scene s = {"/tmp/weir-test-XXXXXX", options, fn};

	ns_try_tmpfs(s.dir, enter, &s);
}

static int
create(const struct room *r, const char *name, uint64_t max_bytes,
       weir_store **st, weir_diag *diag)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .dir = r->dir,
			     .max_bytes = max_bytes};

	return weir_store_open(name, &o, st, diag);
}

static void
destroy(const struct room *r, const char *name)
{
	weir_store_opts o = {.size = sizeof(o), .dir = r->dir};

	proc_check(weir_store_destroy(name, &o, NULL) == 0);
}

/* ---- inodes -----------------------------------------------------------------
 */

static int
inodes(struct room *r)
{
	struct room_view before, after;
	weir_store *st;
	weir_diag diag;
	char path[64], want[64];
	int fd;

	/* one less each time */
	for (int left = 5; left >= 0; left--) {
		before = room_view(r, NULL);
		proc_check((int)before.files == left);
		if (left >= 2) {
			proc_check(create(r, "s", 0, &st, &diag) == 0);
			weir_store_close(st);
			proc_check((int)room_view(r, NULL).files == left - 2);
			destroy(r, "s");
		} else {
			proc_check(create(r, "s", 0, &st, &diag) == -ENOSPC);
			snprintf(want, sizeof(want), "has room for %d more",
				 left);
			proc_check(!st && diag.code == -ENOSPC &&
				   strstr(diag.message, "needs 2 files") &&
				   strstr(diag.message, want));
		}
		after = room_view(r, NULL);
		proc_check(room_same(&before, &after));
		if (left == 0)
			break;
		snprintf(path, sizeof(path), "%s/%d", r->dir, left);
		fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		proc_check(fd >= 0);
		close(fd);
	}
	return 0;
}

static void
limit_of_inodes(void)
{
	in_room("size=1m,nr_inodes=7", inodes);
}

/* ---- the size of a file
 * ----------------------------------------------------- */

/* Only the limit that can be raised again. */
static void
set_limit(int what, uint64_t to)
{
	struct rlimit l;

	proc_check(getrlimit((__rlimit_resource_t)what, &l) == 0);
	l.rlim_cur = to < l.rlim_max ? to : l.rlim_max;
	proc_check(setrlimit((__rlimit_resource_t)what, &l) == 0);
}

/* Past the limit the kernel sends SIGXFSZ, whose default is the end. */
static int
file_size(struct room *r)
{
	static const uint64_t limits[] = {0, 1, 4096, (1 << 20) - 4096,
					  (1 << 20) - 1};
	weir_channel_opts co = {
	    .size = sizeof(co), .capacity = 16, .lane_bytes = 8192};
	weir_store_opts priv = {
	    .size = sizeof(priv), .flags = WEIR_PRIVATE, .max_bytes = 1 << 20};
	struct room_view before = room_view(r, NULL), after;
	weir_store *st;
	weir_channel *ch;
	weir_producer *p;
	weir_diag diag;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		set_limit(RLIMIT_FSIZE, limits[i]);
		proc_check(create(r, "s", 1 << 20, &st, &diag) == -EFBIG);
		proc_check(!st && diag.code == -EFBIG &&
			   strstr(diag.message, "max_bytes is 1048576") &&
			   strstr(diag.message, "ulimit -f"));
		proc_check(weir_store_open(NULL, &priv, &st, &diag) == -EFBIG);
		after = room_view(r, NULL);
		proc_check(room_same(&before, &after));
	}
	set_limit(RLIMIT_FSIZE, 1 << 20);
	proc_check(create(r, "s", 1 << 20, &st, &diag) == 0);
	weir_store_close(st);
	/* what is long enough already can be used under any limit */
	set_limit(RLIMIT_FSIZE, 0);
	proc_check(create(r, "s", 1 << 20, &st, &diag) == 0);
	proc_check(weir_channel_open(st, "c", &co, &ch, &diag) == 0);
	proc_check(weir_producer_open(ch, "p", NULL, &p, &diag) == 0);
	for (int i = 1; i < 100; i++)
		proc_check(weir_publish(p, "\1", 1, NULL) == i);
	weir_channel_close(ch);
	proc_check(weir_channel_remove(st, "c", NULL) == 0);
	weir_store_close(st);
	destroy(r, "s");
	after = room_view(r, NULL);
	proc_check(room_same(&before, &after));
	return 0;
}

static void
limit_of_file_size(void)
{
	in_room("size=4m", file_size);
}

/* ---- descriptors, address space
 * --------------------------------------------- */

/* What may fail for want of something, in the order of a life. */
struct life {
	const struct room *r;
	uint64_t max_bytes;
	int what;	     /* the limit */
	uint64_t step, base; /* limits tried: base, base + step, ... */
	int error;	     /* that it makes */
	weir_store *st, *ro, *mine;
	weir_channel *ch;
	weir_producer *p;
	weir_consumer *c;
};

static int
stage(struct life *l, int which, weir_diag *diag)
{
	weir_channel_opts co = {.size = sizeof(co),
				.capacity = 16,
				.max_producers = 1,
				.lane_bytes = 1 << 20,
				.schema = "{\"type\":\"integer\"}"};
	weir_store_opts o = {.size = sizeof(o), .dir = l->r->dir};
	weir_store_opts priv = {.size = sizeof(priv),
				.flags = WEIR_PRIVATE,
				.max_bytes = l->max_bytes};
	weir_consumer_opts ko = {.size = sizeof(ko), .flags = WEIR_CHECK};

	switch (which) {
	case 0:
		return create(l->r, "s", l->max_bytes, &l->st, diag);
	case 1:
		return weir_channel_open(l->st, "c", &co, &l->ch, diag);
	case 2:
		return weir_producer_open(l->ch, "p", NULL, &l->p, diag);
	case 3:
		return weir_consumer_open(l->ch, "c", &ko, &l->c, diag);
	case 4:
		o.flags = WEIR_READ_ONLY;
		return weir_store_open("s", &o, &l->ro, diag);
	case 5:
		return weir_store_open(NULL, &priv, &l->mine, diag);
	case 6:
		return weir_fd(l->c) < 0 ? weir_fd(l->c) : 0;
	}
	return 0;
}

#define STAGE_CNT 7

/* One stage of the life, under every limit from too little to enough.
 * Return: how many were too little. */
static int
each_limit(struct life *l, int which)
{
	struct room_view before = room_view(l->r, l->st), after;
	uint64_t limit = l->base;
	weir_diag diag = {0};
	struct rlimit old;
	int rc, n = 0;

	proc_check(getrlimit((__rlimit_resource_t)l->what, &old) == 0);
	for (;; n++, limit += l->step) {
		proc_check(n < 100000);
		set_limit(l->what, limit);
		rc = stage(l, which, &diag);
		proc_check(setrlimit((__rlimit_resource_t)l->what, &old) == 0);
		if (rc == 0)
			return n;
		/* what pthread_create() says */
		if (which == 6 && rc == -EAGAIN && l->error == -ENOMEM)
			continue;
		if (rc != l->error)
			t_log("stage %d: %d: %s\n", which, rc, diag.message);
		proc_check(rc == l->error);
		if (which < 6)
			proc_check(diag.code == rc && diag.message[0]);
		/* a channel that was made and could not be opened stays */
		after = room_view(l->r, l->st);
		if (which == 1 && after.channels == 1)
			before = after;
		proc_check(room_same(&before, &after));
	}
}

static void
whole_life(struct life *l)
{
	struct room_view before = room_view(l->r, NULL), after;
	weir_record rec;
	int failed[STAGE_CNT], sum = 0;

	for (int i = 0; i < STAGE_CNT; i++) {
		failed[i] = each_limit(l, i);
		t_log("stage %d failed %d times\n", i, failed[i]);
		sum += failed[i];
	}
	proc_check(sum > 0 && failed[0] > 0);
	/* and all of it works */
	proc_check(weir_publish(l->p, "\7", 1, NULL) == 1);
	proc_check(weir_read(l->c, &rec, 1, 0) == 1 && rec.len == 1);
	weir_store_close(l->mine);
	weir_store_close(l->ro);
	weir_store_close(l->st);
	destroy(l->r, "s");
	after = room_view(l->r, NULL);
	proc_check(room_same(&before, &after));
}

static int
descriptors(struct room *r)
{
	struct life l = {.r = r,
			 .max_bytes = 4 << 20,
			 .what = RLIMIT_NOFILE,
			 .step = 1,
			 .base = 0,
			 .error = -EMFILE};

	whole_life(&l);
	return 0;
}

static void
limit_of_descriptors(void)
{
	in_room("size=4m", descriptors);
}

static uint64_t
address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	proc_check(f && fscanf(f, "%lu", &pages) == 1);
	fclose(f);
	return (uint64_t)pages * ROOM_PAGE;
}

static int
memory(struct room *r)
{
	struct life l = {.r = r,
			 .max_bytes = 3 << 20,
			 .what = RLIMIT_AS,
			 .step = t_torture() ? 4096 : 65536,
			 .error = -ENOMEM};

	l.base = address_space();
	whole_life(&l);
	return 0;
}

static void
limit_of_address_space(void)
{
	if (SANITIZED) {
		t_skip("the sanitizer has taken all address space");
		return;
	}
	in_room("size=4m", memory);
}

/* ---- what a file system can
 * ------------------------------------------------- */

/* In overlayfs the mapping is of another file than the lock. */
static int
overlay(struct room *r)
{
	static const char *const names[] = {"low", "up", "work", "over"};
	struct room over = {.dir = NULL};
	char path[4][64], options[256];
	struct room_view before, after;
	weir_store *st;
	weir_diag diag;

	for (int i = 0; i < 4; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", r->dir, names[i]);
		proc_check(mkdir(path[i], 0700) == 0);
	}
	snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s",
		 path[0], path[1], path[2]);
	if (mount("weir-test", path[3], "overlay", 0, options) < 0)
		return 77;
	over.dir = path[3];
	before = room_view(&over, NULL);
	proc_check(create(&over, "s", 0, &st, &diag) == -EOPNOTSUPP && !st);
	proc_check(strstr(diag.message, "a tmpfs"));
	after = room_view(&over, NULL);
	proc_check(room_same(&before, &after));
	return 0;
}

static void
limit_of_a_file_system(void)
{
	in_room("size=4m", overlay);
}

SUITE("limits", TEST(limit_of_inodes), TEST(limit_of_file_size),
      TEST(limit_of_descriptors), TEST(limit_of_address_space),
      TEST(limit_of_a_file_system));
