/* SPDX-License-Identifier: BSD-2-Clause
 *
 * path.h - the way a victim took through its operation, and which places on
 * it are worth dying at.
 *
 * Another victim, set going to "before that address, for the k-th time", is
 * as far as one that was stepped there, and is there a thousand times sooner.
 * It may have taken another way; then it finishes instead of arriving, or
 * arrives in a place that is as good.
 */
#ifndef WI_TESTS_FAULT_PATH_H
#define WI_TESTS_FAULT_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path {
	/* step i: the address of the instruction that comes next, and how
	 * often it had come by then */
	uint64_t *pc;
	uint32_t *hit;
	size_t cnt, cap;
	uint64_t from; /* where it stood at first */
	/* steps after which others could see something new; then what
	 * path_sample() makes of them */
	uint64_t *point;
	size_t point_cnt, point_cap;

	struct path_count {
		uint64_t pc;
		uint32_t hit;
	} * table;
};

void path_init(struct path *p);
void path_fini(struct path *p);

/* The next step; @pc is where it stands afterwards. */
void path_add(struct path *p, uint64_t pc);
void path_add_point(struct path *p, uint64_t n);

/* A step before @n from which, found by its address, @n is soonest reached;
 * 0: the beginning. */
uint64_t path_anchor(const struct path *p, uint64_t n);

/* Keep @most points: two thirds of those noted, evenly if there are more,
 * and others in between. */
void path_sample(struct path *p, size_t most);

#endif
