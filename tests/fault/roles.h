/* SPDX-License-Identifier: BSD-2-Clause
 *
 * roles.h - set-ups and other processes that several tables use.
 */
#ifndef WI_TESTS_FAULT_ROLES_H
#define WI_TESTS_FAULT_ROLES_H

#include "fault/sweep.h"

/* The victim's producer: trusted, or with every record checked. */
int role_producer(struct victim *v);
int role_checked_producer(struct victim *v);

/* A consumer "reader" that begins with what comes now, gating where the
 * channel has gates; and one with three records to read. */
int role_reader(struct victim *v);
int role_reader_of_three(struct victim *v);

int64_t act_publish(struct victim *v);

/* A process that opens the producer "gone", does something, and kills
 * itself; the survivor has read it all afterwards.  Return: 0 or -1. */
enum gone {
	GONE_WITH_VALUE,
	GONE_WITHOUT_VALUE, /* it has cleared it */
	GONE_AT_COMMIT,	    /* and nobody was woken: the bell must do it */
};
int role_gone(struct world *w, enum gone how);

#endif
