/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_live.h"

#include <curses.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "stop.h"
#include "top_channel.h"
#include "top_overview.h"
#include "screen.h"
#include "term.h"

#define ESC	    27
#define CTRL_L	    12
#define FIRST_NS    250000000 /* the first rates should not be waited for */
#define ROWS_TITLE  6	      /* a screen with fewer lines has no title, */
#define ROWS_BOTTOM 3	      /* no line of keys */

static struct {
	weir_store *store;
	int64_t interval_ns, next_ns; /* the next look */
	struct top_figures figures;
	struct overview overview;
	struct opened opened;
	int is_paused, has_help;
	int is_filtering; /* keys go into the filter */
	char message[160];
	int is_over;
	int code; /* if so */
	int rc;	  /* what to say of the store at the end */
} top;

/* ---- what is shown ---- */

static const char bottom_overview[] =
    "q quit  Enter open  / filter  p pause  ? all keys";
static const char bottom_channel[] = "q back  p pause  ? all keys";
static const char *const keys_all[] = {"sort:",
				       "r rate",
				       "b bytes",
				       "f fill",
				       "l lag",
				       "x lost",
				       "a age",
				       "n name",
				       "(again: reversed)",
				       "arrows PgUp PgDn g G: select",
				       "Enter: open",
				       "/ filter",
				       "Esc: all channels",
				       "p or space: pause",
				       "^L: draw anew",
				       "q: quit",
				       NULL};
static const char *const keys_channel[] = {"arrows PgUp PgDn g G: scroll",
					   "p or space: pause",
					   "^L: draw anew",
					   "q or Esc: back",
					   "^C: quit",
					   NULL};

static void
draw_title(void)
{
	const weir_store_info *s = &top.figures.now.store;
	char text[512], used[UNITS_MAX], of[UNITS_MAX];
	double records = 0, bytes = 0;
	int cols = screen_cols(), n, w;

	for (size_t i = 0; i < top.figures.cnt; i++) {
		records +=
		    top_rate(&top.figures, top.figures.channels[i].records);
		bytes += top_rate(&top.figures, top.figures.channels[i].bytes);
	}
	n = snprintf(text, sizeof(text), "weir top: %s%s", s->name,
		     *top.opened.name ? " / " : "");
	snprintf(text + n, sizeof(text) - (size_t)n, "%s", top.opened.name);
	w = top.is_paused ? 7 : 0;
	screen_text(0, 0, cols - w, INK_BOLD, text);
	if (top.is_paused)
		screen_text(0, cols - 6, 6, INK_WARN, "PAUSED");
	n = snprintf(
	    text, sizeof(text), "%" PRIu32 " %s, %s of %s, %s", s->channel_cnt,
	    s->channel_cnt == 1 ? "channel" : "channels",
	    units_bytes(used, (double)s->used_bytes),
	    units_bytes(of, (double)s->max_bytes), s->is_copy ? "a copy" : "");
	if (!s->is_copy)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "%" PRIu32 " %s", s->participant_cnt,
			      s->participant_cnt == 1 ? "participant"
						      : "participants");
	if (top.figures.window_ns)
		snprintf(text + n, sizeof(text) - (size_t)n,
			 "; %s records/s, %s/s", units_count(used, records),
			 units_bytes(of, bytes));
	screen_text(1, 0, cols, INK_PLAIN, text);
}

static void
draw_bottom(int y)
{
	char text[TOP_FILTER_MAX + 64];

	if (top.is_filtering) {
		snprintf(text, sizeof(text), "/%s_", top.overview.filter);
		screen_text(y, 0, screen_cols(), INK_BOLD, text);
	} else if (*top.message) {
		screen_text(y, 0, screen_cols(), INK_WARN, top.message);
	} else if (*top.opened.name) {
		screen_text(y, 0, screen_cols(), INK_DIM, bottom_channel);
	} else if (*top.overview.filter) {
		snprintf(text, sizeof(text), "filter: %s  (Esc: all)",
			 top.overview.filter);
		screen_text(y, 0, screen_cols(), INK_WARN, text);
	} else {
		screen_text(y, 0, screen_cols(), INK_DIM, bottom_overview);
	}
}

