/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/regex.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "schema/letters.h"
#include "schema/unicode.h"

#define GROUP_MAX 128
#define COUNT_MAX 65535 /* of a repeat, in PCRE2 */
#define CODE_MAX  0x10ffff

#define ANY	"[\\x{0}-\\x{10ffff}]"
#define NOTHING "[^\\x{0}-\\x{10ffff}]"
#define CALLOUT "(?C)"
#define GROUP	SIZE_MAX
#define PIECE	64u /* characters without a callout */
#define STRETCH 32  /* terms without a callout */

/* WhiteSpace and LineTerminator, and all the rest. */
#define SPACES                                                                 \
	"\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}"              \
	"\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define NOT_SPACES                                                             \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}"          \
	"\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}"            \
	"\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}"            \
	"\\x{ff00}-\\x{10ffff}"

struct translation {
	const uint8_t *text, *p, *end;
	char *dst;
	size_t n, cap;
	const char *why; /* set once, by the first refusal */
	const uint8_t *at;
	uint32_t since; /* terms since the last callout */
	uint32_t depth;
	uint8_t repeatable[GROUP_MAX]; /* group that is open, by depth */
};

static int
refuse(struct translation *t, const char *why)
{
	if (!t->why) {
		t->why = why;
		t->at = t->p;
	}
	return -1;
}

static void
emit(struct translation *t, const char *s)
{
	size_t len = strlen(s);

	if (t->n + len <= t->cap)
		memcpy(t->dst + t->n, s, len);
	t->n += len;
}

static void
emit_code(struct translation *t, uint32_t c)
{
	char buf[16];

	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'))
		snprintf(buf, sizeof(buf), "%c", (char)c);
	else
		snprintf(buf, sizeof(buf), "\\x{%x}", c);
	emit(t, buf);
}

static int
is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

/* A single character outside a class.  No string in UTF-8 holds half of a
 * surrogate pair. */
static void
emit_atom(struct translation *t, uint32_t c)
{
	if (is_surrogate(c))
		emit(t, NOTHING);
	else
		emit_code(t, c);
}

static int
peek(const struct translation *t, char c)
{
	return t->p < t->end && *t->p == (uint8_t)c;
}

static int
take(struct translation *t, char c)
{
	if (!peek(t, c))
		return 0;
	t->p++;
	return 1;
}

static int
take_word(struct translation *t, const char *s)
{
	size_t len = strlen(s);

	if ((size_t)(t->end - t->p) < len || memcmp(t->p, s, len))
		return 0;
	t->p += len;
	return 1;
}

/* The next character; the text is valid UTF-8 and not at its end. */
static uint32_t
next_code(struct translation *t)
{
	uint32_t c = *t->p++;
	uint32_t more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more)
		c &= 0x3fu >> more;
	while (more-- && t->p < t->end)
		c = c << 6 | (*t->p++ & 0x3fu);
	return c;
}

/* Exactly @n hex digits. */
static int
take_hex(struct translation *t, int n, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++) {
		int d = t->p + i < t->end ? wi_hex_digit(t->p[i]) : -1;

		if (d < 0)
			return 0;
		v = v << 4 | (uint32_t)d;
	}
	t->p += n;
	*out = v;
	return 1;
}

/* Behind "\u". */
static int
unicode_escape(struct translation *t, uint32_t *out)
{
	const uint8_t *before;
	uint32_t low, c = 0;
	int digits = 0, d;

	if (take(t, '{')) {
		for (; t->p < t->end && (d = wi_hex_digit(*t->p)) >= 0; t->p++) {
			c = c << 4 | (uint32_t)d;
			digits = 1;
			if (c > CODE_MAX)
				return refuse(t, "\\u{...} is above 10FFFF");
		}
		*out = c;
		if (!digits || !take(t, '}'))
			return refuse(t, "\\u{...} must hold hex digits");
		return 0;
	}
	if (!take_hex(t, 4, &c))
		return refuse(t, "\\u must be followed by four hex digits "
				 "or {...}");
	before = t->p;
	if (c >= 0xd800 && c <= 0xdbff && take_word(t, "\\u")) {
		if (take_hex(t, 4, &low) && low >= 0xdc00 && low <= 0xdfff)
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
		else
			t->p = before;
	}
	*out = c;
	return 0;
}

