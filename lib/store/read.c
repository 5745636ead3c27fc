/* SPDX-License-Identifier: BSD-2-Clause
 *
 * read.c - records on their way out.
 *
 * First the values that were current when the consumer started, then the
 * stream.  Records are copied to the consumer's buffer and checked for having
 * been overwritten meanwhile (ring/ring.h), so what a caller sees is whole.
 * What is skipped is counted, exactly, in the next record's `lost`.
 */
#include "store/internal.h"

#include <errno.h>

/* How one record came. */
enum got {
	GOT_RECORD,  /* out is filled */
	GOT_NOTHING, /* not there yet */
	GOT_AGAIN,   /* skipped something: look again */
	GOT_FULL,    /* no room for it in this read */
	GOT_ERROR,
};

int
wi_consumer_ended(const struct weir_consumer *c)
{
	int rc = wi_channel_ok(c->ch);

	if (rc == 0 && c->cell &&
	    wi_load_relaxed(&c->cell->tag.word) != c->word)
		rc = WEIR_EREVOKED;
	return rc;
}

/* A record is taken apart in registers, 414 -> 347 instructions from the look
 * to the return, as long as its description's address stays in this file: so
 * who must have it gets a copy. */
static const char *
id_text_new(struct weir_consumer *c, struct wi_rec rec)
{
	struct wi_id *id = &c->ids[rec.lane_idx * 2];
	struct wi_id *old = id[0].turn <= id[1].turn ? &id[0] : &id[1];

	if (old->turn == c->turn)
		return NULL;
	old->turn = c->turn;
	wi_id_text(c->ch, &rec, old->text);
	/* "~hash" may become a name when its lane settles down */
	old->hash = old->text[0] == '~' ? 0 : rec.id_hash;
	return old->text;
}

/* The text of a record's id, the consumer's until its next read.  NULL: both
 * places for this lane are in use by this very read. */
wi_inline const char *
id_text(struct weir_consumer *c, const struct wi_rec *rec)
{
	struct wi_id *id = &c->ids[rec->lane_idx * 2];

	for (int i = 0; i < 2; i++) {
		if (id[i].hash == rec->id_hash) {
			id[i].turn = c->turn;
			return id[i].text;
		}
	}
	return id_text_new(c, *rec);
}

/* May this record be seen?  The payload is private. */
wi_inline bool
passes(struct weir_consumer *c, const struct wi_rec *rec)
{
	if (wi_likely(!c->check) || rec->kind != WEIR_DATA)
		return true;
	if (weir_schema_check(c->schema, rec->data, rec->len, &c->diag) == 0)
		return true;
	c->diag_seq = rec->seq;
	c->invalid_cnt++;
	return false;
}

/* Hand over what is in @rec. */
wi_inline enum got
deliver(struct weir_consumer *c, const struct wi_rec *rec, weir_record *out,
	uint32_t flags)
{
	wi_rec_tell(rec, out);
	out->producer = id_text(c, rec);
	if (wi_unlikely(!out->producer))
		return GOT_FULL;
	WI_PROBE4(deliver, c->names.channel, c->names.id, rec->seq, rec->len);
	out->flags = flags;
	out->lost = c->lost;
	out->data = rec->kind == WEIR_DATA ? rec->data : NULL;
	c->lost = 0;
	c->delivered_cnt++;
	c->tell_none = false;
	if (rec->kind == WEIR_DATA)
		c->current = rec->seq;
	return GOT_RECORD;
}

/* Copy the next record to the buffer, or leave it in place. */
wi_inline void *
room(struct weir_consumer *c, bool in_place, size_t *cap)
{
	*cap = in_place ? 0 : c->buf_len - c->used;
	return in_place ? NULL : c->buf + c->used;
}

wi_inline void
use_room(struct weir_consumer *c, const struct wi_rec *rec)
{
	c->used += (rec->len + 7) & ~(size_t)7;
	if (c->used > c->buf_len)
		c->used = c->buf_len;
}

