/* SPDX-License-Identifier: BSD-2-Clause
 *
 * set.h - the values of enum and const.
 *
 * Equality is that of JSON values, whatever the width in msgpack.  Values
 * are found by a hash under which equal values are equal: scalars by their
 * value, containers by kind and number of elements only.
 */
#ifndef WI_SCHEMA_SET_H
#define WI_SCHEMA_SET_H

#include "codec/walk.h"
#include "schema/program.h"

/* wi_const_hash - the hash of the value whose head is @h. */
uint64_t wi_const_hash(const struct wi_head *h);

/* wi_set_sort - bring the values of a set in the order that wi_set_has()
 * needs. */
void wi_set_sort(struct wi_const *vals, uint32_t cnt);

/* wi_set_has - is the value at @p with head @h one of @set, whose values are
 * in @doc?  Takes one of *@steps per value that is compared, and says no
 * when they are used up.  The value need not be well-formed beyond @h. */
int wi_set_has(const struct wi_set *set, const uint8_t *doc, const uint8_t *p,
	       const uint8_t *end, const struct wi_head *h, uint64_t *steps);

#endif
