/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rng.h - seeded random numbers for tests; the same on every machine.
 *
 * splitmix64: any seed is a good one, 0 too.
 */
#ifndef WI_TESTS_SUPPORT_RNG_H
#define WI_TESTS_SUPPORT_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 .. n - 1; 0 if @n is 0.  The bias of the remainder, below n / 2^64, is
 * nothing to a test. */
static inline uint64_t
rng_below(struct rng *r, uint64_t n)
{
	uint64_t v = rng_next(r);

	return n ? v % n : 0;
}

/* @lo .. @hi, both included. */
static inline uint64_t
rng_range(struct rng *r, uint64_t lo, uint64_t hi)
{
	uint64_t span = hi - lo + 1;

	return span ? lo + rng_below(r, span) : rng_next(r);
}

/* True once in @n times. */
static inline int
rng_one_in(struct rng *r, uint64_t n)
{
	return rng_below(r, n) == 0;
}

static inline void
rng_fill(struct rng *r, void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len--)
		*p++ = (unsigned char)(rng_next(r) >> 56);
}

#endif
