/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_syscalls.c - every system call that a deed makes fails, with every
 * error that it can have, one at a time; and those that a kernel or a filter
 * may lack fail all the time.
 *
 *     fault_syscalls [-v] [PART-OF-A-DEED'S-NAME ...]
 *
 * The call is not made; the actor sees the error in its place (close() is
 * made, and then says that it failed, as the kernel does).  Only calls from
 * the C library count: not those of a sanitizer.  The stepper (ptrace) stops
 * the actor at each call.  A first actor is only watched, to see which calls
 * there are.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fault/callerr.h"
#include "fault/heapseam.h"
#include "fault/stepper.h"
#include "fault/trial.h"
#include "support/wanted.h"

#define PATIENCE_S 30 /* for one trial */
#define CALLS_MAX  4096

/* ---- patience ---------------------------------------------------------- */

static timer_t patience;
static struct scene *now_scene;
static bool is_verbose;

static void
on_impatience(int sig)
{
	(void)sig;
	printf("%s: %s: nothing for %d s\n", now_scene->deed, now_scene->point,
	       PATIENCE_S);
	exit(1);
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

/* ---- whose call -------------------------------------------------------- */

static uint64_t libc_from, libc_to;

static void
find_libc(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long long from, to;

	while (f && fgets(line, sizeof(line), f))
		if ((strstr(line, "/libc.so") || strstr(line, "/libc-")) &&
		    sscanf(line, "%llx-%llx r-xp", &from, &to) == 2 &&
		    strstr(line, "r-xp")) {
			libc_from = from;
			libc_to = to;
		}
	if (f)
		fclose(f);
}

static bool
is_ours(const struct step_call *c)
{
	return c->pc >= libc_from && c->pc <= libc_to;
}

/* ---- one trial --------------------------------------------------------- */

/* What is to fail. */
struct failure {
	const struct callerr *kind; /* NULL: nothing */
	size_t n;		    /* which call; 0: all of this kind */
	int err;
};

/* The calls of a deed, in order. */
struct calls {
	const struct callerr *kind[CALLS_MAX];
	size_t cnt;
	unsigned failed;
};

/* It stands before a call.  Return: is that to fail? */
static bool
before_call(struct scene *sc, const struct step_call *c,
	    const struct failure *f, struct calls *calls)
{
	struct syscall_made made = {.nr = c->nr};
	const struct callerr *kind;

	if (!is_ours(c))
		return false;
	memcpy(made.arg, c->arg, sizeof(made.arg));
	kind = callerr_of(&made);
	if (!kind)
		scene_fail(sc, "call %lld is not in the table",
			   (long long)c->nr);
	if (!kind || !kind->errs[0])
		return false;
	if (calls->cnt < CALLS_MAX)
		calls->kind[calls->cnt] = kind;
	calls->cnt++;
	return kind == f->kind && (f->n == 0 || f->n == calls->cnt);
}

/* Once. */
static bool
rouse(struct scene *sc, const struct deed *d, bool is_done)
{
	if (d->asleep && !is_done)
		d->asleep(sc);
	return true;
}

/* Run it through its deed, with failures, and then to its end. */
static enum step_end
run(struct scene *sc, const struct deed *d, struct stepper *s,
    const struct failure *f, struct calls *calls)
{
	bool is_failing = false, was_on = false, was_asleep = false;
	enum step_end end;
	struct step_call c;

	for (;;) {
		end = step_to_call(s, &c);
		if (end == STEP_ASLEEP) {
			was_asleep = rouse(sc, d, was_asleep);
			continue;
		}
		if (end != STEP_STOPPED)
			return end;
		if (was_on && !sc->board->is_on)
			break;
		was_on = sc->board->is_on;
		if (!was_on)
			continue;
		if (!c.is_behind) {
			is_failing = before_call(sc, &c, f, calls);
			calls->failed += is_failing;
			if (is_failing && !f->kind->is_done)
				step_skip_call(s);
		} else if (is_failing) {
			/* brk() has no error: it does not move the break */
			step_set_result(s, c.nr == SYS_brk ? 0 : -f->err);
			is_failing = false;
		}
	}
	/* what is done again may sleep again */
	was_asleep = false;
	while ((end = step_finish(s)) == STEP_ASLEEP)
		was_asleep = rouse(sc, d, was_asleep);
	return end;
}

/* Is what it returned right, the failure being @f? */
static void
judge(struct scene *sc, const struct deed *d, const struct failure *f)
{
	const struct board *b = sc->board;
	bool must = false;

	for (int i = 0; f->kind && f->kind->never[i]; i++)
		must |= f->kind->never[i] == f->err;
	if (b->rc >= 0 || b->problem[0])
		return;
	if (!f->kind)
		scene_fail(sc, "undisturbed it fails: %lld %s",
			   (long long)b->rc, b->message);
	else if (must)
		scene_fail(sc, "it does not do without: %lld %s",
			   (long long)b->rc, b->message);
	else if (!callerr_said(f->kind, f->err, b->rc))
		scene_fail(sc, "%lld does not say the cause: %s",
			   (long long)b->rc, b->message);
	else if (!trial_may(d, b->rc, f->err))
		scene_fail(sc, "its header does not list %lld: %s",
			   (long long)b->rc, b->message);
}

/* Return: calls that failed. */
static unsigned
try(struct scene *sc, const struct deed *d, const struct failure *f,
    struct calls *calls)
{
	struct trial t = {.sc = sc, .d = d};
	unsigned leaves = 0, was = sc->failures;
	struct stepper s;
	enum step_end end;

	be_patient();
	if (f->kind)
		snprintf(sc->point, sizeof(sc->point), "%s%s%.0zu: %s",
			 f->kind->name, f->n ? ", call " : " for good", f->n,
			 strerrorname_np(f->err));
	else
		snprintf(sc->point, sizeof(sc->point), "undisturbed");
	calls->cnt = calls->failed = 0;
	trial_begin(&t);
	if (step_start(&s, trial_prepare, trial_act, &t) != 0) {
		scene_fail(sc, "it does not come to the deed");
		return 0;
	}
	end = run(sc, d, &s, f, calls);
	if (end != STEP_FINISHED)
		scene_fail(sc, "it broke: %x", (unsigned)s.status);
	step_kill(&s);
	judge(sc, d, f);
	if (f->kind && strcmp(f->kind->name, "munmap") == 0)
		leaves |= TRIAL_LEAVES_MAP;
	if (f->kind && strcmp(f->kind->name, "stat") == 0)
		leaves |= TRIAL_LEAVES_FD;
	trial_end(&t, leaves);
	if (is_verbose)
		printf("  %s: %s: %lld %s%s\n", d->name, sc->point,
		       (long long)sc->board->rc, sc->board->message,
		       sc->failures > was ? " <--" : "");
	return calls->failed;
}

/* ---- all of a deed ----------------------------------------------------- */

static bool
is_first(const struct calls *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (c->kind[k] == c->kind[i])
			return false;
	return true;
}

/* Which errors of call @i are tried: in torture all; else all of the first
 * call of a kind, one of each other; with a sanitizer, where a fork is ten
 * times as dear, two of the first. */
static bool
is_tried(const struct calls *seen, size_t i, int k)
{
	if (torture())
		return true;
	if (!is_first(seen, i))
		return !HEAP_IS_SLOW && i % 7 == (size_t)k;
	return !HEAP_IS_SLOW || k == 0 || (size_t)k == i % 5;
}

/* And which of them may be so for good.  (To lose all wake-ups is like losing
 * one, and takes a second.) */
static bool
is_tried_for_good(const struct calls *seen, size_t i, int k)
{
	const struct callerr *kind = seen->kind[i];
	int err = kind->errs[k];
	bool never = false;

	for (int n = 0; kind->never[n]; n++)
		never |= kind->never[n] == err;
	if (!is_first(seen, i) || err == EINTR || err == EAGAIN ||
	    err == ETIMEDOUT)
		return false;
	return torture() || never ||
	       (!HEAP_IS_SLOW && strcmp(kind->name, "futex, wake") != 0);
}

/* Return: failures; *@failed and *@trials are added to. */
static unsigned
all_of(const struct deed *d, unsigned *failed, unsigned *trials)
{
	static struct calls seen, calls;
	struct scene sc = {.deed = d->name};
	struct failure f = {NULL, 0, 0};
	unsigned failed_was = *failed, trials_was = *trials;
	int64_t began = proc_now_ns();

	now_scene = &sc;
	if (scene_make(&sc) != 0)
		return 1;
	if (d->sleeper && scene_sleeper(&sc) != 0)
		return 1;
	/* once to warm up, once to see */
	try(&sc, d, &f, &seen);
	try(&sc, d, &f, &seen);
	for (size_t i = 0; i < seen.cnt && sc.failures < 12; i++) {
		f.kind = seen.kind[i];
		for (int k = 0; f.kind->errs[k]; k++) {
			f.err = f.kind->errs[k];
			if (is_tried(&seen, i, k)) {
				f.n = i + 1;
				*failed += try(&sc, d, &f, &calls);
				++*trials;
			}
			if (is_tried_for_good(&seen, i, k)) {
				f.n = 0;
				*failed += try(&sc, d, &f, &calls);
				++*trials;
			}
		}
	}
	printf("# %s: %zu calls, %u trials, %u calls failed, %u failures "
	       "(%.1f s)\n",
	       d->name, seen.cnt, *trials - trials_was, *failed - failed_was,
	       sc.failures, (double)(proc_now_ns() - began) / 1e9);
	scene_drop(&sc);
	return sc.failures;
}

int
main(int argc, char **argv)
{
	static const struct deed *const tables[] = {
	    deeds_store, deeds_channel, deeds_produce, deeds_consume};
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL,
			      .sigev_signo = SIGUSR2};
	const char *why = step_unusable();
	unsigned ran = 0, bad = 0, failed = 0, trials = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (why) {
		printf("skipped: %s\n", why);
		return 77;
	}
	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		is_verbose = true;
		argv++;
		argc--;
	}
	find_libc();
	signal(SIGUSR2, on_impatience);
	if (!libc_to || timer_create(CLOCK_MONOTONIC, &ev, &patience) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct deed *d = tables[i]; d->name; d++) {
			if (!wanted(d->name, argc, argv))
				continue;
			ran++;
			bad += all_of(d, &failed, &trials) != 0;
		}
	printf("# %u deeds, %u trials, %u calls failed\n", ran, trials, failed);
	printf("# fault_syscalls: %u tests, %u failed, 0 skipped\n", ran, bad);
	return bad || !ran;
}
