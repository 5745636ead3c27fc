/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_walk.c - any bytes as msgpack.  What is well-formed must be so for
 * every reader: it can be skipped, written as JSON that is accepted, equals
 * itself, and each of its parts is found.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <weir/record.h>

#include "codec/json.h"
#include "codec/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

/* The reader of JSON refuses keys twice; the writer's words for what JSON
 * lacks never make any. */
static void
as_json(const uint8_t *data, size_t len)
{
	int64_t n = weir_msgpack_to_json(data, len, NULL, 0);
	char *text;
	uint8_t *msg;

	MUST(n > 0);
	text = malloc((size_t)n + 1);
	msg = malloc(WI_JSON_CAP((size_t)n));
	MUST(weir_msgpack_to_json(data, len, text, (size_t)n + 1) == n);
	/* {"$ext":[...]} is two levels more */
	if (weir_json_to_msgpack(text, (size_t)n, msg, WI_JSON_CAP((size_t)n),
				 NULL) < 0) {
		int depth = 0, most = 0, quoted = 0;

		for (const char *p = text; *p; p++) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				quoted = !quoted;
			else if (!quoted && (*p == '[' || *p == '{'))
				most = ++depth > most ? depth : most;
			else if (!quoted && (*p == ']' || *p == '}'))
				depth--;
		}
		MUST(most > WI_DEPTH_MAX);
	}
	free(text);
	free(msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = wi_skip(data, data + len);
	weir_diag diag;
	weir_value v;
	int err = wi_wellformed(data, len, &diag);

	weir_value_find(data, len, "/0/a/1", &v);
	weir_value_find(data, len, "/a/0", &v);
	if (err) {
		MUST(err == WEIR_EMSGPACK && diag.code == err);
		MUST(diag.offset <= len && diag.message[0]);
		MUST(strlen(diag.pointer) < sizeof(diag.pointer));
		MUST(!wi_value_equal(data, data + len, data, data + len) ||
		     end == data + len);
		return 0;
	}
	MUST(end == data + len);
	MUST(weir_value_find(data, len, "", &v) == 0 && v.raw_len == len);
	MUST(wi_value_equal(data, data + len, data, data + len));
	as_json(data, len);
	return 0;
}
