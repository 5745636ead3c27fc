/* SPDX-License-Identifier: BSD-2-Clause
 *
 * victims.h - processes to be killed, in each state that one can be in.
 */
#ifndef WI_TESTS_SOAK_VICTIMS_H
#define WI_TESTS_SOAK_VICTIMS_H

#include <weir.h>

#include "proc/kit.h"

#define VICTIM_STATES 14

struct victim {
	const char *store;
	uint32_t state;
};

/* The process: says 'r' when it is in its state, or near, and never ends. */
int victim_run(struct proc *me, void *victim);
const char *victim_state_name(uint32_t state);

/* What they use, for others beside them: the store; channels of it, made if
 * need be; a producer and a consumer of the one id that all of them have.
 * What does not work ends the process. */
weir_store *victim_attach(const char *store);
weir_channel *victim_channel(weir_store *st, const char *name,
			     uint32_t overflow, uint32_t producers);
weir_channel *victim_shared(weir_store *st);
weir_channel *victim_exclusive(weir_store *st);
weir_channel *victim_blocking(weir_store *st);
weir_producer *victim_producer(weir_channel *ch);
weir_consumer *victim_consumer(weir_channel *ch, uint32_t flags);

#endif