/* Where the next word goes, if it is so long. */
static void
place(int cols, int len, int *x, int *y)
{
	if (*x && *x + len > cols) {
		*x = 0;
		++*y;
	}
}

/* What ? shows, in as many lines as it needs, above line @end but not above
 * @top_y.  Return: the line where it begins */
static int
draw_help(int top_y, int end)
{
	const char *const *words = *top.opened.name ? keys_channel : keys_all;
	int cols = screen_cols(), x = 0, y = 0;

	for (int i = 0; words[i]; i++) {
		place(cols, (int)strlen(words[i]), &x, &y);
		x += (int)strlen(words[i]) + 2;
	}
	end -= y + 1;
	if (end < top_y)
		end = top_y;
	x = 0;
	y = end;
	for (int i = 0; words[i]; i++) {
		int len = (int)strlen(words[i]);

		place(cols, len, &x, &y);
		screen_text(y, x, len, INK_PLAIN, words[i]);
		x += len + 2;
	}
	return end;
}

static void
draw(void)
{
	int rows = screen_rows();
	int y = rows >= ROWS_TITLE ? 2 : 0;
	int end = rows >= ROWS_BOTTOM ? rows - 1 : rows;

	screen_begin();
	if (end < rows)
		draw_bottom(end);
	if (y)
		draw_title();
	if (top.has_help)
		end = draw_help(y, end);
	if (*top.opened.name)
		opened_draw(&top.opened, &top.figures, y, end);
	else
		overview_draw(&top.overview, &top.figures, y, end);
	screen_end();
}

/* ---- what happens ---- */

static void
end_with(int code, int rc)
{
	top.is_over = 1;
	top.code = code;
	top.rc = rc;
}

static void
arrange(void)
{
	if (overview_arrange(&top.overview, &top.figures) < 0)
		end_with(X_FAILED, -ENOMEM);
}

static void
look(void)
{
	int is_first = !top.figures.taken_ns;
	int rc = top_take(&top.figures, top.store);
	int64_t wait = top.interval_ns;

	if (rc < 0) {
		end_with(exit_of(rc), rc);
		return;
	}
	if (*top.opened.name)
		opened_read(&top.opened, top.store);
	arrange();
	if (is_first && wait > FIRST_NS)
		wait = FIRST_NS;
	top.next_ns = clock_mono() + wait;
}

static void
open_selected(void)
{
	const struct top_channel *c = overview_selected(&top.overview);

	if (!c)
		return;
	if (c->now->info.damaged) {
		snprintf(top.message, sizeof(top.message),
			 "that channel is damaged: weir doctor says where");
		return;
	}
	opened_open(&top.opened, c->now->info.name);
	opened_read(&top.opened, top.store);
}

static void
pause_or_not(void)
{
	top.is_paused = !top.is_paused;
	if (!top.is_paused)
		top.next_ns = 0;
}

/* ---- keys ---- */

/* How far a key moves; 0: it does not. */
static long
movement(const struct term_key *k)
{
	int page = screen_rows() > 6 ? screen_rows() - 5 : 1;

	switch (k->code ? k->code : (int)k->c) {
	case KEY_UP:
	case 'k':
		return -1;
	case KEY_DOWN:
	case 'j':
		return 1;
	case KEY_PPAGE:
		return -page;
	case KEY_NPAGE:
		return page;
	case KEY_HOME:
	case 'g':
		return -INT32_MAX;
	case KEY_END:
	case 'G':
		return INT32_MAX;
	default:
		return 0;
	}
}

