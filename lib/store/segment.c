/* SPDX-License-Identifier: BSD-2-Clause
 *
 * segment.c - a store's two files: made, named, found, judged.
 *
 * The data file is made without a name, its head and tables are given memory
 * and filled, its maker maps it and takes a place, and then linkat() gives it
 * its name: it is there whole or not at all, and of two creators one gets
 * EEXIST and opens the other's.  The lock file has its name before, under a
 * random number that the data file's head repeats; while a creator is between
 * the two it holds a byte of it, so that a sweep can tell an orphan from one
 * that is about to be used.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static bool
data_path(char *buf, const char *dir, const char *name)
{
	return snprintf(buf, WI_PATH_MAX, "%s/weir.%s", dir, name) <
	       WI_PATH_MAX;
}

static bool
lock_path(char *buf, const char *dir, const char *name, uint64_t id)
{
	return snprintf(buf, WI_PATH_MAX, "%s/weir.%s.%016" PRIx64 ".lock", dir,
			name, id) < WI_PATH_MAX;
}

static int
too_long(weir_diag *diag)
{
	return wi_fail(diag, -ENAMETOOLONG, "dir: the path is too long");
}

static uint64_t
head_sum(const struct wi_shm_header *h)
{
	return wi_hash(h, offsetof(struct wi_shm_header, sum));
}

static uint64_t
align(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) & ~(unit - 1);
}

/* Where the tables lie follows from two numbers. */
static void
plan_head(struct wi_shm_header *h)
{
	h->hold_cnt = (h->channel_cnt + 63) / 64;
	h->control_off = WI_PAGE;
	h->participants_off = h->control_off + WI_LINE * 4;
	h->holds_off = h->participants_off +
		       h->participant_cnt * sizeof(struct wi_shm_participant);
	h->channels_off =
	    align(h->holds_off + (uint64_t)h->participant_cnt * h->hold_cnt * 8,
		  WI_LINE);
	h->heap_off = align(h->channels_off +
				h->channel_cnt * sizeof(struct wi_shm_entry),
			    WI_PAGE);
}

static int
no_space(int fd, uint64_t need, const char *what, weir_diag *diag)
{
	uint64_t left = 0;

	if (wi_shm_free_bytes(fd, &left) != 0)
		left = 0;
	return wi_fail(diag, -ENOSPC,
		       "%s needs %" PRIu64
		       " bytes, the file system has %" PRIu64
		       " free: make room there, or raise its size",
		       what, need, left);
}

/* A file without a name; a private store's is in memory, or, where a kernel or
 * a filter has no memfd, like any other. */
static int
new_file(const struct weir_store *st, const weir_store_opts *o, uint64_t len,
	 uint32_t mode, int *fd, weir_diag *diag)
{
	const char *dir = st->is_private ? NULL : o->dir;
	uint64_t left = 0;

	*fd = wi_shm_anonymous(dir, len, mode);
	if (!dir && (*fd == -ENOSYS || *fd == -EPERM || *fd == -EACCES)) {
		dir = o->dir;
		*fd = wi_shm_anonymous(dir, len, mode);
	}
	if (*fd >= 0)
		return 0;
	if (*fd == -EFBIG)
		return wi_fail(diag, *fd,
			       "max_bytes is %" PRIu64
			       ", and this process may not make a file of "
			       "that size: ulimit -f",
			       len);
	if (*fd == -ENOSPC && dir && wi_shm_free_files(dir, &left) == 0 &&
	    left == 0)
		return wi_fail(diag, *fd,
			       "a store needs 2 files, the file system of %s "
			       "has room for %d more: remove some there, or "
			       "mount it with more inodes",
			       dir, len == 0 ? 1 : 0);
	return wi_fail(diag, *fd,
		       "cannot make a file in %s: it must be a directory, "
		       "writable, and should be a tmpfs",
		       dir ? dir : "memory");
}

