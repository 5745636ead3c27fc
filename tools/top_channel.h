/* SPDX-License-Identifier: BSD-2-Clause
 *
 * top_channel.h - one channel, opened: who is on it, and its newest record.
 */
#ifndef WI_TOOLS_TOP_CHANNEL_H
#define WI_TOOLS_TOP_CHANNEL_H

#include "top_figures.h"
#include "top_page.h"

/* Zeroed at first. */
struct opened {
	char name[WEIR_CHANNEL_NAME_MAX + 1]; /* "": none is open */
	/* its newest record, as it was read */
	int rc; /* 1: it is here; 0: there is none; or why not */
	uint64_t seq, time_ns;
	uint32_t kind;
	size_t len;
	char producer[WEIR_ID_MAX + 1];
	char *json; /* in lines; the beginning of a long one */
	int is_cut;
	struct page page;
};

void opened_open(struct opened *o, const char *name);
void opened_close(struct opened *o);

/* opened_read - its newest record, anew. */
void opened_read(struct opened *o, weir_store *store);

/* opened_draw - into lines @y to @end - 1 of the screen. */
void opened_draw(struct opened *o, const struct top_figures *f, int y, int end);

#endif
