/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_watch.c - the values of channels as widgets, on a full screen as they
 * come, or once in lines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "follow.h"
#include "glob.h"
#include "out.h"
#include "reach.h"
#include "screen.h"
#include "stop.h"
#include "term.h"
#include "widget.h"

#define COLS_PLAIN 80
#define FRAME_NS   50000000 /* people see no more of them */
#define VALUES_MAX 32	    /* of a channel: of its producers, or figures */

static const char *id;
static int is_once;

static const struct opt opts[] = {
    {'1', "once", NULL, "what is there now, plain, and no full screen",
     OPT_FLAG, &is_once},
    {'i', "id", "ID", "take a place as consumer, under this id", OPT_STR, &id},
    OPT_END,
};

/* A record of its own. */
struct value {
	weir_record rec; /* .data and .producer are in here: */
	unsigned char *data;
	char producer[WEIR_ID_MAX + 1];
};

/* A channel, and what is shown of it. */
struct view {
	enum widget_kind kind;
	uint32_t life; /* of the followed one */
	struct value values[VALUES_MAX];
	size_t cnt;
	uint64_t lost;
	int must_renew; /* a clear may have been among what was lost */
	size_t
	    pattern; /* the first that it is like: they stand in that order */
};

static struct follow f;
static struct view **views; /* as f.all */
static size_t *order;	    /* which of them is shown first, second, ... */
static size_t view_cnt;
static int is_stale; /* what is on the screen has gone, or is to come */

/* ---- what has come ---- */

static void
forget(struct view *v, size_t i)
{
	free(v->values[i].data);
	v->cnt--;
	memmove(&v->values[i], &v->values[i + 1],
		(v->cnt - i) * sizeof(v->values[0]));
	for (; i < v->cnt; i++)
		v->values[i].rec.producer = v->values[i].producer;
}

static void
forget_all(struct view *v)
{
	while (v->cnt)
		forget(v, v->cnt - 1);
}

static int
keep(struct value *to, const weir_record *rec)
{
	unsigned char *data = malloc(rec->len ? rec->len : 1);

	if (!data)
		return -ENOMEM;
	memcpy(data, rec->data, rec->len);
	free(to->data);
	to->data = data;
	to->rec = *rec;
	to->rec.data = data;
	snprintf(to->producer, sizeof(to->producer), "%s",
		 rec->producer ? rec->producer : "");
	to->rec.producer = to->producer;
	return 0;
}

static int
same_label(const weir_record *a, const weir_record *b)
{
	const char *x = "", *y = "";
	size_t n = 0, m = 0;

	widget_text(a, "/label", &x, &n);
	widget_text(b, "/label", &y, &m);
	return n == m && memcmp(x, y, n) == 0;
}

static int
same_producer(const struct value *a, const weir_record *rec)
{
	return rec->producer && strcmp(a->producer, rec->producer) == 0;
}

/* The oldest, which is given up first. */
static size_t
oldest(const struct view *v)
{
	size_t at = 0;

	for (size_t i = 1; i < v->cnt; i++)
		if (v->values[i].rec.seq < v->values[at].rec.seq)
			at = i;
	return at;
}

/* Of each producer one is kept, of figures one for each label: when the newest
 * is withdrawn, the one before it is there. */
static int
take_data(struct view *v, const weir_record *rec)
{
	size_t i = 0;

	while (i < v->cnt && !(same_producer(&v->values[i], rec) &&
			       (v->kind != WIDGET_METRIC ||
				same_label(&v->values[i].rec, rec))))
		i++;
	if (i == VALUES_MAX) {
		forget(v, oldest(v));
		i = v->cnt;
	}
	if (i == v->cnt) {
		memset(&v->values[i], 0, sizeof(v->values[i]));
		v->cnt++;
	}
	if (keep(&v->values[i], rec) < 0) {
		forget(v, i);
		return -ENOMEM;
	}
	return 0;
}

static void
take_clear(struct view *v, const weir_record *rec)
{
	for (size_t i = v->cnt; i-- > 0;)
		if (same_producer(&v->values[i], rec))
			forget(v, i);
	if (!rec->current_seq)
		forget_all(v);
}

/* Behind those of its pattern that are there already. */
static void
put_in_order(size_t i)
{
	size_t at = i;

	for (size_t k = f.pattern_cnt; k-- > 0;)
		if (glob_any(&f.patterns[k], 1, f.all[i]->name))
			views[i]->pattern = k;
	for (; at && views[order[at - 1]]->pattern > views[i]->pattern; at--)
		order[at] = order[at - 1];
	order[at] = i;
}

