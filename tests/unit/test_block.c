/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_block.c - block channels in one process: full, waiting, gating, views.
 */
#include "unit/fix.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "store/internal.h"

static weir_store *st;
static weir_channel *ch;
static weir_producer *p;

static void
before(void)
{
	st = fix_store();
	ch = NULL;
	p = NULL;
}

static void
after(void)
{
	weir_store_close(st);
}

static void
open_all(uint32_t kind, uint32_t capacity, int64_t timeout_ns)
{
	static int n;
	char name[16];

	snprintf(name, sizeof(name), "c%d", n++);
	ch = fix_channel(st, name,
			 CH_OPTS(.overflow = WEIR_BLOCK, .producers = kind,
				 .capacity = capacity));
	p = fix_producer_with(ch, "p", PR_OPTS(.timeout_ns = timeout_ns));
}

static weir_consumer *
gate(const char *id, uint32_t from)
{
	return fix_consumer_with(ch, id,
				 CO_OPTS(.flags = WEIR_GATE, .from = from));
}

static void
reads(weir_consumer *c, uint64_t from, uint64_t to)
{
	weir_record rec;

	for (; from <= to; from++) {
		CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, from);
		CU_ASSERT_EQUAL(fix_value(&rec), from);
		CU_ASSERT_EQUAL(rec.lost, 0);
	}
}

static void
reads_nothing(weir_consumer *c)
{
	weir_record rec;

	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
}

/* Publish the next numbers until the channel is full. */
static uint64_t
fill(uint64_t from)
{
	int64_t rc;

	while ((rc = fix_put(p, from)) > 0) {
		CU_ASSERT_EQUAL_FATAL(rc, (int64_t)from);
		from++;
	}
	CU_ASSERT_EQUAL(rc, -EAGAIN);
	CU_ASSERT_EQUAL(fix_diag.code, -EAGAIN);
	return from;
}

/* ---- full
 * ------------------------------------------------------------------------- */

static void
block_full_is_eagain_and_nothing_is_lost(void)
{
	weir_consumer *c, *d;
	weir_record rec;
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		for (uint32_t n = 2; n <= 16; n *= 2) {
			uint64_t next = 1;

			open_all(kind, n, 0);
			c = gate("c", WEIR_FROM_NEW);
			d = gate("d", WEIR_FROM_NEW);
			for (int round = 0; round < 20; round++) {
				uint64_t end = fill(next);

				CU_ASSERT_EQUAL(end, next + n);
				CU_ASSERT_EQUAL(weir_clear(p), -EAGAIN);
				/* one of two is not enough */
				reads(c, next, end - 1);
				CU_ASSERT_EQUAL(fix_put(p, 1), -EAGAIN);
				reads(d, next, end - 1);
				reads_nothing(c);
				next = end;
			}
			/* a loan that there is no room for */
			next = fill(next);
			if (weir_loan(p, 9, &buf) == 0) {
				fix_number(buf, next);
				CU_ASSERT_EQUAL(weir_commit(p, 9, NULL),
						-EAGAIN);
				/* and then it is over */
				CU_ASSERT_EQUAL(weir_commit(p, 9, NULL),
						-EINVAL);
			}
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		}
	}
}

static void
block_without_gating_consumers_overwrites(void)
{
	weir_consumer *c;
	weir_record rec;

	open_all(WEIR_SHARED, 4, 0);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	for (uint64_t i = 1; i <= 20; i++)
		CU_ASSERT_EQUAL_FATAL(fix_put(p, i), (int64_t)i);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.lost, rec.seq - 1);
	CU_ASSERT(rec.seq >= 17);
}

