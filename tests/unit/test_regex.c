/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Patterns: ECMA-262 with the u flag, as seen through PCRE2.
 */
#include "support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/pattern.h"
#include "schema/regex.h"
#include <weir/error.h>

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

static enum wi_found
search(const char *pattern, const char *text, size_t len, char why[200])
{
	struct wi_patterns *ps = wi_patterns_new();
	const struct wi_pattern *pat = NULL;
	enum wi_found found = WI_FOUND_LIMIT;
	uint64_t steps = 1000000;
	uint8_t *copy = malloc(len + 1); /* so that asan sees a read past it */
	int ret;

	CU_ASSERT_FATAL(ps != NULL && copy != NULL);
	memcpy(copy, text, len);
	why[0] = 0;
	ret = wi_patterns_add(ps, (const uint8_t *)pattern,
			      (uint32_t)strlen(pattern), &pat, why, 200);
	if (!ret)
		found = wi_pattern_search(ps, pat, copy, len, &steps);
	else
		CU_ASSERT_EQUAL(ret, WEIR_EBADSCHEMA);
	wi_patterns_free(ps);
	free(copy);
	return found;
}

struct row {
	const char *pattern, *yes[4], *no[4];
};

/* clang-format off */
static const struct row rows[] = {
	/* anywhere, and the ends */
	{"a", {"a", "bab", "ba"}, {"", "b", "A"}},
	{"^a", {"a", "ab"}, {"ba", "\na"}},
	{"a$", {"a", "ba"}, {"ab", "a\n"}},
	{"^$", {""}, {"a", "\n"}},
	{"", {"", "x"}, {0}},
	{"a|b", {"a", "b", "xb"}, {"c", ""}},
	{"^(a|b|)$", {"a", "b", ""}, {"c", "ab"}},
	/* . is any character but a line end */
	{"^.$", {"a", "\xc3\xa9", "\xf0\x9f\x92\xa9", "\x0b"},
	 {"\n", "\r", "\xe2\x80\xa8", "\xe2\x80\xa9"}},
	{"^.$", {"\xc2\x85"}, {"", "ab"}},
	/* repeats */
	{"^a*$", {"", "a", "aaa"}, {"b", "ab"}},
	{"^a+$", {"a", "aaa"}, {"", "b"}},
	{"^a?$", {"", "a"}, {"aa"}},
	{"^a{2}$", {"aa"}, {"a", "aaa"}},
	{"^a{2,}$", {"aa", "aaaa"}, {"a"}},
	{"^a{0,2}$", {"", "aa"}, {"aaa"}},
	{"^a{02}b{0}$", {"aa"}, {"aab", "a"}},
	{"^(ab)+?c*?$", {"ab", "ababcc"}, {"a", "abca"}},
	{"^a{1,2}?$", {"a", "aa"}, {"aaa"}},
	{"^(?:a|(b)c){2}$", {"aa", "abc", "bcbc"}, {"ab", "bc"}},
	{"^(a*)*$", {"", "aaaa"}, {"b"}},
	{"^\xc3\xa9{2}$", {"\xc3\xa9\xc3\xa9"}, {"\xc3\xa9", "\xc3\xa9\xa9"}},
	/* classes */
	{"^[abc]$", {"a", "c"}, {"d", "", "ab"}},
	{"^[^abc]$", {"d", "\n", "\xc3\xa9"}, {"a", ""}},
	{"^[a-c]$", {"a", "b", "c"}, {"d", "-"}},
	{"^[a-]$", {"a", "-"}, {"b"}},
	{"^[-a]$", {"a", "-"}, {"b"}},
	{"^[a\\-z]$", {"a", "-", "z"}, {"b"}},
	{"^[a^]$", {"a", "^"}, {"b"}},
	{"^[\\^a]$", {"a", "^"}, {"b"}},
	{"^[.*+?(){}|$/]$", {".", "*", "$", "/"}, {"a"}},
	{"^[[]$", {"["}, {"a"}},
	{"^[[:alpha:]$", {":", "[", "l"}, {"z"}},
	{"^[\\]\\\\]$", {"]", "\\"}, {"a"}},
	{"^[\\b]$", {"\b"}, {"b", ""}},
	{"^[\\d\\-x]$", {"5", "-", "x"}, {"a", "\\"}},
	{"^[\\w]$", {"a", "_", "0"}, {"-", "\xc3\xa9"}},
	{"^[\\W\\d]$", {"-", "0", "\xc3\xa9"}, {"a", "_"}},
	{"^[\\D]$", {"a", "\xd9\xa3"}, {"0"}},
	{"^[\\s]$", {" ", "\xc2\xa0", "\xef\xbb\xbf"}, {"a"}},
	{"^[\\S]$", {"a", "\xf0\x9f\x92\xa9", "\xc2\x85"}, {" ", "\xe3\x80\x80"}},
	{"^[^\\s]$", {"a"}, {" ", "\xc2\xa0"}},
	{"^[^\\S]$", {" ", "\xc2\xa0"}, {"a"}},
	{"^[\xc3\xa0-\xc3\xbc]$", {"\xc3\xa9"}, {"e", "\xc3\xbd"}},
	{"^[\\u{1F300}-\\u{1F6FF}]$", {"\xf0\x9f\x92\xa9"}, {"a"}},
	{"^[\\ud83d\\udca9]$", {"\xf0\x9f\x92\xa9"}, {"a"}},
	{"^[^]$", {"a", "\n", "\xf0\x9f\x92\xa9"}, {"", "ab"}},
	{"[]", {0}, {"", "a"}},
	{"^a[]*$", {"a"}, {"", "b"}},
	{"^[^][a]$", {"ba", "\na"}, {"a", "ab"}},
	/* escapes for sets */
	{"^\\d$", {"0", "9"}, {"a", "\xd9\xa3", "\xef\xbc\x95"}},
	{"^\\D$", {"a", "\xd9\xa3"}, {"0", ""}},
	{"^\\w$", {"a", "Z", "_", "0"}, {"-", "\xc3\xa9", "\xc5\xbf"}},
	{"^\\W$", {"-", "\xc3\xa9", "\xe2\x84\xaa"}, {"a", "_"}},
	{"^\\s$", {" ", "\t", "\xc2\xa0", "\xef\xbb\xbf"}, {"a", "\xc2\x85"}},
	{"^\\s$", {"\x0b", "\xe2\x80\xa8", "\xe2\x80\xaf", "\xe3\x80\x80"},
	 {"\xe2\x80\x8b", "\xe1\xa0\x8e"}},
	{"^\\S$", {"a", "\xe2\x80\x8b"}, {" ", "\xe1\x9a\x80", "\xe2\x80\xa9"}},
	/* escapes for characters */
	{"^\\t\\n\\v\\f\\r\\0$", {0}, {"tnvfr0"}},
	{"^\\t\\n\\v\\f\\r$", {"\t\n\v\f\r"}, {"tnvfr"}},
	{"^\\x41$", {"A"}, {"x41"}},
	{"^\\u0041$", {"A"}, {"u0041"}},
	{"^\\u{41}\\u{000042}$", {"AB"}, {"A"}},
	{"^\\u{1F4A9}$", {"\xf0\x9f\x92\xa9"}, {"a"}},
	{"^\\uD83D\\uDCA9$", {"\xf0\x9f\x92\xa9"}, {"a"}},
	{"^\\cJ\\cj$", {"\n\n"}, {"J", "cJ"}},
	{"^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$",
	 {"^$\\.*+?()[]{}|/"}, {"a"}},
	{"^#\"'`~!@%&,;:<>= -_$", {"#\"'`~!@%&,;:<>= -_"}, {"a"}},
	/* halves of pairs are in no string */
	{"\\ud83d", {0}, {"\xf0\x9f\x92\xa9", "a"}},
	{"^[\\ud800-\\udfffa]$", {"a"}, {"\xed\x9f\xbf", "\xee\x80\x80"}},
	{"^[\\ud7ff-\\ue000]$", {"\xed\x9f\xbf", "\xee\x80\x80"}, {"a"}},
	{"^[\\u0061-\\ud800]$", {"a", "\xed\x9f\xbf"}, {"\xee\x80\x80", "A"}},
	/* borders of words are ASCII */
	{"\\bfoo\\b", {"foo", "a foo.", "\xc3\xa9" "foo"}, {"foot", "xfoo"}},
	{"\\Boo\\B", {"foot"}, {"foo", "oo"}},
	/* looking around */
	{"a(?=b)", {"ab"}, {"ac", "a"}},
	{"a(?!b)", {"ac", "a"}, {"ab"}},
	{"(?<=a)b", {"ab"}, {"b", "cb"}},
	{"(?<!a)b", {"b", "cb"}, {"ab"}},
	{"(?<=ab|c)d", {"abd", "cd"}, {"bd", "ad"}},
	{"^(?=.*\\d)(?=.*[a-z]).{4,8}$", {"abc1", "1bcdefgh"},
	 {"abcd", "1234", "a1", "abcdefgh1"}},
	/* groups with names: the name means nothing here */
	{"^(?<year>\\d{4})-(?<m_1$>\\d\\d)$", {"2024-01"}, {"24-1"}},
	{"^(?<\xc3\xa9t\xc3\xa9>a)$", {"a"}, {"b"}},
	/* properties */
	{"^\\p{Letter}$", {"a", "\xc3\xa9", "\xd0\xb6"}, {"1", "-"}},
	{"^\\p{L}$", {"a", "\xc3\xa9"}, {"1"}},
	{"^\\p{Lu}+$", {"A", "\xc3\x89"}, {"a"}},
	{"^\\p{Uppercase_Letter}$", {"A"}, {"a"}},
	{"^\\P{Lu}$", {"a", "1"}, {"A"}},
	{"^\\p{gc=Nd}$", {"1", "\xd9\xa3"}, {"a"}},
	{"^\\p{General_Category=Decimal_Number}$", {"1"}, {"a"}},
	{"^\\p{punct}$", {".", "-"}, {"a", "+"}},
	{"^\\p{LC}$", {"a", "A"}, {"1", "\xe4\xb8\x80"}},
	{"^\\p{Script=Greek}+$", {"\xce\xb1\xce\xb2"}, {"a"}},
	{"^\\p{sc=Cyrillic}$", {"\xd0\xb6"}, {"a"}},
	{"^\\p{Script_Extensions=Greek}$", {"\xce\xb1"}, {"a"}},
	{"^\\P{scx=Han}$", {"a"}, {"\xe4\xb8\x80"}},
	{"^\\p{sc=Old_Italic}$", {"\xf0\x90\x8c\x80"}, {"a"}},
	{"^\\p{ASCII}$", {"a", "\n"}, {"\xc3\xa9"}},
	{"^\\p{Any}$", {"a", "\xf0\x9f\x92\xa9"}, {""}},
	{"^\\p{Assigned}$", {"a"}, {"\xcd\xb8"}},
	{"^\\P{Assigned}$", {"\xcd\xb8"}, {"a"}},
	{"^\\p{Alphabetic}\\p{Alpha}$", {"a\xc3\xa9"}, {"1a"}},
	{"^\\p{White_Space}$", {" ", "\xc2\x85"}, {"a"}},
	{"^\\p{Emoji_Presentation}$", {"\xf0\x9f\x92\xa9"}, {"a", "1"}},
	{"^\\p{Uppercase}\\p{Lowercase}$", {"Aa"}, {"aA"}},
	{"^\\p{ID_Start}\\p{ID_Continue}*$", {"a1", "\xc3\xa9"}, {"1a"}},
	{"^[\\p{Lu}\\p{Nd}_]+$", {"A1_", "\xc3\x89"}, {"a"}},
	{"^[^\\p{L}]$", {"1"}, {"a"}},
	{"^[\\P{L}x]$", {"1", "x"}, {"a"}},
	/* what schemas in the wild have */
	{"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$",
	 {"a.b+c@example.org"}, {"a@b", "@example.org"}},
	{"^([01]\\d|2[0-3]):[0-5]\\d$", {"00:00", "23:59"}, {"24:00", "1:00"}},
	{"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
	 {"01234567-89ab-cdef-0123-456789abcdef"}, {"01234567"}},
	{"^(?!\\s*$).+", {"a", " a"}, {"", "  "}},
	{"^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?$",
	 {"0", "-1.5e+10"}, {"01", "1."}},
};

