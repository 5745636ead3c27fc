/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_wait.c - a consumer dies that waits in other ways than by
 * weir_read(): for several, for more than one wait can name, through a
 * handler, or through a file descriptor and the thread behind it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "fault/roles.h"

/* ---- several ----------------------------------------------------------- */

static weir_consumer *others[CROWD]; /* the victim's, in "quiet" */

static int
join_quiet(struct victim *v, int cnt)
{
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = -1};
	weir_channel *ch;
	char id[16];

	if (role_reader(v) != 0 ||
	    weir_channel_open(v->st, "quiet", NULL, &ch, NULL) != 0)
		return -1;
	for (int i = 0; i < cnt; i++) {
		snprintf(id, sizeof(id), "r%d", i);
		if (weir_consumer_open(ch, id, &o, &others[i], NULL) != 0)
			return -1;
	}
	return 0;
}

static int
reader_of_two(struct victim *v)
{
	return join_quiet(v, 1);
}

static int
reader_in_a_crowd(struct victim *v)
{
	return join_quiet(v, CROWD);
}

static int64_t
wait_for(struct victim *v, int cnt)
{
	weir_consumer *cs[1 + CROWD] = {v->c};
	weir_record rec;
	int rc;

	for (int i = 0; i < cnt; i++)
		cs[1 + i] = others[i];
	rc = weir_wait(cs, 1 + cnt, -1, NULL);
	if (rc == 1)
		rc = weir_read(v->c, &rec, 1, 0);
	return rc == 1 && !role_took(v, &rec) ? -1 : rc;
}

static int64_t
wait_for_two(struct victim *v)
{
	return wait_for(v, 1);
}

static int64_t
wait_for_a_crowd(struct victim *v)
{
	return wait_for(v, CROWD);
}

/* ---- a handler --------------------------------------------------------- */

static int
handle(weir_consumer *c, const weir_record *rec, void *arg)
{
	(void)c;
	return role_took(arg, rec) ? 0 : -1;
}

static int64_t
dispatch(struct victim *v)
{
	return weir_dispatch(&v->c, 1, handle, v, -1);
}

/* ---- a descriptor ------------------------------------------------------ */

static int64_t
ask_for_fd(struct victim *v)
{
	return weir_fd(v->c);
}

static int
reader_with_fd(struct victim *v)
{
	return role_reader(v) != 0 || weir_fd(v->c) < 0 ? -1 : 0;
}

static int
reader_with_fd_and_records(struct victim *v)
{
	return role_reader_with_records(v) != 0 || weir_fd(v->c) < 0 ? -1 : 0;
}

/* All that there is; the watcher then owes it an event. */
static int64_t
read_and_rearm(struct victim *v)
{
	return role_read_on(v) ? 0 : -1;
}

/* In an event loop, until something has come. */
static int64_t
by_event(struct victim *v)
{
	struct pollfd fd = {.fd = weir_fd(v->c), .events = POLLIN};
	weir_record rec;
	bool ok = true;
	int rc;

	while ((rc = weir_read(v->c, &rec, 1, 0)) == -EAGAIN)
		poll(&fd, 1, -1);
	ok = rc == 1 && role_took(v, &rec);
	/* what was held for it while its watcher stood still */
	if (v->w->board->thawed)
		ok &= role_read_on(v);
	act_leave(v); /* which ends the thread */
	return ok ? 0 : -1;
}

#define EXCLUSIVE .exclusive = true
#define BLOCK	  .block = true, .capacity = 16

static const struct op ops[] = {
    {.name = "wait for two",
     .world = {.crowd = true},
     .flags = OP_READER | OP_RINGS,
     .set_up = reader_of_two,
     .act = wait_for_two,
     .asleep = wake_by_record},
    {.name = "wait for two, gating",
     .world = {BLOCK, .crowd = true},
     .flags = OP_READER | OP_GATES,
     .set_up = reader_of_two,
     .act = wait_for_two,
     .asleep = wake_by_record},
    {.name = "wait for two, woken by the bell",
     .world = {.crowd = true, .sleepers = 1},
     .flags = OP_READER,
     .set_up = reader_of_two,
     .act = wait_for_two,
     .asleep = wake_by_bell},
    {.name = "wait in a crowd",
     .world = {.crowd = true},
     .flags = OP_READER,
     .set_up = reader_in_a_crowd,
     .act = wait_for_a_crowd,
     .asleep = wake_by_record},
    {.name = "wait in a crowd, exclusive",
     .world = {EXCLUSIVE, .crowd = true},
     .flags = OP_READER,
     .set_up = reader_in_a_crowd,
     .act = wait_for_a_crowd,
     .asleep = wake_by_record},
    {.name = "dispatch",
     .flags = OP_READER | OP_RINGS,
     .set_up = role_reader,
     .act = dispatch,
     .asleep = wake_by_record},
    {.name = "dispatch, gating",
     .world = {BLOCK},
     .flags = OP_READER | OP_GATES,
     .set_up = role_reader,
     .act = dispatch,
     .asleep = wake_by_record},
    {.name = "ask for a descriptor",
     .flags = OP_READER,
     .set_up = role_reader,
     .act = ask_for_fd},
    {.name = "read and be told again",
     .flags = OP_READER | OP_RINGS,
     .set_up = reader_with_fd_and_records,
     .act = read_and_rearm,
     .records = 2},
    {.name = "read and be told again, gating, exclusive",
     .world = {EXCLUSIVE, BLOCK},
     .flags = OP_READER | OP_GATES,
     .set_up = reader_with_fd_and_records,
     .act = read_and_rearm,
     .records = 2},
    {.name = "leave with a descriptor",
     .flags = OP_READER,
     .set_up = reader_with_fd,
     .act = act_leave},
    {.name = "the watcher, shared",
     .flags = OP_READER | OP_THREAD | OP_RINGS,
     .set_up = reader_with_fd,
     .act = by_event,
     .asleep = wake_by_record},
    {.name = "the watcher, exclusive, another sleeps",
     .world = {EXCLUSIVE, .sleepers = 1},
     .flags = OP_READER | OP_THREAD,
     .set_up = reader_with_fd,
     .act = by_event,
     .asleep = wake_by_record},
    {.name = "the watcher, gating",
     .world = {BLOCK},
     .flags = OP_READER | OP_THREAD | OP_GATES,
     .set_up = reader_with_fd,
     .act = by_event,
     .asleep = wake_by_record},
    {.name = "the watcher, woken by the bell, another first",
     .world = {.sleepers = 1},
     .flags = OP_READER | OP_THREAD,
     .set_up = reader_with_fd,
     .act = by_event,
     .asleep = wake_by_bell},
    {.name = "the watcher, woken by the bell, first of three",
     .world = {.sleepers = 2},
     .flags = OP_READER | OP_THREAD,
     .set_up = reader_with_fd,
     .act = by_event,
     .asleep = wake_first_by_bell},
};

SWEEP_MAIN("fault_kill_wait", ops)
