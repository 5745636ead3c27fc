/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_current.c - current values: of channels, of producers, after clears,
 * after death, in the face of everybody else's traffic.
 */
#include "unit/fix.h"

#define NOTHING UINT64_MAX

static weir_store *st;
static weir_channel *ch;

static void
before(void)
{
	st = NULL;
	ch = NULL;
}

static void
after(void)
{
	weir_store_close(st);
}

static void
open_channel(const weir_channel_opts *o)
{
	st = fix_store();
	ch = fix_channel(st, "values", o);
}

static const char *
current_producer(void)
{
	static weir_record rec;
	uint8_t buf[64];

	if (weir_current(ch, NULL, buf, sizeof(buf), &rec) != 0)
		return "";
	return rec.producer;
}

/* ---- one call --------------------------------------------------------------
 */

static void
current_of_nothing_is_enoent(void)
{
	weir_record rec;

	open_channel(NULL);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, NULL, 0, &rec), -ENOENT);
	CU_ASSERT_EQUAL(weir_current(ch, "nobody", NULL, 0, &rec), -ENOENT);
	fix_producer(ch, "a");
	CU_ASSERT_EQUAL(weir_current(ch, "a", NULL, 0, &rec), -ENOENT);
}

static void
current_refuses_bad_arguments(void)
{
	weir_record rec;
	char buf[8];

	open_channel(NULL);
	CU_ASSERT_EQUAL(weir_current(NULL, NULL, buf, 8, &rec), -EINVAL);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, NULL, 8, &rec), -EINVAL);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, 8, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_current(ch, "", buf, 8, &rec), -EINVAL);
	CU_ASSERT_EQUAL(weir_current(ch, "a\nb", buf, 8, &rec), -EINVAL);
}

static void
current_describes_the_record(void)
{
	weir_record rec;
	uint8_t buf[9];
	weir_producer *p;

	open_channel(NULL);
	p = fix_producer(ch, "a");
	fix_must_put(p, 1);
	fix_must_put(p, 77);
	CU_ASSERT_EQUAL_FATAL(weir_current(ch, NULL, buf, 9, &rec), 0);
	CU_ASSERT_EQUAL(rec.seq, 2);
	CU_ASSERT_EQUAL(rec.lost, 0);
	CU_ASSERT_EQUAL(rec.kind, WEIR_DATA);
	CU_ASSERT_EQUAL(rec.flags, WEIR_CURRENT);
	CU_ASSERT_EQUAL(rec.len, 9);
	CU_ASSERT_PTR_EQUAL(rec.data, buf);
	CU_ASSERT(rec.time_ns != 0);
	CU_ASSERT_STRING_EQUAL(rec.producer, "a");
	CU_ASSERT_EQUAL(fix_value(&rec), 77);
}

static void
current_buffer_too_small_says_how_much(void)
{
	const uint32_t kinds[] = {WEIR_SHARED, WEIR_EXCLUSIVE};

	for (int i = 0; i < 2; i++) {
		weir_record rec;
		uint8_t buf[9];

		open_channel(CH_OPTS(.producers = kinds[i]));
		fix_must_put(fix_producer(ch, "a"), 5);
		CU_ASSERT_EQUAL(weir_current(ch, NULL, NULL, 0, &rec),
				-ENOBUFS);
		CU_ASSERT_EQUAL(rec.len, 9);
		CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, 8, &rec), -ENOBUFS);
		CU_ASSERT_EQUAL(weir_current(ch, "a", buf, 8, &rec), -ENOBUFS);
		CU_ASSERT_EQUAL(rec.len, 9);
		CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, 9, &rec), 0);
		weir_store_close(st);
		st = NULL;
	}
}

static void
current_of_an_ended_channel_says_why(void)
{
	weir_record rec;

	open_channel(NULL);
	fix_must_put(fix_producer(ch, "a"), 5);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "values", NULL), 0);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, NULL, 0, &rec), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_current(ch, "a", NULL, 0, &rec), WEIR_EREMOVED);
}

static void
current_after_destroy_is_eretired(void)
{
	const char *name;
	weir_record rec;

	st = tmpstore_new(&name);
	ch = fix_channel(st, "values", NULL);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, NULL, 0, &rec), WEIR_ERETIRED);
}

