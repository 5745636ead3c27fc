/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_crowd - a consumer of more channels than one wait can name.
 *
 * It marks itself in each, with WI_CROWD, and sleeps on its participant's crowd
 * word, which is in no slot: publishers count it up.
 *
 *  crowd  Two channels, one publisher each; the sleeper wants two records of
 *         each, and marks itself anew for every wait.
 *  owner  One cell; its former owner, another participant, has died marked.
 *         The new one takes it and waits in the crowd, while a publisher looks
 *         from the cell to the owner to the word.
 *  death  Both channels; one publisher dies between its commit and its count,
 *         when the sleeper is asleep.  (A death while it falls asleep is not
 *         noticed by the bell: those look again after 50 ms.)
 *
 * Sizes: 2 channels, 2 records each, 2 participants; kernel.hpp, no time-outs.
 *
 * Checked: the sleeper gets all records.
 *
 * Pairs: C1 the commit, the count, and the look at the slots; W1 as in
 * model_sleep.  Rules: C2 it counts, C3 the word is looked at before the slots,
 * C4 a publisher remembers for which record it counted, C5 the bell is in the
 * list, C6 the owner word comes before the mark.
 */
#include "kernel.hpp"

using namespace model;

namespace
{

enum { W0, W1, CHANGE, BELL, FUTEXES }; /* crowd words of 2 participants */
enum { CHANNELS = 2, RECORDS = 2, SLEEPER = 2 };
enum { CROWD, OWNER, DEATH };
enum { W1_PUB, W1_SUB, C1_ACQ, C2_SILENT, C3_LATE, C4_CELL, C5_BELL, C6_EARLY };

const variant variants[] = {
    {"W1.pub", CROWD, "the publisher has no fence after the commit"},
    {"W1.sub", CROWD, "the sleeper has no fence after setting its bits"},
    {"C1.acq", CROWD, "no fence between the crowd word and the look"},
    {"C2.silent", CROWD, "the crowd is woken without a count"},
    {"C3.late", CROWD, "the crowd word is read after the look"},
    {"C4.cell", CROWD, "a publisher remembers the cell, not the record"},
    {"C5.bell", DEATH, "the list leaves the bell out"},
    {"C6.early", OWNER, "a cell is marked before its owner word changes"},
};

struct crowded {
	word slot[CHANNELS][RECORDS]; /* 2: there */
	word sleepers[CHANNELS], await[CHANNELS], owner[CHANNELS];
	word crowd[2];
	word change, bell;
	kernel<FUTEXES, 3> os;
	int woken[2]; /* each publisher's memory */

	void boot(int who)
	{
		for (int c = 0; c < CHANNELS; c++) {
			for (int t = 0; t < RECORDS; t++)
				STORE(slot[c][t], 0, mo_relaxed);
			STORE(sleepers[c], 0, mo_relaxed);
			STORE(await[c], -1, mo_relaxed);
			STORE(owner[c], who, mo_relaxed);
			STORE(crowd[c], 0, mo_relaxed);
			woken[c] = -1;
		}
		STORE(change, 0, mo_relaxed);
		STORE(bell, 0, mo_relaxed);
		os.words[W0] = &crowd[0];
		os.words[W1] = &crowd[1];
		os.words[CHANGE] = &change;
		os.words[BELL] = &bell;
		os.boot();
	}

	void dawdle()
	{
		for (int i = (int)rl::rand(2) * 60; i > 0; i--) {
			if (os.down[SLEEPER])
				return;
			PAUSE();
		}
	}

	/* `memory`: of the publisher. */
	void wake_marked(int c, int newest, int *memory)
	{
		FENCE_UNLESS(W1_PUB, mo_seq_cst);
		if (LOAD(sleepers[c], mo_relaxed) == 0)
			return;
		int t = LOAD(await[c], mo_acquire);
		int who = LOAD(owner[c], mo_relaxed);

		if (t < 0 || t > newest || *memory == t ||
		    (weak(C4_CELL) && *memory >= 0))
			return;
		*memory = t;
		if (!weak(C2_SILENT))
			ADD(crowd[who], 1, mo_acq_rel);
		os.wake(W0 + who, ALL);
	}

