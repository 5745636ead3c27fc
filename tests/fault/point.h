/* SPDX-License-Identifier: BSD-2-Clause
 *
 * point.h - one victim, one place in its operation, one look at what is left.
 */
#ifndef WI_TESTS_FAULT_POINT_H
#define WI_TESTS_FAULT_POINT_H

#include "fault/path.h"
#include "fault/sweep.h"

/* A watchdog over each victim.  Return: 0 or -1. */
int point_watchdog(void);

/* It is killed after its @n-th instruction, its twin with it.  @path: the way
 * to there; NULL: step all of it.  Return: where it was then. */
enum step_end point_kill(struct world *w, const struct op *op,
			 const struct path *path, uint64_t n);

/* There it stands still, and others go on beside it; then it goes on, too. */
enum step_end point_freeze(struct world *w, const struct op *op,
			   const struct path *path, uint64_t n);

/* Nothing happens to it. */
void point_spare(struct world *w, const struct op *op);

/* Step once through all of it and note the way, and what matters. */
void point_trace(struct world *w, const struct op *op, struct path *path);

#endif
