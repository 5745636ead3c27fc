/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/walk.h"
#include "platform/pages.h"

#define WISHES	    (WEIR_PREFAULT | WEIR_LOCK_MEMORY | WEIR_HUGE_PAGES)
#define DEFAULT_DIR "/dev/shm"

/* Letters of a store's name, which is also a file's. */
static bool
name_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static int
name_check(const char *name, weir_diag *diag)
{
	size_t len = name ? strnlen(name, WEIR_NAME_MAX + 1) : 0;
	bool ok = len > 0 && len <= WEIR_NAME_MAX && name[0] != '.';

	for (size_t i = 0; ok && i < len; i++)
		ok = name_letter(name[i]);
	return ok ? 0
		  : wi_fail(diag, WEIR_ENAME,
			    "a store's name is 1 to %d of A-Z a-z 0-9 . _ - "
			    "and does not begin with a dot; a path, with a "
			    "/, can only be opened read-only",
			    WEIR_NAME_MAX);
}

int
wi_id_check(const char *what, const char *id, size_t max, weir_diag *diag)
{
	size_t len = id ? strnlen(id, max + 1) : 0;
	bool ok =
	    len > 0 && len <= max && wi_utf8_valid((const uint8_t *)id, len);

	for (size_t i = 0; ok && i < len; i++) {
		unsigned char c = (unsigned char)id[i];

		/* C0, DEL, and C1 (U+0080 .. U+009F: c2 80 .. c2 9f) */
		ok = c >= 0x20 && c != 0x7f &&
		     !(c == 0xc2 && (unsigned char)id[i + 1] < 0xa0);
	}
	return ok ? 0
		  : wi_fail(diag, WEIR_ENAME,
			    "%s is 1 to %zu bytes of UTF-8 without control "
			    "characters",
			    what, max);
}

int
wi_opts_copy(void *dst, size_t known, const void *src, const char *what,
	     weir_diag *diag)
{
	const uint8_t *bytes = src;
	size_t len;

	if (!src)
		return 0;
	memcpy(&len, src, sizeof(len));
	if (len < sizeof(len) || len > 4096)
		return wi_fail(diag, -EINVAL,
			       "%s.size is %zu: set it to sizeof(%s)", what,
			       len, what);
	for (size_t i = known; i < len; i++)
		if (bytes[i])
			return wi_fail(diag, -EINVAL,
				       "%s has fields set that this library "
				       "(%s) does not know: begin with all "
				       "zeros",
				       what, weir_version());
	memcpy(dst, src, len < known ? len : known);
	return 0;
}

static int
opts_read(weir_store_opts *o, const weir_store_opts *from, weir_diag *diag)
{
	int rc;

	memset(o, 0, sizeof(*o));
	rc = wi_opts_copy(o, WI_OPTS_KNOWN(weir_store_opts), from,
			  "weir_store_opts", diag);
	if (rc != 0)
		return rc;
	if (o->flags & ~(WEIR_CREATE | WEIR_READ_ONLY | WEIR_PRIVATE |
			 WEIR_ANY_WRITER | WISHES))
		return wi_fail(diag, -EINVAL, "flags: unknown bits 0x%x",
			       o->flags);
	if ((o->flags & WEIR_READ_ONLY) &&
	    (o->flags & (WEIR_CREATE | WEIR_PRIVATE)))
		return wi_fail(diag, -EINVAL,
			       "flags: WEIR_READ_ONLY cannot create");
	if ((o->flags & WEIR_READ_ONLY) && (o->flags & WISHES))
		return wi_fail(diag, -EINVAL,
			       "flags: WEIR_READ_ONLY goes without wishes "
			       "about memory");
	if (!o->dir)
		o->dir = DEFAULT_DIR;
	if (!o->max_bytes)
		o->max_bytes = 1ull << 30;
	if (!o->max_channels)
		o->max_channels = 256;
	if (!o->max_participants)
		o->max_participants = 128;
	if (!o->mode)
		o->mode = 0600;
	if (o->max_bytes < 1u << 20 || o->max_bytes > 1ull << 40)
		return wi_fail(diag, -EINVAL,
			       "max_bytes is %" PRIu64 ": 1 MiB .. 1 TiB",
			       o->max_bytes);
	if (o->max_channels > 4096)
		return wi_fail(diag, -EINVAL, "max_channels is %u: 1 .. 4096",
			       o->max_channels);
	if (o->max_participants < 2 || o->max_participants > 1024)
		return wi_fail(diag, -EINVAL,
			       "max_participants is %u: 2 .. 1024",
			       o->max_participants);
	if ((o->mode & ~0666u) || !(o->mode & 0400) || !(o->mode & 0200))
		return wi_fail(diag, -EINVAL,
			       "mode is %04o: 0600, and more of 0666", o->mode);
	o->max_bytes &= ~(uint64_t)(WI_PAGE - 1);
	return 0;
}

