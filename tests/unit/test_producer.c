/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_producer.c - publishing: what is refused, what counts, whose lane.
 */
#include "unit/fix.h"

#include <stdlib.h>
#include <unistd.h>

static weir_store *st;
static weir_channel *ch;

static void
before(void)
{
	st = fix_store_with(64u << 20, 0);
	ch = NULL;
}

static void
after(void)
{
	weir_store_close(st);
}

static weir_channel_info
stat_now(void)
{
	weir_channel_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &i), 0);
	return i;
}

/* The lane of an id. */
static weir_producer_info
info_of(const char *id)
{
	weir_producer_info it = {.size = sizeof(it)};

	while (weir_producer_next(ch, &it) == 1)
		if (strcmp(it.id, id) == 0)
			return it;
	CU_FAIL_FATAL("no such producer");
	return it;
}

/* ---- opening
 * ------------------------------------------------------------------ */

static int
open_id(const char *id)
{
	weir_diag diag = {.code = 0};
	weir_producer *p;
	int rc = weir_producer_open(ch, id, NULL, &p, &diag);

	CU_ASSERT_EQUAL(diag.code, rc);
	CU_ASSERT((rc == 0) == (p != NULL));
	weir_producer_close(p);
	return rc;
}

static void
producer_id_rule(void)
{
	char longest[WEIR_ID_MAX + 2];

	ch = fix_channel(st, "a", NULL);
	memset(longest, 'i', sizeof(longest));
	longest[WEIR_ID_MAX + 1] = 0;
	CU_ASSERT_EQUAL(open_id(longest), WEIR_ENAME);
	longest[WEIR_ID_MAX] = 0;
	CU_ASSERT_EQUAL(open_id(longest), 0);
	CU_ASSERT_STRING_EQUAL(info_of(longest).id, longest);
	CU_ASSERT_EQUAL(open_id("a/b c~\xe2\x82\xac"), 0);
	CU_ASSERT_EQUAL(open_id(""), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id(NULL), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id("a\x1f"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id("\xc2\x80"), WEIR_ENAME);
	CU_ASSERT_EQUAL(open_id("\x80"), WEIR_ENAME);
}

static void
producer_bad_arguments(void)
{
	struct {
		weir_producer_opts o;
		uint64_t more;
	} n = {.o = {.size = sizeof(n)}};
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a", NULL);
	CU_ASSERT_EQUAL(weir_producer_open(NULL, "p", NULL, &p, &diag),
			-EINVAL);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "p", NULL, NULL, &diag),
			-EINVAL);
	CU_ASSERT_EQUAL(
	    weir_producer_open(ch, "p", PR_OPTS(.flags = 2), &p, &diag),
	    -EINVAL);
	CU_ASSERT(fix_says(&diag, "flags"));
	CU_ASSERT_EQUAL(
	    weir_producer_open(ch, "p", &(weir_producer_opts){0}, &p, &diag),
	    -EINVAL);
	CU_ASSERT(fix_says(&diag, "size"));
	CU_ASSERT_EQUAL(weir_producer_open(ch, "p", &n.o, &p, &diag), 0);
	weir_producer_close(p);
	n.more = 1;
	CU_ASSERT_EQUAL(weir_producer_open(ch, "p", &n.o, &p, &diag), -EINVAL);
	weir_producer_close(NULL);

	p = fix_producer(ch, "p");
	CU_ASSERT_EQUAL(weir_publish(NULL, "\x01", 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish(p, NULL, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish(p, "\x01", 0, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_json(NULL, "1", 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_json(p, NULL, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(stat_now().newest_seq, 0);
}

static void
producer_id_in_use_names_the_holder(void)
{
	weir_producer *p, *q;
	weir_diag diag;
	char pid[16];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	ch = fix_channel(st, "a", NULL);
	p = fix_producer(ch, "market-data");
	CU_ASSERT_EQUAL(weir_producer_open(ch, "market-data", NULL, &q, &diag),
			WEIR_EINUSE);
	CU_ASSERT_PTR_NULL(q);
	CU_ASSERT(fix_says(&diag, "market-data"));
	CU_ASSERT(fix_says(&diag, pid));
	/* on another channel it is free; after the close here too */
	fix_producer(fix_channel(st, "b", NULL), "market-data");
	weir_producer_close(p);
	fix_producer(ch, "market-data");
}

static void
producer_exclusive_in_use_names_the_holder(void)
{
	weir_producer *p, *q;
	weir_diag diag;

	ch = fix_channel(st, "a", CH_OPTS(.producers = WEIR_EXCLUSIVE));
	p = fix_producer(ch, "first");
	fix_must_put(p, 1);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "second", NULL, &q, &diag),
			WEIR_EINUSE);
	CU_ASSERT(fix_says(&diag, "first"));
	CU_ASSERT_EQUAL(weir_producer_open(ch, "first", NULL, &q, &diag),
			WEIR_EINUSE);
	weir_producer_close(p);
	q = fix_producer(ch, "second");
	CU_ASSERT_EQUAL(fix_put(q, 2), 2);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "first", NULL, &p, &diag),
			WEIR_EINUSE);
	CU_ASSERT(fix_says(&diag, "second"));
}

/* ---- lanes
 * ---------------------------------------------------------------------- */

static void
producer_lanes_full_of_the_living(void)
{
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a",
			 CH_OPTS(.max_producers = 3, .orphans = WEIR_EVICT));
	p = fix_producer(ch, "p0");
	fix_producer(ch, "p1");
	fix_producer(ch, "p2");
	CU_ASSERT_EQUAL(weir_producer_open(ch, "p3", NULL, &p, &diag),
			WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "3"));
	CU_ASSERT(fix_says(&diag, "live"));
	CU_ASSERT_PTR_NULL(p);
}

