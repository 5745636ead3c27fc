/* SPDX-License-Identifier: BSD-2-Clause
 *
 * compile.h - from a schema document to a program.
 *
 * A queue of schema objects, each compiled once and without recursion; then
 * a pass that refuses $refs that go round in circles and shortens those that
 * only pass on.  Time and memory are in proportion to the text, times the
 * logarithm of its longest list.
 */
#ifndef WI_SCHEMA_COMPILE_H
#define WI_SCHEMA_COMPILE_H

#include <stdarg.h>

#include "codec/walk.h"
#include "schema/program.h"
#include "schema/resolve.h"

/* Text beyond this is refused. */
#define WI_SCHEMA_TEXT_MAX ((size_t)16 << 20)

struct wi_compiler {
	struct weir_schema *s;
	weir_diag *diag;
	struct wi_doc doc;
	struct wi_node **nodes; /* in the order of the queue */
	uint32_t *node_at;	/* by place in the document, plus 1 */
	uint32_t node_cnt, node_cap;
	/* of the schema object that is compiled now */
	struct wi_node *node;
	uint32_t value_at[WI_KW_CNT]; /* of its keywords; 0 = not there */
};

/* wi_compile - compile s->doc into the rest of @s.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA with @diag. */
int wi_compile(struct weir_schema *s, weir_diag *diag);

/* wi_keyword_name - as it is spelled; "" for those that are none. */
const char *wi_keyword_name(unsigned kw);

/* For parts.c. */

/* wi_refuse - the schema at @at is refused for its keyword @kw (WI_KW_CNT:
 * for itself).  Return: WEIR_EBADSCHEMA. */
int wi_refuse(struct wi_compiler *c, uint32_t at, unsigned kw, const char *fmt,
	      ...) __attribute__((format(printf, 4, 5)));

/* wi_link - the node of the schema at @at, which may not be compiled yet.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_link(struct wi_compiler *c, uint32_t at, unsigned kw,
	    const struct wi_node **out);

/* wi_build_parts - give c->node what its keywords ask for, but for $ref.
 * The shapes of their values have been checked.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_build_parts(struct wi_compiler *c);

static inline void
wi_doc_head(const struct wi_compiler *c, uint32_t at, struct wi_head *h)
{
	/* the document is well-formed: this cannot fail */
	if (wi_head_read(c->doc.ptr + at, c->doc.ptr + c->doc.len, h))
		h->type = WEIR_NIL;
}

static inline uint32_t
wi_doc_at(const struct wi_compiler *c, const uint8_t *p)
{
	return (uint32_t)(p - c->doc.ptr);
}

#endif
