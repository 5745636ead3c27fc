/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_channel.c - channels: names, opening, removal, iteration, room.
 */
#include "support/sys.h"
#include "unit/fix.h"
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "store/internal.h"

static weir_store *st;

static void
before(void)
{
	st = fix_store_with(8u << 20, 8);
}

static void
after(void)
{
	weir_store_close(st);
}

static weir_store_info
store_info(void)
{
	weir_store_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_store_stat(st, &info), 0);
	return info;
}

/* ---- names
 * -------------------------------------------------------------------- */

static int
open_named(const char *name)
{
	weir_diag diag = {.code = 0};
	weir_channel *ch;
	int rc =
	    weir_channel_open(st, name, CH_OPTS(.capacity = 2), &ch, &diag);

	CU_ASSERT_EQUAL(diag.code, rc);
	CU_ASSERT((rc == 0) == (ch != NULL));
	if (rc == 0) {
		CU_ASSERT_EQUAL(weir_channel_remove(st, name, NULL), 0);
		weir_channel_close(ch);
	}
	return rc;
}

static void
channel_name_rule(void)
{
	char longest[WEIR_CHANNEL_NAME_MAX + 2];

	memset(longest, 'n', sizeof(longest));
	longest[WEIR_CHANNEL_NAME_MAX + 1] = 0;
	CU_ASSERT_EQUAL(open_named(longest), WEIR_ENAME);
	longest[WEIR_CHANNEL_NAME_MAX] = 0;
	CU_ASSERT_EQUAL(open_named(longest), 0);
	CU_ASSERT_EQUAL(open_named("x"), 0);
	CU_ASSERT_EQUAL(open_named("."), 0);
	CU_ASSERT_EQUAL(open_named("with space, \xc3\xa9 and \xf0\x9f\x90\x99"),
			0);
	CU_ASSERT_EQUAL(open_named(""), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named(NULL), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("a/b"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("/"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("a\tb"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("a\x7f"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("a\xc2\x85z"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("\xff"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("\xc3"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_named("\xed\xa0\x80"), WEIR_ENAME);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "", NULL), WEIR_ENAME);
	CU_ASSERT_EQUAL(weir_channel_remove(st, NULL, NULL), WEIR_ENAME);
}

/* ---- opening
 * -------------------------------------------------------------------- */

static void
channel_must_exist(void)
{
	weir_channel *ch = (weir_channel *)st;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_channel_open(st, "a", NULL, &ch, &diag), -ENOENT);
	CU_ASSERT_PTR_NULL(ch);
	CU_ASSERT(fix_says(&diag, "a"));
	CU_ASSERT_EQUAL(weir_channel_open(st, "a",
					  CH_OPTS(.flags = WEIR_MUST_EXIST),
					  &ch, &diag),
			-ENOENT);
	fix_channel(st, "a", NULL);
	CU_ASSERT_EQUAL(weir_channel_open(st, "a", NULL, &ch, &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_open(
			    st, "a",
			    CH_OPTS(.flags = WEIR_MUST_EXIST, .capacity = 256),
			    &ch, &diag),
			0);
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "a",
			      CH_OPTS(.flags = WEIR_MUST_EXIST, .capacity = 2),
			      &ch, &diag),
	    WEIR_ECONFIG);
}

static void
channel_null_arguments_are_einval(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch;

	CU_ASSERT_EQUAL(weir_channel_open(NULL, "a", NULL, &ch, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_open(st, "a", NULL, NULL, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_remove(NULL, "a", NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_next(NULL, &info), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_next(st, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_stat(NULL, &info), -EINVAL);
	ch = fix_channel(st, "a", NULL);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, NULL), -EINVAL);
	info.size = 0;
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_next(st, &info), -EINVAL);
	weir_channel_close(NULL);
}

static void
channel_two_handles_are_one_channel(void)
{
	weir_channel *a = fix_channel(st, "a", NULL);
	weir_channel *b = fix_channel(st, "a", NULL);

	fix_must_put(fix_producer(a, "p"), 5);
	CU_ASSERT_EQUAL(fix_current(b, NULL), 5);
}

static void
channel_closed_stays(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");

	fix_must_put(p, 5);
	weir_producer_close(p);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL_FATAL(weir_channel_open(st, "a", NULL, &ch, NULL), 0);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
}

static void
channel_schema_is_null_without(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	size_t len = 7;

	CU_ASSERT_PTR_NULL(weir_channel_schema(ch, &len));
	CU_ASSERT_EQUAL(len, 0);
	CU_ASSERT_PTR_NULL(weir_channel_schema(ch, NULL));
}

static void
channel_check_is_that_of_publish(void)
{
	weir_channel *ch = fix_channel(
	    st, "a", CH_OPTS(.max_record = 9, .schema = "{\"maximum\":5}"));
	uint8_t buf[10];
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_channel_check(ch, "\x05", 1, &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_check(ch, "\x06", 1, &diag), WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(diag.keyword, "maximum");
	CU_ASSERT_EQUAL(weir_channel_check(ch, "\xc1", 1, &diag),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(weir_channel_check(ch, "\x01\x01", 2, &diag),
			WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(diag.offset, 1);
	CU_ASSERT_EQUAL(weir_channel_check(ch, "", 0, &diag), WEIR_EMSGPACK);
	fix_bytes(buf, 10, 1);
	CU_ASSERT_EQUAL(weir_channel_check(ch, buf, 10, &diag), -EMSGSIZE);
	CU_ASSERT_EQUAL(weir_channel_check(ch, NULL, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_check(NULL, buf, 1, &diag), -EINVAL);
}

/* ---- figures
 * ----------------------------------------------------------------------- */

static void
channel_stat_counts(void)
{
	weir_channel *ch =
	    fix_channel(st, "a", CH_OPTS(.capacity = 4, .max_producers = 3));
	weir_channel_info i = {.size = sizeof(i)};
	weir_producer *p = fix_producer(ch, "p"), *q = fix_producer(ch, "q");

	fix_consumer(ch, "c", WEIR_FROM_NEW);
	fix_consumer(ch, NULL, WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
	CU_ASSERT_STRING_EQUAL(i.name, "a");
	CU_ASSERT_EQUAL(i.newest_seq, 0);
	CU_ASSERT_EQUAL(i.producer_cnt, 2);
	CU_ASSERT_EQUAL(i.consumer_cnt, 1);
	CU_ASSERT_EQUAL(i.orphan_cnt, 0);
	for (uint64_t n = 1; n <= 10; n++) {
		fix_must_put(n & 1 ? p : q, n);
		CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
		CU_ASSERT_EQUAL(i.newest_seq, n);
		CU_ASSERT_EQUAL(i.oldest_seq, n > 4 ? n - 3 : 1);
	}
	weir_producer_close(p);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
	CU_ASSERT_EQUAL(i.producer_cnt, 1);
	CU_ASSERT_EQUAL(i.orphan_cnt, 1);
}

static void
channel_iteration_shows_each_once(void)
{
	weir_channel_info it = {.size = sizeof(it)};
	unsigned seen = 0;
	int n = 0;

	for (int i = 0; i < 5; i++) {
		char name[] = {(char)('a' + i), 0};

		fix_channel(st, name, CH_OPTS(.capacity = 2u << i));
	}
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	while (weir_channel_next(st, &it) == 1) {
		CU_ASSERT_EQUAL(strlen(it.name), 1);
		CU_ASSERT_EQUAL(it.capacity, 2u << (it.name[0] - 'a'));
		CU_ASSERT_EQUAL(it.damaged, 0);
		CU_ASSERT(it.bytes > 0);
		seen |= 1u << (it.name[0] - 'a');
		n++;
	}
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_EQUAL(seen, 0x1b);
	CU_ASSERT_EQUAL(weir_channel_next(st, &it), 0);
	CU_ASSERT_EQUAL(store_info().channel_cnt, 4);
}

/* ---- room
 * ----------------------------------------------------------------------------
 */

static void
channel_table_full_is_efull(void)
{
	weir_channel *ch = NULL;
	weir_diag diag;

	for (int i = 0; i < 8; i++) {
		char name[] = {(char)('a' + i), 0};

		fix_channel(st, name, CH_OPTS(.capacity = 2));
	}
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "more", CH_OPTS(.capacity = 2), &ch, &diag),
	    WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "8"));
	CU_ASSERT_PTR_NULL(ch);
	/* those that are there still open, and a removed one makes room */
	CU_ASSERT_EQUAL(weir_channel_open(st, "c", NULL, &ch, &diag), 0);
	weir_channel_close(ch);
}

static void
channel_removed_makes_room_once_nobody_holds_it(void)
{
	weir_channel *ch[8], *more;
	uint64_t used;

	for (int i = 0; i < 8; i++) {
		char name[] = {(char)('a' + i), 0};

		ch[i] = fix_channel(st, name, CH_OPTS(.capacity = 2));
	}
	used = store_info().used_bytes;
	CU_ASSERT_EQUAL(weir_channel_remove(st, "c", NULL), 0);
	CU_ASSERT_EQUAL(store_info().used_bytes, used);
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "more", CH_OPTS(.capacity = 2), &more, NULL),
	    WEIR_EFULL);
	weir_channel_close(ch[2]);
	CU_ASSERT(store_info().used_bytes < used);
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "more", CH_OPTS(.capacity = 2), &more, NULL),
	    0);
}

/* Channels of all sizes come and go in a store that holds few of them. */
static void
channel_cycles_leave_nothing(void)
{
	uint64_t used = store_info().used_bytes;
	uint64_t real = store_info().real_bytes;

	if (!sys_heeds(MADV_REMOVE))
		return;
	for (uint32_t i = 0; i < 300; i++) {
		weir_channel *ch =
		    fix_channel(st, i & 1 ? "a" : "b",
				CH_OPTS(.capacity = 2u << i % 12,
					.max_producers = 1 + i % 7,
					.lane_bytes = 512u << i % 9,
					.producers = i % 5 ? WEIR_SHARED : 0,
					.max_consumers = 1 + i % 50));
		weir_producer *p = fix_producer(ch, "p");
		weir_consumer *c = fix_consumer(ch, "c", WEIR_FROM_OLDEST);
		weir_record rec;

		/* what an earlier channel left there is not seen */
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), UINT64_MAX);
		for (uint64_t n = 0; n < 5; n++)
			fix_must_put(p, n);
		CU_ASSERT_EQUAL(fix_current(ch, NULL), 4);
		if (i & 2) {
			weir_consumer_close(c);
			weir_producer_close(p);
			weir_channel_close(ch);
			ch = NULL;
		}
		CU_ASSERT_EQUAL_FATAL(
		    weir_channel_remove(st, i & 1 ? "a" : "b", NULL), 0);
		if (ch) {
			weir_consumer_close(c);
			weir_producer_close(p);
			weir_channel_close(ch);
		}
		CU_ASSERT_EQUAL_FATAL(store_info().used_bytes, used);
	}
	CU_ASSERT_EQUAL(store_info().real_bytes, real);
	CU_ASSERT_EQUAL(store_info().channel_cnt, 0);
}

