/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_onlooker.c - a user who may only read a store, and means harm.
 *
 * It cannot write, nor seem to live in the store, nor hold anybody up with
 * what its permission allows: locks on the data file, mappings, wake-ups.
 * Real users, so only root can run it.
 */
#include "kit.h"
#include "support/sys.h"
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/internal.h"

#define LEN ((size_t)4 << 20)

struct scene {
	const char *store;
	char data[128], lock[160]; /* their paths */
	uint64_t *pid;		   /* of a participant */
};

/* As user OWNER unless it is the stranger who asks. */
static weir_store *
open_store(const struct scene *s, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = flags,
			     .mode = 0644,
			     .max_bytes = LEN,
			     .owner = OWNER};
	weir_store *st = NULL;

	proc_check(weir_store_open(s->store, &o, &st, NULL) == 0);
	return st;
}

static int
make(struct proc *me, void *arg)
{
	weir_store *st = open_store(arg, WEIR_CREATE);

	(void)me;
	kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 4);
	weir_store_close(st);
	return 0;
}

static void
begin(struct scene *s)
{
	glob_t g;

	s->store = tmpstore_name();
	s->pid = kit_shared(8);
	CU_ASSERT_EQUAL_FATAL(user_run(OWNER, make, s), 0);
	snprintf(s->data, sizeof(s->data), "%s", tmpstore_path(s->store));
	snprintf(s->lock, sizeof(s->lock), "%s.*.lock", s->data);
	CU_ASSERT_EQUAL_FATAL(glob(s->lock, 0, NULL, &g), 0);
	CU_ASSERT_EQUAL_FATAL(g.gl_pathc, 1);
	snprintf(s->lock, sizeof(s->lock), "%s", g.gl_pathv[0]);
	globfree(&g);
}

/* A participant, until it is told to end. */
static int
lives(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store *st = open_store(s, 0);

	kit_producer(kit_channel_find(st, "c"), "p", 0);
	kit_set(s->pid, (uint64_t)getpid());
	proc_tell(me, 'r');
	return proc_hear(me) == 'e' ? 0 : 1;
}

/* ---- what it cannot do
 * ------------------------------------------------------ */

/* Did it fail, with this error? */
#define refused(call, err)                                                     \
	proc_check_at((errno = 0, (call)) < 0 && errno == (err), #call,        \
		      __FILE__, __LINE__)

static void
cannot_change(const struct scene *s)
{
	char other[192];

	snprintf(other, sizeof(other), "%s.other", s->data);
	refused(open(s->data, O_RDWR | O_CLOEXEC), EACCES);
	refused(open(s->data, O_WRONLY | O_CLOEXEC), EACCES);
	refused(truncate(s->data, 0), EACCES);
	refused(chmod(s->data, 0666), EPERM);
	refused(chown(s->data, geteuid(), (gid_t)-1), EPERM);
	refused(unlink(s->data), EPERM);
	refused(rename(s->data, other), EPERM);
	/* not a word of the lock file, so no lock either */
	refused(open(s->lock, O_RDONLY | O_CLOEXEC), EACCES);
	refused(open(s->lock, O_RDWR | O_CLOEXEC), EACCES);
	refused(unlink(s->lock), EPERM);
	/* nor is there a way in through those who have it open */
	snprintf(other, sizeof(other), "/proc/%d/fd", (int)kit_get(s->pid));
	refused(open(other, O_RDONLY | O_CLOEXEC), EACCES);
	snprintf(other, sizeof(other), "/proc/%d/mem", (int)kit_get(s->pid));
	refused(open(other, O_RDWR | O_CLOEXEC), EACCES);
	refused(kill((pid_t)kit_get(s->pid), 0), EPERM);
}

