/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_damage_live.c - a store that is damaged under those who are in it:
 * each field of each struct, in each way, while a reader, a gating reader, a
 * sleeper, producers and an observer have it open; then each does its work,
 * and others come.
 *
 *     # fault_damage_live: F fields, D damaged stores, B ended badly
 */
#include "fault/damage.h"
#include "fault/damage_work.h"
#include "fault/guard.h"
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

/* `make check` tries every so-manieth; the numbers are prime to five ways. */
#define SAMPLE (guard_by_asan() ? 11u : 7u)

static struct damage base;

/* ---- everybody who is there
 * ---------------------------------------------------- */

/* All handles on one channel. */
struct crew {
	weir_channel *ch, *seen; /* the same, through an observer's store */
	weir_producer *late, *other;
	weir_consumer *reader, *gate, *viewer, *observer, *told;
	int fd;
};

struct crews {
	weir_store *st, *eye;
	struct crew of[DAMAGE_CHANNELS];
};

static weir_consumer *
consumer(weir_channel *ch, const char *id, uint32_t flags)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = flags,
				.from = WEIR_FROM_OLDEST,
				.spin_ns = -1};
	weir_consumer *c = NULL;

	if (ch)
		damage_must(weir_consumer_open(ch, id, &o, &c, NULL) == 0);
	return c;
}

static void
come(struct crews *all, struct crew *m, int i, bool with_fd)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = WORK_NAP_NS};
	const char *name = damage_channels[i];
	bool is_block = name[0] == 'l' || name[0] == 'g';

	damage_must(weir_channel_open(all->st, name, NULL, &m->ch, NULL) == 0);
	damage_must(weir_channel_open(all->eye, name, NULL, &m->seen, NULL) ==
		    0);
	damage_must(weir_producer_open(m->ch, "late", &o, &m->late, NULL) == 0);
	if (name[0] == 'w' || name[0] == 'g')
		damage_must(weir_producer_open(m->ch, "other", &o, &m->other,
					       NULL) == 0);
	m->reader = consumer(m->ch, "reader", 0);
	if (is_block) {
		m->gate = consumer(m->ch, "gate", WEIR_GATE);
		m->viewer = consumer(m->ch, "viewer", WEIR_GATE | WEIR_CHECK);
	} else if (with_fd) {
		m->told = consumer(m->ch, "told", 0);
		m->fd = weir_fd(m->told);
		damage_must(m->fd >= 0);
	}
	m->observer = consumer(m->seen, NULL, WEIR_CHECK);
}

static void
wait_for(weir_consumer *c)
{
	weir_record rec;

	if (!c)
		return;
	damage_answer(weir_read(c, &rec, 1, WORK_NAP_NS));
	damage_answer(weir_wait(&c, 1, WORK_NAP_NS, NULL));
}

static void
read_all(struct crew *m)
{
	damage_step("read");
	work_read(m->reader, 0);
	if (m->gate)
		work_read(m->gate, 0);
	if (m->viewer)
		work_read(m->viewer, 1);
	if (m->told)
		work_read(m->told, 0);
	damage_step("observer reads");
	work_read(m->observer, 0);
}

static void
work(struct crew *m)
{
	read_all(m);
	work_publish(m->late);
	if (m->other)
		work_publish(m->other);
	read_all(m);
	damage_step("sleep");
	wait_for(m->reader);
	wait_for(m->gate);
	wait_for(m->observer);
	damage_step("look");
	work_look_channel(m->ch);
	work_look_channel(m->seen);
	damage_step("others come");
	work_join(m->ch);
	damage_step("seek");
	damage_answer(weir_seek(m->reader, WEIR_FROM_EACH, 0));
	work_read(m->reader, 0);
	if (m->gate) {
		damage_answer(weir_seek(m->gate, WEIR_FROM_SEQ, 5));
		work_read(m->gate, 0);
	}
}

static void
go(struct crew *m)
{
	weir_consumer_close(m->told);
	weir_consumer_close(m->observer);
	weir_consumer_close(m->viewer);
	weir_consumer_close(m->gate);
	weir_consumer_close(m->reader);
	weir_producer_close(m->other);
	weir_producer_close(m->late);
	weir_channel_close(m->seen);
	weir_channel_close(m->ch);
}

static weir_store *
attach(const struct damage *d, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_store *st = NULL;

	damage_must(weir_store_open(d->name, &o, &st, NULL) == 0);
	return st;
}

/* The work of all, with the damage done by @fn once they are there. */
static void
use(struct damage *d, const struct damage_field *f, size_t variant)
{
	struct crews all = {attach(d, 0), attach(d, WEIR_READ_ONLY), {{0}}};
	bool is_control = strncmp(f->name, "control", 7) == 0;

	damage_step("come");
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (!f->channel || strcmp(f->channel, damage_channels[i]) == 0)
			come(&all, &all.of[i], i, is_control);
	if (f->len)
		damage_field_apply(d, variant);
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (all.of[i].ch)
			work(&all.of[i]);
	work_look(all.eye, "whole");
	if (f->channel)
		work_whole(all.st);
	work_change(all.st, f->channel ? f->channel : "gate");
	damage_step("after a removal");
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (all.of[i].ch)
			read_all(&all.of[i]);
	damage_step("go");
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (all.of[i].ch)
			go(&all.of[i]);
	if (f->channel)
		work_whole(all.st);
	weir_store_close(all.eye);
	weir_store_close(all.st);
}

static void
damaged(struct damage *d, size_t variant)
{
	use(d, damage_field_of(d, variant), variant);
}

static void
live_damaged_field(void)
{
	unsigned long tried;
	int bad = damage_sweep(&base, damaged, damage_field_name,
			       damage_field_variants(&base),
			       t_torture() ? 1 : SAMPLE, &tried);

	t_log("# fault_damage_live: %zu fields, %lu damaged stores, %d ended "
	      "badly\n",
	      base.field_cnt, tried, bad);
	CU_ASSERT_EQUAL(bad, 0);
}

/* ---- without damage, and single cases
 * ------------------------------------------ */

static void
whole(struct damage *d, size_t variant)
{
	use(d, &(struct damage_field){.channel = "gate"}, variant);
	damage_restore(d);
	use(d, &(struct damage_field){.channel = NULL}, variant);
}

static void
live_undamaged(void)
{
	unsigned long tried;

	CU_ASSERT_EQUAL(damage_sweep(&base, whole, damage_no_name, 1, 1, &tried), 0);
}

static void
make(void)
{
	if (!base.map)
		damage_make(&base, t_seed(1));
}

SUITE_WITH("fault_damage_live", make, NULL, TEST(live_undamaged),
	   TEST(live_damaged_field));
