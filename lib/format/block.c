/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/block.h"

static uint64_t
round_up(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) / unit * unit;
}

static bool
is_power(uint64_t v)
{
	return v && !(v & (v - 1));
}

int
wi_block_plan(struct wi_geom *g)
{
	bool exclusive = g->flags & WI_CH_EXCLUSIVE;
	uint64_t off = sizeof(struct wi_shm_channel);

	if (g->flags & ~WI_CH_ALL)
		return WEIR_ECORRUPT;
	if (g->slot_cnt < 2 || g->slot_cnt > WI_SLOT_CNT_MAX ||
	    !is_power(g->slot_cnt))
		return WEIR_ECORRUPT;
	if (exclusive
		? g->slot_len < WI_LINE || g->slot_len > WI_SLOT_LEN_MAX ||
		      g->slot_len % WI_LINE
		: g->slot_len != sizeof(struct wi_shm_slot))
		return WEIR_ECORRUPT;
	if (g->lane_cnt < 1 || g->lane_cnt > WI_LANE_CNT_MAX ||
	    (exclusive && g->lane_cnt != 1))
		return WEIR_ECORRUPT;
	if (g->cell_cnt < 1 || g->cell_cnt > WI_CELL_MAX)
		return WEIR_ECORRUPT;
	if (g->max_record < 1 || g->max_record > WI_RECORD_MAX ||
	    g->schema_len > WI_SCHEMA_LEN_MAX)
		return WEIR_ECORRUPT;

	g->inline_len = g->slot_len - (uint32_t)sizeof(struct wi_shm_slot);
	if (g->lane_len == 0) {
		/* every record must lie in its slot, whatever its parts */
		if (!exclusive ||
		    g->max_record + wi_parts_len(WI_PARTS_ALL) > g->inline_len)
			return WEIR_ECORRUPT;
	} else if (!is_power(g->lane_len) || g->lane_len > WI_LANE_LEN_MAX ||
		   !wi_lane_fits(g->lane_len, g->max_record)) {
		return WEIR_ECORRUPT;
	}

	/* No sum can overflow: the largest term is 2^10 lanes x 2^32. */
	g->lanes_off = off;
	off += g->lane_cnt * sizeof(struct wi_shm_lane);
	g->cells_off = off;
	off += g->cell_cnt * sizeof(struct wi_shm_cell);
	g->schema_off = off;
	off = round_up(off + g->schema_len + 1, 2 * WI_LINE);
	g->slots_off = off;
	off += (uint64_t)g->slot_cnt * g->slot_len;
	off = round_up(off, WI_LINE);
	g->bytes_off = off;
	off += g->lane_cnt * g->lane_len;
	g->block_len = round_up(off, WI_PAGE);
	return 0;
}

void
wi_block_init(void *block, const struct wi_geom *g, const char *schema)
{
	struct wi_shm_channel *ch = block;

	ch->magic = WI_CHANNEL_MAGIC;
	ch->block_len = g->block_len;
	ch->created_ns = g->created_ns;
	ch->flags = g->flags;
	ch->slot_cnt = g->slot_cnt;
	ch->slot_len = g->slot_len;
	ch->lane_cnt = g->lane_cnt;
	ch->cell_cnt = g->cell_cnt;
	ch->max_record = g->max_record;
	ch->lane_len = g->lane_len;
	ch->schema_len = g->schema_len;
	ch->lanes_off = g->lanes_off;
	ch->cells_off = g->cells_off;
	ch->schema_off = g->schema_off;
	ch->slots_off = g->slots_off;
	ch->bytes_off = g->bytes_off;
	/* records are numbered from 1, so all up to 0 may be reused */
	ch->want_seq = 1;
	ch->safe_seq = 1;
	if (g->schema_len)
		memcpy((char *)block + g->schema_off, schema, g->schema_len);
}

int
wi_block_read(const void *block, uint64_t len, struct wi_geom *g)
{
	struct wi_shm_channel ch;

	if (len < sizeof(ch))
		return WEIR_ECORRUPT;
	wi_copy_out(&ch, block, sizeof(ch));
	if (ch.magic != WI_CHANNEL_MAGIC)
		return WEIR_ECORRUPT;
	*g = (struct wi_geom){
	    .flags = ch.flags,
	    .slot_cnt = ch.slot_cnt,
	    .slot_len = ch.slot_len,
	    .lane_cnt = ch.lane_cnt,
	    .cell_cnt = ch.cell_cnt,
	    .max_record = ch.max_record,
	    .lane_len = ch.lane_len,
	    .schema_len = ch.schema_len,
	    .created_ns = ch.created_ns,
	};
	if (wi_block_plan(g) != 0 || g->block_len > len ||
	    g->block_len != ch.block_len || g->lanes_off != ch.lanes_off ||
	    g->cells_off != ch.cells_off || g->schema_off != ch.schema_off ||
	    g->slots_off != ch.slots_off || g->bytes_off != ch.bytes_off)
		return WEIR_ECORRUPT;
	return 0;
}
