/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mcap_write.c - an MCAP file, from front to back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "mcap.h"

struct buf {
	unsigned char *p;
	size_t len, cap;
	int failed; /* no memory: what it holds is worth nothing */
};

/* Where a message is, for the index of its chunk. */
struct entry {
	uint16_t channel;
	uint64_t log_time, offset;
};

struct span {
	uint64_t first, last;
};

struct mcap_writer {
	int fd;
	int failed; /* -errno */
	struct mcap_chunking how;
	ZSTD_CCtx *zstd;
	uint64_t offset; /* in the file */
	uint32_t crc;	 /* of all that was written */

	struct buf chunk; /* being filled */
	struct buf out;	  /* being put together */
	struct entry *entries;
	size_t entry_cnt, entry_cap;
	struct span chunk_span;

	/* for the summary */
	struct buf schemas, channels, chunks, metadata;
	uint64_t *counts; /* by channel */
	uint64_t message_cnt;
	uint32_t schema_cnt, channel_cnt, chunk_cnt, metadata_cnt;
	struct span span;
};

/* ---- bytes ---- */

/* reserve - room for @len more bytes, at b->p + b->len.  Returns 0: none. */
static int
reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 4096;
	unsigned char *p;

	while (cap - b->len < len && cap <= SIZE_MAX / 2)
		cap *= 2;
	if (cap != b->cap && !b->failed) {
		p = cap - b->len < len ? NULL : realloc(b->p, cap);
		b->failed = !p;
		if (p) {
			b->p = p;
			b->cap = cap;
		}
	}
	return !b->failed;
}

static void
put(struct buf *b, const void *bytes, size_t len)
{
	if (!len || !reserve(b, len))
		return;
	memcpy(b->p + b->len, bytes, len);
	b->len += len;
}

static void
put_int(struct buf *b, uint64_t v, size_t bytes)
{
	unsigned char le[8];

	for (size_t i = 0; i < bytes; i++)
		le[i] = (unsigned char)(v >> 8 * i);
	put(b, le, bytes);
}

static void
patch_int(struct buf *b, size_t at, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes && !b->failed; i++)
		b->p[at + i] = (unsigned char)(v >> 8 * i);
}

static void
put_str(struct buf *b, const char *s)
{
	put_int(b, strlen(s), 4);
	put(b, s, strlen(s));
}

static void
put_pairs(struct buf *b, const struct mcap_pair *pairs, size_t cnt)
{
	size_t at = b->len;

	put_int(b, 0, 4);
	for (size_t i = 0; i < cnt; i++) {
		put_str(b, pairs[i].key);
		put_str(b, pairs[i].value);
	}
	patch_int(b, at, b->len - at - 4, 4);
}

/* A record; end() is told where it began. */
static size_t
begin(struct buf *b, enum mcap_opcode op)
{
	size_t at = b->len;

	put_int(b, op, 1);
	put_int(b, 0, 8);
	return at;
}

static void
end(struct buf *b, size_t at)
{
	patch_int(b, at + 1, b->len - at - MCAP_HEAD_LEN, 8);
}

static int
write_out(struct mcap_writer *w, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	w->crc = (uint32_t)crc32_z(w->crc, p, len);
	while (len && !w->failed) {
		ssize_t n = write(w->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			w->failed = -errno;
			break;
		}
		p += n;
		len -= (size_t)n;
		w->offset += (size_t)n;
	}
	return w->failed;
}

static int
write_buf(struct mcap_writer *w, struct buf *b)
{
	if (b->failed && !w->failed)
		w->failed = -ENOMEM;
	if (!w->failed)
		write_out(w, b->p, b->len);
	b->len = 0;
	return w->failed;
}

static void
stretch(struct span *s, uint64_t t, int is_first)
{
	if (is_first || t < s->first)
		s->first = t;
	if (is_first || t > s->last)
		s->last = t;
}

/* ---- definitions, metadata ---- */

