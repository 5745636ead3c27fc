/* SPDX-License-Identifier: BSD-2-Clause
 *
 * look.c - see look.h
 */
#include "fault/look.h"
#include <errno.h>

#include "fault/roles.h"

#define BRIEF_NS INT64_C(20000000) /* that a producer waits which is held */

/* ---- beside one that stands still -------------------------------------- */

/* A record in the channel beside. */
static void
say_beside(struct world *w)
{
	weir_record rec;
	int64_t rc = weir_publish_json(w->beside.p, "1", 1, NULL);

	if (rc <= 0 || weir_read(w->beside.c, &rec, 1, 0) != 1 ||
	    (int64_t)rec.seq != rc)
		world_fail(w, "the channel beside is not as usual: %lld",
			   (long long)rc);
}

/* One who will wait for a moment is told so behind that, and not before. */
static void
press_briefly(struct world *w, bool may_move)
{
	weir_producer *p = world_producer_for(w, OTHER, BRIEF_NS);
	int64_t began = proc_now_ns(), rc, took;

	if (!p)
		return;
	rc = world_publish(w, p, OTHER, REC_SHORT);
	took = proc_now_ns() - began;
	if ((rc != -EAGAIN || took < BRIEF_NS) && !(may_move && rc > 0))
		world_fail(w, "a producer that is held: %lld after %lld us",
			   (long long)rc, (long long)(took / 1000));
	weir_producer_close(p);
}

/* Publish until a consumer that stands still holds producers, if it ever
 * does.  They are told so at once, or when their time is over, and nobody
 * else is held.  @may_move: it stands still only in part. */
static void
press(struct world *w, bool may_move)
{
	uint64_t cnt = w->of[OTHER].cnt;
	weir_producer *p;
	int64_t rc = 1;

	weir_producer_close(w->other);
	w->other = NULL;
	p = world_producer_for(w, OTHER, 0);
	if (!p)
		return;
	for (uint32_t i = 0; i < 2 * w->o.capacity && rc > 0; i++) {
		rc = world_publish(w, p, OTHER, REC_SHORT);
		cnt += rc > 0;
		world_drain(w);
	}
	weir_producer_close(p);
	if (rc <= 0 && rc != -EAGAIN)
		world_fail(w, "a producer that is held: %lld", (long long)rc);
	if (w->of[OTHER].cnt != cnt)
		world_fail(w, "what was published while one stands still is "
			      "not there");
	if (rc == -EAGAIN)
		press_briefly(w, may_move);
	world_drain(w);
	world_values(w);
	say_beside(w);
	if (!w->o.exclusive)
		w->other = world_producer(w, OTHER);
}

void
look_beside(struct world *w, const struct op *op)
{
	world_drain(w);
	world_values(w);
	if (op->flags & OP_GATES) {
		press(w, op->flags & OP_THREAD);
	} else if (w->other) {
		world_say(w, REC_SHORT);
		world_say(w, REC_LONG);
		world_values(w);
		sleepers_have(w, proc_now_ns());
	}
	if (op->frozen)
		op->frozen(w);
}

/* ---- after a death ----------------------------------------------------- */

static void
check_records(struct world *w, const struct op *op, enum who who, bool finished)
{
	const struct outcome *out = &w->board->outcome[who];
	uint64_t n = w->of[who].cnt - w->of[who].had;
	bool failed = out->is_done && out->rc < 0;

	if (n > op->records)
		world_fail(w, "%llu records of %s, it makes %u",
			   (unsigned long long)n, who_id[who], op->records);
	if (!finished)
		return;
	/* of two who do the same, one may not be able to */
	if (failed && (op->flags & OP_PAIR))
		return;
	if (failed)
		world_fail(w, "the operation failed: %lld", (long long)out->rc);
	if (n != op->records)
		world_fail(w, "%llu records of %s, it has made %u",
			   (unsigned long long)n, who_id[who], op->records);
}

static void
check_clears(struct world *w, const struct op *op, bool finished)
{
	uint32_t most = op->flags & OP_PAIR ? 2 * op->clears : op->clears;

	if (w->cleared > most)
		world_fail(w, "%u clears, at most %u", w->cleared, most);
	if (finished && w->cleared < op->clears)
		world_fail(w, "%u clears of %u", w->cleared, op->clears);
}

static void
reopen_reader(struct world *w, enum who who)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.flags = w->o.block ? WEIR_GATE : 0};
	int64_t since = proc_now_ns();
	weir_record rec;
	weir_consumer *c;
	int rc;

	do
		rc = weir_consumer_open(w->ch, role_reader_id(who), &o, &c,
					NULL);
	while (world_try_again(w, rc, since));
	if (rc != 0) {
		world_fail(w, "cannot open the consumer again: %d", rc);
		return;
	}
	rc = weir_read(c, &rec, 1, 0);
	if (rc != 1 && rc != -EAGAIN)
		world_fail(w, "the consumer opened again reads %d", rc);
	weir_consumer_close(c);
}

static void
reopen_producer(struct world *w, enum who who)
{
	weir_producer *p = world_producer(w, who);
	int64_t rc;

	if (!p)
		return;
	world_drain(w); /* it may have had to clear somebody's value */
	world_values(w);
	rc = world_publish(w, p, who, REC_SHORT);
	world_drain(w);
	if (rc <= 0 || (int64_t)w->of[who].value_seq != rc)
		world_fail(w, "the heir of %s cannot publish: %lld",
			   who_id[who], (long long)rc);
	world_values(w);
	weir_producer_close(p);
}

void
look_after(struct world *w, const struct op *op, struct end e)
{
	bool pair = op->flags & OP_PAIR;

	world_drain(w);
	check_records(w, op, VICTIM, e.finished);
	if (pair && op->records)
		check_records(w, op, GONE, e.twin_finished);
	check_clears(w, op, e.finished);
	if (w->seq != w->seq_was)
		sleepers_have(w, e.since);
	world_values(w);
	world_say(w, w->point % 2 ? REC_SHORT : REC_LONG);
	sleepers_have(w, proc_now_ns());
	/* a dead consumer must not hold anybody */
	if (op->flags & OP_GATES)
		for (uint32_t i = 0; i < w->o.capacity + 2; i++)
			world_say(w, REC_SHORT);
	for (enum who who = VICTIM; who <= (pair ? GONE : VICTIM); who++) {
		reopen_producer(w, who);
		if (op->flags & OP_READER)
			reopen_reader(w, who);
	}
	if (op->after)
		op->after(w, e.finished);
	world_figures(w);
}