/* Lanes 0, 1, 2 with values of the gone, the oldest in lane 1. */
static void
three_orphans(uint32_t orphans)
{
	static const char *const ids[] = {"bob", "ann", "eve"};
	static const int order[] = {1, 0, 2};
	weir_producer *p[3];

	ch = fix_channel(st, "a",
			 CH_OPTS(.max_producers = 3, .orphans = orphans));
	for (int i = 0; i < 3; i++)
		p[i] = fix_producer(ch, ids[i]);
	for (int i = 0; i < 3; i++)
		fix_must_put(p[order[i]], (uint64_t)order[i]);
	for (int i = 0; i < 3; i++)
		weir_producer_close(p[i]);
}

static void
producer_lanes_full_of_values_lists_them(void)
{
	weir_producer *p;
	weir_diag diag;

	three_orphans(WEIR_KEEP);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "new", NULL, &p, &diag),
			WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "ann, bob, eve"));
	CU_ASSERT_EQUAL(fix_current(ch, "ann"), 1);
	/* an old id still finds its lane */
	p = fix_producer(ch, "eve");
	CU_ASSERT_EQUAL(weir_producer_open(ch, "new", NULL, &p, &diag),
			WEIR_EFULL);
	CU_ASSERT(fix_says(&diag, "ann, bob"));
	CU_ASSERT(strstr(diag.message, "eve") == NULL);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, "bob", NULL), 1);
	p = fix_producer(ch, "new");
	CU_ASSERT_EQUAL(fix_current(ch, "ann"), 1);
	CU_ASSERT_EQUAL(fix_current(ch, "bob"), UINT64_MAX);
}

static void
producer_evicts_the_oldest_orphan(void)
{
	weir_consumer *c;
	weir_record rec;

	three_orphans(WEIR_EVICT);
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	fix_producer(ch, "new");
	CU_ASSERT_EQUAL(fix_current(ch, "ann"), UINT64_MAX);
	CU_ASSERT_EQUAL(fix_current(ch, "bob"), 0);
	CU_ASSERT_EQUAL(fix_current(ch, "eve"), 2);
	/* consumers are told, in its name */
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(rec.kind, WEIR_CLEAR);
	CU_ASSERT_STRING_EQUAL(rec.producer, "ann");
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), -EAGAIN);
}

