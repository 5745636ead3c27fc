/* SPDX-License-Identifier: BSD-2-Clause
 *
 * demo.h - what the demo's programs share and what has little to do with
 * weir: being asked to stop, waiting, printing.
 */
#ifndef WI_DEMO_DEMO_H
#define WI_DEMO_DEMO_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <weir.h>

#define DEMO_MS INT64_C(1000000)
#define DEMO_S	(1000 * DEMO_MS)

/* Set once SIGTERM or SIGINT has come. */
extern volatile sig_atomic_t demo_stop;

/* The first call of each program.  @name stands before each line that it
 * prints.  @on_stop: called by the signal handler, to end a wait; NULL for
 * programs that wait with the two functions below. */
void demo_begin(const char *name, void (*on_stop)(void));

/* Sleep; false if asked to stop. */
bool demo_sleep(int64_t ns);

/* Wait until @fd has something to read; false if asked to stop. */
bool demo_readable(int fd);

int64_t demo_now_ns(void); /* CLOCK_MONOTONIC */

/* The next line of a file descriptor, without its "\n"; false at the end, on
 * an error, or if asked to stop.  What follows the last "\n" is no line. */
struct demo_lines {
	int fd;
	size_t used, taken;
	char buf[1024]; /* longer lines come in pieces */
};
bool demo_line(struct demo_lines *in, char *line, size_t cap);

/* Print a line.  What is not text becomes "?": control characters of a
 * record do not reach the terminal. */
void demo_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Say what failed and why.  Returns 1, for main() to return. */
int demo_fail(const char *what, int64_t rc, const weir_diag *diag);

/* A field of a record as text or number; "" or 0 if it is not there. */
const char *demo_text(const weir_record *rec, const char *pointer, char *buf,
		      size_t cap);
double demo_number(const weir_record *rec, const char *pointer);

/* What a consumer was given, for the summary: tally reads the lines that
 * these functions append to the file $DEMO_REPORT. */
struct demo_count {
	uint64_t first_seq, last_seq, values, clears;
	uint64_t again; /* values that are current once more, after a clear */
};
void demo_count(struct demo_count *count, const weir_record *rec);
void demo_report(weir_consumer *c, const char *channel,
		 const struct demo_count *count);

#endif
