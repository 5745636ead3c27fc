/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hash.h - the 64-bit hash of names and ids (part of the format).
 */
#ifndef WI_BASE_HASH_H
#define WI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* wi_hash - FNV-1a over @len bytes, finished with splitmix64's mixer so that
 * every bit counts; never 0, which means "no id". */
uint64_t wi_hash(const void *bytes, size_t len);

#endif
