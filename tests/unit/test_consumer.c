/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_consumer.c - reading: where it starts, what was lost, what is checked,
 * waiting, descriptors, handlers.
 */
#include "unit/fix.h"

#include "store/internal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static weir_store *st;
static weir_channel *ch;
static weir_producer *p;

static void
before(void)
{
	st = fix_store_with(0, 512);
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

/* Publish the numbers from @from to @to, which should be their seqs. */
static void
put(uint64_t from, uint64_t to)
{
	for (; from <= to; from++)
		CU_ASSERT_EQUAL_FATAL(fix_put(p, from), (int64_t)from);
}

/* Read one record, which must be number @v (put() above), having lost @lost. */
#define READS(c, v, lost_cnt)                                                  \
	do {                                                                   \
		weir_record rec_;                                              \
		CU_ASSERT_EQUAL_FATAL(weir_read((c), &rec_, 1, 0), 1);         \
		CU_ASSERT_EQUAL(fix_value(&rec_), (v));                        \
		CU_ASSERT_EQUAL(rec_.seq, (v));                                \
		CU_ASSERT_EQUAL(rec_.lost, (lost_cnt));                        \
	} while (0)

#define READS_NOTHING(c)                                                       \
	do {                                                                   \
		weir_record rec_;                                              \
		CU_ASSERT_EQUAL(weir_read((c), &rec_, 1, 0), -EAGAIN);         \
	} while (0)

static weir_consumer_info
info_of(weir_consumer *c)
{
	weir_consumer_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_consumer_stat(c, &i), 0);
	return i;
}

/* ---- opening
 * ------------------------------------------------------------------------ */

static int
open_id(const char *id)
{
	weir_diag diag = {.code = 0};
	weir_consumer *c;
	int rc = weir_consumer_open(ch, id, NULL, &c, &diag);

	CU_ASSERT_EQUAL(diag.code, rc);
	CU_ASSERT((rc == 0) == (c != NULL));
	weir_consumer_close(c);
	return rc;
}

static void
consumer_id_rule(void)
{
	char longest[WEIR_ID_MAX + 2];

	open_all(NULL);
	memset(longest, 'i', sizeof(longest));
	longest[WEIR_ID_MAX + 1] = 0;
	CU_ASSERT_EQUAL(open_id(longest), WEIR_ENAME);
	longest[WEIR_ID_MAX] = 0;
	CU_ASSERT_EQUAL(open_id(longest), 0);
	CU_ASSERT_EQUAL(open_id(NULL), 0);
	CU_ASSERT_EQUAL(open_id(""), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id("a\rb"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id("\xfe"), WEIR_ENAME);
}

static void
option_refused(weir_consumer_opts *o, int want, const char *word)
{
	weir_consumer *c;
	weir_diag diag = {.code = 0};

	CU_ASSERT_EQUAL(weir_consumer_open(ch, "c", o, &c, &diag), want);
	CU_ASSERT_EQUAL(diag.code, want);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT(fix_says(&diag, word));
}

static void
consumer_bad_options_are_named(void)
{
	struct {
		weir_consumer_opts o;
		uint64_t more;
	} n = {.o = {.size = sizeof(n)}, .more = 1};
	weir_consumer *c;
	weir_consumer_info i = {.size = sizeof(i)};
	weir_record rec;

	open_all(NULL);
	option_refused(CO_OPTS(.flags = 4), -EINVAL, "flags");
	option_refused(CO_OPTS(.flags = WEIR_GATE), -EINVAL, "block");
	option_refused(CO_OPTS(.from = 5), -EINVAL, "from");
	option_refused(CO_OPTS(.schema = "true"), -EINVAL, "schema");
	option_refused(CO_OPTS(.buffer_bytes = UINT64_MAX), -EINVAL, "buffer");
	option_refused(CO_OPTS(.flags = WEIR_CHECK, .schema = "{"), WEIR_EJSON,
		       "");
	option_refused(CO_OPTS(.flags = WEIR_CHECK, .schema = "{\"type\":1}"),
		       WEIR_EBADSCHEMA, "");
	option_refused(&(weir_consumer_opts){0}, -EINVAL, "size");
	option_refused(&n.o, -EINVAL, "know");
	CU_ASSERT_EQUAL(weir_consumer_open(NULL, "c", NULL, &c, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_open(ch, "c", NULL, NULL, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &i), 0);
	weir_consumer_close(NULL);

	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_read(NULL, &rec, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_read(c, NULL, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 0, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_read(c, &rec, -1, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_seek(NULL, WEIR_FROM_NEW, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_seek(c, (weir_from)9, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_view(c, &rec, 1, 0), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_view(NULL, &rec, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_release(c, 1), -EINVAL);
	CU_ASSERT_EQUAL(weir_release(NULL, 1), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_stat(NULL, &i), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_stat(c, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, NULL), -EINVAL);
	CU_ASSERT_PTR_NULL(weir_consumer_diag(NULL, NULL));
	CU_ASSERT_EQUAL(weir_fd(NULL), -EINVAL);
	i.size = 1;
	CU_ASSERT_EQUAL(weir_consumer_stat(c, &i), -EINVAL);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &i), -EINVAL);
	weir_interrupt(NULL);
}

static void
consumer_id_in_use_names_it(void)
{
	weir_consumer *c, *d;
	weir_diag diag;

	open_all(NULL);
	c = fix_consumer(ch, "dashboard", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_consumer_open(ch, "dashboard", NULL, &d, &diag),
			WEIR_EINUSE);
	CU_ASSERT_PTR_NULL(d);
	CU_ASSERT(fix_says(&diag, "dashboard"));
	fix_consumer(ch, NULL, WEIR_FROM_NEW);
	fix_consumer(ch, NULL, WEIR_FROM_NEW);
	/* a producer of that id is somebody else */
	fix_producer(ch, "dashboard");
	weir_consumer_close(c);
	fix_consumer(ch, "dashboard", WEIR_FROM_NEW);
}

static void
consumer_places_full_is_efull(void)
{
	weir_consumer *c, *d;
	weir_diag diag;

	open_all(CH_OPTS(.max_consumers = 2));
	c = fix_consumer(ch, "a", WEIR_FROM_NEW);
	fix_consumer(ch, "b", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_consumer_open(ch, "c", NULL, &d, &diag),
			WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "2"));
	CU_ASSERT_PTR_NULL(d);
	for (int i = 0; i < 10; i++)
		fix_consumer(ch, NULL, WEIR_FROM_NEW);
	weir_consumer_close(c);
	fix_consumer(ch, "c", WEIR_FROM_NEW);
}

/* ---- where it starts
 * ---------------------------------------------------------------- */

static void
from_current_no_gap_no_double(void)
{
	weir_consumer *c;
	weir_record rec;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind));
		c = fix_consumer(ch, "early", WEIR_FROM_CURRENT);
		READS_NOTHING(c);
		put(1, 5);
		for (uint64_t i = 1; i <= 5; i++)
			READS(c, i, 0);
		READS_NOTHING(c);
		c = fix_consumer(ch, "late", WEIR_FROM_CURRENT);
		put(6, 7);
		CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(fix_value(&rec), 5);
		CU_ASSERT_EQUAL(rec.seq, 5);
		CU_ASSERT_EQUAL(rec.flags, WEIR_CURRENT);
		CU_ASSERT_STRING_EQUAL(rec.producer, "p");
		CU_ASSERT(rec.time_ns != 0);
		CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, 6);
		CU_ASSERT_EQUAL(rec.flags, 0);
		READS(c, 7, 0);
		READS_NOTHING(c);
		CU_ASSERT_EQUAL(weir_clear(p), 8);
		c = fix_consumer(ch, "after", WEIR_FROM_CURRENT);
		READS_NOTHING(c);
	}
}