	void commit(int c, int t)
	{
		STORE(slot[c][t], 2, mo_release);
		wake_marked(c, t, &woken[c]);
	}

	bool news(int c, int t)
	{
		return t < RECORDS && LOAD(slot[c][t], mo_acquire) == 2;
	}

	/* Until one of the channels has its record next[c]. */
	void wait_for(int who, const int next[CHANNELS])
	{
		for (int c = 0; c < CHANNELS; c++) {
			STORE(await[c], next[c], mo_release);
			OR(sleepers[c], 1, mo_acq_rel);
		}
		FENCE_UNLESS(W1_SUB, mo_seq_cst);
		for (;;) {
			int e = LOAD(crowd[who], mo_relaxed);
			int ch = LOAD(change, mo_relaxed);

			FENCE_UNLESS(C1_ACQ, mo_acquire);
			if (news(0, next[0]) || news(1, next[1]))
				break;
			if (weak(C3_LATE))
				e = LOAD(crowd[who], mo_relaxed);
			entry list[] = {{W0 + who, e, true},
					{CHANGE, ch, true},
					{W0 + who, e, false},
					{BELL, 0, true}};
			int i = os.waitv(SLEEPER, list, weak(C5_BELL) ? 3 : 4);

			if (i != 3)
				continue;
			ADD(change, 1, mo_acq_rel);
			os.wake(CHANGE, ALL);
		}
		for (int c = 0; c < CHANNELS; c++)
			AND(sleepers[c], ~1, mo_acq_rel);
	}

	void consume(int who, int of_0, int of_1)
	{
		int next[CHANNELS] = {0, 0};

		while (next[0] < of_0 || next[1] < of_1) {
			wait_for(who, next);
			for (int c = 0; c < CHANNELS; c++)
				if (news(c, next[c]))
					next[c]++;
		}
	}
};

struct crowd : rl::test_suite<crowd, 3>, crowded {
	void before()
	{
		boot(0);
	}

	void thread(unsigned i)
	{
		if (i == SLEEPER)
			return consume(0, RECORDS, RECORDS);
		dawdle();
		for (int t = 0; t < RECORDS; t++)
			commit((int)i, t);
	}
};

struct passed_on : rl::test_suite<passed_on, 3>, crowded {
	void before()
	{
		boot(0);
		/* participant 0 has died, waiting for record 0 */
		STORE(await[0], 0, mo_relaxed);
		STORE(sleepers[0], 1, mo_relaxed);
	}

	void take()
	{
		int dead = 0;

		CHECK(CAS(owner[0], dead, 1, mo_acq_rel));
	}

	void thread(unsigned i)
	{
		if (i == 0) {
			dawdle();
			commit(0, 0);
			commit(0, 1);
		} else if (i == SLEEPER) {
			int next[CHANNELS] = {0, 0};

			if (!weak(C6_EARLY))
				take();
			AND(sleepers[0], ~1, mo_acq_rel);
			wait_for(1, next);
			if (weak(C6_EARLY))
				take();
			consume(1, RECORDS, 0);
		}
	}
};

struct death : rl::test_suite<death, 3>, crowded {
	void before()
	{
		boot(0);
	}

	void thread(unsigned i)
	{
		if (i == SLEEPER)
			return consume(0, 1, 0);
		if (i == 1)
			return;
		while (!os.down[SLEEPER])
			PAUSE();
		STORE(slot[0][0], 2, mo_release);
		os.wake(BELL, 1);
	}
};

const scene scenes[] = {
    {"crowd", run<crowd>, 20000, 2},
    {"owner", run<passed_on>, 20000, 2},
    {"death", run<death>, 5000, 2},
};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "crowd", scenes, variants);
}
