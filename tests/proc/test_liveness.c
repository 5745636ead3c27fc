/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_liveness.c - who lives is who could still write, whatever happens to
 * file descriptors, children and namespaces.
 */
#include "support/sys.h"
#include "kit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/internal.h"
#include "support/lockseam.h"

struct life {
	const char *store;
	uint64_t *ready, *go, *pid;
	uint64_t *seq; /* that the child has published */
};

static struct life
life_new(void)
{
	uint64_t *mem = kit_shared(32);
	struct life l = {NULL, mem, mem + 1, mem + 2, mem + 3};

	return l;
}

static void
life_free(struct life *l)
{
	kit_unshared(l->ready, 32);
}

/* Wait for @word in a process whose pipes may be gone. */
static int
comes(const uint64_t *word)
{
	int64_t end = proc_now_ns() + PROC_PATIENCE_S * KIT_S;

	while (!kit_get(word)) {
		if (proc_now_ns() > end)
			return 0;
		proc_nap_ms(1);
	}
	return 1;
}

/* 0 or the error of opening a producer, which is closed again. */
static int
can_open(weir_channel *ch, const char *id)
{
	weir_producer *p;
	int rc = weir_producer_open(ch, id, NULL, &p, NULL);

	weir_producer_close(p);
	return rc;
}

/* ---- descriptors ------------------------------------------------------------
 */

static int
daemon_like(struct proc *me, void *arg)
{
	struct life *l = arg;
	weir_channel *ch = kit_channel_find(kit_store(l->store), "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_consumer *c = kit_consumer(ch, "gate", WEIR_GATE, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;

	(void)me;
	proc_check(syscall(SYS_close_range, 3u, ~0u, 0u) == 0);
	kit_set(l->seq,
		(uint64_t)weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL));
	kit_set(l->ready, 1);
	proc_check(comes(l->go));
	/* its own record, and one from outside */
	proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1 && rec.seq == 1);
	proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1 && rec.seq == 2);
	kit_set(l->ready, 2);
	proc_nap_ms(PROC_PATIENCE_S * 1000);
	return 0;
}

static void
liveness_outlives_descriptors(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	weir_channel *ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 4);
	weir_producer *p = kit_producer(ch, "here", 0);
	uint8_t buf[64];
	struct proc d;
	int64_t seq;
	int n = 0;

	CU_ASSERT_FATAL(proc_start(&d, daemon_like, &l) == 0);
	CU_ASSERT_FATAL(comes(l.ready));
	CU_ASSERT_EQUAL(kit_get(l.seq), 1);
	CU_ASSERT_EQUAL(kit_producer_life(ch, "p"), WEIR_ALIVE);
	CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
	CU_ASSERT_EQUAL(kit_use(st).participants, 2);
	CU_ASSERT_EQUAL(weir_publish(p, buf, kit_rec(buf, 2, 1, 40), NULL), 2);
	kit_set(l.go, 1);
	while (kit_get(l.ready) != 2 && !proc_ended(&d))
		proc_nap_ms(1);
	/* it reads no more, and is waited for */
	while ((seq = weir_publish(p, buf, kit_rec(buf, 2, 2, 40), NULL)) > 0)
		n++;
	CU_ASSERT_EQUAL(seq, -EAGAIN);
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_EQUAL(proc_kill(&d), -SIGKILL);
	CU_ASSERT_EQUAL(can_open(ch, "p"), 0);
	CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 2, 2, 40), NULL) > 0);
	CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	weir_store_close(st);
	life_free(&l);
}

#define FILE_LEN (4u << 20)

/* A file of the program's own, all 'x', with this number. */
static void
own_file(int fd)
{
	uint8_t *bytes = malloc(FILE_LEN);
	int file = memfd_create("own", MFD_CLOEXEC);

	proc_check(bytes && file >= 0);
	memset(bytes, 'x', FILE_LEN);
	proc_check(write(file, bytes, FILE_LEN) == FILE_LEN);
	proc_check(dup2(file, fd) == fd);
	if (file != fd)
		close(file);
	free(bytes);
}

