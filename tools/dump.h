/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump.h - printing all of a store; what makes no sense is named, counted and
 * passed over.
 */
#ifndef WI_TOOLS_DUMP_H
#define WI_TOOLS_DUMP_H

#include <weir.h>

extern unsigned damage_cnt;

/* 1: also the bytes of records. */
extern int dump_hex;

/* damage - print a row of type "damage" about @part of @channel (NULL: of
 * the store).  @diag may be NULL. */
void damage(const char *channel, const char *part, int rc,
	    const weir_diag *diag);

/* damage_look - ask weir_store_verify(); what it tells is kept until it is
 * asked for. */
void damage_look(weir_store *store);

/* damage_told - print what was told of @channel ("": of none; NULL: all) and
 * is not printed yet.  Returns how many. */
unsigned damage_told(const char *channel);

/* damage_is - is there something wrong with "@place @idx" of the channel?
 * Of each kind the first were told, and how many more there are: who comes
 * after those cannot be vouched for. */
int damage_is(const char *channel, const char *place, uint32_t idx);

/* dump_channel - everything about one channel: rows, and damage() for what
 * is broken. */
void dump_channel(weir_store *store, const weir_channel_info *info);

#endif
