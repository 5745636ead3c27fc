/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_text.c - a consumer of paragraph-content: each paragraph, the moment
 * it is published.
 *
 *     show_text STORE
 */
#include <weir.h>

#include <errno.h>

#include "../common/demo.h"

static weir_consumer *panel;

static void
on_stop(void)
{
	weir_interrupt(panel);
}

static void
show(const weir_record *rec)
{
	char title[128], content[512];

	if (rec->kind == WEIR_CLEAR) {
		demo_say("%s has withdrawn its paragraph", rec->producer);
		return;
	}
	demo_say("## %s", demo_text(rec, "/title", title, sizeof(title)));
	demo_say("%s", demo_text(rec, "/content", content, sizeof(content)));
}

int
main(int argc, char **argv)
{
	struct demo_count count = {0};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_diag diag = {0};
	weir_record rec;
	int rc;

	if (argc != 2)
		return 2;
	demo_begin("paragraph", on_stop);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "paragraph-content", NULL, &ch,
				    &diag)) < 0 ||
	    (rc = weir_consumer_open(ch, "paragraph-panel", NULL, &panel,
				     &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);

	while ((rc = weir_read(panel, &rec, 1, demo_stop ? 0 : -1)) > 0 ||
	       rc == -EINTR) {
		if (rc < 0)
			continue;
		demo_count(&count, &rec);
		show(&rec);
	}
	if (rc != -EAGAIN)
		return demo_fail("read", rc, NULL);

	demo_report(panel, "paragraph-content", &count);
	weir_consumer_close(panel);
	weir_channel_close(ch);
	weir_store_close(store);
	return 0;
}
