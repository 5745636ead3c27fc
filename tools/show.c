/* SPDX-License-Identifier: BSD-2-Clause */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "row.h"

const char *
show_life(uint32_t life)
{
	return life == WEIR_ALIVE  ? "alive"
	       : life == WEIR_GONE ? "gone"
				   : "unknown";
}

const char *
show_choice(const char *words, uint32_t n)
{
	static char word[32];

	while (n > 1 && *words) {
		words += strcspn(words, "|");
		words += *words == '|';
		n--;
	}
	if (n != 1 || !*words)
		return "unknown";
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(words, "|"), words);
	return word;
}

void
show_config(const weir_channel_info *ch)
{
	row_word("overflow", show_choice(WORDS_OVERFLOW, ch->overflow));
	row_word("producers", show_choice(WORDS_PRODUCERS, ch->producers));
	row_u64("capacity", ch->capacity);
	row_u64("lane_bytes", ch->lane_bytes);
	row_u64("max_record", ch->max_record);
	row_u64("max_producers", ch->max_producers);
	row_u64("max_consumers", ch->max_consumers);
	row_u64("inline_bytes", ch->inline_bytes);
	row_word("stamps", show_choice(WORDS_SWITCH, ch->stamps));
	row_word("orphans", show_choice(WORDS_ORPHANS, ch->orphans));
	row_word("formats", show_choice(WORDS_SWITCH, ch->formats));
}

void
show_figures(const weir_channel_info *ch)
{
	row_u64("channel_id", ch->id);
	row_time("created", ch->created_ns);
	row_u64("bytes", ch->bytes);
	row_u64("newest_seq", ch->newest_seq);
	row_u64("oldest_seq", ch->oldest_seq);
	row_u64("orphans_kept", ch->orphan_cnt);
}

void
show_producer(const weir_producer_info *p)
{
	row_u64("lane", p->idx);
	row_str("id", p->id);
	row_word("life", show_life(p->life));
	row_u64("pid", p->pid);
	row_bool("has_value", p->has_value);
	row_u64("records", p->records);
	row_u64("bytes", p->bytes);
	row_u64("refused", p->refused);
	row_u64("last_seq", p->last_seq);
}

void
show_consumer(const weir_consumer_info *c)
{
	row_u64("place", c->idx);
	row_str("id", c->id);
	row_word("life", show_life(c->life));
	row_u64("pid", c->pid);
	row_bool("gating", c->gating);
	row_bool("asleep", c->asleep);
	row_u64("cursor", c->cursor);
	row_u64("lag", c->lag);
	row_u64("delivered", c->delivered);
	row_u64("lost", c->lost);
	row_u64("invalid", c->invalid);
}

void
show_envelope(const weir_record *rec)
{
	row_u64("seq", rec->seq);
	row_time("time", rec->time_ns);
	row_str("producer", rec->producer ? rec->producer : "");
	row_word("kind", rec->kind == WEIR_CLEAR ? "clear" : "data");
	if (row_json || rec->lost)
		row_u64("lost", rec->lost);
	row_bool("current", (rec->flags & WEIR_CURRENT) != 0);
	if (rec->origin_seq) {
		row_u64("origin_channel", rec->origin_channel);
		row_u64("origin_seq", rec->origin_seq);
	}
}

int
show_record(const weir_record *rec)
{
	show_envelope(rec);
	if (rec->kind == WEIR_CLEAR) {
		row_u64("current_seq", rec->current_seq);
		return 0;
	}
	return row_msgpack("value", rec->data, rec->len);
}
