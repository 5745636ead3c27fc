/* SPDX-License-Identifier: BSD-2-Clause
 *
 * figure.h - one measured number beside its floor, as a line of JSON.
 *
 * Each round is floor, figure, floor.  A round whose two floors differ by
 * more than two fifths saw the machine change: it is thrown away and counted
 * in "moved".  The ratio is the median of the rounds' ratios; percentiles
 * are over all rounds that count.
 */
#ifndef WI_BENCH_FIGURE_H
#define WI_BENCH_FIGURE_H

#include "harness.h"

struct figure {
	const char *bench;  /* the program: "latency" */
	const char *title;  /* what -o is matched with */
	const char *params; /* JSON members without braces */
	bool is_rate;	    /* a rate: the ratio is a share of the floor's rate,
			       else it is times of the floor's time */
	struct bench_probe what, floor;
};

/* figure_run - measure and print; nothing if -o says so.
 * Return: 0, or -1 if a measurement failed. */
int figure_run(const struct bench *b, struct bench_sides *s,
	       const struct figure *f);

#endif
