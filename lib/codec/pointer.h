/* SPDX-License-Identifier: BSD-2-Clause
 *
 * pointer.h - JSON Pointers (RFC 6901), written token by token.
 */
#ifndef WI_CODEC_POINTER_H
#define WI_CODEC_POINTER_H

#include <stddef.h>
#include <stdint.h>

/* A pointer that grows in buf[cap]; what does not fit ends in "...". */
struct wi_path {
	char *buf;
	size_t cap;
	size_t len;
	int cut;
};

/* wi_path_init - the empty pointer, in @cap bytes (at least 8) at @buf. */
void wi_path_init(struct wi_path *path, char *buf, size_t cap);

/* wi_path_key - go into a member; '~' and '/' are escaped. */
void wi_path_key(struct wi_path *path, const uint8_t *key, size_t len);

/* wi_path_index - go into an element. */
void wi_path_index(struct wi_path *path, uint64_t idx);

/* wi_pointer_valid - is @pointer a JSON Pointer? */
int wi_pointer_valid(const char *pointer);

#endif
