/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_config.c - a channel's configuration: defaults, limits, rounding,
 * what it costs, and what happens when two ask for different ones.
 */
#include "support/sys.h"
#include "unit/fix.h"

static weir_store *st;

static void
before(void)
{
	st = fix_store_with(64u << 20, 0);
}

static void
after(void)
{
	weir_store_close(st);
}

static weir_channel_info
stat_of(weir_channel *ch)
{
	weir_channel_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_channel_stat(ch, &info), 0);
	return info;
}

/* What a channel becomes that is opened with @o. */
static weir_channel_info
becomes(const weir_channel_opts *o)
{
	static int n;
	char name[16];
	weir_channel *ch;
	weir_channel_info info;

	snprintf(name, sizeof(name), "c%d", n++);
	ch = fix_channel(st, name, o);
	info = stat_of(ch);
	CU_ASSERT_EQUAL(weir_channel_remove(st, name, NULL), 0);
	weir_channel_close(ch);
	return info;
}

/* -EINVAL, here and in the footprint, naming @field; nothing is made. */
static void
refused(const weir_channel_opts *o, const char *field)
{
	weir_channel_info it = {.size = sizeof(it)};
	weir_channel *ch = (weir_channel *)&it;
	weir_diag diag = {.code = 0};

	CU_ASSERT_EQUAL(weir_channel_open(st, "x", o, &ch, &diag), -EINVAL);
	CU_ASSERT_PTR_NULL(ch);
	CU_ASSERT_EQUAL(diag.code, -EINVAL);
	CU_ASSERT(fix_says(&diag, field));
	diag.message[0] = 0;
	CU_ASSERT_EQUAL(weir_channel_footprint(o, &diag), -EINVAL);
	CU_ASSERT(fix_says(&diag, field));
	CU_ASSERT_EQUAL(weir_channel_footprint(o, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_next(st, &it), 0);
}

/* ---- defaults
 * ---------------------------------------------------------------- */

static void
config_defaults_are_those_of_the_header(void)
{
	weir_channel_info i = becomes(NULL);

	CU_ASSERT_EQUAL(i.overflow, WEIR_OVERWRITE);
	CU_ASSERT_EQUAL(i.producers, WEIR_SHARED);
	CU_ASSERT_EQUAL(i.stamps, WEIR_ON);
	CU_ASSERT_EQUAL(i.orphans, WEIR_KEEP);
	CU_ASSERT_EQUAL(i.capacity, 256);
	CU_ASSERT_EQUAL(i.max_producers, 8);
	CU_ASSERT_EQUAL(i.max_consumers, 64);
	CU_ASSERT_EQUAL(i.lane_bytes, 64u << 10);
	CU_ASSERT(i.max_record > 16u << 10);
	CU_ASSERT(i.max_record * 3.5 <= 66.0 * 1024);
	CU_ASSERT_EQUAL(i.inline_bytes, 0);
	CU_ASSERT_EQUAL(i.slot_len, 16);
	CU_ASSERT_EQUAL(i.schema_len, 0);
	CU_ASSERT(i.created_ns > UINT64_C(1500000000000000000));
	CU_ASSERT_EQUAL(i.newest_seq, 0);
	CU_ASSERT_EQUAL(i.damaged, 0);

	i = becomes(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	CU_ASSERT_EQUAL(i.producers, WEIR_EXCLUSIVE);
	CU_ASSERT_EQUAL(i.max_producers, 1);
	CU_ASSERT_EQUAL(i.inline_bytes, 112);
	CU_ASSERT_EQUAL(i.slot_len, 128);
	CU_ASSERT_EQUAL(i.lane_bytes, 64u << 10);
}

static void
config_is_told_as_it_was_asked(void)
{
	weir_channel_info i = becomes(
	    CH_OPTS(.overflow = WEIR_BLOCK, .stamps = WEIR_OFF,
		    .orphans = WEIR_EVICT, .capacity = 16, .max_producers = 3,
		    .max_consumers = 5, .max_record = 1000, .lane_bytes = 8192,
		    .schema = "true"));

	CU_ASSERT_EQUAL(i.overflow, WEIR_BLOCK);
	CU_ASSERT_EQUAL(i.stamps, WEIR_OFF);
	CU_ASSERT_EQUAL(i.orphans, WEIR_EVICT);
	CU_ASSERT_EQUAL(i.capacity, 16);
	CU_ASSERT_EQUAL(i.max_producers, 3);
	CU_ASSERT_EQUAL(i.max_consumers, 5);
	CU_ASSERT_EQUAL(i.max_record, 1000);
	CU_ASSERT_EQUAL(i.lane_bytes, 8192);
	CU_ASSERT_EQUAL(i.schema_len, 4);
}

static void
config_rounds_up(void)
{
	static const uint32_t inl[][2] = {{48, 48},	{49, 112},   {112, 112},
					  {113, 176},	{240, 240},  {241, 304},
					  {4079, 4080}, {4080, 4080}};
	static const uint32_t cap[][2] = {{2, 2},     {3, 4},	   {4, 4},
					  {5, 8},     {255, 256},  {256, 256},
					  {257, 512}, {4097, 8192}};

	for (size_t i = 0; i < sizeof(cap) / sizeof(*cap); i++)
		CU_ASSERT_EQUAL(
		    becomes(CH_OPTS(.capacity = cap[i][0])).capacity,
		    cap[i][1]);
	for (size_t i = 0; i < sizeof(inl) / sizeof(*inl); i++) {
		weir_channel_info c =
		    becomes(CH_OPTS(.producers = WEIR_EXCLUSIVE, .capacity = 2,
				    .inline_bytes = inl[i][0]));

		CU_ASSERT_EQUAL(c.inline_bytes, inl[i][1]);
		CU_ASSERT_EQUAL(c.slot_len, inl[i][1] + 16);
	}
	CU_ASSERT_EQUAL(becomes(CH_OPTS(.lane_bytes = 5000)).lane_bytes, 8192);
	/* lanes grow with the largest record, which stays as it was asked */
	for (uint32_t len = 1; len < 1u << 20; len = len * 3 + 1) {
		weir_channel_info c =
		    becomes(CH_OPTS(.max_record = len, .max_producers = 1));

		CU_ASSERT_EQUAL(c.max_record, len);
		CU_ASSERT(c.lane_bytes >= 65536);
		CU_ASSERT(c.lane_bytes >= (uint64_t)len * 3);
		CU_ASSERT(c.lane_bytes == 65536 ||
			  c.lane_bytes <= (uint64_t)len * 8);
	}
}

/* An exclusive channel whose records all fit into slots has no lane. */
static void
config_without_a_lane(void)
{
	weir_channel_info c =
	    becomes(CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_record = 64));

	CU_ASSERT_EQUAL(c.lane_bytes, 0);
	c = becomes(CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_record = 112));
	CU_ASSERT(c.lane_bytes > 0);
}

