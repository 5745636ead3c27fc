/* SPDX-License-Identifier: BSD-2-Clause
 *
 * channel.h - named streams of records, each with its schema and its limits.
 *
 * A channel's records are numbered 1, 2, 3, ...; every consumer sees the
 * same order.  The *current value* of a channel is the newest record of any
 * producer that has not withdrawn it; it is there for those who come late,
 * also after its producer has died.
 */
#ifndef WEIR_CHANNEL_H
#define WEIR_CHANNEL_H

#include <weir/record.h>
#include <weir/store.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_CHANNEL_NAME_MAX 128 /* bytes of a channel's name */

typedef struct weir_channel weir_channel;

enum weir_overflow {
	WEIR_OVERWRITE = 1, /* the newest wins; a consumer that is overtaken
			       learns exactly how many records it lost */
	WEIR_BLOCK = 2,	    /* producers wait for live gating consumers */
};

enum weir_producers {
	WEIR_SHARED = 1,    /* any number at once */
	WEIR_EXCLUSIVE = 2, /* one at a time; faster */
};

enum weir_switch { WEIR_ON = 1, WEIR_OFF = 2 };

enum weir_orphans {
	WEIR_KEEP = 1,	/* values of dead producers stay until cleared */
	WEIR_EVICT = 2, /* a newcomer that finds no free lane clears the
			   oldest value of a dead producer */
};

#define WEIR_MUST_EXIST 1u /* channel flag: do not create */

/**
 * struct weir_channel_opts - the configuration of a channel; start from zero
 *
 * A field that is 0 or NULL means the default on creation, and "whatever it
 * is" when the channel exists.
 */
typedef struct weir_channel_opts {
	size_t size; /* sizeof(weir_channel_opts) */
	uint32_t flags;
	uint32_t overflow;  /* enum weir_overflow; default WEIR_OVERWRITE */
	uint32_t producers; /* enum weir_producers; default WEIR_SHARED */
	uint32_t stamps;    /* enum weir_switch: time stamps; default WEIR_ON */
	uint32_t orphans;   /* enum weir_orphans; default WEIR_KEEP */
	uint32_t capacity;  /* records kept, 2 .. 2^24, rounded up to a power
			       of two; default 256 */
	uint32_t max_producers; /* lanes, 1 .. 1024; default 8; exclusive: 1 */
	uint32_t max_consumers; /* 1 .. 1024; default 64; observers are free */
	uint32_t max_record;	/* largest payload in bytes, 1 .. 2^28; default:
				   what lane_bytes allows */
	uint32_t inline_bytes;	/* exclusive: bytes of a record that lie in its
				   slot, 48 .. 4080, rounded up to 64 n - 16;
				   default 112 (8 go to the time stamp) */
	uint64_t lane_bytes;	/* bytes of records kept per producer, up to
				   2^32; at least about 3.5 x max_record;
				   default 64 KiB or what max_record needs */
	const char *schema;	/* JSON Schema text; NULL: any record */
	size_t schema_len;	/* 0: strlen(schema) */
	uint32_t formats; /* enum weir_switch: is the schema's `format` checked?
			     default WEIR_OFF: it is an annotation */
	uint32_t pad;
	uint64_t reserved[3];
} weir_channel_opts;

/**
 * weir_channel_open - a channel by name, made first if need be
 * @store: an open store
 * @name:  1 to 128 bytes of UTF-8 without control characters and "/"
 * @opts:  NULL: it must exist.  Otherwise what it should be like; made so if
 *         absent, unless flags has WEIR_MUST_EXIST
 * @out:   the handle; NULL on failure
 * @diag:  may be NULL
 *
 * Compiles the schema; what it refers to must be in it (under $defs, with an
 * $id of its own, as `weir schema bundle` writes it).  All memory that
 * publishing and reading need is taken here and in the open calls of producers
 * and consumers.
 *
 * Return: 0, or
 *   -ENOENT          no such channel, and it may not be made
 *   WEIR_ENAME       @name breaks the rule
 *   -EINVAL          a field is out of range or does not fit another; @diag
 *   WEIR_ECONFIG     it exists and a field that is set differs; @diag names it
 *   WEIR_EJSON, WEIR_EBADSCHEMA  the schema was refused; @diag
 *   WEIR_EFULL       the table of channels is full
 *   -ENOSPC          the store or the file system is full; @diag has needed
 *                    and free bytes
 *   -EROFS           would have to be made through a read-only handle
 *   -EBADF           would have to be made, and this process has closed the
 *                    store's descriptor (closefrom)
 *   WEIR_ECORRUPT    the channel's block contradicts itself
 *   -ENOMEM          no private memory; the channel may have been made
 *   -ENOMEM, -EPERM, -EFAULT  WEIR_LOCK_MEMORY or WEIR_PREFAULT, as in
 *                    weir_store_open(); @diag; the same
 *   -EAGAIN          too many others make or remove channels
 *   WEIR_ERETIRED, WEIR_EFORKED, and others from the system if it would have
 *   to be made (-EOPNOTSUPP: no fallocate() on this file system)
 *
 * Blocks:  never
 * Crash:   others see the whole channel or none; memory of a half-made one
 *          is used again
 */
WEIR_API int weir_channel_open(weir_store *store, const char *name,
			       const weir_channel_opts *opts,
			       weir_channel **out, weir_diag *diag);

