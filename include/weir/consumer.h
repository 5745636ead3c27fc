/* SPDX-License-Identifier: BSD-2-Clause
 *
 * consumer.h - reading records.
 *
 * A consumer gets the current value at once and each record after it, in
 * the order that everybody sees.  It cannot publish.  Through a read-only
 * store it is an observer: it writes nothing, is counted nowhere, and looks
 * again every 1 to 50 ms instead of being woken.
 */
#ifndef WEIR_CONSUMER_H
#define WEIR_CONSUMER_H

#include <weir/channel.h>
#include <weir/schema.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_consumer weir_consumer;

/* Where a consumer starts. */
typedef enum weir_from {
	WEIR_FROM_CURRENT = 0, /* the current value if there is one, then
				  everything after it: no gap, no double */
	WEIR_FROM_EACH = 1,    /* the current value of each producer, then on */
	WEIR_FROM_OLDEST = 2,  /* the oldest record kept */
	WEIR_FROM_NEW = 3,     /* only what comes from now on */
	WEIR_FROM_SEQ = 4,     /* this seq; older ones that are no longer kept
				  count as lost; one from the future is waited
				  for */
} weir_from;

/* Flags of weir_consumer_opts. */
#define WEIR_GATE  1u /* block channels: producers wait for this consumer */
#define WEIR_CHECK 2u /* check records on receipt, against .schema or, if it \
			 is NULL, the channel's; those that fail are counted \
			 and never delivered */

/* Pause strategies: values of .spin_ns, which takes any other time as well; in
 * weir_wait() and weir_dispatch() the first consumer's counts.  What a waiting
 * consumer finds at once costs it no system call in any.  Who polls is not woken
 * by a signal handler, only by weir_interrupt(). */
#define WEIR_SPIN_LATENCY  INT64_MAX /* polls for as long as it waits: takes a \
					processor, wakes within a transfer of \
					a cache line */
#define WEIR_SPIN_BALANCED 0 /* polls 1 to 50 microseconds, for as long as    \
				that has paid lately, then sleeps */
#define WEIR_SPIN_SLEEPY   (-1) /* sleeps at once: takes nothing, wakes when \
				   the kernel has it woken */

/**
 * struct weir_consumer_opts - start from zero
 */
typedef struct weir_consumer_opts {
	size_t size; /* sizeof(weir_consumer_opts) */
	uint32_t flags;
	uint32_t from;	    /* enum weir_from */
	uint64_t seq;	    /* WEIR_FROM_SEQ */
	int64_t spin_ns;    /* how long to poll before sleeping; or one of
			       WEIR_SPIN_*: 0 adaptive, < 0 not at all */
	const char *schema; /* own JSON Schema for WEIR_CHECK */
	size_t schema_len;  /* 0: strlen(schema) */
	uint64_t buffer_bytes; /* for the records of one read; default
				  64 KiB, or max_record if that is more */
	uint64_t reserved[4];
} weir_consumer_opts;

/**
 * weir_consumer_open - take a place as consumer of a channel
 * @ch:   an open channel
 * @id:   1 to 128 bytes of UTF-8 without control characters; NULL: an
 *        observer, which takes no place
 * @opts: NULL for the defaults
 * @out:  the handle; NULL on failure
 * @diag: may be NULL
 *
 * Return: 0, or
 *   WEIR_ENAME    @id breaks the rule
 *   WEIR_EINUSE   a live consumer has this id; @diag names it
 *   WEIR_EFULL    all places are taken by live consumers
 *   -EINVAL       an option is out of range, or WEIR_GATE on an overwrite
 *                 channel; @diag
 *   -EROFS        WEIR_GATE through a read-only store, or for an observer
 *   WEIR_EJSON, WEIR_EBADSCHEMA  .schema was refused
 *   -EAGAIN       too many others take places at once
 *   -ENOMEM, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT, WEIR_EFORKED
 *
 * Blocks: never
 * Crash:  the place is free again, and producers no longer wait for it
 */
WEIR_API int weir_consumer_open(weir_channel *ch, const char *id,
				const weir_consumer_opts *opts,
				weir_consumer **out, weir_diag *diag);

/**
 * weir_consumer_close - give the place back; NULL is allowed
 *
 * Also closes what weir_fd() gave.
 */
WEIR_API void weir_consumer_close(weir_consumer *c);

/**
 * weir_read - the next records
 * @recs:       receives up to @cnt of them
 * @cnt:        1 or more
 * @timeout_ns: how long to wait for the first; 0: not at all, < 0: for ever
 *
 * Return: how many, at least 1; or
 *   -EAGAIN        nothing within the time
 *   -EINTR         weir_interrupt(), or a signal handler that was installed
 *                  without SA_RESTART (any, where the kernel has no
 *                  futex_waitv) ran while waiting
 *   WEIR_EREVOKED  a gating consumer whose place was taken away
 *   WEIR_EREMOVED  the channel was removed, and all was read (through a
 *                  read-only store: at once)
 *   WEIR_ERETIRED  the store was destroyed, and all was read
 *   -EBUSY         a view is open
 *   -EINVAL, WEIR_ECORRUPT, WEIR_EFORKED
 *
 * Records that were lost are counted in .lost of the next one.  A consumer
 * that is overtaken goes on an eighth of the capacity behind the oldest kept,
 * so as not to be overtaken again at once.
 *
 * Owner:    .data and .producer are the consumer's, until its next call
 * Blocks:   up to the time
 * Threads:  one at a time per consumer
 * Ordering: acquire: see weir_publish()
 */
WEIR_API int weir_read(weir_consumer *c, weir_record *recs, int cnt,
		       int64_t timeout_ns);

