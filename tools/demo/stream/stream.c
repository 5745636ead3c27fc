/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stream.c - readings come in over TCP, and with each the last sixty go to
 * chart-data.
 *
 *     stream STORE PORT-FILE
 *
 * For a source that cannot publish itself, the producer is whoever reads
 * its socket.  It registers before the first reading is there, so that all
 * can see who will publish.  What comes from a socket may be anything: the
 * parser takes what is a reading, and the schema sees to the rest.
 */
#include <weir/msgpack.h>
#include <weir.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/demo.h"

#define WINDOW 60

struct window {
	uint64_t switches[WINDOW], late_us[WINDOW];
	uint64_t cnt; /* readings so far; the newest is at cnt - 1 */
};

/* "SWITCHES MICROSECONDS" */
static bool
add(struct window *w, const char *line)
{
	uint64_t value[2];
	char *end;

	for (int i = 0; i < 2; i++) {
		if (!isdigit((unsigned char)*line))
			return false;
		value[i] = strtoull(line, &end, 10);
		if (*end != (i == 0 ? ' ' : '\0'))
			return false;
		line = end + 1;
	}
	w->switches[w->cnt % WINDOW] = value[0];
	w->late_us[w->cnt % WINDOW] = value[1];
	w->cnt++;
	return true;
}

static void
pack_text(msgpack_packer *pk, const char *text)
{
	msgpack_pack_str_with_body(pk, text, strlen(text));
}

static void
pack_series(msgpack_packer *pk, const char *name, const uint64_t *ring,
	    uint64_t cnt)
{
	uint64_t n = cnt < WINDOW ? cnt : WINDOW;

	msgpack_pack_map(pk, 2);
	pack_text(pk, "name");
	pack_text(pk, name);
	pack_text(pk, "points");
	msgpack_pack_array(pk, n);
	for (uint64_t i = cnt - n; i < cnt; i++)
		msgpack_pack_uint64(pk, ring[i % WINDOW]);
}

static int64_t
publish(weir_producer *p, const struct window *w, weir_diag *diag)
{
	msgpack_packer pk;
	int64_t rc = weir_pack(p, &pk);

	if (rc < 0)
		return rc;
	msgpack_pack_map(&pk, 2);
	pack_text(&pk, "title");
	pack_text(&pk, "Scheduler, every 20 ms");
	pack_text(&pk, "series");
	msgpack_pack_array(&pk, 2);
	pack_series(&pk, "task switches", w->switches, w->cnt);
	pack_series(&pk, "wake-up late, us", w->late_us, w->cnt);
	rc = weir_commit_appended(p, diag);
	if (rc < 0)
		weir_abort(p);
	return rc;
}

/* A socket on a free port of the loopback device; the number goes to a file
 * for whoever wants to connect. */
static int
listen_on(const char *port_file)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *f;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return -errno;
	f = fopen(port_file, "we");
	if (!f)
		return -errno;
	fprintf(f, "%d\n", ntohs(at.sin_port));
	return fclose(f) == 0 ? fd : -errno;
}

int
main(int argc, char **argv)
{
	static struct demo_lines in;
	static struct window w;
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_diag diag = {0};
	char line[64];
	int64_t rc;
	int fd;

	if (argc != 3)
		return 2;
	demo_begin("stream", NULL);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "chart-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_producer_open(ch, "sensor-gateway", NULL, &p, &diag)) <
		0)
		return demo_fail("cannot register", rc, &diag);
	demo_say("registered on chart-data as sensor-gateway");

	fd = listen_on(argv[2]);
	if (fd < 0)
		return demo_fail("cannot listen", fd, NULL);
	in.fd = demo_readable(fd) ? accept4(fd, NULL, NULL, SOCK_CLOEXEC) : -1;
	while (in.fd >= 0 && demo_line(&in, line, sizeof(line))) {
		if (!add(&w, line)) {
			demo_say("not a reading: \"%s\"", line);
			continue;
		}
		rc = publish(p, &w, &diag);
		if (rc < 0)
			return demo_fail("publish", rc, &diag);
	}
	demo_say("the stream has ended after %llu readings",
		 (unsigned long long)w.cnt);

	rc = weir_clear(p);
	weir_producer_close(p);
	weir_channel_close(ch);
	weir_store_close(store);
	return rc < 0 ? demo_fail("clear", rc, NULL) : 0;
}
