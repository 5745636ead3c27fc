/* SPDX-License-Identifier: BSD-2-Clause
 *
 * why.h - all that is wrong with a record, in the output format "basic" of
 * JSON Schema.
 */
#ifndef WI_TOOLS_WHY_H
#define WI_TOOLS_WHY_H

#include <weir.h>

/* why_json - up to @most errors of the record, as one line of JSON, which is
 * good until the next call; NULL: it is not a matter of the schema. */
const char *why_json(weir_schema *schema, const void *msg, size_t len,
		     uint32_t most);

/* why_json_text - the same for a record that is JSON itself. */
const char *why_json_text(weir_schema *schema, const char *text, size_t len,
			  uint32_t most);

#endif
