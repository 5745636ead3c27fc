/* SPDX-License-Identifier: BSD-2-Clause
 *
 * soak_crowd.c - producers and consumers of every kind at once, killed,
 * frozen and ended at random.
 *
 * A few seconds of it; `make soak MINUTES=N` for longer.
 */
#include <stdlib.h>

#include "soak/conductor.h"

#define SECONDS		6
#define SECONDS_TORTURE 300

static void
crowd_loses_doubles_tears_and_reorders_nothing(void)
{
	const char *s = getenv("WEIR_SOAK_SECONDS");
	unsigned seconds = s && *s	 ? (unsigned)strtoul(s, NULL, 10)
			   : t_torture() ? SECONDS_TORTURE
					 : SECONDS;

	CU_ASSERT_EQUAL(soak_run(t_seed(0x50a4), seconds, 10), 0);
}

SUITE("crowd", TEST(crowd_loses_doubles_tears_and_reorders_nothing));
