/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doc.h - places in the documents of a schema.
 *
 * All documents lie one behind the other in one piece of well-formed msgpack;
 * a place is the offset of a value in it.
 */
#ifndef WI_SCHEMA_DOC_H
#define WI_SCHEMA_DOC_H

#include <weir/error.h>

#include "schema/arena.h"

struct wi_doc {
	const uint8_t *ptr;
	uint32_t len;
	uint32_t *end_at;    /* by offset: end of the container there */
	uint32_t *member_at; /* by offset: its index in `members`, plus 1 */
	struct wi_members *members;
	uint32_t member_cnt, member_cap;
	struct wi_arena *arena; /* for the members */
};

/* wi_doc_init - index well-formed msgpack.
 * Return: 0, -ENOMEM.  wi_doc_fini() in any case. */
int wi_doc_init(struct wi_doc *d, const uint8_t *ptr, uint32_t len);
void wi_doc_fini(struct wi_doc *d);

/* wi_doc_skip - the place behind the value at @at, in constant time. */
uint32_t wi_doc_skip(const struct wi_doc *d, uint32_t at);

/* wi_doc_child - go from the container at *@at to the child that the token
 * tok[0 .. len) of a JSON Pointer names ("~0" and "~1" already resolved).
 * Return: 0, -ENOENT, -ENOMEM. */
int wi_doc_child(struct wi_doc *d, uint32_t *at, const char *tok, size_t len);

/* wi_place - write the JSON Pointer of the value at offset @at of
 * msg[0 .. len) to dst[cap]: @prefix, the pointer, then "/" and @last if
 * @last is not NULL; cut with "..." where it does not fit.  A place inside
 * a member's name counts as the member. */
void wi_place(const uint8_t *msg, size_t len, size_t at, const char *prefix,
	      const char *last, char *dst, size_t cap);

#endif
