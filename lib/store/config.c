/* SPDX-License-Identifier: BSD-2-Clause
 *
 * config.c - what a channel is asked to be: defaults, limits, differences.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"

#define DEFAULT_SLOTS  256u
#define DEFAULT_LANE   (64u << 10)
#define DEFAULT_LANES  8u
#define DEFAULT_CELLS  64u
#define DEFAULT_INLINE 112u

static uint64_t
power_up(uint64_t v)
{
	uint64_t p = 1;

	while (p < v)
		p <<= 1;
	return p;
}

static int
bad(weir_diag *diag, const char *field, uint64_t val, const char *rule)
{
	return wi_fail(diag, -EINVAL, "%s is %" PRIu64 ": %s", field, val,
		       rule);
}

static bool
is_choice(uint32_t v)
{
	return v <= 2;
}

static int
check_choices(const weir_channel_opts *o, weir_diag *diag)
{
	if (o->flags & ~WEIR_MUST_EXIST)
		return bad(diag, "flags", o->flags, "unknown bits");
	if (!is_choice(o->overflow))
		return bad(diag, "overflow", o->overflow,
			   "WEIR_OVERWRITE or WEIR_BLOCK");
	if (!is_choice(o->producers))
		return bad(diag, "producers", o->producers,
			   "WEIR_SHARED or WEIR_EXCLUSIVE");
	if (!is_choice(o->stamps))
		return bad(diag, "stamps", o->stamps, "WEIR_ON or WEIR_OFF");
	if (!is_choice(o->orphans))
		return bad(diag, "orphans", o->orphans,
			   "WEIR_KEEP or WEIR_EVICT");
	if (!is_choice(o->formats))
		return bad(diag, "formats", o->formats, "WEIR_ON or WEIR_OFF");
	if (o->pad)
		return bad(diag, "pad", o->pad, "0");
	return 0;
}

static int
check_sizes(const weir_channel_opts *o, weir_diag *diag)
{
	bool exclusive = o->producers == WEIR_EXCLUSIVE;

	if (o->capacity == 1 || o->capacity > WI_SLOT_CNT_MAX)
		return bad(diag, "capacity", o->capacity, "2 .. 2^24 records");
	if (o->max_producers > WI_LANE_CNT_MAX)
		return bad(diag, "max_producers", o->max_producers,
			   "1 .. 1024");
	if (exclusive && o->max_producers > 1)
		return bad(diag, "max_producers", o->max_producers,
			   "an exclusive channel has one at a time");
	if (o->max_consumers > WI_CELL_MAX)
		return bad(diag, "max_consumers", o->max_consumers,
			   "1 .. 1024");
	if (o->max_record > WI_RECORD_MAX)
		return bad(diag, "max_record", o->max_record, "1 .. 2^28");
	if (o->inline_bytes && !exclusive)
		return bad(diag, "inline_bytes", o->inline_bytes,
			   "only exclusive channels hold records inline");
	if (o->inline_bytes &&
	    (o->inline_bytes < 48 ||
	     o->inline_bytes > WI_SLOT_LEN_MAX - sizeof(struct wi_shm_slot)))
		return bad(diag, "inline_bytes", o->inline_bytes, "48 .. 4080");
	if (o->lane_bytes > WI_LANE_LEN_MAX)
		return bad(diag, "lane_bytes", o->lane_bytes, "up to 2^32");
	return 0;
}

/* The smallest power of two that holds records of @len bytes. */
static uint64_t
lane_for(uint64_t len)
{
	uint64_t lane = 256;

	while (!wi_lane_fits(lane, len))
		lane <<= 1;
	return lane;
}

/* The largest record that a lane can hold. */
static uint32_t
record_for(uint64_t lane)
{
	uint64_t foot = (lane - wi_lane_step(lane)) / 3 & ~15ull;
	uint64_t over = wi_footprint(WI_PARTS_ALL, 0);
	uint64_t most = foot > over ? foot - over : 0;

	return most > WI_RECORD_MAX ? WI_RECORD_MAX : (uint32_t)most;
}

