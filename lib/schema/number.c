/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/number.h"

#include "base/bytes.h"
#include "codec/number.h"

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

unsigned
wi_float_class(double d)
{
	if (!(d - d == 0))
		return WI_CLASS_NONFINITE;
	/* from 2^53 on there are no fractions */
	if (d >= TWO_63 || d <= -TWO_63 || (double)(int64_t)d == d)
		return WI_CLASS_INTEGRAL;
	return WEIR_FLOAT;
}

int
wi_num_of(const struct wi_head *h, struct wi_num *n)
{
	n->type = h->type;
	switch (h->type) {
	case WEIR_INT:
		n->i = h->i;
		return 1;
	case WEIR_UINT:
		n->u = h->u;
		return 1;
	case WEIR_FLOAT:
		n->d = h->d;
		return wi_float_class(h->d) != WI_CLASS_NONFINITE;
	default:
		return 0;
	}
}

static int
cmp_uint_float(uint64_t u, double d)
{
	uint64_t whole;

	if (d < 0)
		return 1;
	if (d >= TWO_64)
		return -1;
	whole = (uint64_t)d;
	if (u != whole)
		return u < whole ? -1 : 1;
	/* a double with a fraction is below 2^53: the cast back is exact */
	return (double)whole < d ? -1 : 0;
}

static int
cmp_int_float(int64_t i, double d)
{
	int64_t whole;

	if (d >= 0)
		return -1;
	if (d < -TWO_63)
		return 1;
	whole = (int64_t)d; /* towards 0 */
	if (i != whole)
		return i < whole ? -1 : 1;
	return (double)whole > d ? 1 : 0;
}

int
wi_num_cmp(const struct wi_num *a, const struct wi_num *b)
{
	if (a->type == WEIR_FLOAT && b->type == WEIR_FLOAT)
		return (a->d > b->d) - (a->d < b->d);
	if (a->type == WEIR_FLOAT)
		return -wi_num_cmp(b, a);
	if (b->type == WEIR_FLOAT)
		return a->type == WEIR_UINT ? cmp_uint_float(a->u, b->d)
					    : cmp_int_float(a->i, b->d);
	if (a->type != b->type) /* one is negative */
		return a->type == WEIR_INT ? -1 : 1;
	if (a->type == WEIR_INT)
		return (a->i > b->i) - (a->i < b->i);
	return (a->u > b->u) - (a->u < b->u);
}

int
wi_num_count(const struct wi_num *n, uint64_t *out)
{
	switch (n->type) {
	case WEIR_UINT:
		*out = n->u;
		return 0;
	case WEIR_FLOAT:
		if (n->d < 0 || wi_float_class(n->d) != WI_CLASS_INTEGRAL)
			return -1;
		*out = n->d >= TWO_64 ? UINT64_MAX : (uint64_t)n->d;
		return 0;
	default:
		return -1;
	}
}

/* digits * 10^exp, without a sign; no 0 at the end of digits. */
struct decimal {
	uint64_t digits;
	int exp;
};

static struct decimal
decimal_of(const struct wi_num *n)
{
	struct decimal d = {0, 0};

	if (n->type == WEIR_FLOAT)
		d.digits = wi_number_digits(wi_bits_of(n->d), &d.exp);
	else
		d.digits = n->type == WEIR_UINT ? n->u : -(uint64_t)n->i;
	for (; d.digits && d.digits % 10 == 0; d.digits /= 10)
		d.exp++;
	return d;
}

int
wi_num_is_multiple(const struct wi_num *n, const struct wi_num *of)
{
	struct decimal a = decimal_of(n), b = decimal_of(of);
	int exp = a.exp - b.exp;
	wi_u128 rest;

	if (a.digits == 0)
		return 1;
	if (b.digits == 0)
		return 0; /* cannot be: it is above 0 */
	/* a.digits is no multiple of 10: what b has more must come from it */
	for (; exp < 0; exp++) {
		if (b.digits > UINT64_MAX / 10)
			return 0;
		b.digits *= 10;
	}
	rest = a.digits % b.digits;
	for (; exp > 0 && rest; exp--)
		rest = rest * 10 % b.digits;
	return rest == 0;
}

unsigned
wi_bounds_broken(const struct wi_bounds *b, const struct wi_num *n)
{
	if (b->has & 1u << WI_MIN && wi_num_cmp(n, &b->num[WI_MIN]) < 0)
		return WI_KW_MINIMUM;
	if (b->has & 1u << WI_MAX && wi_num_cmp(n, &b->num[WI_MAX]) > 0)
		return WI_KW_MAXIMUM;
	if (b->has & 1u << WI_EXMIN && wi_num_cmp(n, &b->num[WI_EXMIN]) <= 0)
		return WI_KW_EXCLUSIVE_MINIMUM;
	if (b->has & 1u << WI_EXMAX && wi_num_cmp(n, &b->num[WI_EXMAX]) >= 0)
		return WI_KW_EXCLUSIVE_MAXIMUM;
	if (b->has & 1u << WI_MULTIPLE &&
	    !wi_num_is_multiple(n, &b->num[WI_MULTIPLE]))
		return WI_KW_MULTIPLE_OF;
	return WI_KW_CNT;
}