/* Of ECMA-262 (with u), or of what of it is supported, and why not. */
static const struct {
	const char *pattern, *why;
} bad[] = {
	{"(", "( is not closed"}, {"a)", ") closes nothing"},
	{"(?:a", "( is not closed"}, {"[a", "[ is not closed"},
	{"[", "[ is not closed"}, {"[a\\", "at the end"}, {"a\\", "at the end"},
	{"*", "nothing to repeat"}, {"a**", "nothing to repeat"},
	{"a++", "nothing to repeat"}, {"a*+", "nothing to repeat"},
	{"a{2}{3}", "nothing to repeat"}, {"^*", "nothing to repeat"},
	{"$+", "nothing to repeat"}, {"\\b+", "nothing to repeat"},
	{"(?=a)*", "nothing to repeat"}, {"(?<=a)?", "nothing to repeat"},
	{"(?!a){2}", "nothing to repeat"}, {"(|*)", "nothing to repeat"},
	{"+a", "nothing to repeat"}, {"(?", "only (?:"}, {"(*ACCEPT)", "nothing"},
	{"(*UTF)a", "nothing"}, {"{", "nothing to repeat"},
	{"a{", "{ must be escaped"}, {"a{x}", "{ must be escaped"},
	{"a{1", "} follow"}, {"a{1,x}", "{ must be escaped"},
	{"a{,2}", "{ must be escaped"}, {"a{2,1}", "out of order"},
	{"a{65536}", "65535"}, {"a{1,99999999999999999999}", "65535"},
	{"}", "must be escaped"}, {"]", "must be escaped"}, {"a}", "escaped"},
	{"[b-a]", "out of order"}, {"[\\d-z]", "end of a range"},
	{"[a-\\d]", "end of a range"}, {"[\\w-\\d]", "end of a range"},
	{"[a-\\p{L}]", "end of a range"},
	{"\\Z", "no escape"}, {"\\A", "no escape"}, {"\\z", "no escape"},
	{"\\_", "no escape"}, {"\\-", "no escape"}, {"\\a", "no escape"},
	{"\\e", "no escape"}, {"\\Q*\\E", "no escape"}, {"\\K", "no escape"},
	{"\\R", "no escape"}, {"\\X", "no escape"}, {"\\h", "no escape"},
	{"\\G", "no escape"}, {"\\N", "no escape"}, {"\\\xc3\xa9", "no escape"},
	{"\\ ", "no escape"}, {"\\#", "no escape"}, {"[\\B]", "no escape"},
	{"[\\_]", "no escape"}, {"\\\"", "no escape"},
	{"\\c", "letter"}, {"\\c1", "letter"}, {"[\\c]", "letter"},
	{"\\x4", "two hex"}, {"\\xg0", "two hex"}, {"\\u00", "four hex"},
	{"\\u{}", "hex digits"}, {"\\u{110000}", "10FFFF"}, {"\\u{1", "hex"},
	{"\\u{ffffffffffff}", "10FFFF"}, {"\\00", "octal"}, {"\\012", "octal"},
	{"(a)\\1", "back-references"}, {"\\1", "back-references"},
	{"[\\1]", "octal"}, {"(?<n>a)\\k<n>", "back-references"},
	{"(?i)a", "only (?:"}, {"(?i:a)", "only (?:"}, {"(?>a)", "only (?:"},
	{"(?|a)", "only (?:"}, {"(?#c)", "only (?:"}, {"(?P<n>a)", "only (?:"},
	{"(?'n'a)", "only (?:"}, {"(?R)", "only (?:"}, {"(?1)", "only (?:"},
	{"(?(1)a)", "only (?:"}, {"(?C)", "only (?:"}, {"(?&n)", "only (?:"},
	{"(?<>a)", "name of a group"}, {"(?<1>a)", "name of a group"},
	{"(?<a b>a)", "name of a group"}, {"(?<a", "name of a group"},
	{"\\p", "{...}"}, {"\\pL", "{...}"}, {"\\p{", "not closed"},
	{"\\p{L", "not closed"}, {"\\p{}", "no such"}, {"\\p{^L}", "not closed"},
	{"\\p{letter}", "no such"}, {"\\p{Greek}", "no such"},
	{"\\p{IsGreek}", "no such"}, {"\\p{L&}", "not closed"},
	{"\\p{Xan}", "no such"}, {"\\p{Script=greek}", "no such"},
	{"\\p{Script}", "no such"}, {"\\p{Script=}", "no such"},
	{"\\p{gc=Greek}", "no such"}, {"\\p{Lu=L}", "no such"},
	{"\\p{ L }", "not closed"}, {"\\p{lu}", "no such"},
	{"\\p{Script=Nowhere}", "unknown property"},
	{"(?<=a*)b", "lookbehind"}, {"(?<=a{1,2})b", "lookbehind"},
};
/* clang-format on */

