/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_fence - W1 where the fence is on the sleeper's side: exclusive
 * channels, whose publishers do not fence.
 *
 * membarrier is a seq_cst fence in every thread of a registered process, at
 * whatever instruction that thread is.  Here the sleeper asks, and a publisher
 * that is registered fences between the two steps where it finds itself asked:
 * that may be any two.  One that has ended, or runs no longer, has fenced by
 * that.  Asking and answering are ghosts and order nothing.
 *
 *  far    A publisher of two records that is registered, or is not and fences
 *         by itself, or was told to fence before; a sleeper that may call
 *         membarrier, or has said before that it may not.
 *  first  A sleeper that may not call has said so before; in the variant it
 *         says so only now.
 *
 * Sizes: 2 records, 1 publisher, 1 sleeper; kernel.hpp, no time-outs.
 *
 * Checked: the sleeper gets both records.
 *
 * `first` is why it is said when a place is taken, not when somebody falls
 * asleep: a publisher that looked whether it should fence before it was told so
 * misses that sleeper.  "Before" is a happens-before here; in the library it is
 * the time between opening and sleeping, and if a process loses the right to
 * call in between, the look after a second finds what was missed.
 *
 * Pairs: F1 bit, membarrier, the slot; F2 need_fence, seen by the publisher.
 */
#include "kernel.hpp"

using namespace model;

namespace
{

enum { A0, A1, CHANGE, BELL, FUTEXES };
enum { FAR, FIRST };
enum { F1_NONE, F1_EARLY, F1_MUST, F2_PUB, F2_MARK, F2_FIRST };

const variant variants[] = {
    {"F1.none", FAR, "the publisher is not registered and does not fence"},
    {"F1.early", FAR, "membarrier comes before the bit"},
    {"F1.must", FAR, "who could not register does not fence"},
    {"F2.pub", FAR, "the publisher does not look at need_fence"},
    {"F2.mark", FAR, "the bit is no fence where publishers have theirs"},
    {"F2.first", FIRST, "nobody knew before that a sleeper may not"},
};

struct far_side {
	word a[2];
	word change, bell, sleepers, await, need_fence;
	kernel<FUTEXES, 2> os;

	/* ghosts */
	bool registered, may_call;
	bool asked, over;

	void boot(bool is_registered, bool sleeper_may_call)
	{
		for (int i = 0; i < 2; i++)
			STORE(a[i], 0, mo_relaxed);
		STORE(change, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		STORE(sleepers, 0, mo_relaxed);
		STORE(await, -1, mo_relaxed);
		STORE(need_fence, 0, mo_relaxed);
		os.words[A0] = &a[0];
		os.words[A1] = &a[1];
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
		registered = is_registered;
		may_call = sleeper_may_call;
		asked = over = false;
	}

	/* Between two steps of a publisher. */
	void step()
	{
		if (!asked)
			return;
		FENCE(mo_seq_cst);
		asked = false;
	}

	void membarrier()
	{
		FENCE(mo_seq_cst);
		if (!registered || weak(F1_NONE))
			return;
		asked = true;
		while (asked && !over)
			PAUSE();
		FENCE(mo_seq_cst);
	}

	void sleep_fence()
	{
		if (LOAD(need_fence, mo_relaxed) != 0)
			return;
		if (may_call) {
			membarrier();
		} else {
			STORE(need_fence, 1, mo_relaxed);
			FENCE(mo_seq_cst);
		}
	}

	void mark(int w)
	{
		STORE(await, w, mo_release);
		OR(sleepers, 1, mo_acq_rel);
		/* wi_fetch_or() is a full fence */
		FENCE_UNLESS(F2_MARK, mo_seq_cst);
	}

	void wait_for(int w)
	{
		if (weak(F1_EARLY))
			sleep_fence();
		mark(w);
		if (!weak(F1_EARLY))
			sleep_fence();
		for (;;) {
			int e = LOAD(a[w], mo_relaxed);
			int ch = LOAD(change, mo_relaxed);

			FENCE(mo_acquire);
			if (LOAD(a[w], mo_acquire) == 2)
				break;
			entry list[] = {{w, e, true},
					{CHANGE, ch, true},
					{BELL, 0, true},
					{w, e, false}};
			os.waitv(1, list, 4);
		}
		AND(sleepers, ~1, mo_acq_rel);
	}

	void publish()
	{
		int woken = -1;

		for (int w = 0; w < 2; w++) {
			STORE(a[w], 1, mo_release); /* the odd number */
			step();
			STORE(a[w], 2, mo_release);
			step();
			bool fences = !registered && !weak(F1_MUST);
			if (!weak(F2_PUB) && LOAD(need_fence, mo_relaxed) != 0)
				fences = true;
			step();
			if (fences)
				FENCE(mo_seq_cst);
			int marked = LOAD(sleepers, mo_relaxed);
			step();
			if (marked == 0)
				continue;
			int t = LOAD(await, mo_acquire);
			step();
			if (t < 0 || t > w || t == woken)
				continue;
			woken = t;
			os.wake(t, ALL);
			step();
		}
		FENCE(mo_seq_cst);
		over = true;
	}

	void thread(unsigned i)
	{
		if (i == 0)
			return publish();
		wait_for(0);
		wait_for(1);
	}
};

struct far : rl::test_suite<far, 2>, far_side {
	void before()
	{
		bool told = rl::rand(2) == 0;

		boot(rl::rand(2) == 0, !told);
		STORE(need_fence, (int)told, mo_relaxed);
	}

	void thread(unsigned i)
	{
		far_side::thread(i);
	}
};

struct first : rl::test_suite<first, 2>, far_side {
	void before()
	{
		/* as written, somebody has said so before */
		boot(true, false);
		STORE(need_fence, (int)!weak(F2_FIRST), mo_relaxed);
	}

	void thread(unsigned i)
	{
		far_side::thread(i);
	}
};

const scene scenes[] = {
    {"far", run<far>, 40000, 2},
    {"first", run<first>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "fence", scenes, variants);
}
