/* SPDX-License-Identifier: BSD-2-Clause
 *
 * error.h - what can go wrong, and where.
 *
 * Functions return 0 or a positive value on success and a negative code on
 * failure: -errno where errno has a word for it, WEIR_E* where it has not.
 * Success has no other form, and on failure nothing has changed unless the
 * function says so.  errno itself is neither read nor promised.
 */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

#include <stddef.h>
#include <stdint.h>
#include <weir/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Outside -4095 .. -1, so that they collide with no errno. */
enum weir_error {
	/* records and schemas */
	WEIR_EMSGPACK = -5001, /* the bytes are not one whole msgpack value */
	WEIR_EJSON = -5002,    /* the text is not JSON, or not I-JSON */
	WEIR_ESCHEMA = -5003,  /* the record breaks the channel's schema */
	WEIR_EBADSCHEMA = -5004, /* the schema itself was refused */
	/* names and tables */
	WEIR_ENAME = -5010,   /* a name or an id breaks its rule */
	WEIR_EINUSE = -5011,  /* a live producer or consumer has this id */
	WEIR_EFULL = -5012,   /* no room in a table of the store or channel */
	WEIR_ECONFIG = -5013, /* the channel exists and is configured otherwise */
	/* things that have ended */
	WEIR_EREMOVED = -5020, /* the channel was removed */
	WEIR_ERETIRED = -5021, /* the store was destroyed */
	WEIR_EREVOKED = -5022, /* this consumer was revoked; it may open again */
	WEIR_EFORKED = -5023,  /* the handle belongs to the parent process */
	/* files */
	WEIR_ENOTSTORE = -5030, /* not a weir store */
	WEIR_EVERSION = -5031,	/* a store of a newer or older format */
	WEIR_ELAYOUT = -5032,	/* built for another machine or layout */
	WEIR_EUNSAFE = -5033,	/* symlink, stranger's file, world-writable */
	WEIR_ETRUNC = -5034,	/* shorter than its header says */
	WEIR_ECOPY = -5035,	/* a copy of a store, good for looking only */
	WEIR_ECORRUPT = -5036,	/* the segment is damaged; stop using it */
};

/**
 * weir_strerror - one line of text for an error
 * @err: a value that a function returned
 *
 * Return: a constant string, also for values that mean nothing; never NULL.
 * Threads: any number at once.
 */
WEIR_API const char *weir_strerror(int err);

/**
 * struct weir_diag - the details of a failure
 *
 * Functions that take one fill it when they fail and leave it alone when
 * they succeed.  All strings end in NUL; one that did not fit ends in "...".
 * Fields that do not apply are 0 or "".
 */
typedef struct weir_diag {
	int code;	 /* what was returned */
	uint32_t index;	 /* in a batch: which record, from 0 */
	uint64_t offset; /* into the bytes or text, from 0 */
	uint32_t line;	 /* of a JSON text, from 1; 0 = does not apply */
	uint32_t column; /* of a JSON text, in bytes, from 1 */
	char pointer[256];	 /* place in the record, JSON Pointer */
	char schema_pointer[256]; /* place in the schema, "#/...", or in a
				      document handed in with it, "URI#/..." */
	char keyword[32];	 /* the keyword that failed, as "maximum" */
	char message[256];	 /* what, where, and what to do */
	uint64_t reserved[8];
} weir_diag;

#ifdef __cplusplus
}
#endif
#endif
