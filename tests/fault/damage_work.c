/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage_work.c - see damage_work.h
 */
#include "fault/damage_work.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <weir/inspect.h>

#define MANY	100000 /* no iteration here is that long */
#define RECORDS 64     /* what a ring of 8 can give, and more */

static const char *const ids[] = {"late",    "idle",   "gone",
				  "cleared", "late-c", "nobody"};

/* ---- looking
 * ------------------------------------------------------------------ */

static void
touch(const weir_record *rec)
{
	const uint8_t *p = rec->data;
	static volatile uint8_t sum;
	char json[512];

	for (size_t i = 0; p && i < rec->len; i++)
		sum = (uint8_t)(sum + p[i]);
	if (rec->producer)
		sum = (uint8_t)(sum + strlen(rec->producer));
	weir_record_json(rec, json, sizeof(json));
}

int
work_read(weir_consumer *c, int view)
{
	weir_record recs[3];
	int rc = 0, cnt = 0;

	while (cnt < RECORDS) {
		rc = view ? weir_view(c, recs, 3, 0) : weir_read(c, recs, 3, 0);
		if (damage_answer(rc) <= 0)
			break;
		damage_must(rc <= 3);
		for (int i = 0; i < rc; i++)
			touch(&recs[i]);
		cnt += rc;
		if (view)
			damage_answer(weir_release(c, recs[rc - 1].seq));
	}
	return rc;
}

static void
observe(weir_channel *ch)
{
	for (uint32_t from = 0; from <= WEIR_FROM_SEQ; from++) {
		weir_consumer_opts o = {.size = sizeof(o),
					.from = from,
					.seq = 3,
					.flags = WEIR_CHECK};
		weir_consumer_info info = {.size = sizeof(info)};
		weir_consumer *c;

		if (damage_answer(weir_consumer_open(ch, NULL, &o, &c, NULL)))
			continue;
		work_read(c, 0);
		damage_answer(weir_consumer_stat(c, &info));
		damage_answer(weir_seek(c, WEIR_FROM_OLDEST, 0));
		work_read(c, 0);
		if (from == WEIR_FROM_NEW) {
			weir_record rec;

			damage_answer(weir_wait(&c, 1, WORK_NAP_NS, NULL));
			damage_answer(weir_read(c, &rec, 1, WORK_NAP_NS));
		}
		weir_consumer_close(c);
	}
}

static void
values(weir_channel *ch)
{
	uint8_t buf[256];
	weir_record rec;

	if (damage_answer(weir_current(ch, NULL, buf, sizeof(buf), &rec)) == 0)
		touch(&rec);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (damage_answer(
			weir_current(ch, ids[i], buf, sizeof(buf), &rec)) == 0)
			touch(&rec);
}

void
work_look_channel(weir_channel *ch)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	weir_slot_info s = {.size = sizeof(s)};
	weir_ring_info r = {.size = sizeof(r)};
	int n = 0;

	damage_step("stat");
	damage_answer(weir_channel_stat(ch, &info));
	weir_channel_schema(ch, NULL);
	damage_step("tables");
	while (damage_answer(weir_producer_next(ch, &p)) == 1) {
		damage_must(strnlen(p.id, sizeof(p.id)) < sizeof(p.id));
		damage_must(n++ < MANY);
	}
	while (damage_answer(weir_consumer_next(ch, &c)) == 1) {
		damage_must(strnlen(c.id, sizeof(c.id)) < sizeof(c.id));
		damage_must(n++ < MANY);
	}
	damage_step("ring");
	while (damage_answer(weir_slot_next(ch, &s)) == 1)
		damage_must(n++ < MANY);
	damage_answer(weir_ring_stat(ch, &r));
	damage_step("values");
	values(ch);
	damage_step("observe");
	observe(ch);
}

void
work_look(weir_store *st, const char *channel)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_participant_info p = {.size = sizeof(p)};
	weir_channel_info c = {.size = sizeof(c)};
	weir_channel *ch;
	int n = 0;

	damage_step("list");
	damage_answer(weir_store_stat(st, &info));
	while (damage_answer(weir_participant_next(st, &p)) == 1)
		damage_must(n++ < MANY);
	while (damage_answer(weir_channel_next(st, &c)) == 1) {
		damage_must(strnlen(c.name, sizeof(c.name)) < sizeof(c.name));
		damage_must(n++ < MANY);
	}
	for (int i = 0; i < DAMAGE_CHANNELS; i++) {
		const char *name = damage_channels[i];

		if (channel && strcmp(channel, name) != 0)
			continue;
		damage_step("open a channel");
		if (damage_answer(
			weir_channel_open(st, name, NULL, &ch, NULL)) == 0) {
			work_look_channel(ch);
			weir_channel_close(ch);
		}
	}
}

/* ---- taking part
 * -------------------------------------------------------------- */