/* ---- limits
 * ------------------------------------------------------------------ */

static void
config_refuses_what_is_out_of_range(void)
{
	refused(CH_OPTS(.flags = 2), "flags");
	refused(CH_OPTS(.overflow = 3), "overflow");
	refused(CH_OPTS(.producers = 3), "producers");
	refused(CH_OPTS(.stamps = 3), "stamps");
	refused(CH_OPTS(.orphans = UINT32_MAX), "orphans");
	refused(CH_OPTS(.formats = 3), "formats");
	refused(CH_OPTS(.pad = 1), "pad");
	refused(CH_OPTS(.capacity = 1), "capacity");
	refused(CH_OPTS(.capacity = (1u << 24) + 1), "capacity");
	refused(CH_OPTS(.capacity = UINT32_MAX), "capacity");
	refused(CH_OPTS(.max_producers = 1025), "max_producers");
	refused(CH_OPTS(.max_producers = UINT32_MAX), "max_producers");
	refused(CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_producers = 2),
		"max_producers");
	refused(CH_OPTS(.max_consumers = 1025), "max_consumers");
	refused(CH_OPTS(.max_record = (1u << 28) + 1), "max_record");
	refused(CH_OPTS(.max_record = UINT32_MAX), "max_record");
	refused(CH_OPTS(.inline_bytes = 48), "inline_bytes");
	refused(CH_OPTS(.producers = WEIR_EXCLUSIVE, .inline_bytes = 47),
		"inline_bytes");
	refused(CH_OPTS(.producers = WEIR_EXCLUSIVE, .inline_bytes = 4081),
		"inline_bytes");
	refused(CH_OPTS(.lane_bytes = (UINT64_C(1) << 32) + 1), "lane_bytes");
	refused(CH_OPTS(.lane_bytes = UINT64_MAX), "lane_bytes");
	refused(CH_OPTS(.lane_bytes = 1), "lane_bytes");
	refused(CH_OPTS(.lane_bytes = 4096, .max_record = 4096), "lane_bytes");
	refused(CH_OPTS(.schema = "{}", .schema_len = (16u << 20) + 1),
		"schema_len");
	refused(CH_OPTS(.schema = "{}", .schema_len = SIZE_MAX), "schema_len");
}

