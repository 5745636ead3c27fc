/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/harness.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/record.h>

#include "base/bytes.h"
#include "codec/json.h"
#include "unit/msggen.h"

static struct gen gen;

/* JSON of @len bytes to msgpack in a block of exactly @cap bytes, so that a
 * sanitizer sees each byte too far. */
static int64_t
read_in(const char *text, size_t len, uint8_t *out, size_t cap, weir_diag *diag)
{
	char *t = malloc(len + !len);
	uint8_t *b = malloc(cap + !cap);
	int64_t n;

	memcpy(t, text, len);
	n = weir_json_to_msgpack(t, len, b, cap, diag);
	if (n > 0 && out)
		memcpy(out, b, (size_t)n);
	free(t);
	free(b);
	return n;
}

/* There and back; "" if it was refused. */
static const char *
again(const char *text)
{
	static char buf[4096];
	uint8_t msg[4096];
	int64_t n = read_in(text, strlen(text), msg, sizeof(msg), NULL);

	buf[0] = 0;
	if (n > 0)
		weir_msgpack_to_json(msg, (size_t)n, buf, sizeof(buf));
	return buf;
}

/* ---- the grammar ----------------------------------------------------- */

static void
read_accepts_json(void)
{
	/* text, and how it is written again; NULL: the same */
	static const char *const t[][2] = {
	    {"null", NULL},
	    {"true", NULL},
	    {"false", NULL},
	    {"0", NULL},
	    {"-1", NULL},
	    {"1234567890", NULL},
	    {"\"\"", NULL},
	    {"\"abc\"", NULL},
	    {"[]", NULL},
	    {"{}", NULL},
	    {"[[]]", NULL},
	    {"[{}]", NULL},
	    {"{\"a\":[]}", NULL},
	    {"{\"a\":{\"a\":{\"a\":1}}}", NULL},
	    {"[1,2,3]", NULL},
	    {"[null,true,false]", NULL},
	    {"{\"a\":1,\"b\":2}", NULL},
	    {"{\"\":0}", NULL},
	    {"{\"a\":1,\"A\":2}", NULL},
	    {" 1 ", "1"},
	    {"\t\r\n 1\t\r\n ", "1"},
	    {" [ 1 , 2 ] ", "[1,2]"},
	    {" { \"a\" : 1 , \"b\" : [ ] } ", "{\"a\":1,\"b\":[]}"},
	    {"[ ]", "[]"},
	    {"{\n}", "{}"},
	    {"-0", "-0.0"},
	    {"-0.0", NULL},
	    {"0.0", NULL},
	    {"0e5", "0.0"},
	    {"0E-5", "0.0"},
	    {"1.0", NULL},
	    {"1.50", "1.5"},
	    {"1e0", "1.0"},
	    {"1E+2", "100.0"},
	    {"1e-2", "0.01"},
	    {"12.5e1", "125.0"},
	    {"1e00000000000000000002", "100.0"},
	    {"1e22", NULL},
	    {"1e23", NULL},
	    {"1e17", NULL},
	    {"1e16", "10000000000000000.0"},
	    {"123456789.125", NULL},
	    {"0.001", NULL},
	    {"0.0001", NULL},
	    {"0.00001", "1e-5"},
	    {"1.7976931348623157e308", NULL},
	    {"1.7976931348623158e308", "1.7976931348623157e308"},
	    {"4.9e-324", "5e-324"},
	    {"2.4703282292062327e-324", "0.0"},
	    {"2.4703282292062328e-324", "5e-324"},
	    {"1e-400", "0.0"},
	    {"-1e-99999999999999999999", "-0.0"},
	    {"0e99999999999999999999", "0.0"},
	    {"2.2250738585072011e-308", "2.225073858507201e-308"},
	    {"9007199254740993.0", "9007199254740992.0"},
	    {"9007199254740992.999", "9007199254740992.0"},
	    {"9007199254740993.00000000000000000000000000000001",
	     "9007199254740994.0"},
	    {"18446744073709551615", NULL},
	    {"-9223372036854775808", NULL},
	    {"18446744073709551616.0", "1.8446744073709552e19"},
	    {"18446744073709551616e0", "1.8446744073709552e19"},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
	    {"\"\\u0041\\u00e9\\u20AC\"", "\"A\xc3\xa9\xe2\x82\xac\""},
	    {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
	    {"\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\""},
	    {"\"\\ud800\\udc00x\"", "\"\xf0\x90\x80\x80x\""},
	    {"\"\\u0000\"", NULL},
	    {"\"\\u001f\\u007f\\u0080\\u009f\\u2028\\u2029\"", NULL},
	    {"\"\xc2\x85\xe2\x80\xa8\x7f\"", "\"\\u0085\\u2028\\u007f\""},
	    {"\"\xc2\xa0\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8\"", NULL},
	    {"\"\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80\"", NULL},
	    {"\"0123456789abcdef0123456789abcde\\n\"", NULL},
	    {"{\"\\u0061\":1,\"b\":\"\\/\"}", "{\"a\":1,\"b\":\"/\"}"},
	    {"[0,[1,[2,[3]]],{\"x\":[{\"y\":null}]}]", NULL},
	    {"[-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649]",
	     NULL},
	    {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]", NULL},
	    {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]", NULL},
	    {"[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17],2]", NULL},
	    {"{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,"
	     "\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,"
	     "\"o\":15,\"p\":16,\"q\":[17]}",
	     NULL},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *got = again(t[i][0]);
		const char *want = t[i][1] ? t[i][1] : t[i][0];

		if (strcmp(got, want) != 0)
			t_log("%s -> %s, not %s\n", t[i][0], got, want);
		CU_ASSERT_STRING_EQUAL(got, want);
	}
}

static void
read_refuses_what_is_not_json(void)
{
	static const struct {
		const char *text;
		uint64_t offset;
		const char *word; /* in the message */
	} t[] = {
	    {"", 0, "a value, found the end"},
	    {" ", 1, "a value, found the end"},
	    {"nul", 3, "\"null\", found the end"},
	    {"nulL", 3, "\"null\", found 'L'"},
	    {"Null", 0, "a value, found 'N'"},
	    {"tru ", 3, "\"true\", found byte 0x20"},
	    {"falsy", 4, "\"false\", found 'y'"},
	    {"nulll", 4, "end of the text, found 'l'"},
	    {"1 2", 2, "end of the text, found '2'"},
	    {"[] []", 3, "end of the text"},
	    {"\xef\xbb\xbf 1", 0, "a value, found byte 0xef"},
	    {"'a'", 0, "a value, found '''"},
	    {"// x\n1", 0, "a value"},
	    {"NaN", 0, "a value"},
	    {"Infinity", 0, "a value"},
	    {"-Infinity", 1, "a digit, found 'I'"},
	    {"undefined", 0, "a value"},
	    {"\f 1", 0, "a value, found byte 0x0c"},
	    {"\xc2\xa0 1", 0, "found byte 0xc2"},
	    /* numbers */
	    {"01", 0, "must not begin with 0"},
	    {"-01", 0, "must not begin with 0"},
	    {"00", 0, "must not begin with 0"},
	    {"-", 1, "a digit, found the end"},
	    {"--1", 1, "a digit, found '-'"},
	    {"+1", 0, "a value, found '+'"},
	    {".5", 0, "a value, found '.'"},
	    {"1.", 2, "a digit behind the point"},
	    {"1.e5", 2, "a digit behind the point, found 'e'"},
	    {"-.5", 1, "a digit"},
	    {"1e", 2, "a digit in the exponent"},
	    {"1e+", 3, "a digit in the exponent"},
	    {"1e-x", 3, "a digit in the exponent, found 'x'"},
	    {"1e5.0", 3, "end of the text, found '.'"},
	    {"1.2.3", 3, "end of the text"},
	    {"0x10", 1, "end of the text, found 'x'"},
	    {"1_000", 1, "end of the text"},
	    {"1,000", 1, "end of the text"},
	    {"18446744073709551616", 0, "-2^63 .. 2^64-1"},
	    {"-9223372036854775809", 0, "-2^63 .. 2^64-1"},
	    {"-18446744073709551615", 0, "-2^63 .. 2^64-1"},
	    {"100000000000000000000000000000000000", 0, "-2^63 .. 2^64-1"},
	    {"36893488147419103232", 0, "-2^63 .. 2^64-1"},
	    {"[1,18446744073709551616]", 3, "-2^63 .. 2^64-1"},
	    {"1e400", 0, "too large"},
	    {"-1e400", 0, "too large"},
	    {"1.7976931348623159e308", 0, "too large"},
	    {"179769313486231580793728971405304e276", 0, "too large"},
	    {"1e99999999999999999999999", 0, "too large"},
	    {"[0,1e309]", 3, "too large"},
	    /* strings */
	    {"\"", 1, "at the end of the string, found the end"},
	    {"\"abc", 4, "at the end of the string, found the end"},
	    {"\"a\nb\"", 2, "control character, found byte 0x0a"},
	    {"\"a\tb\"", 2, "control character, found byte 0x09"},
	    {"\"0123456789\x1f\"", 11, "found byte 0x1f"},
	    {"\"\\", 2, "an escape, found the end"},
	    {"\"\\x41\"", 2, "behind the backslash, found 'x'"},
	    {"\"\\'\"", 2, "behind the backslash"},
	    {"\"\\U0041\"", 2, "behind the backslash"},
	    {"\"\\0\"", 2, "behind the backslash"},
	    {"\"\\u\"", 1, "four hex digits"},
	    {"\"\\u12\"", 1, "four hex digits"},
	    {"\"\\u12g4\"", 1, "four hex digits"},
	    {"\"\\u+123\"", 1, "four hex digits"},
	    {"\"\\u 123\"", 1, "four hex digits"},
	    {"\"\\ud800\"", 1, "high surrogate"},
	    {"\"\\ud800x\"", 1, "high surrogate"},
	    {"\"a\\ud800\\n\"", 2, "high surrogate"},
	    {"\"\\ud800\\u0041\"", 1, "high surrogate"},
	    {"\"\\ud800\\ud800\"", 1, "high surrogate"},
	    {"\"\\udc00\"", 1, "low surrogate"},
	    {"\"\\ude00\\ud83d\"", 1, "low surrogate"},
	    {"\"\xff\"", 1, "UTF-8, found byte 0xff"},
	    {"\"ab\x80\"", 3, "UTF-8, found byte 0x80"},
	    {"\"\xc0\xaf\"", 1, "UTF-8"},
	    {"\"\xc3\"", 1, "UTF-8"},
	    {"\"\xe2\x82\"", 1, "UTF-8"},
	    {"\"\xed\xa0\x80\"", 1, "UTF-8"},
	    {"\"\xf4\x90\x80\x80\"", 1, "UTF-8"},
	    {"{\"\xff\":1}", 2, "UTF-8"},
	    /* arrays */
	    {"[", 1, "a value, found the end"},
	    {"[1", 2, "',' or ']', found the end"},
	    {"[1,", 3, "a value, found the end"},
	    {"[1,]", 3, "a value, found ']'"},
	    {"[,1]", 1, "a value, found ','"},
	    {"[1,,2]", 3, "a value, found ','"},
	    {"[1 2]", 3, "',' or ']', found '2'"},
	    {"[1:2]", 2, "',' or ']', found ':'"},
	    {"[1}", 2, "',' or ']', found '}'"},
	    {"]", 0, "a value, found ']'"},
	    {"[1]]", 3, "end of the text, found ']'"},
	    {"[[1]", 4, "',' or ']', found the end"},
	    /* objects */
	    {"{", 1, "a string as key, or '}', found the end"},
	    {"{1:2}", 1, "a string as key, or '}', found '1'"},
	    {"{a:1}", 1, "a string as key"},
	    {"{null:1}", 1, "a string as key"},
	    {"{\"a\"", 4, "':' behind the key, found the end"},
	    {"{\"a\"}", 4, "':' behind the key, found '}'"},
	    {"{\"a\" 1}", 5, "':' behind the key, found '1'"},
	    {"{\"a\",1}", 4, "':' behind the key"},
	    {"{\"a\":", 5, "a value, found the end"},
	    {"{\"a\":}", 5, "a value, found '}'"},
	    {"{\"a\":1", 6, "',' or '}', found the end"},
	    {"{\"a\":1,", 7, "a string as key, found the end"},
	    {"{\"a\":1,}", 7, "a string as key, found '}'"},
	    {"{,}", 1, "a string as key, or '}'"},
	    {"{\"a\":1 \"b\":2}", 7, "',' or '}', found '\"'"},
	    {"{\"a\":1]", 6, "',' or '}', found ']'"},
	    {"{\"a\"::1}", 5, "a value, found ':'"},
	    {"}", 0, "a value"},
	    {"{\"a\":1,\"a\":2}", 7, "two members named \"a\""},
	    {"{\"a\":1,\"b\":1,\"\\u0061\":2}", 13, "named \"a\""},
	    {"[{\"a\":{\"x\\n\":1,\"y\":[2],\"x\\n\":2}}]", 23,
	     "named \"x\\n\""},
	    {"{\"\":1,\"\":2}", 6, "named \"\""},
	};
	weir_diag diag;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int64_t n =
		    read_in(t[i].text, strlen(t[i].text), NULL, 256, &diag);

		if (n != WEIR_EJSON || diag.offset != t[i].offset ||
		    !strstr(diag.message, t[i].word))
			t_log("%s: %lld at %llu: %s\n", t[i].text, (long long)n,
			      (unsigned long long)diag.offset, diag.message);
		CU_ASSERT_EQUAL(n, WEIR_EJSON);
		CU_ASSERT_EQUAL(diag.code, WEIR_EJSON);
		CU_ASSERT_EQUAL(diag.offset, t[i].offset);
		CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, t[i].word));
		CU_ASSERT_EQUAL(
		    read_in(t[i].text, strlen(t[i].text), NULL, 256, NULL),
		    WEIR_EJSON);
	}
}

