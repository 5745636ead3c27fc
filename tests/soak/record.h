/* SPDX-License-Identifier: BSD-2-Clause
 *
 * record.h - the records of a soak: each says who made it, as which of his,
 * and when, and carries a sum of all that and of its padding.
 *
 *     {"who": 17, "n": 4, "t": 123456789, "sum": 9876, "pad": "..."}
 */
#ifndef WI_TESTS_SOAK_RECORD_H
#define WI_TESTS_SOAK_RECORD_H

#include <weir.h>

#include "support/rng.h"

#define SOAK_HEAD 64u  /* bytes that all but the padding takes, at most */
#define SOAK_JSON 160u /* the same as JSON text */

struct soak_record {
	uint64_t who, n; /* the n-th record of this life, from 1 */
	uint64_t t;	 /* CLOCK_MONOTONIC, ns, before it was published */
	uint64_t sum;
};

/* Build it as msgpack with @pad bytes of padding: up to SOAK_HEAD + @pad
 * bytes at @buf.  Return: the bytes; r->sum is set. */
size_t soak_record_build(uint8_t *buf, struct soak_record *r, size_t pad);

/* The same as JSON text, up to SOAK_JSON + @pad bytes. */
size_t soak_record_json(char *text, struct soak_record *r, size_t pad);

/* Take it apart.  Return: 0 if it is not whole. */
int soak_record_ok(const void *data, size_t len, struct soak_record *r);

/* One number for the record that stands at @seq.  Clears have no bytes:
 * @r is NULL. */
uint64_t soak_record_digest(uint64_t seq, const struct soak_record *r);

#endif
