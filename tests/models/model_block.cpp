/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_block - a block channel: want, safe, a consumer that joins, and
 * producers that wait for a cursor.
 *
 *  join  Two producers of a shared channel, a gating consumer that joins at
 *        any time, with the next record or one that is still safe, and often
 *        a dead one whose cell is in the way.  Views in place are allowed in
 *        block channels, so the bytes of the lanes are plain memory: writing
 *        them while the consumer looks is a data race.  A producer that finds
 *        no room some times over gives up (EAGAIN).
 *
 *  wait  Two producers sleep on the cursor of one consumer (kernel.hpp, no
 *        time-outs), which moves up to two times, by reading or by joining
 *        anew, and may go.  One flag, `waiters`, stands for all who sleep:
 *        they set it, the consumer takes it away before it moves.
 *
 * Sizes: N = 2, two producers of 3 records, lanes of 2 units of one record
 * each, two cells.  Slots as in slot.hpp.
 *
 * Checked: a gating consumer is never lapped from the cursor on with which its
 * join ended; it reads each record as it was committed; no producer sleeps on
 * a cursor that has moved on.
 *
 * Pairs, as in ring/gate.h: G1 want and cursor (the two fences), G2 safe raised
 * by one producer and used by another, G3 cursor and waiters (the two fences),
 * G4 the end of a view and the scan.  Rules: G3 (late, had, again, close) a
 * mark that was made for the cursor as it stands is never taken away, and one
 * that was taken away is answered; G5 two words, not one; G6 safe goes no
 * further than the want of that scan; G7 the joiner's second look.
 */
#include "kernel.hpp"
#include "slot.hpp"

using namespace model;

namespace
{

enum { N = 2, EACH = 3, UNITS = 2, RECORDS = 2 * EACH, CELLS = 2, TRIES = 4 };
enum { JOIN, WAIT };
enum {
	G1_PROD,
	G1_JOIN,
	G2_REL,
	G2_ACQ,
	G3_PROD,
	G3_CONS,
	G3_GONE,
	G3_LATE,
	G3_HAD,
	G3_AGAIN,
	G3_CLOSE,
	G4_REL,
	G4_ACQ,
	G5_ONE,
	G6_FAR,
	G7_NONE
};

const variant variants[] = {
    {"G1.prod", JOIN, "no fence between raising want and the scan"},
    {"G1.join", JOIN, "no fence between the first cursor and reading want"},
    {"G2.rel", JOIN, "safe is raised relaxed"},
    {"G2.acq", JOIN, "safe is read relaxed"},
    {"G3.prod", WAIT, "no fence between setting waiters and the second look"},
    {"G3.cons", WAIT, "no fence between the cursor and reading waiters"},
    {"G3.gone", WAIT, "nor between going and reading waiters"},
    {"G3.late", WAIT, "waiters is cleared after the cursor has moved"},
    {"G3.had", WAIT, "who cleared waiters does not wake for that"},
    {"G3.again", WAIT, "waiters is cleared for a cursor that is there already"},
    {"G3.close", WAIT, "who goes leaves the cursor where it was"},
    {"G4.rel", JOIN, "the cursor is stored relaxed"},
    {"G4.acq", JOIN, "the scan reads cursors relaxed"},
    {"G5.one", JOIN, "want alone says what may be reused"},
    {"G6.far", JOIN, "safe is raised as far as the scan allows"},
    {"G7.none", JOIN, "the joiner does not look at want"},
};

struct join : rl::test_suite<join, 3> {
	enum { FREE = 0, DEAD = 5, ME = 7, FOREVER = 1000 };

	rl::atomic<u64> slot[N];
	rl::var<int> unit[2][UNITS];
	word tail, want, safe;
	word owner[CELLS], cursor[CELLS];
	int committed[RECORDS + 1];

