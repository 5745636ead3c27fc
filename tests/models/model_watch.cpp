/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_watch - the thread behind weir_fd(): it sleeps for consumers that poll
 * a descriptor.
 *
 * A consumer that finds nothing clears its event, marks its cell, and gives the
 * watcher the word to sleep on; then it polls the event.  The watcher sleeps on
 * {slots, kick, change, bell, slots once more as private}; `kick` is a word of
 * its own process, which says that its list has changed.  State of the two is
 * behind one mutex.  The consumer does not poll if it finds something after
 * all.
 *
 * Sizes: one publisher of two records, who may then remove the channel; one
 * consumer, who takes both, or waits for the end, too, and takes its descriptor
 * away; the
 * watcher, which ends when its list is empty.  kernel.hpp, no time-outs.
 *
 * Checked: whoever polls is told; when the descriptor has been taken away, the
 * watcher uses none of its words any more.
 *
 * Pairs: W1 and W3 as in model_sleep, with the sleep in another thread than the
 * mark.  Rules: V1 the event is cleared before the mark, V2 the list has
 * changed: kick, seen before the list is read, V3 the look behind the mark, V4
 * who takes a descriptor away waits for the watcher to come round, V5 what
 * counts is the `change` that the consumer saw.
 */
#include "kernel.hpp"

using namespace model;

namespace
{

enum { A0, A1, A2, KICK, CHANGE, BELL, FUTEXES };
enum { RECORDS = 2, WATCHER = 2 };
enum {
	W1_PUB,
	W1_SUB,
	W3_REL,
	W3_ACQ,
	V1_CLEAR,
	V2_NONE,
	V2_SEEN,
	V3_NONE,
	V4_NONE,
	V5_NOW
};

const variant variants[] = {
    {"W1.pub", 0, "the publisher has no fence after the commit"},
    {"W1.sub", 0, "the consumer has no fence after setting its bit"},
    {"W3.rel", 0, "change is counted up relaxed"},
    {"W3.acq", 0, "no fence between the words and the look"},
    {"V1.clear", 0, "the event is cleared after the watcher was told"},
    {"V2.none", 0, "who changes the list does not kick"},
    {"V2.seen", 0, "the watcher reads kick after the list"},
    {"V3.none", 0, "the consumer does not look after it has marked itself"},
    {"V4.none", 0, "who takes a descriptor away does not wait"},
    {"V5.now", 0, "the watcher takes change as it is when it falls asleep"},
};

struct poll : rl::test_suite<poll, 3> {
	word a[RECORDS + 1]; /* 2: there; the last one never comes */
	word kick, change, bell, removed, sleepers, await;
	kernel<FUTEXES, 3> os;

	rl::mutex event_lock;
	rl::condition_variable event_set;
	bool event; /* the eventfd */

	/* behind the mutex */
	rl::mutex mutex;
	rl::condition_variable came_round;
	bool listed, armed, sleeps;
	int on, val, change_val, round;

	bool in_use;  /* ghost: the watcher has words in its list */
	bool removes; /* ghost: the publisher, in the end */

