/* SPDX-License-Identifier: BSD-2-Clause */
#include "why.h"

#include <stdlib.h>

const char *
why_json(weir_schema *schema, const void *msg, size_t len, uint32_t most)
{
	static char *buf;
	int64_t n = weir_schema_errors(schema, msg, len, most, NULL, 0);

	if (n < 0)
		return NULL;
	free(buf);
	buf = malloc((size_t)n + 1);
	if (!buf ||
	    weir_schema_errors(schema, msg, len, most, buf, (size_t)n + 1) != n)
		return NULL;
	return buf;
}

const char *
why_json_text(weir_schema *schema, const char *text, size_t len, uint32_t most)
{
	void *msg = malloc(3 * len + 1);
	const char *json = NULL;
	int64_t n;

	if (!msg)
		return NULL;
	n = weir_json_to_msgpack(text, len, msg, 3 * len + 1, NULL);
	if (n > 0)
		json = why_json(schema, msg, (size_t)n, most);
	free(msg);
	return json;
}