static int
lane_and_record(const weir_channel_opts *o, struct wi_geom *g, weir_diag *diag)
{
	uint32_t in_slot = g->slot_len - (uint32_t)sizeof(struct wi_shm_slot);
	uint32_t parts = wi_parts_len(WI_PARTS_ALL);

	g->max_record = o->max_record;
	if ((g->flags & WI_CH_EXCLUSIVE) && !o->lane_bytes && o->max_record &&
	    o->max_record + parts <= in_slot)
		return 0; /* every record lies in its slot: no lane */
	g->lane_len = power_up(o->lane_bytes);
	if (!o->lane_bytes) {
		g->lane_len = DEFAULT_LANE;
		if (!wi_lane_fits(g->lane_len, g->max_record))
			g->lane_len = lane_for(g->max_record);
	}
	if (!g->max_record)
		g->max_record = record_for(g->lane_len);
	if (!g->max_record || !wi_lane_fits(g->lane_len, g->max_record))
		return wi_fail(diag, -EINVAL,
			       "lane_bytes is %" PRIu64
			       ": records of up to %u bytes need at least "
			       "%" PRIu64,
			       o->lane_bytes, g->max_record ? g->max_record : 1,
			       lane_for(g->max_record ? g->max_record : 1));
	return 0;
}

int
wi_config_geom(const weir_channel_opts *o, struct wi_geom *g, weir_diag *diag)
{
	bool exclusive = o->producers == WEIR_EXCLUSIVE;
	uint32_t inline_bytes;
	int rc = check_choices(o, diag);

	if (rc == 0)
		rc = check_sizes(o, diag);
	if (rc != 0)
		return rc;
	*g = (struct wi_geom){.flags = 0};
	if (o->overflow == WEIR_BLOCK)
		g->flags |= WI_CH_BLOCK;
	if (exclusive)
		g->flags |= WI_CH_EXCLUSIVE;
	if (o->stamps != WEIR_OFF)
		g->flags |= WI_CH_STAMPS;
	if (o->orphans == WEIR_EVICT)
		g->flags |= WI_CH_EVICT;
	if (o->formats == WEIR_ON)
		g->flags |= WI_CH_FORMATS;
	g->slot_cnt =
	    (uint32_t)power_up(o->capacity ? o->capacity : DEFAULT_SLOTS);
	g->slot_len = sizeof(struct wi_shm_slot);
	if (exclusive) {
		inline_bytes =
		    o->inline_bytes ? o->inline_bytes : DEFAULT_INLINE;
		g->slot_len += inline_bytes;
		g->slot_len = (g->slot_len + WI_LINE - 1) / WI_LINE * WI_LINE;
	}
	g->lane_cnt = exclusive		 ? 1
		      : o->max_producers ? o->max_producers
					 : DEFAULT_LANES;
	g->cell_cnt = o->max_consumers ? o->max_consumers : DEFAULT_CELLS;
	if (o->schema)
		g->schema_len =
		    o->schema_len ? o->schema_len : strlen(o->schema);
	if (g->schema_len > WI_SCHEMA_LEN_MAX)
		return bad(diag, "schema_len", g->schema_len, "up to 16 MiB");
	rc = lane_and_record(o, g, diag);
	if (rc != 0)
		return rc;
	if (wi_block_plan(g) != 0)
		return wi_fail(diag, -EINVAL, "the sizes do not fit together");
	return 0;
}

int
wi_config_compile(const struct wi_geom *g, const char *text, size_t len,
		  weir_schema **out, weir_diag *diag)
{
	weir_schema_opts o = {
	    .size = sizeof(o),
	    .flags = g->flags & WI_CH_FORMATS ? WEIR_ASSERT_FORMAT : 0,
	};

	return weir_schema_compile(text, len, &o, out, diag);
}

int64_t
weir_channel_footprint(const weir_channel_opts *opts, weir_diag *diag)
{
	weir_channel_opts o;
	struct wi_geom g;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = wi_opts_copy(&o, WI_OPTS_KNOWN(weir_channel_opts), opts,
			  "weir_channel_opts", diag);
	if (rc == 0)
		rc = wi_config_geom(&o, &g, diag);
	return rc == 0 ? (int64_t)g.block_len : rc;
}

