/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/record.h>

#include "base/bytes.h"
#include "codec/json.h"
#include "codec/walk.h"
#include "unit/msggen.h"

static struct gen gen;
static uint8_t msg_a[4 << 20], msg_b[4 << 20];
static char text[4 << 20];

static size_t
msg_of(uint8_t *msg, const char *json)
{
	int64_t n =
	    weir_json_to_msgpack(json, strlen(json), msg, sizeof(msg_a), NULL);

	if (n < 0)
		t_log("not JSON: %.100s\n", json);
	return n < 0 ? 0 : (size_t)n;
}

/* ---- JSON Pointer ---------------------------------------------------- */

static void
find_what_rfc_6901_shows(void)
{
	static const char doc[] =
	    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
	    "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,"
	    "\"o\":{\"\":{\"\":9}},\"~1\":10,\"x~/y\":[[11]]}";
	static const struct {
		const char *pointer, *json;
	} t[] = {
	    {"/foo", "[\"bar\",\"baz\"]"},
	    {"/foo/0", "\"bar\""},
	    {"/foo/1", "\"baz\""},
	    {"/", "0"},
	    {"/a~1b", "1"},
	    {"/c%d", "2"},
	    {"/e^f", "3"},
	    {"/g|h", "4"},
	    {"/i\\j", "5"},
	    {"/k\"l", "6"},
	    {"/ ", "7"},
	    {"/m~0n", "8"},
	    {"/o//", "9"},
	    {"/o/", "{\"\":9}"},
	    {"/~01", "10"},
	    {"/x~0~1y/0/0", "11"},
	};
	size_t n = msg_of(msg_a, doc);
	weir_value v;
	char buf[64];

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int err = weir_value_find(msg_a, n, t[i].pointer, &v);

		CU_ASSERT_EQUAL(err, 0);
		if (err)
			continue;
		weir_msgpack_to_json(v.raw, v.raw_len, buf, sizeof(buf));
		CU_ASSERT_STRING_EQUAL(buf, t[i].json);
	}
	CU_ASSERT_EQUAL(weir_value_find(msg_a, n, "", &v), 0);
	CU_ASSERT_PTR_EQUAL(v.raw, msg_a);
	CU_ASSERT_EQUAL(v.raw_len, n);
	CU_ASSERT_EQUAL(v.type, WEIR_MAP);
	CU_ASSERT_EQUAL(v.cnt, 13);
}

static void
find_nothing_is_enoent(void)
{
	static const char *const t[] = {
	    "/b",     "/a/2",  "/a/-",
	    "/a/01",  "/a/00", "/a/+1",
	    "/a/ 1",  "/a/1 ", "/a/0x",
	    "/a/1.0", "/a/",   "/a/1/x",
	    "/s/0",   "/a//",  "/a/4294967296",
	    "/A",     "/",     "/a/18446744073709551616",
	    "/aa",    "/s/",   "/a/99999999999999999999999999999"};
	size_t n = msg_of(msg_a, "{\"a\":[1,2],\"s\":\"xyz\",\"ab\":3}");
	weir_value v, was;

	memset(&v, 0x5a, sizeof(v));
	was = v;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		CU_ASSERT_EQUAL(weir_value_find(msg_a, n, t[i], &v), -ENOENT);
	CU_ASSERT_EQUAL(memcmp(&v, &was, sizeof(v)), 0);
}

static void
find_bad_arguments_are_einval(void)
{
	static const char *const t[] = {"a",   "a/b", "#",    "/~",
					"/~2", "/a~", "/~/x", " /a"};
	size_t n = msg_of(msg_a, "{\"a\":1}");
	weir_value v;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		CU_ASSERT_EQUAL(weir_value_find(msg_a, n, t[i], &v), -EINVAL);
	CU_ASSERT_EQUAL(weir_value_find(NULL, n, "", &v), -EINVAL);
	CU_ASSERT_EQUAL(weir_value_find(msg_a, n, NULL, &v), -EINVAL);
	CU_ASSERT_EQUAL(weir_value_find(msg_a, n, "", NULL), -EINVAL);
}

static void
find_in_bad_bytes_is_emsgpack(void)
{
	static const char doc[] = "{\"a\":[1,{\"b\":\"xyz\"},null],\"c\":2}";
	size_t n = msg_of(msg_a, doc);
	weir_value v;

	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *part = malloc(cut + !cut);

		memcpy(part, msg_a, cut);
		CU_ASSERT_EQUAL(weir_value_find(part, cut, "/c", &v),
				WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(weir_value_find(part, cut, "", &v),
				WEIR_EMSGPACK);
		free(part);
	}
	/* what lies behind the value found is not looked at */
	CU_ASSERT_EQUAL(weir_value_find("\x82\xa1k\x01\xc1\xc1", 6, "/k", &v),
			0);
	CU_ASSERT_EQUAL(weir_value_find("\x81\x01\x02", 3, "/k", &v),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_value_find("\x92\x01\xc1", 3, "/1", &v),
			WEIR_EMSGPACK);
}

