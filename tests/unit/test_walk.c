/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/keys.h"
#include "codec/pointer.h"
#include "codec/walk.h"
#include "unit/msggen.h"

static struct gen gen;

/* ---- heads ----------------------------------------------------------- */

static void
head_integers_of_every_width(void)
{
	static const struct {
		uint8_t msg[9];
		uint8_t len;
		uint8_t type;
		int64_t v;
	} t[] = {
	    {{0x00}, 1, WEIR_UINT, 0},
	    {{0x7f}, 1, WEIR_UINT, 127},
	    {{0xff}, 1, WEIR_INT, -1},
	    {{0xe0}, 1, WEIR_INT, -32},
	    {{0xcc, 0xff}, 2, WEIR_UINT, 255},
	    {{0xcd, 0xff, 0xfe}, 3, WEIR_UINT, 65534},
	    {{0xce, 0xff, 0xff, 0xff, 0xfe}, 5, WEIR_UINT, 4294967294},
	    {{0xcf, 0, 0, 0, 1, 0, 0, 0, 2}, 9, WEIR_UINT, 4294967298},
	    {{0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	     9,
	     WEIR_UINT,
	     -1 /* as bits */},
	    {{0xd0, 0x80}, 2, WEIR_INT, -128},
	    {{0xd0, 0x7f}, 2, WEIR_UINT, 127},
	    {{0xd1, 0x80, 0x00}, 3, WEIR_INT, -32768},
	    {{0xd1, 0x00, 0x05}, 3, WEIR_UINT, 5},
	    {{0xd2, 0x80, 0, 0, 0}, 5, WEIR_INT, -2147483648},
	    {{0xd2, 0x7f, 0xff, 0xff, 0xff}, 5, WEIR_UINT, 2147483647},
	    {{0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0}, 9, WEIR_INT, INT64_MIN},
	    {{0xd3, 0, 0, 0, 0, 0, 0, 0, 1}, 9, WEIR_UINT, 1},
	};
	struct wi_head h;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const uint8_t *end = t[i].msg + t[i].len;

		CU_ASSERT_EQUAL(wi_head_read(t[i].msg, end, &h), 0);
		CU_ASSERT_EQUAL(h.type, t[i].type);
		CU_ASSERT_EQUAL(h.i, t[i].v);
		CU_ASSERT_PTR_EQUAL(h.next, end);
		CU_ASSERT_PTR_EQUAL(wi_skip(t[i].msg, end), end);
		for (const uint8_t *e = t[i].msg; e < end; e++) {
			CU_ASSERT_EQUAL(wi_head_read(t[i].msg, e, &h),
					WEIR_EMSGPACK);
			CU_ASSERT_PTR_NULL(wi_skip(t[i].msg, e));
		}
	}
}

static void
head_floats_are_widened_exactly(void)
{
	struct rng r = {t_seed(1)};
	struct wi_head h;
	uint8_t msg[9];
	float f;

	for (int i = 0; i < 200000; i++) {
		uint32_t bits = (uint32_t)rng_next(&r);

		if (i % 3 == 0)
			bits &= 0x807fffff; /* subnormal, or zero */
		memcpy(&f, &bits, sizeof(f));
		if (f != f)
			continue;
		msg[0] = 0xca;
		wi_put_be32(msg + 1, bits);
		if (wi_head_read(msg, msg + 5, &h) || h.type != WEIR_FLOAT ||
		    wi_bits_of(h.d) != wi_bits_of((double)f)) {
			CU_FAIL("float 32 has changed");
			return;
		}
	}
	wi_put_be32(msg + 1, 0x7fc00000);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + 5, &h), 0);
	CU_ASSERT(h.d != h.d);
	wi_put_be32(msg + 1, 0xff800000);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + 5, &h), 0);
	CU_ASSERT_EQUAL(wi_bits_of(h.d), 0xfff0000000000000u);
	msg[0] = 0xcb;
	wi_put_be64(msg + 1, 0x3ff8000000000000u);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + 9, &h), 0);
	CU_ASSERT_EQUAL(h.d, 1.5);
}

