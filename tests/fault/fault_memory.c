/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_memory.c - every allocation of a deed fails, one at a time; and then,
 * from each on, all of them.
 *
 *     fault_memory [-v] [PART-OF-A-DEED'S-NAME ...]
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fault/heapseam.h"
#include "fault/trial.h"
#include "support/wanted.h"

static bool is_verbose;

static int
actor(struct proc *me, void *trial)
{
	(void)me;
	trial_prepare(trial);
	trial_act(trial);
	return 0;
}

static void
judge(struct scene *sc, const struct deed *d)
{
	const struct board *b = sc->board;

	if (b->rc >= 0 || b->problem[0])
		return;
	if (!b->fail_at)
		scene_fail(sc, "undisturbed it fails: %lld %s",
			   (long long)b->rc, b->message);
	else if (b->rc != -ENOMEM)
		scene_fail(sc, "%lld does not say the cause: %s",
			   (long long)b->rc, b->message);
	else if (!trial_may(d, b->rc, ENOMEM))
		scene_fail(sc, "its header does not list -ENOMEM");
}

/* Allocation @n fails; @all: all from there on; 0: none.
 * Return: how many there were. */
static uint64_t
try(struct scene *sc, const struct deed *d, uint64_t n, bool all)
{
	struct trial t = {.sc = sc, .d = d};
	unsigned was = sc->failures;
	struct proc p;
	int rc;

	snprintf(sc->point, sizeof(sc->point), "allocation %llu%s",
		 (unsigned long long)n, all ? " and all after it" : "");
	trial_begin(&t);
	sc->board->fail_at = n;
	sc->board->fail_all = all;
	if (proc_start(&p, actor, &t) != 0) {
		scene_fail(sc, "cannot start the actor");
		return 0;
	}
	rc = proc_wait(&p);
	if (rc != 0)
		scene_fail(sc, "it broke: %d", rc);
	judge(sc, d);
	trial_end(&t, 0);
	if (is_verbose)
		printf("  %s: %s: %lld %s%s\n", d->name, sc->point,
		       (long long)sc->board->rc, sc->board->message,
		       sc->failures > was ? " <--" : "");
	return sc->board->allocations;
}

static unsigned
all_of(const struct deed *d, unsigned *trials)
{
	struct scene sc = {.deed = d->name};
	uint64_t cnt;

	if (scene_make(&sc) != 0 || (d->sleeper && scene_sleeper(&sc) != 0))
		return 1;
	cnt = try(&sc, d, 0, false);
	for (uint64_t n = 1; n <= cnt && sc.failures < 12; n++) {
		/* what is slow tries less of it */
		if (!HEAP_IS_SLOW || n < 8 || n % 3 == 0) {
			try(&sc, d, n, false);
			++*trials;
		}
		if (!HEAP_IS_SLOW || n % 3 == 1) {
			try(&sc, d, n, true);
			++*trials;
		}
	}
	if (cnt || sc.failures)
		printf("# %s: %llu allocations, %u failures\n", d->name,
		       (unsigned long long)cnt, sc.failures);
	scene_drop(&sc);
	return sc.failures;
}

int
main(int argc, char **argv)
{
	static const struct deed *const tables[] = {
	    deeds_store, deeds_channel, deeds_produce, deeds_consume};
	unsigned ran = 0, bad = 0, trials = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		is_verbose = true;
		argv++;
		argc--;
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct deed *d = tables[i]; d->name; d++) {
			/* it would be woken by a survivor who is not asked */
			if (d->asleep || !wanted(d->name, argc, argv))
				continue;
			ran++;
			bad += all_of(d, &trials) != 0;
		}
	printf("# %u deeds, %u trials\n", ran, trials);
	printf("# fault_memory: %u tests, %u failed, 0 skipped\n", ran, bad);
	return bad || !ran;
}
