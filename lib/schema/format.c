/* SPDX-License-Identifier: BSD-2-Clause
 *
 * format.c - dates, identifiers, pointers and templates.
 */
#include "schema/format.h"

#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "schema/letters.h"
#include "schema/regex.h"

static const struct {
	const char *name;
	bool (*is)(const uint8_t *p, uint32_t len);
} formats[] = {
#define X(name, fn) {name, wi_is_##fn},
    WI_FORMATS(X)
#undef X
};

unsigned
wi_format_find(const uint8_t *name, uint32_t len)
{
	for (unsigned i = 0; i < WI_CNT(formats); i++)
		if (strlen(formats[i].name) == len &&
		    !memcmp(formats[i].name, name, len))
			return i + 1;
	return 0;
}

bool
wi_format_has(unsigned format, const uint8_t *ptr, uint32_t len)
{
	return formats[format - 1].is(ptr, len);
}

/* Exactly @n digits at *@p: they are passed over.  -1: there are not. */
static int
digits(const uint8_t **p, const uint8_t *end, int n)
{
	int v = 0;

	if (end - *p < n)
		return -1;
	while (n-- > 0) {
		if (!wi_is_digit(**p))
			return -1;
		v = v * 10 + (*(*p)++ - '0');
	}
	return v;
}

static bool
take(const uint8_t **p, const uint8_t *end, char c)
{
	if (*p == end || **p != (uint8_t)c)
		return false;
	++*p;
	return true;
}

/* ---- RFC 3339
 * ---------------------------------------------------------------- */

static bool
take_date(const uint8_t **p, const uint8_t *end)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	int year = digits(p, end, 4), month, day;
	bool leap;

	if (year < 0 || !take(p, end, '-'))
		return false;
	month = digits(p, end, 2);
	if (month < 1 || month > 12 || !take(p, end, '-'))
		return false;
	day = digits(p, end, 2);
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* "23:59:60" is there where it is midnight in UTC, and nowhere else. */
static bool
take_time(const uint8_t **p, const uint8_t *end)
{
	int hour = digits(p, end, 2), minute, second, at, off = 0;

	if (hour < 0 || hour > 23 || !take(p, end, ':'))
		return false;
	minute = digits(p, end, 2);
	if (minute < 0 || minute > 59 || !take(p, end, ':'))
		return false;
	second = digits(p, end, 2);
	if (second < 0 || second > 60)
		return false;
	if (take(p, end, '.')) {
		if (digits(p, end, 1) < 0)
			return false;
		while (*p < end && wi_is_digit(**p))
			++*p;
	}
	if (*p == end)
		return false;
	if (**p == '+' || **p == '-') {
		int sign = *(*p)++ == '+' ? 1 : -1;
		int h = digits(p, end, 2), m;

		if (h < 0 || h > 23 || !take(p, end, ':'))
			return false;
		m = digits(p, end, 2);
		if (m < 0 || m > 59)
			return false;
		off = sign * (h * 60 + m);
	} else if (!take(p, end, 'Z') && !take(p, end, 'z')) {
		return false;
	}
	at = (hour * 60 + minute - off + 2 * 1440) % 1440;
	return second < 60 || at == 1439;
}

bool
wi_is_date(const uint8_t *p, uint32_t len)
{
	const uint8_t *end = p + len;

	return take_date(&p, end) && p == end;
}

bool
wi_is_time(const uint8_t *p, uint32_t len)
{
	const uint8_t *end = p + len;

	return take_time(&p, end) && p == end;
}

bool
wi_is_date_time(const uint8_t *p, uint32_t len)
{
	const uint8_t *end = p + len;

	return take_date(&p, end) && (take(&p, end, 'T') || take(&p, end, 't')) &&
	       take_time(&p, end) && p == end;
}

/* Parts of a duration, each a number and a letter of @units in their order,
 * none left out in between (RFC 3339, appendix A).
 * Return: how many; -1: not so. */
