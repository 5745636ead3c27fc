/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_reuse.c - a process dies where the memory of a removed channel is
 * used again, or is somebody's yet.
 */
#include <errno.h>

#include "fault/made.h"
#include "fault/roles.h"

static struct {
	weir_channel *ch;
	weir_consumer *c;
} slow;

/* One has not read it all when it is removed. */
static int
one_is_slow(struct world *w)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_OLDEST};

	if (made_open(w->st, true, &slow.ch) != 0 ||
	    weir_consumer_open(slow.ch, "slow", &o, &slow.c, NULL) != 0)
		return -1;
	made_fill(w, slow.ch);
	return weir_channel_remove(w->st, "made", NULL);
}

static void
slow_has_all(struct world *w, bool finished)
{
	made_read(w, slow.c, WEIR_EREMOVED);
	weir_consumer_close(slow.c);
	weir_channel_close(slow.ch);
	made_after_making(w, finished);
}

static int
remove_it(struct world *w)
{
	return weir_channel_remove(w->st, "made", NULL);
}

static void
is_removed(struct world *w, bool finished)
{
	(void)finished;
	made_after_removing(w, true);
}

/* The victim publishes in it, and is slow. */
static int
with_producer(struct victim *v)
{
	return made_open(v->st, true, &v->ch) != 0
		   ? -1
		   : weir_producer_open(v->ch, "slow", NULL, &v->p, NULL);
}

static int64_t
publish_there(struct victim *v)
{
	int64_t rc = weir_publish_json(v->p, "{\"a\":0}", 7, NULL);

	return rc == WEIR_EREMOVED ? 0 : rc;
}

/* Another has its name meanwhile. */
static void
replace_it(struct world *w)
{
	weir_channel *ch;

	if (remove_it(w) != 0 || made_open(w->st, true, &ch) != 0) {
		world_fail(w, "cannot make the channel anew");
		return;
	}
	made_fill(w, ch);
	weir_channel_close(ch);
}

static void
replaced_or_not(struct world *w, bool finished)
{
	weir_channel *ch;

	(void)finished;
	if (w->board->thawed && made_open(w->st, false, &ch) == 0) {
		made_check_records(w, ch);
		weir_channel_close(ch);
	}
	if (remove_it(w) != 0)
		world_fail(w, "it is not there");
	made_check(w, false, true);
}

static const struct op ops[] = {
    {.name = "make a channel where a removed one is read",
     .before = one_is_slow,
     .act = made_act_make,
     .frozen = made_make_another,
     .after = slow_has_all,
     .sample = 30},
    {.name = "make a channel where a dead one's was",
     .before = made_by_the_dead,
     .act = made_act_make,
     .frozen = made_make_another,
     .after = made_after_making,
     .sample = 30},
    {.name = "make a channel where a dead one's was, two at once",
     .flags = OP_PAIR,
     .before = made_by_the_dead,
     .act = made_act_make,
     .after = made_after_making,
     .sample = 30},
    {.name = "close a removed channel, the last",
     .before = made_before,
     .set_up = made_set_up,
     .ready = remove_it,
     .act = made_act_close,
     .frozen = made_make_another,
     .after = is_removed},
    {.name = "publish in a channel that is replaced",
     .before = made_before,
     .set_up = with_producer,
     .act = publish_there,
     .frozen = replace_it,
     .after = replaced_or_not},
};

SWEEP_MAIN("fault_kill_reuse", ops)
