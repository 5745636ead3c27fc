/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ring.hpp - a shared ring whose producers settle, for the models of settling
 * and joining.  Slots, and `last` {seq, position} of each lane, as in slot.hpp.
 */
#ifndef WI_MODELS_RING_HPP
#define WI_MODELS_RING_HPP

#include "slot.hpp"

namespace model
{

/* Which variants weaken what; -1: none does. */
struct settling {
	int commit_rel, last_rel, settled_rel, settled_acq;
	int last_store, order, none;
};

/* Two producers, a lane each, and the lane of one who is dead already and may
 * have left record 1; N slots.  desc is lane * EACH + position. */
template <int N, int EACH> struct ring {
	enum { LANES = 3, DEAD = 2, RECORDS = LANES * EACH };

	rl::atomic<u64> slot[N];
	rl::atomic<u64> last[LANES]; /* {seq, position + 1} */
	word tail, settled;
	settling by;

	int lane_of[RECORDS + 2]; /* ghost: lane + 1, or 0: not committed */
	int left[LANES];	  /* ghost: steps until a producer dies */

	void boot(const settling &how, int steps)
	{
		by = how;
		for (int i = 0; i < N; i++)
			STORE(slot[i], (u64)0, mo_relaxed);
		for (int i = 0; i < LANES; i++) {
			STORE(last[i], (u64)0, mo_relaxed);
			left[i] = (int)rl::rand((unsigned)steps);
		}
		STORE(tail, 0, mo_relaxed);
		STORE(settled, 0, mo_relaxed);
		memset(lane_of, 0, sizeof lane_of);
		if (rl::rand(2) == 0) {
			STORE(slot[1 % N], pack(2, DEAD * EACH), mo_relaxed);
			lane_of[1] = DEAD + 1;
		}
	}

	bool dies(int who)
	{
		return left[who]-- == 0;
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

	/* A slot whole: seq, desc, seq again. */
	bool both(int s, rl::memory_order mo, int *seq, int *desc)
	{
		*seq = seq_of(LOAD(slot[s], mo));
		*desc = desc_of(LOAD(slot[s], mo));
		return seq_of(LOAD(slot[s], mo_relaxed)) == *seq;
	}

	/* Remember the records up to u (and a few more); false: died. */
	bool settle(int who, int u)
	{
		u64 note[LANES] = {0, 0, 0};
		int from = LOAD(settled, mo_acquire) + 1;
		int to = newest();

		if (to > u + 1)
			to = u + 1;
		for (int k = from; k <= to; k++) {
			int seq, desc;
			if (!both(k % N, mo_acquire, &seq, &desc) ||
			    seq > 2 * k)
				continue;
			CHECK(seq == 2 * k);
			note[desc / EACH] = pack(k, desc % EACH + 1);
		}
		if (weak(by.order))
			raise(settled, to, mo_acq_rel);
		for (int lane = 0; lane < LANES; lane++) {
			if (note[lane] == 0)
				continue;
			if (dies(who))
				return false;
			if (weak(by.last_store))
				STORE(last[lane], note[lane], mo_release);
			else
				raise(last[lane], note[lane],
				      unless(by.last_rel, mo_acq_rel));
		}
		if (dies(who))
			return false;
		raise(settled, to,
		      weak(by.settled_rel) ? mo_acquire : mo_acq_rel);
		return true;
	}

	bool settled_to(int u)
	{
		return LOAD(settled, unless(by.settled_acq, mo_acquire)) >= u;
	}

	void produce(int who)
	{
		int k = 0;

		for (int tries = 0; k < EACH && tries < 9; tries++) {
			int desc = who * EACH + k;
			int t = newest() + 1;
			u64 old = LOAD(slot[t % N], mo_acquire);

			if (seq_of(old) != 2 * (t - N) && !(old == 0 && t <= N))
				continue;
			if (t > N && !weak(by.none) && !settled_to(t - N) &&
			    !settle(who, t - N))
				return;
			if (dies(who))
				return;
			if (!CAS(slot[t % N], old, pack(2 * t, desc),
				 weak(by.commit_rel) ? mo_acquire : mo_acq_rel))
				continue;
			lane_of[t] = who + 1;
			if (dies(who))
				return;
			if (rl::rand(2) == 0)
				raise(tail, t, mo_release);
			k++;
		}
	}

	/* ghost: a lane's newest record up to T, 0 if there is none */
	int truth(int lane, int T)
	{
		while (T > 0 && lane_of[T] != lane + 1)
			T--;
		return T;
	}
};

} // namespace model

#endif
