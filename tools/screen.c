/* SPDX-License-Identifier: BSD-2-Clause */
#include "screen.h"

#include <curses.h>
#include <string.h>

#include "text.h"

#define COLS_MAX 1000 /* of one text; no screen is as wide */

static attr_t reversed = A_NORMAL;

int
screen_rows(void)
{
	return getmaxy(stdscr);
}

int
screen_cols(void)
{
	return getmaxx(stdscr);
}

void
screen_begin(void)
{
	screen_reversed(0);
	erase();
}

void
screen_end(void)
{
	refresh();
}

void
screen_reversed(int is)
{
	reversed = is ? A_REVERSE : A_NORMAL;
}

/* A pair that was not made, without colours, is as any other text. */
static attr_t
attribute(enum ink ink)
{
	switch (ink) {
	case INK_BOLD:
		return A_BOLD;
	case INK_DIM:
		return A_DIM;
	case INK_GOOD:
		return COLOR_PAIR(COLOR_GREEN);
	case INK_WARN:
		return COLOR_PAIR(COLOR_YELLOW);
	case INK_BAD:
		return A_BOLD | COLOR_PAIR(COLOR_RED);
	case INK_CODE:
		return COLOR_PAIR(COLOR_CYAN);
	case INK_EM:
		return A_UNDERLINE;
	default:
		return A_NORMAL;
	}
}

static void
put(int y, int x, enum ink ink, const char *s)
{
	attrset((int)(attribute(ink) | reversed));
	mvaddstr(y, x, s);
	attrset(A_NORMAL);
}

void
screen_text(int y, int x, int cols, enum ink ink, const char *s)
{
	char line[4 * COLS_MAX + 8];

	if (cols > screen_cols() - x)
		cols = screen_cols() - x;
	if (cols > COLS_MAX)
		cols = COLS_MAX;
	if (cols <= 0 || y < 0 || y >= screen_rows())
		return;
	text_fit(line, sizeof(line), s, (size_t)cols);
	put(y, x, ink, line);
}

void
screen_right(int y, int x, int cols, enum ink ink, const char *s)
{
	int width = (int)text_width(s, strlen(s));
	int gap = width < cols ? cols - width : 0;

	screen_text(y, x, gap, ink, "");
	screen_text(y, x + gap, cols - gap, ink, s);
}

void
screen_bar(char to[SCREEN_BAR_MAX], int cols, double share)
{
	int inside, full;

	if (cols > SCREEN_BAR_MAX - 1)
		cols = SCREEN_BAR_MAX - 1;
	inside = cols > 2 ? cols - 2 : 0;
	full = (int)(share * inside + 0.5);
	if (full == 0 && share > 0 && inside)
		full = 1; /* a little is not nothing */
	*to++ = '[';
	memset(to, '|', (size_t)full);
	memset(to + full, ' ', (size_t)(inside - full));
	to[inside] = ']';
	to[inside + 1] = 0;
}

enum ink
screen_alarm(double share)
{
	return share >= 0.9 ? INK_BAD : share >= 0.5 ? INK_WARN : INK_GOOD;
}
