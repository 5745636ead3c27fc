/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bridge.h - from the updates of a job to the records of a display channel.
 *
 * What displays never produces, and a job does not know who displays.  Between
 * them stands a bridge: it consumes the updates of one job and produces, under
 * an id of its own, what the display channel wants.
 *
 *     job-updates              bridge                 paragraph-content
 *     {jobId, status,    ->    filter, transform,     -> {title, content}
 *      result, ...}            check, publish
 *
 * By default it waits until the job has completed, and publishes its result.
 * A bridged record carries its origin, the channel and seq of the update that
 * it came from, so that `weir trace` joins the two.
 *
 *	weir_bridge_opts o = {.size = sizeof(o), .job = "job-42",
 *			      .to = "paragraph-content",
 *			      .flags = WEIR_BRIDGE_THREAD};
 *	weir_bridge *b;
 *
 *	rc = weir_bridge_open(store, &o, &b, &diag);
 *	...
 *	weir_bridge_close(b);
 *
 * The channel of the updates.  Each record is an object with "jobId" and
 * "status" (queued, running, progress, completed, failed, cancelled), and
 * "result" when completed; it may have "type", "progress" (0 to 1), "message",
 * "error", "startedAt" and "finishedAt" (RFC 3339).  Each job publishes under
 * its own id, the jobId, so that its latest update is there for a bridge that
 * comes late, and for one that was overtaken: it then looks for the job's
 * current value.
 */
#ifndef WEIR_BRIDGE_H
#define WEIR_BRIDGE_H

#include <weir/channel.h>
#include <weir/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_BRIDGE_FROM "job-updates" /* the default source */

typedef struct weir_bridge weir_bridge;

/**
 * weir_jobs_open - the channel of updates, made first if need be
 *
 * WEIR_BRIDGE_FROM with the schema and the configuration that `weir job run`
 * gives it: up to 32 jobs at once, updates of up to 64 KiB, and values of jobs
 * that have ended make room for new ones.  It takes about 8 MiB.  A channel
 * that is there is taken as it is.
 *
 * Return: as weir_channel_open().
 */
WEIR_API int weir_jobs_open(weir_store *store, weir_channel **out,
			    weir_diag *diag);

/**
 * weir_transform - make a record out of an update
 * @in:   the update; its bytes are good during the call
 * @buf:  receives the record, one msgpack value
 * @cap:  bytes in @buf: the largest record that the target takes
 * @why:  zeroed; what is put in .message and .pointer here is told if this
 * fails
 * @arg:  from the options
 *
 * Return: bytes written; 0: nothing to be published now; < 0: it failed, -errno
 * or WEIR_E*.  So from JSON text: return weir_json_to_msgpack(text, len, buf,
 * cap, why).
 */
typedef int64_t weir_transform(const weir_record *in, void *buf, size_t cap,
			       weir_diag *why, void *arg);

/**
 * weir_filter - is this update for the bridge?
 *
 * Return: not 0: yes.  Without one: it is of this job, and it has completed.
 */
typedef int weir_filter(const weir_record *in, void *arg);

/**
 * weir_bridge_failed - an update could not be bridged
 * @why: .code: what the transformer returned; WEIR_ESCHEMA, WEIR_EMSGPACK,
 *       -EMSGSIZE: what it made was refused; .message
 *
 * Called in the thread that bridges, as the other two are; none of them may
 * close the bridge.  The bridge lives on.
 */
typedef void weir_bridge_failed(weir_bridge *b, const weir_record *in,
				const weir_diag *why, void *arg);

/* Flags of weir_bridge_opts. */
#define WEIR_BRIDGE_THREAD 1u /* bridge in a thread of its own */
#define WEIR_BRIDGE_KEEP   2u /* close does not withdraw what was published */

/**
 * struct weir_bridge_opts - start from zero
 */
typedef struct weir_bridge_opts {
	size_t size; /* sizeof(weir_bridge_opts) */
	uint32_t flags;
	uint32_t pad;
	const char *job;     /* needed */
	const char *to;	     /* needed: the target channel, which is there */
	const char *from;    /* the source channel, which is there; NULL:
				weir_jobs_open() */
	weir_filter *filter; /* NULL: completed updates of the job */
	weir_transform *transform;  /* NULL: the update's "result"; text in it
				       is read as JSON */
	weir_bridge_failed *failed; /* may be NULL */
	void *arg;		    /* for all three */
	uint64_t reserved[4];
} weir_bridge_opts;

