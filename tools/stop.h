/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stop.h - being told to end, so that a place is given back on the way out.
 */
#ifndef WI_TOOLS_STOP_H
#define WI_TOOLS_STOP_H

/* stop_catch - SIGINT, SIGTERM, SIGHUP and SIGPIPE end what blocks from here
 * on, unless they are ignored.  A second one of the kind ends the process at
 * once, but for SIGPIPE.
 * @tell: called by the handler, to end a wait; NULL: it is enough that calls
 *        answer EINTR */
void stop_catch(void (*tell)(void));

/* stop_signal - which one came, or 0. */
int stop_signal(void);

/* stop_raise - end as that signal ends a process that does not catch it.
 * Returns if none came. */
void stop_raise(void);

#endif
