/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sweep.c - see sweep.h
 */
#include "fault/sweep.h"
#include "fault/path.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/internal.h"

#define SAMPLE	   48
#define PATIENCE_S 30	   /* for everything about one point */
#define MOST	   4000000 /* instructions; more is an endless loop */
#define LONG	   8000 /* instructions; of a longer one, not all in torture */
#define PAST	   8	/* points behind the end, before it is believed */

static timer_t patience;
static const struct op *now_op;

static void
on_impatience(int sig)
{
	(void)sig;
	printf("%s: nothing for %d s\n", now_op->name, PATIENCE_S);
	exit(1); /* stores are removed at exit; who hangs, hangs */
}

static void
be_patient(void)
{
	struct itimerspec t = {.it_value.tv_sec = PATIENCE_S};

	timer_settime(patience, 0, &t, NULL);
}

static bool
torture(void)
{
	const char *s = getenv("WEIR_TORTURE");

	return s && *s && strcmp(s, "0") != 0;
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
		rec_make(v->rec[i], REC_SHORT, VICTIM,
			 v->w->of[VICTIM].cnt + 1 + i);
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

	d->v.w->board->rc = d->op->act(&d->v);
	d->v.w->board->is_done = 1;
}

static int
start(struct world *w, const struct op *op, struct stepper *s)
{
	static struct duel d;

	be_patient();
	w->board->rc = 0;
	w->board->is_done = 0;
	if (op->before && op->before(w) != 0)
		return -1;
	world_sleepers_rest(w);
	memset(&d, 0, sizeof(d));
	d.v.w = w;
	d.op = op;
	w->seq_was = w->seq;
	w->cleared = 0;
	if (step_start(s, prepare, act, &d) != 0) {
		world_fail(w, "the victim does not come to its operation: %x",
			   (unsigned)s->status);
		return -1;
	}
	if (!op->ready || op->ready(w) == 0)
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
		end = step_run(s, n - s->done);
		if (n - s->done > 1 && rouse(w, op, end))
			end = STEP_STOPPED;
	}
	if (end == STEP_BROKEN)
		world_fail(w, "the victim broke: %x", (unsigned)s->status);
	return end;
}

/* ---- afterwards -------------------------------------------------------- */

static void
check_records(struct world *w, const struct op *op, uint64_t had, bool finished)
{
	uint64_t n = w->of[VICTIM].cnt - had;

	if (n > op->records || w->cleared > op->clears)
		world_fail(w, "%llu records and %u clears",
			   (unsigned long long)n, w->cleared);
	if (!finished)
		return;
	if (w->board->is_done && w->board->rc < 0)
		world_fail(w, "the operation failed: %lld",
			   (long long)w->board->rc);
	if (n != op->records || w->cleared != op->clears)
		world_fail(w, "%llu records and %u clears of %u and %u",
			   (unsigned long long)n, w->cleared, op->records,
			   op->clears);
}

static void
reopen_reader(struct world *w)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = w->o.block ? WEIR_GATE : 0};
	int64_t limit = proc_now_ns() + INT64_C(100000000);
	weir_record rec;
	weir_consumer *c;
	int rc;

	while ((rc = weir_consumer_open(w->ch, "reader", &o, &c, NULL)) ==
		   WEIR_EINUSE &&
	       proc_now_ns() < limit) {
		w->retries++;
		proc_nap_ms(1);
	}
	if (rc != 0) {
		world_fail(w, "cannot open the consumer again: %d", rc);
		return;
	}
	rc = weir_read(c, &rec, 1, 0);
	if (rc != 1 && rc != -EAGAIN)
		world_fail(w, "the consumer opened again reads %d", rc);
	weir_consumer_close(c);
}

static void
reopen_producer(struct world *w)
{
	weir_producer *p = world_producer(w, VICTIM);
	int64_t rc;

	if (!p)
		return;
	world_drain(w); /* it may have had to clear somebody's value */
	world_values(w);
	rc = world_publish(w, p, VICTIM, REC_SHORT);
	world_drain(w);
	if (rc <= 0 || (int64_t)w->of[VICTIM].value_seq != rc)
		world_fail(w, "the victim's heir cannot publish: %lld",
			   (long long)rc);
	world_values(w);
	weir_producer_close(p);
}

