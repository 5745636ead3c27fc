/* SPDX-License-Identifier: BSD-2-Clause
 *
 * gc.c - give back at once what killed processes have left.
 *
 * Each thing is given back as its next user would take it, by one
 * compare-and-swap of its owner word, so nothing here is new to anybody:
 *
 *   row of holds       under the lock of a newcomer to the place
 *   channels           as by the next who makes or removes one
 *   places of consumers, with the marks of sleepers, as by the next consumer
 *   lanes              as by their holder's close
 *   stray memory       claimed like a channel, and punched out
 *   lock files         as by the next who creates a store of the name
 *
 * Order.  Rows before channels, so that the count of channels that somebody
 * holds is that of the living; channels before stray memory, which is what is
 * then left.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
participants(struct weir_store *st, bool dry_run, weir_gc_info *info)
{
	/* to look, we may have taken the very place */
	wi_mutex_lock(st->mutex);
	info->participants += st->inherited;
	if (!dry_run)
		st->inherited = false;
	wi_mutex_unlock(st->mutex);
	for (uint32_t i = 0; i < st->head.participant_cnt; i++) {
		uint64_t gen = wi_load_acquire(&st->participants[i].gen);
		uint32_t removed;
		int had = 1;

		if (wi_holds_of(st, i, &removed) == 0 ||
		    wi_life_of(st, wi_who(i, gen)) != WEIR_GONE)
			continue;
		if (!dry_run)
			had = wi_participant_reap(st, i);
		if (had < 0)
			return had;
		info->participants += (uint32_t)had;
	}
	return 0;
}

static bool
has_mark(const struct weir_channel *ch, uint32_t i)
{
	return wi_load_relaxed(&ch->ring.ch->sleepers[i / 64]) >> i % 64 & 1;
}

static void
consumers(struct weir_channel *ch, bool dry_run, weir_gc_info *info)
{
	uint64_t who = ch->st->who;

	for (uint32_t i = 0; i < ch->cells.cnt; i++) {
		uint64_t *own = &wi_tag(&ch->cells, i)->word;
		uint64_t word = wi_load_acquire(own);
		uint64_t held = wi_word_next(word, WI_RESERVED, who);
		bool is_free = wi_word_state(word) == WI_FREE;
		bool marked = has_mark(ch, i);

		if (is_free ? !marked : wi_life_of(ch->st, word) != WEIR_GONE)
			continue;
		if (!dry_run) {
			if (!wi_cas(own, word, held))
				continue;
			if (marked)
				wi_sleep_unmark(&ch->ring, i);
			wi_cell_reap(ch, i, held);
		}
		info->consumers += !is_free;
		info->marks += marked;
	}
}

static int
channels(struct weir_store *st, bool dry_run, weir_gc_info *info)
{
	char name[WI_TAG_MAX + 1];
	int rc = 0;

	for (uint32_t i = 0; rc != -ENOMEM && i < st->channels.cnt; i++) {
		const struct wi_shm_tag *tag = wi_tag(&st->channels, i);
		uint64_t word = wi_load_acquire(&tag->word);
		struct weir_channel ch;

		if (wi_word_state(word) != WI_LIVE ||
		    !wi_tag_text(tag, word, name) || !wi_hold(st, i, word))
			continue;
		/* what is damaged is left alone */
		rc = wi_channel_peek(st, i, word, name, &ch);
		if (rc == 0) {
			consumers(&ch, dry_run, info);
			wi_lanes_reap(&ch, dry_run, &info->producers,
				      &info->values);
		}
		free(ch.scratch);
		wi_unhold(st, i);
	}
	return rc == -ENOMEM ? rc : 0;
}

static int
memory(struct weir_store *st, bool dry_run, weir_gc_info *info)
{
	struct wi_reaped n;

	wi_blocks_reap(st, dry_run, &n);
	info->channels = n.cnt;
	info->channel_bytes = n.bytes;
	info->held = n.held;
	info->held_bytes = n.held_bytes;
	return wi_blocks_stray(st, dry_run, &info->stray_bytes);
}

int
weir_store_gc(weir_store *st, uint32_t flags, weir_gc_info *info,
	      weir_diag *diag)
{
	bool dry_run = flags & WEIR_DRY_RUN;
	const char *name;
	int rc;

	if (!st || !info || info->size < sizeof(*info) ||
	    (flags & ~WEIR_DRY_RUN))
		return wi_fail(diag, -EINVAL,
			       "an argument is NULL, info.size is not set, or "
			       "an unknown flag");
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	rc = wi_mine(st);
	if (rc == 0 && wi_is_retired(st))
		rc = WEIR_ERETIRED;
	if (rc == 0 && st->read_only && !dry_run)
		rc = -EROFS;
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	if (st->is_copy)
		return 0;
	rc = participants(st, dry_run, info);
	if (rc == 0)
		rc = channels(st, dry_run, info);
	if (rc == 0)
		rc = memory(st, dry_run, info);
	if (rc != 0)
		return wi_fail(diag, rc, "%s", weir_strerror(rc));
	name = (const char *)st->head.name;
	if (*st->dir && wi_segment_named(st, name, st->dir) == 0)
		info->lock_files =
		    wi_segment_sweep(st->dir, name, st->head.store_id, dry_run);
	return 0;
}
