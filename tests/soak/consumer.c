/* SPDX-License-Identifier: BSD-2-Clause
 *
 * consumer.c - a worker that reads, in one of the ways that there are;
 * workers.h
 */
#include "soak/workers.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "soak/ledger.h"
#include "soak/plan.h"

#define RECS	 32
#define POLL_MS	 3000
#define STUCK_NS (2 * KIT_S)

enum style { READ, VIEW, HOP, WAIT, DISPATCH, POLL, STYLES };

struct hand {
	struct soak *s;
	uint32_t idx, plan_idx;
	const struct soak_plan *plan;
	weir_channel *ch; /* NULL: not open */
	weir_consumer *c;
	int gating;
	struct soak_ledger ledger;
};

struct reader {
	struct soak *s;
	weir_store *st;
	enum style style;
	int observer; /* 1: without a place; 2: with a read-only store */
	uint32_t cnt;
	int64_t asked_ns; /* dispatch: when the wait began */
};

/* Large, and one process has one set. */
static struct hand hands[SOAK_HANDS];
static weir_record recs[RECS];

static void
close_hand(struct hand *h)
{
	soak_ledger_close(&h->ledger, h->c);
	weir_consumer_close(h->c);
	weir_channel_close(h->ch);
	h->ch = NULL;
	soak_event(h->s, "consumer closed", h->plan_idx, 0);
}

static uint32_t
any_from(struct hand *h, uint64_t *at)
{
	uint64_t newest = soak_newest(h->s->t, h->ledger.gen);
	uint32_t from = (uint32_t)rng_below(&h->s->rng, 6);

	*at = 0;
	if (from < WEIR_FROM_SEQ)
		return from;
	if (from > WEIR_FROM_SEQ)
		return WEIR_FROM_CURRENT;
	/* around the newest, and out of reach now and then */
	*at = newest + rng_below(&h->s->rng, 10);
	*at -= rng_below(&h->s->rng, *at < 300 ? *at + 1 : 300);
	return from;
}

/* Take a place in the channel, which is open. */
static void
join(struct reader *r, struct hand *h, uint64_t gen)
{
	weir_consumer_opts o = {.size = sizeof(o)};
	int64_t end = proc_now_ns() + 10 * KIT_S;
	struct soak *s = r->s;
	weir_diag d = {.message = ""};
	char id[32];
	int rc;

	h->gating = soak_is_block(h->plan) && !r->observer &&
		    (r->style == VIEW || !rng_one_in(&s->rng, 4));
	o.flags = (h->gating ? WEIR_GATE : 0) |
		  (rng_one_in(&s->rng, 8) ? WEIR_CHECK : 0);
	o.spin_ns = (int64_t)rng_below(&s->rng, 3) - 1;
	snprintf(id, sizeof(id), "c%u.%u", s->slot, h->idx);
	soak_ledger_open(&h->ledger, s, h->idx, h->plan_idx, gen,
			 (uint32_t)h->gating);
	o.from = any_from(h, &o.seq);
	for (;;) {
		soak_ledger_before(&h->ledger, h->ch, o.from, o.seq);
		rc = weir_consumer_open(h->ch, r->observer ? NULL : id, &o,
					&h->c, &d);
		/* the one before us may not be quite dead */
		if (rc != WEIR_EINUSE || proc_now_ns() > end)
			break;
		proc_nap_ms(1);
	}
	soak_event(s, "consumer open", h->plan_idx, rc);
	if (rc == 0) {
		soak_ledger_after(&h->ledger, h->ch);
		return;
	}
	weir_channel_close(h->ch);
	h->ch = NULL;
	if (rc != WEIR_EREMOVED || !h->plan->removable)
		soak_fail(s, "channel %s: consumer %s open: %s: %s",
			  h->plan->name, id, weir_strerror(rc), d.message);
}

static void
open_hand(struct reader *r, struct hand *h)
{
	uint64_t gen;

	if (soak_open(r->s, r->st, h->plan_idx, r->observer < 2, &h->ch,
		      &gen) == 0)
		join(r, h, gen);
}

/* Nothing came: @rc says why. */
static void
none(struct reader *r, struct hand *h, uint64_t known, int rc)
{
	if (rc == WEIR_EREMOVED && h->plan->removable) {
		/* all that was published comes first, but to those who hold
		 * nothing */
		if (r->observer < 2)
			soak_ledger_none(&h->ledger, known, "removed");
		close_hand(h);
	} else if (rc == -EAGAIN) {
		soak_ledger_none(&h->ledger, known, "nothing to read");
	} else if (rc != -EINTR || !soak_over(r->s)) {
		soak_fail(r->s, "channel %s: read: %d %s", h->plan->name, rc,
			  weir_strerror(rc));
	}
}