static void
block_closed_consumer_no_longer_gates(void)
{
	weir_consumer *c;

	open_all(WEIR_SHARED, 4, 0);
	c = gate("c", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(fill(1), 5);
	weir_consumer_close(c);
	CU_ASSERT_EQUAL(fix_put(p, 5), 5);
	CU_ASSERT_EQUAL(fix_put(p, 6), 6);
}

/* A lane that is full blocks, too, long before the ring is. */
static void
block_full_lane_is_eagain(void)
{
	static uint8_t big[2000];
	weir_consumer *c;
	weir_record rec;
	uint64_t seq = 0, at = 0;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		seq = at = 0;
		ch = fix_channel(st, kind == WEIR_SHARED ? "s" : "e",
				 CH_OPTS(.overflow = WEIR_BLOCK,
					 .producers = kind, .capacity = 64,
					 .lane_bytes = 8192));
		p = fix_producer(ch, "p");
		c = gate("c", WEIR_FROM_NEW);
		for (int round = 0; round < 50; round++) {
			int64_t rc;
			int n = 0;

			for (;;) {
				fix_bytes(big, sizeof(big), (uint8_t)(seq + 1));
				rc = weir_publish(p, big, sizeof(big), NULL);
				if (rc < 0)
					break;
				CU_ASSERT_EQUAL_FATAL(rc, (int64_t)++seq);
				n++;
			}
			CU_ASSERT_EQUAL_FATAL(rc, -EAGAIN);
			CU_ASSERT(n >= 1 && n <= 4);
			while (weir_read(c, &rec, 1, 0) == 1) {
				CU_ASSERT_EQUAL_FATAL(rec.seq, ++at);
				CU_ASSERT_EQUAL(rec.lost, 0);
				fix_bytes(big, sizeof(big), (uint8_t)at);
				CU_ASSERT(!memcmp(rec.data, big, sizeof(big)));
			}
			CU_ASSERT_EQUAL_FATAL(at, seq);
		}
	}
}

static void
block_batch_publishes_a_prefix(void)
{
	struct iovec v[6];
	weir_diag diag;
	weir_consumer *c;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(kind, 4, 0);
		c = gate("c", WEIR_FROM_NEW);
		for (int i = 0; i < 6; i++)
			v[i] = (struct iovec){(void *)(uintptr_t) "\x01", 1};
		CU_ASSERT_EQUAL(weir_publish_batch(p, v, 6, &diag), -EAGAIN);
		CU_ASSERT_EQUAL(diag.code, -EAGAIN);
		CU_ASSERT_EQUAL(diag.index, 4);
		CU_ASSERT_EQUAL(weir_publish_batch(p, v, 6, &diag), -EAGAIN);
		CU_ASSERT_EQUAL(diag.index, 0);
		weir_consumer_close(c);
	}
}

/* ---- waiting
 * ------------------------------------------------------------------------ */

static void
block_own_reader_is_edeadlk(void)
{
	struct iovec v[3];
	weir_consumer *c;
	weir_diag diag;
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(kind, 2, -1);
		c = gate("c", WEIR_FROM_NEW);
		CU_ASSERT_EQUAL(fix_put(p, 1), 1);
		for (int i = 0; i < 3; i++)
			v[i] = (struct iovec){(void *)(uintptr_t) "\x01", 1};
		CU_ASSERT_EQUAL(weir_publish_batch(p, v, 3, &diag), -EDEADLK);
		CU_ASSERT_EQUAL(diag.index, 1);
		CU_ASSERT_EQUAL(weir_publish(p, "\x01", 1, &diag), -EDEADLK);
		CU_ASSERT_EQUAL(diag.code, -EDEADLK);
		CU_ASSERT_EQUAL(weir_clear(p), -EDEADLK);
		if (weir_loan(p, 9, &buf) == 0) {
			fix_number(buf, 5);
			CU_ASSERT_EQUAL(weir_commit(p, 9, &diag), -EDEADLK);
		}
		reads(c, 1, 1);
		CU_ASSERT_EQUAL(fix_put(p, 3), 3);
	}
}

/* A thread that reads a gating consumer of its own. */
struct reader {
	weir_channel *ch;
	pthread_t t;
	uint64_t want;	/* records */
	unsigned delay; /* us before it begins */
	uint64_t got, lost, wrong;
	pthread_barrier_t joined;
};

