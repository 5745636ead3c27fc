/* SPDX-License-Identifier: BSD-2-Clause
 *
 * format.h - the strings that the keyword `format` names.
 *
 * Each test is linear in the length of the string and allocates nothing;
 * only libidn2, which is asked for host names that are not ASCII or begin with
 * "xn--", does.
 */
#ifndef WI_SCHEMA_FORMAT_H
#define WI_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, function): wi_is_<function>() of format.c or format_net.c */
/* clang-format off */
#define WI_FORMATS(X) \
	X("date-time",             date_time) \
	X("date",                  date) \
	X("time",                  time) \
	X("duration",              duration) \
	X("uuid",                  uuid) \
	X("json-pointer",          json_pointer) \
	X("relative-json-pointer", relative_json_pointer) \
	X("regex",                 regex) \
	X("uri-template",          uri_template) \
	X("email",                 email) \
	X("idn-email",             idn_email) \
	X("hostname",              hostname) \
	X("idn-hostname",          idn_hostname) \
	X("ipv4",                  ipv4) \
	X("ipv6",                  ipv6) \
	X("uri",                   uri) \
	X("uri-reference",         uri_reference) \
	X("iri",                   iri) \
	X("iri-reference",         iri_reference)
/* clang-format on */

#define X(name, fn) bool wi_is_##fn(const uint8_t *p, uint32_t len);
WI_FORMATS(X)
#undef X

/* wi_format_find - the number of a format, from 1; 0: unknown. */
unsigned wi_format_find(const uint8_t *name, uint32_t len);

/* wi_format_has - is ptr[0 .. len), which is UTF-8, of this format? */
bool wi_format_has(unsigned format, const uint8_t *ptr, uint32_t len);

#endif
