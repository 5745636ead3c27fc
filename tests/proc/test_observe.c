/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_observe.c - looking at a store that others use, that nobody uses any
 * more, and at a copy of one; and that looking never writes.
 */
#include "kit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYS_FUTEX_WAITV 449 /* on all machines; not in older headers */

#define LOG_CNT (1u << 20)
#define SIZE	(1u << 20) /* of the small store */

struct scene {
	const char *store;
	uint64_t *stop; /* seq of the last record */
	uint64_t *log;
	unsigned me;
	unsigned amount;
};

static int
talker(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_channel *ch = kit_channel_find(kit_store(s->store), "c");
	weir_producer *p = kit_producer(ch, "p", 0);
	uint8_t buf[KIT_REC_MAX];
	int64_t seq;

	proc_tell(me, 'r');
	proc_hear(me);
	for (uint64_t i = 1; i <= s->amount; i++) {
		seq = weir_publish(p, buf, kit_rec(buf, 1, i, 30 + i % 400),
				   NULL);
		proc_check(seq == (int64_t)i);
		if (i % 1000 == 0)
			proc_nap_ms(1);
	}
	kit_set(s->stop, s->amount + 1);
	proc_check(weir_publish(p, buf, kit_rec(buf, 1, 1, 40), NULL) > 0);
	return 0;
}

/* Even ones observe. */
static int
onlooker(struct proc *me, void *arg)
{
	struct scene *s = arg;
	bool observes = s->me % 2 == 0;
	weir_store *st = tmpstore_open(s->store, observes ? WEIR_READ_ONLY : 0);
	weir_consumer *c =
	    kit_consumer(kit_channel_find(st, "c"), observes ? NULL : "c", 0,
			 WEIR_FROM_OLDEST);
	uint64_t next = 1, delivered = 0, lost = 0;
	weir_record recs[8];
	int n;

	proc_tell(me, 'r');
	while (!kit_get(s->stop) || next <= kit_get(s->stop)) {
		n = weir_read(c, recs, 8, 10 * KIT_S);
		proc_check(n > 0);
		for (int i = 0; i < n; i++) {
			lost += recs[i].lost;
			proc_check(recs[i].seq == next + recs[i].lost);
			next = recs[i].seq + 1;
			delivered++;
			proc_check(
			    kit_rec_ok(recs[i].data, recs[i].len, NULL, NULL));
			proc_check(kit_same(s->log, LOG_CNT, recs[i].seq,
					    kit_digest(&recs[i])));
		}
	}
	proc_check(delivered + lost == s->amount + 1);
	proc_send(me, lost);
	weir_consumer_close(c);
	weir_store_close(st);
	return 0;
}

static void
at_full_speed(uint32_t producers)
{
	struct scene s = {.amount = t_torture() ? 1000000 : 40000};
	weir_store *st = tmpstore_new(&s.store);
	weir_channel *ch = kit_channel(st, "c", 0, producers, 64);
	weir_consumer_info info = {.size = sizeof(info)};
	struct proc t, o[3];
	uint64_t lost;

	s.stop = kit_shared(8);
	s.log = kit_shared(LOG_CNT * 8ul);
	CU_ASSERT_FATAL(proc_start(&t, talker, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&t), 'r');
	for (s.me = 0; s.me < 3; s.me++) {
		CU_ASSERT_FATAL(proc_start(&o[s.me], onlooker, &s) == 0);
		CU_ASSERT_EQUAL(proc_hear(&o[s.me]), 'r');
	}
	/* observers are counted nowhere and take no place */
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &info), 1);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &info), 0);
	CU_ASSERT_EQUAL(kit_use(st).participants, 3);
	proc_tell(&t, 'g');
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(proc_recv(&o[i], &lost), 0);
		t_log("%u lost %llu\n", i, (unsigned long long)lost);
		CU_ASSERT_EQUAL(proc_wait(&o[i]), 0);
	}
	CU_ASSERT_EQUAL(proc_wait(&t), 0);
	weir_store_close(st);
	kit_unshared(s.stop, 8);
	kit_unshared(s.log, LOG_CNT * 8ul);
}

static void
observe_a_live_store(void)
{
	at_full_speed(WEIR_SHARED);
	at_full_speed(WEIR_EXCLUSIVE);
}

