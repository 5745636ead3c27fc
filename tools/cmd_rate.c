/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cmd_rate.c - how a channel runs: records a second, bytes a second, and how
 * long records take from their publish to here; a line for each window.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "row.h"
#include "stop.h"
#include "units.h"

#define BATCH	    64
#define SAMPLES_MAX (1u << 20) /* of one window; more are not sampled */
#define SECOND	    1000000000

enum what { HZ, BW, DELAY };

static int64_t window_ns = SECOND;
static uint64_t wanted;

static const struct opt opts[] = {
    {'w', "window", "SECONDS", "how long each line looks; default 1",
     OPT_SECONDS, &window_ns},
    {'n', "count", "N", "end after N lines", OPT_U64, &wanted},
    {0, "json", NULL, "an object for each line", OPT_FLAG, &row_json},
    OPT_END,
};

/* One window. */
static struct {
	uint64_t records, bytes, lost, unstamped;
	uint64_t least, most; /* bytes of a record */
	int64_t *samples;     /* intervals, or delays */
	size_t cnt;
	uint64_t last_ns; /* time stamp of the record before; also of the
			     window before */
} w;

static void
sample(int64_t ns)
{
	if (w.cnt < SAMPLES_MAX)
		w.samples[w.cnt++] = ns;
}

static void
take(enum what what, const weir_record *rec)
{
	w.lost += rec->lost;
	if (rec->flags & WEIR_CURRENT)
		return;
	w.records++;
	w.bytes += rec->len;
	if (rec->len < w.least || w.records == 1)
		w.least = rec->len;
	if (rec->len > w.most)
		w.most = rec->len;
	if (!rec->time_ns)
		w.unstamped++;
	else if (what == DELAY)
		sample(clock_real() - (int64_t)rec->time_ns);
	else if (w.last_ns && !rec->lost)
		sample((int64_t)(rec->time_ns - w.last_ns));
	w.last_ns = rec->time_ns;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t
at(double share)
{
	return w.samples[(size_t)((double)(w.cnt - 1) * share)];
}

/* ---- lines ---- */

static void
put_samples(const char *what)
{
	char text[4][UNITS_MAX];

	if (!w.cnt) {
		if (w.unstamped)
			out_fmt(", no time stamps");
		return;
	}
	out_fmt(", %s %s .. %s .. %s (99%%) .. %s", what,
		units_time(text[0], at(0)), units_time(text[1], at(0.5)),
		units_time(text[2], at(0.99)), units_time(text[3], at(1)));
}

static void
put_text(enum what what, double seconds)
{
	double rate = (double)w.records / seconds;
	char amount[UNITS_MAX];

	switch (what) {
	case HZ:
		out_fmt("%.4g records/s", rate);
		put_samples("every");
		break;
	case BW:
		out_fmt("%s/s", units_bytes(amount, (double)w.bytes / seconds));
		if (w.records)
			out_fmt(", %" PRIu64 " .. %.4g .. %" PRIu64
				" bytes a record",
				w.least, (double)w.bytes / (double)w.records,
				w.most);
		break;
	default:
		out_fmt("%.4g records/s", rate);
		put_samples("here after");
	}
	out_fmt(", %" PRIu64 " lost\n", w.lost);
}

static void
put_json_samples(const char *const keys[4])
{
	static const double shares[4] = {0, 0.5, 0.99, 1};

	for (int i = 0; i < 4; i++) {
		if (w.cnt)
			row_i64(keys[i], at(shares[i]));
		else
			row_null(keys[i]);
	}
}

static void
put_json(enum what what, const char *channel, int64_t took_ns)
{
	static const char *const intervals[4] = {
	    "interval_min_ns", "interval_median_ns", "interval_p99_ns",
	    "interval_max_ns"};
	static const char *const delays[4] = {"delay_min_ns", "delay_median_ns",
					      "delay_p99_ns", "delay_max_ns"};

	row_begin(NULL);
	row_str("channel", channel);
	row_i64("window_ns", took_ns);
	row_u64("records", w.records);
	row_u64("lost", w.lost);
	if (what == HZ) {
		put_json_samples(intervals);
	} else if (what == DELAY) {
		put_json_samples(delays);
	} else {
		row_u64("bytes", w.bytes);
		row_u64("record_min_bytes", w.least);
		row_u64("record_max_bytes", w.most);
	}
	row_end();
}

static void
put_window(enum what what, const char *channel, int64_t took_ns)
{
	qsort(w.samples, w.cnt, sizeof(*w.samples), compare);
	if (row_json)
		put_json(what, channel, took_ns);
	else
		put_text(what, (double)took_ns / SECOND);
	w.records = w.bytes = w.lost = w.unstamped = 0;
	w.least = w.most = 0;
	w.cnt = 0;
}

/* ---- the verbs ---- */

static int
look(enum what what, const char *channel, weir_consumer *c)
{
	int64_t begin = clock_mono(), now, left;
	weir_record recs[BATCH];
	uint64_t lines = 0;

	while (!stop_signal() && !out_failed()) {
		int rc;

		now = clock_mono();
		left = begin + window_ns - now;
		if (left <= 0) {
			put_window(what, channel, now - begin);
			if (out_flush() || (wanted && ++lines >= wanted))
				break;
			begin = now;
			continue;
		}
		rc = weir_read(c, recs, BATCH, left);
		for (int i = 0; i < rc; i++)
			take(what, &recs[i]);
		if (rc < 0 && rc != -EAGAIN && rc != -EINTR)
			return fail(channel, rc, NULL);
	}
	return 0;
}

static int
run(enum what what, const char *channel)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_NEW};
	weir_consumer *c = NULL;
	weir_channel *ch;
	weir_store *store;
	weir_diag diag = {0};
	int code, rc;

	if (window_ns <= 0) {
		talk("--window: above 0 is needed");
		return X_USAGE;
	}
	/* an observer that sleeps looks again after 1 to 50 ms */
	if (what == DELAY)
		o.spin_ns = WEIR_SPIN_LATENCY;
	w.samples = malloc(SAMPLES_MAX * sizeof(*w.samples));
	if (!w.samples)
		return fail(channel, -ENOMEM, NULL);
	stop_catch();
	code = reach_channel(WEIR_READ_ONLY, channel, &store, &ch);
	if (code)
		return code;
	rc = weir_consumer_open(ch, NULL, &o, &c, &diag);
	if (rc < 0) {
		code = fail(channel, rc, &diag);
	} else {
		stop_reading(c);
		code = look(what, channel, c);
		stop_reading(NULL);
	}
	weir_consumer_close(c);
	weir_channel_close(ch);
	weir_store_close(store);
	free(w.samples);
	code = out_end(code);
	if (stop_signal())
		stop_raise();
	return code;
}

