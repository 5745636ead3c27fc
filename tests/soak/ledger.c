/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ledger.c - see ledger.h
 */
#include "soak/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define U PRIu64

void
soak_ledger_open(struct soak_ledger *l, struct soak *s, uint32_t hand,
		 uint32_t plan, uint64_t gen, uint32_t gating)
{
	memset(l, 0, sizeof(*l));
	l->s = s;
	l->hand = &s->me->hands[hand];
	l->plan = &soak_plans[plan];
	l->gen = gen;
	l->gating = gating;
	l->hand->plan = plan;
	l->hand->gating = gating;
}

/* The figures are those of a channel that may have been removed meanwhile:
 * then there is nothing to say about the start. */
static uint64_t
newest(weir_channel *ch, uint64_t none, uint64_t *oldest)
{
	weir_channel_info i = {.size = sizeof(i)};

	if (weir_channel_stat(ch, &i) != 0) {
		*oldest = 0;
		return none;
	}
	*oldest = i.oldest_seq;
	return i.newest_seq;
}

void
soak_ledger_before(struct soak_ledger *l, weir_channel *ch, uint32_t from,
		   uint64_t at)
{
	uint64_t known = soak_ledger_known(l);

	kit_set(&l->hand->gen, 0); /* the watchdog looks away */
	l->from = from;
	l->at = at ? at : 1;
	l->newest_before = newest(ch, 0, &l->oldest_before);
	if (l->newest_before && l->newest_before < known)
		soak_fail(l->s,
			  "channel %s: newest is %" U ", but %" U
			  " was published",
			  l->plan->name, l->newest_before, known);
}

void
soak_ledger_after(struct soak_ledger *l, weir_channel *ch)
{
	uint64_t oldest;

	l->newest_after = newest(ch, UINT64_MAX - 1, &oldest);
	l->begun = 0;
	l->value = l->lost = l->forgot = 0;
	memset(l->lives, 0, sizeof(l->lives));
	l->joined = kit_add(&l->s->t->clock, 1);
	/* what is there for certain to be read, before the stream has begun:
	 * a gate may come to stand behind what was asked for */
	l->next = l->newest_after + 1;
	if (l->from == WEIR_FROM_SEQ && (!l->gating || l->at > l->next))
		l->next = l->at;
	l->hand->next = l->next;
	kit_set(&l->hand->gen, l->gen);
	l->s->me->n.joins++;
}

static void
bad(struct soak_ledger *l, const weir_record *rec, const char *what)
{
	soak_fail(l->s,
		  "channel %s, generation %" U ", seq %" U ", lost %" U
		  ", flags %u, kind %u, from %s (%s from %u at %" U
		  ", newest %" U "..%" U ", next %" U ", lost %" U "): %s",
		  l->plan->name, l->gen, rec->seq, rec->lost, rec->flags,
		  rec->kind, rec->producer, l->gating ? "gating" : "free",
		  l->from, l->at, l->newest_before, l->newest_after, l->next,
		  l->lost, what);
}

/* The first of the stream: where should it be? */
static void
check_start(struct soak_ledger *l, const weir_record *rec)
{
	uint64_t first = rec->seq - rec->lost; /* the stream's */

	if (l->from == WEIR_FROM_SEQ) {
		if (first != l->at)
			bad(l, rec, "the stream does not begin where asked");
		return;
	}
	if (first > l->newest_after + 1)
		bad(l, rec, "the stream begins too late");
	if (l->from == WEIR_FROM_OLDEST) {
		if (first < l->oldest_before)
			bad(l, rec, "the stream begins before the oldest");
		return;
	}
	if (first <= l->newest_before)
		bad(l, rec, "the stream begins too early");
	if (l->value >= first)
		bad(l, rec, "the value is in the stream again");
	if (l->from == WEIR_FROM_CURRENT && l->value && !l->plan->clears &&
	    l->value + 1 != first)
		bad(l, rec, "a gap between the value and the stream");
}

/* Each life's records come one after the other. */
static void
count(struct soak_ledger *l, const weir_record *rec,
      const struct soak_record *r, const struct soak_life *life)
{
	uint64_t i = r->who % LEDGER_LIVES, hole, lost;

	if (l->lives[i].who == r->who) {
		if (r->n <= l->lives[i].n)
			bad(l, rec, "a producer's record came twice, or late");
		hole = r->n - l->lives[i].n - 1;
		lost = l->lost - l->lives[i].lost;
	} else {
		if (l->lives[i].who > l->forgot)
			l->forgot = l->lives[i].who;
		/* was it born after we came, to see all that is new?  then
		 * we have seen all of it */
		hole = r->who > l->forgot && life && life->born > l->joined &&
			       (l->from != WEIR_FROM_SEQ ||
				l->at <= l->newest_before + 1)
			   ? r->n - 1
			   : 0;
		lost = l->lost;
	}
	if (hole > lost)
		bad(l, rec, "a producer's records are missing");
	l->lives[i].who = r->who;
	l->lives[i].n = r->n;
	l->lives[i].lost = l->lost;
}