static void
seek(struct hand *h)
{
	uint64_t at;
	uint32_t from = any_from(h, &at);
	int rc;

	soak_ledger_before(&h->ledger, h->ch, from, at);
	rc = weir_seek(h->c, (weir_from)from, at);
	soak_event(h->s, "seek", h->plan_idx, rc);
	if (rc == WEIR_EREMOVED && h->plan->removable) {
		close_hand(h);
		return;
	}
	if (rc != 0)
		soak_fail(h->s, "channel %s: seek: %d %s", h->plan->name, rc,
			  weir_strerror(rc));
	soak_ledger_after(&h->ledger, h->ch);
}

/* ---- ways of reading -------------------------------------------------------
 */

static int
any_cnt(struct soak *s)
{
	return rng_one_in(&s->rng, 2) ? 1 : (int)rng_range(&s->rng, 2, RECS);
}

static void
read_one(struct reader *r, struct hand *h, int64_t wait_ns, int64_t asked_ns)
{
	uint64_t known = soak_ledger_known(&h->ledger);
	int n = weir_read(h->c, recs, any_cnt(r->s), wait_ns);

	for (int i = 0; i < n; i++)
		soak_ledger_take(&h->ledger, &recs[i], i ? 0 : asked_ns);
	if (n < 0)
		none(r, h, known, n);
}

/* Give back the view of the first @n of recs, in one step or two.  Values are
 * no part of it. */
static void
release(struct reader *r, struct hand *h, int n)
{
	uint64_t seqs[RECS];
	int cnt = 0, some, rc;

	for (int i = 0; i < n; i++)
		if (!(recs[i].flags & WEIR_CURRENT))
			seqs[cnt++] = recs[i].seq;
	if (cnt == 0)
		return;
	some = (int)rng_below(&r->s->rng, (uint64_t)cnt);
	rc = weir_release(h->c, seqs[some]);
	if (rc == 0 && some != cnt - 1)
		rc = weir_release(h->c, seqs[cnt - 1]);
	if (rc != 0)
		soak_fail(r->s, "channel %s: release: %d", h->plan->name, rc);
}

/* What is in view stays as it is until it is given back. */
static void
view_one(struct reader *r, struct hand *h, int64_t wait_ns, int64_t asked_ns)
{
	uint64_t known = soak_ledger_known(&h->ledger);
	struct soak_record rec;
	int n = weir_view(h->c, recs, any_cnt(r->s), wait_ns);

	for (int i = 0; i < n; i++)
		soak_ledger_take(&h->ledger, &recs[i], i ? 0 : asked_ns);
	if (n < 0) {
		none(r, h, known, n);
		return;
	}
	if (rng_one_in(&r->s->rng, 20))
		kit_nap(&r->s->rng, 3000);
	for (int i = 0; i < n; i++)
		if (recs[i].kind == WEIR_DATA &&
		    (!soak_record_ok(recs[i].data, recs[i].len, &rec) ||
		     !soak_note(r->s->t, h->ledger.gen, recs[i].seq,
				soak_record_digest(recs[i].seq, &rec))))
			soak_fail(
			    r->s, "channel %s: seq %llu changed while in view",
			    h->plan->name, (unsigned long long)recs[i].seq);
	release(r, h, n);
}

/* Those that are open, for calls on many; which of them are they? */
static int
opened(weir_consumer **cs, struct hand **hs, uint32_t cnt)
{
	int n = 0;

	for (uint32_t i = 0; i < cnt; i++) {
		if (!hands[i].ch)
			continue;
		cs[n] = hands[i].c;
		hs[n++] = &hands[i];
	}
	return n;
}

static void
known_of(struct hand **hs, int n, uint64_t *known)
{
	for (int i = 0; i < n; i++)
		known[i] = soak_ledger_known(&hs[i]->ledger);
}

static void
wait_many(struct reader *r, int64_t wait_ns)
{
	weir_consumer *cs[SOAK_HANDS];
	struct hand *hs[SOAK_HANDS];
	uint64_t known[SOAK_HANDS];
	uint8_t ready[SOAK_HANDS];
	int64_t asked = proc_now_ns();
	int n = opened(cs, hs, r->cnt), rc;

	known_of(hs, n, known);
	rc = weir_wait(cs, n, wait_ns, ready);
	if (rc < 0 && rc != -EAGAIN && (rc != -EINTR || !soak_over(r->s)))
		soak_fail(r->s, "wait: %d %s", rc, weir_strerror(rc));
	for (int i = 0; i < n; i++)
		if (rc == -EAGAIN)
			soak_ledger_none(&hs[i]->ledger, known[i], "wait");
		else if (rc > 0 && ready[i])
			read_one(r, hs[i], 0, asked);
}

static int
handle(weir_consumer *c, const weir_record *rec, void *arg)
{
	struct reader *r = arg;

	for (uint32_t i = 0; i < r->cnt; i++)
		if (hands[i].ch && hands[i].c == c)
			soak_ledger_take(&hands[i].ledger, rec, r->asked_ns);
	r->asked_ns = 0;
	return rng_one_in(&r->s->rng, 10);
}

