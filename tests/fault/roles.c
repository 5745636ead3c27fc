/* SPDX-License-Identifier: BSD-2-Clause
 *
 * roles.c - see roles.h
 */
#include "fault/roles.h"
#include <errno.h>
#include <signal.h>

static int
open_producer(struct victim *v, uint32_t flags)
{
	weir_producer_opts o = {.size = sizeof(o),
				.flags = flags,
				.timeout_ns = INT64_C(60000000000)};

	return weir_producer_open(v->ch, who_id[v->who], &o, &v->p, NULL);
}

int
role_producer(struct victim *v)
{
	return open_producer(v, WEIR_TRUSTED);
}

int
role_checked_producer(struct victim *v)
{
	return open_producer(v, 0);
}

int
role_producer_with_value(struct victim *v)
{
	return role_producer(v) != 0 || act_publish(v) <= 0 ? -1 : 0;
}

int
role_producer_long(struct victim *v)
{
	rec_make(v->rec[0], REC_LONG, v->who, v->w->of[v->who].cnt + 1);
	return role_producer(v);
}

const char *
role_reader_id(enum who who)
{
	return who == VICTIM ? "reader" : "reader too";
}

int
role_reader(struct victim *v)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = v->w->o.block ? WEIR_GATE : 0,
				.from = WEIR_FROM_NEW,
				.spin_ns = -1};

	return weir_consumer_open(v->ch, role_reader_id(v->who), &o, &v->c,
				  NULL);
}

int
role_reader_with_records(struct victim *v)
{
	uint8_t rec[REC_SHORT];

	if (role_reader(v) != 0 || role_producer(v) != 0)
		return -1;
	for (uint32_t i = 1; i <= v->records; i++) {
		rec_make(rec, sizeof(rec), v->who, v->w->of[v->who].cnt + i);
		if (weir_publish(v->p, rec, sizeof(rec), NULL) <= 0)
			return -1;
	}
	weir_producer_close(v->p);
	return 0;
}

bool
role_took(struct victim *v, const weir_record *rec)
{
	bool ok = true;
	uint64_t cnt;
	enum who who;

	if (rec->kind == WEIR_DATA)
		ok = rec_whole(rec, &who, &cnt);
	if (rec->flags & WEIR_CURRENT)
		return ok;
	ok &= !v->seq || rec->seq == v->seq + 1 + rec->lost;
	ok &= !v->w->o.block || !rec->lost;
	v->seq = rec->seq;
	return ok;
}

bool
role_read_on(struct victim *v)
{
	weir_record recs[8];
	int n;

	while ((n = weir_read(v->c, recs, 8, 0)) > 0)
		for (int i = 0; i < n; i++)
			if (!role_took(v, &recs[i]))
				return false;
	return n == -EAGAIN;
}

int64_t
act_publish(struct victim *v)
{
	return weir_publish(v->p, v->rec[0], REC_SHORT, NULL);
}

int64_t
act_publish_long(struct victim *v)
{
	return weir_publish(v->p, v->rec[0], REC_LONG, NULL);
}

int64_t
act_publish_batch(struct victim *v)
{
	struct iovec recs[3];

	for (int i = 0; i < 3; i++)
		recs[i] = (struct iovec){v->rec[i], REC_SHORT};
	return weir_publish_batch(v->p, recs, 3, NULL);
}

int64_t
act_loan_commit(struct victim *v)
{
	uint8_t *buf;
	void *loan;

	if (weir_loan(v->p, REC_SHORT, &loan) != 0)
		return -1;
	buf = loan;
	for (int i = 0; i < REC_SHORT; i++)
		buf[i] = v->rec[0][i];
	return weir_commit(v->p, REC_SHORT, NULL);
}

int64_t
act_clear(struct victim *v)
{
	return weir_clear(v->p);
}

int64_t
act_open_producer(struct victim *v)
{
	return role_producer(v);
}

int64_t
act_read_for_ever(struct victim *v)
{
	weir_record rec;
	int rc = weir_read(v->c, &rec, 1, -1);

	return rc == 1 && !role_took(v, &rec) ? -1 : rc;
}

int64_t
act_leave(struct victim *v)
{
	weir_consumer_close(v->c);
	v->c = NULL;
	return 0;
}

