/* SPDX-License-Identifier: BSD-2-Clause
 *
 * render.h - a record in the form that the user asks for: --format, --field,
 * -F and --json of the verbs that print records.
 */
#ifndef WI_TOOLS_RENDER_H
#define WI_TOOLS_RENDER_H

#include <weir/record.h>

#include "opts.h"
#include "row.h"

#define RENDER_FORMATS "value|json|table|msgpack|raw"

extern uint32_t render_format; /* which of those, from 1; 0: not said */
extern const char *render_template;
extern struct opt_list render_fields;

/* Rows of a verb's table of options. */
#define RENDER_OPTS                                                            \
	{0,                                                                    \
	 "format",                                                             \
	 RENDER_FORMATS,                                                       \
	 "value: as JSON, a line each, the default; json: an\n"                \
	 "object for each record, also for clears; table: in\n"                \
	 "columns; msgpack: its bytes; raw: text without quotes\n"             \
	 "and escapes, all else as JSON",                                      \
	 OPT_CHOICE,                                                           \
	 &render_format},                                                      \
	    {0,                                                                \
	     "json",                                                           \
	     NULL,                                                             \
	     "the same as --format json",                                      \
	     OPT_FLAG,                                                         \
	     &row_json},                                                       \
	    {0,                                                                \
	     "field",                                                          \
	     "POINTER",                                                        \
	     "only this of each record, a JSON Pointer (/a/0/b); may\n"        \
	     "be given again",                                                 \
	     OPT_LIST,                                                         \
	     &render_fields},                                                  \
	{                                                                      \
		'F', "template", "TEXT",                                       \
		    "a line like this each: %T time, %t the same as ns,\n"     \
		    "%c channel, %p producer, %s seq, %k data or clear,\n"     \
		    "%l records lost before it, %j value, %f what --field\n"   \
		    "chose; %%, \\n, \\t, \\\\",                               \
		    OPT_STR, &render_template                                  \
	}

/* render_begin - look at the options.  Return: 0, or X_USAGE after having said
 * what is wrong. */
int render_begin(void);

/* render - one record, of which @lost may be more than the record says.
 * Of a clear that the form has no place for nothing is printed.
 * Return: 1: printed, 0: not; or why what is in it cannot be read. */
int render(const char *channel, const weir_record *rec, uint64_t lost);

/* render_flush - what came is to be seen now.  Return: as out_flush(). */
int render_flush(void);

#endif
