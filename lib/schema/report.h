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

/* wi_explain - what was expected and what was found, without the place. */
void wi_explain(struct weir_schema *s, const struct wi_verdict *v,
		const uint8_t *msg, const uint8_t *end, char *dst, size_t cap);

#endif