static int
run_hz(int argc, char **argv)
{
	(void)argc;
	return run(HZ, argv[0]);
}

static int
run_bw(int argc, char **argv)
{
	(void)argc;
	return run(BW, argv[0]);
}

static int
run_delay(int argc, char **argv)
{
	(void)argc;
	return run(DELAY, argv[0]);
}

const struct cmd cmd_hz = {
    .name = "hz",
    .args = "CHANNEL",
    .what = "show how many records a second come, and how regularly",
    .more =
	"A line for each window, until a signal comes: records a second, and\n"
	"the shortest, the median, the 99th percentile and the longest of the\n"
	"times between two, by their time stamps.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_hz,
};

const struct cmd cmd_bw = {
    .name = "bw",
    .args = "CHANNEL",
    .what = "show how many bytes a second come",
    .more = "A line for each window, until a signal comes: bytes a second, "
	    "and the\n"
	    "smallest, the mean and the largest record.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_bw,
};

const struct cmd cmd_delay = {
    .name = "delay",
    .args = "CHANNEL",
    .what = "show how long records take from their publish to here",
    .more =
	"A line for each window, until a signal comes: the shortest, the\n"
	"median, the 99th percentile and the longest time between the time\n"
	"stamp of a record and its arrival here.  It polls, which takes a\n"
	"processor.\n",
    .opts = opts,
    .min_args = 1,
    .max_args = 1,
    .has_store = 1,
    .run = run_delay,
};
