/* SPDX-License-Identifier: BSD-2-Clause */
#include "codec/keys.h"

#include <string.h>

#define SLOTS 4096 /* 32 KiB of stack */

/* A slot: 24 bits of the hash over 40 bits of the key's offset plus one. */
#define OFF_BITS 40

enum { UNIQUE, FOUND, CROWDED };

struct map {
	const uint8_t *first; /* its first key: what tells it from others */
	uint64_t left;	      /* values still to come, keys counted */
	uint8_t is_map;
	uint8_t far;
};

struct search {
	const uint8_t *msg, *end;
	uint64_t seed;
	uint64_t range, range_cnt;
	uint64_t *slot;
	uint64_t slots; /* a power of two */
	uint64_t used;
};

/* Is @key one of the keys of the map that starts at @first? */
static int
is_member(const uint8_t *first, const uint8_t *key, const uint8_t *end)
{
	struct wi_head h;

	while (first && first < key)
		if (wi_head_read(first, end, &h) == 0)
			first = wi_skip(h.next, end);
	return first == key;
}

static int
insert(struct search *s, const struct map *map, const uint8_t *at,
       const struct wi_head *key)
{
	uint64_t salt = s->seed + (uint64_t)(map->first - s->msg);
	uint64_t hash = wi_key_hash(key->ptr, key->len, salt);
	uint64_t mark = hash >> 12 << OFF_BITS;
	struct wi_head h;

	if ((uint64_t)((wi_u128)hash * s->range_cnt >> 64) != s->range)
		return UNIQUE;
	for (uint64_t i = hash;; i++) {
		uint64_t *at_slot = &s->slot[i & (s->slots - 1)];
		uint64_t slot = *at_slot;
		const uint8_t *other;

		if (slot == 0) {
			if (s->used++ == s->slots / 8 * 7)
				return CROWDED;
			*at_slot = mark | (uint64_t)(at - s->msg + 1);
			return UNIQUE;
		}
		if (slot >> OFF_BITS != mark >> OFF_BITS)
			continue;
		other = s->msg + (slot & ((1ull << OFF_BITS) - 1)) - 1;
		if (wi_head_read(other, s->end, &h) == 0 && h.len == key->len &&
		    !memcmp(h.ptr, key->ptr, h.len) &&
		    is_member(map->first, other, s->end))
			return FOUND;
	}
}

/* One walk: all keys of far maps whose hash lies in s->range. */
static int
walk(struct search *s, struct wi_key_dup *dup)
{
	struct map stack[WI_DEPTH_MAX + 1];
	struct map *top = stack;
	const uint8_t *p = s->msg;
	uint64_t keys = 0;
	struct wi_head h;

	s->used = 0;
	memset(s->slot, 0, s->slots * sizeof(*s->slot));
	memset(top, 0, sizeof(*top));
	top->left = 1;
	for (;;) {
		while (top->left == 0)
			if (top-- == stack)
				return UNIQUE;
		if (wi_head_read(p, s->end, &h))
			return UNIQUE; /* cannot be: well-formed */
		if (top->is_map && top->left % 2 == 0) {
			int r = top->far ? insert(s, top, p, &h) : UNIQUE;

			if (r == FOUND) {
				dup->key = p;
				dup->idx = keys;
			}
			if (r != UNIQUE)
				return r;
			keys++;
		}
		top->left--;
		p = h.next;
		if (h.type >= WEIR_ARRAY) {
			unsigned depth = (unsigned)(top - stack);

			top++;
			top->is_map = h.type == WEIR_MAP;
			top->far = top->is_map && !wi_key_near(h.len, depth);
			top->left = (uint64_t)h.len << top->is_map;
			top->first = p;
		}
	}
}

/* The table for @cnt keys: what of @room is needed, or @own. */
static void
choose_table(struct search *s, uint64_t cnt, const struct wi_room *room,
	     uint64_t own[SLOTS])
{
	size_t skip = room ? -(uintptr_t)room->ptr % sizeof(*own) : 0;

	s->slot = own;
	s->slots = SLOTS;
	if (!room || room->len < skip)
		return;
	while (s->slots < 2 * cnt &&
	       2 * s->slots * sizeof(*own) <= room->len - skip) {
		s->slots *= 2;
		s->slot = (uint64_t *)(void *)(room->ptr + skip);
	}
}

int
wi_keys_far(const uint8_t *msg, const uint8_t *end, uint64_t cnt,
	    const struct wi_room *room, struct wi_key_dup *dup)
{
	uint64_t own[SLOTS];
	struct search s;

	s.msg = msg;
	s.end = end;
	choose_table(&s, cnt, room, own);
	/* far from crowded, for a fair hash */
	s.range_cnt = cnt / (s.slots / 4 * 3) + 1;
	for (unsigned i = 0; i < WI_KEY_SEEDS; i++) {
		int r = UNIQUE;

		s.seed = wi_key_seed(own, i);
		for (s.range = 0; s.range < s.range_cnt && r == UNIQUE;
		     s.range++)
			r = walk(&s, dup);
		if (r != CROWDED)
			return r == FOUND;
	}
	return -1;
}
