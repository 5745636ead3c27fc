/* SPDX-License-Identifier: BSD-2-Clause
 *
 * pack.h - writes msgpack into a buffer of a given size.
 */
#ifndef WI_TOOLS_PACK_H
#define WI_TOOLS_PACK_H

#include <stddef.h>

struct pack {
	unsigned char *buf;
	size_t len, cap;
	int is_full; /* something did not fit; nothing behind it was written */
};

void pack_raw(struct pack *p, const void *bytes, size_t len);
void pack_map(struct pack *p, size_t cnt);		  /* up to 65535 */
void pack_str(struct pack *p, const char *s, size_t len); /* UTF-8 */
void pack_bin(struct pack *p, const void *bytes, size_t len);
void pack_double(struct pack *p, double d);

#endif
