/* SPDX-License-Identifier: BSD-2-Clause
 *
 * trace_put.c - how the events of `weir trace` are printed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "out.h"
#include "row.h"
#include "show.h"
#include "text.h"
#include "trace.h"
#include "units.h"

#define NAME_MOST 32 /* columns; longer names are not cut */

weir_store *trace_store;
int trace_values;
uint64_t trace_wanted;
uint64_t trace_bad;

static uint64_t lines;
static size_t name_cols;

static const char *const names[] = {
    [TRACE_PUBLISHED] = "published", [TRACE_CLEARED] = "cleared",
    [TRACE_READ] = "read",	     [TRACE_LOST] = "lost",
    [TRACE_BEHIND] = "behind",	     [TRACE_INVALID] = "invalid",
    [TRACE_REFUSED] = "refused",     [TRACE_MISSED] = "missed",
    [TRACE_STANDING] = "standing",   [TRACE_JOINED] = "joined",
    [TRACE_LEFT] = "left",	     [TRACE_KILLED] = "killed",
    [TRACE_MADE] = "made",	     [TRACE_REMOVED] = "removed",
};

void
trace_channel(const char *name)
{
	size_t cols = text_width(name, strlen(name));

	if (cols > name_cols)
		name_cols = cols < NAME_MOST ? cols : NAME_MOST;
}

int
trace_is_over(void)
{
	return trace_wanted && lines >= trace_wanted;
}

static void
put_value_is_bad(const struct trace_event *e, int bad)
{
	if (!bad)
		return;
	trace_bad++;
	talk("%s: record %" PRIu64 " cannot be read: %s", e->channel, e->seq,
	     reason(bad, NULL));
}

/* ---- a line for people ---- */

