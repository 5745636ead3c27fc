/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_rights.c - who may do what to a store: its owner, a user of a group in
 * common, a stranger, and root.  Real users, so only root can run it.
 */
#include "kit.h"
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"

struct scene {
	const char *store, *dir;
	uint32_t mode;
	mode_t mask;
	uint64_t owner; /* whom the opener names */
	uint32_t flags;
};

static int
open_store(const struct scene *s, uint32_t flags, weir_store **st,
	   weir_diag *diag)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = s->flags | flags,
			     .mode = flags & WEIR_CREATE ? s->mode : 0,
			     .dir = s->dir,
			     .max_bytes = 4 << 20,
			     .owner = s->owner};

	memset(diag, 0, sizeof(*diag));
	return weir_store_open(s->store, &o, st, diag);
}

/* The store, with a channel "c" and a value in it. */
static int
make(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_diag diag;
	weir_store *st;
	uint8_t buf[64];

	(void)me;
	umask(s->mask);
	proc_check(open_store(s, WEIR_CREATE, &st, &diag) == 0);
	proc_check(weir_publish(kit_producer(kit_channel(st, "c", WEIR_BLOCK,
							 WEIR_SHARED, 4),
					     "maker", 0),
				buf, kit_rec(buf, 1, 1, 40), NULL) == 1);
	weir_store_close(st);
	return 0;
}

/* ---- modes
 * ------------------------------------------------------------------- */

enum what { NOT, LOOK, USE };

/* What this process can do with the store. */
static enum what
can_do(const struct scene *s, weir_diag *diag)
{
	weir_channel_info ci = {.size = sizeof(ci)};
	weir_ring_info ri = {.size = sizeof(ri)};
	weir_slot_info si = {.size = sizeof(si)};
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_consumer *c;
	weir_store *st;
	weir_record rec;
	uint8_t buf[64];
	enum what what = NOT;

	if (open_store(s, WEIR_READ_ONLY, &st, diag) == 0) {
		/* list, read, dump; nothing else */
		proc_check(weir_channel_next(st, &ci) == 1);
		ch = kit_channel_find(st, "c");
		c = kit_consumer(ch, NULL, 0, WEIR_FROM_OLDEST);
		proc_check(weir_read(c, &rec, 1, 0) == 1 &&
			   kit_rec_ok(rec.data, rec.len, NULL, NULL));
		proc_check(weir_current(ch, NULL, buf, sizeof(buf), &rec) == 0);
		proc_check(weir_ring_stat(ch, &ri) == 0);
		proc_check(weir_slot_next(ch, &si) == 1);
		proc_check(weir_producer_open(ch, "x", NULL, &p, NULL) ==
			   -EROFS);
		weir_store_close(st);
		what = LOOK;
	}
	if (open_store(s, 0, &st, diag) == 0) {
		ch = kit_channel_find(st, "c");
		p = kit_producer(ch, "user", 0);
		c = kit_consumer(ch, "user", 0, WEIR_FROM_NEW);
		proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			   0);
		proc_check(weir_read(c, &rec, 1, 0) == 1);
		weir_channel_close(kit_channel(st, "d", 0, WEIR_SHARED, 4));
		proc_check(weir_channel_remove(st, "d", NULL) == 0);
		weir_store_close(st);
		proc_check(what == LOOK);
		what = USE;
	}
	return what;
}

/* Says 10 x (what it can do without naming the owner) + (what with). */
static int
try_all(struct proc *me, void *arg)
{
	struct scene s = *(struct scene *)arg;
	enum what blind, named;
	weir_diag diag;
	weir_store *st;
	int rc;

	(void)me;
	s.flags = WEIR_ANY_WRITER;
	blind = can_do(&s, &diag);
	s.owner = OWNER;
	named = can_do(&s, &diag);
	/* why not, and whose it is */
	for (int i = 0; i < 4; i++) {
		s.owner = i < 2 ? 0 : OWNER;
		rc = open_store(&s, i % 2 ? WEIR_CREATE : 0, &st, &diag);
		weir_store_close(st);
		if (geteuid() == OWNER || (s.owner && named == USE)) {
			proc_check(rc == 0);
			continue;
		}
		proc_check(!st && diag.code == rc);
		proc_check(rc == (s.owner ? -EACCES : WEIR_EUNSAFE));
		proc_check(strstr(diag.message, "user 64101"));
	}
	return 10 * (int)blind + (int)named;
}

static const struct {
	uint32_t mode, lock;
	enum what member, stranger;
} modes[] = {
    {0600, 0600, NOT, NOT},  {0640, 0600, LOOK, NOT},
    {0660, 0660, USE, NOT},  {0644, 0600, LOOK, LOOK},
    {0664, 0660, USE, LOOK}, {0604, 0600, NOT, LOOK},
    {0666, 0666, USE, USE},  {0606, 0606, NOT, USE},
    {0620, 0660, NOT, NOT}, /* to write needs to read */
};