static void
producer_evicts_into_a_full_block_channel_is_eagain(void)
{
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a",
			 CH_OPTS(.max_producers = 1, .orphans = WEIR_EVICT,
				 .overflow = WEIR_BLOCK, .capacity = 2));
	fix_consumer_with(ch, "c", CO_OPTS(.flags = WEIR_GATE));
	p = fix_producer(ch, "old");
	fix_must_put(p, 1);
	fix_must_put(p, 2);
	weir_producer_close(p);
	CU_ASSERT_EQUAL(weir_producer_open(ch, "new", NULL, &p, &diag),
			-EAGAIN);
	CU_ASSERT_PTR_NULL(p);
	CU_ASSERT_EQUAL(diag.code, -EAGAIN);
	CU_ASSERT_EQUAL(fix_current(ch, "old"), 2);
}

static void
producer_gets_its_lane_and_its_counts_back(void)
{
	weir_producer *p;
	weir_producer_info i;
	uint32_t lane;

	ch = fix_channel(st, "a", CH_OPTS(.schema = "{\"maximum\":10}"));
	fix_producer(ch, "other");
	p = fix_producer(ch, "p");
	fix_must_put(p, 1);
	CU_ASSERT_EQUAL(fix_put(p, 11), WEIR_ESCHEMA);
	lane = info_of("p").idx;
	weir_producer_close(p);
	i = info_of("p");
	CU_ASSERT_EQUAL(i.life, WEIR_GONE);
	CU_ASSERT_EQUAL(i.pid, 0);
	CU_ASSERT_EQUAL(i.has_value, 1);
	p = fix_producer(ch, "p");
	fix_must_put(p, 2);
	i = info_of("p");
	CU_ASSERT_EQUAL(i.idx, lane);
	CU_ASSERT_EQUAL(i.life, WEIR_ALIVE);
	CU_ASSERT_EQUAL(i.pid, (uint32_t)getpid());
	CU_ASSERT_EQUAL(i.records, 2);
	CU_ASSERT_EQUAL(i.bytes, 18);
	CU_ASSERT_EQUAL(i.refused, 1);
	CU_ASSERT_EQUAL(i.last_seq, 2);
	CU_ASSERT(weir_clear(p) > 0);
	CU_ASSERT_EQUAL(info_of("p").has_value, 0);
	CU_ASSERT_EQUAL(info_of("p").records, 2);
	i.size = 0;
	CU_ASSERT_EQUAL(weir_producer_next(ch, &i), -EINVAL);
	CU_ASSERT_EQUAL(weir_producer_next(ch, NULL), -EINVAL);
}

/* A record keeps its producer's name when its lane has another holder. */
static void
producer_names_survive_one_change_of_hands(void)
{
	const char *ids[] = {"a", "a", "b", "b", "c"};
	weir_producer *p;
	weir_consumer *c;
	weir_record rec[8];

	ch = fix_channel(st, "a", CH_OPTS(.max_producers = 1));
	p = fix_producer(ch, "a");
	fix_must_put(p, 1);
	weir_clear(p);
	weir_producer_close(p);
	p = fix_producer(ch, "b");
	fix_must_put(p, 3);
	c = fix_consumer(ch, "c1", WEIR_FROM_OLDEST);
	CU_ASSERT_EQUAL(weir_read(c, rec, 8, 0), 3);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_STRING_EQUAL(rec[i].producer, ids[i]);
	weir_clear(p);
	weir_producer_close(p);
	p = fix_producer(ch, "c");
	fix_must_put(p, 5);
	c = fix_consumer(ch, "c2", WEIR_FROM_OLDEST);
	for (int i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(weir_read(c, rec, 1, 0), 1);
		/* too long ago: its hash */
		if (i < 2) {
			CU_ASSERT_EQUAL(rec[0].producer[0], '~');
		} else {
			CU_ASSERT_STRING_EQUAL(rec[0].producer, ids[i]);
		}
	}
	/* in one read it may take two, but the names are right */
	c = fix_consumer(ch, "c3", WEIR_FROM_OLDEST);
	for (int n = 0; n < 5;) {
		int got = weir_read(c, rec, 8, 0);

		CU_ASSERT_FATAL(got > 0);
		for (int i = 0; i < got; i++, n++)
			if (n >= 2)
				CU_ASSERT_STRING_EQUAL(rec[i].producer, ids[n]);
	}
}

