/* SPDX-License-Identifier: BSD-2-Clause
 *
 * print.c - what the demo's programs print.
 *
 * A line is written in one piece, because many processes share the output.
 */
#include "demo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *me = "?";

void demo_name(const char *name);

void
demo_name(const char *name)
{
	me = name;
}

/* Bytes of the printable character at @s, 0 if it is none: broken UTF-8, a
 * control character, or one that turns the direction of writing. */
static size_t
printable(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) /* also at the NUL */
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	if ((c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static void
clean(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s) {
		size_t n = printable(s);

		if (!n)
			*s = '?';
		s += n ? n : 1;
	}
}

/* Colours for people at a terminal who did not decline them. */
static bool
in_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term &&
	       strcmp(term, "dumb") != 0;
}

void
demo_say(const char *format, ...)
{
	static const int colours[] = {36, 32, 35, 33, 34, 96, 92, 95};
	char line[1024], out[1200];
	unsigned int sum = 0;
	va_list ap;
	int n;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	clean(line);
	for (const char *c = me; *c; c++)
		sum = sum * 31 + (unsigned char)*c;
	if (in_colour())
		n = snprintf(out, sizeof(out), "\033[%dm%9s\033[0m | %s\n",
			     colours[sum % 8], me, line);
	else
		n = snprintf(out, sizeof(out), "%9s | %s\n", me, line);
	for (ssize_t done = 0, m; done < n; done += m) {
		m = write(STDOUT_FILENO, out + done, (size_t)(n - done));
		if (m < 0 && errno != EINTR)
			_Exit(1);
		m = m < 0 ? 0 : m;
	}
}

int
demo_fail(const char *what, int64_t rc, const weir_diag *diag)
{
	demo_say("%s: %s%s%s", what, weir_strerror((int)rc),
		 diag && diag->message[0] ? ": " : "",
		 diag ? diag->message : "");
	return 1;
}

const char *
demo_text(const weir_record *rec, const char *pointer, char *buf, size_t cap)
{
	weir_value v;
	size_t len;

	buf[0] = '\0';
	if (weir_record_find(rec, pointer, &v) != 0)
		return buf;
	if (v.type != WEIR_STR) {
		weir_msgpack_to_json(v.raw, v.raw_len, buf, cap);
		return buf;
	}
	len = v.len < cap ? v.len : cap - 1;
	memcpy(buf, v.ptr, len);
	buf[len] = '\0';
	clean(buf);
	return buf;
}

double
demo_number(const weir_record *rec, const char *pointer)
{
	weir_value v;

	if (weir_record_find(rec, pointer, &v) != 0)
		return 0;
	switch (v.type) {
	case WEIR_INT:
		return (double)v.i;
	case WEIR_UINT:
		return (double)v.u;
	case WEIR_FLOAT:
		return v.d;
	default:
		return 0;
	}
}

void
demo_count(struct demo_count *count, const weir_record *rec)
{
	if (rec->kind == WEIR_DATA && rec->seq <= count->last_seq) {
		count->again++; /* what is current after a clear */
		return;
	}
	if (!count->first_seq)
		count->first_seq = rec->seq;
	if (rec->seq)
		count->last_seq = rec->seq;
	if (rec->kind == WEIR_CLEAR)
		count->clears++;
	else if (rec->kind == WEIR_DATA)
		count->values++;
}

void
demo_report(weir_consumer *c, const char *channel,
	    const struct demo_count *count)
{
	weir_consumer_info info = {.size = sizeof(info)};
	const char *path = getenv("DEMO_REPORT");
	FILE *f;

	if (weir_consumer_stat(c, &info) != 0)
		return;
	demo_say("%s: %" PRIu64 " values received, %" PRIu64
		 " withdrawn, %" PRIu64 " lost",
		 channel, count->values, count->clears, info.lost);
	f = path ? fopen(path, "a") : NULL;
	if (!f)
		return;
	fprintf(f,
		"%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		"\n",
		info.id, channel, count->first_seq, count->values,
		count->clears, info.delivered - count->again, info.lost);
	fclose(f);
}
