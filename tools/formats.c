/* SPDX-License-Identifier: BSD-2-Clause */
#include "formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir.h>

#include "in.h"
#include "out.h"

#define NAMED_MAX 16

struct word {
	const char *s;
	size_t len;
};

struct walk {
	const unsigned char *end;
	struct word found[NAMED_MAX]; /* each once */
	size_t cnt;
};

/* Those of <weir/schema.h>. */
static const char *const checked[] = {
    "date-time",    "date",
    "time",	    "duration",
    "email",	    "idn-email",
    "hostname",	    "idn-hostname",
    "ipv4",	    "ipv6",
    "uri",	    "uri-reference",
    "iri",	    "iri-reference",
    "uri-template", "uuid",
    "json-pointer", "relative-json-pointer",
    "regex",	    NULL,
};

/* Their members have names that are nobody's keywords. */
static const char *const named[] = {"properties",  "patternProperties",
				    "$defs",	   "dependentSchemas",
				    "definitions", NULL};

/* What is in there is no schema. */
static const char *const values[] = {"const", "enum", "default", "examples",
				     NULL};

static int
is_one_of(struct word w, const char *const *list)
{
	while (*list &&
	       (strlen(*list) != w.len || memcmp(*list, w.s, w.len) != 0))
		list++;
	return *list != NULL;
}

static void
note(struct walk *w, struct word format)
{
	size_t i = 0;

	while (i < w->cnt && (w->found[i].len != format.len ||
			      memcmp(w->found[i].s, format.s, format.len) != 0))
		i++;
	if (i == w->cnt && i < NAMED_MAX && !is_one_of(format, checked))
		w->found[w->cnt++] = format;
}

static int
is_str(unsigned b)
{
	return (b >= 0xa0 && b < 0xc0) || (b >= 0xd9 && b <= 0xdb);
}

static int
is_map(unsigned b)
{
	return (b >= 0x80 && b < 0x90) || b == 0xde || b == 0xdf;
}

/* The value at @p, which is the member @key of a schema, or of no schema (then
 * @key.s is NULL).  Returns where the next one begins. */
static const unsigned char *
look(struct walk *w, const unsigned char *p, struct word key, int in_schema)
{
	static const struct word none = {NULL, 0};
	static const char *const format[] = {"format", NULL};
	unsigned type = *p;
	uint64_t body, kids;
	size_t head;
	int is_names, inside;
	struct word sub;

	in_head(p, (size_t)(w->end - p), &head, &body, &kids);
	p += head;
	if (is_str(type)) {
		sub = (struct word){(const char *)p, (size_t)body};
		if (in_schema && key.s && is_one_of(key, format))
			note(w, sub);
		return p + body;
	}
	is_names = key.s && is_one_of(key, named);
	inside = in_schema && !(key.s && is_one_of(key, values));
	if (!is_map(type)) {
		for (p += body; kids; kids--)
			p = look(w, p, none, inside);
		return p;
	}
	for (; kids; kids -= 2) {
		uint64_t len, no_kids;

		in_head(p, (size_t)(w->end - p), &head, &len, &no_kids);
		sub = (struct word){(const char *)p + head, (size_t)len};
		p = look(w, p + head + len, is_names ? none : sub, inside);
	}
	return p;
}

void
formats_say(const char *where, const char *text, size_t len)
{
	void *msg = malloc(3 * len + 1);
	int64_t n =
	    msg ? weir_json_to_msgpack(text, len, msg, 3 * len + 1, NULL) : 0;
	struct walk w = {.cnt = 0};
	char list[1024];
	size_t at = 0;

	if (n > 0) {
		w.end = (unsigned char *)msg + n;
		look(&w, msg, (struct word){NULL, 0}, 1);
	}
	for (size_t i = 0; i < w.cnt && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at,
				       "%s\"%.*s\"", i ? ", " : "",
				       (int)w.found[i].len, w.found[i].s);
	if (w.cnt)
		talk("%s: formats that are not known and ask for nothing: %s",
		     where, list);
	free(msg);
}
