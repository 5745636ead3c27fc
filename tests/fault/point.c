/* SPDX-License-Identifier: BSD-2-Clause
 *
 * point.c - see point.h
 */
#include "fault/point.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fault/look.h"
#include "fault/roles.h"
#include "store/internal.h"

#define PATIENCE_S   30	     /* for everything about one point, but */
#define A_WHILE	     1024    /* steps are waited for anew */
#define MOST	     4000000 /* instructions; more is an endless loop */
#define OUT_OF_ORDER (-9999) /* what a gating consumer read is not in order */

/* ---- the watchdog ------------------------------------------------------ */

static timer_t patience;
static const char *now_op;

static void
on_impatience(int sig)
{
	(void)sig;
	printf("%s: nothing for %d s\n", now_op, PATIENCE_S);
	exit(1); /* stores are removed at exit; who hangs, hangs */
}

int
point_watchdog(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL,
			      .sigev_signo = SIGUSR2};

	signal(SIGUSR2, on_impatience);
	return timer_create(CLOCK_MONOTONIC, &ev, &patience);
}

static void
be_patient(const struct world *w)
{
	struct itimerspec t = {.it_value.tv_sec = PATIENCE_S};

	now_op = w->op;
	timer_settime(patience, 0, &t, NULL);
}

/* ---- the victim -------------------------------------------------------- */

struct duel {
	struct victim v;
	const struct op *op;
};

static int
prepare(void *arg)
{
	struct duel *d = arg;
	struct victim *v = &d->v;

	for (uint64_t i = 0; i < 3; i++)
		rec_make(v->rec[i], REC_SHORT, v->who,
			 v->w->of[v->who].cnt + 1 + i);
	if (!(d->op->flags & OP_BARE)) {
		v->st = world_attach(v->w);
		if (weir_channel_open(v->st, "c", NULL, &v->ch, NULL) != 0)
			return -1;
	}
	return d->op->set_up ? d->op->set_up(v) : 0;
}

static void
act(void *arg)
{
	struct duel *d = arg;
	struct outcome *out = &d->v.w->board->outcome[d->v.who];

	out->rc = d->op->act(&d->v);
	/* of what was kept for it meanwhile, nothing is lost */
	if (out->rc >= 0 && (d->op->flags & OP_GATES) && d->v.c &&
	    d->v.w->board->thawed && !role_read_on(&d->v))
		out->rc = OUT_OF_ORDER;
	out->is_done = 1;
}

/* The world as it is before a victim comes. */
static int
begin(struct world *w, const struct op *op, uint64_t n)
{
	be_patient(w);
	w->point = n;
	memset(w->board->outcome, 0, sizeof(w->board->outcome));
	w->board->thawed = 0;
	if (op->before && op->before(w) != 0)
		return -1;
	sleepers_rest(w);
	for (int i = 0; i < WHO_CNT; i++)
		w->of[i].had = w->of[i].cnt;
	w->seq_was = w->seq;
	w->cleared = 0;
	return 0;
}

static int
start(struct world *w, const struct op *op, struct stepper *s, enum who who)
{
	static struct duel d;
	int rc;

	memset(&d, 0, sizeof(d));
	d.v.w = w;
	d.v.who = who;
	d.v.records = op->records;
	d.op = op;
	rc = op->flags & OP_THREAD ? step_start_thread(s, prepare, act, &d)
				   : step_start(s, prepare, act, &d);
	if (rc != 0) {
		world_fail(w, "%s does not come to its operation: %x",
			   who_id[who], (unsigned)s->status);
		return -1;
	}
	if (who != VICTIM || !op->ready || op->ready(w) == 0)
		return 0;
	world_fail(w, "the survivor is not ready");
	step_kill(s);
	return -1;
}

/* If it sleeps: wake it, or wait for its time-out.  (One that neither wakes
 * is found by our own patience.) */
static bool
rouse(struct world *w, const struct op *op, enum step_end end)
{
	if (end == STEP_ASLEEP && op->asleep)
		op->asleep(w);
	return end == STEP_ASLEEP;
}

/* To its @n-th instruction, waking it on the way.  If it falls asleep in
 * that very one, that is where it stays.  With @path NULL all the way is
 * stepped. */
static enum step_end
go_to(struct world *w, const struct op *op, struct stepper *s,
      const struct path *path, uint64_t n)
{
	enum step_end end = STEP_STOPPED;
	uint64_t m = path ? path_anchor(path, n) : 0;

	if (m) {
		uint64_t pc = path->pc[m - 1];
		uint32_t hits = path->hit[m - 1];

		do
			end = step_goto(s, pc, hits);
		while (rouse(w, op, end));
		s->done = m;
	}
	while (end == STEP_STOPPED && s->done < n) {
		uint64_t most = n - s->done;

		end = step_run(s, most < A_WHILE ? most : A_WHILE);
		be_patient(w);
		if (n - s->done > 1 && rouse(w, op, end))
			end = STEP_STOPPED;
	}
	if (end == STEP_BROKEN)
		world_fail(w, "the victim broke: %x", (unsigned)s->status);
	return end;
}

