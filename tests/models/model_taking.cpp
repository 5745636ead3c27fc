/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_taking - a lane changes hands: who may, and what becomes of its value.
 *
 * The lane's owner word is {state, who, changes}.  Its last holder is gone.
 *
 *  P  comes back to it by its id, publishes a value, and closes or dies; up to
 *     two times.
 *  T  wants a lane without a value for a new id.  It looks at the values, then
 *     at the owner word, then at the values again, then takes the lane.
 *  C  withdraws the value of one who is gone: it holds the lane meanwhile
 *     (CLEARING).  It may die with it.
 *
 * The value is one word here: how it is found is in model_settle and model_join
 * (and may say that there is one when it has just gone).  Locks are the
 * kernel's: a release and an acquire, not weakened.
 *
 * Checked: a lane is taken without a value only; nobody writes to a lane but
 * its holder; who comes back to his id finds his own lane.
 *
 * Pair: Q1 the word of one who closed and the second look.  Rules: Q2 the word
 * is changed by a CAS, Q3 who clears holds, Q4 CLEARING is held, Q5 changes
 * count up, Q6 the second look.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { Q1_REL, Q1_ACQ, Q2_STORE, Q3_FREE, Q4_IDLE, Q5_SAME, Q6_NONE };

const variant variants[] = {
    {"Q1.rel", 0, "who closes releases nothing"},
    {"Q1.acq", 0, "the owner word is read relaxed"},
    {"Q2.store", 0, "a lane is taken by a store"},
    {"Q3.free", 0, "a value is withdrawn without holding the lane"},
    {"Q4.idle", 0, "a lane that is being cleared may be taken"},
    {"Q5.same", 0, "a word comes back when its state does"},
    {"Q6.none", 0, "there is no second look at the values"},
};

enum { P, T, C, NOBODY };
enum state { IDLE, LIVE, RESERVED, CLEARING };

struct change : rl::test_suite<change, 3> {
	word owner, value;
	word lock[NOBODY + 1]; /* 1: lives */

	/* ghosts */
	int holder;
	int id; /* whose name the lane has */
	int left[3];

	void before()
	{
		STORE(owner, pack(IDLE, NOBODY, 0), mo_relaxed);
		STORE(value, (int)(rl::rand(2)), mo_relaxed);
		for (int i = 0; i <= NOBODY; i++)
			STORE(lock[i], i != NOBODY, mo_relaxed);
		holder = NOBODY;
		id = P;
		left[P] = rl::rand(2) == 0 ? (int)rl::rand(6) : -1;
		left[C] = rl::rand(3) == 0 ? (int)rl::rand(3) : -1;
		left[T] = -1;
	}

	static int pack(int state, int who, int changes)
	{
		return (weak(Q5_SAME) ? 0 : changes * 100) + who * 10 + state;
	}

	static int next(int w, int state, int who)
	{
		return pack(state, who, w / 100 + 1);
	}

	/* Dead: nothing of it is a holder any more. */
	bool dies(int me)
	{
		if (left[me] < 0 || left[me]-- != 0)
			return false;
		if (holder == me)
			holder = NOBODY;
		STORE(lock[me], 0, mo_release);
		return true;
	}

	bool is_held(int w)
	{
		if (w % 10 == IDLE || (w % 10 == CLEARING && weak(Q4_IDLE)))
			return false;
		return LOAD(lock[w / 10 % 10], mo_acquire) != 0;
	}

	bool change_to(int me, int *w, int state)
	{
		int old = *w;

		*w = next(old, state, me);
		if (weak(Q2_STORE))
			STORE(owner, *w, mo_release);
		else if (!CAS(owner, old, *w, mo_acq_rel))
			return false;
		holder = me;
		return true;
	}

	void give_back(int me, int w, bool releases)
	{
		int old = w;

		CHECK(holder == me || weak(Q3_FREE));
		holder = NOBODY;
		CAS(owner, old, next(w, IDLE, NOBODY),
		    releases ? mo_acq_rel : mo_relaxed);
	}

	void write(int me, int val)
	{
		CHECK(holder == me);
		STORE(value, val, mo_release);
		CHECK(holder == me);
	}

	void come_back()
	{
		for (int tries = 0; tries < 3; tries++) {
			int w = LOAD(owner, mo_acquire);

			/* the name, as it was with this word */
			if (w % 10 == RESERVED || is_held(w) || id != P)
				continue;
			if (!change_to(P, &w, LIVE))
				continue;
			CHECK(id == P);
			if (dies(P))
				return;
			if (rl::rand(4) != 0)
				write(P, 1);
			if (dies(P))
				return;
			give_back(P, w, !weak(Q1_REL));
			if (dies(P))
				return;
		}
	}

	void take()
	{
		for (int tries = 0; tries < 4; tries++) {
			int has = LOAD(value, mo_acquire);
			int w = LOAD(owner, unless(Q1_ACQ, mo_acquire));

			if (is_held(w) || has != 0)
				continue;
			if (!weak(Q6_NONE) && LOAD(value, mo_acquire) != 0)
				continue;
			if (!change_to(T, &w, RESERVED))
				continue;
			CHECK(LOAD(value, mo_acquire) == 0);
			id = T;
			write(T, 0);
			return;
		}
	}

	void clear()
	{
		for (int tries = 0; tries < 3; tries++) {
			int w = LOAD(owner, mo_acquire);

			if (LOAD(value, mo_acquire) == 0 || is_held(w) ||
			    w % 10 == RESERVED)
				continue;
			if (weak(Q3_FREE)) {
				write(C, 0);
				continue;
			}
			if (!change_to(C, &w, CLEARING))
				continue;
			if (dies(C))
				return;
			if (LOAD(value, mo_acquire) != 0)
				write(C, 0);
			if (dies(C))
				return;
			give_back(C, w, true);
		}
	}

	void thread(unsigned i)
	{
		if (i == P)
			come_back();
		else if (i == T)
			take();
		else
			clear();
	}
};

const scene scenes[] = {{"change", run<change>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "taking", scenes, variants);
}