/**
 * weir_bridge_open - stand between a job and a channel
 * @store: an open store, writable
 * @opts:  .job and .to are needed
 * @out:   the handle; NULL on failure
 * @diag:  may be NULL
 *
 * Opens a consumer of the source and a producer of the target, both under the
 * id "job-<job>-to-<to>".  If the job has completed already, the next
 * weir_bridge_dispatch(), or the thread at once, bridges that; not again what a
 * bridge of this id has bridged before and not withdrawn, nor what is older.
 *
 * Return: 0, or
 *   -EINVAL      no job or target, or an unknown flag
 *   WEIR_ENAME   the id would be over 128 bytes, or the job has control
 *                characters
 *   -ENOENT      there is no such source or target channel
 *   WEIR_EINUSE  such a bridge is there and lives
 *   others as weir_channel_open(), weir_consumer_open(), weir_producer_open();
 *   -ENOMEM, -EAGAIN (no thread)
 *
 * Owner:   the strings of @opts are copied; the store must be closed last
 * Blocks:  as weir_producer_open()
 * Threads: as weir_channel_open(), on @store
 * Crash:   what was bridged stays, as the value of a producer that is gone; its
 *          id is free for the next bridge of the same job and target
 */
WEIR_API int weir_bridge_open(weir_store *store, const weir_bridge_opts *opts,
			      weir_bridge **out, weir_diag *diag);

/**
 * weir_bridge_dispatch - bridge what has come
 * @timeout_ns: how long to wait for the first update; 0: not at all, < 0: for
 *              ever
 *
 * An update that could not be bridged counts as one: see weir_bridge_failed.
 * One that a full block channel keeps from being published is tried again, here
 * or by the next call, before any other.
 *
 * Return: how many updates were looked at, at least 1; or
 *   -EAGAIN        none within the time, or the target is full
 *   -EINTR         weir_bridge_interrupt(), or a signal, as weir_read()
 *   -EDEADLK       the target is full, and its slowest consumer is read by this
 *                  very thread
 *   -EBUSY         the bridge has a thread of its own
 *   WEIR_EREMOVED  the source or the target was removed
 *   -EINVAL, WEIR_ERETIRED, WEIR_ECORRUPT, WEIR_EFORKED
 *
 * Blocks:  up to the time, and up to 50 ms more where the target is full
 * Threads: one at a time per bridge
 */
WEIR_API int weir_bridge_dispatch(weir_bridge *b, int64_t timeout_ns);

/**
 * weir_bridge_interrupt - make the current or next dispatch end with -EINTR
 *
 * May be called from any thread and from signal handlers.
 */
WEIR_API void weir_bridge_interrupt(weir_bridge *b);

/**
 * weir_bridge_fd - a descriptor for poll and its kin: see weir_fd()
 *
 * When it is readable, weir_bridge_dispatch() with time-out 0 until it says
 * -EAGAIN.  That a full target has room again it does not tell: dispatch again
 * after a while.  -EBUSY if the bridge has a thread of its own.
 */
WEIR_API int weir_bridge_fd(weir_bridge *b);

/**
 * struct weir_bridge_info - what a bridge has done
 */
typedef struct weir_bridge_info {
	size_t size; /* sizeof(weir_bridge_info), set by the caller */
	char id[WEIR_ID_MAX + 1];
	uint8_t pad[7];
	uint64_t seen;	   /* updates, of all jobs */
	uint64_t bridged;  /* records published */
	uint64_t failed;   /* the transformer said so */
	uint64_t refused;  /* what it made was not published */
	uint64_t lost;	   /* updates that were overwritten unseen */
	uint64_t last_seq; /* in the target, 0: none */
	weir_diag last;	   /* of the last that failed or was refused; .code 0:
			      none did */
	int32_t ended; /* the thread's last error, if it has ended; else 0 */
	uint32_t pad2;
	uint64_t reserved[4];
} weir_bridge_info;

/**
 * weir_bridge_stat - figures, also while the thread works
 *
 * Return: 0, -EINVAL, WEIR_EFORKED.
 */
WEIR_API int weir_bridge_stat(weir_bridge *b, weir_bridge_info *info);

/**
 * weir_bridge_close - disconnect; NULL is allowed
 *
 * Ends the thread, withdraws what was published, unless WEIR_BRIDGE_KEEP, and
 * closes both ends, whatever it returns.
 *
 * Return: 0, or why what was published could not be withdrawn, as weir_clear():
 * it then stays, as the value of a producer that is gone.
 *
 * Blocks: until a callback that is running in the thread has returned
 */
WEIR_API int weir_bridge_close(weir_bridge *b);

#ifdef __cplusplus
}
#endif
#endif
