/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tally.c - the summary: what producers have published, as the store has
 * counted it, against what consumers say they were given.
 *
 *     tally STORE REPORT CONSUMERS REFUSED
 *
 * REPORT is what demo_report() has written.  Exit code 1 if a record is
 * missing, or if there are not as many reports and refused records as given.
 */
#include <weir.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/demo.h"

struct totals {
	uint64_t published, refused, delivered, lost;
	unsigned long consumers;
	bool is_wrong;
};

/* The producers of a channel.  Return: values that they have published. */
static uint64_t
count_producers(weir_channel *ch, const char *channel, struct totals *t)
{
	weir_producer_info p = {.size = sizeof(p)};
	uint64_t published = 0;

	while (weir_producer_next(ch, &p) == 1) {
		demo_say("%-17s  %-22s  %6" PRIu64 " published  %6" PRIu64
			 " refused",
			 channel, p.id, p.records, p.refused);
		published += p.records;
		t->refused += p.refused;
		/* what a job said last stays, for who comes late */
		if (p.has_value && strcmp(channel, WEIR_BRIDGE_FROM) != 0) {
			demo_say("wrong: its value was not withdrawn");
			t->is_wrong = true;
		}
	}
	t->published += published;
	return published;
}

/* The consumers of a channel.  All records that came after the first one
 * must have arrived; for who was there from the start that is all. */
static void
count_consumers(const char *report, const weir_channel_info *ch,
		uint64_t published, struct totals *t)
{
	uint64_t first, values, clears, delivered, lost;
	char id[WEIR_ID_MAX + 1], channel[WEIR_CHANNEL_NAME_MAX + 1];
	FILE *f = fopen(report, "re");

	while (f && fscanf(f,
			   "%128s %128s %" SCNu64 " %" SCNu64 " %" SCNu64
			   " %" SCNu64 " %" SCNu64,
			   id, channel, &first, &values, &clears, &delivered,
			   &lost) == 7) {
		if (strcmp(channel, ch->name) != 0)
			continue;
		demo_say("%-17s  %-22s  %6" PRIu64 " delivered  %6" PRIu64
			 " lost%s",
			 channel, id, values, lost,
			 first > 1 ? "  (came later)" : "");
		if (lost != 0 || delivered != values + clears ||
		    delivered != ch->newest_seq + 1 - first ||
		    (first == 1 && values != published)) {
			demo_say("wrong: records 1 to %" PRIu64
				 " exist, from %" PRIu64 " on it got %" PRIu64
				 " values and %" PRIu64 " clears",
				 ch->newest_seq, first, values, clears);
			t->is_wrong = true;
		}
		t->delivered += values;
		t->lost += lost;
		t->consumers++;
	}
	if (f)
		fclose(f);
}

int
main(int argc, char **argv)
{
	weir_store_opts look = {.size = sizeof(look), .flags = WEIR_READ_ONLY};
	weir_channel_info info = {.size = sizeof(info)};
	struct totals t = {.is_wrong = false};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_diag diag = {0};
	int rc;

	if (argc != 5)
		return 2;
	demo_begin("summary", NULL);
	rc = weir_store_open(argv[1], &look, &store, &diag);
	if (rc < 0)
		return demo_fail("cannot look at the store", rc, &diag);
	while (weir_channel_next(store, &info) == 1) {
		uint64_t published;

		rc = weir_channel_open(store, info.name, NULL, &ch, &diag);
		if (rc < 0)
			return demo_fail(info.name, rc, &diag);
		published = count_producers(ch, info.name, &t);
		count_consumers(argv[2], &info, published, &t);
		t.is_wrong |= published == 0;
		weir_channel_close(ch);
	}
	weir_store_close(store);

	demo_say("records: %" PRIu64 " published, %" PRIu64
		 " delivered, %" PRIu64 " lost, %" PRIu64 " refused",
		 t.published, t.delivered, t.lost, t.refused);
	if (t.is_wrong || t.consumers != strtoul(argv[3], NULL, 10) ||
	    t.refused != strtoul(argv[4], NULL, 10)) {
		demo_say("wrong: expected %s consumers, none of which lost a "
			 "record, and %s refused",
			 argv[3], argv[4]);
		return 1;
	}
	return 0;
}
