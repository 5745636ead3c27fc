/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_record.c - the records of channels into an MCAP file, as they come.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "fields.h"
#include "follow.h"
#include "mcap.h"
#include "out.h"
#include "reach.h"
#include "recording.h"
#include "show.h"
#include "stop.h"
#include "units.h"

#define PAYLOAD_MSGPACK	 1
#define PAYLOAD_JSON	 2
#define COMPRESSION_ZSTD 1
#define FLUSH_NS	 1000000000 /* what is recorded is written after this time */
#define NEVER_NS	 INT64_MAX
#define FIELDS_MAX	 16
#define CHUNK_SIZE_MAX	 (MCAP_CHUNK_MAX / 4) /* and a record behind it */

static const char *output;
static int is_forced, strict;
static uint64_t wanted, chunk_size = 1 << 20;
static int64_t duration_ns = -1;
static uint32_t from, payload, compression;

static const struct opt opts[] = {
    {'o', "output", "FILE", "where to; must be given", OPT_STR, &output},
    {0, "force", NULL, "replace a file that is there", OPT_FLAG, &is_forced},
    {'f', "from", "current|each|oldest|new",
     "current: the current value, then what comes; each: of\n"
     "each producer; oldest: what is kept; new: what comes;\n"
     "default each",
     OPT_CHOICE, &from},
    {'n', "count", "N", "end after N records", OPT_U64, &wanted},
    {'d', "duration", "SECONDS", "end after this time", OPT_SECONDS,
     &duration_ns},
    {0, "payload", "msgpack|json",
     "how records stand in the file; json loses what JSON\n"
     "lacks; default msgpack",
     OPT_CHOICE, &payload},
    {0, "compression", "zstd|none", "default zstd", OPT_CHOICE, &compression},
    {0, "chunk-size", "BYTES",
     "records are written in pieces of this size, and after\n"
     "a second; default 1M",
     OPT_SIZE, &chunk_size},
    {0, "strict", NULL, "exit code 6 if records were lost", OPT_FLAG, &strict},
    OPT_END,
};

/* The MCAP channels of one producer; 0: not there yet. */
struct source {
	char id[WEIR_ID_MAX + 1];
	uint16_t data, clear;
};

/* What is in the file of a channel. */
struct track {
	uint32_t life; /* that of the struct followed */
	uint16_t schema;
	struct source *sources;
	size_t cnt;
};

static struct {
	struct mcap_writer *w;
	struct track *tracks; /* as the channels of the struct follow */
	size_t cnt;
	uint64_t records, bad;
	int64_t waiting_ns; /* since when a chunk waits to be written; 0: none
			     */
} file;

/* ---- what the file says of a channel ---- */

static struct track *
track_of(const struct followed *of)
{
	struct track *t;

	if (of->idx >= file.cnt) {
		size_t cnt = of->idx + 1;

		t = realloc(file.tracks, cnt * sizeof(*t));
		if (!t)
			return NULL;
		memset(t + file.cnt, 0, (cnt - file.cnt) * sizeof(*t));
		file.tracks = t;
		file.cnt = cnt;
	}
	t = &file.tracks[of->idx];
	if (t->life != of->life) { /* it was removed and made again */
		t->life = of->life;
		t->schema = 0;
		t->cnt = 0;
	}
	return t;
}

static struct source *
source_of(struct track *t, const char *id)
{
	struct source *s;

	for (size_t i = 0; i < t->cnt; i++)
		if (strcmp(t->sources[i].id, id) == 0)
			return &t->sources[i];
	s = realloc(t->sources, (t->cnt + 1) * sizeof(*s));
	if (!s)
		return NULL;
	t->sources = s;
	s += t->cnt++;
	memset(s, 0, sizeof(*s));
	snprintf(s->id, sizeof(s->id), "%s", id);
	return s;
}

