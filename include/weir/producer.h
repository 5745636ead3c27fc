/* SPDX-License-Identifier: BSD-2-Clause
 *
 * producer.h - publishing records.
 *
 * A producer sits where data originates, under an id that is its own on the
 * channel.  Open it early, publish when there is something to say, clear
 * what should not outlive you, close on the way out.
 *
 * Publishing functions return the record's seq (> 0) or a negative error;
 * on error nothing was published.  They make no system call unless somebody
 * sleeps on the channel or space must be waited for (and one in a thread's
 * first).
 */
#ifndef WEIR_PRODUCER_H
#define WEIR_PRODUCER_H

#include <sys/uio.h>
#include <weir/channel.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_producer weir_producer;

#define WEIR_TRUSTED 1u /* check only sizes; for producers whose records \
			   are right by construction */

/**
 * struct weir_producer_opts - start from zero
 *
 * So without a time-out, as without options, a producer of a block channel
 * does not wait: while the channel is full it gets -EAGAIN.
 */
typedef struct weir_producer_opts {
	size_t size; /* sizeof(weir_producer_opts) */
	uint32_t flags;
	uint32_t pad;
	int64_t timeout_ns; /* block channels: how long a publish, loan or
			       clear may wait for consumers; 0: not at all,
			       < 0: for ever */
	uint64_t reserved[4];
} weir_producer_opts;

/**
 * weir_producer_open - take a place as producer of a channel
 * @ch:   an open channel
 * @id:   1 to 128 bytes of UTF-8 without control characters
 * @opts: NULL for the defaults
 * @out:  the handle; NULL on failure
 * @diag: may be NULL
 *
 * An id gets its own lane and value back if it was here before.
 *
 * Return: 0, or
 *   WEIR_ENAME   @id breaks the rule
 *   WEIR_EINUSE  a live producer holds @id, or (exclusive) the channel; @diag
 *                names it
 *   WEIR_EFULL   all lanes are held by live producers, or by values of dead
 *                ones; @diag lists them, oldest first
 *   -EAGAIN      orphans=evict in a full block channel: the clear found no
 *                space; or too many others take lanes, or somebody is stopped
 *                while taking or clearing the one that is wanted
 *   -EROFS       the store is open read-only
 *   -EINVAL, -ENOMEM, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT,
 *   WEIR_EFORKED
 *
 * Blocks: never; but for up to 64 ms while somebody takes or clears the lane
 * Crash:  the place is free again
 */
WEIR_API int weir_producer_open(weir_channel *ch, const char *id,
				const weir_producer_opts *opts,
				weir_producer **out, weir_diag *diag);

/**
 * weir_producer_close - give the place back; NULL is allowed
 *
 * An open loan is aborted.  The current value stays: weir_clear() first if
 * it should not.
 */
WEIR_API void weir_producer_close(weir_producer *p);

/**
 * weir_publish - append one record
 * @msg:  one msgpack value; read during the call, never kept
 * @len:  bytes in @msg, 1 .. max_record
 * @diag: may be NULL
 *
 * Return: the seq, or
 *   WEIR_EMSGPACK  @msg is not one whole well-formed value
 *   WEIR_ESCHEMA   @msg breaks the channel's schema
 *   -EMSGSIZE      @len is over max_record
 *   -EAGAIN        block channel, full, and the time-out has passed
 *   -EDEADLK       block channel: would wait for a consumer that this very
 *                  thread reads from
 *   -EINTR         a signal handler that was installed without SA_RESTART
 *                  (any, where the kernel has no futex_waitv) ran while
 *                  waiting for space
 *   -EBUSY         called from a signal handler inside another call, or a
 *                  loan is open
 *   -EINVAL, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT, WEIR_EFORKED
 *
 * Blocks:   overwrite channels: never.  Block channels: up to the time-out
 * Threads:  one at a time per producer
 * Ordering: release: who reads this record sees all that the caller wrote to
 *           shared memory before
 * Crash:    readers see the whole record or none of it
 */
WEIR_API int64_t weir_publish(weir_producer *p, const void *msg, size_t len,
			      weir_diag *diag);

/**
 * weir_publish_json - weir_publish() of a record given as JSON text
 *
 * Return: as weir_publish(); WEIR_EJSON if @text is not one JSON value.
 */
WEIR_API int64_t weir_publish_json(weir_producer *p, const char *text,
				   size_t len, weir_diag *diag);

/**
 * weir_publish_from - weir_publish() of what was made from another record
 * @origin_channel: .id of the weir_channel_info of that record's channel
 * @origin_seq:     its seq
 *
 * Whoever reads the record finds both in it.
 *
 * Return: as weir_publish(); -EINVAL also if either is 0.
 */
