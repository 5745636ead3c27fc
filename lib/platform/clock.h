/* SPDX-License-Identifier: BSD-2-Clause
 *
 * clock.h - time, and facts about this process that are hints for people.
 */
#ifndef WI_PLATFORM_CLOCK_H
#define WI_PLATFORM_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* wi_clock_real - CLOCK_REALTIME in ns: stamps, advisory. */
uint64_t wi_clock_real(void);

/* wi_clock_mono - CLOCK_MONOTONIC in ns: time-outs, never in the segment. */
int64_t wi_clock_mono(void);

/* wi_deadline - now + @timeout_ns, saturating; INT64_MAX if it is < 0. */
int64_t wi_deadline(int64_t timeout_ns);

/* wi_sleep_until - sleep; ends early with -EINTR when a handler ran. */
int wi_sleep_until(int64_t deadline_ns);

uint32_t wi_pid(void);

/* wi_command - this process's command name into buf[cap], zero-padded. */
void wi_command(uint8_t *buf, size_t cap);

#endif
