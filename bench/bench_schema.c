/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What checking a record against its schema costs: the four kinds of the
 * demo's channels, beside msgpack_unpack() of the same bytes with a zone that
 * is used again, which a program that reads a record would do anyway.
 */
#include <errno.h>
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>

#include "ends.h"
#include "figure.h"

#define RECORD_MAX 4096
#define BLOCK	   64 /* records that are timed together */

struct kind {
	const char *name;
	const char *path; /* of the schema, from the top of the tree */
	size_t (*write)(char *json);
	uint8_t msg[RECORD_MAX];
	size_t len;
	char *text;
	size_t text_len;
};

/* ---- the records
 * ------------------------------------------------------------- */

static size_t
write_metric(char *json)
{
	return (size_t)sprintf(json,
			       "{\"label\":\"load average\",\"value\":0.7134,"
			       "\"change\":-0.03,\"changeType\":\"decrease\"}");
}

static size_t
write_paragraph(char *json)
{
	size_t n = (size_t)sprintf(json, "{\"title\":\"Summary of the night\","
					 "\"content\":\"");

	for (int i = 0; i < 5; i++)
		n += (size_t)sprintf(json + n,
				     "All %d services answered in "
				     "time, \xc3\xbc"
				     "ber Nacht. ",
				     i + 10);
	return n + (size_t)sprintf(json + n, "\",\"markdown\":true}");
}

static size_t
write_table(char *json)
{
	size_t n =
	    (size_t)sprintf(json, "{\"title\":\"processes\",\"headers\":["
				  "\"pid\",\"name\",\"memory\","
				  "\"threads\",\"daemon\"],\"rows\":[");

	for (int i = 0; i < 32; i++)
		n += (size_t)sprintf(
		    json + n, "%s[%d,\"process-%d\",%d.5,%d,%s]", i ? "," : "",
		    1000 + i * 37, i, 7000 - i * 100, i % 9,
		    i % 3 ? "true" : "null");
	return n + (size_t)sprintf(json + n, "]}");
}

static size_t
write_chart(char *json)
{
	size_t n = (size_t)sprintf(json, "{\"title\":\"load\",\"unit\":\"%%\","
					 "\"series\":[");

	for (int s = 0; s < 4; s++) {
		n += (size_t)sprintf(json + n,
				     "%s{\"name\":\"cpu %d\",\"points\":[",
				     s ? "," : "", s);
		for (int i = 0; i < 56; i++)
			n += (size_t)sprintf(json + n, "%s%d.%d", i ? "," : "",
					     i * 7 % 100, i * 3 % 10);
		n += (size_t)sprintf(json + n, "]}");
	}
	return n + (size_t)sprintf(json + n, "]}");
}

#define SCHEMAS "tools/demo/schemas/"

static struct kind kinds[] = {
    {"metric",
     SCHEMAS "metric-data.schema.json",
     write_metric,
     {0},
     0,
     NULL,
     0},
    {"paragraph",
     SCHEMAS "paragraph-content.schema.json",
     write_paragraph,
     {0},
     0,
     NULL,
     0},
    {"table", SCHEMAS "table-data.schema.json", write_table, {0}, 0, NULL, 0},
    {"chart", SCHEMAS "chart-data.schema.json", write_chart, {0}, 0, NULL, 0},
};

static int
prepare(struct kind *k)
{
	static char json[4 * RECORD_MAX];
	weir_diag diag = {.message = ""};
	FILE *f = fopen(k->path, "rb");
	int64_t n;

	if (!f)
		return bench_fail(k->path, -errno, NULL);
	k->text = malloc(65536);
	k->text_len = k->text ? fread(k->text, 1, 65536, f) : 0;
	fclose(f);
	n = weir_json_to_msgpack(json, k->write(json), k->msg, RECORD_MAX,
				 &diag);
	if (n < 0)
		return bench_fail(k->name, n, &diag);
	k->len = (size_t)n;
	return 0;
}

/* ---- what is timed
 * ----------------------------------------------------------- */

struct job {
	const struct kind *kind;
	const struct bench *b;
	uint64_t cnt; /* records, or compilations */
	bool exclusive;
	int (*run)(struct bench_sides *s, const struct job *j);
};