/* The value is overwritten before the first read: the stream brings the
 * newer one. */
static void
from_current_superseded_is_left_out(void)
{
	weir_consumer *c;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind, .capacity = 2,
				 .lane_bytes = 512));
		put(1, 1);
		c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
		put(2, 40);
		READS(c, 39, 37);
		READS(c, 40, 0);
	}
}

static void
from_each_is_one_value_of_each(void)
{
	weir_consumer *c;
	weir_producer *q, *r;
	weir_record rec[4];

	open_all(NULL);
	q = fix_producer(ch, "q");
	r = fix_producer(ch, "r");
	fix_must_put(r, 1);
	fix_must_put(q, 2);
	fix_must_put(p, 3);
	fix_must_put(r, 4);
	weir_clear(q);
	weir_producer_close(r);
	c = fix_consumer(ch, "c", WEIR_FROM_EACH);
	fix_must_put(p, 6);
	CU_ASSERT_EQUAL_FATAL(weir_read(c, rec, 4, 0), 3);
	CU_ASSERT_EQUAL(fix_value(&rec[0]), 3);
	CU_ASSERT_EQUAL(rec[0].flags, WEIR_CURRENT);
	CU_ASSERT_STRING_EQUAL(rec[0].producer, "p");
	CU_ASSERT_EQUAL(fix_value(&rec[1]), 4);
	CU_ASSERT_EQUAL(rec[1].flags, WEIR_CURRENT);
	CU_ASSERT_STRING_EQUAL(rec[1].producer, "r");
	CU_ASSERT_EQUAL(fix_value(&rec[2]), 6);
	CU_ASSERT_EQUAL(rec[2].flags, 0);
	open_all(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	put(1, 3);
	c = fix_consumer(ch, "c", WEIR_FROM_EACH);
	READS(c, 3, 0);
	READS_NOTHING(c);
}

static void
from_oldest_and_new(void)
{
	weir_consumer *c, *d;

	for (uint32_t n = 2; n <= 8; n *= 2) {
		open_all(CH_OPTS(.capacity = n));
		c = fix_consumer(ch, "c", WEIR_FROM_OLDEST);
		d = fix_consumer(ch, "d", WEIR_FROM_NEW);
		READS_NOTHING(c);
		put(1, n);
		READS(c, 1, 0);
		READS(d, 1, 0);
		put(n + 1, 20);
		c = fix_consumer(ch, "c2", WEIR_FROM_OLDEST);
		d = fix_consumer(ch, "d2", WEIR_FROM_NEW);
		READS_NOTHING(d);
		for (uint64_t i = 20 - n + 1; i <= 20; i++)
			READS(c, i, 0);
		READS_NOTHING(c);
		put(21, 21);
		READS(c, 21, 0);
		READS(d, 21, 0);
	}
}

static weir_consumer *
from_seq(const char *id, uint64_t seq)
{
	return fix_consumer_with(ch, id,
				 CO_OPTS(.from = WEIR_FROM_SEQ, .seq = seq));
}

static void
from_seq_past_and_future(void)
{
	weir_consumer *c;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.capacity = 8, .producers = kind));
		c = from_seq("zero", 0);
		put(1, 20);
		READS(c, 14, 13); /* 13 .. 20 are kept; it starts one in */
		c = from_seq("kept", 15);
		READS(c, 15, 0);
		c = from_seq("gone", 3);
		READS(c, 14, 11);
		c = from_seq("next", 21);
		READS_NOTHING(c);
		put(21, 21);
		READS(c, 21, 0);
		/* what comes before it is passed over, and not lost */
		c = from_seq("future", 25);
		put(22, 24);
		READS_NOTHING(c);
		put(25, 26);
		READS(c, 25, 0);
		READS(c, 26, 0);
		CU_ASSERT_EQUAL(info_of(c).lost, 0);
		/* only what it asked for can be lost */
		c = from_seq("far", 100);
		put(27, 200);
		READS(c, 194, 94); /* 100 .. 193 */
		CU_ASSERT_EQUAL(info_of(c).lost, 94);
	}
}