/* ---- several producers, clears ----------------------------------------------
 */

static void
current_is_the_newest_of_any_producer(void)
{
	weir_producer *a, *b;

	open_channel(NULL);
	a = fix_producer(ch, "a");
	b = fix_producer(ch, "b");
	fix_must_put(a, 1);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
	fix_must_put(b, 2);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "b"), 2);
	fix_must_put(a, 3);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 3);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 3);
	CU_ASSERT_EQUAL(fix_current(ch, "b"), 2);
}

static void
current_after_a_clear_is_the_next_newest(void)
{
	weir_producer *a, *b;

	open_channel(NULL);
	a = fix_producer(ch, "a");
	b = fix_producer(ch, "b");
	fix_must_put(a, 1);
	fix_must_put(b, 2);
	CU_ASSERT_EQUAL(weir_clear(b), 3);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
	CU_ASSERT_STRING_EQUAL(current_producer(), "a");
	CU_ASSERT_EQUAL(fix_current(ch, "b"), NOTHING);
	CU_ASSERT_EQUAL(weir_clear(a), 4);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), NOTHING);
	fix_must_put(b, 5);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
}

static void
current_clear_of_an_older_value_changes_nothing(void)
{
	weir_producer *a, *b;

	open_channel(NULL);
	a = fix_producer(ch, "a");
	b = fix_producer(ch, "b");
	fix_must_put(a, 1);
	fix_must_put(b, 2);
	CU_ASSERT_EQUAL(weir_clear(a), 3);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), NOTHING);
}

static void
current_clear_without_value_publishes_nothing(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer *a, *b;

	open_channel(NULL);
	a = fix_producer(ch, "a");
	b = fix_producer(ch, "b");
	CU_ASSERT_EQUAL(weir_clear(a), 0);
	fix_must_put(b, 1);
	CU_ASSERT_EQUAL(weir_clear(a), 0);
	CU_ASSERT_EQUAL(weir_clear(b), 2);
	CU_ASSERT_EQUAL(weir_clear(b), 0);
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.newest_seq, 2);
	CU_ASSERT_EQUAL(weir_clear(NULL), -EINVAL);
}

/* ---- who is gone
 * --------------------------------------------------------------- */

static void
current_survives_a_close_and_comes_back(void)
{
	weir_producer *a;

	open_channel(NULL);
	a = fix_producer(ch, "a");
	fix_must_put(a, 9);
	weir_producer_close(a);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 9);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 9);
	/* the id gets its value back, so it may withdraw it */
	a = fix_producer(ch, "a");
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 9);
	CU_ASSERT_EQUAL(weir_clear(a), 2);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), NOTHING);
}

/* Thousands of records of others, for rings of any size. */
static void
survive_traffic(uint32_t capacity, uint32_t overflow)
{
	weir_producer *a, *b, *c;

	open_channel(CH_OPTS(.capacity = capacity, .overflow = overflow));
	a = fix_producer(ch, "a");
	b = fix_producer(ch, "b");
	c = fix_producer(ch, "c");
	fix_must_put(a, 42);
	fix_must_put(c, 43);
	weir_producer_close(a);
	for (uint64_t i = 0; i < 5000; i++)
		fix_must_put(b, 1000 + i);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5999);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 42);
	CU_ASSERT_EQUAL(fix_current(ch, "c"), 43);
	CU_ASSERT(weir_clear(b) > 0);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 43);
	CU_ASSERT(weir_clear(c) > 0);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 42);
	weir_store_close(st);
	st = NULL;
}

static void
current_survives_traffic_of_others(void)
{
	survive_traffic(2, WEIR_OVERWRITE);
	survive_traffic(4, WEIR_OVERWRITE);
	survive_traffic(256, WEIR_OVERWRITE);
	survive_traffic(8, WEIR_BLOCK);
}

/* Its own long records, some refused, some abandoned, do not destroy it
 * either, before the next one is there. */
