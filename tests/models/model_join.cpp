/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_join - join with the current value: no gap, no double.
 *
 * Two producers commit to a shared ring and settle; either may die anywhere.  A
 * joiner takes T = newest() (or, as for a clear it comes by later, a somewhat
 * older T), scans the slots once in any order, then reads each lane's `last`,
 * and says for each lane: superseded, or this record is the value.
 *
 * Whether a value is a clear, and the copy by its position, add nothing to the
 * order of things and are left out (model_lane has the copy).  So is the stream
 * from T + 1 (model_shared), and the join of exclusive channels
 * (model_exclusive), and the gating one (model_block).
 *
 * Sizes: N = 2, two producers of 3 records each, in half of the runs a record
 * that a dead one has left; 3 look-ups.
 *
 * Checked: a lane that is not superseded gives exactly its newest record up to
 * T (not an older one: a gap; not a newer one: a double); a superseded one has
 * a newer record than T, which the stream will bring.
 *
 * Pairs: J1 the commit that replaces a record and the joiner's scan, J2 settled
 * and what it stands for, seen by the joiner through the commit.  Rules: J3 the
 * ring first, then `last`; J4 beyond T is superseded; J5 settling.
 */
#include "ring.hpp"

using namespace model;

namespace
{

enum { J1_REL, J1_ACQ, J2_REL, J2_ACQ, J3_LAST, J4_BEYOND, J5_NONE };

const variant variants[] = {
    {"J1.rel", 0, "the committing CAS releases nothing"},
    {"J1.acq", 0, "the joiner reads slots and last relaxed"},
    {"J2.rel", 0, "settled is raised relaxed"},
    {"J2.acq", 0, "producers read settled relaxed"},
    {"J3.last", 0, "the joiner reads last before the ring"},
    {"J4.beyond", 0, "a value beyond T counts as the value"},
    {"J5.none", 0, "slots are reused without settling"},
};

const settling how = {J1_REL, -1, J2_REL, J2_ACQ, -1, -1, J5_NONE};

enum { SLOTS = 2, MINE = 3, STEPS = 20 };

struct lookup : rl::test_suite<lookup, 3>, ring<SLOTS, MINE> {
	void before()
	{
		boot(how, STEPS);
	}

	void scan(int T, int found[LANES])
	{
		int first = (int)rl::rand(SLOTS);

		for (int k = 0; k < SLOTS; k++) {
			int s = (first + k) % SLOTS;
			int seq, desc;

			while (
			    !both(s, unless(J1_ACQ, mo_acquire), &seq, &desc))
				;
			if (seq == 0 || seq / 2 > T)
				continue;
			int lane = desc / MINE;
			if (seq / 2 > found[lane])
				found[lane] = seq / 2;
		}
	}

	void read_last(int at[LANES])
	{
		for (int lane = 0; lane < LANES; lane++)
			at[lane] = seq_of(
			    LOAD(last[lane], unless(J1_ACQ, mo_acquire)));
	}

	void look(int T)
	{
		int found[LANES] = {0, 0, 0}, at[LANES];

		if (weak(J3_LAST))
			read_last(at);
		scan(T, found);
		if (!weak(J3_LAST))
			read_last(at);
		for (int lane = 0; lane < LANES; lane++) {
			if (at[lane] > T && !weak(J4_BEYOND)) {
				CHECK(truth(lane, RECORDS) > T);
				continue;
			}
			int v = at[lane] > found[lane] ? at[lane] : found[lane];
			CHECK(v == truth(lane, T));
		}
	}

	void thread(unsigned i)
	{
		if (i < 2) {
			produce((int)i);
			return;
		}
		for (int k = 0; k < 3; k++) {
			int T = newest();

			if (T > 1)
				T -= (int)rl::rand(2);
			look(T);
		}
	}
};

const scene scenes[] = {{"lookup", run<lookup>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "join", scenes, variants);
}