static void
expect(const char *pattern, const char *text, size_t len, enum wi_found want)
{
	char why[200];
	enum wi_found got = search(pattern, text, len, why);

	if (got == want)
		return;
	t_log("/%s/ in \"%s\": expected %d, got %d %s\n", pattern, text, want,
	      got, why);
	CU_FAIL("verdict differs");
}

static void
regex_patterns_mean_what_ecma_262_says(void)
{
	for (size_t i = 0; i < CNT(rows); i++) {
		for (size_t k = 0; k < 4 && rows[i].yes[k]; k++)
			expect(rows[i].pattern, rows[i].yes[k],
			       strlen(rows[i].yes[k]), WI_FOUND_YES);
		for (size_t k = 0; k < 4 && rows[i].no[k]; k++)
			expect(rows[i].pattern, rows[i].no[k],
			       strlen(rows[i].no[k]), WI_FOUND_NO);
	}
	expect("^\\0$", "\0", 1, WI_FOUND_YES);
	expect("^a\\0b$", "a\0b", 3, WI_FOUND_YES);
	expect("^.$", "\0", 1, WI_FOUND_YES);
	expect("b", "a\0b", 3, WI_FOUND_YES);
	CU_PASS("");
}

static void
regex_patterns_of_others_are_refused_with_a_reason(void)
{
	char why[200];

	for (size_t i = 0; i < CNT(bad); i++) {
		enum wi_found got = search(bad[i].pattern, "", 0, why);

		if (got == WI_FOUND_LIMIT && strstr(why, bad[i].why))
			continue;
		t_log("/%s/: expected \"%s\", got %d \"%s\"\n", bad[i].pattern,
		      bad[i].why, got, why);
		CU_FAIL("reason differs");
	}
	CU_PASS("");
}

