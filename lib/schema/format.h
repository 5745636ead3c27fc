/* SPDX-License-Identifier: BSD-2-Clause
 *
 * format.h - the strings that the keyword `format` names.
 *
 * Allocates nothing; linear in the length of the string.
 */
#ifndef WI_SCHEMA_FORMAT_H
#define WI_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, function) */
/* clang-format off */
#define WI_FORMATS(X) \
	X("date-time",             date_time) \
	X("date",                  date) \
	X("time",                  time_of_day) \
	X("duration",              duration) \
	X("email",                 email) \
	X("idn-email",             idn_email) \
	X("hostname",              hostname) \
	X("idn-hostname",          idn_hostname) \
	X("ipv4",                  ipv4) \
	X("ipv6",                  ipv6) \
	X("uri",                   uri) \
	X("uri-reference",         uri_reference) \
	X("iri",                   iri) \
	X("iri-reference",         iri_reference) \
	X("uri-template",          uri_template) \
	X("uuid",                  uuid) \
	X("json-pointer",          json_pointer) \
	X("relative-json-pointer", relative_json_pointer) \
	X("regex",                 regex)
/* clang-format on */

/* wi_format_find - the number of a format, from 1; 0: unknown. */
unsigned wi_format_find(const uint8_t *name, uint32_t len);

/* wi_format_has - is ptr[0 .. len), which is UTF-8, of this format? */
bool wi_format_has(unsigned format, const uint8_t *ptr, uint32_t len);

#endif
