/* SPDX-License-Identifier: BSD-2-Clause
 *
 * conductor.c - see conductor.h
 */
#include "soak/conductor.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "soak/books.h"
#include "soak/plan.h"
#include "soak/workers.h"

#define FROZEN_MOST 4
#define END_NS	    (30 * KIT_S)

/* The last third of each CALM_MS nobody is disturbed, so that who is not woken
 * by the commit that he waits for is woken by nothing else. */
#define CALM_MS	     6000
#define CALM_LEAD_NS (100 * KIT_MS)

/* On a busy machine one may come late now and then: 94 of 427,468 with forty
 * processes for two processors; when every fourth wake-up was left out it was
 * 268 of 8,340. */
#define LATES_LEAST 30
#define LATES_SHARE 200 /* one in so many */

/* SOAK_SLOTS at most, all together. */
static const struct {
	void (*run)(struct soak *s);
	const char *name;
	uint32_t cnt;
} kinds[] = {
    {soak_producer, "producer", 12}, {soak_consumer, "consumer", 16},
    {soak_looker, "looker", 2},	     {soak_remover, "remover", 1},
    {soak_visitor, "visitor", 3},    {soak_command, "command", 1},
};

static volatile sig_atomic_t interrupted;

static void
on_int(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* ---- one worker
 * ---------------------------------------------------------------- */

struct start {
	struct conductor *c;
	uint32_t slot;
};

static int
worker(struct proc *me, void *arg)
{
	struct start *a = arg;
	struct worker *w = &a->c->ws[a->slot];
	struct soak s = {
	    .t = a->c->t,
	    .me = &a->c->t->slots[a->slot],
	    .slot = a->slot,
	    .turn = w->turn,
	    .rng = {a->c->t->seed + a->slot * 1000003u + w->turn},
	};

	(void)me;
	soak_catch_term();
	soak_event(&s, w->kind, w->turn, getpid());
	w->run(&s);
	return 0;
}

static void
start(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];
	struct soak_slot *me = &c->t->slots[slot];

	w->turn++;
	w->thaw_ns = 0;
	kit_set(&me->frozen, 0);
	kit_set(&me->busy_ns, 0);
	for (int i = 0; i < SOAK_HANDS; i++)
		kit_set(&me->hands[i].gen, 0);
	if (proc_start(&w->p, worker, &(struct start){c, slot}) != 0) {
		soak_tell(c->t, "cannot start a process");
		return;
	}
	w->runs = 1;
}

/* It has gone: as a rule it comes back, at once or a little later. */
static void
gone(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];

	w->runs = 0;
	w->start_ns =
	    proc_now_ns() + (rng_one_in(&c->rng, 3)
				 ? (int64_t)rng_below(&c->rng, 500) * KIT_MS
				 : 0);
	/* it waits no longer, and reads no more */
	kit_set(&c->t->slots[slot].busy_ns, 0);
	for (int i = 0; i < SOAK_HANDS; i++)
		kit_set(&c->t->slots[slot].hands[i].gen, 0);
}

static void
thaw(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];

	if (!w->thaw_ns)
		return;
	w->thaw_ns = 0;
	kit_set(&c->t->slots[slot].touched_ns, proc_now_ns());
	kit_set(&c->t->slots[slot].frozen, 0);
	proc_thaw(&w->p);
}

static void
freeze(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];
	uint64_t span = rng_below(&c->rng, 12); /* 1 ms to 2 s */
	uint32_t frozen = 0;

	for (uint32_t i = 0; i < c->cnt; i++)
		frozen += c->ws[i].thaw_ns != 0;
	if (frozen >= FROZEN_MOST || w->thaw_ns)
		return;
	kit_set(&c->t->slots[slot].touched_ns, proc_now_ns());
	kit_set(&c->t->slots[slot].frozen, 1);
	kill(w->p.pid, SIGSTOP);
	w->thaw_ns =
	    proc_now_ns() +
	    (int64_t)rng_range(&c->rng, 1, UINT64_C(1) << span) * KIT_MS;
	c->freezes++;
}

static void
slay(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];
	int rc = proc_kill(&w->p);

	c->kills++;
	if (rc != -SIGKILL && rc != 0 && !(rc == SOAK_FAILED))
		soak_tell(c->t, "slot %u (%s): ended with %d", slot, w->kind,
			  rc);
	gone(c, slot);
}

