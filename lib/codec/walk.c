/* SPDX-License-Identifier: BSD-2-Clause */
#include "codec/walk.h"

#include "base/bytes.h"

/* A payload of @len bytes behind the @head bytes at @p. */
static int
payload(const uint8_t *p, const uint8_t *end, size_t head, uint32_t len,
	uint8_t type, struct wi_head *h)
{
	if (len > (size_t)(end - p) - head)
		return WEIR_EMSGPACK;
	h->type = type;
	h->len = len;
	h->ptr = p + head;
	h->next = h->ptr + len;
	return 0;
}

static int
ext(const uint8_t *p, const uint8_t *end, size_t head, uint32_t len,
    struct wi_head *h)
{
	h->ext_type = (int8_t)p[head - 1];
	return payload(p, end, head, len, WEIR_EXT, h);
}

static int
container(const uint8_t *p, const uint8_t *end, size_t head, uint32_t cnt,
	  uint8_t type, struct wi_head *h)
{
	uint64_t least = type == WEIR_MAP ? (uint64_t)cnt * 2 : cnt;

	if (least > (size_t)(end - p) - head)
		return WEIR_EMSGPACK;
	h->type = type;
	h->len = cnt;
	h->next = p + head;
	return 0;
}

static int
integer(struct wi_head *h, int64_t v)
{
	h->type = v < 0 ? WEIR_INT : WEIR_UINT;
	if (v < 0)
		h->i = v;
	else
		h->u = (uint64_t)v;
	return 0;
}

/* float 32 to double by its bits: a conversion would be at the mercy of
 * the host program's floating-point mode, and would quiet a NaN. */
static double
widen(uint32_t f)
{
	uint64_t sign = (uint64_t)(f >> 31) << 63;
	uint64_t frac = f & 0x7fffff;
	uint64_t e = f >> 23 & 0xff;

	if (e == 0xff)
		e = 0x7ff;
	else if (e != 0)
		e += 1023 - 127;
	else if (frac != 0) {
		for (e = 1 + 1023 - 127; !(frac & 0x800000); e--)
			frac <<= 1;
		frac &= 0x7fffff;
	}
	return wi_double_of(sign | e << 52 | frac << 29);
}

/* Bytes of each head from 0xc0 on, without payload. */
static const uint8_t head_len[0x20] = {
    1, 1, 1, 1, /* nil, reserved, false, true */
    2, 3, 5,	/* bin 8, 16, 32 */
    3, 4, 6,	/* ext 8, 16, 32 */
    5, 9,	/* float 32, 64 */
    2, 3, 5, 9, /* uint 8 .. 64 */
    2, 3, 5, 9, /* int 8 .. 64 */
    2, 2, 2, 2, /* fixext 1 .. 8 */
    2,		/* fixext 16 */
    2, 3, 5,	/* str 8, 16, 32 */
    3, 5,	/* array 16, 32 */
    3, 5,	/* map 16, 32 */
};

int
wi_head_read_long(const uint8_t *p, const uint8_t *end, struct wi_head *h)
{
	size_t n;
	uint8_t b;

	if (p >= end)
		return WEIR_EMSGPACK;
	b = *p;
	if (b < 0xc0)
		return wi_head_read(p, end, h);
	if (b >= 0xe0) {
		h->next = p + 1;
		return integer(h, (int8_t)b);
	}
	n = head_len[b - 0xc0];
	if (n > (size_t)(end - p))
		return WEIR_EMSGPACK;
	h->next = p + n;
	switch (b) {
	case 0xc0:
		h->type = WEIR_NIL;
		return 0;
	case 0xc2:
	case 0xc3:
		h->type = WEIR_BOOL;
		h->u = b & 1;
		return 0;
	case 0xc4:
		return payload(p, end, n, p[1], WEIR_BIN, h);
	case 0xc5:
		return payload(p, end, n, wi_be16(p + 1), WEIR_BIN, h);
	case 0xc6:
		return payload(p, end, n, wi_be32(p + 1), WEIR_BIN, h);
	case 0xc7:
		return ext(p, end, n, p[1], h);
	case 0xc8:
		return ext(p, end, n, wi_be16(p + 1), h);
	case 0xc9:
		return ext(p, end, n, wi_be32(p + 1), h);
	case 0xca:
		h->type = WEIR_FLOAT;
		h->d = widen(wi_be32(p + 1));
		return 0;
	case 0xcb:
		h->type = WEIR_FLOAT;
		h->d = wi_double_of(wi_be64(p + 1));
		return 0;
	case 0xcc:
		return integer(h, p[1]);
	case 0xcd:
		return integer(h, wi_be16(p + 1));
	case 0xce:
		return integer(h, wi_be32(p + 1));
	case 0xcf:
		h->type = WEIR_UINT;
		h->u = wi_be64(p + 1);
		return 0;
	case 0xd0:
		return integer(h, (int8_t)p[1]);
	case 0xd1:
		return integer(h, (int16_t)wi_be16(p + 1));
	case 0xd2:
		return integer(h, (int32_t)wi_be32(p + 1));
	case 0xd3:
		return integer(h, (int64_t)wi_be64(p + 1));
	case 0xd4:
	case 0xd5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
		return ext(p, end, n, 1u << (b - 0xd4), h);
	case 0xd9:
		return payload(p, end, n, p[1], WEIR_STR, h);
	case 0xda:
		return payload(p, end, n, wi_be16(p + 1), WEIR_STR, h);
	case 0xdb:
		return payload(p, end, n, wi_be32(p + 1), WEIR_STR, h);
	case 0xdc:
		return container(p, end, n, wi_be16(p + 1), WEIR_ARRAY, h);
	case 0xdd:
		return container(p, end, n, wi_be32(p + 1), WEIR_ARRAY, h);
	case 0xde:
		return container(p, end, n, wi_be16(p + 1), WEIR_MAP, h);
	case 0xdf:
		return container(p, end, n, wi_be32(p + 1), WEIR_MAP, h);
	default: /* 0xc1 */
		return WEIR_EMSGPACK;
	}
}

const uint8_t *
wi_skip(const uint8_t *p, const uint8_t *end)
{
	uint64_t left[WI_DEPTH_MAX]; /* values still to come, per container */
	unsigned depth = 0;
	struct wi_head h;

	for (;;) {
		if (wi_head_read(p, end, &h))
			return NULL;
		p = h.next;
		if (h.type >= WEIR_ARRAY) {
			if (depth == WI_DEPTH_MAX)
				return NULL;
			left[depth++] = (uint64_t)h.len << (h.type == WEIR_MAP);
		} else if (depth > 0) {
			left[depth - 1]--;
		} else {
			return p;
		}
		while (left[depth - 1] == 0) {
			if (--depth == 0)
				return p;
			left[depth - 1]--;
		}
	}
}
