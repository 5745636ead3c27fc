/* SPDX-License-Identifier: BSD-2-Clause
 *
 * crowd.h - what a publish costs, in company: of consumers that have read
 * everything, of other channels, of other participants, of others who sleep
 * elsewhere.
 *
 * One process publishes records of 64 bytes and is timed; nobody takes them
 * from it meanwhile, so nothing but the company differs between two crowds.
 * Afterwards every record that the ring has kept is looked at.
 */
#ifndef WI_BENCH_CROWD_H
#define WI_BENCH_CROWD_H

#include "harness.h"

struct crowd {
	bool exclusive;
	uint32_t consumers;    /* of the channel; 1 or more */
	uint32_t channels;     /* of the store; 1 or more */
	bool each;	       /* publish to one after the other of them */
	uint32_t participants; /* of the store; 1 or more */
	uint32_t sleepers;     /* on as many channels more, in one process */
	uint32_t n;	       /* records, a multiple of 64 */
};

/* crowd_measure - a bench_probe's function; @arg: struct crowd. */
int crowd_measure(const struct bench *b, struct bench_sides *s,
		  const void *arg);

/* crowd_figure - @c as a figure of program @bench, with a crowd of one of each
 * as its floor. */
int crowd_figure(const struct bench *b, struct bench_sides *s,
		 const char *bench, const char *title, struct crowd c);

#endif
