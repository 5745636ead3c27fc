/* SPDX-License-Identifier: BSD-2-Clause
 *
 * json_read.c - JSON text to msgpack in one pass.
 *
 * A container starts with a head of one byte.  When its 16th child comes, the
 * 15 before it move up to make room for the longer head, and again at child
 * 65536; so a byte moves at most twice per container around it, and in all
 * but contrived texts only the first few children of a container ever move.
 *
 * Keys that are there twice are found in the msgpack, by the same check that
 * records go through; the place in the text is looked up only then.
 */
#include <weir/record.h>

#include <errno.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/diag.h"
#include "codec/json.h"
#include "codec/keys.h"
#include "codec/number.h"
#include "codec/walk.h"

struct open {
	size_t head; /* offset in the output */
	uint32_t cnt;
	uint8_t is_map;
};

struct reader {
	const char *text, *p, *end;
	uint8_t *out;
	size_t len, cap;
	uint64_t keys;
	const char *stop_key; /* text of key number stop_idx, once seen */
	uint64_t stop_idx;
	weir_diag *diag;
	unsigned depth;
	int full; /* cap was too small */
	struct open open[WI_DEPTH_MAX];
};

/* ---- errors ---------------------------------------------------------- */

/* Where @at is, for people.  Only errors pay for counting lines. */
static int
place(struct reader *r, const char *at)
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

static int
refuse(struct reader *r, const char *at, const char *why)
{
	wi_fail(r->diag, WEIR_EJSON, "%s", why);
	return place(r, at);
}

/* @what was expected at @at; say what stands there. */
static int
expected(struct reader *r, const char *at, const char *what)
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
	return place(r, at);
}

/* ---- output ---------------------------------------------------------- */

/* Room for @n bytes, or NULL. */
static uint8_t *
room(struct reader *r, size_t n)
{
	uint8_t *p = r->out + r->len;

	if (wi_unlikely(n > r->cap - r->len)) {
		r->full = 1;
		return NULL;
	}
	r->len += n;
	return p;
}

static int
put_byte(struct reader *r, uint8_t b)
{
	uint8_t *p = room(r, 1);

	if (!p)
		return -ENOBUFS;
	*p = b;
	return 0;
}

/* One head byte and the lowest @n bytes of @v, big-endian. */
static int
put_num(struct reader *r, uint8_t head, uint64_t v, size_t n)
{
	uint8_t *p = room(r, n + 1);

	if (!p)
		return -ENOBUFS;
	*p = head;
	for (; n > 0; n--, v >>= 8)
		p[n] = (uint8_t)v;
	return 0;
}

static int
put_uint(struct reader *r, uint64_t v)
{
	if (v < 0x80)
		return put_byte(r, (uint8_t)v);
	if (v <= UINT8_MAX)
		return put_num(r, 0xcc, v, 1);
	if (v <= UINT16_MAX)
		return put_num(r, 0xcd, v, 2);
	if (v <= UINT32_MAX)
		return put_num(r, 0xce, v, 4);
	return put_num(r, 0xcf, v, 8);
}

/* -@v, for 1 <= v <= 2^63 */
static int
put_negative(struct reader *r, uint64_t v)
{
	if (v <= 32)
		return put_byte(r, (uint8_t)-v);
	if (v <= 0x80)
		return put_num(r, 0xd0, -v, 1);
	if (v <= 0x8000)
		return put_num(r, 0xd1, -v, 2);
	if (v <= 0x80000000u)
		return put_num(r, 0xd2, -v, 4);
	return put_num(r, 0xd3, -v, 8);
}

static int
put_str_head(struct reader *r, size_t len)
{
	if (len < 32)
		return put_byte(r, (uint8_t)(0xa0 | len));
	if (len <= UINT8_MAX)
		return put_num(r, 0xd9, len, 1);
	if (len <= UINT16_MAX)
		return put_num(r, 0xda, len, 2);
	return put_num(r, 0xdb, len, 4);
}

