/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_shared - a shared channel: two producers commit by CAS16, a reader is
 * lapped.
 *
 * A slot is one 64-bit atomic of two halves (slot.hpp), whose loads are always
 * coherent; so the variant S2.acq does the loads in the wrong order by hand.
 *
 * Each producer has a lane long enough for all its records (model_lane has the
 * reuse of bytes) and may stop before any step, after which it does nothing;
 * that blocks nobody.  Settling is left out (model_settle).
 *
 * Sizes: N = 2, two producers of 3 records each, 8 attempts each, one reader.
 *
 * Checked: no number is committed twice or left out, a commit is made only on
 * top of t-N, a delivered record is the committed one and whole, what newest()
 * names can be read.
 *
 * Pairs: S1 record and commit, S2 the two halves.  Rules: S3 the commit is a
 * CAS, S4 the slot must hold t-N.
 */
#include "slot.hpp"

using namespace model;

namespace
{

enum { N = 2, EACH = 3, RECORDS = 2 * EACH, STEPS = 24 };
enum { S1_REL, S1_ACQ, S2_ACQ, S2_ONCE, S3_STORE, S4_ANY };

const variant variants[] = {
    {"S1.rel", 0, "the committing CAS releases nothing"},
    {"S1.acq", 0, "slots are read relaxed"},
    {"S2.acq", 0, "seq is read again before desc"},
    {"S2.once", 0, "seq is not read again"},
    {"S3.store", 0, "the commit is a store, not a CAS"},
    {"S4.any", 0, "the slot is taken whatever older number it holds"},
};

enum outcome { EMPTY, LAPPED, DELIVERED };

struct publish : rl::test_suite<publish, 3> {
	rl::atomic<u64> slot[N];
	word bytes[2][EACH];
	word tail;

	int committed[RECORDS + N + 1]; /* ghost: desc + 1, or 0 */
	int ring[N];			/* ghost: what each slot holds */
	int left[2];

	void before()
	{
		for (int i = 0; i < N; i++) {
			STORE(slot[i], (u64)0, mo_relaxed);
			ring[i] = 0;
		}
		for (int i = 0; i < 2; i++) {
			for (int k = 0; k < EACH; k++)
				STORE(bytes[i][k], 0, mo_relaxed);
			left[i] = (int)rl::rand(STEPS + 1);
		}
		STORE(tail, 0, mo_relaxed);
		memset(committed, 0, sizeof committed);
	}

	int newest()
	{
		int t = LOAD(tail, mo_acquire);

		for (;;) {
			int b = seq_of(LOAD(slot[(t + 1) % N],
					    unless(S1_ACQ, mo_acquire))) >>
				1;
			if (b <= t)
				return t;
			t = b;
		}
	}

	/* The 16-byte load of a slot: seq, desc, seq again. */
	bool both(int s, int *seq, int *desc)
	{
		*seq = seq_of(LOAD(slot[s], unless(S1_ACQ, mo_acquire)));
		if (weak(S2_ACQ)) {
			int again = seq_of(LOAD(slot[s], mo_acquire));
			*desc = desc_of(LOAD(slot[s], mo_acquire));
			return again == *seq;
		}
		*desc = desc_of(LOAD(slot[s], unless(S1_ACQ, mo_acquire)));
		if (weak(S2_ONCE))
			return true;
		return seq_of(LOAD(slot[s], mo_relaxed)) == *seq;
	}

	bool dies(int who)
	{
		return left[who]-- == 0;
	}

	void produce(int who)
	{
		int k = 0;

		for (int tries = 0; k < EACH && tries < 8; tries++) {
			int desc = who * EACH + k;
			int seq, old;

			if (dies(who))
				return;
			STORE(bytes[who][k], 100 + desc, mo_relaxed);
			int t = newest() + 1;
			int s = t % N;
			if (!both(s, &seq, &old))
				continue;
			if (!weak(S4_ANY) && seq != 2 * (t - N) &&
			    !(seq == 0 && t <= N))
				continue;
			if (dies(who))
				return;
			if (weak(S3_STORE)) {
				STORE(slot[s], pack(2 * t, desc), mo_release);
			} else {
				u64 was = pack(seq, old);
				if (!CAS(slot[s], was, pack(2 * t, desc),
					 weak(S1_REL) ? mo_acquire
						      : mo_acq_rel))
					continue;
			}
			/* between the CAS and here nobody else runs */
			CHECK(t <= RECORDS && committed[t] == 0);
			CHECK(t == 1 || committed[t - 1] != 0);
			CHECK(ring[s] == (t > N ? t - N : 0));
			committed[t] = desc + 1;
			ring[s] = t;
			if (dies(who))
				return;
			if (rl::rand(2) == 0)
				raise(tail, t, mo_release);
			k++;
		}
	}

	outcome read(int t)
	{
		int s = t % N;
		int seq, desc;

		if (!both(s, &seq, &desc))
			return LAPPED;
		if (seq < 2 * t)
			return EMPTY;
		if (seq > 2 * t)
			return LAPPED;
		CHECK(desc + 1 == committed[t]);
		CHECK(LOAD(bytes[desc / EACH][desc % EACH], mo_relaxed) ==
		      100 + desc);
		return DELIVERED;
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
		if (i < 2)
			produce((int)i);
		else
			consume();
	}
};

const scene scenes[] = {{"publish", run<publish>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "shared", scenes, variants);
}
