/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_long - long records of an exclusive channel.
 *
 * A short record lies in its slot (model_exclusive); a long one is written to
 * the lane first, and its slot is marked only when it is committed.  Records
 * are long or short at random.  A publishes and stops after any number of
 * steps; B, who waits for A's lock, resumes at the end of the last long record
 * in the ring, or at `reserved` if there is none.  A reader reads the first
 * record, or the newest, then follows the stream.
 *
 * Sizes: N = 2 slots, a lane of 4 units, a record takes one (a header word that
 * repeats the position, and a payload word), `reserved` in steps of 1; 6
 * records, the first of which is there and long; A dies before any of its first
 * 30 steps or does not.  Bytes are relaxed atomics, as in model_exclusive and
 * model_lane.
 *
 * The lock is the kernel's: a release and an acquire, not weakened.
 *
 * Checked: a delivered record is whole and the committed one; the newest is
 * there or lapped or has a committed successor; a producer always finds room.
 *
 * Pairs: E1, E2 and S2 of ring/ring.h, with desc under the mark and the bytes
 * elsewhere.  Rules: E2.mark, and R1 where the taker resumes.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { N = 2, LANE = 4, STEP = 1, RECORDS = 6, STEPS = 30, SHORT = -1 };
enum { E1_REL, E1_ACQ, E2_REL, E2_ACQ, E2_MARK, S2_REL, S2_ACQ, R1_START };

const variant variants[] = {
    {"E1.rel", 0, "the commit is a relaxed store"},
    {"E1.acq", 0, "the reader's first load of seq is relaxed"},
    {"E2.rel", 0, "no release fence between the mark and desc"},
    {"E2.acq", 0, "no acquire fence between desc and seq again"},
    {"E2.mark", 0, "desc is written over without the mark"},
    {"S2.rel", 0, "no release fence between reserved and the bytes"},
    {"S2.acq", 0, "no acquire fence between the copy and reserved"},
    {"R1.start", 0, "who finds no long record begins the lane anew"},
};

struct publish : rl::test_suite<publish, 3> {
	word seq[N], desc[N]; /* a position, or SHORT */
	word inl[N];
	word head[LANE], data[LANE];
	word reserved, tail, lock;

	/* ghosts */
	int by[RECORDS + 2];
	bool is_long[RECORDS + 2];
	int left;

	void before()
	{
		for (int i = 0; i < N; i++) {
			STORE(seq[i], 0, mo_relaxed);
			STORE(desc[i], (int)SHORT, mo_relaxed);
			STORE(inl[i], 0, mo_relaxed);
		}
		for (int i = 0; i < LANE; i++) {
			STORE(head[i], -1, mo_relaxed);
			STORE(data[i], 0, mo_relaxed);
		}
		STORE(reserved, 0, mo_relaxed);
		STORE(tail, 0, mo_relaxed);
		STORE(lock, 1, mo_relaxed);
		memset(by, 0, sizeof by);
		bool all = rl::rand(2) == 0;
		for (int t = 0; t < RECORDS + 2; t++)
			is_long[t] = all || rl::rand(2) == 0;
		left = (int)rl::rand(STEPS + 1);
		/* record 1 is there, and long */
		STORE(head[0], 0, mo_relaxed);
		STORE(data[0], 10, mo_relaxed);
		STORE(desc[1], 0, mo_relaxed);
		STORE(reserved, 1 + (int)rl::rand(2), mo_relaxed);
		STORE(seq[1], 2, mo_relaxed);
	}

	bool dies(int who)
	{
		return who == 1 && left-- == 0;
	}

	int newest()
	{
		int t = LOAD(tail, mo_acquire);

		for (;;) {
			int b = LOAD(seq[(t + 1) % N], mo_acquire) >> 1;
			if (b <= t)
				return t;
			t = b;
		}
	}