static void *
reader_main(void *arg)
{
	struct reader *r = arg;
	weir_consumer *c;
	weir_record rec[16];
	int n;

	if (weir_consumer_open(
		r->ch, "reader",
		CO_OPTS(.flags = WEIR_GATE, .from = WEIR_FROM_NEW), &c,
		NULL) != 0)
		r->wrong = r->want = UINT64_MAX;
	pthread_barrier_wait(&r->joined);
	if (r->wrong)
		return NULL;
	usleep(r->delay);
	while (r->got < r->want && (n = weir_read(c, rec, 16, 10000 * MS)) > 0)
		for (int i = 0; i < n; i++) {
			r->got++;
			r->lost += rec[i].lost;
			if (rec[i].seq != r->got ||
			    fix_value(&rec[i]) != r->got)
				r->wrong++;
		}
	weir_consumer_close(c);
	return NULL;
}

static void
start_reader(struct reader *r, weir_channel *c, uint64_t want, unsigned delay)
{
	memset(r, 0, sizeof(*r));
	r->ch = c;
	r->want = want;
	r->delay = delay;
	pthread_barrier_init(&r->joined, NULL, 2);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&r->t, NULL, reader_main, r), 0);
	pthread_barrier_wait(&r->joined);
}

static void
end_reader(struct reader *r)
{
	pthread_join(r->t, NULL);
	pthread_barrier_destroy(&r->joined);
}

static void
block_producer_waits_and_is_woken(void)
{
	struct reader r;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(kind, 8, -1);
		start_reader(&r, ch, 20000, 20000);
		for (uint64_t i = 1; i <= 20000; i++)
			CU_ASSERT_EQUAL_FATAL(fix_put(p, i), (int64_t)i);
		end_reader(&r);
		CU_ASSERT_EQUAL(r.got, 20000);
		CU_ASSERT_EQUAL(r.lost, 0);
		CU_ASSERT_EQUAL(r.wrong, 0);
	}
}

static void
block_wait_times_out(void)
{
	struct reader r;

	open_all(WEIR_SHARED, 2, 5 * MS);
	start_reader(&r, ch, 2, 300000);
	CU_ASSERT_EQUAL(fix_put(p, 1), 1);
	CU_ASSERT_EQUAL(fix_put(p, 2), 2);
	CU_ASSERT_EQUAL(fix_put(p, 3), -EAGAIN);
	CU_ASSERT(fix_says(&fix_diag, "full"));
	CU_ASSERT_EQUAL(weir_clear(p), -EAGAIN);
	end_reader(&r);
	CU_ASSERT_EQUAL(r.wrong, 0);
}

static weir_producer *outer, *inner;
static int64_t outer_said, inner_said, loan_said;

static void
publish_in_handler(int sig)
{
	void *buf;

	(void)sig;
	outer_said = weir_publish(outer, "\x01", 1, NULL);
	loan_said = weir_loan(outer, 1, &buf);
	inner_said = weir_publish(inner, "\x01", 1, NULL);
}

/* A handler interrupts a publish that waits: that call ends, a nested one on
 * the same producer is refused, one on another works. */
static void
block_wait_is_interrupted_by_a_signal(void)
{
	struct sigaction sa = {.sa_handler = publish_in_handler};
	struct itimerval it = {.it_value = {0, 20000},
			       .it_interval = {0, 20000}};
	struct itimerval off = {.it_value = {0, 0}};
	sigset_t alarms;
	struct reader r;
	int64_t rc;

	open_all(WEIR_SHARED, 2, -1);
	outer = p;
	inner = fix_producer(fix_channel(st, "other", NULL), "q");
	outer_said = inner_said = loan_said = 0;
	/* the reader is to leave the signals to us */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	start_reader(&r, ch, 2, 500000);
	sigaction(SIGALRM, &sa, NULL);
	CU_ASSERT_EQUAL(fix_put(p, 1), 1);
	CU_ASSERT_EQUAL(fix_put(p, 2), 2);
	setitimer(ITIMER_REAL, &it, NULL);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	rc = fix_put(p, 3);
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGALRM, SIG_IGN);
	CU_ASSERT_EQUAL(rc, -EINTR);
	CU_ASSERT_EQUAL(outer_said, -EBUSY);
	CU_ASSERT_EQUAL(loan_said, -EBUSY);
	CU_ASSERT(inner_said > 0);
	end_reader(&r);
	CU_ASSERT_EQUAL(r.wrong, 0);
	CU_ASSERT_EQUAL(fix_put(p, 3), 3);
	signal(SIGALRM, SIG_DFL);
}

