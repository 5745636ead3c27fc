/* SPDX-License-Identifier: BSD-2-Clause */
#include "hist.h"

#include <string.h>

void
hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

void
hist_merge(struct hist *to, const struct hist *from)
{
	for (int i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
	to->cnt += from->cnt;
	if (from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
}

/* The smallest value of bucket @i. */
static double
lower(int i)
{
	int e = i < 2 * HIST_SUB ? 0 : i / HIST_SUB - 1;

	return (double)((uint64_t)(i - e * HIST_SUB) << e);
}

double
hist_at(const struct hist *h, double share)
{
	double want = share * (double)h->cnt, below = 0, v;

	if (h->cnt == 0)
		return 0;
	for (int i = 0; i < HIST_BUCKETS; i++) {
		double in = (double)h->bucket[i];

		if (in > 0 && below + in >= want) {
			/* as if spread evenly over the bucket */
			v = lower(i) +
			    (lower(i + 1) - lower(i)) * (want - below) / in;
			if (v < (double)h->min)
				return (double)h->min;
			return v > (double)h->max ? (double)h->max : v;
		}
		below += in;
	}
	return (double)h->max;
}