/* An escape that stands for one character, behind the backslash. */
static int
char_escape(struct translation *t, int in_class, uint32_t *out)
{
	static const char same[] = "^$\\.*+?()[]{}|/";
	uint8_t c = *t->p++;

	switch (c) {
	case 't':
		*out = '\t';
		return 0;
	case 'n':
		*out = '\n';
		return 0;
	case 'v':
		*out = '\v';
		return 0;
	case 'f':
		*out = '\f';
		return 0;
	case 'r':
		*out = '\r';
		return 0;
	case 'u':
		return unicode_escape(t, out);
	case 'x':
		return take_hex(t, 2, out)
			   ? 0
			   : refuse(t, "\\x must be followed by two hex "
				       "digits");
	case 'c':
		if (t->p < t->end && ((*t->p | 0x20) >= 'a') &&
		    ((*t->p | 0x20) <= 'z')) {
			*out = *t->p++ & 0x1f;
			return 0;
		}
		return refuse(t, "\\c must be followed by a letter");
	case '0':
		*out = 0;
		if (t->p < t->end && *t->p >= '0' && *t->p <= '9')
			return refuse(t, "octal escapes are not allowed");
		return 0;
	case 'k':
		return refuse(t, "back-references are not supported");
	default:
		break;
	}
	t->p--;
	if (c >= '1' && c <= '9')
		return refuse(t, in_class ? "octal escapes are not allowed"
					  : "back-references are not "
					    "supported");
	if (in_class && (c == 'b' || c == '-')) {
		t->p++;
		*out = c == 'b' ? '\b' : '-';
		return 0;
	}
	if (c && strchr(same, c)) {
		t->p++;
		*out = c;
		return 0;
	}
	return refuse(t, "this is no escape of ECMA-262 (with the u flag)");
}

struct prop_name {
	const char *name, *pcre;
};

static const struct prop_name categories[] = {
#define X(brief, name, other) {brief, brief}, {name, brief}, {other, brief},
    WI_UNICODE_CATEGORIES(X)
#undef X
	{"LC", "L&"},
    {"Cased_Letter", "L&"},
};

static const struct prop_name binaries[] = {
#define X(name, brief) {name, name}, {brief, name},
    WI_UNICODE_BINARY(X)
#undef X
};

static const char *
lookup(const struct prop_name *tab, size_t cnt, const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < cnt; i++)
		if (strlen(tab[i].name) == len && !memcmp(tab[i].name, s, len))
			return tab[i].pcre;
	return NULL;
}

/* Script names are spelled "Greek", "Old_Italic": PCRE2 knows which exist,
 * but would also take "greek" and "olditalic". */
static int
looks_like_script(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int start = i == 0 || s[i - 1] == '_';
		int upper = s[i] >= 'A' && s[i] <= 'Z';

		if (start && !upper)
			return 0;
	}
	return len > 0 && len < 40;
}

static size_t
take_name(struct translation *t, const uint8_t **name)
{
	*name = t->p;
	while (t->p < t->end &&
	       ((*t->p >= '0' && *t->p <= '9') ||
		((*t->p | 0x20) >= 'a' && (*t->p | 0x20) <= 'z') ||
		*t->p == '_'))
		t->p++;
	return (size_t)(t->p - *name);
}

static int
is_word(const uint8_t *s, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(s, word, len);
}

