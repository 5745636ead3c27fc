/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kit.h - what the stories of this folder share: stores and handles in one
 * line, records that tell whether they are whole, and memory that parent and
 * children share.
 *
 * Handles are opened by parents and children alike; what cannot be opened
 * ends the process with a word why (exit status 99), because there is
 * nothing to test then.
 */
#ifndef WI_TESTS_PROC_KIT_H
#define WI_TESTS_PROC_KIT_H

#include <weir.h>

#include "support/harness.h"
#include "support/procs.h"
#include "support/rng.h"
#include "support/tmpstore.h"

#define KIT_REC_MAX 4096
#define KIT_S	    INT64_C(1000000000)
#define KIT_MS	    INT64_C(1000000)

/* ---- records: a msgpack bin whose bytes follow from who and number --------
 */

/* Build record @no of producer @who with about @len bytes of payload.
 * Return: the size. */
size_t kit_rec(uint8_t *buf, uint32_t who, uint64_t no, size_t len);

/* Is it whole?  Then 1, and @who and @no (which may be NULL) are filled. */
int kit_rec_ok(const void *data, size_t len, uint32_t *who, uint64_t *no);

/* A number for all that a record is: seq, kind, id and bytes; never 0. */
uint64_t kit_digest(const weir_record *rec);

/* ---- handles --------------------------------------------------------------
 */

weir_store *kit_store(const char *name);

/* A channel, made if absent; @slots 0: it must exist. */
weir_channel *kit_channel(weir_store *st, const char *name, uint32_t overflow,
			  uint32_t producers, uint32_t slots);
/* One whose lanes hold fewer records than its ring: they go round first. */
weir_channel *kit_channel_of_short_lanes(weir_store *st, const char *name,
					 uint32_t overflow, uint32_t producers);
#define KIT_SHORT_MAX 1500 /* bytes of a record there */
weir_channel *kit_channel_find(weir_store *st, const char *name);

weir_producer *kit_producer(weir_channel *ch, const char *id,
			    int64_t timeout_ns);
weir_consumer *kit_consumer(weir_channel *ch, const char *id, uint32_t flags,
			    weir_from from);

/* What holds memory and places: to be the same again in the end. */
struct kit_use {
	uint64_t used_bytes;
	uint32_t participants, channels;
};
struct kit_use kit_use(weir_store *st);

/* What the channel tells of producer @id; WEIR_GONE if it knows none. */
enum weir_life kit_producer_life(weir_channel *ch, const char *id);

/* Is anybody marked as asleep on the channel?  -1: cannot be told. */
int kit_sleeper_cnt(weir_channel *ch);

/* Wait until so many are.  Return: 0, or PROC_ETIME. */
int kit_await_sleepers(weir_channel *ch, int cnt);

/* Let others run for a random while, @us at most. */
void kit_nap(struct rng *rng, unsigned us);

/* ---- shared between parent and children ------------------------------------
 */

/* Zeroed memory that children share with the parent. */
void *kit_shared(size_t len);
void kit_unshared(void *mem, size_t len);

#define kit_add(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define kit_get(p)    __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define kit_set(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)

/* Note in @log, which has @cnt places, that record @seq has this digest.
 * Return: 0 if somebody has seen another one there. */
int kit_same(uint64_t *log, size_t cnt, uint64_t seq, uint64_t digest);

#endif
