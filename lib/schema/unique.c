/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/unique.h"

#include <string.h>

#include "codec/json.h"
#include "codec/walk.h"

#define FEW   24u
#define SLOTS 2048u /* 24 KiB of stack */
#define FULL  (SLOTS / 4 * 3)
#define WALK  1024u /* elements wanted in one walk, for a fair hash */

struct slot {
	uint64_t hash;
	uint32_t at; /* offset of the element, plus 1 */
};

static bool
pay(uint64_t *steps, size_t bytes)
{
	uint64_t cost = bytes / 8 + 1;

	*steps = *steps > cost ? *steps - cost : 0;
	return *steps != 0;
}

/* The element at @p: its hash, and where it ends. */
static const uint8_t *
next(const uint8_t *p, const uint8_t *end, uint64_t *hash, uint64_t *steps)
{
	const uint8_t *q = wi_skip(p, end);

	if (!q || !pay(steps, (size_t)(q - p)))
		return NULL;
	*hash = wi_value_hash(p, q);
	return q;
}

static bool
few_differ(const uint8_t *p, const uint8_t *end, uint32_t cnt, uint64_t *steps)
{
	const uint8_t *at[FEW + 1];
	uint64_t hash[FEW];

	for (uint32_t i = 0; i < cnt; i++) {
		at[i] = p;
		p = next(p, end, &hash[i], steps);
		if (!p)
			return false;
		at[i + 1] = p;
		for (uint32_t k = 0; k < i; k++)
			if (hash[k] == hash[i] &&
			    wi_value_equal(at[k], at[k + 1], at[i], p))
				return false;
	}
	return true;
}

enum { DIFFERENT, EQUAL, CROWDED };

static int
insert(struct slot *slots, uint32_t *used, const uint8_t *base,
       const uint8_t *p, const uint8_t *q, uint64_t hash, const uint8_t *end)
{
	for (uint32_t i = (uint32_t)hash % SLOTS;; i = (i + 1) % SLOTS) {
		struct slot *s = &slots[i];
		const uint8_t *other;

		if (!s->at) {
			if (++*used > FULL)
				return CROWDED;
			s->hash = hash;
			s->at = (uint32_t)(p - base) + 1;
			return DIFFERENT;
		}
		other = base + s->at - 1;
		if (s->hash == hash &&
		    wi_value_equal(other, wi_skip(other, end), p, q))
			return EQUAL;
	}
}

/* All elements whose hash lies in @range of @range_cnt. */
static int
walk(const uint8_t *p, const uint8_t *end, uint32_t cnt, uint64_t range,
     uint64_t range_cnt, uint64_t *steps)
{
	struct slot slots[SLOTS];
	const uint8_t *base = p, *q;
	uint32_t used = 0;
	uint64_t hash;
	int ret = DIFFERENT;

	memset(slots, 0, sizeof(slots));
	for (uint32_t i = 0; i < cnt && ret == DIFFERENT; i++, p = q) {
		q = next(p, end, &hash, steps);
		if (!q)
			return EQUAL;
		if ((hash >> 32) % range_cnt == range)
			ret = insert(slots, &used, base, p, q, hash, end);
	}
	return ret;
}

bool
wi_unique(const uint8_t *p, const uint8_t *end, uint32_t cnt, uint64_t *steps)
{
	uint64_t range_cnt = cnt / WALK + 1;
	int ret = DIFFERENT;

	if (cnt <= FEW)
		return few_differ(p, end, cnt, steps);
	for (uint64_t range = 0; range < range_cnt && ret == DIFFERENT;) {
		ret = walk(p, end, cnt, range, range_cnt, steps);
		range++;
		if (ret == CROWDED) { /* finer, from the start */
			range_cnt *= 2;
			range = 0;
			ret = DIFFERENT;
		}
		if (*steps == 0)
			return false;
	}
	return ret == DIFFERENT;
}
