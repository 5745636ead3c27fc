/* SPDX-License-Identifier: BSD-2-Clause */
#include "floors.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- round trips
 * ------------------------------------------------------------- */

struct wire {
	_Alignas(BENCH_LINE) _Atomic uint64_t seq;
	_Alignas(64) uint8_t bytes[1024];
	_Alignas(BENCH_LINE) _Atomic uint32_t word;
};

struct trip {
	struct wire *to, *from;
	uint32_t len, n;
	bool leads;
};

static inline void
put(struct wire *w, uint64_t t, const struct bench_record *r, uint32_t len)
{
	memcpy(w->bytes, r->word, len);
	atomic_store_explicit(&w->seq, t, memory_order_release);
}

/* One pause in the polling loop: without it the polls themselves get in the
 * way of the line, with four the answer is found late. */
static inline void
wait_for(struct wire *w, uint64_t t)
{
	while (atomic_load_explicit(&w->seq, memory_order_acquire) != t)
		bench_pause();
}

static inline void
get(struct wire *w, uint64_t t, void *out, uint32_t len)
{
	wait_for(w, t);
	memcpy(out, w->bytes, len);
}

static int
line_side(struct bench_sides *s, void *arg)
{
	const struct trip *x = arg;
	struct bench_trips trips = {.warm = x->n / 10};

	bench_meet(s, 2, 1);
	for (uint64_t t = 1; t <= x->n; t++) {
		if (!x->leads)
			wait_for(x->from, t);
		atomic_store_explicit(&x->to->seq, t, memory_order_release);
		if (!x->leads)
			continue;
		bench_trips_sent(&trips, s, t);
		wait_for(x->from, t);
	}
	return 0;
}

static inline __attribute__((always_inline)) int
message(struct bench_sides *s, const struct trip *x, uint32_t len)
{
	static struct bench_record in, out;
	struct bench_trips trips = {.warm = x->n / 10};
	bool good = true;

	bench_record_init(&in, len);
	out = in;
	bench_meet(s, 2, 1);
	for (uint64_t t = 1; good && t <= x->n; t++) {
		if (!x->leads) {
			get(x->from, t, out.word, len);
			good = bench_record_is(out.word, len / 8, t);
		}
		bench_record_stamp(&in, t);
		put(x->to, t, &in, len);
		if (!x->leads)
			continue;
		bench_trips_sent(&trips, s, t);
		get(x->from, t, out.word, len);
		good = bench_record_is(out.word, len / 8, t);
	}
	return good ? 0 : -1;
}

static int
message_side(struct bench_sides *s, void *arg)
{
	const struct trip *x = arg;

	return x->len == 64 ? message(s, x, 64) : message(s, x, 1024);
}

static long
futex(_Atomic uint32_t *word, int op, uint32_t val)
{
	return syscall(SYS_futex, word, op, val, NULL, NULL, 0);
}

static void
futex_send(struct wire *w, uint64_t t)
{
	atomic_store(&w->word, (uint32_t)t);
	futex(&w->word, FUTEX_WAKE, 1);
}

static void
futex_receive(struct wire *w, uint64_t t)
{
	while (atomic_load(&w->word) != (uint32_t)t)
		futex(&w->word, FUTEX_WAIT, (uint32_t)t - 1);
}

static int
futex_side(struct bench_sides *s, void *arg)
{
	const struct trip *x = arg;
	uint64_t think, begin, took;

	bench_meet(s, 2, 1);
	for (uint64_t t = 1; t <= x->n; t++) {
		if (!x->leads)
			futex_receive(x->from, t);
		think = bench_think();
		begin = bench_ticks();
		futex_send(x->to, t);
		if (!x->leads)
			continue;
		futex_receive(x->from, t);
		took = bench_ticks() - begin;
		if (t > x->n / 10)
			bench_trips_took(s, took > think ? took - think : 0);
	}
	return 0;
}

struct trip_arg {
	bench_side *side;
	uint32_t len, n, quick_n;
};

static int
measure_trip(const struct bench *b, struct bench_sides *s, const void *arg)
{
	/* afresh each time, as a store is: how far a line travels also
	 * depends on where in memory it lies, by a fifth and more */
	struct wire *wires = bench_shared(2 * sizeof(*wires));
	const struct trip_arg *a = arg;
	struct trip x[2];
	bench_side *sides[2] = {a->side, a->side};
	void *args[2] = {&x[0], &x[1]};
	int rc;

	x[0] = (struct trip){&wires[0], &wires[1], a->len,
			     b->quick ? a->quick_n : a->n, true};
	x[1] = (struct trip){&wires[1], &wires[0], a->len, x[0].n, false};
	rc = bench_together(b, s, 2, sides, args);
	bench_unshare(wires, 2 * sizeof(*wires));
	return rc;
}

