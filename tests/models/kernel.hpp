/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kernel.hpp - futex_waitv, futex wake and the robust-list bell, as the models
 * need them.
 *
 * Like Linux and no better than it:
 *  - One lock per word.  The compare is atomic with that word's wakes, but the
 *    load is an ordinary one: what it may return is what happens-before allows.
 *  - waitv compares and queues its words one after the other, in the order of
 *    the list, and drops each lock before it takes the next.
 *  - When several of its words were woken, waitv names the last of the list.
 *  - An entry may be private: compared and queued under a key of its own
 *    process, which wakes from other processes never reach.
 *  - A wake of one takes any of the queued.
 * Time-outs are left out: who would sleep until one is asleep for ever here,
 * and relacy reports the deadlock.
 */
#ifndef WI_MODELS_KERNEL_HPP
#define WI_MODELS_KERNEL_HPP

#include "model.hpp"

namespace model
{

enum { ALL = 1000, WAIT_LIST = 5 };

struct entry {
	int word; /* index of the futex word */
	int expected;
	bool reachable; /* not private */
};

template <int WORDS, int TASKS> struct kernel {
	word *words[WORDS];
	rl::mutex bucket[WORDS];
	rl::mutex task[TASKS];
	rl::condition_variable asleep[TASKS];
	/* under the bucket's lock: which entry of a task is queued there */
	bool queued[TASKS][WAIT_LIST];
	int on[TASKS][WAIT_LIST]; /* the word, or -1 for a private entry */
	bool woken[TASKS];	  /* under the task's lock */
	bool down[TASKS];	  /* ghost: asleep, or on its last step there */

	void boot()
	{
		memset(queued, 0, sizeof queued);
		memset(woken, 0, sizeof woken);
		memset(down, 0, sizeof down);
	}

	/* Unqueue the first n entries; the last that a wake had taken, or -1.
	 */
	int unqueue(int me, const entry *list, int n)
	{
		int last = -1;

		for (int i = 0; i < n; i++) {
			rl::mutex &m = bucket[list[i].word];

			m.lock(RL_INFO);
			if (!queued[me][i])
				last = i;
			queued[me][i] = false;
			m.unlock(RL_INFO);
		}
		return last;
	}

	/* Sleep until one of the words is woken; its index, or -1 if a word
	 * did not hold what was expected. */
	int waitv(int me, const entry *list, int n)
	{
		woken[me] = false;
		for (int i = 0; i < n; i++) {
			int w = list[i].word;

			bucket[w].lock(RL_INFO);
			if (LOAD(*words[w], mo_relaxed) != list[i].expected) {
				bucket[w].unlock(RL_INFO);
				return unqueue(me, list, i);
			}
			queued[me][i] = true;
			on[me][i] = list[i].reachable ? w : -1;
			bucket[w].unlock(RL_INFO);
		}
		task[me].lock(RL_INFO);
		down[me] = true;
		while (!woken[me])
			asleep[me].wait(task[me], RL_INFO);
		down[me] = false;
		task[me].unlock(RL_INFO);
		return unqueue(me, list, n);
	}

	/* Wake up to `count` sleepers of a word; how many there were. */
	int wake(int w, int count)
	{
		int done = 0;
		int first = (int)rl::rand(TASKS);

		bucket[w].lock(RL_INFO);
		for (int k = 0; k < TASKS && done < count; k++) {
			int who = (first + k) % TASKS;

			for (int i = 0; i < WAIT_LIST; i++) {
				if (!queued[who][i] || on[who][i] != w)
					continue;
				queued[who][i] = false;
				task[who].lock(RL_INFO);
				woken[who] = true;
				asleep[who].notify_all(RL_INFO);
				task[who].unlock(RL_INFO);
				done++;
			}
		}
		bucket[w].unlock(RL_INFO);
		return done;
	}
};

} // namespace model

#endif