static void
files_are(const struct scene *s, uint32_t mode, uint32_t lock)
{
	char pattern[128];
	struct stat sb;
	glob_t g;

	CU_ASSERT_EQUAL(stat(tmpstore_path(s->store), &sb), 0);
	CU_ASSERT_EQUAL(sb.st_mode & 07777, mode);
	CU_ASSERT(sb.st_uid == OWNER && sb.st_gid == GROUP);
	snprintf(pattern, sizeof(pattern), "%s.*.lock",
		 tmpstore_path(s->store));
	CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &g), 0);
	CU_ASSERT_EQUAL(g.gl_pathc, 1);
	CU_ASSERT_EQUAL(stat(g.gl_pathv[0], &sb), 0);
	CU_ASSERT_EQUAL(sb.st_mode & 07777, lock);
	CU_ASSERT(sb.st_uid == OWNER && sb.st_gid == GROUP && sb.st_size == 0);
	globfree(&g);
}

static void
rights_are_as_asked(void)
{
	if (users_absent())
		return;
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct scene s = {.store = tmpstore_name(),
				  .mode = modes[i].mode,
				  .mask = i % 2 ? 0777 : 0};

		CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &s), 0);
		files_are(&s, modes[i].mode, modes[i].lock);
		/* strangers' stores are refused, unless that one is named */
		CU_ASSERT_EQUAL(user_run(OWNER, try_all, &s), 10 * USE + USE);
		CU_ASSERT_EQUAL(user_run(MEMBER, try_all, &s),
				(int)modes[i].member);
		CU_ASSERT_EQUAL(user_run(STRANGER, try_all, &s),
				(int)modes[i].stranger);
		/* to root, too */
		CU_ASSERT_EQUAL(user_run(0, try_all, &s), USE);
		files_are(&s, modes[i].mode, modes[i].lock);
	}
}

static int
can_do_what(struct proc *me, void *arg)
{
	weir_diag diag;

	(void)me;
	return (int)can_do(arg, &diag);
}

/* Root's are nobody's traps; each may use them as the mode says. */
static void
rights_to_what_is_roots(void)
{
	struct scene s = {.store = tmpstore_name(), .mode = 0644};

	if (users_absent())
		return;
	CU_ASSERT_EQUAL_FATAL(user_run(0, make, &s), 0);
	CU_ASSERT_EQUAL(user_run(0, can_do_what, &s), USE);
	CU_ASSERT_EQUAL(user_run(STRANGER, can_do_what, &s), LOOK);
	CU_ASSERT_EQUAL_FATAL(chown(tmpstore_path(s.store), 0, GROUP), 0);
	CU_ASSERT_EQUAL_FATAL(chmod(tmpstore_path(s.store), 0660), 0);
	/* the lock file is not the group's yet */
	CU_ASSERT_EQUAL(user_run(MEMBER, can_do_what, &s), LOOK);
	CU_ASSERT_EQUAL(user_run(STRANGER, can_do_what, &s), NOT);
}

/* ---- the end
 * ---------------------------------------------------------------- */

static int
destroy(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_ANY_WRITER,
			     .owner = OWNER,
			     .dir = s->dir};
	weir_diag diag = {0};
	int rc = weir_store_destroy(s->store, &o, &diag);

	(void)me;
	if (rc)
		proc_check(diag.code == rc && diag.message[0]);
	return rc == -EPERM ? 1 : rc == -EACCES ? 2 : rc == 0 ? 0 : 99;
}

/* Attached, and reports how each publish went. */
static int
attached(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_producer *p;
	weir_diag diag;
	weir_store *st;
	uint8_t buf[64];

	proc_check(open_store(s, 0, &st, &diag) == 0);
	p = kit_producer(kit_channel_find(st, "c"), "attached", 0);
	do
		proc_tell(me,
			  weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) > 0
			      ? 'y'
			      : 'n');
	while (proc_hear(me) == 'g');
	weir_store_close(st);
	return 0;
}

/* As one who writes to the store can. */
static int
retire_by_hand(struct proc *me, void *arg)
{
	weir_diag diag;
	weir_store *st;

	(void)me;
	proc_check(open_store(arg, 0, &st, &diag) == 0);
	st->control->retired = 1;
	weir_store_close(st);
	proc_check(open_store(arg, 0, &st, &diag) == -EPERM);
	proc_check(strstr(diag.message, "its owner can"));
	proc_check(open_store(arg, WEIR_CREATE, &st, &diag) == -EPERM);
	return 0;
}

