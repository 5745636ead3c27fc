/* SPDX-License-Identifier: BSD-2-Clause
 *
 * value.c - are two msgpack values the same JSON value?
 */
#include <string.h>

#include "base/bytes.h"
#include "codec/json.h"
#include "codec/keys.h"
#include "codec/walk.h"

/* A number in the one form that all equal numbers have.  By bits: the
 * floating-point mode of the host program has no say. */
struct number {
	enum { NATURAL, NEGATIVE, REAL } kind;
	uint64_t v; /* NATURAL: it; NEGATIVE: its magnitude; REAL: the bits */
};

static struct number
number_of(const struct wi_head *h)
{
	uint64_t bits, mant, frac, mag;
	struct number n;
	unsigned exp;

	n.kind = h->type == WEIR_INT ? NEGATIVE : NATURAL;
	n.v = h->type == WEIR_INT ? -(uint64_t)h->i : h->u;
	if (h->type != WEIR_FLOAT)
		return n;

	bits = wi_bits_of(h->d);
	exp = (unsigned)(bits >> 52) & 0x7ff;
	mant = (bits & 0xfffffffffffffu) | 1ull << 52;
	n.kind = REAL;
	n.v = bits;
	if (bits << 1 == 0) {
		n.kind = NATURAL;
		n.v = 0;
	} else if (exp == 0x7ff && bits << 12) {
		n.v = UINT64_MAX; /* every NaN */
	} else if (exp >= 1023 && exp <= 1023 + 63) {
		exp -= 1023;
		frac = exp < 52 ? mant << (exp + 12) : 0;
		mag = exp < 52 ? mant >> (52 - exp) : mant << (exp - 52);
		if (frac == 0) {
			n.kind = bits >> 63 ? NEGATIVE : NATURAL;
			n.v = mag;
		}
	}
	return n;
}

static int
is_number(const struct wi_head *h)
{
	return h->type == WEIR_INT || h->type == WEIR_UINT ||
	       h->type == WEIR_FLOAT;
}

static int
same_bytes(const struct wi_head *a, const struct wi_head *b)
{
	return a->len == b->len && !memcmp(a->ptr, b->ptr, a->len);
}

static int
same_scalar(const struct wi_head *a, const struct wi_head *b)
{
	if (is_number(a) && is_number(b)) {
		struct number x = number_of(a), y = number_of(b);

		return x.kind == y.kind && x.v == y.v;
	}
	if (a->type != b->type)
		return 0;
	switch (a->type) {
	case WEIR_NIL:
		return 1;
	case WEIR_BOOL:
		return a->u == b->u;
	case WEIR_STR:
	case WEIR_BIN:
		return same_bytes(a, b);
	default: /* WEIR_EXT */
		return a->ext_type == b->ext_type && same_bytes(a, b);
	}
}

/* ---- by hash --------------------------------------------------------- */

static uint64_t
hash_scalar(const struct wi_head *h, uint64_t seed)
{
	struct number n;

	if (is_number(h)) {
		n = number_of(h);
		return wi_fold(n.v ^ seed,
			       wi_fold(seed + n.kind, 0xd1342543de82ef95u));
	}
	seed += (uint64_t)h->type << 32;
	switch (h->type) {
	case WEIR_NIL:
		return wi_key_hash(NULL, 0, seed);
	case WEIR_BOOL:
		return wi_key_hash(NULL, 0, seed + 1 + h->u);
	case WEIR_EXT:
		seed += (uint8_t)h->ext_type;
		/* fall through */
	default:
		return wi_key_hash(h->ptr, h->len, seed);
	}
}

/* Equal values have equal hashes: arrays chain those of their elements,
 * maps add up those of their members, whatever the order.
 * Return: 0 for bytes that are not well-formed. */
static int
hash_value(const uint8_t *p, const uint8_t *end, uint64_t seed, uint64_t *out)
{
	struct {
		uint64_t left, sum, key;
		int is_map;
	} stack[WI_DEPTH_MAX + 1], *top = stack;
	struct wi_head h;
	uint64_t v;

	memset(top, 0, sizeof(*top));
	top->left = 1;
	for (;;) {
		if (wi_head_read(p, end, &h))
			return 0;
		p = h.next;
		if (h.type >= WEIR_ARRAY) {
			if (top == stack + WI_DEPTH_MAX)
				return 0;
			top++;
			top->is_map = h.type == WEIR_MAP;
			top->left = (uint64_t)h.len << top->is_map;
			top->sum = wi_fold(seed + h.type, h.len + 1u);
			if (top->left > 0)
				continue;
			v = wi_fold(top->sum, seed | 1);
			top--;
		} else {
			v = hash_scalar(&h, seed);
		}
		for (;;) {
			top->left--;
			if (!top->is_map)
				top->sum =
				    wi_fold(top->sum ^ v, 0x9fb21c651e98df25u);
			else if (top->left % 2)
				top->key = v;
			else
				top->sum +=
				    wi_fold(v ^ wi_fold(top->key, seed | 1),
					    0xaef17502108ef2d9u);
			if (top->left > 0)
				break;
			if (top == stack) {
				*out = top->sum;
				return p == end;
			}
			v = wi_fold(top->sum, seed | 1);
			top--;
		}
	}
}