static void
read_says_line_and_column(void)
{
	static const char text[] = "{\n  \"a\": [1,\r\n\t2,\n\n   x]}";
	static const char dup[] =
	    "{\"k\": 1,\n \"l\": {\"k\": 2},\n  \"k\": 3}";
	static const char nul[] = "1\0";
	weir_diag diag;

	CU_ASSERT_EQUAL(read_in(text, strlen(text), NULL, 99, &diag),
			WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.line, 5);
	CU_ASSERT_EQUAL(diag.column, 4);
	CU_ASSERT_EQUAL(diag.offset, strlen(text) - 3);
	CU_ASSERT_EQUAL(read_in(dup, strlen(dup), NULL, 99, &diag), WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.line, 3);
	CU_ASSERT_EQUAL(diag.column, 3);
	CU_ASSERT_EQUAL(read_in(nul, 2, NULL, 99, &diag), WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.offset, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "found byte 0x00"));
	memset(&diag, 0x5a, sizeof(diag));
	CU_ASSERT_EQUAL(read_in("[1]", 3, NULL, 99, &diag), 2);
	CU_ASSERT_EQUAL(diag.code, 0x5a5a5a5a); /* left alone */
}

static void
read_nesting_of_128_is_the_limit(void)
{
	char text[1200];
	weir_diag diag;
	size_t n;

	for (unsigned depth = 127; depth <= 130; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		CU_ASSERT_EQUAL(read_in(text, 2 * depth, NULL, 600, &diag),
				depth <= 128 ? (int64_t)depth : WEIR_EJSON);
		n = 0;
		for (unsigned i = 0; i < depth; i++) {
			memcpy(text + n, "{\"\":", 4);
			n += 4;
		}
		text[n++] = '1';
		memset(text + n, '}', depth);
		n += depth;
		CU_ASSERT_EQUAL(read_in(text, n, NULL, 600, &diag),
				depth <= 128 ? (int64_t)(2 * depth + 1)
					     : WEIR_EJSON);
		if (depth > 128) {
			CU_ASSERT_EQUAL(diag.offset, 128 * 4);
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(diag.message, "nested too deeply"));
		}
	}
	memset(text, '[', sizeof(text));
	CU_ASSERT_EQUAL(read_in(text, sizeof(text), NULL, 600, &diag),
			WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.offset, 128);
}