/* What the limits allow has a size, however absurd, and no sum overflows. */
static void
config_limits_have_a_footprint(void)
{
	int64_t all;

	CU_ASSERT(weir_channel_footprint(NULL, NULL) > 0);
	CU_ASSERT(weir_channel_footprint(CH_OPTS(.capacity = 1u << 24), NULL) >=
		  16 << 24);
	CU_ASSERT(weir_channel_footprint(CH_OPTS(.max_record = 1u << 28),
					 NULL) > 1 << 28);
	all = weir_channel_footprint(
	    CH_OPTS(.capacity = 1u << 24, .max_producers = 1024,
		    .max_consumers = 1024, .max_record = 1u << 28,
		    .lane_bytes = UINT64_C(1) << 32),
	    NULL);
	CU_ASSERT(all > INT64_C(1) << 42);
	all = weir_channel_footprint(CH_OPTS(.producers = WEIR_EXCLUSIVE,
					     .capacity = 1u << 24,
					     .inline_bytes = 4080),
				     NULL);
	CU_ASSERT(all > INT64_C(1) << 36);
}

static void
config_too_large_for_the_store_is_enospc(void)
{
	weir_channel *ch;
	weir_diag diag;
	char need[32];

	snprintf(need, sizeof(need), "%lld",
		 (long long)weir_channel_footprint(
		     CH_OPTS(.max_record = 1u << 26), NULL));
	CU_ASSERT_EQUAL(weir_channel_open(st, "big",
					  CH_OPTS(.max_record = 1u << 26), &ch,
					  &diag),
			-ENOSPC);
	CU_ASSERT(fix_says(&diag, need));
	CU_ASSERT(fix_says(&diag, "free"));
	CU_ASSERT_EQUAL(weir_channel_open(st, "big", NULL, &ch, &diag),
			-ENOENT);
}

/* ---- what it takes
 * -------------------------------------------------------------- */

static uint64_t
used(void)
{
	weir_store_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_store_stat(st, &info), 0);
	return info.used_bytes;
}

static uint64_t
real(void)
{
	weir_store_info info = {.size = sizeof(info)};

	CU_ASSERT_EQUAL_FATAL(weir_store_stat(st, &info), 0);
	return info.real_bytes;
}

static void
footprint_of(const weir_channel_opts *o)
{
	uint64_t used_before = used(), real_before = real();
	int64_t want = weir_channel_footprint(o, NULL);
	weir_channel *ch = fix_channel(st, "f", o);

	CU_ASSERT(want > 0);
	CU_ASSERT_EQUAL(stat_of(ch).bytes, (uint64_t)want);
	CU_ASSERT_EQUAL(used() - used_before, (uint64_t)want);
	/* all of it is there before anybody writes, so never a SIGBUS */
	CU_ASSERT(real() - real_before >= (uint64_t)want);
	CU_ASSERT(real() - real_before <= (uint64_t)want + 4096);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "f", NULL), 0);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(used(), used_before);
	CU_ASSERT_EQUAL(real(), real_before);
}

