/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_metric.c - a consumer of metric-data: each figure with its change.
 *
 *     show_metric STORE
 */
#include <weir.h>

#include <errno.h>
#include <string.h>

#include "common/demo.h"

static weir_consumer *panel;

static void
on_stop(void)
{
	weir_interrupt(panel);
}

static void
show(const weir_record *rec)
{
	char label[64], type[16];
	double value = demo_number(rec, "/value");
	double change = demo_number(rec, "/change");

	if (rec->kind == WEIR_CLEAR) {
		demo_say("%s has withdrawn its figure", rec->producer);
		return;
	}
	demo_text(rec, "/label", label, sizeof(label));
	demo_text(rec, "/changeType", type, sizeof(type));
	demo_say("%-12s %9.1f  %s %+.1f", label, value,
		 strcmp(type, "increase") == 0	 ? "▲"
		 : strcmp(type, "decrease") == 0 ? "▼"
						 : "=",
		 change);
}

int
main(int argc, char **argv)
{
	struct demo_count count = {0};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_record recs[16];
	weir_diag diag = {0};
	int rc;

	if (argc != 2)
		return 2;
	demo_begin("metric", on_stop);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "metric-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_consumer_open(ch, "metric-panel", NULL, &panel, &diag)) <
		0)
		return demo_fail("cannot register", rc, &diag);

	/* asked to stop: what has been published until then is still shown */
	while ((rc = weir_read(panel, recs, 16, demo_stop ? 0 : -1)) > 0 ||
	       rc == -EINTR) {
		for (int i = 0; i < rc; i++) {
			demo_count(&count, &recs[i]);
			show(&recs[i]);
		}
	}
	if (rc != -EAGAIN)
		return demo_fail("read", rc, NULL);

	demo_report(panel, "metric-data", &count);
	weir_consumer_close(panel);
	weir_channel_close(ch);
	weir_store_close(store);
	return 0;
}