/* Close what is still ours.  What was never looked at (ino 0) was never out
 * of this call, so nobody else can have closed it. */
static void
close_own(int fd, const struct wi_file_id *id)
{
	if (id->ino == 0 || wi_shm_is(fd, id))
		wi_fd_close(fd);
}

/* Undo everything that opening did, as far as it came. */
static void
dispose(struct weir_store *st)
{
	bool child = st->cookie && wi_mine(st) != 0;

	/* In a child the mappings are not there; the data goes before the
	 * lock, which must cover every instant in which we could write. */
	if (st->base && !child)
		wi_shm_unmap(st->base, st->head.seg_len);
	wi_life_drop(&st->life, child);
	close_own(st->data_fd, &st->data_id);
	close_own(st->lock_fd, &st->lock_id);
	if (st->cookie)
		wi_cookie_free(st->cookie);
	wi_mutex_free(st->mutex);
	free(st->hold_refs);
	free(st);
}

static int
private_parts(struct weir_store *st, weir_diag *diag)
{
	int rc = wi_cookie_new(&st->cookie);

	if (rc == -ENOSYS)
		return wi_fail(diag, rc,
			       "this kernel cannot mark memory that a child "
			       "of fork is not to have (Linux 4.14)");
	if (rc == 0)
		st->mutex = wi_mutex_new();
	if (rc == 0 && !st->mutex)
		rc = -ENOMEM;
	return rc ? wi_fail(diag, rc, "%s", weir_strerror(rc)) : 0;
}

/* Map the segment and find its tables. */
static int
map_all(struct weir_store *st, weir_diag *diag)
{
	const struct wi_shm_header *h = &st->head;
	void *map;
	bool huge = st->wishes & WEIR_HUGE_PAGES;
	int rc = wi_shm_map(st->data_fd, h->seg_len, st->read_only,
			    huge ? wi_huge_place(h->seg_len) : NULL, &map);

	if (rc != 0)
		return wi_fail(
		    diag, rc, "cannot map the %" PRIu64 " bytes of the store%s",
		    h->seg_len, rc == -ENOMEM ? ": ulimit -v" : "");
	st->base = map;
	st->control = (void *)(st->base + h->control_off);
	st->participants = (void *)(st->base + h->participants_off);
	st->holds = (void *)(st->base + h->holds_off);
	st->channels =
	    (struct wi_table){st->base + h->channels_off,
			      sizeof(struct wi_shm_entry), h->channel_cnt};
	st->waker = (struct wi_waker){st->control, st->participants,
				      h->participant_cnt};
	st->lock_id = (struct wi_file_id){h->lock_dev, h->lock_ino};
	st->hold_refs = calloc(h->channel_cnt, sizeof(*st->hold_refs));
	if (!st->hold_refs)
		return wi_fail(diag, -ENOMEM, "out of memory");
	rc = wi_memory_lock(st, 0, h->heap_off, diag);
	return rc ? rc : wi_memory_ready(st, 0, h->heap_off, diag);
}

