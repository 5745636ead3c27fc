/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_widget.c - any bytes as a record that weir watch draws: after three for
 * the kind, the columns and the rows.  Whatever they are, no row is wider than
 * there is room for, there are no more rows than that (but for one that says
 * what is wrong, and the least that a chart takes), and all of it is printable.
 */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/text.h"
#include "../../tools/widget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define HEAD_LEN   3
#define COLS_LEAST 12 /* less than an axis is cut by who shows it */
#define ROWS_MORE  80 /* 12 series, each with its least plot and axes */

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static void
check_text(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = strlen(text), n;

	for (; len; p += n, len -= n) {
		n = text_printable(p, len);
		MUST(n);
	}
}

static void
check(const struct canvas *c, int rows)
{
	MUST(!c->broken);
	MUST((int)c->cnt <= rows + ROWS_MORE);
	for (size_t i = 0; i < c->cnt; i++) {
		int width = 0;

		for (size_t k = 0; k < c->rows[i].cnt; k++) {
			const struct canvas_run *run = &c->rows[i].runs[k];

			check_text(run->text);
			MUST(run->width ==
			     (int)text_width(run->text, strlen(run->text)));
			width += run->width;
		}
		MUST(width == c->rows[i].width);
		MUST(width <= c->cols);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static widget_draw *const kinds[] = {widget_paragraph, widget_table,
					     widget_chart, widget_json};
	weir_record rec = {.kind = WEIR_DATA};
	const weir_record *recs[2] = {&rec, &rec};
	struct canvas c = {0};
	uint8_t *copy;
	int rows;

	/* what weir watch gets was checked when it was published */
	if (len <= HEAD_LEN ||
	    weir_msgpack_to_json(data + HEAD_LEN, len - HEAD_LEN, NULL, 0) < 0)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	copy = malloc(len - HEAD_LEN); /* so that nothing stands behind it */
	memcpy(copy, data + HEAD_LEN, len - HEAD_LEN);
	rec.data = copy;
	rec.len = len - HEAD_LEN;
	rows = data[2];
	canvas_begin(&c, COLS_LEAST + data[1], data[2] & 1);
	if (data[0] % 5 == 4)
		widget_metrics(&c, recs, 2, rows);
	else
		kinds[data[0] % 5](&c, &rec, rows);
	check(&c, rows);
	canvas_free(&c);
	free(copy);
	return 0;
}
