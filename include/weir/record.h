/* SPDX-License-Identifier: BSD-2-Clause
 *
 * record.h - one record, as a consumer gets it, and what is in it.
 *
 * A record's payload is one msgpack value.  Fields are found by JSON Pointer
 * (RFC 6901) straight in the bytes: nothing is unpacked, nothing allocated.
 */
#ifndef WEIR_RECORD_H
#define WEIR_RECORD_H

#include <weir/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_ID_MAX 128 /* bytes of a producer's or consumer's id */

enum weir_kind {
	WEIR_DATA = 0,	/* a value */
	WEIR_CLEAR = 1, /* its producer has withdrawn its value; no bytes */
	WEIR_NONE = 2,	/* to handlers only: there is no current value; seq 0 */
};

/* Flags of a record. */
#define WEIR_CURRENT 1u /* delivered as a current value, not as part of the \
			   stream: at the start, or after a clear */

/**
 * struct weir_record - one record
 *
 * What @data and @producer point to belongs to whoever filled it: for a
 * consumer until its next read; weir_current() says it for itself.
 */
typedef struct weir_record {
	uint64_t seq;	  /* 1, 2, 3 ... in the channel; the same everywhere */
	uint64_t lost;	  /* records that this consumer lost just before */
	uint64_t time_ns; /* CLOCK_REALTIME at publish, advisory; 0 = off */
	uint32_t kind;	  /* enum weir_kind */
	uint32_t flags;	  /* WEIR_CURRENT */
	const void *data; /* msgpack; NULL for a clear */
	size_t len;
	/* After a WEIR_CLEAR: seq of the value that is current now; 0 = none,
	   or overtaken by what comes next */
	uint64_t current_seq;
	/* Where a bridged record came from: .id of weir_channel_info, and the
	   seq there; 0 = it is none */
	uint64_t origin_channel;
	uint64_t origin_seq;
	const char *producer; /* id; "~" and hex digits where the text is gone */
	uint64_t reserved[2];
} weir_record;

enum weir_type {
	WEIR_NIL,
	WEIR_BOOL,
	WEIR_INT,   /* negative, in .i */
	WEIR_UINT,  /* not negative, in .u */
	WEIR_FLOAT, /* in .d */
	WEIR_STR,   /* .ptr, .len bytes of UTF-8 */
	WEIR_BIN,
	WEIR_EXT,   /* .ptr, .len and .ext_type */
	WEIR_ARRAY, /* .cnt elements */
	WEIR_MAP,   /* .cnt members */
};

/**
 * struct weir_value - one value inside a record
 */
typedef struct weir_value {
	uint32_t type; /* enum weir_type */
	int32_t ext_type;
	union {
		uint32_t boolean; /* 0 or 1 */
		int64_t i;
		uint64_t u;
		double d;
	};
	const void *ptr; /* STR, BIN, EXT: the bytes; not NUL-terminated */
	uint32_t len;	 /* STR, BIN, EXT */
	uint32_t cnt;	 /* ARRAY, MAP */
	const void *raw; /* the whole encoded value ... */
	size_t raw_len;	 /* ... and its length */
} weir_value;

/**
 * weir_value_find - find a value in msgpack bytes by JSON Pointer
 * @msg:     one msgpack value
 * @len:     bytes in @msg
 * @pointer: RFC 6901: "" is the whole, "/a/0/b" a member; "~0" and "~1"
 * @out:     the value; it points into @msg
 *
 * Return: 0, or
 *   -ENOENT        nothing is there
 *   -EINVAL        @pointer is no JSON Pointer, or an argument is NULL
 *   WEIR_EMSGPACK  the bytes up to there are not well-formed
 *
 * Blocks: never.  Threads: any number at once.
 */
WEIR_API int weir_value_find(const void *msg, size_t len, const char *pointer,
			     weir_value *out);

/**
 * weir_record_find - weir_value_find() in the payload of a record
 *
 * Return: as weir_value_find(); -ENOENT for a clear.
 */
WEIR_API int weir_record_find(const weir_record *rec, const char *pointer,
			      weir_value *out);

/**
 * weir_msgpack_to_json - write msgpack bytes as JSON text
 * @msg: one msgpack value
 * @len: bytes in @msg
 * @buf: receives the text and a NUL; may be NULL if @cap is 0
 * @cap: bytes in @buf
 *
 * One line, no spaces.  Integers exactly; doubles in the shortest form that
 * reads back as the same double, with ".0" or an exponent so that they stay
 * doubles; control characters escaped.  What JSON lacks: {"$bin": base64},
 * {"$ext": [type, base64]}, {"$time": RFC 3339}, {"$float": "NaN",
 * "Infinity" or "-Infinity"}.
 *
 * Return: the length of the text without the NUL, also where it is more
 * than fits (then @buf holds the first @cap - 1 bytes and a NUL); or
 *   WEIR_EMSGPACK  not one whole well-formed value
 *   -EINVAL        @msg is NULL, or @buf is NULL and @cap is not 0
 *
 * Blocks: never.  Threads: any number at once.
 */
WEIR_API int64_t weir_msgpack_to_json(const void *msg, size_t len, char *buf,
				      size_t cap);

/**
 * weir_record_json - the payload of a record as JSON text
 *
 * Return: as weir_msgpack_to_json(); "null" for a clear.
 */
WEIR_API int64_t weir_record_json(const weir_record *rec, char *buf,
				  size_t cap);

/**
 * weir_json_to_msgpack - turn one JSON text into msgpack
 * @text: UTF-8; one value with white space around it
 * @len:  bytes in @text
 * @buf:  receives the msgpack; all of it may be written to
 * @cap:  bytes in @buf; 3 * @len always suffices
 * @diag: may be NULL
 *
 * Strict RFC 8259.  Numbers without fraction and exponent become integers,
 * exact over -2^63 .. 2^64-1, others (and -0, which has a sign) doubles; each
 * in its shortest msgpack form, so a double that a float 32 holds exactly is
 * written as one.  A fraction too small for a double becomes 0.  Refused:
 * duplicate keys, invalid UTF-8, lone surrogates, integers and doubles out of
 * range, nesting over 128.
 *
 * Return: the number of bytes written, or
 *   WEIR_EJSON  @diag has line, column, offset and what was expected
 *   -ENOBUFS    @cap is too small
 *   -EINVAL     @text or @buf is NULL
 *
 * Blocks: never.  Threads: any number at once.
 */
WEIR_API int64_t weir_json_to_msgpack(const char *text, size_t len, void *buf,
				      size_t cap, weir_diag *diag);

#ifdef __cplusplus
}
#endif
#endif