/* Are two JSON texts the same value? */
static bool
same_json(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t a_cap = WI_JSON_CAP(a_len), b_cap = WI_JSON_CAP(b_len);
	uint8_t *buf = malloc(a_cap + b_cap);
	int64_t n, m;
	bool same = false;

	if (!buf)
		return a_len == b_len && memcmp(a, b, a_len) == 0;
	n = weir_json_to_msgpack(a, a_len, buf, a_cap, NULL);
	m = weir_json_to_msgpack(b, b_len, buf + a_cap, b_cap, NULL);
	if (n > 0 && m > 0)
		same =
		    wi_value_equal(buf, buf + n, buf + a_cap, buf + a_cap + m);
	free(buf);
	return same;
}

static int
differs(weir_diag *diag, const char *field, uint64_t have, uint64_t asked)
{
	return wi_fail(diag, WEIR_ECONFIG,
		       "the channel has %s %" PRIu64 ", asked for %" PRIu64,
		       field, have, asked);
}

static int
choice_differs(weir_diag *diag, const char *field, bool have, uint32_t asked,
	       const char *if_set, const char *if_not, uint32_t set)
{
	if (asked == 0 || (asked == set) == have)
		return 0;
	return wi_fail(diag, WEIR_ECONFIG,
		       "the channel has %s %s, asked for %s", field,
		       have ? if_set : if_not, have ? if_not : if_set);
}

int
wi_config_differs(const weir_channel_opts *o, const struct wi_geom *g,
		  const char *schema, weir_diag *diag)
{
	uint32_t in_slot = g->slot_len - (uint32_t)sizeof(struct wi_shm_slot);
	size_t len;
	int rc = check_choices(o, diag);

	if (rc == 0)
		rc = choice_differs(diag, "overflow", g->flags & WI_CH_BLOCK,
				    o->overflow, "block", "overwrite",
				    WEIR_BLOCK);
	if (rc == 0)
		rc = choice_differs(diag, "producers",
				    g->flags & WI_CH_EXCLUSIVE, o->producers,
				    "exclusive", "shared", WEIR_EXCLUSIVE);
	if (rc == 0)
		rc = choice_differs(diag, "stamps", g->flags & WI_CH_STAMPS,
				    o->stamps, "on", "off", WEIR_ON);
	if (rc == 0)
		rc = choice_differs(diag, "orphans", g->flags & WI_CH_EVICT,
				    o->orphans, "evict", "keep", WEIR_EVICT);
	if (rc == 0)
		rc = choice_differs(diag, "formats", g->flags & WI_CH_FORMATS,
				    o->formats, "on", "off", WEIR_ON);
	if (rc != 0)
		return rc;
	if (o->capacity && power_up(o->capacity) != g->slot_cnt)
		return differs(diag, "capacity", g->slot_cnt, o->capacity);
	if (o->max_producers && o->max_producers != g->lane_cnt)
		return differs(diag, "max_producers", g->lane_cnt,
			       o->max_producers);
	if (o->max_consumers && o->max_consumers != g->cell_cnt)
		return differs(diag, "max_consumers", g->cell_cnt,
			       o->max_consumers);
	if (o->max_record && o->max_record != g->max_record)
		return differs(diag, "max_record", g->max_record,
			       o->max_record);
	if (o->inline_bytes &&
	    (!(g->flags & WI_CH_EXCLUSIVE) || o->inline_bytes > in_slot ||
	     o->inline_bytes + WI_LINE <= in_slot))
		return differs(diag, "inline_bytes", in_slot, o->inline_bytes);
	if (o->lane_bytes && (o->lane_bytes > WI_LANE_LEN_MAX ||
			      power_up(o->lane_bytes) != g->lane_len))
		return differs(diag, "lane_bytes", g->lane_len, o->lane_bytes);
	if (o->schema) {
		len = o->schema_len ? o->schema_len : strlen(o->schema);
		if (!schema ||
		    !same_json(o->schema, len, schema, g->schema_len))
			return wi_fail(diag, WEIR_ECONFIG,
				       "the channel has %s schema: `weir "
				       "info` shows it; remove the channel "
				       "first if it is to change",
				       schema ? "another" : "no");
	}
	return 0;
}
