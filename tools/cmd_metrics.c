/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_metrics.c - the figures of a store as OpenMetrics text, for a collector.
 *
 * That format wants all samples of a family in one piece.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "facts.h"
#include "out.h"
#include "reach.h"
#include "text.h"

static const char *output;

static const struct opt opts[] = {
    {0, "output", "FILE",
     "into this file, which is replaced as a whole: what a\n"
     "textfile collector reads",
     OPT_STR, &output},
    OPT_END,
};

/* ---- families
 * --------------------------------------------------------------------------------
 */

/* What a sample is of: the last two may be NULL. */
struct of {
	const weir_store_info *store;
	const weir_channel_info *channel;
	const weir_producer_info *producer;
	const weir_consumer_info *consumer;
};

#define NONE UINT64_MAX /* no sample */

enum scope { OF_STORE, OF_CHANNEL, OF_PRODUCER, OF_CONSUMER };

struct family {
	enum scope scope;
	const char *name, *type, *unit, *help;
	uint64_t (*value)(const struct of *o);
};

#define VALUE(name, expr)                                                      \
	static uint64_t name(const struct of *o)                               \
	{                                                                      \
		return expr;                                                   \
	}

/* Whoever's life cannot be seen has no sample. */
static uint64_t
alive(uint32_t life)
{
	return life == WEIR_ALIVE ? 1 : life == WEIR_GONE ? 0 : NONE;
}

VALUE(max_bytes, o->store->max_bytes)
VALUE(used_bytes, o->store->used_bytes)
VALUE(real_bytes, o->store->real_bytes)
VALUE(participants, o->store->participant_cnt)
VALUE(channels, o->store->channel_cnt)

VALUE(damaged, o->channel->damaged)
VALUE(seqs, o->channel->damaged ? NONE : o->channel->newest_seq)
VALUE(capacity, o->channel->damaged ? NONE : o->channel->capacity)
VALUE(producers, o->channel->damaged ? NONE : o->channel->producer_cnt)
VALUE(consumers, o->channel->damaged ? NONE : o->channel->consumer_cnt)
VALUE(orphans, o->channel->damaged ? NONE : o->channel->orphan_cnt)
VALUE(bytes, o->channel->bytes)

VALUE(p_records, o->producer->records)
VALUE(p_bytes, o->producer->bytes)
VALUE(p_refused, o->producer->refused)
VALUE(p_alive, alive(o->producer->life))
VALUE(p_has_value, o->producer->has_value)

VALUE(c_delivered, o->consumer->delivered)
VALUE(c_lost, o->consumer->lost)
VALUE(c_invalid, o->consumer->invalid)
VALUE(c_lag, o->consumer->lag)
VALUE(c_alive, alive(o->consumer->life))
VALUE(c_gating, o->consumer->gating)

static const struct family families[] = {
    {OF_STORE, "weir_store_max_bytes", "gauge", "bytes",
     "Size of the segment, mostly holes.", max_bytes},
    {OF_STORE, "weir_store_used_bytes", "gauge", "bytes",
     "In use by the store and its channels.", used_bytes},
    {OF_STORE, "weir_store_real_bytes", "gauge", "bytes",
     "Memory that the file takes.", real_bytes},
    {OF_STORE, "weir_store_participants", "gauge", NULL,
     "Processes that have the store open for writing.", participants},
    {OF_STORE, "weir_store_channels", "gauge", NULL, "Channels.", channels},
    {OF_CHANNEL, "weir_channel_damaged", "gauge", NULL,
     "1: its block contradicts itself.", damaged},
    {OF_CHANNEL, "weir_channel_bytes", "gauge", "bytes",
     "Bytes of the segment that it takes.", bytes},
    {OF_CHANNEL, "weir_channel_records", "counter", NULL,
     "Records since it was made, clears among them.", seqs},
    {OF_CHANNEL, "weir_channel_capacity_records", "gauge", "records",
     "Records that it keeps.", capacity},
    {OF_CHANNEL, "weir_channel_producers", "gauge", NULL, "Live producers.",
     producers},
    {OF_CHANNEL, "weir_channel_consumers", "gauge", NULL, "Live consumers.",
     consumers},
    {OF_CHANNEL, "weir_channel_orphans", "gauge", NULL,
     "Values of producers that are gone.", orphans},
    {OF_PRODUCER, "weir_producer_records", "counter", NULL,
     "Records published.", p_records},
    {OF_PRODUCER, "weir_producer_bytes", "counter", "bytes", "Bytes of them.",
     p_bytes},
    {OF_PRODUCER, "weir_producer_refused", "counter", NULL,
     "Records that were refused, mostly by the schema.", p_refused},
    {OF_PRODUCER, "weir_producer_alive", "gauge", NULL, "1: its process lives.",
     p_alive},
    {OF_PRODUCER, "weir_producer_has_value", "gauge", NULL,
     "1: its last record is still its value.", p_has_value},
    {OF_CONSUMER, "weir_consumer_delivered", "counter", NULL,
     "Records delivered.", c_delivered},
    {OF_CONSUMER, "weir_consumer_lost", "counter", NULL,
     "Records that it was too slow for.", c_lost},
    {OF_CONSUMER, "weir_consumer_invalid", "counter", NULL,
     "Records that failed its own check.", c_invalid},
    {OF_CONSUMER, "weir_consumer_lag_records", "gauge", "records",
     "Records behind the newest.", c_lag},
    {OF_CONSUMER, "weir_consumer_alive", "gauge", NULL, "1: its process lives.",
     c_alive},
    {OF_CONSUMER, "weir_consumer_gating", "gauge", NULL,
     "1: producers wait for it.", c_gating},
};

