/* SPDX-License-Identifier: BSD-2-Clause
 *
 * roles.c - see roles.h
 */
#include "fault/roles.h"
#include <signal.h>

static int
open_producer(struct victim *v, uint32_t flags)
{
	weir_producer_opts o = {.size = sizeof(o),
				.flags = flags,
				.timeout_ns = INT64_C(5000000000)};

	return weir_producer_open(v->ch, who_id[VICTIM], &o, &v->p, NULL);
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
role_reader(struct victim *v)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = v->w->o.block ? WEIR_GATE : 0,
				.from = WEIR_FROM_NEW,
				.spin_ns = -1};

	return weir_consumer_open(v->ch, "reader", &o, &v->c, NULL);
}

int
role_reader_of_three(struct victim *v)
{
	if (role_reader(v) != 0 || role_producer(v) != 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (weir_publish(v->p, v->rec[i], REC_SHORT, NULL) <= 0)
			return -1;
	weir_producer_close(v->p);
	return 0;
}

int64_t
act_publish(struct victim *v)
{
	return weir_publish(v->p, v->rec[0], REC_SHORT, NULL);
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
