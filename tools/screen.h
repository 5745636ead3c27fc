/* SPDX-License-Identifier: BSD-2-Clause
 *
 * screen.h - drawing on the whole terminal: text and bars that stay within their columns.
 *
 * Everything from a store passes as through text_fit().
 */
#ifndef WI_TOOLS_SCREEN_H
#define WI_TOOLS_SCREEN_H

enum ink {
	INK_PLAIN,
	INK_BOLD,
	INK_DIM,
	INK_GOOD,
	INK_WARN,
	INK_BAD,
	INK_CODE,
	INK_EM,
};

int screen_rows(void);
int screen_cols(void);

/* Between screen_begin() and screen_end() all is drawn anew. */
void screen_begin(void);
void screen_end(void);

/* screen_reversed - what is drawn from here on, until told otherwise. */
void screen_reversed(int is);

/* screen_text - @cols columns from (@y, @x) on: @s, cut or filled up with
 * spaces.  What lies beyond the screen is left out. */
void screen_text(int y, int x, int cols, enum ink ink, const char *s);
void screen_right(int y, int x, int cols, enum ink ink, const char *s);

/* screen_bar - "[|||    ]", so many columns, 3 or more; @share: 0 .. 1 */
#define SCREEN_BAR_MAX 256
void screen_bar(char to[SCREEN_BAR_MAX], int cols, double share);

/* screen_alarm - the ink of a share that should not come near 1 */
enum ink screen_alarm(double share);

#endif