/* ---- writing
 * ---------------------------------------------------------------------------------
 */

static void
put_label(FILE *to, const char *key, const char *value)
{
	fprintf(to, "%s=\"", key);
	for (const char *p = value; *p;) {
		size_t n = text_printable((const unsigned char *)p, strlen(p));

		if (n == 0) /* of a damaged store: no text */
			fputs("\xef\xbf\xbd", to);
		else if (*p == '"' || *p == '\\')
			fprintf(to, "\\%c", *p);
		else
			fwrite(p, 1, n, to);
		p += n ? n : 1;
	}
	putc('"', to);
}

static void
put_sample(FILE *to, const struct family *f, const struct of *o)
{
	uint64_t v = f->value(o);

	if (v == NONE)
		return;
	fprintf(to, "%s%s{", f->name, *f->type == 'c' ? "_total" : "");
	put_label(to, "store", o->store->name);
	if (o->channel) {
		putc(',', to);
		put_label(to, "channel", o->channel->name);
	}
	if (o->producer) {
		putc(',', to);
		put_label(to, "producer", o->producer->id);
	}
	if (o->consumer) {
		putc(',', to);
		put_label(to, "consumer", o->consumer->id);
	}
	fprintf(to, "} %llu\n", (unsigned long long)v);
}

static void
put_family(FILE *to, const struct family *f, const struct facts *x)
{
	fprintf(to, "# TYPE %s %s\n", f->name, f->type);
	if (f->unit)
		fprintf(to, "# UNIT %s %s\n", f->name, f->unit);
	fprintf(to, "# HELP %s %s\n", f->name, f->help);
	if (f->scope == OF_STORE)
		put_sample(to, f, &(struct of){.store = &x->store});
	for (size_t i = 0; f->scope != OF_STORE && i < x->cnt; i++) {
		const struct facts_channel *c = &x->channels[i];
		struct of o = {.store = &x->store, .channel = &c->info};

		if (f->scope == OF_CHANNEL)
			put_sample(to, f, &o);
		for (size_t k = 0;
		     f->scope == OF_PRODUCER && k < c->producer_cnt; k++) {
			o.producer = &c->producers[k];
			put_sample(to, f, &o);
		}
		for (size_t k = 0;
		     f->scope == OF_CONSUMER && k < c->consumer_cnt; k++) {
			o.consumer = &c->consumers[k];
			put_sample(to, f, &o);
		}
	}
}

static int
put_all(const struct facts *x, char **text, size_t *len)
{
	FILE *to = open_memstream(text, len);

	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		put_family(to, &families[i], x);
	fputs("# EOF\n", to);
	return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* Who reads the file meanwhile sees the old one or the new one. */
static int
replace(const char *path, const char *text, size_t len)
{
	size_t room = strlen(path) + 32;
	char *temp = malloc(room);
	int rc = temp ? 0 : -ENOMEM;
	FILE *f;

	if (rc < 0)
		return rc;
	snprintf(temp, room, "%s.%ld", path, (long)getpid());
	f = fopen(temp, "wx");
	if (!f) {
		rc = -errno;
		free(temp);
		return rc;
	}
	if (fwrite(text, 1, len, f) != len)
		rc = -errno;
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(temp, path) != 0)
		rc = -errno;
	if (rc < 0)
		unlink(temp);
	free(temp);
	return rc;
}

static int
run(int argc, char **argv)
{
	struct facts x = {.cnt = 0};
	weir_store *store;
	char *text = NULL;
	size_t len = 0;
	int code, rc;

	(void)argc;
	(void)argv;
	code = reach_store(WEIR_READ_ONLY, &store);
	if (code)
		return code;
	rc = facts_look(&x, store);
	weir_store_close(store);
	if (rc == 0)
		rc = put_all(&x, &text, &len);
	facts_forget(&x);
	if (rc < 0) {
		free(text);
		return fail(store_name, rc, NULL);
	}
	if (output) {
		rc = replace(output, text, len);
		if (rc < 0) {
			fail(output, rc, NULL);
			code = X_FAILED;
		}
	} else {
		out_raw(text, len);
	}
	free(text);
	return out_end(code);
}

const struct cmd cmd_metrics = {
    .name = "metrics",
    .args = "",
    .what = "print the store's figures as OpenMetrics text",
    .opts = opts,
    .has_store = 1,
    .run = run,
};
