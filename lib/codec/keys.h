/* SPDX-License-Identifier: BSD-2-Clause
 *
 * keys.h - is a key in a map twice?
 *
 * Nothing may be allocated, so there are two ways.
 *
 * Near maps, of up to WI_NEAR_KEYS members and not below WI_NEAR_DEPTH
 * (records as people make them), are checked while the message is walked:
 * each key leaves a 16-bit tag on the stack and is compared with the tags
 * before it in its map, and byte by byte only where the tags agree.
 *
 * Far maps are checked afterwards, all together, by walks of their own.  A
 * walk puts the keys whose hash lies in one range into a table: on the stack,
 * or in room that the caller has to spare, as behind the msgpack that he
 * writes.  There are as many ranges as the table needs.  For n far keys on the
 * stack that is n / 3072 + 1 walks over the message: one walk up to 3000
 * keys, 33 for 100 000 (about 50 ms), so the worst case is still
 * quadratic, but with a constant that message sizes do not reach.  The hash
 * is seeded by where the stack lies, so a stranger cannot aim keys at a
 * range; if one fills up all the same, the walks start over with another
 * seed, and after WI_KEY_SEEDS of them the message is refused.
 */
#ifndef WI_CODEC_KEYS_H
#define WI_CODEC_KEYS_H

#include "base/bytes.h"
#include "codec/walk.h"

#define WI_NEAR_KEYS  32
#define WI_NEAR_DEPTH 16
#define WI_KEY_SEEDS  8

/* wi_key_near - is a map of @cnt members in @depth containers a near one? */
static inline int
wi_key_near(uint32_t cnt, unsigned depth)
{
	return cnt <= WI_NEAR_KEYS && depth < WI_NEAR_DEPTH;
}

/* wi_key_tag - 16 bits that equal keys share and others seldom. */
static inline uint16_t
wi_key_tag(const uint8_t *p, uint32_t len)
{
	uint64_t w = 0;

	if (len >= 4)
		w = (uint64_t)wi_word32(p) << 32 | wi_word32(p + len - 4);
	else if (len > 0)
		w = (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 |
		    p[len - 1];
	return (uint16_t)((w ^ len) * 0x9e3779b97f4a7c15u >> 48);
}

static inline uint64_t
wi_fold(uint64_t a, uint64_t b)
{
	wi_u128 m = (wi_u128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* wi_key_hash - 64 bits of @len bytes; other bits for another @seed. */
static inline uint64_t
wi_key_hash(const uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t h = seed, w = (uint64_t)len << 56;

	for (; len >= 8; len -= 8, p += 8)
		h = wi_fold(h ^ wi_word64(p), 0xa0761d6478bd642fu);
	for (size_t i = 0; i < len; i++)
		w |= (uint64_t)p[i] << (8 * i);
	h = wi_fold(h ^ w, 0xe7037ed1a0b428dbu);
	return wi_fold(h ^ seed, 0x8ebc6af09c88c6e3u);
}

/* wi_key_seed - a number that a stranger cannot know; @salt for another. */
static inline uint64_t
wi_key_seed(const void *here, uint64_t salt)
{
	return wi_fold((uint64_t)(uintptr_t)here ^ 0x589965cc75374cc3u,
		       (salt * 2 + 1) * 0x1d8e4e27c47d124fu);
}

/* Where the second of two equal keys stands. */
struct wi_key_dup {
	const uint8_t *key; /* its head */
	uint64_t idx;	    /* how many keys stand before it in the message */
};

/* Memory that nobody needs for the moment. */
struct wi_room {
	uint8_t *ptr;
	size_t len;
};

/* wi_keys_far - find equal keys in the @cnt keys of the far maps.
 * @msg is well-formed but for that.  @room: may be NULL.
 * Return: 0 (none), 1 with *@dup, or -1: every seed had too many keys in
 * one range.  In this last case *@dup is untouched. */
int wi_keys_far(const uint8_t *msg, const uint8_t *end, uint64_t cnt,
		const struct wi_room *room, struct wi_key_dup *dup);

/* wi_check - wi_wellformed() for JSON's sake: for a key that is there twice
 * *@dup says where; else dup->key is NULL.  @room: may be NULL. */
int wi_check(const uint8_t *msg, size_t len, const struct wi_room *room,
	     weir_diag *diag, struct wi_key_dup *dup);

#endif