/* @head bytes, then a payload of @n. */
static void
check_payload(const uint8_t *head, size_t head_len, uint32_t n, int type,
	      int ext_type)
{
	static uint8_t msg[70000];
	struct wi_head h;

	memset(msg, 'x', sizeof(msg));
	memcpy(msg, head, head_len);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + head_len + n, &h), 0);
	CU_ASSERT_EQUAL(h.type, type);
	CU_ASSERT_EQUAL(h.len, n);
	CU_ASSERT_PTR_EQUAL(h.ptr, msg + head_len);
	CU_ASSERT_PTR_EQUAL(h.next, msg + head_len + n);
	if (type == WEIR_EXT)
		CU_ASSERT_EQUAL(h.ext_type, ext_type);
	CU_ASSERT_PTR_EQUAL(wi_skip(msg, msg + head_len + n + 1),
			    msg + head_len + n);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + head_len + n - 1, &h),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(wi_head_read(msg, msg + head_len - 1, &h),
			WEIR_EMSGPACK);
}

static void
head_payloads_end_where_the_message_does(void)
{
#define HEAD(...)                                                              \
	(const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})
	check_payload(HEAD(0xa1), 1, WEIR_STR, 0);
	check_payload(HEAD(0xbf), 31, WEIR_STR, 0);
	check_payload(HEAD(0xd9, 255), 255, WEIR_STR, 0);
	check_payload(HEAD(0xda, 1, 0), 256, WEIR_STR, 0);
	check_payload(HEAD(0xdb, 0, 1, 0, 1), 65537, WEIR_STR, 0);
	check_payload(HEAD(0xc4, 7), 7, WEIR_BIN, 0);
	check_payload(HEAD(0xc5, 1, 2), 258, WEIR_BIN, 0);
	check_payload(HEAD(0xc6, 0, 1, 0, 0), 65536, WEIR_BIN, 0);
	check_payload(HEAD(0xc7, 3, 5), 3, WEIR_EXT, 5);
	check_payload(HEAD(0xc8, 1, 0, 0x80), 256, WEIR_EXT, -128);
	check_payload(HEAD(0xc9, 0, 1, 0, 0, 0xff), 65536, WEIR_EXT, -1);
	check_payload(HEAD(0xd4, 1), 1, WEIR_EXT, 1);
	check_payload(HEAD(0xd5, 2), 2, WEIR_EXT, 2);
	check_payload(HEAD(0xd6, 3), 4, WEIR_EXT, 3);
	check_payload(HEAD(0xd7, 4), 8, WEIR_EXT, 4);
	check_payload(HEAD(0xd8, 0xfe), 16, WEIR_EXT, -2);
}

static void
head_lengths_past_the_end_are_refused(void)
{
	static const uint8_t hostile[][6] = {
	    {0xdd, 0xff, 0xff, 0xff, 0xff, 0}, /* array 32 */
	    {0xdf, 0xff, 0xff, 0xff, 0xff, 0}, /* map 32 */
	    {0xdb, 0xff, 0xff, 0xff, 0xff, 0}, /* str 32 */
	    {0xc6, 0xff, 0xff, 0xff, 0xff, 0}, /* bin 32 */
	    {0xc9, 0xff, 0xff, 0xff, 0xff, 0}, /* ext 32 */
	    {0xdf, 0x80, 0x00, 0x00, 0x00, 0}, /* twice that is 2^32 */
	    {0xdc, 0x00, 0x04, 0, 0, 0},
	    {0xde, 0x00, 0x02, 0, 0, 0},
	    {0x96, 0, 0, 0, 0, 0},
	    {0x83, 0, 0, 0, 0, 0},
	    {0xa6, 0, 0, 0, 0, 0},
	    {0xc1, 0, 0, 0, 0, 0},
	};
	struct wi_head h;
	weir_diag diag;

	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		const uint8_t *p = hostile[i];

		CU_ASSERT_EQUAL(wi_head_read(p, p + 6, &h), WEIR_EMSGPACK);
		CU_ASSERT_PTR_NULL(wi_skip(p, p + 6));
		CU_ASSERT_EQUAL(wi_wellformed(p, 6, &diag), WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.offset, 0);
		CU_ASSERT_STRING_EQUAL(diag.pointer, "");
	}
}

/* ---- UTF-8 ----------------------------------------------------------- */

/* The definition, slowly: decode, then ask for shortest form and range. */
static int
utf8_reference(const uint8_t *p, size_t len)
{
	while (len > 0) {
		size_t n = p[0] < 0x80	       ? 1
			   : (p[0] >> 5) == 6  ? 2
			   : (p[0] >> 4) == 14 ? 3
			   : (p[0] >> 3) == 30 ? 4
					       : 0;
		static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
		uint32_t c;

		if (n == 0 || n > len)
			return 0;
		c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
		for (size_t i = 1; i < n; i++) {
			if (p[i] >> 6 != 2)
				return 0;
			c = c << 6 | (p[i] & 0x3f);
		}
		if (c < least[n] || c > 0x10ffff || (c >> 11) == 0x1b)
			return 0;
		p += n;
		len -= n;
	}
	return 1;
}

