/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_sleep.c - one who should wake others dies, or one who sleeps.
 */
#include <errno.h>

#include "fault/roles.h"

/* A time-out that comes while it is stepped, or that does not. */
static int64_t
read_for_a_moment(struct victim *v)
{
	weir_record rec;
	int rc = weir_read(v->c, &rec, 1, 20000000);

	return rc == -EAGAIN ? 0 : rc;
}

/* Nobody publishes who could wake them in its stead: so they look, after a
 * second. */
static void
they_look(struct world *w)
{
	sleepers_have(w, 0);
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true

static const struct op ops[] = {
    {.name = "publish, exclusive, one sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, two sleep",
     .world = {EXCLUSIVE, .sleepers = 2},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, one sleeps",
     .world = {.sleepers = 1},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, two sleep",
     .world = {.sleepers = 2},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "batch, shared, two sleep",
     .world = {.sleepers = 2},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .records = 3},
    {.name = "clear, exclusive, one sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .flags = OP_RINGS,
     .set_up = role_producer_with_value,
     .act = act_clear,
     .records = 1,
     .clears = 1},
    {.name = "batch, exclusive, one sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish_batch,
     .records = 3},
    {.name = "publish, block, two sleep",
     .world = {BLOCK, .capacity = 16, .sleepers = 2},
     .flags = OP_RINGS,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, two at once, two sleep",
     .world = {.sleepers = 2},
     .flags = OP_RINGS | OP_PAIR,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, one sleeps and has to look",
     .world = {EXCLUSIVE, .sleepers = 1},
     .sample = 8,
     .set_up = role_producer,
     .act = act_publish,
     .frozen = they_look,
     .records = 1},
    {.name = "publish, shared, one sleeps in a crowd",
     .world = {.sleepers = 1, .crowd = true},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, two sleep in a crowd",
     .world = {EXCLUSIVE, .sleepers = 2, .crowd = true},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "sleep and wake, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_by_record},
    {.name = "sleep and wake, shared, another sleeps",
     .world = {.sleepers = 1},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_by_record},
    {.name = "sleep and wake, gating",
     .world = {BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_by_record},
    {.name = "sleep and wake, two at once, another sleeps",
     .world = {.sleepers = 1},
     .flags = OP_READER | OP_PAIR,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_by_record},
    {.name = "sleep until the time-out",
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_a_moment},
    {.name = "woken by the bell, another first",
     .world = {.sleepers = 1},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_by_bell},
    {.name = "woken by the bell, first of two",
     .world = {.sleepers = 1},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_first_by_bell},
    {.name = "woken by the bell, first of three",
     .world = {EXCLUSIVE, .sleepers = 2},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_first_by_bell},
    {.name = "woken by the bell, two at once, of three",
     .world = {.sleepers = 1},
     .flags = OP_READER | OP_PAIR,
     .sample = 16,
     .set_up = role_reader,
     .act = act_read_for_ever,
     .asleep = wake_first_by_bell},
};

SWEEP_MAIN("fault_kill_sleep", ops)