static void
dispatch_many(struct reader *r, int64_t wait_ns)
{
	weir_consumer *cs[SOAK_HANDS];
	struct hand *hs[SOAK_HANDS];
	uint64_t known[SOAK_HANDS];
	int n = opened(cs, hs, r->cnt), rc;

	known_of(hs, n, known);
	r->asked_ns = proc_now_ns();
	rc = weir_dispatch(cs, n, handle, r, wait_ns);
	if (rc == WEIR_EREMOVED) /* one of them: find out which */
		for (int i = 0; i < n; i++)
			read_one(r, hs[i], 0, 0);
	else if (rc == -EAGAIN)
		for (int i = 0; i < n; i++)
			soak_ledger_none(&hs[i]->ledger, known[i], "dispatch");
	else if (rc < 0 && (rc != -EINTR || !soak_over(r->s)))
		soak_fail(r->s, "dispatch: %d %s", rc, weir_strerror(rc));
}

/* The descriptors are readable while there is something. */
static void
poll_many(struct reader *r)
{
	weir_consumer *cs[SOAK_HANDS];
	struct hand *hs[SOAK_HANDS];
	struct pollfd fds[SOAK_HANDS];
	uint64_t known[SOAK_HANDS];
	int64_t asked = proc_now_ns();
	int n = opened(cs, hs, r->cnt), rc;

	for (int i = 0; i < n; i++)
		fds[i] = (struct pollfd){weir_fd(cs[i]), POLLIN, 0};
	known_of(hs, n, known);
	rc = poll(fds, (nfds_t)n, POLL_MS);
	for (int i = 0; i < n; i++) {
		if (rc > 0 && fds[i].revents & POLLIN) {
			do
				read_one(r, hs[i], 0, asked);
			while (hs[i]->ch && rng_one_in(&r->s->rng, 2));
		} else if (rc == 0 && kit_get(&r->s->me->touched_ns) < asked) {
			soak_ledger_none(&hs[i]->ledger, known[i],
					 "poll says nothing for 3 s");
		}
	}
}

/* ---- the worker
 * --------------------------------------------------------------- */

/* One after the other: who waits here leaves the others alone for so long.
 * Hoppers leave and join again after each read. */
static void
take_turns(struct reader *r, int64_t wait_ns)
{
	if (r->cnt > 1 || r->style == HOP)
		wait_ns = 2 * KIT_MS;
	for (uint32_t i = 0; i < r->cnt; i++) {
		struct hand *h = &hands[i];

		if (!h->ch)
			continue;
		if (r->style == VIEW && h->gating)
			view_one(r, h, wait_ns, proc_now_ns());
		else
			read_one(r, h, wait_ns, proc_now_ns());
		if (r->style == HOP && h->ch) {
			soak_ledger_close(&h->ledger, h->c);
			weir_consumer_close(h->c);
			join(r, h, h->ledger.gen);
		}
	}
}

static void
step(struct reader *r)
{
	int64_t wait_ns = (int64_t)rng_below(&r->s->rng, 3) * 700 * KIT_MS;
	struct hand *h = &hands[rng_below(&r->s->rng, r->cnt)];

	for (uint32_t i = 0; i < r->cnt; i++)
		if (!hands[i].ch)
			open_hand(r, &hands[i]);
	if (!h->ch)
		return;
	if (rng_one_in(&r->s->rng, 300)) {
		close_hand(h);
		return;
	}
	if (rng_one_in(&r->s->rng, 300)) {
		seek(h);
		return;
	}
	switch (r->style) {
	case READ:
	case VIEW:
	case HOP:
		take_turns(r, wait_ns);
		break;
	case WAIT:
		wait_many(r, wait_ns);
		break;
	case DISPATCH:
		dispatch_many(r, wait_ns);
		break;
	default:
		poll_many(r);
	}
}

void
soak_consumer(struct soak *s)
{
	struct reader r = {.s = s};

	r.style = (enum style)rng_below(&s->rng, STYLES);
	r.observer = rng_one_in(&s->rng, 5) ? (int)rng_range(&s->rng, 1, 2) : 0;
	r.cnt = (uint32_t)rng_range(&s->rng, 1, SOAK_HANDS);
	r.st = soak_attach(s, r.observer == 2 ? WEIR_READ_ONLY : 0);
	for (uint32_t i = 0; i < r.cnt; i++) {
		hands[i].s = s;
		hands[i].idx = i;
		hands[i].plan_idx = (uint32_t)rng_below(&s->rng, SOAK_PLANS);
		hands[i].plan = &soak_plans[hands[i].plan_idx];
	}
	while (r.st && !soak_over(s)) {
		step(&r);
		if (rng_one_in(&s->rng, 50))
			kit_nap(&s->rng, 3000);
	}
	if (rng_one_in(&s->rng, 2))
		for (uint32_t i = 0; i < r.cnt; i++)
			if (hands[i].ch)
				close_hand(&hands[i]);
	weir_store_close(r.st);
}
