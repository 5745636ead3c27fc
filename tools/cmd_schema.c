/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_schema.c - check records against a schema, without a store.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "config.h"
#include "formats.h"
#include "in.h"
#include "out.h"
#include "reach.h"
#include "refs.h"
#include "row.h"
#include "why.h"

#define FORMAT_JSON    1
#define FORMAT_MSGPACK 2
#define ITEM_MAX       (1u << 30) /* bytes of a line or value */

static uint32_t format;
static int assert_format;
static uint32_t errors;
static const void *last; /* record, as msgpack */
static size_t last_len;

static const struct opt opts[] = {
    {0, "format", "json|msgpack",
     "what the files hold: a JSON value on each line, or\n"
     "msgpack values one after the other; default json",
     OPT_CHOICE, &format},
    {0, "assert-format", NULL, "check formats, which else are annotations",
     OPT_FLAG, &assert_format},
    REFS_OPT,
    {0, "errors", "N",
     "up to N errors of each record, in the output format\n"
     "\"basic\" of JSON Schema: with --json as the member\n"
     "\"output\", else a line behind that of the record",
     OPT_U32, &errors},
    {0, "json", NULL, "an object for each record", OPT_FLAG, &row_json},
    OPT_END,
};

/* The msgpack of a JSON line, in a buffer that grows. */
static int64_t
to_msgpack(const void *line, size_t len, const void **msg, weir_diag *diag)
{
	static void *buf;
	static size_t cap;

	if (3 * len > cap) {
		free(buf);
		cap = 3 * len + 4096;
		buf = malloc(cap);
		if (!buf) {
			cap = 0;
			return -ENOMEM;
		}
	}
	*msg = buf;
	return weir_json_to_msgpack(line, len, buf, cap, diag);
}

static int
check(weir_schema *schema, const void *item, size_t len, weir_diag *diag)
{
	int64_t n = (int64_t)len;

	if (format == FORMAT_JSON)
		n = to_msgpack(item, len, &item, diag);
	if (n < 0)
		return (int)n;
	last = item;
	last_len = (size_t)n;
	return weir_schema_check(schema, item, (size_t)n, diag);
}

static void
print_json(const struct in *in, int rc, const weir_diag *diag, const char *all)
{
	row_begin(NULL);
	row_str("file", in->name);
	row_u64(format == FORMAT_JSON ? "line" : "number", in->cnt);
	row_bool("valid", rc == 0);
	if (rc) {
		row_word("code", code_name(rc));
		row_str("pointer", diag->pointer);
		row_str("keyword", diag->keyword);
		row_str("schema_pointer", diag->schema_pointer);
		row_str("message",
			*diag->message ? diag->message : weir_strerror(rc));
		if (rc == WEIR_EJSON)
			row_u64("column", diag->column);
		if (rc == WEIR_EMSGPACK)
			row_u64("offset", diag->offset);
		if (all)
			row_schema("output", all, strlen(all));
	}
	row_end();
}

static void
print_invalid(const struct in *in, int rc, const weir_diag *diag)
{
	const char *why = reason_at(format == FORMAT_JSON ? "line" : "value",
				    in->cnt, rc, diag);

	out_fmt("invalid: ");
	if (in->fd != STDIN_FILENO) {
		out_text(in->name, strlen(in->name));
		out_fmt(": ");
	}
	out_text(why, strlen(why));
	out_fmt("\n");
}

static void
print(const struct in *in, weir_schema *schema, int rc, const weir_diag *diag)
{
	const char *all = rc == WEIR_ESCHEMA && errors
			      ? why_json(schema, last, last_len, errors)
			      : NULL;

	if (row_json)
		print_json(in, rc, diag, all);
	else if (rc == 0)
		out_raw("ok\n", 3);
	else
		print_invalid(in, rc, diag);
	if (all && !row_json) {
		out_raw(all, strlen(all));
		out_raw("\n", 1);
	}
}

