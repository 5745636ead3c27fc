/* SPDX-License-Identifier: BSD-2-Clause
 *
 * roles.h - set-ups and other processes that several tables use.
 */
#ifndef WI_TESTS_FAULT_ROLES_H
#define WI_TESTS_FAULT_ROLES_H

#include "fault/sweep.h"

/* The victim's producer: trusted, or with every record checked; with a value
 * of its own already. */
int role_producer(struct victim *v);
int role_checked_producer(struct victim *v);
int role_producer_with_value(struct victim *v);
int role_producer_long(struct victim *v); /* its next record is a long one */

/* A consumer that begins with what comes now, gating where the channel has
 * gates; and one with as many records to read as the operation has. */
int role_reader(struct victim *v);
int role_reader_with_records(struct victim *v);
const char *role_reader_id(enum who who);

/* A record that a consumer was given: is it whole, and the next?  A gating one
 * loses none. */
bool role_took(struct victim *v, const weir_record *rec);

/* All that there is to read is right. */
bool role_read_on(struct victim *v);

int64_t act_publish(struct victim *v);
int64_t act_publish_long(struct victim *v);
int64_t act_loan_commit(struct victim *v);
int64_t act_publish_batch(struct victim *v); /* of three */
int64_t act_clear(struct victim *v);
int64_t act_open_producer(struct victim *v);
int64_t act_read_for_ever(struct victim *v);
int64_t act_leave(struct victim *v); /* closes the consumer */

/* Of the survivor: wake who sleeps by a record, by making room, or by the bell
 * alone: whoever published has died before he woke anybody. */
void wake_by_record(struct world *w);
void wake_by_reading(struct world *w);
void wake_by_bell(struct world *w);
/* ... and the victim is the first whom that wakes, others sleep behind it. */
void wake_first_by_bell(struct world *w);

/* A process that waits with a consumer of its own until it is told @end; none
 * but whoever ends it wakes it.  One at a time. */
int role_waiter(struct world *w,
		int (*open)(const struct world *w, weir_consumer **c), int end);
/* It has been told, and goes. */
void role_waiter_learns(struct world *w);

/* A process that opens the producer "gone", does something, and kills
 * itself; the survivor has read it all afterwards.  Return: 0 or -1. */
enum gone {
	GONE_WITH_VALUE,
	GONE_WITHOUT_VALUE, /* it has cleared it */
	GONE_AT_COMMIT,	    /* and nobody was woken: the bell must do it */
};
int role_gone(struct world *w, enum gone how);

#endif
