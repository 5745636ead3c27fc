/* SPDX-License-Identifier: BSD-2-Clause
 *
 * producer.c - a worker that publishes; workers.h
 */
#include "soak/workers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "soak/offer.h"

static uint8_t value[OFFER_MOST];

/* ---- the value of this id ------------------------------------------------ */

/* What the last one of this id has left: its last record, if it died inside
 * a call one of those that it was publishing. */
static void
check_will(struct offer *h)
{
	struct soak_will *w = h->will;
	uint64_t was = w->was, next = w->next, got = 0;
	struct soak_record r = {.who = 0};
	weir_record rec;
	int rc, ok;

	if (w->gen != h->gen) {
		w->was = w->next = 0;
		w->gen = h->gen;
		h->has_value = 0;
		return;
	}
	rc = weir_current(h->ch, soak_is_exclusive(h->plan) ? NULL : h->id,
			  value, sizeof(value), &rec);
	if (rc == WEIR_EREMOVED)
		return;
	if (rc == 0) {
		if (!soak_record_ok(rec.data, rec.len, &r))
			soak_offer_bad(h, "the value left behind is not whole",
				       rc, NULL);
		got = soak_pack(r.who, r.n);
	} else if (rc != -ENOENT) {
		soak_offer_bad(h, "the value left behind", rc, NULL);
	}
	ok = got == was || (!got && next == SOAK_CLEARS) ||
	     (got && next != SOAK_CLEARS && got >> 28 == next >> 28 &&
	      got <= next && (was >> 28 != got >> 28 || got > was));
	if (!ok)
		soak_fail(h->s,
			  "channel %s, generation %" PRIu64 ", producer %s: "
			  "its value is record %" PRIu64 " of life %" PRIu64
			  " (seq %" PRIu64 "); it left record %" PRIu64
			  " of life %" PRIu64 ", and was at %" PRIu64
			  " of life %" PRIu64,
			  h->plan->name, h->gen, h->id, r.n, r.who,
			  rc == 0 ? rec.seq : 0, was & 0xfffffff, was >> 28,
			  next & 0xfffffff, next >> 28);
	w->was = got;
	w->next = 0;
	h->has_value = got != 0;
}

/* It is what was published last, at once and for everybody. */
static void
check_value(struct offer *h)
{
	struct soak_record r;
	weir_record rec;
	int rc = weir_current(h->ch, h->id, value, sizeof(value), &rec);

	if (rc == WEIR_EREMOVED)
		return;
	if (rc != 0)
		soak_offer_bad(h, "own value", rc, NULL);
	if (!soak_record_ok(rec.data, rec.len, &r) || r.who != h->who ||
	    r.n != h->life->done)
		soak_offer_bad(h, "own value is another record, of seq",
			       (int64_t)rec.seq, NULL);
}

/* ---- open -----------------------------------------------------------------
 */

static void
open_offer(struct offer *h, weir_store *st)
{
	static const int64_t waits[] = {0, KIT_MS, 50 * KIT_MS, 2 * KIT_S, -1};
	struct soak *s = h->s;
	weir_producer_opts o = {.size = sizeof(o)};
	int64_t end = proc_now_ns() + 10 * KIT_S;
	weir_diag d = {.message = ""};
	int rc;

	if (soak_open(s, st, h->plan_idx, 1, &h->ch, &h->gen) != 0)
		return;
	h->trusted = rng_one_in(&s->rng, 4);
	o.flags = h->trusted ? WEIR_TRUSTED : 0;
	o.timeout_ns = h->timeout_ns = waits[rng_below(&s->rng, 5)];
	h->who = soak_born(s, h->plan_idx, h->gen);
	h->life = soak_life(s->t, h->who);
	h->last_seq = 0;
	/* an exclusive channel has one value, whoever published it */
	h->will = h->plan->strangers
		      ? NULL
		      : soak_will(s->t, h->gen,
				  soak_is_exclusive(h->plan) ? 0 : s->slot);
	soak_producer_id(h->id, h->plan, s->slot, h->who);
	for (;;) {
		rc = weir_producer_open(h->ch, h->id, &o, &h->p, &d);
		/* the one before us may not be quite dead */
		if (rc != WEIR_EINUSE || soak_is_exclusive(h->plan))
			break;
		if (proc_now_ns() > end)
			soak_offer_bad(h, "producer open", rc, &d);
		proc_nap_ms(1);
	}
	soak_event(s, "producer open", h->plan_idx, rc);
	if (rc == 0) {
		s->me->n.joins++;
		h->has_value = 0;
		if (h->will)
			check_will(h);
		return;
	}
	weir_channel_close(h->ch);
	h->ch = NULL;
	if (rc == WEIR_EREMOVED ||
	    (rc == WEIR_EINUSE && soak_is_exclusive(h->plan)) ||
	    (h->plan->strangers && (rc == WEIR_EFULL || rc == -EAGAIN)))
		return;
	soak_offer_bad(h, "producer open", rc, &d);
}

/* ---- the worker
 * --------------------------------------------------------------- */

static void
work(struct offer *h)
{
	soak_offer(h);
	if (h->ch && h->has_value && h->life->done &&
	    rng_one_in(&h->s->rng, 16))
		check_value(h);
}

void
soak_producer(struct soak *s)
{
	weir_store *st = soak_attach(s, 0);
	struct offer offers[3] = {{.s = NULL}};
	/* how hard it works: records in one go, and the rest after it */
	uint64_t burst = rng_one_in(&s->rng, 8) ? 400 : 24;
	unsigned rest = rng_one_in(&s->rng, 8) ? 200000 : 4000;

	for (uint32_t i = 0; i < 3; i++) {
		offers[i].s = s;
		offers[i].plan_idx = (s->slot * 3 + i * 5) % SOAK_PLANS;
		offers[i].plan = &soak_plans[offers[i].plan_idx];
	}
	while (st && !soak_over(s)) {
		struct offer *h = &offers[rng_below(&s->rng, 3)];

		if (!h->ch)
			open_offer(h, st);
		for (uint64_t n = rng_below(&s->rng, burst);
		     h->ch && n > 0 && !soak_over(s); n--)
			work(h);
		if (h->ch && rng_one_in(&s->rng, 200))
			soak_offer_close(h);
		kit_nap(&s->rng, rest);
	}
	if (rng_one_in(&s->rng, 2))
		for (int i = 0; i < 3; i++)
			if (offers[i].ch)
				soak_offer_close(&offers[i]);
	weir_store_close(st);
}