static enum got
read_value(struct weir_consumer *c, weir_record *out)
{
	const struct wi_ring *r = &c->ch->ring;
	const struct wi_pend *p = &c->pend[c->pend_from];
	struct wi_rec rec = {.len = 0};
	enum wi_read got;
	enum got rc;
	size_t cap;
	void *buf = room(c, false, &cap);

	rec.seq = p->seq;
	got = p->in_slot
		  ? wi_ring_read(r, p->seq, &rec, buf, cap)
		  : wi_lane_read(r, p->lane_idx, p->position, &rec, buf, cap);
	if (got == WI_READ_SHORT && c->used)
		return GOT_FULL;
	/* superseded: the stream brings what is newer */
	if (got != WI_READ_OK || rec.kind != WEIR_DATA || !passes(c, &rec)) {
		c->pend_from++;
		return GOT_AGAIN;
	}
	rec.seq = p->seq;
	rc = deliver(c, &rec, out, WEIR_CURRENT);
	if (rc == GOT_RECORD) {
		c->pend_from++;
		use_room(c, &rec);
	}
	return rc;
}

/* The records from the next one up to @to will not be delivered.  Those that
 * were not asked for are not lost. */
static void
lose(struct weir_consumer *c, uint64_t to)
{
	uint64_t from = c->next > c->skip_to ? c->next : c->skip_to;

	if (to > from) {
		c->lost += to - from;
		c->lost_cnt += to - from;
		WI_PROBE4(lose, c->names.channel, c->names.id, from, to - from);
	}
	c->next = to;
}

/* Overtaken: go on near the oldest that is kept. */
static enum got
lapped(struct weir_consumer *c)
{
	const struct wi_ring *r = &c->ch->ring;
	uint64_t n = r->g.slot_cnt, to;

	if (c->gating)
		return GOT_ERROR; /* producers waited for it, or it is revoked
				   */
	if (wi_newest(r, &c->newest) != 0)
		return GOT_ERROR;
	to = c->newest + 1 > n ? c->newest + 1 - n + n / 8 : 1;
	if (to <= c->next)
		to = c->next + 1;
	lose(c, to);
	return GOT_AGAIN;
}

/* After a clear: what is current now? */
static void
after_clear(struct weir_consumer *c, weir_record *out)
{
	const struct wi_ring *r = &c->ch->ring;
	struct wi_rec rec = {.len = 0};

	if (wi_value_current(r, out->seq, &rec, NULL, 0, c->scratch) !=
	    WI_VALUE) {
		c->current = 0;
		return;
	}
	out->current_seq = rec.seq;
	if (c->track_current && rec.seq != c->current) {
		c->pend_from = 0;
		c->pend_to = 1;
		c->pend[0] = (struct wi_pend){rec.seq, rec.position,
					      rec.lane_idx, false};
	}
}

wi_inline enum got
read_stream(struct weir_consumer *c, weir_record *out, bool in_place)
{
	struct wi_rec rec;
	size_t cap;
	void *buf = room(c, in_place, &cap);
	enum got rc;

	rec.len = c->last_len;
	switch (wi_ring_take(&c->ch->ring, c->next, &rec, buf, cap)) {
	case WI_READ_OK:
		break;
	case WI_READ_EMPTY:
		return GOT_NOTHING;
	case WI_READ_LAPPED:
		return lapped(c);
	case WI_READ_LOST:
		if (c->gating)
			return GOT_ERROR;
		lose(c, c->next + 1);
		return GOT_AGAIN;
	case WI_READ_SHORT:
		return c->used ? GOT_FULL : GOT_ERROR;
	default:
		return GOT_ERROR;
	}
	if (wi_unlikely(rec.seq < c->skip_to || !passes(c, &rec))) {
		c->next++;
		return GOT_AGAIN;
	}
	rc = deliver(c, &rec, out, 0);
	if (rc != GOT_RECORD)
		return rc;
	c->next++;
	c->last_len = rec.len;
	if (rec.seq > c->newest)
		c->newest = rec.seq;
	if (!in_place)
		use_room(c, &rec);
	if (wi_unlikely(rec.kind == WEIR_CLEAR))
		after_clear(c, out);
	return GOT_RECORD;
}