static bool
is_untouched(int fd)
{
	uint8_t *bytes = calloc(1, FILE_LEN);
	ssize_t n = pread(fd, bytes, FILE_LEN, 0);
	size_t same = 0;

	while (n == FILE_LEN && same < FILE_LEN && bytes[same] == 'x')
		same++;
	free(bytes);
	return same == FILE_LEN;
}

static int
daemon_with_files(struct proc *me, void *arg)
{
	weir_store_info info = {.size = sizeof(info)};
	struct life *l = arg;
	weir_store *st = kit_store(l->store);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 4), *other;
	int fd[] = {st->data_fd, st->lock_fd};
	weir_diag diag;

	(void)me;
	proc_check(syscall(SYS_close_range, 3u, ~0u, 0u) == 0);
	own_file(fd[0]);
	own_file(fd[1]);
	/* memory would be reserved there, and given back */
	proc_check(weir_channel_open(
		       st, "d",
		       &(weir_channel_opts){.size = sizeof(weir_channel_opts)},
		       &other, &diag) == -EBADF);
	proc_check(strstr(diag.message, "closefrom"));
	weir_channel_close(ch);
	proc_check(weir_channel_remove(st, "c", NULL) == 0);
	proc_check(weir_store_stat(st, &info) == 0 && info.channel_cnt == 0);
	proc_check(is_untouched(fd[0]) && is_untouched(fd[1]));
	weir_store_close(st);
	/* they are open, and what they were */
	proc_check(is_untouched(fd[0]) && is_untouched(fd[1]));
	return 0;
}

static void
liveness_leaves_foreign_files_alone(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	struct kit_use before = kit_use(st);
	struct proc d;

	CU_ASSERT_FATAL(proc_start(&d, daemon_with_files, &l) == 0);
	CU_ASSERT_EQUAL(proc_wait(&d), 0);
	/* the removed channel's memory is free again, without descriptor */
	CU_ASSERT_EQUAL(kit_use(st).used_bytes, before.used_bytes);
	CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	weir_store_close(st);
	life_free(&l);
}

/* ---- fork -------------------------------------------------------------------
 */

static int
forker(struct proc *me, void *arg)
{
	struct life *l = arg;
	weir_channel *ch = kit_channel_find(kit_store(l->store), "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	pid_t pid = fork();

	if (pid == 0) {
		kit_set(l->pid, (uint64_t)getpid());
		kit_set(l->ready, 1);
		for (int i = 0; i < 400 && !kit_get(l->go); i++)
			proc_nap_ms(100);
		_exit(0);
	}
	(void)p;
	return proc_hear(me);
}

static void
liveness_is_not_inherited(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_EXCLUSIVE, 16);
	struct proc f;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_FATAL(proc_start(&f, forker, &l) == 0);
	CU_ASSERT_FATAL(comes(l.ready));
	CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
	CU_ASSERT_EQUAL(proc_kill(&f), -SIGKILL);
	/* the child is still there, with all that it has inherited */
	CU_ASSERT_EQUAL(kill((pid_t)kit_get(l.pid), 0), 0);
	CU_ASSERT_EQUAL(can_open(ch, "p"), 0);
	CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	kit_set(l.go, 1);
	weir_store_close(st);
	life_free(&l);
}