/* A copy that is not always at the same place, as records are not. */
static const uint8_t *
record(const struct kind *k, uint64_t i)
{
	static _Alignas(64) uint8_t room[8][RECORD_MAX + 64];

	if (i < 8)
		memcpy(room[i] + i * 8, k->msg, k->len);
	return room[i % 8] + i % 8 * 8;
}

static int
run_check(struct bench_sides *s, const struct job *j)
{
	const struct kind *k = j->kind;
	weir_schema *schema = NULL;
	struct bench_blocks blocks;
	weir_diag diag;
	int rc =
	    weir_schema_compile(k->text, k->text_len, NULL, &schema, &diag);

	if (rc != 0)
		return bench_fail(k->name, rc, &diag);
	bench_blocks_begin(&blocks, BLOCK);
	for (uint64_t i = 0; rc == 0 && i < j->cnt; i++) {
		rc = weir_schema_check(schema, record(k, i), k->len, NULL);
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	weir_schema_free(schema);
	return rc == 0 ? 0 : bench_fail(k->name, rc, NULL);
}

static int
run_unpack(struct bench_sides *s, const struct job *j)
{
	const struct kind *k = j->kind;
	struct bench_blocks blocks;
	msgpack_zone zone;
	msgpack_object o;
	bool good = msgpack_zone_init(&zone, 8192);

	bench_blocks_begin(&blocks, BLOCK);
	for (uint64_t i = 0; good && i < j->cnt; i++) {
		size_t off = 0;

		good = msgpack_unpack((const char *)record(k, i), k->len, &off,
				      &zone, &o) == MSGPACK_UNPACK_SUCCESS;
		msgpack_zone_clear(&zone);
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	msgpack_zone_destroy(&zone);
	return good ? 0 : bench_fail(k->name, -EIO, NULL);
}

/* Nothing but passing over the bytes. */
static int
run_skip(struct bench_sides *s, const struct job *j)
{
	const struct kind *k = j->kind;
	struct bench_blocks blocks;
	weir_value v;
	bool good = true;

	bench_blocks_begin(&blocks, BLOCK);
	for (uint64_t i = 0; good && i < j->cnt; i++) {
		good = weir_value_find(record(k, i), k->len, "", &v) == 0 &&
		       v.raw_len == k->len;
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	return good ? 0 : bench_fail(k->name, -EIO, NULL);
}

/* No schema: well-formed bytes, UTF-8, no key twice. */
static int
run_wellformed(struct bench_sides *s, const struct job *j)
{
	const struct kind *k = j->kind;
	struct bench_blocks blocks;
	int rc = 0;

	bench_blocks_begin(&blocks, BLOCK);
	for (uint64_t i = 0; rc == 0 && i < j->cnt; i++) {
		rc = weir_schema_check(NULL, record(k, i), k->len, NULL);
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	return rc == 0 ? 0 : bench_fail(k->name, rc, NULL);
}

static int
run_compile(struct bench_sides *s, const struct job *j)
{
	const struct kind *k = j->kind;
	struct bench_blocks blocks;
	weir_schema *schema;
	int rc = 0;

	bench_blocks_begin(&blocks, 4);
	for (uint64_t i = 0; rc == 0 && i < j->cnt; i++) {
		rc = weir_schema_compile(k->text, k->text_len, NULL, &schema,
					 NULL);
		weir_schema_free(schema);
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	return rc == 0 ? 0 : bench_fail(k->name, rc, NULL);
}

/* ---- publishing what is checked
 * --------------------------------------------------------------- */

static weir_channel_opts
channel_opts(const struct job *j)
{
	return (weir_channel_opts){
	    .size = sizeof(weir_channel_opts),
	    .producers = j->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .stamps = WEIR_OFF,
	    .capacity = 64,
	    .max_producers = 1,
	    .max_record = RECORD_MAX,
	    .lane_bytes = ends_lane_bytes(64, RECORD_MAX),
	    .schema = j->kind->text,
	    .schema_len = j->kind->text_len};
}

/* A producer that checks; or one that does not, and the check by hand. */
static int
publish(struct bench_sides *s, const struct job *j, bool by_hand)
{
	const struct kind *k = j->kind;
	weir_channel_opts o = channel_opts(j);
	weir_schema *schema = NULL;
	struct bench_blocks blocks;
	weir_store *st = ends_store(j->b, true);
	weir_channel *ch = st ? ends_channel(st, "checked", &o) : NULL;
	weir_producer *p = ch ? ends_producer(ch, by_hand) : NULL;
	int64_t rc =
	    p ? weir_schema_compile(k->text, k->text_len, NULL, &schema, NULL)
	      : -EIO;

	bench_blocks_begin(&blocks, BLOCK);
	for (uint64_t i = 0; rc >= 0 && i < j->cnt; i++) {
		const uint8_t *msg = record(k, i);

		if (by_hand)
			rc = weir_schema_check(schema, msg, k->len, NULL);
		if (rc >= 0)
			rc = weir_publish(p, msg, k->len, NULL);
		bench_blocks_at(&blocks, &s->typical, i + 1, bench_ticks());
	}
	weir_schema_free(schema);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(st);
	if (st && ends_clean(j->b) != 0)
		return -1;
	return rc >= 0 ? 0 : bench_fail(k->name, rc, NULL);
}

static int
run_checked(struct bench_sides *s, const struct job *j)
{
	return publish(s, j, false);
}

static int
run_trusted_and_check(struct bench_sides *s, const struct job *j)
{
	return publish(s, j, true);
}

/* ---- figures
 * ----------------------------------------------------------------------------------
 */

static int
side(struct bench_sides *s, void *arg)
{
	const struct job *j = arg;

	return j->run(s, j);
}

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	bench_side *sides[1] = {side};
	struct job j = *(const struct job *)arg;
	void *args[1] = {&j};

	j.b = b;
	return bench_together(b, s, 1, sides, args);
}

static int
figure(const struct bench *b, struct bench_sides *s, struct kind *k,
       const char *what, int (*run)(struct bench_sides *, const struct job *))
{
	uint64_t cnt = (b->quick ? 2000000 : 8000000) / (k->len + 200);
	struct job j = {.kind = k,
			.cnt = run == run_compile ? cnt / 40 + 8 : cnt,
			.run = run};
	struct job floor = {.kind = k, .cnt = cnt, .run = run_unpack};
	char title[64], params[160];
	struct figure f = {.bench = "schema",
			   .title = title,
			   .params = params,
			   .what = {what, measure, &j},
			   .floor = {"msgpack_unpack", measure, &floor}};

	snprintf(title, sizeof(title), "%s %s", k->name, what);
	snprintf(params, sizeof(params),
		 "\"kind\":\"%s\",\"bytes\":%zu,\"schema_bytes\":%zu", k->name,
		 k->len, k->text_len);
	return figure_run(b, s, &f);
}

/* A checked publish costs what a trusted one and the check cost. */
static int
publish_figure(const struct bench *b, struct bench_sides *s, struct kind *k,
	       bool exclusive)
{
	const char *producers = exclusive ? "exclusive" : "shared";
	struct job j = {.kind = k,
			.cnt = (b->quick ? 1000000 : 4000000) / (k->len + 200),
			.run = run_checked,
			.exclusive = exclusive};
	struct job floor = j;
	char title[64], params[128];
	struct figure f = {
	    .bench = "schema",
	    .title = title,
	    .params = params,
	    .what = {"checked", measure, &j},
	    .floor = {"trusted, and weir_schema_check", measure, &floor}};

	floor.run = run_trusted_and_check;
	snprintf(title, sizeof(title), "%s checked publish, %s", k->name,
		 producers);
	snprintf(params, sizeof(params),
		 "\"kind\":\"%s\",\"bytes\":%zu,\"producers\":\"%s\"", k->name,
		 k->len, producers);
	return figure_run(b, s, &f);
}

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		rc = prepare(&kinds[i]);
		if (rc == 0)
			rc = figure(b, s, &kinds[i], "check", run_check);
		if (rc == 0)
			rc = figure(b, s, &kinds[i], "skip", run_skip);
		if (rc == 0)
			rc = figure(b, s, &kinds[i], "well-formed",
				    run_wellformed);
		if (rc == 0)
			rc = figure(b, s, &kinds[i], "compile", run_compile);
		for (int e = 0; rc == 0 && e < 2; e++)
			rc = publish_figure(b, s, &kinds[i], e);
	}
	return rc;
}