static void
producer_exclusive_is_handed_over(void)
{
	const char *const ids[] = {"a", "b", "c"};
	weir_consumer *c;
	weir_record rec;
	int64_t seq = 0;

	ch = fix_channel(st, "a",
			 CH_OPTS(.producers = WEIR_EXCLUSIVE, .capacity = 4,
				 .lane_bytes = 4096));
	c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	for (int round = 0; round < 60; round++) {
		weir_producer *p = fix_producer(ch, ids[round % 3]);

		for (int n = 0; n < 3; n++) {
			uint8_t buf[1000];
			size_t len = (round + n) % 2 ? 10 : 900;

			fix_bytes(buf, len, (uint8_t)(round * 3 + n));
			CU_ASSERT_EQUAL_FATAL(weir_publish(p, buf, len, NULL),
					      ++seq);
			CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
			CU_ASSERT_EQUAL(rec.seq, (uint64_t)seq);
			CU_ASSERT_EQUAL_FATAL(rec.len, len);
			CU_ASSERT(memcmp(rec.data, buf, len) == 0);
			CU_ASSERT_STRING_EQUAL(rec.producer, ids[round % 3]);
		}
		weir_producer_close(p);
	}
}

/* ---- what is refused
 * --------------------------------------------------------------- */

static void
publish_refuses_what_is_no_msgpack(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint64_t offset;
	} bad[] = {
	    {"\x92\x01", 2, 0},		      /* truncated array */
	    {"\xcd\x01", 2, 0},		      /* truncated number */
	    {"\xa3x", 2, 0},		      /* truncated string */
	    {"\x01\x02", 2, 1},		      /* trailing byte */
	    {"\x91\xc1", 2, 1},		      /* reserved byte */
	    {"\x91\xa1\xff", 3, 2},	      /* invalid UTF-8 */
	    {"\x81\x01\x02", 3, 1},	      /* key is no string */
	    {"\x82\xa1k\x01\xa1k\x02", 7, 4}, /* key twice */
	    {"\xdf\xff\xff\xff\xff", 5, 0},   /* hostile length */
	};
	uint8_t deep[200];
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a", NULL);
	p = fix_producer(ch, "p");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CU_ASSERT_EQUAL(
		    weir_publish(p, bad[i].bytes, bad[i].len, &diag),
		    WEIR_EMSGPACK);
		CU_ASSERT_EQUAL(diag.code, WEIR_EMSGPACK);
		CU_ASSERT(strlen(diag.message) > 0);
		CU_ASSERT_EQUAL(diag.offset, bad[i].offset);
	}
	memset(deep, 0x91, sizeof(deep));
	deep[128] = 1;
	CU_ASSERT_EQUAL(weir_publish(p, deep, 129, &diag), 1);
	deep[128] = 0x91;
	deep[129] = 1;
	CU_ASSERT_EQUAL(weir_publish(p, deep, 130, &diag), WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(stat_now().newest_seq, 1);
	CU_ASSERT_EQUAL(info_of("p").refused, sizeof(bad) / sizeof(*bad) + 1);
}

