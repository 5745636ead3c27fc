/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_space.c - memory and places run out.
 *
 * In a tmpfs of 1 MiB, each call that takes memory is made with every number
 * of free pages from none to enough: it fails with the two numbers and has
 * changed nothing, or works; what works then goes on with no page left.
 */
#include "room.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/ns.h"
#include "support/procs.h"

#define SIZE "size=1m"
#define CH_OPTS(...)                                                           \
	(weir_channel_opts)                                                    \
	{                                                                      \
		.size = sizeof(weir_channel_opts), __VA_ARGS__                 \
	}

/* Run @fn(me, dir) in a child; it makes its tmpfs there. */
static void
in_room(int (*fn)(struct proc *me, void *dir))
{
	char dir[] = "/tmp/weir-test-XXXXXX";

	ns_try_tmpfs(dir, fn, dir);
}

static weir_store_opts
store_opts(const struct room *r, uint32_t flags)
{
	return (weir_store_opts){
	    .size = sizeof(weir_store_opts), .flags = flags, .dir = r->dir};
}

static weir_store *
store_in(const struct room *r)
{
	weir_store_opts o = store_opts(r, WEIR_CREATE);
	weir_store *st = NULL;

	proc_check(weir_store_open("s", &o, &st, NULL) == 0);
	return st;
}

/* ---- a store ----------------------------------------------------------------
 */

/* With every number of free pages up to one more than it needs. */
static void
make_stores(struct room *r, uint32_t channels, uint32_t participants)
{
	weir_store_opts o = store_opts(r, WEIR_CREATE);
	struct room_view before, after;
	weir_store_info info = {.size = sizeof(info)};
	uint64_t need;
	weir_store *st;
	weir_diag diag;

	o.max_channels = channels;
	o.max_participants = participants;
	room_leave(r, ROOM_ALL);
	proc_check(weir_store_open("s", &o, &st, NULL) == 0);
	proc_check(weir_store_stat(st, &info) == 0);
	weir_store_close(st);
	proc_check(weir_store_destroy("s", &o, NULL) == 0);
	need = info.real_bytes / ROOM_PAGE;
	proc_check(need > 0 && info.used_bytes == info.real_bytes);
	for (uint64_t k = 0; k <= need + 1; k++) {
		room_leave(r, k);
		before = room_view(r, NULL);
		if (k < need) {
			proc_check(weir_store_open("s", &o, &st, &diag) ==
				   -ENOSPC);
			proc_check(!st &&
				   room_says(&diag, -ENOSPC, need * ROOM_PAGE,
					     k * ROOM_PAGE));
		} else {
			proc_check(weir_store_open("s", &o, &st, &diag) == 0);
			proc_check(room_free(r) == k - need);
			weir_store_close(st);
			proc_check(weir_store_destroy("s", &o, NULL) == 0);
		}
		after = room_view(r, NULL);
		proc_check(room_same(&before, &after));
	}
	t_log("store of %u channels, %u participants: %" PRIu64 " pages\n",
	      channels, participants, need);
}

static int
stores(struct proc *me, void *dir)
{
	struct room r;

	(void)me;
	if (room_enter(&r, dir, SIZE) != 0)
		return 77;
	make_stores(&r, 1, 2);
	make_stores(&r, 256, 128);
	make_stores(&r, 1000, 1024);
	return 0;
}

static void
space_for_a_store(void)
{
	in_room(stores);
}

/* ---- a channel
 * -------------------------------------------------------------- */

#define SCHEMA                                                                 \
	"{\"type\":[\"string\",\"integer\"],\"maxLength\":4000,\"title\":"     \
	"\"something to fill the page with, as descriptions do\"}"

static const weir_channel_opts configs[] = {
    {.capacity = 2,
     .max_producers = 1,
     .max_consumers = 1,
     .max_record = 64,
     .lane_bytes = 512},
    {.capacity = 16, .max_producers = 4, .lane_bytes = 4096},
    {.capacity = 16, .max_producers = 3, .lane_bytes = 8192, .schema = SCHEMA},
    {.capacity = 64, .producers = WEIR_EXCLUSIVE, .lane_bytes = 16384},
    {.capacity = 32,
     .producers = WEIR_EXCLUSIVE,
     .overflow = WEIR_BLOCK,
     .inline_bytes = 1008,
     .lane_bytes = 16384},
    {.capacity = 16,
     .overflow = WEIR_BLOCK,
     .max_producers = 8,
     .lane_bytes = 16384,
     .max_consumers = 100},
};
#define CONFIG_CNT (sizeof(configs) / sizeof(*configs))

/* Every byte of the channel is used, by all who have a place in it, while
 * there is not a page left.  Every page that is touched without being there
 * would be a SIGBUS. */