static void
utf8_agrees_with_the_definition(void)
{
	static const uint8_t edge[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
				       0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
				       0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
				       0xf3, 0xf4, 0xf5, 0xff};
	const size_t n = sizeof(edge);
	unsigned wrong = 0;
	uint8_t s[24];

	for (size_t i = 0; i < n * n * n * n; i++) {
		uint8_t q[4] = {edge[i % n], edge[i / n % n],
				edge[i / n / n % n], edge[i / n / n / n]};

		for (size_t len = 1; len <= 4; len++)
			wrong +=
			    wi_utf8_valid(q, len) != utf8_reference(q, len);
		/* the same behind and before ASCII, at each length */
		if (i % 7 == 0) {
			size_t at = i / 7 % 20;

			memset(s, 'a', sizeof(s));
			memcpy(s + at, q, 4);
			wrong += wi_utf8_valid(s, sizeof(s)) !=
				 utf8_reference(s, sizeof(s));
			wrong += wi_utf8_valid(s, at + 4) !=
				 utf8_reference(s, at + 4);
		}
	}
	CU_ASSERT_EQUAL(wrong, 0);
	for (unsigned c = 0; c < 0x10000; c++) {
		s[0] = (uint8_t)(c >> 8);
		s[1] = (uint8_t)c;
		wrong += wi_utf8_valid(s, 2) != utf8_reference(s, 2);
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* Text of @len bytes, of characters of 1 to 4 bytes. */
static void
fill_text(uint8_t *s, size_t len, unsigned kind)
{
	static const char *const chars[] = {"a", "\xc3\xbc", "\xe2\x82\xac",
					    "\xf0\x9f\x98\x80"};
	size_t n = strlen(chars[kind]);

	memset(s, 'b', len);
	for (size_t at = len % n; at < len; at += n)
		memcpy(s + at, chars[kind], n);
}

/* Whatever is at a seam between two blocks of a long text. */
static void
utf8_of_long_texts_agrees_too(void)
{
	static const uint8_t edge[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0,
				       0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed,
				       0xee, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
	const size_t n = sizeof(edge);
	unsigned wrong = 0, good = 0;
	uint8_t s[140];

	for (size_t i = 0; i < n * n * n * n; i += t_torture() ? 1 : 3) {
		uint8_t q[4] = {edge[i % n], edge[i / n % n],
				edge[i / n / n % n], edge[i / n / n / n]};
		size_t at = 24 + i % 79;
		int want;

		fill_text(s, at, (unsigned)(i % 4));
		memcpy(s + at, q, 4);
		fill_text(s + at + 4, sizeof(s) - at - 4,
			  (unsigned)(i / 4 % 4));
		want = utf8_reference(s, sizeof(s));
		good += (unsigned)want;
		wrong += wi_utf8_valid(s, sizeof(s)) != want;
		wrong +=
		    (wi_utf8_span(s, sizeof(s)) == sizeof(s)) != (bool)want;
		for (size_t k = 0; k <= 4; k++)
			wrong += wi_utf8_valid(s, at + k) !=
				 utf8_reference(s, at + k);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(good > 100);
}

static void
utf8_count_counts_code_points(void)
{
	static const char s[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
				"abcdefgh\xc3\xa9\xc3\xa9";

	CU_ASSERT_EQUAL(wi_utf8_count((const uint8_t *)s, 0), 0);
	CU_ASSERT_EQUAL(wi_utf8_count((const uint8_t *)s, 10), 4);
	CU_ASSERT_EQUAL(wi_utf8_count((const uint8_t *)s, strlen(s)), 14);
	CU_ASSERT_EQUAL(wi_utf8_span((const uint8_t *)"abcdefghij\xff", 11),
			10);
}

/* ---- well-formed ----------------------------------------------------- */

static int
nested(uint8_t *msg, unsigned depth, int maps)
{
	size_t n = 0;

	for (unsigned i = 0; i < depth; i++) {
		msg[n++] = maps ? 0x81 : 0x91;
		if (maps) {
			msg[n++] = 0xa1;
			msg[n++] = 'k';
		}
	}
	msg[n++] = 0xc0;
	return (int)n;
}

static void
wellformed_nesting_of_128_is_the_limit(void)
{
	uint8_t msg[600];
	weir_diag diag;

	for (int maps = 0; maps < 2; maps++) {
		size_t n = (size_t)nested(msg, 128, maps);

		CU_ASSERT_EQUAL(wi_wellformed(msg, n, NULL), 0);
		CU_ASSERT_PTR_EQUAL(wi_skip(msg, msg + n), msg + n);
		n = (size_t)nested(msg, 129, maps);
		CU_ASSERT_EQUAL(wi_wellformed(msg, n, &diag), WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.offset, maps ? 128 * 3 : 128);
		CU_ASSERT_PTR_NULL(wi_skip(msg, msg + n));
		/* an empty container is one more level, too */
		n = (size_t)nested(msg, 128, maps);
		msg[n - 1] = 0x90;
		CU_ASSERT_EQUAL(wi_wellformed(msg, n, NULL), WEIR_EMSGPACK);
	}
}

static void
wellformed_says_where_and_why(void)
{
	static const struct {
		const char *msg;
		size_t len;
		uint64_t offset;
		const char *pointer, *word;
	} t[] = {
	    {"", 0, 0, "", "ends"},
	    {"\x93\x01\x02", 3, 0, "", "cut off"},
	    {"\x82\xa1"
	     "a\xa1"
	     "b\xa1",
	     6, 5, "", "cut off"},
	    {"\x81\xa1"
	     "a\xa5"
	     "bcd",
	     7, 3, "/a", "cut off"},
	    {"\x92\x01\xc1", 3, 2, "/1", "reserved"},
	    {"\x01\x02", 2, 1, "", "behind"},
	    {"\x90\x90", 2, 1, "", "behind"},
	    {"\x81\x01\x02", 3, 1, "", "key must be a string"},
	    {"\x81\xc4\x01k\x02", 5, 1, "", "key must be a string"},
	    {"\x92\xa1x\xa2\xc3(", 6, 4, "/1", "UTF-8"},
	    {"\x81\xa2"
	     "a\xff\x01",
	     5, 3, "", "UTF-8"},
	    {"\x82\xa1"
	     "a\x01\xa1"
	     "a\x02",
	     7, 4, "/a", "two members"},
	    {"\x81\xa3"
	     "~/x\x92\x01\x82\xa1"
	     "a\x01\xa1"
	     "a\x02",
	     14, 11, "/~0~1x/1/a", "two members"},
	    {"\x92\x92\x01\x02\x82\xa1"
	     "a\xc0\xa1"
	     "b\x91\xc1",
	     12, 11, "/1/b/0", "reserved"},
	};
	weir_diag diag;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		CU_ASSERT_EQUAL(wi_wellformed(t[i].msg, t[i].len, &diag),
				WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.code, WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.offset, t[i].offset);
		CU_ASSERT_STRING_EQUAL(diag.pointer, t[i].pointer);
		CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, t[i].word));
		CU_ASSERT_EQUAL(wi_wellformed(t[i].msg, t[i].len, NULL),
				WEIR_EMSGPACK);
	}
}

static void
wellformed_random_messages_pass_and_their_beginnings_do_not(void)
{
	weir_diag diag;

	gen.rng.state = t_seed(7);
	for (int i = 0; i < 3000; i++) {
		/* A copy of exact size, so that a sanitizer sees more. */
		uint8_t *msg;
		size_t cut;

		gen.json = i % 2;
		gen_message(&gen);
		msg = malloc(gen.len);
		memcpy(msg, gen.buf, gen.len);
		memset(&diag, 0x5a, sizeof(diag));
		CU_ASSERT_EQUAL(wi_wellformed(msg, gen.len, &diag), 0);
		CU_ASSERT_EQUAL(diag.code, 0x5a5a5a5a); /* left alone */
		CU_ASSERT_PTR_EQUAL(wi_skip(msg, msg + gen.len), msg + gen.len);
		free(msg);
		for (cut = 0; cut < gen.len; cut += 1 + cut / 32) {
			msg = malloc(cut + !cut);
			memcpy(msg, gen.buf, cut);
			CU_ASSERT_EQUAL(wi_wellformed(msg, cut, &diag),
					WEIR_EMSGPACK);
			CU_ASSERT(diag.offset <= cut);
			CU_ASSERT_PTR_NULL(wi_skip(msg, msg + cut));
			free(msg);
		}
	}
}

static void
wellformed_survives_any_bytes(void)
{
	struct rng r = {t_seed(11)};
	unsigned long fine = 0;
	uint8_t *msg;

	gen.rng.state = r.state;
	for (int i = 0; i < 20000; i++) {
		gen.json = 0;
		gen_message(&gen);
		if (gen.len > 400)
			continue;
		msg = malloc(gen.len);
		memcpy(msg, gen.buf, gen.len);
		for (int k = 0; k < 3; k++) {
			size_t at = (size_t)rng_below(&r, gen.len);

			msg[at] = (uint8_t)rng_next(&r);
		}
		if (wi_wellformed(msg, gen.len, NULL) == 0) {
			fine++;
			CU_ASSERT_PTR_EQUAL(wi_skip(msg, msg + gen.len),
					    msg + gen.len);
		}
		free(msg);
	}
	CU_ASSERT(fine > 0);
}

/* ---- keys ------------------------------------------------------------ */

/* A map of @cnt keys "key-<i>" with small values; key @twice (if any) once
 * more at the end.  Each key also is in a map below, which is no fault. */
static size_t
big_map(uint8_t *msg, uint32_t cnt, int64_t twice, int below)
{
	size_t n = 5;
	char key[24];

	msg[0] = 0xdf;
	wi_put_be32(msg + 1, cnt + (twice >= 0));
	for (uint32_t i = 0; i < cnt + (twice >= 0); i++) {
		int len = snprintf(key, sizeof(key), "key-%u",
				   i == cnt ? (unsigned)twice : i);

		msg[n++] = (uint8_t)(0xa0 | len);
		memcpy(msg + n, key, (size_t)len);
		n += (size_t)len;
		if (!below) {
			msg[n++] = 1;
			continue;
		}
		msg[n++] = 0x81;
		msg[n++] = (uint8_t)(0xa0 | len);
		memcpy(msg + n, key, (size_t)len);
		n += (size_t)len;
		msg[n++] = 1;
	}
	return n;
}

/* The same answer, and nothing written outside, with any room to spare. */
static void
is_the_same_with_room(const uint8_t *msg, size_t n, int want)
{
	static const size_t lens[] = {5, 65536 + 6, 65536 + 7, 1 << 20};
	static uint8_t room[(1 << 20) + 16];
	struct wi_key_dup dup;

	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		struct wi_room r = {room + 1, lens[i]};

		memset(room, 0xa5, sizeof(room));
		CU_ASSERT_EQUAL(wi_check(msg, n, &r, NULL, &dup), want);
		CU_ASSERT_EQUAL(dup.key != NULL, want != 0);
		CU_ASSERT_EQUAL(room[0], 0xa5);
		CU_ASSERT_EQUAL(room[1 + lens[i]], 0xa5);
	}
}

static void
keys_twice_are_found_in_maps_of_any_size(void)
{
	static const uint32_t sizes[] = {1,    2,    15,   16,	  17,	31,
					 32,   33,   34,   100,	  2999, 3000,
					 3001, 6001, 8000, 100000};
	static uint8_t msg[4 << 20];
	weir_diag diag;
	char pointer[32];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t cnt = sizes[i];
		const int64_t twice[] = {0, cnt / 2, cnt - 1};

		for (int below = 0; below < 2; below++) {
			size_t n = big_map(msg, cnt, -1, below);

			CU_ASSERT_EQUAL(wi_wellformed(msg, n, &diag), 0);
			is_the_same_with_room(msg, n, 0);
			for (int k = 0; k < 3; k++) {
				if (cnt > 10000 && (k != 1 || below))
					continue;
				n = big_map(msg, cnt, twice[k], below);
				CU_ASSERT_EQUAL(wi_wellformed(msg, n, &diag),
						WEIR_EMSGPACK);
				is_the_same_with_room(msg, n, WEIR_EMSGPACK);
				/* the second of the two, at the end */
				CU_ASSERT(diag.offset + 26 > n);
				snprintf(pointer, sizeof(pointer), "/key-%u",
					 (unsigned)twice[k]);
				CU_ASSERT_STRING_EQUAL(diag.pointer, pointer);
			}
		}
	}
}