/* ---- removal
 * -------------------------------------------------------------------------- */

static void
channel_removed_is_told_to_all_handles(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL), *fresh;
	weir_producer *p = fix_producer(ch, "p"), *q;
	weir_consumer *c = fix_consumer(ch, "c", WEIR_FROM_OLDEST), *d;
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer_info pi = {.size = sizeof(pi)};
	weir_consumer_info ci = {.size = sizeof(ci)};
	weir_slot_info si = {.size = sizeof(si)};
	weir_ring_info ri = {.size = sizeof(ri)};
	struct iovec v = {(void *)(uintptr_t) "\x01", 1};
	weir_record rec;
	weir_diag diag;
	void *buf;

	fix_must_put(p, 7);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", &diag), -ENOENT);
	CU_ASSERT(fix_says(&diag, "a"));

	CU_ASSERT_EQUAL(fix_put(p, 1), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_publish_json(p, "1", 1, &diag), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_publish_batch(p, &v, 1, &diag), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(diag.code, WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_loan(p, 0, &buf), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_clear(p), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_producer_next(ch, &pi), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &ci), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_slot_next(ch, &si), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_ring_stat(ch, &ri), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "q", NULL, &q, &diag),
			WEIR_EREMOVED);
	CU_ASSERT_PTR_NULL(q);
	CU_ASSERT_EQUAL(weir_consumer_open(ch, "d", NULL, &d, &diag),
			WEIR_EREMOVED);
	CU_ASSERT_PTR_NULL(d);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_OLDEST, 0), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, -1, NULL), 1);
	/* what was published before comes first */
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(fix_value(&rec), 7);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), WEIR_EREMOVED);

	/* a new one of the same name is another channel */
	fresh = fix_channel(st, "a", NULL);
	CU_ASSERT_EQUAL(fix_current(fresh, NULL), UINT64_MAX);
	fix_must_put(fix_producer(fresh, "p"), 8);
	CU_ASSERT_EQUAL(fix_put(p, 1), WEIR_EREMOVED);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), WEIR_EREMOVED);
}

