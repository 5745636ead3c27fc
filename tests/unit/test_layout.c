/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_layout.c - bytes do not move: each field of the segment's structs is
 * where tests/golden/layout.txt says; and blocks are planned and judged.
 */
#include "support/fields.h"
#include "support/harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/error.h>

#include "format/block.h"

#define GOLDEN "tests/golden/layout.txt"

static const struct {
	const char *name;
	uint64_t val;
} constants[] = {
    {"WI_FORMAT", WI_FORMAT},
    {"WI_PAGE", WI_PAGE},
    {"WI_LINE", WI_LINE},
    {"WI_ORDER_MARK", WI_ORDER_MARK},
    {"WI_CHANNEL_MAGIC", WI_CHANNEL_MAGIC},
    {"WI_CH_BLOCK", WI_CH_BLOCK},
    {"WI_CH_EXCLUSIVE", WI_CH_EXCLUSIVE},
    {"WI_CH_STAMPS", WI_CH_STAMPS},
    {"WI_CH_EVICT", WI_CH_EVICT},
    {"WI_CH_FORMATS", WI_CH_FORMATS},
    {"WI_CELL_MAX", WI_CELL_MAX},
    {"WI_CROWD", WI_CROWD},
    {"WI_DESC_INLINE", WI_DESC_INLINE},
    {"WI_PART_TIME", WI_PART_TIME},
    {"WI_PART_ORIGIN", WI_PART_ORIGIN},
    {"WI_PART_REVISION", WI_PART_REVISION},
    {"WI_FREE", WI_FREE},
    {"WI_RESERVED", WI_RESERVED},
    {"WI_CLAIM_RANGE", WI_CLAIM_RANGE},
    {"WI_BUILDING", WI_BUILDING},
    {"WI_CLAIM_NAME", WI_CLAIM_NAME},
    {"WI_LIVE", WI_LIVE},
    {"WI_IDLE", WI_IDLE},
    {"WI_DYING", WI_DYING},
    {"WI_FREEING", WI_FREEING},
    {"WI_REVOKED", WI_REVOKED},
    {"WI_WHO_MASK", WI_WHO_MASK},
};
#define CONSTANTS (sizeof(constants) / sizeof(*constants))

/* Line @i of what the file should say. */
static bool
line_of(size_t i, char *buf, size_t cap)
{
	if (i < t_field_cnt)
		snprintf(buf, cap, "%s %zu %zu\n", t_fields[i].name,
			 t_fields[i].off, t_fields[i].len);
	else if (i < t_field_cnt + CONSTANTS)
		snprintf(buf, cap, "%s 0x%llx\n",
			 constants[i - t_field_cnt].name,
			 (unsigned long long)constants[i - t_field_cnt].val);
	else if (i == t_field_cnt + CONSTANTS)
		snprintf(buf, cap, "layout_hash 0x%llx\n",
			 (unsigned long long)wi_layout_hash());
	else
		return false;
	return true;
}

/* A difference is a new format: see "Changing it" in layout.h.  What the file
 * should say then is in the log of this test. */
static void
layout_is_the_golden_one(void)
{
	FILE *f = fopen(GOLDEN, "r");
	char want[200], have[200];
	bool same = f != NULL;

	for (size_t i = 0; same && line_of(i, want, sizeof(want)); i++)
		same = fgets(have, sizeof(have), f) && strcmp(have, want) == 0;
	same = same && !fgets(have, sizeof(have), f);
	if (f)
		fclose(f);
	CU_ASSERT(same);
	for (size_t i = 0; !same && line_of(i, want, sizeof(want)); i++)
		t_log("%s", want);
}

/* Every byte of a struct belongs to a field, or is padding before a field
 * that begins a line. */
static void
layout_has_no_holes_of_the_compiler(void)
{
	size_t end = 0, len = 0;
	const char *of = "";

	for (size_t i = 0; i < t_field_cnt; i++) {
		if (!strchr(t_fields[i].name, '.')) {
			end = 0;
			len = t_fields[i].len;
			of = t_fields[i].name;
			continue;
		}
		if (t_fields[i].off != end && t_fields[i].off % WI_LINE)
			t_log("%s: hole before it in %s\n", t_fields[i].name,
			      of);
		CU_ASSERT(t_fields[i].off == end ||
			  t_fields[i].off % WI_LINE == 0);
		end = t_fields[i].off + t_fields[i].len;
		CU_ASSERT(end <= len);
	}
}

