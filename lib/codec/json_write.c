/* SPDX-License-Identifier: BSD-2-Clause */
#include <weir/record.h>

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "codec/json.h"
#include "codec/number.h"
#include "codec/walk.h"

/* What does not fit is counted, not written. */
struct writer {
	char *buf;
	uint64_t cap; /* without the NUL */
	uint64_t len;
};

static void
put(struct writer *w, const void *s, size_t n)
{
	if (w->len < w->cap) {
		uint64_t fits = w->cap - w->len;

		memcpy(w->buf + w->len, s, n < fits ? n : (size_t)fits);
	}
	w->len += n;
}

static void
put_char(struct writer *w, char c)
{
	if (w->len < w->cap)
		w->buf[w->len] = c;
	w->len++;
}

#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static void
put_uint(struct writer *w, uint64_t v)
{
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	put(w, text + at, sizeof(text) - at);
}

static void
put_int(struct writer *w, int64_t v)
{
	if (v < 0)
		put_char(w, '-');
	put_uint(w, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

static void
put_float(struct writer *w, double d)
{
	uint64_t bits = wi_bits_of(d);
	char text[WI_NUMBER_MAX];

	if ((bits >> 52 & 0x7ff) != 0x7ff)
		put(w, text, wi_number_write(text, bits));
	else if (bits << 12)
		PUT(w, "{\"$float\":\"NaN\"}");
	else if (bits >> 63)
		PUT(w, "{\"$float\":\"-Infinity\"}");
	else
		PUT(w, "{\"$float\":\"Infinity\"}");
}

/* ---- strings --------------------------------------------------------- */

/* Bytes that are written as they are: all but controls, '"', '\\' and DEL;
 * above ASCII all but what begins U+0080-009F and U+2028-2029, which
 * terminals and JavaScript take for commands. */
static int
is_plain(uint8_t c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && c != 0xc2 &&
	       c != 0xe2;
}

static void
put_escape(struct writer *w, unsigned c)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = {'\\',
			'u',
			hex[c >> 12 & 15],
			hex[c >> 8 & 15],
			hex[c >> 4 & 15],
			hex[c & 15]};
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i < sizeof(shorts) - 1; i += 2) {
		if ((unsigned)shorts[i] == c) {
			text[1] = shorts[i + 1];
			put(w, text, 2);
			return;
		}
	}
	put(w, text, 6);
}

/* The character at @p that is_plain() was wary of.
 * Return: its bytes. */
static size_t
put_wary(struct writer *w, const uint8_t *p)
{
	if (*p < 0x80) {
		put_escape(w, *p);
		return 1;
	}
	if (*p == 0xc2) {
		if (p[1] < 0xa0)
			put_escape(w, p[1]);
		else
			put(w, p, 2);
		return 2;
	}
	if (p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9))
		put_escape(w, 0x2000u | (p[2] & 0x3f));
	else
		put(w, p, 3);
	return 3;
}

static void
put_string(struct writer *w, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	put_char(w, '"');
	while (p < end) {
		const uint8_t *run = p;

		while (p < end && is_plain(*p))
			p++;
		put(w, run, (size_t)(p - run));
		if (p < end)
			p += put_wary(w, p);
	}
	put_char(w, '"');
}

void
wi_json_quote(char *buf, size_t cap, const uint8_t *p, size_t len)
{
	struct writer w = {buf, cap - 1, 0};
	size_t n = len < cap ? len : cap;

	while (n < len && n > 0 && (p[n] & 0xc0) == 0x80)
		n--;
	put_string(&w, p, n);
	/* Too long: leave characters off until it and the dots fit. */
	while (w.len > cap - 1 || (n < len && w.len > cap - 4)) {
		do
			n--;
		while ((p[n] & 0xc0) == 0x80);
		w.len = 0;
		put_string(&w, p, n);
	}
	if (n < len) {
		memcpy(buf + w.len - 1, "...\"", 4);
		w.len += 3;
	}
	buf[w.len] = 0;
}

/* ---- what JSON lacks ------------------------------------------------- */

static void
put_base64(struct writer *w, const uint8_t *p, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[4];

	put_char(w, '"');
	for (; len > 0; p += 3) {
		uint32_t v = (uint32_t)p[0] << 16;

		v |= len > 1 ? (uint32_t)p[1] << 8 : 0;
		v |= len > 2 ? p[2] : 0;
		text[0] = set[v >> 18];
		text[1] = set[v >> 12 & 63];
		text[2] = len > 1 ? set[v >> 6 & 63] : '=';
		text[3] = len > 2 ? set[v & 63] : '=';
		put(w, text, 4);
		len -= len < 3 ? len : 3;
	}
	put_char(w, '"');
}

static void
put_padded(struct writer *w, unsigned v, unsigned width)
{
	char text[10];

	for (unsigned i = width; i-- > 0; v /= 10)
		text[i] = (char)('0' + v % 10);
	put(w, text, width);
}

/* Seconds since 1970 as RFC 3339, which knows the years 0000 to 9999. */
#define SEC_MIN (-62167219200)
#define SEC_MAX 253402300799