static void
use_up(weir_store *st, const weir_channel_opts *o)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_channel *ch = NULL;
	weir_producer *p[8] = {NULL};
	weir_consumer *c[100] = {NULL};
	weir_record rec;
	uint8_t buf[4096];
	char id[16];
	uint32_t len;

	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_channel_stat(ch, &info) == 0);
	for (uint32_t i = 0; i < info.max_consumers; i++) {
		weir_consumer_opts co = {
		    .size = sizeof(co),
		    .flags =
			i == 0 && o->overflow == WEIR_BLOCK ? WEIR_GATE : 0};

		snprintf(id, sizeof(id), "c%u", i);
		proc_check(weir_consumer_open(ch, id, &co, &c[i], NULL) == 0);
	}
	for (uint32_t i = 0; i < info.max_producers; i++) {
		snprintf(id, sizeof(id), "p%u", i);
		proc_check(weir_producer_open(ch, id, NULL, &p[i], NULL) == 0);
	}
	len = info.max_record < 4000 ? info.max_record : 4000;
	memset(buf, 'x', sizeof(buf));
	buf[0] = 0xda; /* str 16 */
	for (uint32_t n = 0; n < 3 * info.capacity + 8; n++) {
		uint32_t size = n % 3 == 0 ? 5 : n % 3 == 1 ? len : len / 2;

		buf[1] = (uint8_t)((size - 3) >> 8);
		buf[2] = (uint8_t)(size - 3);
		proc_check(weir_publish(p[n % info.max_producers], buf, size,
					NULL) == (int64_t)n + 1);
		/* the one that gates, and the one that is overtaken */
		proc_check(weir_read(c[0], &rec, 1, 0) == 1 &&
			   rec.seq == n + 1 && rec.len == size);
	}
	for (uint32_t i = 1; i < info.max_consumers; i++)
		proc_check(weir_read(c[i], &rec, 1, 0) == 1 && rec.len > 0);
	for (uint32_t i = 0; i < info.max_producers; i++)
		proc_check(weir_clear(p[i]) > 0);
	proc_check(weir_current(ch, NULL, buf, sizeof(buf), &rec) == -ENOENT);
	weir_channel_close(ch);
}

/* The channel "c" with every number of free pages up to one more than it
 * needs. */
static void
make_channels(struct room *r, weir_store *st, const weir_channel_opts *config)
{
	weir_channel_opts o = *config;
	struct room_view before, after;
	uint64_t need;
	weir_channel *ch;
	weir_diag diag;

	o.size = sizeof(o);
	need = (uint64_t)weir_channel_footprint(&o, NULL) / ROOM_PAGE;
	for (uint64_t k = 0; k <= need + 1; k++) {
		room_leave(r, k);
		before = room_view(r, st);
		if (k < need) {
			proc_check(weir_channel_open(st, "c", &o, &ch, &diag) ==
				   -ENOSPC);
			proc_check(!ch &&
				   room_says(&diag, -ENOSPC, need * ROOM_PAGE,
					     k * ROOM_PAGE));
			proc_check(weir_channel_open(st, "c", NULL, &ch,
						     NULL) == -ENOENT);
		} else {
			proc_check(weir_channel_open(st, "c", &o, &ch, &diag) ==
				   0);
			proc_check(room_free(r) == k - need);
			room_leave(r, 0);
			use_up(st, &o);
			weir_channel_close(ch);
			proc_check(room_free(r) == 0);
			proc_check(weir_channel_remove(st, "c", NULL) == 0);
			room_leave(r, k);
		}
		after = room_view(r, st);
		proc_check(room_same(&before, &after));
	}
	t_log("channel: %" PRIu64 " pages\n", need);
}

static int
channels(struct proc *me, void *dir)
{
	weir_store *st;
	struct room r;

	(void)me;
	if (room_enter(&r, dir, SIZE) != 0)
		return 77;
	st = store_in(&r);
	for (size_t i = 0; i < CONFIG_CNT; i++)
		make_channels(&r, st, &configs[i]);
	weir_store_close(st);
	return 0;
}

static void
space_for_a_channel(void)
{
	in_room(channels);
}

/* ---- nothing else takes any
 * ------------------------------------------------- */

