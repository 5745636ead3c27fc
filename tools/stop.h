/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stop.h - being told to end, so that a place is given back on the way out.
 */
#ifndef WI_TOOLS_STOP_H
#define WI_TOOLS_STOP_H

#include <stdint.h>
#include <weir/consumer.h>

/* stop_catch - SIGINT, SIGTERM, SIGHUP and SIGPIPE end what blocks from here
 * on, unless they are ignored: it answers EINTR.  A second one of the kind ends
 * the process at once, but for SIGPIPE. */
void stop_catch(void);

/* stop_catch_all - the same, but a second one is only counted. */
void stop_catch_all(void);

/* stop_count - how many came. */
int stop_count(void);

/* stop_reading - they end the reads of @c, too, also where it polls; NULL: of
 * none any more. */
void stop_reading(weir_consumer *c);

/* stop_signal - which one came, or 0. */
int stop_signal(void);

/* stop_sleep - until so long, 0 or more and also for ever, after this time of
 * the monotonic clock, or such a signal. */
void stop_sleep(int64_t start_ns, double after_ns);

/* stop_raise - end as that signal ends a process that does not catch it.
 * Returns if none came. */
void stop_raise(void);

#endif
