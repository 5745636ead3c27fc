/* SPDX-License-Identifier: BSD-2-Clause
 *
 * welcome.c - a fixed value: published once, at start-up, for everybody who
 * comes later.
 *
 *     welcome STORE
 *
 * It stands for as long as this process does.  Others publish on the same
 * channel: while they do, theirs are newer; when they clear, this one is the
 * current value again.
 */
#include <weir.h>

#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../common/demo.h"

int
main(int argc, char **argv)
{
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	struct utsname host;
	char text[1024];
	int64_t rc;
	int len;

	if (argc != 2)
		return 2;
	demo_begin("welcome", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "paragraph-content", NULL, &ch,
				    &diag)) < 0 ||
	    (rc = weir_producer_open(ch, "welcome-text", NULL, &p, &diag)) < 0)
		return demo_fail("cannot register", rc, &diag);

	uname(&host);
	len = snprintf(text, sizeof(text),
		       "{\"title\":\"Welcome\",\"content\":\"This is **%s**: "
		       "%s %s, %ld processors.\",\"markdown\":true}",
		       host.nodename, host.sysname, host.release,
		       sysconf(_SC_NPROCESSORS_ONLN));
	rc = weir_publish_json(p, text, (size_t)len, &diag);
	if (rc < 0)
		return demo_fail("publish", rc, &diag);
	demo_say("published once on paragraph-content, as welcome-text");
	while (demo_sleep(3600 * DEMO_S))
		;

	rc = weir_clear(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