WEIR_API int64_t weir_publish_from(weir_producer *p, const void *msg,
				   size_t len, uint64_t origin_channel,
				   uint64_t origin_seq, weir_diag *diag);

/**
 * weir_publish_batch - append several records in order
 * @recs: @cnt of them
 *
 * All are checked before the first is published, and carry one time stamp.
 * Records of other producers may come in between.
 *
 * Return: the seq of the last one.  WEIR_EMSGPACK, WEIR_ESCHEMA, -EMSGSIZE:
 * diag->index says which; none was published.  -EAGAIN, -EINTR, -EDEADLK:
 * diag->index records were published, the rest was not.  Others as
 * weir_publish(); -EINVAL also if @cnt < 1.
 *
 * Crash: a prefix has been published.
 */
WEIR_API int64_t weir_publish_batch(weir_producer *p, const struct iovec *recs,
				    int cnt, weir_diag *diag);

/**
 * weir_loan - borrow shared memory to build the next record in
 * @cap: bytes wanted, up to max_record; 0: max_record
 * @buf: out: that many bytes, 8-byte aligned, undefined content
 *
 * One loan at a time per producer.  Nobody sees it before weir_commit().
 *
 * Return: 0; -EBUSY a loan is open; -EMSGSIZE; -EAGAIN, -EINTR, -EDEADLK
 * as weir_publish(); -EINVAL, WEIR_EREMOVED, WEIR_ERETIRED, WEIR_ECORRUPT,
 * WEIR_EFORKED.
 *
 * Owner: the caller may write to @buf until commit, abort or close.
 */
WEIR_API int weir_loan(weir_producer *p, size_t cap, void **buf);

/**
 * weir_commit - publish the first @len bytes of the loan
 *
 * Return: as weir_publish(), -EINVAL if no loan is open or @len is over its
 * size.  On WEIR_EMSGPACK and WEIR_ESCHEMA the loan stays open: mend it and
 * commit again, or abort.  On other errors it is over.
 */
WEIR_API int64_t weir_commit(weir_producer *p, size_t len, weir_diag *diag);

/**
 * weir_abort - give a loan back unused; without a loan it does nothing
 */
WEIR_API void weir_abort(weir_producer *p);

/**
 * weir_loan_append - append bytes to what was appended to the loan so far
 *
 * What <weir/msgpack.h> writes through.  Return: 0, or -1 if it does not
 * fit or no loan is open; then weir_commit_appended() fails.
 */
WEIR_API int weir_loan_append(weir_producer *p, const void *bytes, size_t len);

/**
 * weir_commit_appended - weir_commit() of all that was appended
 *
 * Return: as weir_commit(); -EMSGSIZE if something did not fit: the loan is
 * then over.  On WEIR_EMSGPACK and WEIR_ESCHEMA it stays open, and no other
 * begins before weir_abort().
 */
WEIR_API int64_t weir_commit_appended(weir_producer *p, weir_diag *diag);

/**
 * weir_clear - withdraw this producer's current value
 *
 * Publishes a record of kind WEIR_CLEAR.  Where there is no value nothing is
 * published.  An exclusive channel has one value, whoever published it; its
 * holder withdraws that.
 *
 * Return: the seq of the clear; 0: there was no value; else as
 * weir_publish().
 */
WEIR_API int64_t weir_clear(weir_producer *p);

/**
 * struct weir_producer_info - one producer's place (lane) in a channel
 */
typedef struct weir_producer_info {
	size_t size;   /* sizeof(weir_producer_info), set by the caller */
	uint32_t next; /* begin with 0, then leave alone */
	uint32_t idx;  /* the lane */
	char id[WEIR_ID_MAX + 1]; /* "" while changing hands */
	uint8_t has_value;	  /* its last record is still its value */
	uint8_t killed;		  /* it is gone, and did not close */
	uint8_t pad[5];
	uint32_t life; /* enum weir_life; WEIR_GONE also after a close */
	uint32_t pid;  /* a hint for people; 0 if closed */
	uint64_t records, bytes, refused; /* of this id since it took the lane */
	uint64_t last_seq;		  /* of its newest record, 0: none */
	uint64_t reserved[4];
} weir_producer_info;

/**
 * weir_producer_next - iterate over the lanes that were ever taken
 *
 * Return: 1 and @it filled; 0 at the end; -EINVAL, WEIR_EREMOVED,
 * WEIR_ERETIRED, WEIR_EFORKED.
 */
WEIR_API int weir_producer_next(weir_channel *ch, weir_producer_info *it);

#ifdef __cplusplus
}
#endif
#endif
