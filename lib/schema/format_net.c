/* SPDX-License-Identifier: BSD-2-Clause
 *
 * format_net.c - hosts, addresses and what is found there.
 */
#include <idn2.h>
#include <string.h>

#include "codec/walk.h"
#include "schema/format.h"
#include "schema/letters.h"

/* ---- addresses
 * --------------------------------------------------------------- */

bool
wi_is_ipv4(const uint8_t *p, uint32_t len)
{
	uint32_t i = 0;

	for (int part = 0; part < 4; part++) {
		uint32_t from = i, v = 0;

		for (; i < len && i < from + 3 && wi_is_digit(p[i]); i++)
			v = v * 10 + (uint32_t)(p[i] - '0');
		if (i == from || v > 255 || (i > from + 1 && p[from] == '0'))
			return false;
		if (part < 3 && (i == len || p[i++] != '.'))
			return false;
	}
	return i == len;
}

bool
wi_is_ipv6(const uint8_t *p, uint32_t len)
{
	bool gap = false;
	int groups = 0;
	uint32_t i = 0;

	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = true;
		i = 2;
	}
	while (i < len) {
		uint32_t from = i;

		while (i < len && wi_is_hex(p[i]))
			i++;
		if (i < len && p[i] == '.') {
			/* the rest is an IPv4 address */
			groups += 2;
			return groups <= 8 && (gap ? groups < 8 : groups == 8) &&
			       wi_is_ipv4(p + from, len - from);
		}
		if (i == from || i - from > 4)
			return false;
		groups++;
		if (i == len)
			break;
		if (p[i++] != ':' || i == len) {
			/* a single colon at the end */
			return false;
		}
		if (p[i] == ':') {
			if (gap)
				return false;
			gap = true;
			i++;
		}
	}
	return gap ? groups < 8 : groups == 8;
}

/* ---- hosts
 * ------------------------------------------------------------------- */

/* A-labels are looked at as IDNA does, the others need no help.  Case does not
 * matter in them (RFC 5890, 2.3.2.4), but does to libidn2; letters, digits and
 * hyphens are all that is in one, so a bit makes it lower case. */
static bool
is_alabel(const uint8_t *p, uint32_t len)
{
	char label[64];
	uint8_t *unicode = NULL;
	int rc;

	for (uint32_t i = 0; i < len; i++)
		label[i] = (char)(p[i] | 0x20);
	label[len] = 0;
	rc = idn2_to_unicode_8z8z(label, (char **)&unicode, 0);
	if (rc == IDN2_OK) {
		rc = idn2_register_u8(unicode, (uint8_t *)label, NULL, 0);
		idn2_free(unicode);
	}
	return rc == IDN2_OK;
}

static bool
is_label(const uint8_t *p, uint32_t len)
{
	if (len < 1 || len > 63 || p[0] == '-' || p[len - 1] == '-')
		return false;
	for (uint32_t i = 0; i < len; i++)
		if (!wi_is_letter(p[i]) && !wi_is_digit(p[i]) && p[i] != '-')
			return false;
	if (len >= 4 && p[2] == '-' && p[3] == '-')
		return (p[0] | 0x20) == 'x' && (p[1] | 0x20) == 'n' &&
		       is_alabel(p, len);
	return true;
}

bool
wi_is_hostname(const uint8_t *p, uint32_t len)
{
	uint32_t from = 0;

	if (len < 1 || len > 253)
		return false;
	for (uint32_t i = 0; i <= len; i++) {
		if (i < len && p[i] != '.')
			continue;
		if (!is_label(p + from, i - from))
			return false;
		from = i + 1;
	}
	return true;
}

/* As IDNA2008 registers a label: that also looks at the letters around those
 * that depend on them (RFC 5892, appendix A). */
static bool
is_ulabel(const uint8_t *p, uint32_t len, size_t *sum)
{
	uint8_t label[256], *out = NULL;
	bool is_ascii = true;
	size_t n;

	for (uint32_t i = 0; i < len; i++)
		is_ascii &= p[i] < 0x80;
	if (is_ascii || len >= sizeof(label) || memchr(p, 0, len))
		return false;
	memcpy(label, p, len);
	label[len] = 0;
	if (idn2_register_u8(label, NULL, &out, IDN2_NFC_INPUT) != IDN2_OK)
		return false;
	n = strlen((char *)out);
	*sum += n + 1;
	idn2_free(out);
	return n <= 63;
}

bool
wi_is_idn_hostname(const uint8_t *p, uint32_t len)
{
	uint32_t from = 0;
	size_t sum = 0;

	for (uint32_t i = 0; i <= len; i++) {
		uint32_t dot = 1, n = i - from;

		if (i + 3 <= len && (!memcmp(p + i, "\xe3\x80\x82", 3) ||
				     !memcmp(p + i, "\xef\xbc\x8e", 3) ||
				     !memcmp(p + i, "\xef\xbd\xa1", 3)))
			dot = 3; /* full stops of East Asia */
		else if (i < len && p[i] != '.')
			continue;
		if (is_label(p + from, n))
			sum += n + 1;
		else if (!is_ulabel(p + from, n, &sum))
			return false;
		i += dot - 1;
		from = i + 1;
	}
	return sum > 0 && sum - 1 <= 253;
}

/* ---- mail
 * -------------------------------------------------------------------- */