static void
read_null_arguments_are_einval(void)
{
	weir_diag diag;
	char buf[8];

	CU_ASSERT_EQUAL(weir_json_to_msgpack(NULL, 1, buf, 8, &diag), -EINVAL);
	CU_ASSERT_EQUAL(diag.code, -EINVAL);
	CU_ASSERT_EQUAL(weir_json_to_msgpack("1", 1, NULL, 8, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_msgpack_to_json(NULL, 1, buf, 8), -EINVAL);
	CU_ASSERT_EQUAL(weir_msgpack_to_json("\x01", 1, NULL, 8), -EINVAL);
	CU_ASSERT_EQUAL(weir_record_json(NULL, buf, 8), -EINVAL);
}

/* ---- lengths --------------------------------------------------------- */

/* A text accepted with n bytes gives -ENOBUFS with any less; and the room
 * that always suffices does. */
static void
read_needs_no_byte_more_than_it_writes(void)
{
	static const char *const part[] = {
	    "-0",     "0.1",	 "9e9", "1",	      "-33",	     "\"\"",
	    "\"a\"",  "[]",	 "{}",	"70000",      "\"\\u00e9\"", "null",
	    "-32769", "[[9e9]]", "0.5", "{\"a\":0.1}"};
	struct rng r = {t_seed(3)};
	static char text[1 << 17];
	static uint8_t full[1 << 19];

	for (int i = 0; i < 600; i++) {
		size_t cnt = (size_t)rng_below(&r, i % 100 ? 40 : 9000), n = 0;
		int64_t want;
		weir_diag diag;

		for (size_t k = 0; k < cnt; k++) {
			const char *s = part[rng_below(
			    &r, i % 3 ? sizeof(part) / sizeof(*part) : 3)];

			text[n++] = k ? ',' : '[';
			memcpy(text + n, s, strlen(s));
			n += strlen(s);
		}
		if (cnt == 0)
			text[n++] = '[';
		text[n++] = ']';
		want = read_in(text, n, full, WI_JSON_CAP(n), NULL);
		CU_ASSERT(want > 0);
		CU_ASSERT_EQUAL(read_in(text, n, NULL, (size_t)want, NULL),
				want);
		for (int k = 0; k < 5 && want > 0; k++) {
			size_t less = k ? (size_t)rng_below(&r, (uint64_t)want)
					: (size_t)want - 1;

			memset(&diag, 0, sizeof(diag));
			CU_ASSERT_EQUAL(read_in(text, n, NULL, less, &diag),
					-ENOBUFS);
			CU_ASSERT_EQUAL(diag.code, -ENOBUFS);
		}
	}
	/* the shortest texts are the worst for it */
	CU_ASSERT_EQUAL(read_in("0.1", 3, NULL, WI_JSON_CAP(3u), NULL), 9);
	CU_ASSERT_EQUAL(read_in("-0", 2, NULL, WI_JSON_CAP(2u), NULL), 5);
}

static char text_of[1 << 22];
static uint8_t msg_of[1 << 22];

static void
read_uses_the_shortest_heads(void)
{
	static const uint32_t sizes[] = {
	    0, 1, 15, 16, 31, 32, 255, 256, 65534, 65535, 65536, 65537, 200000};
	char *text = text_of;
	uint8_t *msg = msg_of;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t cnt = sizes[i];
		size_t n = 0, head;

		text[n++] = '"';
		memset(text + n, 'x', cnt);
		n += cnt;
		text[n++] = '"';
		head = cnt < 32 ? 1 : cnt < 256 ? 2 : cnt < 65536 ? 3 : 5;
		CU_ASSERT_EQUAL(read_in(text, n, NULL, n + 3, NULL),
				(int64_t)(head + cnt));

		n = 0;
		text[n++] = '[';
		for (uint32_t k = 0; k < cnt; k++) {
			text[n++] = (char)('0' + k % 7);
			text[n++] = ',';
		}
		n -= cnt > 0;
		text[n++] = ']';
		head = cnt < 16 ? 1 : cnt < 65536 ? 3 : 5;
		CU_ASSERT_EQUAL(read_in(text, n, msg, n, NULL),
				(int64_t)(head + cnt));
		CU_ASSERT_EQUAL(msg[0], cnt < 16      ? 0x90 + cnt
					: cnt < 65536 ? 0xdc
						      : 0xdd);
		if (cnt >= 65536)
			CU_ASSERT_EQUAL(wi_be32(msg + 1), cnt);
		if (cnt >= 16 && cnt < 65536)
			CU_ASSERT_EQUAL(wi_be16(msg + 1), cnt);
		for (uint32_t k = 0; k < cnt; k++)
			if (msg[head + k] != k % 7) {
				CU_FAIL("an element has changed");
				break;
			}

		n = 0;
		text[n++] = '{';
		for (uint32_t k = 0; k < cnt; k++)
			n += (size_t)sprintf(text + n, "%s\"%05x\":1",
					     k ? "," : "", k);
		text[n++] = '}';
		CU_ASSERT_EQUAL(read_in(text, n, msg, n, NULL),
				(int64_t)(head + cnt * 7));
		CU_ASSERT_EQUAL(msg[0], cnt < 16      ? 0x80 + cnt
					: cnt < 65536 ? 0xde
						      : 0xdf);
		if (cnt > 0)
			CU_ASSERT_EQUAL(memcmp(msg + head,
					       "\xa5"
					       "00000",
					       6),
					0);
	}
}

