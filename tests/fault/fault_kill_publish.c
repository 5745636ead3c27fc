/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_publish.c - a producer dies, or stands still, while it publishes.
 */
#include "fault/roles.h"

/* A producer has died long ago, and its value is among what the next commit
 * has to settle first. */
static int
until_unsettled(struct world *w)
{
	weir_ring_info r = {.size = sizeof(r)};
	uint64_t n = w->o.capacity, at;

	if (role_gone(w, GONE_WITH_VALUE) != 0)
		return -1;
	at = w->of[GONE].value_seq;
	for (uint64_t i = 0; i <= 2 * n; i++) {
		uint64_t u = w->seq + 1 - n; /* what the next one replaces */

		if (weir_ring_stat(w->ch, &r) != 0 || r.settled >= at)
			return -1;
		if (u <= at && u > r.settled && u + n / 4 >= at)
			return 0;
		world_say(w, REC_SHORT);
	}
	return -1;
}

/* The value leaves the ring, and is there. */
static void
settled(struct world *w, bool finished)
{
	uint64_t n = w->o.capacity;

	(void)finished;
	for (uint64_t i = 0; i < n / 4 + 2; i++)
		world_say(w, REC_SHORT);
	world_values(w);
}

#define EXCLUSIVE .exclusive = true

static const struct op ops[] = {
    {.name = "publish, exclusive, in the slot",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, in the lane",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer_long,
     .act = act_publish_long,
     .records = 1},
    {.name = "publish, exclusive, checked",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_checked_producer,
     .act = act_publish,
     .records = 1},
    {.name = "batch, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .records = 3},
    {.name = "loan, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_loan_commit,
     .records = 1},
    {.name = "clear, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer_with_value,
     .act = act_clear,
     .records = 1,
     .clears = 1},
    {.name = "publish, shared",
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, checked",
     .flags = OP_RINGS,
     .set_up = role_checked_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, a new store each time",
     .world = {.young = true},
     .flags = OP_FRESH | OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, long",
     .flags = OP_RINGS,
     .set_up = role_producer_long,
     .act = act_publish_long,
     .records = 1},
    {.name = "batch, shared",
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .records = 3},
    {.name = "loan, shared",
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_loan_commit,
     .records = 1},
    {.name = "clear, shared",
     .flags = OP_RINGS,
     .set_up = role_producer_with_value,
     .act = act_clear,
     .records = 1,
     .clears = 1},
    {.name = "publish, shared, two at once",
     .flags = OP_RINGS | OP_PAIR,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "batch, shared, two at once",
     .flags = OP_RINGS | OP_PAIR,
     .set_up = role_producer,
     .act = act_publish_batch,
     .records = 3},
    {.name = "publish and settle",
     .world = {.capacity = 256},
     .flags = OP_RINGS,
     .before = until_unsettled,
     .set_up = role_producer,
     .act = act_publish,
     .after = settled,
     .records = 1},
    {.name = "publish and settle, N=16",
     .world = {.capacity = 16},
     .before = until_unsettled,
     .set_up = role_producer,
     .act = act_publish,
     .after = settled,
     .records = 1},
};

SWEEP_MAIN("fault_kill_publish", ops)
