/* SPDX-License-Identifier: BSD-2-Clause
 *
 * unique.h - are the elements of an array all different?
 */
#ifndef WI_SCHEMA_UNIQUE_H
#define WI_SCHEMA_UNIQUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table for long arrays: room for some 64 thousand elements. */
#define WI_UNIQUE_LEN ((size_t)1 << 20)

/* wi_unique - are the @cnt values from @p on, which end at @end, different as
 * JSON values?  They are well-formed.  Allocates nothing: up to 24 are
 * compared with each other by hash and then by value; more are put into a
 * table in @mem, WI_UNIQUE_LEN bytes that may hold anything, as many times
 * over as it takes.  Takes what that costs from *@steps, and says no when
 * they are used up. */
bool wi_unique(const uint8_t *p, const uint8_t *end, uint32_t cnt, void *mem,
	       uint64_t *steps);

#endif