static void
config_footprint_is_what_it_takes(void)
{
	if (!sys_heeds(MADV_REMOVE))
		return;
	footprint_of(CH_OPTS(.flags = 0));
	footprint_of(CH_OPTS(.capacity = 2, .max_producers = 1,
			     .max_consumers = 1, .lane_bytes = 512));
	footprint_of(CH_OPTS(.capacity = 4096, .max_producers = 64));
	footprint_of(CH_OPTS(.producers = WEIR_EXCLUSIVE));
	footprint_of(CH_OPTS(.producers = WEIR_EXCLUSIVE, .max_record = 40));
	footprint_of(CH_OPTS(.overflow = WEIR_BLOCK, .max_record = 100000));
	footprint_of(
	    CH_OPTS(.max_consumers = 1024, .schema = "{\"type\": \"object\"}"));
}

/* ---- options of other versions
 * --------------------------------------------------- */

static void
config_size_must_be_set(void)
{
	weir_channel_opts o = {.size = 0};
	weir_channel *ch;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_channel_open(st, "x", &o, &ch, &diag), -EINVAL);
	CU_ASSERT(fix_says(&diag, "size"));
	CU_ASSERT_EQUAL(weir_channel_footprint(&o, &diag), -EINVAL);
	o.size = SIZE_MAX;
	CU_ASSERT_EQUAL(weir_channel_open(st, "x", &o, &ch, &diag), -EINVAL);
}

static void
config_of_a_newer_library(void)
{
	struct {
		weir_channel_opts o;
		uint64_t more[4];
	} n = {.o = {.size = sizeof(n), .capacity = 8}};
	weir_channel *ch;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_channel_open(st, "x", &n.o, &ch, &diag), 0);
	CU_ASSERT_EQUAL(stat_of(ch).capacity, 8);
	n.more[3] = 1;
	CU_ASSERT_EQUAL(weir_channel_open(st, "x", &n.o, &ch, &diag), -EINVAL);
	CU_ASSERT(fix_says(&diag, "know"));
	CU_ASSERT_EQUAL(weir_channel_open(st, "y", &n.o, &ch, &diag), -EINVAL);
	CU_ASSERT_EQUAL(weir_channel_open(st, "y", NULL, &ch, &diag), -ENOENT);
}

static void
config_of_an_older_library(void)
{
	weir_channel_opts o = {.capacity = 8, .max_record = 16};
	weir_channel *ch;

	/* that knew nothing after `capacity` */
	o.size = offsetof(weir_channel_opts, max_producers);
	o.max_producers = 99999;
	CU_ASSERT_EQUAL(weir_channel_open(st, "x", &o, &ch, NULL), 0);
	CU_ASSERT_EQUAL(stat_of(ch).capacity, 8);
	CU_ASSERT_EQUAL(stat_of(ch).max_producers, 8);
	CU_ASSERT(stat_of(ch).max_record > 16);
}

/* ---- an existing channel
 * ----------------------------------------------------------- */

static void
differs(const char *name, const weir_channel_opts *o, const char *field)
{
	weir_channel *ch;
	weir_diag diag = {.code = 0};

	CU_ASSERT_EQUAL(weir_channel_open(st, name, o, &ch, &diag),
			WEIR_ECONFIG);
	CU_ASSERT_PTR_NULL(ch);
	CU_ASSERT_EQUAL(diag.code, WEIR_ECONFIG);
	CU_ASSERT(fix_says(&diag, field));
}

