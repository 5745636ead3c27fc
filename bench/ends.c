/* SPDX-License-Identifier: BSD-2-Clause */
#include "ends.h"

static weir_store *
open_store(const weir_store_opts *opts)
{
	weir_store *s = NULL;
	weir_diag diag;
	int rc = weir_store_open(BENCH_STORE, opts, &s, &diag);

	if (rc != 0)
		bench_fail("store", rc, &diag);
	return s;
}

weir_store *
ends_store(const struct bench *b, bool create)
{
	return open_store(&(weir_store_opts){.size = sizeof(weir_store_opts),
					     .flags = create ? WEIR_CREATE : 0,
					     .dir = b->dir,
					     .max_bytes = 256u << 20});
}

weir_store *
ends_store_for(const struct bench *b, uint32_t channels, uint32_t participants)
{
	return open_store(&(weir_store_opts){.size = sizeof(weir_store_opts),
					     .flags = WEIR_CREATE,
					     .dir = b->dir,
					     .max_bytes = UINT64_C(1) << 30,
					     .max_channels = channels,
					     .max_participants = participants});
}

weir_channel *
ends_channel(weir_store *s, const char *name, const weir_channel_opts *opts)
{
	weir_channel *ch = NULL;
	weir_diag diag;
	int rc = weir_channel_open(s, name, opts, &ch, &diag);

	if (rc != 0)
		bench_fail(name, rc, &diag);
	return ch;
}

weir_producer *
ends_producer(weir_channel *ch, bool trusted)
{
	weir_producer_opts opts = {.size = sizeof(opts),
				   .flags = trusted ? WEIR_TRUSTED : 0,
				   .timeout_ns = -1};
	weir_producer *p = NULL;
	weir_diag diag;
	int rc = weir_producer_open(ch, "bench-producer", &opts, &p, &diag);

	if (rc != 0)
		bench_fail("producer", rc, &diag);
	return p;
}

weir_consumer *
ends_consumer(weir_channel *ch, uint32_t flags, int64_t spin_ns)
{
	weir_consumer_opts opts = {.size = sizeof(opts),
				   .flags = flags,
				   .from = WEIR_FROM_OLDEST,
				   .spin_ns = spin_ns};
	weir_consumer *c = NULL;
	weir_diag diag;
	int rc = weir_consumer_open(ch, "bench-consumer", &opts, &c, &diag);

	if (rc != 0)
		bench_fail("consumer", rc, &diag);
	return c;
}

int
ends_clean(const struct bench *b)
{
	weir_store_opts opts = {.size = sizeof(opts), .dir = b->dir};
	weir_diag diag;
	int rc = weir_store_destroy(BENCH_STORE, &opts, &diag);

	return rc == 0 ? 0 : bench_fail("destroy", rc, &diag);
}

uint64_t
ends_lane_bytes(uint32_t cnt, uint32_t len)
{
	uint64_t need = (uint64_t)cnt * (len + 64), bytes = 4096;

	while (bytes < need + need / 4)
		bytes *= 2;
	return bytes;
}
