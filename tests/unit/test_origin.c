/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_origin.c - records that say which record they were made from.
 */
#include "unit/fix.h"

#include <signal.h>
#include <ucontext.h>

static void
round_trip(weir_store *st, uint32_t producers, uint32_t stamps, size_t len)
{
	static int n;
	uint8_t buf[2000], value[2000];
	weir_record recs[3], rec;
	weir_producer *p;
	weir_consumer *c;
	weir_channel *ch;
	char name[16];

	snprintf(name, sizeof(name), "c%d", n++);
	ch = fix_channel(
	    st, name,
	    CH_OPTS(.producers = producers, .stamps = stamps, .capacity = 4));
	p = fix_producer(ch, "p");
	c = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	fix_bytes(buf, len, 0x5a);
	CU_ASSERT_EQUAL(weir_publish(p, buf, len, NULL), 1);
	CU_ASSERT_EQUAL(weir_publish_from(p, buf, len, 7, UINT64_MAX, NULL), 2);
	CU_ASSERT_EQUAL(weir_publish(p, buf, len, NULL), 3);
	CU_ASSERT_EQUAL_FATAL(weir_read(c, recs, 3, 0), 3);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(recs[i].origin_channel, i == 1 ? 7 : 0);
		CU_ASSERT_EQUAL(recs[i].origin_seq, i == 1 ? UINT64_MAX : 0);
		CU_ASSERT_EQUAL(recs[i].time_ns != 0, stamps == WEIR_ON);
		CU_ASSERT_EQUAL_FATAL(recs[i].len, len);
		CU_ASSERT_EQUAL(memcmp(recs[i].data, buf, len), 0);
	}
	/* as a value that has left the ring, too; of an exclusive channel the
	 * newest is the value */
	CU_ASSERT_EQUAL(weir_publish_from(p, buf, len, 9, 8, NULL), 4);
	if (producers == WEIR_SHARED) {
		weir_producer *q = fix_producer(ch, "q");

		for (int i = 0; i < 9; i++)
			CU_ASSERT(weir_publish(q, "\x01", 1, NULL) > 0);
	}
	CU_ASSERT_EQUAL_FATAL(weir_current(ch, "p", value, sizeof(value), &rec),
			      0);
	CU_ASSERT_EQUAL(rec.origin_channel, 9);
	CU_ASSERT_EQUAL(rec.origin_seq, 8);
	CU_ASSERT_EQUAL(memcmp(value, buf, len), 0);
}

static void
origins_travel_in_every_kind_of_channel(void)
{
	static const size_t lens[] = {1,  7,   8,   9,	 87,  88,  89,
				      96, 103, 104, 105, 112, 113, 1000};
	weir_store *st = fix_store();

	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
		for (uint32_t k = 0; k < 4; k++)
			round_trip(st, k & 1 ? WEIR_EXCLUSIVE : WEIR_SHARED,
				   k & 2 ? WEIR_OFF : WEIR_ON, lens[i]);
	weir_store_close(st);
}

/* Also where the slots have just room for the longest record and its parts. */
static void
origins_fit_where_all_lies_in_slots(void)
{
	weir_store *st = fix_store();
	weir_channel *ch =
	    fix_channel(st, "c",
			CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_record = 80,
				.inline_bytes = 112));
	weir_producer *p = fix_producer(ch, "p");
	weir_consumer *c = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	uint8_t buf[80];
	weir_record rec;

	fix_bytes(buf, sizeof(buf), 1);
	CU_ASSERT_EQUAL(weir_publish_from(p, buf, sizeof(buf), 1, 2, NULL), 1);
	CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.origin_channel, 1);
	CU_ASSERT_EQUAL(rec.origin_seq, 2);
	CU_ASSERT_EQUAL(rec.len, sizeof(buf));
	weir_store_close(st);
}

