/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_kill_channel.c - a process dies while it makes, opens, closes or
 * removes a channel.
 */
#include <errno.h>

#include "fault/made.h"
#include "fault/roles.h"

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

static int64_t
open_channel(struct victim *v)
{
	weir_channel *ch;

	return weir_channel_open(v->st, "c", NULL, &ch, NULL);
}

/* ---- somebody sleeps in "made" ----------------------------------------- */

static int
open_waiter(const struct world *w, weir_consumer **c)
{
	weir_consumer_opts o = {.size = sizeof(o), .spin_ns = -1};
	weir_channel *ch;

	return made_open(world_attach(w), false, &ch) != 0
		   ? -1
		   : weir_consumer_open(ch, "waiter", &o, c, NULL);
}

static int
waiter_sleeps(struct world *w)
{
	return role_waiter(w, open_waiter, WEIR_EREMOVED);
}

static void
waiter_knows(struct world *w, bool finished)
{
	weir_channel *ch;

	if (made_open(w->st, false, &ch) == 0) {
		if (finished)
			world_fail(w, "it should be gone");
		weir_channel_close(ch);
		weir_channel_remove(w->st, "made", NULL);
	}
	role_waiter_learns(w);
	made_check(w, false, true);
}

static const struct op ops[] = {
    {.name = "make a channel",
     .act = made_act_make,
     .frozen = made_make_another,
     .after = made_after_making,
     .sample = 30},
    {.name = "make a channel, two at once",
     .flags = OP_PAIR,
     .act = made_act_make,
     .after = made_after_making,
     .sample = 30},
    {.name = "remove a channel",
     .before = made_before,
     .act = remove_channel,
     .frozen = made_make_another,
     .after = made_after_removing},
    {.name = "remove a channel, two at once",
     .flags = OP_PAIR,
     .before = made_before,
     .act = remove_channel,
     .after = made_after_removing},
    {.name = "remove a channel that is open here",
     .before = made_before,
     .set_up = made_set_up,
     .act = remove_and_close,
     .frozen = made_make_another,
     .after = made_after_removing},
    {.name = "remove a channel that is open here, two at once",
     .flags = OP_PAIR,
     .before = made_before,
     .set_up = made_set_up,
     .act = remove_and_close,
     .after = made_after_removing},
    {.name = "remove a channel where somebody sleeps",
     .flags = OP_NO_FREEZE,
     .before = made_before,
     .ready = waiter_sleeps,
     .act = remove_channel,
     .after = waiter_knows},
    {.name = "open a channel", .act = open_channel},
    {.name = "close a channel", .act = made_act_close},
};

SWEEP_MAIN("fault_kill_channel", ops)
