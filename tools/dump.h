/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump.h - printing all of a store; what makes no sense is named, counted and
 * passed over.
 */
#ifndef WI_TOOLS_DUMP_H
#define WI_TOOLS_DUMP_H

#include <weir.h>

extern unsigned damage_cnt;

/* damage - print a row of type "damage" about @part of @channel (NULL: of
 * the store).  @diag may be NULL. */
void damage(const char *channel, const char *part, int rc,
	    const weir_diag *diag);

/* dump_channel - everything about one channel: rows, and damage() for what
 * is broken. */
void dump_channel(weir_store *store, const weir_channel_info *info);

#endif