static void
find_fills_each_type(void)
{
	static const uint8_t msg[] = {
	    0x9a, 0xc0,			  /* nil */
	    0xc3,			  /* true */
	    0xd0, 0x85,			  /* -123 */
	    0xcd, 0x01, 0x00,		  /* 256 */
	    0xca, 0x3f, 0xc0, 0x00, 0x00, /* 1.5 */
	    0xa2, 'h',	'i',		  /* str */
	    0xc4, 0x01, 0xff,		  /* bin */
	    0xd5, 0xfe, 0x01, 0x02,	  /* ext -2 */
	    0x91, 0x07,			  /* array */
	    0x81, 0xa1, 'k',  0x07,	  /* map */
	};
	char pointer[16];
	weir_value v[10];

	for (int i = 0; i < 10; i++) {
		snprintf(pointer, sizeof(pointer), "/%d", i);
		CU_ASSERT_EQUAL(
		    weir_value_find(msg, sizeof(msg), pointer, &v[i]), 0);
		CU_ASSERT_EQUAL(v[i].type, (uint32_t)i);
	}
	CU_ASSERT_EQUAL(v[WEIR_NIL].raw_len, 1);
	CU_ASSERT_EQUAL(v[WEIR_BOOL].boolean, 1);
	CU_ASSERT_EQUAL(v[WEIR_INT].i, -123);
	CU_ASSERT_EQUAL(v[WEIR_INT].raw_len, 2);
	CU_ASSERT_EQUAL(v[WEIR_UINT].u, 256);
	CU_ASSERT_EQUAL(v[WEIR_FLOAT].d, 1.5);
	CU_ASSERT(v[WEIR_STR].len == 2 && !memcmp(v[WEIR_STR].ptr, "hi", 2));
	CU_ASSERT_EQUAL(v[WEIR_STR].raw_len, 3);
	CU_ASSERT_EQUAL(v[WEIR_BIN].len, 1);
	CU_ASSERT_EQUAL(v[WEIR_EXT].ext_type, -2);
	CU_ASSERT_EQUAL(v[WEIR_EXT].len, 2);
	CU_ASSERT_EQUAL(v[WEIR_ARRAY].cnt, 1);
	CU_ASSERT_EQUAL(v[WEIR_ARRAY].raw_len, 2);
	CU_ASSERT_EQUAL(v[WEIR_MAP].cnt, 1);
	CU_ASSERT_EQUAL(v[WEIR_MAP].raw_len, 4);
}

static void
find_in_a_record(void)
{
	weir_record rec;
	weir_value v;

	memset(&rec, 0, sizeof(rec));
	rec.data = "\x81\xa1k\x07";
	rec.len = 4;
	CU_ASSERT_EQUAL(weir_record_find(&rec, "/k", &v), 0);
	CU_ASSERT_EQUAL(v.u, 7);
	CU_ASSERT_EQUAL(weir_record_find(&rec, "k", &v), -EINVAL);
	CU_ASSERT_EQUAL(weir_record_find(NULL, "/k", &v), -EINVAL);
	rec.kind = WEIR_CLEAR;
	rec.data = NULL;
	rec.len = 0;
	CU_ASSERT_EQUAL(weir_record_find(&rec, "/k", &v), -ENOENT);
	CU_ASSERT_EQUAL(weir_record_find(&rec, "", &v), -ENOENT);
	CU_ASSERT_EQUAL(weir_record_find(&rec, "k", &v), -EINVAL);
}

/* ---- equality -------------------------------------------------------- */

static int
equal_bytes(const void *a, size_t an, const void *b, size_t bn)
{
	const uint8_t *x = a, *y = b;
	int r = wi_value_equal(x, x + an, y, y + bn);

	CU_ASSERT_EQUAL(wi_value_equal(y, y + bn, x, x + an), r);
	return r;
}

static int
equal_json(const char *a, const char *b)
{
	size_t an = msg_of(msg_a, a), bn = msg_of(msg_b, b);

	return equal_bytes(msg_a, an, msg_b, bn);
}

