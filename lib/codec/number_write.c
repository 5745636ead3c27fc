/* SPDX-License-Identifier: BSD-2-Clause
 *
 * number_write.c - the shortest decimal of a double.
 *
 * A double m * 2^e owns the reals that are nearer to it than to its
 * neighbours: half a step to each side, below a power of two a quarter; the
 * ends themselves if m is even, since reading rounds ties to even.  Wanted
 * is the decimal with the fewest digits in there, of several the nearest,
 * of two the even one.
 */
#include "base/bytes.h"
#include "codec/big.h"
#include "codec/number.h"

struct binary {
	uint64_t m;
	int e;
	int even;
	int quarter; /* the step below is half of the step above */
};

/* A decimal: digits * 10^exp. */
struct decimal {
	uint64_t digits;
	int exp;
};

/* 1e-5 .. 2^53, roughly: try 0, 1, 2 ... digits behind the point until one
 * of the two decimals around the double is its own.  128 bits hold it. */
static int
shortest_small(const struct binary *b, struct decimal *out)
{
	wi_u128 scaled = b->m, pow10 = 1, below, above, floor;
	unsigned sh = (unsigned)-b->e;

	if (b->e >= 0 || b->e < -120)
		return 0;
	for (int k = 0; scaled >> 123 == 0; k++) {
		int floor_ok, ceil_ok;

		floor = scaled >> sh;
		below = scaled - (floor << sh);
		above = ((wi_u128)1 << sh) - below;
		below <<= 1 + b->quarter;
		above <<= 1;
		floor_ok = below < pow10 || (below == pow10 && b->even);
		ceil_ok = above < pow10 || (above == pow10 && b->even);
		if (floor_ok || ceil_ok) {
			below >>= b->quarter;
			if (!floor_ok ||
			    (ceil_ok &&
			     (above < below || (above == below && floor & 1))))
				floor++;
			out->digits = (uint64_t)floor;
			out->exp = -k;
			return 1;
		}
		scaled *= 10;
		pow10 *= 10;
	}
	return 0;
}

/* All the others: long division of big numbers, digit by digit, until what
 * is left is within the double's own reals. */
static void
shortest_big(const struct binary *b, struct decimal *out)
{
	struct wi_big r, s, up, down, sum; /* r / s; half steps up/s, down/s */
	unsigned wide = 1 + (unsigned)b->quarter;
	int log2 = 63 - __builtin_clzll(b->m) + b->e;
	int k, low, high;
	unsigned digit;

	wi_big_set(&r, b->m);
	wi_big_set(&s, 1);
	wi_big_set(&up, 1u << b->quarter);
	wi_big_set(&down, 1);
	wi_big_shl(&r, wide);
	wi_big_shl(&s, wide);
	if (b->e >= 0) {
		wi_big_shl(&r, (unsigned)b->e);
		wi_big_shl(&up, (unsigned)b->e);
		wi_big_shl(&down, (unsigned)b->e);
	} else {
		wi_big_shl(&s, (unsigned)-b->e);
	}

	/* k: the double is below 10^k; guessed not too high, then raised */
	k = log2 >= 0 ? log2 * 30102 / 100000 : log2 * 30103 / 100000 - 1;
	if (k >= 0) {
		wi_big_mul_pow5(&s, (unsigned)k);
		wi_big_shl(&s, (unsigned)k);
	} else {
		struct wi_big *const all[] = {&r, &up, &down};

		for (unsigned i = 0; i < 3; i++) {
			wi_big_mul_pow5(all[i], (unsigned)-k);
			wi_big_shl(all[i], (unsigned)-k);
		}
	}
	for (;; k++) {
		wi_big_add(&sum, &r, &up);
		if (wi_big_cmp(&sum, &s) < !b->even)
			break;
		wi_big_mul(&s, 10, 0);
	}

	out->digits = 0;
	do {
		wi_big_mul(&r, 10, 0);
		wi_big_mul(&up, 10, 0);
		wi_big_mul(&down, 10, 0);
		for (digit = 0; wi_big_cmp(&r, &s) >= 0; digit++)
			wi_big_sub(&r, &s);
		out->digits = out->digits * 10 + digit;
		k--;
		low = wi_big_cmp(&r, &down) < b->even;
		wi_big_add(&sum, &r, &up);
		high = wi_big_cmp(&sum, &s) > -b->even;
	} while (!low && !high);
	wi_big_shl(&r, 1);
	if (!low || (high && wi_big_cmp(&r, &s) + (int)(digit & 1) > 0))
		out->digits++;
	out->exp = k;
}

static size_t
put_exponent(char *buf, int exp)
{
	size_t n = 0;

	buf[n++] = 'e';
	if (exp < 0) {
		buf[n++] = '-';
		exp = -exp;
	}
	if (exp >= 100)
		buf[n++] = (char)('0' + exp / 100);
	if (exp >= 10)
		buf[n++] = (char)('0' + exp / 10 % 10);
	buf[n++] = (char)('0' + exp % 10);
	return n;
}

/* 0.001 and 12345678901234567.0 in full, beyond that with an exponent. */
static size_t
put_decimal(char *buf, struct decimal d)
{
	char text[20];
	size_t at = sizeof(text), len, n = 0;
	int point;

	while (d.digits % 10 == 0) {
		d.digits /= 10;
		d.exp++;
	}
	for (; d.digits; d.digits /= 10)
		text[--at] = (char)('0' + d.digits % 10);
	len = sizeof(text) - at;
	point = (int)len + d.exp;

	if (point < -3 || point > 17) {
		buf[n++] = text[at++];
		if (--len > 0) {
			buf[n++] = '.';
			memcpy(buf + n, text + at, len);
			n += len;
		}
		return n + put_exponent(buf + n, point - 1);
	}
	if (point <= 0) {
		memcpy(buf, "0.000", 5);
		n = 2 + (size_t)-point;
		memcpy(buf + n, text + at, len);
		return n + len;
	}
	while (point-- > 0)
		buf[n++] = at < sizeof(text) ? text[at++] : '0';
	buf[n++] = '.';
	if (at == sizeof(text))
		buf[n++] = '0';
	while (at < sizeof(text))
		buf[n++] = text[at++];
	return n;
}

/* The shortest decimal of a double that is not 0, without its sign. */
static struct decimal
shortest(uint64_t bits)
{
	unsigned biased = (unsigned)(bits >> 52) & 0x7ff;
	struct decimal d;
	struct binary b;

	b.m = bits & 0xfffffffffffffu;
	b.quarter = b.m == 0 && biased > 1;
	b.e = (int)(biased ? biased : 1) - 1023 - 52;
	if (biased)
		b.m |= 1ull << 52;
	b.even = !(b.m & 1);
	if (!shortest_small(&b, &d))
		shortest_big(&b, &d);
	return d;
}

uint64_t
wi_number_digits(uint64_t bits, int *exp)
{
	struct decimal d = {0, 0};

	if (bits << 1 != 0)
		d = shortest(bits);
	*exp = d.exp;
	return d.digits;
}

size_t
wi_number_write(char buf[WI_NUMBER_MAX], uint64_t bits)
{
	size_t n = 0;

	if (bits >> 63)
		buf[n++] = '-';
	if (bits << 1 == 0) {
		memcpy(buf + n, "0.0", 3);
		return n + 3;
	}
	return n + put_decimal(buf + n, shortest(bits));
}
