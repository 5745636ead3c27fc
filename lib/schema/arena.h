/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arena.h - memory that is given back all at once.
 */
#ifndef WI_SCHEMA_ARENA_H
#define WI_SCHEMA_ARENA_H

#include <stddef.h>

struct wi_arena;

/* wi_arena_new - an empty arena, or NULL. */
struct wi_arena *wi_arena_new(void);

/* wi_arena_get - @cnt elements of @size zeroed bytes, aligned for any
 * object, or NULL.  Good until wi_arena_free(). */
void *wi_arena_get(struct wi_arena *a, size_t cnt, size_t size);

/* wi_arena_free - give all of it back; NULL is allowed. */
void wi_arena_free(struct wi_arena *a);

#endif