static void
current_survives_what_its_producer_gave_up(void)
{
	static uint8_t big[4096];
	weir_producer *a;
	uint32_t max;
	weir_channel_info info = {.size = sizeof(info)};
	void *loan;

	open_channel(CH_OPTS(.lane_bytes = 8192, .capacity = 4,
			     .schema = "{\"type\":\"integer\"}"));
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	max = info.max_record;
	CU_ASSERT_FATAL(max <= sizeof(big));
	a = fix_producer(ch, "a");
	fix_must_put(a, 7);
	for (int i = 0; i < 50; i++) {
		CU_ASSERT_EQUAL_FATAL(weir_loan(a, 0, &loan), 0);
		memset(loan, 0xee, max);
		weir_abort(a);
		fix_bytes(big, max, 1);
		CU_ASSERT_EQUAL(weir_publish(a, big, max, NULL), WEIR_ESCHEMA);
		CU_ASSERT_EQUAL_FATAL(fix_current(ch, "a"), 7);
		weir_producer_close(a);
		a = fix_producer(ch, "a");
	}
}

/* ---- exclusive channels
 * ---------------------------------------------------------- */

static void
current_exclusive_is_one_value(void)
{
	weir_producer *a, *b;

	open_channel(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	a = fix_producer(ch, "a");
	CU_ASSERT_EQUAL(weir_clear(a), 0);
	fix_must_put(a, 1);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "b"), NOTHING);
	weir_producer_close(a);
	b = fix_producer(ch, "b");
	/* it stands until the next holder's first record */
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
	CU_ASSERT_STRING_EQUAL(current_producer(), "a");
	CU_ASSERT_EQUAL(fix_current(ch, "b"), NOTHING);
	fix_must_put(b, 2);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
	CU_ASSERT_STRING_EQUAL(current_producer(), "b");
	CU_ASSERT_EQUAL(fix_current(ch, "a"), NOTHING);
	CU_ASSERT_EQUAL(weir_clear(b), 3);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), NOTHING);
	CU_ASSERT_EQUAL(weir_clear(b), 0);
}

static void
current_exclusive_of_the_holder_before(void)
{
	weir_producer *a;

	open_channel(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	a = fix_producer(ch, "a");
	fix_must_put(a, 1);
	weir_producer_close(a);
	fix_producer(ch, "b");
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 1);
}

static void
current_exclusive_survives_a_taker(void)
{
	weir_producer *p;

	open_channel(CH_OPTS(.producers = WEIR_EXCLUSIVE, .capacity = 2));
	for (uint64_t i = 1; i < 20; i++) {
		char id[8];

		snprintf(id, sizeof(id), "p%d", (int)(i % 3));
		p = fix_producer(ch, id);
		fix_must_put(p, i);
		weir_producer_close(p);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), i);
		CU_ASSERT_STRING_EQUAL(current_producer(), id);
	}
}

/* An exclusive channel has one value, and its holder may withdraw it. */
static void
current_exclusive_is_cleared_by_the_next_holder(void)
{
	weir_producer *a, *b;
	uint8_t buf[64];
	weir_record rec;

	open_channel(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	a = fix_producer(ch, "a");
	fix_must_put(a, 1);
	weir_producer_close(a);
	b = fix_producer(ch, "b");
	CU_ASSERT_EQUAL(weir_current(ch, "b", buf, sizeof(buf), &rec), -ENOENT);
	CU_ASSERT_EQUAL(weir_clear(b), 2);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), NOTHING);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), NOTHING);
	CU_ASSERT_EQUAL(weir_clear(b), 0);
}

/* ---- orphans
 * --------------------------------------------------------------------- */

static void
clear_orphans_leaves_the_living_alone(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer *p;
	weir_diag diag;

	open_channel(CH_OPTS(.max_producers = 4));
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, &diag), 0);
	for (int i = 0; i < 3; i++) {
		char id[8];

		snprintf(id, sizeof(id), "p%d", i);
		p = fix_producer(ch, id);
		fix_must_put(p, (uint64_t)i);
		if (i != 1)
			weir_producer_close(p);
	}
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.orphan_cnt, 2);
	CU_ASSERT_EQUAL(info.producer_cnt, 1);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "p1", &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "nobody", &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "p0", &diag), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "p0"), NOTHING);
	CU_ASSERT_EQUAL(fix_current(ch, "p2"), 2);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, &diag), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "p2"), NOTHING);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	CU_ASSERT_EQUAL(info.orphan_cnt, 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(NULL, NULL, &diag), -EINVAL);
}