static void
reap(struct conductor *c, uint32_t slot)
{
	struct worker *w = &c->ws[slot];
	int rc;

	if (!w->runs || !proc_ended(&w->p))
		return;
	rc = proc_wait(&w->p);
	if (rc != 0 && rc != SOAK_FAILED)
		soak_tell(c->t, "slot %u (%s, process %u): ended with %d", slot,
			  w->kind, w->turn, rc);
	gone(c, slot);
}

static void
disturb(struct conductor *c)
{
	uint32_t slot = (uint32_t)rng_below(&c->rng, c->cnt);
	struct worker *w = &c->ws[slot];
	uint64_t dice = rng_below(&c->rng, 10);

	if (!w->runs)
		return;
	if (dice < 5) {
		slay(c, slot);
	} else if (dice < 8) {
		freeze(c, slot);
	} else if (!w->thaw_ns) {
		kill(w->p.pid, SIGTERM);
		c->ends++;
	}
}

/* ---- the run
 * ------------------------------------------------------------------------- */

static void
end_all(struct conductor *c)
{
	int64_t end = proc_now_ns() + END_NS;
	uint32_t left = c->cnt;

	kit_set(&c->t->stop, 1);
	while (left && proc_now_ns() < end) {
		left = 0;
		for (uint32_t i = 0; i < c->cnt; i++) {
			thaw(c, i);
			reap(c, i);
			if (!c->ws[i].runs)
				continue;
			left++;
			kill(c->ws[i].p.pid, SIGTERM);
		}
		proc_nap_ms(20);
	}
	for (uint32_t i = 0; i < c->cnt; i++) {
		if (!c->ws[i].runs)
			continue;
		soak_tell(c->t, "slot %u (%s) does not end", i, c->ws[i].kind);
		slay(c, i);
	}
}

static void
calm(struct conductor *c, int64_t now)
{
	int is_calm = (now - c->began_ns) / KIT_MS % CALM_MS >= CALM_MS / 3 * 2;

	if (!is_calm) {
		kit_set(&c->t->calm_ns, 0);
	} else if (!kit_get(&c->t->calm_ns)) {
		for (uint32_t i = 0; i < c->cnt; i++)
			thaw(c, i);
		kit_set(&c->t->calm_ns, now + CALM_LEAD_NS);
	}
}

static void
traffic(struct conductor *c, unsigned seconds, unsigned every_s)
{
	int64_t end = c->began_ns + (int64_t)seconds * KIT_S;
	int64_t line = c->began_ns + every_s * KIT_S, act = 0, now;

	while (!interrupted && !kit_get(&c->t->fail_cnt) &&
	       (now = proc_now_ns()) < end) {
		for (uint32_t i = 0; i < c->cnt; i++) {
			struct worker *w = &c->ws[i];

			reap(c, i);
			if (!w->runs && now >= w->start_ns)
				start(c, i);
			if (w->thaw_ns && now >= w->thaw_ns)
				thaw(c, i);
		}
		calm(c, now);
		if (now >= act && !kit_get(&c->t->calm_ns)) {
			disturb(c);
			act = now + (int64_t)rng_below(&c->rng, 50) * KIT_MS;
		}
		soak_watch(c);
		if (now >= line) {
			soak_report(c);
			line += every_s * KIT_S;
		}
		proc_nap_ms(2);
	}
	end_all(c);
}

/* What the dead have left is given back by whoever needs it, or by gc. */
static void
collect(struct conductor *c, weir_store *st)
{
	weir_gc_info i = {.size = sizeof(i)};
	int rc = weir_store_gc(st, 0, &i, NULL);

	if (rc == 0)
		rc = weir_store_gc(st, WEIR_DRY_RUN, &i, NULL);
	if (rc != 0 || i.participants || i.producers || i.consumers ||
	    i.marks || i.channels || i.lock_files || i.stray_bytes || i.held)
		soak_tell(c->t,
			  "gc: %d; it leaves %u participants, %u producers, "
			  "%u consumers, %u marks, %u channels, %u held, %u "
			  "lock files, %" PRIu64 " bytes",
			  rc, i.participants, i.producers, i.consumers, i.marks,
			  i.channels, i.held, i.lock_files, i.stray_bytes);
}