static void *
remove_soon(void *arg)
{
	usleep(20000);
	weir_channel_remove(st, arg, NULL);
	return NULL;
}

static void
block_wait_ends_with_the_channel(void)
{
	weir_channel_info i = {.size = sizeof(i)};
	pthread_t t;
	struct reader r;

	open_all(WEIR_SHARED, 2, -1);
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &i), 0);
	start_reader(&r, ch, 3, 400000);
	CU_ASSERT_EQUAL(fix_put(p, 1), 1);
	CU_ASSERT_EQUAL(fix_put(p, 2), 2);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, remove_soon, i.name), 0);
	CU_ASSERT_EQUAL(fix_put(p, 3), WEIR_EREMOVED);
	pthread_join(t, NULL);
	end_reader(&r);
	CU_ASSERT_EQUAL(r.got, 2);
}

/* ---- joining and seeking
 * ------------------------------------------------------------- */

static void
block_join_anywhere(void)
{
	weir_consumer *c;
	weir_record rec;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(kind, 8, 0);
		for (uint64_t i = 1; i <= 6; i++)
			CU_ASSERT_EQUAL(fix_put(p, i), (int64_t)i);
		c = gate("oldest", WEIR_FROM_OLDEST);
		reads(c, 1, 6);
		weir_consumer_close(c);
		c = gate("new", WEIR_FROM_NEW);
		reads_nothing(c);
		weir_consumer_close(c);
		c = gate("current", WEIR_FROM_CURRENT);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, 6);
		CU_ASSERT_EQUAL(rec.flags, WEIR_CURRENT);
		reads_nothing(c);
		weir_consumer_close(c);
		c = fix_consumer_with(ch, "seq",
				      CO_OPTS(.flags = WEIR_GATE,
					      .from = WEIR_FROM_SEQ, .seq = 3));
		CU_ASSERT_EQUAL(fill(7), 11);
		reads(c, 3, 10);
		CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_SEQ, 13), 0);
		CU_ASSERT_EQUAL(fill(11), 19);
		reads(c, 13, 18);
		CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_NEW, 0), 0);
		CU_ASSERT_EQUAL(fill(19), 27);
		reads(c, 19, 26);
	}
}

/* What may be overwritten already is lost, and it is said how much. */
static void
block_join_at_what_is_gone(void)
{
	weir_consumer *c;
	weir_record rec;

	open_all(WEIR_SHARED, 8, 0);
	for (uint64_t i = 1; i <= 30; i++)
		CU_ASSERT_EQUAL(fix_put(p, i), (int64_t)i);
	c = fix_consumer_with(
	    ch, "seq",
	    CO_OPTS(.flags = WEIR_GATE, .from = WEIR_FROM_SEQ, .seq = 3));
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.lost, rec.seq - 3);
	CU_ASSERT(rec.seq >= 23 && rec.seq <= 26);
	reads(c, rec.seq + 1, 30);
}

/* A handler may have interrupted whoever holds the store's mutex. */
static void
block_full_needs_no_mutex(void)
{
	weir_consumer *c;
	weir_record rec;

	open_all(WEIR_SHARED, 2, MS);
	c = gate("c", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(fix_put(p, 1), 1);
	CU_ASSERT_EQUAL(fix_put(p, 2), 2);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(fix_put(p, 3), 3);
	/* waits for a reader of this very thread */
	CU_ASSERT_EQUAL(fix_put(p, 4), -EDEADLK);
	alarm(30); /* in place of for ever */
	wi_mutex_lock(st->mutex);
	CU_ASSERT_EQUAL(fix_put(p, 4), -EAGAIN);
	wi_mutex_unlock(st->mutex);
	alarm(0);
}

/* ---- marks
 * -----------------------------------------------------------------------------
 */

#if defined(__x86_64__) && !defined(WI_TSAN)

/* After each instruction while `stepping`. */
static volatile sig_atomic_t stepping, steps;
static struct wi_shm_cell *stepped_cell;
static uint64_t stepped_from;
static bool is_marked;

static void
step(int sig, siginfo_t *info, void *context)
{
	greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];

	(void)sig;
	(void)info;
	*flags = stepping ? *flags | 0x100 : *flags & ~0x100;
	steps++;
	/* a producer that finds the channel full again, just now */
	if (!is_marked &&
	    wi_load_relaxed(&stepped_cell->cursor) != stepped_from) {
		wi_store_relaxed_32(&stepped_cell->waiters, 1);
		is_marked = true;
	}
}

