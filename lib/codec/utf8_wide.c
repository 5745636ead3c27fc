/* SPDX-License-Identifier: BSD-2-Clause
 *
 * utf8_wide.c - is it UTF-8, 32 bytes at once, where the processor can.
 *
 * The method is that of Keiser and Lemire, "Validating UTF-8 in less than
 * one instruction per byte" (2021): what two neighbours can do wrong together
 * is a bit.  Three tables of sixteen say which wrongs the high half of the
 * first byte, its low half, and the high half of the second still allow; what
 * all three allow has happened.  The third and fourth bytes of a sequence are
 * then where the bytes two and three before say that they must be.
 *
 * The bytes before are loaded again from where they lie, one, two and three
 * places back.
 */
#include "codec/walk.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define WIDE __attribute__((target("avx2")))

enum {
	LEAD_LEAD = 1 << 0,  /* a lead, and what follows goes on with nothing */
	ASCII_TAIL = 1 << 1, /* 0xxxxxxx 10xxxxxx */
	LONG_2 = 1 << 2,     /* 1100000x: fits one byte */
	LONG_3 = 1 << 3,     /* 11100000 100xxxxx: fits two */
	HALF = 1 << 4,	     /* 11101101 101xxxxx: a surrogate */
	LONG_4 = 1 << 5,     /* 11110000 1000xxxx: fits three */
	BEYOND = 1 << 6,     /* 11110100 1001xxxx, 101xxxxx; above 11110100 */
	TAIL_TAIL = 1 << 7,  /* 10xxxxxx 10xxxxxx: wrong, or the third byte */
	/* above 11110100, with 1000xxxx: shares a bit, as no first byte can be
	 * both */
	BEYOND_8 = LONG_4,
	ANY_LOW = LEAD_LEAD | ASCII_TAIL | TAIL_TAIL,
	HIGH_F = BEYOND | BEYOND_8,
};

#define TWICE(...)                                                             \
	{                                                                      \
		__VA_ARGS__, __VA_ARGS__                                       \
	}

static const int8_t first_high[32] = TWICE(
    ASCII_TAIL, ASCII_TAIL, ASCII_TAIL, ASCII_TAIL, ASCII_TAIL, ASCII_TAIL,
    ASCII_TAIL, ASCII_TAIL, (int8_t)TAIL_TAIL, (int8_t)TAIL_TAIL,
    (int8_t)TAIL_TAIL, (int8_t)TAIL_TAIL, LEAD_LEAD | LONG_2, LEAD_LEAD,
    LEAD_LEAD | LONG_3 | HALF, LEAD_LEAD | LONG_4 | BEYOND | BEYOND_8);

static const int8_t first_low[32] =
    TWICE((int8_t)(ANY_LOW | LONG_2 | LONG_3 | LONG_4),
	  (int8_t)(ANY_LOW | LONG_2), (int8_t)ANY_LOW, (int8_t)ANY_LOW,
	  (int8_t)(ANY_LOW | BEYOND), (int8_t)(ANY_LOW | HIGH_F),
	  (int8_t)(ANY_LOW | HIGH_F), (int8_t)(ANY_LOW | HIGH_F),
	  (int8_t)(ANY_LOW | HIGH_F), (int8_t)(ANY_LOW | HIGH_F),
	  (int8_t)(ANY_LOW | HIGH_F), (int8_t)(ANY_LOW | HIGH_F),
	  (int8_t)(ANY_LOW | HIGH_F), (int8_t)(ANY_LOW | HIGH_F | HALF),
	  (int8_t)(ANY_LOW | HIGH_F), (int8_t)(ANY_LOW | HIGH_F));

#define TAILS (ASCII_TAIL | TAIL_TAIL | LONG_2)

static const int8_t second_high[32] =
    TWICE(LEAD_LEAD, LEAD_LEAD, LEAD_LEAD, LEAD_LEAD, LEAD_LEAD, LEAD_LEAD,
	  LEAD_LEAD, LEAD_LEAD, (int8_t)(TAILS | LONG_3 | LONG_4 | BEYOND_8),
	  (int8_t)(TAILS | LONG_3 | BEYOND), (int8_t)(TAILS | HALF | BEYOND),
	  (int8_t)(TAILS | HALF | BEYOND), LEAD_LEAD, LEAD_LEAD, LEAD_LEAD,
	  LEAD_LEAD);

WIDE static inline __m256i
load(const void *p)
{
	return _mm256_loadu_si256(p);
}

WIDE static inline __m256i
look_up(const int8_t *table, __m256i halves)
{
	return _mm256_shuffle_epi8(load(table), halves);
}

WIDE static inline __m256i
high_halves(__m256i v)
{
	return _mm256_and_si256(_mm256_srli_epi16(v, 4),
				_mm256_set1_epi8(0x0f));
}

/* The wrongs of 32 bytes, and the same one, two and three places back. */
WIDE static inline __m256i
wrongs(__m256i now, __m256i one, __m256i two, __m256i three)
{
	__m256i pairs, tails;

	pairs = _mm256_and_si256(
	    _mm256_and_si256(
		look_up(first_high, high_halves(one)),
		look_up(first_low,
			_mm256_and_si256(one, _mm256_set1_epi8(0x0f)))),
	    look_up(second_high, high_halves(now)));
	/* 0x80 or more where a third or fourth byte must be */
	tails = _mm256_or_si256(
	    _mm256_subs_epu8(two, _mm256_set1_epi8(0xe0 - 0x80)),
	    _mm256_subs_epu8(three, _mm256_set1_epi8(0xf0 - 0x80)));
	return _mm256_xor_si256(
	    pairs, _mm256_and_si256(tails, _mm256_set1_epi8((char)0x80)));
}

/* Of the first 32, which have nothing before them. */
WIDE static inline __m256i
wrongs_first(__m256i now)
{
	__m256i low = _mm256_permute2x128_si256(now, now, 0x08);

	return wrongs(now, _mm256_alignr_epi8(now, low, 15),
		      _mm256_alignr_epi8(now, low, 14),
		      _mm256_alignr_epi8(now, low, 13));
}

/* Of others. */
WIDE static inline __m256i
wrongs_at(const uint8_t *p)
{
	__m256i now = load(p), three = load(p - 3);

	if (!_mm256_movemask_epi8(_mm256_or_si256(now, three)))
		return _mm256_setzero_si256();
	return wrongs(now, load(p - 1), load(p - 2), three);
}

WIDE static int
is_valid(const uint8_t *p, size_t len)
{
	__m256i bad = wrongs_first(load(p));

	for (size_t at = 32; at + 32 < len; at += 32)
		bad = _mm256_or_si256(bad, wrongs_at(p + at));
	/* the last ones may be among those before: they are looked at again */
	bad = _mm256_or_si256(bad, wrongs_at(p + len - 32));
	return _mm256_testz_si256(bad, bad) && p[len - 1] < 0xc0 &&
	       p[len - 2] < 0xe0 && p[len - 3] < 0xf0;
}

int
wi_utf8_wide(const uint8_t *p, size_t len)
{
	return __builtin_cpu_supports("avx2") ? is_valid(p, len) : -1;
}

#else

int
wi_utf8_wide(const uint8_t *p, size_t len)
{
	(void)p;
	(void)len;
	return -1;
}

#endif
