/* SPDX-License-Identifier: BSD-2-Clause
 *
 * record.c - see record.h
 */
#include "soak/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Never 0, and small enough to be an int64 in any language. */
static uint64_t
sum_of(const struct soak_record *r, const char *pad, size_t len)
{
	uint64_t h = mix(mix(mix(len, r->who), r->n), r->t), v;

	for (; len >= 8; pad += 8, len -= 8) {
		memcpy(&v, pad, 8);
		h = mix(h, v);
	}
	v = 0;
	memcpy(&v, pad, len);
	return (mix(h, v) >> 2) + 1;
}

/* Text that depends on the record and on the place in it. */
static void
fill(char *pad, size_t len, const struct soak_record *r)
{
	struct rng rng = {r->who * 1000003 + r->n};

	for (; len >= 8; pad += 8, len -= 8) {
		uint64_t v = (rng_next(&rng) & 0x0f0f0f0f0f0f0f0fu) +
			     0x6161616161616161u; /* 'a' .. 'p' */

		memcpy(pad, &v, 8);
	}
	memset(pad, 'z', len);
}

static uint8_t *
put_key(uint8_t *p, const char *key)
{
	size_t len = strlen(key);

	*p++ = (uint8_t)(0xa0 | len);
	memcpy(p, key, len);
	return p + len;
}

static uint8_t *
put_number(uint8_t *p, const char *key, uint64_t v)
{
	p = put_key(p, key);
	*p++ = 0xcf;
	for (int i = 56; i >= 0; i -= 8)
		*p++ = (uint8_t)(v >> i);
	return p;
}

size_t
soak_record_build(uint8_t *buf, struct soak_record *r, size_t pad)
{
	uint8_t *p = buf, *sum;

	*p++ = 0x85;
	p = put_number(p, "who", r->who);
	p = put_number(p, "n", r->n);
	p = put_number(p, "t", r->t);
	sum = p;
	p = put_number(p, "sum", 0);
	p = put_key(p, "pad");
	*p++ = 0xdb;
	for (int i = 24; i >= 0; i -= 8)
		*p++ = (uint8_t)(pad >> i);
	fill((char *)p, pad, r);
	r->sum = sum_of(r, (char *)p, pad);
	put_number(sum, "sum", r->sum);
	return (size_t)(p - buf) + pad;
}

size_t
soak_record_json(char *text, struct soak_record *r, size_t pad)
{
	/* the padding first, where it ends up; then what is before it */
	char *at = text + SOAK_JSON - 2, head[SOAK_JSON];
	int len;

	fill(at, pad, r);
	r->sum = sum_of(r, at, pad);
	len = snprintf(head, sizeof(head),
		       "{\"who\":%" PRIu64 ",\"n\": %" PRIu64
		       ",\n\"t\":%" PRIu64 ",\"sum\":%" PRIu64 ",\"pad\":\"",
		       r->who, r->n, r->t, r->sum);
	memcpy(text, head, (size_t)len);
	memmove(text + len, at, pad);
	memcpy(text + (size_t)len + pad, "\"}", 2);
	return (size_t)len + pad + 2;
}

static int
number(const void *data, size_t len, const char *where, uint64_t *out)
{
	weir_value v;

	if (weir_value_find(data, len, where, &v) != 0 || v.type != WEIR_UINT)
		return 0;
	*out = v.u;
	return 1;
}

int
soak_record_ok(const void *data, size_t len, struct soak_record *r)
{
	weir_value pad;

	return data && number(data, len, "/who", &r->who) &&
	       number(data, len, "/n", &r->n) &&
	       number(data, len, "/t", &r->t) &&
	       number(data, len, "/sum", &r->sum) &&
	       weir_value_find(data, len, "/pad", &pad) == 0 &&
	       pad.type == WEIR_STR && r->sum == sum_of(r, pad.ptr, pad.len);
}

uint64_t
soak_record_digest(uint64_t seq, const struct soak_record *r)
{
	uint64_t h = mix(seq, r ? r->who : 0);

	if (r)
		h = mix(mix(h, r->n), r->sum);
	return h;
}
