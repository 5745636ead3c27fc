/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_random.c - random schemas and random records that are near them: what
 * the checker says is what the naive one says, whichever of its ways it took.
 *
 * Names and constants are few, so that they meet, and of the lengths at which
 * comparing them changes; records use every width, also longer ones than
 * needed.
 */
#include "fuzz/naive.h"
#include "support/harness.h"
#include "support/rng.h"
#include "unit/msggen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/record.h>
#include <weir/schema.h>

#include "codec/walk.h"

#define CNT(a)	  (sizeof(a) / sizeof(*(a)))
#define DEPTH_MAX 4

/* ---- schemas
 * -------------------------------------------------------------------------- */

struct text {
	struct rng *rng;
	size_t len;
	char buf[1 << 16];
};

static const char *const names[] = {
    "", "a", "b", "cc", "seven77", "eight888", "nine99999", "fifteen-bytes-15",
    "sixteen-bytes-16", "seventeen-bytes17", "a-name-with-thirty-one-bytes-in",
    "a-name-with-thirty-two-bytes-in-",
    "a-name-with-more-than-forty-bytes-in-it", "\xc3\xbc",
    /* alike, but for the last byte */
    "nine99998", "seventeen-bytes18"};

static const char *const constants[] = {
    "0",
    "1",
    "-1",
    "1.0",
    "0.5",
    "-0.0",
    "127",
    "128",
    "-33",
    "65536",
    "1e18",
    "18446744073709551615",
    "null",
    "true",
    "false",
    "\"\"",
    "\"a\"",
    "\"seven77\"",
    "\"eight888\"",
    "\"sixteen-bytes-16\"",
    "\"nine99999\"",
    "\"a-name-with-more-than-forty-bytes-in-it\"",
    "[]",
    "{}",
    "[1]",
    "{\"a\":1}"};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->len += (size_t)vsnprintf(t->buf + t->len, sizeof(t->buf) - t->len,
				    fmt, ap);
	va_end(ap);
}

static unsigned
below(struct text *t, unsigned n)
{
	return (unsigned)rng_below(t->rng, n);
}

static void put_schema(struct text *t, int depth);

static void
put_scalar(struct text *t)
{
	static const char *const types[] = {"null",   "boolean", "integer",
					    "number", "string",	 "array",
					    "object"};
	unsigned i = below(t, 6);

	switch (below(t, 9)) {
	case 0:
		put(t, "%s", below(t, 8) ? "true" : "false");
		break;
	case 1:
	case 2:
		put(t, "{\"type\":\"%s\"}", types[below(t, 7)]);
		break;
	case 3:
		put(t, "{\"type\":[\"%s\",\"%s\"]}", types[i], types[i + 1]);
		break;
	case 4:
		put(t,
		    "{\"type\":\"string\",\"minLength\":%u,\"maxLength\":%u}",
		    below(t, 3), 1 + below(t, 9));
		break;
	case 5:
		put(t, "{\"enum\":[%s", constants[below(t, CNT(constants))]);
		for (i = below(t, 12); i > 0; i--)
			put(t, ",%s", constants[below(t, CNT(constants))]);
		put(t, "]}");
		break;
	case 6:
		put(t, "{\"const\":%s}", constants[below(t, CNT(constants))]);
		break;
	case 7:
		put(t,
		    "{\"type\":\"number\",\"minimum\":%d,"
		    "\"exclusiveMaximum\":%u.5}",
		    -(int)below(t, 5), below(t, 200));
		break;
	default:
		put(t, "{\"type\":\"integer\",\"multipleOf\":%u}",
		    1 + below(t, 3));
		break;
	}
}

static void
put_array(struct text *t, int depth)
{
	put(t, "{%s\"items\":", below(t, 3) ? "\"type\":\"array\"," : "");
	put_schema(t, depth - 1);
	if (below(t, 3) == 0) {
		put(t, ",\"prefixItems\":[");
		put_schema(t, depth - 1);
		put(t, ",");
		put_schema(t, depth - 1);
		put(t, "]");
	}
	if (below(t, 3) == 0)
		put(t, ",\"minItems\":%u", below(t, 3));
	if (below(t, 3) == 0)
		put(t, ",\"maxItems\":%u", 1 + below(t, 5));
	if (below(t, 8) == 0)
		put(t, ",\"uniqueItems\":true");
	if (below(t, 10) == 0)
		put(t, ",\"contains\":{\"type\":\"number\"}");
	if (below(t, 12) == 0)
		put(t, ",\"unevaluatedItems\":false");
	put(t, "}");
}