static void
publish_refuses_what_breaks_the_schema(void)
{
	const char *text = "{\"v\":[1,2,{\"w\":9}]}";
	uint8_t msg[64];
	weir_producer *p;
	weir_diag diag;
	int64_t len;

	ch = fix_channel(st, "a",
			 CH_OPTS(.schema = "{\"properties\":{\"v\":{\"items\":"
					   "{\"properties\":{\"w\":"
					   "{\"maximum\":8}}}}}}"));
	p = fix_producer(ch, "p");
	len = weir_json_to_msgpack(text, strlen(text), msg, sizeof(msg), NULL);
	CU_ASSERT_EQUAL(weir_publish(p, msg, (size_t)len, &diag), WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(diag.code, WEIR_ESCHEMA);
	CU_ASSERT_STRING_EQUAL(diag.pointer, "/v/2/w");
	CU_ASSERT_STRING_EQUAL(diag.keyword, "maximum");
	CU_ASSERT_EQUAL(weir_publish(p, msg, (size_t)len, NULL), WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(weir_publish_json(p, text, strlen(text), &diag),
			WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(stat_now().newest_seq, 0);
	CU_ASSERT_EQUAL(info_of("p").refused, 3);
}

static void
publish_refuses_what_is_too_large(void)
{
	uint8_t buf[102];
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a", CH_OPTS(.max_record = 100));
	p = fix_producer_with(ch, "p", PR_OPTS(.flags = WEIR_TRUSTED));
	fix_bytes(buf, 101, 1);
	CU_ASSERT_EQUAL(weir_publish(p, buf, 101, &diag), -EMSGSIZE);
	CU_ASSERT(fix_says(&diag, "101"));
	CU_ASSERT(fix_says(&diag, "100"));
	CU_ASSERT_EQUAL(weir_publish(p, buf, SIZE_MAX, &diag), -EMSGSIZE);
	CU_ASSERT_EQUAL(weir_publish(p, buf, (size_t)1 << 32 | 1, &diag),
			-EMSGSIZE);
	fix_bytes(buf, 100, 1);
	CU_ASSERT_EQUAL(weir_publish(p, buf, 100, &diag), 1);
}

/* The largest record, and all sizes near the borders, many laps long, in
 * every kind of channel. */
static void
all_sizes(uint32_t producers, uint32_t overflow, uint32_t stamps,
	  uint32_t max_record, uint32_t inline_bytes)
{
	const uint32_t sizes[] = {
	    max_record, 1,   max_record - 1, 2,	  40,	     104,
	    105,	112, max_record,     113, max_record};
	const int cnt = (int)(sizeof(sizes) / sizeof(*sizes));
	char name[40];
	uint8_t *buf = malloc(max_record);
	weir_producer *p;
	weir_consumer *c;
	weir_record rec;

	CU_ASSERT_PTR_NOT_NULL_FATAL(buf);
	snprintf(name, sizeof(name), "%u-%u-%u-%u-%u", producers, overflow,
		 stamps, max_record, inline_bytes);
	ch = fix_channel(st, name,
			 CH_OPTS(.producers = producers, .overflow = overflow,
				 .stamps = stamps, .max_record = max_record,
				 .capacity = 4, .max_producers = 1,
				 .inline_bytes = inline_bytes));
	p = fix_producer(ch, "p");
	c = fix_consumer_with(
	    ch, "c", CO_OPTS(.flags = overflow == WEIR_BLOCK ? WEIR_GATE : 0));
	for (int i = 0; i < 200; i++) {
		size_t len = sizes[i % cnt];

		if (len == 0 || len > max_record)
			len = max_record;
		fix_bytes(buf, len, (uint8_t)i);
		CU_ASSERT_EQUAL_FATAL(weir_publish(p, buf, len, &fix_diag),
				      i + 1);
		CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0), 1);
		CU_ASSERT_EQUAL_FATAL(rec.len, len);
		CU_ASSERT_EQUAL(rec.lost, 0);
		CU_ASSERT_FATAL(memcmp(rec.data, buf, len) == 0);
		CU_ASSERT_EQUAL((rec.time_ns != 0), (stamps == WEIR_ON));
	}
	CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, max_record, &rec), 0);
	free(buf);
	weir_producer_close(p);
	weir_consumer_close(c);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(weir_channel_remove(st, name, NULL), 0);
}

static void
publish_largest_record_in_every_kind_of_channel(void)
{
	for (uint32_t bits = 0; bits < 4; bits++) {
		uint32_t overflow = bits & 1 ? WEIR_BLOCK : WEIR_OVERWRITE;
		uint32_t stamps = bits & 2 ? WEIR_OFF : WEIR_ON;

		for (uint32_t len = 1; len < 60000; len = len * 3 + 7) {
			all_sizes(WEIR_SHARED, overflow, stamps, len, 0);
			all_sizes(WEIR_EXCLUSIVE, overflow, stamps, len, 0);
		}
		/* with lanes of exactly the least that will do */
		all_sizes(WEIR_EXCLUSIVE, overflow, stamps, 80, 112);
		all_sizes(WEIR_EXCLUSIVE, overflow, stamps, 81, 112);
		all_sizes(WEIR_EXCLUSIVE, overflow, stamps, 48, 48);
		all_sizes(WEIR_EXCLUSIVE, overflow, stamps, 5000, 4080);
	}
}