/* In a sticky directory the owner alone, and root, can end it, and who tries
 * without being allowed to changes nothing. */
static void
rights_to_destroy(void)
{
	struct scene s = {.store = tmpstore_name(),
			  .mode = 0666,
			  .owner = OWNER,
			  .flags = WEIR_ANY_WRITER};
	struct proc p;

	if (users_absent())
		return;
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &s), 0);
	p = user_start(MEMBER, attached, &s);
	CU_ASSERT_EQUAL(proc_hear(&p), 'y');
	CU_ASSERT_EQUAL(user_run(MEMBER, destroy, &s), 1);
	CU_ASSERT_EQUAL(user_run(STRANGER, destroy, &s), 1);
	files_are(&s, 0666, 0666);
	proc_tell(&p, 'g');
	CU_ASSERT_EQUAL(proc_hear(&p), 'y');
	CU_ASSERT_EQUAL(user_run(STRANGER, can_do_what, &s), USE);
	CU_ASSERT_EQUAL(user_run(OWNER, destroy, &s), 0);
	proc_tell(&p, 'g');
	CU_ASSERT_EQUAL(proc_hear(&p), 'n');
	proc_tell(&p, 'e');
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	CU_ASSERT(access(tmpstore_path(s.store), F_OK) < 0);

	/* who writes can end it without removing it; the owner clears up */
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &s), 0);
	CU_ASSERT_EQUAL(user_run(MEMBER, retire_by_hand, &s), 0);
	CU_ASSERT_EQUAL(user_run(OWNER, make, &s), 0);
	CU_ASSERT_EQUAL(user_run(MEMBER, can_do_what, &s), USE);
	CU_ASSERT_EQUAL(user_run(0, destroy, &s), 0);
}

/* Every byte of the lock file, as one may who can write to the store. */
static int
locks_all(struct proc *me, void *arg)
{
	struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock one = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	weir_store *st;
	weir_diag diag;
	char path[64];
	int fd;

	proc_check(open_store(arg, 0, &st, &diag) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", st->lock_fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	weir_store_close(st);
	/* not the whole: those who live hold theirs */
	proc_check(fd >= 0 && fcntl(fd, F_OFD_SETLK, &all) < 0);
	for (one.l_len = 1; one.l_start < 4096; one.l_start++)
		if (fcntl(fd, F_OFD_SETLK, &one) < 0)
			proc_check(errno == EAGAIN);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static int
cannot_attach(struct proc *me, void *arg)
{
	weir_store *st;
	weir_diag diag;

	(void)me;
	proc_check(open_store(arg, 0, &st, &diag) == WEIR_EFULL);
	return 0;
}

/* A peer can make the dead look alive, for as long as it lives itself; those
 * who are there go on. */
static void
rights_of_a_peer_over_locks(void)
{
	struct scene s = {
	    .store = tmpstore_name(), .mode = 0660, .owner = OWNER};
	struct proc lives, peer;

	if (users_absent())
		return;
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &s), 0);
	lives = user_start(OWNER, attached, &s);
	CU_ASSERT_EQUAL(proc_hear(&lives), 'y');
	peer = user_start(MEMBER, locks_all, &s);
	CU_ASSERT_EQUAL(proc_hear(&peer), 'r');
	CU_ASSERT_EQUAL(user_run(OWNER, cannot_attach, &s), 0);
	proc_tell(&lives, 'g');
	CU_ASSERT_EQUAL(proc_hear(&lives), 'y');
	CU_ASSERT_EQUAL(proc_kill(&peer), -SIGKILL);
	CU_ASSERT_EQUAL(user_run(OWNER, can_do_what, &s), USE);
	proc_tell(&lives, 'e');
	CU_ASSERT_EQUAL(proc_wait(&lives), 0);
}

/* ---- directories
 * ------------------------------------------------------------ */

static int
cannot_make(struct proc *me, void *arg)
{
	struct scene s = *(struct scene *)arg;
	weir_diag diag;
	weir_store *st;

	(void)me;
	s.store = "another";
	proc_check(open_store(&s, WEIR_CREATE, &st, &diag) == -EACCES);
	proc_check(strstr(diag.message, s.dir));
	return (int)can_do(arg, &diag);
}

/* A directory of the owner's: others use what is in it and make nothing; its
 * set-group-ID bit says whose group stores are. */
