/* SPDX-License-Identifier: BSD-2-Clause */
#include "figure.h"

#include <stdio.h>
#include <stdlib.h>

#include "floors.h"

#define ROUNDS_MAX 101
#define MOVED	   1.4

struct sums {
	struct hist what, typical, floor;
	double ratio[ROUNDS_MAX], dist[ROUNDS_MAX];
	int rounds, moved;
	uint64_t delivered, lost, ticks;
};

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
in_ns(const struct hist *h, double share)
{
	return hist_at(h, share) * bench_tick_ns / BENCH_SCALE;
}

/* Measure once.  Return: the median in ns, <= 0 on failure. */
static double
once(const struct bench *b, struct bench_sides *s, const struct bench_probe *p)
{
	double ns = -1;

	/* A side that never ran long enough for a block (an overwritten stream
	 * whose reader was off its processor) is tried again. */
	for (int tries = 0; ns <= 0 && tries < 20; tries++) {
		if (p->measure(b, s, p->arg) != 0)
			return -1;
		ns = in_ns(&s->typical, 0.5);
	}
	return ns;
}

static int
rounds(const struct bench *b, struct bench_sides *s, const struct figure *f,
       struct sums *sum)
{
	int want = b->rounds < ROUNDS_MAX ? b->rounds : ROUNDS_MAX;
	double before = once(b, s, &f->floor), after, what, dist;
	static struct hist h, typical;

	for (int tries = 4 * want; sum->rounds < want && before > 0; tries--) {
		uint64_t delivered, lost, ticks;

		dist = once(b, s, &floor_line);
		what = once(b, s, &f->what);
		h = s->hist.cnt ? s->hist : s->typical;
		typical = s->typical;
		delivered = s->delivered;
		lost = s->lost;
		ticks = s->ticks;
		after = dist > 0 && what > 0 ? once(b, s, &f->floor) : -1;
		if (after <= 0)
			return -1;
		if (tries > 0 &&
		    (after > before * MOVED || before > after * MOVED)) {
			sum->moved++;
			before = after;
			continue;
		}
		hist_merge(&sum->what, &h);
		hist_merge(&sum->typical, &typical);
		hist_merge(&sum->floor, &s->typical);
		sum->delivered += delivered;
		sum->lost += lost;
		sum->ticks += ticks;
		sum->dist[sum->rounds] = dist;
		sum->ratio[sum->rounds++] = f->is_rate
						? (before + after) / 2 / what
						: what / ((before + after) / 2);
		before = after;
	}
	return sum->rounds ? 0 : -1;
}

static void
print(const struct figure *f, struct sums *sum)
{
	const struct hist *w = &sum->what;
	double k = bench_tick_ns / BENCH_SCALE;
	double typical = in_ns(&sum->typical, 0.5);
	double floor = in_ns(&sum->floor, 0.5);
	int n = sum->rounds;

	qsort(sum->ratio, (size_t)n, sizeof(double), compare);
	qsort(sum->dist, (size_t)n, sizeof(double), compare);
	printf("{\"bench\":\"%s\",\"title\":\"%s\",%s,\"rounds\":%d,"
	       "\"moved\":%d,\"n\":%llu",
	       f->bench, f->title, f->params, n, sum->moved,
	       (unsigned long long)w->cnt);
	printf(",\"min_ns\":%.2f,\"median_ns\":%.2f,\"p99_ns\":%.2f,"
	       "\"p999_ns\":%.2f,\"max_ns\":%.2f",
	       (double)w->min * k, in_ns(w, 0.5), in_ns(w, 0.99),
	       in_ns(w, 0.999), (double)w->max * k);
	printf(",\"typical_ns\":%.2f", typical);
	if (f->is_rate)
		printf(",\"rate\":%.0f,\"overall_rate\":%.0f,\"records\":%llu,"
		       "\"lost\":%llu",
		       1e9 / typical,
		       (double)sum->delivered * 1e9 /
			   ((double)sum->ticks * bench_tick_ns),
		       (unsigned long long)sum->delivered,
		       (unsigned long long)sum->lost);
	printf(",\"floor\":\"%s\",\"floor_ns\":%.2f", f->floor.name, floor);
	if (f->is_rate)
		printf(",\"floor_rate\":%.0f", 1e9 / floor);
	printf(",\"ratio\":%.3f,\"ratio_low\":%.3f,\"ratio_high\":%.3f,"
	       "\"distance_ns\":%.1f}\n",
	       sum->ratio[n / 2], sum->ratio[n / 10],
	       sum->ratio[n - 1 - n / 10], sum->dist[n / 2]);
	fflush(stdout);
}

int
figure_run(const struct bench *b, struct bench_sides *s, const struct figure *f)
{
	static struct sums sum;

	if (b->only && !strstr(f->title, b->only))
		return 0;
	memset(&sum, 0, sizeof(sum));
	hist_reset(&sum.what);
	hist_reset(&sum.typical);
	hist_reset(&sum.floor);
	if (rounds(b, s, f, &sum) != 0) {
		fprintf(stderr, "bench: %s: %s: failed\n", f->bench, f->title);
		return -1;
	}
	print(f, &sum);
	return 0;
}