static void
cannot_through(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	void *map = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	refused(open(self, O_RDWR | O_CLOEXEC), EACCES);
	refused(ftruncate(fd, 0), EINVAL);
	refused(write(fd, "x", 1), EBADF);
	refused(fallocate(fd, 0, 0, 4096), EBADF);
	refused(
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096),
	    EBADF);
	refused(fchmod(fd, 0666), EPERM);
	refused(fcntl(fd, F_SETLEASE, F_RDLCK), EACCES);
	refused(fcntl(fd, F_OFD_SETLK, &lock), EBADF);
	refused(fcntl(fd, F_SETLK, &lock), EBADF);
	proc_check(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
		       MAP_FAILED &&
		   errno == EACCES);
	proc_check(map != MAP_FAILED);
	refused(mprotect(map, LEN, PROT_READ | PROT_WRITE), EACCES);
	refused(madvise(map, 4096, MADV_REMOVE), EACCES);
	munmap(map, LEN);
}

static enum weir_life
life_of(weir_store *st, uint32_t idx)
{
	weir_participant_info i = {.size = sizeof(i)};

	while (weir_participant_next(st, &i) == 1)
		if (i.idx == idx)
			return (enum weir_life)i.life;
	return WEIR_UNKNOWN;
}

static int
tries_all(struct proc *me, void *arg)
{
	struct scene *s = arg;
	int fd = open(s->data, O_RDONLY | O_CLOEXEC);
	weir_store *st = open_store(s, WEIR_READ_ONLY);
	weir_channel *ch = kit_channel_find(st, "c"), *new;
	weir_channel_opts o = {.size = sizeof(o)};
	weir_producer *p;
	weir_diag diag;

	proc_check(fd >= 0);
	cannot_change(s);
	cannot_through(fd);
	/* it knows who lives all the same */
	proc_check(life_of(st, 0) == WEIR_ALIVE);
	/* and the library does not help it */
	proc_check(weir_producer_open(ch, "x", NULL, &p, NULL) == -EROFS);
	proc_check(weir_channel_open(st, "new", &o, &new, NULL) == -EROFS);
	proc_check(weir_channel_remove(st, "c", NULL) == -EROFS);
	proc_check(weir_store_destroy(
		       s->store,
		       &(weir_store_opts){.size = sizeof(weir_store_opts),
					  .owner = OWNER},
		       &diag) == -EACCES);
	close(fd);
	weir_store_close(st);
	proc_tell(me, 'd');
	return 0;
}

static void
onlooker_cannot_write(void)
{
	struct scene s;
	struct proc p, o;
	struct stat was, is;

	if (users_absent() || !sys_heeds(MADV_REMOVE))
		return;
	begin(&s);
	p = user_start(OWNER, lives, &s);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	CU_ASSERT_EQUAL(stat(s.data, &was), 0);
	o = user_start(STRANGER, tries_all, &s);
	CU_ASSERT_EQUAL(proc_hear(&o), 'd');
	CU_ASSERT_EQUAL(proc_wait(&o), 0);
	CU_ASSERT_EQUAL(stat(s.data, &is), 0);
	CU_ASSERT(was.st_mtim.tv_sec == is.st_mtim.tv_sec &&
		  was.st_mtim.tv_nsec == is.st_mtim.tv_nsec &&
		  was.st_ctim.tv_nsec == is.st_ctim.tv_nsec);
	proc_tell(&p, 'e');
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	kit_unshared(s.pid, 8);
}

/* ---- what it may do, and what that does not do
 * ------------------------------- */

/* Every lock that its descriptors allow, on all bytes, and mappings, kept. */
static int
clings(struct proc *me, void *arg)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct scene *s = arg;
	weir_store *st = open_store(s, WEIR_READ_ONLY);
	weir_channel *ch = kit_channel_find(st, "c");
	weir_consumer *c = kit_consumer(ch, NULL, 0, WEIR_FROM_NEW);
	int fd[3];
	weir_record rec;

	for (int i = 0; i < 3; i++) {
		fd[i] = open(s->data, O_RDONLY | O_CLOEXEC);
		proc_check(fd[i] >= 0);
	}
	proc_check(fcntl(fd[0], F_OFD_SETLK, &lock) == 0);
	proc_check(fcntl(fd[1], F_SETLK, &lock) == 0);
	proc_check(flock(fd[2], LOCK_EX | LOCK_NB) == 0);
	proc_check(mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd[0], 0) !=
		   MAP_FAILED);
	proc_check(weir_fd(c) >= 0);
	/* its locks are not lives */
	proc_check(life_of(st, 0) != WEIR_ALIVE);
	proc_tell(me, 'r');
	/* it stays a consumer of nobody's, up to the end and after it */
	while (weir_read(c, &rec, 1, 20 * KIT_S) == 1)
		;
	proc_tell(me, 'e');
	return proc_hear(me) == 'e' ? 0 : 1;
}