static void
config_that_differs_names_the_field(void)
{
	const weir_channel_opts all = {
	    .size = sizeof(all),
	    .overflow = WEIR_BLOCK,
	    .producers = WEIR_SHARED,
	    .stamps = WEIR_OFF,
	    .orphans = WEIR_EVICT,
	    .capacity = 16,
	    .max_producers = 3,
	    .max_consumers = 5,
	    .max_record = 1000,
	    .lane_bytes = 8192,
	    .schema = "{\"type\":\"integer\"}",
	};

	fix_channel(st, "a", &all);
	fix_channel(st, "e",
		    CH_OPTS(.producers = WEIR_EXCLUSIVE, .inline_bytes = 112));
	differs("a", CH_OPTS(.overflow = WEIR_OVERWRITE), "overflow");
	differs("a", CH_OPTS(.producers = WEIR_EXCLUSIVE), "producers");
	differs("a", CH_OPTS(.stamps = WEIR_ON), "stamps");
	differs("a", CH_OPTS(.orphans = WEIR_KEEP), "orphans");
	differs("a", CH_OPTS(.capacity = 17), "capacity");
	differs("a", CH_OPTS(.capacity = 8), "capacity");
	differs("a", CH_OPTS(.max_producers = 4), "max_producers");
	differs("a", CH_OPTS(.max_consumers = 4), "max_consumers");
	differs("a", CH_OPTS(.max_record = 999), "max_record");
	differs("a", CH_OPTS(.lane_bytes = 8193), "lane_bytes");
	differs("a", CH_OPTS(.lane_bytes = UINT64_MAX), "lane_bytes");
	differs("a", CH_OPTS(.inline_bytes = 48), "inline_bytes");
	differs("a", CH_OPTS(.schema = "{\"type\":\"number\"}"), "schema");
	differs("e", CH_OPTS(.overflow = WEIR_BLOCK), "overflow");
	differs("e", CH_OPTS(.producers = WEIR_SHARED), "producers");
	differs("e", CH_OPTS(.inline_bytes = 48), "inline_bytes");
	differs("e", CH_OPTS(.inline_bytes = 113), "inline_bytes");
	differs("e", CH_OPTS(.inline_bytes = UINT32_MAX), "inline_bytes");
	differs("e", CH_OPTS(.schema = "true"), "schema");
}

static void
config_that_is_the_same_opens(void)
{
	const weir_channel_opts all = {
	    .size = sizeof(all),
	    .overflow = WEIR_OVERWRITE,
	    .producers = WEIR_EXCLUSIVE,
	    .stamps = WEIR_ON,
	    .orphans = WEIR_KEEP,
	    .capacity = 100,
	    .max_producers = 1,
	    .max_consumers = 5,
	    .max_record = 1000,
	    .inline_bytes = 100,
	    .lane_bytes = 5000,
	    .schema = "{\"type\":\"integer\"}",
	};
	weir_channel_opts o = all;
	weir_channel *ch;

	fix_channel(st, "a", &all);
	fix_channel(st, "a", &all);
	/* what rounds to the same is the same; what is not set is not asked */
	o.capacity = 128;
	o.inline_bytes = 112;
	o.lane_bytes = 8192;
	fix_channel(st, "a", &o);
	fix_channel(st, "a", CH_OPTS(.flags = 0));
	CU_ASSERT_EQUAL(weir_channel_open(st, "a", NULL, &ch, NULL), 0);
	/* options that nobody knows are refused here too */
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "a", CH_OPTS(.flags = 4), &ch, NULL),
	    -EINVAL);
}

/* ---- schemas
 * -------------------------------------------------------------------------- */

static void
config_schemas_are_compared_as_json(void)
{
	const char *text = "{\"type\":\"object\",\"required\":[\"a\",\"b\"],"
			   "\"properties\":{\"a\":{\"minimum\":1},"
			   "\"b\":{\"const\":\"x\"}}}";
	const char *same = " {\n  \"properties\": {\"b\": {\"const\": "
			   "\"\\u0078\"},\n\t\"a\": {\"minimum\": 1.0}},\r\n"
			   "  \"required\": [\"a\", \"b\"], \"type\" : "
			   "\"object\" }\n";
	const char *other = "{\"type\":\"object\",\"required\":[\"b\",\"a\"],"
			    "\"properties\":{\"a\":{\"minimum\":1},"
			    "\"b\":{\"const\":\"x\"}}}";
	weir_channel *ch = fix_channel(st, "a", CH_OPTS(.schema = text));
	size_t len;

	fix_channel(st, "a", CH_OPTS(.schema = same));
	differs("a", CH_OPTS(.schema = other), "schema");
	/* the text that it was made with is kept as it was */
	CU_ASSERT_STRING_EQUAL(weir_channel_schema(ch, &len), text);
	CU_ASSERT_EQUAL(len, strlen(text));
	/* one that does not parse is not the same either */
	differs("a", CH_OPTS(.schema = "{"), "schema");
}

