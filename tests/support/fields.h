/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fields.h - every struct of the segment and every field in it, as a table.
 *
 * A row "wi_shm_lane" is the struct; the rows "wi_shm_lane.NAME" behind it are
 * its fields, in order.  test_layout compares the table with
 * tests/golden/layout.txt and finds what is missing in it; whoever wants to do
 * something with each field walks over it.
 */
#ifndef WI_TESTS_SUPPORT_FIELDS_H
#define WI_TESTS_SUPPORT_FIELDS_H

#include <stddef.h>

struct t_field {
	const char *name;
	size_t off, len;
};

extern const struct t_field t_fields[];
extern const size_t t_field_cnt;

#endif
