/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_sleep.c - one who should wake others dies, or one who sleeps.
 */
#include <errno.h>

#include "fault/roles.h"

static int64_t
publish_batch(struct victim *v)
{
	struct iovec recs[3];

	for (int i = 0; i < 3; i++)
		recs[i] = (struct iovec){v->rec[i], REC_SHORT};
	return weir_publish_batch(v->p, recs, 3, NULL);
}

static int
with_value(struct victim *v)
{
	return role_producer(v) != 0 || act_publish(v) <= 0 ? -1 : 0;
}

static int64_t
clear(struct victim *v)
{
	return weir_clear(v->p);
}

static int64_t
read_for_ever(struct victim *v)
{
	weir_record rec;

	return weir_read(v->c, &rec, 1, -1);
}

/* A time-out that comes while it is stepped, or that does not. */
static int64_t
read_for_a_moment(struct victim *v)
{
	weir_record rec;
	int rc = weir_read(v->c, &rec, 1, 20000000);

	return rc == -EAGAIN ? 0 : rc;
}

static void
wake(struct world *w)
{
	world_say(w, REC_SHORT);
}

/* It is woken by the bell, as one of several, and has to pass it on. */
static void
ring(struct world *w)
{
	if (role_gone(w, GONE_AT_COMMIT) != 0)
		world_fail(w, "nobody rang the bell");
}

static void
ring_for_it_first(struct world *w)
{
	world_sleepers_stir(w);
	ring(w);
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true

static const struct op ops[] = {
    {.name = "publish, exclusive, one sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, two sleep",
     .world = {EXCLUSIVE, .sleepers = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, one sleeps",
     .world = {.sleepers = 1},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, two sleep",
     .world = {.sleepers = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, two sleep, N=2",
     .world = {.capacity = 2, .sleepers = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "batch, shared, two sleep",
     .world = {.sleepers = 2},
     .set_up = role_producer,
     .act = publish_batch,
     .records = 3},
    {.name = "clear, exclusive, one sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .set_up = with_value,
     .act = clear,
     .records = 1,
     .clears = 1},
    {.name = "sleep and wake, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = wake},
    {.name = "sleep and wake, shared, another sleeps",
     .world = {.sleepers = 1},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = wake},
    {.name = "sleep and wake, gating",
     .world = {BLOCK, .capacity = 4},
     .flags = OP_READER | OP_GATES,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = wake},
    {.name = "sleep until the time-out",
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_a_moment},
    {.name = "woken by the bell, another first",
     .world = {.sleepers = 1},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = ring},
    {.name = "woken by the bell, first of two",
     .world = {.sleepers = 1},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = ring_for_it_first},
    {.name = "woken by the bell, first of three",
     .world = {EXCLUSIVE, .sleepers = 2},
     .flags = OP_READER,
     .set_up = role_reader,
     .act = read_for_ever,
     .asleep = ring_for_it_first},
};

SWEEP_MAIN("fault_kill_sleep", ops)
