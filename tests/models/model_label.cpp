/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model_label - whose record is that?  A record has the hash of its producer's
 * id; the text is with the lane, or with the name that the lane had before.
 *
 * The lane is A's.  B takes it for its id and may die anywhere; then C takes
 * it, and after that D.  A taker moves the old name to `before` (an odd word
 * says that this is under way), then writes its own, then goes live.  A reader
 * has records of A, B and C, and asks for their names all the time.
 *
 * Sizes: 3 takers, one lane; a name is two words, hash and text.
 *
 * The lock is the kernel's: a release and an acquire, not weakened.
 *
 * Checked: a text that is given is that of the hash.
 *
 * Pairs: B1 the owner word and the name, B2 `before` and its word, under way
 * (odd), B3 the same, done (even).  Rules: B4 an odd word is refused, B5 the
 * hash is looked at between the two looks at the word, like the text.
 */
#include "model.hpp"

using namespace model;

namespace
{

enum { B1_ACQ, B1_STANDS, B2_REL, B2_ACQ, B3_REL, B3_ACQ, B4_NONE, B5_EARLY };

const variant variants[] = {
    {"B1.acq", 0, "no fence between the text and the owner word again"},
    {"B1.stands", 0, "a name is read before its lane is live"},
    {"B2.rel", 0, "no fence between the odd word and the name"},
    {"B2.acq", 0, "no fence between that text and its word again"},
    {"B3.rel", 0, "the even word is a relaxed store"},
    {"B3.acq", 0, "the even word is read relaxed"},
    {"B4.none", 0, "an odd word is not refused"},
    {"B5.early", 0, "the hash is looked at before the word of `before`"},
};

enum { A = 1, B, C, D };
enum state { LIVE, RESERVED };

struct name {
	word word_, hash, text;

	void is(int id)
	{
		STORE(word_, 0, mo_relaxed);
		STORE(hash, id, mo_relaxed);
		STORE(text, id, mo_relaxed);
	}

	/* wi_tag_text() */
	bool get(int w, int *out, int fence)
	{
		*out = LOAD(text, mo_relaxed);
		FENCE_UNLESS(fence, mo_acquire);
		return LOAD(word_, mo_relaxed) == w;
	}
};

struct labels : rl::test_suite<labels, 3> {
	name now, before_;
	word lock; /* B's */
	int left;

	void before()
	{
		now.is(A);
		before_.is(0);
		STORE(lock, 1, mo_relaxed);
		left = rl::rand(2) == 0 ? (int)rl::rand(8) : -1;
	}

	bool dies()
	{
		return left >= 0 && left-- == 0;
	}

	/* take_for(); false: died. */
	bool take(int id)
	{
		int w = LOAD(now.word_, mo_acquire);
		int mine = (w / 10 + 1) * 10 + RESERVED;

		CHECK(CAS(now.word_, w, mine, mo_acq_rel));
		FENCE(mo_seq_cst); /* wi_cas() */
		if (dies())
			return false;
		int odd = (LOAD(before_.word_, mo_relaxed) + 1) | 1;
		int old = LOAD(now.text, mo_relaxed);
		STORE(before_.word_, odd, mo_relaxed);
		FENCE_UNLESS(B2_REL, mo_release);
		if (dies())
			return false;
		STORE(before_.hash, old, mo_relaxed);
		if (dies())
			return false;
		STORE(before_.text, old, mo_relaxed);
		if (dies())
			return false;
		STORE(before_.word_, odd + 1, unless(B3_REL, mo_release));
		if (dies())
			return false;
		STORE(now.hash, id, mo_relaxed);
		if (dies())
			return false;
		STORE(now.text, id, mo_relaxed);
		if (dies())
			return false;
		int claimed = mine;
		CHECK(CAS(now.word_, claimed, mine + 10 - RESERVED + LIVE,
			  mo_acq_rel));
		return true;
	}

	/* wi_id_text(); 0: only the hash is known */
	int text_of(int hash)
	{
		int w = LOAD(now.word_, mo_acquire), text;
		bool early = LOAD(before_.hash, mo_relaxed) == hash;
		int even = LOAD(before_.word_, unless(B3_ACQ, mo_acquire));

		if ((w % 10 == LIVE || weak(B1_STANDS)) &&
		    LOAD(now.hash, mo_relaxed) == hash &&
		    now.get(w, &text, B1_ACQ))
			return text;
		if (even & 1 && !weak(B4_NONE))
			return 0;
		if (!weak(B5_EARLY))
			early = LOAD(before_.hash, mo_relaxed) == hash;
		if (early && before_.get(even, &text, B2_ACQ))
			return text;
		return 0;
	}

	void thread(unsigned i)
	{
		switch (i) {
		case 0:
			take(B);
			STORE(lock, 0, mo_release);
			break;
		case 1:
			while (LOAD(lock, mo_acquire) != 0)
				PAUSE();
			left = -1;
			take(C);
			take(D);
			break;
		default:
			for (int k = 0; k < 8; k++) {
				int id = A + (int)rl::rand(3);
				int text = text_of(id);

				CHECK(text == 0 || text == id);
			}
		}
	}
};

const scene scenes[] = {{"labels", run<labels>, 40000, 2}};

} // namespace

int
main(int argc, char **argv)
{
	return model::main(argc, argv, "label", scenes, variants);
}
