/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fix.h - what tests of the store's API begin with: stores, channels,
 * producers, consumers that must open, and small records.
 *
 * A function here that cannot do its work fails the test and ends it.
 */
#ifndef WI_TESTS_UNIT_FIX_H
#define WI_TESTS_UNIT_FIX_H

#include "support/harness.h"
#include "support/tmpstore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <weir.h>

#define MS INT64_C(1000000)

#define STORE_OPTS(...)                                                        \
	(&(weir_store_opts){.size = sizeof(weir_store_opts), __VA_ARGS__})
#define CH_OPTS(...)                                                           \
	(&(weir_channel_opts){.size = sizeof(weir_channel_opts), __VA_ARGS__})
#define PR_OPTS(...)                                                           \
	(&(weir_producer_opts){.size = sizeof(weir_producer_opts), __VA_ARGS__})
#define CO_OPTS(...)                                                           \
	(&(weir_consumer_opts){.size = sizeof(weir_consumer_opts), __VA_ARGS__})

/* What the last function that failed said. */
static weir_diag fix_diag;

static inline void
fix_rc(int rc, const char *what)
{
	if (rc != 0)
		t_log("%s: %s: %s\n", what, weir_strerror(rc),
		      fix_diag.message);
	CU_ASSERT_EQUAL_FATAL(rc, 0);
}

static inline weir_store *
fix_store_with(uint64_t max_bytes, uint32_t max_channels)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_PRIVATE,
			     .max_bytes = max_bytes,
			     .max_channels = max_channels};
	weir_store *st = NULL;

	fix_rc(weir_store_open(NULL, &o, &st, &fix_diag), "store");
	return st;
}

/* A private store of the default sizes. */
static inline weir_store *
fix_store(void)
{
	return fix_store_with(0, 0);
}

static inline weir_channel *
fix_channel(weir_store *st, const char *name, const weir_channel_opts *o)
{
	weir_channel_opts dflt = {.size = sizeof(dflt)};
	weir_channel *ch = NULL;

	fix_rc(weir_channel_open(st, name, o ? o : &dflt, &ch, &fix_diag),
	       name);
	return ch;
}

static inline weir_producer *
fix_producer_with(weir_channel *ch, const char *id, const weir_producer_opts *o)
{
	weir_producer *p = NULL;

	fix_rc(weir_producer_open(ch, id, o, &p, &fix_diag), id);
	return p;
}

static inline weir_producer *
fix_producer(weir_channel *ch, const char *id)
{
	return fix_producer_with(ch, id, NULL);
}

static inline weir_consumer *
fix_consumer_with(weir_channel *ch, const char *id, const weir_consumer_opts *o)
{
	weir_consumer *c = NULL;

	fix_rc(weir_consumer_open(ch, id, o, &c, &fix_diag),
	       id ? id : "observer");
	return c;
}

static inline weir_consumer *
fix_consumer(weir_channel *ch, const char *id, uint32_t from)
{
	return fix_consumer_with(ch, id, CO_OPTS(.from = from));
}

/* ---- records ---------------------------------------------------------------
 */

/* One msgpack value of exactly @len bytes, all of whose payload is @fill. */
static inline void
fix_bytes(uint8_t *buf, size_t len, uint8_t fill)
{
	size_t head, n;

	memset(buf, fill, len);
	if (len == 1) {
		buf[0] = fill & 0x7f;
		return;
	}
	head = len - 2 <= 0xff ? 2 : len - 3 <= 0xffff ? 3 : 5;
	n = len - head;
	buf[0] = head == 2 ? 0xc4 : head == 3 ? 0xc5 : 0xc6;
	for (size_t i = 1; i < head; i++)
		buf[i] = (uint8_t)(n >> 8 * (head - 1 - i));
}

/* A number as a record of 9 bytes. */
static inline void
fix_number(uint8_t buf[9], uint64_t v)
{
	buf[0] = 0xcf;
	for (int i = 0; i < 8; i++)
		buf[1 + i] = (uint8_t)(v >> 8 * (7 - i));
}

static inline int64_t
fix_put(weir_producer *p, uint64_t v)
{
	uint8_t buf[9];

	fix_number(buf, v);
	return weir_publish(p, buf, sizeof(buf), &fix_diag);
}

/* Publish it; it must work. */
static inline void
fix_must_put(weir_producer *p, uint64_t v)
{
	int64_t rc = fix_put(p, v);

	if (rc <= 0)
		t_log("publish: %s\n", fix_diag.message);
	CU_ASSERT_FATAL(rc > 0);
}

/* The number in a record; ~0 if it holds none. */
static inline uint64_t
fix_value(const weir_record *rec)
{
	weir_value v;

	return weir_record_find(rec, "", &v) == 0 && v.type == WEIR_UINT
		   ? v.u
		   : UINT64_MAX;
}

/* The current value, of the channel or one producer; ~0: none. */
static inline uint64_t
fix_current(weir_channel *ch, const char *id)
{
	uint8_t buf[64];
	weir_record rec;

	if (weir_current(ch, id, buf, sizeof(buf), &rec) != 0)
		return UINT64_MAX;
	return fix_value(&rec);
}

/* Does the text hold the word? */
static inline bool
fix_says(const weir_diag *diag, const char *word)
{
	bool does = strstr(diag->message, word) != NULL;

	if (!does)
		t_log("no \"%s\" in \"%s\"\n", word, diag->message);
	return does;
}

#endif
