/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_damage_words.c - words that others live by, written over: what cannot
 * be is said, and what can be put right by its owner is.
 */
#include "fault/damage.h"
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <weir/inspect.h>

#define MS INT64_C(1000000)

static struct damage base;
static weir_store *st;

/* The word with this name in damage.h's list. */
static uint64_t *
word(const char *name)
{
	for (size_t i = 0; i < base.field_cnt; i++)
		if (strcmp(base.fields[i].name, name) == 0)
			return (uint64_t *)(void *)(base.map +
						    base.fields[i].off);
	t_log("there is no %s\n", name);
	CU_FAIL_FATAL("no such field");
	return NULL;
}

static weir_channel *
channel(const char *name)
{
	weir_channel *ch = NULL;

	CU_ASSERT_EQUAL_FATAL(weir_channel_open(st, name, NULL, &ch, NULL), 0);
	return ch;
}

static weir_consumer *
consumer(weir_channel *ch, const char *id, uint32_t flags, uint32_t from)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .flags = flags, .from = from, .spin_ns = -1};
	weir_consumer *c = NULL;

	CU_ASSERT_EQUAL_FATAL(weir_consumer_open(ch, id, &o, &c, NULL), 0);
	return c;
}

static int
drain(weir_consumer *c)
{
	weir_record rec;
	int rc;

	while ((rc = weir_read(c, &rec, 1, 0)) == 1)
		;
	return rc;
}

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* ---- the bell
 * ---------------------------------------------------------------- */

/* While a word is not what is waited for, the kernel lets nobody sleep. */
static void
words_bell_lets_sleep(void)
{
	weir_consumer *c =
	    consumer(channel("wide"), "sleeper", 0, WEIR_FROM_NEW);
	uint32_t *bell = (uint32_t *)(void *)word("control.bell");
	weir_record rec;
	int64_t cpu;

	*bell = 77;
	cpu = cpu_ns();
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 400 * MS), -EAGAIN);
	cpu = cpu_ns() - cpu;
	t_log("%lld us of the processor for 400 ms of sleep\n",
	      (long long)cpu / 1000);
	CU_ASSERT_EQUAL(*bell, 0);
	CU_ASSERT(cpu < 40 * MS);
}

/* ---- slots
 * ------------------------------------------------------------------ */

static int
never(weir_consumer *c, const weir_record *rec, void *arg)
{
	(void)c;
	(void)rec;
	(void)arg;
	return 1;
}

/* A record that was committed and is not in its slot will not come: whoever
 * waits for it is told, and can go on behind it. */
static void
words_missing_record_is_said(void)
{
	weir_channel *ch = channel("wide");
	weir_consumer *c = consumer(ch, "reader", 0, WEIR_FROM_OLDEST);
	weir_channel_info info = {.size = sizeof(info)};
	weir_record rec;
	uint64_t next;
	uint8_t ready;
	char name[40];

	CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	next = rec.seq + 1;
	*word("wide.tail_seq") = info.newest_seq;
	snprintf(name, sizeof(name), "wide.slot[%u].commit.seq",
		 (unsigned)(next % info.capacity));
	CU_ASSERT_EQUAL_FATAL(*word(name), 2 * next);
	*word(name) = 0;
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, 5000 * MS, &ready), 1);
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, never, NULL, 5000 * MS),
			WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_SEQ, next + 1), 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, next + 1);
	CU_ASSERT_EQUAL(drain(c), -EAGAIN);
}

/* The last record ever: 2^63 - 1 records were never published. */
static void
words_impossible_seq_is_said(void)
{
	weir_channel *ch = channel("wide");
	weir_slot_info slot = {.size = sizeof(slot)};

	*word("wide.slot[0].commit.seq") = UINT64_MAX;
	CU_ASSERT_EQUAL(weir_slot_next(ch, &slot), 1);
	CU_ASSERT_EQUAL(slot.state, WEIR_SLOT_DAMAGED);
}

/* ---- values
 * ----------------------------------------------------------------- */

/* A value that a newer record has superseded, where there is no newer one:
 * not "try again". */
static void
words_superseded_by_nothing_is_said(void)
{
	weir_channel *ch = channel("wide");
	uint8_t buf[256];
	weir_record rec;

	CU_ASSERT_EQUAL_FATAL(weir_current(ch, "gone", buf, sizeof(buf), &rec),
			      0);
	for (int i = 0; i < 4; i++) {
		char name[40];

		snprintf(name, sizeof(name), "wide.lane[%d].last.seq", i);
		*word(name) = UINT64_MAX;
	}
	CU_ASSERT_EQUAL(weir_current(ch, "gone", buf, sizeof(buf), &rec),
			WEIR_ECORRUPT);
}

/* Positions are multiples of 16; between them there is no record's head. */
static void
words_odd_position_is_no_record(void)
{
	weir_channel *ch = channel("wide");
	uint8_t buf[256];
	weir_record rec;

	for (int i = 0; i < 4; i++) {
		char name[40];

		snprintf(name, sizeof(name), "wide.lane[%d].last.word", i);
		*word(name) += 3;
	}
	CU_ASSERT_EQUAL(weir_current(ch, "gone", buf, sizeof(buf), &rec),
			WEIR_ECORRUPT);
}

