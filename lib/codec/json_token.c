/* SPDX-License-Identifier: BSD-2-Clause
 *
 * json_token.c - strings, numbers and words of JSON, and what to say of
 * those that are none.
 */
#include "base/bytes.h"
#include "base/diag.h"
#include "codec/json_reader.h"
#include "codec/number.h"

/* Where @at is, for people.  Only errors pay for counting lines. */
int
wi_json_place(struct wi_reader *r, const char *at)
{
	const char *line = r->text;

	if (!r->diag)
		return WEIR_EJSON;
	r->diag->line = 1;
	for (const char *p = r->text; p < at; p++) {
		if (*p == '\n') {
			line = p + 1;
			r->diag->line++;
		}
	}
	r->diag->offset = (uint64_t)(at - r->text);
	r->diag->column = (uint32_t)(at - line) + 1;
	return WEIR_EJSON;
}

int
wi_json_refuse(struct wi_reader *r, const char *at, const char *why)
{
	wi_fail(r->diag, WEIR_EJSON, "%s", why);
	return wi_json_place(r, at);
}

int
wi_json_expected(struct wi_reader *r, const char *at, const char *what)
{
	if (at >= r->end)
		wi_fail(r->diag, WEIR_EJSON,
			"expected %s, found the end of the text", what);
	else if (*at > ' ' && *at < 0x7f)
		wi_fail(r->diag, WEIR_EJSON, "expected %s, found '%c'", what,
			*at);
	else
		wi_fail(r->diag, WEIR_EJSON, "expected %s, found byte 0x%02x",
			what, (unsigned)(uint8_t)*at);
	return wi_json_place(r, at);
}

static int
put_uint(struct wi_reader *r, uint64_t v)
{
	if (v < 0x80)
		return wi_json_put_byte(r, (uint8_t)v);
	if (v <= UINT8_MAX)
		return wi_json_put_num(r, 0xcc, v, 1);
	if (v <= UINT16_MAX)
		return wi_json_put_num(r, 0xcd, v, 2);
	if (v <= UINT32_MAX)
		return wi_json_put_num(r, 0xce, v, 4);
	return wi_json_put_num(r, 0xcf, v, 8);
}

/* -@v, for 1 <= v <= 2^63 */
static int
put_negative(struct wi_reader *r, uint64_t v)
{
	if (v <= 32)
		return wi_json_put_byte(r, (uint8_t)-v);
	if (v <= 0x80)
		return wi_json_put_num(r, 0xd0, -v, 1);
	if (v <= 0x8000)
		return wi_json_put_num(r, 0xd1, -v, 2);
	if (v <= 0x80000000u)
		return wi_json_put_num(r, 0xd2, -v, 4);
	return wi_json_put_num(r, 0xd3, -v, 8);
}

static int
put_str_head(struct wi_reader *r, size_t len)
{
	if (len < 32)
		return wi_json_put_byte(r, (uint8_t)(0xa0 | len));
	if (len <= UINT8_MAX)
		return wi_json_put_num(r, 0xd9, len, 1);
	if (len <= UINT16_MAX)
		return wi_json_put_num(r, 0xda, len, 2);
	return wi_json_put_num(r, 0xdb, len, 4);
}

static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v <<= 4;
		if (c >= '0' && c <= '9')
			v |= c - '0';
		else if (c >= 'a' && c <= 'f')
			v |= c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			v |= c - 'A' + 10;
		else
			return -1;
	}
	return v;
}

/* The escape at @p, which is a backslash.
 * Return: its code point and its length in *@n, or a negative error. */
static int
escape(struct wi_reader *r, const char *p, size_t *n)
{
	int c, low;

	*n = 2;
	if (p + 1 >= r->end)
		return wi_json_expected(r, p + 1, "an escape");
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
		return p[1];
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		break;
	default:
		return wi_json_expected(
		    r, p + 1, "one of \"\\/bfnrtu behind the backslash");
	}
	c = hex4(p + 2, r->end);
	if (c < 0)
		return wi_json_refuse(r, p,
				      "expected four hex digits behind \\u");
	*n = 6;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c >= 0xdc00)
		return wi_json_refuse(
		    r, p, "a low surrogate without a high one before it");
	low = r->end - p >= 12 && p[6] == '\\' && p[7] == 'u'
		  ? hex4(p + 8, r->end)
		  : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return wi_json_refuse(
		    r, p, "a high surrogate without a low one behind it");
	*n = 12;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static size_t