/* Views of channels that have been found, or made anew, meanwhile. */
static int
keep_up(void)
{
	struct view **grown;
	size_t *longer;
	const char *schema;
	size_t len;

	if (f.cnt > view_cnt) {
		grown = realloc(views, f.cnt * sizeof(*views));
		if (!grown)
			return -ENOMEM;
		views = grown;
		longer = realloc(order, f.cnt * sizeof(*order));
		if (!longer)
			return -ENOMEM;
		order = longer;
	}
	for (; view_cnt < f.cnt; view_cnt++) {
		views[view_cnt] = calloc(1, sizeof(**views));
		if (!views[view_cnt])
			return -ENOMEM;
		put_in_order(view_cnt);
	}
	for (size_t i = 0; i < f.cnt; i++) {
		if (views[i]->life == f.all[i]->life &&
		    (f.all[i]->ch || !views[i]->cnt))
			continue;
		is_stale = 1;
		forget_all(views[i]);
		views[i]->life = f.all[i]->life;
		len = 0;
		schema = f.all[i]->ch ? weir_channel_schema(f.all[i]->ch, &len)
				      : NULL;
		views[i]->kind =
		    widget_kind_of(f.all[i]->name, schema ? schema : "", len);
	}
	return 0;
}

/* Begin anew where something was lost, once all is read. */
static int
renew(void)
{
	int rc = 0;

	for (size_t i = 0; i < f.cnt && rc == 0; i++) {
		if (!views[i]->must_renew || !f.all[i]->c)
			continue;
		views[i]->must_renew = 0;
		forget_all(views[i]);
		rc = weir_seek(f.all[i]->c, WEIR_FROM_EACH, 0);
		if (rc == WEIR_EREMOVED) /* follow_next() says so, too */
			rc = 0;
	}
	return rc;
}

/* All that has come.  Return: how much, or a negative error. */
static int
take_all(void)
{
	struct followed *of;
	weir_record rec;
	int rc, cnt = 0;

	while ((rc = follow_next(&f, &of, &rec)) == 1 && cnt++ < 10000) {
		rc = keep_up();
		if (rc == 0 && rec.kind == WEIR_DATA)
			rc = take_data(views[of->idx], &rec);
		else if (rc == 0)
			take_clear(views[of->idx], &rec);
		if (rc < 0)
			return rc;
		views[of->idx]->must_renew |= rec.lost != 0;
		views[of->idx]->lost = of->lost;
	}
	if (rc >= 0)
		rc = keep_up();
	if (rc == 0)
		rc = renew();
	return rc < 0 ? rc : cnt;
}

/* ---- what is shown ---- */

static const weir_record *
newest(const struct view *v)
{
	const weir_record *rec = &v->values[0].rec;

	for (size_t i = 1; i < v->cnt; i++)
		if (v->values[i].rec.seq > rec->seq)
			rec = &v->values[i].rec;
	return rec;
}

static const char *
draw_value(struct canvas *c, const struct view *v, int rows)
{
	const weir_record *recs[VALUES_MAX], *rec = newest(v);

	switch (v->kind) {
	case WIDGET_PARAGRAPH:
		return widget_paragraph(c, rec, rows);
	case WIDGET_TABLE:
		return widget_table(c, rec, rows);
	case WIDGET_CHART:
		return widget_chart(c, rec, rows);
	case WIDGET_METRIC:
		for (size_t i = 0; i < v->cnt; i++)
			recs[i] = &v->values[i].rec;
		return widget_metrics(c, recs, v->cnt, rows);
	default:
		return widget_json(c, rec, rows);
	}
}

static void
draw_view(struct canvas *c, const struct view *v, int rows)
{
	const char *bad;

	if (!v->cnt) {
		canvas_row(c);
		canvas_puts(c, INK_DIM, "waiting...");
		return;
	}
	bad = draw_value(c, v, rows);
	if (!bad)
		return;
	canvas_row(c);
	canvas_fmt(c, INK_BAD, "this record does not fit: %s", bad);
}

/* Without what is only space at the end. */
static void
put_plain(const struct canvas *c)
{
	for (size_t i = 0; i < c->cnt; i++) {
		const struct canvas_row *row = &c->rows[i];
		size_t cnt = row->cnt, len = 0;

		while (cnt && !len) {
			const char *text = row->runs[cnt - 1].text;

			for (len = strlen(text); len && text[len - 1] == ' ';)
				len--;
			cnt -= !len;
		}
		for (size_t k = 0; k < cnt; k++)
			out_raw(row->runs[k].text,
				k == cnt - 1 ? len : strlen(row->runs[k].text));
		out_raw("\n", 1);
	}
}

static int
show_once(void)
{
	struct canvas c = {0};
	int rc;

	follow_finish(&f);
	do
		rc = take_all();
	while (rc > 0);
	for (size_t i = 0; i < f.cnt && rc >= 0; i++) {
		canvas_begin(&c, COLS_PLAIN, 0);
		if (i)
			canvas_row(&c);
		canvas_row(&c);
		canvas_fmt(&c, INK_BOLD, "== %s", f.all[order[i]]->name);
		put_plain(&c);
		canvas_begin(&c, COLS_PLAIN, 0);
		draw_view(&c, views[order[i]], 1000);
		put_plain(&c);
		if (c.broken)
			rc = -ENOMEM;
	}
	canvas_free(&c);
	return rc < 0 && rc != WEIR_ERETIRED ? fail(store_name, rc, NULL) : 0;
}