uint64_t
wi_value_hash(const uint8_t *p, const uint8_t *end)
{
	static const char here;
	uint64_t hash = 0;

	hash_value(p, end, wi_key_seed(&here, 0), &hash);
	return hash;
}

static int
same_hash(const uint8_t *a, const uint8_t *aend, const uint8_t *b,
	  const uint8_t *bend)
{
	uint64_t x, y;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t seed = wi_key_seed(&x, i);

		if (!hash_value(a, aend, seed, &x) ||
		    !hash_value(b, bend, seed, &y) || x != y)
			return 0;
	}
	return 1;
}

/* ---- by value -------------------------------------------------------- */

struct pair {
	uint32_t cnt, left; /* members, or elements */
	int is_map;
	/* The map on the b side: the search for a's next key goes on where
	 * the last was found, and around. */
	const uint8_t *first, *at;
	uint32_t at_idx;
	const uint8_t *last; /* the end of the last value that was found */
};

enum { DIFFERENT, FOUND, TOO_LONG };

/* Find the key @k in the map of @pair.
 * Return: FOUND with *@b at its value. */
static int
find(struct pair *pair, const struct wi_head *k, const uint8_t *bend,
     int64_t *budget, const uint8_t **b)
{
	struct wi_head h;

	for (uint32_t i = 0; i < pair->cnt; i++) {
		const uint8_t *was;

		if (pair->at_idx == pair->cnt) {
			pair->at = pair->first;
			pair->at_idx = 0;
		}
		if (wi_head_read(pair->at, bend, &h))
			return DIFFERENT;
		if (h.type == k->type && same_bytes(&h, k)) {
			*b = h.next;
			return FOUND;
		}
		was = pair->at;
		pair->at = wi_skip(h.next, bend);
		if (!pair->at)
			return DIFFERENT;
		pair->at_idx++;
		*budget -= pair->at - was;
		if (*budget < 0)
			return TOO_LONG;
	}
	return DIFFERENT;
}

int
wi_value_equal(const uint8_t *a, const uint8_t *aend, const uint8_t *b,
	       const uint8_t *bend)
{
	int64_t budget = 4096 + 16 * (bend - b);
	const uint8_t *const astart = a, *const bstart = b;
	struct pair stack[WI_DEPTH_MAX], *top;
	struct wi_head ha, hb;
	unsigned depth = 0;

	for (;;) {
		if (wi_head_read(a, aend, &ha) || wi_head_read(b, bend, &hb))
			return 0;
		a = ha.next;
		b = hb.next;
		if (ha.type >= WEIR_ARRAY) {
			if (hb.type != ha.type || hb.len != ha.len ||
			    depth == WI_DEPTH_MAX)
				return 0;
			top = &stack[depth++];
			top->cnt = top->left = ha.len;
			top->is_map = ha.type == WEIR_MAP;
			top->first = top->at = top->last = b;
			top->at_idx = 0;
		} else if (!same_scalar(&ha, &hb)) {
			return 0;
		} else if (depth == 0) {
			break;
		} else {
			top = &stack[depth - 1];
			top->at = b;
			top->at_idx++;
			if (b > top->last)
				top->last = b;
		}
		while (stack[depth - 1].left == 0) {
			if (stack[depth - 1].is_map)
				b = stack[depth - 1].last;
			if (--depth == 0)
				return a == aend && b == bend;
			top = &stack[depth - 1];
			top->at = b;
			top->at_idx++;
			if (b > top->last)
				top->last = b;
		}
		top = &stack[depth - 1];
		top->left--;
		if (!top->is_map)
			continue;
		if (wi_head_read(a, aend, &ha) || ha.type != WEIR_STR)
			return 0;
		a = ha.next;
		switch (find(top, &ha, bend, &budget, &b)) {
		case DIFFERENT:
			return 0;
		case TOO_LONG:
			return same_hash(astart, aend, bstart, bend);
		}
	}
	return a == aend && b == bend;
}
