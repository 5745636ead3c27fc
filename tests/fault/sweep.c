/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sweep.c - see sweep.h
 */
#include "fault/sweep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault/point.h"
#include "support/wanted.h"

#define SAMPLE 32
#define LONG   8000 /* instructions; of a longer one, not all in torture */
#define PAST   8    /* points behind the end, before it is believed */

static bool
torture(void)
{
	const char *s = getenv("WEIR_TORTURE");

	return s && *s && strcmp(s, "0") != 0;
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
	w->waits = was.waits;
	w->late = was.late;
	return rc;
}

typedef enum step_end point_fn(struct world *w, const struct op *op,
			       const struct path *path, uint64_t n);

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
		 * passed the place: this time step all the way, unless that
		 * is too long for a sample.  (Two at once often do.) */
		if (end == STEP_FINISHED && n <= path->cnt &&
		    !(op->flags & OP_PAIR) && (torture() || path->cnt <= LONG))
			end = at(w, op, NULL, n);
		past = end == STEP_FINISHED && n > path->cnt ? past + 1 : 0;
		cnt++;
		if (end == STEP_BROKEN || w->failures > 200 ||
		    ((op->flags & OP_FRESH) && renew(w) != 0))
			break;
	}
	return cnt;
}

/* What the operations of a program come to. */
struct sum {
	unsigned cnt, failed; /* operations */
	uint64_t killed, frozen, failures;
};

static void
tell(const struct world *w, const struct path *path, size_t effects,
     const struct sum *s, int64_t began)
{
	printf("# %s: %llu points, %u failures (%zu instructions, %zu seen by "
	       "others; %llu killed, %llu frozen, %.1f s",
	       w->op, (unsigned long long)(s->killed + s->frozen), w->failures,
	       path->cnt, effects, (unsigned long long)s->killed,
	       (unsigned long long)s->frozen,
	       (double)(proc_now_ns() - began) / 1e9);
	if (w->waits)
		printf("; sleepers waited %llu times, %.1f ms at most, %u over "
		       "100 ms",
		       (unsigned long long)w->waits,
		       (double)w->longest_ns / 1e6, w->late);
	if (w->retries)
		printf("; %llu retries", (unsigned long long)w->retries);
	puts(")");
}

static void
sweep(const struct op *op, struct sum *sum)
{
	struct world w = {.op = op->name};
	struct sum s = {.cnt = 1};
	int64_t began = proc_now_ns();
	struct path path;
	size_t effects;

	path_init(&path);
	if (world_make(&w, &op->world) != 0)
		world_fail(&w, "no world");
	if (w.failures == 0 && !(op->flags & OP_FRESH))
		/* the first victim finds much as no later one will; its way
		 * would be of little use */
		point_spare(&w, op);
	if (w.failures == 0)
		point_trace(&w, op, &path);
	effects = path.point_cnt;
	/* in torture: all that others can see, and as many in between */
	if (torture())
		path_sample(&path, effects + effects / 2 + SAMPLE);
	else
		path_sample(&path, op->sample ? op->sample : SAMPLE);
	if (w.failures == 0)
		s.killed = run_points(&w, op, &path, point_kill, 1);
	if (w.failures == 0 && !(op->flags & (OP_NO_FREEZE | OP_PAIR))) {
		/* who is only frozen rings no bell */
		sleepers_look(&w, true);
		s.frozen =
		    run_points(&w, op, &path, point_freeze, torture() ? 1 : 2);
	}
	tell(&w, &path, effects, &s, began);
	sum->cnt++;
	sum->failed += w.failures != 0;
	sum->killed += s.killed;
	sum->frozen += s.frozen;
	sum->failures += w.failures;
	world_drop(&w);
	path_fini(&path);
}

/* Once, or in rings of several sizes. */
static void
sweep_sizes(const struct op *op, int argc, char **argv, struct sum *sum)
{
	static const uint32_t sizes[] = {0, 4, 2};
	size_t cnt = op->flags & OP_RINGS ? 3 : 1;

	for (size_t i = 0; i < cnt; i++) {
		struct op it = *op;
		char name[128];

		if (i > 0) {
			snprintf(name, sizeof(name), "%s, N=%u", op->name,
				 sizes[i]);
			it.name = name;
			it.world.capacity = sizes[i];
			it.sample = (op->sample ? op->sample : SAMPLE) / 2;
		}
		if (wanted(it.name, argc, argv))
			sweep(&it, sum);
	}
}

int
sweep_main(const char *name, const struct op *ops, size_t cnt, int argc,
	   char **argv)
{
	struct sum sum = {.cnt = 0};
	const char *why;

	setvbuf(stdout, NULL, _IOLBF, 0);
	why = step_unusable();
	if (why) {
		printf("skipped: %s\n", why);
		return 77;
	}
	if (point_watchdog() != 0)
		return 1;
	for (size_t i = 0; i < cnt; i++)
		sweep_sizes(&ops[i], argc, argv, &sum);
	printf("# %s: %llu points by kill, %llu by freeze, %llu failures\n",
	       name, (unsigned long long)sum.killed,
	       (unsigned long long)sum.frozen,
	       (unsigned long long)sum.failures);
	printf("# %s: %u tests, %u failed, 0 skipped\n", name, sum.cnt,
	       sum.failed);
	return sum.failed || !sum.cnt;
}