/* ---- the screen ---- */

static void
put_rows(const struct canvas *c, int y, int end, int x, int cols)
{
	for (size_t i = 0; i < c->cnt && y < end; i++, y++) {
		int at = x;

		for (size_t k = 0; k < c->rows[i].cnt; k++) {
			const struct canvas_run *run = &c->rows[i].runs[k];

			if (at + run->width > x + cols)
				break;
			screen_text(y, at, run->width, run->ink, run->text);
			at += run->width;
		}
	}
}

static void
put_head(const struct view *v, const char *name, int y, int x, int cols)
{
	char text[512];

	if (v->lost)
		snprintf(text, sizeof(text), "─ %s ─ %llu lost ", name,
			 (unsigned long long)v->lost);
	else
		snprintf(text, sizeof(text), "─ %s ", name);
	for (int i = x; i < x + cols; i++)
		screen_text(y, i, 1, INK_DIM, "─");
	screen_text(y, x,
		    canvas_width(text, strlen(text)) < cols
			? canvas_width(text, strlen(text))
			: cols,
		    INK_DIM, text);
}

/* Beside each other where there is room for that. */
static void
draw(void)
{
	int cnt = (int)f.cnt, rows = screen_rows(), cols = screen_cols();
	int across = cnt > 1 && cols >= 76 ? 2 : 1;
	int down = cnt ? (cnt + across - 1) / across : 1;
	struct canvas c = {0};

	screen_begin();
	for (int i = 0; i < cnt; i++) {
		/* the last one alone in its row has all of it */
		int wide = i == cnt - 1 && cnt % across ? 1 : across;
		int x = wide == 1 ? 0 : i % across * (cols + 1) / across;
		int width = wide == 1 ? cols : (cols - across + 1) / across;
		int y = i / across * rows / down;
		int end = (i / across + 1) * rows / down;

		if (y >= end)
			continue;
		put_head(views[order[i]], f.all[order[i]]->name, y, x, width);
		canvas_begin(&c, width, term_has_colours());
		draw_view(&c, views[order[i]], end - y - 1);
		put_rows(&c, y + 1, end, x, width);
	}
	if (!cnt)
		screen_text(0, 0, cols, INK_DIM, "waiting for channels...");
	screen_end();
	canvas_free(&c);
}

/* Return: 0, or what ended it. */
static int
live(void)
{
	struct term_key key;
	int rc = take_all(), is_over = 0;

	is_stale = 1;
	while (rc >= 0 && !is_over && !f.is_over) {
		if (is_stale)
			draw();
		is_stale = 0;
		switch (term_wait(clock_mono() + FRAME_NS, &key)) {
		case TERM_KEY:
			is_over = !key.code && (key.c == 'q' || key.c == 27);
			break;
		case TERM_SIZE:
			is_stale = 1;
			break;
		case TERM_END:
			is_over = 1;
			break;
		case TERM_GONE:
			return -EIO;
		default:
			break;
		}
		if (!is_over)
			rc = take_all();
		is_stale |= rc > 0;
	}
	return rc < 0 ? rc : 0;
}

static int
show_live(void)
{
	int code = term_begin(), rc;

	if (code)
		return code;
	rc = live();
	term_end();
	return rc < 0 ? fail(store_name, rc, NULL) : 0;
}

static int
run(int argc, char **argv)
{
	struct follow_how how = {.from = WEIR_FROM_EACH,
				 .id = id,
				 .needs_names = 1,
				 .spin_ns = WEIR_SPIN_SLEEPY};
	weir_store *store = NULL;
	int code;

	code = reach_store(id ? 0 : WEIR_READ_ONLY, &store);
	if (code)
		return code;
	code = follow_begin(&f, store, (const char *const *)argv, (size_t)argc,
			    &how);
	if (!code)
		code = is_once || !term_is_there() ? show_once() : show_live();
	if (!code)
		code = f.code;
	follow_end(&f);
	for (size_t i = 0; i < view_cnt; i++) {
		forget_all(views[i]);
		free(views[i]);
	}
	free(views);
	free(order);
	weir_store_close(store);
	code = out_end(code);
	stop_raise();
	return code;
}

const struct cmd cmd_watch = {
    .name = "watch",
    .args = "CHANNEL...",
    .what = "show values as they come: text, tables, figures, charts",
    .more = "CHANNEL is a name, or a pattern as of a shell.  How a channel is "
	    "shown\n"
	    "is \"x-weir-widget\" of its schema (paragraph, table, metric, "
	    "chart or\n"
	    "json), or what its name begins with, or json.  q ends it.  Where "
	    "there\n"
	    "is no terminal: once, plain.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = -1,
    .has_store = 1,
    .run = run,
};