/* Others see us by now.  If the store was destroyed since its name was looked
 * up, this is nobody's store; and who destroyed it may have died before the
 * name was gone, or not have had the right to remove it. */
static int
is_current(const struct weir_store *st, const char *name, const char *dir,
	   weir_diag *diag)
{
	bool is_retired = wi_is_retired(st);
	int gone = is_retired ? wi_segment_unlink(st, name, dir) : 0;
	int rc = wi_segment_named(st, name, dir);

	if ((gone == -EACCES || gone == -EPERM) && rc == 0)
		return wi_fail(diag, -EPERM,
			       "store %s was destroyed, and this user may not "
			       "remove what is left of it: its owner can",
			       name);
	if (rc == -ENOENT || (rc == 0 && is_retired))
		return wi_fail(diag, WEIR_ERETIRED, "store %s was destroyed",
			       name);
	return rc ? wi_fail(diag, rc, "cannot look at the store's name") : 0;
}

/* One attempt.  -EEXIST, -ENOENT and WEIR_ERETIRED may be tried again. */
static int
attempt(const char *name, const weir_store_opts *o, bool create,
	struct weir_store **out, weir_diag *diag)
{
	struct weir_store *st = calloc(1, sizeof(*st));
	int rc;

	if (!st)
		return wi_fail(diag, -ENOMEM, "out of memory");
	st->data_fd = st->lock_fd = -1;
	st->read_only = o->flags & WEIR_READ_ONLY;
	st->is_private = o->flags & WEIR_PRIVATE;
	st->wishes = o->flags & WISHES;
	rc = private_parts(st, diag);
	if (rc == 0)
		rc = create ? wi_segment_make(st, name, o, diag)
			    : wi_segment_open(st, name, o, diag);
	if (rc == 0)
		rc = map_all(st, diag);
	if (rc == 0 && !st->read_only) {
		st->must_fence = wi_membarrier_register() != 0;
		rc = wi_participant_take(st, diag);
	}
	/* last, so that a call that fails leaves no store behind */
	if (rc == 0 && create && !st->is_private)
		rc = wi_segment_name(st, name, o->dir, diag);
	if (rc == 0 && !st->is_private && !st->read_only)
		rc = is_current(st, name, o->dir, diag);
	if (rc != 0) {
		dispose(st);
		return rc;
	}
	*out = st;
	return 0;
}

int
weir_store_open(const char *name, const weir_store_opts *opts, weir_store **out,
		weir_diag *diag)
{
	weir_store_opts o;
	int rc;

	if (!out)
		return wi_fail(diag, -EINVAL, "out is NULL");
	*out = NULL;
	rc = opts_read(&o, opts, diag);
	if (rc != 0)
		return rc;
	if (o.flags & WEIR_PRIVATE)
		return attempt(NULL, &o, true, out, diag);
	if (!(name && strchr(name, '/') && (o.flags & WEIR_READ_ONLY))) {
		rc = name_check(name, diag);
		if (rc != 0)
			return rc;
	}
	for (int tries = 0; tries < 16; tries++) {
		rc = attempt(name, &o, false, out, diag);
		if (rc == -ENOENT && (o.flags & WEIR_CREATE))
			rc = attempt(name, &o, true, out, diag);
		if (rc != -EEXIST && rc != WEIR_ERETIRED)
			return rc;
	}
	return wi_fail(diag, WEIR_ERETIRED,
		       "store %s is made and destroyed all the time", name);
}

void
weir_store_close(weir_store *st)
{
	if (!st)
		return;
	while (st->first_channel) {
		struct weir_channel *ch = st->first_channel;

		while (ch->first_producer)
			weir_producer_close(ch->first_producer);
		while (ch->first_consumer)
			weir_consumer_close(ch->first_consumer);
		weir_channel_close(ch);
	}
	dispose(st);
}

