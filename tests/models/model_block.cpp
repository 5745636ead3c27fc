/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_block - a block channel: want, safe, and a consumer that joins and
 * seeks.
 *
 *  join  Two producers of a shared channel, a gating consumer that joins at
 *        any time, with the next record or one that is still safe, and often
 *        a dead one whose cell is in the way.  Views in place are allowed in
 *        block channels, so the bytes of the lanes are plain memory: writing
 *        them while the consumer looks is a data race.  A producer that finds
 *        no room some times over gives up (EAGAIN).
 *  seek  The same with N = 4 slots and lanes as long; the consumer seeks up to
 *        two times, forward or back: what its cursor has kept safe stays so,
 *        what lies before that it may have if producers do not want it yet.
 *
 * Sizes: N = 2 or 4, two producers of 3 records, lanes of as many units of one
 * record each, two cells.  Slots as in slot.hpp.
 *
 * Checked: a gating consumer is never lapped from the cursor on with which its
 * join ended; it reads each record as it was committed.
 *
 * Pairs, as in ring/gate.h: G1 want and cursor (the two fences), G2 safe raised
 * by one producer and used by another, G4 the end of a view and the scan; G3 is
 * in model_space.  Rules: G5 two words, not one; G6 safe goes no further than
 * the want of that scan; G7 the joiner's second look, also of one who goes
 * back.
 */
#include "slot.hpp"

using namespace model;

