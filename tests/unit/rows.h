/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rows.h - tables of schemas, records and verdicts.
 */
#ifndef WI_TESTS_UNIT_ROWS_H
#define WI_TESTS_UNIT_ROWS_H

#include "support/harness.h"

#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#define J(...) #__VA_ARGS__

struct row {
	const char *schema, *record;
	const char *keyword; /* that refuses it; NULL: it is valid */
	const char *pointer; /* the place in the record */
};

static inline void
run_row(const struct row *row)
{
	const char *keyword = row->keyword ? row->keyword : "";
	const char *pointer = row->pointer ? row->pointer : "";
	size_t len = strlen(row->record);
	uint8_t *msg = malloc(3 * len + 16);
	weir_schema *s = NULL;
	weir_diag d = {0};
	int64_t n;
	int ret, quiet;

	if (weir_schema_compile(row->schema, strlen(row->schema), NULL, &s, &d))
		t_log("%s\n  refused: %s\n", row->schema, d.message);
	n = weir_json_to_msgpack(row->record, len, msg, 3 * len + 16, &d);
	CU_ASSERT_FATAL(s != NULL && n > 0);
	ret = weir_schema_check(s, msg, (size_t)n, &d);
	quiet = weir_schema_check(s, msg, (size_t)n, NULL);
	if (ret != (row->keyword ? WEIR_ESCHEMA : 0) || quiet != ret ||
	    strcmp(d.keyword, keyword) || strcmp(d.pointer, pointer)) {
		t_log("%s\n%s\n  expected \"%s\" at \"%s\", got %d \"%s\" at "
		      "\"%s\": %s\n",
		      row->schema, row->record, keyword, pointer, ret,
		      d.keyword, d.pointer, d.message);
		CU_FAIL("verdict differs");
	}
	if (ret)
		CU_ASSERT(d.code == ret && d.message[0] &&
			  strchr(d.schema_pointer, '#'));
	weir_schema_free(s);
	free(msg);
}

#define RUN(rows)                                                              \
	do {                                                                   \
		for (size_t n_ = 0; n_ < sizeof(rows) / sizeof(rows[0]); n_++) \
			run_row(&(rows)[n_]);                                  \
		CU_PASS("");                                                   \
	} while (0)

#endif
