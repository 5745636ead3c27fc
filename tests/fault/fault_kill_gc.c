/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_gc.c - a process dies while it gives back what others, who have
 * died before, have left.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "fault/made.h"
#include "fault/roles.h"
#include "support/tmpstore.h"

/* One sleeps until it is killed, so that its mark stays. */
static int
sleep_for_ever(struct proc *me, void *arg)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_NEW};
	weir_store *st = world_attach(arg);
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;

	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, "dead", &o, &c, NULL) == 0);
	proc_tell(me, 'r');
	weir_read(c, &rec, 1, -1);
	return 1;
}

static int
die_asleep(struct world *w)
{
	struct proc p;

	return proc_start(&p, sleep_for_ever, w) == 0 && proc_hear(&p) == 'r' &&
		       proc_await_asleep(&p) == 0 && proc_kill(&p) == -SIGKILL
		   ? 0
		   : -1;
}

/* Memory that is no channel's. */
static int
stray(struct world *w)
{
	int fd = open(tmpstore_path(w->name), O_WRONLY | O_CLOEXEC);
	weir_store_info i = {.size = sizeof(i)};
	bool ok = fd >= 0 && weir_store_stat(w->st, &i) == 0 &&
		  pwrite(fd, "x", 1, (off_t)i.max_bytes - 1) == 1;

	close(fd);
	return ok ? 0 : -1;
}

/* All that the dead can leave. */
static int
leave_much(struct world *w)
{
	return role_gone(w, GONE_WITHOUT_VALUE) == 0 &&
		       made_by_the_dead(w) == 0 && die_asleep(w) == 0 &&
		       stray(w) == 0
		   ? 0
		   : -1;
}

static int64_t
give_back(struct victim *v)
{
	weir_gc_info i = {.size = sizeof(i)};

	return weir_store_gc(v->st, 0, &i, NULL);
}

/* Whoever comes next finds the rest, and then there is nothing more. */
static void
all_is_back(struct world *w, bool finished)
{
	weir_gc_info i = {.size = sizeof(i)};
	int rc = weir_store_gc(w->st, 0, &i, NULL);

	(void)finished;
	if (rc == 0)
		rc = weir_store_gc(w->st, WEIR_DRY_RUN, &i, NULL);
	if (rc != 0)
		world_fail(w, "weir_store_gc: %d", rc);
	if (i.participants + i.producers + i.consumers + i.marks + i.channels +
		i.held !=
	    0)
		world_fail(w,
			   "left: %u participants, %u producers, %u consumers, "
			   "%u marks, %u channels, %u held",
			   i.participants, i.producers, i.consumers, i.marks,
			   i.channels, i.held);
	if (i.stray_bytes)
		world_fail(w, "%llu bytes are astray",
			   (unsigned long long)i.stray_bytes);
	made_after_removing(w, true);
}

static const struct op ops[] = {
    {.name = "give back",
     .world = {.capacity = 16},
     .before = leave_much,
     .act = give_back,
     .frozen = made_make_another,
     .after = all_is_back,
     .sample = 12},
    {.name = "give back, one sleeps",
     .world = {.capacity = 16, .sleepers = 1},
     .before = leave_much,
     .act = give_back,
     .frozen = made_make_another,
     .after = all_is_back,
     .sample = 12},
    {.name = "give back, two at once",
     .world = {.capacity = 16},
     .flags = OP_PAIR,
     .before = leave_much,
     .act = give_back,
     .after = all_is_back,
     .sample = 12},
};

SWEEP_MAIN("fault_kill_gc", ops)
