/* SPDX-License-Identifier: BSD-2-Clause
 *
 * big.h - natural numbers of up to 3072 bits, on the stack.
 *
 * The widest that number_*.c need: 801 decimal digits (2661 bits), 5^1131
 * (2627 bits) and 64 bits more for a quotient.  Callers keep to that.
 */
#ifndef WI_CODEC_BIG_H
#define WI_CODEC_BIG_H

#include <stdint.h>
#include <string.h>

#define WI_BIG_LIMBS 96

struct wi_big {
	unsigned cnt; /* limbs in use; the highest is not 0 */
	uint32_t limb[WI_BIG_LIMBS];
};

static inline void
wi_big_set(struct wi_big *b, uint64_t v)
{
	b->limb[0] = (uint32_t)v;
	b->limb[1] = (uint32_t)(v >> 32);
	b->cnt = v >> 32 ? 2 : v != 0;
}

/* b = b * mul + add */
static inline void
wi_big_mul(struct wi_big *b, uint32_t mul, uint32_t add)
{
	uint64_t carry = add;

	for (unsigned i = 0; i < b->cnt; i++) {
		carry += (uint64_t)b->limb[i] * mul;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		b->limb[b->cnt++] = (uint32_t)carry;
}

static inline void
wi_big_shl(struct wi_big *b, unsigned bits)
{
	unsigned limbs = bits / 32;
	uint32_t carry = 0;

	bits %= 32;
	if (b->cnt == 0)
		return;
	if (bits > 0) {
		for (unsigned i = 0; i < b->cnt; i++) {
			uint32_t v = b->limb[i];

			b->limb[i] = v << bits | carry;
			carry = v >> (32 - bits);
		}
		if (carry)
			b->limb[b->cnt++] = carry;
	}
	if (limbs > 0) {
		memmove(b->limb + limbs, b->limb, b->cnt * sizeof(*b->limb));
		memset(b->limb, 0, limbs * sizeof(*b->limb));
		b->cnt += limbs;
	}
}

/* b = b * 5^exp */
static inline void
wi_big_mul_pow5(struct wi_big *b, unsigned exp)
{
	uint32_t rest = 1;

	for (; exp >= 13; exp -= 13)
		wi_big_mul(b, 1220703125, 0); /* 5^13 */
	while (exp-- > 0)
		rest *= 5;
	wi_big_mul(b, rest, 0);
}

static inline int
wi_big_cmp(const struct wi_big *a, const struct wi_big *b)
{
	if (a->cnt != b->cnt)
		return a->cnt < b->cnt ? -1 : 1;
	for (unsigned i = a->cnt; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

/* a = a - b, where a >= b */
static inline void
wi_big_sub(struct wi_big *a, const struct wi_big *b)
{
	uint32_t borrow = 0;

	for (unsigned i = 0; i < a->cnt; i++) {
		uint64_t take =
		    (uint64_t)(i < b->cnt ? b->limb[i] : 0) + borrow;

		borrow = a->limb[i] < take;
		a->limb[i] = (uint32_t)(a->limb[i] - take);
	}
	while (a->cnt > 0 && a->limb[a->cnt - 1] == 0)
		a->cnt--;
}

/* sum = a + b */
static inline void
wi_big_add(struct wi_big *sum, const struct wi_big *a, const struct wi_big *b)
{
	unsigned cnt = a->cnt > b->cnt ? a->cnt : b->cnt;
	uint64_t carry = 0;

	for (unsigned i = 0; i < cnt; i++) {
		carry += i < a->cnt ? a->limb[i] : 0;
		carry += i < b->cnt ? b->limb[i] : 0;
		sum->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		sum->limb[cnt++] = (uint32_t)carry;
	sum->cnt = cnt;
}

static inline unsigned
wi_big_bits(const struct wi_big *b)
{
	if (b->cnt == 0)
		return 0;
	return b->cnt * 32 - (unsigned)__builtin_clz(b->limb[b->cnt - 1]);
}

#endif