static void
seek_goes_anywhere(void)
{
	weir_consumer *c;
	weir_record rec;

	open_all(CH_OPTS(.capacity = 16));
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	put(1, 10);
	READS(c, 1, 0);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_NEW, 0), 0);
	READS_NOTHING(c);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_OLDEST, 0), 0);
	READS(c, 1, 0);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_SEQ, 7), 0);
	READS(c, 7, 0);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_CURRENT, 0), 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, 10);
	CU_ASSERT_EQUAL(rec.flags, WEIR_CURRENT);
	READS_NOTHING(c);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_EACH, 0), 0);
	READS(c, 10, 0);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_SEQ, 12), 0);
	put(11, 12);
	READS(c, 12, 0);
}

/* ---- what was lost
 * -------------------------------------------------------------------- */

/* However it is overtaken: what it got and what it lost is all there was. */
static void
adds_up(uint32_t kind, uint32_t n, size_t len, uint64_t *rnd)
{
	static uint8_t buf[5000], want[5000];
	weir_consumer *c;
	weir_record rec[7];
	uint64_t seq = 0, at = 0, lost = 0, got = 0;

	open_all(
	    CH_OPTS(.capacity = n, .producers = kind, .lane_bytes = 16384));
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	for (int round = 0; round < 300; round++) {
		int k;

		*rnd = *rnd * 6364136223846793005u + 1442695040888963407u;
		for (k = (int)(*rnd >> 33) % (int)(3 * n); k > 0; k--) {
			fix_bytes(buf, len, (uint8_t)++seq);
			CU_ASSERT_EQUAL_FATAL(weir_publish(p, buf, len, NULL),
					      (int64_t)seq);
		}
		k = weir_read(c, rec, 1 + (int)(*rnd >> 50) % 7, 0);
		if (k == -EAGAIN) {
			CU_ASSERT_EQUAL_FATAL(at, seq);
			continue;
		}
		CU_ASSERT_FATAL(k > 0);
		for (int i = 0; i < k; i++) {
			at += rec[i].lost + 1;
			lost += rec[i].lost;
			got++;
			CU_ASSERT_EQUAL_FATAL(rec[i].seq, at);
			fix_bytes(want, len, (uint8_t)at);
			CU_ASSERT_EQUAL_FATAL(rec[i].len, len);
			CU_ASSERT_FATAL(!memcmp(rec[i].data, want, len));
		}
	}
	CU_ASSERT(lost > 0);
	CU_ASSERT_EQUAL(info_of(c).lost, lost);
	CU_ASSERT_EQUAL(info_of(c).delivered, got);
	CU_ASSERT_EQUAL(info_of(c).cursor, at + 1);
	CU_ASSERT_EQUAL(info_of(c).lag, seq - at);
}

static void
lost_counts_are_exact(void)
{
	uint64_t rnd = t_seed(20);

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		for (uint32_t n = 2; n <= 16; n *= 2) {
			adds_up(kind, n, 9, &rnd);
			adds_up(kind, n, 100, &rnd);
			adds_up(kind, n, 4000, &rnd);
		}
		/* the lane is overwritten long before the ring is */
		adds_up(kind, 64, 4000, &rnd);
	}
}

/* Long and short records mixed: the long ones overwrite the lane, the short
 * ones of an exclusive channel stay in their slots. */
static void
lost_records_of_the_lane_only(void)
{
	static uint8_t big[4000];
	weir_consumer *c;
	weir_record rec;
	uint64_t next = 1, lost = 0;

	open_all(CH_OPTS(.producers = WEIR_EXCLUSIVE, .capacity = 64,
			 .lane_bytes = 16384));
	c = fix_consumer(ch, "c", WEIR_FROM_OLDEST);
	fix_bytes(big, sizeof(big), 1);
	for (uint64_t i = 1; i <= 40; i++)
		CU_ASSERT_EQUAL_FATAL(i % 2 ? fix_put(p, i)
					    : weir_publish(p, big, 4000, NULL),
				      (int64_t)i);
	while (weir_read(c, &rec, 1, 0) == 1) {
		CU_ASSERT_EQUAL(rec.seq, next + rec.lost);
		CU_ASSERT(rec.lost <= 1);
		lost += rec.lost;
		next = rec.seq + 1;
		if (rec.seq % 2) {
			CU_ASSERT_EQUAL(fix_value(&rec), rec.seq);
		} else {
			CU_ASSERT_EQUAL(rec.len, 4000);
			CU_ASSERT(!memcmp(rec.data, big, 4000));
		}
	}
	CU_ASSERT_EQUAL(next, 41);
	CU_ASSERT(lost >= 16 && lost < 20);
}

/* ---- what comes
 * ------------------------------------------------------------------------- */

static void
clear_comes_with_what_is_current_then(void)
{
	weir_producer *q;
	weir_consumer *c, *d;
	weir_record rec;

	open_all(NULL);
	q = fix_producer(ch, "q");
	d = fix_consumer(ch, "d", WEIR_FROM_NEW);
	fix_must_put(p, 1);
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	fix_must_put(q, 2);
	CU_ASSERT_EQUAL(weir_clear(q), 3);
	READS(c, 1, 0);
	READS(c, 2, 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.kind, WEIR_CLEAR);
	CU_ASSERT_EQUAL(rec.seq, 3);
	CU_ASSERT_EQUAL(rec.current_seq, 1);
	CU_ASSERT_PTR_NULL(rec.data);
	CU_ASSERT_EQUAL(rec.len, 0);
	CU_ASSERT_STRING_EQUAL(rec.producer, "q");
	/* a `current` consumer gets it again */
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.seq, 1);
	CU_ASSERT_EQUAL(rec.flags, WEIR_CURRENT);
	READS_NOTHING(c);
	CU_ASSERT_EQUAL(weir_clear(p), 4);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.kind, WEIR_CLEAR);
	CU_ASSERT_EQUAL(rec.current_seq, 0);
	READS_NOTHING(c);
	/* others only learn its seq */
	for (uint64_t i = 1; i <= 4; i++) {
		CU_ASSERT_EQUAL(weir_read(d, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.seq, i);
		CU_ASSERT_EQUAL(rec.flags, 0);
	}
	READS_NOTHING(d);
}

