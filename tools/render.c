/* SPDX-License-Identifier: BSD-2-Clause */
#include "render.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"
#include "show.h"
#include "table.h"

enum { AS_VALUE = 1, AS_JSON, AS_TABLE, AS_MSGPACK, AS_RAW };

#define LETTERS "Ttcpskljf%" /* behind % in a template */

uint32_t render_format;
const char *render_template;
struct opt_list render_fields;

/* What stands where a record has no such field. */
static const unsigned char nil = 0xc0;

static int has_header;
static char aligns[4 + OPT_LIST_MAX + 1];

/* ---- the options ---- */

static int
fields_are_good(void)
{
	weir_value v;

	for (size_t i = 0; i < render_fields.cnt; i++)
		if (weir_value_find(&nil, 1, render_fields.val[i], &v) ==
		    -EINVAL) {
			talk("--field %s: a JSON Pointer is wanted, which "
			     "begins with / and has ~0 for ~, ~1 for /",
			     render_fields.val[i]);
			return 0;
		}
	return 1;
}

static int
template_is_good(void)
{
	for (const char *p = render_template; *p; p++) {
		if (*p == '\\' && p[1] && strchr("nt\\", p[1])) {
			p++;
		} else if (*p == '\\') {
			talk("-F %s: behind \\ comes n, t or \\",
			     render_template);
			return 0;
		} else if (*p == '%' && p[1] && strchr(LETTERS, p[1])) {
			p++;
		} else if (*p == '%') {
			talk("-F %s: behind %% comes one of %s",
			     render_template, LETTERS);
			return 0;
		}
	}
	return 1;
}

int
render_begin(void)
{
	if (row_json && render_format && render_format != AS_JSON) {
		talk("--json is --format json: one of them");
		return X_USAGE;
	}
	if (row_json)
		render_format = AS_JSON;
	if (render_template && render_format) {
		talk("-F is a format of its own: without --format and --json");
		return X_USAGE;
	}
	if (!fields_are_good() || (render_template && !template_is_good()))
		return X_USAGE;
	if (!render_format)
		render_format = AS_VALUE;
	if (render_format == AS_MSGPACK && isatty(STDOUT_FILENO)) {
		talk("--format msgpack: these bytes are for a pipe or a file, "
		     "not for a terminal");
		return X_USAGE;
	}
	row_json = render_format == AS_JSON;
	return 0;
}

/* ---- what is shown of a record ---- */

static size_t
part_cnt(void)
{
	return render_fields.cnt ? render_fields.cnt : 1;
}

/* The @i-th part: a field, or all of it.  Return: 0; or a nil, and -ENOENT or
 * why it cannot be read. */
static int
part(const weir_record *rec, size_t i, weir_value *v)
{
	int rc = weir_record_find(
	    rec, render_fields.cnt ? render_fields.val[i] : "", v);

	if (rc < 0)
		weir_value_find(&nil, 1, "", v);
	return rc;
}

/* All of it must be readable, also what is not shown. */
static int
reason_unreadable(const weir_record *rec)
{
	weir_value v;
	int rc;

	if (rec->kind == WEIR_CLEAR)
		return 0;
	rc = weir_record_find(rec, "", &v);
	return rc == 0 && v.raw_len != rec->len ? WEIR_EMSGPACK : rc;
}

static void
put_json(const weir_value *v)
{
	int bad;

	out_msgpack(v->raw, v->raw_len, &bad);
}

/* To a terminal, text goes as everywhere else. */
static void
put_raw(const weir_value *v)
{
	if (v->type != WEIR_STR && v->type != WEIR_BIN)
		put_json(v);
	else if (isatty(STDOUT_FILENO))
		out_text(v->ptr, v->len);
	else
		out_raw(v->ptr, v->len);
}

static void
put_parts(const weir_record *rec, void (*put)(const weir_value *),
	  const char *between)
{
	weir_value v;

	for (size_t i = 0; i < part_cnt(); i++) {
		if (i)
			out_raw(between, strlen(between));
		part(rec, i, &v);
		put(&v);
	}
}

static void
put_bytes(const weir_value *v)
{
	out_raw(v->raw, v->raw_len);
}

static void
put_object(const char *channel, const weir_record *rec)
{
	weir_value v;

	row_begin(NULL);
	row_str("channel", channel);
	if (!render_fields.cnt || rec->kind == WEIR_CLEAR) {
		show_record(rec);
	} else {
		show_envelope(rec);
		row_open("fields", '{');
		for (size_t i = 0; i < render_fields.cnt; i++)
			if (part(rec, i, &v) == 0)
				row_msgpack(render_fields.val[i], v.raw,
					    v.raw_len);
		row_close();
	}
	row_end();
}