static void
equal_as_json_values(void)
{
	static const struct {
		const char *a, *b;
		int equal;
	} t[] = {
	    {"null", "null", 1},
	    {"null", "false", 0},
	    {"true", "true", 1},
	    {"true", "1", 0},
	    {"false", "0", 0},
	    {"0", "\"\"", 0},
	    {"null", "[]", 0},
	    {"[]", "{}", 0},
	    {"1", "1.0", 1},
	    {"1", "1.5", 0},
	    {"-1", "-1.0", 1},
	    {"1", "-1", 0},
	    {"1.0", "-1.0", 0},
	    {"0", "-0", 1},
	    {"0.0", "-0.0", 1},
	    {"300", "3e2", 1},
	    {"0.1", "0.10", 1},
	    {"0.1", "0.2", 0},
	    /* where doubles are wider apart than integers */
	    {"9007199254740992", "9007199254740992.0", 1},
	    {"9007199254740993", "9007199254740992.0", 0},
	    {"9007199254740993", "9007199254740993.0", 0},
	    {"18446744073709551615", "18446744073709551615.0", 0},
	    {"18446744073709551615", "18446744073709551616.0", 0},
	    {"18446744073709549568", "18446744073709549568.0", 1},
	    {"9223372036854775807", "9223372036854775807.0", 0},
	    {"9223372036854775808", "9223372036854775808.0", 1},
	    {"-9223372036854775808", "-9223372036854775808.0", 1},
	    {"-9223372036854775807", "-9223372036854775808.0", 0},
	    {"9223372036854775808", "-9223372036854775808", 0},
	    {"-1", "18446744073709551615", 0},
	    {"\"a\"", "\"a\"", 1},
	    {"\"a\"", "\"A\"", 0},
	    {"\"a\"", "\"ab\"", 0},
	    {"\"a\\u0000\"", "\"a\"", 0},
	    {"[1,2]", "[1,2]", 1},
	    {"[1,2]", "[2,1]", 0},
	    {"[1,2]", "[1,2,3]", 0},
	    {"[[1],2]", "[[1,2]]", 0},
	    {"[[],[[]]]", "[[[]],[]]", 0},
	    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", 1},
	    {"{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", 0},
	    {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", 0},
	    {"{\"a\":1}", "{\"a\":1,\"b\":2}", 0},
	    {"{\"a\":{\"x\":[1,{\"y\":2,\"z\":3}],\"w\":{}},\"b\":[]}",
	     "{\"b\":[],\"a\":{\"w\":{},\"x\":[1.0,{\"z\":3,\"y\":2}]}}", 1},
	    {"{\"a\":{\"x\":[1,{\"y\":2,\"z\":3}],\"w\":{}},\"b\":[]}",
	     "{\"b\":[],\"a\":{\"w\":{},\"x\":[1,{\"z\":2,\"y\":3}]}}", 0},
	    {"[{\"a\":{\"b\":1},\"c\":2},3]", "[{\"c\":2,\"a\":{\"b\":1}},3]",
	     1},
	    {"[{\"a\":{\"b\":1},\"c\":2},3]", "[{\"c\":2,\"a\":{\"b\":1}},4]",
	     0},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int r = equal_json(t[i].a, t[i].b);

		if (r != t[i].equal)
			t_log("%s and %s\n", t[i].a, t[i].b);
		CU_ASSERT_EQUAL(r, t[i].equal);
		CU_ASSERT_EQUAL(equal_json(t[i].a, t[i].a), 1);
		CU_ASSERT_EQUAL(equal_json(t[i].b, t[i].b), 1);
	}
}

static void
equal_whatever_the_width(void)
{
	static const struct {
		uint8_t len, msg[9];
	} seven[] = {
	    {1, {7}},
	    {2, {0xcc, 7}},
	    {3, {0xcd, 0, 7}},
	    {5, {0xce, 0, 0, 0, 7}},
	    {9, {0xcf, 0, 0, 0, 0, 0, 0, 0, 7}},
	    {2, {0xd0, 7}},
	    {3, {0xd1, 0, 7}},
	    {5, {0xd2, 0, 0, 0, 7}},
	    {9, {0xd3, 0, 0, 0, 0, 0, 0, 0, 7}},
	    {5, {0xca, 0x40, 0xe0, 0, 0}},
	    {9, {0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0}},
	};
	const size_t n = sizeof(seven) / sizeof(*seven);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			CU_ASSERT(equal_bytes(seven[i].msg, seven[i].len,
					      seven[k].msg, seven[k].len));
	CU_ASSERT(equal_bytes("\xa1x", 2, "\xd9\x01x", 3));
	CU_ASSERT(equal_bytes("\x91\x01", 2, "\xdc\x00\x01\x01", 4));
	CU_ASSERT(equal_bytes("\x81\xa1x\x01", 4,
			      "\xdf\x00\x00\x00\x01\xd9\x01x\x01", 9));
}

static void
equal_what_json_lacks(void)
{
	CU_ASSERT(equal_bytes("\xca\x7f\xc0\x00\x00", 5,
			      "\xcb\xff\xf8\x00\x00\x00\x00\x00\x01", 9));
	CU_ASSERT(
	    !equal_bytes("\xca\x7f\xc0\x00\x00", 5, "\xca\x7f\x80\x00\x00", 5));
	CU_ASSERT(
	    !equal_bytes("\xca\xff\x80\x00\x00", 5, "\xca\x7f\x80\x00\x00", 5));
	CU_ASSERT(!equal_bytes("\xc4\x01x", 3, "\xa1x", 2));
	CU_ASSERT(equal_bytes("\xc4\x01x", 3, "\xc5\x00\x01x", 4));
	CU_ASSERT(equal_bytes("\xd4\x05x", 3, "\xc7\x01\x05x", 4));
	CU_ASSERT(!equal_bytes("\xd4\x05x", 3, "\xd4\x06x", 3));
	CU_ASSERT(!equal_bytes("\xd4\x05x", 3, "\xd4\x05y", 3));
}

static void
equal_bad_bytes_equal_nothing(void)
{
	CU_ASSERT(!equal_bytes("", 0, "", 0));
	CU_ASSERT(!equal_bytes("\xc1", 1, "\xc1", 1));
	CU_ASSERT(!equal_bytes("\x01\x02", 2, "\x01\x02", 2));
	CU_ASSERT(!equal_bytes("\x92\x01", 2, "\x92\x01", 2));
	CU_ASSERT(!equal_bytes("\x81\x01\x01", 3, "\x81\x01\x01", 3));
	memset(msg_a, 0x91, 200);
	msg_a[129] = 0xc0;
	CU_ASSERT(!equal_bytes(msg_a, 130, msg_a, 130));
	msg_a[128] = 0xc0;
	CU_ASSERT(equal_bytes(msg_a, 129, msg_a, 129));
}

/* {"k<i>": <i>, ...}, in the order first, first + step, ... */
static void
numbered(char *out, unsigned cnt, unsigned first, unsigned step, int inner)
{
	unsigned at = first;
	size_t n = 0;

	out[n++] = '{';
	for (unsigned i = 0; i < cnt; i++, at = (at + step) % cnt)
		n += (size_t)sprintf(out + n,
				     inner ? "%s\"k%u\":{\"x\":[%u],\"y\":1}"
					   : "%s\"k%u\":%u",
				     i ? "," : "", at, at);
	out[n++] = '}';
	out[n] = 0;
}

/* The search by key gives up on these and the hashes decide. */
static void
equal_large_maps_in_any_order(void)
{
	static const unsigned sizes[] = {1, 2, 50, 1000, 30000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (int inner = 0; inner < 2; inner++) {
			unsigned cnt = sizes[i];
			size_t an, bn;

			numbered(text, cnt, 0, 1, inner);
			an = msg_of(msg_a, text);
			numbered(text, cnt, cnt - 1, cnt - 1, inner);
			bn = msg_of(msg_b, text);
			CU_ASSERT(an > 0 && an == bn);
			CU_ASSERT(equal_bytes(msg_a, an, msg_b, bn));
			/* one value another: k0 is the last here */
			msg_b[bn - 1]++;
			CU_ASSERT(!equal_bytes(msg_a, an, msg_b, bn));
			msg_b[bn - 1]--;
			/* one key another */
			for (size_t k = 0; k + 1 < bn; k++)
				if (msg_b[k] == 'k' && msg_b[k + 1] == '0') {
					msg_b[k] = 'K';
					break;
				}
			CU_ASSERT(!equal_bytes(msg_a, an, msg_b, bn));
		}
	}
}

static void
equal_random_values(void)
{
	struct wi_head h;
	unsigned differ = 0;

	gen.rng.state = t_seed(12);
	for (int i = 0; i < 3000; i++) {
		size_t n, at;

		gen.json = i % 2;
		gen_message(&gen);
		n = gen.len;
		CU_ASSERT(equal_bytes(gen.buf, n, gen.buf, n));
		if (!gen.json || n > 5000)
			continue;
		/* in their shortest form, other bytes are another value,
		 * but for the sign of 0 */
		memcpy(msg_a, gen.buf, n);
		at = (size_t)rng_below(&gen.rng, n);
		msg_a[at] ^= (uint8_t)(1u << rng_below(&gen.rng, 7));
		if (wi_wellformed(msg_a, n, NULL) ||
		    wi_head_read(msg_a, msg_a + n, &h))
			continue;
		differ += !equal_bytes(gen.buf, n, msg_a, n);
	}
	CU_ASSERT(differ > 300);
}

SUITE("value", TEST(find_what_rfc_6901_shows), TEST(find_nothing_is_enoent),
      TEST(find_bad_arguments_are_einval), TEST(find_in_bad_bytes_is_emsgpack),
      TEST(find_fills_each_type), TEST(find_in_a_record),
      TEST(equal_as_json_values), TEST(equal_whatever_the_width),
      TEST(equal_what_json_lacks), TEST(equal_bad_bytes_equal_nothing),
      TEST(equal_large_maps_in_any_order), TEST(equal_random_values));
