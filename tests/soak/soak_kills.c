/* SPDX-License-Identifier: BSD-2-Clause
 *
 * soak_kills.c - killed in a loop, in each state that a process can be in:
 * at the end everything is as it was before.
 *
 * 200 kills; in `make torture` 10,000.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "soak/books.h"
#include "soak/victims.h"

#define KILLS	    200
#define KILLS_ALL   10000
#define PLACES	    6  /* participants: fewer than are killed */
#define ROUND	    16 /* kills between two looks at what still works */
#define STORE_BYTES (2u << 20)

/* All in one store, which has what each state needs. */
struct world {
	const char *store;
	struct rng rng;
	uint64_t turn;
};

/* ---- the loop
 * ------------------------------------------------------------------ */

/* Nobody waits for the dead, nobody stands in the way of the next. */
static void
still_works(struct world *w)
{
	weir_store *st = victim_attach(w->store);
	weir_channel *chs[] = {victim_shared(st), victim_exclusive(st),
			       victim_blocking(st)};

	for (int i = 0; i < 3; i++) {
		weir_producer *p = victim_producer(chs[i]);
		weir_consumer *c;
		weir_record rec;

		/* dead gates are still there */
		for (int k = 0; k < 9; k++)
			CU_ASSERT(weir_publish(p, "\x05", 1, NULL) > 0);
		c = victim_consumer(chs[i], i == 2 ? WEIR_GATE : 0);
		while (weir_read(c, &rec, 1, 0) > 0)
			;
		for (int k = 1; k <= 9; k++) {
			char msg = (char)k;

			CU_ASSERT(weir_publish(p, &msg, 1, NULL) > 0);
			CU_ASSERT_EQUAL(weir_read(c, &rec, 1, KIT_S), 1);
			CU_ASSERT(rec.len == 1 && rec.data &&
				  *(const char *)rec.data == msg);
		}
		CU_ASSERT(weir_clear(p) > 0);
		weir_producer_close(p);
		weir_consumer_close(c);
	}
	weir_store_close(st);
}

static void
kill_one(struct world *w)
{
	struct victim v = {w->store, (uint32_t)(w->turn % VICTIM_STATES)};
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, victim_run, &v) == 0);
	if (proc_hear(&p) != 'r') {
		CU_FAIL("a victim did not come to its state");
		t_log("state: %s\n", victim_state_name(v.state));
		t_log("it ended with %d\n", proc_kill(&p));
		return;
	}
	if (rng_one_in(&w->rng, 8))
		proc_nap_ms(1); /* so that who sleeps is asleep */
	else
		kit_nap(&w->rng, 300);
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	w->turn++;
}

static void
kill_many(struct world *w, uint64_t cnt)
{
	for (uint64_t end = w->turn + cnt; w->turn < end;) {
		kill_one(w);
		if (w->turn % ROUND == 0)
			still_works(w);
		if (CU_get_number_of_failure_records())
			return;
	}
	still_works(w);
}

/* What a kill may leave half-way is done with by whoever comes next. */
static struct books
take(struct world *w)
{
	weir_store *st = victim_attach(w->store);
	struct books b;
	char why[300] = "";
	int rc = weir_channel_remove(st, "made", NULL);

	CU_ASSERT(rc == 0 || rc == -ENOENT);
	/* a newcomer, who frees what nobody holds any more */
	weir_channel_close(
	    victim_channel(st, "made", WEIR_OVERWRITE, WEIR_SHARED));
	CU_ASSERT_EQUAL(weir_channel_remove(st, "made", NULL), 0);
	CU_ASSERT_EQUAL(books_fill(w->store, 1, why, sizeof(why)), 0);
	b = books_take(st, w->store);
	t_log("%s%s", why, *why ? "\n" : "");
	weir_store_close(st);
	return b;
}

static void
kills_leave_the_books_as_they_were(void)
{
	struct world w = {.store = tmpstore_name(), .rng = {t_seed(0x50a5)}};
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_CREATE,
			     .max_bytes = STORE_BYTES,
			     .max_channels = 6,
			     .max_participants = PLACES};
	uint64_t cnt = t_torture() ? KILLS_ALL : KILLS;
	struct books before, after;
	char why[300] = "";
	weir_store *st;

	CU_ASSERT_FATAL(weir_store_open(w.store, &o, &st, NULL) == 0);
	weir_store_close(st);
	/* each state once: what is then touched has been touched */
	kill_many(&w, VICTIM_STATES);
	before = take(&w);
	CU_ASSERT_EQUAL(before.participants, 1);
	CU_ASSERT_EQUAL(before.files, 2);
	kill_many(&w, cnt);
	after = take(&w);
	CU_ASSERT(books_same(&before, &after, why, sizeof(why)));
	t_log("%s%s", why, *why ? "\n" : "");
	t_log("%llu kills: %u participants, %u channels, %llu bytes used, "
	      "%llu of memory, %u files, %u descriptors\n",
	      (unsigned long long)cnt, after.participants, after.channels,
	      (unsigned long long)after.used_bytes,
	      (unsigned long long)after.real_bytes, after.files, after.fds);
}

SUITE("kills", TEST(kills_leave_the_books_as_they_were));
