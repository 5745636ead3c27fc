/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_sleep - sleeping and waking, with deaths between commit and wake.
 *
 * The kernel is kernel.hpp; nobody has a time-out, so a sleeper that is left
 * behind is a deadlock.  Slots are the words A0 and A1; a record is there when
 * its word holds 2.  Six scenes:
 *
 *  dekker  One publisher, one sleeper, nobody dies: the publisher's fence
 *          between commit and reading `sleepers` against the sleeper's between
 *          setting its bit and looking again.
 *  death   The publisher dies at any step; two sleepers wait for the same
 *          record, one may die as well.  If it died before its commit, a
 *          successor commits.  The kernel rings the bell.
 *  masked  Two channels: the publisher of one dies, while a publisher of the
 *          other wakes the very sleeper that the bell has chosen.
 *  frozen  A commits and stops for ever before its wake (no death, no bell);
 *          B commits the next record and must wake who waits for A's.
 *  cell    A dead sleeper has left its bit; its cell gets a new owner, who goes
 *          to sleep in it for a later record, while publishers look at it.
 *  gone    The channel is removed under a sleeper.
 *
 * In dekker, the sleeper's bit may stay set between two sleeps, as that of a
 * consumer with a descriptor does.  Bits are changed by the cell's owner alone.
 * A publisher remembers for which record it has woken a cell (`woken`) and does
 * not do it twice.
 *
 * The list given to waitv is {A, change, bell, A once more as private}.  Both
 * ends matter: the bell must be queued before A is compared for the last time
 * (else a death in between rings for nobody), and no word that can be woken may
 * stand behind the bell (else a wake of that word hides the bell's).  The last
 * entry is compared, but never woken.
 *
 * Checked: every sleeper that lives gets its record.
 *
 * Pairs: W1 the two fences, W3 change and what it was counted up for.
 * Rules: W2 what a publisher remembers, and that await is written before the
 * bit, W4 when the bell is armed, W5 the relay, W6 the order of the list, W7
 * whom a publisher wakes.
 */
#include "kernel.hpp"

using namespace model;

namespace
{

enum { A0, A1, CHANGE, BELL, FUTEXES };
enum { CELLS = 2 };
enum { DEKKER, DEATH, MASKED, FROZEN, CELL, GONE };
enum {
	W1_PUB,
	W1_SUB,
	W2_CELL,
	W2_AWAIT,
	W3_REL,
	W3_ACQ,
	W4_LATE,
	W4_SUB,
	W5_NONE,
	W5_SILENT,
	W6_FIRST,
	W6_LAST,
	W7_OWN
};

const variant variants[] = {
    {"W1.pub", DEKKER, "the publisher has no fence after the commit"},
    {"W1.sub", DEKKER, "the sleeper has no fence after setting its bit"},
    {"W2.cell", DEKKER, "a publisher remembers the cell, not the record"},
    {"W2.await", DEKKER, "await is written after the bit and the fence"},
    {"W3.rel", GONE, "change is counted up relaxed"},
    {"W3.acq", GONE, "no fence between change and the look"},
    {"W4.late", DEATH, "the publisher arms the bell after its commit"},
    {"W4.sub", DEATH, "sleepers do not arm the bell"},
    {"W5.none", DEATH, "whoever the bell wakes tells nobody"},
    {"W5.silent", DEATH, "the relay raises change, but does not wake it"},
    {"W6.first", DEATH, "the list is {A, change, bell}"},
    {"W6.last", MASKED, "the list is {bell, change, A}"},
    {"W7.own", FROZEN, "a publisher wakes who waits for its own slot only"},
};

struct sleeping {
	word a[2];
	word change;
	word removed;
	word bell;
	word sleepers;
	word await[CELLS];
	word owner[CELLS];
	kernel<FUTEXES, 4> os;
	bool armed[4];
	int woken[4][CELLS]; /* a publisher's memory */
	int left[4];	     /* steps until a thread dies, or never */

	void boot()
	{
		for (int i = 0; i < 2; i++)
			STORE(a[i], 0, mo_relaxed);
		STORE(change, 0, mo_relaxed);
		STORE(removed, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		STORE(sleepers, 0, mo_relaxed);
		for (int i = 0; i < CELLS; i++) {
			STORE(await[i], -1, mo_relaxed);
			STORE(owner[i], i + 1, mo_relaxed);
		}
		for (int i = 0; i < 4; i++) {
			armed[i] = false;
			left[i] = -1;
			for (int c = 0; c < CELLS; c++)
				woken[i][c] = -1;
		}
		os.words[A0] = &a[0];
		os.words[A1] = &a[1];
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
	}

	/* Often the interesting things only happen once others sleep: in half
	 * of the runs let them get there (bounded: they need not). */
	void dawdle(int first, int last)
	{
		if (rl::rand(2) == 0)
			return;
		for (int i = 0; i < 100; i++) {
			bool all = true;
			for (int k = first; k <= last; k++)
				all = all && os.down[k];
			if (all)
				return;
			PAUSE();
		}
	}

	/* Is this the thread's last step?  Then the kernel rings. */
	bool dies(int me)
	{
		if (left[me] < 0 || left[me]-- != 0)
			return false;
		if (armed[me])
			os.wake(BELL, 1);
		return true;
	}

	/* Wait until record `w` is there; false: died.  `keeps`: stay marked
	 * afterwards. */
	bool wait_for(int me, int cell, int w, bool keeps = false)
	{
		armed[me] = !weak(W4_SUB);
		if (!weak(W2_AWAIT))
			STORE(await[cell], w, mo_release);
		OR(sleepers, 1 << cell, mo_acq_rel);
		FENCE_UNLESS(W1_SUB, mo_seq_cst);
		if (weak(W2_AWAIT))
			STORE(await[cell], w, mo_release);
		for (;;) {
			int e = LOAD(a[w], mo_relaxed);
			int ch = LOAD(change, mo_relaxed);

			FENCE_UNLESS(W3_ACQ, mo_acquire);
			if (dies(me))
				return false;
			if (LOAD(a[w], mo_acquire) == 2 ||
			    LOAD(removed, mo_relaxed) != 0)
				break;

			entry whole[] = {{w, e, true},
					 {CHANGE, ch, true},
					 {BELL, 0, true},
					 {w, e, false}};
			entry first[] = {
			    {BELL, 0, true}, {CHANGE, ch, true}, {w, e, true}};
			entry *list = weak(W6_LAST) ? first : whole;
			int n = weak(W6_LAST) || weak(W6_FIRST) ? 3 : 4;
			int i = os.waitv(me, list, n);

			if (dies(me))
				return false;
			if (i < 0 || list[i].word != BELL || weak(W5_NONE))
				continue;
			ADD(change, 1, unless(W3_REL, mo_release));
			if (dies(me))
				return false;
			if (!weak(W5_SILENT))
				os.wake(CHANGE, ALL);
		}
		if (!keeps)
			AND(sleepers, ~(1 << cell), mo_acq_rel);
		armed[me] = false;
		return true;
	}

	/* Wake who is marked for a record up to `newest`; false: died on the
	 * way. */
	bool wake_marked(int me, int newest)
	{
		FENCE_UNLESS(W1_PUB, mo_seq_cst);
		if (dies(me))
			return false;
		int marked = LOAD(sleepers, mo_relaxed);
		for (int c = 0; c < CELLS; c++) {
			if (!(marked & 1 << c))
				continue;
			if (dies(me))
				return false;
			int w = LOAD(await[c], mo_acquire);
			int &memory = woken[me][c];
			if (w < 0 || w > newest ||
			    (weak(W7_OWN) && w != newest))
				continue;
			if (memory == w || (weak(W2_CELL) && memory >= 0))
				continue;
			memory = w;
			os.wake(w, ALL);
		}
		return true;
	}

	/* Commit record `w` and wake; false: died. */
	bool commit(int me, int w)
	{
		if (dies(me))
			return false;
		armed[me] = !weak(W4_LATE);
		if (dies(me))
			return false;
		STORE(a[w], 2, mo_release);
		if (dies(me))
			return false;
		armed[me] = true;
		if (!wake_marked(me, w) || dies(me))
			return false;
		armed[me] = false;
		return true;
	}
};

struct dekker : rl::test_suite<dekker, 2>, sleeping {
	bool keeps;

	void before()
	{
		boot();
		keeps = rl::rand(2) == 0;
	}

	void thread(unsigned i)
	{
		if (i == 0) {
			STORE(a[0], 1, mo_relaxed);
			commit(0, 0);
			commit(0, 1);
		} else {
			wait_for(1, 0, 0, keeps);
			wait_for(1, 0, 1, keeps);
		}
	}
};

struct death : rl::test_suite<death, 3>, sleeping {
	void before()
	{
		boot();
		left[0] = (int)rl::rand(9);
		if (rl::rand(2) == 0)
			left[1] = (int)rl::rand(6);
	}

	void thread(unsigned i)
	{
		if (i != 0) {
			wait_for((int)i, (int)i - 1, 0);
			return;
		}
		dawdle(1, 2);
		commit(0, 0);
		armed[0] = false;
		left[0] = -1;
		/* its successor, who finds it committed or not */
		if (LOAD(a[0], mo_acquire) != 2)
			commit(0, 0);
	}
};

struct masked : rl::test_suite<masked, 4>, sleeping {
	void before()
	{
		boot();
		left[0] = 3; /* right after the commit */
	}

	void thread(unsigned i)
	{
		if (i < 2) {
			dawdle(2, 3);
			commit((int)i, (int)i);
		} else {
			wait_for((int)i, (int)i - 2, (int)i - 2);
		}
	}
};

struct frozen : rl::test_suite<frozen, 3>, sleeping {
	void before()
	{
		boot();
	}

	void thread(unsigned i)
	{
		if (i == 0) {
			STORE(a[0], 2, mo_release);
		} else if (i == 1) {
			/* B comes after A's record, or commits that one */
			if (LOAD(a[0], mo_acquire) == 2)
				commit(1, 1);
			else
				commit(1, 0);
		} else {
			wait_for(2, 0, 0);
		}
	}
};

struct cell : rl::test_suite<cell, 3>, sleeping {
	void before()
	{
		boot();
		/* the owner 0 of cell 0 has died in its sleep */
		STORE(owner[0], 0, mo_relaxed);
		STORE(await[0], A0, mo_relaxed);
		STORE(sleepers, 1, mo_relaxed);
	}

	void thread(unsigned i)
	{
		if (i == 0) {
			commit(0, 0);
		} else if (i == 1) {
			while (LOAD(a[0], mo_acquire) != 2)
				PAUSE();
			commit(1, 1);
		} else {
			int dead = 0;

			CHECK(CAS(owner[0], dead, 9, mo_acq_rel));
			AND(sleepers, ~1, mo_acq_rel);
			STORE(await[0], 1, mo_relaxed);
			wait_for(2, 0, 1);
		}
	}
};

struct gone : rl::test_suite<gone, 2>, sleeping {
	void before()
	{
		boot();
	}

	void thread(unsigned i)
	{
		if (i == 1) {
			wait_for(1, 0, 0);
			return;
		}
		STORE(removed, 1, mo_relaxed);
		ADD(change, 1, unless(W3_REL, mo_release));
		os.wake(CHANGE, ALL);
	}
};

const scene scenes[] = {
    {"dekker", run<dekker>, 20000, 2}, {"death", run<death>, 20000, 2},
    {"masked", run<masked>, 10000, 1}, {"frozen", run<frozen>, 20000, 2},
    {"cell", run<cell>, 20000, 2},     {"gone", run<gone>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "sleep", scenes, variants);
}
