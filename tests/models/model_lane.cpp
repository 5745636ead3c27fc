/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_lane - the bytes of a lane are used again under readers.
 *
 * A writes records into its lane and stops after any number of steps; B, who
 * waits for A's lock, takes the lane and resumes at the end of its last
 * committed record.  The lane is fresh, or has a past: a record, and `reserved`
 * raised as far as it may go by holders who died.  A reader copies records by
 * number, in any order, and judges the copy by `reserved`.
 *
 * Sizes: a lane of 5 units, every record takes one (a header word that repeats
 * the position, and a payload word), `reserved` rises in steps of 2, so
 * 3 footprints + one step fill the lane exactly.  8 records: each unit is used
 * once or twice.  The order ring has a slot for every record, so that the ring
 * is never what makes a record unreadable (model_exclusive and model_shared
 * see to that).  A dies before any of its first 30 steps or does not.
 *
 * Bytes are relaxed atomics: they are copied while they may be written over.
 * The lock is the kernel's: a release and an acquire, not weakened.
 *
 * Checked: a delivered record is whole and the committed one; a record is lost
 * only if the lane has a newer committed one (a current value is never
 * destroyed before its successor is there); a producer always finds room.
 *
 * Pairs: L1 reserved before bytes, bytes before the second look at reserved;
 * L2 bytes before the commit.  Rules: L3 how far reserved may go, L4 where the
 * taker resumes.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { LANE = 5, STEP = 2, RECORDS = 8, STEPS = 30 };
enum { L1_REL, L1_ACQ, L1_NONE, L1_TAKE, L2_REL, L2_ACQ, L3_FAR, L4_RESERVED };

const variant variants[] = {
    {"L1.rel", 0, "no release fence between raising reserved and the bytes"},
    {"L1.acq", 0, "no acquire fence between the copy and reading reserved"},
    {"L1.none", 0, "the copy is not judged by reserved"},
    {"L1.take", 0, "no release fence when a lane changes hands"},
    {"L2.rel", 0, "the commit is a relaxed store"},
    {"L2.acq", 0, "the reader's load of seq is relaxed"},
    {"L3.far", 0, "reserved may pass the newest record by more than the lane"},
    {"L4.reserved", 0, "the taker resumes at reserved"},
};

enum outcome { EMPTY, LOST, DELIVERED };

struct reuse : rl::test_suite<reuse, 3> {
	word seq[RECORDS + 1]; /* 2t when record t is there */
	word desc[RECORDS + 1];
	word head[LANE];
	word data[LANE];
	word reserved;
	word lock;

	int committed_by[RECORDS + 2];
	int left;

	void before()
	{
		for (int i = 0; i <= RECORDS; i++) {
			STORE(seq[i], 0, mo_relaxed);
			STORE(desc[i], 0, mo_relaxed);
		}
		for (int i = 0; i < LANE; i++) {
			STORE(head[i], -1, mo_relaxed);
			STORE(data[i], 0, mo_relaxed);
		}
		STORE(reserved, 0, mo_relaxed);
		STORE(lock, 1, mo_relaxed);
		memset(committed_by, 0, sizeof committed_by);
		left = (int)rl::rand(STEPS + 1);
		if (rl::rand(2) == 0)
			return;
		/* Others were here before: they left record 1, and raised
		 * reserved one after the other, each dying before its commit.
		 */
		STORE(head[0], 0, mo_relaxed);
		STORE(data[0], 10, mo_relaxed);
		STORE(desc[1], 0, mo_relaxed);
		STORE(seq[1], 2, mo_relaxed);
		STORE(reserved, 1 + (int)rl::rand(LANE), mo_relaxed);
	}

	bool dies(int who)
	{
		return who == 1 && left-- == 0;
	}

	/* Write records from the first free number on. */
	void produce(int who)
	{
		int t = 1;
		int newest = -1; /* position of the newest committed record */
		int end = 0;

		for (; t <= RECORDS && LOAD(seq[t], mo_acquire) == 2 * t; t++) {
			newest = LOAD(desc[t], mo_relaxed);
			end = newest + 1;
		}
		int r = LOAD(reserved, mo_relaxed);
		/* what the last holder reserved may do for a while */
		FENCE_UNLESS(L1_TAKE, mo_release);
		if (newest < 0 || weak(L4_RESERVED))
			end = r;
		for (; t <= RECORDS; t++, end++) {
			if (r < end + 1) {
				int limit = weak(L3_FAR) ? end + LANE
					    : newest < 0 ? r + LANE
							 : newest + LANE;

				r = (end + 1 + STEP - 1) / STEP * STEP;
				if (r > limit)
					r = limit;
				if (weak(L3_FAR))
					r = limit;
				if (dies(who))
					return;
				CHECK(r > end);
				STORE(reserved, r, mo_relaxed);
				FENCE_UNLESS(L1_REL, mo_release);
			}
			if (dies(who))
				return;
			STORE(head[end % LANE], end, mo_relaxed);
			if (dies(who))
				return;
			STORE(data[end % LANE], 10 * t + who, mo_relaxed);
			STORE(desc[t], end, mo_relaxed);
			if (dies(who))
				return;
			committed_by[t] = who;
			STORE(seq[t], 2 * t, unless(L2_REL, mo_release));
			newest = end;
		}
	}

	outcome read(int t)
	{
		if (LOAD(seq[t], unless(L2_ACQ, mo_acquire)) != 2 * t)
			return EMPTY;
		int p = LOAD(desc[t], mo_relaxed);
		int h = LOAD(head[p % LANE], mo_relaxed);
		int d = LOAD(data[p % LANE], mo_relaxed);
		FENCE_UNLESS(L1_ACQ, mo_acquire);
		bool kept = LOAD(reserved, mo_relaxed) <= p + LANE;
		if (weak(L1_NONE))
			kept = true;
		if (!kept || h != p)
			return LOST;
		CHECK(d == 10 * t + committed_by[t]);
		return DELIVERED;
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
			for (int tries = 0; tries < 6; tries++) {
				int t = 1 + (int)rl::rand(4);

				if (read(t) == LOST)
					CHECK(committed_by[t + 1] != 0);
			}
		}
	}
};

const scene scenes[] = {{"reuse", run<reuse>, 30000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "lane", scenes, variants);
}
