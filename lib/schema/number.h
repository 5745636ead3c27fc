/* SPDX-License-Identifier: BSD-2-Clause
 *
 * number.h - numbers compared exactly: int64, uint64 and double, in any
 * mix, and no integer ever goes through a double.
 */
#ifndef WI_SCHEMA_NUMBER_H
#define WI_SCHEMA_NUMBER_H

#include "codec/walk.h"
#include "schema/program.h"

/* wi_float_class - WEIR_FLOAT, WI_CLASS_INTEGRAL or WI_CLASS_NONFINITE. */
unsigned wi_float_class(double d);

/* Is the value with head @h of one of @types? */
static inline int
wi_type_fits(unsigned types, const struct wi_head *h)
{
	if (h->type != WEIR_FLOAT)
		return types >> h->type & 1;
	/* where fractions are allowed, integers are */
	if (types & WI_T(WEIR_FLOAT) && h->d - h->d == 0)
		return 1;
	return types >> wi_float_class(h->d) & 1;
}

/* wi_num_of - the number in a head; 0 if it is none (NaN and Infinity too). */
int wi_num_of(const struct wi_head *h, struct wi_num *n);

/* wi_num_cmp - negative, 0 or positive, as a < b, a == b, a > b. */
int wi_num_cmp(const struct wi_num *a, const struct wi_num *b);

/* wi_num_is_multiple - is @n a multiple of @of, which is above 0?  Doubles count
 * as the shortest decimals that stand for them, which is what people wrote:
 * 19.99 is a multiple of 0.01. */
int wi_num_is_multiple(const struct wi_num *n, const struct wi_num *of);

/* wi_bounds_broken - the keyword that @n breaks; WI_KW_CNT: none. */
unsigned wi_bounds_broken(const struct wi_bounds *b, const struct wi_num *n);

/* wi_num_count - the value of a number that is an integer from 0; what is
 * above 2^64-1 counts as that.  Return: 0, or -1 if it is something else. */
int wi_num_count(const struct wi_num *n, uint64_t *out);

#endif