static void
clear_of_an_older_value_is_not_followed(void)
{
	weir_producer *q;
	weir_consumer *c;
	weir_record rec;

	open_all(NULL);
	q = fix_producer(ch, "q");
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	fix_must_put(p, 1);
	fix_must_put(q, 2);
	CU_ASSERT_EQUAL(weir_clear(p), 3);
	READS(c, 1, 0);
	READS(c, 2, 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.current_seq, 2);
	READS_NOTHING(c);
}

static void
stamps_on_and_off(void)
{
	weir_record rec;
	weir_consumer *c;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind, .stamps = WEIR_OFF));
		c = fix_consumer(ch, "c", WEIR_FROM_NEW);
		put(1, 1);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL(rec.time_ns, 0);
		CU_ASSERT_EQUAL(rec.origin_channel, 0);
		CU_ASSERT_EQUAL(rec.origin_seq, 0);
		open_all(CH_OPTS(.producers = kind));
		c = fix_consumer(ch, "c", WEIR_FROM_NEW);
		put(1, 1);
		CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT(rec.time_ns > UINT64_C(1500000000000000000));
	}
}

/* A read fills its buffer and no more; the rest comes with the next. */
static void
read_many_fills_the_buffer(void)
{
	uint8_t buf[1000];
	weir_consumer *c;
	weir_record rec[100];
	int n, all = 0;

	open_all(CH_OPTS(.max_record = 1000));
	c = fix_consumer_with(
	    ch, "c", CO_OPTS(.from = WEIR_FROM_NEW, .buffer_bytes = 3000));
	for (int i = 0; i < 20; i++) {
		fix_bytes(buf, 1000, (uint8_t)i);
		CU_ASSERT_FATAL(weir_publish(p, buf, 1000, NULL) > 0);
	}
	while ((n = weir_read(c, rec, 100, 0)) > 0) {
		CU_ASSERT(n <= 3);
		for (int i = 0; i < n; i++) {
			fix_bytes(buf, 1000, (uint8_t)all++);
			CU_ASSERT(!memcmp(rec[i].data, buf, 1000));
		}
	}
	CU_ASSERT_EQUAL(n, -EAGAIN);
	CU_ASSERT_EQUAL(all, 20);
	/* one that is too small is made as large as a record */
	c = fix_consumer_with(
	    ch, "d", CO_OPTS(.from = WEIR_FROM_OLDEST, .buffer_bytes = 1));
	CU_ASSERT_EQUAL(weir_read(c, rec, 100, 0), 1);
}

/* ---- checks on receipt
 * -------------------------------------------------------------------- */

static void
check_against_its_own_schema(void)
{
	weir_consumer *c;
	weir_record rec;
	uint64_t seq = 0;
	const weir_diag *why;

	open_all(CH_OPTS(.schema = "{\"type\":\"integer\"}"));
	c = fix_consumer_with(
	    ch, "c",
	    CO_OPTS(.flags = WEIR_CHECK, .from = WEIR_FROM_NEW,
		    .schema = "{\"minimum\":3} and more", .schema_len = 13));
	put(1, 5);
	for (uint64_t i = 3; i <= 5; i++)
		READS(c, i, 0);
	READS_NOTHING(c);
	CU_ASSERT_EQUAL(info_of(c).invalid, 2);
	CU_ASSERT_EQUAL(info_of(c).lost, 0);
	CU_ASSERT_EQUAL(info_of(c).delivered, 3);
	why = weir_consumer_diag(c, &seq);
	CU_ASSERT_PTR_NOT_NULL_FATAL(why);
	CU_ASSERT_EQUAL(seq, 2);
	CU_ASSERT_EQUAL(why->code, WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(why->keyword, "minimum");
	/* an invalid current value is not delivered, a clear is */
	weir_seek(c, WEIR_FROM_NEW, 0);
	fix_must_put(p, 1);
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_CURRENT, 0), 0);
	READS_NOTHING(c);
	CU_ASSERT_EQUAL(weir_clear(p), 7);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.kind, WEIR_CLEAR);
}

static void
check_without_a_schema_wants_msgpack(void)
{
	weir_producer *t;
	weir_consumer *c;

	open_all(NULL);
	t = fix_producer_with(ch, "t", PR_OPTS(.flags = WEIR_TRUSTED));
	c = fix_consumer_with(
	    ch, "c", CO_OPTS(.flags = WEIR_CHECK, .from = WEIR_FROM_NEW));
	CU_ASSERT_EQUAL(weir_publish(t, "\xc1", 1, NULL), 1);
	fix_must_put(p, 2);
	READS(c, 2, 0);
	CU_ASSERT_EQUAL(info_of(c).invalid, 1);
}

/* ---- waiting
 * ---------------------------------------------------------------------------------
 */

static void
read_times_out(void)
{
	weir_consumer *c, *o;
	weir_record rec;

	open_all(NULL);
	c = fix_consumer_with(ch, "c",
			      CO_OPTS(.from = WEIR_FROM_NEW, .spin_ns = -1));
	o = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 3 * MS), -EAGAIN);
	CU_ASSERT_EQUAL(weir_read(o, &rec, 1, 3 * MS), -EAGAIN);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, 3 * MS, NULL), -EAGAIN);
	CU_ASSERT_EQUAL(info_of(c).asleep, 0);
}

