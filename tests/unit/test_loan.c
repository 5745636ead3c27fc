/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_loan.c - records built in shared memory: loan, commit, abort, append.
 */
#include "unit/fix.h"

static weir_store *st;
static weir_channel *ch;
static weir_producer *p;

static void
before(void)
{
	st = fix_store();
	ch = NULL;
	p = NULL;
}

static void
after(void)
{
	weir_store_close(st);
}

static void
open_all(const weir_channel_opts *o)
{
	static int n;
	char name[16];

	snprintf(name, sizeof(name), "c%d", n++);
	ch = fix_channel(st, name, o);
	p = fix_producer(ch, "p");
}

static uint64_t
newest(void)
{
	weir_channel_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &i), 0);
	return i.newest_seq;
}

static uint32_t
max_record(void)
{
	weir_channel_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &i), 0);
	return i.max_record;
}

/* ---- loan, commit, abort
 * ---------------------------------------------------------- */

static void
loan_is_seen_after_commit(void)
{
	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		for (size_t len = 9; len < 10000; len = len * 5) {
			uint8_t want[10000];
			weir_consumer *c;
			weir_record rec;
			void *buf;

			open_all(CH_OPTS(.producers = kind));
			c = fix_consumer(ch, "c", WEIR_FROM_NEW);
			CU_ASSERT_EQUAL_FATAL(weir_loan(p, len, &buf), 0);
			CU_ASSERT_EQUAL((uintptr_t)buf % 8, 0);
			fix_bytes(want, len, 3);
			memcpy(buf, want, len);
			CU_ASSERT_EQUAL(newest(), 0);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
			CU_ASSERT_EQUAL(weir_commit(p, len, NULL), 1);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
			CU_ASSERT_EQUAL_FATAL(rec.len, len);
			CU_ASSERT(memcmp(rec.data, want, len) == 0);
			CU_ASSERT(rec.time_ns != 0);
			CU_ASSERT_STRING_EQUAL(rec.producer, "p");
		}
	}
}

static void
loan_may_be_committed_in_part(void)
{
	weir_consumer *c;
	weir_record rec;
	void *buf;

	open_all(CH_OPTS(.capacity = 2));
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	for (uint64_t i = 0; i < 100; i++) {
		CU_ASSERT_EQUAL_FATAL(weir_loan(p, 0, &buf), 0);
		fix_number(buf, i);
		CU_ASSERT_EQUAL_FATAL(weir_commit(p, 9, NULL), (int64_t)i + 1);
		CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(fix_value(&rec), i);
		CU_ASSERT_EQUAL(rec.len, 9);
	}
}

static void
loan_sizes(void)
{
	uint32_t max;
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind));
		max = max_record();
		CU_ASSERT_EQUAL(weir_loan(p, (size_t)max + 1, &buf), -EMSGSIZE);
		CU_ASSERT_EQUAL(weir_loan(p, SIZE_MAX, &buf), -EMSGSIZE);
		CU_ASSERT_EQUAL(weir_loan(p, max, &buf), 0);
		fix_bytes(buf, max, 1);
		CU_ASSERT_EQUAL(weir_commit(p, max, NULL), 1);
		CU_ASSERT_EQUAL(weir_loan(p, 0, &buf), 0);
		fix_bytes(buf, max, 2);
		CU_ASSERT_EQUAL(weir_commit(p, max, NULL), 2);
	}
	CU_ASSERT_EQUAL(weir_loan(NULL, 1, &buf), -EINVAL);
	CU_ASSERT_EQUAL(weir_loan(p, 1, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_commit(NULL, 1, NULL), -EINVAL);
	weir_abort(NULL);
}

static void
loan_keeps_everything_else_out(void)
{
	struct iovec v = {(void *)(uintptr_t) "\x01", 1};
	weir_diag diag;
	void *buf, *other;

	open_all(NULL);
	fix_must_put(p, 1);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 10, &buf), 0);
	CU_ASSERT_EQUAL(weir_loan(p, 10, &other), -EBUSY);
	CU_ASSERT_EQUAL(weir_publish(p, "\x01", 1, &diag), -EBUSY);
	CU_ASSERT_EQUAL(diag.code, -EBUSY);
	CU_ASSERT_EQUAL(weir_publish_json(p, "1", 1, &diag), -EBUSY);
	CU_ASSERT_EQUAL(weir_publish_batch(p, &v, 1, &diag), -EBUSY);
	CU_ASSERT_EQUAL(weir_clear(p), -EBUSY);
	CU_ASSERT_EQUAL(newest(), 1);
	*(uint8_t *)buf = 5;
	CU_ASSERT_EQUAL(weir_commit(p, 1, NULL), 2);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
}

