/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring/claim.h"

#include <errno.h>
#include <weir/error.h>

#include "base/hash.h"

void
wi_tag_set(struct wi_shm_tag *tag, const char *text, size_t len)
{
	uint8_t padded[WI_TAG_MAX] = {0};

	memcpy(padded, text, len);
	wi_store_relaxed(&tag->hash, wi_hash(text, len));
	wi_store_relaxed_32(&tag->len, (uint32_t)len);
	wi_copy_in(tag->text, padded, sizeof(padded));
}

bool
wi_tag_is(const struct wi_shm_tag *tag, uint64_t hash, const char *text,
	  size_t len)
{
	char have[WI_TAG_MAX];

	if (wi_load_relaxed(&tag->hash) != hash ||
	    wi_load_relaxed_32(&tag->len) != len || len > WI_TAG_MAX)
		return false;
	wi_copy_out(have, tag->text, sizeof(have));
	return memcmp(have, text, len) == 0;
}

bool
wi_tag_text(const struct wi_shm_tag *tag, uint64_t word, char *buf)
{
	uint32_t len = wi_load_relaxed_32(&tag->len);

	if (len > WI_NAME_MAX)
		len = 0; /* damaged */
	wi_copy_out(buf, tag->text, WI_TAG_MAX);
	buf[len] = 0;
	wi_fence_acquire();
	return wi_load_relaxed(&tag->word) == word;
}

uint32_t
wi_find(const struct wi_table *t, const char *text, size_t len, uint64_t *word)
{
	uint64_t hash = wi_hash(text, len);
	uint32_t moved = 0;

	for (uint32_t i = 0; i < t->cnt; i++) {
		const struct wi_shm_tag *tag = wi_tag(t, i);
		uint64_t w = wi_load_acquire(&tag->word);
		enum wi_state st = wi_word_state(w);

		if (!WI_STANDS(st) || !wi_tag_is(tag, hash, text, len))
			continue;
		wi_fence_acquire();
		if (wi_load_relaxed(&tag->word) != w) {
			/* it moved while we looked: look again, but not for
			 * ever at one that never stands still */
			if (moved++ < 1000)
				i--;
			continue;
		}
		*word = w;
		return i;
	}
	return t->cnt;
}

enum wi_clash
wi_name_clash(const struct wi_table *t, uint32_t i, uint64_t word,
	      uint32_t self, void *arg)
{
	const struct wi_shm_tag *mine = wi_tag(t, self);
	enum wi_state st = wi_word_state(word);

	(void)arg;
	if (!WI_STANDS(st) && st != WI_CLAIM_NAME)
		return WI_CLASH_NONE;
	if (!wi_tag_is(wi_tag(t, i), mine->hash, (const char *)mine->text,
		       mine->len))
		return WI_CLASH_NONE;
	return st == WI_CLAIM_NAME ? WI_CLASH_CLAIMS : WI_CLASH_STANDS;
}

/* Look at all others.  Return: 0 the way is free, WI_CLASHED, -EAGAIN. */
static int
look_around(const struct wi_table *t, uint32_t self, enum wi_state home,
	    wi_clash_fn *clash, void *arg, uint32_t *other)
{
	for (uint32_t i = 0; i < t->cnt; i++) {
		struct wi_shm_tag *tag = wi_tag(t, i);
		uint32_t looks = 0;
		enum wi_clash c;
		uint64_t w;

		if (i == self)
			continue;
		do {
			if (looks++ == 100000)
				return -EAGAIN; /* never stands still */
			w = wi_load_acquire(&tag->word);
			c = clash(t, i, w, self, arg);
			wi_fence_acquire();
		} while (wi_load_relaxed(&tag->word) != w ||
			 (c == WI_CLASH_CLAIMS &&
			  !wi_cas(&tag->word, w,
				  wi_word_next(w, home, w & WI_WHO_MASK))));
		if (c == WI_CLASH_STANDS) {
			*other = i;
			return WI_CLASHED;
		}
	}
	return 0;
}

int
wi_claim(const struct wi_table *t, uint32_t self, uint64_t *word, uint64_t who,
	 enum wi_state home, enum wi_state claim, enum wi_state won,
	 wi_clash_fn *clash, void *arg, uint32_t *other)
{
	uint64_t *own = &wi_tag(t, self)->word;

	for (uint32_t tries = 1; tries <= 1000; tries++) {
		uint64_t claimed = wi_word_next(*word, claim, who), next;
		int rc;

		if (!wi_cas(own, *word, claimed))
			return WEIR_ECORRUPT;
		rc = look_around(t, self, home, clash, arg, other);
		next = wi_word_next(claimed, rc ? home : won, who);
		if (wi_cas(own, claimed, next)) {
			*word = next;
			return rc;
		}
		/* Pushed back.  Different entries pause differently, and all
		 * longer each time. */
		*word = wi_load_acquire(own);
		if (wi_word_state(*word) != home ||
		    (*word & WI_WHO_MASK) != who)
			return WEIR_ECORRUPT;
		if (rc != 0)
			return rc;
		for (uint32_t n = tries * (self % 7 + 1) * 8; n; n--)
			wi_pause();
	}
	return -EAGAIN;
}