/* ---- the dead
 * ------------------------------------------------------------------ */

/* A small store with two channels, left by one that was killed. */
static int
leaver(struct proc *me, void *arg)
{
	weir_store_opts so = {
	    .size = sizeof(so), .flags = WEIR_CREATE, .max_bytes = SIZE};
	struct scene *s = arg;
	weir_producer *p[2];
	uint8_t buf[64];
	weir_store *st;

	proc_check(weir_store_open(s->store, &so, &st, NULL) == 0);
	p[0] = kit_producer(kit_channel(st, "s", 0, WEIR_SHARED, 16), "a", 0);
	p[1] =
	    kit_producer(kit_channel(st, "x", 0, WEIR_EXCLUSIVE, 16), "a", 0);
	kit_consumer(kit_channel_find(st, "s"), "c", 0, WEIR_FROM_NEW);
	for (int k = 0; k < 2; k++)
		for (uint64_t i = 1; i <= 20; i++)
			proc_check(weir_publish(p[k], buf,
						kit_rec(buf, 1, i, 40),
						NULL) > 0);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
leave(struct scene *s)
{
	struct proc p;

	s->store = tmpstore_name();
	CU_ASSERT_FATAL(proc_start(&p, leaver, s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
}

/* All that can be seen; @life: what is known of who is gone. */
static void
look_at_all(weir_store *st, enum weir_life life)
{
	static const char *const names[] = {"s", "x"};
	weir_producer_info pi = {.size = sizeof(pi)};
	weir_consumer_info ci = {.size = sizeof(ci)};
	weir_producer *p;
	weir_consumer *c;
	weir_channel *ch;
	weir_record rec;
	uint8_t buf[256];
	uint64_t no;

	for (int k = 0; k < 2; k++) {
		ch = kit_channel_find(st, names[k]);
		CU_ASSERT_EQUAL(weir_producer_open(ch, "p", NULL, &p, NULL),
				-EROFS);
		CU_ASSERT_EQUAL(weir_current(ch, "a", buf, sizeof(buf), &rec),
				0);
		CU_ASSERT(kit_rec_ok(rec.data, rec.len, NULL, &no) && no == 20);
		pi.next = ci.next = 0;
		CU_ASSERT_EQUAL(weir_producer_next(ch, &pi), 1);
		CU_ASSERT_STRING_EQUAL(pi.id, "a");
		CU_ASSERT_EQUAL(pi.life, life);
		CU_ASSERT_EQUAL(weir_consumer_next(ch, &ci), k == 0);
		c = kit_consumer(ch, NULL, 0, WEIR_FROM_OLDEST);
		for (uint64_t i = 5; i <= 20; i++) {
			CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
			CU_ASSERT_EQUAL(rec.seq, i);
			CU_ASSERT_EQUAL(rec.lost, 0);
			CU_ASSERT_STRING_EQUAL(rec.producer, "a");
			CU_ASSERT(kit_rec_ok(rec.data, rec.len, NULL, &no) &&
				  no == i);
		}
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 70 * KIT_MS), -EAGAIN);
		CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_CURRENT, 0), 0);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, 20);
		CU_ASSERT_EQUAL(weir_wait(&c, 1, 5 * KIT_MS, NULL), -EAGAIN);
		weir_consumer_close(c);
		weir_channel_close(ch);
	}
}

static void
observe_a_store_of_the_dead(void)
{
	struct scene s = {.me = 0};
	weir_store *st;

	leave(&s);
	st = tmpstore_open(s.store, WEIR_READ_ONLY);
	CU_ASSERT_EQUAL(kit_use(st).participants, 0);
	look_at_all(st, WEIR_GONE);
	weir_store_close(st);
}

/* ---- nothing is written
 * ---------------------------------------------------------- */

static uint64_t
file_sum(const char *path)
{
	uint64_t h = 0xcbf29ce484222325u, word;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat sb;
	uint8_t *map;

	CU_ASSERT_FATAL(fd >= 0 && fstat(fd, &sb) == 0);
	map = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	CU_ASSERT_FATAL(map != MAP_FAILED);
	for (off_t i = 0; i + 8 <= sb.st_size; i += 8) {
		memcpy(&word, map + i, 8);
		h = (h ^ word) * 0x100000001b3u;
	}
	munmap(map, (size_t)sb.st_size);
	return h;
}