static void
put_object(struct text *t, int depth)
{
	unsigned used = 0, required = 0, i;

	put(t, "{%s\"properties\":{",
	    below(t, 3) ? "\"type\":\"object\"," : "");
	for (unsigned n = 1 + below(t, 5); n > 0; n--) {
		i = below(t, CNT(names));
		if (used >> i & 1)
			continue;
		put(t, "%s\"%s\":", used ? "," : "", names[i]);
		put_schema(t, depth - 1);
		used |= 1u << i;
	}
	put(t, "}");
	if (below(t, 2)) {
		put(t, ",\"additionalProperties\":");
		if (below(t, 2))
			put(t, "false");
		else
			put_schema(t, depth - 1);
	}
	for (unsigned n = below(t, 4); n > 0; n--) {
		i = below(t, CNT(names));
		if (required >> i & 1)
			continue;
		put(t, "%s\"%s\"", required ? "," : ",\"required\":[",
		    names[i]);
		required |= 1u << i;
	}
	put(t, "%s", required ? "]" : "");
	if (below(t, 4) == 0)
		put(t, ",\"minProperties\":%u", below(t, 3));
	if (below(t, 4) == 0)
		put(t, ",\"maxProperties\":%u", 1 + below(t, 4));
	if (below(t, 12) == 0)
		put(t, ",\"unevaluatedProperties\":false");
	put(t, "}");
}

static void
put_schema(struct text *t, int depth)
{
	static const char *const kws[] = {"anyOf", "allOf", "oneOf"};
	unsigned kind = depth > 0 ? below(t, 8) : 0;

	if (kind < 3) {
		put_scalar(t);
	} else if (kind < 5) {
		put_array(t, depth);
	} else if (kind < 7) {
		put_object(t, depth);
	} else {
		put(t, "{\"%s\":[", kws[below(t, 3)]);
		put_schema(t, depth - 1);
		put(t, ",");
		put_schema(t, depth - 1);
		put(t, "]%s}",
		    below(t, 4) ? "" : ",\"unevaluatedProperties\":false");
	}
}

/* ---- records
 * -------------------------------------------------------------------------- */

static unsigned
pick(struct gen *g, unsigned n)
{
	return (unsigned)rng_below(&g->rng, n);
}

static void
gen_text(struct gen *g, const char *s)
{
	size_t len = strlen(s);

	gen_len(g, (uint32_t)len, 0xa0, 32, 0xd9, 0xda);
	gen_bytes(g, s, len);
}

static void
gen_number(struct gen *g)
{
	static const uint8_t heads[] = {0xd0, 0xd1, 0xd2, 0xd3,
					0xcc, 0xcd, 0xce, 0xcf};
	int64_t v =
	    (int64_t)pick(g, pick(g, 3) ? 300 : 70000) - (pick(g, 2) ? 40 : 0);
	unsigned i = pick(g, 8);
	double d = (double)v / (1 + pick(g, 3));
	float f = (float)d;
	uint32_t bits;

	switch (pick(g, 4)) {
	case 0:
		gen_num(g, heads[i], (uint64_t)v, 1u << i % 4);
		break;
	case 1:
		gen_num(g, 0xcb,
			pick(g, 20) ? wi_bits_of(d) : 0x7ff0000000000000u, 8);
		break;
	case 2:
		memcpy(&bits, &f, sizeof(bits));
		gen_num(g, 0xca, pick(g, 20) ? bits : 0xffc00000u, 4);
		break;
	default:
		gen_num(g, pick(g, 2) ? pick(g, 128) : 0xe0 | pick(g, 32), 0,
			0);
		break;
	}
}

