/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_names - one name, one live entry: claim, scan, abort; and the same for
 * ranges of memory; and reuse of an entry under a slow opener.
 *
 * An entry is a word {state, who, use}: `use` counts the uses of the entry, so
 * that a word never comes back.  Fields (name, range) lie beside it and are
 * written while the entry is MINE, which says nothing to others; CLAIM says
 * that they are there.  Scanners read word, field, word again.
 *
 *  unique  Three claimers want one name, in a table of three entries with one
 *          used before; one may die anywhere (then its claim counts as
 * aborted). range   Three creators, each in two stages: claim a range of units,
 * build the block there, claim the name, live.  Units are plain memory: two
 *          builders in one range are a data race.  One may die anywhere.
 *  reuse   A live entry is removed and its block built anew, while an opener
 *          that read the entry stores the block in its own cell, reads the
 * entry again, and uses the block.
 *
 * Sizes: 3 entries, 3 threads, 4 units in blocks of 2, up to 4 attempts each.
 *
 * Checked: never two live entries of one name; never two users of one unit; who
 * is told that the name lives finds it so; an opener reads the block it opened.
 *
 * Pairs: N1 own claim before the scan, N2 the opener's cell and the entry's
 * mark, N3 the opener's last read and the next builder, N4 live and the block
 * behind it (the opener's acquire is its fence of N2), N8 the mark of a new use
 * before its fields, a field before the second look at the word.  Rules: N5
 * rivals are aborted, N6 the last step is a CAS, N7 what the scan looks for.
 *
 * That a claim is seen together with its fields needs no pair of its own: of
 * two claimers the one whose fence comes later sees all of the other's claim,
 * and aborts it.  N8 is for those who see a field of the next use: without it
 * they take the range for free without having seen how it became so.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { ENTRIES = 3, CLAIMERS = 3, UNITS = 4, BLOCK = 2, NOBODY = 9 };
enum { UNIQUE, RANGE, REUSE };
enum {
	N1_FENCE,
	N1_RANGE,
	N1_NAME,
	N2_OPEN,
	N2_FREE,
	N3_REL,
	N3_ACQ,
	N4_REL,
	N5_LEAVE,
	N6_STORE,
	N7_ONCE,
	N7_LIVE,
	N8_REL
};

const variant variants[] = {
    {"N1.fence", UNIQUE, "no fence between own claim and the scan"},
    {"N1.range", RANGE, "the same, for ranges"},
    {"N1.name", RANGE, "the same, for names of built blocks"},
    {"N2.open", REUSE, "no fence between the cell and the second look"},
    {"N2.free", REUSE, "no fence between marking the entry and the scan"},
    {"N3.rel", REUSE, "the opener leaves its cell relaxed"},
    {"N3.acq", REUSE, "the reclaimer reads the cells relaxed"},
    {"N4.rel", REUSE, "the entry goes live relaxed"},
    {"N5.leave", UNIQUE, "a rival's claim is left alone"},
    {"N6.store", UNIQUE, "the claim goes live by a store"},
    {"N7.once", UNIQUE,
     "a rival that escapes its abort is not looked at again"},
    {"N7.live", UNIQUE, "only claims are looked for, not live ones"},
    {"N8.rel", RANGE, "the fields of a new use are stored relaxed"},
};

enum state { FREE, MINE, CLAIM, ABORTED, BUILDING, NAMING, LIVE, DYING };

int
pack(int state, int who, int use)
{
	return use * 1000 + who * 10 + state;
}

int
state_of(int w)
{
	return w % 10;
}

int
who_of(int w)
{
	return w / 10 % 100;
}

int
use_of(int w)
{
	return w / 1000;
}

struct table {
	word entry[ENTRIES];
	word field[ENTRIES]; /* the name (unique), the first unit (range) */
	word name[ENTRIES];
	word lock[CLAIMERS]; /* 1: lives */
	int left[CLAIMERS];

	void boot()
	{
		for (int i = 0; i < ENTRIES; i++) {
			STORE(entry[i], pack(FREE, NOBODY, 0), mo_relaxed);
			STORE(field[i], 0, mo_relaxed);
			STORE(name[i], 0, mo_relaxed);
		}
		for (int i = 0; i < CLAIMERS; i++) {
			STORE(lock[i], 1, mo_relaxed);
			left[i] = -1;
		}
	}

	bool dies(int me)
	{
		return left[me] >= 0 && left[me]-- == 0;
	}

	/* Take a free entry, or one that a dead claimer or builder has left:
	 * its new word, or 0. */
	int take(int me, int *at)
	{
		int from = (int)rl::rand(ENTRIES);

		for (int k = 0; k < ENTRIES; k++) {
			int i = (from + k) % ENTRIES;
			int w = LOAD(entry[i], mo_acquire);
			int s = state_of(w);

			bool loose = s == FREE;
			if (s != FREE && s != LIVE && s != DYING)
				loose = who_of(w) != me &&
					LOAD(lock[who_of(w)], mo_acquire) == 0;
			int mine = pack(MINE, me, use_of(w) + 1);
			if (loose && CAS(entry[i], w, mine, mo_acq_rel)) {
				*at = i;
				return mine;
			}
		}
		return 0;
	}

	/* Give an entry back, whatever became of it: it is still ours. */
	void give_back(int i, int use)
	{
		STORE(entry[i], pack(FREE, NOBODY, use), mo_release);
	}
};

enum verdict { WON, TAKEN, AGAIN, DEAD };

struct unique : rl::test_suite<unique, CLAIMERS>, table {
	int live; /* ghost: how many are */

	void before()
	{
		boot();
		live = 0;
		/* an entry with a past of another name */
		STORE(entry[1], pack(FREE, NOBODY, 1), mo_relaxed);
		STORE(field[1], 5, mo_relaxed);
		if (rl::rand(2) == 0)
			left[0] = (int)rl::rand(9);
	}

	/* Does a live entry of this name stand?  Abort who claims it. */
	bool scan(int at, int want)
	{

		for (int i = 0; i < ENTRIES; i++) {
			if (i == at)
				continue;
			for (int tries = 0; tries < 4; tries++) {
				int w = LOAD(entry[i], mo_acquire);
				int s = state_of(w);

				if (s != CLAIM && s != LIVE)
					break;
				if (LOAD(field[i], mo_acquire) != want) {
					if (LOAD(entry[i], mo_relaxed) == w)
						break;
					continue;
				}
				if (s == LIVE && weak(N7_LIVE))
					break;
				if (s == LIVE) {
					FENCE(mo_acquire);
					if (LOAD(entry[i], mo_relaxed) == w)
						return true;
					continue;
				}
				if (weak(N5_LEAVE))
					break;
				int dead = pack(ABORTED, who_of(w), use_of(w));
				if (CAS(entry[i], w, dead, mo_acq_rel) ||
				    weak(N7_ONCE))
					break;
			}
		}

		return false;
	}

	verdict claim(int me, int want)
	{
		int i;
		int w = take(me, &i);

		if (w == 0)
			return AGAIN;
		int use = use_of(w);
		if (dies(me))
			return DEAD;
		STORE(field[i], want, mo_release);
		if (dies(me))
			return DEAD;
		STORE(entry[i], pack(CLAIM, me, use), mo_release);
		if (dies(me))
			return DEAD;
		FENCE_UNLESS(N1_FENCE, mo_seq_cst);
		bool taken = scan(i, want);
		if (dies(me))
			return DEAD;
		if (taken) {
			give_back(i, use);
			return TAKEN;
		}
		int claimed = pack(CLAIM, me, use);
		if (weak(N6_STORE)) {
			STORE(entry[i], pack(LIVE, me, use), mo_release);
		} else if (!CAS(entry[i], claimed, pack(LIVE, me, use),
				mo_acq_rel)) {
			CHECK(state_of(claimed) == ABORTED);
			give_back(i, use);
			return AGAIN;
		}
		live++;
		CHECK(live == 1);
		return WON;
	}

	void thread(unsigned i)
	{
		for (int tries = 0; tries < 4; tries++) {
			verdict v = claim((int)i, 7);

			if (v == TAKEN)
				CHECK(live == 1);
			if (v == DEAD)
				STORE(lock[i], 0, mo_release);
			if (v != AGAIN)
				return;
		}
	}
};

struct range : rl::test_suite<range, CLAIMERS>, table {
	rl::var<int> unit[UNITS];
	int live; /* ghost: entries of the name */

	void before()
	{
		boot();
		live = 0;
		for (int i = 0; i < UNITS; i++)
			unit[i](RL_INFO) = 0;
		if (rl::rand(2) == 0)
			left[0] = (int)rl::rand(9);
	}

	static bool owns(int s)
	{
		return s == BUILDING || s == NAMING || s == LIVE || s == DYING;
	}

	/* Anybody else in these units?  Abort who only claims them. */
	bool occupied(int at, int first, bool abort)
	{
		for (int i = 0; i < ENTRIES; i++) {
			if (i == at)
				continue;
			for (int tries = 0; tries < 4; tries++) {
				int w = LOAD(entry[i], mo_acquire);
				int s = state_of(w);

				if (s != CLAIM && !owns(s))
					break;
				int b = LOAD(field[i], mo_acquire);
				if (b + BLOCK <= first || first + BLOCK <= b) {
					if (LOAD(entry[i], mo_relaxed) == w)
						break;
					continue;
				}
				if (owns(s))
					return true;
				if (!abort)
					break;
				int dead = pack(ABORTED, who_of(w), use_of(w));
				if (CAS(entry[i], w, dead, mo_acq_rel))
					break;
			}
		}
		return false;
	}

	/* The name: as in `unique`, but the claim stands in NAMING. */
	bool named(int at)
	{
		for (int i = 0; i < ENTRIES; i++) {
			if (i == at)
				continue;
			for (int tries = 0; tries < 4; tries++) {
				int w = LOAD(entry[i], mo_acquire);
				int s = state_of(w);

				if (s == LIVE)
					return true;
				if (s != NAMING)
					break;
				/* back to a block without a name */
				int back = pack(BUILDING, who_of(w), use_of(w));
				if (CAS(entry[i], w, back, mo_acq_rel))
					break;
			}
		}
		return false;
	}

	verdict create(int me)
	{
		int i;
		int w = take(me, &i);

		if (w == 0)
			return AGAIN;
		int use = use_of(w);
		int first = (int)rl::rand(UNITS - BLOCK + 1);
		for (int k = 0; k < UNITS && occupied(i, first, false); k++)
			first = (first + 1) % (UNITS - BLOCK + 1);
		if (dies(me))
			return DEAD;
		STORE(field[i], first, unless(N8_REL, mo_release));
		int claimed = pack(CLAIM, me, use);
		STORE(entry[i], claimed, mo_release);
		FENCE_UNLESS(N1_RANGE, mo_seq_cst);
		if (dies(me))
			return DEAD;
		if (occupied(i, first, true) ||
		    !CAS(entry[i], claimed, pack(BUILDING, me, use),
			 mo_acq_rel)) {
			give_back(i, use);
			return AGAIN;
		}
		for (int k = 0; k < BLOCK; k++) {
			if (dies(me))
				return DEAD;
			unit[first + k](RL_INFO) = me;
		}
		for (int tries = 0; tries < 3; tries++) {
			int building = pack(BUILDING, me, use);
			int naming = pack(NAMING, me, use);

			if (!CAS(entry[i], building, naming, mo_acq_rel))
				CHECK(false);
			FENCE_UNLESS(N1_NAME, mo_seq_cst);
			if (dies(me))
				return DEAD;
			if (named(i)) {
				CHECK(live == 1);
				break;
			}
			if (!CAS(entry[i], naming, pack(LIVE, me, use),
				 mo_acq_rel))
				continue;
			live++;
			CHECK(live == 1);
			for (int k = 0; k < BLOCK; k++)
				CHECK(unit[first + k](RL_INFO) == me);
			return WON;
		}
		for (int k = 0; k < BLOCK; k++)
			CHECK(unit[first + k](RL_INFO) == me);
		/* whatever others made of it: BUILDING or NAMING, and ours */
		give_back(i, use);
		return AGAIN;
	}

	void thread(unsigned i)
	{
		for (int tries = 0; tries < 3; tries++) {
			verdict v = create((int)i);

			if (v == DEAD)
				STORE(lock[i], 0, mo_release);
			if (v != AGAIN)
				return;
		}
	}
};

struct reuse : rl::test_suite<reuse, 3>, table {
	rl::var<int> unit;
	word cell[2]; /* the openers': 1 names the block, 0 none */

	void before()
	{
		boot();
		unit(RL_INFO) = 1;
		STORE(entry[0], pack(LIVE, 0, 1), mo_relaxed);
		for (int i = 0; i < 2; i++)
			STORE(cell[i], 0, mo_relaxed);
	}

	void remove_and_build()
	{
		int w = pack(LIVE, 0, 1);

		if (!CAS(entry[0], w, pack(DYING, 0, 1), mo_acq_rel))
			CHECK(false);
		FENCE_UNLESS(N2_FREE, mo_seq_cst);
		for (int tries = 0; tries < 6; tries++) {
			bool held = false;
			for (int c = 0; c < 2; c++)
				held = held ||
				       LOAD(cell[c],
					    unless(N3_ACQ, mo_acquire)) != 0;
			if (!held) {
				unit(RL_INFO) = 2;
				STORE(entry[0], pack(LIVE, 0, 2),
				      unless(N4_REL, mo_release));
				return;
			}
			PAUSE();
		}
	}

	void open(int c)
	{

		for (int tries = 0; tries < 3; tries++) {
			int w = LOAD(entry[0], mo_acquire);

			if (state_of(w) != LIVE)
				continue;
			STORE(cell[c], 1, mo_relaxed);
			FENCE_UNLESS(N2_OPEN, mo_seq_cst);
			if (LOAD(entry[0], mo_acquire) == w)
				CHECK(unit(RL_INFO) == use_of(w));
			STORE(cell[c], 0, unless(N3_REL, mo_release));
		}
	}

	void thread(unsigned i)
	{
		if (i == 2)
			remove_and_build();
		else
			open((int)i);
	}
};

const scene scenes[] = {
    {"unique", run<unique>, 20000, 2},
    {"range", run<range>, 20000, 1},
    {"reuse", run<reuse>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "names", scenes, variants);
}