namespace
{

enum { EACH = 3, RECORDS = 2 * EACH, CELLS = 2, TRIES = 4 };
enum { JOIN, SEEK };
enum {
	G1_PROD,
	G1_JOIN,
	G2_REL,
	G2_ACQ,
	G4_REL,
	G4_ACQ,
	G5_ONE,
	G6_FAR,
	G7_NONE,
	G7_SEEK
};

const variant variants[] = {
    {"G1.prod", JOIN, "no fence between raising want and the scan"},
    {"G1.join", JOIN, "no fence between the first cursor and reading want"},
    {"G2.rel", JOIN, "safe is raised relaxed"},
    {"G2.acq", JOIN, "safe is read relaxed"},
    {"G4.rel", JOIN, "the cursor is stored relaxed"},
    {"G4.acq", JOIN, "the scan reads cursors relaxed"},
    {"G5.one", JOIN, "want alone says what may be reused"},
    {"G6.far", JOIN, "safe is raised as far as the scan allows"},
    {"G7.none", JOIN, "the joiner does not look at want"},
    {"G7.seek", SEEK, "who seeks back does not look at want again"},
};

/* N slots, and units of a lane. */
template <int N> struct gated {
	enum { FREE = 0, DEAD = 5, ME = 7, FOREVER = 1000 };

	rl::atomic<u64> slot[N];
	rl::var<int> unit[2][N];
	word tail, want, safe;
	word owner[CELLS], cursor[CELLS];
	int committed[RECORDS + 1];
	int held; /* the consumer's: its cursor */

	void boot()
	{
		for (int i = 0; i < N; i++)
			STORE(slot[i], (u64)0, mo_relaxed);
		for (int i = 0; i < 2; i++)
			for (int k = 0; k < N; k++)
				unit[i][k](RL_INFO) = 0;
		STORE(tail, 0, mo_relaxed);
		STORE(want, 0, mo_relaxed);
		STORE(safe, 0, mo_relaxed);
		for (int i = 0; i < CELLS; i++) {
			STORE(owner[i], (int)FREE, mo_relaxed);
			STORE(cursor[i], 0, mo_relaxed);
		}
		if (rl::rand(2) == 0) {
			STORE(owner[0], (int)DEAD, mo_relaxed);
			STORE(cursor[0], 1, mo_relaxed);
		}
		memset(committed, 0, sizeof committed);
	}

	int newest()
	{
		int t = LOAD(tail, mo_acquire);

		for (;;) {
			int b = seq_of(LOAD(slot[(t + 1) % N], mo_acquire)) / 2;
			if (b <= t)
				return t;
			t = b;
		}
	}

	bool is_safe(int u)
	{
		word &w = weak(G5_ONE) ? want : safe;

		return u < LOAD(w, unless(G2_ACQ, mo_acquire));
	}

	/* Wait until record u may be reused; false: gave up. */
	bool space(int u)
	{
		for (int tries = 0; tries < TRIES; tries++) {
			int w = u + 1 + 1, end = newest() + 1;
			if (w > end)
				w = end;
			raise(want, w, mo_acq_rel);
			FENCE_UNLESS(G1_PROD, mo_seq_cst);
			int m = FOREVER, slowest = -1, held_by = FREE;
			for (int c = 0; c < CELLS; c++) {
				int o = LOAD(owner[c], mo_acquire);
				int at =
				    LOAD(cursor[c], unless(G4_ACQ, mo_acquire));

				if (o == FREE || at >= m)
					continue;
				m = at;
				slowest = c;
				held_by = o;
			}
			if (!weak(G6_FAR) && m > w)
				m = w;
			if (weak(G6_FAR) && m > RECORDS + 1)
				m = RECORDS + 1;
			raise(safe, m, weak(G2_REL) ? mo_acquire : mo_acq_rel);
			if (is_safe(u))
				return true;
			if (held_by == DEAD)
				CAS(owner[slowest], held_by, (int)FREE,
				    mo_acq_rel);
			else
				PAUSE();
		}
		return false;
	}

	void produce(int who)
	{
		int mine[EACH]; /* the numbers of my records */

		for (int k = 0; k < EACH; k++) {
			if (k >= N && !is_safe(mine[k - N]) &&
			    !space(mine[k - N]))
				return;
			int desc = who * EACH + k;
			unit[who][k % N](RL_INFO) = 100 + desc;

			int t;
			for (int tries = 0;; tries++) {
				if (tries == 6)
					return;
				t = newest() + 1;
				u64 old = LOAD(slot[t % N], mo_acquire);
				if (seq_of(old) != 2 * (t - N) &&
				    !(old == 0 && t <= N))
					continue;
				if (t > N && !is_safe(t - N) && !space(t - N))
					return;
				if (CAS(slot[t % N], old, pack(2 * t, desc),
					mo_acq_rel))
					break;
			}
			committed[t] = desc + 1;
			mine[k] = t;
			if (rl::rand(2) == 0)
				raise(tail, t, mo_release);
		}
	}

	/* wi_gate_join(), to anywhere; 0: gave up.  `before`: the cursor until
	 * now, or 0. */
	int place_cursor(int c, int before)
	{
		for (int tries = 0; tries < 6; tries++) {
			int w = LOAD(want, mo_acquire);
			int end = newest() + 1;
			int floor = before != 0 && before < w ? before : w;

			CHECK(w <= end);
			if (floor < 1)
				floor = 1;
			int t =
			    floor + (int)rl::rand((unsigned)(end - floor + 1));
			STORE(cursor[c], t, mo_release);
			FENCE_UNLESS(G1_JOIN, mo_seq_cst);
			if (weak(G7_NONE) || (before != 0 && t >= before) ||
			    (before != 0 && weak(G7_SEEK)) ||
			    LOAD(want, mo_relaxed) <= t)
				return held = t;
		}
		return 0;
	}

	void consume(int seeks)
	{
		int c = 0, o = FREE;

		if (!CAS(owner[0], o, (int)ME, mo_acq_rel)) {
			c = 1;
			o = FREE;
			CHECK(CAS(owner[1], o, (int)ME, mo_acq_rel));
		}
		int t = place_cursor(c, 0);
		for (int tries = 0; t > 0 && t <= RECORDS && tries < 10;
		     tries++) {
			u64 s = LOAD(slot[t % N], mo_acquire);

			CHECK(seq_of(s) <= 2 * t);
			if (seq_of(s) < 2 * t) {
				PAUSE();
				continue;
			}
			int d = desc_of(s);
			CHECK(unit[d / EACH][d % EACH % N](RL_INFO) == 100 + d);
			CHECK(d + 1 == committed[t]);
			t++;
			if (rl::rand(2) == 0)
				STORE(cursor[c], held = t,
				      unless(G4_REL, mo_release));
			if (seeks > 0 && rl::rand(2) == 0) {
				seeks--;
				t = place_cursor(c, held);
			}
		}
	}
};

struct join : rl::test_suite<join, 3>, gated<2> {
	void before()
	{
		boot();
	}

	void thread(unsigned i)
	{
		if (i < 2)
			produce((int)i);
		else
			consume(0);
	}
};

struct seek : rl::test_suite<seek, 3>, gated<4> {
	void before()
	{
		boot();
	}

	void thread(unsigned i)
	{
		if (i < 2)
			produce((int)i);
		else
			consume(2);
	}
};

const scene scenes[] = {
    {"join", run<join>, 30000, 2},
    {"seek", run<seek>, 30000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "block", scenes, variants);
}