/* A producer marks the cell and then sleeps while the cursor stays what it
 * was.  The mark that was made for the new cursor must wake it for the next. */
static void
block_mark_for_the_new_cursor_stays(void)
{
	struct sigaction old,
	    sa = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
	weir_consumer *c;
	weir_record rec;
	int n;

	open_all(WEIR_SHARED, 4, 0);
	c = gate("c", WEIR_FROM_NEW);
	fill(1);
	CU_ASSERT_EQUAL_FATAL(sigaction(SIGTRAP, &sa, &old), 0);
	for (int had = 0; had < 2; had++) {
		stepped_cell = c->cell;
		stepped_from = c->cell->cursor;
		c->cell->waiters = (uint32_t)had;
		is_marked = false;
		steps = 0;
		stepping = 1;
		raise(SIGTRAP);
		n = weir_read(c, &rec, 1, 0);
		stepping = 0;
		CU_ASSERT_EQUAL(n, 1);
		if (steps < 10) {
			t_skip("no single steps here");
			break;
		}
		CU_ASSERT(is_marked);
		CU_ASSERT_EQUAL(c->cell->waiters, 1);
	}
	sigaction(SIGTRAP, &old, NULL);
}

#else

static void
block_mark_for_the_new_cursor_stays(void)
{
	t_skip("single steps: on x86-64, without tsan");
}

#endif

/* ---- views
 * -----------------------------------------------------------------------------
 */

static void
view_is_in_place_until_release(void)
{
	weir_consumer *c;
	weir_record rec[8];

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(kind, 4, 0);
		c = gate("c", WEIR_FROM_NEW);
		CU_ASSERT_EQUAL(weir_view(c, rec, 8, 0), -EAGAIN);
		CU_ASSERT_EQUAL(weir_view(c, rec, 0, 0), -EINVAL);
		CU_ASSERT_EQUAL(fill(1), 5);
		CU_ASSERT_EQUAL(weir_view(c, rec, 2, 0), 2);
		/* nothing is free, and nothing else goes meanwhile */
		CU_ASSERT_EQUAL(fix_put(p, 5), -EAGAIN);
		CU_ASSERT_EQUAL(weir_read(c, rec, 8, 0), -EBUSY);
		CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_NEW, 0), -EBUSY);
		/* views may follow each other */
		CU_ASSERT_EQUAL(weir_view(c, rec + 2, 6, 0), 2);
		for (uint64_t i = 0; i < 4; i++) {
			CU_ASSERT_EQUAL(rec[i].seq, i + 1);
			CU_ASSERT_EQUAL(fix_value(&rec[i]), i + 1);
		}
		CU_ASSERT_EQUAL(weir_release(c, 5), -EINVAL);
		CU_ASSERT_EQUAL(weir_release(c, 0), -EINVAL);
		CU_ASSERT_EQUAL(weir_release(c, 1), 0);
		CU_ASSERT_EQUAL(weir_release(c, 1), -EINVAL);
		CU_ASSERT_EQUAL(fix_put(p, 5), 5);
		CU_ASSERT_EQUAL(fix_put(p, 6), -EAGAIN);
		CU_ASSERT_EQUAL(fix_value(&rec[1]), 2);
		CU_ASSERT_EQUAL(weir_release(c, 4), 0);
		CU_ASSERT_EQUAL(weir_release(c, 4), -EINVAL);
		reads(c, 5, 5);
		CU_ASSERT_EQUAL(fill(6), 10);
	}
}