/* Behind "\p" or "\P". */
static int
property(struct translation *t, int negated)
{
	const uint8_t *name, *value = NULL;
	const char *pcre = NULL, *prefix = "";
	size_t len, value_len = 0;
	char buf[64];

	if (!take(t, '{'))
		return refuse(t, "\\p must be followed by {...}");
	len = take_name(t, &name);
	if (take(t, '='))
		value_len = take_name(t, &value);
	if (!take(t, '}'))
		return refuse(t, "\\p{...} is not closed");
	if (!value) {
		pcre = lookup(categories, WI_CNT(categories), name, len);
		if (!pcre)
			pcre = lookup(binaries, WI_CNT(binaries), name, len);
		if (!pcre && is_word(name, len, "Assigned")) {
			pcre = "Cn";
			negated = !negated;
		}
	} else if (is_word(name, len, "General_Category") ||
		   is_word(name, len, "gc")) {
		pcre = lookup(categories, WI_CNT(categories), value, value_len);
	} else if (looks_like_script(value, value_len)) {
		if (is_word(name, len, "Script") || is_word(name, len, "sc"))
			prefix = "sc:";
		if (is_word(name, len, "Script_Extensions") ||
		    is_word(name, len, "scx"))
			prefix = "scx:";
	}
	if (!pcre && !*prefix)
		return refuse(t, "no such Unicode property in ECMA-262");
	if (pcre)
		snprintf(buf, sizeof(buf), "\\%c{%s}", negated ? 'P' : 'p',
			 pcre);
	else
		snprintf(buf, sizeof(buf), "\\%c{%s%.*s}", negated ? 'P' : 'p',
			 prefix, (int)value_len, (const char *)value);
	emit(t, buf);
	return 0;
}

/* An escape that stands for a set of characters, behind the backslash.
 * Return: 1 it was one, 0 it is none, -1 refused. */
static int
set_escape(struct translation *t, int in_class)
{
	const char same[] = {'\\', (char)*t->p, 0};

	switch (*t->p++) {
	case 'd':
	case 'D':
	case 'w':
	case 'W': /* ASCII in PCRE2 too, without UCP */
		emit(t, same);
		return 1;
	case 's':
		emit(t, in_class ? SPACES : "[" SPACES "]");
		return 1;
	case 'S':
		emit(t, in_class ? NOT_SPACES : "[" NOT_SPACES "]");
		return 1;
	case 'p':
		return property(t, 0) < 0 ? -1 : 1;
	case 'P':
		return property(t, 1) < 0 ? -1 : 1;
	default:
		t->p--;
		return 0;
	}
}

/* One end of a range.  Return: 1 a set (already written), 0 a character,
 * -1 refused. */
static int
class_atom(struct translation *t, uint32_t *c)
{
	int ret;

	if (t->p == t->end)
		return refuse(t, "[ is not closed");
	if (!take(t, '\\')) {
		*c = next_code(t);
		return 0;
	}
	if (t->p == t->end)
		return refuse(t, "\\ at the end");
	ret = set_escape(t, 1);
	return ret ? ret : char_escape(t, 1, c);
}

/* A range without the surrogates, which no string holds. */
static void
emit_range(struct translation *t, uint32_t lo, uint32_t hi)
{
	if (is_surrogate(lo))
		lo = 0xe000;
	if (is_surrogate(hi))
		hi = 0xd7ff;
	if (lo > hi)
		return;
	emit_code(t, lo);
	if (lo < hi) {
		emit(t, "-");
		emit_code(t, hi);
	}
}

/* Behind "[". */
static int class(struct translation *t)
{
	size_t before = t->n, empty;
	int negated = take(t, '^'), ret;
	uint32_t lo, hi;

	emit(t, negated ? "[^" : "[");
	empty = t->n;
	while (!take(t, ']')) {
		ret = class_atom(t, &lo);
		if (ret < 0)
			return ret;
		if (!peek(t, '-') || (t->p + 1 < t->end && t->p[1] == ']')) {
			if (ret == 0)
				emit_range(t, lo, lo);
			continue;
		}
		t->p++;
		if (ret == 0)
			ret = class_atom(t, &hi);
		if (ret > 0)
			return refuse(t, "a set cannot be the end of a "
					 "range");
		if (ret < 0)
			return ret;
		if (lo > hi)
			return refuse(t, "the range is out of order");
		emit_range(t, lo, hi);
	}
	if (t->n == empty) {
		t->n = before;
		emit(t, negated ? ANY : NOTHING);
	} else {
		emit(t, "]");
	}
	return 0;
}

