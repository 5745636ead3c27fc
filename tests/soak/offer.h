/* SPDX-License-Identifier: BSD-2-Clause
 *
 * offer.h - one producer of a worker, and all ways of publishing.
 */
#ifndef WI_TESTS_SOAK_OFFER_H
#define WI_TESTS_SOAK_OFFER_H

#include "soak/plan.h"
#include "soak/record.h"

#define OFFER_MOST (12000u + SOAK_HEAD + 256u) /* bytes of a record */

struct offer {
	struct soak *s;
	const struct soak_plan *plan;
	uint32_t plan_idx;
	weir_channel *ch; /* NULL: not open */
	weir_producer *p;
	uint64_t gen, who;
	struct soak_life *life;
	struct soak_will *will; /* NULL: an id that never comes back */
	char id[SOAK_ID];
	int trusted;
	int64_t timeout_ns;
	int has_value; /* its last record is a value */
	int64_t last_seq;
	int64_t began_ns; /* the call that it is in, or was */
};

/* Do one thing with it, at random: publish in one of the ways, clear, try
 * what is refused.  If the channel has gone, it is closed afterwards. */
void soak_offer(struct offer *h);

/* Give it back; the value stays. */
void soak_offer_close(struct offer *h);

/* Say what is wrong with it, and end the process. */
_Noreturn void soak_offer_bad(struct offer *h, const char *what, int64_t rc,
			      const weir_diag *d);

#endif
