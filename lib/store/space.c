/* SPDX-License-Identifier: BSD-2-Clause
 *
 * space.c - a producer of a block channel waits for consumers.
 *
 * It waits for the slowest gating consumer alone, on that one's cursor.  A
 * consumer that has died is found by its lock and loses its place; one that
 * lives, also if it is stopped, is waited for until the producer's own
 * time-out.  The 50 ms only say when to look at the lock again.
 *
 * Crash.  A producer that dies here leaves a consumer's `waiters` set, which
 * costs that one a wake-up.
 */
#include "store/internal.h"

#include <errno.h>

void
wi_cell_reap(struct weir_channel *ch, uint32_t idx, uint64_t word)
{
	wi_cas(&ch->ring.cells[idx].tag.word, word,
	       wi_word_next(word, WI_FREE, 0));
}

/* Does the calling thread itself read from this cell? */
static bool
is_own_reader(const struct weir_channel *ch, const struct wi_slowest *slow)
{
	struct weir_store *st = ch->st;
	bool is = false;

	if ((slow->word & WI_WHO_MASK) != st->who)
		return false;
	/* We may be in a signal handler that interrupted whoever holds the
	 * mutex; then it is not known this time. */
	if (!wi_mutex_try(st->mutex))
		return false;
	for (struct weir_channel *o = st->first_channel; o; o = o->next) {
		if (o->idx != ch->idx || o->word != ch->word)
			continue;
		for (struct weir_consumer *c = o->first_consumer; c;
		     c = c->next_in_list)
			is |= c->idx == slow->idx &&
			      wi_load_relaxed(&c->reader) == wi_thread_self();
	}
	wi_mutex_unlock(st->mutex);
	return is;
}

/* Sleep until the slowest moves, or for 50 ms. */
static int
wait_for(struct weir_channel *ch, const struct wi_slowest *slow,
	 int64_t deadline)
{
	struct wi_shm_control *control = ch->st->control;
	struct wi_shm_cell *c = &ch->ring.cells[slow->idx];
	uint32_t change = wi_load_relaxed_32(&control->change);
	const uint32_t *cursor = (const uint32_t *)&c->cursor;
	/* the order matters: see notify/notify.h */
	struct wi_wait_word words[] = {
	    {cursor, (uint32_t)slow->cursor, false},
	    {&control->change, change, false},
	    wi_bell_word(control),
	    {cursor, (uint32_t)slow->cursor, true},
	};
	int64_t look = wi_deadline(WI_CROWD_NS);
	uintptr_t old;
	int rc;

	wi_store_relaxed_32(&c->waiters, 1);
	wi_fence_sc(); /* G3 */
	if (wi_load_acquire(&c->cursor) != slow->cursor ||
	    wi_load_acquire(&c->tag.word) != slow->word)
		return 0;
	WI_PROBE3(full, ch->name, c->tag.text, slow->cursor);
	old = wi_bell_arm(&control->bell);
	rc = wi_futex_wait(words, (int)WI_CNT(words),
			   look < deadline ? look : deadline);
	if (rc == 2)
		wi_change(&ch->st->waker); /* the bell rang: pass it on */
	wi_bell_disarm(old);
	return rc == -EINTR ? -EINTR : 0;
}

/* Poll before sleeping: true if the slowest has moved.  A ring that is full
 * is read in microseconds where the consumer runs, and a sleep costs some
 * tens: streams of 1 KB in batches 0.47 -> 0.56 of a bare ring. */
static bool
spin(const struct weir_channel *ch, const struct wi_slowest *slow,
     const struct wi_until *until)
{
	const uint64_t *cursor = &ch->ring.cells[slow->idx].cursor;
	int64_t end = wi_deadline(wi_spin_most(until->spin));

	if (end > until->deadline)
		end = until->deadline;
	do {
		for (int i = 0; i < 16; i++) {
			wi_pause();
			if (wi_load_relaxed(cursor) == slow->cursor)
				continue;
			wi_spin_paid(until->spin, true);
			return true;
		}
	} while (wi_clock_mono() < end);
	wi_spin_paid(until->spin, false);
	return false;
}

int
wi_space(struct weir_channel *ch, uint64_t u, uint64_t newest,
	 struct wi_until *until)
{
	struct wi_slowest slow;
	int rc;

	for (;;) {
		rc = wi_channel_ok(ch);
		if (rc == 0)
			rc = wi_newest(&ch->ring, &newest);
		if (rc != 0)
			return rc;
		slow.word = 0; /* not one of an earlier round */
		if (wi_gate_round(&ch->ring, u, newest, &slow) == 0)
			return 0;
		if (slow.word == 0)
			return WEIR_ECORRUPT; /* blocked by nobody */
		if (until->timeout_ns && !until->deadline)
			until->deadline = wi_deadline(until->timeout_ns);
		if (until->timeout_ns && spin(ch, &slow, until))
			continue;
		if (!wi_alive(ch->st, slow.word)) {
			wi_cell_reap(ch, slow.idx, slow.word);
			continue;
		}
		if (until->timeout_ns == 0)
			return -EAGAIN;
		if (is_own_reader(ch, &slow))
			return -EDEADLK;
		if (wi_clock_mono() >= until->deadline)
			return -EAGAIN;
		rc = wait_for(ch, &slow, until->deadline);
		if (rc != 0)
			return rc;
	}
}
