/* SPDX-License-Identifier: BSD-2-Clause
 *
 * resource.h - who is called what: schema resources, anchors, references.
 *
 * A resource is the root of a document or a schema with an $id of its own; it
 * has a base URI, and a set of vocabularies.  All of them, and all anchors,
 * are found before the first reference is followed, by one look at every
 * place where a schema may stand.
 *
 * Dynamic anchors.  What $dynamicRef means depends on which resources were
 * entered on the way: the first of them that has the anchor counts.  So a
 * scope is a set of anchors, each with the place that it means by now; a
 * schema is compiled once for each scope in which it is reached, and there
 * is nothing left to look up when a record is checked.
 */
#ifndef WI_SCHEMA_RESOURCE_H
#define WI_SCHEMA_RESOURCE_H

#include <stdbool.h>

#include "codec/walk.h"
#include "schema/doc.h"
#include "schema/keywords.h"
#include "schema/names.h"
#include "schema/uri.h"

struct wi_resource {
	uint32_t at;	   /* its root */
	uint32_t around;   /* the resource that it is in; or itself */
	struct wi_text uri; /* absolute as far as can be; no fragment */
	uint32_t vocabs;   /* bit per enum wi_vocab */
	uint32_t dynamic_cnt, first_dynamic; /* its dynamic anchors */
};

/* A document: where it lies, and the URI that it was handed in under. */
struct wi_document {
	uint32_t start, end;
	struct wi_text uri;
	bool is_ours; /* of meta.h: gives way to one that has its name */
};

struct wi_anchor {
	uint32_t res;
	uint32_t at;
	uint32_t next; /* dynamic one of the same resource, plus 1 */
	uint32_t kind; /* of dynamic ones: the same for the same name */
	struct wi_text name;
	bool is_dynamic;
};

/* The dynamic anchors that were met first, in the order of their places in
 * the list of anchors.  Two ways that lead to the same ones are one scope. */
struct wi_scope {
	uint32_t cnt;
	const struct wi_anchor **anchors;
};

/* Whoever enters resource @res from scope @from is in scope @to. */
struct wi_entry {
	uint32_t from, res, to;
};

struct wi_library {
	struct wi_doc *doc;
	struct wi_arena *arena;
	const struct wi_document *docs;
	uint32_t doc_cnt;
	bool has_meta; /* the documents of meta.h are there */
	struct wi_resource *res;
	uint32_t res_cnt, res_cap;
	struct wi_anchor *anchors;
	uint32_t anchor_cnt, anchor_cap, dynamic_cnt;
	struct wi_names by_uri, by_place, by_anchor, by_entry;
	struct wi_scope *scopes; /* [0]: no anchors */
	uint32_t scope_cnt, scope_cap;
	struct wi_entry *entries;
	uint32_t entry_cnt, entry_cap;
	uint64_t uri_bytes; /* of all that were resolved */
	/* what is wrong, and where, if a call says WEIR_EBADSCHEMA */
	uint32_t bad_at;
	unsigned bad_keyword;
	char why[240];
};

#define WI_RES_NONE  UINT32_MAX
#define WI_SCOPE_MAX 256 /* with the one of no anchors */

/* Dynamic anchors, so that telling scopes apart takes no time. */
#define WI_DYNAMIC_MAX 1024

/* Bytes of $id and $ref, all of them resolved against their bases. */
#define WI_URI_BYTES ((uint64_t)32 << 20)

/* wi_library_init - find the resources and anchors of all documents.
 * Return: 0, -ENOMEM, WEIR_EBADSCHEMA.  wi_library_fini() in any case. */
int wi_library_init(struct wi_library *l, struct wi_doc *doc,
		    struct wi_arena *arena, const struct wi_document *docs,
		    uint32_t doc_cnt);
void wi_library_fini(struct wi_library *l);

/* wi_resource_at - the resource whose root is at @at, or WI_RES_NONE. */
uint32_t wi_resource_at(const struct wi_library *l, uint32_t at);

/* What a reference means. */
struct wi_target {
	uint32_t at, res;
	const struct wi_anchor *dynamic; /* that it named; NULL: none */
};

/* wi_refer - what the reference @ref means in resource @res.
 * Return: 0, -ENOMEM; WEIR_EBADSCHEMA with l->why; -EAGAIN: it means one of
 * the meta-schemas of 2020-12, which are not among the documents. */
int wi_refer(struct wi_library *l, uint32_t res, struct wi_text ref,
	     struct wi_target *out);

/* wi_scope_enter - the scope in which a schema of @res is, that was reached
 * from @scope.  Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_scope_enter(struct wi_library *l, uint32_t scope, uint32_t res,
		   uint32_t *out);

/* wi_scope_find - change *@t to what its dynamic anchor means in @scope. */
void wi_scope_find(const struct wi_library *l, uint32_t scope,
		   struct wi_target *t);

/* Shared by resource.c and refer.c. */

/* wi_library_bad - note what is wrong; @fmt has one "%.*s", for @t.
 * Return: WEIR_EBADSCHEMA. */
int wi_library_bad(struct wi_library *l, uint32_t at, unsigned kw,
		   const char *fmt, struct wi_text t);

/* wi_library_grow - room for one more element of @size behind the first
 * @cnt of *@array.  Return: 0, -ENOMEM. */
int wi_library_grow(void *array, uint32_t cnt, uint32_t *cap, size_t size);

/* wi_library_resolve - @ref, which has no fragment, as seen from resource
 * @res; in the arena.  Return: 0, -ENOMEM, WEIR_EBADSCHEMA. */
int wi_library_resolve(struct wi_library *l, uint32_t at, unsigned kw,
		       uint32_t res, struct wi_text ref, struct wi_text *out);

/* wi_resource_called - the resource with this URI, or WI_RES_NONE. */
uint32_t wi_resource_called(const struct wi_library *l, struct wi_text uri);

/* wi_anchor_find - the anchor @name of resource @res, or NULL. */
struct wi_anchor *wi_anchor_find(const struct wi_library *l, uint32_t res,
				 struct wi_text name);

#endif