/* Count one more child of the innermost container. */
static int
add_child(struct reader *r)
{
	struct open *o = &r->open[r->depth - 1];
	size_t old, grow = 2;
	uint8_t *p = r->out + o->head;

	o->cnt++;
	if (o->cnt <= 15) {
		*p = (uint8_t)((o->is_map ? 0x80 : 0x90) | o->cnt);
		return 0;
	}
	if (o->cnt == 16 || o->cnt == 0x10000) {
		old = o->cnt == 16 ? 1 : 3;
		if (!room(r, grow))
			return -ENOBUFS;
		memmove(p + old + grow, p + old, r->len - grow - o->head - old);
		*p = (uint8_t)((o->is_map ? 0xde : 0xdc) + (old == 3));
	}
	if (o->cnt < 0x10000)
		wi_put_be16(p + 1, (uint16_t)o->cnt);
	else
		wi_put_be32(p + 1, o->cnt);
	return 0;
}

/* ---- tokens ---------------------------------------------------------- */

static void
skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' ||
				 *r->p == '\r' || *r->p == '\t'))
		r->p++;
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
escape(struct reader *r, const char *p, size_t *n)
{
	int c, low;

	*n = 2;
	if (p + 1 >= r->end)
		return expected(r, p + 1, "an escape");
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
		return expected(r, p + 1,
				"one of \"\\/bfnrtu behind the backslash");
	}
	c = hex4(p + 2, r->end);
	if (c < 0)
		return refuse(r, p, "expected four hex digits behind \\u");
	*n = 6;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c >= 0xdc00)
		return refuse(r, p,
			      "a low surrogate without a high one before it");
	low = r->end - p >= 12 && p[6] == '\\' && p[7] == 'u'
		  ? hex4(p + 8, r->end)
		  : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(r, p,
			      "a high surrogate without a low one behind it");
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
static int
string(struct reader *r)
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
			return expected(r, q, "'\"' at the end of the string");
		if (*q == '"')
			break;
		if (*q != '\\')
			return expected(r, q,
					"an escape for a control character");
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
		return expected(r, start + span, "UTF-8");
	if (len > UINT32_MAX)
		return refuse(r, r->p, "the string is longer than 2^32 bytes");
	if (put_str_head(r, len))
		return -ENOBUFS;
	out = room(r, len);
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
real(struct reader *r, const char *start)
{
	uint64_t bits;
	uint32_t f;

	if (wi_number_read(start, r->p, &bits))
		return refuse(r, start, "the number is too large for a double");
	if (wi_number_float(bits, &f))
		return put_num(r, 0xca, f, 4);
	return put_num(r, 0xcb, bits, 8);
}

static int
number(struct reader *r)
{
	const char *start = r->p, *p = start;
	int minus = *p == '-', too_large = 0;
	uint64_t v = 0;

	p += minus;
	if (!is_digit(p, r->end))
		return expected(r, p, "a digit");
	if (*p == '0') {
		p++;
		if (is_digit(p, r->end))
			return refuse(r, start,
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
			return refuse(r, start,
				      "the integer is outside -2^63 .. 2^64-1");
		if (!minus)
			return put_uint(r, v);
		/* -0 has a sign that only a double keeps */
		return v ? put_negative(r, v) : real(r, start);
	}
	if (*p == '.') {
		p++;
		if (!is_digit(p, r->end))
			return expected(r, p, "a digit behind the point");
		while (is_digit(p, r->end))
			p++;
	}
	if (p < r->end && (*p | 0x20) == 'e') {
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, r->end))
			return expected(r, p, "a digit in the exponent");
		while (is_digit(p, r->end))
			p++;
	}
	r->p = p;
	return real(r, start);
}

static int
word(struct reader *r, const char *w, size_t len, uint8_t byte,
     const char *want)
{
	for (size_t i = 1; i < len; i++)
		if (r->end - r->p <= (ptrdiff_t)i || r->p[i] != w[i])
			return expected(r, r->p + i, want);
	r->p += len;
	return put_byte(r, byte);
}

/* ---- grammar --------------------------------------------------------- */

static int
key(struct reader *r, const char *want)
{
	int err;

	skip_space(r);
	if (r->p == r->end || *r->p != '"')
		return expected(r, r->p, want);
	if (r->keys++ == r->stop_idx)
		r->stop_key = r->p;
	err = add_child(r);
	if (!err)
		err = string(r);
	if (err)
		return err;
	skip_space(r);
	if (r->p == r->end || *r->p != ':')
		return expected(r, r->p, "':' behind the key");
	r->p++;
	return 0;
}

/* Open a container; an empty one is closed at once.
 * Return: 1 if a value must follow, 0 if not, or a negative error. */