/* Lanes that are as small as they may be hold their largest record. */
static void
publish_largest_record_in_the_smallest_lane(void)
{
	weir_channel_info i;
	uint8_t *buf;

	for (uint64_t lane = 512; lane <= 16384; lane *= 2) {
		for (uint32_t overflow = WEIR_OVERWRITE; overflow <= WEIR_BLOCK;
		     overflow++) {
			weir_producer *p;
			weir_consumer *c;
			weir_record rec;

			ch = fix_channel(st, "a",
					 CH_OPTS(.lane_bytes = lane,
						 .overflow = overflow,
						 .capacity = 2));
			i = stat_now();
			CU_ASSERT_EQUAL(i.lane_bytes, lane);
			buf = malloc(i.max_record);
			p = fix_producer(ch, "p");
			c = fix_consumer_with(
			    ch, "c",
			    CO_OPTS(.flags = overflow == WEIR_BLOCK ? WEIR_GATE
								    : 0));
			for (int n = 0; n < 100; n++) {
				size_t len =
				    n % 3 ? i.max_record : i.max_record / 2;

				fix_bytes(buf, len, (uint8_t)n);
				CU_ASSERT_EQUAL_FATAL(
				    weir_publish(p, buf, len, NULL), n + 1);
				CU_ASSERT_EQUAL_FATAL(weir_read(c, &rec, 1, 0),
						      1);
				CU_ASSERT_EQUAL_FATAL(rec.len, len);
				CU_ASSERT_FATAL(!memcmp(rec.data, buf, len));
			}
			free(buf);
			weir_consumer_close(c);
			weir_producer_close(p);
			weir_channel_close(ch);
			CU_ASSERT_EQUAL(weir_channel_remove(st, "a", NULL), 0);
		}
	}
}

/* ---- the JSON door
 * ------------------------------------------------------------------ */

static void
json_goes_in_exactly(void)
{
	const char *text = " {\"n\": 18446744073709551615, \"m\":"
			   "-9223372036854775808, \"d\": 0.1, \"s\": \"\\u00e9"
			   "\"}\n";
	const char *want = "{\"n\":18446744073709551615,\"m\":"
			   "-9223372036854775808,\"d\":0.1,\"s\":\"\xc3\xa9"
			   "\"}";
	weir_producer *p;
	weir_consumer *c;
	weir_record rec;
	char out[200];

	ch = fix_channel(st, "a", NULL);
	p = fix_producer(ch, "p");
	CU_ASSERT_EQUAL(weir_publish_json(p, text, strlen(text), NULL), 1);
	c = fix_consumer(ch, "c", WEIR_FROM_OLDEST);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	CU_ASSERT_EQUAL(weir_record_json(&rec, out, sizeof(out)),
			(int64_t)strlen(want));
	CU_ASSERT_STRING_EQUAL(out, want);
	CU_ASSERT_EQUAL(info_of("p").records, 1);
}