static void
channel_removed_ends_an_open_loan(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");
	weir_diag diag;
	void *buf;

	CU_ASSERT_EQUAL_FATAL(weir_loan(p, 16, &buf), 0);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", NULL), 0);
	memset(buf, 1, 16);
	CU_ASSERT_EQUAL(weir_commit(p, 1, &diag), WEIR_EREMOVED);
	weir_abort(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(store_info().channel_cnt, 0);
}

static void
channel_of_a_retired_store(void)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch, *other;
	const char *name;
	weir_producer *p;
	weir_consumer *c, *d;
	weir_record rec;
	weir_store *s = tmpstore_new(&name);
	weir_diag diag;
	void *buf;

	ch = fix_channel(s, "a", NULL);
	p = fix_producer(ch, "p");
	c = fix_consumer(ch, "c", WEIR_FROM_OLDEST);
	fix_must_put(p, 3);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(weir_channel_open(s, "a", NULL, &other, &diag),
			WEIR_ERETIRED);
	CU_ASSERT_EQUAL(
	    weir_channel_open(s, "b", CH_OPTS(.flags = 0), &other, &diag),
	    WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_channel_remove(s, "a", &diag), WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &info), WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "q", NULL, &p, &diag),
			WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_consumer_open(ch, "d", NULL, &d, &diag),
			WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), 1);
	CU_ASSERT_EQUAL(fix_value(&rec), 3);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, -1, NULL), 1);
	weir_store_close(s);

	s = tmpstore_new(&name);
	p = fix_producer(fix_channel(s, "a", NULL), "p");
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, &diag), 0);
	CU_ASSERT_EQUAL(fix_put(p, 1), WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_loan(p, 0, &buf), WEIR_ERETIRED);
	CU_ASSERT_EQUAL(weir_clear(p), WEIR_ERETIRED);
	weir_store_close(s);
}

