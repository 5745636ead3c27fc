/* SPDX-License-Identifier: BSD-2-Clause */
#include "fieldmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/schema.h>

#include "cmd.h"
#include "out.h"
#include "pack.h"

struct field {
	char *at;	/* a pointer: where it goes */
	const char *of; /* in the other record; NULL: .msg is the value */
	unsigned char *msg;
	size_t len;
};

struct fieldmap {
	size_t cnt;
	struct field fields[];
};

/* ---- parsing ---- */

static int
wrong(const char *set, const char *why)
{
	talk("--set %s: %s, as in /title='\"Summary\"' or /content=@/result",
	     set, why);
	return X_USAGE;
}

static int
is_pointer(const char *text)
{
	static const unsigned char nil = 0xc0;
	weir_value v;

	return weir_value_find(&nil, 1, text, &v) != -EINVAL;
}

/* What is made goes down a pointer step by step. */
static int
is_too_deep(const char *pointer)
{
	size_t depth = 0;

	for (; *pointer; pointer++)
		depth += *pointer == '/';
	return depth > WEIR_DEPTH_MAX;
}

static int
take(struct field *f, const char *set)
{
	const char *eq = strchr(set, '=');
	int64_t n;

	if (!eq)
		return wrong(set, "a field and what it is to be are wanted");
	f->at = strndup(set, (size_t)(eq - set));
	f->msg = malloc(3 * strlen(eq) + 1);
	if (!f->at || !f->msg)
		return fail("--set", -ENOMEM, NULL);
	if (!*f->at || !is_pointer(f->at))
		return wrong(set, "a field is a JSON Pointer, which begins "
				  "with /");
	if (is_too_deep(f->at)) {
		talk("--set: a field with more than %d steps, which no record "
		     "may have",
		     WEIR_DEPTH_MAX);
		return X_USAGE;
	}
	if (eq[1] == '@') {
		f->of = set + (eq - set) + 2;
		return is_pointer(f->of) ? 0
					 : wrong(set, "behind @ comes a JSON "
						      "Pointer");
	}
	n = weir_json_to_msgpack(eq + 1, strlen(eq + 1), f->msg, 3 * strlen(eq),
				 NULL);
	if (n < 0)
		return wrong(set, "what it is to be is a JSON value, text in "
				  "\"quotes\"");
	f->len = (size_t)n;
	return 0;
}

/* Is one of them the other, or inside of it? */
static int
is_within(const char *a, const char *b)
{
	size_t len = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return strncmp(a, b, len) == 0 &&
	       (a[len] == b[len] || a[len] == '/' || b[len] == '/');
}

static int
contradicts(const struct fieldmap *m, const struct opt_list *sets)
{
	for (size_t i = 0; i < m->cnt; i++)
		for (size_t k = 0; k < i; k++)
			if (is_within(m->fields[i].at, m->fields[k].at)) {
				talk("--set %s: %s is set already",
				     sets->val[i], m->fields[k].at);
				return X_USAGE;
			}
	return 0;
}

int
fieldmap_parse(const struct opt_list *sets, struct fieldmap **out)
{
	struct fieldmap *m =
	    calloc(1, sizeof(*m) + sets->cnt * sizeof(*m->fields));
	int code = 0;

	*out = NULL;
	if (!m)
		return fail("--set", -ENOMEM, NULL);
	m->cnt = sets->cnt;
	for (size_t i = 0; i < sets->cnt && !code; i++)
		code = take(&m->fields[i], sets->val[i]);
	if (!code)
		code = contradicts(m, sets);
	if (code)
		fieldmap_free(m);
	else
		*out = m;
	return code;
}

void
fieldmap_free(struct fieldmap *m)
{
	for (size_t i = 0; m && i < m->cnt; i++) {
		free(m->fields[i].at);
		free(m->fields[i].msg);
	}
	free(m);
}

/* ---- making ---- */

struct maker {
	const struct fieldmap *map;
	const weir_record *in;
	struct pack to;
	weir_diag *why;
	int rc;
};

/* The key of a pointer's first step, and how long that step is. */
static size_t
put_key(struct maker *k, const char *step)
{
	size_t len = strcspn(step, "/"), n = 0;
	char *key = malloc(len + 1);

	if (!key) {
		k->rc = -ENOMEM;
		return len;
	}
	for (size_t i = 0; i < len; i++) {
		key[n] = step[i];
		if (step[i] == '~')
			key[n] = step[++i] == '0' ? '~' : '/';
		n++;
	}
	pack_str(&k->to, key, n);
	free(key);
	return len;
}

static void
put_value(struct maker *k, const struct field *f)
{
	weir_value v;

	if (!f->of) {
		pack_raw(&k->to, f->msg, f->len);
	} else if (k->rc == 0) {
		k->rc = weir_record_find(k->in, f->of, &v);
		if (k->rc == 0)
			pack_raw(&k->to, v.raw, v.raw_len);
		else
			snprintf(k->why->message, sizeof(k->why->message),
				 "the update has no %s", f->of);
	}
}

/* Is @i the first of those below at[0..len) with this next step? */
static int
is_first(const struct fieldmap *m, size_t i, size_t len)
{
	const char *at = m->fields[i].at;
	size_t step = strcspn(at + len + 1, "/");

	for (size_t k = 0; k < i; k++) {
		const char *other = m->fields[k].at;

		if (strncmp(other, at, len + 1 + step) == 0 &&
		    (other[len + 1 + step] == '/' || !other[len + 1 + step]))
			return 0;
	}
	return 1;
}

static int
is_below(const char *at, const char *prefix, size_t len)
{
	return strncmp(at, prefix, len) == 0 && at[len] == '/';
}

/* All that is below prefix[0..len). */
static void
put_map(struct maker *k, const char *prefix, size_t len)
{
	const struct fieldmap *m = k->map;
	size_t cnt = 0;

	for (size_t i = 0; i < m->cnt; i++)
		cnt += is_below(m->fields[i].at, prefix, len) &&
		       is_first(m, i, len);
	pack_map(&k->to, cnt);
	for (size_t i = 0; i < m->cnt && !k->rc; i++) {
		const char *at = m->fields[i].at;
		size_t step;

		if (!is_below(at, prefix, len) || !is_first(m, i, len))
			continue;
		step = put_key(k, at + len + 1);
		if (at[len + 1 + step])
			put_map(k, at, len + 1 + step);
		else
			put_value(k, &m->fields[i]);
	}
}

int64_t
fieldmap_make(const struct fieldmap *m, const weir_record *in, void *buf,
	      size_t cap, weir_diag *why)
{
	struct maker k = {
	    .map = m, .in = in, .to = {.buf = buf, .cap = cap}, .why = why};

	put_map(&k, "", 0);
	if (!k.rc && k.to.is_full) {
		k.rc = -EMSGSIZE;
		snprintf(why->message, sizeof(why->message),
			 "the record is longer than the target takes");
	}
	return k.rc ? k.rc : (int64_t)k.to.len;
}
