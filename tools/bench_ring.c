/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_ring.h"

#include <sched.h>
#include <string.h>

static void
rest(int yield)
{
	if (yield)
		sched_yield();
	else
#if defined(__x86_64__)
		__builtin_ia32_pause();
#elif defined(__aarch64__)
		__asm__ __volatile__("isb");
#else
		;
#endif
}

/* What each side knows of the other, so that it looks only when it must. */
static uint64_t known;

void
bench_ring_put(struct bench_ring *r, uint64_t at, const void *rec, uint32_t len,
	       int yield)
{
	uint64_t cnt = BENCH_RING_LEN / len;

	while (at - known >= cnt) {
		known = atomic_load_explicit(&r->free, memory_order_acquire);
		if (at - known >= cnt)
			rest(yield);
	}
	memcpy(r->slots + (at & (cnt - 1)) * len, rec, len);
	if ((at + 1) % (cnt / 16) == 0)
		bench_ring_flush(r, at + 1);
}

void
bench_ring_flush(struct bench_ring *r, uint64_t at)
{
	atomic_store_explicit(&r->told, at, memory_order_release);
}

void
bench_ring_get(struct bench_ring *r, uint64_t at, void *rec, uint32_t len,
	       int yield)
{
	uint64_t cnt = BENCH_RING_LEN / len;

	while (known <= at) {
		known = atomic_load_explicit(&r->told, memory_order_acquire);
		if (known <= at)
			rest(yield);
	}
	memcpy(rec, r->slots + (at & (cnt - 1)) * len, len);
	if ((at + 1) % (cnt / 16) == 0)
		atomic_store_explicit(&r->free, at + 1, memory_order_release);
}