static void
keys_twice_in_far_maps_have_their_whole_pointer(void)
{
	static uint8_t msg[4096];
	size_t n = 0;
	weir_diag diag;

	/* [nil, {"a": [{...}], "b": BIG}] */
	memcpy(msg,
	       "\x92\xc0\x82\xa1"
	       "a\x91\x81\xa1"
	       "x\x01\xa1"
	       "b",
	       12);
	n = 12 + big_map(msg + 12, 50, 7, 1);
	CU_ASSERT_EQUAL(wi_wellformed(msg, n, &diag), WEIR_EMSGPACK);
	CU_ASSERT_STRING_EQUAL(diag.pointer, "/1/b/key-7");
	n = 12 + big_map(msg + 12, 50, -1, 1);
	CU_ASSERT_EQUAL(wi_wellformed(msg, n, &diag), 0);
}

static void
keys_are_compared_below_the_near_depth(void)
{
	uint8_t msg[600];
	weir_diag diag;
	size_t n;

	for (unsigned depth = 10; depth < 128; depth++) {
		n = (size_t)nested(msg, depth, depth % 2) - 1;
		memcpy(msg + n,
		       "\x82\xa1"
		       "k\x01\xa1"
		       "k\x02",
		       7);
		CU_ASSERT_EQUAL(wi_wellformed(msg, n + 7, &diag),
				WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.offset, n + 4);
		msg[n + 5] = 'l';
		CU_ASSERT_EQUAL(wi_wellformed(msg, n + 7, &diag), 0);
	}
}