	void produce(int who)
	{
		int t = newest();
		int last = -1; /* position of the newest long record */
		int r = LOAD(reserved, mo_relaxed);
		int end = weak(R1_START) ? 0 : r;

		raise(tail, t, mo_release);
		FENCE(mo_release); /* S2, of the holder before */
		for (int u = t > N ? t - N + 1 : 1; u <= t; u++) {
			int d = LOAD(desc[u % N], mo_relaxed);

			if (LOAD(seq[u % N], mo_acquire) == 2 * u && d != SHORT)
				last = d;
		}
		if (last >= 0)
			end = last + 1;
		for (t++; t <= RECORDS; t++) {
			int s = t % N, d = SHORT;

			if (is_long[t]) {
				d = end++;
				if (r < end) {
					int limit =
					    (last < 0 ? d : last) + LANE;

					r = (end + STEP - 1) / STEP * STEP;
					r = r > limit ? limit : r;
					CHECK(r >= end);
					STORE(reserved, r, mo_relaxed);
					FENCE_UNLESS(S2_REL, mo_release);
				}
				if (dies(who))
					return;
				STORE(head[d % LANE], d, mo_relaxed);
				if (dies(who))
					return;
				STORE(data[d % LANE], 10 * t + who, mo_relaxed);
			}
			if (dies(who))
				return;
			if (!weak(E2_MARK) || !is_long[t])
				STORE(seq[s], 2 * t - 1, mo_release);
			FENCE_UNLESS(E2_REL, mo_release);
			if (dies(who))
				return;
			if (!is_long[t])
				STORE(inl[s], 10 * t + who, mo_relaxed);
			STORE(desc[s], d, mo_relaxed);
			if (dies(who))
				return;
			CHECK(by[t] == 0 && (t == 2 || by[t - 1] != 0));
			by[t] = who;
			STORE(seq[s], 2 * t, unless(E1_REL, mo_release));
			if (is_long[t])
				last = d;
			if (dies(who))
				return;
			if (rl::rand(2) == 0)
				raise(tail, t, mo_release);
		}
	}

	/* A reader that is slow now and then. */
	static void dawdle()
	{
		if (rl::rand(8) == 0)
			for (int i = 0; i < 60; i++)
				PAUSE();
	}

	enum outcome { EMPTY, LAPPED, LOST, DELIVERED };

	outcome read(int t)
	{
		int s = t % N;
		int q = LOAD(seq[s], unless(E1_ACQ, mo_acquire));

		if (q != 2 * t)
			return q < 2 * t ? EMPTY : LAPPED;
		dawdle();
		int d = LOAD(desc[s], mo_relaxed);
		int v = LOAD(inl[s], mo_relaxed);
		FENCE_UNLESS(E2_ACQ, mo_acquire);
		if (LOAD(seq[s], mo_relaxed) != q)
			return LAPPED;
		if (d != SHORT) {
			int h = LOAD(head[d % LANE], mo_relaxed);

			dawdle();
			v = LOAD(data[d % LANE], mo_relaxed);
			FENCE_UNLESS(S2_ACQ, mo_acquire);
			if (LOAD(reserved, mo_relaxed) > d + LANE || h != d)
				return LOST;
		}
		CHECK(v == 10 * t + by[t]);
		return DELIVERED;
	}

	void consume()
	{
		int t = rl::rand(2) == 0 ? 1 : newest();
		outcome got = read(t);

		CHECK(got != EMPTY);
		if (got == LOST)
			CHECK(by[t + 1] != 0);
		t++;
		for (int tries = 0; t <= RECORDS && tries < 12; tries++) {
			switch (read(t)) {
			case EMPTY:
				PAUSE();
				break;
			case LAPPED: {
				int next = newest() - N + 2;
				t = next > t ? next : t + 1;
				break;
			}
			default:
				t++;
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
		CHECK(newest() == RECORDS);
	}
};

const scene scenes[] = {{"publish", run<publish>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "long", scenes, variants);
}