/* ---- cursors
 * ---------------------------------------------------------------- */

static int
gating_sleeper(struct proc *me, void *arg)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = WEIR_GATE,
				.from = WEIR_FROM_NEW,
				.spin_ns = -1};
	weir_store *own = NULL;
	weir_channel *ch = NULL;
	weir_consumer *c = NULL;
	weir_record rec;

	(void)arg;
	proc_check(weir_store_open(base.name, NULL, &own, NULL) == 0);
	proc_check(weir_channel_open(own, "gate", NULL, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, "gs", &o, &c, NULL) == 0);
	proc_tell(me, 'r');
	for (int i = 0; i < 20; i++)
		proc_check(weir_read(c, &rec, 1, -1) == 1);
	return 0;
}

/* Whoever sleeps under a cursor that somebody has lowered would hold up
 * producers for ever: nothing wakes it that could move the cursor. */
static void
words_sleeper_renews_its_cursor(void)
{
	static const uint8_t msg[] = {0xa2, 'x', 'y'};
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = 20000 * MS};
	weir_channel *ch = channel("gate");
	weir_consumer_info info = {.size = sizeof(info)};
	weir_producer *p = NULL;
	struct proc proc;
	char name[40];

	CU_ASSERT_EQUAL_FATAL(proc_start(&proc, gating_sleeper, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(proc_hear(&proc), 'r');
	CU_ASSERT_EQUAL_FATAL(proc_await_asleep(&proc), 0);
	while (weir_consumer_next(ch, &info) == 1 && strcmp(info.id, "gs") != 0)
		;
	snprintf(name, sizeof(name), "gate.cell[%u].cursor", info.idx);
	*word(name) = 1;
	CU_ASSERT_EQUAL_FATAL(weir_producer_open(ch, "me", &o, &p, NULL), 0);
	for (int i = 0; i < 20; i++)
		CU_ASSERT(weir_publish(p, msg, sizeof(msg), NULL) > 0);
	CU_ASSERT_EQUAL(proc_wait(&proc), 0);
}

/* ---- entries
 * ---------------------------------------------------------------- */

static void
put(weir_channel *ch, int cnt)
{
	static const uint8_t msg[] = {0xa2, 'x', 'y'};
	weir_producer *p = NULL;

	CU_ASSERT_EQUAL_FATAL(weir_producer_open(ch, "me", NULL, &p, NULL), 0);
	while (cnt--)
		CU_ASSERT(weir_publish(p, msg, sizeof(msg), NULL) > 0);
	weir_producer_close(p);
}

/* A channel whose entry claims its neighbour's memory, too: removing it takes
 * nothing from the neighbour, and what is made there later begins empty. */
static void
words_entry_claims_its_neighbour(void)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .max_consumers = 3,
			       .capacity = 4,
			       .max_record = 200,
			       .lane_bytes = 1024,
			       .max_producers = 4};
	weir_channel *whole = channel(DAMAGE_WHOLE), *ch;
	weir_channel_info info = {.size = sizeof(info)};
	int made = 0;
	char name[24];

	put(whole, 9);
	CU_ASSERT_EQUAL_FATAL(*word("entry[1].off") + *word("entry[1].len"),
			      *word("entry[2].off"));
	*word("entry[1].len") += *word("entry[2].len");
	CU_ASSERT_EQUAL(weir_channel_remove(st, "slot", NULL), 0);
	put(whole, 9);
	CU_ASSERT_EQUAL(weir_channel_stat(whole, &info), 0);
	CU_ASSERT_EQUAL(info.newest_seq, 18);
	weir_channel_close(whole);
	CU_ASSERT_EQUAL(weir_channel_remove(st, DAMAGE_WHOLE, NULL), 0);
	for (; made < 8; made++) {
		snprintf(name, sizeof(name), "new%d", made);
		if (weir_channel_open(st, name, &o, &ch, NULL) != 0)
			break;
		CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), 0);
		CU_ASSERT_EQUAL(info.newest_seq, 0);
	}
	CU_ASSERT(made >= 1);
}

/* ---- the program
 * ------------------------------------------------------------ */

static void
before(void)
{
	if (!base.map)
		damage_make(&base, 1);
	damage_restore(&base);
	weir_store_open(base.name, NULL, &st, NULL);
}

static void
after(void)
{
	weir_store_close(st);
	st = NULL;
}

SUITE_WITH("fault_damage_words", before, after, TEST(words_bell_lets_sleep),
	   TEST(words_missing_record_is_said),
	   TEST(words_impossible_seq_is_said),
	   TEST(words_superseded_by_nothing_is_said),
	   TEST(words_odd_position_is_no_record),
	   TEST(words_sleeper_renews_its_cursor),
	   TEST(words_entry_claims_its_neighbour));
