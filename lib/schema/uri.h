/* SPDX-License-Identifier: BSD-2-Clause
 *
 * uri.h - references resolved against a base (RFC 3986, section 5.2).
 */
#ifndef WI_SCHEMA_URI_H
#define WI_SCHEMA_URI_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "schema/arena.h"

/* Bytes of text somewhere else; not NUL-terminated. */
struct wi_text {
	const uint8_t *ptr;
	uint32_t len;
};

static inline struct wi_text
wi_text(const void *ptr, size_t len)
{
	return (struct wi_text){ptr, (uint32_t)len};
}

static inline bool
wi_text_same(struct wi_text a, struct wi_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

static inline bool
wi_text_starts(struct wi_text t, const char *with)
{
	return t.len >= strlen(with) && !memcmp(t.ptr, with, strlen(with));
}

/* wi_text_copy - a copy in @arena; .ptr NULL: no memory. */
static inline struct wi_text
wi_text_copy(struct wi_arena *arena, struct wi_text t)
{
	uint8_t *p = t.len ? wi_arena_get(arena, t.len, 1) : NULL;

	if (p)
		memcpy(p, t.ptr, t.len);
	return (struct wi_text){p, p ? t.len : 0};
}

/* wi_uri_cut - take the fragment off @uri.
 * Return: it, without its "#"; .ptr NULL: there is none. */
struct wi_text wi_uri_cut(struct wi_text *uri);

/* A base and a reference that are longer together cannot be resolved. */
#define WI_URI_MAX 4096

/* wi_uri_resolve - @ref, which has no fragment, as seen from @base: absolute
 * if @base is.  The text lies in @dst, or is @ref or @base itself.
 * Return: 0, -E2BIG. */
int wi_uri_resolve(struct wi_text base, struct wi_text ref,
		   uint8_t dst[WI_URI_MAX], struct wi_text *out);

#endif
