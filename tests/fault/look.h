/* SPDX-License-Identifier: BSD-2-Clause
 *
 * look.h - what must hold for the others when a victim stands still, and when
 * it is gone.
 */
#ifndef WI_TESTS_FAULT_LOOK_H
#define WI_TESTS_FAULT_LOOK_H

#include "fault/sweep.h"

/* The victim stands still. */
void look_beside(struct world *w, const struct op *op);

/* The victim and its twin, if there is one, have died. */
struct end {
	bool finished, twin_finished; /* and had done all before */
	int64_t since;		      /* when */
};
void look_after(struct world *w, const struct op *op, struct end e);

#endif