int
weir_store_destroy(const char *name, const weir_store_opts *opts,
		   weir_diag *diag)
{
	struct weir_store *st;
	weir_store_opts o;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = wi_opts_copy(&o, WI_OPTS_KNOWN(weir_store_opts), opts,
			  "weir_store_opts", diag);
	if (rc == 0)
		rc = name_check(name, diag);
	if (rc != 0)
		return rc;
	o.flags &= WEIR_ANY_WRITER;
	o.mode = 0;
	if (!o.dir)
		o.dir = DEFAULT_DIR;
	st = calloc(1, sizeof(*st));
	if (!st)
		return wi_fail(diag, -ENOMEM, "out of memory");
	st->data_fd = st->lock_fd = -1;
	/* No place is taken: a store full of live participants, or whose lock
	 * file is gone, can be destroyed all the same. */
	rc = private_parts(st, diag);
	if (rc == 0)
		rc = wi_segment_open(st, name, &o, diag);
	if (rc == -ENOENT)
		wi_fail(diag, rc, "there is no store %s in %s", name, o.dir);
	else if (rc == WEIR_ECOPY)
		wi_fail(diag, rc, "%s/weir.%s is a copy of a store: rm it",
			o.dir, name);
	if (rc == WEIR_ERETIRED) /* somebody else does it right now */
		rc = wi_fail(diag, -ENOENT, "no store %s", name);
	/* Who is attached must learn it, also if the lock file is gone. */
	if (rc == WEIR_ECORRUPT && st->is_judged)
		rc = 0;
	if (rc == 0 || rc == WEIR_ECORRUPT) {
		/* before anybody is told that it has gone */
		int may = wi_segment_may_unlink(name, o.dir);

		if (may != 0 && may != -ENOENT) {
			dispose(st);
			return wi_fail(diag, may,
				       "this user may not remove the store %s",
				       name);
		}
	}
	if (rc == 0)
		rc = map_all(st, diag);
	if (rc == 0) {
		uintptr_t old = wi_bell_arm(&st->control->bell);

		wi_store_relaxed_32(&st->control->retired, 1);
		wi_change(&st->waker);
		wi_bell_disarm(old);
	}
	if (rc == 0 || rc == WEIR_ECORRUPT) {
		rc = wi_segment_unlink(st, name, o.dir);
		if (rc != 0)
			wi_fail(diag, rc, "cannot remove the store %s", name);
		else /* what creators who died have left */
			wi_segment_sweep(o.dir, name, st->head.store_id, false);
	}
	dispose(st);
	return rc;
}

int
weir_store_stat(weir_store *st, weir_store_info *info)
{
	struct wi_file_info f = {.mode = 0};
	weir_participant_info p = {.size = sizeof(p)};
	int rc;

	if (!st || !info || info->size < sizeof(*info))
		return -EINVAL;
	rc = wi_mine(st);
	if (rc != 0)
		return rc;
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	wi_copy(info->name, sizeof(info->name), (const char *)st->head.name,
		strnlen((const char *)st->head.name, sizeof(st->head.name)));
	memcpy(info->created_by, st->head.created_by, sizeof(info->created_by));
	info->format = st->head.format;
	info->read_only = st->read_only;
	info->is_copy = st->is_copy;
	info->is_retired = wi_is_retired(st);
	info->max_channels = st->head.channel_cnt;
	info->max_participants = st->head.participant_cnt;
	info->max_bytes = st->head.seg_len;
	info->created_ns = st->head.created_ns;
	info->id = st->head.store_id;
	info->used_bytes =
	    st->head.heap_off + wi_blocks_used(st, &info->channel_cnt);
	if (wi_shm_is(st->data_fd, &st->data_id) &&
	    wi_shm_stat(st->data_fd, &f) == 0) {
		info->real_bytes = f.real_bytes;
		info->uid = f.uid;
		info->gid = f.gid;
		info->mode = f.mode;
	}
	if (st->wishes & WEIR_HUGE_PAGES)
		info->huge_bytes = wi_huge_mapped(st->base, st->head.seg_len);
	while (weir_participant_next(st, &p) == 1)
		info->participant_cnt += p.life != WEIR_GONE;
	return 0;
}
