/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rec.c - see rec.h
 */
#include "fault/rec.h"
#include <string.h>

#include "support/rng.h"

const char *const who_id[WHO_CNT] = {"other", "victim", "gone"};

struct body {
	uint32_t who, pad;
	uint64_t cnt, sum;
};

static void
fill(uint8_t *p, size_t len, uint32_t who, uint64_t cnt)
{
	struct rng r = {cnt * 8 + who};

	rng_fill(&r, p, len);
}

static uint64_t
sum_of(const uint8_t *p, size_t len, uint32_t who, uint64_t cnt)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ cnt << 8 ^ who ^ len << 48;

	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

void
rec_make(uint8_t *buf, size_t len, enum who who, uint64_t cnt)
{
	struct body b = {.who = who, .cnt = cnt};
	uint8_t *rest = buf + 3 + sizeof(b);
	size_t rest_len = len - 3 - sizeof(b);

	buf[0] = 0xc5; /* bin 16 */
	buf[1] = (uint8_t)((len - 3) >> 8);
	buf[2] = (uint8_t)(len - 3);
	fill(rest, rest_len, who, cnt);
	b.sum = sum_of(rest, rest_len, who, cnt);
	memcpy(buf + 3, &b, sizeof(b));
}

bool
rec_whole(const weir_record *rec, enum who *who, uint64_t *cnt)
{
	const uint8_t *p = rec->data;
	struct body b;

	if (!p || rec->len < 3 + sizeof(b) || p[0] != 0xc5 ||
	    ((size_t)p[1] << 8 | p[2]) != rec->len - 3)
		return false;
	memcpy(&b, p + 3, sizeof(b));
	if (b.who >= WHO_CNT ||
	    b.sum != sum_of(p + 3 + sizeof(b), rec->len - 3 - sizeof(b), b.who,
			    b.cnt))
		return false;
	*who = b.who;
	*cnt = b.cnt;
	return true;
}