static void
json_is_refused_with_its_place(void)
{
	static const char *const bad[] = {
	    "",	   "{\"a\":1,\n \"a\":2}", "[1,]",	  "1 2",
	    "nul", "18446744073709551616", "\"\\ud800\"", "\"\xff\""};
	const char *text = "{\n  \"v\": [1,\n   2,, 3]}";
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(st, "a", NULL);
	p = fix_producer(ch, "p");
	CU_ASSERT_EQUAL(weir_publish_json(p, text, strlen(text), &diag),
			WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.code, WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.line, 3);
	CU_ASSERT_EQUAL(diag.column, 6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_EQUAL(
		    weir_publish_json(p, bad[i], strlen(bad[i]), &diag),
		    WEIR_EJSON);
	CU_ASSERT_EQUAL(stat_now().newest_seq, 0);
	CU_ASSERT_EQUAL(info_of("p").refused, 9);
}

/* What counts is the length as msgpack. */
static void
json_of_the_largest_record(void)
{
	char text[3000];
	weir_producer *p;
	weir_diag diag;
	int n = 0;

	ch = fix_channel(st, "a", CH_OPTS(.max_record = 103));
	p = fix_producer(ch, "p");
	/* 100 small numbers: 3 bytes of head and 1 byte each */
	for (int i = 0; i < 100; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s   %d",
			      i ? "," : "[", i);
	text[n] = ']';
	CU_ASSERT_EQUAL(weir_publish_json(p, text, (size_t)n + 1, &diag), 1);
	memcpy(text + n, ",0]", 3);
	CU_ASSERT_EQUAL(weir_publish_json(p, text, (size_t)n + 3, &diag),
			-EMSGSIZE);
	CU_ASSERT_EQUAL(diag.code, -EMSGSIZE);
	CU_ASSERT(fix_says(&diag, "103"));
	CU_ASSERT_EQUAL(stat_now().newest_seq, 1);
}

/* ---- batches
 * ---------------------------------------------------------------------------
 */

static struct iovec
vec(const char *bytes, size_t len)
{
	return (struct iovec){(void *)(uintptr_t)bytes, len};
}

static void
batch_is_all_or_nothing(void)
{
	static char big[200] = {'\xc4', (char)198};
	struct iovec v[5];
	weir_producer *p;
	weir_diag diag;

	ch = fix_channel(
	    st, "a", CH_OPTS(.schema = "{\"maximum\":5}", .max_record = 100));
	p = fix_producer(ch, "p");
	for (int i = 0; i < 5; i++)
		v[i] = vec("\x05", 1);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), 5);
	v[3] = vec("\x06", 1);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), WEIR_ESCHEMA);
	CU_ASSERT_EQUAL(diag.index, 3);
	CU_ASSERT_STRING_EQUAL(diag.keyword, "maximum");
	v[2] = vec("\xc1", 1);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), WEIR_EMSGPACK);
	CU_ASSERT_EQUAL(diag.index, 2);
	v[1] = vec(big, sizeof(big));
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), -EMSGSIZE);
	CU_ASSERT_EQUAL(diag.index, 1);
	v[0] = vec(NULL, 1);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), -EINVAL);
	CU_ASSERT_EQUAL(diag.index, 0);
	v[0] = vec("\x05", 0);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 5, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, 0, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_batch(p, v, -1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_batch(p, NULL, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_publish_batch(NULL, v, 1, &diag), -EINVAL);
	CU_ASSERT_EQUAL(stat_now().newest_seq, 5);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
}

/* A batch that laps the ring. */
static void
batch_longer_than_the_ring(void)
{
	struct iovec v[100];
	char bytes[100];
	weir_producer *p;
	weir_consumer *c;
	weir_record rec[100];

	for (uint32_t kind = WEIR_SHARED; kind <= WEIR_EXCLUSIVE; kind++) {
		ch = fix_channel(st, kind == WEIR_SHARED ? "s" : "e",
				 CH_OPTS(.capacity = 16, .producers = kind));
		p = fix_producer(ch, "p");
		c = fix_consumer(ch, "c", WEIR_FROM_NEW);
		for (int i = 0; i < 100; i++) {
			bytes[i] = (char)i;
			v[i] = vec(&bytes[i], 1);
		}
		CU_ASSERT_EQUAL(weir_publish_batch(p, v, 100, NULL), 100);
		CU_ASSERT_EQUAL(weir_read(c, rec, 100, 0), 14);
		CU_ASSERT_EQUAL(rec[0].seq, 87);
		CU_ASSERT_EQUAL(rec[0].lost, 86);
		for (int i = 0; i < 14; i++)
			CU_ASSERT_EQUAL(fix_value(&rec[i]), 86u + (unsigned)i);
	}
}

/* ---- trusted producers
 * ------------------------------------------------------------------- */