/* Everything that others do, beside it. */
static int
goes_on(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_store *st = open_store(s, 0), *other;
	weir_channel *ch = kit_channel_find(st, "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_consumer *c = kit_consumer(ch, "g", WEIR_GATE, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;

	(void)me;
	/* nobody but the consumer that gates is waited for */
	for (int i = 1; i <= 100; i++) {
		proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) ==
			   i);
		proc_check(weir_read(c, &rec, 1, 0) == 1);
	}
	/* the dead are dead, and their ids free */
	other = open_store(s, 0);
	proc_check(kit_use(st).participants == 2);
	kit_producer(kit_channel_find(other, "c"), "q", 0);
	weir_store_close(other);
	proc_check(kit_use(st).participants == 1);
	weir_producer_close(kit_producer(ch, "q", 0));
	/* channels come and go, with their memory */
	for (int i = 0; i < 10; i++) {
		uint64_t used = kit_use(st).used_bytes;

		weir_channel_close(kit_channel(st, "d", 0, WEIR_SHARED, 64));
		proc_check(weir_channel_remove(st, "d", NULL) == 0);
		proc_check(kit_use(st).used_bytes == used);
	}
	weir_store_close(st);
	/* and so do stores */
	proc_check(weir_store_destroy(s->store, NULL, NULL) == 0);
	st = open_store(s, WEIR_CREATE);
	proc_check(kit_use(st).channels == 0);
	kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 4);
	weir_store_close(st);
	return 0;
}

static void
onlooker_holds_up_nobody(void)
{
	struct scene s;
	struct proc o;

	if (users_absent())
		return;
	begin(&s);
	o = user_start(STRANGER, clings, &s);
	CU_ASSERT_EQUAL(proc_hear(&o), 'r');
	CU_ASSERT_EQUAL(user_run(OWNER, goes_on, &s), 0);
	CU_ASSERT_EQUAL(proc_hear(&o), 'e');
	/* stopped and with all its locks, it is no hindrance either */
	CU_ASSERT_EQUAL(proc_freeze(&o), 0);
	CU_ASSERT_EQUAL(user_run(OWNER, goes_on, &s), 0);
	CU_ASSERT_EQUAL(proc_thaw(&o), 0);
	proc_tell(&o, 'e');
	CU_ASSERT_EQUAL(proc_wait(&o), 0);
	kit_unshared(s.pid, 8);
}

/* ---- sleepers
 * --------------------------------------------------------------- */

#define ROUNDS 2

/* Sleeps until each record comes. */
static int
sleeps(struct proc *me, void *arg)
{
	weir_store *st = open_store(arg, 0);
	weir_consumer *c =
	    kit_consumer(kit_channel_find(st, "c"), "s", 0, WEIR_FROM_NEW);
	weir_record rec;

	for (uint64_t i = 1; i <= ROUNDS; i++) {
		proc_tell(me, 'r');
		proc_check(weir_read(c, &rec, 1, -1) == 1 && rec.seq == i);
	}
	weir_store_close(st);
	return 0;
}

/* Wakes the sleeper for nothing, then moves it, as it is, to a word that
 * nobody will wake: the kernel asks for no more than to read there. */
static int
moves(struct proc *me, void *arg)
{
	static uint32_t nowhere;
	weir_store *st = open_store(arg, WEIR_READ_ONLY);
	weir_channel *ch = kit_channel_find(st, "c");
	uint32_t *word;
	long moved;

	for (uint64_t t = 1; t <= ROUNDS; t++) {
		proc_check(proc_hear(me) == 'm');
		word = (uint32_t *)(uintptr_t)wi_slot_word(&ch->ring, t);
		syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
		proc_check(kit_await_sleepers(ch, 1) == 0);
		proc_nap_ms(5);
		moved = syscall(SYS_futex, word, FUTEX_REQUEUE, 0, INT_MAX,
				&nowhere, 0);
		moved += syscall(SYS_futex, &st->control->change, FUTEX_REQUEUE,
				 0, INT_MAX, &nowhere, 0);
		proc_send(me, (uint64_t)(moved > 0));
	}
	weir_store_close(st);
	return 0;
}