/**
 * weir_view - the next records in place, without a copy
 *
 * As weir_read(), for gating consumers of block channels: .data points into
 * the store and stays good until weir_release().  Producers wait for records
 * that are in view.  Views may follow each other without release.  Values
 * from before the stream (WEIR_CURRENT) are copies, good until the next call
 * as by weir_read(); to release them does nothing.
 *
 * Return: as weir_read(); -ENOTSUP if the consumer is not gating.
 */
WEIR_API int weir_view(weir_consumer *c, weir_record *recs, int cnt,
		       int64_t timeout_ns);

/**
 * weir_release - end the view of all records up to @seq
 *
 * Return: 0; -EINVAL: @seq is not in view.  WEIR_EREVOKED: the place was
 * taken away meanwhile and what was read since the last call may have been
 * overwritten.  WEIR_EFORKED.
 */
WEIR_API int weir_release(weir_consumer *c, uint64_t seq);

/**
 * weir_seek - go to another place in the stream
 * @from: as at open
 * @seq:  WEIR_FROM_SEQ
 *
 * Return: 0; -EBUSY a view is open; as weir_consumer_open().
 */
WEIR_API int weir_seek(weir_consumer *c, weir_from from, uint64_t seq);

/**
 * weir_wait - wait until one of several consumers has something to read
 * @cs, @cnt: 1 or more consumers, of any channels of any stores
 * @ready:    out: @cnt bytes, 1 for those that have; may be NULL
 *
 * Up to 62 consumers of one store are woken by the commit itself; beyond that
 * a producer that is killed between its commit and its wake-up can delay this
 * by 50 ms.  The same consumer must not be given twice; at most 31 stores in
 * one call, or -EINVAL.
 *
 * Return: how many are ready (also those that would answer an error);
 * -EAGAIN, -EINTR as weir_read(); -EINVAL, WEIR_EFORKED.
 */
WEIR_API int weir_wait(weir_consumer *const *cs, int cnt, int64_t timeout_ns,
		       uint8_t *ready);

/**
 * weir_interrupt - make the current or next wait of a consumer end with -EINTR
 *
 * May be called from any thread and from signal handlers.
 */
WEIR_API void weir_interrupt(weir_consumer *c);

/**
 * weir_fd - a file descriptor that is readable while there is something to
 * read; for poll, epoll and their kin
 *
 * Wait for POLLIN, then weir_read() with time-out 0 until it says -EAGAIN,
 * which re-arms it.  The first call in a process starts one thread, which
 * has all signals blocked and lives until the last such consumer is closed.
 * Beyond about 60 descriptors in a process, and for observers, it tells up to
 * 20 ms late.
 *
 * Return: the descriptor, the consumer's: never read, write or close it; or
 * -EMFILE, -ENOMEM, -EAGAIN (no thread), others from the system, -EINVAL,
 * WEIR_EFORKED.
 */
WEIR_API int weir_fd(weir_consumer *c);

/**
 * weir_handler - what weir_dispatch() calls
 * @rec: kind WEIR_DATA: a value; WEIR_CLEAR: one was withdrawn (if another
 *       is current now, it comes next, flagged WEIR_CURRENT); WEIR_NONE: at
 *       the start: there is no value
 *
 * Return: 0 to go on; anything else ends weir_dispatch(), which returns it.
 */
typedef int weir_handler(weir_consumer *c, const weir_record *rec, void *arg);

/**
 * weir_dispatch - hand what has come to a handler
 * @cs, @cnt: as weir_wait()
 *
 * Waits until something has come, calls @fn for all of that, and returns.
 * The first call on a consumer that starts at `current` or `each` calls @fn
 * at once: with the value(s), or with WEIR_NONE.
 *
 * Return: how often @fn was called; what @fn returned if not 0; else as
 * weir_wait(); the errors of weir_read() if a consumer has ended.
 */
WEIR_API int weir_dispatch(weir_consumer *const *cs, int cnt, weir_handler *fn,
			   void *arg, int64_t timeout_ns);

/**
 * struct weir_consumer_info - a consumer's figures
 */
typedef struct weir_consumer_info {
	size_t size;   /* sizeof(weir_consumer_info), set by the caller */
	uint32_t next; /* weir_consumer_next(): begin with 0, then leave alone */
	uint32_t idx;  /* the place; ~0 for an observer */
	char id[WEIR_ID_MAX + 1];
	uint8_t gating;
	uint8_t asleep;
	uint8_t pad[5];
	uint32_t life; /* enum weir_life */
	uint32_t pid;  /* a hint for people */
	uint64_t cursor;    /* seq that it reads next; others' may lag */
	uint64_t lag;	    /* records behind the newest */
	uint64_t delivered; /* records, since it opened */
	uint64_t lost;
	uint64_t invalid; /* failed the check on receipt */
	uint64_t reserved[4];
} weir_consumer_info;

/**
 * weir_consumer_next - iterate over the consumers of a channel
 *
 * Return: 1 and @it filled; 0 at the end; -EINVAL, WEIR_EREMOVED,
 * WEIR_ERETIRED, WEIR_EFORKED.
 */
WEIR_API int weir_consumer_next(weir_channel *ch, weir_consumer_info *it);

/**
 * weir_consumer_stat - this consumer's own figures
 *
 * Return: 0, -EINVAL, WEIR_EFORKED.
 */
WEIR_API int weir_consumer_stat(weir_consumer *c, weir_consumer_info *info);

/**
 * weir_consumer_diag - why the last record that failed on receipt did
 * @seq: out: which one; may be NULL
 *
 * Return: the details, the consumer's until its next read; NULL if none has.
 */
WEIR_API const weir_diag *weir_consumer_diag(weir_consumer *c, uint64_t *seq);

#ifdef __cplusplus
}
#endif
#endif