/* In a child of fork every call on the parent's handles says so. */
static int
child_of_fork(struct proc *me, void *arg)
{
	static uint8_t buf[64];
	void **h = arg;
	weir_store *st = h[0];
	weir_channel *ch = h[1], *ch2;
	weir_producer *p = h[2], *p2;
	weir_consumer *c = h[3], *c2;
	weir_store_info si = {.size = sizeof(si)};
	weir_channel_info ci = {.size = sizeof(ci)};
	weir_producer_info pi = {.size = sizeof(pi)};
	weir_consumer_info ki = {.size = sizeof(ki)};
	weir_participant_info ti = {.size = sizeof(ti)};
	struct iovec iov = {buf, kit_rec(buf, 1, 1, 40)};
	weir_channel_opts co = {.size = sizeof(co)};
	weir_record rec;
	void *loan;

	(void)me;
	proc_check(weir_store_stat(st, &si) == WEIR_EFORKED);
	proc_check(weir_participant_next(st, &ti) == WEIR_EFORKED);
	proc_check(weir_channel_next(st, &ci) == WEIR_EFORKED);
	proc_check(weir_channel_stat(ch, &ci) == WEIR_EFORKED);
	proc_check(weir_channel_open(st, "c", NULL, &ch2, NULL) ==
		   WEIR_EFORKED);
	proc_check(weir_channel_open(st, "new", &co, &ch2, NULL) ==
		   WEIR_EFORKED);
	proc_check(weir_channel_remove(st, "c", NULL) == WEIR_EFORKED);
	proc_check(weir_channel_clear_orphans(ch, NULL, NULL) == WEIR_EFORKED);
	proc_check(weir_current(ch, NULL, buf, sizeof(buf), &rec) ==
		   WEIR_EFORKED);
	proc_check(weir_producer_open(ch, "q", NULL, &p2, NULL) ==
		   WEIR_EFORKED);
	proc_check(weir_producer_next(ch, &pi) == WEIR_EFORKED);
	proc_check(weir_publish(p, buf, iov.iov_len, NULL) == WEIR_EFORKED);
	proc_check(weir_publish_json(p, "1", 1, NULL) == WEIR_EFORKED);
	proc_check(weir_publish_batch(p, &iov, 1, NULL) == WEIR_EFORKED);
	proc_check(weir_loan(p, 8, &loan) == WEIR_EFORKED);
	proc_check(weir_commit(p, 8, NULL) == WEIR_EFORKED);
	proc_check(weir_clear(p) == WEIR_EFORKED);
	proc_check(weir_loan_append(p, "x", 1) == -1);
	weir_abort(p);
	proc_check(weir_consumer_open(ch, "q", NULL, &c2, NULL) ==
		   WEIR_EFORKED);
	proc_check(weir_consumer_next(ch, &ki) == WEIR_EFORKED);
	proc_check(weir_consumer_stat(c, &ki) == WEIR_EFORKED);
	proc_check(weir_read(c, &rec, 1, 0) == WEIR_EFORKED);
	proc_check(weir_read(c, &rec, 1, -1) == WEIR_EFORKED);
	proc_check(weir_view(c, &rec, 1, 0) == WEIR_EFORKED);
	proc_check(weir_release(c, 1) == WEIR_EFORKED);
	proc_check(weir_wait(&c, 1, -1, NULL) == WEIR_EFORKED);
	proc_check(weir_fd(c) == WEIR_EFORKED);
	proc_check(weir_seek(c, WEIR_FROM_NEW, 0) == WEIR_EFORKED);
	if (h[4]) { /* one by one; else with the store */
		weir_producer_close(p);
		weir_consumer_close(c);
		weir_channel_close(ch);
	}
	weir_store_close(st);
	/* a handle of its own is another matter */
	st = kit_store(h[5]);
	ch = kit_channel_find(st, "c");
	proc_check(can_open(ch, "p") == WEIR_EINUSE);
	p = kit_producer(ch, "child", 0);
	proc_check(weir_publish(p, buf, iov.iov_len, NULL) > 0);
	weir_store_close(st);
	return 0;
}

static void
liveness_forked_handles_say_so(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_producer *p = kit_producer(ch, "p", 0);
	weir_consumer *c = kit_consumer(ch, "c", 0, WEIR_FROM_OLDEST);
	void *h[] = {st, ch, p, c, NULL, (void *)(uintptr_t)name};
	uint8_t buf[64];
	weir_record rec;
	struct proc child;

	if (!sys_heeds(MADV_WIPEONFORK))
		return;
	for (int i = 1; i <= 4; i++) {
		if (i == 3) /* with a thread that the child has not */
			CU_ASSERT(weir_fd(c) >= 0);
		h[4] = i % 2 ? st : NULL;
		CU_ASSERT_FATAL(proc_start(&child, child_of_fork, h) == 0);
		CU_ASSERT_EQUAL(proc_wait(&child), 0);
		/* and what the child did was no harm */
		CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
		CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) >
			  0);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(kit_use(st).participants, 1);
	}
	weir_store_close(st);
}

/* ---- exec -------------------------------------------------------------------
 */

static int
becomes_another(struct proc *me, void *arg)
{
	struct life *l = arg;
	weir_channel *ch = kit_channel_find(kit_store(l->store), "c");

	(void)me;
	kit_producer(ch, "p", 0);
	kit_set(l->ready, 1);
	proc_check(comes(l->go));
	execlp("sleep", "sleep", "30", (char *)NULL);
	return 1;
}

