/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_channel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "out.h"
#include "pretty.h"
#include "show.h"
#include "text.h"
#include "top_columns.h"
#include "units.h"

#define JSON_MAX     (1 << 16) /* of a record; nobody scrolls through more */
#define ID_COLS_MIN  12
#define ID_COLS_MAX  60
#define FIGURES_COLS 50 /* of a line but the id */
#define BAR_COLS     7

/* ---- its newest record ---- */

void
opened_open(struct opened *o, const char *name)
{
	opened_close(o);
	snprintf(o->name, sizeof(o->name), "%s", name);
}

void
opened_close(struct opened *o)
{
	page_clear(&o->page);
	free(o->json);
	*o = (struct opened){.rc = 0};
}

static int
keep_json(struct opened *o, const weir_record *rec)
{
	char *text = malloc(JSON_MAX);
	int64_t n = text ? weir_record_json(rec, text, JSON_MAX) : -1;

	if (n >= 0) {
		o->is_cut = n >= JSON_MAX;
		o->json = pretty_json(text, strlen(text));
	}
	free(text);
	return n < 0 ? (int)n : 1;
}

static int
keep(struct opened *o, const weir_record *rec)
{
	o->seq = rec->seq;
	o->time_ns = rec->time_ns;
	o->kind = rec->kind;
	o->len = rec->len;
	snprintf(o->producer, sizeof(o->producer), "%s",
		 rec->producer ? rec->producer : "");
	return rec->kind == WEIR_CLEAR ? 1 : keep_json(o, rec);
}

void
opened_read(struct opened *o, weir_store *store)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_consumer *reader = NULL;
	weir_channel *ch = NULL;
	weir_record rec;

	free(o->json);
	o->json = NULL;
	o->rc = weir_channel_open(store, o->name, NULL, &ch, NULL);
	if (o->rc == 0)
		o->rc = weir_channel_stat(ch, &info);
	if (o->rc == 0 && info.newest_seq)
		o->rc = facts_record(ch, info.newest_seq, &reader, &rec);
	if (o->rc == 1)
		o->rc = keep(o, &rec);
	weir_consumer_close(reader);
	weir_channel_close(ch);
}

/* ---- the page ---- */

/* An id, as wide as there is room for it. */
static const char *
id_cell(const char *id)
{
	static char cell[4 * ID_COLS_MAX + 8];
	int cols = screen_cols() - FIGURES_COLS;

	if (cols < ID_COLS_MIN)
		cols = ID_COLS_MIN;
	if (cols > ID_COLS_MAX)
		cols = ID_COLS_MAX;
	text_fit(cell, sizeof(cell), id, (size_t)cols);
	return cell;
}

static void
add_figures(struct page *p, const struct top_figures *f,
	    const struct top_channel *c)
{
	const weir_channel_info *i = &c->now->info;
	char text[UNITS_MAX], more[UNITS_MAX], bar[SCREEN_BAR_MAX];

	page_line(p, INK_PLAIN,
		  "%s, %s producers, %" PRIu32 " records of at most %s",
		  show_choice(WORDS_OVERFLOW, i->overflow),
		  i->producers == WEIR_SHARED ? "shared" : "exclusive",
		  i->capacity, units_bytes(text, i->max_record));
	if (c->before)
		page_line(
		    p, INK_PLAIN, "%s records/s, %s/s, %" PRIu64 " refused",
		    units_count(text, top_rate(f, c->records)),
		    units_bytes(more, top_rate(f, c->bytes)), c->sum.refused);
	else
		page_line(p, INK_PLAIN, "%" PRIu64 " refused", c->sum.refused);
	screen_bar(bar, BAR_COLS, top_fill(c));
	page_line(p, INK_PLAIN,
		  "fill   %s %" PRIu64 " kept, newest seq %" PRIu64
		  ", oldest %" PRIu64,
		  bar, c->kept, i->newest_seq, i->oldest_seq);
	screen_bar(bar, BAR_COLS, top_share(c, c->sum.lag));
	page_line(p, screen_alarm(top_share(c, c->sum.lag)),
		  "behind %s %" PRIu64 " by the slowest consumer, %" PRIu64
		  " lost",
		  bar, c->sum.lag, c->sum.lost);
}

