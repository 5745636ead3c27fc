/* SPDX-License-Identifier: BSD-2-Clause
 *
 * futex.h - sleeping on words, waking, and the bell that the kernel rings.
 */
#ifndef WI_PLATFORM_FUTEX_H
#define WI_PLATFORM_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"

#define WI_WAIT_MAX 128 /* words that one wait can name */

/* One word of a wait. */
struct wi_wait_word {
	const uint32_t *word;
	uint32_t val;	 /* sleep only while *word is this */
	bool is_private; /* not shared with other processes */
};

/* wi_futex_wait - sleep until one of the words is woken or is not its val.
 * @deadline_ns: CLOCK_MONOTONIC; INT64_MAX: none
 *
 * Return: the index of a woken word; -EAGAIN a word differed; -ETIMEDOUT;
 * -EINTR a signal handler ran; -EINVAL.  Spurious returns of an index are
 * possible.
 *
 * The kernel resumes a futex_waitv by itself after a handler that was
 * installed with SA_RESTART, as signal() does: a wait on several words then
 * goes on, and only one on a single word ends with -EINTR.
 *
 * Where the kernel has no futex_waitv (before 5.16, or filtered), only the
 * first word is slept on, and for at most 50 ms at a time: then -EAGAIN or
 * 0 comes more often and the caller's loop looks at the rest; and any handler
 * ends it with -EINTR.  Where it would not even do that (out of memory),
 * -EAGAIN comes after 1 ms. */
int wi_futex_wait(const struct wi_wait_word *words, int cnt,
		  int64_t deadline_ns);

/* wi_futex_waitv_absent - for tests: pretend that futex_waitv is missing. */
void wi_futex_waitv_absent(bool absent);

/* wi_futex_wake - wake all (or at most @cnt, if > 0) who sleep on @word; of
 * any process unless @is_private.  Async-signal-safe.
 * Return: how many, or -errno. */
int wi_futex_wake(const uint32_t *word, int cnt, bool is_private);

/* ---- the bell ---------------------------------------------------------------
 *
 * A thread that dies between its commit and its wake would leave sleepers
 * asleep.  While a bell is armed, the thread's robust-list "pending" entry
 * points at it: if the thread dies, the kernel looks at the word, finds it 0
 * and wakes one of its sleepers, who relays.  The field belongs to libc,
 * whose robust mutexes use it around their own operations; so the old value
 * is put back.  Two plain stores to thread-local memory; no system call
 * after the thread's first.
 */

/* Where this thread's pending entry is; asked of the kernel once. */
struct wi_bell_home {
	uintptr_t *pending; /* NULL: not asked yet, or there is none */
	uintptr_t offset;   /* the kernel adds it to find the word */
	bool is_asked;
};

extern _Thread_local struct wi_bell_home wi_bell_home
    __attribute__((tls_model("initial-exec")));

/* wi_bell_ask - fill in wi_bell_home. */
void wi_bell_ask(void);

/* wi_bell_arm - point at @bell.  Return: what to give to wi_bell_disarm.
 * Where the thread has no robust list, it does nothing. */
static inline uintptr_t
wi_bell_arm(const uint32_t *bell)
{
	struct wi_bell_home *home = &wi_bell_home;
	uintptr_t old;

	if (__builtin_expect(!home->is_asked, 0))
		wi_bell_ask();
	if (!home->pending)
		return 0;
	old = *home->pending;
	*home->pending = (uintptr_t)bell - home->offset;
	wi_barrier(); /* before what it covers */
	return old;
}

static inline void
wi_bell_disarm(uintptr_t old)
{
	wi_barrier(); /* behind what it covers */
	if (wi_bell_home.pending)
		*wi_bell_home.pending = old;
}

/* ---- fences on the far side
 * -------------------------------------------------- */

/* wi_membarrier_register - this process promises to be reachable by others'
 * wi_membarrier().  Return: 0, or -errno: its publishers must fence. */
int wi_membarrier_register(void);

/* wi_membarrier - a full fence in every thread of every registered process
 * that runs right now.  Return: 0, or -errno: not to be had here. */
int wi_membarrier(void);

#endif
