/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hist.h - a histogram of times with buckets of about 1.5 %.
 *
 * Values are counted exactly below 128 and in 64 buckets per power of two
 * above; the smallest and the largest are kept as they are.  It is plain
 * memory without pointers, so it can lie in memory shared with a child.
 */
#ifndef WI_BENCH_HIST_H
#define WI_BENCH_HIST_H

#include <stdint.h>

#define HIST_SUB     64
#define HIST_BUCKETS (HIST_SUB * 40)

struct hist {
	uint64_t cnt, min, max;
	uint32_t bucket[HIST_BUCKETS];
};

/* hist_reset - no values. */
void hist_reset(struct hist *h);

/* hist_add - count @v; beyond 2^45 it counts as that. */
static inline void
hist_add(struct hist *h, uint64_t v)
{
	uint32_t i = (uint32_t)v, e;

	if (v >= 2 * HIST_SUB) {
		e = 57 - (uint32_t)__builtin_clzll(v); /* v >> e: 64 .. 127 */
		i = e * HIST_SUB + (uint32_t)(v >> e);
		if (i >= HIST_BUCKETS)
			i = HIST_BUCKETS - 1;
	}
	h->bucket[i]++;
	h->cnt++;
	if (v < h->min)
		h->min = v;
	if (v > h->max)
		h->max = v;
}

/* hist_merge - add all of @from to @to. */
void hist_merge(struct hist *to, const struct hist *from);

/* hist_at - the value below which @share (0 .. 1) of all lie; 0 if there are
 * none. */
double hist_at(const struct hist *h, double share);

#endif