static int
fill(struct weir_store *st, const char *name, const weir_store_opts *o,
     weir_diag *diag)
{
	struct wi_shm_header *h = &st->head;
	struct wi_file_info data, lock;
	void *map;
	int rc;

	memset(h, 0, sizeof(*h));
	memcpy(h->magic, WI_MAGIC, sizeof(h->magic));
	h->format = WI_FORMAT;
	h->order_mark = WI_ORDER_MARK;
	h->word_len = sizeof(void *);
	h->header_len = sizeof(*h);
	h->layout_hash = wi_layout_hash();
	h->seg_len = o->max_bytes;
	h->created_ns = wi_clock_real();
	h->participant_cnt = o->max_participants;
	h->channel_cnt = o->max_channels;
	h->mode = o->mode;
	h->store_id = wi_random();
	plan_head(h);
	memcpy(h->name, name, strlen(name));
	wi_command(h->created_by, sizeof(h->created_by));
	if (h->heap_off + WI_PAGE > h->seg_len)
		return wi_fail(diag, -EINVAL,
			       "max_bytes: tables for %u channels and %u "
			       "participants alone take %" PRIu64 " bytes",
			       h->channel_cnt, h->participant_cnt, h->heap_off);

	rc = wi_shm_stat(st->data_fd, &data);
	if (rc == 0)
		rc = wi_shm_stat(st->lock_fd, &lock);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot look at a file just made");
	st->data_id = data.id;
	st->lock_id = lock.id;
	h->data_dev = data.id.dev;
	h->data_ino = data.id.ino;
	h->lock_dev = lock.id.dev;
	h->lock_ino = lock.id.ino;
	h->sum = head_sum(h);

	rc = wi_shm_reserve(st->data_fd, 0, h->heap_off);
	if (rc == -ENOSPC)
		return no_space(st->data_fd, h->heap_off, "an empty store",
				diag);
	if (rc == 0)
		rc = wi_shm_map(st->data_fd, h->heap_off, false, NULL, &map);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot give the new store memory");
	memcpy(map, h, sizeof(*h));
	wi_shm_unmap(map, h->heap_off);
	return 0;
}

int
wi_segment_make(struct weir_store *st, const char *name,
		const weir_store_opts *o, weir_diag *diag)
{
	uint32_t writers = o->mode & 0222;
	int rc;

	rc = new_file(st, o, o->max_bytes, o->mode, &st->data_fd, diag);
	/* Whoever may write to the data may take locks; whoever may only read
	 * it may not, or he could make the dead look alive. */
	if (rc == 0)
		rc = new_file(st, o, 0, writers | writers << 1, &st->lock_fd,
			      diag);
	if (rc != 0)
		return rc;
	return fill(st, st->is_private ? "private" : name, o, diag);
}

int
wi_segment_name(struct weir_store *st, const char *name, const char *dir,
		weir_diag *diag)
{
	char data[WI_PATH_MAX], lock[WI_PATH_MAX];
	struct wi_life making = {NULL};
	int rc;

	if (!data_path(data, dir, name) ||
	    !lock_path(lock, dir, name, st->head.store_id))
		return too_long(diag);
	rc = wi_life_take(&making, st->lock_fd, WI_BYTE_MAKING);
	if (rc == WI_HELD) /* nobody else has this file */
		rc = -EOPNOTSUPP;
	if (rc == 0)
		rc = wi_shm_link(st->lock_fd, lock);
	if (rc != 0) {
		wi_life_drop(&making, false);
		return wi_fail(diag, rc, "cannot make the lock file %s", lock);
	}
	rc = wi_shm_link(st->data_fd, data);
	if (rc != 0)
		wi_shm_unlink(lock);
	wi_life_drop(&making, false);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot name the store %s", data);
	wi_copy(st->dir, sizeof(st->dir), dir, strlen(dir));
	wi_segment_sweep(dir, name, st->head.store_id, false);
	return 0;
}

