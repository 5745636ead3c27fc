/* SPDX-License-Identifier: BSD-2-Clause
 *
 * canvas.h - rows of text in inks, of a given width: what a widget draws on,
 * and what a screen or a file is then given.
 *
 * What is put there passes as through text_safe(): no control character gets on
 * it.
 */
#ifndef WI_TOOLS_CANVAS_H
#define WI_TOOLS_CANVAS_H

#include <stddef.h>

#include "screen.h"

struct canvas_run {
	enum ink ink;
	char *text; /* NUL-terminated, printable */
	int width;
};

struct canvas_row {
	struct canvas_run *runs;
	size_t cnt;
	int width;
};

struct canvas {
	int cols;
	int has_colours; /* inks can be told from each other */
	struct canvas_row *rows;
	size_t cnt;
	int broken; /* no memory: something is missing */
};

/* canvas_begin - empty it; a zeroed one is. */
void canvas_begin(struct canvas *c, int cols, int has_colours);
void canvas_free(struct canvas *c);

/* canvas_row - begin a row. */
void canvas_row(struct canvas *c);

/* canvas_put - behind what stands in the last row; what does not fit is cut,
 * with an ellipsis. canvas_pad - spaces up to column @to. */
void canvas_put(struct canvas *c, enum ink ink, const char *s, size_t len);
void canvas_puts(struct canvas *c, enum ink ink, const char *s);
void canvas_fmt(struct canvas *c, enum ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void canvas_pad(struct canvas *c, int to);

/* canvas_room - columns that are left in the last row. */
int canvas_room(const struct canvas *c);

/* canvas_width - columns that a text takes there. */
int canvas_width(const char *s, size_t len);

#endif