static void
liveness_ends_with_exec(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, becomes_another, &l) == 0);
	CU_ASSERT_FATAL(comes(l.ready));
	CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
	kit_set(l.go, 1);
	while (can_open(ch, "p") == WEIR_EINUSE && !proc_ended(&p))
		proc_nap_ms(1);
	CU_ASSERT_EQUAL(can_open(ch, "p"), 0);
	CU_ASSERT(!proc_ended(&p)); /* it is there, as something else */
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	weir_store_close(st);
	life_free(&l);
}

/* ---- another PID namespace
 * ---------------------------------------------------- */

/* Answers each record with one of its own, and is process 1 in its world. */
static void
inside(struct life *l)
{
	weir_store *st = kit_store(l->store);
	weir_channel *ch = kit_channel_find(st, "c");
	weir_consumer *c = kit_consumer(ch, "in", 0, WEIR_FROM_OLDEST);
	weir_producer *p = kit_producer(ch, "in", 0);
	uint8_t buf[64];
	weir_record rec;

	proc_check(can_open(ch, "out") == WEIR_EINUSE);
	kit_set(l->ready, 1);
	for (;;) {
		proc_check(weir_read(c, &rec, 1, 20 * KIT_S) == 1);
		if (strcmp(rec.producer, "in") != 0)
			proc_check(weir_publish(p, buf,
						kit_rec(buf, 1, rec.seq, 40),
						NULL) > 0);
	}
}

static int
namespaced(struct proc *me, void *arg)
{
	struct life *l = arg;
	int status;
	pid_t pid;

	(void)me;
	if (unshare(CLONE_NEWPID) < 0)
		return 77;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getpid() == 1)
			inside(l);
		_exit(1);
	}
	if (pid < 0)
		return 77;
	kit_set(l->pid, (uint64_t)pid);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void
liveness_is_seen_across_pid_namespaces(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_producer *p = kit_producer(ch, "out", 0);
	weir_consumer *c = kit_consumer(ch, "out", 0, WEIR_FROM_NEW);
	uint8_t buf[64];
	weir_record rec;
	struct proc n;

	CU_ASSERT_FATAL(proc_start(&n, namespaced, &l) == 0);
	while (!kit_get(l.ready) && !proc_ended(&n))
		proc_nap_ms(1);
	if (!kit_get(l.ready)) {
		CU_ASSERT_EQUAL(proc_wait(&n), 77);
		t_skip("no PID namespaces here");
	} else {
		for (int i = 0; i < 50; i++) {
			CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 2, 1, 40),
					       NULL) > 0);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 10 * KIT_S), 1);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 10 * KIT_S), 1);
			CU_ASSERT_STRING_EQUAL(rec.producer, "in");
		}
		CU_ASSERT_EQUAL(kit_producer_life(ch, "in"), WEIR_ALIVE);
		CU_ASSERT_EQUAL(can_open(ch, "in"), WEIR_EINUSE);
		CU_ASSERT_EQUAL(kill((pid_t)kit_get(l.pid), SIGKILL), 0);
		CU_ASSERT_EQUAL(proc_wait(&n), 0);
		CU_ASSERT_EQUAL(kit_producer_life(ch, "in"), WEIR_GONE);
		CU_ASSERT_EQUAL(can_open(ch, "in"), 0);
	}
	weir_store_close(st);
	life_free(&l);
}

/* ---- newcomers
 * --------------------------------------------------------------------- */

/* Takes a place when it is told to, blocks the channel, and dies. */
static int
quick_one(struct proc *me, void *arg)
{
	struct life *l = arg;

	lockseam_set(NULL);
	proc_check(proc_hear(me) == 'g');
	kit_consumer(kit_channel_find(kit_store(l->store), "c"), "gate",
		     WEIR_GATE, WEIR_FROM_NEW);
	raise(SIGKILL);
	return 0;
}

static struct proc quick;
static weir_producer *talker;
static int published;

/* The slow newcomer has its lock.  Nobody blocks the channel: who did has
 * died, and stays dead. */