/* Is the header one that this build can work with? */
static int
judge(const struct wi_shm_header *h, const char *path, uint64_t len,
      weir_diag *diag)
{
	struct wi_shm_header plan = *h;

	if (memcmp(h->magic, WI_MAGIC, sizeof(h->magic)) != 0)
		return wi_fail(diag, WEIR_ENOTSTORE, "%s is not a weir store",
			       path);
	if (len < sizeof(*h))
		return wi_fail(diag, WEIR_ETRUNC,
			       "%s has %" PRIu64 " bytes, not even a header",
			       path, len);
	if (h->order_mark != WI_ORDER_MARK || h->word_len != sizeof(void *))
		return wi_fail(diag, WEIR_ELAYOUT,
			       "%s was made on a machine of another byte order "
			       "or word size",
			       path);
	if (h->format != WI_FORMAT || h->need_flags != 0)
		return wi_fail(diag, WEIR_EVERSION,
			       "%s has format %u, this library knows %u: use "
			       "one version of the library for all processes",
			       path, h->format, WI_FORMAT);
	if (h->header_len != sizeof(*h) || h->layout_hash != wi_layout_hash())
		return wi_fail(diag, WEIR_ELAYOUT,
			       "%s was made by a build with another layout",
			       path);
	if (h->sum != head_sum(h))
		return wi_fail(diag, WEIR_ECORRUPT, "%s: damaged header", path);
	plan_head(&plan);
	if (h->participant_cnt < 2 || h->participant_cnt > 1024 ||
	    h->channel_cnt < 1 || h->channel_cnt > 4096 ||
	    memcmp(&plan, h, sizeof(plan)) != 0 || h->heap_off > h->seg_len ||
	    h->seg_len > 1ull << 40 || h->name[sizeof(h->name) - 1] ||
	    h->created_by[sizeof(h->created_by) - 1])
		return wi_fail(diag, WEIR_ECORRUPT, "%s: impossible header",
			       path);
	if (len < h->seg_len)
		return wi_fail(diag, WEIR_ETRUNC,
			       "%s has %" PRIu64 " bytes of %" PRIu64, path,
			       len, h->seg_len);
	return 0;
}

/* Whose file is it, and who may write there?  Asked before anything in it is
 * looked at. */
static int
is_safe(const struct wi_file_info *f, const weir_store_opts *o,
	const char *path, weir_diag *diag)
{
	if (f->uid != 0 && f->uid != wi_uid() && f->uid != o->owner)
		return wi_fail(diag, WEIR_EUNSAFE,
			       "%s belongs to user %u, neither this one nor "
			       "root: if you trust that user, say so "
			       "(owner = %u)",
			       path, f->uid, f->uid);
	if ((f->mode & 02) && !(o->flags & WEIR_ANY_WRITER) && !(o->mode & 02))
		return wi_fail(diag, WEIR_EUNSAFE,
			       "%s is writable by everybody: find out why and "
			       "chmod it, or say that it may be "
			       "(WEIR_ANY_WRITER)",
			       path);
	return 0;
}

static int
lock_is_gone(const char *path, weir_diag *diag)
{
	return wi_fail(diag, WEIR_ECORRUPT,
		       "%s is gone, so nobody can tell who lives: "
		       "destroy the store and make it again",
		       path);
}

static int
judge_lock(const struct weir_store *st, const struct wi_file_info *f,
	   const char *path, weir_diag *diag)
{
	if (f->is_regular && f->id.ino == st->head.lock_ino &&
	    f->id.dev == st->head.lock_dev)
		return 0;
	return wi_fail(diag, WEIR_ECORRUPT,
		       "%s is not the file that the store was made with", path);
}

int
wi_segment_lock_check(const struct weir_store *st, weir_diag *diag)
{
	const char *name = (const char *)st->head.name;
	char path[WI_PATH_MAX];
	struct wi_file_info f;
	int rc;

	/* a file of another name is not looked for by anybody */
	if (st->is_copy || !*st->dir ||
	    wi_segment_named(st, name, st->dir) != 0 ||
	    !lock_path(path, st->dir, name, st->head.store_id))
		return 0;
	rc = wi_shm_stat_path(path, &f);
	if (rc == -ENOENT && wi_segment_named(st, name, st->dir) == 0)
		return lock_is_gone(path, diag);
	return rc == 0 ? judge_lock(st, &f, path, diag) : 0;
}

/* The lock file that the header names. */
static int
open_lock(struct weir_store *st, const char *dir, const char *name,
	  weir_diag *diag)
{
	char path[WI_PATH_MAX];
	struct wi_file_info f;
	int rc;

	if (!lock_path(path, dir, name, st->head.store_id))
		return too_long(diag);
	st->lock_fd = wi_shm_open(path, false);
	if (st->lock_fd == -ENOENT) {
		rc = wi_segment_named(st, name, dir);
		if (rc == 0)
			return lock_is_gone(path, diag);
		if (rc == -ENOENT)
			return wi_fail(diag, WEIR_ERETIRED,
				       "the store was destroyed");
		return wi_fail(diag, rc, "cannot look at the store's name");
	}
	if (st->lock_fd < 0)
		return wi_fail(diag, st->lock_fd, "cannot open %s", path);
	rc = wi_shm_stat(st->lock_fd, &f);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot look at %s", path);
	st->lock_id = f.id;
	return judge_lock(st, &f, path, diag);
}

