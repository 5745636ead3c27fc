/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_settle - a lane's newest record is never forgotten.
 *
 * Two producers commit to a shared ring and settle before they replace a slot;
 * each stops before any step (or runs through), and either may stand still
 * half-way in settle() while the other goes on.  A taker looks for the last
 * committed record of a dead one's lane, the ring first, then `last`: of the
 * first producer once it is dead, or of one who has been dead all the time.
 *
 * Sizes: N = 2, two producers of 3 records each.  The first one's lock is the
 * kernel's: a release and an acquire, not weakened.
 *
 * Checked: the taker finds exactly the lane's newest committed record; a
 * settler finds every record up to newest() there or replaced.
 *
 * Pairs: T1 settled and what it stands for, T2 the commit over a settled record
 * and `last` (the taker's scan).  Rules: T3 `last` is only raised, T4 settle
 * before the slot is reused, T5 `last` before settled, T6 the taker reads the
 * ring first.
 */
#include "ring.hpp"

using namespace model;

namespace
{

enum { T1_REL, T1_ACQ, T2_REL, T2_ACQ, T3_STORE, T4_NONE, T5_ORDER, T6_LAST };

const variant variants[] = {
    {"T1.rel", 0, "settled is raised relaxed"},
    {"T1.acq", 0, "settled is read relaxed"},
    {"T2.rel", 0, "the committing CAS releases nothing"},
    {"T2.acq", 0, "the taker reads slots and last relaxed"},
    {"T3.store", 0, "last is stored, not raised"},
    {"T4.none", 0, "slots are reused without settling"},
    {"T5.order", 0, "settled is raised before last"},
    {"T6.last", 0, "the taker reads last before the ring"},
};

const settling how = {T2_REL, -1, T1_REL, T1_ACQ, T3_STORE, T5_ORDER, T4_NONE};

enum { SLOTS = 2, MINE = 3, STEPS = 16 };

struct taker : rl::test_suite<taker, 3>, ring<SLOTS, MINE> {
	word lock;

	void before()
	{
		boot(how, STEPS);
		STORE(lock, 1, mo_relaxed);
	}

	int from_ring(int lane)
	{
		int found = 0;

		for (int s = 0; s < SLOTS; s++) {
			int seq, desc;

			while (
			    !both(s, unless(T2_ACQ, mo_acquire), &seq, &desc))
				;
			if (seq != 0 && desc / MINE == lane && seq / 2 > found)
				found = seq / 2;
		}
		return found;
	}

	int from_last(int lane)
	{
		return seq_of(LOAD(last[lane], unless(T2_ACQ, mo_acquire)));
	}

	void thread(unsigned i)
	{
		if (i < 2) {
			produce((int)i);
			if (i == 0)
				STORE(lock, 0, mo_release);
			return;
		}
		int lane = lane_of[1] == DEAD + 1 ? (int)DEAD : 0;
		while (lane == 0 && LOAD(lock, mo_acquire) != 0)
			PAUSE();
		for (int k = 0; k < 5; k++) {
			bool late = weak(T6_LAST);
			int a = late ? from_last(lane) : from_ring(lane);
			int b = late ? from_ring(lane) : from_last(lane);

			CHECK((a > b ? a : b) == truth(lane, RECORDS));
		}
	}
};

const scene scenes[] = {{"taker", run<taker>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "settle", scenes, variants);
}
