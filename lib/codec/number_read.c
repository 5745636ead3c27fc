/* SPDX-License-Identifier: BSD-2-Clause */
#include "codec/number.h"

#include <errno.h>

#include "base/bytes.h"
#include "codec/big.h"

/* A double lies exactly between two others on at most 767 digits; of what
 * follows it only matters whether it is all zeros. */
#define DIGITS 800

#define POW5_MAX 27 /* 5^27 < 2^63 */

struct decimal {
	uint64_t mant;	 /* first 19 significant digits */
	int64_t exp;	 /* of ten, for mant */
	int64_t sig_cnt; /* significant digits */
	int exact;	 /* mant has all that are not 0 */
	int negative;
};

static void
scan(const char *p, const char *end, struct decimal *d)
{
	int64_t exp = 0;
	int frac = 0, minus;

	memset(d, 0, sizeof(*d));
	d->exact = 1;
	d->negative = *p == '-';
	for (p += d->negative; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			frac = 1;
			continue;
		}
		if (*p == '0' && d->sig_cnt == 0) {
			d->exp -= frac;
			continue;
		}
		if (++d->sig_cnt <= 19) {
			d->mant = d->mant * 10 + (uint64_t)(*p - '0');
			d->exp -= frac;
		} else {
			d->exp += !frac;
			d->exact &= *p == '0';
		}
	}
	if (p >= end)
		return;
	minus = *++p == '-';
	p += *p == '-' || *p == '+';
	for (; p < end; p++)
		if (exp < INT64_MAX / 100)
			exp = exp * 10 + (*p - '0');
	d->exp += minus ? -exp : exp;
}

/* The double nearest to (@q + something) * 2^@exp, where q >= 2^62 and the
 * something is 0, or between 0 and 1 if @more is set. */
static int
compose(uint64_t q, int more, int64_t exp, uint64_t *bits)
{
	int lead = __builtin_clzll(q);
	int64_t biased;
	uint64_t m, rest, half;
	unsigned drop = 11;

	q <<= lead;
	biased = exp - lead + 63 + 1023;
	if (biased >= 0x7ff)
		return -ERANGE;
	if (biased < -60) {
		*bits = 0;
		return 0;
	}
	if (biased < 1) {
		drop += (unsigned)(1 - biased);
		biased = 1;
	}
	if (drop > 64) {
		*bits = 0;
		return 0;
	}
	m = drop < 64 ? q >> drop : 0;
	rest = drop < 64 ? q & ((1ull << drop) - 1) : q;
	half = 1ull << (drop - 1);
	m += rest > half || (rest == half && (more || m & 1));
	/* A normal m has bit 52 set, which adds the missing 1 to the
	 * exponent, and a carry out of m adds another. */
	*bits = ((uint64_t)(biased - 1) << 52) + m;
	return *bits >> 52 == 0x7ff ? -ERANGE : 0;
}

static int
compose_wide(wi_u128 v, int more, int64_t exp, uint64_t *bits)
{
	uint64_t hi = (uint64_t)(v >> 64), lo = (uint64_t)v;
	int lead;

	if (hi == 0) {
		lead = __builtin_clzll(lo);
		return compose(lo << lead, more, exp - lead, bits);
	}
	lead = __builtin_clzll(hi);
	v <<= lead;
	more |= (uint64_t)v != 0;
	return compose((uint64_t)(v >> 64), more, exp + 64 - lead, bits);
}

/* Up to 19 digits and a small power of ten: 128 bits hold it all. */
static int
read_small(uint64_t mant, int exp, uint64_t *bits)
{
	int lead = __builtin_clzll(mant);
	uint64_t pow5 = 1;
	wi_u128 v;

	for (int i = exp < 0 ? -exp : exp; i > 0; i--)
		pow5 *= 5;
	if (exp >= 0)
		return compose_wide((wi_u128)mant * pow5, 0, exp, bits);
	v = (wi_u128)(mant << lead) << 63;
	return compose_wide(v / pow5, v % pow5 != 0, exp - 63 - lead, bits);
}

/* The significant digits of [p, end) as one natural number. */
static int64_t
digits(const char *p, const char *end, struct wi_big *b)
{
	int64_t cnt = 0;
	int more = 0;

	wi_big_set(b, 0);
	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p < '0' || *p > '9' || (cnt == 0 && *p == '0'))
			continue;
		if (cnt == DIGITS) {
			more |= *p != '0';
			continue;
		}
		wi_big_mul(b, 10, (uint32_t)(*p - '0'));
		cnt++;
	}
	if (!more)
		return cnt;
	wi_big_mul(b, 10, 1);
	return cnt + 1;
}

static int
read_big(const char *p, const char *end, int64_t point, uint64_t *bits)
{
	struct wi_big num, den;
	int64_t exp, shift;
	uint64_t q = 0;
	unsigned n;

	exp = point - digits(p, end, &num);
	wi_big_set(&den, 1);
	if (exp >= 0)
		wi_big_mul_pow5(&num, (unsigned)exp);
	else
		wi_big_mul_pow5(&den, (unsigned)-exp);

	/* Make 2^62 < num / den < 2^64 and divide, bit by bit. */
	shift = (int64_t)wi_big_bits(&den) + 63 - (int64_t)wi_big_bits(&num);
	if (shift >= 0)
		wi_big_shl(&num, (unsigned)shift);
	else
		wi_big_shl(&den, (unsigned)-shift);
	wi_big_shl(&den, 63);
	for (n = 0; n < 64; n++) {
		q <<= 1;
		if (wi_big_cmp(&num, &den) >= 0) {
			wi_big_sub(&num, &den);
			q |= 1;
		}
		wi_big_shl(&num, 1);
	}
	return compose(q, num.cnt > 0, exp - shift, bits);
}

int
wi_number_read(const char *p, const char *end, uint64_t *bits)
{
	struct decimal d;
	int64_t point;
	int err;

	scan(p, end, &d);
	/* The value is between 10^(point-1) and 10^point. */
	point = d.exp + (d.sig_cnt < 19 ? d.sig_cnt : 19);
	*bits = 0;
	if (d.mant == 0 || point < -330) {
		err = 0;
	} else if (point > 310) {
		return -ERANGE;
	} else if (d.exact && d.exp >= -POW5_MAX && d.exp <= POW5_MAX) {
		err = read_small(d.mant, (int)d.exp, bits);
	} else {
		err = read_big(p, end, point, bits);
	}
	*bits |= (uint64_t)d.negative << 63;
	return err;
}

int
wi_number_float(uint64_t bits, uint32_t *f)
{
	uint64_t frac = bits & 0xfffffffffffffu;
	unsigned e = (unsigned)(bits >> 52) & 0x7ff, drop = 29;
	uint32_t sign = (uint32_t)(bits >> 63) << 31;

	if (bits << 1 == 0) {
		*f = sign;
		return 1;
	}
	/* 1023 - 126 is the least exponent of a normal float */
	if (e > 1023 + 127 || e < 1023 - 149)
		return 0;
	if (e < 1023 - 126) {
		drop += 1023 - 126 - e;
		frac |= 1ull << 52;
		e = 0;
	} else {
		e -= 1023 - 127;
	}
	if (frac & ((1ull << drop) - 1))
		return 0;
	*f = sign | (uint32_t)e << 23 | (uint32_t)(frac >> drop);
	return 1;
}
