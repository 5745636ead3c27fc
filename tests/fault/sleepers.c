/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sleepers.c - see sleepers.h
 */
#include "fault/sleepers.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fault/world.h"

#define MS	    INT64_C(1000000)
#define LATE_NS	    (100 * MS)
#define PATIENCE_NS (10000 * MS) /* more than any machine takes to wake */

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* ---- no looks ------------------------------------------------------------ */

typedef long syscall_fn(long nr, ...);

static syscall_fn *real;	/* libc's */
static const uint32_t *do_look; /* in a sleeper: 0: it sleeps on until woken */

__attribute__((constructor)) static void
find_real(void)
{
	/* a pointer to a function is no void *, says ISO C */
	*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (!real)
		abort();
}

/* In libc's stead; as there, six arguments are passed on, however many there
 * are, which a sanitizer must not see. */
__attribute__((no_sanitize("address"))) long
syscall(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	/* words, how many, flags, until when, which clock */
	if (nr == SYS_futex_waitv && do_look &&
	    !__atomic_load_n(do_look, __ATOMIC_ACQUIRE))
		a[3] = 0;
	return real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void
sleepers_join(const struct world *w)
{
	do_look = &w->board->do_look;
}

/* ---- in a sleeper -------------------------------------------------------- */

static void
on_stir(int sig)
{
	(void)sig;
}

struct role {
	struct world *w;
	uint32_t i;
};

/* The consumers that it waits on: of the channel, and if it is one of a
 * crowd, of one in which nothing happens. */
static int
take_places(const struct role *me, weir_consumer **cs)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .from = WEIR_FROM_NEW, .spin_ns = -1};
	weir_store *st = world_attach(me->w);
	weir_channel *ch;
	char id[16];
	int cnt = 1;

	snprintf(id, sizeof(id), "s%u", me->i);
	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, id, &o, cs, NULL) == 0);
	if (!me->w->o.crowd)
		return cnt;
	proc_check(weir_channel_open(st, "quiet", NULL, &ch, NULL) == 0);
	for (; cnt <= CROWD; cnt++) {
		snprintf(id, sizeof(id), "s%u-%d", me->i, cnt);
		proc_check(weir_consumer_open(ch, id, &o, &cs[cnt], NULL) == 0);
	}
	return cnt;
}

static int
sleeper(struct proc *me, void *arg)
{
	const struct role *role = arg;
	struct sleeper_board *b = &role->w->board->sleeper[role->i];
	struct sigaction act = {.sa_handler = on_stir};
	weir_consumer *cs[1 + CROWD];
	int cnt = take_places(role, cs), rc;
	uint64_t number, last = 0;
	weir_record rec;
	enum who who;

	if (cnt == 1)
		sleepers_join(role->w);
	sigaction(SIGUSR1, &act, NULL);
	proc_tell(me, 'r');
	for (;;) {
		bool ok;

		rc = cnt == 1 ? 0 : weir_wait(cs, cnt, -1, NULL);
		if (rc >= 0)
			rc = weir_read(cs[0], &rec, 1, cnt == 1 ? -1 : 0);
		if (rc == -EINTR) {
			__atomic_add_fetch(&b->stirred, 1, __ATOMIC_RELEASE);
			continue;
		}
		if (rc == -EAGAIN)
			continue;
		if (rc != 1)
			break;
		ok = rec.kind != WEIR_DATA || rec_whole(&rec, &who, &number);
		ok &= !last || rec.seq == last + 1 + rec.lost;
		last = rec.seq;
		b->bad += !ok;
		__atomic_store_n(&b->seq, rec.seq, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&b->ended, rc, __ATOMIC_RELEASE);
	return 0;
}

/* ---- in the survivor ----------------------------------------------------- */

int
sleepers_start(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		struct role role = {w, i};

		w->board->sleeper[i].seq = w->seq;
		if (proc_start(&w->sleeper[i], sleeper, &role) != 0 ||
		    proc_hear(&w->sleeper[i]) != 'r') {
			world_fail(w, "cannot start a sleeper");
			return -1;
		}
	}
	return 0;
}

void
sleepers_kill(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++)
		proc_kill(&w->sleeper[i]);
}

void
sleepers_look(struct world *w, bool look)
{
	__atomic_store_n(&w->board->do_look, look, __ATOMIC_RELEASE);
	sleepers_stir(w); /* who sleeps now, sleeps as before */
}

void
sleepers_have(struct world *w, int64_t since_ns)
{
	int64_t limit = proc_now_ns() + PATIENCE_NS;

	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		struct sleeper_board *b = &w->board->sleeper[i];
		int64_t took;
		uint64_t seq;

		while ((seq = __atomic_load_n(&b->seq, __ATOMIC_ACQUIRE)) <
			   w->seq &&
		       proc_now_ns() < limit)
			proc_nap_ms(0);
		if (seq < w->seq)
			world_fail(w, "sleeper %u has %llu of %llu", i,
				   (unsigned long long)seq,
				   (unsigned long long)w->seq);
		if (b->bad)
			world_fail(w, "sleeper %u: torn or out of order", i);
		b->bad = 0;
		took = proc_now_ns() - since_ns;
		if (!since_ns)
			continue;
		w->waits++;
		w->late += took > LATE_NS;
		if (took > w->longest_ns)
			w->longest_ns = took;
	}
}

void
sleepers_rest(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++)
		if (proc_await_asleep(&w->sleeper[i]) != 0)
			world_fail(w, "sleeper %u does not sleep", i);
}

void
sleepers_stir(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		const uint32_t *n = &w->board->sleeper[i].stirred;
		uint32_t was = __atomic_load_n(n, __ATOMIC_ACQUIRE);
		int64_t limit = proc_now_ns() + PATIENCE_NS;

		/* again, if it came when it was about to sleep */
		do {
			kill(w->sleeper[i].pid, SIGUSR1);
			proc_nap_ms(1);
		} while (__atomic_load_n(n, __ATOMIC_ACQUIRE) == was &&
			 proc_now_ns() < limit);
	}
	sleepers_rest(w);
}
