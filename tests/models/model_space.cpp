/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_space - producers that wait for space.
 *
 *  wait  Two producers sleep on the cursor of one consumer, which moves up to
 *        two times, by reading or by joining anew, and may go.  One flag,
 *        `waiters`, stands for all who sleep: they set it, the consumer takes
 *        it away before it moves.
 *  bell  Who waits for space sleeps on the bell, too, so the kernel may choose
 *        it when a publisher of another channel dies between its commit and its
 *        wake; and it may be killed before it has passed that on.
 *
 * Sizes: 2 producers, 2 moves; in `bell` one producer that waits, one sleeper,
 * one publisher that dies, one consumer that moves once.  kernel.hpp, no
 * time-outs.
 *
 * Checked: no producer sleeps on a cursor that has moved on; the sleeper gets
 * its record.
 *
 * Pair: G3 of ring/gate.h, cursor and waiters (the two fences).  Rules: G3
 * (late, had, again, close) a mark that was made for the cursor as it stands is
 * never taken away, and one that was taken away is answered; G9 a producer that
 * waits passes the bell on, has it armed meanwhile, and names it behind all
 * that can be woken with it.
 */
#include "kernel.hpp"

using namespace model;

namespace
{

enum { WAIT, RELAY };
enum {
	G3_PROD,
	G3_CONS,
	G3_GONE,
	G3_LATE,
	G3_HAD,
	G3_AGAIN,
	G3_CLOSE,
	G9_NONE,
	G9_ARM,
	G9_ORDER
};

const variant variants[] = {
    {"G3.prod", WAIT, "no fence between setting waiters and the second look"},
    {"G3.cons", WAIT, "no fence between the cursor and reading waiters"},
    {"G3.gone", WAIT, "nor between going and reading waiters"},
    {"G3.late", WAIT, "waiters is cleared after the cursor has moved"},
    {"G3.had", WAIT, "who cleared waiters does not wake for that"},
    {"G3.again", WAIT, "waiters is cleared for a cursor that is there already"},
    {"G3.close", WAIT, "who goes leaves the cursor where it was"},
    {"G9.none", RELAY, "a producer that the bell wakes tells nobody"},
    {"G9.arm", RELAY, "the bell is not armed while a producer waits"},
    {"G9.order", RELAY, "the bell stands before the cursor"},
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

struct relay : rl::test_suite<relay, 4> {
	enum { CURSOR, SLOT, CHANGE, BELL, FUTEXES };
	enum { DEAD, WAITS, SLEEPS, READS };

	word cursor, waiters, slot, change, bell;
	kernel<FUTEXES, 4> os;
	bool waiter_dies;

	void before()
	{
		STORE(cursor, 1, mo_relaxed);
		STORE(waiters, 0, mo_relaxed);
		STORE(slot, 0, mo_relaxed);
		STORE(change, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		os.words[CURSOR] = &cursor;
		os.words[SLOT] = &slot;
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
		waiter_dies = rl::rand(2) == 0;
	}

	/* A sleep that woke at the bell. */
	void pass_on()
	{
		ADD(change, 1, mo_acq_rel);
		os.wake(CHANGE, ALL);
	}

	void sleep()
	{
		for (;;) {
			int e = LOAD(slot, mo_relaxed);
			int ch = LOAD(change, mo_relaxed);

			FENCE(mo_acquire);
			if (LOAD(slot, mo_acquire) == 2)
				return;
			entry list[] = {{SLOT, e, true},
					{CHANGE, ch, true},
					{BELL, 0, true},
					{SLOT, e, false}};
			if (os.waitv(SLEEPS, list, 4) == 2)
				pass_on();
		}
	}

	/* As in `wait`; may be killed when it wakes. */
	void space()
	{
		while (LOAD(cursor, mo_acquire) == 1) {
			int ch = LOAD(change, mo_relaxed);

			STORE(waiters, 1, mo_relaxed);
			FENCE(mo_seq_cst);
			if (LOAD(cursor, mo_acquire) != 1)
				return;
			entry whole[] = {{CURSOR, 1, true},
					 {CHANGE, ch, true},
					 {BELL, 0, true},
					 {CURSOR, 1, false}};
			entry first[] = {{BELL, 0, true},
					 {CHANGE, ch, true},
					 {CURSOR, 1, true}};
			bool late = weak(G9_ORDER);
			entry *list = late ? first : whole;
			int i = os.waitv(WAITS, list, late ? 3 : 4);

			if (waiter_dies) {
				if (!weak(G9_ARM))
					os.wake(BELL, 1);
				return;
			}
			if (i >= 0 && list[i].word == BELL && !weak(G9_NONE))
				pass_on();
		}
	}

	void thread(unsigned i)
	{
		switch (i) {
		case DEAD:
			while (!os.down[SLEEPS])
				PAUSE();
			STORE(slot, 2, mo_release);
			return (void)os.wake(BELL, 1);
		case WAITS:
			return space();
		case SLEEPS:
			return sleep();
		default:
			for (int n = (int)rl::rand(2) * 60; n > 0; n--) {
				if (os.down[WAITS])
					break;
				PAUSE();
			}
			STORE(cursor, 2, mo_release);
			FENCE(mo_seq_cst);
			if (LOAD(waiters, mo_relaxed) != 0)
				os.wake(CURSOR, ALL);
		}
	}
};

const scene scenes[] = {
    {"wait", run<wait>, 40000, 2},
    {"bell", run<relay>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "space", scenes, variants);
}