static int
count(struct translation *t, uint32_t *out)
{
	const uint8_t *from = t->p;
	uint32_t v = 0;

	for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++) {
		v = v * 10 + (uint32_t)(*t->p - '0');
		if (v > COUNT_MAX)
			return refuse(t, "counts above 65535 are not "
					 "supported");
	}
	*out = v;
	return t->p == from ? refuse(t, "{ must be escaped, or a count "
					"follow it")
			    : 0;
}

/* Append a copy of the @len bytes that were written at @from. */
static void
emit_again(struct translation *t, size_t from, size_t len)
{
	if (t->n + len <= t->cap)
		memcpy(t->dst + t->n, t->dst + from, len);
	t->n += len;
}

/* A single character or set, written at @atom, @min to @max times (max:
 * COUNT_MAX + 1 means without end).  Long stretches are cut, with a callout
 * after each piece: a repeat that fails half-way would cost nothing. */
static void
emit_counts(struct translation *t, size_t atom, uint32_t min, uint32_t max,
	    int lazy)
{
	size_t len = t->n - atom;
	char buf[48];

	snprintf(buf, sizeof(buf), "{%u}", min % PIECE);
	emit(t, buf);
	if (min >= PIECE) {
		emit(t, "(?:");
		emit_again(t, atom, len);
		snprintf(buf, sizeof(buf), "{%u}%s){%u}", PIECE, CALLOUT,
			 min / PIECE);
		emit(t, buf);
	}
	if (max > min) {
		emit_again(t, atom, len);
		snprintf(buf, sizeof(buf), "{0,%u}", max - min);
		emit(t, max > COUNT_MAX ? "*" : buf);
		emit(t, lazy ? "?" : "");
	}
}

/* What may follow something that can be repeated, which was written at
 * @atom; GROUP: it is no single character or set. */
static int
quantifier(struct translation *t, size_t atom)
{
	uint32_t min, max;
	int lazy;
	char buf[32];

	if (take(t, '*')) {
		min = 0;
		max = COUNT_MAX + 1;
	} else if (take(t, '+')) {
		min = 1;
		max = COUNT_MAX + 1;
	} else if (take(t, '?')) {
		min = 0;
		max = 1;
	} else if (take(t, '{')) {
		if (count(t, &min))
			return -1;
		max = min;
		if (take(t, ',')) {
			max = COUNT_MAX + 1;
			if (!peek(t, '}') && count(t, &max))
				return -1;
		}
		if (max < min)
			return refuse(t, "the counts are out of order");
		if (!take(t, '}'))
			return refuse(t, "{ must be escaped, or } follow the "
					 "count");
	} else {
		return 0;
	}
	lazy = take(t, '?');
	if (atom != GROUP && min >= PIECE) {
		emit_counts(t, atom, min, max, lazy);
	} else {
		if (max > COUNT_MAX)
			snprintf(buf, sizeof(buf), "{%u,}", min);
		else
			snprintf(buf, sizeof(buf), "{%u,%u}", min, max);
		emit(t, buf);
		emit(t, lazy ? "?" : "");
	}
	emit(t, CALLOUT);
	t->since = 0;
	return 0;
}