/* Text that grows when it becomes msgpack. */
static void
config_schema_of_many_fractions_equals_itself(void)
{
	char text[2000];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "{\"enum\":[0.1");
	for (int i = 2; i < 150; i++)
		if (i % 10 && i % 5)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      ",%d.%d", i / 10, i % 10);
	snprintf(text + n, sizeof(text) - n, "]}");
	fix_channel(st, "a", CH_OPTS(.schema = text));
	fix_channel(st, "a", CH_OPTS(.schema = text));
}

static void
config_schema_by_length(void)
{
	const char *text = "{\"type\":\"integer\"}, and more";
	weir_channel *ch =
	    fix_channel(st, "a", CH_OPTS(.schema = text, .schema_len = 18));
	size_t len;

	CU_ASSERT_EQUAL(strlen(weir_channel_schema(ch, &len)), 18);
	CU_ASSERT_EQUAL(len, 18);
	fix_channel(st, "a", CH_OPTS(.schema = "{\"type\":\"integer\"}"));
	fix_channel(st, "a", CH_OPTS(.schema = text, .schema_len = 18));
	differs("a", CH_OPTS(.schema = text), "schema");
}

static void
config_bad_schema_is_refused_with_its_place(void)
{
	uint64_t empty = used();
	weir_channel *ch;
	weir_diag diag;

	CU_ASSERT_EQUAL(weir_channel_open(st, "x",
					  CH_OPTS(.schema = "{\n \"type\": }"),
					  &ch, &diag),
			WEIR_EJSON);
	CU_ASSERT_EQUAL(diag.line, 2);
	CU_ASSERT_EQUAL(diag.column, 10);
	CU_ASSERT_EQUAL(
	    weir_channel_open(
		st, "x",
		CH_OPTS(.schema =
			    "{\"properties\":{\"a\":{\"type\":\"number2\"}}}"),
		&ch, &diag),
	    WEIR_EBADSCHEMA);
	CU_ASSERT_STRING_EQUAL(diag.keyword, "type");
	CU_ASSERT(strncmp(diag.schema_pointer, "#/properties/a", 14) == 0);
	CU_ASSERT_EQUAL(
	    weir_channel_open(st, "x", CH_OPTS(.schema = ""), &ch, &diag),
	    WEIR_EJSON);
	CU_ASSERT_EQUAL(weir_channel_open(st, "x", NULL, &ch, &diag), -ENOENT);
	CU_ASSERT_EQUAL(used(), empty);
}

SUITE_WITH("config", before, after,
	   TEST(config_defaults_are_those_of_the_header),
	   TEST(config_is_told_as_it_was_asked), TEST(config_rounds_up),
	   TEST(config_without_a_lane),
	   TEST(config_refuses_what_is_out_of_range),
	   TEST(config_limits_have_a_footprint),
	   TEST(config_too_large_for_the_store_is_enospc),
	   TEST(config_footprint_is_what_it_takes),
	   TEST(config_size_must_be_set), TEST(config_of_a_newer_library),
	   TEST(config_of_an_older_library),
	   TEST(config_that_differs_names_the_field),
	   TEST(config_that_is_the_same_opens),
	   TEST(config_schemas_are_compared_as_json),
	   TEST(config_schema_of_many_fractions_equals_itself),
	   TEST(config_schema_by_length),
	   TEST(config_bad_schema_is_refused_with_its_place));
