/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_interrupt_threads.c - waits that something else ends: a handler, a
 * thread, a signal.
 */
#include "support/sys.h"
#include "kit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

struct scene {
	const char *store;
};

static weir_consumer *to_interrupt;
static volatile sig_atomic_t handled;

static void
interrupting(int sig)
{
	(void)sig;
	handled++;
	if (to_interrupt)
		weir_interrupt(to_interrupt);
}

/* SIGALRM in a moment: once if it interrupts, else again and again, because
 * the first may come before the wait has begun. */
static void
alarm_soon(int flags)
{
	struct sigaction sa = {.sa_handler = interrupting, .sa_flags = flags};
	struct itimerval it = {.it_value = {.tv_usec = 30000}};

	handled = 0;
	if (!to_interrupt)
		it.it_interval = it.it_value;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
}

static void
alarm_never(void)
{
	struct itimerval it = {.it_value = {0, 0}};

	setitimer(ITIMER_REAL, &it, NULL);
}

static int
nobody(weir_consumer *c, const weir_record *rec, void *arg)
{
	(void)c;
	(void)rec;
	(void)arg;
	return 0;
}

static void
interrupt_from_a_handler(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name), *ro;
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_SHARED, 16);
	weir_consumer *c[3];
	weir_record rec;

	ro = tmpstore_open(name, WEIR_READ_ONLY);
	c[0] = kit_consumer(ch, "a", 0, WEIR_FROM_NEW);
	c[1] = kit_consumer(ch, "b", 0, WEIR_FROM_NEW);
	c[2] = kit_consumer(kit_channel_find(ro, "c"), NULL, 0, WEIR_FROM_NEW);
	for (int i = 0; i < 6; i++) {
		int flags = i < 3 ? SA_RESTART : 0;

		to_interrupt = c[i % 3];
		alarm_soon(flags);
		CU_ASSERT_EQUAL(weir_read(to_interrupt, &rec, 1, 20 * KIT_S),
				-EINTR);
		CU_ASSERT_EQUAL(handled, 1);
		/* once, also where the handler alone would have ended it */
		CU_ASSERT_EQUAL(weir_read(to_interrupt, &rec, 1, KIT_MS),
				-EAGAIN);
		alarm_soon(flags);
		CU_ASSERT_EQUAL(weir_wait(c, 3, -1, NULL), -EINTR);
		CU_ASSERT_EQUAL(weir_wait(c, 3, KIT_MS, NULL), -EAGAIN);
		alarm_soon(flags);
		CU_ASSERT_EQUAL(weir_dispatch(c, 3, nobody, NULL, -1), -EINTR);
		CU_ASSERT_EQUAL(weir_dispatch(c, 3, nobody, NULL, KIT_MS),
				-EAGAIN);
		/* before the wait: the next one ends */
		weir_interrupt(to_interrupt);
		CU_ASSERT_EQUAL(weir_read(to_interrupt, &rec, 1, -1), -EINTR);
	}
	to_interrupt = NULL;
	weir_store_close(ro);
	weir_store_close(st);
}

static void
interrupt_by_signal_or_not(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 2);
	weir_consumer *c = kit_consumer(ch, "a", 0, WEIR_FROM_NEW);
	weir_record rec;

	to_interrupt = NULL;
	alarm_soon(0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 20 * KIT_S), -EINTR);
	CU_ASSERT(handled >= 1);
	alarm_soon(0);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, -1, NULL), -EINTR);
	/* one that restarts is no reason to return */
	alarm_soon(SA_RESTART);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 200 * KIT_MS),
			sys_has_futex_waitv() ? -EAGAIN : -EINTR);
	CU_ASSERT(handled >= 1);
	alarm_never();
	weir_store_close(st);
}

/* A producer that waits for space is interrupted by a signal, too. */
static int
full_and_interrupted(struct proc *me, void *arg)
{
	struct scene *s = arg;
	weir_channel *ch = kit_channel_find(kit_store(s->store), "c");
	weir_producer *p = kit_producer(ch, "p", 20 * KIT_S);
	int64_t rc;

	to_interrupt = NULL;
	while ((rc = weir_publish(p, "\xc0", 1, NULL)) > 0)
		alarm_soon(0);
	proc_tell(me, 'd');
	return rc == -EINTR && handled >= 1 ? 0 : 1;
}

static void
interrupt_a_wait_for_space(void)
{
	struct scene s = {NULL};
	weir_store *st = tmpstore_new(&s.store);
	weir_channel *ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 4);
	struct proc p;

	kit_consumer(ch, "gate", WEIR_GATE, WEIR_FROM_NEW);
	CU_ASSERT_FATAL(proc_start(&p, full_and_interrupted, &s) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'd');
	CU_ASSERT_EQUAL(proc_wait(&p), 0);
	weir_store_close(st);
}

struct nudge {
	weir_consumer *c;
	uint64_t ended; /* waits */
	uint64_t cnt;
};

static void *
interrupter(void *arg)
{
	struct nudge *n = arg;

	for (uint64_t i = 0; i < n->cnt; i++) {
		proc_nap_ms((unsigned)(i % 3));
		weir_interrupt(n->c);
		while (kit_get(&n->ended) <= i)
			proc_nap_ms(0);
	}
	return NULL;
}

/* Each ends one wait, and no record is lost by it.  The look once a second
 * alone would take longer than the runner waits. */
static void
interrupt_from_a_thread(void)
{
	const char *name;
	weir_store *st = tmpstore_new(&name);
	weir_channel *ch = kit_channel(st, "c", 0, WEIR_EXCLUSIVE, 256);
	weir_producer *p = kit_producer(ch, "p", 0);
	struct nudge n = {.c = kit_consumer(ch, "a", 0, WEIR_FROM_NEW),
			  .cnt = 150};
	uint64_t next = 1;
	weir_record rec;
	uint8_t buf[64];
	pthread_t t;
	int rc;

	CU_ASSERT_FATAL(pthread_create(&t, NULL, interrupter, &n) == 0);
	while (n.ended < n.cnt) {
		rc = weir_read(n.c, &rec, 1, 20 * KIT_S);
		if (rc == -EINTR) {
			kit_add(&n.ended, 1);
			CU_ASSERT(weir_publish(p, buf, kit_rec(buf, 1, 1, 40),
					       NULL) > 0);
			continue;
		}
		CU_ASSERT_EQUAL_FATAL(rc, 1);
		CU_ASSERT_EQUAL(rec.seq, next);
		next++;
	}
	pthread_join(t, NULL);
	CU_ASSERT_EQUAL(weir_read(n.c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, n.cnt);
	weir_store_close(st);
}

SUITE("interrupt", TEST(interrupt_from_a_handler),
      TEST(interrupt_by_signal_or_not), TEST(interrupt_a_wait_for_space),
      TEST(interrupt_from_a_thread));