/* A file that may not be opened: whose? */
static int
not_allowed(const char *path, const weir_store_opts *o, weir_diag *diag)
{
	struct wi_file_info f;
	int rc = wi_shm_stat_path(path, &f);

	if (rc != 0)
		return wi_fail(diag, -EACCES, "cannot open %s", path);
	rc = is_safe(&f, o, path, diag);
	if (rc != 0)
		return rc;
	return wi_fail(diag, -EACCES,
		       "%s belongs to user %u, group %u, with mode %04o: not "
		       "for this user",
		       path, f.uid, f.gid, f.mode);
}

/* The file, if it may be looked at. */
static int
open_data(struct weir_store *st, const char *path, const weir_store_opts *o,
	  struct wi_file_info *f, weir_diag *diag)
{
	int rc;

	st->data_fd = wi_shm_open(path, st->read_only);
	if (st->data_fd == -ELOOP)
		return wi_fail(diag, WEIR_EUNSAFE, "%s is a symlink", path);
	if (st->data_fd == -EISDIR || st->data_fd == -ENXIO)
		return wi_fail(diag, WEIR_EUNSAFE, "%s is no regular file",
			       path);
	if (st->data_fd == -ENOENT)
		return wi_fail(diag, -ENOENT,
			       "no store %s: make it with `weir create` or "
			       "WEIR_CREATE",
			       path);
	if (st->data_fd == -EACCES)
		return not_allowed(path, o, diag);
	if (st->data_fd < 0)
		return wi_fail(diag, st->data_fd, "cannot open %s", path);
	rc = wi_shm_stat(st->data_fd, f);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot look at %s", path);
	st->data_id = f->id;
	if (!f->is_regular)
		return wi_fail(diag, WEIR_EUNSAFE, "%s is no regular file",
			       path);
	return is_safe(f, o, path, diag);
}

int
wi_segment_open(struct weir_store *st, const char *name,
		const weir_store_opts *o, weir_diag *diag)
{
	char path[WI_PATH_MAX];
	struct wi_file_info f;
	int rc;

	if (strchr(name, '/')) {
		if (snprintf(path, sizeof(path), "%s", name) >=
		    (int)sizeof(path))
			return too_long(diag);
		wi_copy(st->dir, sizeof(st->dir), path,
			(size_t)(strrchr(path, '/') + 1 - path));
	} else if (!data_path(path, o->dir, name)) {
		return too_long(diag);
	}
	if (!*st->dir)
		wi_copy(st->dir, sizeof(st->dir), o->dir, strlen(o->dir));
	rc = open_data(st, path, o, &f, diag);
	if (rc != 0)
		return rc;
	/* Not through a mapping: it may be anybody's file yet. */
	rc = wi_shm_read(st->data_fd, &st->head, sizeof(st->head));
	if (rc != 0)
		return wi_fail(diag, rc, "cannot read %s", path);
	rc = judge(&st->head, path, f.len, diag);
	if (rc != 0)
		return rc;
	st->is_judged = true;

	st->is_copy =
	    f.id.ino != st->head.data_ino || f.id.dev != st->head.data_dev;
	if (st->is_copy && !st->read_only)
		return wi_fail(diag, WEIR_ECOPY,
			       "%s is a copy of a store: open it read-only",
			       path);
	/* a hard link, or renamed */
	if (!st->is_copy && !strchr(name, '/') &&
	    strcmp((const char *)st->head.name, name) != 0)
		return wi_fail(diag, WEIR_EUNSAFE,
			       "%s is the store %s under another name: rm it",
			       path, (const char *)st->head.name);
	return st->read_only ? 0 : open_lock(st, o->dir, name, diag);
}