static void
trusted_garbage_harms_nobody(void)
{
	uint64_t x = t_seed(1);
	weir_producer *good, *bad;
	weir_consumer *plain, *strict;
	weir_consumer_info ci = {.size = sizeof(ci)};
	weir_record rec;
	const weir_diag *why;
	uint64_t seq = 0, right = 0, seen = 0, all = 0;
	char text[4096];

	ch = fix_channel(st, "a",
			 CH_OPTS(.schema = "{\"type\":\"integer\"}",
				 .max_record = 64, .capacity = 256));
	good = fix_producer(ch, "good");
	bad = fix_producer_with(ch, "bad", PR_OPTS(.flags = WEIR_TRUSTED));
	plain = fix_consumer(ch, "plain", WEIR_FROM_NEW);
	strict = fix_consumer_with(
	    ch, "strict", CO_OPTS(.flags = WEIR_CHECK, .from = WEIR_FROM_NEW));
	CU_ASSERT_PTR_NULL(weir_consumer_diag(strict, &seq));
	for (int i = 0; i < 3000; i++) {
		uint8_t buf[64];
		size_t len;

		for (size_t n = 0; n < sizeof(buf); n++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			buf[n] = (uint8_t)(x >> 56);
		}
		len = 1 + (x >> 32) % sizeof(buf);
		CU_ASSERT_FATAL(weir_publish(bad, buf, len, NULL) > 0);
		if (weir_channel_check(ch, buf, len, NULL) == 0)
			right++;
		if (i % 10 == 0) {
			fix_must_put(good, (uint64_t)i);
			right++;
		}
		while (weir_read(plain, &rec, 1, 0) == 1) {
			weir_value v;

			all++;
			weir_record_find(&rec, "/a/0", &v);
			weir_record_json(&rec, text, sizeof(text));
		}
		while (weir_read(strict, &rec, 1, 0) == 1) {
			CU_ASSERT_FATAL(weir_channel_check(ch, rec.data,
							   rec.len, NULL) == 0);
			CU_ASSERT_EQUAL(rec.lost, 0);
			seen++;
		}
	}
	CU_ASSERT_EQUAL(all, 3300);
	CU_ASSERT_EQUAL(seen, right);
	CU_ASSERT_EQUAL(weir_consumer_stat(strict, &ci), 0);
	CU_ASSERT_EQUAL(ci.invalid, 3300 - right);
	CU_ASSERT_EQUAL(ci.delivered, right);
	why = weir_consumer_diag(strict, &seq);
	CU_ASSERT_PTR_NOT_NULL_FATAL(why);
	CU_ASSERT(why->code == WEIR_EMSGPACK || why->code == WEIR_ESCHEMA);
	CU_ASSERT(seq > 3200);
	CU_ASSERT_PTR_NULL(weir_consumer_diag(plain, NULL));
}

static void
trusted_is_only_told_sizes(void)
{
	weir_producer *p;
	struct iovec v = vec("\xc1", 1);
	void *loan;

	ch = fix_channel(st, "a", CH_OPTS(.schema = "false"));
	p = fix_producer_with(ch, "p", PR_OPTS(.flags = WEIR_TRUSTED));
	CU_ASSERT_EQUAL(weir_publish(p, "\xc1", 1, NULL), 1);
	CU_ASSERT_EQUAL(weir_publish_batch(p, &v, 1, NULL), 2);
	CU_ASSERT_EQUAL(weir_publish_json(p, "1", 1, NULL), 3);
	CU_ASSERT_EQUAL(weir_publish_json(p, "x", 1, NULL), WEIR_EJSON);
	CU_ASSERT_EQUAL(weir_loan(p, 4, &loan), 0);
	memset(loan, 0xc1, 4);
	CU_ASSERT_EQUAL(weir_commit(p, 4, NULL), 4);
}

SUITE_WITH("producer", before, after, TEST(producer_id_rule),
	   TEST(producer_bad_arguments),
	   TEST(producer_id_in_use_names_the_holder),
	   TEST(producer_exclusive_in_use_names_the_holder),
	   TEST(producer_lanes_full_of_the_living),
	   TEST(producer_lanes_full_of_values_lists_them),
	   TEST(producer_evicts_the_oldest_orphan),
	   TEST(producer_evicts_into_a_full_block_channel_is_eagain),
	   TEST(producer_gets_its_lane_and_its_counts_back),
	   TEST(producer_names_survive_one_change_of_hands),
	   TEST(producer_exclusive_is_handed_over),
	   TEST(publish_refuses_what_is_no_msgpack),
	   TEST(publish_refuses_what_breaks_the_schema),
	   TEST(publish_refuses_what_is_too_large),
	   TEST(publish_largest_record_in_every_kind_of_channel),
	   TEST(publish_largest_record_in_the_smallest_lane),
	   TEST(json_goes_in_exactly), TEST(json_is_refused_with_its_place),
	   TEST(json_of_the_largest_record), TEST(batch_is_all_or_nothing),
	   TEST(batch_longer_than_the_ring), TEST(trusted_garbage_harms_nobody),
	   TEST(trusted_is_only_told_sizes));
