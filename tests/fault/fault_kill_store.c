/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_store.c - a process dies while it makes, opens, closes or
 * removes a channel or a store.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/roles.h"

#define BLOCK .block = true

static const char schema[] = "{\"required\":[\"a\"]}";

/* ---- the channel "made" ------------------------------------------------ */

static int
open_made(weir_store *st, bool create, weir_channel **ch)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .flags = create ? 0 : WEIR_MUST_EXIST,
			       .capacity = 16,
			       .max_producers = 2,
			       .max_consumers = 4,
			       .max_record = REC_MAX,
			       .schema = schema};

	return weir_channel_open(st, "made", &o, ch, NULL);
}

static int64_t
make_channel(struct victim *v)
{
	return open_made(v->st, true, &v->ch);
}

static int
with_made(struct victim *v)
{
	return open_made(v->st, true, &v->ch);
}

static int64_t
remove_channel(struct victim *v)
{
	return weir_channel_remove(v->st, "made", NULL);
}

/* The last one who has it open closes it. */
static int64_t
remove_and_close(struct victim *v)
{
	int rc = weir_channel_remove(v->st, "made", NULL);

	if (rc == 0)
		weir_channel_close(v->ch);
	return rc;
}

/* It is whole, or not there; it can be made, used and removed. */
static void
check_made(struct world *w, bool is_there, bool is_not)
{
	static const char rec[] = "{\"a\": 3}";
	weir_channel *ch;
	weir_producer *p;
	weir_record got;
	uint8_t buf[64];
	weir_diag d = {.message = ""};
	int rc = open_made(w->st, false, &ch);

	if (rc == -ENOENT && !is_there) {
		rc = open_made(w->st, true, &ch);
	} else if (is_not) {
		world_fail(w, "it should be gone: %d", rc);
	}
	if (rc != 0) {
		world_fail(w, "cannot open the channel: %d", rc);
		return;
	}
	rc = weir_producer_open(ch, "p", NULL, &p, &d);
	if (rc != 0 || weir_publish_json(p, rec, strlen(rec), &d) <= 0 ||
	    weir_publish_json(p, "{}", 2, &d) != WEIR_ESCHEMA ||
	    weir_current(ch, "p", buf, sizeof(buf), &got) != 0)
		world_fail(w, "the channel cannot be used: %d %s", rc,
			   d.message);
	weir_producer_close(p);
	rc = weir_channel_remove(w->st, "made", NULL);
	if (rc != 0)
		world_fail(w, "cannot remove the channel: %d", rc);
	weir_channel_close(ch);
}

static void
made_or_not(struct world *w, bool finished)
{
	check_made(w, finished, false);
}

static void
removed_or_not(struct world *w, bool finished)
{
	check_made(w, false, finished);
}

static int
make_it(struct world *w)
{
	weir_channel *ch;

	if (open_made(w->st, true, &ch) != 0)
		return -1;
	weir_channel_close(ch);
	return 0;
}

/* ---- somebody sleeps in "made" when it is removed ---------------------- */

static struct proc waiter;

static int
wait_for_the_end(struct proc *me, void *arg)
{
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = -1};
	weir_store *st = world_attach(arg);
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;

	proc_check(open_made(st, false, &ch) == 0);
	proc_check(weir_consumer_open(ch, "waiter", &o, &c, NULL) == 0);
	proc_tell(me, 'r');
	proc_check(weir_read(c, &rec, 1, -1) == WEIR_EREMOVED);
	proc_tell(me, 'x');
	weir_store_close(st);
	return 0;
}

static int
waiter_sleeps(struct world *w)
{
	if (proc_start(&waiter, wait_for_the_end, w) != 0 ||
	    proc_hear(&waiter) != 'r')
		return -1;
	return proc_await_asleep(&waiter);
}

