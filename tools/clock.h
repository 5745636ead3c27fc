/* SPDX-License-Identifier: BSD-2-Clause
 *
 * clock.h - the time, in nanoseconds.
 */
#ifndef WI_TOOLS_CLOCK_H
#define WI_TOOLS_CLOCK_H

#include <stdint.h>

int64_t clock_mono(void); /* CLOCK_MONOTONIC: for how long something takes */
int64_t clock_real(void); /* CLOCK_REALTIME: as the time stamps of records */

#endif