/* Behind "(?<": a name, which nothing can refer to. */
static int
group_name(struct translation *t)
{
	const uint8_t *from = t->p;

	while (t->p < t->end && *t->p != '>') {
		uint8_t c = *t->p;
		int letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		int digit = c >= '0' && c <= '9';

		if (!letter && c < 0x80 && c != '$' && c != '_' &&
		    (!digit || t->p == from))
			return refuse(t, "this cannot stand in the name of a "
					 "group");
		t->p++;
	}
	if (t->p == from || !take(t, '>'))
		return refuse(t, "the name of a group must end in >");
	return 0;
}

/* Behind "(". */
static int
group(struct translation *t)
{
	static const char *const asserts[] = {"?=", "?!", "?<=", "?<!"};
	const char *open = "?:";
	int ret = 0;

	if (t->depth == GROUP_MAX)
		return refuse(t, "groups nest too deep");
	t->repeatable[t->depth] = 1;
	for (size_t i = 0; i < WI_CNT(asserts); i++) {
		if (take_word(t, asserts[i])) {
			open = asserts[i];
			t->repeatable[t->depth] = 0;
			goto out;
		}
	}
	if (take_word(t, "?<"))
		ret = group_name(t);
	else if (!take_word(t, "?:") && peek(t, '?'))
		return refuse(t, "only (?: (?= (?! (?<= (?<! and (?<name> are "
				 "supported");
out:
	t->depth++;
	emit(t, "(");
	emit(t, open);
	emit(t, CALLOUT);
	return ret;
}

/* Behind "\", outside a class. */
static int
escape(struct translation *t)
{
	size_t atom = t->n;
	uint32_t c;
	int ret;

	if (t->p == t->end)
		return refuse(t, "\\ at the end");
	if (peek(t, 'b') || peek(t, 'B')) {
		emit(t, *t->p++ == 'b' ? "\\b" : "\\B");
		return 0;
	}
	ret = set_escape(t, 0);
	if (ret == 0) {
		ret = char_escape(t, 0, &c);
		if (ret == 0)
			emit_atom(t, c);
	}
	return ret < 0 ? ret : quantifier(t, atom);
}

static int
term(struct translation *t)
{
	uint32_t c = next_code(t);
	size_t atom = t->n;

	switch (c) {
	case '^':
		emit(t, "^");
		return 0;
	case '$':
		emit(t, "$");
		return 0;
	case '|':
		emit(t, "|");
		return 0;
	case '(':
		return group(t);
	case ')':
		if (t->depth == 0)
			return refuse(t, ") closes nothing");
		emit(t, ")");
		return t->repeatable[--t->depth] ? quantifier(t, GROUP) : 0;
	case '[':
		return class(t) ? -1 : quantifier(t, atom);
	case '\\':
		return escape(t);
	case '.':
		emit(t, "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]");
		return quantifier(t, atom);
	case '*':
	case '+':
	case '?':
	case '{':
		t->p--;
		return refuse(t, "there is nothing to repeat here");
	case '}':
	case ']':
		t->p--;
		return refuse(t, "} and ] must be escaped");
	default:
		emit_atom(t, c);
		return quantifier(t, atom);
	}
}

/* All terms.  Where none of them brings a callout, one is put in front of
 * every so many: long words and many alternatives take their time, too. */
static void
terms(struct translation *t)
{
	while (t->p < t->end) {
		/* not at the end of an alternative, where one that fails does
		 * not get */
		if (t->since >= STRETCH && *t->p != '|' && *t->p != ')') {
			emit(t, CALLOUT);
			t->since = 0;
		}
		t->since++;
		if (term(t))
			return;
	}
}

int64_t
wi_regex_translate(const uint8_t *text, size_t len, char *dst, size_t cap,
		   const char **why, size_t *at)
{
	struct translation t = {
	    .text = text, .p = text, .end = text + len, .dst = dst, .cap = cap};

	emit(&t, CALLOUT);
	terms(&t);
	if (!t.why && t.depth)
		refuse(&t, "( is not closed");
	if (t.why) {
		*why = t.why;
		*at = (size_t)(t.at - text);
		return -1;
	}
	return t.n > cap ? -2 : (int64_t)t.n;
}