static void
waiter_learns(struct world *w, int64_t since)
{
	if (proc_hear(&waiter) != 'x')
		world_fail(w, "who sleeps there does not learn it");
	since = proc_now_ns() - since;
	if (since > w->longest_ns)
		w->longest_ns = since;
	if (since > INT64_C(900000000))
		world_fail(w, "who sleeps there learns it after %lld ms",
			   (long long)(since / 1000000));
	if (proc_wait(&waiter) != 0)
		world_fail(w, "who slept there");
}

static void
waiter_knows(struct world *w, bool finished)
{
	int64_t since = proc_now_ns();
	weir_channel *ch;
	bool there = open_made(w->st, false, &ch) == 0;

	if (there) {
		if (finished)
			world_fail(w, "it should be gone");
		weir_channel_close(ch);
		weir_channel_remove(w->st, "made", NULL);
	}
	waiter_learns(w, since);
	check_made(w, false, true);
}

/* ---- attach and detach ------------------------------------------------- */

static int64_t
open_channel(struct victim *v)
{
	weir_channel *ch;

	return weir_channel_open(v->st, "c", NULL, &ch, NULL);
}

static int64_t
close_channel(struct victim *v)
{
	weir_channel_close(v->ch);
	return 0;
}

static int64_t
attach(struct victim *v)
{
	return weir_store_open(v->w->name, NULL, &v->st, NULL);
}

static int64_t
observe(struct victim *v)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};

	return weir_store_open(v->w->name, &o, &v->st, NULL);
}

/* All that one can have open. */
static int
with_all(struct victim *v)
{
	return role_producer(v) != 0 || role_reader(v) != 0 ? -1 : 0;
}

static int64_t
detach(struct victim *v)
{
	weir_store_close(v->st);
	return 0;
}

static void
attach_beside(struct world *w, bool finished)
{
	weir_store *st;
	int rc = weir_store_open(w->name, NULL, &st, NULL);

	(void)finished;
	if (rc != 0)
		world_fail(w, "cannot attach: %d", rc);
	else
		weir_store_close(st);
}

/* ---- another store ----------------------------------------------------- */

/* In a directory of its own: making one looks at all files there. */
static weir_store_opts
place_of_it(const struct world *w)
{
	static char dir[64];
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .dir = dir,
			     .max_bytes = 1 << 20,
			     .max_channels = 4,
			     .max_participants = 4};

	snprintf(dir, sizeof(dir), "/dev/shm/%s.d", w->name);
	return o;
}

static int
open_it(const struct world *w, weir_store **st, weir_diag *d)
{
	weir_store_opts o = place_of_it(w);

	return weir_store_open("new", &o, st, d);
}

static int
make_place(struct world *w)
{
	return mkdir(place_of_it(w).dir, 0700);
}

static int64_t
make_store(struct victim *v)
{
	return open_it(v->w, &v->st, NULL);
}

static int64_t
destroy_store(struct victim *v)
{
	weir_store_opts o = place_of_it(v->w);

	return weir_store_destroy("new", &o, NULL);
}

static int
store_is_there(struct world *w)
{
	weir_store *st;

	if (make_place(w) != 0 || open_it(w, &st, NULL) != 0)
		return -1;
	weir_store_close(st);
	return 0;
}

