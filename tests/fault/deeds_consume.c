/* SPDX-License-Identifier: BSD-2-Clause
 *
 * deeds_consume.c - deeds of consumers.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "fault/deed.h"

#define MS   INT64_C(1000000)
#define LONG (20000 * MS)
#define MANY 70 /* more than one wait can name */

static int
have_channel(struct actor *a, enum scene_channel i)
{
	return weir_channel_open(a->st, scene_name[i], NULL, &a->ch, &a->diag);
}

static int
open_on(struct actor *a, const char *id, uint32_t flags, weir_consumer **c)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = flags,
				.from = WEIR_FROM_NEW,
				.spin_ns = -1};

	return weir_consumer_open(a->ch, id, &o, c, &a->diag);
}

static int
have_consumer(struct actor *a, enum scene_channel i)
{
	return have_channel(a, i) != 0 ||
		       open_on(a, "actor", 0, &a->many[0]) != 0
		   ? -1
		   : 0;
}

static int
have_cnt(struct actor *a, int cnt)
{
	char id[24];

	if (have_consumer(a, SHARED) != 0)
		return -1;
	for (int i = 1; i < cnt; i++) {
		snprintf(id, sizeof(id), "actor%d", i);
		if (open_on(a, id, 0, &a->many[i]) != 0)
			return -1;
	}
	return 0;
}

/* ---- open and close ---------------------------------------------------- */

static int
have_shared(struct actor *a)
{
	return have_channel(a, SHARED);
}

static int
have_blocking(struct actor *a)
{
	return have_channel(a, BLOCKING);
}

static int64_t
open_checking(struct actor *a)
{
	return open_on(a, "actor", WEIR_CHECK, &a->c);
}

static int64_t
open_gating(struct actor *a)
{
	return open_on(a, "actor", WEIR_GATE, &a->c);
}

static void
close_it(struct actor *a)
{
	weir_consumer_close(a->c);
}

static int
have_gating(struct actor *a)
{
	return have_channel(a, BLOCKING) != 0 ||
		       open_on(a, "actor", WEIR_GATE, &a->c) != 0
		   ? -1
		   : 0;
}

static int64_t
close_gating(struct actor *a)
{
	weir_consumer_close(a->c);
	return 0;
}

/* ---- read -------------------------------------------------------------- */

static int
have_one(struct actor *a)
{
	return have_consumer(a, SHARED);
}

static int
have_exclusive(struct actor *a)
{
	return have_consumer(a, EXCLUSIVE);
}

static int64_t
read_in_vain(struct actor *a)
{
	weir_record rec;
	int64_t rc = weir_read(a->many[0], &rec, 1, 5 * MS);

	return rc == -EAGAIN ? 0 : rc;
}

static int64_t
read_one(struct actor *a)
{
	weir_record rec;

	return weir_read(a->many[0], &rec, 1, LONG);
}

static void
say_shared(struct scene *sc)
{
	scene_say(sc, SHARED);
}

static void
say_exclusive(struct scene *sc)
{
	scene_say(sc, EXCLUSIVE);
}

static int
have_observer(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, WEIR_READ_ONLY);

	return weir_store_open("main", &o, &a->other, &a->diag) != 0 ||
		       weir_channel_open(a->other, scene_name[SHARED], NULL,
					 &a->ch, &a->diag) != 0 ||
		       open_on(a, NULL, 0, &a->many[0]) != 0
		   ? -1
		   : 0;
}

/* ---- wait -------------------------------------------------------------- */

static int
have_few(struct actor *a)
{
	return have_cnt(a, 3);
}

static int
have_crowd(struct actor *a)
{
	return have_cnt(a, MANY);
}

static int64_t
wait_few(struct actor *a)
{
	return weir_wait(a->many, 3, LONG, NULL);
}

static int64_t
wait_crowd(struct actor *a)
{
	return weir_wait(a->many, MANY, LONG, NULL);
}

static int
handle(weir_consumer *c, const weir_record *rec, void *arg)
{
	(void)c;
	*(uint64_t *)arg = rec->seq;
	return 0;
}

static int64_t
dispatch(struct actor *a)
{
	uint64_t seq = 0;

	return weir_dispatch(a->many, 3, handle, &seq, LONG);
}

/* ---- descriptors ------------------------------------------------------- */

static int64_t
get_fd(struct actor *a)
{
	return weir_fd(a->many[0]);
}