static void
regex_refusals_say_where(void)
{
	char why[200];

	search("ab[c-a]", "", 0, why);
	CU_ASSERT_STRING_EQUAL(why, "the range is out of order, at byte 6");
	search("abc\\_", "", 0, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "at byte 4"));
}

/* Each byte that ASCII has, escaped: the syntax characters and "/" are
 * themselves, letters and digits mean what they mean, others are refused. */
static void
regex_every_ascii_escape_is_decided(void)
{
	static const char self[] = "^$\\.*+?()[]{}|/";
	static const char other[] = "bBcdDfknprsStuvwWxP0123456789";
	char pattern[] = "\\?", why[200];

	for (int c = 1; c < 128; c++) {
		pattern[1] = (char)c;
		if (strchr(self, c)) {
			CU_ASSERT_EQUAL(search(pattern, pattern + 1, 1, why),
					WI_FOUND_YES);
		} else if (!strchr(other, c)) {
			CU_ASSERT_EQUAL(search(pattern, pattern + 1, 1, why),
					WI_FOUND_LIMIT);
			CU_ASSERT_PTR_NOT_NULL(strstr(why, "no escape"));
		}
	}
}

static void
regex_steps_are_counted_and_bounded(void)
{
	static const char *const patterns[] = {"^(a|aa)+$", "^(a*)*$",
					       "^(?:a?){50}a{50}$"};
	struct wi_patterns *ps = wi_patterns_new();
	const struct wi_pattern *pat;
	char why[200], text[2001];
	uint64_t steps;

	CU_ASSERT_FATAL(ps != NULL);
	memset(text, 'a', sizeof(text));
	text[2000] = 'b';
	for (size_t i = 0; i < CNT(patterns); i++) {
		CU_ASSERT_EQUAL_FATAL(
		    wi_patterns_add(ps, (const uint8_t *)patterns[i],
				    (uint32_t)strlen(patterns[i]), &pat, why,
				    sizeof(why)),
		    0);
		steps = 100000;
		CU_ASSERT_EQUAL(
		    wi_pattern_search(ps, pat, (uint8_t *)text, 2001, &steps),
		    WI_FOUND_LIMIT);
		CU_ASSERT_EQUAL(steps, 0);
	}
	/* a long way costs as many steps, not one */
	CU_ASSERT_EQUAL_FATAL(wi_patterns_add(ps, (const uint8_t *)"^a*b", 4,
					      &pat, why, sizeof(why)),
			      0);
	steps = 100000;
	CU_ASSERT_EQUAL(
	    wi_pattern_search(ps, pat, (uint8_t *)text, 2001, &steps),
	    WI_FOUND_YES);
	CU_ASSERT(steps <= 98000 && steps > 90000);
	steps = 1500;
	CU_ASSERT_EQUAL(
	    wi_pattern_search(ps, pat, (uint8_t *)text, 2001, &steps),
	    WI_FOUND_LIMIT);
	wi_patterns_free(ps);
}

