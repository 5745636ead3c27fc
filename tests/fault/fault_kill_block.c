/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_block.c - a producer dies, or stands still, while it publishes
 * where producers wait for consumers; most of all while it waits.
 */
#include "fault/roles.h"

/* The ring full of what the watch has not read. */
static int
until_full(struct world *w)
{
	uint64_t n = w->o.capacity;
	weir_producer *p = w->other ? w->other : world_producer(w, OTHER);

	if (!p)
		return -1;
	for (uint64_t i = 0; i < n; i++) {
		if (world_publish(w, p, OTHER, REC_SHORT) <= 0)
			return -1;
		w->of[OTHER].cnt++; /* the watch will see it later */
	}
	w->of[OTHER].cnt -= n;
	if (!w->other)
		weir_producer_close(p);
	return 0;
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true, .capacity = 16

static const struct op ops[] = {
    {.name = "publish, block, exclusive",
     .world = {BLOCK, EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, block, exclusive, in the lane",
     .world = {BLOCK, EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer_long,
     .act = act_publish_long,
     .records = 1},
    {.name = "publish, block, shared",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, block, shared, long",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .set_up = role_producer_long,
     .act = act_publish_long,
     .records = 1},
    {.name = "batch, block, exclusive",
     .world = {BLOCK, EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .asleep = wake_by_reading,
     .records = 3},
    {.name = "batch, block, shared",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .asleep = wake_by_reading,
     .records = 3},
    {.name = "loan, block, exclusive",
     .world = {BLOCK, EXCLUSIVE},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_loan_commit,
     .records = 1},
    {.name = "loan, block, shared",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_loan_commit,
     .records = 1},
    {.name = "clear, block, shared",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .set_up = role_producer_with_value,
     .act = act_clear,
     .records = 1,
     .clears = 1},
    {.name = "publish, block, shared, two at once",
     .world = {BLOCK},
     .flags = OP_RINGS | OP_PAIR,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = wake_by_reading,
     .records = 1},
    {.name = "wait for space, exclusive",
     .world = {BLOCK, EXCLUSIVE},
     .flags = OP_RINGS,
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = wake_by_reading,
     .records = 1},
    {.name = "wait for space, shared",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = wake_by_reading,
     .records = 1},
    {.name = "wait for space, two at once",
     .world = {BLOCK},
     .flags = OP_RINGS | OP_PAIR,
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = wake_by_reading,
     .records = 1},
    {.name = "wait for space, batch",
     .world = {BLOCK},
     .flags = OP_RINGS,
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish_batch,
     .asleep = wake_by_reading,
     .records = 3},
};

SWEEP_MAIN("fault_kill_block", ops)
