/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_bundle.c - a schema and what it refers to, as one document.
 *
 * Each document becomes a member of the schema's $defs, under its URI and
 * with that as its $id.  All texts stay as they are otherwise.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "out.h"
#include "refs.h"

static const struct opt opts[] = {REFS_OPT, OPT_END};

/* ---- places in texts that have been compiled, so they are JSON
 * ------------------------------ */

static const char *
skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Behind the string at @p. */
static const char *
skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

/* Behind the value at @p. */
static const char *
skip_value(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
		p++;
	} while (*p && (depth > 0 || (*p != ',' && *p != '}' && *p != ']')));
	return p;
}

/* The value of the member @name, given with its quotes, of the object @text;
 * NULL: there is none. */
static const char *
member(const char *text, const char *name)
{
	const char *p = skip_space(skip_space(text) + 1), *value;

	while (*p == '"') {
		const char *key = p;
		size_t len;

		p = skip_string(p);
		len = (size_t)(p - key);
		value = skip_space(skip_space(p) + 1);
		if (len == strlen(name) && !strncmp(key, name, len))
			return value;
		p = skip_space(skip_value(value));
		if (*p == ',')
			p = skip_space(p + 1);
	}
	return NULL;
}

/* ---- writing
 * ------------------------------------------------------------------------- */

/* To its end, without the space there. */
static void
put_rest(FILE *to, const char *p)
{
	size_t len = strlen(p);

	while (len && strchr(" \t\r\n", p[len - 1]))
		len--;
	fwrite(p, 1, len, to);
}

/* The members of the object @text, behind others if there are any. */
static void
put_members(FILE *to, const char *text, bool is_first)
{
	const char *p = skip_space(text) + 1;

	if (!is_first && *skip_space(p) != '}')
		putc(',', to);
	put_rest(to, p);
}

static void
put_string(FILE *to, const char *s)
{
	putc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', to);
		if ((unsigned char)*s < 0x20)
			fprintf(to, "\\u%04x", (unsigned)*s);
		else
			putc(*s, to);
	}
	putc('"', to);
}

static void
put_document(FILE *to, const weir_schema_ref *ref)
{
	const char *text = skip_space(ref->text);
	const char *id = *text == '{' ? member(text, "\"$id\"") : NULL;

	put_string(to, ref->uri);
	putc(':', to);
	if (id) {
		put_rest(to, text);
		return;
	}
	fputs("{\"$id\":", to);
	put_string(to, ref->uri);
	if (*text == '{')
		put_members(to, text, false);
	else
		fputs(*text == 'f' ? ",\"not\":{}}" : "}", to);
}

static void
put_documents(FILE *to, const struct refs_text *t)
{
	for (size_t i = 0; i < t->ref_cnt; i++) {
		if (i)
			putc(',', to);
		put_document(to, &t->ref[i]);
	}
}

static void
put_bundle(FILE *to, const struct refs_text *t)
{
	const char *text = skip_space(t->text), *defs;

	if (*text != '{' || !t->ref_cnt) {
		put_rest(to, text);
		return;
	}
	defs = member(text, "\"$defs\"");
	if (defs) {
		fwrite(text, 1, (size_t)(defs + 1 - text), to);
		put_documents(to, t);
		put_members(to, defs, false);
		return;
	}
	fputs("{\"$defs\":{", to);
	put_documents(to, t);
	putc('}', to);
	put_members(to, text, false);
}

/* It must mean the same without any help: a document that has another $id than
 * the URI by which it is referred to is not found any more. */
static int
stands_alone(const char *path, const char *text, size_t len)
{
	weir_schema *schema = NULL;
	weir_diag diag = {0};
	int rc = weir_schema_compile(text, len, NULL, &schema, &diag);

	weir_schema_free(schema);
	if (rc == 0)
		return 0;
	talk("%s: the bundle would not stand by itself: refer to each "
	     "document by its $id, and give it to --ref under that",
	     path);
	return fail(path, rc, &diag);
}

static int
run(int argc, char **argv)
{
	struct refs_text t;
	weir_schema *schema = NULL;
	char *text = NULL;
	size_t len = 0;
	FILE *to;
	int code = refs_read(argv[0], &t);

	(void)argc;
	if (code)
		return code;
	code = refs_compile(argv[0], &t, 0, &schema);
	weir_schema_free(schema);
	to = code ? NULL : open_memstream(&text, &len);
	if (to) {
		put_bundle(to, &t);
		if (fclose(to) == 0)
			code = stands_alone(argv[0], text, len);
		else
			code = X_FAILED;
	} else if (!code) {
		code = X_FAILED;
	}
	if (!code) {
		out_lines(text, len, "");
	}
	free(text);
	refs_free(&t);
	return out_end(code);
}

const struct cmd cmd_schema_bundle = {
    .name = "schema bundle",
    .args = "SCHEMA",
    .what = "put a schema and what it refers to into one document",
    .more = "The documents that --ref names become members of $defs with an "
	    "$id.\n"
	    "A channel's schema must be one document: this makes it one.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
