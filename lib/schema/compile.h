/* SPDX-License-Identifier: BSD-2-Clause
 *
 * compile.h - from schema documents to a program.
 *
 * A queue of schema objects, each compiled once (per scope, resource.h) and
 * without recursion; then passes over all nodes: which only pass a value on,
 * whether steps go round in circles, how deep they go (order.c).  Time and
 * memory are in proportion to the text, times the logarithm of its longest
 * list; what is compiled again, for another scope, counts as more text, and
 * there is a limit to that.
 */
#ifndef WI_SCHEMA_COMPILE_H
#define WI_SCHEMA_COMPILE_H

#include <stdarg.h>

#include "codec/walk.h"
#include "schema/program.h"
#include "schema/doc.h"

/* Text beyond this is refused. */
#define WI_SCHEMA_TEXT_MAX ((size_t)16 << 20)

/* Text that is compiled again for another scope: so many times that of all
 * documents, and a little that is always allowed. */
#define WI_AGAIN_TIMES 4
#define WI_AGAIN_LEN   ((size_t)16 << 20)
#define WI_AGAIN_EACH  64 /* bytes that each schema counts as more */

struct wi_compiler {
	struct weir_schema *s;
	weir_diag *diag;
	struct wi_doc doc;
	struct wi_library lib;
	struct wi_unit *units; /* in the order of the queue */
	uint32_t *unit_at;     /* by place: the first unit there, plus 1 */
	struct wi_names again; /* the others, by place and scope */
	uint32_t unit_cnt, unit_cap;
	uint64_t again_len; /* text that was compiled again */
	/* of the schema object that is compiled now */
	struct wi_node *node;
	uint32_t res, scope;
	uint32_t own_len; /* its text without the schemas inside */
	uint32_t value_at[WI_KW_CNT]; /* of its keywords; 0 = not there */
};

/* One schema in one scope, and its node. */
struct wi_unit {
	struct wi_node *node;
	uint32_t res, scope;
	bool is_again; /* its schema has a unit in another scope */
	/* order.c: how deep its steps go; 0: not known yet */
	uint32_t depth;
};

/* wi_compile - compile the documents of @s into the rest of it.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA with @diag; -EAGAIN: the meta-schemas
 * of 2020-12 are referred to, and are not among the documents. */
int wi_compile(struct weir_schema *s, weir_diag *diag);

/* For parts.c, steps.c and order.c. */

/* wi_refuse - the schema at @at is refused for its keyword @kw (WI_KW_CNT:
 * for itself).  Return: WEIR_EBADSCHEMA. */
int wi_refuse(struct wi_compiler *c, uint32_t at, unsigned kw, const char *fmt,
	      ...) __attribute__((format(printf, 4, 5)));

/* wi_link - the node of the schema at @at, which is inside of the one that is
 * compiled now, and may not be compiled yet.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_link(struct wi_compiler *c, uint32_t at, unsigned kw,
	    const struct wi_node **out);

/* wi_link_to - the same for one that a reference leads to. */
int wi_link_to(struct wi_compiler *c, const struct wi_target *t, unsigned kw,
	       const struct wi_node **out);

/* wi_build_parts, wi_build_steps - give c->node what its keywords ask for.
 * The shapes of their values have been checked.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA; steps: -EAGAIN. */
int wi_build_parts(struct wi_compiler *c);
int wi_build_object(struct wi_compiler *c); /* its part of the parts */
int wi_build_steps(struct wi_compiler *c);

/* wi_count - the value of a keyword that is a count; @dflt if it is not
 * there. */
uint64_t wi_count(const struct wi_compiler *c, unsigned kw, uint64_t dflt);

/* wi_build_pattern - one regular expression of keyword @kw. */
int wi_build_pattern(struct wi_compiler *c, unsigned kw,
		     const struct wi_head *h, const struct wi_pattern **out);

/* wi_put_in_order - shorten what only passes on, refuse circles, and reserve
 * what checking needs.  Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_put_in_order(struct wi_compiler *c);

/* wi_new - @cnt things of @size for the program, zeroed, or NULL. */
static inline void *
wi_new(struct wi_compiler *c, size_t cnt, size_t size)
{
	return wi_arena_get(c->s->arena, cnt ? cnt : 1, size);
}

static inline void
wi_doc_head(const struct wi_compiler *c, uint32_t at, struct wi_head *h)
{
	/* the document is well-formed: this cannot fail */
	if (wi_head_read(c->doc.ptr + at, c->doc.ptr + c->doc.len, h))
		*h = (struct wi_head){.type = WEIR_NIL};
}

/* wi_get - the head of the value of @kw; 0 if the keyword is not there. */
static inline int
wi_get(const struct wi_compiler *c, unsigned kw, struct wi_head *h)
{
	*h = (struct wi_head){.type = WEIR_NIL};
	if (!c->value_at[kw])
		return 0;
	wi_doc_head(c, c->value_at[kw], h);
	return 1;
}

static inline uint32_t
wi_doc_at(const struct wi_compiler *c, const uint8_t *p)
{
	return (uint32_t)(p - c->doc.ptr);
}

#endif