static void
slow_one_has_locked(int cmd, const struct flock *lock)
{
	uint8_t buf[64];

	(void)lock;
	CU_ASSERT_EQUAL(cmd, F_OFD_GETLK); /* it looks whether it lasts */
	for (published = 0; published < 20; published++)
		if (weir_publish(talker, buf, kit_rec(buf, 1, 1, 40), NULL) < 0)
			return;
}

/* It has seen who was there before, and is about to lock. */
static void
slow_one_locks(int cmd, const struct flock *lock)
{
	if (cmd != F_OFD_SETLK || lock->l_start >= (off_t)1 << 60) {
		lockseam_set(slow_one_locks); /* not yet */
		return;
	}
	proc_tell(&quick, 'g');
	CU_ASSERT_EQUAL(proc_wait(&quick), -SIGKILL);
	lockseam_set(slow_one_has_locked);
}

/* A newcomer that is slow must not lend its lock to the identity of another
 * that took the same place and died meanwhile. */
static void
liveness_dead_stay_dead(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store), *slow;
	weir_channel *ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 4);

	talker = kit_producer(ch, "p", 0);
	published = 0;
	CU_ASSERT_FATAL(proc_start(&quick, quick_one, &l) == 0);
	lockseam_set(slow_one_locks);
	slow = tmpstore_open(l.store, 0);
	lockseam_set(NULL);
	CU_ASSERT_EQUAL(published, 20);
	CU_ASSERT_EQUAL(kit_use(st).participants, 2);
	weir_store_close(slow);
	weir_store_close(st);
	life_free(&l);
}

/* Owner words have 26 bits for the generation, and all 0 is nobody. */
static void
liveness_generations_are_never_nobody(void)
{
	const char *name;
	weir_store *first = tmpstore_new(&name);
	weir_store *st = tmpstore_open(name, 0), *next;
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 4);
	uint64_t *gen = &st->participants[first->idx].gen;

	CU_ASSERT_EQUAL(first->idx, 0);
	weir_store_close(first);
	*gen = 0x3ffffff;
	for (uint64_t want = 0x4000001; want < 0x4000004; want++) {
		next = tmpstore_open(name, 0);
		CU_ASSERT_EQUAL(next->idx, 0);
		CU_ASSERT_EQUAL(*gen, want);
		kit_producer(kit_channel_find(next, "c"), "p", 0);
		CU_ASSERT_EQUAL(kit_producer_life(ch, "p"), WEIR_ALIVE);
		CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
		weir_store_close(next);
		CU_ASSERT_EQUAL(can_open(ch, "p"), 0);
	}
	weir_store_close(st);
}

/* ---- frozen is not dead
 * --------------------------------------------------------- */

static void
liveness_frozen_is_alive(void)
{
	struct life l = life_new();
	weir_store *st = tmpstore_new(&l.store);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	struct proc p;

	if (!sys_heeds(MADV_DONTFORK))
		return;
	CU_ASSERT_FATAL(proc_start(&p, forker, &l) == 0);
	CU_ASSERT_FATAL(comes(l.ready));
	CU_ASSERT_EQUAL(proc_freeze(&p), 0);
	CU_ASSERT_EQUAL(kit_producer_life(ch, "p"), WEIR_ALIVE);
	CU_ASSERT_EQUAL(can_open(ch, "p"), WEIR_EINUSE);
	/* dead is dead, stopped or not, reaped or not */
	CU_ASSERT_EQUAL(kill(p.pid, SIGKILL), 0);
	while (!proc_ended(&p))
		proc_nap_ms(1);
	CU_ASSERT_EQUAL(kit_producer_life(ch, "p"), WEIR_GONE);
	CU_ASSERT_EQUAL(can_open(ch, "p"), 0);
	CU_ASSERT_EQUAL(proc_wait(&p), -SIGKILL);
	kit_set(l.go, 1);
	weir_store_close(st);
	life_free(&l);
}

SUITE("liveness", TEST(liveness_outlives_descriptors),
      TEST(liveness_leaves_foreign_files_alone),
      TEST(liveness_is_not_inherited), TEST(liveness_forked_handles_say_so),
      TEST(liveness_ends_with_exec),
      TEST(liveness_is_seen_across_pid_namespaces),
      TEST(liveness_dead_stay_dead),
      TEST(liveness_generations_are_never_nobody),
      TEST(liveness_frozen_is_alive));
