/* SPDX-License-Identifier: BSD-2-Clause
 *
 * model.hpp - what the models share: the driver, short names for relacy's
 * operations, and the switch between the protocol and its weakened variants.
 *
 * A model is a few "scenes" (relacy test suites) and a list of variants.  The
 * program runs the protocol as it is written (every scene must be clean), or
 * with --weak NAME one variant (its scene must show a violation), and exits 0
 * if and only if it saw what it expected.
 *
 * What relacy is and is not, so far as it matters here:
 *  - Every load may return an older store (up to two back) unless happens-
 *    before forbids it; fences work as in C11.  Stores take effect in the order
 *    of the run, so load buffering is not seen.
 *  - It lets a release sequence go on through later relaxed stores of the same
 *    thread (C++11 did, C++20 does not) and lets two seq_cst fences
 * synchronise. Both make it more forgiving than the hardware may be, so a store
 * that matters has its own order here and never leans on an earlier one.
 *  - Runs are deterministic: the same number of runs gives the same answer.
 *
 * Ghost state (what really happened, kept for the checks alone) lies in plain
 * members: the fibers share one thread, and relacy does not see them.
 */
#ifndef WI_MODELS_MODEL_HPP
#define WI_MODELS_MODEL_HPP

/* relacy leaves fibers by longjmp, which the fortified one refuses */
#undef _FORTIFY_SOURCE
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <relacy/relacy.hpp>

namespace model
{

struct variant {
	const char *name; /* "P1.rel": the pair and the side that is weakened */
	int scene;	  /* where it must be caught */
	const char *what;
};

/* The variant that runs, by its place in the list, or -1: none is. */
inline int &
weak_index()
{
	static int index = -1;
	return index;
}

inline bool
weak(int id)
{
	return id >= 0 && weak_index() == id;
}

typedef rl::memory_order order;

/* The order of an operation, or relaxed where variant `id` weakens it. */
inline order
unless(int id, order right)
{
	return weak(id) ? rl::mo_relaxed : right;
}

struct scene {
	const char *name;
	rl::test_result_e (*run)(rl::test_params &);
	unsigned iterations; /* of the random scheduler, in a normal run */
	unsigned bound;	     /* preemptions of the search in a long run */
};

/* Whether the last search came to its end. */
inline bool &
searched_all()
{
	static bool all = false;
	return all;
}

/* relacy's search with few preemptions, cut after iteration_count runs: it goes
 * through every value of rl::rand too, which may be more than anyone waits for.
 */
template <rl::thread_id_t threads>
struct bounded : rl::context_bound_scheduler<threads> {
	typedef rl::context_bound_scheduler<threads> base;

	bounded(rl::test_params &p, typename base::shared_context_t &c,
		rl::thread_id_t dynamic)
	    : base(p, c, dynamic)
	{
	}

	bool iteration_end()
	{
		searched_all() = base::iteration_end();
		return searched_all() ||
		       this->iter_ + 1 >= this->params_.iteration_count;
	}
};

template <typename M>
rl::test_result_e
run(rl::test_params &p)
{
	const rl::thread_id_t threads = M::params::thread_count;
	std::ostringstream state;
	rl::test_result_e result;

	if (p.search_type == rl::sched_random)
		result = rl::run_test<M, rl::random_scheduler<threads>>(
		    p, state, false);
	else
		result = rl::run_test<M, bounded<threads>>(p, state, false);
	p.final_state = state.str().c_str();
	return result;
}

/* A long run has so many times as many runs as a normal one. */
enum { LONGER = 40 };

/* Swallows what relacy prints. */
struct silent : std::streambuf {
	int overflow(int c) override
	{
		return c;
	}
};

struct driver {
	const char *name;
	const scene *scenes;
	int scene_count;
	const variant *variants;
	int variant_count;
	bool torture;
	bool verbose;
	unsigned iterations;

	/* One scene under one scheduler.  Returns whether it was clean. */
	bool once(const scene &s, rl::scheduler_type_e type, bool expect_clean)
	{
		silent none;
		std::ostream nowhere(&none);
		std::ostream &out = verbose ? std::cout : nowhere;
		rl::test_params p;
		char how[24];

		p.output_stream = &out;
		p.progress_stream = &nowhere;
		p.search_type = type;
		p.iteration_count = s.iterations;
		if (iterations != 0)
			p.iteration_count = iterations;
		else if (torture)
			p.iteration_count = s.iterations * LONGER;
		/* a variant gets more runs to be found in; it stops when it is
		 */
		if (!expect_clean)
			p.iteration_count *= 10;
		p.context_bound = s.bound;
		p.execution_depth_limit = 6000;
		rl::test_result_e result = s.run(p);
		bool clean = result == rl::test_result_success;
		if (type == rl::sched_random)
			snprintf(how, sizeof how, "random");
		else
			snprintf(how, sizeof how, "bound %u%s", s.bound,
				 searched_all() ? "" : " (cut)");
		printf("%s/%s %s: %s, %llu runs, %s: %s\n", name, s.name,
		       weak_index() < 0 ? "as written"
					: variants[weak_index()].name,
		       how,
		       (unsigned long long)p.stop_iteration + (clean ? 0 : 1),
		       clean ? "clean" : rl::test_result_str(result),
		       clean == expect_clean ? "ok" : "FAILED");
		fflush(stdout);
		if (!clean && verbose) {
			/* that run once more, with its history */
			p.initial_state = p.final_state;
			p.collect_history = true;
			s.run(p);
		}
		return clean;
	}

