/* SPDX-License-Identifier: BSD-2-Clause
 *
 * report.c - what a soak prints.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "soak/conductor.h"

struct soak_counts
soak_sum(const struct conductor *c)
{
	struct soak_counts all;
	uint64_t *to = (uint64_t *)&all;

	memset(&all, 0, sizeof(all));
	for (uint32_t i = 0; i < c->cnt; i++) {
		const uint64_t *from = (const uint64_t *)&c->t->slots[i].n;

		for (size_t k = 0; k < sizeof(all) / sizeof(*to); k++)
			to[k] += from[k];
	}
	return all;
}

void
soak_report(const struct conductor *c)
{
	struct soak_counts n = soak_sum(c);

	printf("soak: %4" PRId64 " s: published %" PRIu64 " (%" PRIu64
	       " clears, %" PRIu64 " refused, %" PRIu64
	       " out of time), delivered %" PRIu64 " (%" PRIu64
	       " compared), lost as told %" PRIu64 "; kills %" PRIu64
	       ", freezes %" PRIu64 ", ends %" PRIu64 ", joins %" PRIu64
	       ", attaches %" PRIu64 ", channels made %" PRIu64
	       ", removed %" PRIu64 "; sleeps %" PRIu64 ", late %" PRIu64
	       "; gcs %" PRIu64 ", looks %" PRIu64 ", commands %" PRIu64
	       "; failures %" PRIu64 "\n",
	       (proc_now_ns() - c->began_ns) / KIT_S, n.published, n.clears,
	       n.refused, n.full, n.delivered, n.compared, n.lost, c->kills,
	       c->freezes, c->ends, n.joins, n.attaches, n.makes, n.removals,
	       n.sleeps, c->lates, n.gcs, n.looks, n.commands,
	       kit_get(&c->t->fail_cnt));
	fflush(stdout);
}

static void
tell_events(const struct conductor *c, uint32_t slot)
{
	const struct soak_slot *s = &c->t->slots[slot];
	uint64_t from =
	    s->event_cnt > SOAK_EVENTS ? s->event_cnt - SOAK_EVENTS : 0;

	printf("soak: the last events of slot %u (%s):\n", slot,
	       c->ws[slot].kind);
	for (uint64_t i = from; i < s->event_cnt; i++) {
		const struct soak_event *e = &s->events[i % SOAK_EVENTS];

		printf("soak:   %10.6f %s %" PRId64 " %" PRId64 "\n",
		       (double)(e->at_ns - c->began_ns) / 1e9,
		       e->what ? e->what : "?", e->a, e->b);
	}
}

void
soak_report_failures(const struct conductor *c)
{
	uint64_t cnt = kit_get(&c->t->fail_cnt);

	for (uint64_t i = 0; i < cnt && i < SOAK_FAILS; i++) {
		unsigned slot;

		printf("soak: FAILED: %s\n", c->t->fails[i]);
		if ((sscanf(c->t->fails[i], "slot %u", &slot) == 1 ||
		     sscanf(c->t->fails[i], "conductor: slot %u", &slot) ==
			 1) &&
		    slot < c->cnt)
			tell_events(c, slot);
	}
	fflush(stdout);
}
