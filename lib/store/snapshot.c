/* SPDX-License-Identifier: BSD-2-Clause
 *
 * snapshot.c - a copy of a store, beside those who work.
 *
 * A copy in the order of the file would lie: a record's bytes that were
 * written over before they were copied, behind a slot that was copied before
 * and promises them.  So everything is copied in the order in which a reader
 * looks at it, and the copy says of a record what a reader would have found:
 * it is whole, or it is lost.
 *
 *   table of channels    each entry as it stood at one time
 *   each live channel    head, names; slots; settled, lane.last; bytes;
 *                        lane.reserved
 *   the rest             participants last: whoever is named is there
 *
 *   why so
 *   slots before settled  what has left the ring by then is in last, and
 *   and last              settled says so (L1, L2)
 *   all before bytes      what they promise is in the bytes (S1, E1) ...
 *   reserved after bytes  ... or voided by this word (S2)
 *   slots, each           seq, bytes, seq again (E2)
 *
 * A ring that is written meanwhile has to be without a gap in the copy, too:
 * see copy_round() and copy_order().
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/shm.h"

#define TRIES 64

struct snapshot {
	struct weir_store *st;
	int fd;
	uint8_t *table; /* the copy's table of channels */
};

static uint64_t
table_len(const struct weir_store *st)
{
	return (uint64_t)st->head.channel_cnt * sizeof(struct wi_shm_entry);
}

/* The bytes [off, off + len) as they are; what is a hole stays one.  The
 * kernel reads them: memory that goes away meanwhile is an error, not a
 * signal. */
static int
copy_raw(const struct snapshot *s, uint64_t off, uint64_t len)
{
	uint64_t end = off + len, at = off, piece;
	int rc = 0;

	if (!wi_shm_is(s->st->data_fd, &s->st->data_id))
		return -EBADF;
	while (rc == 0 &&
	       wi_shm_data(s->st->data_fd, at, end, &at, &piece) == 1) {
		rc = wi_shm_write(s->fd, s->st->base + at, piece, at);
		at += piece;
	}
	return rc;
}

/* ---- a channel --------------------------------------------------------------
 */

/* Slot @t mod N into @to; one that changes all the time as "being written". */
static void
copy_slot(const struct wi_ring *r, uint64_t t, struct wi_shm_slot *to)
{
	const struct wi_shm_slot *from = wi_slot(r, t);
	uint64_t seq = 0;

	if (!wi_is_exclusive(r)) {
		if (!wi_pair_look(&from->commit, &to->commit))
			to->commit = (struct wi_pair){0, 0};
		return;
	}
	for (int i = 0; i < TRIES; i++) {
		seq = wi_load_acquire(&from->commit.seq); /* E1 */
		wi_copy_out(to, from, r->g.slot_len);
		wi_fence_acquire(); /* E2 */
		if (wi_load_relaxed(&from->commit.seq) == seq)
			break;
		seq |= 1;
	}
	to->commit.seq = seq;
}

/* The number of the newest record that a slot proves to be committed: 2t and
 * 2t + 1 both say t. */
static uint64_t
proves(const struct wi_shm_slot *s)
{
	return s->commit.seq >> 1;
}

static struct wi_shm_slot *
in_copy(const struct wi_ring *r, uint8_t *slots, uint64_t t)
{
	return (struct wi_shm_slot *)(void *)(slots +
					      (t & r->mask) * r->g.slot_len);
}

/* All slots at one go, the oldest first.  Of what comes meanwhile some may be
 * caught, and some before it not; those are there by then, and are copied
 * once more.
 * @io: the newest record, before; then the newest that the copy has
 * Return: false, a slot was used again in between: there is a gap. */
static bool
copy_round(const struct wi_ring *r, uint8_t *slots, uint64_t *io)
{
	uint64_t newest = *io, most = newest;

	for (uint64_t t = newest + 1; t <= newest + r->g.slot_cnt; t++) {
		struct wi_shm_slot *to = in_copy(r, slots, t);

		copy_slot(r, t, to);
		if (proves(to) > most)
			most = proves(to);
	}
	*io = most;
	for (uint64_t t = newest + 1; t <= most; t++) {
		struct wi_shm_slot *to = in_copy(r, slots, t);

		if (to->commit.seq < 2 * t)
			copy_slot(r, t, to);
		if (to->commit.seq != 2 * t && most - t < r->g.slot_cnt)
			return false;
	}
	return true;
}

