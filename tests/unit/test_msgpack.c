/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_msgpack.c - msgpack-c's packer straight into the store.
 */
#include "unit/fix.h"
#include <weir/msgpack.h>

static weir_store *st;
static weir_channel *ch;
static weir_producer *p;

static void
before(void)
{
	st = fix_store();
}

static void
after(void)
{
	weir_store_close(st);
}

static void
open_all(const weir_channel_opts *o)
{
	ch = fix_channel(st, "a", o);
	p = fix_producer(ch, "p");
}

static void
pack_str(msgpack_packer *pk, const char *s)
{
	msgpack_pack_str(pk, strlen(s));
	msgpack_pack_str_body(pk, s, strlen(s));
}

static void
packer_makes_a_record(void)
{
	msgpack_packer pk;
	weir_record rec;
	uint8_t buf[256];
	char json[256];

	open_all(CH_OPTS(.schema = "{\"required\":[\"label\"],\"type\":"
				   "\"object\"}"));
	CU_ASSERT_EQUAL_FATAL(weir_pack(p, &pk), 0);
	msgpack_pack_map(&pk, 3);
	pack_str(&pk, "label");
	pack_str(&pk, "cpu");
	pack_str(&pk, "value");
	msgpack_pack_double(&pk, 0.1);
	pack_str(&pk, "list");
	msgpack_pack_array(&pk, 3);
	msgpack_pack_nil(&pk);
	msgpack_pack_true(&pk);
	msgpack_pack_int64(&pk, -70000);
	CU_ASSERT_EQUAL(weir_commit_appended(p, &fix_diag), 1);
	CU_ASSERT_EQUAL(weir_current(ch, NULL, buf, sizeof(buf), &rec), 0);
	CU_ASSERT(weir_record_json(&rec, json, sizeof(json)) > 0);
	CU_ASSERT_STRING_EQUAL(json, "{\"label\":\"cpu\",\"value\":0.1,"
				     "\"list\":[null,true,-70000]}");
}

static void
packer_that_overflows_is_emsgsize(void)
{
	msgpack_packer pk;
	weir_diag diag;

	open_all(NULL);
	CU_ASSERT_EQUAL_FATAL(weir_pack_max(p, &pk, 16), 0);
	CU_ASSERT_EQUAL(msgpack_pack_array(&pk, 100), 0);
	for (int i = 0; i < 100; i++)
		msgpack_pack_int(&pk, i);
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), -EMSGSIZE);
	CU_ASSERT(fix_says(&diag, "16"));
	CU_ASSERT_EQUAL(fix_current(ch, NULL), UINT64_MAX);
	CU_ASSERT_EQUAL_FATAL(weir_pack(p, &pk), 0);
	msgpack_pack_int(&pk, 5);
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), 1);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 5);
}

static void
packer_says_what_loan_says(void)
{
	msgpack_packer pk;

	open_all(CH_OPTS(.max_record = 100));
	CU_ASSERT_EQUAL(weir_pack_max(p, &pk, 101), -EMSGSIZE);
	CU_ASSERT_EQUAL(weir_pack(p, &pk), 0);
	CU_ASSERT_EQUAL(weir_pack(p, &pk), -EBUSY);
	weir_abort(p);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", NULL), 0);
	CU_ASSERT_EQUAL(weir_pack(p, &pk), WEIR_EREMOVED);
}

static void
packer_records_are_checked(void)
{
	msgpack_packer pk;
	weir_diag diag;

	open_all(CH_OPTS(.schema = "{\"type\":\"integer\"}"));
	CU_ASSERT_EQUAL_FATAL(weir_pack(p, &pk), 0);
	pack_str(&pk, "no");
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), WEIR_ESCHEMA);
	weir_abort(p);
	/* a map that lacks what it announced */
	CU_ASSERT_EQUAL_FATAL(weir_pack(p, &pk), 0);
	msgpack_pack_map(&pk, 2);
	pack_str(&pk, "k");
	CU_ASSERT_EQUAL(weir_commit_appended(p, &diag), WEIR_EMSGPACK);
}

SUITE_WITH("msgpack", before, after, TEST(packer_makes_a_record),
	   TEST(packer_that_overflows_is_emsgsize),
	   TEST(packer_says_what_loan_says), TEST(packer_records_are_checked));