/* How often this thread has slept in 3 ms of waiting for nothing. */
static long
sleeps(int64_t spin_ns)
{
	weir_consumer *c = fix_consumer_with(
	    ch, "c", CO_OPTS(.from = WEIR_FROM_NEW, .spin_ns = spin_ns));
	struct rusage before, after;
	weir_record rec;

	getrusage(RUSAGE_THREAD, &before);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 3 * MS), -EAGAIN);
	getrusage(RUSAGE_THREAD, &after);
	weir_consumer_close(c);
	return after.ru_nvcsw - before.ru_nvcsw;
}

static void
read_sleeps_as_was_asked(void)
{
	open_all(NULL);
	CU_ASSERT(sleeps(WEIR_SPIN_BALANCED) > 0);
	CU_ASSERT(sleeps(WEIR_SPIN_SLEEPY) > 0);
	CU_ASSERT_EQUAL(sleeps(WEIR_SPIN_LATENCY), 0);
}

/* WEIR_SPIN_BALANCED, and a producer that waits for space: 1 to 50 us. */
static void
polling_adapts_within_its_bounds(void)
{
	int64_t spin = 0, first = wi_spin_most(&spin);

	wi_spin_paid(&spin, true);
	CU_ASSERT_EQUAL(wi_spin_most(&spin), 2 * first);
	wi_spin_paid(&spin, false);
	CU_ASSERT_EQUAL(wi_spin_most(&spin), first);
	for (int i = 0; i < 20; i++)
		wi_spin_paid(&spin, true);
	CU_ASSERT_EQUAL(wi_spin_most(&spin), 50000);
	for (int i = 0; i < 20; i++)
		wi_spin_paid(&spin, false);
	CU_ASSERT_EQUAL(wi_spin_most(&spin), 1000);
}

static void *
publish_soon(void *arg)
{
	usleep(20000);
	fix_put(arg, 1);
	return NULL;
}

static void
read_is_woken(void)
{
	weir_consumer *c[4];
	weir_record rec;
	pthread_t t;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind));
		c[0] = fix_consumer(ch, "c", WEIR_FROM_NEW);
		c[1] = fix_consumer_with(
		    ch, "d", CO_OPTS(.from = WEIR_FROM_NEW, .spin_ns = -1));
		c[2] = fix_consumer(ch, NULL, WEIR_FROM_NEW);
		c[3] = fix_consumer_with(ch, NULL,
					 CO_OPTS(.from = WEIR_FROM_NEW,
						 .spin_ns = WEIR_SPIN_LATENCY));
		for (int i = 0; i < 4; i++) {
			CU_ASSERT_EQUAL_FATAL(
			    pthread_create(&t, NULL, publish_soon, p), 0);
			CU_ASSERT_EQUAL(weir_read(c[i], &rec, 1, -1), 1);
			CU_ASSERT_EQUAL(fix_value(&rec), 1);
			pthread_join(t, NULL);
			for (int j = 0; j < 4; j++)
				weir_seek(c[j], WEIR_FROM_NEW, 0);
		}
	}
}

static void *
interrupt_soon(void *arg)
{
	usleep(20000);
	weir_interrupt(arg);
	return NULL;
}

static void
interrupt_ends_this_wait_or_the_next(void)
{
	weir_consumer *c, *other, *polls;
	weir_record rec;
	pthread_t t;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	polls = fix_consumer_with(
	    ch, "polls",
	    CO_OPTS(.from = WEIR_FROM_NEW, .spin_ns = WEIR_SPIN_LATENCY));
	other = fix_consumer(ch, "other", WEIR_FROM_NEW);
	weir_interrupt(c);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), -EINTR);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	weir_interrupt(c);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, -1, NULL), -EINTR);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, 0, NULL), -EAGAIN);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, interrupt_soon, c), 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), -EINTR);
	pthread_join(t, NULL);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, interrupt_soon, polls),
			      0);
	CU_ASSERT_EQUAL(weir_read(polls, &rec, 1, -1), -EINTR);
	pthread_join(t, NULL);
	/* it was not for the other; and what is there comes first */
	CU_ASSERT_EQUAL(weir_read(other, &rec, 1, 2 * MS), -EAGAIN);
	weir_interrupt(c);
	put(1, 1);
	READS(c, 1, 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), -EINTR);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

static void
alarm_without_restart(void (*fn)(int))
{
	struct sigaction sa = {.sa_handler = fn};
	struct itimerval it = {.it_interval = {0, 10000},
			       .it_value = {0, 10000}};

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
}

static void
alarm_off(void)
{
	struct itimerval it = {.it_value = {0, 0}};

	setitimer(ITIMER_REAL, &it, NULL);
	signal(SIGALRM, SIG_DFL);
}

static void
signal_ends_a_wait(void)
{
	weir_consumer *c;
	weir_record rec;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	alarm_without_restart(on_alarm);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, -1), -EINTR);
	CU_ASSERT_EQUAL(weir_wait(&c, 1, -1, NULL), -EINTR);
	alarm_off();
	put(1, 1);
	READS(c, 1, 0);
}

static weir_consumer *in_handler;

static void
interrupt_it(int sig)
{
	(void)sig;
	weir_interrupt(in_handler);
}

static void
interrupt_from_a_handler(void)
{
	weir_record rec;

	open_all(NULL);
	in_handler = fix_consumer(ch, "c", WEIR_FROM_NEW);
	alarm_without_restart(interrupt_it);
	CU_ASSERT_EQUAL(weir_read(in_handler, &rec, 1, -1), -EINTR);
	alarm_off();
}

