/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_lane.c - a producer dies while it takes a place, or gives it
 * back; most of all the place of one who has died before.
 */
#include "fault/roles.h"

/* ---- what the victim does ---------------------------------------------- */

static int64_t
open_gone(struct victim *v)
{
	return weir_producer_open(v->ch, who_id[GONE], NULL, &v->p, NULL);
}

/* ... and says something in it at once. */
static int64_t
open_and_publish(struct victim *v)
{
	return role_producer(v) != 0 ? -1 : act_publish(v);
}

static int64_t
close_it(struct victim *v)
{
	weir_producer_close(v->p);
	return 0;
}

static int64_t
clear_orphans(struct victim *v)
{
	int rc = weir_channel_clear_orphans(v->ch, who_id[GONE], NULL);

	return rc == 1 ? 0 : -1;
}

/* ---- what the survivor does -------------------------------------------- */

static int
gone_with_value(struct world *w)
{
	return role_gone(w, GONE_WITH_VALUE);
}

static int
gone_without_value(struct world *w)
{
	return role_gone(w, GONE_WITHOUT_VALUE);
}

/* Its value withdrawn, so that the lane is anybody's. */
static void
vacate(struct world *w, enum who who)
{
	weir_producer *p = world_producer(w, who);
	bool has = w->of[who].value_seq != 0;

	if (!p)
		return;
	if (has != (weir_clear(p) > 0))
		world_fail(w, "%s %s a value to withdraw", who_id[who],
			   has ? "has no more" : "has");
	world_drain(w);
	world_values(w);
	weir_producer_close(p);
}

static void
vacate_victim(struct world *w, bool finished)
{
	(void)finished;
	vacate(w, VICTIM);
}

/* The lane is somebody's again, who publishes as he did before. */
static void
reopen_gone(struct world *w, bool finished)
{
	weir_producer *p = world_producer(w, GONE);
	int64_t rc;

	(void)finished;
	if (!p)
		return;
	world_values(w);
	rc = world_publish(w, p, GONE, REC_LONG);
	world_drain(w);
	if (rc <= 0 || (int64_t)w->of[GONE].value_seq != rc)
		world_fail(w, "the heir cannot publish: %lld", (long long)rc);
	world_values(w);
	weir_producer_close(p);
}

#define EXCLUSIVE .exclusive = true

static const struct op ops[] = {
    {.name = "open a producer, a new id",
     .world = {.young = true},
     .flags = OP_FRESH,
     .act = act_open_producer,
     .sample = 40},
    {.name = "open a producer, its own lane", .act = act_open_producer},
    {.name = "open a producer, two at once, new ids",
     .world = {.young = true},
     .flags = OP_FRESH | OP_PAIR,
     .act = act_open_producer,
     .sample = 30},
    {.name = "open a producer, two at once, N=4",
     .world = {.capacity = 4},
     .flags = OP_PAIR,
     .act = act_open_producer},
    {.name = "open a producer, exclusive",
     .world = {EXCLUSIVE},
     .act = act_open_producer},
    {.name = "open a producer, block",
     .world = {.block = true, .capacity = 16},
     .act = act_open_producer},
    {.name = "open a producer, block, exclusive, N=2",
     .world = {EXCLUSIVE, .block = true, .capacity = 2},
     .act = act_open_producer},
    {.name = "close a producer",
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = close_it},
    {.name = "take over a dead one's lane, the same id",
     .before = gone_with_value,
     .act = open_gone,
     .after = reopen_gone},
    {.name = "take over a dead one's lane, the same id, N=2",
     .world = {.capacity = 2},
     .before = gone_with_value,
     .act = open_gone,
     .after = reopen_gone},
    {.name = "take over a dead one's lane, two at once, N=4",
     .world = {.capacity = 4},
     .flags = OP_PAIR,
     .before = gone_with_value,
     .act = open_gone,
     .after = reopen_gone},
    {.name = "take over a dead one's lane, a new id",
     .world = {.lanes = 2, .capacity = 32},
     .before = gone_without_value,
     .act = act_open_producer,
     .after = vacate_victim},
    {.name = "take over a dead one's lane and publish",
     .world = {.lanes = 2, .capacity = 4},
     .before = gone_without_value,
     .act = open_and_publish,
     .after = vacate_victim,
     .records = 1},
    {.name = "take over a dead one's channel",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .before = gone_with_value,
     .act = open_and_publish,
     .records = 1},
    {.name = "evict a dead one",
     .world = {.lanes = 2, .evict = true, .capacity = 16},
     .sample = 30,
     .before = gone_with_value,
     .act = act_open_producer,
     .after = vacate_victim,
     .clears = 1},
    {.name = "clear a dead one's value",
     .world = {.capacity = 32},
     .before = gone_with_value,
     .act = clear_orphans,
     .after = reopen_gone,
     .clears = 1},
};

SWEEP_MAIN("fault_kill_lane", ops)
