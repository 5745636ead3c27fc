/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_publish.c - a producer dies, or stands still, while it publishes.
 */
#include "fault/roles.h"

/* ---- what the victim does ---------------------------------------------- */

/* With a value that is there to be withdrawn. */
static int
with_value(struct victim *v)
{
	return role_producer(v) != 0 ||
		       weir_publish(v->p, v->rec[0], REC_SHORT, NULL) <= 0
		   ? -1
		   : 0;
}

static int
long_record(struct victim *v)
{
	rec_make(v->rec[0], REC_LONG, VICTIM, v->w->of[VICTIM].cnt + 1);
	return role_producer(v);
}

static int64_t
publish_long(struct victim *v)
{
	return weir_publish(v->p, v->rec[0], REC_LONG, NULL);
}

static int64_t
publish_batch(struct victim *v)
{
	struct iovec recs[3];

	for (int i = 0; i < 3; i++)
		recs[i] = (struct iovec){v->rec[i], REC_SHORT};
	return weir_publish_batch(v->p, recs, 3, NULL);
}

static int64_t
loan_commit(struct victim *v)
{
	uint8_t *buf;
	void *loan;

	if (weir_loan(v->p, REC_SHORT, &loan) != 0)
		return -1;
	buf = loan;
	for (int i = 0; i < REC_SHORT; i++)
		buf[i] = v->rec[0][i];
	return weir_commit(v->p, REC_SHORT, NULL);
}

static int64_t
clear(struct victim *v)
{
	return weir_clear(v->p);
}

/* ---- what the survivor does -------------------------------------------- */

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

static void
drain(struct world *w)
{
	world_drain(w);
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true

static const struct op ops[] = {
    {.name = "publish, exclusive, in the slot",
     .world = {EXCLUSIVE},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, in the lane",
     .world = {EXCLUSIVE},
     .set_up = long_record,
     .act = publish_long,
     .records = 1},
    {.name = "publish, exclusive, N=2",
     .world = {EXCLUSIVE, .capacity = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, in the lane, N=4",
     .world = {EXCLUSIVE, .capacity = 4},
     .set_up = long_record,
     .act = publish_long,
     .records = 1},
    {.name = "batch, exclusive, N=4",
     .world = {EXCLUSIVE, .capacity = 4},
     .set_up = role_producer,
     .act = publish_batch,
     .records = 3},
    {.name = "loan, exclusive",
     .world = {EXCLUSIVE},
     .set_up = role_producer,
     .act = loan_commit,
     .records = 1},
    {.name = "clear, exclusive",
     .world = {EXCLUSIVE},
     .set_up = with_value,
     .act = clear,
     .records = 1,
     .clears = 1},
    {.name = "publish, shared",
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, checked",
     .set_up = role_checked_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, a new store each time",
     .world = {.young = true},
     .flags = OP_FRESH,
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, long",
     .set_up = long_record,
     .act = publish_long,
     .records = 1},
    {.name = "publish and settle",
     .world = {.capacity = 256},
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
    {.name = "publish and settle, N=2",
     .world = {.capacity = 2},
     .before = until_unsettled,
     .set_up = role_producer,
     .act = act_publish,
     .after = settled,
     .records = 1},
    {.name = "publish, shared, N=2",
     .world = {.capacity = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, N=4",
     .world = {.capacity = 4},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "batch, shared, N=4",
     .world = {.capacity = 4},
     .set_up = role_producer,
     .act = publish_batch,
     .records = 3},
    {.name = "loan, shared",
     .set_up = role_producer,
     .act = loan_commit,
     .records = 1},
    {.name = "clear, shared",
     .set_up = with_value,
     .act = clear,
     .records = 1,
     .clears = 1},
    {.name = "publish, exclusive, block",
     .world = {EXCLUSIVE, BLOCK, .capacity = 16},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, exclusive, block, in the lane",
     .world = {EXCLUSIVE, BLOCK, .capacity = 4},
     .set_up = long_record,
     .act = publish_long,
     .records = 1},
    {.name = "publish, shared, block, N=2",
     .world = {BLOCK, .capacity = 2},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "publish, shared, block, N=16",
     .world = {BLOCK, .capacity = 16},
     .set_up = role_producer,
     .act = act_publish,
     .records = 1},
    {.name = "wait for space, exclusive",
     .world = {EXCLUSIVE, BLOCK, .capacity = 4},
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = drain,
     .records = 1},
    {.name = "wait for space, shared",
     .world = {BLOCK, .capacity = 4},
     .before = until_full,
     .set_up = role_producer,
     .act = act_publish,
     .asleep = drain,
     .records = 1},
    {.name = "wait for space, batch",
     .world = {BLOCK, .capacity = 4},
     .before = until_full,
     .set_up = role_producer,
     .act = publish_batch,
     .asleep = drain,
     .records = 3},
};

SWEEP_MAIN("fault_kill_publish", ops)