#define TRIP(name, side, len, n, quick_n)                                      \
	{                                                                      \
		name, measure_trip, &(const struct trip_arg)                   \
		{                                                              \
			side, len, n, quick_n                                  \
		}                                                              \
	}

const struct bench_probe floor_line = TRIP("line", line_side, 0, 4000, 4000);
const struct bench_probe floor_message_64 =
    TRIP("message_64", message_side, 64, 40000, 20000);
const struct bench_probe floor_message_1k =
    TRIP("message_1k", message_side, 1024, 40000, 20000);
const struct bench_probe floor_futex = TRIP("futex", futex_side, 0, 1000, 300);

/* ---- the ring
 * ---------------------------------------------------------------- */

#define AHEAD  16 /* slots fetched for writing ahead of time */
#define PAUSES 8  /* of a consumer that found nothing, to fall behind */

struct ring {
	_Alignas(BENCH_LINE) _Atomic uint64_t head; /* the producer's */
	_Alignas(BENCH_LINE) _Atomic uint64_t tail; /* the consumer's */
	_Alignas(4096) uint8_t bytes[4096 * 64];
};

struct stream {
	struct ring *r;
	uint32_t len;
	uint64_t n;
};

static inline __attribute__((always_inline)) void
produce(struct ring *r, uint32_t len, uint64_t n)
{
	const uint64_t slots = sizeof(r->bytes) / len;
	const uint64_t tell = slots / 16, ahead = len > 64 ? 2 : AHEAD;
	static struct bench_record rec;
	const uint8_t *next;
	uint64_t head = 0, tail = 0, to;

	bench_record_init(&rec, len);
	while (head < n) {
		to = head + tell < n ? head + tell : n;
		while (to - tail > slots) {
			tail = atomic_load_explicit(&r->tail,
						    memory_order_acquire);
			bench_pause();
		}
		for (; head < to; head++) {
			next = r->bytes + (head + ahead) % slots * len;
			for (uint32_t i = 0; i < len; i += 64)
				bench_own(next + i);
			rec.word[1] = head;
			memcpy(r->bytes + head % slots * len, rec.word, len);
		}
		atomic_store_explicit(&r->head, head, memory_order_release);
	}
}

static inline __attribute__((always_inline)) bool
consume(struct bench_sides *s, struct ring *r, uint32_t len, uint64_t n)
{
	const uint64_t slots = sizeof(r->bytes) / len;
	const uint64_t tell = slots / 16;
	static _Alignas(64) uint8_t out[16][1024];
	uint64_t tail = 0, head = 0, to, num;
	struct bench_blocks blocks;
	bool good = true;

	bench_blocks_begin(&blocks, bench_block(len));
	while (tail < n) {
		while ((head = atomic_load_explicit(
			    &r->head, memory_order_acquire)) == tail)
			for (int i = 0; i < PAUSES; i++)
				bench_pause();
		while (tail < head) {
			to = tail + tell < head ? tail + tell : head;
			for (; tail < to; tail++) {
				uint8_t *o = out[tail % 16];

				memcpy(o, r->bytes + tail % slots * len, len);
				memcpy(&num, o + 8, sizeof(num));
				good &= num == tail;
			}
			atomic_store_explicit(&r->tail, tail,
					      memory_order_release);
		}
		bench_stream_at(&blocks, s, tail);
	}
	return good;
}

static int
ring_producer(struct bench_sides *s, void *arg)
{
	const struct stream *x = arg;

	bench_meet(s, 2, 1);
	if (x->len == 64)
		produce(x->r, 64, x->n);
	else
		produce(x->r, 1024, x->n);
	return 0;
}

static int
ring_consumer(struct bench_sides *s, void *arg)
{
	const struct stream *x = arg;

	bench_meet(s, 2, 1);
	return (x->len == 64 ? consume(s, x->r, 64, x->n)
			     : consume(s, x->r, 1024, x->n))
		   ? 0
		   : -1;
}

static int
measure_ring(const struct bench *b, struct bench_sides *s, const void *arg)
{
	struct ring *r = bench_shared(sizeof(*r));
	uint32_t len = *(const uint32_t *)arg;
	struct stream x = {r, len, (b->quick ? 20u : 60u) * 16384};
	bench_side *sides[2] = {ring_producer, ring_consumer};
	void *args[2] = {&x, &x};
	int rc = bench_together(b, s, 2, sides, args);

	bench_unshare(r, sizeof(*r));
	return rc;
}

const struct bench_probe floor_ring_64 = {"ring_64", measure_ring,
					  &(const uint32_t){64}};
const struct bench_probe floor_ring_1k = {"ring_1k", measure_ring,
					  &(const uint32_t){1024}};