static void
rights_in_a_directory(void)
{
	char dir[] = "/dev/shm/weir-test-dir-XXXXXX", path[64];
	struct scene s = {.store = "s", .dir = dir, .mode = 0660};
	struct stat sb;

	if (users_absent())
		return;
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	CU_ASSERT_EQUAL(chown(dir, OWNER, MEMBER), 0);
	CU_ASSERT_EQUAL(chmod(dir, 02755), 0);
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &s), 0);
	snprintf(path, sizeof(path), "%s/weir.s", dir);
	CU_ASSERT_EQUAL(stat(path, &sb), 0);
	CU_ASSERT(sb.st_uid == OWNER && sb.st_gid == MEMBER);
	s.owner = OWNER;
	CU_ASSERT_EQUAL(user_run(MEMBER, cannot_make, &s), USE);
	CU_ASSERT_EQUAL(user_run(STRANGER, cannot_make, &s), NOT);
	CU_ASSERT_EQUAL(user_run(MEMBER, destroy, &s), 2);
	CU_ASSERT_EQUAL(user_run(OWNER, destroy, &s), 0);
	CU_ASSERT_EQUAL(rmdir(dir), 0);
}

/* ---- traps
 * ------------------------------------------------------------------ */

enum trap { GARBAGE, SECRET, STORE, SYMLINK, FIFO, FOLDER, TRAP_CNT };

struct trapped {
	struct scene s;
	const char *real; /* a store of the victim's */
	enum trap kind;
};

/* The stranger was there first. */
static int
lay(struct proc *me, void *arg)
{
	struct trapped *t = arg;
	char path[256];
	int fd = 0;

	umask(0);
	snprintf(path, sizeof(path), "%s", tmpstore_path(t->s.store));
	switch (t->kind) {
	case GARBAGE:
	case SECRET:
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			  t->kind == SECRET ? 0600 : 0644);
		proc_check(fd >= 0 && write(fd, "what is this", 12) == 12);
		return 0;
	case STORE:
		t->s.mode = 0666;
		return make(me, &t->s);
	case SYMLINK:
		return symlink(tmpstore_path(t->real), path);
	case FIFO:
		return mkfifo(path, 0666);
	default:
		return mkdir(path, 0777);
	}
}

/* Whatever it tries, it is told, and does not wait. */
static int
step_in(struct proc *me, void *arg)
{
	static const uint32_t flags[] = {0, WEIR_CREATE, WEIR_READ_ONLY,
					 WEIR_READ_ONLY};
	struct trapped *t = arg;
	weir_store_opts o = {.size = sizeof(o), .mode = 0666};
	weir_diag diag;
	weir_store *st;
	int rc;

	(void)me;
	for (int i = 0; i < 4; i++) {
		o.flags = flags[i];
		rc = weir_store_open(i < 3 ? t->s.store
					   : tmpstore_path(t->s.store),
				     &o, &st, &diag);
		if (rc != WEIR_EUNSAFE)
			printf("trap %d: %d: %s\n", (int)t->kind, rc,
			       diag.message);
		proc_check(rc == WEIR_EUNSAFE);
		if (!strstr(diag.message, t->s.store))
			printf("trap %d: %s\n", (int)t->kind, diag.message);
		proc_check(strstr(diag.message, t->s.store));
		if (t->kind <= STORE)
			proc_check(strstr(diag.message, "user 64103"));
	}
	proc_check(weir_store_destroy(t->s.store, &o, &diag) == WEIR_EUNSAFE);
	return 0;
}

static void
rights_against_traps(void)
{
	struct scene real = {.store = tmpstore_name(), .mode = 0600};

	if (users_absent())
		return;
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, &real), 0);
	for (int k = 0; k < TRAP_CNT; k++) {
		struct trapped t = {.s.store = tmpstore_name(),
				    .real = real.store,
				    .kind = (enum trap)k};
		struct stat was, is;

		CU_ASSERT_EQUAL_FATAL(user_run(STRANGER, lay, &t), 0);
		CU_ASSERT_EQUAL(lstat(tmpstore_path(t.s.store), &was), 0);
		CU_ASSERT_EQUAL(user_run(OWNER, step_in, &t), 0);
		CU_ASSERT_EQUAL(user_run(0, step_in, &t), 0);
		CU_ASSERT_EQUAL(lstat(tmpstore_path(t.s.store), &is), 0);
		CU_ASSERT(was.st_ino == is.st_ino &&
			  was.st_mtim.tv_nsec == is.st_mtim.tv_nsec &&
			  was.st_blocks == is.st_blocks);
		if (k == FOLDER)
			rmdir(tmpstore_path(t.s.store));
	}
	/* nothing was done through the symlink */
	CU_ASSERT_EQUAL(user_run(OWNER, try_all, &real), 10 * USE + USE);
}

SUITE("rights", TEST(rights_are_as_asked), TEST(rights_to_what_is_roots),
      TEST(rights_to_destroy), TEST(rights_of_a_peer_over_locks),
      TEST(rights_in_a_directory), TEST(rights_against_traps));