/* Up to @cnt records, without waiting; 0: nothing. */
wi_inline int
read_some(struct weir_consumer *c, weir_record *recs, int cnt, bool in_place)
{
	/* GOT_AGAIN always goes on to a later record; this bounds what a
	 * producer that is faster than us can make of it. */
	uint64_t slots = c->ch->ring.g.slot_cnt, quarter = slots / 4;
	uint64_t budget = 4 * slots + (uint64_t)cnt;
	uint64_t known = wi_load_relaxed(&c->ch->ring.ch->tail_seq);
	int n = 0;

	c->turn++;
	c->used = 0;
	while (n < cnt && budget--) {
		enum got got;

		wi_ring_ahead(&c->ch->ring, c->next, known, c->last_len);

		if (wi_unlikely(c->pend_from < c->pend_to))
			got = read_value(c, &recs[n]);
		else
			got = read_stream(c, &recs[n], in_place);
		if (wi_likely(got == GOT_RECORD)) {
			if (in_place && !c->in_view &&
			    !(recs[n].flags & WEIR_CURRENT))
				c->in_view = recs[n].seq;
			n++;
			if (c->gating && !in_place &&
			    c->next - c->published > quarter)
				wi_cursor_publish(c);
			continue;
		}
		if (got == GOT_AGAIN)
			continue;
		if (got == GOT_ERROR && n == 0) {
			int rc;

			wi_fence_acquire(); /* G8 */
			rc = wi_consumer_ended(c);
			return rc ? rc : WEIR_ECORRUPT;
		}
		break;
	}
	if (c->cell &&
	    (n == 0 || c->gating || c->next - c->published > quarter))
		wi_cursor_publish(c);
	/* An observer holds nothing: what it copied counts only if the
	 * channel was there all the time. */
	if (wi_unlikely(c->ch->st->read_only) && n > 0) {
		wi_fence_acquire(); /* H2 */
		if (wi_consumer_ended(c) == WEIR_EREMOVED)
			return WEIR_EREMOVED;
	}
	return n;
}

bool
wi_has_news(const struct weir_consumer *c)
{
	/* that it has ended comes first: an observer holds nothing, and must
	 * not touch the memory of a channel that has gone */
	return c->pend_from < c->pend_to || wi_consumer_ended(c) != 0 ||
	       wi_load_acquire(&wi_slot(&c->ch->ring, c->next)->commit.seq) >=
		   2 * c->next ||
	       wi_load_relaxed_32(&c->interrupted) != 0;
}

/* Is there a record to read, or a value? */
wi_inline bool
is_ready(const struct weir_consumer *c)
{
	const struct wi_shm_slot *slot = wi_slot(&c->ch->ring, c->next);

	wi_prefetch_slot(&c->ch->ring, slot, c->last_len);
	return wi_load_relaxed(&slot->commit.seq) >= 2 * c->next ||
	       c->pend_from < c->pend_to;
}

/* Found nothing: look again at once, or let the producer get ahead?
 *
 * A reader in lock step with a stream costs the producer a transfer of the
 * slot's line per record: 0.11 of a bare ring instead of 0.7.  So one that
 * found two records or more since it last found nothing pauses before it
 * looks again, though never for longer than a quarter of the ring takes to
 * fill.  One that finds single records, as in a round trip, looks a few times
 * at once: that is quicker than coming back through the caller. */
#define PACE_MOST 256

/* Lock step shows as single records, too, and does not end by itself.  So now
 * and then, ever more seldom, a reader of single records pauses once: in a
 * stream it then finds several. */
#define PACE_TRY    32
#define DOUBT_LEAST 63u
#define DOUBT_MOST  4095u

#define LOOKS 8

static bool
linger(struct weir_consumer *c)
{
	uint32_t most = c->ch->ring.g.slot_cnt / 4;

	if (c->run >= 2) {
		c->pace = most < PACE_MOST ? most : PACE_MOST;
		c->doubt = DOUBT_LEAST;
	} else if ((c->pace /= 2) == 0 && c->run == 1 &&
		   (++c->singles & c->doubt) == 0) {
		c->pace = most < PACE_TRY ? most : PACE_TRY;
		if (c->doubt < DOUBT_MOST)
			c->doubt = 2 * c->doubt + 1;
	}
	c->run = 0;
	for (uint32_t i = 0; i < c->pace; i++)
		wi_pause();
	for (int i = 0; i < LOOKS; i++) {
		wi_pause();
		if (is_ready(c))
			return true;
	}
	return false;
}