static int
enter(struct reader *r)
{
	int is_map = *r->p == '{', err;
	struct open *o;

	if (r->depth == WI_DEPTH_MAX)
		return refuse(r, r->p,
			      "nested too deeply: 128 arrays and objects "
			      "inside each other are the limit");
	o = &r->open[r->depth];
	o->head = r->len;
	o->cnt = 0;
	o->is_map = (uint8_t)is_map;
	if (put_byte(r, is_map ? 0x80 : 0x90))
		return -ENOBUFS;
	r->p++;
	skip_space(r);
	if (r->p < r->end && *r->p == (is_map ? '}' : ']')) {
		r->p++;
		return 0;
	}
	r->depth++;
	err = is_map ? key(r, "a string as key, or '}'") : add_child(r);
	return err ? err : 1;
}

/* Behind a value: close containers until one goes on.
 * Return: 1 if a value must follow, 0 at the end, or a negative error. */
static int
behind(struct reader *r)
{
	while (r->depth > 0) {
		int is_map = r->open[r->depth - 1].is_map, err;

		skip_space(r);
		if (r->p == r->end ||
		    (*r->p != ',' && *r->p != (is_map ? '}' : ']')))
			return expected(r, r->p,
					is_map ? "',' or '}'" : "',' or ']'");
		if (*r->p++ == ',') {
			if (r->open[r->depth - 1].cnt == UINT32_MAX)
				return refuse(r, r->p, "too many elements");
			err = is_map ? key(r, "a string as key") : add_child(r);
			return err ? err : 1;
		}
		r->depth--;
	}
	return 0;
}

static int
scalar(struct reader *r)
{
	if (r->p == r->end)
		return expected(r, r->p, "a value");
	switch (*r->p) {
	case '"':
		return string(r);
	case 't':
		return word(r, "true", 4, 0xc3, "\"true\"");
	case 'f':
		return word(r, "false", 5, 0xc2, "\"false\"");
	case 'n':
		return word(r, "null", 4, 0xc0, "\"null\"");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return number(r);
	default:
		return expected(r, r->p, "a value");
	}
}

static int
read_text(struct reader *r)
{
	int more = 1;

	while (more > 0) {
		skip_space(r);
		if (r->p < r->end && (*r->p == '[' || *r->p == '{'))
			more = enter(r);
		else
			more = scalar(r);
		if (more == 0)
			more = behind(r);
	}
	if (more < 0)
		return more;
	skip_space(r);
	return r->p == r->end ? 0 : expected(r, r->p, "the end of the text");
}

/* The msgpack has a key twice; read again to find the text of the second. */
static int
refuse_dup(struct reader *r, const struct wi_key_dup *dup)
{
	struct wi_head h;
	char name[96];

	if (!r->diag)
		return WEIR_EJSON;
	wi_head_read(dup->key, r->out + r->len, &h);
	wi_json_quote(name, sizeof(name), h.ptr, h.len);
	wi_fail(r->diag, WEIR_EJSON, "the object has two members named %s",
		name);
	r->p = r->text;
	r->len = 0;
	r->depth = 0;
	r->keys = 0;
	r->stop_idx = dup->idx;
	read_text(r);
	return place(r, r->stop_key);
}

int64_t
weir_json_to_msgpack(const char *text, size_t len, void *buf, size_t cap,
		     weir_diag *diag)
{
	struct wi_key_dup dup;
	struct reader r;
	int err;

	if (!text || !buf)
		return wi_fail(diag, -EINVAL, "no text, or no buffer");
	r.text = r.p = text;
	r.end = text + len;
	r.out = buf;
	r.len = 0;
	r.cap = cap;
	r.keys = 0;
	r.stop_key = text;
	r.stop_idx = UINT64_MAX;
	r.diag = diag;
	r.depth = 0;
	r.full = 0;
	err = read_text(&r);
	if (r.full)
		return wi_fail(diag, -ENOBUFS,
			       "the msgpack needs more than %zu bytes; three "
			       "times the length of the text always suffices",
			       cap);
	if (err)
		return err;
	if (r.keys > 1 && wi_check(r.out, r.len, NULL, &dup)) {
		if (dup.key)
			return refuse_dup(&r, &dup);
		return refuse(&r, text,
			      "the keys of its objects are made to collide");
	}
	return (int64_t)r.len;
}