/* Is the file mapped for writing in this process? */
static bool
mapped_writable(const char *path)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512], perm[8];
	bool is = false;

	while (f && fgets(line, sizeof(line), f))
		is |= strstr(line, path) &&
		      sscanf(line, "%*s %7s", perm) == 1 && perm[1] == 'w';
	if (f)
		fclose(f);
	return is;
}

static void
observe_writes_nothing(void)
{
	struct scene s = {.me = 0};
	struct pollfd fd = {.events = POLLIN};
	struct stat was, is;
	weir_consumer *c;
	weir_record rec;
	weir_store *st;
	char path[256];
	uint64_t sum;

	leave(&s);
	snprintf(path, sizeof(path), "%s", tmpstore_path(s.store));
	sum = file_sum(path);
	CU_ASSERT_EQUAL(stat(path, &was), 0);
	st = tmpstore_open(s.store, WEIR_READ_ONLY);
	CU_ASSERT(!mapped_writable(path));
	look_at_all(st, WEIR_GONE);
	c = kit_consumer(kit_channel_find(st, "s"), NULL, 0, WEIR_FROM_NEW);
	fd.fd = weir_fd(c);
	CU_ASSERT(fd.fd >= 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	CU_ASSERT_EQUAL(poll(&fd, 1, 50), 0);
	weir_store_close(st);
	CU_ASSERT_EQUAL(stat(path, &is), 0);
	CU_ASSERT_EQUAL(file_sum(path), sum);
	CU_ASSERT(was.st_blocks == is.st_blocks);
	CU_ASSERT(was.st_mtim.tv_sec == is.st_mtim.tv_sec &&
		  was.st_mtim.tv_nsec == is.st_mtim.tv_nsec);
	/* the test can tell: who may write, writes */
	st = kit_store(s.store);
	CU_ASSERT(mapped_writable(path));
	CU_ASSERT_NOT_EQUAL(file_sum(path), sum);
	weir_store_close(st);
}

/* ---- a copy
 * ------------------------------------------------------------------------ */

static bool
copy_file(const char *from, const char *to)
{
	static uint8_t buf[SIZE];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = read(in, buf, sizeof(buf)) == (ssize_t)sizeof(buf) &&
		  write(out, buf, sizeof(buf)) == (ssize_t)sizeof(buf);

	close(in);
	close(out);
	return ok;
}

static void
observe_a_copy(void)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	weir_store_info info = {.size = sizeof(info)};
	struct scene s = {.me = 0};
	weir_store *st;
	char path[256];

	leave(&s);
	snprintf(path, sizeof(path), "%s.copy", tmpstore_path(s.store));
	CU_ASSERT_FATAL(copy_file(tmpstore_path(s.store), path));
	CU_ASSERT_EQUAL(weir_store_destroy(s.store, NULL, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(weir_store_open(path, &o, &st, NULL), 0);
	CU_ASSERT_EQUAL(weir_store_stat(st, &info), 0);
	CU_ASSERT(info.is_copy && info.read_only && !info.is_retired);
	CU_ASSERT_EQUAL(info.channel_cnt, 2);
	look_at_all(st, WEIR_UNKNOWN);
	weir_store_close(st);
	unlink(path);
}

/* ---- what has gone
 * ----------------------------------------------------------------- */

static uint64_t
real_bytes(weir_store *st)
{
	weir_store_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_store_stat(st, &info), 0);
	return info.real_bytes;
}

/* Observers hold nothing: the memory of a channel that is removed goes at
 * once.  To touch it is to take some, or to die where there is none. */
static void
observe_does_not_touch_what_has_gone(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	weir_channel *ch, *used;
	weir_consumer *c[3];
	weir_record rec;
	uint64_t left;
	uint8_t buf[64];

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		used = kit_channel(st, "c", 0, kind, 16);
		ch = kit_channel_find(ro, "c");
		for (int i = 0; i < 3; i++)
			c[i] = kit_consumer(ch, NULL, 0, WEIR_FROM_NEW);
		CU_ASSERT_EQUAL(weir_read(c[0], &rec, 1, 0), -EAGAIN);
		weir_channel_close(used);
		CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
		CU_ASSERT_EQUAL(kit_use(st).channels, 0);
		left = real_bytes(st);
		CU_ASSERT_EQUAL(weir_read(c[0], &rec, 1, 0), WEIR_EREMOVED);
		CU_ASSERT_EQUAL(weir_read(c[0], &rec, 1, -1), WEIR_EREMOVED);
		CU_ASSERT(weir_wait(c + 1, 2, -1, NULL) == 2);
		CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, sizeof(buf), &rec),
				WEIR_EREMOVED);
		CU_ASSERT_EQUAL(real_bytes(st), left);
	}
	weir_store_close(ro);
	weir_store_close(st);
}

