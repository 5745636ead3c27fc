/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/unique.h"

#include <string.h>

#include "codec/json.h"
#include "codec/walk.h"

#define FEW   24u
#define SLOTS (WI_UNIQUE_LEN / sizeof(struct slot)) /* at most */

struct slot {
	uint32_t hash; /* its upper half */
	uint32_t at;   /* offset of the element, plus 1 */
};

struct table {
	struct slot *slots;
	uint32_t slot_cnt; /* a power of two */
	uint32_t used;
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
insert(struct table *t, const uint8_t *base, const uint8_t *p,
       const uint8_t *q, uint64_t hash, const uint8_t *end)
{
	uint32_t mask = t->slot_cnt - 1, half = (uint32_t)(hash >> 32);

	for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
		struct slot *s = &t->slots[i];
		const uint8_t *other;

		if (!s->at) {
			if (++t->used > t->slot_cnt / 4 * 3)
				return CROWDED;
			s->hash = half;
			s->at = (uint32_t)(p - base) + 1;
			return DIFFERENT;
		}
		other = base + s->at - 1;
		if (s->hash == half &&
		    wi_value_equal(other, wi_skip(other, end), p, q))
			return EQUAL;
	}
}

/* All elements whose hash lies in @range of @range_cnt. */
static int
walk(struct table *t, const uint8_t *p, const uint8_t *end, uint32_t cnt,
     uint64_t range, uint64_t range_cnt, uint64_t *steps)
{
	size_t len = t->slot_cnt * sizeof(*t->slots);
	const uint8_t *base = p, *q;
	uint64_t hash;
	int ret = DIFFERENT;

	if (!pay(steps, len / 8))
		return EQUAL;
	memset(t->slots, 0, len);
	t->used = 0;
	for (uint32_t i = 0; i < cnt && ret == DIFFERENT; i++, p = q) {
		q = next(p, end, &hash, steps);
		if (!q)
			return EQUAL;
		if ((hash >> 32) % range_cnt == range)
			ret = insert(t, base, p, q, hash, end);
	}
	return ret;
}

bool
wi_unique(const uint8_t *p, const uint8_t *end, uint32_t cnt, void *mem,
	  uint64_t *steps)
{
	struct table t = {mem, 64, 0};
	uint64_t range_cnt;
	int ret = DIFFERENT;

	if (cnt <= FEW)
		return few_differ(p, end, cnt, steps);
	while (t.slot_cnt < SLOTS && t.slot_cnt / 2 < cnt)
		t.slot_cnt *= 2;
	range_cnt = (cnt - 1) / (t.slot_cnt / 2) + 1;
	for (uint64_t range = 0; range < range_cnt && ret == DIFFERENT;) {
		ret = walk(&t, p, end, cnt, range, range_cnt, steps);
		range++;
		if (ret == CROWDED) { /* finer, from the start */
			range_cnt *= 2;
			range = 0;
			ret = DIFFERENT;
		}
	}
	return ret == DIFFERENT;
}
