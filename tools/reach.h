/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reach.h - getting at the store and the channel that a verb is about.
 *
 * What fails is said, with what to do about it; the result is then the exit
 * code, else 0.
 */
#ifndef WI_TOOLS_REACH_H
#define WI_TOOLS_REACH_H

#include <weir.h>

/* reach_store - open the store of --store and --dir.
 * @flags: WEIR_READ_ONLY for verbs that look, 0 for those that write */
int reach_store(uint32_t flags, weir_store **store);

/* reach_channel - open an existing channel, and its store. */
int reach_channel(uint32_t flags, const char *name, weir_store **store,
		  weir_channel **ch);

/* reach_no_channel - say that there is none of this name; X_REACH. */
int reach_no_channel(const char *name);

/* reach_name_only - for verbs to which a store is a name, never a path. */
int reach_name_only(void);

/* reach_file - the path of the store's file; good until the next call. */
const char *reach_file(void);

/* reach_opts - what the shared options say of the store, into @opts. */
int reach_opts(weir_store_opts *opts);

/* reach_command - "weir VERB [--store NAME] [--dir DIR] ...": what to type. */
const char *reach_command(const char *verb);

/* reach_quoted - @s as one word of a shell.
 * reach_operand - the same, also if it looks like an option: nothing but
 * operands may follow. */
const char *reach_quoted(const char *s);
const char *reach_operand(const char *s);

#endif