static bool
is_atom(uint8_t c, bool intl)
{
	return wi_is_letter(c) || wi_is_digit(c) || (intl && c >= 0x80) ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* What stands before the "@"; *@p is moved to it. */
static bool
take_local(const uint8_t **p, const uint8_t *end, bool intl)
{
	const uint8_t *from = *p;

	if (*p < end && **p == '"') {
		for (++*p; *p < end && **p != '"'; ++*p) {
			if (**p == '\\' && ++*p == end)
				return false;
			if (**p < ' ' || **p == 0x7f ||
			    (**p >= 0x80 && !intl))
				return false;
		}
		if (*p == end)
			return false;
		++*p;
	} else {
		for (bool dot = true;; ++*p) {
			if (*p < end && **p == '.' && !dot) {
				dot = true;
				continue;
			}
			if (*p == end || !is_atom(**p, intl)) {
				if (dot)
					return false;
				break;
			}
			dot = false;
		}
	}
	return *p - from <= 64 && *p < end && **p == '@';
}

static bool
is_mail(const uint8_t *p, uint32_t len, bool intl)
{
	const uint8_t *end = p + len;

	if (!take_local(&p, end, intl))
		return false;
	len = (uint32_t)(end - ++p);
	if (len > 2 && p[0] == '[' && p[len - 1] == ']') {
		if (len > 7 && !memcmp(p, "[IPv6:", 6))
			return wi_is_ipv6(p + 6, len - 7);
		return wi_is_ipv4(p + 1, len - 2);
	}
	return intl ? wi_is_idn_hostname(p, len) : wi_is_hostname(p, len);
}

bool
wi_is_email(const uint8_t *p, uint32_t len)
{
	return is_mail(p, len, false);
}

bool
wi_is_idn_email(const uint8_t *p, uint32_t len)
{
	return is_mail(p, len, true);
}

/* ---- RFC 3986, RFC 3987
 * ------------------------------------------------------ */

static bool
is_unreserved(uint8_t c, bool intl)
{
	return wi_is_letter(c) || wi_is_digit(c) || (intl && c >= 0x80) ||
	       (c && strchr("-._~", c));
}

/* Letters of pchar and of @more only, "%XX" included. */
static bool
is_made_of(const uint8_t *p, const uint8_t *end, const char *more, bool intl)
{
	for (; p < end; p++) {
		if (*p == '%') {
			if (end - p < 3 || !wi_is_hex(p[1]) || !wi_is_hex(p[2]))
				return false;
			p += 2;
		} else if (!is_unreserved(*p, intl) &&
			   !(*p && strchr("!$&'()*+,;=", *p)) &&
			   !(*p && strchr(more, *p))) {
			return false;
		}
	}
	return true;
}

/* "[v6]" or "[vF.x]" */
static bool
is_literal(const uint8_t *p, const uint8_t *end)
{
	uint32_t len = (uint32_t)(end - p);

	if (len < 3 || p[len - 1] != ']')
		return false;
	if ((p[1] | 0x20) != 'v')
		return wi_is_ipv6(p + 1, len - 2);
	for (p += 2; p < end && wi_is_hex(*p); p++)
		;
	return p + 2 < end && *p == '.' && p[-1] != 'v' &&
	       is_made_of(p + 1, end - 1, ":", false);
}

static bool
is_authority(const uint8_t *p, const uint8_t *end, bool intl)
{
	const uint8_t *at = p < end ? memchr(p, '@', (size_t)(end - p)) : NULL;
	const uint8_t *port = end;

	if (at) {
		if (!is_made_of(p, at, ":", intl))
			return false;
		p = at + 1;
	}
	while (port > p && wi_is_digit(port[-1]))
		port--;
	if (port > p && port[-1] == ':')
		end = port - 1;
	if (p < end && *p == '[')
		return is_literal(p, end);
	return is_made_of(p, end, "", intl);
}

static bool
is_reference(const uint8_t *p, uint32_t len, bool absolute, bool intl)
{
	const uint8_t *end = p + len, *q, *rest;

	for (q = p; q < end && (wi_is_letter(*q) || (q > p && (wi_is_digit(*q) ||
		    (*q && strchr("+-.", *q))))); q++)
		;
	if (q > p && q < end && *q == ':') {
		p = q + 1;
	} else if (absolute) {
		return false;
	} else {
		/* no colon before the first slash, or it were a scheme */
		for (q = p; q < end && *q != '/' && *q != '?' && *q != '#'; q++)
			if (*q == ':')
				return false;
	}
	q = p < end ? memchr(p, '#', (size_t)(end - p)) : NULL;
	if (q && !is_made_of(q + 1, end, ":@/?", intl))
		return false;
	end = q ? q : end;
	q = p < end ? memchr(p, '?', (size_t)(end - p)) : NULL;
	/* private use letters may stand in the query of an IRI; all do here */
	if (q && !is_made_of(q + 1, end, ":@/?", intl))
		return false;
	end = q ? q : end;
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		rest = memchr(p + 2, '/', (size_t)(end - p - 2));
		if (!is_authority(p + 2, rest ? rest : end, intl))
			return false;
		p = rest ? rest : end;
	}
	return is_made_of(p, end, ":@/", intl);
}

bool
wi_is_uri(const uint8_t *p, uint32_t len)
{
	return is_reference(p, len, true, false);
}

bool
wi_is_uri_reference(const uint8_t *p, uint32_t len)
{
	return is_reference(p, len, false, false);
}

bool
wi_is_iri(const uint8_t *p, uint32_t len)
{
	return is_reference(p, len, true, true);
}

bool
wi_is_iri_reference(const uint8_t *p, uint32_t len)
{
	return is_reference(p, len, false, true);
}