void
work_publish(weir_producer *p)
{
	uint8_t msg[200];
	struct iovec recs[3] = {{msg, 20}, {msg, 20}, {msg, 20}};
	void *buf;

	memset(msg, 'x', sizeof(msg));
	msg[0] = 0xd9;
	msg[1] = 18;
	damage_step("publish");
	damage_answer(weir_publish(p, msg, 20, NULL));
	damage_answer(weir_publish_batch(p, recs, 3, NULL));
	damage_answer(weir_publish_json(p, "\"xyz\"", 5, NULL));
	msg[1] = 178;
	damage_answer(weir_publish(p, msg, 180, NULL));
	damage_answer(weir_publish(p, msg, 180, NULL));
	damage_step("loan");
	if (damage_answer(weir_loan(p, 0, &buf)) == 0) {
		memset(buf, 'x', 20);
		memcpy(buf, "\xd9\x12", 2);
		damage_answer(weir_commit(p, 20, NULL));
		weir_abort(p); /* what was refused is still on loan */
	}
	damage_step("clear");
	damage_answer(weir_clear(p));
	msg[1] = 18;
	damage_answer(weir_publish(p, msg, 20, NULL));
}

/* A consumer that takes a place, reads, and waits a little. */
static void
consume(weir_channel *ch, const char *id, uint32_t flags, int view)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = flags,
				.from = WEIR_FROM_EACH,
				.spin_ns = -1};
	weir_consumer *c;
	weir_record rec;

	if (damage_answer(weir_consumer_open(ch, id, &o, &c, NULL)))
		return;
	work_read(c, view);
	damage_answer(weir_read(c, &rec, 1, WORK_NAP_NS));
	weir_consumer_close(c);
}

void
work_join(weir_channel *ch)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = WORK_NAP_NS};
	weir_producer *p, *q = NULL;

	damage_step("consume");
	consume(ch, "late-c", 0, 0);
	consume(ch, "newcomer", 0, 0);
	damage_step("produce");
	if (damage_answer(weir_producer_open(ch, "late", &o, &p, NULL)) == 0) {
		work_publish(p);
		damage_answer(weir_producer_open(ch, "newcomer", &o, &q, NULL));
		if (q)
			work_publish(q);
		weir_producer_close(q);
		weir_producer_close(p);
	}
	damage_step("clear orphans");
	damage_answer(weir_channel_clear_orphans(ch, "gone", NULL));
	damage_answer(weir_channel_clear_orphans(ch, NULL, NULL));
	if (weir_channel_stat(ch, &info) == 0 && info.overflow == WEIR_BLOCK) {
		damage_step("gate");
		consume(ch, "late-g", WEIR_GATE, 0);
		consume(ch, "viewer", WEIR_GATE, 1);
	}
}

/* A channel that is made is empty, whatever was in its memory before. */
static void
make_and_remove(weir_store *st)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 2,
			       .lane_bytes = 256,
			       .max_producers = 1,
			       .max_consumers = 1};
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch;

	damage_step("make a channel");
	if (damage_answer(weir_channel_open(st, "new", &o, &ch, NULL)))
		return;
	if (damage_answer(weir_channel_stat(ch, &info)) == 0)
		damage_must(info.newest_seq == 0);
	work_join(ch);
	weir_channel_close(ch);
	damage_answer(weir_channel_remove(st, "new", NULL));
}

void
work_change(weir_store *st, const char *channel)
{
	weir_channel *ch;

	make_and_remove(st);
	if (!channel)
		return;
	damage_step("remove a channel");
	damage_answer(weir_channel_remove(st, channel, NULL));
	if (damage_answer(weir_channel_open(st, channel, NULL, &ch, NULL)) == 0)
		weir_channel_close(ch); /* somebody has made it again */
	make_and_remove(st);
}

void
work_whole(weir_store *st)
{
	static const uint8_t msg[] = {0xa3, 'x', 'y', 'z'};
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_NEW};
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_consumer *c = NULL;
	weir_record rec;

	damage_step("the whole channel");
	damage_must(weir_channel_open(st, DAMAGE_WHOLE, NULL, &ch, NULL) == 0);
	damage_must(weir_producer_open(ch, "me", NULL, &p, NULL) == 0);
	damage_must(weir_consumer_open(ch, "me", &o, &c, NULL) == 0);
	for (int i = 0; i < 6; i++) {
		int64_t seq = weir_publish(p, msg, sizeof(msg), NULL);

		damage_must(seq > 0);
		damage_must(weir_read(c, &rec, 1, 0) == 1);
		damage_must(rec.seq == (uint64_t)seq && rec.lost == 0);
		damage_must(rec.len == sizeof(msg) &&
			    memcmp(rec.data, msg, sizeof(msg)) == 0);
	}
	weir_consumer_close(c);
	weir_producer_close(p);
	weir_channel_close(ch);
}