/* Each level has more than 15 children, the next level being the first. */
static void
read_longer_heads_at_every_level(void)
{
	size_t n = 0;
	int64_t len;

	for (int i = 0; i < 128; i++)
		text_of[n++] = '[';
	text_of[n++] = '7';
	for (int i = 0; i < 128; i++) {
		for (int k = 0; k < 15 + i % 3; k++)
			n += (size_t)sprintf(text_of + n, ",%d", k);
		text_of[n++] = ']';
	}
	len = read_in(text_of, n, msg_of, n, NULL);
	CU_ASSERT(len > 0);
	CU_ASSERT_EQUAL(weir_msgpack_to_json(msg_of, (size_t)len,
					     (char *)msg_of + 100000, 100000),
			(int64_t)n);
	CU_ASSERT_EQUAL(memcmp(msg_of + 100000, text_of, n), 0);
}

static void
read_many_keys_twice_says_where(void)
{
	weir_diag diag;
	char *text = text_of;
	size_t n = 0, at;

	n += (size_t)sprintf(text, "{\"first\":{\"k7\":0},\n");
	for (int i = 0; i < 100000; i++)
		n += (size_t)sprintf(text + n, "\"k%d\":%d,\n", i, i);
	at = n;
	n += (size_t)sprintf(text + n, "\"k%d\":0}", 77777);
	CU_ASSERT_EQUAL(
	    weir_json_to_msgpack(text, n, msg_of, sizeof(msg_of), &diag),
	    WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.offset, at);
	CU_ASSERT_EQUAL(diag.line, 100002);
	CU_ASSERT_EQUAL(diag.column, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "\"k77777\""));
	text[at + 1] = 'K';
	CU_ASSERT(weir_json_to_msgpack(text, n, msg_of, sizeof(msg_of), NULL) >
		  0);
}

