/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan.h - the channels of a soak.
 *
 * Each time one is made its schema's title is another number, the generation:
 * so whoever has it open knows which of the channels of that name it is.
 */
#ifndef WI_TESTS_SOAK_PLAN_H
#define WI_TESTS_SOAK_PLAN_H

#include "soak/table.h"

#define SOAK_STORE_BYTES (16u << 20)
#define SOAK_PLACES	 64 /* participants */

struct soak_plan {
	const char *name;
	weir_channel_opts opts; /* all but the schema */
	int clears;		/* producers clear now and then */
	int removable;		/* it comes and goes */
	int strangers;		/* producers take ids that nobody has had */
};

extern const struct soak_plan soak_plans[SOAK_PLANS];

static inline int
soak_is_block(const struct soak_plan *p)
{
	return p->opts.overflow == WEIR_BLOCK;
}

static inline int
soak_is_exclusive(const struct soak_plan *p)
{
	return p->opts.producers == WEIR_EXCLUSIVE;
}

/* Attach to the soak's store.  NULL: no place was free in time, and it is
 * time to end.  Fails on everything else. */
weir_store *soak_attach(struct soak *s, uint32_t flags);

/* Open channel @plan, and make it if it is not there and @make is set.
 * Return: 0 and *gen, or the error. */
int soak_open(struct soak *s, weir_store *st, uint32_t plan, int make,
	      weir_channel **ch, uint64_t *gen);

/* The id of life @who, which is of @slot. */
#define SOAK_ID 32
void soak_producer_id(char *id, const struct soak_plan *p, uint32_t slot,
		      uint64_t who);

/* The longest padding of a record of this channel. */
size_t soak_pad_max(const struct soak_plan *p);

#endif
