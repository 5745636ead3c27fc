/* SPDX-License-Identifier: BSD-2-Clause
 *
 * watch.c - a watchdog over those who read and those who publish.
 *
 * Nothing here is a time in which something must be done: it is how long
 * nothing at all has to happen until somebody is taken to be forgotten.  Who
 * was frozen meanwhile is let off.
 */
#include <inttypes.h>

#include "soak/conductor.h"
#include "soak/plan.h"

#define STUCK_NS (20 * KIT_S)

/* In a calm nothing wakes a sleeper but the commit that it waits for, and its
 * own look after a second; the share of those who come late is judged, in
 * conductor.c. */
#define LATE_NS (300 * KIT_MS)

/* Who looks every 2 ms and was not let to for so long is not alone in that. */
#define STILL_NS (50 * KIT_MS)

/* Was a consumer that producers of this channel wait for frozen lately? */
static int
is_held_up(struct conductor *c, uint64_t plan, int64_t since)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct soak_slot *s = &c->t->slots[i];

		if (!kit_get(&s->frozen) && kit_get(&s->touched_ns) < since)
			continue;
		for (int k = 0; k < SOAK_HANDS; k++)
			if (s->hands[k].gating && s->hands[k].plan == plan)
				return 1;
	}
	return 0;
}

static void
watch_hand(struct conductor *c, uint32_t slot, int k, int64_t now)
{
	const struct soak_slot *s = &c->t->slots[slot];
	struct watch *w = &c->watches[slot][k];
	uint64_t gen = kit_get(&s->hands[k].gen);
	uint64_t next = kit_get(&s->hands[k].next);
	uint64_t known = soak_newest(c->t, gen);
	int64_t calm = kit_get(&c->t->calm_ns);

	if (gen == 0 || known < next || gen != w->gen || next != w->next ||
	    kit_get(&s->frozen) || kit_get(&s->touched_ns) > w->since_ns) {
		*w = (struct watch){gen, next, now, now, 0};
		return;
	}
	if (now - c->watched_ns > STILL_NS)
		w->late_ns = now;
	if (now - w->late_ns > LATE_NS && !w->late && calm &&
	    calm < w->late_ns) {
		w->late = 1;
		c->lates++;
	}
	if (now - w->since_ns < STUCK_NS)
		return;
	soak_tell(c->t,
		  "slot %u, hand %d: channel %s, generation %" PRIu64
		  ": record %" PRIu64 " is next, %" PRIu64
		  " was published, and it does not read",
		  slot, k, soak_plans[s->hands[k].plan].name, gen, next, known);
	w->since_ns = now;
}

void
soak_watch(struct conductor *c)
{
	int64_t now = proc_now_ns();

	for (uint32_t i = 0; i < c->cnt; i++) {
		const struct soak_slot *s = &c->t->slots[i];
		int64_t since = kit_get(&s->busy_ns);

		for (int k = 0; k < SOAK_HANDS; k++)
			watch_hand(c, i, k, now);
		if (since == 0 || now - since < STUCK_NS ||
		    kit_get(&s->frozen) ||
		    kit_get(&s->touched_ns) > now - STUCK_NS ||
		    is_held_up(c, s->busy_plan, now - STUCK_NS))
			continue;
		soak_tell(c->t, "slot %u: a publish to channel %s does not end",
			  i, soak_plans[s->busy_plan].name);
	}
	c->watched_ns = now;
}