	int right()
	{
		int bad = 0;

		for (int i = 0; i < scene_count; i++) {
			bad += !once(scenes[i], rl::sched_random, true);
			if (torture)
				bad += !once(scenes[i], rl::sched_bound, true);
		}
		return bad != 0;
	}

	int weakened(const char *which)
	{
		for (int i = 0; i < variant_count; i++) {
			if (strcmp(variants[i].name, which) != 0)
				continue;
			weak_index() = i;
			return once(scenes[variants[i].scene], rl::sched_random,
				    false);
		}
		fprintf(stderr, "%s: no variant \"%s\"\n", name, which);
		return 2;
	}

	int main(int argc, char **argv)
	{
		const char *which = nullptr;

		for (int i = 1; i < argc; i++) {
			const char *arg = argv[i];
			const char *val = i + 1 < argc ? argv[i + 1] : nullptr;

			if (strcmp(arg, "--list") == 0) {
				for (int k = 0; k < variant_count; k++)
					printf("%s\t%s\n", variants[k].name,
					       variants[k].what);
				return 0;
			} else if (strcmp(arg, "--weak") == 0 && val) {
				which = val;
				i++;
			} else if (strcmp(arg, "--iterations") == 0 && val) {
				iterations =
				    (unsigned)strtoul(val, nullptr, 10);
				i++;
			} else if (strcmp(arg, "--torture") == 0) {
				torture = true;
			} else if (strcmp(arg, "-v") == 0) {
				verbose = true;
			} else {
				fprintf(stderr,
					"usage: %s [--iterations N] [--torture]"
					" [--weak NAME | --list] [-v]\n",
					name);
				return 2;
			}
		}
		return which ? weakened(which) : right();
	}
};

template <int S, int V>
int
main(int argc, char **argv, const char *name, const scene (&scenes)[S],
     const variant (&variants)[V])
{
	driver d = {name, scenes, S, variants, V, false, false, 0};

	return d.main(argc, argv);
}

} // namespace model

/* Short names: the operation, the word, the order.  Macros, because relacy
 * wants the place in the source for its histories. */
#define LOAD(w, mo)	   (w).load(mo, RL_INFO)
#define STORE(w, v, mo)	   (w).store(v, mo, RL_INFO)
#define ADD(w, v, mo)	   (w).fetch_add(v, mo, RL_INFO)
#define OR(w, v, mo)	   (w).fetch_or(v, mo, RL_INFO)
#define AND(w, v, mo)	   (w).fetch_and(v, mo, RL_INFO)
#define CAS(w, old, v, mo) model::cas(w, old, v, mo, RL_INFO)
#define FENCE(mo)	   rl::atomic_thread_fence(mo, RL_INFO)
#define FENCE_UNLESS(id, mo)                                                   \
	do {                                                                   \
		if (!model::weak(id))                                          \
			FENCE(mo);                                             \
	} while (0)
#define CHECK(x) RL_ASSERT(x)
#define PAUSE()	 rl::yield(1, RL_INFO)

namespace model
{

using rl::mo_acq_rel;
using rl::mo_acquire;
using rl::mo_relaxed;
using rl::mo_release;
using rl::mo_seq_cst;

typedef rl::atomic<int> word;

template <typename T, typename U>
bool
cas(rl::atomic<T> &w, T &old, U v, order mo, rl::debug_info_param info)
{
	/* a failed one is only a load, and callers look again from the start */
	order failed =
	    mo == mo_release || mo == mo_relaxed ? mo_relaxed : mo_acquire;
	return w.compare_exchange(rl::bool_t<false>(), old, (T)v, mo, failed,
				  info);
}

/* CASmax(w, v): raise w to v if it is lower. */
template <typename T>
void
raise(rl::atomic<T> &w, T v, order mo)
{
	T old = LOAD(w, mo_relaxed);

	while (old < v && !CAS(w, old, v, mo))
		;
}

} // namespace model

#endif