int
mcap_create(struct mcap_writer **out, int fd, const char *library,
	    const struct mcap_chunking *how)
{
	struct mcap_writer *w = calloc(1, sizeof(*w));
	size_t at;

	*out = w;
	if (!w)
		return -ENOMEM;
	w->fd = fd;
	w->how = *how;
	w->counts = calloc(UINT16_MAX + 1, sizeof(*w->counts));
	w->zstd = how->zstd ? ZSTD_createCCtx() : NULL;
	if (!w->counts || (how->zstd && !w->zstd)) {
		mcap_discard(w);
		*out = NULL;
		return -ENOMEM;
	}
	put(&w->out, MCAP_MAGIC, MCAP_MAGIC_LEN);
	at = begin(&w->out, MCAP_OP_HEADER);
	put_str(&w->out, ""); /* profile */
	put_str(&w->out, library);
	end(&w->out, at);
	return write_buf(w, &w->out);
}

/* A definition is written at once, and kept for the summary. */
static int
define(struct mcap_writer *w, struct buf *kept, size_t at)
{
	end(kept, at);
	if (kept->failed)
		return w->failed = -ENOMEM;
	return write_out(w, kept->p + at, kept->len - at);
}

int
mcap_put_schema(struct mcap_writer *w, const char *name, const char *encoding,
		const void *data, size_t len, uint16_t *id)
{
	size_t at;

	if (w->failed)
		return w->failed;
	if (w->schema_cnt == UINT16_MAX)
		return -EOVERFLOW;
	*id = (uint16_t)++w->schema_cnt; /* 0 is none */
	at = begin(&w->schemas, MCAP_OP_SCHEMA);
	put_int(&w->schemas, *id, 2);
	put_str(&w->schemas, name);
	put_str(&w->schemas, encoding);
	put_int(&w->schemas, len, 4);
	put(&w->schemas, data, len);
	return define(w, &w->schemas, at);
}

int
mcap_put_channel(struct mcap_writer *w, uint16_t schema, const char *topic,
		 const char *encoding, const struct mcap_pair *pairs,
		 size_t cnt, uint16_t *id)
{
	size_t at;

	if (w->failed)
		return w->failed;
	if (w->channel_cnt == UINT16_MAX)
		return -EOVERFLOW;
	*id = (uint16_t)++w->channel_cnt;
	at = begin(&w->channels, MCAP_OP_CHANNEL);
	put_int(&w->channels, *id, 2);
	put_int(&w->channels, schema, 2);
	put_str(&w->channels, topic);
	put_str(&w->channels, encoding);
	put_pairs(&w->channels, pairs, cnt);
	return define(w, &w->channels, at);
}

int
mcap_put_metadata(struct mcap_writer *w, const char *name,
		  const struct mcap_pair *pairs, size_t cnt)
{
	size_t at = begin(&w->out, MCAP_OP_METADATA), index;

	put_str(&w->out, name);
	put_pairs(&w->out, pairs, cnt);
	end(&w->out, at);

	index = begin(&w->metadata, MCAP_OP_METADATA_INDEX);
	put_int(&w->metadata, w->offset, 8);
	put_int(&w->metadata, w->out.len, 8);
	put_str(&w->metadata, name);
	end(&w->metadata, index);
	w->metadata_cnt++;
	return write_buf(w, &w->out);
}

/* ---- chunks ---- */

