/* SPDX-License-Identifier: BSD-2-Clause
 *
 * term.h - the terminal as a full screen: taken, given back as it was,
 * stopped and continued, and the keys that come from it.
 *
 * While it is taken, nothing else may write to it; what is said is kept until it
 * is given back.
 */
#ifndef WI_TOOLS_TERM_H
#define WI_TOOLS_TERM_H

#include <stdint.h>
#include <wchar.h>

/* term_is_there - are standard input and output one that a person sits at? */
int term_is_there(void);

/* term_begin - take the screen.  SIGINT, SIGTERM and SIGHUP then only end a
 * wait; see stop_signal().
 * Return: 0, or an exit code: what is missing has been said */
int term_begin(void);

/* term_has_colours - while it is taken: they are there, and wanted. */
int term_has_colours(void);

/* term_end - give it back as it was; may be called again. */
void term_end(void);

struct term_key {
	int code;  /* KEY_..., as curses has them; 0: a character, */
	wchar_t c; /* which is this */
};

enum term_event {
	TERM_TIME, /* it is that late */
	TERM_KEY,
	TERM_SIZE, /* draw everything again: another size, or continued */
	TERM_END,  /* a signal has come, see stop_signal() */
	TERM_GONE, /* there is no terminal any more */
};

/* term_wait - until something happens, but not beyond @until_ns of
 * CLOCK_MONOTONIC; INT64_MAX: for ever. */
enum term_event term_wait(int64_t until_ns, struct term_key *key);

#endif
