/* SPDX-License-Identifier: BSD-2-Clause
 *
 * progress.h - how far a long run is: one line on standard error that is
 * written over again and again, and is gone at the end.  Only on a terminal.
 */
#ifndef WI_TOOLS_PROGRESS_H
#define WI_TOOLS_PROGRESS_H

/* progress_is_due - is there somebody who looks, after the first second, and
 * has not been told for a while? */
int progress_is_due(void);

/* progress - what the line says now. */
void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* progress_wipe - take the line away, before something else is said, or at the
 * end. */
void progress_wipe(void);

#endif