/* It tells of the next record. */
static void
use_fd(struct actor *a)
{
	struct pollfd p = {.fd = weir_fd(a->many[0]), .events = POLLIN};
	weir_record rec;

	if (weir_read(a->many[0], &rec, 1, 0) != -EAGAIN || poll(&p, 1, 0) != 0)
		actor_problem(a, "it is readable, and nothing is there");
	if (weir_producer_open(a->ch, "actor", NULL, &a->p, &a->diag) != 0 ||
	    weir_publish_json(a->p, "{\"n\":1}", 7, &a->diag) <= 0)
		actor_problem(a, "cannot publish: %s", a->diag.message);
	a->sc->board->said[SHARED]++;
	if (poll(&p, 1, 20000) != 1 || weir_read(a->many[0], &rec, 1, 0) != 1)
		actor_problem(a, "the descriptor does not tell");
	weir_consumer_close(a->many[0]);
}

static int
have_fd(struct actor *a)
{
	return have_one(a) != 0 || get_fd(a) < 0 ? -1 : 0;
}

static int64_t
read_with_fd(struct actor *a)
{
	return read_in_vain(a);
}

static int64_t
close_fd(struct actor *a)
{
	weir_consumer_close(a->many[0]);
	return 0;
}

/* ---- others ------------------------------------------------------------ */

static int64_t
interrupt(struct actor *a)
{
	weir_record rec;
	int64_t rc;

	weir_interrupt(a->many[0]);
	rc = weir_read(a->many[0], &rec, 1, LONG);
	return rc == -EINTR ? 0 : -EIO;
}

static int64_t
seek(struct actor *a)
{
	return weir_seek(a->many[0], WEIR_FROM_OLDEST, 0);
}

static int64_t
current(struct actor *a)
{
	weir_record rec;
	uint8_t buf[64];
	int64_t rc = weir_current(a->ch, NULL, buf, sizeof(buf), &rec);

	return rc == -ENOENT ? 0 : rc;
}

/* A view that is released wakes who waits for its space: here nobody. */
static int64_t
view(struct actor *a)
{
	weir_record rec;
	int64_t rc = weir_view(a->c, &rec, 1, 5 * MS);

	return rc == 1 ? weir_release(a->c, rec.seq) : rc == -EAGAIN ? 0 : rc;
}

#define WAITS .may = {-EINTR}

const struct deed deeds_consume[] = {
    {.name = "open a consumer that checks",
     .may = {-ENOMEM},
     .prepare = have_shared,
     .act = open_checking,
     .after = close_it},
    {.name = "open a gating consumer",
     .may = {-ENOMEM},
     .prepare = have_blocking,
     .act = open_gating,
     .after = close_it},
    {.name = "close a gating consumer",
     .prepare = have_gating,
     .act = close_gating},
    {.name = "read in vain", WAITS, .prepare = have_one, .act = read_in_vain},
    {.name = "read in vain, exclusive",
     WAITS,
     .prepare = have_exclusive,
     .act = read_in_vain},
    {.name = "read in vain, observer",
     WAITS,
     .prepare = have_observer,
     .act = read_in_vain},
    {.name = "sleep and read",
     WAITS,
     .prepare = have_one,
     .act = read_one,
     .asleep = say_shared},
    {.name = "sleep and read, exclusive",
     WAITS,
     .prepare = have_exclusive,
     .act = read_one,
     .asleep = say_exclusive},
    {.name = "sleep and read, observer",
     WAITS,
     .prepare = have_observer,
     .act = read_one,
     .asleep = say_shared},
    {.name = "wait on few",
     WAITS,
     .prepare = have_few,
     .act = wait_few,
     .asleep = say_shared},
    {.name = "wait on a crowd",
     WAITS,
     .prepare = have_crowd,
     .act = wait_crowd,
     .asleep = say_shared},
    {.name = "dispatch",
     WAITS,
     .prepare = have_few,
     .act = dispatch,
     .asleep = say_shared},
    {.name = "get a descriptor",
     .may = {-EMFILE, -ENOMEM, -EAGAIN},
     .system = true,
     .prepare = have_one,
     .act = get_fd,
     .after = use_fd},
    {.name = "read with a descriptor",
     WAITS,
     .prepare = have_fd,
     .act = read_with_fd,
     .after = use_fd},
    {.name = "close a descriptor", .prepare = have_fd, .act = close_fd},
    {.name = "interrupt", .prepare = have_one, .act = interrupt},
    {.name = "seek", .prepare = have_one, .act = seek},
    {.name = "current value", .prepare = have_one, .act = current},
    {.name = "view and release",
     WAITS,
     .prepare = have_gating,
     .act = view,
     .after = close_it},
    {.name = NULL},
};