static void
loan_aborted_leaves_nothing(void)
{
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind, .capacity = 2));
		weir_abort(p);
		fix_must_put(p, 1);
		for (int i = 0; i < 100; i++) {
			CU_ASSERT_EQUAL_FATAL(weir_loan(p, 0, &buf), 0);
			memset(buf, 0xff, max_record());
			weir_abort(p);
			weir_abort(p);
			CU_ASSERT_EQUAL_FATAL(fix_current(ch, NULL), 1);
		}
		CU_ASSERT_EQUAL(weir_commit(p, 1, NULL), -EINVAL);
		CU_ASSERT_EQUAL(newest(), 1);
		fix_must_put(p, 2);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
	}
}

static void
loan_open_at_close_is_aborted(void)
{
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind));
		fix_must_put(p, 1);
		CU_ASSERT_EQUAL_FATAL(weir_loan(p, 0, &buf), 0);
		memset(buf, 0xff, 64);
		weir_producer_close(p);
		p = fix_producer(ch, "q");
		CU_ASSERT_EQUAL(fix_current(ch, NULL), 1);
		fix_must_put(p, 2);
		CU_ASSERT_EQUAL(newest(), 2);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
	}
}

static void
commit_refused_stays_open_to_be_mended(void)
{
	weir_diag diag;
	uint8_t *b;
	void *buf;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(
		    CH_OPTS(.producers = kind, .schema = "{\"maximum\":5}"));
		CU_ASSERT_EQUAL_FATAL(weir_loan(p, 8, &buf), 0);
		b = buf;
		b[0] = 0xc1;
		CU_ASSERT_EQUAL(weir_commit(p, 1, &diag), WEIR_EMSGPACK);
		b[0] = 6;
		CU_ASSERT_EQUAL(weir_commit(p, 1, &diag), WEIR_ESCHEMA);
		CU_ASSERT_STRING_EQUAL(diag.keyword, "maximum");
		CU_ASSERT_EQUAL(newest(), 0);
		b[0] = 5;
		b[1] = 5;
		CU_ASSERT_EQUAL(weir_commit(p, 2, &diag), WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(weir_commit(p, 1, &diag), 1);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
	}
}

/* "On other errors it is over." */
static void
commit_of_a_wrong_length_ends_the_loan(void)
{
	weir_diag diag;
	void *buf;

	open_all(NULL);
	CU_ASSERT_EQUAL(weir_commit(p, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(diag.code, -EINVAL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 8, &buf), 0);
	CU_ASSERT_EQUAL(weir_commit(p, 9, &diag), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 8, &buf), 0);
	CU_ASSERT_EQUAL(weir_commit(p, 0, &diag), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 8, &buf), 0);
	CU_ASSERT_EQUAL(newest(), 0);
}

/* ---- appending
 * ------------------------------------------------------------------------ */

static void
append_adds_up(void)
{
	void *buf;

	open_all(NULL);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\x01", 1), -1);
	CU_ASSERT_EQUAL(weir_commit_appended(p, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_loan_append(NULL, "\x01", 1), -1);
	CU_ASSERT_EQUAL(weir_commit_appended(NULL, NULL), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 9, &buf), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\xcf\0\0", 3), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "", 0), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\0\0\0\0\0\x07", 6), 0);
	CU_ASSERT_EQUAL(weir_commit_appended(p, NULL), 1);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 7);
}

static void
append_past_the_end_is_emsgsize_at_commit(void)
{
	weir_diag diag;
	void *buf;

	open_all(NULL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 4, &buf), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\x01", 1), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "12345", 5), -1);
	CU_ASSERT_EQUAL(weir_loan_append(p, "1", SIZE_MAX), -1);
	/* also if what came later would have fitted */
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), -EMSGSIZE);
	CU_ASSERT_EQUAL(diag.code, -EMSGSIZE);
	CU_ASSERT_EQUAL(newest(), 0);
	/* the loan is over, and the next begins anew */
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 4, &buf), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\x02", 1), 0);
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), 1);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 2);
}

static void
append_refused_may_go_on(void)
{
	void *buf;

	open_all(NULL);
	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 4, &buf), 0);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\x92\x01", 2), 0);
	CU_ASSERT_EQUAL(weir_commit_appended(p, NULL), WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_loan_append(p, "\x02", 1), 0);
	CU_ASSERT_EQUAL(weir_commit_appended(p, NULL), 1);
}

SUITE_WITH("loan", before, after, TEST(loan_is_seen_after_commit),
	   TEST(loan_may_be_committed_in_part), TEST(loan_sizes),
	   TEST(loan_keeps_everything_else_out),
	   TEST(loan_aborted_leaves_nothing),
	   TEST(loan_open_at_close_is_aborted),
	   TEST(commit_refused_stays_open_to_be_mended),
	   TEST(commit_of_a_wrong_length_ends_the_loan), TEST(append_adds_up),
	   TEST(append_past_the_end_is_emsgsize_at_commit),
	   TEST(append_refused_may_go_on));
