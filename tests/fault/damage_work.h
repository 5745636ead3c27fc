/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage_work.h - what is done with a damaged store: all that the API can do,
 * whatever the answers are.
 *
 * Every answer must be one that means something (damage_answer), every
 * iteration must end, and every byte that is handed out is looked at.
 */
#ifndef WI_TESTS_FAULT_DAMAGE_WORK_H
#define WI_TESTS_FAULT_DAMAGE_WORK_H

#include "fault/damage.h"

#define WORK_NAP_NS 50000 /* a time-out that is not none */

/* Look at everything: figures, tables, rings, schemas, values, and records
 * from every place where one can start.  @channel: this one, and of the
 * others only what listing them takes; NULL: all of them. */
void work_look(weir_store *st, const char *channel);

/* All that looking at one channel can be. */
void work_look_channel(weir_channel *ch);

/* Read what there is, a few records at a time, and touch each byte.
 * Return: what the last read said. */
int work_read(weir_consumer *c, int view);

/* Publish: short, long, as JSON, in a batch, by a loan; and withdraw. */
void work_publish(weir_producer *p);

/* Take part in a channel: open, publish, read, gate, clear, close. */
void work_join(weir_channel *ch);

/* Change the store: make a channel, remove @channel (NULL: none). */
void work_change(weir_store *st, const char *channel);

/* The channel that nobody has damaged: publish and read; it must work.
 * @st: read-write. */
void work_whole(weir_store *st);

#endif