/* ---- numbers that need nothing of number.h --------------------------- */

static void
integers_of_all_widths_survive(void)
{
	char text[32];

	for (unsigned bit = 0; bit < 64; bit++) {
		for (int d = -2; d <= 2; d++) {
			uint64_t u =
			    ((uint64_t)1 << bit) + (uint64_t)(int64_t)d;

			snprintf(text, sizeof(text), "%llu",
				 (unsigned long long)u);
			CU_ASSERT_STRING_EQUAL(again(text), text);
			if ((int64_t)u > 0) {
				snprintf(text, sizeof(text), "%lld",
					 -(long long)u);
				CU_ASSERT_STRING_EQUAL(again(text), text);
			}
		}
	}
	CU_ASSERT_STRING_EQUAL(again("-9223372036854775808"),
			       "-9223372036854775808");
	CU_ASSERT_STRING_EQUAL(again("-9223372036854775807"),
			       "-9223372036854775807");
}

static void
doubles_do_not_care_for_the_locale(void)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",
					    "fr_FR.UTF-8", "nl_NL.UTF-8",
					    "pt_BR.UTF-8", "ru_RU.UTF-8"};
	char text[8];
	int found = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !found; i++)
		if (setlocale(LC_ALL, names[i])) {
			snprintf(text, sizeof(text), "%.1f", 1.5);
			found = strcmp(text, "1,5") == 0;
		}
	if (!found) {
		setlocale(LC_ALL, "C");
		t_skip("no locale with a decimal comma is installed");
		return;
	}
	CU_ASSERT_STRING_EQUAL(again("[1.5,1.25e-7,0.1]"), "[1.5,1.25e-7,0.1]");
	CU_ASSERT_STRING_EQUAL(again("[1,5]"), "[1,5]");
	CU_ASSERT_STRING_EQUAL(again("1,5"), "");
	setlocale(LC_ALL, "C");
}

