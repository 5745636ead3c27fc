/* SPDX-License-Identifier: BSD-2-Clause
 *
 * trial.h - one deed in a process of its own, and what must hold of it
 * however it ends.
 *
 *     trial_begin(&t);        in the survivor: the board is cleared
 *     trial_prepare(&t);      in the actor, undisturbed
 *     trial_act(&t);          in the actor: the deed, while calls fail; then
 *                             undisturbed: again if it failed, is there what
 *                             it promised, everything closed, nothing left
 *     trial_end(&t, said);    in the survivor, when the actor is gone
 *
 * An error must be one that the header lists, and the same deed must succeed
 * when it is done again at once.
 */
#ifndef WI_TESTS_FAULT_TRIAL_H
#define WI_TESTS_FAULT_TRIAL_H

#include "fault/deed.h"

/* What a process has. */
struct belongings {
	uint64_t fds[8]; /* a bit for each */
	uint64_t shared; /* bytes of mappings of files */
	int64_t heap;
};

struct trial {
	struct scene *sc;
	const struct deed *d;
	struct actor a;
	struct belongings before;
};

void trial_begin(struct trial *t);
int trial_prepare(void *trial);
void trial_act(void *trial);

/* What calls that failed on purpose may leave behind. */
#define TRIAL_LEAVES_FD	 1u
#define TRIAL_LEAVES_MAP 2u

void trial_end(struct trial *t, unsigned leaves);

/* Does its header list this error? */
bool trial_may(const struct deed *d, int64_t rc, int err);

#endif
