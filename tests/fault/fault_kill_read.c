/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_read.c - a consumer dies while it joins, reads, or leaves.
 */
#include <errno.h>
#include <signal.h>

#include "fault/roles.h"

/* ---- what the victim does ---------------------------------------------- */

static int
observer_of_three(struct victim *v)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_OLDEST};

	return role_reader_with_records(v) != 0
		   ? -1
		   : weir_consumer_open(v->ch, NULL, &o, &v->c, NULL);
}

/* What was read is whole. */
static int64_t
read_some(struct victim *v)
{
	weir_record recs[8];
	int n = weir_read(v->c, recs, 8, 0);

	for (int i = 0; i < n; i++)
		if (!role_took(v, &recs[i]))
			return -1;
	return n;
}

static int64_t
view_and_release(struct victim *v)
{
	weir_record recs[8];
	int n = weir_view(v->c, recs, 8, 0);

	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++)
		if (!role_took(v, &recs[i]))
			return -1;
	return weir_release(v->c, recs[n - 1].seq);
}

static int64_t
current(struct victim *v)
{
	uint8_t buf[REC_MAX];
	weir_record rec;

	const char *id = v->w->o.exclusive ? NULL : who_id[OTHER];

	return weir_current(v->ch, id, buf, sizeof(buf), &rec);
}

static int64_t
seek(struct victim *v)
{
	return weir_seek(v->c, WEIR_FROM_EACH, 0);
}

static int64_t
open_from(struct victim *v, weir_from from)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = v->w->o.block ? WEIR_GATE : 0,
				.from = from};

	return weir_consumer_open(v->ch, role_reader_id(v->who), &o, &v->c,
				  NULL);
}

static int64_t
open_current(struct victim *v)
{
	return open_from(v, WEIR_FROM_CURRENT);
}

static int64_t
open_each(struct victim *v)
{
	return open_from(v, WEIR_FROM_EACH);
}

static int64_t
open_oldest(struct victim *v)
{
	return open_from(v, WEIR_FROM_OLDEST);
}

static int64_t
open_and_read(struct victim *v)
{
	int64_t rc = open_current(v);

	return rc ? rc : read_some(v);
}

/* ---- a producer that waits for the victim to read ---------------------- */

#define WAITING 4

static struct proc writer;

static int
write_one(struct proc *me, void *arg)
{
	const struct world *w = arg;
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = -1};
	weir_store *st = world_attach(w);
	uint8_t rec[REC_SHORT];
	weir_channel *ch;
	weir_producer *p;

	rec_make(rec, sizeof(rec), GONE, w->of[GONE].cnt + 1);
	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_producer_open(ch, who_id[GONE], &o, &p, NULL) == 0);
	proc_tell(me, 'r');
	proc_check(weir_publish(p, rec, sizeof(rec), NULL) > 0);
	weir_store_close(st);
	return 0;
}

static int
writer_waits(struct world *w)
{
	world_drain(w);
	if (proc_start(&writer, write_one, w) != 0 || proc_hear(&writer) != 'r')
		return -1;
	return proc_await_asleep(&writer);
}

static void
writer_is_through(struct world *w, bool finished)
{
	uint64_t cnt = w->of[GONE].cnt;

	(void)finished;
	if (proc_wait(&writer) != 0)
		world_fail(w, "the producer that waited");
	world_drain(w);
	if (w->of[GONE].cnt > cnt + 1)
		world_fail(w, "it published twice");
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true

static const struct op ops[] = {
    {.name = "read, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 3},
    {.name = "read, shared",
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 3},
    {.name = "read, overtaken, exclusive",
     .world = {EXCLUSIVE, .capacity = 8},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 10},
    {.name = "read, overtaken, shared",
     .world = {.capacity = 8},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 10},
    {.name = "read, gating, exclusive",
     .world = {EXCLUSIVE, BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 2},
    {.name = "read, gating, shared",
     .world = {BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 2},
    {.name = "read, gating, two at once",
     .world = {BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_PAIR,
     .set_up = role_reader_with_records,
     .act = read_some,
     .records = 2},
    {.name = "read, an observer",
     .flags = OP_READER,
     .set_up = observer_of_three,
     .act = read_some,
     .records = 3},
    {.name = "view and release",
     .world = {BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = view_and_release,
     .records = 2},
    {.name = "view and release, exclusive",
     .world = {EXCLUSIVE, BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .set_up = role_reader_with_records,
     .act = view_and_release,
     .records = 2},
    {.name = "read, and a producer waits",
     .world = {BLOCK, .capacity = WAITING},
     .flags = OP_READER | OP_GATES,
     .set_up = role_reader_with_records,
     .ready = writer_waits,
     .act = read_some,
     .after = writer_is_through,
     .records = WAITING},
    {.name = "leave, and a producer waits",
     .world = {BLOCK, .capacity = WAITING},
     .flags = OP_READER | OP_GATES,
     .set_up = role_reader_with_records,
     .ready = writer_waits,
     .act = act_leave,
     .after = writer_is_through,
     .records = WAITING},
    {.name = "current value", .flags = OP_RINGS, .act = current},
    {.name = "current value, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_RINGS,
     .act = current},
    {.name = "join at current, exclusive",
     .world = {EXCLUSIVE},
     .flags = OP_READER | OP_RINGS,
     .act = open_current},
    {.name = "join at current and read, shared",
     .flags = OP_READER | OP_RINGS,
     .act = open_and_read},
    {.name = "join at each",
     .world = {.capacity = 16},
     .flags = OP_READER | OP_RINGS,
     .act = open_each},
    {.name = "join, gating",
     .world = {BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .act = open_oldest},
    {.name = "join, gating, exclusive",
     .world = {EXCLUSIVE, BLOCK, .capacity = 16},
     .flags = OP_READER | OP_GATES | OP_RINGS,
     .act = open_current},
    {.name = "join, gating, two at once",
     .world = {BLOCK, .capacity = 4},
     .flags = OP_READER | OP_GATES | OP_PAIR,
     .act = open_oldest},
    {.name = "seek",
     .world = {.capacity = 16},
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader,
     .act = seek},
    {.name = "leave, shared",
     .flags = OP_READER,
     .set_up = role_reader,
     .act = act_leave},
    {.name = "leave, gating",
     .world = {BLOCK, .capacity = 4},
     .flags = OP_READER | OP_GATES,
     .set_up = role_reader,
     .act = act_leave},
};

SWEEP_MAIN("fault_kill_read", ops)