static void
layout_owner_words(void)
{
	uint64_t who = wi_who(1023, 0x3ffffff), w = 0;

	CU_ASSERT_EQUAL(who, WI_WHO_MASK);
	CU_ASSERT_EQUAL(wi_who(5, (UINT64_C(1) << 26) + 3), wi_who(5, 3));
	for (int i = 0; i < 1000; i++) {
		uint64_t next = wi_word_next(w, WI_LIVE, wi_who(7, 9));

		CU_ASSERT_EQUAL(wi_word_idx(next), 7);
		CU_ASSERT_EQUAL(wi_word_gen(next), 9);
		CU_ASSERT_EQUAL(wi_word_state(next), WI_LIVE);
		CU_ASSERT_EQUAL(next >> 40, (w >> 40) + 1);
		w = next;
	}
	/* the count wraps without touching the rest */
	w = UINT64_MAX;
	CU_ASSERT_EQUAL(wi_word_next(w, WI_FREE, 0), 0);
}

/* ---- blocks
 * ------------------------------------------------------------------ */

static struct wi_geom
shared(void)
{
	return (struct wi_geom){.slot_cnt = 8,
				.slot_len = 16,
				.lane_cnt = 2,
				.cell_cnt = 3,
				.max_record = 100,
				.lane_len = 1024,
				.schema_len = 5};
}

static struct wi_geom
exclusive(void)
{
	return (struct wi_geom){.flags = WI_CH_EXCLUSIVE,
				.slot_cnt = 8,
				.slot_len = 128,
				.lane_cnt = 1,
				.cell_cnt = 3,
				.max_record = 80};
}

static void
block_parts_lie_apart(void)
{
	struct wi_geom g = shared();

	CU_ASSERT_EQUAL_FATAL(wi_block_plan(&g), 0);
	CU_ASSERT_EQUAL(g.lanes_off, sizeof(struct wi_shm_channel));
	CU_ASSERT_EQUAL(g.cells_off,
			g.lanes_off + 2 * sizeof(struct wi_shm_lane));
	CU_ASSERT_EQUAL(g.schema_off,
			g.cells_off + 3 * sizeof(struct wi_shm_cell));
	CU_ASSERT(g.slots_off >= g.schema_off + 5 + 1);
	CU_ASSERT_EQUAL(g.slots_off % (2 * WI_LINE), 0);
	CU_ASSERT(g.bytes_off >= g.slots_off + 8 * 16);
	CU_ASSERT_EQUAL(g.bytes_off % WI_LINE, 0);
	CU_ASSERT(g.block_len >= g.bytes_off + 2 * 1024);
	CU_ASSERT_EQUAL(g.block_len % WI_PAGE, 0);
	CU_ASSERT_EQUAL(g.inline_len, 0);
	g = exclusive();
	CU_ASSERT_EQUAL_FATAL(wi_block_plan(&g), 0);
	CU_ASSERT_EQUAL(g.inline_len, 112);
}

#define REFUSED(geom, field, val)                                              \
	do {                                                                   \
		struct wi_geom g_ = (geom);                                    \
		g_.field = (val);                                              \
		CU_ASSERT_EQUAL(wi_block_plan(&g_), WEIR_ECORRUPT);            \
	} while (0)

static void
block_plan_refuses_what_cannot_be(void)
{
	REFUSED(shared(), flags, WI_CH_ALL + 1);
	REFUSED(shared(), slot_cnt, 0);
	REFUSED(shared(), slot_cnt, 1);
	REFUSED(shared(), slot_cnt, 6);
	REFUSED(shared(), slot_cnt, 1u << 25);
	REFUSED(shared(), slot_len, 64);
	REFUSED(shared(), slot_len, 0);
	REFUSED(shared(), lane_cnt, 0);
	REFUSED(shared(), lane_cnt, 1025);
	REFUSED(shared(), cell_cnt, 0);
	REFUSED(shared(), cell_cnt, 1025);
	REFUSED(shared(), max_record, 0);
	REFUSED(shared(), max_record, (1u << 28) + 1);
	REFUSED(shared(), max_record, 1000);
	REFUSED(shared(), lane_len, 0);
	REFUSED(shared(), lane_len, 1000);
	REFUSED(shared(), lane_len, UINT64_C(1) << 33);
	REFUSED(shared(), schema_len, (16u << 20) + 1);
	REFUSED(shared(), schema_len, UINT64_MAX);
	REFUSED(exclusive(), lane_cnt, 2);
	REFUSED(exclusive(), slot_len, 16);
	REFUSED(exclusive(), slot_len, 100);
	REFUSED(exclusive(), slot_len, 8192);
	REFUSED(exclusive(), max_record, 81);
}

