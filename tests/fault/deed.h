/* SPDX-License-Identifier: BSD-2-Clause
 *
 * deed.h - the things that programs ask of weir, as a table.
 */
#ifndef WI_TESTS_FAULT_DEED_H
#define WI_TESTS_FAULT_DEED_H

#include "fault/scene.h"

#define MAY_MAX 8

struct deed {
	const char *name;
	/* what its header lists, as far as calls that fail can bring it
	 * about; 0 at the end */
	int may[MAY_MAX + 1];
	bool system;  /* "and others from the system" */
	bool sleeper; /* somebody sleeps on the channels meanwhile */
	/* in the actor, undisturbed; 0 or -1 */
	int (*prepare)(struct actor *a);
	/* in the actor, while calls fail; >= 0 or an error */
	int64_t (*act)(struct actor *a);
	/* in the survivor, when the actor sleeps */
	void (*asleep)(struct scene *sc);
	/* in the actor: is there what act promised?  Then undo it. */
	void (*after)(struct actor *a);
};

/* The tables, each ending with a row without a name. */
extern const struct deed deeds_store[], deeds_channel[], deeds_produce[],
    deeds_consume[];

#endif
