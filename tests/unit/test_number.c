/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Doubles as text.  The yardstick is the C library in the C locale, whose
 * strtod() and printf() are exact.
 */
#include "support/harness.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "codec/number.h"
#include "unit/msggen.h"

/* The significant digits of @s, without zeros around them. */
static const char *
digits_of(const char *s, char out[32])
{
	size_t n = 0;

	for (; *s && *s != 'e'; s++)
		if (*s >= '0' && *s <= '9' && (n > 0 || *s != '0') && n < 31)
			out[n++] = *s;
	while (n > 0 && out[n - 1] == '0')
		n--;
	out[n] = 0;
	return out;
}

/* Is the text of this double right?  NULL, or what is wrong. */
static const char *
fault_of(uint64_t bits)
{
	char text[WI_NUMBER_MAX + 1], other[64], a[32], b[32];
	double d = wi_double_of(bits);
	size_t n = wi_number_write(text, bits), digits;
	uint64_t back;

	if (n > WI_NUMBER_MAX - 4)
		return "too long";
	text[n] = 0;
	if (!strpbrk(text, ".e") || strpbrk(text, "E+"))
		return "not of the form promised";
	if (wi_bits_of(strtod(text, NULL)) != bits)
		return "reads back as another";
	if (wi_number_read(text, text + n, &back) || back != bits)
		return "we read it back as another";
	digits = strlen(digits_of(text, a));
	if (digits == 0)
		return bits << 1 ? "no digits" : NULL;
	if (digits > 1) {
		snprintf(other, sizeof(other), "%.*e", (int)digits - 2, d);
		if (strtod(other, NULL) == d)
			return "not the shortest";
	}
	snprintf(other, sizeof(other), "%.*e", (int)digits - 1, d);
	if (strtod(other, NULL) == d && strcmp(a, digits_of(other, b)) != 0)
		return "not the nearest of the shortest";
	return NULL;
}

static unsigned bad;

static void
check(uint64_t bits)
{
	const char *fault;

	if ((bits >> 52 & 0x7ff) == 0x7ff)
		bits ^= 1ull << 60;
	fault = fault_of(bits);
	if (fault && bad++ < 5)
		t_log("bits %016llx: %s\n", (unsigned long long)bits, fault);
}

static void
write_any_bits(void)
{
	struct rng r = {t_seed(5)};

	bad = 0;
	for (int i = 0; i < 100000; i++)
		check(rng_next(&r));
	CU_ASSERT_EQUAL(bad, 0);
}

