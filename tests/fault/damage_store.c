/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage_store.c - see damage.h: the store that everything is done to
 */
#include "fault/damage.h"
#include "support/procs.h"
#include <stdint.h>
#include <string.h>

const char *const damage_channels[] = {"slot", "long", "wide", "gate",
				       DAMAGE_WHOLE};

static weir_store *
open_store(const char *name)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .max_bytes = 1u << 20,
			     .max_channels = 8,
			     .max_participants = 12};
	weir_store *st = NULL;

	damage_need(weir_store_open(name, &o, &st, NULL), "store");
	return st;
}

static weir_channel *
open_channel(weir_store *st, const char *name)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .max_consumers = 3,
			       .capacity = 4,
			       .max_record = 200,
			       .lane_bytes = 1024};
	weir_channel *ch = NULL;

	switch (name[0]) {
	case 's': /* slot */
		o.producers = WEIR_EXCLUSIVE;
		o.max_record = 64;
		o.lane_bytes = 0;
		break;
	case 'l': /* long */
		o.producers = WEIR_EXCLUSIVE;
		o.overflow = WEIR_BLOCK;
		break;
	case 'g': /* gate; gone */
		o.overflow = WEIR_BLOCK;
		o.capacity = 8;
		o.max_producers = 3;
		o.orphans = WEIR_EVICT;
		o.stamps = WEIR_OFF;
		break;
	default: /* wide, whole, dying */
		o.max_producers = 4;
		o.schema = "{\"type\":\"string\",\"minLength\":1}";
	}
	damage_need(weir_channel_open(st, name, &o, &ch, NULL), name);
	return ch;
}

static weir_producer *
open_producer(weir_channel *ch, const char *id)
{
	weir_producer *p = NULL;

	damage_need(weir_producer_open(ch, id, NULL, &p, NULL), id);
	return p;
}

static weir_consumer *
open_consumer(weir_channel *ch, const char *id, uint32_t flags, uint32_t from)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .flags = flags, .from = from, .spin_ns = -1};
	weir_consumer *c = NULL;

	damage_need(weir_consumer_open(ch, id, &o, &c, NULL), id);
	return c;
}

static void
put(weir_producer *p, int cnt, size_t len)
{
	uint8_t msg[200];

	memset(msg, 'x', sizeof(msg));
	msg[0] = 0xd9;
	msg[1] = (uint8_t)(len - 2);
	while (cnt--)
		damage_need(weir_publish(p, msg, len, NULL), "publish");
}

/* A process that has a hand in everything, and dies asleep. */
static int
late(struct proc *me, void *arg)
{
	weir_store *st = open_store(arg);
	weir_channel *ch[DAMAGE_CHANNELS];
	weir_producer *p;
	weir_record rec;

	(void)me;
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		ch[i] = open_channel(st, damage_channels[i]);
	open_channel(st, "dying");

	p = open_producer(ch[0], "late"); /* slot */
	put(p, 7, 40);
	open_consumer(ch[0], "late-c", 0, WEIR_FROM_OLDEST);
	p = open_producer(ch[1], "late"); /* long: in the lane, in the slot */
	put(p, 6, 180);
	put(p, 1, 20);
	open_consumer(ch[1], "late-g", WEIR_GATE, WEIR_FROM_OLDEST);
	p = open_producer(ch[2], "gone"); /* wide: a value without a holder */
	put(p, 1, 150);
	weir_producer_close(p);
	p = open_producer(ch[2], "cleared");
	put(p, 2, 30);
	weir_clear(p);
	weir_producer_close(p);
	p = open_producer(ch[2], "late");
	put(p, 9, 100);
	p = open_producer(ch[3], "late"); /* gate */
	put(p, 12, 60);
	open_consumer(ch[3], "late-g", WEIR_GATE, WEIR_FROM_CURRENT);
	open_consumer(ch[3], "late-c", 0, WEIR_FROM_NEW);
	return weir_read(open_consumer(ch[2], "late-c", 0, WEIR_FROM_NEW), &rec,
			 1, -1);
}

void
damage_fill(const char *name)
{
	weir_store *st = open_store(name);
	weir_channel *ch;
	weir_producer *p;
	struct proc proc;

	open_channel(st, "gone");
	/* its neighbour is one that is damaged, and removed */
	open_channel(st, "slot");
	open_channel(st, DAMAGE_WHOLE);
	damage_need(proc_start(&proc, late, (void *)(uintptr_t)name),
		    "process");
	damage_need(proc_await_asleep(&proc), "asleep");
	damage_need(weir_channel_remove(st, "dying", NULL), "remove");
	ch = open_channel(st, "gate");
	p = open_producer(ch, "idle");
	put(p, 2, 33);
	weir_producer_close(p);
	proc_kill(&proc);
	damage_need(weir_channel_remove(st, "gone", NULL), "remove");
	weir_store_close(st);
}