static void
block_footprints(void)
{
	CU_ASSERT_EQUAL(wi_parts_len(0), 0);
	CU_ASSERT_EQUAL(wi_parts_len(WI_PARTS_ALL), 32);
	CU_ASSERT_EQUAL(wi_footprint(0, 0), 32);
	CU_ASSERT_EQUAL(wi_footprint(0, 1), 48);
	CU_ASSERT_EQUAL(wi_footprint(WI_PART_TIME, 8), 48);
	for (uint64_t len = 0; len < 100; len++) {
		CU_ASSERT_EQUAL(wi_footprint(WI_PARTS_ALL, len) % 16, 0);
		CU_ASSERT(wi_footprint(WI_PARTS_ALL, len) >= 64 + len);
		CU_ASSERT(wi_footprint(WI_PARTS_ALL, len) < 64 + len + 32);
	}
	/* a lane that fits has room for three and a step */
	for (uint64_t lane = 256; lane <= 1u << 20; lane *= 2)
		for (uint64_t len = 1; len < lane; len += 1 + len / 7)
			if (wi_lane_fits(lane, len))
				CU_ASSERT(3 * wi_footprint(WI_PARTS_ALL, len) +
					      wi_lane_step(lane) <=
					  lane);
}

/* What was written is what is read; any changed word of the geometry is
 * noticed. */
static void
block_read_judges(void)
{
	struct wi_geom g = shared(), h;
	struct wi_shm_channel *c;
	uint64_t *word;
	int rc;

	g.created_ns = 42;
	CU_ASSERT_EQUAL_FATAL(wi_block_plan(&g), 0);
	c = aligned_alloc(WI_PAGE, g.block_len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	memset(c, 0, g.block_len);
	wi_block_init(c, &g, "[1,2]");
	CU_ASSERT_EQUAL(memcmp((char *)c + g.schema_off, "[1,2]", 6), 0);
	CU_ASSERT_EQUAL_FATAL(wi_block_read(c, g.block_len, &h), 0);
	CU_ASSERT_EQUAL(h.flags, g.flags);
	CU_ASSERT_EQUAL(h.slot_cnt, g.slot_cnt);
	CU_ASSERT_EQUAL(h.slot_len, g.slot_len);
	CU_ASSERT_EQUAL(h.lane_cnt, g.lane_cnt);
	CU_ASSERT_EQUAL(h.cell_cnt, g.cell_cnt);
	CU_ASSERT_EQUAL(h.max_record, g.max_record);
	CU_ASSERT_EQUAL(h.lane_len, g.lane_len);
	CU_ASSERT_EQUAL(h.schema_len, g.schema_len);
	CU_ASSERT_EQUAL(h.created_ns, 42);
	CU_ASSERT_EQUAL(h.schema_off, g.schema_off);
	CU_ASSERT_EQUAL(h.bytes_off, g.bytes_off);
	CU_ASSERT_EQUAL(h.block_len, g.block_len);
	CU_ASSERT_EQUAL(h.inline_len, g.inline_len);
	CU_ASSERT_EQUAL(wi_block_read(c, g.block_len - 1, &h), WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(wi_block_read(c, 100, &h), WEIR_ECORRUPT);
	CU_ASSERT_EQUAL(wi_block_read(c, 0, &h), WEIR_ECORRUPT);
	for (size_t off = 0; off < offsetof(struct wi_shm_channel, reserved);
	     off += 8) {
		uint64_t old;

		if (off == offsetof(struct wi_shm_channel, created_ns))
			continue;
		word = (uint64_t *)(void *)((char *)c + off);
		old = *word;
		for (int bit = 0; bit < 64; bit += 5) {
			*word = old ^ UINT64_C(1) << bit;
			rc = wi_block_read(c, g.block_len, &h);
			/* some sizes and flags have no influence on others */
			if (rc == 0 && h.block_len != g.block_len)
				CU_FAIL("another block passes");
			if (rc != 0)
				CU_ASSERT_EQUAL(rc, WEIR_ECORRUPT);
		}
		*word = UINT64_MAX;
		CU_ASSERT_EQUAL(wi_block_read(c, g.block_len, &h),
				WEIR_ECORRUPT);
		*word = old;
	}
	CU_ASSERT_EQUAL(wi_block_read(c, g.block_len, &h), 0);
	free(c);
}

SUITE("layout", TEST(layout_is_the_golden_one),
      TEST(layout_has_no_holes_of_the_compiler), TEST(layout_owner_words),
      TEST(block_parts_lie_apart), TEST(block_plan_refuses_what_cannot_be),
      TEST(block_footprints), TEST(block_read_judges));
