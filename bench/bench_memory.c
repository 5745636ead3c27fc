/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory: what channels take of it, beside what weir_channel_footprint() says
 * that they will.  Bytes, not times: each line has its own members.
 */
#include <stdio.h>

#include "ends.h"

struct row {
	const char *title;
	uint32_t channels;
	weir_channel_opts o;
};

static int
real_bytes(weir_store *st, uint64_t *bytes)
{
	weir_store_info info = {.size = sizeof(info)};
	int rc = weir_store_stat(st, &info);

	*bytes = info.real_bytes;
	return rc == 0 ? 0 : bench_fail("stat", rc, NULL);
}

static int
measure(const struct bench *b, const struct row *x)
{
	weir_store *st = ends_store_for(b, x->channels, 2);
	int64_t each = weir_channel_footprint(&x->o, NULL);
	uint64_t before = 0, after = 0;
	int rc = st && each > 0 ? real_bytes(st, &before) : -1;
	double want = (double)each * x->channels;
	char name[32];

	for (uint32_t i = 0; rc == 0 && i < x->channels; i++) {
		weir_channel *ch;

		snprintf(name, sizeof(name), "channel-%u", i);
		ch = ends_channel(st, name, &x->o);
		rc = ch ? 0 : -1;
		weir_channel_close(ch);
	}
	if (rc == 0)
		rc = real_bytes(st, &after);
	weir_store_close(st);
	if (st && ends_clean(b) != 0)
		rc = -1;
	if (rc == 0)
		printf("{\"bench\":\"memory\",\"title\":\"%s\",\"channels\":%u,"
		       "\"capacity\":%u,\"lanes\":%u,\"lane_bytes\":%llu,"
		       "\"footprint_bytes\":%lld,\"real_bytes\":%llu,"
		       "\"ratio\":%.4f}\n",
		       x->title, x->channels, x->o.capacity, x->o.max_producers,
		       (unsigned long long)x->o.lane_bytes, (long long)each,
		       (unsigned long long)(after - before),
		       (double)(after - before) / want);
	return rc;
}

#define OPTS(...)                                                              \
	{                                                                      \
		.size = sizeof(weir_channel_opts), __VA_ARGS__                 \
	}

int
bench_run(struct bench *b)
{
	static const struct row rows[] = {
	    {"1000 channels of 64 records, lanes of 16 KiB", 1000,
	     OPTS(.capacity = 64, .max_producers = 8, .lane_bytes = 16384)},
	    {"1000 exclusive channels of 64 records", 1000,
	     OPTS(.capacity = 64, .max_producers = 1, .lane_bytes = 16384,
		  .producers = WEIR_EXCLUSIVE)},
	    {"100 channels of the default kind", 100,
	     OPTS(.capacity = 256, .max_producers = 8, .lane_bytes = 65536)},
	    {"1 channel of 65536 records", 1,
	     OPTS(.capacity = 65536, .max_producers = 8,
		  .lane_bytes = 4 << 20)},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(rows) / sizeof(*rows); i++)
		if (!b->only || strstr(rows[i].title, b->only))
			rc = measure(b, &rows[i]);
	return rc;
}
