/* SPDX-License-Identifier: BSD-2-Clause
 *
 * leap.h - the usual value, passed over at once.
 *
 * Most schemas of records ask for closed objects whose members are scalars,
 * and arrays of such, and most records are right.  A leap goes over a value
 * of that kind in one loop, without frames, and says that it passes, or that
 * it does not know: it never refuses.  Then check.c, which can do everything,
 * looks at the same bytes, and finds out what is wrong and where.
 *
 * A node that can leap needs nothing of the run but the bytes: no steps, no
 * patterns, no marks.  Its height, of containers inside each other, is known
 * and small, so leaping may recurse.
 */
#ifndef WI_SCHEMA_LEAP_H
#define WI_SCHEMA_LEAP_H

#include "schema/program.h"

#define WI_LEAP_MAX 8 /* node->leap: its height, and 1 for the scalars */

struct wi_leap {
	const uint8_t *doc; /* of the schema, for its constants */
	const uint8_t *end; /* of the record */
	const uint8_t *at;  /* where it was not sure */
};

/* wi_leap - pass over the value at @p by @node, whose leap is not 0.
 * Return: what is behind it, and it passes, is well-formed, and leaves nothing
 * open; or NULL. */
const uint8_t *wi_leap(struct wi_leap *l, const struct wi_node *node,
		       const uint8_t *p);

/* wi_leap_over - pass over up to *@left such values in a row.
 * Return: what is behind the last; *@left says how many have not been passed:
 * the first of them is not sure. */
const uint8_t *wi_leap_over(struct wi_leap *l, const struct wi_node *node,
			    const uint8_t *p, uint32_t *left);

/* wi_leap_all - does msg[0 .. len) pass @s, and is well-formed?  False if it is
 * not sure. */
bool wi_leap_all(const struct weir_schema *s, const uint8_t *msg, size_t len);

/* wi_leap_prepare - find whether @n can leap, and make ready what it needs for
 * that.  Of those inside of it this was done before, or they cannot. */
bool wi_leap_prepare(struct wi_node *n);

#endif
