/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ringfix.h - a channel's block in private memory, and writers on it, for
 * tests of the ring's own functions.
 */
#ifndef WI_TESTS_UNIT_RINGFIX_H
#define WI_TESTS_UNIT_RINGFIX_H

#include "support/harness.h"

#include <stdlib.h>
#include <string.h>

#include "format/block.h"
#include "ring/gate.h"
#include "ring/ring.h"
#include "ring/value.h"
#include "ring/writer.h"

struct blk {
	void *mem;
	struct wi_ring r;
};

static inline void
blk_open(struct blk *b, uint32_t flags, uint32_t slots, uint32_t lanes,
	 uint64_t lane_len, uint32_t max_record)
{
	struct wi_geom g = {.flags = flags,
			    .slot_cnt = slots,
			    .slot_len = flags & WI_CH_EXCLUSIVE ? 128 : 16,
			    .lane_cnt = lanes,
			    .cell_cnt = 8,
			    .max_record = max_record,
			    .lane_len = lane_len};

	CU_ASSERT_EQUAL_FATAL(wi_block_plan(&g), 0);
	b->mem = aligned_alloc(WI_PAGE, g.block_len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b->mem);
	memset(b->mem, 0, g.block_len);
	wi_block_init(b->mem, &g, "");
	wi_ring_init(&b->r, b->mem, &g, false);
}

static inline void
blk_close(struct blk *b)
{
	free(b->mem);
	b->mem = NULL;
}

struct wr {
	struct wi_writer w;
	struct wi_pair *scratch;
};

static inline int
wr_open(struct wr *w, const struct blk *b, uint32_t lane)
{
	w->scratch = calloc(wi_writer_scratch(&b->r.g), sizeof(*w->scratch));
	return w->scratch
		   ? wi_writer_init(&w->w, &b->r, lane, 100 + lane, w->scratch)
		   : -1;
}

static inline void
wr_close(struct wr *w)
{
	free(w->scratch);
}

/* One record of @len bytes of @fill.  Return: as wi_write_commit(). */
static inline int
wr_put(struct wr *w, uint8_t fill, uint32_t len)
{
	int rc = wi_write_begin(&w->w, WI_PART_TIME, len);

	if (rc != 0)
		return rc;
	memset(w->w.cur_payload, fill, len);
	return wi_write_commit(&w->w, WEIR_DATA, 77, len);
}

/* Are these @len bytes all @fill? */
static inline bool
all_are(const uint8_t *p, uint8_t fill, uint32_t len)
{
	while (len--)
		if (*p++ != fill)
			return false;
	return true;
}

#endif