static void
write_where_the_steps_change(void)
{
	bad = 0;
	for (uint64_t e = 0; e < 0x7ff; e++) {
		check(e << 52);
		check((e << 52) + 1);
		check((e << 52) + 2);
		check((e << 52 | 0xfffffffffffffu));
		check((e << 52 | 0xffffffffffffeu));
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void
write_what_people_write(void)
{
	struct rng r = {t_seed(6)};

	bad = 0;
	for (int i = 0; i < 20000; i++) {
		double v = (double)rng_below(&r, 10000000);

		check(wi_bits_of(v / 1000));
		check(wi_bits_of(v * 1e-9));
		check(wi_bits_of(v * 1e15));
		check(wi_bits_of((double)gen_bits(&r, 64)));
		check(gen_bits(&r, 52)); /* subnormal */
	}
	for (int e = -323; e <= 308; e++) {
		char text[16];

		snprintf(text, sizeof(text), "1e%d", e);
		check(wi_bits_of(strtod(text, NULL)));
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void
read_any_digits_and_exponent(void)
{
	struct rng r = {t_seed(7)};
	char text[2048];
	uint64_t bits;

	bad = 0;
	for (int i = 0; i < 60000; i++) {
		size_t cnt = 1 + (size_t)rng_below(&r, i % 50 ? 25 : 900);
		size_t point = 1 + (size_t)rng_below(&r, cnt), n = 0;
		double want;

		if (rng_one_in(&r, 2))
			text[n++] = '-';
		for (size_t k = 0; k <= cnt; k++) {
			if (k == point)
				text[n++] = '.';
			text[n++] =
			    (char)('0' +
				   (rng_one_in(&r, 3) ? 0 : rng_below(&r, 10)));
		}
		n += (size_t)sprintf(text + n, "e%d",
				     (int)rng_below(&r, 700) - 350);
		want = strtod(text, NULL);
		if (wi_number_read(text, text + n, &bits)
			? !isinf(want)
			: wi_bits_of(want) != bits)
			if (bad++ < 5)
				t_log("%s\n", text);
	}
	CU_ASSERT_EQUAL(bad, 0);
}

/* Exactly between two doubles, which takes up to 767 digits: to the even
 * one; and a hair above it, a thousand digits on: up. */
static void
read_what_lies_between_two(void)
{
	struct rng r = {t_seed(8)};
	char text[2048];
	uint64_t bits;

	bad = 0;
	for (int i = 0; i < 2000; i++) {
		uint64_t low = rng_next(&r) >> 1;
		long double mid;
		size_t n;

		if (i % 2)
			low >>= 10 + rng_below(&r, 50);
		if (low >> 52 >= 0x7fe)
			continue;
		mid = ((long double)wi_double_of(low) +
		       (long double)wi_double_of(low + 1)) /
		      2;
		n = (size_t)snprintf(text, sizeof(text) - 1, "%.1100Lf", mid);
		if (wi_number_read(text, text + n, &bits) ||
		    bits != low + (low & 1))
			bad++;
		text[n] = '1';
		if (wi_number_read(text, text + n + 1, &bits) ||
		    bits != low + 1)
			bad++;
		/* and a hair below: only the digits' end tells */
		for (n--; text[n] == '0'; n--)
			;
		if (text[n] == '.')
			continue;
		text[n]--;
		memset(text + n + 1, '9', 20);
		if (wi_number_read(text, text + n + 21, &bits) || bits != low)
			bad++;
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void
read_past_the_largest_is_erange(void)
{
	static const struct {
		const char *text;
		int fits;
	} t[] = {
	    {"1.7976931348623157e308", 1},
	    {"1.7976931348623158e308", 1},
	    {"1.7976931348623158079372897140530341507993413271003782e308", 1},
	    {"1.7976931348623158079372897140530341507993413271003783e308", 0},
	    {"1.7976931348623159e308", 0},
	    {"1e309", 0},
	    {"0.0001e312", 1},
	    {"0.0001e313", 0},
	    {"1e-500", 1},
	    {"1e999999999999999999999999999999", 0},
	    {"0.000e999999999999999999999999999999", 1},
	};
	uint64_t bits;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		CU_ASSERT_EQUAL(wi_number_read(t[i].text,
					       t[i].text + strlen(t[i].text),
					       &bits) == 0,
				t[i].fits);
}

/* Long runs of zeros, in front or behind, change nothing. */
static void
read_many_zeros(void)
{
	static char text[40000];
	uint64_t bits;
	size_t n = 0;

	n += (size_t)sprintf(text, "0.");
	memset(text + n, '0', 9999);
	n += 9999;
	n += (size_t)sprintf(text + n, "125e10000");
	CU_ASSERT_EQUAL(wi_number_read(text, text + n, &bits), 0);
	CU_ASSERT_EQUAL(bits, wi_bits_of(1.25));
	n = (size_t)sprintf(text, "125");
	memset(text + n, '0', 9998);
	n += 9998;
	n += (size_t)sprintf(text + n, ".0e-10000");
	CU_ASSERT_EQUAL(wi_number_read(text, text + n, &bits), 0);
	CU_ASSERT_EQUAL(bits, wi_bits_of(1.25));
}

static void
numbers_do_not_care_for_the_rounding_mode(void)
{
	static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
	static const char *const t[] = {"0.1", "1e23", "5e-324", "1.1e-7"};
	char text[WI_NUMBER_MAX];
	uint64_t want[4], bits;

	for (size_t i = 0; i < 4; i++)
		want[i] = wi_bits_of(strtod(t[i], NULL));
	for (size_t m = 0; m < 3; m++) {
		fesetround(modes[m]);
		for (size_t i = 0; i < 4; i++) {
			size_t n = strlen(t[i]);

			CU_ASSERT_EQUAL(wi_number_read(t[i], t[i] + n, &bits),
					0);
			CU_ASSERT_EQUAL(bits, want[i]);
			CU_ASSERT_EQUAL(wi_number_write(text, bits), n);
			CU_ASSERT_EQUAL(memcmp(text, t[i], n), 0);
		}
	}
	fesetround(FE_TONEAREST);
}

static void
floats_are_found_exactly(void)
{
	struct rng r = {t_seed(9)};
	uint32_t bits, back;
	float f;

	bad = 0;
	for (int i = 0; i < 200000; i++) {
		bits = (uint32_t)rng_next(&r);
		if (i % 4 == 0)
			bits &= 0x807fffff; /* subnormal */
		memcpy(&f, &bits, sizeof(f));
		if ((bits >> 23 & 0xff) == 0xff)
			continue;
		bad += !wi_number_float(wi_bits_of((double)f), &back) ||
		       back != bits;
		/* one bit more than a float has */
		bad += wi_number_float(wi_bits_of((double)f) ^ 1, &back) != 0;
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(wi_number_float(wi_bits_of(0.1), &back), 0);
	CU_ASSERT_EQUAL(wi_number_float(wi_bits_of(ldexp(1, -149)), &back), 1);
	CU_ASSERT_EQUAL(wi_number_float(wi_bits_of(ldexp(1, -150)), &back), 0);
	CU_ASSERT_EQUAL(wi_number_float(wi_bits_of(ldexp(1, 127)), &back), 1);
	CU_ASSERT_EQUAL(wi_number_float(wi_bits_of(ldexp(1, 128)), &back), 0);
}

SUITE("number", TEST(write_any_bits), TEST(write_where_the_steps_change),
      TEST(write_what_people_write), TEST(read_any_digits_and_exponent),
      TEST(read_what_lies_between_two), TEST(read_past_the_largest_is_erange),
      TEST(read_many_zeros), TEST(numbers_do_not_care_for_the_rounding_mode),
      TEST(floats_are_found_exactly));
