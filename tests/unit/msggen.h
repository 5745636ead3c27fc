/* SPDX-License-Identifier: BSD-2-Clause
 *
 * msggen.h - random msgpack, for tests that need much of it.
 *
 * Every head form occurs, also longer ones than needed.  With `json` set
 * only what JSON has, each in its shortest form, so that it must survive a
 * round trip byte by byte.
 */
#ifndef WI_TESTS_UNIT_MSGGEN_H
#define WI_TESTS_UNIT_MSGGEN_H

#include <string.h>

#include "base/bytes.h"
#include "codec/number.h"
#include "support/rng.h"

#define GEN_MAX (1 << 20)

struct gen {
	struct rng rng;
	int json;
	size_t len;
	uint8_t buf[GEN_MAX];
};

/* A number of 1 to @max bits, about as many of each. */
static inline uint64_t
gen_bits(struct rng *r, unsigned max)
{
	uint64_t v = rng_next(r) >> (64 - max);

	return v >> rng_below(r, max);
}

static inline void
gen_bytes(struct gen *g, const void *p, size_t n)
{
	memcpy(g->buf + g->len, p, n);
	g->len += n;
}

static inline void
gen_num(struct gen *g, unsigned head, uint64_t v, unsigned n)
{
	g->buf[g->len++] = (uint8_t)head;
	while (n-- > 0)
		g->buf[g->len++] = (uint8_t)(v >> 8 * n);
}

/* A head with a length: @fix if it holds, else one of 1, 2, 4 bytes. */
static inline void
gen_len(struct gen *g, uint32_t n, unsigned fix, uint32_t fix_cnt,
	unsigned head8, unsigned head16)
{
	unsigned longer = g->json ? 0 : (unsigned)rng_below(&g->rng, 3);

	if (n < fix_cnt && longer == 0)
		gen_num(g, fix | n, 0, 0);
	else if (head8 && n < 0x100 && longer < 2)
		gen_num(g, head8, n, 1);
	else if (n < 0x10000 && longer < 2)
		gen_num(g, head16, n, 2);
	else
		gen_num(g, head16 + 1, n, 4);
}

static inline void
gen_str(struct gen *g, uint32_t max)
{
	static const char *const part[] = {"a",
					   "key",
					   "\"",
					   "\\",
					   "/",
					   "~",
					   "\n",
					   "\x01",
					   "\x7f",
					   "\xc3\xa9",
					   "\xc2\x85",
					   "\xc2\xa0",
					   "\xe2\x82\xac",
					   "\xe2\x80\xa8",
					   "\xf0\x9f\x98\x80",
					   "\xef\xbf\xbf",
					   "temperature",
					   " "};
	char text[512];
	size_t n = 0, want = (size_t)rng_below(&g->rng, max);

	while (n < want) {
		const char *s =
		    part[rng_below(&g->rng, sizeof(part) / sizeof(*part))];

		memcpy(text + n, s, strlen(s));
		n += strlen(s);
	}
	if (rng_one_in(&g->rng, 20))
		text[n++] = 0;
	gen_len(g, (uint32_t)n, 0xa0, 32, 0xd9, 0xda);
	gen_bytes(g, text, n);
}

static inline void
gen_double(struct gen *g)
{
	static const double nice[] = {0.0,   -0.0,   0.1,  1.5,	  -2.25, 1e15,
				      1e300, 5e-324, 1e23, 12.75, 0.3,	 -7.0};
	uint64_t bits = rng_next(&g->rng);
	uint32_t f;

	if (rng_one_in(&g->rng, 3))
		bits = wi_bits_of(nice[rng_below(&g->rng, 12)]);
	if (g->json && (bits >> 52 & 0x7ff) == 0x7ff)
		bits ^= 1ull << 60;
	if (wi_number_float(bits, &f) && (g->json || rng_one_in(&g->rng, 2)))
		gen_num(g, 0xca, f, 4);
	else
		gen_num(g, 0xcb, bits, 8);
}

