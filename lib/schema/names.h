/* SPDX-License-Identifier: BSD-2-Clause
 *
 * names.h - numbers that are found by the hash of a name.
 */
#ifndef WI_SCHEMA_NAMES_H
#define WI_SCHEMA_NAMES_H

#include <stdint.h>

struct wi_names {
	struct {
		uint64_t hash;
		uint32_t val; /* plus 1 */
	} *slots;
	uint32_t cap, cnt;
};

/* wi_names_add - @val under @hash, which may be there already.
 * Return: 0, -ENOMEM. */
int wi_names_add(struct wi_names *n, uint64_t hash, uint32_t val);

/* wi_names_next - the next value under @hash, of which the caller knows what
 * it stands for; *@k is UINT32_MAX at first, then left alone.
 * Return: it; UINT32_MAX: there are no more. */
uint32_t wi_names_next(const struct wi_names *n, uint64_t hash, uint32_t *k);

#endif