/* The channel's configuration, as a file for weir create would have it. */
static size_t
put_fields(const weir_channel_info *info, struct mcap_pair *pairs)
{
	static char texts[FIELDS_MAX][32];
	size_t n = 0;

#define FIELD(option, key, kind, words, help)                                  \
	if (info->key && n < FIELDS_MAX) {                                     \
		if (kind == OPT_CHOICE)                                        \
			snprintf(texts[n], sizeof(*texts), "%s",               \
				 show_choice(words, (uint32_t)info->key));     \
		else                                                           \
			snprintf(texts[n], sizeof(*texts), "%" PRIu64,         \
				 (uint64_t)info->key);                         \
		pairs[n] =                                                     \
		    (struct mcap_pair){RECORDING_FIELD(#key), texts[n]};       \
		n++;                                                           \
	}
	CHANNEL_FIELDS(FIELD)
#undef FIELD
	return n;
}

static int
define_schema(struct track *t, const struct followed *of)
{
	size_t len;
	const char *text = weir_channel_schema(of->ch, &len);

	if (!text || t->schema)
		return 0;
	return mcap_put_schema(file.w, of->name, "jsonschema", text, len,
			       &t->schema);
}

/* The MCAP channel of a producer's records, or clears. */
static int
define_channel(const struct followed *of, const weir_record *rec, uint16_t *id)
{
	const char *producer = rec->producer ? rec->producer : "";
	int is_clear = rec->kind == WEIR_CLEAR, rc;
	struct mcap_pair pairs[3 + FIELDS_MAX] = {
	    {RECORDING_CHANNEL, of->name},
	    {RECORDING_PRODUCER, producer},
	    {RECORDING_KIND, is_clear ? RECORDING_CLEAR : RECORDING_DATA}};
	char topic[WEIR_CHANNEL_NAME_MAX + 16];
	struct track *t = track_of(of);
	struct source *s = t ? source_of(t, producer) : NULL;
	uint16_t *place;

	if (!s)
		return -ENOMEM;
	place = is_clear ? &s->clear : &s->data;
	if (!*place) {
		rc = define_schema(t, of);
		if (rc < 0)
			return rc;
		snprintf(topic, sizeof(topic), "%s%s", of->name,
			 is_clear ? "/" RECORDING_CLEAR : "");
		rc = mcap_put_channel(
		    file.w, is_clear ? 0 : t->schema, topic,
		    payload == PAYLOAD_JSON ? "json" : "msgpack", pairs,
		    3 + put_fields(&of->info, pairs + 3), place);
		if (rc < 0)
			return rc;
	}
	*id = *place;
	return 0;
}

/* ---- records ---- */

/* The record as it is to stand in the file.  Returns its length, or what is
 * wrong with it. */
static int64_t
content(const weir_record *rec, const void **bytes)
{
	const char *json;
	int64_t n;

	if (rec->kind == WEIR_CLEAR) { /* an empty map */
		*bytes = payload == PAYLOAD_JSON ? "{}" : "\x80";
		return payload == PAYLOAD_JSON ? 2 : 1;
	}
	*bytes = rec->data;
	if (payload != PAYLOAD_JSON)
		return (int64_t)rec->len;
	n = out_json(rec->data, rec->len, &json);
	*bytes = json;
	return n;
}

/* Returns 0 or what went wrong with the file. */
static int
put(const struct followed *of, const weir_record *rec)
{
	uint64_t now = (uint64_t)clock_real();
	uint64_t stamp = rec->time_ns ? rec->time_ns : now;
	const void *bytes;
	uint16_t id;
	int64_t len;
	int rc;

	/* a value from before, shown again because a newer one was cleared */
	if ((rec->flags & WEIR_CURRENT) && of->seq)
		return 0;
	len = content(rec, &bytes);
	if (len == -ENOMEM)
		return (int)len;
	if (len < 0) {
		if (!file.bad++)
			talk("%s: record %" PRIu64 " cannot be recorded: %s",
			     of->name, rec->seq, reason((int)len, NULL));
		return 0;
	}
	rc = define_channel(of, rec, &id);
	if (rc < 0)
		return rc;
	if (!file.waiting_ns)
		file.waiting_ns = clock_mono();
	file.records++;
	/* a value from before is of now: a replay is not to wait for as long
	 * as it was there already */
	return mcap_put_message(file.w, id, (uint32_t)rec->seq,
				rec->flags & WEIR_CURRENT ? now : stamp, stamp,
				bytes, (size_t)len);
}

static int
flush_if_due(int64_t now)
{
	if (!file.waiting_ns || now - file.waiting_ns < FLUSH_NS)
		return 0;
	file.waiting_ns = 0;
	return mcap_flush(file.w);
}

static int
is_enough(void)
{
	return wanted && file.records >= wanted;
}

/* Returns 0 or what went wrong with the file; *@retired: the store ended. */
static int
record(struct follow *f, int is_copy, int *retired)
{
	int64_t now = clock_mono();
	int64_t end = duration_ns < 0 ? NEVER_NS : now + duration_ns;
	struct followed *of;
	weir_record rec;
	int rc = 0;

	if (is_copy)
		follow_finish(f);
	while (rc >= 0 && !is_enough()) {
		rc = flush_if_due(now);
		if (rc < 0)
			break;
		now = clock_mono();
		if (!f->is_ending && (stop_signal() || now >= end))
			follow_finish(f);
		rc = follow_next(f, &of, &rec);
		if (rc == 1) {
			rc = put(of, &rec);
		} else if (rc == WEIR_ERETIRED) {
			*retired = 1;
			return 0;
		} else if (rc == 0 && f->is_ending) {
			break;
		} else if (rc == 0) {
			follow_wait(f, FOLLOW_SHORT_NS);
		}
	}
	return rc < 0 ? rc : 0;
}

/* ---- the file ---- */

static int
open_output(void)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
		    (is_forced ? O_TRUNC : O_EXCL);
	int fd = open(output, flags, 0600);

	if (fd >= 0)
		return fd;
	fd = -errno;
	fail(output, fd, NULL);
	if (fd == -EEXIST)
		talk("replace it with --force");
	return fd;
}

/* How many records were lost, in all and by channel, to the file. */
static int
put_end(const struct follow *f)
{
	struct mcap_pair *pairs = calloc(f->cnt + 4, sizeof(*pairs));
	char(*texts)[WEIR_CHANNEL_NAME_MAX + 32] =
	    calloc(2 * f->cnt + 1, sizeof(*texts));
	char records[24], lost[24];
	uint64_t sum = 0;
	size_t n = 4;
	int rc = -ENOMEM;

	for (size_t i = 0; pairs && texts && i < f->cnt; i++) {
		const struct followed *c = f->all[i];

		if (!c->lost)
			continue;
		snprintf(texts[2 * i], sizeof(*texts), "lost.%s", c->name);
		snprintf(texts[2 * i + 1], sizeof(*texts), "%" PRIu64, c->lost);
		pairs[n++] = (struct mcap_pair){texts[2 * i], texts[2 * i + 1]};
		sum += c->lost;
	}
	if (pairs && texts) {
		snprintf(records, sizeof(records), "%" PRIu64, file.records);
		snprintf(lost, sizeof(lost), "%" PRIu64, sum);
		pairs[0] = (struct mcap_pair){"store", store_name};
		pairs[1] = (struct mcap_pair){"version", weir_version()};
		pairs[2] = (struct mcap_pair){"records", records};
		pairs[3] = (struct mcap_pair){"lost", lost};
		rc = mcap_flush(file.w); /* it is to stand at the end */
		if (rc == 0)
			rc = mcap_put_metadata(file.w, RECORDING_END, pairs, n);
	}
	free(pairs);
	free(texts);
	return rc;
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Returns how many records were lost. */
static uint64_t
say_end(const struct follow *f)
{
	char amount[UNITS_MAX];
	uint64_t bytes, lost = 0;

	mcap_written(file.w, &bytes);
	talk("%s: %" PRIu64 " record%s, %s", output, file.records,
	     plural(file.records), units_bytes(amount, (double)bytes));
	for (size_t i = 0; i < f->cnt; i++) {
		const struct followed *c = f->all[i];

		lost += c->lost;
		if (c->lost)
			talk("%s: %" PRIu64 " record%s lost", c->name, c->lost,
			     plural(c->lost));
	}
	return lost;
}

static int
say_failed(int rc)
{
	uint64_t bytes, n = mcap_written(file.w, &bytes);

	fail(output, rc, NULL);
	talk("%s: it ends without an index, after %" PRIu64
	     " record%s; weir replay reads it up to there",
	     output, n, plural(n));
	return X_FAILED;
}

/* As with weir sub: a signal is a good end, unless another was asked for. */
static int
ended(const struct follow *f, int code, int retired)
{
	uint64_t lost = say_end(f);

	if (retired)
		return fail(store_name, WEIR_ERETIRED, NULL);
	if (f->code)
		return f->code;
	if ((wanted || duration_ns >= 0) && code == 0)
		stop_raise();
	if (file.bad && code == 0)
		code = X_INVALID;
	if (strict && lost && code == 0)
		code = X_LOST;
	if (wanted && !is_enough() && code == 0)
		code = X_TIMEOUT;
	return code;
}

static int
record_to(int fd, struct follow *f, int is_copy)
{
	const struct mcap_chunking how = {
	    .zstd = compression == COMPRESSION_ZSTD, .chunk_size = chunk_size};
	char library[64];
	int rc, full, retired = 0;

	snprintf(library, sizeof(library), "weir %s", weir_version());
	rc = mcap_create(&file.w, fd, library, &how);
	if (!file.w)
		return fail(output, rc, NULL);
	if (rc == 0)
		rc = record(f, is_copy, &retired);
	full = rc == -EOVERFLOW;
	if (rc == 0 || full)
		rc = put_end(f);
	if (rc == 0)
		rc = mcap_finish(file.w);
	if (rc == 0 && close(fd) < 0)
		rc = -errno;
	if (rc < 0)
		return say_failed(rc);
	if (full)
		talk("%s: no file has room for more than 65535 producers of "
		     "channels: begin another",
		     output);
	return ended(f, full ? X_FAILED : 0, retired);
}

static int
run(int argc, char **argv)
{
	weir_store_info info = {.size = sizeof(info)};
	struct follow_how how = {.spin_ns = WEIR_SPIN_SLEEPY};
	weir_store *store;
	struct follow f;
	int code, fd;

	if (!output) {
		talk("where to?  -o FILE");
		return X_USAGE;
	}
	if (chunk_size > CHUNK_SIZE_MAX) {
		talk("--chunk-size: up to %zuM", CHUNK_SIZE_MAX >> 20);
		return X_USAGE;
	}
	payload = payload ? payload : PAYLOAD_MSGPACK;
	compression = compression ? compression : COMPRESSION_ZSTD;
	stop_catch();
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	how.from = from ? (weir_from)(from - 1) : WEIR_FROM_EACH;
	code = follow_begin(&f, store, (const char *const *)argv, (size_t)argc,
			    &how);
	if (!code) {
		fd = open_output();
		code = fd < 0 ? X_FAILED
			      : record_to(fd, &f,
					  weir_store_stat(store, &info) == 0 &&
					      info.is_copy);
	}
	mcap_discard(file.w);
	for (size_t i = 0; i < file.cnt; i++)
		free(file.tracks[i].sources);
	free(file.tracks);
	follow_end(&f);
	weir_store_close(store);
	return code;
}

const struct cmd cmd_record = {
    .name = "record",
    .args = "[CHANNEL...]",
    .what = "record channels into an MCAP file",
    .more =
	"CHANNEL is a name or a pattern as of a shell; none: all channels.\n"
	"Channels that appear later are recorded from their first record.  It\n"
	"only observes, so it can be overtaken: at the end it says how many\n"
	"records it lost.  A signal ends it, and the file is whole.  Exit "
	"code\n"
	"5 if the time was over before N records.\n",
    .opts = opts,
    .max_args = -1,
    .has_store = 1,
    .run = run,
};