int
wi_segment_named(const struct weir_store *st, const char *name, const char *dir)
{
	char path[WI_PATH_MAX];
	struct wi_file_info f;
	int rc;

	if (!data_path(path, dir, name))
		return -ENAMETOOLONG;
	rc = wi_shm_stat_path(path, &f);
	if (rc != 0)
		return rc;
	return f.id.ino == st->head.data_ino && f.id.dev == st->head.data_dev
		   ? 0
		   : -ENOENT;
}

/* One at a time: two could find the name to be this store's, and the slower
 * one remove that of a store which was made in between.  Who stands still in
 * there is not waited for long. */
static void
unlink_turn(const struct weir_store *st, struct wi_life *turn)
{
	uint32_t never = 0;
	struct wi_wait_word nap = {&never, 0, true};

	for (int tries = 0; st->lock_fd >= 0 && tries < 64; tries++) {
		if (wi_life_take(turn, st->lock_fd, WI_BYTE_MAKING) != WI_HELD)
			return;
		wi_futex_wait(&nap, 1, wi_deadline(1000000));
	}
}

int
wi_segment_may_unlink(const char *name, const char *dir)
{
	char path[WI_PATH_MAX];

	return data_path(path, dir, name) ? wi_shm_may_unlink(path)
					  : -ENAMETOOLONG;
}

int
wi_segment_unlink(const struct weir_store *st, const char *name,
		  const char *dir)
{
	struct wi_life turn = {NULL};
	char path[WI_PATH_MAX];
	int rc;

	if (!data_path(path, dir, name))
		return -ENAMETOOLONG;
	unlink_turn(st, &turn);
	/* somebody else may have destroyed it and made a new one meanwhile */
	rc = wi_segment_named(st, name, dir);
	if (rc == 0)
		rc = wi_shm_unlink(path);
	if (rc == 0 && lock_path(path, dir, name, st->head.store_id))
		wi_shm_unlink(path);
	wi_life_drop(&turn, false);
	return rc;
}

struct sweep {
	const char *dir, *name;
	uint64_t store_id;
	bool dry_run;
	uint32_t cnt;
};

/* Is @id that of the store which has the name now?  Where it cannot be told,
 * yes. */
static bool
is_current(const struct sweep *s, uint64_t id)
{
	struct wi_shm_header h;
	char path[WI_PATH_MAX];
	bool is;
	int fd;

	if (!data_path(path, s->dir, s->name))
		return true;
	fd = wi_shm_open(path, true);
	if (fd < 0)
		return fd != -ENOENT;
	is = wi_shm_read(fd, &h, sizeof(h)) != 0 ||
	     memcmp(h.magic, WI_MAGIC, sizeof(h.magic)) != 0 ||
	     h.store_id == id;
	wi_fd_close(fd);
	return is;
}

/* One file of the directory: a lock file of this store's name that belongs
 * to another store?  Then nobody needs it, unless that is being made, or was
 * made since ours was destroyed.  In this order: who no longer holds the byte
 * has its name by now, or never will. */
static void
sweep_file(const char *file, void *arg)
{
	struct sweep *s = arg;
	char path[WI_PATH_MAX], want[WI_PATH_MAX];
	const char *dot = strrchr(file, '.');
	struct wi_file_info f;
	uint64_t id;
	int fd;

	if (!dot || dot - file < 16 || strcmp(dot, ".lock") != 0 ||
	    sscanf(dot - 16, "%16" SCNx64, &id) != 1 || id == s->store_id)
		return;
	if (!lock_path(want, s->dir, s->name, id) ||
	    snprintf(path, sizeof(path), "%s/%s", s->dir, file) >=
		(int)sizeof(path) ||
	    strcmp(path, want) != 0)
		return;
	fd = wi_shm_open(path, s->dry_run);
	if (fd < 0)
		return;
	if (wi_shm_stat(fd, &f) == 0 && f.is_regular && f.uid == wi_uid() &&
	    f.len == 0 && wi_life_probe(fd, &f.id, WI_BYTE_MAKING) == 0 &&
	    !is_current(s, id) && (s->dry_run || wi_shm_unlink(path) == 0))
		s->cnt++;
	wi_fd_close(fd);
}

uint32_t
wi_segment_sweep(const char *dir, const char *name, uint64_t store_id,
		 bool dry_run)
{
	struct sweep s = {dir, name, store_id, dry_run, 0};

	wi_dir_each(dir, sweep_file, &s);
	return s.cnt;
}
