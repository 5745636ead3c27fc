/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scale: what a publish costs in a store of 1,000 channels, and of 500
 * participants, against one of each; and what a process pays to get going:
 * attach to the store and open a channel with a schema.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crowd.h"
#include "ends.h"
#include "figure.h"

#define SCHEMA "tools/demo/schemas/table-data.schema.json"

struct start {
	const struct bench *b;
	char *schema;
	uint32_t n;
};

/* A new process attaches, and opens its channel; @n times. */
static int
attach_side(struct bench_sides *s, void *arg)
{
	const struct start *x = arg;
	weir_channel_opts o = {.size = sizeof(o), .schema = x->schema};
	weir_store *first = ends_store(x->b, true);
	weir_channel *made = first ? ends_channel(first, "table", &o) : NULL;
	int rc = made ? 0 : -1;

	for (uint32_t i = 0; rc == 0 && i < x->n; i++) {
		uint64_t begin = bench_ticks();
		weir_store *st = ends_store(x->b, false);
		weir_channel *ch = st ? ends_channel(st, "table", &o) : NULL;

		bench_trips_took(s, bench_ticks() - begin);
		rc = ch ? 0 : -1;
		weir_channel_close(ch);
		weir_store_close(st);
	}
	weir_channel_close(made);
	weir_store_close(first);
	return rc;
}

/* The system's part of it that nobody can do without: the file of a store is
 * opened, looked at, mapped, and a page of it read. */
static int
map_side(struct bench_sides *s, void *arg)
{
	const struct start *x = arg;
	weir_store *first = ends_store(x->b, true);
	weir_store_info info = {.size = sizeof(info)};
	volatile uint8_t sum = 0;
	char path[512];
	int rc = first && weir_store_stat(first, &info) == 0 ? 0 : -1;

	snprintf(path, sizeof(path), "%s/weir.%s", x->b->dir, BENCH_STORE);
	for (uint32_t i = 0; rc == 0 && i < x->n; i++) {
		uint64_t begin = bench_ticks();
		int fd = open(path, O_RDWR | O_CLOEXEC);
		struct stat st;
		void *map = MAP_FAILED;

		if (fd >= 0 && fstat(fd, &st) == 0)
			map = mmap(NULL, (size_t)st.st_size,
				   PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			return bench_fail(path, -errno, NULL);
		sum = (uint8_t)(sum + *(const uint8_t *)map);
		bench_trips_took(s, bench_ticks() - begin);
		munmap(map, (size_t)st.st_size);
		close(fd);
	}
	weir_store_close(first);
	return rc;
}

static int
measure_side(const struct bench *b, struct bench_sides *s,
	     const struct start *arg, bench_side *side)
{
	struct start x = *arg;
	bench_side *sides[1] = {side};
	void *args[1] = {&x};
	int rc;

	x.b = b;
	rc = bench_together(b, s, 1, sides, args);
	return ends_clean(b) != 0 ? -1 : rc;
}

static int
measure_attach(const struct bench *b, struct bench_sides *s, const void *arg)
{
	return measure_side(b, s, arg, attach_side);
}

static int
measure_map(const struct bench *b, struct bench_sides *s, const void *arg)
{
	return measure_side(b, s, arg, map_side);
}

static int
attach(const struct bench *b, struct bench_sides *s)
{
	struct start x = {.schema = calloc(1, 65536), .n = b->quick ? 50 : 200};
	struct figure f = {.bench = "scale",
			   .title = "attach and open",
			   .params = "\"schema\":\"table\"",
			   .what = {"weir", measure_attach, &x},
			   .floor = {"open and map", measure_map, &x}};
	FILE *file = fopen(SCHEMA, "r");
	int rc;

	if (!x.schema || !file || fread(x.schema, 1, 65535, file) == 0)
		return bench_fail(SCHEMA, -errno, NULL);
	fclose(file);
	rc = figure_run(b, s, &f);
	free(x.schema);
	return rc;
}

int
bench_run(struct bench *b)
{
	static const struct {
		const char *what;
		struct crowd c;
	} rows[] = {
	    {"publish, 1000 channels", {.channels = 1000, .participants = 1}},
	    {"publish to each of 1000",
	     {.channels = 1000, .each = true, .participants = 1}},
	    {"publish, 500 participants", {.channels = 1, .participants = 500}},
	};
	struct bench_sides *s = bench_shared(sizeof(*s));
	char title[64];
	int rc = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int k = 0; rc == 0 && k < 2; k++) {
			struct crowd c = rows[i].c;

			c.exclusive = !k;
			c.consumers = 1;
			snprintf(title, sizeof(title), "%s %s",
				 k ? "shared" : "exclusive", rows[i].what);
			rc = crowd_figure(b, s, "scale", title, c);
		}
	}
	return rc ? rc : attach(b, s);
}