/* The victim is dead since @since. */
static void
look(struct world *w, const struct op *op, uint64_t had, bool finished,
     int64_t since)
{
	world_drain(w);
	check_records(w, op, had, finished);
	if (w->seq != w->seq_was)
		world_sleepers_have(w, since, true);
	world_values(w);
	world_say(w, w->point % 2 ? REC_SHORT : REC_LONG);
	world_sleepers_have(w, proc_now_ns(), true);
	/* a dead consumer must not hold anybody */
	if (op->flags & OP_GATES)
		for (uint32_t i = 0; i < w->o.capacity + 2; i++)
			world_say(w, REC_SHORT);
	reopen_producer(w);
	if (op->flags & OP_READER)
		reopen_reader(w);
	if (op->after)
		op->after(w, finished);
	world_figures(w);
}

/* ---- one point --------------------------------------------------------- */

typedef enum step_end point_fn(struct world *w, const struct op *op,
			       const struct path *path, uint64_t n);

static enum step_end
kill_at(struct world *w, const struct op *op, const struct path *path,
	uint64_t n)
{
	uint64_t had = w->of[VICTIM].cnt;
	struct stepper s;
	enum step_end end;
	int64_t since;

	w->point = n;
	if (start(w, op, &s) != 0)
		return STEP_BROKEN;
	end = go_to(w, op, &s, path, n);
	since = proc_now_ns();
	step_kill(&s);
	look(w, op, had, end == STEP_FINISHED, since);
	return end;
}

/* It stands still, and others go on beside it; then it goes on too. */
static enum step_end
freeze_at(struct world *w, const struct op *op, const struct path *path,
	  uint64_t n)
{
	uint64_t had = w->of[VICTIM].cnt;
	enum step_end end, to;
	struct stepper s;
	int64_t since;

	w->point = n;
	if (start(w, op, &s) != 0)
		return STEP_BROKEN;
	end = to = go_to(w, op, &s, path, n);
	world_drain(w);
	world_values(w);
	if (w->other) {
		world_say(w, REC_SHORT);
		world_say(w, REC_LONG);
		world_values(w);
		world_sleepers_have(w, proc_now_ns(), true);
	}
	while (to == STEP_STOPPED || to == STEP_ASLEEP) {
		to = step_finish(&s);
		rouse(w, op, to);
	}
	if (to != STEP_FINISHED)
		world_fail(w, "frozen, it did not go on: %x",
			   (unsigned)s.status);
	since = proc_now_ns();
	step_kill(&s);
	look(w, op, had, true, since);
	return end;
}

/* Nothing happens to it.  The first victim finds much as no later one will;
 * its way would be of little use. */