/* The day on a line of its own when it changes; the time of day. */
static void
put_time(uint64_t ns)
{
	static char day[16];
	time_t s = (time_t)(ns / 1000000000u);
	char text[16];
	struct tm tm;

	if (!ns || !gmtime_r(&s, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d", &tm)) {
		out_fmt("%-15s  ", "-");
		return;
	}
	if (strcmp(day, text) != 0) {
		strcpy(day, text);
		out_fmt("-- %s UTC\n", day);
	}
	out_fmt("%02d:%02d:%02d.%06" PRIu64 "  ", tm.tm_hour, tm.tm_min,
		tm.tm_sec, ns % 1000000000u / 1000);
}

static void
put_seq(uint64_t seq)
{
	char text[24] = "";

	if (seq)
		snprintf(text, sizeof(text), "#%" PRIu64, seq);
	out_fmt("%8s  ", text);
}

static void
put_text(const char *s)
{
	out_text(s, strlen(s));
}

/* "display (pid 4711)" */
static void
put_who(const struct trace_event *e)
{
	uint32_t pid = e->producer ? e->producer->pid : e->consumer->pid;

	put_text(e->producer ? e->producer->id : e->consumer->id);
	if (pid)
		out_fmt(" (pid %" PRIu32 ")", pid);
}

static void
put_count(uint64_t n, const char *what)
{
	out_fmt("%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void
put_lag(const struct trace_event *e)
{
	char text[UNITS_MAX];

	out_fmt(", lag %" PRIu64, e->consumer->lag);
	if (e->lag_ns != TRACE_NONE)
		out_fmt(" (%s)", units_time(text, e->lag_ns));
}

/* The channel that has this id, or NULL: it was removed, or is in another
 * store. */
static const char *
channel_of(uint64_t id)
{
	static weir_channel_info found;
	weir_channel_info it = {.size = sizeof(it)};

	if (found.id == id && id)
		return found.name;
	while (weir_channel_next(trace_store, &it) > 0)
		if (it.id == id && !it.damaged) {
			found = it;
			return found.name;
		}
	return NULL;
}

static void
put_origin(const weir_record *rec)
{
	const char *name = channel_of(rec->origin_channel);

	if (name) {
		out_fmt(", from ");
		put_text(name);
	} else {
		out_fmt(", from a channel that is gone (%" PRIu64 ")",
			rec->origin_channel);
	}
	out_fmt(" #%" PRIu64, rec->origin_seq);
}

static void
put_record(const struct trace_event *e)
{
	const weir_record *rec = e->rec;
	int bad = 0;

	out_fmt(e->what == TRACE_CLEARED ? "cleared by " : "published by ");
	put_text(rec->producer);
	if (e->what == TRACE_PUBLISHED) {
		out_fmt(", ");
		put_count(rec->len, "byte");
	} else if (rec->current_seq) {
		out_fmt(", #%" PRIu64 " is current", rec->current_seq);
	}
	if (rec->origin_seq)
		put_origin(rec);
	if (e->what == TRACE_PUBLISHED && trace_values) {
		out_fmt(": ");
		out_msgpack(rec->data, rec->len, &bad);
	}
	put_value_is_bad(e, bad);
}

static void
put_read(const struct trace_event *e)
{
	char text[UNITS_MAX];

	out_fmt("read by ");
	put_who(e);
	if (e->records > 1)
		out_fmt(", %" PRIu64 " records", e->records);
	put_lag(e);
	if (e->within_ns != TRACE_NONE)
		out_fmt(", within %s", units_time(text, e->within_ns));
}

static void
put_standing(const struct trace_event *e)
{
	const weir_producer_info *p = e->producer;
	const weir_consumer_info *c = e->consumer;

	out_fmt(p ? "producer " : "consumer ");
	put_who(e);
	out_fmt(", %s, ", show_life(p ? p->life : c->life));
	if (p) {
		put_count(p->records, "record");
		out_fmt(", %" PRIu64 " refused", p->refused);
		return;
	}
	out_fmt("%s%s", c->gating ? "gating, " : "",
		c->asleep ? "asleep, " : "");
	out_fmt(e->seq ? "has read up to here" : "has read nothing");
	put_lag(e);
	out_fmt(", %" PRIu64 " lost", c->lost);
	if (c->invalid)
		out_fmt(", %" PRIu64 " invalid", c->invalid);
}

static void
put_other(const struct trace_event *e)
{
	switch (e->what) {
	case TRACE_BEHIND:
		put_who(e);
		out_fmt(" does not read on");
		put_lag(e);
		break;
	case TRACE_LOST:
	case TRACE_INVALID:
		put_count(e->records, "record");
		out_fmt(e->what == TRACE_LOST ? " lost by "
					      : " found invalid by ");
		put_who(e);
		break;
	case TRACE_REFUSED:
		put_count(e->records, "record");
		out_fmt(" of ");
		put_who(e);
		out_fmt(" refused");
		break;
	case TRACE_MISSED:
		put_count(e->records, "record");
		out_fmt(" from here on overwritten before it was shown");
		break;
	case TRACE_MADE:
	case TRACE_REMOVED:
		out_fmt("channel %s", names[e->what]);
		break;
	default:
		out_fmt(e->producer ? "producer " : "consumer ");
		put_who(e);
		out_fmt(e->what == TRACE_KILLED ? " was %s" : " %s",
			names[e->what]);
		if (e->what == TRACE_JOINED && e->consumer)
			out_fmt(", reads #%" PRIu64 " next",
				e->consumer->cursor);
	}
}

static void
put_line(const struct trace_event *e)
{
	size_t cols = text_width(e->channel, strlen(e->channel));

	put_time(e->time_ns);
	put_text(e->channel);
	for (; cols < name_cols; cols++)
		out_raw(" ", 1);
	put_seq(e->seq);
	if (e->rec)
		put_record(e);
	else if (e->what == TRACE_READ)
		put_read(e);
	else if (e->what == TRACE_STANDING)
		put_standing(e);
	else
		put_other(e);
	out_fmt("\n");
}

/* ---- an object ---- */

static void
row_ns(const char *key, int64_t ns)
{
	if (ns == TRACE_NONE)
		row_null(key);
	else
		row_i64(key, ns);
}

static void
put_record_members(const struct trace_event *e)
{
	const weir_record *rec = e->rec;

	row_str("producer", rec->producer);
	row_u64("bytes", rec->len);
	if (rec->origin_seq) {
		const char *name = channel_of(rec->origin_channel);

		row_u64("origin_channel", rec->origin_channel);
		row_u64("origin_seq", rec->origin_seq);
		if (name)
			row_str("origin", name);
		else
			row_null("origin");
	}
	if (e->what == TRACE_CLEARED)
		row_u64("current_seq", rec->current_seq);
	else if (trace_values)
		put_value_is_bad(e, row_msgpack("value", rec->data, rec->len));
}

static void
put_consumer_members(const struct trace_event *e)
{
	const weir_consumer_info *c = e->consumer;

	if (e->what == TRACE_JOINED || e->what == TRACE_STANDING)
		row_u64("cursor", c->cursor);
	if (e->what != TRACE_READ && e->what != TRACE_BEHIND &&
	    e->what != TRACE_STANDING)
		return;
	row_u64("lag", c->lag);
	row_ns("lag_ns", e->lag_ns);
	if (e->what == TRACE_READ)
		row_ns("within_ns", e->within_ns);
	if (e->what != TRACE_STANDING)
		return;
	row_word("life", show_life(c->life));
	row_bool("gating", c->gating);
	row_bool("asleep", c->asleep);
	row_u64("lost", c->lost);
	row_u64("invalid", c->invalid);
}

static void
put_object(const struct trace_event *e)
{
	const weir_producer_info *p = e->producer;

	row_begin(NULL);
	row_time("time", e->time_ns);
	row_str("channel", e->channel);
	row_word("event", names[e->what]);
	if (e->seq)
		row_u64("seq", e->seq);
	if (e->records)
		row_u64("records", e->records);
	if (e->rec)
		put_record_members(e);
	if (p || e->consumer) {
		row_str(p ? "producer" : "consumer",
			p ? p->id : e->consumer->id);
		row_u64("pid", p ? p->pid : e->consumer->pid);
	}
	if (p && e->what == TRACE_STANDING) {
		row_word("life", show_life(p->life));
		row_u64("published", p->records);
		row_u64("refused", p->refused);
	}
	if (e->consumer)
		put_consumer_members(e);
	row_end();
}

void
trace_put(const struct trace_event *e)
{
	if (trace_is_over())
		return;
	lines++;
	if (row_json)
		put_object(e);
	else
		put_line(e);
}
