/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_live.h - weir top on a full screen: the keys, and what is shown.
 */
#ifndef WI_TOOLS_TOP_LIVE_H
#define WI_TOOLS_TOP_LIVE_H

#include "top_columns.h"

/* top_live - until the user, a signal or the end of the store ends it.
 * Return: the exit code */
int top_live(weir_store *store, const struct top_column *by,
	     int64_t interval_ns);

#endif