static void
clear_orphans_is_told_in_their_names(void)
{
	weir_producer *p;
	weir_consumer *c;
	weir_record rec;

	open_channel(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	p = fix_producer(ch, "gone");
	fix_must_put(p, 4);
	weir_producer_close(p);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, NULL), 1);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.kind, WEIR_CLEAR);
	CU_ASSERT_EQUAL(rec.seq, 2);
	CU_ASSERT_STRING_EQUAL(rec.producer, "gone");
}

/* Others have had the lane since: what counts is whose the value is. */
static void
clear_orphans_exclusive_by_the_id_of_the_value(void)
{
	weir_producer *a;

	/* the id is in the record: in the slot, or in the lane */
	for (uint32_t max = 16; max <= 4096; max *= 256) {
		open_channel(
		    CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_record = max));
		a = fix_producer(ch, "a");
		fix_must_put(a, 1);
		weir_producer_close(a);
		weir_producer_close(fix_producer(ch, "b"));
		CU_ASSERT_EQUAL(fix_current(ch, "a"), 1);
		CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "b", NULL), 0);
		CU_ASSERT_EQUAL(fix_current(ch, "a"), 1);
		CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "a", NULL), 1);
		CU_ASSERT_EQUAL(fix_current(ch, "a"), NOTHING);
		CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "a", NULL), 0);
		weir_store_close(st);
		st = NULL;
	}
}

static void
clear_orphans_full_block_channel_is_eagain(void)
{
	weir_producer *p;
	weir_diag diag;

	open_channel(CH_OPTS(.overflow = WEIR_BLOCK, .capacity = 2));
	fix_consumer_with(ch, "c", CO_OPTS(.flags = WEIR_GATE));
	p = fix_producer(ch, "a");
	fix_must_put(p, 1);
	fix_must_put(p, 2);
	weir_producer_close(p);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, &diag), -EAGAIN);
	CU_ASSERT_EQUAL(fix_current(ch, "a"), 2);
}

static void
clear_orphans_of_ended_things(void)
{
	weir_store *ro;
	weir_channel *seen;
	const char *name;

	st = tmpstore_new(&name);
	ch = fix_channel(st, "values", NULL);
	ro = tmpstore_open(name, WEIR_READ_ONLY);
	CU_ASSERT_EQUAL_FATAL(
	    weir_channel_open(ro, "values", NULL, &seen, NULL), 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(seen, NULL, NULL), -EROFS);
	weir_store_close(ro);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "values", NULL), 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, NULL),
			WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, NULL),
			WEIR_ERETIRED);
}

SUITE_WITH("current", before, after, TEST(current_of_nothing_is_enoent),
	   TEST(current_refuses_bad_arguments),
	   TEST(current_describes_the_record),
	   TEST(current_buffer_too_small_says_how_much),
	   TEST(current_of_an_ended_channel_says_why),
	   TEST(current_after_destroy_is_eretired),
	   TEST(current_is_the_newest_of_any_producer),
	   TEST(current_after_a_clear_is_the_next_newest),
	   TEST(current_clear_of_an_older_value_changes_nothing),
	   TEST(current_clear_without_value_publishes_nothing),
	   TEST(current_survives_a_close_and_comes_back),
	   TEST(current_survives_traffic_of_others),
	   TEST(current_survives_what_its_producer_gave_up),
	   TEST(current_exclusive_is_one_value),
	   TEST(current_exclusive_of_the_holder_before),
	   TEST(current_exclusive_survives_a_taker),
	   TEST(current_exclusive_is_cleared_by_the_next_holder),
	   TEST(clear_orphans_leaves_the_living_alone),
	   TEST(clear_orphans_is_told_in_their_names),
	   TEST(clear_orphans_exclusive_by_the_id_of_the_value),
	   TEST(clear_orphans_full_block_channel_is_eagain),
	   TEST(clear_orphans_of_ended_things));