static int
take_parts(const uint8_t **p, const uint8_t *end, const char *units)
{
	const char *u = units;
	int n = 0;

	while (*p < end && wi_is_digit(**p)) {
		const char *at;

		while (*p < end && wi_is_digit(**p))
			++*p;
		at = *p < end && **p ? strchr(u, **p) : NULL;
		if (!at || (n && at != u))
			return -1;
		u = at + 1;
		++*p;
		n++;
	}
	return n;
}

bool
wi_is_duration(const uint8_t *p, uint32_t len)
{
	const uint8_t *end = p + len, *weeks;
	int date, time = 0;

	if (!take(&p, end, 'P'))
		return false;
	weeks = p;
	if (take_parts(&weeks, end, "W") == 1)
		return weeks == end;
	date = take_parts(&p, end, "YMD");
	if (date < 0)
		return false;
	if (take(&p, end, 'T')) {
		time = take_parts(&p, end, "HMS");
		if (time < 1)
			return false;
	}
	return p == end && date + time > 0;
}

/* ---- identifiers and pointers
 * ------------------------------------------------ */

bool
wi_is_uuid(const uint8_t *p, uint32_t len)
{
	if (len != 36)
		return false;
	for (uint32_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-' : !wi_is_hex(p[i]))
			return false;
	}
	return true;
}

bool
wi_is_json_pointer(const uint8_t *p, uint32_t len)
{
	if (len && p[0] != '/')
		return false;
	for (uint32_t i = 0; i < len; i++)
		if (p[i] == '~' &&
		    (i + 1 == len || (p[i + 1] != '0' && p[i + 1] != '1')))
			return false;
	return true;
}

bool
wi_is_relative_json_pointer(const uint8_t *p, uint32_t len)
{
	uint32_t n = 0;

	while (n < len && wi_is_digit(p[n]))
		n++;
	if (n == 0 || (n > 1 && p[0] == '0'))
		return false;
	if (n + 1 == len && p[n] == '#')
		return true;
	return wi_is_json_pointer(p + n, len - n);
}

/* What the keyword `pattern` would take, but for its limits and for what only
 * PCRE2 knows: which scripts there are, and how long a look-behind is. */
bool
wi_is_regex(const uint8_t *p, uint32_t len)
{
	const char *why;
	char none;
	size_t at;

	/* translated to nowhere, which only counts */
	return wi_regex_translate(p, len, &none, 0, &why, &at) != -1;
}

/* ---- RFC 6570
 * ---------------------------------------------------------------- */

static bool
is_percent(const uint8_t *p, const uint8_t *end)
{
	return end - p >= 3 && p[0] == '%' && wi_is_hex(p[1]) && wi_is_hex(p[2]);
}

/* "name", "a.b", "x:3", "list*" */
static bool
take_variable(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *from = *p;
	bool dot = true; /* a dot must not come here */

	for (; *p < end; ++*p) {
		uint8_t c = **p;

		if (c == '.' && !dot) {
			dot = true;
			continue;
		}
		if (is_percent(*p, end))
			*p += 2;
		else if (!wi_is_digit(c) && c != '_' &&
			 !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			break;
		dot = false;
	}
	if (*p == from || dot)
		return false;
	if (take(p, end, '*'))
		return true;
	if (!take(p, end, ':'))
		return true;
	from = *p;
	while (*p < end && wi_is_digit(**p))
		++*p;
	return *p > from && *from != '0' && *p - from <= 4;
}

static bool
take_expression(const uint8_t **p, const uint8_t *end)
{
	if (*p < end && **p && strchr("+#./;?&=,!@|", **p))
		++*p;
	do
		if (!take_variable(p, end))
			return false;
	while (take(p, end, ','));
	return take(p, end, '}');
}

bool
wi_is_uri_template(const uint8_t *p, uint32_t len)
{
	const uint8_t *end = p + len;

	while (p < end) {
		if (take(&p, end, '{')) {
			if (!take_expression(&p, end))
				return false;
			continue;
		}
		if (*p <= ' ' || *p == 0x7f || strchr("\"'<>\\^`{|}", *p) ||
		    (*p == '%' && !is_percent(p, end)))
			return false;
		p++;
	}
	return true;
}
