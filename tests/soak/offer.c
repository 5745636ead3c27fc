/* SPDX-License-Identifier: BSD-2-Clause
 *
 * offer.c - see offer.h
 *
 * What is about to be published is noted in the table before, and what was
 * published after; so whoever finds this process dead knows what is certain.
 */
#include "soak/offer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define BATCH 8

static uint8_t msg[BATCH][OFFER_MOST];
static char text[SOAK_JSON + OFFER_MOST];

void
soak_offer_bad(struct offer *h, const char *what, int64_t rc,
	       const weir_diag *d)
{
	soak_fail(
	    h->s,
	    "channel %s, generation %" PRIu64 ", producer %s, life %" PRIu64
	    ", record %" PRIu64 ": %s: %" PRId64 " %s: %s",
	    h->plan->name, h->gen, h->id, h->who, h->life->done + 1, what, rc,
	    rc < 0 ? weir_strerror((int)rc) : "", d ? d->message : "");
}

void
soak_offer_close(struct offer *h)
{
	weir_producer_close(h->p);
	weir_channel_close(h->ch);
	h->p = NULL;
	h->ch = NULL;
	soak_event(h->s, "producer closed", h->plan_idx, 0);
}

static size_t
any_pad(struct offer *h)
{
	size_t most = soak_pad_max(h->plan);

	switch (rng_below(&h->s->rng, 20)) {
	case 0:
		return rng_range(&h->s->rng, 0, most);
	case 1:
	case 2:
	case 3:
	case 4:
		return rng_range(&h->s->rng, 0, most < 400 ? most : 400);
	default:
		return rng_range(&h->s->rng, 0, 60);
	}
}

static void
begin(struct offer *h)
{
	h->began_ns = proc_now_ns();
	h->s->me->busy_plan = h->plan_idx;
	kit_set(&h->s->me->busy_ns, h->began_ns);
}

/* About to publish @cnt records. */
static void
try_to(struct offer *h, uint64_t cnt)
{
	uint64_t last = h->life->done + cnt;

	kit_set(&h->life->tried, last);
	if (h->will)
		kit_set(&h->will->next, soak_pack(h->who, last));
	begin(h);
}

/* @cnt of them are published; the last as @seq, or not known as which. */
static void
have_done(struct offer *h, uint64_t cnt, int64_t seq,
	  const struct soak_record *r)
{
	struct soak *s = h->s;

	kit_set(&s->me->busy_ns, 0);
	if (seq > 0 && seq <= h->last_seq)
		soak_offer_bad(h, "its seq is not higher than the last", seq,
			       NULL);
	if (seq > 0 && !soak_note(s->t, h->gen, (uint64_t)seq,
				  soak_record_digest((uint64_t)seq, r)))
		soak_offer_bad(h, "others saw another record as seq", seq,
			       NULL);
	if (seq > 0) {
		soak_raise(s->t, h->gen, (uint64_t)seq);
		h->last_seq = seq;
	}
	if (cnt && r) {
		kit_set(&h->life->done, h->life->done + cnt);
		s->me->n.published += cnt;
		h->has_value = 1;
		if (h->will)
			kit_set(&h->will->was,
				soak_pack(h->who, h->life->done));
	}
	kit_set(&h->life->tried, h->life->done);
	if (h->will)
		kit_set(&h->will->next, 0);
}

/* Out of time, or interrupted: before its time, or by nobody? */
static int
is_too_early(const struct offer *h, int64_t rc)
{
	if (rc == -EINTR)
		return !soak_over(h->s);
	return h->timeout_ns < 0 || proc_now_ns() - h->began_ns < h->timeout_ns;
}

/* It did not work: is that right?  The channel may have gone. */
static void
refused(struct offer *h, const char *what, int64_t rc, const weir_diag *d)
{
	soak_event(h->s, what, h->plan_idx, rc);
	kit_set(&h->s->me->busy_ns, 0);
	if (rc == WEIR_EREMOVED && h->plan->removable) {
		soak_offer_close(h);
		return;
	}
	if ((rc != -EAGAIN && rc != -EINTR) || !soak_is_block(h->plan) ||
	    is_too_early(h, rc))
		soak_offer_bad(h, what, rc, d);
	h->s->me->n.full++;
}

static struct soak_record
next_record(const struct offer *h, uint64_t ahead, int timed)
{
	return (struct soak_record){
	    .who = h->who,
	    .n = h->life->done + 1 + ahead,
	    .t = timed ? (uint64_t)proc_now_ns() : 0,
	};
}

