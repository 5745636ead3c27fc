/* SPDX-License-Identifier: BSD-2-Clause
 *
 * made.h - the channel "made", which victims make and remove, and another that
 * the survivor makes meanwhile and that must not suffer from it.
 */
#ifndef WI_TESTS_FAULT_MADE_H
#define WI_TESTS_FAULT_MADE_H

#include "fault/sweep.h"

/* Open "made"; if @create, make it first if need be. */
int made_open(weir_store *st, bool create, weir_channel **ch);

/* Of the victim: have it open; make it; close what is open. */
int made_set_up(struct victim *v);
int64_t made_act_make(struct victim *v);
int64_t made_act_close(struct victim *v);

/* For the tables: it is there; it is removed, and one who had it open has died;
 * another is made while the victim stands still; after making, or removing,
 * all is well. */
int made_before(struct world *w);
int made_by_the_dead(struct world *w);
void made_make_another(struct world *w);
void made_after_making(struct world *w, bool finished);
void made_after_removing(struct world *w, bool finished);

/* It is whole, or not there; it can be made, used and removed, and is. */
void made_check(struct world *w, bool is_there, bool is_not);

/* Publish some records in a new channel; are they there, and behind them
 * @end, or nothing more? */
void made_fill(struct world *w, weir_channel *ch);
void made_read(struct world *w, weir_consumer *c, int end);
void made_check_records(struct world *w, weir_channel *ch);

#endif
