/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_damage_attach.c - a store that was damaged before anybody came: each
 * field of each struct of it, in each way, and then it is opened, looked at,
 * read, published to, changed.
 *
 *     # fault_damage_attach: F fields, D damaged stores, B ended badly
 */
#include "fault/damage.h"
#include "fault/damage_work.h"
#include "fault/guard.h"
#include "support/harness.h"
#include <string.h>

#include "format/layout.h"

/* `make check` tries every so-manieth; the numbers are prime to five ways. */
#define SAMPLE (guard_by_asan() ? 11u : 7u)

static struct damage base;

static weir_store *
attach(const struct damage *d, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_store *st;

	damage_step(flags ? "observe" : "attach");
	damage_answer(weir_store_open(d->name, &o, &st, NULL));
	return st;
}

static void
use(struct damage *d, const struct damage_field *f)
{
	weir_store *st = attach(d, WEIR_READ_ONLY);

	if (st)
		work_look(st, f->channel);
	weir_store_close(st);
	st = attach(d, 0);
	if (!st)
		return;
	work_look(st, f->channel);
	for (int i = 0; i < DAMAGE_CHANNELS; i++) {
		weir_channel *ch;

		if (f->channel && strcmp(f->channel, damage_channels[i]) != 0)
			continue;
		damage_step("join");
		if (damage_answer(weir_channel_open(st, damage_channels[i],
						    NULL, &ch, NULL)) == 0) {
			work_join(ch);
			weir_channel_close(ch);
		}
	}
	if (f->channel)
		work_whole(st);
	work_change(st, f->channel ? f->channel : "gate");
	if (f->channel)
		work_whole(st);
	damage_step("close");
	weir_store_close(st);
}

static void
damaged(struct damage *d, size_t variant)
{
	damage_field_apply(d, variant);
	use(d, damage_field_of(d, variant));
}

/* The header has a sum, which an enemy makes right. */
static void
damaged_and_signed(struct damage *d, size_t variant)
{
	damage_field_apply(d, variant);
	damage_sign(d);
	use(d, damage_field_of(d, variant));
}

static size_t
header_variants(const struct damage *d)
{
	size_t n = 0;

	while (d->fields[n].off < sizeof(struct wi_shm_header))
		n++;
	return n * DAMAGE_HOWS;
}

static void
sweep(damage_use *fn, size_t cnt, unsigned stride)
{
	unsigned long tried;
	int bad = damage_sweep(&base, fn, damage_field_name, cnt,
			       t_torture() ? 1 : stride, &tried);

	t_log("# fault_damage_attach: %zu fields, %lu damaged stores, %d ended "
	      "badly\n",
	      cnt / DAMAGE_HOWS, tried, bad);
	CU_ASSERT_EQUAL(bad, 0);
}

static void
whole(struct damage *d, size_t variant)
{
	weir_store *st = attach(d, 0);

	(void)variant;
	damage_must(st != NULL);
	weir_store_close(st);
	use(d, &(struct damage_field){.channel = "wide"});
	damage_restore(d);
	use(d, &(struct damage_field){.channel = NULL});
}

/* What all the others do must work where nothing is damaged. */
static void
attach_undamaged(void)
{
	unsigned long tried;

	CU_ASSERT(base.field_cnt > 500);
	CU_ASSERT_EQUAL(damage_sweep(&base, whole, damage_no_name, 1, 1, &tried), 0);
}

static void
attach_damaged_field(void)
{
	sweep(damaged, damage_field_variants(&base), SAMPLE);
}

static void
attach_damaged_header_with_its_sum_right(void)
{
	sweep(damaged_and_signed, header_variants(&base), 1);
}

static void
make(void)
{
	if (!base.map)
		damage_make(&base, t_seed(1));
}

SUITE_WITH("fault_damage_attach", make, NULL, TEST(attach_undamaged),
	   TEST(attach_damaged_field),
	   TEST(attach_damaged_header_with_its_sum_right));
