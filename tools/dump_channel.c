/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/inspect.h>

#include "current.h"
#include "dump.h"
#include "out.h"
#include "row.h"
#include "show.h"

#define BATCH 32

/* The channel that is being dumped. */
static const char *name;

static void
bad(const char *part, int rc)
{
	/* what ended while we looked is not damaged */
	if (rc < 0 && rc != WEIR_EREMOVED && rc != WEIR_ERETIRED)
		damage(name, part, rc, NULL);
}

static void
begin(const char *type)
{
	row_begin(type);
	row_str("channel", name);
}

static void
dump_info(const weir_channel_info *i)
{
	row_begin("channel");
	row_str("channel", i->name);
	row_u64("idx", i->idx);
	if (!i->damaged) {
		show_config(i);
		row_u64("slot_bytes", i->slot_len);
		row_u64("schema_bytes", i->schema_len);
		show_figures(i);
	}
	row_end();
}

static void
dump_schema(weir_channel *ch)
{
	size_t len = 0;
	const char *text = weir_channel_schema(ch, &len);

	if (!text)
		return;
	begin("schema");
	row_schema("schema", text, len);
	row_end();
}

/* Of who stands in a damaged place nothing is known. */
static void
dump_nobody(const char *type, const char *key, uint32_t idx)
{
	begin(type);
	row_u64(key, idx);
	row_bool("damaged", 1);
	row_end();
}

static void
dump_people(weir_channel *ch)
{
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	int rc;

	while ((rc = weir_producer_next(ch, &p)) > 0) {
		if (damage_is(name, "lane", p.idx)) {
			dump_nobody("lane", "lane", p.idx);
			continue;
		}
		begin("lane");
		show_producer(&p);
		row_end();
	}
	bad("lanes", rc);
	while ((rc = weir_consumer_next(ch, &c)) > 0) {
		if (damage_is(name, "place", c.idx)) {
			dump_nobody("consumer", "place", c.idx);
			continue;
		}
		begin("consumer");
		show_consumer(&c);
		row_end();
	}
	bad("consumers", rc);
}

static void
dump_slot(const weir_slot_info *s)
{
	static const char *const states[] = {"fresh", "record", "writing",
					     "damaged"};
	char part[64];

	begin("slot");
	row_u64("idx", s->idx);
	row_word("state", s->state < 4 ? states[s->state] : "unknown");
	row_u64("seq", s->seq);
	if (s->is_inline) {
		row_bool("inline", 1);
	} else {
		row_u64("lane", s->lane);
		row_u64("position", s->position);
	}
	row_end();
	if (s->state == WEIR_SLOT_DAMAGED && !damage_is(name, "slot", s->idx)) {
		snprintf(part, sizeof(part), "slot %" PRIu32, s->idx);
		bad(part, WEIR_ECORRUPT);
	}
}

static void
dump_ring(weir_channel *ch)
{
	weir_ring_info r = {.size = sizeof(r)};
	weir_slot_info s = {.size = sizeof(s)};
	int rc = weir_ring_stat(ch, &r);

	bad("ring", rc);
	if (rc >= 0) {
		begin("ring");
		row_u64("block_offset", r.block_offset);
		row_u64("tail", r.tail);
		row_u64("settled", r.settled);
		row_u64("want", r.want);
		row_u64("safe", r.safe);
		row_u64("sleepers", r.sleepers);
		row_end();
	}
	while ((rc = weir_slot_next(ch, &s)) > 0 && !out_failed())
		if (s.state != WEIR_SLOT_FRESH)
			dump_slot(&s);
	bad("slots", rc);
}

#define HEX_WIDTH 16

/* As hexdump -C shows bytes. */
static void
hex_lines(const uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len; at += HEX_WIDTH) {
		size_t n = len - at < HEX_WIDTH ? len - at : HEX_WIDTH;

		out_fmt("    %08zx ", at);
		for (size_t i = 0; i < HEX_WIDTH; i++)
			if (i < n)
				out_fmt(i == 8 ? "  %02x" : " %02x", p[at + i]);
			else
				out_fmt(i == 8 ? "    " : "   ");
		out_fmt("  |");
		for (size_t i = 0; i < n; i++)
			out_fmt("%c", p[at + i] >= 0x20 && p[at + i] < 0x7f
					  ? p[at + i]
					  : '.');
		out_fmt("|\n");
	}
}