static void
publish_one(struct offer *h)
{
	struct soak_record r = next_record(h, 0, 1);
	int json = rng_one_in(&h->s->rng, 6);
	size_t pad = any_pad(h), len;
	weir_diag d = {.message = ""};
	int64_t seq;

	if (json) {
		len = soak_record_json(text, &r, pad);
		try_to(h, 1);
		seq = weir_publish_json(h->p, text, len, &d);
	} else {
		len = soak_record_build(msg[0], &r, pad);
		try_to(h, 1);
		seq = weir_publish(h->p, msg[0], len, &d);
	}
	have_done(h, seq > 0, seq, &r);
	if (seq < 0)
		refused(h, json ? "publish json" : "publish", seq, &d);
}

static void
publish_batch(struct offer *h)
{
	uint64_t cnt = rng_range(&h->s->rng, 1, BATCH);
	struct soak_record r = {.who = 0};
	struct iovec io[BATCH];
	weir_diag d = {.message = ""};
	int64_t seq;

	for (uint64_t i = 0; i < cnt; i++) {
		r = next_record(h, i, 0);
		io[i].iov_base = msg[i];
		io[i].iov_len = soak_record_build(msg[i], &r, any_pad(h));
	}
	try_to(h, cnt);
	seq = weir_publish_batch(h->p, io, (int)cnt, &d);
	/* where the channel went meanwhile, some may have been published */
	if (seq == WEIR_EREMOVED) {
		refused(h, "publish batch", seq, &d);
		return;
	}
	have_done(h, seq > 0 ? cnt : d.index, seq, &r);
	if (seq < 0)
		refused(h, "publish batch", seq, &d);
}

static void
publish_loan(struct offer *h)
{
	struct soak_record r = next_record(h, 0, 0);
	size_t pad = any_pad(h), len;
	weir_diag d = {.message = ""};
	int64_t rc;
	void *buf;

	try_to(h, 1);
	rc = weir_loan(h->p, pad + SOAK_HEAD, &buf);
	if (rc != 0) {
		have_done(h, 0, 0, NULL);
		refused(h, "loan", rc, NULL);
		return;
	}
	if (rng_one_in(&h->s->rng, 2)) {
		len = soak_record_build(buf, &r, pad);
		if (rng_one_in(&h->s->rng, 50)) /* others find it so */
			proc_nap_ms(1);
		rc =
		    rng_one_in(&h->s->rng, 10) ? 0 : weir_commit(h->p, len, &d);
	} else {
		len = soak_record_build(msg[0], &r, pad);
		if (weir_loan_append(h->p, msg[0], len / 2) != 0 ||
		    weir_loan_append(h->p, msg[0] + len / 2, len - len / 2) !=
			0)
			soak_offer_bad(h, "append to a loan", 0, NULL);
		rc = rng_one_in(&h->s->rng, 10)
			 ? 0
			 : weir_commit_appended(h->p, &d);
	}
	if (rc == 0)
		weir_abort(h->p);
	have_done(h, rc > 0, rc, &r);
	if (rc < 0)
		refused(h, "commit", rc, &d);
}

static void
clear(struct offer *h)
{
	int64_t seq;

	if (h->will)
		kit_set(&h->will->next, SOAK_CLEARS);
	begin(h);
	seq = weir_clear(h->p);
	if (seq >= 0) {
		if ((seq > 0) != h->has_value)
			soak_offer_bad(h, "clear", seq, NULL);
		h->has_value = 0;
		h->s->me->n.clears++;
		if (h->will)
			kit_set(&h->will->was, 0);
	}
	have_done(h, 0, seq, NULL);
	if (seq < 0)
		refused(h, "clear", seq, NULL);
}

/* What is not right stays out. */
static void
publish_wrong(struct offer *h)
{
	struct soak_record r = next_record(h, 0, 0);
	weir_diag d = {.message = ""};
	size_t len;
	int64_t rc;

	if (h->trusted || rng_one_in(&h->s->rng, 2)) {
		len = soak_record_build(msg[0], &r, soak_pad_max(h->plan) + 99);
		rc = weir_publish(h->p, msg[0], len, &d);
		if (rc != -EMSGSIZE && rc != WEIR_EREMOVED)
			soak_offer_bad(h, "a record that is too long", rc, &d);
	} else {
		soak_record_build(msg[0], &r, 0);
		memcpy(msg[0] + 2, "how", 3); /* no "who" */
		rc = weir_publish(h->p, msg[0],
				  soak_record_build(msg[1], &r, 0), &d);
		if (rc != WEIR_ESCHEMA && rc != WEIR_EREMOVED)
			soak_offer_bad(h, "a record that breaks the schema", rc,
				       &d);
	}
	h->s->me->n.refused++;
}

void
soak_offer(struct offer *h)
{
	uint64_t dice = rng_below(&h->s->rng, 100);

	if (dice < 60)
		publish_one(h);
	else if (dice < 75)
		publish_batch(h);
	else if (dice < 92)
		publish_loan(h);
	else if (dice < 95)
		publish_wrong(h);
	else if (h->plan->clears)
		clear(h);
}
