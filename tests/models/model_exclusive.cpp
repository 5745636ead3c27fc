/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_exclusive - an exclusive channel: publish, read, join, take over.
 *
 * A publishes and stops after any number of steps; B, who waits for A's lock,
 * runs newest(), raises tail and goes on.  A reader looks up the value that is
 * newest when it comes, then follows the stream and may be lapped at any time.
 *
 * Sizes: N = 2 slots, two words of inline bytes, 5 records; A dies before any
 * of its first 20 steps or does not.  Inline bytes are copied while they may be
 * written over and only then judged, so they are relaxed atomics.
 *
 * The lock is the kernel's: what the dead one did happens before what its
 * successor does.  It is a release and an acquire here and is not weakened.
 *
 * Checked: a delivered record is whole and is the one that was committed under
 * that number; no number is committed twice; none is left out; what newest()
 * names can be read (it is there or lapped, never "not there yet"), and so can
 * all before tail.
 *
 * Pairs: E1 commit, E2 notice of rewriting, E3 the odd number as witness of the
 * record before it, E4 tail.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { N = 2, RECORDS = 5, WORDS = 2, STEPS = 20 };
enum { E1_REL, E1_ACQ, E2_REL, E2_ACQ, E2_ODD, E3_REL, E3_ACQ, E4_REL, E4_ACQ };

const variant variants[] = {
    {"E1.rel", 0, "the commit is a relaxed store"},
    {"E1.acq", 0, "the reader's first load of seq is relaxed"},
    {"E2.rel", 0, "no release fence after the odd number"},
    {"E2.acq", 0, "no acquire fence before seq is read again"},
    {"E2.odd", 0, "the slot is rewritten without the odd number"},
    {"E3.rel", 0, "the odd number is a relaxed store"},
    {"E3.acq", 0, "newest() reads the slots relaxed"},
    {"E4.rel", 0, "tail is raised relaxed"},
    {"E4.acq", 0, "tail is read relaxed"},
};

enum outcome { EMPTY, LAPPED, DELIVERED };

struct publish : rl::test_suite<publish, 3> {
	word seq[N];
	word bytes[N][WORDS];
	word tail;
	word lock; /* A's: 1 while it lives */

	int committed_by[RECORDS + 1]; /* ghost: 0 is nobody */
	int left;		       /* ghost: steps until A dies */

	void before()
	{
		for (int i = 0; i < N; i++) {
			STORE(seq[i], 0, mo_relaxed);
			for (int k = 0; k < WORDS; k++)
				STORE(bytes[i][k], 0, mo_relaxed);
		}
		STORE(tail, 0, mo_relaxed);
		STORE(lock, 1, mo_relaxed);
		memset(committed_by, 0, sizeof committed_by);
		left = (int)rl::rand(STEPS + 1);
	}

	int newest()
	{
		int t = LOAD(tail, unless(E4_ACQ, mo_acquire));

		for (;;) {
			int b = LOAD(seq[(t + 1) % N],
				     unless(E3_ACQ, mo_acquire)) >>
				1;
			if (b <= t)
				return t;
			t = b;
		}
	}

	bool dies(int who)
	{
		return who == 1 && left-- == 0;
	}

	void produce(int who)
	{
		int t = newest();

		raise(tail, t, unless(E4_REL, mo_release));
		for (t++; t <= RECORDS; t++) {
			int s = t % N;

			if (dies(who))
				return;
			if (!weak(E2_ODD))
				STORE(seq[s], 2 * t - 1,
				      unless(E3_REL, mo_release));
			FENCE_UNLESS(E2_REL, mo_release);
			for (int k = 0; k < WORDS; k++) {
				if (dies(who))
					return;
				STORE(bytes[s][k], 10 * t + who, mo_relaxed);
			}
			if (dies(who))
				return;
			CHECK(committed_by[t] == 0);
			CHECK(t == 1 || committed_by[t - 1] != 0);
			committed_by[t] = who;
			STORE(seq[s], 2 * t, unless(E1_REL, mo_release));
			if (rl::rand(2) == 0) {
				if (dies(who))
					return;
				raise(tail, t, unless(E4_REL, mo_release));
			}
		}
	}

	outcome read(int t)
	{
		int s = t % N;
		int copy[WORDS];
		int q = LOAD(seq[s], unless(E1_ACQ, mo_acquire));

		if (q < 2 * t)
			return EMPTY;
		if (q > 2 * t)
			return LAPPED;
		for (int k = 0; k < WORDS; k++)
			copy[k] = LOAD(bytes[s][k], mo_relaxed);
		FENCE_UNLESS(E2_ACQ, mo_acquire);
		if (LOAD(seq[s], mo_relaxed) != 2 * t)
			return LAPPED;
		for (int k = 0; k < WORDS; k++)
			CHECK(copy[k] == 10 * t + committed_by[t]);
		return DELIVERED;
	}

	/* wi_is_missing(): the store would be damaged */
	bool is_missing(int t)
	{
		return LOAD(tail, unless(E4_ACQ, mo_acquire)) >= t &&
		       LOAD(seq[t % N], mo_relaxed) < 2 * t;
	}

	void consume()
	{
		int t = newest();

		if (t > 0)
			CHECK(read(t) != EMPTY);
		t++;
		for (int tries = 0; t <= RECORDS && tries < 12; tries++) {
			switch (read(t)) {
			case EMPTY:
				CHECK(!is_missing(t));
				PAUSE();
				break;
			case LAPPED: {
				int n = newest();
				int next = n - N + 1 + 1;
				t = next > t ? next : t + 1;
				break;
			}
			case DELIVERED:
				t++;
				break;
			}
		}
	}

	void thread(unsigned i)
	{
		if (i == 0) {
			produce(1);
			STORE(lock, 0, mo_release);
		} else if (i == 1) {
			while (LOAD(lock, mo_acquire) != 0)
				PAUSE();
			produce(2);
		} else {
			consume();
		}
	}

	void after()
	{
		for (int t = 1; t <= RECORDS; t++)
			CHECK(committed_by[t] != 0);
		CHECK(newest() == RECORDS);
	}
};

const scene scenes[] = {{"publish", run<publish>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "exclusive", scenes, variants);
}
