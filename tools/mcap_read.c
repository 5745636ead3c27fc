/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mcap_read.c - an MCAP file, from front to back; nothing in it is believed.
 *
 * A length only says how much is to be read: memory grows with the bytes that
 * come, up to the limits in mcap.h.  What is not as it should be is passed
 * over by the length of its record, and told.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "mcap.h"

#define STEP ((size_t)1 << 20) /* memory for a record grows by so much */

/* A definition: one piece of memory with strings that end in NUL, and the
 * record's own bytes, to tell whether another is the same. */
struct def {
	size_t len;
	unsigned char *raw;
	union {
		struct mcap_schema schema;
		struct mcap_channel channel;
	};
};

/* Bytes that are still to be taken apart. */
struct cursor {
	const unsigned char *p;
	size_t len;
	int bad; /* there were fewer than asked for */
};

struct mcap_reader {
	FILE *file;
	size_t chunk_max;
	uint64_t offset;
	uint32_t crc;
	int is_over;   /* the item that ends it was given */
	int is_behind; /* DataEnd was there: the rest is summary */
	int damaged;   /* something was passed over */

	unsigned char *rec; /* the record that was read last */
	size_t rec_cap;
	unsigned char *unpacked;
	size_t unpacked_cap;
	ZSTD_DCtx *zstd;
	struct cursor chunk; /* what is left of a chunk */
	uint64_t chunk_at;

	/* by the halves of their ids */
	struct def **schemas[256], **channels[256];
	size_t defs_len;
	unsigned char is_told[8192]; /* of messages without a channel: bits */
	char why[160];
};

/* ---- bytes ---- */

static const unsigned char *
take(struct cursor *c, uint64_t len)
{
	const unsigned char *p = c->p;

	if (len > c->len) {
		c->bad = 1;
		c->len = 0;
		return NULL;
	}
	c->p += len;
	c->len -= (size_t)len;
	return p;
}