static void
what_is_no_origin_is_refused(void)
{
	weir_store *st = fix_store();
	weir_channel *ch = fix_channel(st, "c", NULL);
	weir_producer *p = fix_producer(ch, "p");
	void *loan;

	CU_ASSERT_EQUAL(weir_publish_from(p, "\x01", 1, 0, 1, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_from(p, "\x01", 1, 1, 0, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_from(p, "\x01", 0, 1, 1, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_from(NULL, "\x01", 1, 1, 1, NULL),
			-EINVAL);
	CU_ASSERT_EQUAL(weir_publish_from(p, "\xc1", 1, 1, 1, NULL),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_loan(p, 1, &loan), 0);
	CU_ASSERT_EQUAL(weir_publish_from(p, "\x01", 1, 1, 1, NULL), -EBUSY);
	weir_store_close(st);
}

/* ---- a signal handler that publishes, at every instruction ---- */

#if defined(__x86_64__) && !defined(WI_TSAN)

#define TRAP 0x100 /* in the flags: a SIGTRAP behind each instruction */

static weir_producer *stepped;
static volatile long steps, nest_at;
static volatile int64_t nested;

static void
on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)sig;
	(void)info;
	if (++steps < nest_at)
		return;
	u->uc_mcontext.gregs[REG_EFL] &= ~TRAP;
	nested = weir_publish_from(stepped, "\x02", 1, 20, 22, NULL);
}

/* By itself, so that what the handler looks at is in place before. */
static __attribute__((noinline)) int64_t
publish_traced(void)
{
	int64_t rc;

	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | TRAP);
	rc = weir_publish_from(stepped, "\x01", 1, 10, 11, NULL);
	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() &
				       ~(unsigned long)TRAP);
	return rc;
}

static int64_t
publish_stepped(long at)
{
	steps = 0;
	nest_at = at;
	nested = 0;
	return publish_traced();
}

static void
a_handler_leaves_the_origin_alone(void)
{
	struct sigaction sa = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
	weir_store *st = fix_store();
	weir_channel *ch = fix_channel(st, "c", NULL);
	weir_consumer *c = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	long before = 0, busy = 0;
	weir_record rec;

	stepped = fix_producer(ch, "p");
	sigaction(SIGTRAP, &sa, NULL);
	/* until the call is over before its turn; each instruction at first,
	 * then ever fewer: sanitizers, and a linker that binds late, take many */
	for (long at = 1; steps >= nest_at; at += 1 + at / 64) {
		CU_ASSERT(publish_stepped(at) > 0);
		before += nested > 0;
		busy += nested == -EBUSY;
		while (weir_read(c, &rec, 1, 0) == 1) {
			uint64_t k = *(const uint8_t *)rec.data;

			CU_ASSERT_EQUAL(rec.origin_channel, 10 * k);
			CU_ASSERT_EQUAL(rec.origin_seq, 11 * k);
		}
	}
	signal(SIGTRAP, SIG_DFL);
	CU_ASSERT(before > 0);
	CU_ASSERT(busy > 0);
	weir_store_close(st);
}

#else

static void
a_handler_leaves_the_origin_alone(void)
{
	t_skip("single steps are those of x86-64");
}

#endif

static void
channels_have_ids_of_their_own(void)
{
	weir_channel_info a = {.size = sizeof(a)}, b = {.size = sizeof(b)};
	weir_channel_info again = {.size = sizeof(again)};
	weir_store *st = fix_store();
	weir_channel *ch = fix_channel(st, "a", NULL);

	CU_ASSERT_EQUAL(weir_channel_stat(ch, &a), 0);
	CU_ASSERT_EQUAL(weir_channel_stat(fix_channel(st, "b", NULL), &b), 0);
	CU_ASSERT_NOT_EQUAL(a.id, 0);
	CU_ASSERT_NOT_EQUAL(a.id, b.id);
	CU_ASSERT_EQUAL(weir_channel_next(st, &again), 1);
	CU_ASSERT_EQUAL(again.id, a.id);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", NULL), 0);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(weir_channel_stat(fix_channel(st, "a", NULL), &again),
			0);
	CU_ASSERT_NOT_EQUAL(again.id, a.id);
	weir_store_close(st);
}

SUITE("origin", TEST(origins_travel_in_every_kind_of_channel),
      TEST(origins_fit_where_all_lies_in_slots),
      TEST(what_is_no_origin_is_refused),
      TEST(a_handler_leaves_the_origin_alone),
      TEST(channels_have_ids_of_their_own));
