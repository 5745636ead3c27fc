/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_current - clears, and what is current after one.
 *
 * Records are values or clears, at random.  As of T, a lane's value is its
 * newest record up to T unless that is a clear, and the channel's value the
 * newest of those.  A consumer begins with the current value, follows the
 * stream, looks up again what is current after each clear, and begins anew when
 * it has been overtaken.
 *
 * Sizes: N = 2, two producers of 3 records each who may die anywhere, a third
 * who is dead and may have left record 1; slots and settling as in ring.hpp.
 * The copy by position is model_lane's: here a record that has a newer one of
 * its lane is found overwritten at random.
 *
 * Checked: a value that is found is the channel's value as of T, and "none" is
 * true; "superseded" means that a newer record than T is there; at the end the
 * consumer has what is current.
 *
 * Rules: K1 the look-up after a clear, K2 a clear gives way to the next older
 * value, K3 a clear ends the value that was delivered, K4 superseded is not
 * none.
 */
#include "ring.hpp"

using namespace model;

namespace
{

enum { K1_NONE, K2_FIRST, K3_KEEP, K4_NEXT };

const variant variants[] = {
    {"K1.none", 0, "nothing is looked up after a clear"},
    {"K2.first", 0, "a clear as a lane's newest record ends the look-up"},
    {"K3.keep", 0, "a clear whose look-up finds nothing changes nothing"},
    {"K4.next", 0, "a superseded lane is passed over"},
};

const settling how = {-1, -1, -1, -1, -1, -1, -1};

enum { SLOTS = 2, MINE = 3, STEPS = 24 };
enum { NONE = 0, SUPERSEDED = -1 };

struct follow : rl::test_suite<follow, 3>, ring<SLOTS, MINE> {
	bool is_clear[RECORDS]; /* ghost: by desc; constant */
	int ended;		/* ghost: producers that have */

	void before()
	{
		boot(how, STEPS);
		for (int i = 0; i < RECORDS; i++)
			is_clear[i] = rl::rand(2) == 0;
		is_clear[DEAD * MINE] = false;
		ended = 0;
	}

	/* ghost: desc of record t */
	bool clears(int t)
	{
		int k = 0;

		for (int u = 1; u < t; u++)
			k += lane_of[u] == lane_of[t];
		return is_clear[(lane_of[t] - 1) * MINE + k];
	}

	/* ghost: the channel's value as of T */
	int value(int T)
	{
		int best = NONE;

		for (int lane = 0; lane < LANES; lane++) {
			int t = truth(lane, T);

			if (t > best && !clears(t))
				best = t;
		}
		return best;
	}

	/* ghost: may record t have been overwritten? */
	bool gone(int t)
	{
		return truth(lane_of[t] - 1, RECORDS) > t && rl::rand(4) == 0;
	}

	/* wi_values_find(): each lane's newest as of T, or SUPERSEDED */
	void find(int T, int found[LANES])
	{
		int first = (int)rl::rand(SLOTS);

		for (int lane = 0; lane < LANES; lane++)
			found[lane] = 0;
		for (int k = 0; k < SLOTS; k++) {
			int s = (first + k) % SLOTS;
			int seq, desc;

			while (!both(s, mo_acquire, &seq, &desc))
				;
			if (seq / 2 <= T && seq / 2 > found[desc / MINE])
				found[desc / MINE] = seq / 2;
		}
		for (int lane = 0; lane < LANES; lane++) {
			int at = seq_of(LOAD(last[lane], mo_acquire));

			if (at > T)
				found[lane] = SUPERSEDED;
			else if (at > found[lane])
				found[lane] = at;
		}
	}

	/* wi_value_current() */
	int look_up(int T)
	{
		int found[LANES], seq, desc;

		if (T == 0)
			return NONE;
		if (!both(T % SLOTS, mo_acquire, &seq, &desc) || seq != 2 * T ||
		    gone(T))
			return SUPERSEDED;
		if (!clears(T))
			return T;
		find(T, found);
		for (;;) {
			int best = 0;

			for (int i = 0; i < LANES; i++) {
				if (found[i] == SUPERSEDED && !weak(K4_NEXT))
					return SUPERSEDED;
				if (found[i] > found[best])
					best = i;
			}
			int t = found[best];
			if (t <= 0)
				return NONE;
			if (gone(t))
				return SUPERSEDED;
			if (!clears(t))
				return t;
			if (weak(K2_FIRST))
				return NONE;
			found[best] = 0;
		}
	}

	/* The same, checked. */
	int current(int T)
	{
		int v = look_up(T);

		if (v == SUPERSEDED)
			CHECK(lane_of[T + 1] != 0);
		else
			CHECK(v == value(T));
		return v == SUPERSEDED ? (int)NONE : v;
	}

	void consume()
	{
		int t = newest();
		int now = current(t);

		t++;
		for (int tries = 0; tries < 60; tries++) {
			bool over = ended == 2;
			int seq, desc;

			if (!both(t % SLOTS, mo_acquire, &seq, &desc))
				continue;
			if (seq < 2 * t && over && lane_of[t] == 0) {
				CHECK(now == value(RECORDS));
				return;
			}
			if (seq < 2 * t) {
				PAUSE();
				continue;
			}
			if (seq > 2 * t) { /* overtaken */
				t = newest();
				now = current(t++);
				continue;
			}
			if (!clears(t)) {
				now = t;
			} else if (!weak(K1_NONE)) {
				int v = current(t);

				if (!weak(K3_KEEP) || v != NONE)
					now = v;
			}
			t++;
		}
	}

	void thread(unsigned i)
	{
		if (i < 2) {
			produce((int)i);
			ended++;
		} else {
			consume();
		}
	}
};

const scene scenes[] = {{"follow", run<follow>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "current", scenes, variants);
}