	void before()
	{
		for (int i = 0; i <= RECORDS; i++) {
			STORE(a[i], 0, mo_relaxed);
			os.words[A0 + i] = &a[i];
		}
		STORE(kick, 0, mo_relaxed);
		STORE(change, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		STORE(removed, 0, mo_relaxed);
		STORE(sleepers, 0, mo_relaxed);
		STORE(await, -1, mo_relaxed);
		os.words[KICK] = &kick;
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
		event = armed = sleeps = in_use = false;
		listed = true;
		removes = rl::rand(4) != 0;
		on = val = change_val = round = 0;
	}

	void set_event()
	{
		event_lock.lock(RL_INFO);
		event = true;
		event_set.notify_all(RL_INFO);
		event_lock.unlock(RL_INFO);
	}

	void clear_event()
	{
		event_lock.lock(RL_INFO);
		event = false;
		event_lock.unlock(RL_INFO);
	}

	void poll_event()
	{
		event_lock.lock(RL_INFO);
		while (!event)
			event_set.wait(event_lock, RL_INFO);
		event_lock.unlock(RL_INFO);
	}

	void kick_it()
	{
		ADD(kick, 1, mo_acq_rel);
		os.wake(KICK, ALL);
	}

	bool news(int next)
	{
		return LOAD(a[next], mo_acquire) == 2 ||
		       LOAD(removed, mo_relaxed) != 0;
	}

	/* wi_watch_rearm() */
	void rearm(int next)
	{
		if (!weak(V1_CLEAR))
			clear_event();
		STORE(await, next, mo_release);
		OR(sleepers, 1, mo_acq_rel);
		FENCE_UNLESS(W1_SUB, mo_seq_cst);
		mutex.lock(RL_INFO);
		on = next;
		val = LOAD(a[next], mo_relaxed);
		change_val = LOAD(change, mo_relaxed);
		FENCE_UNLESS(W3_ACQ, mo_acquire);
		armed = weak(V3_NONE) || !news(next);
		if (!armed)
			set_event();
		mutex.unlock(RL_INFO);
		if (!weak(V2_NONE))
			kick_it();
		if (weak(V1_CLEAR))
			clear_event();
	}

	/* wi_watch_end() */
	void end()
	{
		mutex.lock(RL_INFO);
		listed = false;
		int r = round;
		while (!weak(V4_NONE) && sleeps && round == r) {
			mutex.unlock(RL_INFO);
			kick_it();
			mutex.lock(RL_INFO);
			/* it comes round at its own time */
			if (sleeps && round == r)
				came_round.wait(mutex, RL_INFO);
		}
		CHECK(!in_use);
		mutex.unlock(RL_INFO);
		kick_it();
	}

	void consume()
	{
		/* weir_fd() is a rearm without a look behind it */
		rearm(0);
		poll_event();
		for (int next = 0;;) {
			if (LOAD(a[next], mo_acquire) == 2) {
				next++;
				continue;
			}
			if (next == RECORDS &&
			    (!removes || LOAD(removed, mo_relaxed) != 0))
				break;
			rearm(next);
			if (!news(next))
				poll_event();
		}
		end();
	}

	void publish()
	{
		int woken = -1;

		for (int t = 0; t < RECORDS; t++) {
			STORE(a[t], 2, mo_release);
			FENCE_UNLESS(W1_PUB, mo_seq_cst);
			if (LOAD(sleepers, mo_relaxed) == 0)
				continue;
			int w = LOAD(await, mo_acquire);
			if (w < 0 || w > t || w == woken)
				continue;
			woken = w;
			os.wake(A0 + w, ALL);
		}
		if (!removes)
			return;
		/* often only when the consumer polls again */
		for (int i = (int)rl::rand(2) * 60; i > 0; i--) {
			if (armed && on == RECORDS)
				break;
			PAUSE();
		}
		STORE(removed, 1, mo_relaxed);
		ADD(change, 1, unless(W3_REL, mo_release));
		os.wake(CHANGE, ALL);
	}

	void tell()
	{
		if (!armed || (LOAD(change, mo_relaxed) == change_val &&
			       LOAD(a[on], mo_relaxed) == val))
			return;
		armed = false;
		set_event();
	}

	void watch()
	{
		mutex.lock(RL_INFO);
		while (listed) {
			int seen = LOAD(kick, mo_relaxed);

			tell();
			int w = on, e = val, ch = change_val;
			sleeps = true;
			in_use = armed;
			bool has = armed;
			mutex.unlock(RL_INFO);
			if (weak(V2_SEEN))
				seen = LOAD(kick, mo_relaxed);
			if (weak(V5_NOW))
				ch = LOAD(change, mo_relaxed);
			entry armed_list[] = {{A0 + w, e, true},
					      {KICK, seen, true},
					      {CHANGE, ch, true},
					      {BELL, 0, true},
					      {A0 + w, e, false}};
			entry idle_list[] = {{KICK, seen, true}};
			os.waitv(WATCHER, has ? armed_list : idle_list,
				 has ? 5 : 1);
			mutex.lock(RL_INFO);
			sleeps = in_use = false;
			round++;
			came_round.notify_all(RL_INFO);
		}
		mutex.unlock(RL_INFO);
	}

	void thread(unsigned i)
	{
		if (i == 0)
			publish();
		else if (i == 1)
			consume();
		else
			watch();
	}
};

const scene scenes[] = {{"poll", run<poll>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "watch", scenes, variants);
}