/* What leaves the ring while it is copied: all that must fit together. */
struct order {
	uint8_t *slots;
	struct wi_pair *last; /* of each lane */
	uint64_t settled;
	uint64_t newest; /* before a round; then in the copy */
};

/* Return: false, some of it is of a later lap of the ring than the rest. */
static bool
copy_order(const struct wi_ring *r, struct order *o)
{
	bool fits = copy_round(r, o->slots, &o->newest);

	o->settled = wi_load_acquire(&r->ch->settled_seq); /* L2 */
	fits &= o->settled <= o->newest;
	for (uint32_t i = 0; i < r->g.lane_cnt; i++) {
		if (!wi_pair_look(&r->lanes[i].last, &o->last[i]))
			return false;
		fits &= o->last[i].seq <= o->newest;
	}
	return fits;
}

static uint64_t
lane_at(const struct weir_channel *ch, uint32_t i, size_t field)
{
	return ch->off + ch->ring.g.lanes_off + i * sizeof(struct wi_shm_lane) +
	       field;
}

static int
write_order(const struct snapshot *s, const struct weir_channel *ch,
	    const struct order *o)
{
	const struct wi_geom *g = &ch->ring.g;
	int rc =
	    wi_shm_write(s->fd, o->slots, (uint64_t)g->slot_cnt * g->slot_len,
			 ch->off + g->slots_off);

	if (rc == 0)
		rc = wi_shm_write(
		    s->fd, &o->settled, sizeof(o->settled),
		    ch->off + offsetof(struct wi_shm_channel, settled_seq));
	for (uint32_t i = 0; rc == 0 && i < g->lane_cnt; i++)
		rc = wi_shm_write(
		    s->fd, &o->last[i], sizeof(o->last[i]),
		    lane_at(ch, i, offsetof(struct wi_shm_lane, last)));
	return rc;
}

/* One that is damaged is copied as it is.  So is one that is filled again and
 * again faster than it is copied: readers find the gap, and end there. */
static int
copy_ring(const struct snapshot *s, const struct weir_channel *ch)
{
	const struct wi_ring *r = &ch->ring;
	uint64_t len = (uint64_t)r->g.slot_cnt * r->g.slot_len;
	struct order o = {.slots = calloc(1, len),
			  .last = calloc(r->g.lane_cnt, sizeof(*o.last))};
	bool is_damaged = false;
	int rc = o.slots && o.last ? 0 : -ENOMEM;

	for (int i = 0; rc == 0 && i < TRIES; i++) {
		is_damaged = wi_newest(r, &o.newest) != 0;
		if (is_damaged || copy_order(r, &o))
			break;
	}
	if (rc == 0)
		rc = is_damaged ? copy_raw(s, ch->off + r->g.slots_off, len)
				: write_order(s, ch, &o);
	free(o.slots);
	free(o.last);
	return rc;
}

static int
copy_reserved(const struct snapshot *s, const struct weir_channel *ch)
{
	uint64_t word;
	int rc = 0;

	wi_fence_acquire(); /* S2 */
	for (uint32_t i = 0; rc == 0 && i < ch->ring.g.lane_cnt; i++) {
		word = wi_load_relaxed(&ch->ring.lanes[i].reserved);
		rc = wi_shm_write(
		    s->fd, &word, sizeof(word),
		    lane_at(ch, i, offsetof(struct wi_shm_lane, reserved)));
	}
	return rc;
}

static int
copy_channel(const struct snapshot *s, const struct weir_channel *ch,
	     uint64_t len)
{
	const struct wi_geom *g = &ch->ring.g;
	int rc = copy_raw(s, ch->off, g->slots_off);

	if (rc == 0)
		rc = copy_ring(s, ch);
	if (rc == 0)
		rc = copy_raw(s, ch->off + g->bytes_off, len - g->bytes_off);
	if (rc == 0)
		rc = copy_reserved(s, ch);
	return rc;
}