static void
keys_alike_in_different_maps_are_fine(void)
{
	static uint8_t msg[1 << 20];
	size_t n = 1;

	/* many large maps with the same keys, side by side */
	msg[0] = 0x9f;
	for (int i = 0; i < 15; i++)
		n += big_map(msg + n, 1000, -1, i % 2);
	CU_ASSERT_EQUAL(wi_wellformed(msg, n, NULL), 0);
}

static void
keys_that_share_most_bytes_differ(void)
{
	uint8_t msg[64];
	char a[16] = "abcdefghijklmno", b[16];
	size_t n;

	for (size_t len = 1; len < 16; len++) {
		for (size_t i = 0; i < len; i++) {
			memcpy(b, a, sizeof(b));
			b[i] ^= 1;
			n = 0;
			msg[n++] = 0x82;
			msg[n++] = (uint8_t)(0xa0 | len);
			memcpy(msg + n, a, len);
			n += len;
			msg[n++] = 0xc0;
			msg[n++] = (uint8_t)(0xa0 | len);
			memcpy(msg + n, b, len);
			n += len;
			msg[n++] = 0xc0;
			CU_ASSERT_EQUAL(wi_wellformed(msg, n, NULL), 0);
			memcpy(msg + n - 1 - len, a, len);
			CU_ASSERT_EQUAL(wi_wellformed(msg, n, NULL),
					WEIR_EMSGPACK);
		}
	}
}