/* ---- writing --------------------------------------------------------- */

static void
write_what_json_lacks(void)
{
#define MSG(s) (s), sizeof(s) - 1
	static const struct {
		const char *msg;
		size_t len;
		const char *json;
	} t[] = {
	    {MSG("\xc4\x00"), "{\"$bin\":\"\"}"},
	    {MSG("\xc4\x01\xff"), "{\"$bin\":\"/w==\"}"},
	    {MSG("\xc4\x02hi"), "{\"$bin\":\"aGk=\"}"},
	    {MSG("\xc4\x03xyz"), "{\"$bin\":\"eHl6\"}"},
	    {MSG("\xc4\x04\xfb\xff\xbf\x00"), "{\"$bin\":\"+/+/AA==\"}"},
	    {MSG("\xd4\x05\x01"), "{\"$ext\":[5,\"AQ==\"]}"},
	    {MSG("\xd4\x80\x01"), "{\"$ext\":[-128,\"AQ==\"]}"},
	    {MSG("\xc7\x00\x7f"), "{\"$ext\":[127,\"\"]}"},
	    {MSG("\xca\x7f\xc0\x00\x00"), "{\"$float\":\"NaN\"}"},
	    {MSG("\xcb\xff\xf8\x00\x00\x00\x00\x00\x01"),
	     "{\"$float\":\"NaN\"}"},
	    {MSG("\xca\x7f\x80\x00\x00"), "{\"$float\":\"Infinity\"}"},
	    {MSG("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"),
	     "{\"$float\":\"-Infinity\"}"},
	    {MSG("\xca\x3d\xcc\xcc\xcd"), "0.10000000149011612"},
	    {MSG("\xca\x80\x00\x00\x00"), "-0.0"},
	    {MSG("\xca\x3f\x80\x00\x00"), "1.0"},
	    {MSG("\xd3\x00\x00\x00\x00\x00\x00\x00\x07"), "7"},
	    /* timestamp 32 */
	    {MSG("\xd6\xff\x00\x00\x00\x00"),
	     "{\"$time\":\"1970-01-01T00:00:00Z\"}"},
	    {MSG("\xd6\xff\xff\xff\xff\xff"),
	     "{\"$time\":\"2106-02-07T06:28:15Z\"}"},
	    {MSG("\xd6\xff\x65\xe0\x6f\x80"),
	     "{\"$time\":\"2024-02-29T11:50:24Z\"}"},
	    /* timestamp 64: 30 bits of nanoseconds, 34 of seconds */
	    {MSG("\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x01"),
	     "{\"$time\":\"1970-01-01T00:00:01.000000001Z\"}"},
	    {MSG("\xd7\xff\x77\x35\x94\x00\x65\xe0\x6f\x80"),
	     "{\"$time\":\"2024-02-29T11:50:24.5Z\"}"},
	    {MSG("\xd7\xff\xee\x6b\x27\xff\xff\xff\xff\xff"),
	     "{\"$time\":\"2514-05-30T01:53:03.999999999Z\"}"},
	    {MSG("\xd7\xff\xee\x6b\x28\x00\x00\x00\x00\x00"),
	     "{\"$ext\":[-1,\"7msoAAAAAAA=\"]}"},
	    /* timestamp 96 */
	    {MSG("\xc7\x0c\xff\x00\x00\x00\x00"
		 "\xff\xff\xff\xff\xff\xff\xff\xff"),
	     "{\"$time\":\"1969-12-31T23:59:59Z\"}"},
	    {MSG("\xc7\x0c\xff\x07\x5b\xcd\x15"
		 "\xff\xff\xff\xf1\x86\x8b\x84\x00"),
	     "{\"$time\":\"0000-01-01T00:00:00.123456789Z\"}"},
	    {MSG("\xc7\x0c\xff\x00\x00\x00\x00"
		 "\x00\x00\x00\x3a\xff\xf4\x41\x7f"),
	     "{\"$time\":\"9999-12-31T23:59:59Z\"}"},
	    {MSG("\xc7\x0c\xff\x00\x00\x00\x00"
		 "\x00\x00\x00\x3a\xff\xf4\x41\x80"),
	     "{\"$ext\":[-1,\"AAAAAAAAADr/9EGA\"]}"},
	    {MSG("\xc7\x0c\xff\x00\x00\x00\x00"
		 "\xff\xff\xff\xf1\x86\x8b\x83\xff"),
	     "{\"$ext\":[-1,\"AAAAAP////GGi4P/\"]}"},
	    {MSG("\xc7\x0c\xff\x3b\x9a\xca\x00"
		 "\x00\x00\x00\x00\x00\x00\x00\x00"),
	     "{\"$ext\":[-1,\"O5rKAAAAAAAAAAAA\"]}"},
	    {MSG("\xd4\xff\x00"), "{\"$ext\":[-1,\"AA==\"]}"},
	    {MSG("\x92\xc4\x01\x00\xd6\xff\x00\x00\x00\x00"),
	     "[{\"$bin\":\"AA==\"},{\"$time\":\"1970-01-01T00:00:00Z\"}]"},
	};
	char buf[128];

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int64_t n =
		    weir_msgpack_to_json(t[i].msg, t[i].len, buf, sizeof(buf));

		CU_ASSERT_EQUAL(n, (int64_t)strlen(t[i].json));
		if (n < 0 || strcmp(buf, t[i].json))
			t_log("%s, not %s\n", n < 0 ? "refused" : buf,
			      t[i].json);
		CU_ASSERT(n > 0 && !strcmp(buf, t[i].json));
	}
}