static void
no_files(struct world *w)
{
	const char *dir = place_of_it(w).dir;
	char pattern[96];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/*", dir);
	if (glob(pattern, 0, NULL, &g) == 0) {
		world_fail(w, "%zu files are left, as %s", g.gl_pathc,
			   g.gl_pathv[0]);
		for (size_t i = 0; i < g.gl_pathc; i++)
			unlink(g.gl_pathv[i]);
		globfree(&g);
	}
	rmdir(dir);
}

/* Whatever the victim left, the name can be used, and goes without traces. */
static void
use_it(struct world *w, bool finished)
{
	weir_store_opts place = place_of_it(w);
	weir_diag d = {.message = ""};
	weir_channel_opts o = {.size = sizeof(o), .capacity = 4};
	weir_channel *ch;
	weir_producer *p;
	weir_record rec;
	weir_store *st;
	uint8_t buf[64];
	int rc = open_it(w, &st, &d);

	(void)finished;
	if (rc != 0) {
		world_fail(w, "cannot open the store: %d %s", rc, d.message);
	} else {
		if (weir_channel_open(st, "x", &o, &ch, &d) != 0 ||
		    weir_producer_open(ch, "p", NULL, &p, &d) != 0 ||
		    weir_publish_json(p, "1", 1, &d) != 1 ||
		    weir_current(ch, NULL, buf, sizeof(buf), &rec) != 0)
			world_fail(w, "the store cannot be used: %s",
				   d.message);
		weir_store_close(st);
	}
	rc = weir_store_destroy("new", &place, &d);
	if (rc != 0)
		world_fail(w, "cannot destroy the store: %d %s", rc, d.message);
	no_files(w);
}

/* Somebody sleeps in it when it is destroyed. */
static int
wait_in_it(struct proc *me, void *arg)
{
	weir_channel_opts co = {.size = sizeof(co), .capacity = 4};
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = -1};
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;
	weir_store *st;

	proc_check(open_it(arg, &st, NULL) == 0);
	proc_check(weir_channel_open(st, "x", &co, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, "waiter", &o, &c, NULL) == 0);
	proc_tell(me, 'r');
	proc_check(weir_read(c, &rec, 1, -1) == WEIR_ERETIRED);
	proc_tell(me, 'x');
	weir_store_close(st);
	return 0;
}

static int
waiter_sleeps_in_it(struct world *w)
{
	if (make_place(w) != 0 || proc_start(&waiter, wait_in_it, w) != 0 ||
	    proc_hear(&waiter) != 'r')
		return -1;
	return proc_await_asleep(&waiter);
}

static void
waiter_knows_and_use_it(struct world *w, bool finished)
{
	weir_store_opts place = place_of_it(w);
	int64_t since = proc_now_ns();

	/* not yet marked, or marked and not yet unlinked, or gone */
	if (weir_store_destroy("new", &place, NULL) == 0 && finished)
		world_fail(w, "it should be gone");
	waiter_learns(w, since);
	use_it(w, finished);
}

static const struct op ops[] = {
    {.name = "make a channel",
     .act = make_channel,
     .after = made_or_not,
     .sample = 30},
    {.name = "remove a channel",
     .before = make_it,
     .act = remove_channel,
     .after = removed_or_not},
    {.name = "remove a channel that is open here",
     .before = make_it,
     .set_up = with_made,
     .act = remove_and_close,
     .after = removed_or_not},
    {.name = "remove a channel where somebody sleeps",
     .flags = OP_NO_FREEZE,
     .before = make_it,
     .ready = waiter_sleeps,
     .act = remove_channel,
     .after = waiter_knows},
    {.name = "open a channel", .act = open_channel},
    {.name = "close a channel", .act = close_channel},
    {.name = "attach", .flags = OP_BARE, .act = attach, .after = attach_beside},
    {.name = "attach as an observer",
     .flags = OP_BARE,
     .act = observe,
     .after = attach_beside},
    {.name = "detach with all that can be open",
     .flags = OP_READER,
     .set_up = with_all,
     .act = detach,
     .after = attach_beside},
    {.name = "detach, gating",
     .world = {BLOCK, .capacity = 4},
     .flags = OP_READER | OP_GATES,
     .set_up = with_all,
     .act = detach},
    {.name = "make a store",
     .flags = OP_BARE,
     .before = make_place,
     .act = make_store,
     .after = use_it,
     .sample = 30},
    {.name = "destroy a store",
     .flags = OP_BARE,
     .before = store_is_there,
     .act = destroy_store,
     .after = use_it},
    {.name = "destroy a store where somebody sleeps",
     .flags = OP_BARE | OP_NO_FREEZE,
     .ready = waiter_sleeps_in_it,
     .act = destroy_store,
     .after = waiter_knows_and_use_it},
};

SWEEP_MAIN("fault_kill_store", ops)