int
mcap_put_message(struct mcap_writer *w, uint16_t channel, uint32_t sequence,
		 uint64_t log_time, uint64_t publish_time, const void *data,
		 size_t len)
{
	size_t at = w->chunk.len;

	if (w->failed)
		return w->failed;
	if (w->entry_cnt == w->entry_cap) {
		size_t cap = w->entry_cap ? 2 * w->entry_cap : 1024;
		struct entry *more =
		    realloc(w->entries, cap * sizeof(*w->entries));

		if (!more)
			return w->failed = -ENOMEM;
		w->entries = more;
		w->entry_cap = cap;
	}
	stretch(&w->chunk_span, log_time, w->entry_cnt == 0);
	w->entries[w->entry_cnt++] = (struct entry){channel, log_time, at};
	begin(&w->chunk, MCAP_OP_MESSAGE);
	put_int(&w->chunk, channel, 2);
	put_int(&w->chunk, sequence, 4);
	put_int(&w->chunk, log_time, 8);
	put_int(&w->chunk, publish_time, 8);
	put(&w->chunk, data, len);
	end(&w->chunk, at);
	return w->chunk.len < w->how.chunk_size ? 0 : mcap_flush(w);
}

static int
by_channel_and_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->channel != y->channel)
		return x->channel < y->channel ? -1 : 1;
	if (x->log_time != y->log_time)
		return x->log_time < y->log_time ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The chunk's bytes as they stand in the file, behind their length. */
static void
put_packed(struct mcap_writer *w)
{
	size_t at = w->out.len, bound = ZSTD_compressBound(w->chunk.len), n;

	put_int(&w->out, w->chunk.len, 8);
	if (!w->zstd) {
		put(&w->out, w->chunk.p, w->chunk.len);
		return;
	}
	if (!reserve(&w->out, bound))
		return;
	n = ZSTD_compressCCtx(w->zstd, w->out.p + w->out.len, bound, w->chunk.p,
			      w->chunk.len, ZSTD_CLEVEL_DEFAULT);
	if (ZSTD_isError(n)) {
		w->out.failed = 1;
		return;
	}
	w->out.len += n;
	patch_int(&w->out, at, n, 8);
}

/* A MessageIndex for each channel; @places: the map from channels to them. */
static void
put_indexes(struct mcap_writer *w, struct buf *places)
{
	const struct entry *e = w->entries, *last = e + w->entry_cnt;

	qsort(w->entries, w->entry_cnt, sizeof(*w->entries),
	      by_channel_and_time);
	while (e < last) {
		uint16_t channel = e->channel;
		size_t at, from;

		put_int(places, channel, 2);
		put_int(places, w->offset + w->out.len, 8);
		at = begin(&w->out, MCAP_OP_MESSAGE_INDEX);
		put_int(&w->out, channel, 2);
		from = w->out.len;
		put_int(&w->out, 0, 4);
		for (; e < last && e->channel == channel; e++) {
			put_int(&w->out, e->log_time, 8);
			put_int(&w->out, e->offset, 8);
			w->counts[channel]++;
		}
		patch_int(&w->out, from, w->out.len - from - 4, 4);
		end(&w->out, at);
	}
}

int
mcap_flush(struct mcap_writer *w)
{
	const char *compression = w->how.zstd ? "zstd" : "";
	struct buf *out = &w->out;
	size_t at, chunk_len, packed, index, map;

	if (w->failed || w->entry_cnt == 0)
		return w->failed;
	if (w->chunk.failed)
		return w->failed = -ENOMEM;
	at = begin(out, MCAP_OP_CHUNK);
	put_int(out, w->chunk_span.first, 8);
	put_int(out, w->chunk_span.last, 8);
	put_int(out, w->chunk.len, 8);
	put_int(out, crc32_z(0, w->chunk.p, w->chunk.len), 4);
	put_str(out, compression);
	packed = out->len + 8;
	put_packed(w);
	packed = out->len - packed;
	end(out, at);
	chunk_len = out->len - at;

	index = begin(&w->chunks, MCAP_OP_CHUNK_INDEX);
	put_int(&w->chunks, w->chunk_span.first, 8);
	put_int(&w->chunks, w->chunk_span.last, 8);
	put_int(&w->chunks, w->offset, 8);
	put_int(&w->chunks, chunk_len, 8);
	map = w->chunks.len;
	put_int(&w->chunks, 0, 4);
	put_indexes(w, &w->chunks);
	patch_int(&w->chunks, map, w->chunks.len - map - 4, 4);
	put_int(&w->chunks, out->len - chunk_len, 8);
	put_str(&w->chunks, compression);
	put_int(&w->chunks, packed, 8);
	put_int(&w->chunks, w->chunk.len, 8);
	end(&w->chunks, index);

	if (write_buf(w, out) < 0)
		return w->failed;
	stretch(&w->span, w->chunk_span.first, w->message_cnt == 0);
	stretch(&w->span, w->chunk_span.last, 0);
	w->message_cnt += w->entry_cnt;
	w->chunk_cnt++;
	w->entry_cnt = 0;
	w->chunk.len = 0;
	return 0;
}

