/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_gone - channels and places that are taken away under a reader, who
 * learns it from an owner word that he looks at last.
 *
 *  observer  One who holds nothing copies from a block that is removed and
 *            built anew; the copy counts if the entry's word is what it was.
 *  last      A publisher's records, then the channel is removed; a reader takes
 *            all of them before he says that it has gone.
 *  revoked   A gating consumer's cell is taken away, and then its record is
 *            written over: it says "revoked", not "damaged".
 *
 * Sizes: a block of 2 words, 2 uses of it; 2 records; 1 record in a lane.
 *
 * Checked: what the reader says is true.
 *
 * Pairs: H2 and H3 of store/blocks.c, G8 of ring/gate.h.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { OBSERVER, LAST, REVOKED };
enum { H2_OBS, H2_REM, H3_READ, H3_REM, G8_CONS, G8_PROD };

const variant variants[] = {
    {"H2.obs", OBSERVER, "no fence between the copy and the entry's word"},
    {"H2.rem", OBSERVER, "the mark of a removal is no fence"},
    {"H3.read", LAST, "no fence between the entry's word and the next slot"},
    {"H3.rem", LAST, "the mark of a removal releases nothing"},
    {"G8.cons", REVOKED, "no fence between reserved and the own cell"},
    {"G8.prod", REVOKED, "no fence between safe and reserved"},
};

enum { LIVE = 1, DYING = 2, LIVE_AGAIN = 3 };

struct observer : rl::test_suite<observer, 2> {
	enum { WORDS = 2 };

	word entry, block[WORDS];

	void before()
	{
		STORE(entry, (int)LIVE, mo_relaxed);
		for (int i = 0; i < WORDS; i++)
			STORE(block[i], (int)LIVE, mo_relaxed);
	}

	void remove_and_build()
	{
		int w = LIVE;

		CHECK(CAS(entry, w, (int)DYING, mo_relaxed));
		FENCE_UNLESS(H2_REM, mo_seq_cst); /* wi_cas() */
		for (int i = 0; i < WORDS; i++)
			STORE(block[i], (int)LIVE_AGAIN, mo_relaxed);
		STORE(entry, (int)LIVE_AGAIN, mo_release);
	}

	void look()
	{
		for (int tries = 0; tries < 4; tries++) {
			int w = LOAD(entry, mo_acquire);
			int copy[WORDS];

			if (w == DYING)
				continue;
			for (int i = 0; i < WORDS; i++)
				copy[i] = LOAD(block[i], mo_relaxed);
			FENCE_UNLESS(H2_OBS, mo_acquire);
			if (LOAD(entry, mo_relaxed) != w)
				continue;
			for (int i = 0; i < WORDS; i++)
				CHECK(copy[i] == w);
		}
	}

	void thread(unsigned i)
	{
		if (i == 0)
			remove_and_build();
		else
			look();
	}
};

struct last : rl::test_suite<last, 2> {
	enum { RECORDS = 2 };

	word entry, slot[RECORDS + 1]; /* 2: there */

	void before()
	{
		STORE(entry, (int)LIVE, mo_relaxed);
		for (int i = 0; i <= RECORDS; i++)
			STORE(slot[i], 0, mo_relaxed);
	}

	void publish_and_remove()
	{
		int w = LIVE;

		for (int i = 0; i < RECORDS; i++)
			STORE(slot[i], 2, mo_release);
		CHECK(CAS(entry, w, (int)DYING, unless(H3_REM, mo_acq_rel)));
	}

	void read()
	{
		int next = 0;

		for (int tries = 0; tries < 12; tries++) {
			if (LOAD(slot[next], mo_acquire) == 2) {
				next++;
				continue;
			}
			bool gone = LOAD(entry, mo_relaxed) != LIVE;
			FENCE_UNLESS(H3_READ, mo_acquire);
			if (gone && LOAD(slot[next], mo_relaxed) != 2) {
				CHECK(next == RECORDS);
				return;
			}
			PAUSE();
		}
	}

	void thread(unsigned i)
	{
		if (i == 0)
			publish_and_remove();
		else
			read();
	}
};

struct revoked : rl::test_suite<revoked, 3> {
	enum { LANE = 1 };

	word cell, want, safe, reserved;

	void before()
	{
		STORE(cell, (int)LIVE, mo_relaxed);
		STORE(want, 0, mo_relaxed);
		STORE(safe, 0, mo_relaxed);
		STORE(reserved, (int)LANE, mo_relaxed);
	}

	void produce()
	{
		for (int tries = 0; tries < 8; tries++) {
			raise(want, 2, mo_acq_rel);
			FENCE(mo_seq_cst);
			if (LOAD(cell, mo_acquire) == LIVE) {
				PAUSE();
				continue;
			}
			raise(safe, 2, mo_acq_rel);
			FENCE_UNLESS(G8_PROD, mo_seq_cst); /* wi_raise() */
			STORE(reserved, 2 * LANE, mo_relaxed);
			FENCE(mo_release);
			return;
		}
	}

	void read()
	{
		for (int tries = 0; tries < 8; tries++) {
			if (LOAD(reserved, mo_relaxed) <= LANE) {
				PAUSE();
				continue;
			}
			FENCE_UNLESS(G8_CONS, mo_acquire);
			CHECK(LOAD(cell, mo_relaxed) != LIVE);
			return;
		}
	}

	void thread(unsigned i)
	{
		int w = LIVE;

		if (i == 0)
			CHECK(CAS(cell, w, (int)DYING, mo_acq_rel));
		else if (i == 1)
			produce();
		else
			read();
	}
};

const scene scenes[] = {
    {"observer", run<observer>, 20000, 2},
    {"last", run<last>, 20000, 2},
    {"revoked", run<revoked>, 20000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "gone", scenes, variants);
}