static void
wait_says_which_are_ready(void)
{
	weir_consumer *c[4];
	weir_producer *q;
	uint8_t ready[4] = {9, 9, 9, 9};
	weir_store *second = fix_store();
	weir_channel *b = fix_channel(second, "b", NULL);

	open_all(NULL);
	q = fix_producer(b, "q");
	c[0] = fix_consumer(ch, "c0", WEIR_FROM_NEW);
	c[1] = fix_consumer(b, "c1", WEIR_FROM_NEW);
	c[2] = fix_consumer(ch, NULL, WEIR_FROM_NEW);
	c[3] = fix_consumer(b, NULL, WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_wait(c, 4, 0, ready), -EAGAIN);
	put(1, 1);
	CU_ASSERT_EQUAL(weir_wait(c, 4, -1, ready), 2);
	CU_ASSERT(ready[0] && !ready[1] && ready[2] && !ready[3]);
	READS(c[0], 1, 0);
	fix_must_put(q, 1);
	CU_ASSERT_EQUAL(weir_wait(c, 4, -1, ready), 3);
	CU_ASSERT(!ready[0] && ready[1] && ready[2] && ready[3]);
	CU_ASSERT_EQUAL(weir_wait(c, 1, 0, NULL), -EAGAIN);
	CU_ASSERT_EQUAL(weir_wait(NULL, 1, 0, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_wait(c, 0, 0, NULL), -EINVAL);
	c[2] = NULL;
	CU_ASSERT_EQUAL(weir_wait(c, 4, 0, NULL), -EINVAL);
	weir_store_close(second);
}

static void
wait_on_too_many_stores_is_einval(void)
{
	weir_store *s[32];
	weir_consumer *c[32];

	for (int i = 0; i < 32; i++) {
		s[i] = fix_store();
		c[i] = fix_consumer(fix_channel(s[i], "a", NULL), "c",
				    WEIR_FROM_NEW);
	}
	CU_ASSERT_EQUAL(weir_wait(c, 31, 1 * MS, NULL), -EAGAIN);
	CU_ASSERT_EQUAL(weir_wait(c, 32, 1 * MS, NULL), -EINVAL);
	for (int i = 0; i < 32; i++)
		weir_store_close(s[i]);
}

/* More than one system call can wait for. */
#define CROWD 200

static void
wait_in_a_crowd(void)
{
	static weir_consumer *c[CROWD];
	static weir_producer *q[CROWD];
	uint8_t ready[CROWD];
	pthread_t t;

	for (int i = 0; i < CROWD; i++) {
		open_all(
		    CH_OPTS(.capacity = 2, .max_producers = 1,
			    .max_consumers = 1, .lane_bytes = 512,
			    .producers = i % 2 ? WEIR_SHARED : WEIR_EXCLUSIVE));
		q[i] = p;
		c[i] = fix_consumer(ch, "c", WEIR_FROM_NEW);
	}
	CU_ASSERT_EQUAL(weir_wait(c, CROWD, 2 * MS, ready), -EAGAIN);
	for (int i = 0; i < CROWD; i += 33) {
		weir_record rec;

		CU_ASSERT_EQUAL_FATAL(
		    pthread_create(&t, NULL, publish_soon, q[i]), 0);
		CU_ASSERT_EQUAL(weir_wait(c, CROWD, -1, ready), 1);
		CU_ASSERT_EQUAL(ready[i], 1);
		pthread_join(t, NULL);
		CU_ASSERT_EQUAL(weir_read(c[i], &rec, 1, 0), 1);
	}
}

/* ---- descriptors
 * -------------------------------------------------------------------------------
 */

static bool
readable(int fd, int ms)
{
	struct pollfd f = {.fd = fd, .events = POLLIN};

	return poll(&f, 1, ms) == 1 && (f.revents & POLLIN);
}

static void
fd_is_readable_while_there_is_something(void)
{
	weir_consumer *c;
	weir_record rec;
	int fd;

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		open_all(CH_OPTS(.producers = kind));
		c = fix_consumer(ch, "c", WEIR_FROM_NEW);
		fd = weir_fd(c);
		CU_ASSERT_FATAL(fd >= 0);
		CU_ASSERT_EQUAL(weir_fd(c), fd);
		CU_ASSERT(!readable(fd, 5));
		for (uint64_t i = 1; i <= 20; i++) {
			put(i, i);
			CU_ASSERT(readable(fd, 10000));
			CU_ASSERT(readable(fd, 0));
			READS(c, i, 0);
			READS_NOTHING(c);
			CU_ASSERT(!readable(fd, 0));
		}
		/* what is there when it is asked for */
		put(21, 21);
		c = fix_consumer(ch, "d", WEIR_FROM_OLDEST);
		CU_ASSERT(readable(weir_fd(c), 10000));
	}
	/* the end is news too */
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_NEW, 0), 0);
	READS_NOTHING(c);
	CU_ASSERT(!readable(weir_fd(c), 5));
	{
		weir_channel_info i = {.size = sizeof(i)};

		CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
		CU_ASSERT_EQUAL(weir_channel_remove(st, i.name, NULL), 0);
	}
	CU_ASSERT(readable(weir_fd(c), 10000));
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), WEIR_EREMOVED);
}

/* The value with which a dispatch begins, or that there is none, is news. */
static void
fd_is_readable_for_the_first_dispatch(void)
{
	weir_consumer *c;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	CU_ASSERT(readable(weir_fd(c), 10000));
}

