/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_mcap.c - any bytes as an MCAP file.  It is read to an end, in no more
 * items than it has bytes for; what is handed out is there to its last byte;
 * and a second reader finds the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/mcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHUNK_MAX ((size_t)1 << 16)

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static uint64_t
add_bytes(uint64_t sum, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len--)
		sum = sum * 31 + *p++;
	return sum;
}

static uint64_t
add_str(uint64_t sum, const char *s)
{
	return add_bytes(sum, s, strlen(s) + 1);
}

static uint64_t
add_channel(uint64_t sum, struct mcap_channel *ch)
{
	sum = add_str(sum, ch->topic);
	sum = add_str(sum, ch->encoding);
	for (size_t i = 0; i < ch->cnt; i++) {
		sum = add_str(sum, ch->pairs[i].key);
		sum = add_str(sum, ch->pairs[i].value);
		MUST(mcap_pair_value(ch, ch->pairs[i].key));
	}
	if (!ch->schema)
		return sum;
	sum = add_str(sum, ch->schema->name);
	sum = add_str(sum, ch->schema->encoding);
	return add_bytes(sum, ch->schema->data, ch->schema->len);
}

/* A chunk of a few bytes can hold many messages: the limit is for what all
 * the chunks that fit in @len can be unpacked to. */
static uint64_t
read_all(struct mcap_reader *r, size_t len)
{
	uint64_t most = len + len / 50 * (CHUNK_MAX / MCAP_HEAD_LEN) + 2;
	uint64_t sum = 0, cnt = 0, last = 0;
	struct mcap_item it;

	do {
		MUST(cnt++ < most);
		MUST(mcap_next(r, &it) == 0);
		if (it.kind == MCAP_END)
			break;
		MUST(it.offset <= len && it.offset >= last);
		last = it.offset;
		if (it.kind == MCAP_MESSAGE) {
			MUST(it.len <= CHUNK_MAX + 4096);
			if (cnt < 1000)
				sum = add_channel(sum, it.channel);
			sum = add_bytes(sum, it.data, it.len);
		} else if (it.kind == MCAP_DAMAGE) {
			sum = add_str(sum, it.why);
		}
	} while (it.kind != MCAP_CUT);
	MUST(mcap_next(r, &it) == 0 && it.kind == MCAP_END);
	return sum + cnt;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mcap_reader *r;
	uint64_t sums[2] = {0, 0};
	void *bytes;
	FILE *file;

	if (len == 0)
		return 0;
	bytes = malloc(len);
	memcpy(bytes, data, len);
	file = fmemopen(bytes, len, "rb");
	MUST(file);
	for (int i = 0; i < 2; i++) {
		rewind(file);
		if (mcap_open(&r, file, CHUNK_MAX) < 0)
			continue;
		sums[i] = read_all(r, len);
		/* the definitions are known now, so it may say less */
		MUST(mcap_rewind(r) == 0);
		read_all(r, len);
		mcap_close(r);
	}
	MUST(sums[0] == sums[1]);
	fclose(file);
	free(bytes);
	return 0;
}
