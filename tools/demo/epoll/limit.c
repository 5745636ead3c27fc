/* SPDX-License-Identifier: BSD-2-Clause
 *
 * limit.c - weir in an event loop: a service that waits with epoll for a
 * channel and for signals, as it would for its sockets, and says on
 * paragraph-content while a figure of metric-data is over a limit.
 *
 *     limit STORE LABEL LIMIT
 *
 * It consumes one channel and publishes on another: it is where the new fact,
 * "over the limit", originates.  When that is over, it clears.
 */
#include <weir.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../common/demo.h"

struct limit {
	const char *label;
	double value;
	bool is_over; /* and said to be */
	weir_producer *p;
};

static int64_t
set_over(struct limit *l, double value, weir_diag *diag)
{
	char text[512];
	int len;

	if (!(value > l->value)) {
		l->is_over = false;
		return weir_clear(l->p);
	}
	l->is_over = true;
	len =
	    snprintf(text, sizeof(text),
		     "{\"title\":\"Over the limit\",\"content\":\"%s is %.1f, "
		     "over %.1f.\"}",
		     l->label, value, l->value);
	return weir_publish_json(l->p, text, (size_t)len, diag);
}

/* Takes what is there, until there is nothing: that arms the descriptor
 * again. */
static int64_t
take(struct limit *l, weir_consumer *c, weir_diag *diag)
{
	weir_record recs[16];
	char label[64];
	int64_t rc = 0;
	double value;
	int n;

	while ((n = weir_read(c, recs, 16, 0)) > 0) {
		for (int i = 0; i < n && rc >= 0; i++) {
			demo_text(&recs[i], "/label", label, sizeof(label));
			value = demo_number(&recs[i], "/value");
			if (strcmp(label, l->label) == 0 &&
			    (value > l->value) != l->is_over)
				rc = set_over(l, value, diag);
			/* who measured has gone: nobody knows any more */
			if (recs[i].kind == WEIR_CLEAR && l->is_over)
				rc = set_over(l, 0, diag);
		}
		if (rc < 0)
			return rc;
	}
	return n == -EAGAIN ? 0 : n;
}

static bool
watch(int loop, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data = {.fd = fd}};

	return fd >= 0 && epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Signals are blocked, and come as something to read. */
static int
signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
main(int argc, char **argv)
{
	struct limit l = {.is_over = false};
	weir_channel *from = NULL, *to = NULL;
	weir_store *store = NULL;
	weir_consumer *c = NULL;
	struct epoll_event e;
	weir_diag diag = {0};
	int loop, stop;
	int64_t rc;

	if (argc != 4)
		return 2;
	l.label = argv[2];
	l.value = strtod(argv[3], NULL);
	demo_begin("limit", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "metric-data", NULL, &from, &diag)) <
		0 ||
	    (rc = weir_channel_open(store, "paragraph-content", NULL, &to,
				    &diag)) < 0 ||
	    (rc = weir_producer_open(to, "limit-service", NULL, &l.p, &diag)) <
		0 ||
	    (rc = weir_consumer_open(from, "limit-service", NULL, &c, &diag)) <
		0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("waits for %s over %.1f", l.label, l.value);

	loop = epoll_create1(EPOLL_CLOEXEC);
	stop = signals();
	if (loop < 0 || !watch(loop, weir_fd(c)) || !watch(loop, stop))
		return demo_fail("epoll", -errno, NULL);
	while (rc >= 0) {
		if (epoll_wait(loop, &e, 1, -1) < 1)
			continue;
		if (e.data.fd == stop)
			break;
		rc = take(&l, c, &diag);
	}
	if (rc < 0)
		return demo_fail("take", rc, &diag);

	if (l.is_over)
		rc = weir_clear(l.p);
	close(stop);
	close(loop);
	weir_consumer_close(c);
	weir_producer_close(l.p);
	weir_channel_close(from);
	weir_channel_close(to);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
