/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_life - places of participants, and what their holders have open.
 *
 * Locks are the kernel's: a table under one mutex, so that who finds a byte
 * free has seen all that its last holder did; a death lets go of all bytes of
 * the dead one in one step.
 *
 *  place  Three newcomers to one place, each up to three times; one may die
 *         anywhere, the others leave when they have been there.
 *  holds  A holder of the place opens a channel and may die anywhere; then the
 *         next one takes the place, empties the row of holds and opens it, too.
 *         A third removes the channel and builds on its memory.
 *
 * Sizes: one place, up to 10 generations; one block of plain memory.
 *
 * Checked: never two live holders; an identity (a generation that was raised)
 * that has died is never seen alive again, one that lives never dead; memory is
 * not built on while somebody reads it; a row is empty at the end.
 *
 * Rules: P1 one newcomer at a time, P2 the cell is read behind that lock, P3
 * the present holder is asked for, P4 the row is emptied by the new holder,
 * before it opens anything.  Pair: P5 is H1 in store/blocks.c, where an opener
 * may be the next holder of a dead one's row.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { PLACE, HOLDS };
enum {
	P1_ALONE,
	P1_EARLY,
	P2_BEFORE,
	P3_BLIND,
	P4_NONE,
	P4_LATE,
	P5_OPEN,
	P5_FREE
};

const variant variants[] = {
    {"P1.alone", PLACE, "newcomers do not lock the taking of a place"},
    {"P1.early", PLACE, "that lock ends before the cell is raised"},
    {"P2.before", PLACE, "the cell is read before that lock only"},
    {"P3.blind", PLACE, "the byte of the present generation is not asked for"},
    {"P4.none", HOLDS, "the next holder leaves the row as it was"},
    {"P4.late", HOLDS, "it empties the row after it has opened a channel"},
    {"P5.open", HOLDS, "no fence between the bit and the second look"},
    {"P5.free", HOLDS, "no fence between the mark and the look at the rows"},
};

enum { GENERATIONS = 12, TAKING = GENERATIONS, BYTES = GENERATIONS + 1 };
enum { NOBODY = -1 };

struct place_of_one {
	rl::mutex table;
	int holder[BYTES]; /* under the table's lock */
	word gen;

	bool lived[GENERATIONS], died[GENERATIONS]; /* ghost */
	int left[3];				    /* ghost */

	void boot()
	{
		for (int i = 0; i < BYTES; i++)
			holder[i] = NOBODY;
		memset(lived, 0, sizeof lived);
		memset(died, 0, sizeof died);
		for (int i = 0; i < 3; i++)
			left[i] = -1;
		STORE(gen, 0, mo_relaxed);
	}

	bool lock(int me, int byte)
	{
		bool got;

		table.lock(RL_INFO);
		got = holder[byte] == NOBODY;
		if (got)
			holder[byte] = me;
		if (got && byte != TAKING)
			CHECK(!died[byte]);
		table.unlock(RL_INFO);
		return got;
	}

	void unlock(int byte)
	{
		table.lock(RL_INFO);
		holder[byte] = NOBODY;
		table.unlock(RL_INFO);
	}

	bool is_held(int byte)
	{
		bool is;

		table.lock(RL_INFO);
		is = holder[byte] != NOBODY;
		if (byte != TAKING)
			CHECK(!(is && died[byte]));
		table.unlock(RL_INFO);
		return is;
	}

	/* Killed, or gone by itself. */
	void leave(int me)
	{
		table.lock(RL_INFO);
		for (int i = 0; i < BYTES; i++) {
			if (holder[i] != me)
				continue;
			holder[i] = NOBODY;
			if (i != TAKING && lived[i])
				died[i] = true;
		}
		table.unlock(RL_INFO);
	}

	bool dies(int me)
	{
		return left[me] >= 0 && left[me]-- == 0;
	}

	enum taken { GOT, AGAIN, DEAD };

