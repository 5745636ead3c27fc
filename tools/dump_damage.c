/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dump_damage.c - what is damaged: what weir_store_verify() tells, each told
 * once, and what dump itself stumbles over.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/inspect.h>

#include "dump.h"
#include "out.h"
#include "row.h"

unsigned damage_cnt;

/* What was told, in its order; .size is 0 once it is printed. */
static weir_damage *told;
static size_t told_cnt, told_cap;

static void
row(const char *channel, const char *part, uint64_t offset, const char *why,
    int rc)
{
	int indent = row_indent;

	damage_cnt++;
	row_indent = channel && *channel ? 2 : 0;
	row_begin("damage");
	if (channel && *channel)
		row_str("channel", channel);
	row_str("part", part);
	if (offset)
		row_u64("offset", offset);
	row_str("reason", why);
	row_word("code", code_name(rc));
	row_end();
	row_indent = indent;
}

void
damage(const char *channel, const char *part, int rc, const weir_diag *diag)
{
	row(channel, part, 0,
	    diag && diag->code == rc && *diag->message ? diag->message
						       : weir_strerror(rc),
	    rc);
}

static int
keep(const weir_damage *d, void *arg)
{
	size_t cap = told_cap ? 2 * told_cap : 32;
	weir_damage *more;

	(void)arg;
	if (told_cnt == told_cap) {
		more = realloc(told, cap * sizeof(*more));
		if (!more)
			return -ENOMEM;
		told = more;
		told_cap = cap;
	}
	told[told_cnt++] = *d;
	return 0;
}

void
damage_look(weir_store *store)
{
	int rc = weir_store_verify(store, keep, NULL);

	/* what ended while we looked is not damaged */
	if (rc < 0 && rc != WEIR_EREMOVED && rc != WEIR_ERETIRED)
		damage(NULL, "store", rc, NULL);
}

unsigned
damage_told(const char *channel)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < told_cnt; i++) {
		weir_damage *d = &told[i];

		if (!d->size || (channel && strcmp(d->channel, channel) != 0))
			continue;
		d->size = 0;
		cnt++;
		row(d->channel, d->place, d->offset, d->message, WEIR_ECORRUPT);
	}
	return cnt;
}

int
damage_is(const char *channel, const char *place, uint32_t idx)
{
	size_t n = strlen(place);
	unsigned long last = 0, vouched = UINT32_MAX;

	for (size_t i = 0; i < told_cnt; i++) {
		const char *at = told[i].place;

		if (strcmp(told[i].channel, channel) != 0 ||
		    strncmp(at, place, n) != 0)
			continue;
		if (strcmp(at + n, "s") == 0 && last < vouched)
			vouched = last;
		if (at[n] != ' ')
			continue;
		last = strtoul(at + n, NULL, 10);
		if (last == idx)
			return 1;
	}
	return idx > vouched;
}