	void before()
	{
		for (int i = 0; i < N; i++)
			STORE(slot[i], (u64)0, mo_relaxed);
		for (int i = 0; i < 2; i++)
			for (int k = 0; k < UNITS; k++)
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
			if (k >= UNITS && !is_safe(mine[k - UNITS]) &&
			    !space(mine[k - UNITS]))
				return;
			int desc = who * EACH + k;
			unit[who][k % UNITS](RL_INFO) = 100 + desc;

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

	void consume()
	{
		int c = 0, o = FREE;

		if (!CAS(owner[0], o, (int)ME, mo_acq_rel)) {
			c = 1;
			o = FREE;
			CHECK(CAS(owner[1], o, (int)ME, mo_acq_rel));
		}
		int t;
		for (int tries = 0;; tries++) {
			if (tries == 6)
				return;
			int w = LOAD(want, mo_acquire);
			int end = newest() + 1;

			CHECK(w <= end);
			w = w < 1 ? 1 : w;
			t = w + (int)rl::rand((unsigned)(end - w + 1));
			STORE(cursor[c], t, mo_release);
			FENCE_UNLESS(G1_JOIN, mo_seq_cst);
			if (weak(G7_NONE) || LOAD(want, mo_relaxed) <= t)
				break;
		}
		for (int tries = 0; t <= RECORDS && tries < 10; tries++) {
			u64 s = LOAD(slot[t % N], mo_acquire);

			CHECK(seq_of(s) <= 2 * t);
			if (seq_of(s) < 2 * t) {
				PAUSE();
				continue;
			}
			int d = desc_of(s);
			CHECK(unit[d / EACH][d % EACH % UNITS](RL_INFO) ==
			      100 + d);
			CHECK(d + 1 == committed[t]);
			t++;
			if (rl::rand(2) == 0)
				STORE(cursor[c], t, unless(G4_REL, mo_release));
		}
	}

	void thread(unsigned i)
	{
		if (i < 2)
			produce((int)i);
		else
			consume();
	}
};

struct wait : rl::test_suite<wait, 3> {
	enum { CURSOR, CHANGE, BELL, FUTEXES };
	enum { FREE = 0, ME = 7, FIRST = 1, FAR = 1000 };

	word cursor, owner, waiters, change, bell;
	kernel<FUTEXES, 3> os;
	int moves;     /* ghost: of the consumer */
	bool closes;   /* ghost: it goes afterwards */
	bool seeks[2]; /* ghost: move i is a new join */

	void before()
	{
		STORE(cursor, (int)FIRST, mo_relaxed);
		STORE(owner, (int)ME, mo_relaxed);
		STORE(waiters, 0, mo_relaxed);
		STORE(change, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		os.words[CURSOR] = &cursor;
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
		moves = (int)rl::rand(3);
		closes = moves < 2 || rl::rand(2) == 0;
		for (int i = 0; i < 2; i++)
			seeks[i] = rl::rand(3) == 0;
	}

	/* The cursor after a view. */
	void publish(int to)
	{
		bool had = false;

		if (!weak(G3_LATE)) {
			had = LOAD(waiters, mo_relaxed) != 0;
			if (had)
				STORE(waiters, 0, mo_relaxed);
		}
		STORE(cursor, to, mo_release);
		FENCE_UNLESS(G3_CONS, mo_seq_cst);
		if (weak(G3_HAD))
			had = false;
		if (!had && LOAD(waiters, mo_relaxed) == 0)
			return;
		if (weak(G3_LATE))
			STORE(waiters, 0, mo_relaxed);
		os.wake(CURSOR, ALL);
	}

	/* The cursor at the end of a join: marks are left as they are. */
	void join_at(int to)
	{
		STORE(cursor, to, mo_release);
		FENCE(mo_seq_cst);
		if (weak(G3_AGAIN))
			publish(to);
		else if (LOAD(waiters, mo_relaxed) != 0)
			os.wake(CURSOR, ALL);
	}

	void close()
	{
		int o = ME;

		if (!weak(G3_CLOSE))
			STORE(cursor, (int)FAR, mo_release);
		CHECK(CAS(owner, o, (int)FREE, mo_acq_rel));
		FENCE_UNLESS(G3_GONE, mo_seq_cst);
		if (LOAD(waiters, mo_relaxed) != 0)
			os.wake(CURSOR, ALL);
	}

	void consume()
	{
		for (int i = 0; i < moves; i++) {
			if (seeks[i])
				join_at(FIRST + i + 1);
			else
				publish(FIRST + i + 1);
		}
		if (closes)
			close();
	}

	/* Wait until nobody needs record u. */
	void space(int me, int u)
	{
		for (;;) {
			int o = LOAD(owner, mo_acquire);
			int v = LOAD(cursor, mo_acquire);

			if (o == FREE || v > u)
				return;
			int ch = LOAD(change, mo_relaxed);
			STORE(waiters, 1, mo_relaxed);
			FENCE_UNLESS(G3_PROD, mo_seq_cst);
			if (LOAD(cursor, mo_acquire) != v ||
			    LOAD(owner, mo_acquire) != o)
				continue;
			entry list[] = {{CURSOR, v, true},
					{CHANGE, ch, true},
					{BELL, 0, true},
					{CURSOR, v, false}};
			os.waitv(me, list, 4);
		}
	}

	void thread(unsigned i)
	{
		int last = closes ? FIRST + moves : FIRST + moves - 1;

		if (i == 0)
			return consume();
		for (int u = FIRST; u <= last; u++)
			space((int)i, u);
	}
};

const scene scenes[] = {
    {"join", run<join>, 30000, 2},
    {"wait", run<wait>, 40000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "block", scenes, variants);
}