/* The first and last days of every month, counted on from year 0. */
static void
write_time_of_every_month(void)
{
	static const int month_days[] = {31, 28, 31, 30, 31, 30,
					 31, 31, 30, 31, 30, 31};
	int y = 0, m = 0, d = 1, bad = 0;
	char buf[64], want[64];
	uint8_t msg[15] = {0xc7, 12, 0xff};
	int64_t sec = -62167219200;

	for (; y <= 9999; sec += 86400) {
		int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

		if (d == 1 || d >= 28) {
			wi_put_be64(msg + 7, (uint64_t)sec);
			weir_msgpack_to_json(msg, sizeof(msg), buf,
					     sizeof(buf));
			snprintf(want, sizeof(want),
				 "{\"$time\":\"%04d-%02d-%02dT00:00:00Z\"}", y,
				 m + 1, d);
			bad += strcmp(buf, want) != 0;
		}
		if (++d > month_days[m] + (m == 1 && leap)) {
			d = 1;
			if (++m == 12) {
				m = 0;
				y++;
			}
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void
write_into_any_room(void)
{
	char *whole = text_of, *part;

	gen.rng.state = t_seed(9);
	for (int i = 0; i < 400; i++) {
		int64_t n;

		gen.json = 0;
		gen_message(&gen);
		n = weir_msgpack_to_json(gen.buf, gen.len, whole,
					 sizeof(text_of));
		CU_ASSERT(n > 0 && n < (int64_t)sizeof(text_of));
		CU_ASSERT_EQUAL(whole[n], 0);
		CU_ASSERT_EQUAL(weir_msgpack_to_json(gen.buf, gen.len, NULL, 0),
				n);
		for (int k = 0; k < 8; k++) {
			size_t cap =
			    1 + (size_t)rng_below(&gen.rng, (uint64_t)n + 2);
			size_t fits = cap - 1 < (size_t)n ? cap - 1 : (size_t)n;

			part = malloc(cap);
			CU_ASSERT_EQUAL(
			    weir_msgpack_to_json(gen.buf, gen.len, part, cap),
			    n);
			CU_ASSERT(!memcmp(part, whole, fits) && !part[fits]);
			free(part);
		}
		/* what was written is JSON */
		CU_ASSERT(read_in(whole, (size_t)n, NULL,
				  WI_JSON_CAP((size_t)n), NULL) > 0);
	}
}

static void
write_refuses_bad_messages(void)
{
	char buf[16];

	CU_ASSERT_EQUAL(weir_msgpack_to_json("", 0, buf, 16), WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_msgpack_to_json("\x92\x01", 2, buf, 16),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_msgpack_to_json("\x01\x01", 2, buf, 16),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_msgpack_to_json("\x81\x01\x01", 3, buf, 16),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_msgpack_to_json("\xa1\xff", 2, buf, 16),
			WEIR_EMSGPACK);
}

static void
write_record(void)
{
	weir_record rec;
	char buf[16];

	memset(&rec, 0, sizeof(rec));
	rec.data = "\x91\x07";
	rec.len = 2;
	CU_ASSERT_EQUAL(weir_record_json(&rec, buf, sizeof(buf)), 3);
	CU_ASSERT_STRING_EQUAL(buf, "[7]");
	rec.kind = WEIR_CLEAR;
	rec.data = NULL;
	rec.len = 0;
	CU_ASSERT_EQUAL(weir_record_json(&rec, buf, sizeof(buf)), 4);
	CU_ASSERT_STRING_EQUAL(buf, "null");
}

static void
quote_cuts_between_characters(void)
{
	static const char long_key[] = "0123456789\n\xc3\xa9\xc3\xa9"
				       "nopqrstuvwxyz123";
	uint8_t msg[256];
	char buf[64];

	wi_json_quote(buf, sizeof(buf), (const uint8_t *)"a\"\x01", 3);
	CU_ASSERT_STRING_EQUAL(buf, "\"a\\\"\\u0001\"");
	for (size_t cap = 8; cap < sizeof(buf); cap++) {
		size_t n;

		memset(buf, 'x', sizeof(buf));
		wi_json_quote(buf, cap, (const uint8_t *)long_key,
			      strlen(long_key));
		n = strlen(buf);
		CU_ASSERT(n < cap && buf[0] == '"' && buf[n - 1] == '"');
		if (cap < 34)
			CU_ASSERT_STRING_EQUAL(buf + n - 4, "...\"");
		CU_ASSERT(weir_json_to_msgpack(buf, n, msg, sizeof(msg), NULL) >
			  0);
	}
}

/* ---- both ways ------------------------------------------------------- */

static void
round_trip_keeps_every_byte(void)
{
	char *text = text_of;

	gen.rng.state = t_seed(10);
	for (int i = 0; i < 2000; i++) {
		int64_t n, m;

		gen.json = 1;
		gen_message(&gen);
		n = weir_msgpack_to_json(gen.buf, gen.len, text,
					 sizeof(text_of));
		CU_ASSERT(n > 0 && n < (int64_t)sizeof(text_of));
		CU_ASSERT_PTR_NULL(strpbrk(text, "\n\x7f"));
		m = read_in(text, (size_t)n, msg_of, WI_JSON_CAP((size_t)n),
			    NULL);
		CU_ASSERT_EQUAL(m, (int64_t)gen.len);
		CU_ASSERT(m > 0 && !memcmp(msg_of, gen.buf, gen.len));
	}
}

static void
texts_cut_anywhere_are_refused(void)
{
	static const char *const t[] = {
	    "{\"label\":\"cpu\\u00e9\",\"value\":[12.75e-2,-1,null,true]}",
	    "{\"x\":{\"y\":\"\\ud83d\\ude00\xc3\xa9\",\"z\":false}}",
	    "[[[[\"\\\\\\\"\"]]],{\"\":{}}]", "\"abc\"", "[-0.5e+10]"};
	weir_diag diag;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		size_t len = strlen(t[i]);

		CU_ASSERT(read_in(t[i], len, NULL, 999, &diag) > 0);
		for (size_t n = 0; n < len; n++) {
			CU_ASSERT_EQUAL(read_in(t[i], n, NULL, 999, &diag),
					WEIR_EJSON);
			CU_ASSERT(diag.offset <= n);
		}
	}
}

SUITE("json", TEST(read_accepts_json), TEST(read_refuses_what_is_not_json),
      TEST(read_says_line_and_column), TEST(read_nesting_of_128_is_the_limit),
      TEST(read_null_arguments_are_einval),
      TEST(read_needs_no_byte_more_than_it_writes),
      TEST(read_uses_the_shortest_heads),
      TEST(read_longer_heads_at_every_level),
      TEST(read_many_keys_twice_says_where),
      TEST(integers_of_all_widths_survive),
      TEST(doubles_do_not_care_for_the_locale), TEST(write_what_json_lacks),
      TEST(write_time_of_every_month), TEST(write_into_any_room),
      TEST(write_refuses_bad_messages), TEST(write_record),
      TEST(quote_cuts_between_characters), TEST(round_trip_keeps_every_byte),
      TEST(texts_cut_anywhere_are_refused));
