/* SPDX-License-Identifier: BSD-2-Clause
 *
 * notify.h - who sleeps on a channel, and how they wake.
 *
 * State.  A consumer that is about to sleep for record t writes t into its
 * cell's `await` and sets its bit in the channel's `sleepers`.  It then
 * sleeps, in one call, on the low half of slot t mod N (the very word that
 * the next commit changes), on the store's `change` and on its `bell`.
 *
 * Ordering.
 *
 *   pair  sleeper                       publisher
 *   W1    await, bit, sc, load slot     commit slot, sc, load sleepers
 *
 * One of the two sees the other: a commit before the sleeper's last look is
 * found by it, one after it finds the bit.  In shared channels the commit,
 * wi_cas_128, is the publisher's fence.  In exclusive channels it is a plain
 * store, and the fence is on the far side: the sleeper calls membarrier, which
 * is a fence between two instructions of each publisher, the same on all
 * machines: a commit before it is seen by the sleeper's look, loads after it
 * find the bit.  It costs the sleeper about a microsecond (20 in a virtual
 * machine, if the other processor runs a process of a store) and publishers
 * that interruption, but nothing per record.  A sleeper that may not call it
 * says so when it is opened, in the store's need_fence, and then publishers
 * fence.
 *
 * Between the last look and the sleep, a commit changes the word slept on, so
 * the sleep does not begin.  A consumer of more channels than one wait can
 * name sleeps on its participant's `crowd` word, which the publisher counts
 * up; there a publisher that dies in between is noticed 50 ms later.
 *
 * The order of the words matters, because the kernel compares and queues them
 * one after the other, and returns the last that was woken:
 *
 *   the slots | interrupts | change | bell | the slots again, as private
 *
 * A publisher that commits after its slot was compared, and dies before the
 * bell was queued, rings for nobody; but then the second, private, look at
 * the slot sees the commit and the sleep does not begin.  (A private entry is
 * compared like any other and woken by no other process.)  And the bell comes
 * behind everything that can be woken with it, so whoever it has woken sees
 * that, and passes it on, for all stores that it sleeps in.
 *
 * Publishers wake what the marked await, not what they committed: if A
 * commits t and is frozen before its wake, B, who commits t+1, wakes those
 * who wait for t.  Bits are changed by their owners alone.  A publisher
 * remembers for which t it has woken a cell, and makes no second call for it:
 * after the commit of t nobody falls asleep for t again.
 *
 * Crash.  A publisher that dies between its commit and its wake has the bell
 * armed (platform/futex.h): the kernel wakes one sleeper of the bell, who
 * counts up `change` and wakes all.  Waking them through the bell itself
 * would make sleepers pass it on for ever.  The one woken may be frozen just
 * then; so every sleeper looks again after a second.  The second delays, it
 * decides nothing.  A sleeper that dies leaves its bit behind, which costs a
 * look at its cell per publish until the cell is used again.
 */
#ifndef WI_NOTIFY_NOTIFY_H
#define WI_NOTIFY_NOTIFY_H

#include "platform/futex.h"
#include "ring/ring.h"

#define WI_LOOK_NS  1000000000 /* a sleeper looks again after this */
#define WI_CROWD_NS 50000000   /* ... in a crowd, or waiting for space */

/* The shared words of a store that waking needs. */
struct wi_waker {
	struct wi_shm_control *control;
	struct wi_shm_participant *participants;
	uint32_t participant_cnt;
};

/* wi_sleep_mark - say that cell @idx sleeps for record @t (or, with
 * WI_CROWD set in it, on the crowd word).  A full fence on this side. */
void wi_sleep_mark(const struct wi_ring *r, uint32_t idx, uint64_t t);

/* wi_sleep_unmark - it is awake. */
void wi_sleep_unmark(const struct wi_ring *r, uint32_t idx);

/* wi_sleep_fence - the sleeper's half of W1 in exclusive channels; after all
 * marks, before the last look. */
void wi_sleep_fence(const struct wi_waker *k);

/* wi_sleepers - does anybody sleep, or is about to? */
static inline bool
wi_sleepers(const struct wi_ring *r)
{
	uint64_t any = 0;

	for (uint32_t i = 0; i * 64 < r->g.cell_cnt; i++)
		any |= wi_load_relaxed(&r->ch->sleepers[i]);
	return any != 0;
}

/* wi_wake - wake those who sleep for a record up to @newest, which is
 * committed.  @woken: cell_cnt numbers, this caller's memory of whom it has
 * woken; zero at first. */
void wi_wake(const struct wi_ring *r, const struct wi_waker *k, uint64_t newest,
	     uint64_t *woken);

/* wi_bell_word - what a wait names the bell by.  It is always 0; a number that
 * somebody wrote there would let nobody sleep, nor the kernel ring it, and is
 * taken away. */
struct wi_wait_word wi_bell_word(struct wi_shm_control *control);

/* wi_change - count up `change` and wake everybody in the store, with the
 * bell armed. */
void wi_change(const struct wi_waker *k);

#endif
