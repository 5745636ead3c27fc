/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/names.h"

#include <errno.h>
#include <stdlib.h>

static int
grow(struct wi_names *n)
{
	struct wi_names old = *n;

	n->cap = old.cap ? old.cap * 2 : 16;
	n->slots = calloc(n->cap, sizeof(*n->slots));
	if (!n->slots) {
		*n = old;
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < old.cap; i++) {
		uint32_t k = (uint32_t)old.slots[i].hash & (n->cap - 1);

		if (!old.slots[i].val)
			continue;
		while (n->slots[k].val)
			k = (k + 1) & (n->cap - 1);
		n->slots[k] = old.slots[i];
	}
	free(old.slots);
	return 0;
}

int
wi_names_add(struct wi_names *n, uint64_t hash, uint32_t val)
{
	uint32_t k;

	if (n->cnt >= n->cap / 2 && grow(n))
		return -ENOMEM;
	k = (uint32_t)hash & (n->cap - 1);
	while (n->slots[k].val)
		k = (k + 1) & (n->cap - 1);
	n->slots[k].hash = hash;
	n->slots[k].val = val + 1;
	n->cnt++;
	return 0;
}

uint32_t
wi_names_next(const struct wi_names *n, uint64_t hash, uint32_t *k)
{
	if (!n->cap)
		return UINT32_MAX;
	*k = *k == UINT32_MAX ? (uint32_t)hash & (n->cap - 1)
			      : (*k + 1) & (n->cap - 1);
	for (; n->slots[*k].val; *k = (*k + 1) & (n->cap - 1))
		if (n->slots[*k].hash == hash)
			return n->slots[*k].val - 1;
	return UINT32_MAX;
}