utf8_len(int c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static size_t
put_utf8(uint8_t *p, int c)
{
	size_t n = utf8_len(c);

	if (n == 1) {
		*p = (uint8_t)c;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		p[i] = (uint8_t)(0x80 | (c & 0x3f));
	p[0] = (uint8_t)((0xf0 << (4 - n)) | c);
	return n;
}

/* From @p on, the first byte that a string cannot just hold. */
static const char *
plain_end(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t v = wi_word64(p);
		uint64_t control = (v - WI_EACH(0x20)) & ~v & WI_EACH(0x80);

		if (control | wi_has_zero(v ^ WI_EACH('"')) |
		    wi_has_zero(v ^ WI_EACH('\\')))
			break;
	}
	while (p < end && (uint8_t)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The string whose opening quote is at r->p. */
int
wi_json_string(struct wi_reader *r)
{
	const char *start = r->p + 1, *p = start;
	size_t len = 0, raw, span, n;
	const char *q;
	uint8_t *out;
	int c, escapes = 0;

	for (;;) {
		q = plain_end(p, r->end);
		len += (size_t)(q - p);
		if (q >= r->end)
			return wi_json_expected(
			    r, q, "'\"' at the end of the string");
		if (*q == '"')
			break;
		if (*q != '\\')
			return wi_json_expected(
			    r, q, "an escape for a control character");
		c = escape(r, q, &n);
		if (c < 0)
			return c;
		escapes = 1;
		len += utf8_len(c);
		p = q + n;
	}
	raw = (size_t)(q - start);
	span = wi_utf8_span((const uint8_t *)start, raw);
	if (span != raw)
		return wi_json_expected(r, start + span, "UTF-8");
	if (len > UINT32_MAX)
		return wi_json_refuse(r, r->p,
				      "the string is longer than 2^32 bytes");
	if (put_str_head(r, len))
		return -ENOBUFS;
	out = wi_json_room(r, len);
	if (!out)
		return -ENOBUFS;
	r->p = q + 1;
	if (!escapes) {
		memcpy(out, start, len);
		return 0;
	}
	for (p = start; p < q; p += n) {
		if (*p != '\\') {
			*out++ = (uint8_t)*p;
			n = 1;
		} else {
			out += put_utf8(out, escape(r, p, &n));
		}
	}
	return 0;
}

static int
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static int
real(struct wi_reader *r, const char *start)
{
	uint64_t bits;
	uint32_t f;

	if (wi_number_read(start, r->p, &bits))
		return wi_json_refuse(r, start,
				      "the number is too large for a double");
	if (wi_number_float(bits, &f))
		return wi_json_put_num(r, 0xca, f, 4);
	return wi_json_put_num(r, 0xcb, bits, 8);
}

int
wi_json_number(struct wi_reader *r)
{
	const char *start = r->p, *p = start;
	int minus = *p == '-', too_large = 0;
	uint64_t v = 0;

	p += minus;
	if (!is_digit(p, r->end))
		return wi_json_expected(r, p, "a digit");
	if (*p == '0') {
		p++;
		if (is_digit(p, r->end))
			return wi_json_refuse(r, start,
					      "a number must not begin with 0");
	}
	for (; is_digit(p, r->end); p++) {
		unsigned d = (unsigned)(*p - '0');

		if (v > (UINT64_MAX - d) / 10)
			too_large = 1;
		v = v * 10 + d;
	}
	if (p == r->end || (*p != '.' && (*p | 0x20) != 'e')) {
		r->p = p;
		if (too_large || (minus && v > (uint64_t)INT64_MAX + 1))
			return wi_json_refuse(
			    r, start, "the integer is outside -2^63 .. 2^64-1");
		if (!minus)
			return put_uint(r, v);
		/* -0 has a sign that only a double keeps */
		return v ? put_negative(r, v) : real(r, start);
	}
	if (*p == '.') {
		p++;
		if (!is_digit(p, r->end))
			return wi_json_expected(r, p,
						"a digit behind the point");
		while (is_digit(p, r->end))
			p++;
	}
	if (p < r->end && (*p | 0x20) == 'e') {
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, r->end))
			return wi_json_expected(r, p,
						"a digit in the exponent");
		while (is_digit(p, r->end))
			p++;
	}
	r->p = p;
	return real(r, start);
}

int
wi_json_word(struct wi_reader *r, const char *w, size_t len, uint8_t byte,
	     const char *want)
{
	for (size_t i = 1; i < len; i++)
		if (r->end - r->p <= (ptrdiff_t)i || r->p[i] != w[i])
			return wi_json_expected(r, r->p + i, want);
	r->p += len;
	return wi_json_put_byte(r, byte);
}
