/* SPDX-License-Identifier: BSD-2-Clause
 *
 * path.c - see path.h
 */
#include "fault/path.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COST_MAX 200	    /* steps to a point of a sample */
#define TABLE	 (1u << 18) /* more addresses than operations have */

static void *
grow(void *p, size_t cnt, size_t len)
{
	p = realloc(p, cnt * len);
	if (p)
		return p;
	puts("out of memory");
	exit(1);
}

void
path_init(struct path *p)
{
	memset(p, 0, sizeof(*p));
	p->table = grow(NULL, TABLE, sizeof(*p->table));
	memset(p->table, 0, TABLE * sizeof(*p->table));
}

void
path_fini(struct path *p)
{
	free(p->pc);
	free(p->hit);
	free(p->point);
	free(p->table);
}

void
path_add(struct path *p, uint64_t pc)
{
	uint64_t h = pc * UINT64_C(0x9e3779b97f4a7c15) >> 40;
	struct path_count *c;

	for (;; h++) {
		c = &p->table[h % TABLE];
		if (c->pc == pc || c->pc == 0)
			break;
	}
	c->pc = pc;
	c->hit++;
	if (p->cnt == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 4096;
		p->pc = grow(p->pc, p->cap, sizeof(*p->pc));
		p->hit = grow(p->hit, p->cap, sizeof(*p->hit));
	}
	p->pc[p->cnt] = pc;
	p->hit[p->cnt++] = c->hit;
}

void
path_add_point(struct path *p, uint64_t n)
{
	if (p->point_cnt == p->point_cap) {
		p->point_cap = p->point_cap ? 2 * p->point_cap : 256;
		p->point = grow(p->point, p->point_cap, sizeof(*p->point));
	}
	p->point[p->point_cnt++] = n;
}

/* Entry i is where step i + 1 ended. */
static uint64_t
search(const struct path *p, uint64_t n, uint64_t *cost)
{
	uint64_t best = 0;

	if (n > p->cnt + 1)
		n = p->cnt + 1;
	*cost = n;
	/* A stop on the way costs about as much as a step.  A breakpoint
	 * where it starts may or may not be hit at once. */
	for (uint64_t m = n; m-- > 1 && n - m < *cost;)
		if (p->hit[m - 1] + n - m < *cost && p->pc[m - 1] != p->from) {
			best = m;
			*cost = p->hit[m - 1] + n - m;
		}
	return best;
}

uint64_t
path_anchor(const struct path *p, uint64_t n)
{
	uint64_t cost;

	return search(p, n, &cost);
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
path_sample(struct path *p, size_t most)
{
	size_t noted = p->point_cnt, keep = most - most / 3, n;

	if (noted > keep) {
		for (size_t i = 0; i < keep; i++)
			p->point[i] = p->point[i * noted / keep];
		p->point_cnt = keep;
	}
	n = most > p->point_cnt ? most - p->point_cnt : 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t at = p->cnt * (2 * i + 1) / (2 * n), cost;

		/* not in the middle of a long loop */
		while (search(p, at, &cost), cost > COST_MAX)
			at -= cost < at ? COST_MAX / 2 : at;
		path_add_point(p, at);
	}
	qsort(p->point, p->point_cnt, sizeof(*p->point), by_number);
	n = 0;
	for (size_t i = 0; i < p->point_cnt; i++)
		if (n == 0 || p->point[i] != p->point[n - 1])
			p->point[n++] = p->point[i];
	p->point_cnt = n;
}
