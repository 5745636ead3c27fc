/* SPDX-License-Identifier: BSD-2-Clause
 *
 * block.h - a channel's block: where its parts lie, for given parameters.
 *
 * The offsets follow from the parameters alone.  So a block is sane exactly
 * if planning it again from its parameters gives what stands in it.
 */
#ifndef WI_FORMAT_BLOCK_H
#define WI_FORMAT_BLOCK_H

#include <weir/error.h>

#include "format/layout.h"

/* A channel's geometry in private memory. */
struct wi_geom {
	/* parameters */
	uint32_t flags; /* WI_CH_* */
	uint32_t slot_cnt, slot_len;
	uint32_t lane_cnt, cell_cnt;
	uint32_t max_record;
	uint64_t lane_len;
	uint64_t schema_len;
	uint64_t created_ns;
	/* what follows from them */
	uint64_t lanes_off, cells_off, schema_off, slots_off, bytes_off;
	uint64_t block_len; /* a multiple of WI_PAGE */
	uint32_t inline_len; /* bytes of a slot behind its commit pair */
};

#define WI_SLOT_CNT_MAX	  (1u << 24)
#define WI_SLOT_LEN_MAX	  4096u
#define WI_LANE_CNT_MAX	  1024u
#define WI_LANE_LEN_MAX	  (1ull << 32)
#define WI_RECORD_MAX	  (1u << 28)
#define WI_SCHEMA_LEN_MAX (16u << 20)

/* wi_parts_len - bytes that the parts of a record take. */
static inline uint32_t
wi_parts_len(uint32_t parts)
{
	return ((parts & WI_PART_TIME) ? 8u : 0) +
	       ((parts & WI_PART_ORIGIN) ? 16u : 0) +
	       ((parts & WI_PART_REVISION) ? 8u : 0);
}

/* wi_footprint - bytes that a record takes in a lane, parts included. */
static inline uint64_t
wi_footprint(uint32_t parts, uint64_t len)
{
	return (sizeof(struct wi_shm_record) + wi_parts_len(parts) + len + 15) &
	       ~15ull;
}

/* wi_lane_step - by how much `reserved` is raised at a time, at most. */
static inline uint64_t
wi_lane_step(uint64_t lane_len)
{
	return (lane_len / 8) & ~15ull;
}

/* All parts at once: what a lane must have room for beside the payload. */
#define WI_PARTS_ALL (WI_PART_TIME | WI_PART_ORIGIN | WI_PART_REVISION)

/* wi_lane_fits - can a lane of @lane_len bytes hold records of @len bytes so
 * that its newest one is never overwritten before its successor is there?
 * 3 footprints and a step: the newest, the next, and one more that the wrap
 * may waste at the lane's end. */
static inline bool
wi_lane_fits(uint64_t lane_len, uint64_t len)
{
	return 3 * wi_footprint(WI_PARTS_ALL, len) + wi_lane_step(lane_len) <=
	       lane_len;
}

/* wi_block_plan - check the parameters and fill in what follows from them.
 * Return: 0, or WEIR_ECORRUPT if a parameter is out of range. */
int wi_block_plan(struct wi_geom *g);

/* wi_block_init - make a block in @block, which is all zeros and @g's
 * block_len long; nobody else looks at it.  @schema: g->schema_len bytes. */
void wi_block_init(void *block, const struct wi_geom *g, const char *schema);

/* wi_block_read - the geometry of the block at @block, of which @len bytes
 * may be read.  Return: 0, or WEIR_ECORRUPT. */
int wi_block_read(const void *block, uint64_t len, struct wi_geom *g);

#endif