static inline void
gen_int(struct gen *g)
{
	uint64_t v = gen_bits(&g->rng, 64);
	unsigned n = (unsigned)rng_below(&g->rng, 4);

	if (!g->json) {
		gen_num(g, (rng_one_in(&g->rng, 2) ? 0xcc : 0xd0) + n, v,
			1u << n);
	} else if (rng_one_in(&g->rng, 2)) {
		if (v < 0x80)
			gen_num(g, (unsigned)v, 0, 0);
		else if (v < 0x100)
			gen_num(g, 0xcc, v, 1);
		else if (v < 0x10000)
			gen_num(g, 0xcd, v, 2);
		else if (v < 0x100000000)
			gen_num(g, 0xce, v, 4);
		else
			gen_num(g, 0xcf, v, 8);
	} else {
		v >>= 1; /* ~v is negative */
		if (v < 0x20)
			gen_num(g, (unsigned)~v & 0xff, 0, 0);
		else if (v < 0x80)
			gen_num(g, 0xd0, ~v, 1);
		else if (v < 0x8000)
			gen_num(g, 0xd1, ~v, 2);
		else if (v < 0x80000000)
			gen_num(g, 0xd2, ~v, 4);
		else
			gen_num(g, 0xd3, ~v, 8);
	}
}

static inline void
gen_ext(struct gen *g)
{
	static const uint8_t fix[] = {1, 2, 4, 8, 16};
	uint8_t data[300];
	unsigned i = (unsigned)rng_below(&g->rng, 8);
	uint32_t n = (uint32_t)rng_below(&g->rng, sizeof(data));

	rng_fill(&g->rng, data, sizeof(data));
	if (i < 5) {
		n = fix[i];
		gen_num(g, 0xd4 + i, 0, 0);
	} else if (i == 5) {
		n = 12;
		gen_num(g, 0xc7, n, 1);
	} else {
		gen_num(g, 0xc8 + i - 6, n, i == 6 ? 2 : 4);
	}
	data[0] = rng_one_in(&g->rng, 2) ? 0 : data[0];
	g->buf[g->len++] = rng_one_in(&g->rng, 2) ? 0xff : (uint8_t)n;
	gen_bytes(g, data, n);
}

/* One value; containers get fewer and smaller with @depth. */
static inline void
gen_value(struct gen *g, unsigned depth)
{
	uint64_t kind =
	    rng_below(&g->rng, depth > 5 || g->len > 200000 ? 9 : 14);
	uint8_t data[64];
	uint32_t n;

	switch (kind) {
	case 0:
		gen_num(g, 0xc0, 0, 0);
		return;
	case 1:
		gen_num(g, 0xc2 + (unsigned)rng_below(&g->rng, 2), 0, 0);
		return;
	case 2:
	case 3:
		gen_int(g);
		return;
	case 4:
		gen_double(g);
		return;
	case 5:
		if (!g->json) {
			gen_ext(g);
			return;
		}
		/* fall through */
	case 6:
		if (!g->json) {
			n = (uint32_t)rng_below(&g->rng, sizeof(data));
			rng_fill(&g->rng, data, n);
			gen_len(g, n, 0, 0, 0xc4, 0xc5);
			gen_bytes(g, data, n);
			return;
		}
		/* fall through */
	case 7:
	case 8:
		gen_str(g, rng_one_in(&g->rng, 10) ? 400 : 24);
		return;
	default:
		n = (uint32_t)rng_below(&g->rng,
					rng_one_in(&g->rng, 4) ? 40 : 5);
		if (rng_one_in(&g->rng, 2)) {
			gen_len(g, n, 0x90, 16, 0, 0xdc);
			while (n-- > 0)
				gen_value(g, depth + 1);
			return;
		}
		gen_len(g, n, 0x80, 16, 0, 0xde);
		for (; n > 0; n--) {
			/* unique by its last byte */
			uint8_t key[3] = {0xa2, 'k', (uint8_t)(' ' + n)};

			gen_bytes(g, key, 3);
			gen_value(g, depth + 1);
		}
	}
}

static inline void
gen_message(struct gen *g)
{
	g->len = 0;
	gen_value(g, 0);
}

#endif