static struct {
	weir_store *st; /* NULL: nothing happens */
	weir_channel *ch;
	uint64_t left;
} asleep;

/* Instead of the next sleep the channel is removed, and some time passes. */
static bool
sleeps_through_the_end(long number, long op)
{
	weir_store *st = asleep.st;

	if (!st || (number != SYS_FUTEX_WAITV &&
		    (number != SYS_futex || (op & 127) != FUTEX_WAIT_BITSET)))
		return false;
	asleep.st = NULL;
	weir_channel_close(asleep.ch);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	CU_ASSERT_EQUAL(kit_use(st).channels, 0);
	asleep.left = real_bytes(st);
	errno = ETIMEDOUT;
	return true;
}

/* The library sleeps and wakes with this. */
long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	int cnt = number == SYS_futex ? 6 : 5; /* none has more */
	long arg[6] = {0};
	va_list args;

	va_start(args, number);
	for (int i = 0; i < cnt; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (sleeps_through_the_end(number, arg[1]))
		return -1;
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

static void
observe_wakes_to_find_it_gone(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	weir_consumer *c;
	weir_record rec;

	asleep.ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	c = kit_consumer(kit_channel_find(ro, "c"), NULL, 0, WEIR_FROM_NEW);
	asleep.st = st;
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), WEIR_EREMOVED);
	CU_ASSERT_PTR_NULL(asleep.st);
	CU_ASSERT_EQUAL(real_bytes(st), asleep.left);
	weir_store_close(ro);
	weir_store_close(st);
}

/* ---- who lives, on a busy machine
 * ------------------------------------------- */

/* Locks bytes of a file that has nothing to do with it all. */
static int
locker(struct proc *me, void *arg)
{
	struct flock l = {.l_whence = SEEK_SET, .l_len = 1};
	FILE *f = tmpfile();

	(void)me;
	proc_check(f != NULL);
	for (int i = 0; !kit_get((uint64_t *)arg); i++) {
		l.l_type = i / 50 & 1 ? F_UNLCK : F_WRLCK;
		l.l_start = 2 * (i % 50);
		proc_check(fcntl(fileno(f), F_OFD_SETLK, &l) == 0);
	}
	fclose(f);
	return 0;
}

static void
observe_life_among_others_locks(void)
{
	int64_t end = proc_now_ns() + (t_torture() ? 30 : 1) * KIT_S;
	uint64_t *stop = kit_shared(sizeof(*stop));
	struct proc others[2];
	unsigned wrong = 0;
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);

	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(proc_start(&others[i], locker, stop), 0);
	while (proc_now_ns() < end) {
		weir_participant_info p = {.size = sizeof(p)};

		while (weir_participant_next(ro, &p) == 1)
			wrong += p.life != WEIR_ALIVE;
	}
	kit_set(stop, 1);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(proc_wait(&others[i]), 0);
	CU_ASSERT_EQUAL(wrong, 0);
	weir_store_close(ro);
	weir_store_close(st);
	kit_unshared(stop, sizeof(*stop));
	tmpstore_drop(name);
}

SUITE("observe", TEST(observe_a_live_store), TEST(observe_a_store_of_the_dead),
      TEST(observe_writes_nothing), TEST(observe_a_copy),
      TEST(observe_does_not_touch_what_has_gone),
      TEST(observe_wakes_to_find_it_gone),
      TEST(observe_life_among_others_locks));
