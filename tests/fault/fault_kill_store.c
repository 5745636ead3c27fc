/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_store.c - a process dies while it makes or destroys a store, or
 * attaches to one or detaches from it.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/roles.h"

/* ---- attach and detach ------------------------------------------------- */

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
	v->c = NULL;
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
open_in_it(const struct world *w, weir_consumer **c)
{
	weir_channel_opts co = {.size = sizeof(co), .capacity = 4};
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = -1};
	weir_channel *ch;
	weir_store *st;

	return open_it(w, &st, NULL) != 0 ||
		       weir_channel_open(st, "x", &co, &ch, NULL) != 0
		   ? -1
		   : weir_consumer_open(ch, "waiter", &o, c, NULL);
}

static int
waiter_sleeps_in_it(struct world *w)
{
	return make_place(w) != 0 ? -1
				  : role_waiter(w, open_in_it, WEIR_ERETIRED);
}

static void
waiter_knows_and_use_it(struct world *w, bool finished)
{
	weir_store_opts place = place_of_it(w);

	/* not yet marked, or marked and not yet unlinked, or gone */
	if (weir_store_destroy("new", &place, NULL) == 0 && finished)
		world_fail(w, "it should be gone");
	role_waiter_learns(w);
	use_it(w, finished);
}

static const struct op ops[] = {
    {.name = "attach", .flags = OP_BARE, .act = attach, .after = attach_beside},
    {.name = "attach, two at once",
     .flags = OP_BARE | OP_PAIR,
     .act = attach,
     .after = attach_beside},
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
     .world = {.block = true, .capacity = 4},
     .flags = OP_READER | OP_GATES,
     .set_up = with_all,
     .act = detach},
    {.name = "make a store",
     .flags = OP_BARE,
     .before = make_place,
     .act = make_store,
     .after = use_it,
     .sample = 30},
    {.name = "make a store, two at once",
     .flags = OP_BARE | OP_PAIR,
     .before = make_place,
     .act = make_store,
     .after = use_it,
     .sample = 30},
    {.name = "destroy a store, two at once",
     .flags = OP_BARE | OP_PAIR,
     .before = store_is_there,
     .act = destroy_store,
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