/* Who reads for himself learns that there is nothing by -EAGAIN, once. */
static void
fd_is_quiet_without_a_value(void)
{
	weir_record rec;
	weir_consumer *c;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	CU_ASSERT(weir_fd(c) >= 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	CU_ASSERT(!readable(weir_fd(c), 0));
	CU_ASSERT_EQUAL(weir_seek(c, WEIR_FROM_CURRENT, 0), 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
	CU_ASSERT(!readable(weir_fd(c), 0));
}

static void
fd_of_many_and_their_closing(void)
{
	weir_consumer *c[60];

	open_all(NULL);
	for (int i = 0; i < 60; i++) {
		char id[16];

		snprintf(id, sizeof(id), "c%d", i);
		c[i] = fix_consumer(ch, i % 4 ? id : NULL, WEIR_FROM_NEW);
		CU_ASSERT_FATAL(weir_fd(c[i]) >= 0);
	}
	put(1, 1);
	for (int i = 0; i < 60; i++)
		CU_ASSERT(readable(weir_fd(c[i]), 10000));
	for (int i = 0; i < 60; i += 2)
		weir_consumer_close(c[i]);
	for (int i = 1; i < 60; i += 2) {
		READS(c[i], 1, 0);
		READS_NOTHING(c[i]);
		CU_ASSERT(!readable(weir_fd(c[i]), 0));
	}
	put(2, 2);
	for (int i = 1; i < 60; i += 2)
		CU_ASSERT(readable(weir_fd(c[i]), 10000));
}

/* ---- handlers
 * -------------------------------------------------------------------------------------
 */

static struct {
	int calls, stop_at, stop_with;
	uint64_t seq[64], current_seq[64];
	uint32_t kind[64], flags[64];
} seen;

static int
note(weir_consumer *c, const weir_record *rec, void *arg)
{
	int i = seen.calls++ % 64;

	(void)c;
	if (arg != &seen || !rec->producer)
		return -1;
	seen.seq[i] = rec->seq;
	seen.kind[i] = rec->kind;
	seen.flags[i] = rec->flags;
	seen.current_seq[i] = rec->current_seq;
	return seen.calls == seen.stop_at ? seen.stop_with : 0;
}

static int
dispatch(weir_consumer *const *cs, int cnt)
{
	memset(&seen, 0, sizeof(seen));
	return weir_dispatch(cs, cnt, note, &seen, 0);
}

static void
dispatch_begins_with_the_current_value(void)
{
	weir_consumer *c;

	open_all(NULL);
	put(1, 3);
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 1);
	CU_ASSERT_EQUAL(seen.kind[0], WEIR_DATA);
	CU_ASSERT_EQUAL(seen.flags[0], WEIR_CURRENT);
	CU_ASSERT_EQUAL(seen.seq[0], 3);
	CU_ASSERT_EQUAL(dispatch(&c, 1), -EAGAIN);
	put(4, 6);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 3);
	CU_ASSERT_EQUAL(seen.flags[0], 0);
	CU_ASSERT_EQUAL(seen.seq[2], 6);
}

static void
dispatch_begins_with_none(void)
{
	const uint32_t from[] = {WEIR_FROM_CURRENT, WEIR_FROM_EACH,
				 WEIR_FROM_NEW, WEIR_FROM_OLDEST};
	weir_consumer *c;

	open_all(NULL);
	for (int i = 0; i < 4; i++) {
		c = fix_consumer(ch, NULL, from[i]);
		if (i >= 2) {
			CU_ASSERT_EQUAL(dispatch(&c, 1), -EAGAIN);
			continue;
		}
		CU_ASSERT_EQUAL(dispatch(&c, 1), 1);
		CU_ASSERT_EQUAL(seen.kind[0], WEIR_NONE);
		CU_ASSERT_EQUAL(seen.seq[0], 0);
		CU_ASSERT_EQUAL(dispatch(&c, 1), -EAGAIN);
	}
}

static void
dispatch_tells_of_clears(void)
{
	weir_producer *q;
	weir_consumer *c;

	open_all(NULL);
	q = fix_producer(ch, "q");
	fix_must_put(p, 1);
	fix_must_put(q, 2);
	c = fix_consumer(ch, "c", WEIR_FROM_CURRENT);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 1);
	CU_ASSERT_EQUAL(seen.seq[0], 2);
	CU_ASSERT_EQUAL(weir_clear(q), 3);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 2);
	CU_ASSERT_EQUAL(seen.kind[0], WEIR_CLEAR);
	CU_ASSERT_EQUAL(seen.current_seq[0], 1);
	CU_ASSERT_EQUAL(seen.kind[1], WEIR_DATA);
	CU_ASSERT_EQUAL(seen.seq[1], 1);
	CU_ASSERT_EQUAL(seen.flags[1], WEIR_CURRENT);
	CU_ASSERT_EQUAL(weir_clear(p), 4);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 1);
	CU_ASSERT_EQUAL(seen.kind[0], WEIR_CLEAR);
	CU_ASSERT_EQUAL(seen.current_seq[0], 0);
}

static void
dispatch_ends_with_what_the_handler_says(void)
{
	weir_consumer *c[2];

	open_all(NULL);
	c[0] = fix_consumer(ch, "c", WEIR_FROM_NEW);
	c[1] = fix_consumer(ch, "d", WEIR_FROM_NEW);
	put(1, 5);
	memset(&seen, 0, sizeof(seen));
	seen.stop_at = 3;
	seen.stop_with = 77;
	CU_ASSERT_EQUAL(weir_dispatch(c, 2, note, &seen, -1), 77);
	CU_ASSERT_EQUAL(seen.calls, 3);
	CU_ASSERT_EQUAL(dispatch(&c[1], 1), 5);
	CU_ASSERT_EQUAL(weir_dispatch(NULL, 1, note, &seen, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_dispatch(c, 0, note, &seen, 0), -EINVAL);
	CU_ASSERT_EQUAL(weir_dispatch(c, 1, NULL, &seen, 0), -EINVAL);
}

/* What the handler did not get to see is not lost. */
static void
dispatch_that_was_ended_goes_on(void)
{
	weir_consumer *c;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	put(1, 5);
	memset(&seen, 0, sizeof(seen));
	seen.stop_at = 2;
	seen.stop_with = 1;
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, note, &seen, -1), 1);
	CU_ASSERT_EQUAL(dispatch(&c, 1), 3);
	CU_ASSERT_EQUAL(seen.seq[0], 3);
}