/* Nothing of all that is left: with the channels, and without them. */
static void
close_books(struct conductor *c, weir_store *st, const struct books *before)
{
	struct soak_counts n = soak_sum(c);
	int with_gc = rng_one_in(&c->rng, 2);
	struct books after;
	char why[SOAK_TEXT - 64];

	if (c->lates >= LATES_LEAST && c->lates * LATES_SHARE > n.sleeps)
		soak_tell(c->t,
			  "of %" PRIu64 " sleepers %" PRIu64
			  " came more than 0.3 s late",
			  n.sleeps, c->lates);
	if (with_gc)
		collect(c, st);
	if (books_fill(c->t->store, 1, why, sizeof(why)) != 0)
		soak_tell(c->t, "%s", why);
	after = books_take(st, c->t->store);
	if (after.participants != 1 || after.producers || after.consumers ||
	    after.sleepers)
		soak_tell(c->t,
			  "when all have gone: %u participants, %u producers, "
			  "%u consumers, %u sleepers",
			  after.participants, after.producers, after.consumers,
			  after.sleepers);
	for (int i = 0; i < SOAK_PLANS; i++)
		weir_channel_remove(st, soak_plans[i].name, NULL);
	if (books_strays(st, c->t->store, why, sizeof(why)) != 0)
		soak_tell(c->t, "%s", why);
	if (with_gc)
		collect(c, st);
	else if (books_heap(st, why, sizeof(why)) != 0)
		soak_tell(c->t, "%s", why);
	after = books_take(st, c->t->store);
	if (!books_same(before, &after, why, sizeof(why)))
		soak_tell(c->t, "books: %s", why);
}

static void
find_command(char *path, size_t cap)
{
	char *at;
	ssize_t n = readlink("/proc/self/exe", path, cap - 1);

	path[n > 0 ? n : 0] = 0;
	at = strstr(path, "/tests/soak/");
	if (at && (size_t)(at - path) + sizeof("/weir") <= cap)
		memcpy(at, "/weir", sizeof("/weir"));
	if (!at || access(path, X_OK) != 0)
		path[0] = 0;
}

static weir_store *
make_store(const char *name)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .max_bytes = SOAK_STORE_BYTES,
			     .max_channels = 32,
			     .max_participants = SOAK_PLACES};
	weir_diag d = {.message = ""};
	weir_store *st = NULL;

	if (weir_store_open(name, &o, &st, &d) != 0)
		printf("soak: %s\n", d.message);
	return st;
}

uint64_t
soak_run(uint64_t seed, unsigned seconds, unsigned every_s)
{
	static struct conductor c;
	struct sigaction sa = {.sa_handler = on_int}, old_int, old_term;
	struct books before;
	weir_store *st;
	uint64_t failures;

	memset(&c, 0, sizeof(c));
	c.t = kit_shared(sizeof(*c.t));
	c.t->seed = c.rng.state = seed;
	snprintf(c.t->store, sizeof(c.t->store), "%s", tmpstore_name());
	snprintf(c.t->side, sizeof(c.t->side), "%s", tmpstore_name());
	find_command(c.t->command, sizeof(c.t->command));
	for (uint32_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (uint32_t i = 0; i < kinds[k].cnt; i++)
			c.ws[c.cnt++] = (struct worker){.kind = kinds[k].name,
							.run = kinds[k].run};
	st = make_store(c.t->store);
	if (!st)
		return 1;
	sigaction(SIGINT, &sa, &old_int);
	sigaction(SIGTERM, &sa, &old_term);
	before = books_take(st, c.t->store);
	printf("soak: %u s, seed %" PRIu64 "\n", seconds, seed);
	fflush(stdout);
	c.began_ns = proc_now_ns();
	traffic(&c, seconds, every_s);
	close_books(&c, st, &before);
	weir_store_close(st);
	tmpstore_drop(c.t->store);
	tmpstore_drop(c.t->side);
	soak_report(&c);
	soak_report_failures(&c);
	failures = kit_get(&c.t->fail_cnt);
	if (failures || interrupted)
		printf("soak: seed %" PRIu64 "%s\n", seed,
		       interrupted ? ", interrupted" : "");
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	kit_unshared(c.t, sizeof(*c.t));
	return failures + (uint64_t)interrupted;
}