static void
put_time(struct writer *w, int64_t sec, uint32_t ns)
{
	/* Years from March on, so that leap days end years and centuries;
	 * 60 days before March 0000; and 400 years, which are 146097 days,
	 * more, so that nothing is negative. */
	uint64_t t = (uint64_t)(sec - SEC_MIN);
	unsigned clock = (unsigned)(t % 86400);
	unsigned day = (unsigned)(t / 86400) - 60 + 146097;
	unsigned cycle = day / 146097, year, month;

	day %= 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= year * 365 + year / 4 - year / 100;
	month = (day * 5 + 2) / 153; /* March is 0 */
	day -= (month * 153 + 2) / 5;
	year += cycle * 400 + (month >= 10) - 400;
	month = month < 10 ? month + 3 : month - 9;

	PUT(w, "{\"$time\":\"");
	put_padded(w, year, 4);
	put_char(w, '-');
	put_padded(w, month, 2);
	put_char(w, '-');
	put_padded(w, day + 1, 2);
	put_char(w, 'T');
	put_padded(w, clock / 3600, 2);
	put_char(w, ':');
	put_padded(w, clock / 60 % 60, 2);
	put_char(w, ':');
	put_padded(w, clock % 60, 2);
	if (ns) {
		unsigned width = 9;

		for (; ns % 10 == 0; ns /= 10)
			width--;
		put_char(w, '.');
		put_padded(w, ns, width);
	}
	PUT(w, "Z\"}");
}

/* The three forms of msgpack's timestamp. */
static int
as_time(const struct wi_head *h, int64_t *sec, uint32_t *ns)
{
	uint64_t v;

	if (h->ext_type != -1)
		return 0;
	*ns = 0;
	switch (h->len) {
	case 4:
		*sec = wi_be32(h->ptr);
		break;
	case 8:
		v = wi_be64(h->ptr);
		*ns = (uint32_t)(v >> 34);
		*sec = (int64_t)(v & 0x3ffffffffu);
		break;
	case 12:
		*ns = wi_be32(h->ptr);
		*sec = (int64_t)wi_be64(h->ptr + 4);
		break;
	default:
		return 0;
	}
	return *ns <= 999999999 && *sec >= SEC_MIN && *sec <= SEC_MAX;
}

static void
put_ext(struct writer *w, const struct wi_head *h)
{
	int64_t sec;
	uint32_t ns;

	if (as_time(h, &sec, &ns)) {
		put_time(w, sec, ns);
		return;
	}
	PUT(w, "{\"$ext\":[");
	put_int(w, h->ext_type);
	put_char(w, ',');
	put_base64(w, h->ptr, h->len);
	PUT(w, "]}");
}

/* ---- values ---------------------------------------------------------- */

static void
put_scalar(struct writer *w, const struct wi_head *h)
{
	switch (h->type) {
	case WEIR_BOOL:
		if (h->u)
			PUT(w, "true");
		else
			PUT(w, "false");
		break;
	case WEIR_INT:
		put_int(w, h->i);
		break;
	case WEIR_UINT:
		put_uint(w, h->u);
		break;
	case WEIR_FLOAT:
		put_float(w, h->d);
		break;
	case WEIR_STR:
		put_string(w, h->ptr, h->len);
		break;
	case WEIR_BIN:
		PUT(w, "{\"$bin\":");
		put_base64(w, h->ptr, h->len);
		put_char(w, '}');
		break;
	case WEIR_EXT:
		put_ext(w, h);
		break;
	default:
		PUT(w, "null");
	}
}

/* @p is well-formed. */
static void
put_value(struct writer *w, const uint8_t *p, const uint8_t *end)
{
	struct {
		uint64_t left; /* values still to come, keys counted */
		int is_map;
	} stack[WI_DEPTH_MAX + 1], *top = stack;
	struct wi_head h;

	top->left = 1;
	top->is_map = 0;
	for (;;) {
		if (wi_head_read(p, end, &h))
			return;
		p = h.next;
		top->left--;
		if (h.type >= WEIR_ARRAY) {
			top++;
			top->is_map = h.type == WEIR_MAP;
			top->left = (uint64_t)h.len << top->is_map;
			put_char(w, top->is_map ? '{' : '[');
			if (top->left > 0)
				continue;
		} else {
			put_scalar(w, &h);
		}
		while (top->left == 0) {
			if (top == stack)
				return;
			put_char(w, top->is_map ? '}' : ']');
			top--;
		}
		if (top != stack)
			put_char(w, top->is_map && top->left % 2 ? ':' : ',');
	}
}

int64_t
weir_msgpack_to_json(const void *msg, size_t len, char *buf, size_t cap)
{
	const uint8_t *p = msg;
	struct writer w = {buf, cap ? cap - 1 : 0, 0};
	int err;

	if (!msg || (!buf && cap))
		return -EINVAL;
	err = wi_wellformed(msg, len, NULL);
	if (err)
		return err;
	put_value(&w, p, p + len);
	if (cap)
		buf[w.len < w.cap ? w.len : w.cap] = 0;
	return (int64_t)w.len;
}

int64_t
weir_record_json(const weir_record *rec, char *buf, size_t cap)
{
	static const uint8_t nil = 0xc0;

	if (!rec)
		return -EINVAL;
	if (rec->kind == WEIR_CLEAR)
		return weir_msgpack_to_json(&nil, 1, buf, cap);
	return weir_msgpack_to_json(rec->data, rec->len, buf, cap);
}
