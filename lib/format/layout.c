/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/layout.h"

#include "base/hash.h"

uint64_t
wi_layout_hash(void)
{
	static const uint32_t shape[] = {
	    WI_FORMAT,
	    WI_PAGE,
	    WI_LINE,
	    WI_CELL_MAX,
	    sizeof(struct wi_shm_header),
	    sizeof(struct wi_shm_control),
	    sizeof(struct wi_shm_participant),
	    sizeof(struct wi_shm_entry),
	    sizeof(struct wi_shm_channel),
	    sizeof(struct wi_shm_lane),
	    sizeof(struct wi_shm_cell),
	    sizeof(struct wi_shm_record),
	};

	return wi_hash(shape, sizeof(shape));
}