/* ---- the end ---- */

static void
put_statistics(struct mcap_writer *w, struct buf *b)
{
	size_t at = begin(b, MCAP_OP_STATISTICS), map;

	put_int(b, w->message_cnt, 8);
	put_int(b, w->schema_cnt, 2);
	put_int(b, w->channel_cnt, 4);
	put_int(b, 0, 4); /* attachments */
	put_int(b, w->metadata_cnt, 4);
	put_int(b, w->chunk_cnt, 4);
	put_int(b, w->span.first, 8);
	put_int(b, w->span.last, 8);
	map = b->len;
	put_int(b, 0, 4);
	for (uint32_t i = 1; i <= w->channel_cnt; i++) {
		if (!w->counts[i])
			continue;
		put_int(b, i, 2);
		put_int(b, w->counts[i], 8);
	}
	patch_int(b, map, b->len - map - 4, 4);
	end(b, at);
}

int
mcap_finish(struct mcap_writer *w)
{
	struct buf statistics = {0}, *out = &w->out;
	const struct {
		enum mcap_opcode op;
		const struct buf *records;
	} groups[] = {
	    {MCAP_OP_SCHEMA, &w->schemas},
	    {MCAP_OP_CHANNEL, &w->channels},
	    {MCAP_OP_STATISTICS, &statistics},
	    {MCAP_OP_CHUNK_INDEX, &w->chunks},
	    {MCAP_OP_METADATA_INDEX, &w->metadata},
	};
	uint64_t start, offsets_start;
	size_t at;

	if (mcap_flush(w) < 0)
		return w->failed;
	at = begin(out, MCAP_OP_DATA_END);
	put_int(out, w->crc, 4);
	end(out, at);
	if (write_buf(w, out) < 0)
		return w->failed;

	start = w->offset;
	put_statistics(w, &statistics);
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		put(out, groups[i].records->p, groups[i].records->len);
		out->failed |= groups[i].records->failed;
	}
	offsets_start = start + out->len;
	for (size_t i = 0, sum = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		size_t len = groups[i].records->len;

		if (!len)
			continue;
		at = begin(out, MCAP_OP_SUMMARY_OFFSET);
		put_int(out, groups[i].op, 1);
		put_int(out, start + sum, 8);
		put_int(out, len, 8);
		end(out, at);
		sum += len;
	}
	free(statistics.p);

	/* the CRC is in the record whose first bytes it covers */
	put_int(out, MCAP_OP_FOOTER, 1);
	put_int(out, 8 + 8 + 4, 8);
	put_int(out, start, 8);
	put_int(out, offsets_start, 8);
	put_int(out, out->failed ? 0 : crc32_z(0, out->p, out->len), 4);
	put(out, MCAP_MAGIC, MCAP_MAGIC_LEN);
	return write_buf(w, out);
}

uint64_t
mcap_written(const struct mcap_writer *w, uint64_t *bytes)
{
	*bytes = w->offset;
	return w->message_cnt;
}

void
mcap_discard(struct mcap_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	free(w->chunk.p);
	free(w->out.p);
	free(w->entries);
	free(w->schemas.p);
	free(w->channels.p);
	free(w->chunks.p);
	free(w->metadata.p);
	free(w->counts);
	free(w);
}