static int
publishes(struct proc *me, void *arg)
{
	weir_store *st = open_store(arg, 0);
	weir_producer *p = kit_producer(kit_channel_find(st, "c"), "p", 0);
	uint8_t buf[64];

	while (proc_hear(me) == 'p') {
		proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			   0);
		proc_tell(me, 'd');
	}
	weir_store_close(st);
	return 0;
}

/* That delays a record until the sleeper's next look, a second at most, and
 * no more. */
static void
onlooker_delays_sleepers_at_most(void)
{
	struct proc sleeper, mover, talker;
	uint64_t moved, sum = 0;
	struct scene s;

	if (users_absent())
		return;
	begin(&s);
	talker = user_start(OWNER, publishes, &s);
	sleeper = user_start(OWNER, sleeps, &s);
	mover = user_start(STRANGER, moves, &s);
	for (int i = 0; i < ROUNDS; i++) {
		CU_ASSERT_EQUAL_FATAL(proc_hear(&sleeper), 'r');
		CU_ASSERT_EQUAL(proc_await_asleep(&sleeper), 0);
		proc_tell(&mover, 'm');
		CU_ASSERT_EQUAL_FATAL(proc_recv(&mover, &moved), 0);
		sum += moved;
		proc_tell(&talker, 'p');
		CU_ASSERT_EQUAL(proc_hear(&talker), 'd');
	}
	CU_ASSERT_EQUAL(proc_wait(&sleeper), 0);
	t_log("moved in %d of %d rounds\n", (int)sum, ROUNDS);
	proc_tell(&talker, 'e');
	CU_ASSERT_EQUAL(proc_wait(&talker), 0);
	CU_ASSERT_EQUAL(proc_wait(&mover), 0);
	kit_unshared(s.pid, 8);
}

/* ---- memory
 * ----------------------------------------------------------------- */

/* Reads all holes, and ends. */
static int
touches(struct proc *me, void *arg)
{
	struct scene *s = arg;
	int fd = open(s->data, O_RDONLY | O_CLOEXEC);
	const volatile uint8_t *map =
	    mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	unsigned sum = 0;

	(void)me;
	proc_check(fd >= 0 && map != MAP_FAILED);
	for (size_t i = 0; i < LEN; i += 4096)
		sum += map[i];
	return sum == UINT_MAX;
}

static int
clears_up(struct proc *me, void *arg)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_gc_info gc = {.size = sizeof(gc)};
	weir_store *st = open_store(arg, 0);

	(void)me;
	proc_check(weir_store_stat(st, &info) == 0);
	/* holes that are looked at through a mapping take memory: what it can
	 * take is what the store may have at most */
	proc_check(info.real_bytes == info.max_bytes);
	proc_check(info.used_bytes < info.real_bytes);
	/* no channel is harmed by that, and gc gives it back */
	weir_channel_close(kit_channel(st, "d", 0, WEIR_SHARED, 64));
	proc_check(weir_store_gc(st, 0, &gc, NULL) == 0);
	proc_check(weir_store_stat(st, &info) == 0);
	proc_check(info.real_bytes == info.used_bytes);
	weir_store_close(st);
	return 0;
}

static void
onlooker_can_take_what_the_store_may(void)
{
	struct scene s;

	if (users_absent() || !sys_heeds(MADV_REMOVE))
		return;
	begin(&s);
	CU_ASSERT_EQUAL(user_run(STRANGER, touches, &s), 0);
	CU_ASSERT_EQUAL(user_run(OWNER, clears_up, &s), 0);
	kit_unshared(s.pid, 8);
}

SUITE("onlooker", TEST(onlooker_cannot_write), TEST(onlooker_holds_up_nobody),
      TEST(onlooker_delays_sleepers_at_most),
      TEST(onlooker_can_take_what_the_store_may));
