/* SPDX-License-Identifier: BSD-2-Clause
 *
 * conductor.h - starts the workers of a soak, disturbs and watches them, and
 * tells what came of it.
 */
#ifndef WI_TESTS_SOAK_CONDUCTOR_H
#define WI_TESTS_SOAK_CONDUCTOR_H

#include "soak/table.h"

struct worker {
	struct proc p;
	const char *kind;
	void (*run)(struct soak *s);
	uint32_t turn; /* how many processes the slot has had */
	int runs;
	int64_t thaw_ns;  /* frozen until then; 0: it is not */
	int64_t start_ns; /* it does not: not before */
};

/* Where a consumer was when it was seen to move last. */
struct watch {
	uint64_t gen, next;
	int64_t since_ns;
	int64_t late_ns; /* the same, begun anew when the machine stood still */
	int late;
};

struct conductor {
	struct soak_table *t;
	struct rng rng;
	struct worker ws[SOAK_SLOTS];
	struct watch watches[SOAK_SLOTS][SOAK_HANDS];
	uint32_t cnt;
	uint64_t kills, ends, freezes, lates;
	int64_t began_ns;
	int64_t watched_ns; /* the last look */
};

/* Everything from an empty store to nothing left of it: @seconds of traffic,
 * with a line on stdout every @every_s seconds; then the books.
 * Return: 0, or how many failures were told (on stdout, with the last events
 * of those whom they concern). */
uint64_t soak_run(uint64_t seed, unsigned seconds, unsigned every_s);

/* ---- watch.c: has anybody been forgotten?  To be called all the time. ------
 */

void soak_watch(struct conductor *c);

/* ---- report.c -------------------------------------------------------------
 */

/* Of all slots together. */
struct soak_counts soak_sum(const struct conductor *c);

/* One line of figures; and the failures. */
void soak_report(const struct conductor *c);
void soak_report_failures(const struct conductor *c);

#endif
