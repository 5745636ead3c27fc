/* SPDX-License-Identifier: BSD-2-Clause
 *
 * widget.h - a record as people like to see it: a function from a record and a
 * size to rows on a canvas, the same for a screen and for a file.
 *
 * The kinds, and the fields that they look at:
 *
 *     paragraph  title, content, markdown (false: it is plain text)
 *     table      title, headers, rows
 *     metric     label, value, unit, change, changeType
 *     chart      title, unit, kind (line or bar), series: name, points
 *     json       anything
 *
 * A record that lacks what its kind needs gets a row that says so.
 */
#ifndef WI_TOOLS_WIDGET_H
#define WI_TOOLS_WIDGET_H

#include <weir/record.h>

#include "canvas.h"

enum widget_kind {
	WIDGET_JSON,
	WIDGET_PARAGRAPH,
	WIDGET_TABLE,
	WIDGET_METRIC,
	WIDGET_CHART,
};

/* widget_kind_of - "x-weir-widget" of the schema, if it is known; or what the
 * name of the channel begins with; or WIDGET_JSON. */
enum widget_kind widget_kind_of(const char *channel, const char *schema,
				size_t schema_len);

/* One kind: draw @rec in up to @rows rows (more: as many as it needs).
 * Return: NULL, or what is wrong with the record. */
typedef const char *widget_draw(struct canvas *c, const weir_record *rec,
				int rows);
widget_draw widget_paragraph, widget_table, widget_chart, widget_json;

/* widget_metrics - several, one beside the other: the records of a channel, the
 * newest of each label. */
const char *widget_metrics(struct canvas *c, const weir_record *const *recs,
			   size_t cnt, int rows);

/* ---- for the kinds: fields of a record ---- */

/* widget_text - text at @pointer, not NUL-terminated; 0: there is none. */
int widget_text(const weir_record *rec, const char *pointer, const char **s,
		size_t *len);

/* widget_number - a finite one; 0: there is none. */
int widget_number(const weir_record *rec, const char *pointer, double *d);
int widget_is_number(const weir_value *v, double *d);

/* The elements of an array, one after the other: by JSON Pointer each would be
 * looked for from the first. */
struct elements {
	const unsigned char *at;
	size_t len;
	uint32_t left;
};
void elements_of(struct elements *e, const weir_value *array);
int elements_next(struct elements *e, weir_value *v); /* 1, or 0: no more */

/* widget_title - in a row of its own, if there is one. */
void widget_title(struct canvas *c, const weir_record *rec);

#endif