static void
hex_member(const uint8_t *p, size_t len)
{
	char *text = malloc(2 * len + 1);

	for (size_t i = 0; text && i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	if (text)
		row_word("hex", len ? text : "");
	free(text);
}

static void
dump_record(const weir_record *rec)
{
	size_t len = rec->kind == WEIR_DATA ? rec->len : 0;
	char part[64];
	int rc;

	begin("record");
	rc = show_record(rec);
	if (dump_hex && row_json)
		hex_member(rec->data, len);
	row_end();
	if (dump_hex && !row_json)
		hex_lines(rec->data, len);
	snprintf(part, sizeof(part), "record %" PRIu64, rec->seq);
	bad(part, rc);
}

/* A record that cannot be read: name it, and go on behind it.  Returns 0 if
 * there is no way on. */
static int
pass_over(weir_consumer *c, int rc)
{
	weir_consumer_info i = {.size = sizeof(i)};
	char part[64];

	if (weir_consumer_stat(c, &i) < 0 || i.cursor == UINT64_MAX) {
		bad("records", rc);
		return 0;
	}
	snprintf(part, sizeof(part), "record %" PRIu64, i.cursor);
	bad(part, rc);
	return rc == WEIR_ECORRUPT &&
	       weir_seek(c, WEIR_FROM_SEQ, i.cursor + 1) >= 0;
}

/* The record that is the current value now; 0: none, or it is damaged. */
static uint64_t
current_seq(weir_channel *ch)
{
	weir_record rec;
	void *buf;
	int rc = current_value(ch, NULL, &buf, &rec);

	free(buf);
	return rc < 0 ? 0 : rec.seq;
}

/* What is kept now.  A live channel goes on while we read: @info says where
 * to stop, and @turns bounds how often something can be passed over. */
static void
dump_records(weir_channel *ch, const weir_channel_info *info)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_OLDEST};
	uint64_t current = current_seq(ch);
	weir_record recs[BATCH];
	weir_consumer *c;
	weir_diag diag = {0};
	uint64_t turns = info->capacity + UINT64_C(1);
	uint64_t seen = 0;
	int rc, i;

	rc = weir_consumer_open(ch, NULL, &o, &c, &diag);
	if (rc < 0) {
		bad("records", rc);
		return;
	}
	while (seen < info->newest_seq && turns-- && !out_failed()) {
		rc = weir_read(c, recs, BATCH, 0);
		if (rc == -EINTR)
			continue;
		if (rc == -EAGAIN)
			break;
		if (rc < 0) {
			if (!pass_over(c, rc))
				break;
			continue;
		}
		for (i = 0; i < rc; i++) {
			recs[i].flags =
			    recs[i].seq == current ? WEIR_CURRENT : 0;
			dump_record(&recs[i]);
			seen = recs[i].seq;
		}
	}
	weir_consumer_close(c);
}

void
dump_channel(weir_store *store, const weir_channel_info *info)
{
	weir_channel_info now = {.size = sizeof(now)};
	weir_channel *ch = NULL;
	weir_diag diag = {0};
	int rc = WEIR_ECORRUPT, told;

	name = info->name;
	dump_info(info);
	told = damage_told(name) != 0;
	if (!info->damaged)
		rc = weir_channel_open(store, info->name, NULL, &ch, &diag);
	if (rc == -ENOENT)
		return; /* removed since */
	if (rc < 0) {
		if (rc != WEIR_ECORRUPT || !told)
			damage(name, "channel", rc, &diag);
		return;
	}
	row_indent = 2;
	dump_schema(ch);
	dump_people(ch);
	dump_ring(ch);
	if (weir_channel_stat(ch, &now) >= 0)
		dump_records(ch, &now);
	row_indent = 0;
	weir_channel_close(ch);
}