/* ---- through a read-only handle
 * ------------------------------------------------------ */

static void
channel_read_only_makes_and_changes_nothing(void)
{
	const char *name;
	weir_store *rw = tmpstore_new(&name), *ro;
	weir_channel *ch, *seen;
	weir_producer *p;
	weir_consumer *c;
	weir_record rec;
	weir_diag diag;

	ch = fix_channel(rw, "a", CH_OPTS(.overflow = WEIR_BLOCK));
	p = fix_producer(ch, "p");
	fix_must_put(p, 1);
	ro = tmpstore_open(name, WEIR_READ_ONLY);
	CU_ASSERT_EQUAL(
	    weir_channel_open(ro, "b", CH_OPTS(.capacity = 2), &seen, &diag),
	    -EROFS);
	CU_ASSERT_EQUAL(weir_channel_open(ro, "b", NULL, &seen, &diag),
			-ENOENT);
	CU_ASSERT_EQUAL(weir_channel_remove(ro, "a", &diag), -EROFS);
	CU_ASSERT_EQUAL_FATAL(weir_channel_open(ro, "a", NULL, &seen, &diag),
			      0);
	CU_ASSERT_EQUAL(weir_producer_open(seen, "q", NULL, &p, &diag), -EROFS);
	CU_ASSERT_PTR_NULL(p);
	CU_ASSERT_EQUAL(weir_consumer_open(
			    seen, "c", CO_OPTS(.flags = WEIR_GATE), &c, &diag),
			-EROFS);
	/* but it sees what there is, and then the end */
	c = fix_consumer(seen, "c", WEIR_FROM_OLDEST);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(fix_value(&rec), 1);
	CU_ASSERT_EQUAL(fix_current(seen, "p"), 1);
	CU_ASSERT_EQUAL(weir_channel_remove(rw, "a", &diag), 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), WEIR_EREMOVED);
	weir_store_close(ro);
	weir_store_close(rw);
}

/* ---- a table that changes under us
 * ------------------------------------------------ */

/* Once set: where the entry of the channel in the making is moved to. */
static uint64_t move_to;

/* The library's own: it reserves memory between claim and first write. */
int
fallocate(int fd, int mode, off_t off, off_t len)
{
	for (uint32_t i = 0; move_to && i < st->channels.cnt; i++) {
		struct wi_shm_entry *e = wi_entry(st, i);

		if (wi_word_state(wi_tag(&st->channels, i)->word) ==
		    WI_BUILDING) {
			e->off = move_to;
			move_to = 0;
		}
	}
	return (int)syscall(SYS_fallocate, fd, mode, off, len);
}

static void
channel_is_written_where_it_was_claimed(void)
{
	uint64_t elsewhere = st->head.seg_len / 2;
	uint64_t len = st->head.seg_len - elsewhere, n = 0;
	weir_channel *ch;

	move_to = elsewhere;
	(void)weir_channel_open(st, "a", CH_OPTS(.capacity = 2), &ch, NULL);
	CU_ASSERT_EQUAL(move_to, 0);
	while (n < len && st->base[elsewhere + n] == 0)
		n++;
	CU_ASSERT_EQUAL(n, len);
}

SUITE_WITH("channel", before, after, TEST(channel_name_rule),
	   TEST(channel_must_exist), TEST(channel_null_arguments_are_einval),
	   TEST(channel_two_handles_are_one_channel),
	   TEST(channel_closed_stays), TEST(channel_schema_is_null_without),
	   TEST(channel_check_is_that_of_publish), TEST(channel_stat_counts),
	   TEST(channel_iteration_shows_each_once),
	   TEST(channel_table_full_is_efull),
	   TEST(channel_removed_makes_room_once_nobody_holds_it),
	   TEST(channel_cycles_leave_nothing),
	   TEST(channel_removed_is_told_to_all_handles),
	   TEST(channel_removed_ends_an_open_loan),
	   TEST(channel_of_a_retired_store),
	   TEST(channel_read_only_makes_and_changes_nothing),
	   TEST(channel_is_written_where_it_was_claimed));
