/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define FIRST_LEN ((size_t)2048)
#define GROWN_LEN ((size_t)1 << 18)

struct chunk {
	struct chunk *next;
	alignas(max_align_t) unsigned char mem[];
};

struct wi_arena {
	struct chunk *chunks;
	unsigned char *ptr;
	size_t left;
	size_t chunk_len;
};

struct wi_arena *
wi_arena_new(void)
{
	struct wi_arena *a = calloc(1, sizeof(*a));

	if (a)
		a->chunk_len = FIRST_LEN;
	return a;
}

/* A large request gets a chunk of its own and leaves the current one. */
static void *
get_chunk(struct wi_arena *a, size_t len)
{
	struct chunk *c = calloc(1, sizeof(*c) + len);

	if (!c)
		return NULL;
	c->next = a->chunks;
	a->chunks = c;
	return c->mem;
}

void *
wi_arena_get(struct wi_arena *a, size_t cnt, size_t size)
{
	size_t len;
	void *p;

	if (size && cnt > SIZE_MAX / 2 / size)
		return NULL;
	len = (cnt * size + alignof(max_align_t) - 1) &
	      ~(alignof(max_align_t) - 1);
	if (len > a->left) {
		if (len > a->chunk_len / 4)
			return get_chunk(a, len);
		p = get_chunk(a, a->chunk_len);
		if (!p)
			return NULL;
		a->ptr = p;
		a->left = a->chunk_len;
		if (a->chunk_len < GROWN_LEN)
			a->chunk_len *= 2;
	}
	p = a->ptr;
	a->ptr += len;
	a->left -= len;
	return p;
}

void
wi_arena_free(struct wi_arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}