static void
check_id(struct soak_ledger *l, const weir_record *rec,
	 const struct soak_record *r, const struct soak_life *life)
{
	char id[SOAK_ID];

	soak_producer_id(id, l->plan, life->slot, r->who);
	if (rec->producer[0] != '~' && strcmp(rec->producer, id) != 0)
		bad(l, rec, "it is said to be somebody else's");
}

/* Did we wait for it when it was published?  Counted in a calm only, to be
 * compared with how many came late then; see watch.c. */
static void
count_sleep(struct soak_ledger *l, const struct soak_record *r,
	    int64_t asked_ns)
{
	int64_t t = (int64_t)r->t, calm = kit_get(&l->s->t->calm_ns);

	l->s->me->n.sleeps += calm && t > calm && asked_ns && t > asked_ns;
}

static void
check_data(struct soak_ledger *l, const weir_record *rec, struct soak_record *r,
	   int64_t asked_ns)
{
	const struct soak_life *life;

	if (!soak_record_ok(rec->data, rec->len, r))
		bad(l, rec, "it is not whole");
	life = soak_life(l->s->t, r->who);
	if (life) {
		struct soak_life copy = {.gen = kit_get(&life->gen),
					 .tried = kit_get(&life->tried),
					 .born = kit_get(&life->born),
					 .slot = life->slot};

		if (kit_get(&life->who) == r->who) {
			if (copy.gen != l->gen)
				bad(l, rec, "it is of another channel");
			if (r->n > copy.tried)
				bad(l, rec, "nobody has published that yet");
			check_id(l, rec, r, &copy);
		} else {
			life = NULL;
		}
	}
	count_sleep(l, r, asked_ns);
	if (!(rec->flags & WEIR_CURRENT) || !l->begun)
		count(l, rec, r, life);
}

void
soak_ledger_take(struct soak_ledger *l, const weir_record *rec,
		 int64_t asked_ns)
{
	struct soak_record r;
	int is_value = rec->flags & WEIR_CURRENT, same;

	if (rec->kind == WEIR_NONE)
		return;
	if (!is_value) {
		if (!l->begun)
			check_start(l, rec);
		else if (rec->seq != l->next + rec->lost)
			bad(l, rec, "a gap, or a record twice");
		if (rec->lost && l->gating &&
		    (l->begun || l->from != WEIR_FROM_SEQ))
			bad(l, rec, "lost to a consumer that is waited for");
		l->begun = 1;
		l->next = rec->seq + 1;
		l->lost += rec->lost;
		l->s->me->n.lost += rec->lost;
		l->hand->next = l->next;
	} else if (!l->begun) {
		if (rec->seq <= l->value || rec->seq > l->newest_after ||
		    rec->lost)
			bad(l, rec, "a value that cannot have been current");
		l->value = rec->seq;
	}
	if (rec->kind == WEIR_DATA)
		check_data(l, rec, &r, asked_ns);
	else if (rec->kind != WEIR_CLEAR || rec->current_seq >= rec->seq)
		bad(l, rec, "a clear that cannot be");
	same = soak_note(
	    l->s->t, l->gen, rec->seq,
	    soak_record_digest(rec->seq, rec->kind == WEIR_DATA ? &r : NULL));
	if (!same)
		bad(l, rec, "others saw another record with this seq");
	l->s->me->n.compared += same == 1;
	l->s->me->n.delivered++;
	l->taken++;
}

uint64_t
soak_ledger_known(const struct soak_ledger *l)
{
	return soak_newest(l->s->t, l->gen);
}

void
soak_ledger_none(struct soak_ledger *l, uint64_t known, const char *what)
{
	if (known >= l->next && l->next)
		soak_fail(l->s,
			  "channel %s, generation %" U ": %s, but %" U
			  " was published before and %" U
			  " is next (%s from %u)",
			  l->plan->name, l->gen, what, known, l->next,
			  l->gating ? "gating" : "free", l->from);
}

void
soak_ledger_close(struct soak_ledger *l, weir_consumer *c)
{
	weir_consumer_info i = {.size = sizeof(i)};

	kit_set(&l->hand->gen, 0);
	if (weir_consumer_stat(c, &i) != 0)
		return;
	if (i.invalid || i.delivered != l->taken)
		soak_fail(l->s,
			  "channel %s: %" U " records delivered, it says %" U
			  " and %" U " invalid",
			  l->plan->name, l->taken, i.delivered, i.invalid);
}