/* Long stretches are cut into pieces: the counts stay what they were. */
static void
regex_large_counts_are_exact(void)
{
	static const char *const atoms[] = {"a", "[ab]", ".", "\\w", "(?:a)"};
	static const int counts[] = {63, 64, 65, 127, 128, 130, 1000};
	static const struct {
		const char *fmt;
		int less, more; /* also that many */
	} forms[] = {{"^%s{%d}$", 0, 0},      {"^%s{%d}?$", 0, 0},
		     {"^%s{%d,}$", 0, 500},   {"^%s{%d,%d}$", 0, 3},
		     {"^%s{%d,%d}?$", 0, 3},  {"^%s{0,%d}$", 500, 0},
		     {"(?<=^%s{%d})$", 0, 0}, {"^%s{%d,}?$", 0, 500}};
	char pattern[80], text[2000], why[200];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < CNT(atoms) * CNT(forms) * CNT(counts); i++) {
		size_t f = i / CNT(atoms) % CNT(forms);
		int n = counts[i / CNT(atoms) / CNT(forms)];

		snprintf(pattern, sizeof(pattern), forms[f].fmt,
			 atoms[i % CNT(atoms)], n, n + 3);
		for (int len = n - 2; len <= n + 5; len++) {
			int want = len >= n - forms[f].less &&
				   len <= n + forms[f].more;

			if (search(pattern, text, (size_t)len, why) ==
			    (enum wi_found)want)
				continue;
			t_log("/%s/ and %d: not %d %s\n", pattern, len, want,
			      why);
			CU_FAIL("verdict differs");
		}
	}
	CU_PASS("");
}

