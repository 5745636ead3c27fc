/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_chart.c - a consumer of chart-data: each series as a line of blocks.
 *
 *     show_chart STORE
 *
 * It reads every record and draws one a second: fifty a second are more than
 * anybody can look at.
 */
#include <weir.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/demo.h"

#define WIDTH 60

static weir_consumer *panel;

static void
on_stop(void)
{
	weir_interrupt(panel);
}

/* The numbers of the array at @pointer, the last @cap of them. */
static uint32_t
numbers(const weir_record *rec, const char *pointer, double *out, uint32_t cap)
{
	weir_value array;
	uint32_t from, n = 0;
	char at[64];

	if (weir_record_find(rec, pointer, &array) != 0 ||
	    array.type != WEIR_ARRAY)
		return 0;
	from = array.cnt > cap ? array.cnt - cap : 0;
	for (uint32_t i = from; i < array.cnt; i++) {
		snprintf(at, sizeof(at), "%s/%u", pointer, i);
		out[n++] = demo_number(rec, at);
	}
	return n;
}

static void
show_series(const weir_record *rec, unsigned int which)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄",
					     "▅", "▆", "▇", "█"};
	char line[WIDTH * 3 + 1] = "", at[32], name[32];
	double y[WIDTH], low, high;
	uint32_t n;

	snprintf(at, sizeof(at), "/series/%u/points", which);
	n = numbers(rec, at, y, WIDTH);
	if (n == 0)
		return;
	low = high = y[0];
	for (uint32_t i = 1; i < n; i++) {
		low = y[i] < low ? y[i] : low;
		high = y[i] > high ? y[i] : high;
	}
	for (uint32_t i = 0; i < n; i++) {
		double part = high > low ? (y[i] - low) / (high - low) : 0;

		strcat(line, blocks[(int)(part * 7 + 0.5)]);
	}
	snprintf(at, sizeof(at), "/series/%u/name", which);
	demo_text(rec, at, name, sizeof(name));
	demo_say("%s  %s, %.0f to %.0f", line, name, low, high);
}

int
main(int argc, char **argv)
{
	struct demo_count count = {0};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	int64_t next = 0;
	weir_diag diag = {0};
	weir_record rec;
	int rc;

	if (argc != 2)
		return 2;
	demo_begin("chart", on_stop);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "chart-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_consumer_open(ch, "chart-panel", NULL, &panel, &diag)) <
		0)
		return demo_fail("cannot register", rc, &diag);

	while ((rc = weir_read(panel, &rec, 1, demo_stop ? 0 : -1)) > 0 ||
	       rc == -EINTR) {
		if (rc < 0)
			continue;
		demo_count(&count, &rec);
		if (rec.kind == WEIR_CLEAR) {
			demo_say("%s has withdrawn its chart", rec.producer);
		} else if (demo_now_ns() >= next) {
			next = demo_now_ns() + DEMO_S;
			show_series(&rec, 0);
			show_series(&rec, 1);
		}
	}
	if (rc != -EAGAIN)
		return demo_fail("read", rc, NULL);

	demo_report(panel, "chart-data", &count);
	weir_consumer_close(panel);
	weir_channel_close(ch);
	weir_store_close(store);
	return 0;
}