static void
gen_record(struct gen *g, int depth)
{
	static const char *const texts[] = {"abc\xff", "\xc3\xbc\xe2\x82\xac",
					    "increase"};
	unsigned n = pick(g, 5), of = pick(g, 3), name = pick(g, CNT(names));

	switch (pick(g, depth > 0 ? 10 : 7)) {
	case 0:
		gen_num(g, pick(g, 9) ? 0xc0 + 2 * pick(g, 2) : 0xc3, 0, 0);
		break;
	case 1:
		gen_text(g, names[name]);
		break;
	case 2:
		gen_text(g, texts[pick(g, 12) ? 1 + pick(g, 2) : 0]);
		break;
	case 3:
		if (pick(g, 12) == 0)
			gen_num(g, 0xc4, 0x0101, 2); /* bin */
		else
			gen_number(g);
		break;
	case 4:
	case 5:
	case 6:
		gen_number(g);
		break;
	case 7:
	case 8:
		gen_len(g, n, 0x90, 16, 0, 0xdc);
		while (n-- > 0) {
			if (of == 0)
				gen_number(g);
			else
				gen_record(g, depth - 1);
		}
		break;
	default:
		gen_len(g, n, 0x80, 16, 0, 0xde);
		while (n-- > 0) {
			gen_text(g, names[name]);
			gen_record(g, depth - 1);
			name = pick(g, 3) ? (name + 1) % CNT(names)
					  : pick(g, CNT(names));
		}
		break;
	}
}

/* ---- both checkers
 * -------------------------------------------------------------------- */

struct tally {
	unsigned good, refused, malformed, unknown, wrong;
};

/* One record, in a block of its size, so that asan sees it end. */
static void
compare(weir_schema *s, const uint8_t *doc, size_t doc_len, const struct gen *g,
	size_t len, struct tally *t)
{
	uint8_t *rec = malloc(len + !len);
	int ret, bad, want;

	memcpy(rec, g->buf, len);
	bad = wi_wellformed(rec, len, NULL);
	ret = weir_schema_check(s, rec, len, NULL);
	want = bad ? 0 : naive_check(doc, doc_len, rec, len);
	t->good += ret == 0;
	t->refused += ret == WEIR_ESCHEMA;
	t->malformed += bad != 0;
	t->unknown += want < 0;
	t->wrong += (ret == WEIR_EMSGPACK) != (bad != 0) ||
		    (!bad && want >= 0 && want != (ret == 0));
	free(rec);
}

static void
checkers_agree(void)
{
	static struct text text;
	static struct gen g;
	static uint8_t doc[1 << 16];
	struct tally t = {0};
	int schemas = t_torture() ? 100000 : 3000;

	g.rng = (struct rng){t_seed(4)};
	text.rng = &g.rng;
	for (int i = 0; i < schemas; i++) {
		weir_schema *s = NULL;
		weir_diag diag = {0};
		unsigned wrong = t.wrong;
		int64_t n;

		text.len = 0;
		put_schema(&text, 1 + (int)below(&text, DEPTH_MAX));
		n = weir_json_to_msgpack(text.buf, text.len, doc, sizeof(doc),
					 &diag);
		if (n < 0 || weir_schema_compile(text.buf, text.len, NULL, &s,
						 &diag) != 0) {
			/* an enum or a list that names something twice */
			CU_ASSERT(strstr(diag.message, "twice") != NULL);
			continue;
		}
		for (int k = 0; k < 100; k++) {
			size_t len;

			g.len = 0;
			gen_record(&g, 1 + (int)pick(&g, DEPTH_MAX));
			len = g.len;
			if (pick(&g, 30) == 0)
				len = pick(&g, (unsigned)len + 1);
			compare(s, doc, (size_t)n, &g, len, &t);
		}
		if (t.wrong != wrong)
			t_log("they differ: %s\n", text.buf);
		weir_schema_free(s);
	}
	t_log("%u good, %u refused, %u malformed, %u without opinion\n", t.good,
	      t.refused, t.malformed, t.unknown);
	CU_ASSERT_EQUAL(t.wrong, 0);
	CU_ASSERT(t.good > 10000 && t.refused > 10000 && t.malformed > 1000);
	CU_ASSERT(t.unknown < (t.good + t.refused) / 10);
}

SUITE("random", TEST(checkers_agree));
