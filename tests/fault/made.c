/* SPDX-License-Identifier: BSD-2-Clause
 *
 * made.c - see made.h
 */
#include "fault/made.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char schema[] = "{\"required\":[\"a\"]}";

static int
made_open_named(weir_store *st, const char *name, bool create,
		weir_channel **ch)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .flags = create ? 0 : WEIR_MUST_EXIST,
			       .capacity = 16,
			       .max_producers = 2,
			       .max_consumers = 4,
			       .max_record = 64,
			       .lane_bytes = 4096, /* to wipe takes steps */
			       .schema = schema};

	return weir_channel_open(st, name, &o, ch, NULL);
}

int
made_open(weir_store *st, bool create, weir_channel **ch)
{
	return made_open_named(st, "made", create, ch);
}

int
made_before(struct world *w)
{
	weir_channel *ch;

	if (made_open(w->st, true, &ch) != 0)
		return -1;
	weir_channel_close(ch);
	return 0;
}

static int
remove_and_die(struct proc *me, void *arg)
{
	weir_store *st = world_attach(arg);
	weir_channel *ch;

	(void)me;
	proc_check(made_open(st, true, &ch) == 0);
	proc_check(weir_channel_remove(st, "made", NULL) == 0);
	raise(SIGKILL);
	return 1;
}

int
made_by_the_dead(struct world *w)
{
	struct proc p;

	return proc_start(&p, remove_and_die, w) == 0 &&
		       proc_wait(&p) == -SIGKILL
		   ? 0
		   : -1;
}

int
made_set_up(struct victim *v)
{
	return made_open(v->st, true, &v->ch);
}

int64_t
made_act_make(struct victim *v)
{
	return made_open(v->st, true, &v->ch);
}

int64_t
made_act_close(struct victim *v)
{
	weir_channel_close(v->ch);
	return 0;
}

/* Some records, and are they there? */
#define SOME 8

void
made_fill(struct world *w, weir_channel *ch)
{
	weir_producer *p = NULL;
	char rec[16];
	int rc = weir_producer_open(ch, "p", NULL, &p, NULL);

	for (int i = 1; rc == 0 && i <= SOME; i++) {
		int n = snprintf(rec, sizeof(rec), "{\"a\":%d}", i);

		if (weir_publish_json(p, rec, (size_t)n, NULL) != i)
			rc = -1;
	}
	if (rc != 0)
		world_fail(w, "cannot publish in a new channel: %d", rc);
	weir_producer_close(p);
}

/* @end: what comes behind them. */
void
made_read(struct world *w, weir_consumer *c, int end)
{
	char want[24], got[32] = "";
	weir_record rec;
	int rc;

	for (int i = 1; i <= SOME; i++) {
		snprintf(want, sizeof(want), "{\"a\":%d}", i);
		rc = weir_read(c, &rec, 1, 0);
		if (rc == 1 && rec.seq == (uint64_t)i && !rec.lost &&
		    weir_record_json(&rec, got, sizeof(got)) > 0 &&
		    strcmp(got, want) == 0)
			continue;
		world_fail(w, "%s is %d \"%s\"", want, rc, got);
		return;
	}
	rc = weir_read(c, &rec, 1, 0);
	if (rc != end)
		world_fail(w, "behind all records: %d, not %d", rc, end);
}

void
made_check_records(struct world *w, weir_channel *ch)
{
	weir_consumer_opts o = {.size = sizeof(o), .from = WEIR_FROM_OLDEST};
	weir_consumer *c;

	if (weir_consumer_open(ch, "c", &o, &c, NULL) != 0) {
		world_fail(w, "no consumer in a new channel");
		return;
	}
	made_read(w, c, -EAGAIN);
	weir_consumer_close(c);
}

/* It is whole, or not there; it can be made, used and removed. */
void
made_check(struct world *w, bool is_there, bool is_not)
{
	static const char rec[] = "{\"a\": 3}";
	weir_channel *ch;
	weir_producer *p;
	weir_record got;
	uint8_t buf[64];
	weir_diag d = {.message = ""};
	int rc = made_open(w->st, false, &ch);

	if (rc == -ENOENT && !is_there) {
		rc = made_open(w->st, true, &ch);
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

/* ---- what others make of the memory, while the victim stands still ----- */

static weir_channel *another;

void
made_make_another(struct world *w)
{
	if (made_open_named(w->st, "another", true, &another) != 0) {
		world_fail(w, "cannot make another channel");
		another = NULL;
		return;
	}
	made_fill(w, another);
}

/* The victim has gone on, and done it no harm. */
static void
check_another(struct world *w)
{
	if (!another)
		return;
	made_check_records(w, another);
	if (weir_channel_remove(w->st, "another", NULL) != 0)
		world_fail(w, "cannot remove the other channel");
	weir_channel_close(another);
	another = NULL;
}

void
made_after_making(struct world *w, bool finished)
{
	check_another(w);
	made_check(w, finished, false);
}

void
made_after_removing(struct world *w, bool finished)
{
	check_another(w);
	made_check(w, false, finished);
}