static int
is_erase(const struct term_key *k)
{
	return k->code == KEY_BACKSPACE ||
	       (!k->code && (k->c == 8 || k->c == 127));
}

static int
is_enter(const struct term_key *k)
{
	return k->code == KEY_ENTER ||
	       (!k->code && (k->c == '\r' || k->c == '\n'));
}

static void
filter_key(const struct term_key *k)
{
	char *filter = top.overview.filter, bytes[MB_LEN_MAX];
	size_t len = strlen(filter), n;
	mbstate_t state = {0};

	if (is_enter(k)) {
		top.is_filtering = 0;
	} else if (!k->code && k->c == ESC) {
		top.is_filtering = 0;
		*filter = 0;
	} else if (is_erase(k)) {
		while (len && ((unsigned char)filter[--len] & 0xc0) == 0x80)
			;
		filter[len] = 0;
	} else if (!k->code && k->c >= ' ') {
		n = wcrtomb(bytes, k->c, &state);
		if (n != (size_t)-1 && len + n < TOP_FILTER_MAX) {
			memcpy(filter + len, bytes, n);
			filter[len + n] = 0;
		}
	}
	arrange();
}

static void
channel_key(const struct term_key *k)
{
	long by = movement(k);
	struct page *page = &top.opened.page;

	if (by < 0)
		page->first =
		    page->first > (size_t)-by ? page->first - (size_t)-by : 0;
	else if (by > 0)
		page->first += (size_t)by; /* drawing keeps it within */
	else if (k->code == KEY_LEFT || is_erase(k) ||
		 (!k->code && (k->c == 'q' || k->c == ESC)))
		opened_close(&top.opened);
}

static void
sort_by(const struct top_column *by)
{
	top.overview.reverse = by == top.overview.by && !top.overview.reverse;
	top.overview.by = by;
	arrange();
}

static void
overview_key(const struct term_key *k)
{
	long by = movement(k);
	const struct top_column *column =
	    k->code ? NULL : top_by_key((int)k->c);

	if (by)
		overview_move(&top.overview, by);
	else if (is_enter(k) || k->code == KEY_RIGHT)
		open_selected();
	else if (column)
		sort_by(column);
	else if (!k->code && k->c == '/')
		top.is_filtering = 1;
	else if (!k->code && k->c == ESC && *top.overview.filter) {
		*top.overview.filter = 0;
		arrange();
	} else if (!k->code && (k->c == 'q' || k->c == ESC))
		end_with(X_DONE, 0);
}

static void
take_key(const struct term_key *k)
{
	*top.message = 0;
	if (!k->code && k->c == CTRL_L)
		clearok(curscr, TRUE);
	else if (top.is_filtering)
		filter_key(k);
	else if (!k->code && (k->c == 'p' || k->c == ' '))
		pause_or_not();
	else if (!k->code && k->c == '?')
		top.has_help = !top.has_help;
	else if (*top.opened.name)
		channel_key(k);
	else
		overview_key(k);
}

/* ---- all of it ---- */

static void
loop(void)
{
	struct term_key key;

	look();
	while (!top.is_over) {
		draw();
		switch (
		    term_wait(top.is_paused ? INT64_MAX : top.next_ns, &key)) {
		case TERM_KEY:
			take_key(&key);
			break;
		case TERM_TIME:
			look();
			break;
		case TERM_END:
			return;
		case TERM_GONE:
			end_with(X_FAILED, 0);
			break;
		case TERM_SIZE:
			break;
		}
	}
}

int
top_live(weir_store *store, const struct top_column *by, int64_t interval_ns)
{
	int code;

	top.store = store;
	top.interval_ns = interval_ns;
	top.overview.by = by;
	code = term_begin();
	if (code)
		return code;
	loop();
	term_end();
	if (top.rc < 0)
		fail(store_name, top.rc, NULL);
	opened_close(&top.opened);
	free(top.overview.rows);
	top_forget(&top.figures);
	return top.code;
}
