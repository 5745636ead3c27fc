/* SPDX-License-Identifier: BSD-2-Clause
 *
 * claim.h - unique names in a table without a lock.
 *
 * Channels, producers' lanes and consumers' cells are entries of tables;
 * each begins with a struct wi_shm_tag.  Entries are freed and taken again,
 * so taking a free one with a compare-and-swap does not make a name unique:
 * two could be taken for the same name at once.  Therefore a name is claimed
 * in three steps:
 *
 *   1  FREE -> RESERVED, write the name, -> CLAIM
 *   2  look at all other entries:
 *        one that stands with the same name: withdraw, use that
 *        one that claims the same: push it back (CLAIM -> RESERVED)
 *   3  CLAIM -> LIVE; if somebody pushed us back: step 1 again
 *
 * Invariant.  No two entries stand with the same name.  Both would have been
 * in CLAIM when they looked (the steps are seq_cst), so the later to look saw
 * the other in CLAIM and pushed it back, or saw it standing and withdrew.
 *
 * The same steps make a channel's range of bytes its own: "same name" is then
 * "ranges overlap".
 *
 * Progress.  Somebody who pushes another back goes on himself unless he is
 * pushed back too; losers pause for longer each time.  A claimer that is
 * frozen or dead is pushed back like any other: nobody waits for it.
 *
 * Crash.  Up to step 3 the entry is RESERVED, BUILDING or in CLAIM, and whoever
 * needs it and finds its holder's lock free takes it back (store/).
 */
#ifndef WI_RING_CLAIM_H
#define WI_RING_CLAIM_H

#include "format/layout.h"

struct wi_table {
	uint8_t *base;
	size_t stride;
	uint32_t cnt;
};

static inline struct wi_shm_tag *
wi_tag(const struct wi_table *t, uint32_t i)
{
	return (struct wi_shm_tag *)(void *)(t->base + i * t->stride);
}

enum wi_clash {
	WI_CLASH_NONE = 0,
	WI_CLASH_STANDS = 1, /* it has what we want */
	WI_CLASH_CLAIMS = 2, /* it wants what we want */
};

/* How entry @i, whose word is @word, stands to what entry @self wants. */
typedef enum wi_clash wi_clash_fn(const struct wi_table *t, uint32_t i,
				  uint64_t word, uint32_t self, void *arg);

/* wi_name_clash - the wi_clash_fn of names. */
enum wi_clash wi_name_clash(const struct wi_table *t, uint32_t i, uint64_t word,
			    uint32_t self, void *arg);

#define WI_CLASHED 1

/* wi_claim - bring entry @self, which @who holds with *@word in state @home,
 * through @claim to @won.
 * Return: 0, *@word is what it is now; WI_CLASHED, *@other stands in the way
 * and the entry is back in @home; WEIR_ECORRUPT, the entry is no longer
 * ours; -EAGAIN, pushed back too often. */
int wi_claim(const struct wi_table *t, uint32_t self, uint64_t *word,
	     uint64_t who, enum wi_state home, enum wi_state claim,
	     enum wi_state won, wi_clash_fn *clash, void *arg, uint32_t *other);

/* wi_tag_set - write a name; the caller holds the entry in WI_RESERVED. */
void wi_tag_set(struct wi_shm_tag *tag, const char *text, size_t len);

/* wi_tag_is - does @tag hold this name?  Meaningful while its word is what
 * it was before. */
bool wi_tag_is(const struct wi_shm_tag *tag, uint64_t hash, const char *text,
	       size_t len);

/* wi_tag_text - copy the name of a tag to buf[133], NUL-terminated.
 * Return: false if its word was not @word before and after. */
bool wi_tag_text(const struct wi_shm_tag *tag, uint64_t word, char *buf);

#define WI_TAG_MAX  132 /* room */
#define WI_NAME_MAX 128 /* WEIR_ID_MAX, WEIR_CHANNEL_NAME_MAX */

/* wi_find - the entry that stands with this name.
 * Return: its index and *@word; t->cnt if there is none. */
uint32_t wi_find(const struct wi_table *t, const char *text, size_t len,
		 uint64_t *word);

#endif