/* Is it one value over several lines?  Then an error for each of them would
 * help nobody.  Asked when the first line of @len bytes was refused; what is
 * no file cannot be read again. */
static int
is_spread(const struct in *in, const char *path, size_t len,
	  const weir_diag *diag)
{
	struct stat st;
	const void *msg;
	weir_diag other;
	int64_t n = -1;
	char *text;

	if (diag->offset < len || fstat(in->fd, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (in->fd == STDIN_FILENO)
		path = "/dev/stdin";
	if (in_file(path, &text, &len) == 0)
		n = to_msgpack(text, len, &msg, &other);
	free(text);
	if (n <= 0)
		return 0;
	talk("%s: a JSON value on each line is expected; this is one value "
	     "over several lines: jq -c .%s%s",
	     in->name, in->fd == STDIN_FILENO ? "" : " ",
	     in->fd == STDIN_FILENO ? "" : reach_quoted(path));
	return 1;
}

static int
check_file(weir_schema *schema, const char *path)
{
	struct in in;
	const void *item;
	weir_diag diag;
	size_t len;
	int got = IN_END, rc, code = 0, cnt = 0;

	rc = in_open(&in, path, ITEM_MAX);
	if (rc < 0) {
		talk("%s: %s (%s)", path, strerror(-rc), code_name(rc));
		return X_FAILED;
	}
	while (!out_failed()) {
		got = format == FORMAT_MSGPACK ? in_value(&in, &item, &len)
					       : in_line(&in, &item, &len);
		if (got == IN_END || got == IN_FAILED)
			break;
		if (got == IN_ITEM && format == FORMAT_JSON &&
		    in_is_blank(item, len))
			continue;
		memset(&diag, 0, sizeof(diag));
		rc = got == IN_LONG  ? -EMSGSIZE
		     : got == IN_CUT ? WEIR_EMSGPACK
				     : check(schema, item, len, &diag);
		if (rc)
			code = X_INVALID;
		if (cnt++ == 0 && rc == WEIR_EJSON &&
		    is_spread(&in, path, len, &diag))
			break;
		print(&in, schema, rc, &diag);
	}
	if (got == IN_FAILED) {
		talk("%s: %s (%s)", in.name, strerror(-in.eof),
		     code_name(in.eof));
		code = X_FAILED;
	}
	in_close(&in);
	return code;
}

static int
compile(const char *path, weir_schema **schema)
{
	struct refs_text t;
	int code = refs_read(path, &t);

	if (code)
		return code;
	code = refs_compile(path, &t,
			    (assert_format ? WEIR_ASSERT_FORMAT : 0) |
				(errors ? WEIR_LOCATIONS : 0),
			    schema);
	if (!code && assert_format) {
		formats_say(path, t.text, t.len);
		for (size_t i = 0; i < t.ref_cnt; i++)
			formats_say(t.ref[i].uri, t.ref[i].text, t.ref[i].len);
	}
	refs_free(&t);
	return code;
}

static int
run(int argc, char **argv)
{
	weir_schema *schema = NULL;
	int code, one, i;

	format = format ? format : FORMAT_JSON;
	code = compile(argv[0], &schema);
	if (code)
		return code;
	if (argc == 1)
		code = check_file(schema, "-");
	for (i = 1; i < argc; i++) {
		one = check_file(schema, argv[i]);
		if (one == X_FAILED || code == 0)
			code = one;
	}
	weir_schema_free(schema);
	return code;
}

const struct cmd cmd_schema_check = {
    .name = "schema check",
    .args = "SCHEMA [FILE...]",
    .what = "check records against a JSON Schema",
    .more =
	"For each record a line: \"ok\", or \"invalid\" with the file and "
	"line,\n"
	"the place, the keyword and what was expected.  Without FILE, or for\n"
	"\"-\", standard input.  Empty lines are passed over.  Exit code 4 if\n"
	"anything was invalid, or the schema itself was refused.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