/* ---- the survivor wakes somebody --------------------------------------- */

void
wake_by_record(struct world *w)
{
	world_say(w, REC_SHORT);
}

void
wake_by_reading(struct world *w)
{
	world_drain(w);
}

void
wake_by_bell(struct world *w)
{
	if (role_gone(w, GONE_AT_COMMIT) != 0)
		world_fail(w, "nobody rang the bell");
}

void
wake_first_by_bell(struct world *w)
{
	sleepers_stir(w);
	wake_by_bell(w);
}

/* ---- one that waits for the end ---------------------------------------- */

struct waiter {
	struct world *w;
	int (*open)(const struct world *w, weir_consumer **c);
	int end;
};

static struct proc waiter;

static int
wait_for_end(struct proc *me, void *arg)
{
	const struct waiter *it = arg;
	weir_consumer *c;
	weir_record rec;

	proc_check(it->open(it->w, &c) == 0);
	sleepers_join(it->w);
	proc_tell(me, 'r');
	proc_check(weir_read(c, &rec, 1, -1) == it->end);
	proc_tell(me, 'x');
	return 0;
}

int
role_waiter(struct world *w,
	    int (*open)(const struct world *w, weir_consumer **c), int end)
{
	struct waiter it = {w, open, end};

	if (proc_start(&waiter, wait_for_end, &it) != 0 ||
	    proc_hear(&waiter) != 'r')
		return -1;
	return proc_await_asleep(&waiter);
}

void
role_waiter_learns(struct world *w)
{
	if (proc_hear(&waiter) != 'x')
		world_fail(w, "who sleeps there does not learn it");
	if (proc_wait(&waiter) != 0)
		world_fail(w, "who slept there");
}

/* ---- one that dies ----------------------------------------------------- */

struct gone_arg {
	struct world *w;
	enum gone how;
};

static int
gone(struct proc *me, void *arg)
{
	const struct gone_arg *a = arg;
	weir_store *st = world_attach(a->w);
	uint8_t rec[REC_SHORT];
	weir_channel *ch;
	weir_producer *p;

	(void)me;
	rec_make(rec, sizeof(rec), GONE, a->w->of[GONE].cnt + 1);
	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_producer_open(ch, who_id[GONE], NULL, &p, NULL) == 0);
	proc_check(weir_publish(p, rec, sizeof(rec), NULL) > 0);
	if (a->how == GONE_WITHOUT_VALUE)
		proc_check(weir_clear(p) > 0);
	raise(SIGKILL);
	return 1;
}

/* The same, stepped, until its record can be read. */
struct late {
	struct world *w;
	weir_producer *p;
	uint8_t rec[REC_SHORT];
};

static int
late_prepare(void *arg)
{
	struct late *l = arg;
	weir_store *st = world_attach(l->w);
	weir_channel *ch;

	rec_make(l->rec, REC_SHORT, GONE, l->w->of[GONE].cnt + 1);
	return weir_channel_open(st, "c", NULL, &ch, NULL) != 0
		   ? -1
		   : weir_producer_open(ch, who_id[GONE], NULL, &l->p, NULL);
}

static void
late_publish(void *arg)
{
	struct late *l = arg;

	weir_publish(l->p, l->rec, REC_SHORT, NULL);
}

static void
kill_at_commit(struct world *w)
{
	struct late l = {.w = w};
	uint64_t cnt = w->of[GONE].cnt;
	struct stepper s;

	if (step_start(&s, late_prepare, late_publish, &l) != 0)
		return;
	do
		world_drain(w);
	while (w->of[GONE].cnt == cnt && step_run(&s, 1) == STEP_STOPPED);
	step_kill(&s);
}

int
role_gone(struct world *w, enum gone how)
{
	struct gone_arg arg = {w, how};
	uint64_t cnt = w->of[GONE].cnt;
	struct proc p;

	if (how == GONE_AT_COMMIT)
		kill_at_commit(w);
	else if (proc_start(&p, gone, &arg) != 0 || proc_wait(&p) != -SIGKILL)
		return -1;
	world_drain(w);
	return w->of[GONE].cnt == cnt + 1 ? 0 : -1;
}