/* Work that is done between the elements of a pattern costs steps, too. */
static void
regex_long_ways_cost_steps(void)
{
	enum { LEN = 30000 };
	static const char *const tails[] = {"[bc]", "{2500}[bc]", "|ay"};
	struct wi_patterns *ps = wi_patterns_new();
	char pattern[5000], why[200];
	const struct wi_pattern *pat;
	uint8_t *text = malloc(LEN);
	uint64_t steps;

	CU_ASSERT_FATAL(ps != NULL && text != NULL);
	memset(text, 'a', LEN);
	for (int i = 0; i < LEN; i += 2001)
		text[i] = 'd';
	for (size_t i = 0; i < CNT(tails); i++) {
		size_t n = i == 1 ? 1 : 2100;

		memset(pattern, 'a', n);
		if (i == 2) /* alternatives that are all tried */
			for (n = 2; n < 4000; n += 3)
				memcpy(pattern + n - 2, "az|az", 5);
		memcpy(pattern + n, tails[i], strlen(tails[i]) + 1);
		CU_ASSERT_EQUAL_FATAL(wi_patterns_add(ps,
						      (const uint8_t *)pattern,
						      (uint32_t)strlen(pattern),
						      &pat, why, sizeof(why)),
				      0);
		steps = 1000000;
		CU_ASSERT_EQUAL(wi_pattern_search(ps, pat, text, LEN, &steps),
				WI_FOUND_LIMIT);
	}
	wi_patterns_free(ps);
	free(text);
}

