/* SPDX-License-Identifier: BSD-2-Clause */
#include "pack.h"

#include <stdint.h>
#include <string.h>

void
pack_raw(struct pack *p, const void *bytes, size_t len)
{
	if (p->is_full || len > p->cap - p->len) {
		p->is_full = 1;
		return;
	}
	memcpy(p->buf + p->len, bytes, len);
	p->len += len;
}

/* @byte and the low @cnt bytes of @n, big-endian. */
static void
head(struct pack *p, unsigned char byte, uint64_t n, int cnt)
{
	unsigned char bytes[9] = {byte};

	for (int i = 0; i < cnt; i++)
		bytes[1 + i] = (unsigned char)(n >> 8 * (cnt - 1 - i));
	pack_raw(p, bytes, 1 + (size_t)cnt);
}

void
pack_map(struct pack *p, size_t cnt)
{
	if (cnt < 16)
		head(p, (unsigned char)(0x80 | cnt), 0, 0);
	else
		head(p, 0xde, cnt, 2);
}

void
pack_str(struct pack *p, const char *s, size_t len)
{
	if (len < 32)
		head(p, (unsigned char)(0xa0 | len), 0, 0);
	else if (len <= 0xff)
		head(p, 0xd9, len, 1);
	else if (len <= 0xffff)
		head(p, 0xda, len, 2);
	else
		head(p, 0xdb, len, 4);
	pack_raw(p, s, len);
}

void
pack_bin(struct pack *p, const void *bytes, size_t len)
{
	if (len <= 0xff)
		head(p, 0xc4, len, 1);
	else if (len <= 0xffff)
		head(p, 0xc5, len, 2);
	else
		head(p, 0xc6, len, 4);
	pack_raw(p, bytes, len);
}

void
pack_double(struct pack *p, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	head(p, 0xcb, bits, 8);
}
