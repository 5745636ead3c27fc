/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_figures.h - the figures of a store, and what has changed since the look
 * before.
 */
#ifndef WI_TOOLS_TOP_FIGURES_H
#define WI_TOOLS_TOP_FIGURES_H

#include "facts.h"

struct top_channel {
	const struct facts_channel *now;
	const struct facts_channel *before; /* NULL: it was not there */
	struct facts_sum sum;
	/* since the look before; 0 where there is none */
	uint64_t records, bytes, refused, lost;
	uint64_t kept;	/* records that can still be read */
	int64_t age_ns; /* of the newest record; INT64_MAX: unknown */
};

/* Zeroed before the first look. */
struct top_figures {
	struct facts now, before;
	int64_t taken_ns;  /* CLOCK_MONOTONIC */
	int64_t window_ns; /* between the two looks; 0: it was the first */
	struct top_channel *channels; /* damaged ones too: .now->info only */
	size_t cnt;
};

/* top_take - look at the store, and compare with the look before.
 * Return: 0; WEIR_ERETIRED: it was destroyed; or what facts_look() says */
int top_take(struct top_figures *f, weir_store *store);
void top_forget(struct top_figures *f);

/* top_find - a channel by its name; NULL: it is not there. */
const struct top_channel *top_find(const struct top_figures *f,
				   const char *name);

/* top_rate - so many within the window, as so many a second. */
double top_rate(const struct top_figures *f, uint64_t amount);

/* top_producer_before - what was known of this producer at the look before;
 * zeros for one that has come since. */
weir_producer_info top_producer_before(const struct top_channel *c,
				       const weir_producer_info *p);

#endif