/* The values that a consumer begins with are copies, and not in view. */
static void
view_of_a_value_is_released_like_a_record(void)
{
	weir_producer *q;
	weir_record rec;
	weir_consumer *c;

	open_all(WEIR_SHARED, 4, 0);
	q = fix_producer(ch, "q");
	fix_must_put(p, 1);
	fix_must_put(q, 2);
	c = gate("c", WEIR_FROM_EACH);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		CU_ASSERT_EQUAL_FATAL(weir_view(c, &rec, 1, 0), 1);
		CU_ASSERT(rec.flags & WEIR_CURRENT);
		CU_ASSERT_EQUAL(rec.seq, seq);
		CU_ASSERT_EQUAL(fix_value(&rec), seq);
		CU_ASSERT_EQUAL(weir_release(c, rec.seq), 0);
	}
	CU_ASSERT_EQUAL(weir_release(c, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_release(c, 3), -EINVAL);
	/* what comes after them is in view, and stays so */
	fix_must_put(p, 3);
	CU_ASSERT_EQUAL_FATAL(weir_view(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(weir_release(c, 1), 0);
	CU_ASSERT_EQUAL(fill(4), 3 + 4);
	CU_ASSERT_EQUAL(weir_release(c, 3), 0);
	CU_ASSERT_EQUAL(fix_put(p, 7), 7);
}

static void
view_is_not_for_everybody(void)
{
	weir_consumer *c, *o;
	weir_record rec;

	open_all(WEIR_SHARED, 4, 0);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	o = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_view(c, &rec, 1, 0), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_view(o, &rec, 1, 0), -ENOTSUP);
	CU_ASSERT_EQUAL(
	    weir_consumer_open(ch, NULL, CO_OPTS(.flags = WEIR_GATE), &c, NULL),
	    -EROFS);
}

static void
view_ends_with_the_channel(void)
{
	weir_channel_info i = {.size = sizeof(i)};
	weir_consumer *c;
	weir_record rec;

	open_all(WEIR_SHARED, 4, 0);
	c = gate("c", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(fix_put(p, 1), 1);
	CU_ASSERT_EQUAL(weir_view(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
	CU_ASSERT_EQUAL(weir_channel_remove(st, i.name, NULL), 0);
	/* what it looks at stays while it holds the channel */
	CU_ASSERT_EQUAL(fix_value(&rec), 1);
	CU_ASSERT_EQUAL(weir_release(c, 1), 0);
	CU_ASSERT_EQUAL(weir_view(c, &rec, 1, -1), WEIR_EREMOVED);
}

/* ---- values
 * ------------------------------------------------------------------------------
 */

static void
block_gating_consumer_is_listed(void)
{
	weir_consumer_info it = {.size = sizeof(it)};

	open_all(WEIR_SHARED, 4, 0);
	gate("c", WEIR_FROM_NEW);
	fill(1);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_EQUAL(it.gating, 1);
	CU_ASSERT_EQUAL(it.lag, 4);
	CU_ASSERT_EQUAL(it.cursor, 1);
}

SUITE_WITH("block", before, after,
	   TEST(block_full_is_eagain_and_nothing_is_lost),
	   TEST(block_without_gating_consumers_overwrites),
	   TEST(block_closed_consumer_no_longer_gates),
	   TEST(block_full_lane_is_eagain),
	   TEST(block_batch_publishes_a_prefix),
	   TEST(block_own_reader_is_edeadlk),
	   TEST(block_producer_waits_and_is_woken), TEST(block_wait_times_out),
	   TEST(block_wait_is_interrupted_by_a_signal),
	   TEST(block_wait_ends_with_the_channel), TEST(block_join_anywhere),
	   TEST(block_join_at_what_is_gone), TEST(block_full_needs_no_mutex),
	   TEST(block_mark_for_the_new_cursor_stays),
	   TEST(view_is_in_place_until_release),
	   TEST(view_of_a_value_is_released_like_a_record),
	   TEST(view_is_not_for_everybody), TEST(view_ends_with_the_channel),
	   TEST(block_gating_consumer_is_listed));
