/* SPDX-License-Identifier: BSD-2-Clause
 *
 * current.c - the current value, without a consumer.
 */
#include "store/internal.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

/* What is superseded was so by a record that is newer and that the next look
 * finds: one more look would do. */
#define STILL_MOST 8

/* The value of one producer as of @t. */
static enum wi_value
value_of_id(struct weir_channel *ch, const char *id, uint64_t t,
	    struct wi_rec *rec, void *buf, size_t cap)
{
	uint64_t hash = wi_hash(id, strlen(id)), word;
	enum wi_value v;
	uint32_t idx;

	if (wi_is_exclusive(&ch->ring)) {
		/* Perhaps an earlier holder's, who has no lane any more; nor
		 * has his name a place while the lane changes hands, or if
		 * who takes it dies over it.  The record has its hash. */
		v = wi_value_current(&ch->ring, t, rec, buf, cap, NULL);
		if ((v == WI_VALUE || v == WI_VALUE_SHORT) &&
		    !wi_hash_fits(hash, rec))
			v = WI_VALUE_NONE;
		return v;
	}
	idx = wi_find(&ch->lanes, id, strlen(id), &word);
	if (idx == ch->lanes.cnt)
		return WI_VALUE_NONE;
	if (wi_values_find(&ch->ring, t, ch->scratch) != 0)
		return WI_VALUE_DAMAGED;
	v = wi_value_of(&ch->ring, idx, ch->scratch[idx], rec, buf, cap);
	/* the lane may have changed hands since it was found */
	if ((v == WI_VALUE || v == WI_VALUE_SHORT) && rec->id_hash != hash)
		v = WI_VALUE_NONE;
	return v;
}

int
weir_current(weir_channel *ch, const char *producer_id, void *buf, size_t cap,
	     weir_record *out)
{
	char none;
	uint64_t t = 0, before = UINT64_MAX;
	int rc, still = 0;

	if (!ch || !out || (!buf && cap))
		return -EINVAL;
	if (producer_id &&
	    wi_id_check("id", producer_id, WEIR_ID_MAX, NULL) != 0)
		return -EINVAL;
	if (!buf)
		buf = &none;
	/* Superseded means that a newer one was published meanwhile. */
	for (int tries = 0; tries < 1000; tries++) {
		struct wi_rec rec = {.seq = 0};
		enum wi_value v;

		rc = wi_channel_ok(ch);
		if (rc != 0)
			return rc;
		if (wi_newest(&ch->ring, &t) != 0)
			return WEIR_ECORRUPT;
		still = t == before ? still + 1 : 0;
		before = t;
		v = producer_id
			? value_of_id(ch, producer_id, t, &rec, buf, cap)
			: wi_value_current(&ch->ring, t, &rec, buf, cap,
					   ch->scratch);
		switch (v) {
		case WI_VALUE:
		case WI_VALUE_SHORT:
			wi_id_text(ch, &rec, ch->id);
			/* an observer's bytes count only if the channel
			 * was there all the time */
			wi_fence_acquire(); /* H2 */
			rc = wi_channel_ok(ch);
			if (rc != 0)
				return rc;
			wi_rec_tell(&rec, out);
			out->producer = ch->id;
			out->flags = WEIR_CURRENT;
			out->data = v == WI_VALUE ? buf : NULL;
			out->current_seq = out->seq;
			return v == WI_VALUE ? 0 : -ENOBUFS;
		case WI_VALUE_NONE:
			rc = wi_channel_ok(ch);
			return rc ? rc : -ENOENT;
		case WI_VALUE_DAMAGED:
			rc = wi_channel_ok(ch);
			return rc ? rc : WEIR_ECORRUPT;
		default:
			/* by what, if nothing is newer? */
			if (still == STILL_MOST)
				return WEIR_ECORRUPT;
			wi_pause();
		}
	}
	return -EAGAIN;
}
