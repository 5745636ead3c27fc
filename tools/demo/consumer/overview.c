/* SPDX-License-Identifier: BSD-2-Clause
 *
 * overview.c - a consumer of four channels: it is given the current value of each
 * at once, if there is one, and then what is new, through one handler.  A display
 * consumes, and has no producer.
 *
 *     overview STORE
 *
 * It counts what it is given, so that the demo can tell whether that was all.
 */
#include <weir.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../common/demo.h"

#define CHANNELS 4

static const char *const names[CHANNELS] = {"metric-data", "table-data",
					    "chart-data", "paragraph-content"};
static weir_consumer *consumers[CHANNELS];

struct overview {
	struct demo_count counts[CHANNELS];
	int64_t opened_ns;
};

static void
on_stop(void)
{
	weir_interrupt(consumers[0]);
}

/* A weir_handler. */
static int
on_record(weir_consumer *c, const weir_record *rec, void *arg)
{
	struct overview *o = arg;
	char text[72];
	int i = 0;

	while (consumers[i] != c)
		i++;
	demo_count(&o->counts[i], rec);
	if (rec->kind == WEIR_NONE) {
		demo_say("%s: no value yet", names[i]);
	} else if (rec->kind == WEIR_CLEAR) {
		demo_say("%s: %s has withdrawn its value", names[i],
			 rec->producer);
	} else if (rec->flags & WEIR_CURRENT) {
		if (weir_record_json(rec, text, sizeof(text)) >=
		    (int64_t)sizeof(text))
			strcpy(text + sizeof(text) - 4, "...");
		demo_say("%s, value at once (%.1f ms), seq %" PRIu64 " of %s",
			 names[i],
			 (double)(demo_now_ns() - o->opened_ns) / DEMO_MS,
			 rec->seq, rec->producer);
		demo_say("  %s", text);
	}
	/* what comes later is counted and not shown: others do that */
	return 0;
}

int
main(int argc, char **argv)
{
	struct overview o = {.opened_ns = 0};
	weir_channel *chs[CHANNELS] = {NULL};
	weir_store *store = NULL;
	weir_diag diag = {0};
	int rc;

	if (argc != 2)
		return 2;
	demo_begin("overview", on_stop);
	rc = weir_store_open(argv[1], NULL, &store, &diag);
	o.opened_ns = demo_now_ns();
	for (int i = 0; i < CHANNELS && rc == 0; i++) {
		rc = weir_channel_open(store, names[i], NULL, &chs[i], &diag);
		if (rc == 0)
			rc = weir_consumer_open(chs[i], "overview", NULL,
						&consumers[i], &diag);
	}
	if (rc < 0)
		return demo_fail("cannot register", rc, &diag);

	rc = weir_dispatch(consumers, CHANNELS, on_record, &o, 0);
	while (rc >= 0 || rc == -EINTR)
		rc = weir_dispatch(consumers, CHANNELS, on_record, &o,
				   demo_stop ? 0 : -1);
	if (rc != -EAGAIN)
		return demo_fail("dispatch", rc, NULL);

	for (int i = 0; i < CHANNELS; i++) {
		demo_report(consumers[i], names[i], &o.counts[i]);
		weir_consumer_close(consumers[i]);
		weir_channel_close(chs[i]);
	}
	weir_store_close(store);
	return 0;
}
