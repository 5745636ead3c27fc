/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/set.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "schema/name.h"
#include "schema/number.h"

/* Sets up to this size are searched from the front. */
#define FEW 8

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t
hash_bytes(const uint8_t *p, uint32_t len)
{
	uint64_t h = mix(WEIR_STR, len);

	for (; len > 8; p += 8, len -= 8)
		h = mix(h, wi_name_word(p, 8));
	return mix(h, wi_name_word(p, len));
}

static uint64_t
hash_float(double d)
{
	uint64_t bits;

	if (wi_float_class(d) == WI_CLASS_INTEGRAL) {
		if (d >= 0 && d < 18446744073709551616.0)
			return mix(WEIR_UINT, (uint64_t)d);
		if (d < 0 && d >= -9223372036854775808.0)
			return mix(WEIR_INT, (uint64_t)(int64_t)d);
	}
	memcpy(&bits, &d, sizeof(bits));
	return mix(WEIR_FLOAT, bits);
}

uint64_t
wi_const_hash(const struct wi_head *h)
{
	switch (h->type) {
	case WEIR_BOOL:
	case WEIR_UINT:
		return mix(h->type, h->u);
	case WEIR_INT:
		return mix(h->type, (uint64_t)h->i);
	case WEIR_FLOAT:
		return hash_float(h->d);
	case WEIR_STR:
		return hash_bytes(h->ptr, h->len);
	case WEIR_ARRAY:
	case WEIR_MAP:
		return mix(h->type, h->len);
	default:
		return mix(h->type, 0);
	}
}

static int
by_hash(const void *a, const void *b)
{
	const struct wi_const *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void
wi_set_sort(struct wi_const *vals, uint32_t cnt)
{
	if (cnt > 1)
		qsort(vals, cnt, sizeof(*vals), by_hash);
}

/* The first value whose hash is not below @hash. */
static uint32_t
lower_bound(const struct wi_set *set, uint64_t hash)
{
	uint32_t lo = 0, hi = set->cnt;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (set->vals[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int
wi_set_has(const struct wi_set *set, const uint8_t *doc, const uint8_t *p,
	   const uint8_t *end, const struct wi_head *h, uint64_t *steps)
{
	uint64_t hash = wi_const_hash(h), cost;
	uint32_t i = set->cnt > FEW ? lower_bound(set, hash) : 0;

	if (h->type == WEIR_BIN || h->type == WEIR_EXT)
		return 0;
	while (i < set->cnt && set->vals[i].hash < hash)
		i++;
	if (i == set->cnt || set->vals[i].hash != hash)
		return 0;
	end = h->type >= WEIR_ARRAY ? wi_skip(p, end) : h->next;
	if (!end)
		return 0;
	cost = 1 + (uint64_t)(end - p) / 8;
	for (; i < set->cnt && set->vals[i].hash == hash; i++) {
		const struct wi_const *c = &set->vals[i];

		*steps = *steps > cost ? *steps - cost : 0;
		if (*steps == 0)
			return 0;
		/* mostly it is written in the same way, too */
		if (c->end - c->at == (size_t)(end - p) &&
		    !memcmp(doc + c->at, p, (size_t)(end - p)))
			return 1;
		if (wi_value_equal(doc + c->at, doc + c->end, p, end))
			return 1;
	}
	return 0;
}