/* ---- one point --------------------------------------------------------- */

/* The twin: it does the same, and stands at some other place meanwhile. */
static enum step_end
start_twin(struct world *w, const struct op *op, struct stepper *s,
	   const struct path *path, uint64_t n)
{
	size_t i = (n * UINT64_C(0x9e3779b97f4a7c15) >> 32) % path->point_cnt;

	return start(w, op, s, GONE) != 0
		   ? STEP_BROKEN
		   : go_to(w, op, s, path, path->point[i]);
}

enum step_end
point_kill(struct world *w, const struct op *op, const struct path *path,
	   uint64_t n)
{
	struct stepper s, twin = {.pid = 0};
	enum step_end end = STEP_BROKEN, twin_end = STEP_BROKEN;
	int64_t since;

	if (begin(w, op, n) != 0)
		return STEP_BROKEN;
	if (op->flags & OP_PAIR)
		twin_end = start_twin(w, op, &twin, path, n);
	world_drain(w); /* before more than fits into a small ring */
	if (start(w, op, &s, VICTIM) == 0)
		end = go_to(w, op, &s, path, n);
	since = proc_now_ns();
	step_kill(&s);
	step_kill(&twin);
	if (end != STEP_BROKEN)
		look_after(w, op,
			   (struct end){end == STEP_FINISHED,
					twin_end == STEP_FINISHED, since});
	return end;
}

enum step_end
point_freeze(struct world *w, const struct op *op, const struct path *path,
	     uint64_t n)
{
	enum step_end end, to;
	struct stepper s;
	int64_t since;

	if (begin(w, op, n) != 0 || start(w, op, &s, VICTIM) != 0)
		return STEP_BROKEN;
	end = to = go_to(w, op, &s, path, n);
	look_beside(w, op);
	__atomic_store_n(&w->board->thawed, 1, __ATOMIC_RELEASE);
	while (to == STEP_STOPPED || to == STEP_ASLEEP) {
		to = step_finish(&s);
		rouse(w, op, to);
	}
	if (to != STEP_FINISHED)
		world_fail(w, "frozen, it did not go on: %x",
			   (unsigned)s.status);
	since = proc_now_ns();
	step_kill(&s);
	look_after(w, op, (struct end){.finished = true, .since = since});
	return end;
}

void
point_spare(struct world *w, const struct op *op)
{
	struct stepper s;
	enum step_end end;

	if (begin(w, op, 0) != 0 || start(w, op, &s, VICTIM) != 0)
		return;
	do
		end = step_finish(&s);
	while (rouse(w, op, end));
	step_kill(&s);
	look_after(w, op,
		   (struct end){.finished = true, .since = proc_now_ns()});
}

/* Has shared memory changed? */
static bool
changed(const struct world *w, uint8_t *shadow, size_t len)
{
	if (memcmp(shadow, w->st->base, len) == 0)
		return false;
	memcpy(shadow, w->st->base, len);
	return true;
}

void
point_trace(struct world *w, const struct op *op, struct path *path)
{
	weir_store_info info = {.size = sizeof(info)};
	enum step_end end = STEP_STOPPED;
	uint8_t *shadow;
	struct stepper s;

	if (begin(w, op, 0) != 0 || start(w, op, &s, VICTIM) != 0)
		return;
	weir_store_stat(w->st, &info);
	shadow = malloc(info.used_bytes);
	if (!shadow)
		exit(1);
	memcpy(shadow, w->st->base, info.used_bytes);
	path->from = step_pc(&s);
	while (end == STEP_STOPPED && s.done < MOST) {
		bool effect;

		if (s.done % A_WHILE == 0)
			be_patient(w);
		end = step_one(&s, &effect);
		if (end == STEP_STOPPED)
			path_add(path, step_pc(&s));
		if (changed(w, shadow, info.used_bytes) || effect)
			path_add_point(path, s.done);
		if (end == STEP_ASLEEP) {
			path_add_point(path, s.done + 1);
			rouse(w, op, end);
			memcpy(shadow, w->st->base, info.used_bytes);
			end = STEP_STOPPED;
		}
	}
	free(shadow);
	if (end != STEP_FINISHED)
		world_fail(w, "it does not come to an end: %d %x after %llu",
			   end, (unsigned)s.status, (unsigned long long)s.done);
	step_kill(&s);
	look_after(w, op,
		   (struct end){.finished = end == STEP_FINISHED,
				.since = proc_now_ns()});
}