/* With a full file system others come and go, look, wait, end. */
static int
others(struct proc *me, void *dir)
{
	weir_channel_opts co = CH_OPTS(.capacity = 16, .lane_bytes = 8192);
	weir_store_opts o = {.size = sizeof(o), .max_participants = 8};
	weir_store *st = NULL, *more[8] = {NULL};
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_consumer *c = NULL;
	weir_consumer_opts from_now = {.size = sizeof(from_now),
				       .from = WEIR_FROM_NEW};
	struct room_view before, after;
	weir_record rec;
	weir_diag diag;
	struct room r;
	struct stat sb;
	char path[128];
	int fd;

	(void)me;
	if (room_enter(&r, dir, SIZE) != 0)
		return 77;
	o.dir = dir;
	o.flags = WEIR_CREATE;
	proc_check(weir_store_open("s", &o, &st, NULL) == 0);
	proc_check(weir_channel_open(st, "c", &co, &ch, NULL) == 0);
	room_leave(&r, 0);
	o.flags = 0;
	for (int i = 0; i < 7; i++)
		proc_check(weir_store_open("s", &o, &more[i], NULL) == 0);
	proc_check(weir_store_open("s", &o, &more[7], &diag) == WEIR_EFULL &&
		   strstr(diag.message, "8 places"));
	o.flags = WEIR_READ_ONLY;
	proc_check(weir_store_open("s", &o, &more[7], NULL) == 0);
	before = room_view(&r, st);
	for (int i = 0; i < 8; i++) {
		weir_channel *mine = NULL;

		proc_check(weir_channel_open(more[i], "c", NULL, &mine, NULL) ==
			   0);
		proc_check(
		    weir_consumer_open(mine, NULL, &from_now, &c, NULL) == 0);
		proc_check(weir_fd(c) >= 0);
		proc_check(weir_read(c, &rec, 1, 2000000) == -EAGAIN);
		weir_consumer_close(c);
		if (i < 7) {
			proc_check(
			    weir_producer_open(mine, "p", NULL, &p, NULL) == 0);
			proc_check(weir_publish(p, "\1", 1, NULL) == i + 1);
			weir_producer_close(p);
		}
	}
	after = room_view(&r, st);
	before.members = after.members; /* 7 records more */
	proc_check(room_same(&before, &after));
	/* no channel, and no second store, but both can go */
	proc_check(weir_channel_open(st, "d", &co, &ch, &diag) == -ENOSPC);
	o.flags = WEIR_CREATE;
	proc_check(weir_store_open("t", &o, &st, &diag) == -ENOSPC);
	for (int i = 0; i < 8; i++)
		weir_store_close(more[i]);
	/* looking at a file of holes that is no store takes nothing either */
	snprintf(path, sizeof(path), "%s/weir.holes", (char *)dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	proc_check(fd >= 0 && ftruncate(fd, 1 << 20) == 0);
	o.flags = 0;
	proc_check(weir_store_open("holes", &o, &st, NULL) == WEIR_ENOTSTORE);
	o.flags = WEIR_READ_ONLY;
	proc_check(weir_store_open("holes", &o, &st, NULL) == WEIR_ENOTSTORE);
	proc_check(fstat(fd, &sb) == 0 && sb.st_blocks == 0);
	close(fd);
	proc_check(weir_store_destroy("s", &o, NULL) == 0);
	return 0;
}

static void
space_is_not_needed_by_others(void)
{
	in_room(others);
}

/* ---- max_bytes
 * -------------------------------------------------------------- */

/* The store's own size is the limit: with every number of pages left up to
 * one more than enough. */
static int
limits(struct proc *me, void *dir)
{
	weir_channel_opts small = CH_OPTS(.capacity = 2, .max_producers = 1,
					  .max_consumers = 1, .max_record = 64,
					  .lane_bytes = 512),
			  o = CH_OPTS(.capacity = 16, .lane_bytes = 8192);
	weir_store_opts so = {.size = sizeof(so), .flags = WEIR_CREATE};
	uint64_t step = (uint64_t)weir_channel_footprint(&small, NULL);
	uint64_t need = (uint64_t)weir_channel_footprint(&o, NULL), left;
	weir_store_info info = {.size = sizeof(info)};
	struct room_view before, after;
	weir_store *st = NULL;
	weir_channel *ch;
	weir_diag diag;
	struct room r;
	char name[16];
	int n = 0, rc;

	(void)me;
	if (room_enter(&r, dir, "size=4m") != 0)
		return 77;
	so.dir = dir;
	so.max_bytes = 1 << 20;
	proc_check(weir_store_open("s", &so, &st, NULL) == 0);
	for (;;) {
		proc_check(weir_store_stat(st, &info) == 0);
		left = info.max_bytes - info.used_bytes;
		before = room_view(&r, st);
		rc = weir_channel_open(st, "big", &o, &ch, &diag);
		if (left < need) {
			proc_check(rc == -ENOSPC && !ch);
			proc_check(room_says(&diag, -ENOSPC, need, left) ||
				   strstr(diag.message, "one piece"));
		} else {
			proc_check(rc == 0);
			weir_channel_close(ch);
			proc_check(weir_channel_remove(st, "big", NULL) == 0);
		}
		after = room_view(&r, st);
		proc_check(room_same(&before, &after));
		snprintf(name, sizeof(name), "%d", n++);
		rc = weir_channel_open(st, name, &small, &ch, &diag);
		if (left < step)
			break;
		proc_check(rc == 0);
		weir_channel_close(ch);
	}
	proc_check(rc == -ENOSPC);
	/* every second one goes: enough in all, but in pieces */
	for (int i = 0; i < n - 1; i += 2) {
		snprintf(name, sizeof(name), "%d", i);
		proc_check(weir_channel_remove(st, name, NULL) == 0);
	}
	proc_check(weir_store_stat(st, &info) == 0);
	left = info.max_bytes - info.used_bytes;
	proc_check(left > need && need > step);
	proc_check(weir_channel_open(st, "big", &o, &ch, &diag) == -ENOSPC);
	proc_check(strstr(diag.message, "in one piece"));
	snprintf(name, sizeof(name), "%" PRIu64 " free of", left);
	proc_check(strstr(diag.message, name));
	weir_store_close(st);
	t_log("%d channels of %" PRIu64 " bytes\n", n - 1, step);
	return 0;
}

static void
space_in_the_store_itself(void)
{
	in_room(limits);
}

/* ---- tables
 * ----------------------------------------------------------------- */

/* Room for three of each. */
static int
tables(struct proc *me, void *dir)
{
	weir_store_opts so = {.size = sizeof(so),
			      .flags = WEIR_CREATE,
			      .max_channels = 3,
			      .max_participants = 3};
	weir_channel_opts o = CH_OPTS(.capacity = 4, .max_producers = 3,
				      .max_consumers = 3, .lane_bytes = 4096);
	weir_store *st[4] = {NULL};
	weir_channel *ch[4] = {NULL};
	weir_producer *p[4] = {NULL};
	weir_consumer *c[4] = {NULL};
	struct room_view before, after;
	struct room r;
	weir_diag diag;
	char id[] = "0";

	(void)me;
	if (room_enter(&r, dir, SIZE) != 0)
		return 77;
	so.dir = dir;
	for (int i = 0; i < 3; i++, id[0]++) {
		proc_check(weir_store_open("s", &so, &st[i], &diag) == 0);
		proc_check(weir_channel_open(st[0], id, &o, &ch[i], &diag) ==
			   0);
		proc_check(weir_producer_open(ch[0], id, NULL, &p[i], &diag) ==
			   0);
		proc_check(weir_consumer_open(ch[0], id, NULL, &c[i], &diag) ==
			   0);
	}
	before = room_view(&r, st[0]);
	proc_check(weir_store_open("s", &so, &st[3], &diag) == WEIR_EFULL);
	proc_check(strstr(diag.message, "all 3 places for participants"));
	proc_check(weir_channel_open(st[0], id, &o, &ch[3], &diag) ==
		   WEIR_EFULL);
	proc_check(strstr(diag.message, "room for 3 channels"));
	proc_check(weir_producer_open(ch[0], id, NULL, &p[3], &diag) ==
		   WEIR_EFULL);
	proc_check(strstr(diag.message, "all 3 places for producers"));
	proc_check(weir_consumer_open(ch[0], id, NULL, &c[3], &diag) ==
		   WEIR_EFULL);
	proc_check(strstr(diag.message, "all 3 places for consumers"));
	proc_check(!st[3] && !ch[3] && !p[3] && !c[3]);
	after = room_view(&r, st[0]);
	proc_check(room_same(&before, &after));
	/* one leaves, one comes */
	weir_consumer_close(c[0]);
	weir_producer_close(p[0]);
	weir_channel_close(ch[2]);
	proc_check(weir_channel_remove(st[0], "2", NULL) == 0);
	weir_store_close(st[2]);
	proc_check(weir_store_open("s", &so, &st[3], &diag) == 0);
	proc_check(weir_channel_open(st[0], id, &o, &ch[3], &diag) == 0);
	proc_check(weir_producer_open(ch[0], id, NULL, &p[3], &diag) == 0);
	proc_check(weir_consumer_open(ch[0], id, NULL, &c[3], &diag) == 0);
	weir_store_close(st[3]);
	weir_store_close(st[1]);
	weir_store_close(st[0]);
	return 0;
}

static void
space_in_tables(void)
{
	in_room(tables);
}

SUITE("space", TEST(space_for_a_store), TEST(space_for_a_channel),
      TEST(space_is_not_needed_by_others), TEST(space_in_the_store_itself),
      TEST(space_in_tables));
