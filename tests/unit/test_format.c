/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Formats: what is one and what is not.  The official suite goes wider; here
 * are the ends of ranges, and strings that are cut off.
 */
#include "support/harness.h"

#include <stdlib.h>
#include <string.h>

#include "schema/format.h"

struct row {
	const char *format;
	const char *yes[8], *no[12];
};

/* clang-format off */
static const struct row rows[] = {
	{"date", {"2024-02-29", "2000-02-29", "0000-12-31"},
	 {"", "2023-02-29", "1900-02-29", "2024-00-01", "2024-13-01",
	  "2024-04-31", "2024-01-00", "2024-1-1", "2024-01-01Z", "2024-01-"}},
	{"time", {"00:00:00Z", "23:59:59.5z", "12:00:00+23:59", "23:59:60Z",
		  "22:59:60-01:00", "00:29:60+00:30"},
	 {"", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:00", "12:00:00.Z",
	  "12:00:00+24:00", "12:00:00+01", "22:59:60Z", "12:00Z"}},
	{"date-time", {"2024-02-29T12:00:00Z", "2024-02-29t12:00:00.25+01:00"},
	 {"2024-02-29 12:00:00Z", "2024-02-30T12:00:00Z", "2024-02-29",
	  "2024-02-29T", "12:00:00Z"}},
	{"duration", {"P1Y2M3DT4H5M6S", "PT0S", "P4W", "P1D", "PT1H30M", "P1YT1S"},
	 {"", "P", "PT", "P1DT", "P1H", "PT1D", "P1Y1D", "P1W1D", "1D", "P1.5D",
	  "P2M1Y"}},
	{"uuid", {"2eb8aa08-aa98-11ea-b4aa-73b441d16380",
		  "2EB8AA08-AA98-11EA-B4AA-73B441D16380"},
	 {"", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa98-11ea-b4aa-73b441d163800",
	  "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"}},
	{"json-pointer", {"", "/", "/a/~0~1/b", "/a//"}, {"a", "/~", "/~2", "#/a"}},
	{"relative-json-pointer", {"0", "12/a", "0#", "1/"},
	 {"", "01", "-1", "/a", "0a", "0##", "#"}},
	{"regex", {"", "^a[b-d]+$", "(?=x)"}, {"(", "a**", "[b-a]", "\\Z"}},
	{"uri-template", {"", "http://x/{a}", "{+a,b*}{?c:3}", "%20", "{a.b}"},
	 {"{", "}", "{}", "{a", "{a:0}", "{a:12345}", "%2", " ", "{a..b}"}},
	{"email", {"a@b", "a.b+c@x-y.z", "\"a b\"@c", "a@[127.0.0.1]",
		   "a@[IPv6:::1]"},
	 {"", "@b", "a@", "a", ".a@b", "a.@b", "a..b@c", "a b@c", "a@-b",
	  "a@[1.2.3]", "\xc3\xa4@b", "\"a@b"}},
	{"idn-email", {"\xc3\xa4@\xc3\xb6.de", "a@b"}, {"\xc3\xa4", "@\xc3\xb6"}},
	{"hostname", {"a", "a-b.c0", "xn--nxasmq6b", "XN--NXASMQ6B",
		      "a.abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"},
	 {"", ".", "a.", "-a", "a-", "a_b", "a..b", "ab--c", "xn--X",
	  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
	  "\xc3\xa4"}},
	{"idn-hostname", {"\xc3\xa4", "a.\xc3\xa4.b", "l\xc2\xb7l"},
	 {"", "-\xc3\xa4", "a\xc2\xb7l", ".\xc3\xa4", "a b"}},
	{"ipv4", {"0.0.0.0", "255.255.255.255"},
	 {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.1.1.1", "1.1.1.", "1..1.1",
	  "1.1.1.1 ", "a.1.1.1"}},
	{"ipv6", {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4",
		  "1:2:3:4:5:6:1.2.3.4", "1::7:8"},
	 {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
	  "12345::", "1:", ":1", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "::%eth0"}},
	{"uri", {"http://a/b?c#d", "urn:x:y", "mailto:a@b", "http://[::1]:80/",
		 "http://u:p@h/", "a:"},
	 {"", "//a/b", "a", "http://a b", "http://a/\\", "http://[::1/", "1a:b",
	  "http://a/%g0", "http://\xc3\xa4/", "a:#b#c"}},
	{"uri-reference", {"", "/a", "../b?x", "#y", "//h/p", "http://a"},
	 {"\\", "a b", "1:x/", "%", "#a#b", ":a"}},
	{"iri", {"http://\xc3\xa4/\xc3\xb6?\xc3\xbc"}, {"\xc3\xa4", "http://a b"}},
	{"iri-reference", {"/\xc3\xa4", ""}, {"\\\xc3\xa4"}},
};
/* clang-format on */

/* In memory of just that size, so that asan sees a byte too many. */
static bool
has(const char *format, const char *text)
{
	unsigned f =
	    wi_format_find((const uint8_t *)format, (uint32_t)strlen(format));
	size_t len = strlen(text);
	uint8_t *copy = malloc(len ? len : 1);
	bool is;

	CU_ASSERT_FATAL(f != 0 && copy != NULL);
	memcpy(copy, text, len);
	is = wi_format_has(f, copy, (uint32_t)len);
	free(copy);
	return is;
}

static void
format_says_yes_and_no(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int k = 0; k < 8 && rows[i].yes[k]; k++) {
			if (!has(rows[i].format, rows[i].yes[k])) {
				t_log("%s: \"%s\"\n", rows[i].format,
				      rows[i].yes[k]);
				CU_FAIL("should be one");
			}
		}
		for (int k = 0; k < 12 && rows[i].no[k]; k++) {
			if (has(rows[i].format, rows[i].no[k])) {
				t_log("%s: \"%s\"\n", rows[i].format,
				      rows[i].no[k]);
				CU_FAIL("should not be one");
			}
		}
	}
	CU_PASS("");
}

/* Every string cut off anywhere, and with a NUL in it: no read past the end. */
static void
format_stays_inside(void)
{
	char text[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int k = 0; k < 8 && rows[i].yes[k]; k++) {
			for (size_t n = 0; n < strlen(rows[i].yes[k]); n++) {
				memcpy(text, rows[i].yes[k], n);
				text[n] = 0;
				has(rows[i].format, text);
			}
		}
		CU_ASSERT(!wi_format_has(
			      wi_format_find(
				  (const uint8_t *)rows[i].format,
				  (uint32_t)strlen(rows[i].format)),
			      (const uint8_t *)"a\0b", 3) ||
			  !strcmp(rows[i].format, "json-pointer") ||
			  !strcmp(rows[i].format, "regex"));
	}
}

static void
format_unknown_is_0(void)
{
	CU_ASSERT_EQUAL(wi_format_find((const uint8_t *)"dates", 5), 0);
	CU_ASSERT_EQUAL(wi_format_find((const uint8_t *)"dat", 3), 0);
	CU_ASSERT_EQUAL(wi_format_find((const uint8_t *)"", 0), 0);
}

SUITE("format", TEST(format_says_yes_and_no), TEST(format_stays_inside),
      TEST(format_unknown_is_0));
