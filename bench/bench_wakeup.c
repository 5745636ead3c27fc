/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waking: one publishes, on the first processor, and 1, 4 or 16 processes
 * sleep for it on the second.  How long until the first of them has the record,
 * and the last, and what the publish itself costs; and what those cost who
 * sleep on other channels.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "crowd.h"
#include "ends.h"
#include "figure.h"
#include "floors.h"

#define LEN	 64
#define SLEEPERS 16
#define NAP_NS	 200000 /* for each sleeper, to go back to sleep */

enum what { PUBLISH, FIRST, LAST };

/* When each of them had the record, and how many have. */
struct acks {
	_Alignas(BENCH_LINE) atomic_uint cnt;
	_Alignas(BENCH_LINE) atomic_ullong at[SLEEPERS];
};

struct wake {
	const struct bench *b;
	struct acks *acks;
	bool exclusive;
	enum what what;
	unsigned sleepers;
	uint32_t n;
};

struct side {
	const struct wake *x;
	unsigned me; /* 0: who publishes */
};

static weir_channel *
open_channel(const struct wake *x, bool create, weir_store **st)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .producers =
				   x->exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
			       .stamps = WEIR_OFF,
			       .capacity = 64};

	*st = ends_store(x->b, create);
	return *st ? ends_channel(*st, "wake", &o) : NULL;
}

/* ---- who publishes
 * ----------------------------------------------------------------------------
 */

static uint64_t
took(const struct wake *x, uint64_t begin, uint64_t published)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (unsigned i = 0; i < x->sleepers; i++) {
		uint64_t at = atomic_load(&x->acks->at[i]);

		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	switch (x->what) {
	case PUBLISH:
		return published - begin;
	case FIRST:
		return first > begin ? first - begin : 0;
	default:
		return last > begin ? last - begin : 0;
	}
}

static int
wake_all(struct bench_sides *s, const struct wake *x, weir_producer *p)
{
	const struct timespec nap = {.tv_nsec = (long)x->sleepers * NAP_NS};
	static struct bench_record r;
	uint64_t begin, published;
	int64_t rc;

	bench_record_init(&r, LEN);
	for (uint64_t t = 1; t <= x->n; t++) {
		nanosleep(&nap, NULL);
		atomic_store(&x->acks->cnt, 0);
		bench_record_stamp(&r, t);
		begin = bench_ticks();
		rc = weir_publish(p, r.word, LEN, NULL);
		published = bench_ticks();
		if (rc != (int64_t)t)
			return bench_fail("publish", rc, NULL);
		while (atomic_load(&x->acks->cnt) < x->sleepers)
			bench_pause();
		if (t > x->n / 10)
			bench_trips_took(s, took(x, begin, published));
	}
	return 0;
}

static int
publish_side(struct bench_sides *s, void *arg)
{
	const struct side *side = arg;
	const struct wake *x = side->x;
	weir_store *st;
	weir_channel *ch = open_channel(x, true, &st);
	weir_producer *p = ch ? ends_producer(ch, true) : NULL;

	bench_meet(s, x->sleepers + 1, 1);
	bench_meet(s, x->sleepers + 1, 2);
	return p ? wake_all(s, x, p) : -1;
}

/* ---- who sleeps
 * -------------------------------------------------------------------------------
 */

static int
sleep_side(struct bench_sides *s, void *arg)
{
	const struct side *side = arg;
	const struct wake *x = side->x;
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = WEIR_SPIN_SLEEPY};
	weir_consumer *c = NULL;
	weir_channel *ch;
	weir_record rec;
	weir_store *st;
	char id[32];
	int rc = -1;

	bench_pin(x->b->cpu[1]);
	bench_meet(s, x->sleepers + 1, 1);
	snprintf(id, sizeof(id), "sleeper-%u", side->me);
	ch = open_channel(x, false, &st);
	if (ch)
		rc = weir_consumer_open(ch, id, &o, &c, NULL);
	bench_meet(s, x->sleepers + 1, 2);
	if (rc != 0)
		return bench_fail("consumer", rc, NULL);
	for (uint64_t t = 1; t <= x->n; t++) {
		rc = weir_read(c, &rec, 1, -1);
		if (rc != 1)
			return bench_fail("read", rc, NULL);
		atomic_store(&x->acks->at[side->me - 1], bench_ticks());
		if (rec.seq != t || rec.lost || rec.len != LEN ||
		    !bench_record_is(rec.data, LEN / 8, t))
			return bench_fail("a record is not what was sent", 0,
					  NULL);
		atomic_fetch_add(&x->acks->cnt, 1);
	}
	return 0;
}

/* ---- figures
 * ----------------------------------------------------------------------------------
 */

static int
measure(const struct bench *b, struct bench_sides *s, const void *arg)
{
	struct wake x = *(const struct wake *)arg;
	bench_side *sides[SLEEPERS + 1];
	struct side side[SLEEPERS + 1];
	void *args[SLEEPERS + 1];
	int rc;

	x.b = b;
	for (unsigned i = 0; i <= x.sleepers; i++) {
		side[i] = (struct side){&x, i};
		sides[i] = i ? sleep_side : publish_side;
		args[i] = &side[i];
	}
	rc = bench_together(b, s, (int)x.sleepers + 1, sides, args);
	return ends_clean(b) != 0 ? -1 : rc;
}

static int
wake(const struct bench *b, struct bench_sides *s, struct wake x)
{
	static const char *const whats[] = {"the publish", "until the first",
					    "until the last"};
	const char *producers = x.exclusive ? "exclusive" : "shared";
	char title[64], params[128];
	struct figure f = {.bench = "wakeup",
			   .title = title,
			   .params = params,
			   .what = {"weir", measure, &x},
			   .floor = floor_futex};

	x.n = (b->quick ? 80u : 800u) / (1 + x.sleepers / 4);
	snprintf(title, sizeof(title), "%s wakes %u, %s", producers, x.sleepers,
		 whats[x.what]);
	snprintf(params, sizeof(params),
		 "\"producers\":\"%s\",\"sleepers\":%u,\"what\":\"%s\","
		 "\"bytes\":%d",
		 producers, x.sleepers, whats[x.what], LEN);
	return figure_run(b, s, &f);
}

int
bench_run(struct bench *b)
{
	struct bench_sides *s = bench_shared(sizeof(*s));
	struct acks *acks = bench_shared(sizeof(*acks));
	char title[64];
	int rc = 0;

	for (int k = 0; rc == 0 && k < 2; k++) {
		struct crowd c = {.exclusive = !k,
				  .consumers = 1,
				  .channels = 1,
				  .participants = 1,
				  .sleepers = 64};

		snprintf(title, sizeof(title),
			 "%s publish, 64 asleep elsewhere",
			 k ? "shared" : "exclusive");
		rc = crowd_figure(b, s, "wakeup", title, c);
		for (unsigned cnt = 1; rc == 0 && cnt <= SLEEPERS; cnt *= 4)
			for (int w = PUBLISH; rc == 0 && w <= LAST; w++)
				if (cnt > 1 || w != LAST)
					rc = wake(
					    b, s,
					    (struct wake){.acks = acks,
							  .exclusive = !k,
							  .what = (enum what)w,
							  .sleepers = cnt});
	}
	return rc;
}
