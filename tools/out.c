/* SPDX-License-Identifier: BSD-2-Clause */
#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "text.h"

static char buf[1 << 16];
static size_t used;
static int failed; /* -errno of the first write that did not work */

/* On EINTR it gives up: the user wants to go, and whoever reads us does
 * not read. */
static void
write_all(const char *p, size_t len)
{
	ssize_t n;

	while (len && !failed) {
		n = write(STDOUT_FILENO, p, len);
		if (n < 0) {
			failed = -errno;
			return;
		}
		p += n;
		len -= (size_t)n;
	}
}

int
out_flush(void)
{
	write_all(buf, used);
	used = 0;
	return failed;
}

int
out_failed(void)
{
	return failed != 0;
}

void
out_raw(const void *bytes, size_t len)
{
	if (len > sizeof(buf) - used)
		out_flush();
	if (len > sizeof(buf)) {
		write_all(bytes, len);
		return;
	}
	memcpy(buf + used, bytes, len);
	used += len;
}

void
out_fmt(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		out_raw(line, (size_t)n < sizeof(line) ? (size_t)n
						       : sizeof(line) - 1);
}

int
out_reader_is_gone(void)
{
	struct pollfd p = {STDOUT_FILENO, 0, 0};

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

int
out_lost(int rc)
{
	if (rc != -EPIPE && rc != -EINTR)
		talk("cannot write the output: %s (%s)", strerror(-rc),
		     code_name(rc));
	return X_FAILED;
}

int
out_end(int code)
{
	out_flush();
	if (failed == 0 && close(STDOUT_FILENO) < 0 && errno != EBADF)
		failed = -errno; /* a full disk can wait until here */
	return failed == 0 ? code : out_lost(failed);
}

void
out_text(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	for (; len; p += n, len -= n) {
		n = text_printable(p, len);
		if (n) {
			out_raw(p, n);
		} else {
			out_fmt("\\x%02x", *p);
			n = 1;
		}
	}
}

void
out_lines(const char *s, size_t len, const char *indent)
{
	const char *nl;
	size_t n;

	while (len) {
		nl = memchr(s, '\n', len);
		n = nl ? (size_t)(nl - s) : len;
		out_raw(indent, strlen(indent));
		for (; n && *s == '\t'; s++, n--, len--)
			out_raw("\t", 1);
		out_text(s, n && s[n - 1] == '\r' ? n - 1 : n);
		out_raw("\n", 1);
		s += n + (nl != NULL);
		len -= n + (nl != NULL);
	}
}

void
out_quoted(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	out_raw("\"", 1);
	for (; len; p += n, len -= n) {
		n = text_printable(p, len);
		if (n == 1 && (*p == '"' || *p == '\\'))
			out_raw("\\", 1);
		if (n) {
			out_raw(p, n);
		} else if (*p == 0xc2 && len > 1 && p[1] >= 0x80 &&
			   p[1] < 0xa0) {
			out_fmt("\\u%04x", p[1]);
			n = 2;
		} else {
			out_fmt("\\u%04x", *p < 0x80 ? *p : 0xfffd);
			n = 1;
		}
	}
	out_raw("\"", 1);
}

int64_t
out_json(const void *msg, size_t len, const char **json)
{
	static char *text;
	static size_t cap;
	int64_t n;

	n = weir_msgpack_to_json(msg, len, text, cap);
	if (n >= 0 && (size_t)n >= cap) {
		free(text);
		cap = (size_t)n + 4096;
		text = malloc(cap);
		if (!text) {
			cap = 0;
			n = -ENOMEM;
		} else {
			n = weir_msgpack_to_json(msg, len, text, cap);
		}
	}
	*json = text;
	return n;
}

void
out_msgpack(const void *msg, size_t len, int *bad)
{
	const char *text;
	int64_t n = out_json(msg, len, &text);

	*bad = n < 0 ? (int)n : 0;
	if (n < 0)
		out_raw("null", 4);
	else
		out_raw(text, (size_t)n); /* has no control characters */
}

const char *
out_time_text(uint64_t ns, int digits)
{
	static char text[64];
	time_t s = (time_t)(ns / 1000000000u);
	struct tm tm;
	size_t n;

	if (ns == 0 || !gmtime_r(&s, &tm))
		return "-";
	n = strftime(text, sizeof(text) - 12, "%Y-%m-%dT%H:%M:%S", &tm);
	if (n == 0)
		return "-";
	snprintf(text + n, 12, ".%09" PRIu64, ns % 1000000000u);
	strcpy(text + n + 1 + digits, "Z");
	return text;
}

void
out_time(uint64_t ns)
{
	const char *text = out_time_text(ns, 9);

	out_raw(text, strlen(text));
}