static uint64_t
take_int(struct cursor *c, size_t bytes)
{
	const unsigned char *p = take(c, bytes);
	uint64_t v = 0;

	while (p && bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/* A string of the file, to @to with a NUL behind it. */
static const char *
take_str(struct cursor *c, char **to)
{
	size_t len = (size_t)take_int(c, 4);
	const unsigned char *p = take(c, len);
	char *s = *to;

	if (!p || memchr(p, 0, len)) {
		c->bad = 1;
		return "";
	}
	memcpy(s, p, len);
	s[len] = 0;
	*to += len + 1;
	return s;
}

/* Up to @len bytes to @to, or nowhere. */
static size_t
get(struct mcap_reader *r, void *to, size_t len)
{
	size_t n = fread(to, 1, len, r->file);

	r->crc = (uint32_t)crc32_z(r->crc, to, n);
	r->offset += n;
	return n;
}

static int
ended(const struct mcap_reader *r)
{
	if (!ferror(r->file))
		return 0;
	return errno ? -errno : -EIO;
}

/* The content of a record to r->rec.  1: it is there; 0: the file ends. */
static int
load(struct mcap_reader *r, size_t len)
{
	size_t have = 0;

	while (have < len) {
		size_t part = len - have < STEP ? len - have : STEP, n;

		if (r->rec_cap - have < part) {
			size_t cap = have + part, more = cap / 2;
			unsigned char *p;

			cap += more < len - cap ? more : len - cap;
			p = realloc(r->rec, cap);
			if (!p)
				return -ENOMEM;
			r->rec = p;
			r->rec_cap = cap;
		}
		errno = 0;
		n = get(r, r->rec + have, part);
		have += n;
		if (n < part)
			return ended(r);
	}
	return 1;
}

static int
skip(struct mcap_reader *r, uint64_t len)
{
	unsigned char nowhere[4096];

	while (len) {
		size_t part =
		    len < sizeof(nowhere) ? (size_t)len : sizeof(nowhere);
		size_t n;

		errno = 0;
		n = get(r, nowhere, part);
		len -= n;
		if (n < part)
			return ended(r);
	}
	return 1;
}

/* ---- items ---- */

__attribute__((format(printf, 4, 5))) static int
tell(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	it->kind = MCAP_DAMAGE;
	it->offset = offset;
	it->why = r->why;
	r->damaged = 1;
	return 1;
}

static int
cut(struct mcap_reader *r, struct mcap_item *it, uint64_t offset)
{
	it->kind = MCAP_CUT;
	it->offset = offset;
	r->is_over = 1;
	return 1;
}

/* ---- definitions ---- */

static struct def *
find(struct def **const *table, uint16_t id)
{
	return table[id >> 8] ? table[id >> 8][id & 255] : NULL;
}

static int
keep(struct def ***table, uint16_t id, struct def *d)
{
	struct def ***half = &table[id >> 8];

	if (!*half)
		*half = calloc(256, sizeof(**half));
	if (!*half)
		return -ENOMEM;
	(*half)[id & 255] = d;
	return 0;
}

static void
forget(struct def ***table)
{
	for (size_t i = 0; i < 256; i++) {
		for (size_t j = 0; table[i] && j < 256; j++)
			free(table[i][j]);
		free(table[i]);
	}
}

static void
fill_schema(struct def *d, struct cursor *c, char *text)
{
	d->schema.name = take_str(c, &text);
	d->schema.encoding = take_str(c, &text);
	d->schema.len = (size_t)take_int(c, 4);
	d->schema.data = take(c, d->schema.len);
}

static void
fill_channel(struct mcap_reader *r, struct def *d, struct cursor *c,
	     struct mcap_pair *pairs, char *text)
{
	struct def *schema = find(r->schemas, (uint16_t)take_int(c, 2));
	struct cursor map;

	d->channel.schema = schema ? &schema->schema : NULL;
	d->channel.topic = take_str(c, &text);
	d->channel.encoding = take_str(c, &text);
	map.len = (size_t)take_int(c, 4);
	map.p = take(c, map.len);
	map.bad = c->bad;
	d->channel.pairs = pairs;
	while (!map.bad && map.len) {
		pairs[d->channel.cnt].key = take_str(&map, &text);
		pairs[d->channel.cnt++].value = take_str(&map, &text);
	}
	c->bad |= map.bad;
}

/* Schema or Channel.  1: @it says what is wrong; 0: nothing; -ENOMEM. */
static int
define(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
       unsigned op, struct cursor c)
{
	const char *what = op == MCAP_OP_SCHEMA ? "schema" : "channel";
	size_t len = c.len, pairs, texts;
	const unsigned char *bytes = c.p;
	struct def *d, ***table;
	uint16_t id = (uint16_t)take_int(&c, 2);

	if (c.bad || (op == MCAP_OP_SCHEMA && id == 0))
		return tell(r, it, offset, "a %s that is none", what);
	table = op == MCAP_OP_SCHEMA ? r->schemas : r->channels;
	d = find(table, id);
	if (d && d->len == len && memcmp(d->raw, bytes, len) == 0)
		return 0;
	if (d)
		return tell(r, it, offset, "%s %u is there and says otherwise",
			    what, id);
	/* a pair takes 8 bytes or more, a string 4 and its own: so it is
	 * enough for those, with a NUL each */
	pairs = op == MCAP_OP_CHANNEL ? len / 8 * sizeof(struct mcap_pair) : 0;
	texts = 2 * len;
	if (len > MCAP_DEFS_MAX - r->defs_len)
		return tell(r, it, offset, "definitions of more than %zu MiB",
			    MCAP_DEFS_MAX >> 20);
	d = calloc(1, sizeof(*d) + pairs + texts);
	if (!d)
		return -ENOMEM;
	d->len = len;
	d->raw = (unsigned char *)(d + 1) + pairs;
	memcpy(d->raw, bytes, len);
	c.p = d->raw + 2; /* what is kept points there */
	if (op == MCAP_OP_SCHEMA)
		fill_schema(d, &c, (char *)d->raw + len);
	else
		fill_channel(r, d, &c, (struct mcap_pair *)(d + 1),
			     (char *)d->raw + len);
	if (c.bad) {
		free(d);
		return tell(r, it, offset, "%s %u is cut", what, id);
	}
	if (keep(table, id, d) < 0) {
		free(d);
		return -ENOMEM;
	}
	r->defs_len += len;
	return 0;
}

/* ---- messages, chunks ---- */

static int
message(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
	struct cursor c)
{
	uint16_t id = (uint16_t)take_int(&c, 2);
	unsigned char bit = (unsigned char)(1u << (id & 7));
	struct def *d = find(r->channels, id);

	it->sequence = (uint32_t)take_int(&c, 4);
	it->log_time = take_int(&c, 8);
	it->publish_time = take_int(&c, 8);
	if (c.bad)
		return tell(r, it, offset, "a message that is cut");
	if (!d) {
		if (r->is_told[id / 8] & bit)
			return 0;
		r->is_told[id / 8] |= bit;
		return tell(r, it, offset,
			    "messages of channel %u, which is not defined "
			    "before them, are passed over",
			    id);
	}
	it->kind = MCAP_MESSAGE;
	it->offset = offset;
	it->channel = &d->channel;
	it->data = c.p;
	it->len = c.len;
	return 1;
}

/* A record that may be in a chunk or outside. */
static int
content(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
	unsigned op, struct cursor c)
{
	switch (op) {
	case MCAP_OP_SCHEMA:
	case MCAP_OP_CHANNEL:
		return define(r, it, offset, op, c);
	case MCAP_OP_MESSAGE:
		return message(r, it, offset, c);
	default:
		return 0; /* to be passed over, says the specification */
	}
}

static int
in_chunk(struct mcap_reader *r, struct mcap_item *it)
{
	struct cursor rec = {0};
	unsigned op = (unsigned)take_int(&r->chunk, 1);

	rec.len = (size_t)take_int(&r->chunk, 8);
	rec.p = take(&r->chunk, rec.len);
	if (r->chunk.bad)
		return tell(r, it, r->chunk_at,
			    "a record in the chunk is longer than the chunk");
	return content(r, it, r->chunk_at, op, rec);
}

/* The content of a zstd chunk.  NULL: @*why. */
static const unsigned char *
unpack(struct mcap_reader *r, const struct cursor *packed, size_t len,
       const char **why)
{
	size_t n;

	*why = "no memory";
	if (!r->zstd)
		r->zstd = ZSTD_createDCtx();
	if (r->unpacked_cap < len) {
		free(r->unpacked);
		r->unpacked = malloc(len);
		r->unpacked_cap = r->unpacked ? len : 0;
	}
	if (!r->zstd || r->unpacked_cap < len)
		return NULL;
	n = ZSTD_decompressDCtx(r->zstd, r->unpacked, len, packed->p,
				packed->len);
	*why = ZSTD_isError(n) ? ZSTD_getErrorName(n) : "too short";
	return n == len ? r->unpacked : NULL;
}

static int
open_chunk(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
	   struct cursor c)
{
	uint64_t len, compression_len;
	const unsigned char *compression, *bytes;
	struct cursor packed = {0};
	const char *why = "its lengths contradict each other";
	uint32_t crc;

	take(&c, 8 + 8); /* times */
	len = take_int(&c, 8);
	crc = (uint32_t)take_int(&c, 4);
	compression_len = take_int(&c, 4);
	compression = take(&c, compression_len);
	packed.len = (size_t)take_int(&c, 8);
	packed.p = take(&c, packed.len);
	bytes = packed.p;
	if (c.bad || (!compression_len && packed.len != len))
		return tell(r, it, offset, "a damaged chunk: %s", why);
	if (len > r->chunk_max)
		return tell(r, it, offset,
			    "a chunk of %" PRIu64 " bytes, more than %zu", len,
			    r->chunk_max);
	if (compression_len == 4 && memcmp(compression, "zstd", 4) == 0 && len)
		bytes = unpack(r, &packed, (size_t)len, &why);
	else if (compression_len && len)
		return tell(r, it, offset,
			    "a chunk compressed with %.*s: only zstd is known",
			    compression_len < 16 ? (int)compression_len : 16,
			    (const char *)compression);
	if (bytes && crc && crc32_z(0, bytes, (size_t)len) != crc) {
		why = "its CRC is another";
		bytes = NULL;
	}
	if (!bytes)
		return tell(r, it, offset, "a damaged chunk: %s", why);
	r->chunk = (struct cursor){bytes, (size_t)len, 0};
	r->chunk_at = offset;
	return 0;
}

static int
data_end(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
	 uint32_t crc, struct cursor c)
{
	uint32_t said = (uint32_t)take_int(&c, 4);

	r->is_behind = 1;
	if (c.bad || !said || said == crc || r->damaged)
		return 0;
	return tell(r, it, offset,
		    "the CRC of all that is before it is another");
}

/* ---- the file ---- */

static int
file_end(struct mcap_reader *r, struct mcap_item *it, uint64_t offset,
	 uint64_t len)
{
	char magic[MCAP_MAGIC_LEN];
	int rc = skip(r, len);

	if (rc < 0)
		return rc;
	errno = 0;
	if (rc == 0 || get(r, magic, sizeof(magic)) < sizeof(magic) ||
	    memcmp(magic, MCAP_MAGIC, sizeof(magic)) != 0) {
		rc = ended(r);
		return rc ? rc : cut(r, it, offset);
	}
	it->kind = MCAP_END;
	r->is_over = 1;
	return 1;
}

/* The next record of the file.  1: @it is filled; 0: there is nothing to say
 * of it; or -errno. */
static int
record(struct mcap_reader *r, struct mcap_item *it)
{
	unsigned char bytes[MCAP_HEAD_LEN];
	struct cursor head = {bytes, sizeof(bytes), 0}, c = {bytes, 0, 0};
	uint64_t offset = r->offset, len;
	uint32_t crc = r->crc;
	unsigned op;
	int rc;

	errno = 0;
	if (get(r, bytes, sizeof(bytes)) < sizeof(bytes)) {
		rc = ended(r);
		return rc ? rc : cut(r, it, offset);
	}
	op = (unsigned)take_int(&head, 1);
	len = take_int(&head, 8);
	if (op == 0) /* as where a disk's blocks were not written any more */
		return cut(r, it, offset);
	if (op == MCAP_OP_FOOTER)
		return file_end(r, it, offset, len);

	if (r->is_behind || (op != MCAP_OP_SCHEMA && op != MCAP_OP_CHANNEL &&
			     op != MCAP_OP_MESSAGE && op != MCAP_OP_CHUNK &&
			     op != MCAP_OP_DATA_END)) {
		rc = skip(r, len);
		return rc ? (rc < 0 ? rc : 0) : cut(r, it, offset);
	}
	if (len > r->chunk_max + 4096) {
		rc = skip(r, len);
		if (rc <= 0)
			return rc ? rc : cut(r, it, offset);
		return tell(r, it, offset,
			    "a record of %" PRIu64 " bytes, more than %zu", len,
			    r->chunk_max);
	}
	rc = load(r, (size_t)len);
	if (rc <= 0)
		return rc ? rc : cut(r, it, offset);
	if (len) /* else there may be no memory yet */
		c = (struct cursor){r->rec, (size_t)len, 0};
	if (op == MCAP_OP_CHUNK)
		return open_chunk(r, it, offset, c);
	if (op == MCAP_OP_DATA_END)
		return data_end(r, it, offset, crc, c);
	return content(r, it, offset, op, c);
}

int
mcap_next(struct mcap_reader *r, struct mcap_item *it)
{
	int rc = 0;

	memset(it, 0, sizeof(*it));
	if (r->is_over) {
		it->kind = MCAP_END;
		return 0;
	}
	while (rc == 0)
		rc = r->chunk.len ? in_chunk(r, it) : record(r, it);
	return rc < 0 ? rc : 0;
}

static int
start(struct mcap_reader *r)
{
	char magic[MCAP_MAGIC_LEN];

	r->offset = r->crc = 0;
	r->is_over = r->is_behind = r->damaged = 0;
	r->chunk.len = 0;
	errno = 0;
	if (get(r, magic, sizeof(magic)) < sizeof(magic))
		return ended(r) ? ended(r) : -EBADMSG;
	return memcmp(magic, MCAP_MAGIC, sizeof(magic)) == 0 ? 0 : -EBADMSG;
}

int
mcap_open(struct mcap_reader **out, FILE *file, size_t chunk_max)
{
	struct mcap_reader *r = calloc(1, sizeof(*r));
	int rc;

	*out = r;
	if (!r)
		return -ENOMEM;
	r->file = file;
	r->chunk_max = chunk_max;
	rc = start(r);
	if (rc < 0) {
		mcap_close(r);
		*out = NULL;
	}
	return rc;
}

int
mcap_rewind(struct mcap_reader *r)
{
	if (fseeko(r->file, 0, SEEK_SET) < 0)
		return -errno;
	return start(r);
}

const char *
mcap_pair_value(const struct mcap_channel *ch, const char *key)
{
	for (size_t i = 0; i < ch->cnt; i++)
		if (strcmp(ch->pairs[i].key, key) == 0)
			return ch->pairs[i].value;
	return NULL;
}

void
mcap_close(struct mcap_reader *r)
{
	if (!r)
		return;
	forget(r->schemas);
	forget(r->channels);
	ZSTD_freeDCtx(r->zstd);
	free(r->rec);
	free(r->unpacked);
	free(r);
}