static void
dispatch_waits_and_ends(void)
{
	weir_consumer *c;
	weir_channel_info i = {.size = sizeof(i)};
	pthread_t t;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	memset(&seen, 0, sizeof(seen));
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, note, &seen, 2 * MS), -EAGAIN);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, publish_soon, p), 0);
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, note, &seen, -1), 1);
	pthread_join(t, NULL);
	weir_interrupt(c);
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, note, &seen, -1), -EINTR);
	CU_ASSERT_EQUAL(weir_channel_stat(ch, &i), 0);
	CU_ASSERT_EQUAL(weir_channel_remove(st, i.name, NULL), 0);
	CU_ASSERT_EQUAL(weir_dispatch(&c, 1, note, &seen, -1), WEIR_EREMOVED);
}

/* ---- figures
 * -----------------------------------------------------------------------------------------
 */

static void
consumers_are_listed(void)
{
	weir_consumer_info it = {.size = sizeof(it)};
	weir_consumer *c, *d;

	open_all(NULL);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	d = fix_consumer(ch, "d", WEIR_FROM_NEW);
	put(1, 3);
	READS(d, 1, 0);
	READS(d, 2, 0);
	READS(d, 3, 0);
	READS_NOTHING(d);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_STRING_EQUAL(it.id, "c");
	CU_ASSERT_EQUAL(it.lag, 3);
	CU_ASSERT_EQUAL(it.life, WEIR_ALIVE);
	CU_ASSERT_EQUAL(it.pid, (uint32_t)getpid());
	CU_ASSERT_EQUAL(it.gating, 0);
	CU_ASSERT_EQUAL(it.asleep, 0);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_STRING_EQUAL(it.id, "d");
	CU_ASSERT_EQUAL(it.idx, 1);
	CU_ASSERT_EQUAL(it.lag, 0);
	CU_ASSERT_EQUAL(it.cursor, 4);
	CU_ASSERT_EQUAL(it.delivered, 3);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 0);
	CU_ASSERT_EQUAL(info_of(c).idx, 0);
	CU_ASSERT_EQUAL(info_of(fix_consumer(ch, NULL, 0)).idx, UINT32_MAX);
	weir_consumer_close(c);
	it.next = 0;
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_STRING_EQUAL(it.id, "d");
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 0);
	/* a descriptor marks it as asleep */
	CU_ASSERT(weir_fd(d) >= 0);
	it.next = 0;
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_EQUAL(it.asleep, 1);
}

/* A place that was another's tells nothing of him. */
static void
consumer_place_is_clean_when_taken_again(void)
{
	weir_consumer_info it = {.size = sizeof(it)};
	weir_consumer *c;

	open_all(CH_OPTS(.max_consumers = 1));
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	put(1, 3);
	READS(c, 1, 0);
	READS(c, 2, 0);
	READS(c, 3, 0);
	READS_NOTHING(c);
	weir_consumer_close(c);
	fix_consumer(ch, "d", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &it), 1);
	CU_ASSERT_STRING_EQUAL(it.id, "d");
	CU_ASSERT_EQUAL(it.delivered, 0);
	CU_ASSERT_EQUAL(it.lost, 0);
	CU_ASSERT_EQUAL(it.invalid, 0);
	CU_ASSERT_EQUAL(it.cursor, 4);
}

/* Those without membarrier tell publishers to fence before they sleep first. */
static void
consumer_that_cannot_fence_far_says_so(void)
{
	const uint32_t *said = &st->control->need_fence;

	CU_ASSERT_EQUAL(*said, 0);
	open_all(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	fix_consumer(ch, "far", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(*said, 0);
	st->must_fence = true;
	fix_consumer(ch, NULL, WEIR_FROM_NEW); /* is not woken */
	open_all(NULL);
	fix_consumer(ch, "shared", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(*said, 0);
	open_all(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	fix_consumer(ch, "near", WEIR_FROM_NEW);
	CU_ASSERT_EQUAL(*said, 1);
}

SUITE_WITH(
    "consumer", before, after, TEST(consumer_id_rule),
    TEST(consumer_bad_options_are_named), TEST(consumer_id_in_use_names_it),
    TEST(consumer_places_full_is_efull), TEST(from_current_no_gap_no_double),
    TEST(from_current_superseded_is_left_out),
    TEST(from_each_is_one_value_of_each), TEST(from_oldest_and_new),
    TEST(from_seq_past_and_future), TEST(seek_goes_anywhere),
    TEST(lost_counts_are_exact), TEST(lost_records_of_the_lane_only),
    TEST(clear_comes_with_what_is_current_then),
    TEST(clear_of_an_older_value_is_not_followed), TEST(stamps_on_and_off),
    TEST(read_many_fills_the_buffer), TEST(check_against_its_own_schema),
    TEST(check_without_a_schema_wants_msgpack), TEST(read_times_out),
    TEST(read_sleeps_as_was_asked), TEST(polling_adapts_within_its_bounds),
    TEST(read_is_woken), TEST(interrupt_ends_this_wait_or_the_next),
    TEST(signal_ends_a_wait), TEST(interrupt_from_a_handler),
    TEST(wait_says_which_are_ready), TEST(wait_on_too_many_stores_is_einval),
    TEST(wait_in_a_crowd), TEST(fd_is_readable_while_there_is_something),
    TEST(fd_is_readable_for_the_first_dispatch),
    TEST(fd_is_quiet_without_a_value), TEST(fd_of_many_and_their_closing),
    TEST(dispatch_begins_with_the_current_value),
    TEST(dispatch_begins_with_none), TEST(dispatch_tells_of_clears),
    TEST(dispatch_ends_with_what_the_handler_says),
    TEST(dispatch_that_was_ended_goes_on), TEST(dispatch_waits_and_ends),
    TEST(consumers_are_listed), TEST(consumer_place_is_clean_when_taken_again),
    TEST(consumer_that_cannot_fence_far_says_so));