static void
path_that_does_not_fit_ends_in_dots(void)
{
	struct wi_path path;
	char buf[16];

	wi_path_init(&path, buf, sizeof(buf));
	CU_ASSERT_STRING_EQUAL(buf, "");
	wi_path_key(&path, (const uint8_t *)"ab~/", 4);
	CU_ASSERT_STRING_EQUAL(buf, "/ab~0~1");
	wi_path_index(&path, 18446744073709551615u);
	CU_ASSERT_STRING_EQUAL(buf, "/ab~0~1...");
	wi_path_index(&path, 1);
	CU_ASSERT_STRING_EQUAL(buf, "/ab~0~1...");

	wi_path_init(&path, buf, sizeof(buf));
	wi_path_key(&path,
		    (const uint8_t *)"0123456789\xc3\xa9\xc3\xa9\xc3\xa9", 16);
	CU_ASSERT_STRING_EQUAL(buf, "/0123456789...");
}

SUITE("walk", TEST(head_integers_of_every_width),
      TEST(head_floats_are_widened_exactly),
      TEST(head_payloads_end_where_the_message_does),
      TEST(head_lengths_past_the_end_are_refused),
      TEST(utf8_agrees_with_the_definition),
      TEST(utf8_of_long_texts_agrees_too), TEST(utf8_count_counts_code_points),
      TEST(wellformed_nesting_of_128_is_the_limit),
      TEST(wellformed_says_where_and_why),
      TEST(wellformed_random_messages_pass_and_their_beginnings_do_not),
      TEST(wellformed_survives_any_bytes),
      TEST(keys_twice_are_found_in_maps_of_any_size),
      TEST(keys_twice_in_far_maps_have_their_whole_pointer),
      TEST(keys_are_compared_below_the_near_depth),
      TEST(keys_alike_in_different_maps_are_fine),
      TEST(keys_that_share_most_bytes_differ),
      TEST(path_that_does_not_fit_ends_in_dots));
