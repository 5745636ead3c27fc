/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify.h - looking for what cannot be, beside those who work.
 *
 * A finding counts only if it was so at one time.  What is told by one word
 * is; for the rest, words are loaded in an order in which the difference that
 * is looked for cannot come from somebody's progress in between, or an owner
 * word is found unchanged afterwards.  What is found in a channel is kept
 * until the channel is seen to be there still.
 */
#ifndef WI_STORE_VERIFY_H
#define WI_STORE_VERIFY_H

#include "store/internal.h"

#define WI_TOLD_MOST 16u /* of each kind of place */
#define WI_ALONE     UINT32_MAX

struct wi_verify {
	struct weir_store *st;
	weir_damage_fn *fn;
	void *arg;
	int rc;		     /* of fn, or -ENOMEM: the end */
	int told;	     /* to fn */
	const char *channel; /* what it is about; "": the store */
	weir_damage *kept;   /* found, not told yet */
	uint32_t kept_cnt, kept_cap;
};

/* wi_found - keep one finding.  @at: where in the mapping, or NULL; @idx:
 * WI_ALONE, or the number of the place; @cnt: counts its kind. */
void wi_found(struct wi_verify *v, uint32_t *cnt, const void *at,
	      const char *place, uint32_t idx, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* wi_found_more - if there were more of a kind than were kept, how many. */
void wi_found_more(struct wi_verify *v, uint32_t cnt, const char *places);

/* wi_verify_tags - owners and names of a table's entries.
 * @states: bit s: state s may be there */
void wi_verify_tags(struct wi_verify *v, const struct wi_table *t,
		    const char *place, const char *places, uint32_t states);

/* wi_verify_channel - all in a channel that is held, or only looked at. */
void wi_verify_channel(struct wi_verify *v, struct weir_channel *ch);

#endif