	/* Behind the lock on taking. */
	taken take_alone(int me, int seen, int *mine)
	{
		int g = weak(P2_BEFORE) ? seen : LOAD(gen, mo_acquire);

		if (dies(me))
			return DEAD;
		if (g != 0 && !weak(P3_BLIND) && is_held(g))
			return AGAIN;
		if (dies(me))
			return DEAD;
		if (!lock(me, g + 1))
			return AGAIN;
		if (dies(me))
			return DEAD;
		if (weak(P1_EARLY))
			unlock(TAKING);
		int old = g;
		if (!CAS(gen, old, g + 1, mo_acq_rel)) {
			unlock(g + 1);
			return AGAIN;
		}
		*mine = g + 1;
		for (int i = 1; i <= g; i++)
			CHECK(!lived[i] || died[i]);
		lived[g + 1] = true;
		return GOT;
	}

	taken take(int me, int *mine)
	{
		int g = LOAD(gen, mo_acquire);

		if (g != 0 && !weak(P3_BLIND) && is_held(g))
			return AGAIN;
		if (dies(me))
			return DEAD;
		if (!weak(P1_ALONE) && !lock(me, TAKING))
			return AGAIN;
		taken t = take_alone(me, g, mine);
		if (t != DEAD && !weak(P1_ALONE) && !weak(P1_EARLY))
			unlock(TAKING);
		return t;
	}
};

struct place : rl::test_suite<place, 3>, place_of_one {
	void before()
	{
		boot();
		left[0] = (int)rl::rand(9);
		if (rl::rand(2) == 0)
			return;
		/* somebody was here, and is gone or is about to go */
		STORE(gen, 1, mo_relaxed);
		lived[1] = died[1] = true;
	}

	void thread(unsigned i)
	{
		int me = (int)i, mine;

		for (int tries = 0; tries < 3; tries++) {
			taken t = take(me, &mine);

			if (t == GOT)
				CHECK(is_held(mine));
			if (t != AGAIN)
				leave(me);
			if (t == DEAD)
				return;
			PAUSE();
		}
	}
};

struct holds : rl::test_suite<holds, 3>, place_of_one {
	enum { LIVE = 1, DYING = 2, LIVE_AGAIN = 3 };

	rl::var<int> unit;
	word entry, row;

	void before()
	{
		boot();
		unit(RL_INFO) = 1;
		STORE(entry, (int)LIVE, mo_relaxed);
		STORE(row, 0, mo_relaxed);
		STORE(gen, 1, mo_relaxed);
		lived[1] = true;
		holder[1] = 0;
		left[0] = (int)rl::rand(6);
	}

	/* Open, read, close; false: died. */
	bool open(int me)
	{
		OR(row, 1, mo_acq_rel);
		FENCE_UNLESS(P5_OPEN, mo_seq_cst);
		if (weak(P4_LATE) && me == 1)
			STORE(row, 0, mo_release);
		if (dies(me))
			return false;
		int w = LOAD(entry, mo_acquire);
		if (w != DYING)
			CHECK(unit(RL_INFO) == w);
		if (dies(me))
			return false;
		if (w != DYING)
			CHECK(unit(RL_INFO) == w);
		if (dies(me))
			return false;
		AND(row, ~1, mo_acq_rel);
		return true;
	}

	void remove_and_build()
	{
		int w = LIVE;

		for (int i = (int)rl::rand(2) * 40; i > 0 && !lived[2]; i--)
			PAUSE();
		CHECK(CAS(entry, w, (int)DYING, mo_acq_rel));
		FENCE_UNLESS(P5_FREE, mo_seq_cst);
		for (int tries = 0; tries < 6; tries++) {
			int bits = LOAD(row, mo_acquire);
			int g = LOAD(gen, mo_acquire);

			if (bits == 0 || !is_held(g)) {
				unit(RL_INFO) = LIVE_AGAIN;
				STORE(entry, (int)LIVE_AGAIN, mo_release);
				return;
			}
			PAUSE();
		}
	}

	void thread(unsigned i)
	{
		int mine;

		switch (i) {
		case 0:
			open(0);
			return leave(0);
		case 1:
			for (int tries = 0; take(1, &mine) != GOT; tries++) {
				if (tries == 30)
					return; /* nobody has to be quick */
				PAUSE();
			}
			if (!weak(P4_NONE) && !weak(P4_LATE))
				STORE(row, 0, mo_release);
			if (!weak(P4_NONE) || rl::rand(2) == 0)
				open(1);
			CHECK(LOAD(row, mo_relaxed) == 0);
			return leave(1);
		default:
			return remove_and_build();
		}
	}
};

const scene scenes[] = {
    {"place", run<place>, 20000, 2},
    {"holds", run<holds>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "life", scenes, variants);
}
