/* SPDX-License-Identifier: BSD-2-Clause */
#include "where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "out.h"

enum op { OP_IS_THERE, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct where {
	enum op op;
	char *pointer;
	weir_value with; /* points into .msg */
	unsigned char msg[];
};

static const struct {
	const char *text; /* longer ones first */
	enum op op;
} ops[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE}, {">=", OP_GE},
	   {"=", OP_EQ},  {"<", OP_LT},	 {">", OP_GT}};

static int
wrong(const char *text, const char *why)
{
	talk("--where '%s': %s, as in '/value > 10'", text, why);
	return X_USAGE;
}

/* The field: up to a space, or where there is none before it, up to the
 * comparison. */
static size_t
pointer_len(const char *text)
{
	size_t len = strcspn(text, " ");

	return text[len] ? len : strcspn(text, "=!<>");
}

static int
take_value(struct where *w, const char *whole, const char *text)
{
	weir_diag diag = {0};
	int64_t n = weir_json_to_msgpack(text, strlen(text), w->msg,
					 3 * strlen(whole), &diag);

	if (n < 0 || weir_value_find(w->msg, (size_t)n, "", &w->with) < 0)
		return wrong(whole, "what is compared with is a JSON value, "
				    "text in \"quotes\"");
	if (w->with.type == WEIR_ARRAY || w->with.type == WEIR_MAP)
		return wrong(whole, "no array or object can be compared with, "
				    "only what is in one");
	if (w->op > OP_NE &&
	    (w->with.type == WEIR_NIL || w->with.type == WEIR_BOOL))
		return wrong(whole, "null, true and false are only == or !=");
	return 0;
}

static int
take_rest(struct where *w, const char *whole, const char *rest)
{
	rest += strspn(rest, " ");
	if (!*rest) {
		w->op = OP_IS_THERE;
		return 0;
	}
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (strncmp(rest, ops[i].text, strlen(ops[i].text)) == 0) {
			w->op = ops[i].op;
			return take_value(w, whole, rest + strlen(ops[i].text));
		}
	return wrong(whole, "behind the field comes ==, !=, <, <=, > or >=");
}

int
where_parse(const char *text, struct where **out)
{
	static const unsigned char nil = 0xc0;
	size_t len = pointer_len(text);
	struct where *w = calloc(1, sizeof(*w) + 3 * strlen(text) + 1);
	weir_value v;
	int code;

	if (w)
		w->pointer = strndup(text, len);
	if (!w || !w->pointer) {
		free(w);
		return fail("--where", -ENOMEM, NULL);
	}
	if (weir_value_find(&nil, 1, w->pointer, &v) == -EINVAL)
		code = wrong(text, "a field is a JSON Pointer, which begins "
				   "with /");
	else
		code = take_rest(w, text, text + len);
	*out = code ? NULL : w;
	if (code)
		where_free(w);
	return code;
}

void
where_free(struct where *w)
{
	if (w)
		free(w->pointer);
	free(w);
}

static int
is_number(const weir_value *v)
{
	return v->type == WEIR_INT || v->type == WEIR_UINT ||
	       v->type == WEIR_FLOAT;
}

/* Has 64 bits of mantissa or more, so all integers are exact. */
static long double
number(const weir_value *v)
{
	return v->type == WEIR_INT    ? (long double)v->i
	       : v->type == WEIR_UINT ? (long double)v->u
				      : (long double)v->d;
}

/* Less, the same or more: -1, 0, 1; or 2: neither. */
static int
compare(const weir_value *a, const weir_value *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int rc;

	if (is_number(a) && is_number(b))
		return number(a) < number(b)	? -1
		       : number(a) > number(b)	? 1
		       : number(a) == number(b) ? 0
						: 2;
	if (a->type != b->type)
		return 2;
	switch (a->type) {
	case WEIR_NIL:
		return 0;
	case WEIR_BOOL:
		return a->boolean == b->boolean ? 0 : 2;
	case WEIR_STR:
		rc = len ? memcmp(a->ptr, b->ptr, len) : 0;
		if (rc == 0)
			rc = (a->len > b->len) - (a->len < b->len);
		return rc < 0 ? -1 : rc > 0;
	default:
		return 2;
	}
}

int
where_holds(const struct where *w, const weir_record *rec)
{
	weir_value v;
	int rc, order;

	if (!w)
		return 1;
	if (rec->kind == WEIR_CLEAR)
		return 0;
	rc = weir_record_find(rec, w->pointer, &v);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (w->op == OP_IS_THERE)
		return rc == 0;
	order = rc == 0 ? compare(&v, &w->with) : 2;
	switch (w->op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order == -1;
	case OP_LE:
		return order == -1 || order == 0;
	case OP_GT:
		return order == 1;
	default:
		return order == 1 || order == 0;
	}
}
