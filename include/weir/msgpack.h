/* SPDX-License-Identifier: BSD-2-Clause
 *
 * msgpack.h - pack a record straight into the store with msgpack-c.
 *
 * Not part of <weir.h>, so that only programs that use it need msgpack-c.
 *
 *	msgpack_packer pk;
 *	if (weir_pack(p, &pk) == 0) {
 *		msgpack_pack_map(&pk, 1);
 *		...
 *		seq = weir_commit_appended(p, &diag);
 *		if (seq < 0)
 *			weir_abort(p);
 *	}
 *
 * A record that is refused (WEIR_ESCHEMA, WEIR_EMSGPACK) leaves the loan
 * open; without the weir_abort() every later weir_pack() says -EBUSY.
 */
#ifndef WEIR_MSGPACK_H
#define WEIR_MSGPACK_H

#include <msgpack.h>
#include <weir/producer.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline int
weir_pack_write(void *p, const char *buf, size_t len)
{
	return weir_loan_append((weir_producer *)p, buf, len);
}

/**
 * weir_pack_max - a packer over a loan of @max bytes
 *
 * Return: as weir_loan().  End with weir_commit_appended() or weir_abort().
 */
static inline int
weir_pack_max(weir_producer *p, msgpack_packer *pk, size_t max)
{
	void *buf;
	int rc = weir_loan(p, max, &buf);

	if (rc == 0)
		msgpack_packer_init(pk, p, weir_pack_write);
	return rc;
}

/**
 * weir_pack - a packer over a loan as large as the channel allows
 */
static inline int
weir_pack(weir_producer *p, msgpack_packer *pk)
{
	return weir_pack_max(p, pk, 0);
}

#ifdef __cplusplus
}
#endif
#endif
