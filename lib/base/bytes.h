/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bytes.h - numbers in bytes: big-endian as msgpack has them, and words of
 * the machine's own order for loops that look at eight bytes at once.
 *
 * No alignment is asked for; compilers turn each into one load or store.
 */
#ifndef WI_BASE_BYTES_H
#define WI_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

/* The widest product of two 64-bit numbers. */
__extension__ typedef unsigned __int128 wi_u128;

static inline uint16_t
wi_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
wi_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
wi_be64(const uint8_t *p)
{
	return (uint64_t)wi_be32(p) << 32 | wi_be32(p + 4);
}

static inline void
wi_put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
wi_put_be32(uint8_t *p, uint32_t v)
{
	wi_put_be16(p, (uint16_t)(v >> 16));
	wi_put_be16(p + 2, (uint16_t)v);
}

static inline void
wi_put_be64(uint8_t *p, uint64_t v)
{
	wi_put_be32(p, (uint32_t)(v >> 32));
	wi_put_be32(p + 4, (uint32_t)v);
}

static inline uint32_t
wi_word32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
wi_word64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The same byte eight times. */
#define WI_EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Non-zero if a byte of @v is 0; WI_EACH(c) ^ v asks for the byte c. */
static inline uint64_t
wi_has_zero(uint64_t v)
{
	return (v - WI_EACH(0x01)) & ~v & WI_EACH(0x80);
}

static inline double
wi_double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static inline uint64_t
wi_bits_of(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

#endif