static void
add_producers(struct page *p, const struct top_figures *f,
	      const struct top_channel *c)
{
	page_line(p, INK_BOLD, "%s %7s %7s %9s %6s %7s %7s",
		  id_cell("PRODUCER"), "LIFE", "PID", "RECORDS", "REC/S",
		  "BYTES/S", "REFUSED");
	for (size_t k = 0; k < c->now->producer_cnt; k++) {
		const weir_producer_info *i = &c->now->producers[k];
		weir_producer_info was = top_producer_before(c, i);
		char rate[UNITS_MAX] = "-", bytes[UNITS_MAX] = "-";
		char count[UNITS_MAX], refused[UNITS_MAX];

		if (c->before) {
			units_count(rate,
				    top_rate(f, i->records - was.records));
			units_bytes(bytes, top_rate(f, i->bytes - was.bytes));
		}
		page_line(p, i->killed ? INK_BAD : INK_PLAIN,
			  "%s %7s %7" PRIu32 " %9s %6s %7s %7s", id_cell(i->id),
			  i->killed ? "killed" : show_life(i->life), i->pid,
			  top_count(count, i->records), rate, bytes,
			  top_count(refused, i->refused));
	}
}

static void
add_consumers(struct page *p, const struct top_channel *c)
{
	page_line(p, INK_BOLD, "%s %7s %7s %9s %6s %-7s %7s",
		  id_cell("CONSUMER"), "LIFE", "PID", "CURSOR", "LAG", "BEHIND",
		  "LOST");
	for (size_t k = 0; k < c->now->consumer_cnt; k++) {
		const weir_consumer_info *i = &c->now->consumers[k];
		int is_gone = i->life == WEIR_GONE;
		double share = is_gone ? 0 : top_share(c, i->lag);
		char cursor[UNITS_MAX], lag[UNITS_MAX], lost[UNITS_MAX];
		char bar[SCREEN_BAR_MAX];

		screen_bar(bar, BAR_COLS, share);
		page_line(p,
			  is_gone	 ? INK_BAD
			  : share >= 0.5 ? screen_alarm(share)
					 : INK_PLAIN,
			  "%s %7s %7" PRIu32 " %9s %6s %s %7s", id_cell(i->id),
			  /* who closes gives the place back */
			  is_gone ? "killed" : show_life(i->life), i->pid,
			  top_count(cursor, i->cursor), top_count(lag, i->lag),
			  bar, top_count(lost, i->lost));
	}
}

static void
add_json(struct page *p, const char *json)
{
	size_t n;

	for (; json; json = json[n] ? json + n + 1 : NULL) {
		n = strcspn(json, "\n");
		page_line(p, INK_PLAIN, "%.*s", (int)n, json);
	}
}

static void
add_record(struct page *p, const struct opened *o)
{
	char age[UNITS_MAX];

	if (o->rc < 0) {
		page_line(p, INK_BAD, "LAST RECORD: %s", reason(o->rc, NULL));
		return;
	}
	if (o->rc == 0) {
		page_line(p, INK_BOLD, "LAST RECORD: none");
		return;
	}
	page_line(p, INK_BOLD,
		  "LAST RECORD: seq %" PRIu64 "%s%s, by %s, %zu %s", o->seq,
		  o->time_ns ? ", age " : "",
		  o->time_ns ? units_time(age, facts_age(o->time_ns)) : "",
		  o->producer, o->len, o->len == 1 ? "byte" : "bytes");
	if (o->kind == WEIR_CLEAR)
		page_line(p, INK_PLAIN, "its value is withdrawn");
	else if (o->json)
		add_json(p, o->json);
	if (o->is_cut)
		page_line(p, INK_DIM, "(and so on)");
}

void
opened_draw(struct opened *o, const struct top_figures *f, int y, int end)
{
	const struct top_channel *c = top_find(f, o->name);

	page_clear(&o->page);
	if (!c) {
		page_line(&o->page, INK_BAD,
			  "There is no such channel any more.");
	} else if (c->now->info.damaged) {
		page_line(&o->page, INK_BAD,
			  "It is damaged; weir doctor and "
			  "weir dump say where.");
	} else {
		add_figures(&o->page, f, c);
		add_producers(&o->page, f, c);
		add_consumers(&o->page, c);
		add_record(&o->page, o);
	}
	page_draw(&o->page, y, end);
}
