/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mcap.h - files in the container format MCAP (mcap.dev/spec), written once
 * from front to back, and read so.  Knows nothing of stores.
 *
 *	magic, Header
 *	Schema, Channel		each once, before the first chunk that needs it
 *	Chunk, MessageIndex...	messages, compressed, with a CRC
 *	Metadata
 *	DataEnd			CRC of all before it
 *	summary			the definitions again, statistics, indexes
 *	Footer, magic		CRC of the summary
 *
 * Definitions lie outside of the chunks, so that a damaged chunk takes none
 * with it.  A reader from front to back needs no summary, so a file that was
 * cut is good up to the cut.
 */
#ifndef WI_TOOLS_MCAP_H
#define WI_TOOLS_MCAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct mcap_pair {
	const char *key, *value;
};

/* ---- writing ----
 *
 * Functions return 0 or -errno; after a failure they all return that, but for
 * -EOVERFLOW, after which the file can be finished. */

struct mcap_writer;

struct mcap_chunking {
	int zstd;	   /* else the chunks are not compressed */
	size_t chunk_size; /* bytes of messages after which one is written */
};

/* mcap_create - begin a file in @fd, which stays the caller's. */
int mcap_create(struct mcap_writer **w, int fd, const char *library,
		const struct mcap_chunking *how);

/* mcap_put_schema, mcap_put_channel - define; *@id is what others refer to.
 * @schema: 0: none.  -EOVERFLOW: more than 65535 of them. */
int mcap_put_schema(struct mcap_writer *w, const char *name,
		    const char *encoding, const void *data, size_t len,
		    uint16_t *id);
int mcap_put_channel(struct mcap_writer *w, uint16_t schema, const char *topic,
		     const char *encoding, const struct mcap_pair *pairs,
		     size_t cnt, uint16_t *id);

int mcap_put_message(struct mcap_writer *w, uint16_t channel, uint32_t sequence,
		     uint64_t log_time, uint64_t publish_time, const void *data,
		     size_t len);
int mcap_put_metadata(struct mcap_writer *w, const char *name,
		      const struct mcap_pair *pairs, size_t cnt);

/* mcap_flush - write the chunk that is being filled, if anything is in it. */
int mcap_flush(struct mcap_writer *w);

/* mcap_finish - the last chunk, the summary, the footer. */
int mcap_finish(struct mcap_writer *w);

/* mcap_written - how many messages, and bytes, have been written. */
uint64_t mcap_written(const struct mcap_writer *w, uint64_t *bytes);

void mcap_discard(struct mcap_writer *w); /* the memory; NULL is allowed */

/* ---- reading ---- */

struct mcap_reader;

struct mcap_schema {
	const char *name, *encoding;
	const void *data;
	size_t len;
};

struct mcap_channel {
	const struct mcap_schema *schema; /* or NULL */
	const char *topic, *encoding;
	const struct mcap_pair *pairs;
	size_t cnt;
	void *user; /* the caller's; NULL at first */
};

enum mcap_kind {
	MCAP_MESSAGE = 1,
	MCAP_DAMAGE, /* .why, at .offset; it was passed over */
	MCAP_CUT,    /* the file ends here, at .offset, without its end */
	MCAP_END,
};

/* .data and .why are good until the next call, .channel until the end. */
struct mcap_item {
	enum mcap_kind kind;
	uint64_t offset; /* in the file: of the chunk, or the record */
	const char *why;
	struct mcap_channel *channel;
	uint32_t sequence;
	uint64_t log_time, publish_time;
	const void *data;
	size_t len;
};

/* How long a chunk may be when unpacked, and a record; and all definitions
 * together, which take up to four times that of memory. */
#define MCAP_CHUNK_MAX ((size_t)512 << 20)
#define MCAP_DEFS_MAX  ((size_t)32 << 20)

/* mcap_open - begin to read; @file stays the caller's.
 * @chunk_max: longer chunks and records are damage; MCAP_CHUNK_MAX
 * Return: 0, -ENOMEM, -EBADMSG: this is no MCAP file; or -errno. */
int mcap_open(struct mcap_reader **r, FILE *file, size_t chunk_max);

/* mcap_next - the next item, in the order of the file.  After MCAP_CUT and
 * MCAP_END comes no other.
 * Return: 0 or -errno. */
int mcap_next(struct mcap_reader *r, struct mcap_item *it);

/* mcap_rewind - from the front again; channels stay the same.
 * Return: as mcap_open(). */
int mcap_rewind(struct mcap_reader *r);

/* mcap_pair_value - NULL if there is no such key. */
const char *mcap_pair_value(const struct mcap_channel *ch, const char *key);

void mcap_close(struct mcap_reader *r); /* NULL is allowed */

/* ---- what both know ---- */

#define MCAP_MAGIC     "\x89MCAP0\r\n"
#define MCAP_MAGIC_LEN 8
#define MCAP_HEAD_LEN  9 /* of a record: opcode, length */

enum mcap_opcode {
	MCAP_OP_HEADER = 0x01,
	MCAP_OP_FOOTER = 0x02,
	MCAP_OP_SCHEMA = 0x03,
	MCAP_OP_CHANNEL = 0x04,
	MCAP_OP_MESSAGE = 0x05,
	MCAP_OP_CHUNK = 0x06,
	MCAP_OP_MESSAGE_INDEX = 0x07,
	MCAP_OP_CHUNK_INDEX = 0x08,
	MCAP_OP_STATISTICS = 0x0b,
	MCAP_OP_METADATA = 0x0c,
	MCAP_OP_METADATA_INDEX = 0x0d,
	MCAP_OP_SUMMARY_OFFSET = 0x0e,
	MCAP_OP_DATA_END = 0x0f,
};

#endif
