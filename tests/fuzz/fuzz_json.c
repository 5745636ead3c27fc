/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_json.c - any bytes as JSON text.  What is accepted must be
 * well-formed msgpack of the promised size and survive the way out and in
 * again, byte by byte; what is refused must be so for any room.
 */
#include <errno.h>
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t cap = WI_JSON_CAP(len) + !len;
	uint8_t *msg = malloc(cap), *msg2;
	weir_diag diag;
	int64_t n, m;
	char *text;

	n = weir_json_to_msgpack((const char *)data, len, msg, cap, &diag);
	if (n < 0) {
		MUST(n == WEIR_EJSON && diag.code == WEIR_EJSON);
		MUST(diag.offset <= len && diag.line > 0 && diag.column > 0);
		MUST(diag.message[0]);
		free(msg);
		return 0;
	}
	MUST(n > 0 && wi_wellformed(msg, (size_t)n, &diag) == 0);

	m = weir_msgpack_to_json(msg, (size_t)n, NULL, 0);
	MUST(m > 0);
	text = malloc((size_t)m + 1);
	MUST(weir_msgpack_to_json(msg, (size_t)n, text, (size_t)m + 1) == m);
	MUST(strlen(text) == (size_t)m);

	msg2 = malloc((size_t)n);
	MUST(weir_json_to_msgpack(text, (size_t)m, msg2, (size_t)n, &diag) ==
	     n);
	MUST(memcmp(msg, msg2, (size_t)n) == 0);
	MUST(wi_value_equal(msg, msg + n, msg2, msg2 + n));
	MUST(weir_json_to_msgpack((const char *)data, len, msg2, (size_t)n - 1,
				  NULL) == -ENOBUFS);
	free(msg);
	free(msg2);
	free(text);
	return 0;
}