/* ---- a table ---- */

static void
begin_table(void)
{
	strcpy(aligns, "<<<>");
	memset(aligns + 4, '=', part_cnt());
	table_begin(aligns);
	table_fmt("TIME");
	table_fmt("CHANNEL");
	table_fmt("PRODUCER");
	table_fmt("SEQ");
	if (!render_fields.cnt)
		table_fmt("VALUE");
	for (size_t i = 0; i < render_fields.cnt; i++)
		table_cell(render_fields.val[i], strlen(render_fields.val[i]));
	has_header = 1;
}

static void
put_row(const char *channel, const weir_record *rec)
{
	const char *producer = rec->producer ? rec->producer : "";
	const char *text;
	weir_value v;
	int64_t n;

	if (!has_header)
		begin_table();
	table_fmt("%s", out_time_text(rec->time_ns, 3));
	table_cell(channel, strlen(channel));
	table_cell(producer, strlen(producer));
	table_fmt("%" PRIu64, rec->seq);
	for (size_t i = 0; i < part_cnt(); i++) {
		if (rec->kind == WEIR_CLEAR) {
			table_fmt("%s", i ? "" : "cleared");
		} else if (part(rec, i, &v) == -ENOENT) {
			table_fmt("-");
		} else {
			n = out_json(v.raw, v.raw_len, &text);
			table_cell(text, n < 0 ? 0 : (size_t)n);
		}
	}
}

/* ---- a template ---- */

static void
put_letter(char letter, const char *channel, const weir_record *rec,
	   uint64_t lost)
{
	const char *producer = rec->producer ? rec->producer : "";
	int bad;

	switch (letter) {
	case 'T':
		out_time(rec->time_ns);
		break;
	case 't':
		out_fmt("%" PRIu64, rec->time_ns);
		break;
	case 'c':
		out_text(channel, strlen(channel));
		break;
	case 'p':
		out_text(producer, strlen(producer));
		break;
	case 's':
		out_fmt("%" PRIu64, rec->seq);
		break;
	case 'k':
		out_fmt("%s", rec->kind == WEIR_CLEAR ? "clear" : "data");
		break;
	case 'l':
		out_fmt("%" PRIu64, lost);
		break;
	case 'j':
		if (rec->kind == WEIR_CLEAR)
			out_raw("null", 4);
		else
			out_msgpack(rec->data, rec->len, &bad);
		break;
	case 'f':
		put_parts(rec, put_json, "\t");
		break;
	default:
		out_raw(&letter, 1);
	}
}

static void
put_template(const char *channel, const weir_record *rec, uint64_t lost)
{
	for (const char *p = render_template; *p; p++) {
		if (*p == '%')
			put_letter(*++p, channel, rec, lost);
		else if (*p == '\\')
			out_raw(*++p == 'n' ? "\n"
				: *p == 't' ? "\t"
					    : "\\",
				1);
		else
			out_raw(p, 1);
	}
}

/* ---- all of them ---- */

/* Those that say of which kind a record is have a place for a clear. */
static int
has_place_for_clears(void)
{
	if (!render_template)
		return render_format == AS_JSON || render_format == AS_TABLE;
	for (const char *p = render_template; *p; p++)
		if ((*p == '%' || *p == '\\') && *p++ == '%' && *p == 'k')
			return 1;
	return 0;
}

int
render(const char *channel, const weir_record *rec, uint64_t lost)
{
	weir_record shown = *rec;
	int bad = reason_unreadable(rec);

	shown.lost = lost;
	if (rec->kind == WEIR_CLEAR && !has_place_for_clears())
		return 0;
	if (render_template) {
		put_template(channel, &shown, lost);
	} else if (render_format == AS_JSON) {
		put_object(channel, &shown);
	} else if (render_format == AS_TABLE) {
		put_row(channel, &shown);
	} else if (render_format == AS_MSGPACK) {
		if (!bad) /* or nobody finds what comes behind it */
			put_parts(rec, put_bytes, "");
	} else {
		put_parts(rec, render_format == AS_RAW ? put_raw : put_json,
			  "\t");
	}
	if (render_format != AS_JSON && render_format != AS_TABLE &&
	    render_format != AS_MSGPACK)
		out_raw("\n", 1);
	return bad ? bad : 1;
}

int
render_flush(void)
{
	if (has_header && table_flush() < 0)
		return -ENOMEM;
	return out_flush();
}
