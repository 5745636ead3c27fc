/* SPDX-License-Identifier: BSD-2-Clause
 *
 * unique.h - are the elements of an array all different?
 */
#ifndef WI_SCHEMA_UNIQUE_H
#define WI_SCHEMA_UNIQUE_H

#include <stdbool.h>
#include <stdint.h>

/* wi_unique - are the @cnt values from @p on, which end at @end, different as
 * JSON values?  They are well-formed.  Allocates nothing: up to 24 are
 * compared with each other by hash and then by value; more are put into a
 * table on the stack, as many times over as it takes.  Takes what that costs
 * from *@steps, and says no when they are used up. */
bool wi_unique(const uint8_t *p, const uint8_t *end, uint32_t cnt,
	       uint64_t *steps);

#endif
