/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage_fields.c - see damage.h: its fields, one by one
 */
#include "fault/damage.h"
#include "support/fields.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/block.h"

static const struct wi_shm_header *
head_of(const struct damage *d)
{
	return (const void *)d->image;
}

static void add(struct damage *d, const char *channel, size_t off, size_t len,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void
add(struct damage *d, const char *channel, size_t off, size_t len,
    const char *fmt, ...)
{
	struct damage_field *f;
	va_list ap;

	if (d->field_cnt % 256 == 0) {
		d->fields =
		    realloc(d->fields, (d->field_cnt + 256) * sizeof(*f));
		if (!d->fields)
			exit(1);
	}
	f = &d->fields[d->field_cnt++];
	*f = (struct damage_field){.off = off, .len = len, .channel = channel};
	va_start(ap, fmt);
	vsnprintf(f->name, sizeof(f->name), fmt, ap);
	va_end(ap);
}

/* All fields of a struct of this type at @off; those that are structs
 * themselves field by field, pairs as halves. */
static void
add_struct(struct damage *d, const char *channel, const char *what,
	   const char *type, size_t off)
{
	size_t type_len = strlen(type);

	for (size_t i = 0; i < t_field_cnt; i++) {
		const struct t_field *r = &t_fields[i];
		const char *field = r->name + type_len + 1;
		char name[64];

		if (strncmp(r->name, type, type_len) != 0 ||
		    r->name[type_len] != '.')
			continue;
		snprintf(name, sizeof(name), "%.40s.%.20s", what, field);
		if (strcmp(field, "tag") == 0 || strcmp(field, "before") == 0) {
			add_struct(d, channel, name, "wi_shm_tag",
				   off + r->off);
		} else if (strcmp(field, "last") == 0 ||
			   strcmp(field, "commit") == 0) {
			add(d, channel, off + r->off, 8, "%s.seq", name);
			add(d, channel, off + r->off + 8, 8, "%s.word", name);
		} else {
			add(d, channel, off + r->off, r->len, "%s", name);
		}
	}
}

static void
add_table(struct damage *d, const char *channel, const char *what,
	  const char *type, size_t off, size_t stride, uint32_t cnt)
{
	char name[64];

	for (uint32_t i = 0; i < cnt; i++) {
		snprintf(name, sizeof(name), "%.40s[%u]", what, i);
		add_struct(d, channel, name, type, off + i * stride);
	}
}

/* The head of each record in a lane that a slot, or a lane's memory of its
 * last, points to. */
static void
add_record(struct damage *d, const char *channel, const struct wi_geom *g,
	   size_t block, uint64_t lane, uint64_t position)
{
	size_t off = block + g->bytes_off + lane * g->lane_len +
		     (position & (g->lane_len - 1));
	char name[64];

	snprintf(name, sizeof(name), "%.24s.record@%zu", channel, off);
	for (size_t i = 0; i < d->field_cnt; i++)
		if (d->fields[i].off == off)
			return; /* known */
	add_struct(d, channel, name, "wi_shm_record", off);
	add(d, channel, off + sizeof(struct wi_shm_record), 8, "%s.payload",
	    name);
}

static void
add_records(struct damage *d, const char *channel, const struct wi_geom *g,
	    size_t block)
{
	const struct wi_shm_lane *lane =
	    (const void *)(d->image + block + g->lanes_off);

	for (uint32_t i = 0; i < g->slot_cnt; i++) {
		const struct wi_shm_slot *s =
		    (const void *)(d->image + block + g->slots_off +
				   (size_t)i * g->slot_len);

		if (s->commit.seq && !(s->commit.word & WI_DESC_INLINE))
			add_record(d, channel, g, block,
				   s->commit.word >> 52 & 0x7ff,
				   (s->commit.word & 0xfffffffffffffu) << 4);
	}
	for (uint32_t i = 0; i < g->lane_cnt; i++)
		if (lane[i].last.seq)
			add_record(d, channel, g, block, i, lane[i].last.word);
}

/* One of damage_channels; NULL: none of those that are to be damaged. */
static const char *
channel_of(const struct wi_shm_entry *e)
{
	const char *name = (const char *)e->tag.text; /* zeros follow it */

	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		if (strcmp(name, damage_channels[i]) == 0 &&
		    strcmp(name, DAMAGE_WHOLE) != 0)
			return damage_channels[i];
	return NULL;
}

static void
add_channel(struct damage *d, const struct wi_shm_entry *e)
{
	const char *name = channel_of(e);
	struct wi_geom g;
	char what[64];

	if (strcmp((const char *)e->tag.text, DAMAGE_WHOLE) == 0)
		return;
	if (!name)
		name = "dying"; /* removed; nobody finds it */
	damage_need(wi_block_read(d->image + e->off, e->len, &g), "block");
	add_struct(d, name, name, "wi_shm_channel", e->off);
	snprintf(what, sizeof(what), "%.24s.lane", name);
	add_table(d, name, what, "wi_shm_lane", e->off + g.lanes_off,
		  sizeof(struct wi_shm_lane), g.lane_cnt);
	snprintf(what, sizeof(what), "%.24s.cell", name);
	add_table(d, name, what, "wi_shm_cell", e->off + g.cells_off,
		  sizeof(struct wi_shm_cell), g.cell_cnt);
	snprintf(what, sizeof(what), "%.24s.slot", name);
	add_table(d, name, what, "wi_shm_slot", e->off + g.slots_off,
		  g.slot_len, g.slot_cnt);
	for (uint32_t i = 0; g.inline_len && i < g.slot_cnt; i++)
		add(d, name,
		    e->off + g.slots_off + i * g.slot_len +
			sizeof(struct wi_shm_slot),
		    8, "%s.slot[%u].payload", name, i);
	if (g.schema_len)
		add(d, name, e->off + g.schema_off, g.schema_len, "%s.schema",
		    name);
	if (g.lane_len)
		add_records(d, name, &g, e->off);
}

void
damage_list(struct damage *d)
{
	const struct wi_shm_header *h = head_of(d);
	const struct wi_shm_entry *e =
	    (const void *)(d->image + h->channels_off);
	char name[64];

	add_struct(d, NULL, "header", "wi_shm_header", 0);
	add_struct(d, NULL, "control", "wi_shm_control", h->control_off);
	add_table(d, NULL, "participant", "wi_shm_participant",
		  h->participants_off, sizeof(struct wi_shm_participant),
		  h->participant_cnt);
	for (uint32_t i = 0; i < h->participant_cnt * h->hold_cnt; i++)
		add(d, NULL, h->holds_off + i * 8u, 8, "holds[%u]", i);
	for (uint32_t i = 0; i < h->channel_cnt; i++) {
		snprintf(name, sizeof(name), "entry[%u]", i);
		add_struct(d, channel_of(&e[i]), name, "wi_shm_entry",
			   h->channels_off + i * sizeof(*e));
	}
	for (uint32_t i = 0; i < h->channel_cnt; i++)
		if (wi_word_state(e[i].tag.word) == WI_LIVE ||
		    wi_word_state(e[i].tag.word) == WI_DYING)
			add_channel(d, &e[i]);
}