bool
wi_is_missing(const struct weir_consumer *c)
{
	const struct wi_ring *r = &c->ch->ring;
	uint64_t tail = wi_load_acquire(&r->ch->tail_seq); /* T1 */

	return (int64_t)(tail - c->next) >= 0 &&
	       wi_load_relaxed(&wi_slot(r, c->next)->commit.seq) < 2 * c->next;
}

/* So often one that has ended looks whether it has read all. */
#define LAST_LOOKS 64

/* There was nothing, for the @turn-th time: what is the answer?  0: look
 * again. */
static int
nothing(weir_consumer *c, int64_t timeout_ns, int64_t *deadline, uint32_t turn)
{
	int rc = wi_consumer_ended(c);

	wi_cursor_publish(c);
	if (rc != 0) {
		wi_fence_acquire(); /* H3 */
		/* all that was published before it ended comes first */
		return turn < LAST_LOOKS && !c->ch->st->read_only &&
			       rc != WEIR_EREVOKED && rc != WEIR_EFORKED &&
			       is_ready(c)
			   ? 0
			   : rc;
	}
	if (wi_load_relaxed_32(&c->interrupted)) {
		wi_store_relaxed_32(&c->interrupted, 0);
		return -EINTR;
	}
	/* who reads for himself is not told that there is no value */
	c->tell_none = false;
	if (c->watch) {
		wi_watch_rearm(c);
		if (is_ready(c)) /* it came before the re-arming */
			return 0;
	}
	if (wi_unlikely(wi_is_missing(c))) {
		/* an observer may have looked at another channel's words */
		wi_fence_acquire(); /* H2 */
		rc = wi_consumer_ended(c);
		return rc ? rc : WEIR_ECORRUPT;
	}
	return wi_await(&c, 1, timeout_ns, deadline);
}

/* The look comes before everything else, so that what is behind it is only
 * ever run when there is something: a processor that has learnt from a
 * hundred empty looks that nothing comes would guess wrong at each of its
 * branches when it does. */
wi_inline int
read_or_wait(weir_consumer *c, weir_record *recs, int cnt, int64_t timeout_ns,
	     bool in_place)
{
	int64_t deadline = 0;
	uint32_t turn = 0;
	int rc, n;

	wi_thread_looks++;
	if (c->gating)
		wi_store_relaxed(&c->reader, wi_thread_self());
	for (;;) {
		if (wi_unlikely(c->ch->st->read_only)) {
			rc = wi_consumer_ended(c);
			if (rc == WEIR_EREMOVED)
				return rc;
		}
		if (is_ready(c) || linger(c)) {
			n = read_some(c, recs, cnt, in_place);
			if (wi_likely(n != 0)) {
				c->run += n > 0 ? (uint32_t)n : 0;
				return n;
			}
		}
		rc = nothing(c, timeout_ns, &deadline, turn++);
		if (rc != 0)
			return rc;
	}
}

int
weir_read(weir_consumer *c, weir_record *recs, int cnt, int64_t timeout_ns)
{
	if (wi_unlikely(!c || !recs || cnt < 1))
		return -EINVAL;
	if (wi_unlikely(wi_mine(c->ch->st) != 0))
		return WEIR_EFORKED;
	if (wi_unlikely(c->in_view))
		return -EBUSY;
	return read_or_wait(c, recs, cnt, timeout_ns, false);
}

int
weir_view(weir_consumer *c, weir_record *recs, int cnt, int64_t timeout_ns)
{
	if (!c || !recs || cnt < 1)
		return -EINVAL;
	if (wi_mine(c->ch->st) != 0)
		return WEIR_EFORKED;
	if (!c->gating)
		return -ENOTSUP;
	return read_or_wait(c, recs, cnt, timeout_ns, true);
}

int
weir_release(weir_consumer *c, uint64_t seq)
{
	int rc;

	if (!c)
		return -EINVAL;
	if (wi_mine(c->ch->st) != 0)
		return WEIR_EFORKED;
	if (seq && seq < c->start)
		return 0; /* a value from before the stream: a copy */
	if (!c->in_view || seq < c->in_view || seq >= c->next)
		return -EINVAL;
	rc = wi_consumer_ended(c);
	c->in_view = seq + 1 < c->next ? seq + 1 : 0;
	if (rc == 0)
		wi_cursor_publish(c);
	return rc == WEIR_EREVOKED ? rc : 0;
}
