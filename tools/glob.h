/* SPDX-License-Identifier: BSD-2-Clause
 *
 * glob.h - channels by names or patterns.
 */
#ifndef WI_TOOLS_GLOB_H
#define WI_TOOLS_GLOB_H

#include <stddef.h>

/* glob_any - is @name one of these, or like one of them?  Of none: yes. */
int glob_any(const char *const *patterns, size_t cnt, const char *name);

#endif
