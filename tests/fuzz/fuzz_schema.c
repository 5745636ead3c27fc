/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_schema.c - any bytes as the text of a schema and, behind the first
 * NUL, as a record in JSON.  Whatever is refused must say why; what is
 * accepted must check the record, and a few others, as a naive checker does.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <weir/record.h>
#include <weir/schema.h>

#include "codec/json.h"
#include "codec/walk.h"
#include "fuzz/naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static void
check(weir_schema *s, const uint8_t *doc, size_t doc_len, const char *json,
      size_t len)
{
	size_t cap = WI_JSON_CAP(len) + !len;
	uint8_t *msg = malloc(cap);
	int64_t n = weir_json_to_msgpack(json, len, msg, cap, NULL);
	weir_diag d;
	int ret, want;

	if (n > 0) {
		/* a block of its exact size, so that asan sees it end */
		uint8_t *rec = malloc((size_t)n);

		memcpy(rec, msg, (size_t)n);
		memset(&d, 0, sizeof(d));
		ret = weir_schema_check(s, rec, (size_t)n, &d);
		MUST(ret == 0 || ret == WEIR_ESCHEMA);
		MUST(ret == weir_schema_check(s, rec, (size_t)n, NULL));
		MUST(d.code == ret);
		if (ret)
			MUST(d.message[0] && strchr(d.schema_pointer, '#'));
		if (ret) {
			static const char begin[] =
			    "{\"valid\":false,\"errors\":[{";
			char all[256];

			MUST(weir_schema_errors(s, rec, (size_t)n, 5, all,
						sizeof(all)) > 0);
			MUST(!strncmp(all, begin, strlen(begin)));
		}
		want = naive_check(doc, doc_len, rec, (size_t)n);
		if (!strstr(d.message, "too many steps"))
			MUST(want < 0 || want == (ret == 0));
		free(rec);
	}
	free(msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const records[] = {
	    "null", "true",
	    "0",    "-7",
	    "1.5",  "\"a\"",
	    "[]",   "[1,\"a\",[2]]",
	    "{}",   "{\"a\":1,\"b\":[{\"a\":2}],\"c\":{\"a\":{\"a\":\"x\"}}}"};
	const uint8_t *nul = memchr(data, 0, len);
	size_t text_len = nul ? (size_t)(nul - data) : len;
	char *text = malloc(text_len ? text_len : 1);
	size_t cap = WI_JSON_CAP(text_len) + 1;
	uint8_t *doc = malloc(cap);
	weir_schema *s = NULL;
	weir_diag d = {0};
	int64_t n;
	int ret;

	memcpy(text, data, text_len);
	n = weir_json_to_msgpack(text, text_len, doc, cap, NULL);
	ret = weir_schema_compile(text, text_len, NULL, &s, &d);
	MUST((ret == 0) == (s != NULL) && d.code == ret);
	MUST((ret == WEIR_EJSON) == (n < 0));
	if (ret) {
		MUST(ret == WEIR_EJSON || ret == WEIR_EBADSCHEMA);
		MUST(d.message[0]);
		MUST(ret == WEIR_EJSON || strchr(d.schema_pointer, '#'));
	} else {
		for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
			check(s, doc, (size_t)n, records[i],
			      strlen(records[i]));
		if (nul)
			check(s, doc, (size_t)n, (const char *)nul + 1,
			      len - text_len - 1);
	}
	weir_schema_free(s);
	free(text);
	free(doc);
	return 0;
}