/* Memory for back-tracking runs out before the steps do, again and again. */
static void
regex_deep_matches_stay_in_their_block(void)
{
	enum { LEN = 400000 };
	struct wi_patterns *ps = wi_patterns_new();
	const struct wi_pattern *pat;
	uint8_t *text = malloc(LEN);
	uint64_t steps;
	char why[200];

	CU_ASSERT_FATAL(ps != NULL && text != NULL);
	memset(text, 'a', LEN);
	CU_ASSERT_EQUAL_FATAL(wi_patterns_add(ps, (const uint8_t *)"^(?:a|b)*$",
					      10, &pat, why, sizeof(why)),
			      0);
	for (int i = 0; i < 3; i++) {
		steps = UINT64_MAX;
		CU_ASSERT_EQUAL(wi_pattern_search(ps, pat, text, LEN, &steps),
				WI_FOUND_LIMIT);
		steps = UINT64_MAX;
		CU_ASSERT_EQUAL(wi_pattern_search(ps, pat, text, 5000, &steps),
				WI_FOUND_YES);
	}
	wi_patterns_free(ps);
	free(text);
}

static void
regex_translation_stops_at_its_room(void)
{
	char dst[64];
	const char *why = NULL;
	size_t at;

	for (size_t cap = 0; cap < sizeof(dst); cap++) {
		int64_t n;

		memset(dst, '#', sizeof(dst));
		n = wi_regex_translate((const uint8_t *)"^a.+[^]$", 8, dst, cap,
				       &why, &at);
		for (size_t i = cap; i < sizeof(dst); i++)
			CU_ASSERT_EQUAL(dst[i], '#');
		CU_ASSERT(n == -2 || (n > 0 && (size_t)n <= cap));
	}
}

static void
regex_the_same_pattern_is_compiled_once(void)
{
	struct wi_patterns *ps = wi_patterns_new();
	const struct wi_pattern *a, *b, *c;
	char why[200];

	CU_ASSERT_FATAL(ps != NULL);
	wi_patterns_add(ps, (const uint8_t *)"ab", 2, &a, why, sizeof(why));
	wi_patterns_add(ps, (const uint8_t *)"abc", 2, &b, why, sizeof(why));
	wi_patterns_add(ps, (const uint8_t *)"abc", 3, &c, why, sizeof(why));
	CU_ASSERT(a == b && b != c);
	wi_patterns_free(ps);
	wi_patterns_free(NULL);
}

SUITE("regex", TEST(regex_patterns_mean_what_ecma_262_says),
      TEST(regex_patterns_of_others_are_refused_with_a_reason),
      TEST(regex_refusals_say_where), TEST(regex_every_ascii_escape_is_decided),
      TEST(regex_steps_are_counted_and_bounded),
      TEST(regex_large_counts_are_exact), TEST(regex_long_ways_cost_steps),
      TEST(regex_deep_matches_stay_in_their_block),
      TEST(regex_translation_stops_at_its_room),
      TEST(regex_the_same_pattern_is_compiled_once));
