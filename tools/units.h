/* SPDX-License-Identifier: BSD-2-Clause
 *
 * units.h - amounts as people read them, three digits and a unit.
 */
#ifndef WI_TOOLS_UNITS_H
#define WI_TOOLS_UNITS_H

#include <stdint.h>

#define UNITS_MAX 24

/* units_time - "12.3 ms"; units_bytes - "4.56 kB", in steps of 1000;
 * units_count - "4.56k", the same without a space.
 * Return: @buf. */
const char *units_time(char buf[UNITS_MAX], int64_t ns);
const char *units_bytes(char buf[UNITS_MAX], double bytes);
const char *units_count(char buf[UNITS_MAX], double cnt);

#endif