/**
 * weir_channel_close - give the handle back; NULL is allowed
 *
 * Its producers and consumers must be closed first.  The channel stays.
 */
WEIR_API void weir_channel_close(weir_channel *ch);

/**
 * weir_channel_remove - remove a channel by name
 * @diag: may be NULL
 *
 * Handles that are open on it get WEIR_EREMOVED from then on, sleepers are
 * woken; its memory is used again once nobody holds it.  Observers hold
 * nothing: one that is inside a read just then may read zeros, which it
 * notices and throws away; the kernel takes memory for those, which goes back
 * with weir_store_gc() or the next channel there, and on a completely full
 * file system the observer can get a SIGBUS instead.
 *
 * Return: 0, -ENOENT, WEIR_ENAME, -EROFS, WEIR_ERETIRED, WEIR_EFORKED.
 * Blocks: never.
 */
WEIR_API int weir_channel_remove(weir_store *store, const char *name,
				 weir_diag *diag);

/**
 * weir_channel_footprint - bytes of the segment that a channel would take
 * @opts: as for weir_channel_open(); NULL for all defaults
 * @diag: may be NULL
 *
 * Return: bytes, or -EINVAL with the field named in @diag.
 */
WEIR_API int64_t weir_channel_footprint(const weir_channel_opts *opts,
					weir_diag *diag);

/**
 * struct weir_channel_info - a channel's configuration and figures
 */
typedef struct weir_channel_info {
	size_t size;   /* sizeof(weir_channel_info), set by the caller */
	uint32_t next; /* weir_channel_next(): begin with 0, then leave alone */
	uint32_t idx;  /* place in the table */
	char name[WEIR_CHANNEL_NAME_MAX + 1];
	uint8_t damaged; /* its block contradicts itself; only the name and
			    bytes below mean anything */
	uint8_t pad[6];
	/* as configured, with the defaults filled in */
	uint32_t overflow, producers, stamps, orphans;
	uint32_t capacity, max_producers, max_consumers, max_record;
	uint32_t inline_bytes;
	uint32_t slot_len;
	uint64_t lane_bytes;
	uint64_t schema_len; /* 0: no schema */
	uint64_t bytes;	     /* of the segment */
	uint64_t created_ns;
	/* figures */
	uint64_t newest_seq;	/* 0: none yet */
	uint64_t oldest_seq;	/* oldest that may still be read */
	uint32_t producer_cnt;	/* live ones (where unknown: those open) */
	uint32_t consumer_cnt;	/* live ones (where unknown: those open) */
	uint32_t orphan_cnt;	/* values of producers that are gone */
	uint32_t formats;	/* enum weir_switch, as configured */
	uint64_t id; /* of this channel as long as it lives, never 0; made
			again under the same name it has another */
	uint32_t reserved[6];
} weir_channel_info;

/**
 * weir_channel_next - iterate over the channels of a store
 * @it: .size set and .next 0 before the first call; then left alone
 *
 * Channels that are made or removed meanwhile may be missed.
 *
 * Return: 1 and @it filled; 0 at the end; -EINVAL, -ENOMEM, WEIR_EFORKED.
 */
WEIR_API int weir_channel_next(weir_store *store, weir_channel_info *it);

/**
 * weir_channel_stat - a channel's configuration and figures
 *
 * Return: 0, -EINVAL, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT,
 * WEIR_EFORKED.
 */
WEIR_API int weir_channel_stat(weir_channel *ch, weir_channel_info *info);

/**
 * weir_channel_schema - the text of the channel's schema
 * @len: out, bytes; may be NULL
 *
 * Return: the text, NUL-terminated, the handle's until it is closed; NULL if
 * the channel has no schema.
 */
WEIR_API const char *weir_channel_schema(weir_channel *ch, size_t *len);

/**
 * weir_channel_check - would this record be accepted by the channel?
 *
 * Return: as weir_schema_check(), and -EMSGSIZE if it is over max_record.
 * Threads: one at a time per channel handle.
 */
WEIR_API int weir_channel_check(weir_channel *ch, const void *msg, size_t len,
				weir_diag *diag);

/**
 * weir_current - the current value, of the channel or of one producer
 * @ch:          an open channel, also through a read-only store
 * @producer_id: NULL: the channel's
 * @buf, @cap:   receives the payload; the channel's max_record suffices
 * @rec:         describes it; .producer is the handle's until the next call
 *
 * Return: 0, or
 *   -ENOENT     there is none
 *   -ENOBUFS    @cap is too small; @rec->len says what is needed
 *   -EAGAIN     overtaken by producers again and again while copying
 *   -EINVAL, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT, WEIR_EFORKED
 *
 * Blocks:   never
 * Ordering: acquire: the value is at least as new as any that the caller
 *           knows to have been published
 */
WEIR_API int weir_current(weir_channel *ch, const char *producer_id, void *buf,
			  size_t cap, weir_record *rec);

/**
 * weir_channel_clear_orphans - withdraw the values of producers that are gone
 * @id:   only this producer's; NULL: all
 * @diag: may be NULL
 *
 * A clear is published in the name of each.
 *
 * Return: how many were cleared, or -EROFS, -EAGAIN (block channel, full),
 * -ENOMEM, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT, WEIR_EFORKED; then
 * some may have been cleared, @diag has how many.
 */
WEIR_API int weir_channel_clear_orphans(weir_channel *ch, const char *id,
					weir_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
