/* SPDX-License-Identifier: BSD-2-Clause
 *
 * report.h - why a record was refused, in words.
 */
#ifndef WI_SCHEMA_REPORT_H
#define WI_SCHEMA_REPORT_H

#include "schema/check.h"

/* wi_report - fill @diag (may be NULL) for the well-formed record
 * msg[0 .. len) that wi_check_run() has refused with @v.
 * Return: WEIR_ESCHEMA. */
int wi_report(struct weir_schema *s, const uint8_t *msg, size_t len,
	      const struct wi_verdict *v, weir_diag *diag);

#endif
