/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_filtered.c - deeds in a process that may not make some call at all,
 * as under an old kernel or a strict container, from its first line to its
 * last and in all its threads: weir does without.
 *
 *     fault_filtered [-v] [PART-OF-A-DEED'S-NAME ...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fault/heapseam.h"
#include "fault/trial.h"
#include "support/wanted.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* What weir does without, and what a filter answers in its place. */
static const struct filter {
	const char *name;
	uint32_t nr[2];
	uint32_t err;
} filters[] = {
    {"no futex_waitv: ENOSYS", {SYS_futex_waitv, SYS_futex_waitv}, ENOSYS},
    {"no futex_waitv: EPERM", {SYS_futex_waitv, SYS_futex_waitv}, EPERM},
    {"no membarrier: ENOSYS", {SYS_membarrier, SYS_membarrier}, ENOSYS},
    {"no membarrier: EPERM", {SYS_membarrier, SYS_membarrier}, EPERM},
    {"no robust list: ENOSYS",
     {SYS_get_robust_list, SYS_set_robust_list},
     ENOSYS},
    {"no robust list: EPERM",
     {SYS_get_robust_list, SYS_set_robust_list},
     EPERM},
    {"no memfd: ENOSYS", {SYS_memfd_create, SYS_memfd_create}, ENOSYS},
    {"no memfd: EPERM", {SYS_memfd_create, SYS_memfd_create}, EPERM},
    {"no getrandom: ENOSYS", {SYS_getrandom, SYS_getrandom}, ENOSYS},
    {"no clone3: ENOSYS", {SYS_clone3, SYS_clone3}, ENOSYS},
    {"no mincore: EPERM", {SYS_mincore, SYS_mincore}, EPERM},
    {"no getrlimit: EPERM", {SYS_prlimit64, SYS_prlimit64}, EPERM},
};

#define CNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_verbose;

/* Return: 0 or -errno. */
static int
obey(const struct filter *f)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, f->nr[0], 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, f->nr[1], 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | f->err),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {(unsigned short)CNT(code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return -errno;
	return 0;
}

struct turn {
	struct trial t;
	const struct filter *f;
};

#define NOT_OBEYED 100

static int
actor(struct proc *me, void *arg)
{
	struct turn *turn = arg;

	(void)me;
	if (obey(turn->f) != 0)
		return NOT_OBEYED;
	trial_prepare(&turn->t);
	trial_act(&turn->t);
	return 0;
}

/* Where somebody must wake him. */
static void
rouse(struct scene *sc, const struct deed *d, struct proc *p)
{
	while (!__atomic_load_n(&sc->board->is_on, __ATOMIC_SEQ_CST) &&
	       !proc_ended(p))
		proc_nap_ms(1);
	if (proc_await_asleep(p) == 0)
		d->asleep(sc);
}

/* Return: 0; -1: no filters here. */
static int
try(struct scene *sc, const struct deed *d, const struct filter *f)
{
	struct turn turn = {.t = {.sc = sc, .d = d}, .f = f};
	unsigned was = sc->failures;
	struct proc p;
	int rc;

	snprintf(sc->point, sizeof(sc->point), "%s", f->name);
	trial_begin(&turn.t);
	if (proc_start(&p, actor, &turn) != 0)
		return -1;
	if (d->asleep)
		rouse(sc, d, &p);
	rc = proc_wait(&p);
	if (rc == NOT_OBEYED)
		return -1;
	if (rc != 0)
		scene_fail(sc, "it broke: %d", rc);
	if (sc->board->rc < 0)
		scene_fail(sc, "it does not do without: %lld %s",
			   (long long)sc->board->rc, sc->board->message);
	trial_end(&turn.t, 0);
	if (is_verbose)
		printf("  %s: %s: %lld %s%s\n", d->name, sc->point,
		       (long long)sc->board->rc, sc->board->message,
		       sc->failures > was ? " <--" : "");
	return 0;
}

/* Return: failures; -1: no filters here. */
static int
all_of(const struct deed *d)
{
	struct scene sc = {.deed = d->name};

	if (scene_make(&sc) != 0 || (d->sleeper && scene_sleeper(&sc) != 0))
		return 1;
	for (size_t i = 0; i < CNT(filters) && sc.failures < 12; i++)
		if (try(&sc, d, &filters[i]) != 0) {
			scene_drop(&sc);
			return -1;
		}
	if (sc.failures)
		printf("# %s: %u failures\n", d->name, sc.failures);
	scene_drop(&sc);
	return (int)sc.failures;
}

int
main(int argc, char **argv)
{
	static const struct deed *const tables[] = {
	    deeds_store, deeds_channel, deeds_produce, deeds_consume};
	unsigned ran = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		is_verbose = true;
		argv++;
		argc--;
	}
	for (size_t i = 0; i < CNT(tables); i++)
		for (const struct deed *d = tables[i]; d->name; d++) {
			int rc;

			if (!wanted(d->name, argc, argv))
				continue;
			rc = all_of(d);
			if (rc < 0) {
				printf("skipped: no seccomp filters here\n");
				return 77;
			}
			ran++;
			bad += rc != 0;
		}
	printf("# %u deeds under each of %zu filters\n", ran, CNT(filters));
	printf("# fault_filtered: %u tests, %u failed, 0 skipped\n", ran, bad);
	return bad || !ran;
}