static void
spare(struct world *w, const struct op *op)
{
	uint64_t had = w->of[VICTIM].cnt;
	struct stepper s;
	enum step_end end;

	w->point = 0;
	if (start(w, op, &s) != 0)
		return;
	do
		end = step_finish(&s);
	while (rouse(w, op, end));
	step_kill(&s);
	look(w, op, had, true, proc_now_ns());
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

/* Step once through all of it and note what matters. */
static void
trace(struct world *w, const struct op *op, struct path *path)
{
	weir_store_info info = {.size = sizeof(info)};
	uint64_t had = w->of[VICTIM].cnt;
	enum step_end end = STEP_STOPPED;
	uint8_t *shadow;
	struct stepper s;

	w->point = 0;
	if (start(w, op, &s) != 0)
		return;
	weir_store_stat(w->st, &info);
	shadow = malloc(info.used_bytes);
	if (!shadow)
		exit(1);
	memcpy(shadow, w->st->base, info.used_bytes);
	path->from = step_pc(&s);
	while (end == STEP_STOPPED && s.done < MOST) {
		bool effect;

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
	look(w, op, had, end == STEP_FINISHED, proc_now_ns());
}

/* ---- one operation ----------------------------------------------------- */

/* The same store, but new; what is for the closing line stays. */
static int
renew(struct world *w)
{
	struct world_opts o = w->o;
	struct world was = *w;
	int rc;

	world_drop(w);
	rc = world_make(w, &o);
	w->failures += was.failures;
	w->shown += was.shown;
	w->retries += was.retries;
	w->longest_ns = was.longest_ns;
	w->late = was.late;
	return rc;
}

/* All points, or every @skip-th of the sample.  Return: how many. */
static uint64_t
run_points(struct world *w, const struct op *op, const struct path *path,
	   point_fn *at, size_t skip)
{
	bool all = torture() && path->cnt <= LONG;
	unsigned past = 0; /* points behind the end, one after the other */
	uint64_t cnt = 0, i;

	for (i = 0; all ? past < PAST : i < path->point_cnt;
	     i += all ? 1 : skip) {
		uint64_t n = all ? i : path->point[i];
		enum step_end end = at(w, op, path, n);

		/* It took another way than the one that was traced, and has
		 * passed the place: this time step all the way. */
		if (end == STEP_FINISHED && n <= path->cnt)
			end = at(w, op, NULL, n);
		past = end == STEP_FINISHED && n > path->cnt ? past + 1 : 0;
		cnt++;
		if (end == STEP_BROKEN || w->failures > 200 ||
		    ((op->flags & OP_FRESH) && renew(w) != 0))
			break;
	}
	return cnt;
}

static unsigned
sweep(const struct op *op)
{
	struct world w = {.op = op->name};
	int64_t began = proc_now_ns();
	uint64_t killed = 0, frozen = 0;
	struct path path;
	unsigned failures;
	size_t effects;

	now_op = op;
	be_patient();
	path_init(&path);
	if (world_make(&w, &op->world) != 0)
		world_fail(&w, "no world");
	if (w.failures == 0 && !(op->flags & OP_FRESH))
		spare(&w, op);
	if (w.failures == 0)
		trace(&w, op, &path);
	effects = path.point_cnt;
	/* in torture: all that others can see, and as many in between */
	if (torture())
		path_sample(&path, effects + effects / 2 + SAMPLE);
	else
		path_sample(&path, op->sample ? op->sample : SAMPLE);
	if (w.failures == 0)
		killed = run_points(&w, op, &path, kill_at, 1);
	if (w.failures == 0 && !(op->flags & (OP_NO_FREEZE | OP_GATES)))
		frozen =
		    run_points(&w, op, &path, freeze_at, torture() ? 1 : 2);
	failures = w.failures;
	printf("# %s: %llu points, %u failures (%zu instructions, %zu seen by "
	       "others; %llu killed, %llu frozen, %.1f s",
	       op->name, (unsigned long long)(killed + frozen), failures,
	       path.cnt, effects, (unsigned long long)killed,
	       (unsigned long long)frozen,
	       (double)(proc_now_ns() - began) / 1e9);
	if (op->world.sleepers)
		printf(", sleepers waited %.1f ms at most, %u late",
		       (double)w.longest_ns / 1e6, w.late);
	if (w.retries)
		printf(", %llu retries", (unsigned long long)w.retries);
	puts(")");
	world_drop(&w);
	path_fini(&path);
	return failures;
}

static bool
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

int
sweep_main(const char *name, const struct op *ops, size_t cnt, int argc,
	   char **argv)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL,
			      .sigev_signo = SIGUSR2};
	const char *why;
	unsigned ran = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	why = step_unusable();
	if (why) {
		printf("skipped: %s\n", why);
		return 77;
	}
	signal(SIGUSR2, on_impatience);
	if (timer_create(CLOCK_MONOTONIC, &ev, &patience) != 0)
		return 1;
	for (size_t i = 0; i < cnt; i++) {
		if (!wanted(ops[i].name, argc, argv))
			continue;
		ran++;
		failed += sweep(&ops[i]) != 0;
	}
	printf("# %s: %u tests, %u failed, 0 skipped\n", name, ran, failed);
	return failed || !ran;
}
