/* SPDX-License-Identifier: BSD-2-Clause
 *
 * inspect.h - the raw order ring of a channel, what is damaged, and a copy of
 * it all, for tools that explain a store, live or dead.
 *
 * Everything else that such tools show comes from the iterators of store.h,
 * channel.h, producer.h and consumer.h, and from consumers that observe.
 */
#ifndef WEIR_INSPECT_H
#define WEIR_INSPECT_H

#include <weir/channel.h>

#ifdef __cplusplus
extern "C" {
#endif

enum weir_slot_state {
	WEIR_SLOT_FRESH = 0,   /* never used */
	WEIR_SLOT_RECORD = 1,  /* holds record .seq */
	WEIR_SLOT_WRITING = 2, /* record .seq is, or was, being written */
	WEIR_SLOT_DAMAGED = 3, /* a number that cannot stand here */
};

/**
 * struct weir_slot_info - one slot of the order ring
 */
typedef struct weir_slot_info {
	size_t size;   /* sizeof(weir_slot_info), set by the caller */
	uint32_t next; /* begin with 0, then leave alone */
	uint32_t idx;
	uint32_t state;	    /* enum weir_slot_state */
	uint32_t is_inline; /* the record lies in the slot */
	uint64_t seq;
	uint32_t lane; /* where the record lies otherwise ... */
	uint32_t pad;
	uint64_t position; /* ... and at which byte of the lane's stream */
	uint64_t reserved[4];
} weir_slot_info;

/**
 * weir_slot_next - iterate over the slots of the order ring
 *
 * Return: 1 and @it filled; 0 at the end; -EINVAL, WEIR_EREMOVED,
 * WEIR_EFORKED.
 */
WEIR_API int weir_slot_next(weir_channel *ch, weir_slot_info *it);

/**
 * struct weir_ring_info - the words that steer a channel
 */
typedef struct weir_ring_info {
	size_t size; /* sizeof(weir_ring_info), set by the caller */
	uint64_t block_offset; /* of the channel's block in the segment */
	uint64_t tail, settled, want, safe;
	uint64_t sleepers; /* how many consumers are marked as asleep */
	uint64_t reserved[4];
} weir_ring_info;

/**
 * weir_ring_stat - the words that steer a channel
 *
 * Return: 0, -EINVAL, WEIR_EREMOVED, WEIR_EFORKED.
 */
WEIR_API int weir_ring_stat(weir_channel *ch, weir_ring_info *info);

/**
 * struct weir_damage - something in a store that cannot be
 */
typedef struct weir_damage {
	size_t size; /* sizeof(weir_damage) of the library */
	char channel[WEIR_CHANNEL_NAME_MAX + 1]; /* "": in none, or its name is
						    damaged */
	char place[47];	   /* "slot 17", "lane 2", "header" */
	uint64_t offset;   /* where in the file; 0: not in it */
	char message[160]; /* what is wrong with it */
	uint64_t reserved[4];
} weir_damage;

/* Return: 0 to go on; anything else ends weir_store_verify(). */
typedef int weir_damage_fn(const weir_damage *damage, void *arg);

/**
 * weir_store_verify - look at every field of a store that others rely on
 * @fn:  called for each damage; the store must not be closed in it
 * @arg: for @fn
 *
 * Geometry, tables, names, owners, the bytes that channels claim, their words,
 * slots, lanes, places and the heads of their records; not the payloads.
 * Writes nothing, also through a handle that could, and works beside live
 * traffic.  Of each kind of place in a channel the first 16 are told, and how
 * many more there are.
 *
 * Return: how many were told; what @fn returned if not 0; -EINVAL, -ENOMEM,
 * WEIR_EFORKED.
 * Blocks: never.
 */
WEIR_API int weir_store_verify(weir_store *store, weir_damage_fn *fn,
			       void *arg);

/**
 * weir_store_snapshot - copy a store into a file, beside live traffic
 * @fd:   an empty regular file, open for writing; it becomes as long as the
 *        segment, and what is a hole there is one here
 * @diag: may be NULL
 *
 * The copy can be opened read-only, by its path.  Of every record it has what
 * a reader would have found at some time during the call: it is there as a
 * whole, or it is lost; each channel by itself, so that of two channels the
 * one may be a little newer than the other.  A channel that was made meanwhile
 * may be missing, one that was removed is.  What is damaged is copied as it
 * is.  A ring that is filled anew again and again while it is being copied
 * (some ten microseconds) may have a gap, at which readers end.
 *
 * Return: 0, or with @diag
 *   -EINVAL   no store, or @fd is no empty regular file
 *   -EFBIG    RLIMIT_FSIZE, or the file system, does not allow such a file
 *   -ENOSPC, -EDQUOT, -EIO and others of write(); the file is then no copy
 *   -ENOMEM, -EBADF (the store's descriptor was closed by others),
 *   WEIR_EFORKED
 * Blocks: while the file is written.
 * Threads: as weir_channel_open().
 */
WEIR_API int weir_store_snapshot(weir_store *store, int fd, weir_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
