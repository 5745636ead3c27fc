/* SPDX-License-Identifier: BSD-2-Clause
 *
 * where.h - one condition on a record: a field, compared with a value.
 *
 *     /value > 10     /type == "TEMP"     /tags/0 != null     /error
 *
 * Numbers compare by what they are, also an integer with a double; text byte by
 * byte; true, false and null are only the same or not.  What is there and of
 * another type, or not there at all, is neither less nor more, and not the
 * same: only != holds.  A field alone: it is there.
 */
#ifndef WI_TOOLS_WHERE_H
#define WI_TOOLS_WHERE_H

#include <weir/record.h>

struct where;

/* where_parse - a condition from its @text.
 * Return: 0, or X_USAGE after having said what is wrong; X_FAILED. */
int where_parse(const char *text, struct where **out);
void where_free(struct where *w);

/* where_holds - 1 or 0; a clear has no fields.  Without a condition (NULL): 1.
 * Return also: WEIR_EMSGPACK, what is in the record cannot be read. */
int where_holds(const struct where *w, const weir_record *rec);

#endif