/* ---- the store
 * ----------------------------------------------------------------- */

static struct wi_shm_entry *
entry_in_copy(const struct snapshot *s, uint32_t i)
{
	return (struct wi_shm_entry *)(void *)s->table + i;
}

/* Each entry as it stood at one time, or as one that is free. */
static void
copy_table(const struct snapshot *s)
{
	for (uint32_t i = 0; i < s->st->head.channel_cnt; i++) {
		const struct wi_shm_entry *from = wi_entry(s->st, i);
		struct wi_shm_entry *to = entry_in_copy(s, i);
		uint64_t word = wi_load_acquire(&from->tag.word);

		wi_copy_out(to, from, sizeof(*to));
		wi_fence_acquire();
		to->tag.word = word;
		if (wi_load_relaxed(&from->tag.word) != word)
			memset(to, 0, sizeof(*to));
	}
}

/* Is this a range that a block can have? */
static bool
is_sane(const struct weir_store *st, const struct wi_shm_entry *e)
{
	return e->off >= st->head.heap_off && e->off % WI_PAGE == 0 &&
	       e->off <= st->head.seg_len &&
	       e->len <= st->head.seg_len - e->off;
}

/* The block behind an entry: in order if it is a channel's, else as it is,
 * half made or damaged. */
static int
copy_block(const struct snapshot *s, uint32_t i)
{
	struct wi_shm_entry *e = entry_in_copy(s, i);
	char name[WI_TAG_MAX + 1];
	struct weir_channel *ch = NULL;
	int rc = -ENOENT;

	if (wi_word_state(e->tag.word) < WI_BUILDING || !is_sane(s->st, e))
		return 0;
	if (wi_word_state(e->tag.word) == WI_LIVE && e->tag.len <= WI_TAG_MAX) {
		wi_copy(name, sizeof(name), (const char *)e->tag.text,
			e->tag.len);
		rc = weir_channel_open(s->st, name, NULL, &ch, NULL);
	}
	if (rc == 0 && ch->idx == i && ch->word == e->tag.word)
		rc = copy_channel(s, ch, e->len);
	else if (rc != -ENOMEM)
		rc = copy_raw(s, e->off, e->len);
	weir_channel_close(ch);
	/* removed, and its memory taken back or used again: not in the copy */
	if (wi_load_acquire(&wi_entry(s->st, i)->tag.word) != e->tag.word) {
		rc = rc == -EFAULT ? 0 : rc;
		wi_shm_punch(s->fd, e->off, e->len);
		memset(e, 0, sizeof(*e));
	}
	return rc;
}

int
weir_store_snapshot(weir_store *store, int fd, weir_diag *diag)
{
	struct snapshot s = {.st = store, .fd = fd};
	struct wi_file_info f;
	uint64_t channels, behind;
	int rc;

	if (!store)
		return wi_fail(diag, -EINVAL, "no store");
	if (wi_mine(store) != 0)
		return wi_fail(diag, WEIR_EFORKED, "%s",
			       weir_strerror(WEIR_EFORKED));
	rc = wi_shm_stat(fd, &f);
	if (rc != 0)
		return wi_fail(diag, rc, "cannot look at the file");
	if (!f.is_regular || f.len)
		return wi_fail(diag, -EINVAL,
			       "a copy is written to an empty regular file");
	s.table = malloc(table_len(store));
	if (!s.table)
		return wi_fail(diag, -ENOMEM, "no memory for a copy");
	copy_table(&s);
	channels = store->head.channels_off;
	behind = channels + table_len(store);
	rc = wi_shm_set_len(fd, store->head.seg_len);
	for (uint32_t i = 0; rc == 0 && i < store->head.channel_cnt; i++)
		rc = copy_block(&s, i);
	if (rc == 0)
		rc = wi_shm_write(fd, s.table, table_len(store), channels);
	if (rc == 0)
		rc = copy_raw(&s, behind, store->head.heap_off - behind);
	if (rc == 0)
		rc = copy_raw(&s, 0, channels);
	free(s.table);
	return rc == 0 ? 0 : wi_fail(diag, rc, "cannot write the copy");
}
