/* SPDX-License-Identifier: BSD-2-Clause
 *
 * wait.c - consumers that wait: look, poll for a while, sleep.
 *
 * How a sleep cannot miss its wake-up is told in notify/notify.h.  What is
 * here is the order of things on the sleeper's side, for any number of
 * consumers of any number of stores, and that a bell that rang is passed on.
 */
#include "store/internal.h"

#include <errno.h>

uint32_t wi_interrupts;

#define SPIN_FIRST_NS 20000 /* adaptive polling: to begin with, */
#define SPIN_MOST_NS  50000 /* at most, */
#define SPIN_LEAST_NS 1000  /* and at least */

static bool
any_news(struct weir_consumer *const *cs, int cnt)
{
	for (int i = 0; i < cnt; i++)
		if (wi_has_news(cs[i]))
			return true;
	return false;
}

int64_t
wi_spin_most(int64_t *spin)
{
	if (!*spin)
		*spin = SPIN_FIRST_NS;
	return *spin;
}

void
wi_spin_paid(int64_t *spin, bool paid)
{
	*spin = paid ? *spin * 2 : *spin / 2;
	if (*spin > SPIN_MOST_NS)
		*spin = SPIN_MOST_NS;
	else if (*spin < SPIN_LEAST_NS)
		*spin = SPIN_LEAST_NS;
}

/* Poll before sleeping: true if something came. */
static bool
spin(struct weir_consumer *const *cs, int cnt, int64_t deadline)
{
	struct weir_consumer *c = cs[0];
	int64_t now = wi_clock_mono(), most, end;
	bool adaptive = c->spin_ns == 0;

	if (c->spin_ns < 0)
		return false;
	most = adaptive ? wi_spin_most(&c->spin) : c->spin_ns;
	end = deadline - now < most ? deadline : now + most;
	do {
		for (int i = 0; i < 16; i++) {
			if (any_news(cs, cnt)) {
				if (adaptive)
					wi_spin_paid(&c->spin, true);
				return true;
			}
			wi_pause();
		}
	} while (wi_clock_mono() < end);
	/* polling did not pay */
	if (adaptive)
		wi_spin_paid(&c->spin, false);
	return false;
}

/* As a crowd, each store takes four words of a wait. */
#define STORES_MAX 31

/* One sleep of several consumers. */
struct bed {
	struct weir_consumer *const *cs;
	int cnt;
	struct wi_wait_word words[WI_WAIT_MAX];
	int word_cnt;
	struct weir_store *stores[STORES_MAX];
	int store_cnt;
	int first_bell, end_bells; /* which of the words are bells */
	bool crowd;		   /* too many for one wait */
	bool observers;		   /* nobody wakes those */
};

static int
add_store(struct bed *b, struct weir_store *st)
{
	for (int i = 0; i < b->store_cnt; i++)
		if (b->stores[i] == st)
			return 0;
	if (b->store_cnt == STORES_MAX)
		return -EINVAL;
	b->stores[b->store_cnt++] = st;
	return 0;
}

static int
prepare(struct bed *b)
{
	for (int i = 0; i < b->cnt; i++) {
		int rc = add_store(b, b->cs[i]->ch->st);

		if (rc != 0)
			return rc;
		b->observers |= b->cs[i]->observer;
	}
	b->crowd = 2 * (b->cnt + b->store_cnt) + 1 > WI_WAIT_MAX;
	return 0;
}

static void
mark_all(const struct bed *b)
{
	for (int i = 0; i < b->cnt; i++) {
		struct weir_consumer *c = b->cs[i];

		if (!c->cell)
			continue;
		wi_cursor_publish(c); /* exactly, before it sleeps */
		wi_sleep_mark(&c->ch->ring, c->idx,
			      c->next | (b->crowd ? WI_CROWD : 0));
	}
	for (int i = 0; i < b->store_cnt; i++) {
		bool exclusive = false;

		for (int j = 0; j < b->cnt && !exclusive; j++)
			exclusive = b->cs[j]->ch->st == b->stores[i] &&
				    b->cs[j]->cell &&
				    wi_is_exclusive(&b->cs[j]->ch->ring);
		if (exclusive)
			wi_sleep_fence(&b->stores[i]->waker);
	}
}

static void
probe_sleep(const struct bed *b)
{
	for (int i = 0; i < b->cnt; i++)
		WI_PROBE3(sleep, b->cs[i]->names.channel, b->cs[i]->names.id,
			  b->cs[i]->next);
}

/* @rc: 0 something came; -EAGAIN, -EINTR. */
static void
probe_wake(const struct bed *b, int rc)
{
	for (int i = 0; i < b->cnt; i++)
		WI_PROBE4(wake, b->cs[i]->names.channel, b->cs[i]->names.id,
			  b->cs[i]->next, rc);
}

static void
unmark_all(const struct bed *b)
{
	for (int i = 0; i < b->cnt; i++) {
		struct weir_consumer *c = b->cs[i];

		if (!c->cell)
			continue;
		if (c->watch)
			wi_watch_look(c); /* its watcher sleeps on */
		else
			wi_sleep_unmark(&c->ch->ring, c->idx);
	}
}

static void
add_word(struct bed *b, const uint32_t *word, uint32_t val, bool is_private)
{
	b->words[b->word_cnt++] = (struct wi_wait_word){word, val, is_private};
}

/* What to sleep on, as it is now, in the order that notify.h asks for; the
 * look for news comes after this. */
static void
look_at_words(struct bed *b)
{
	int named;

	b->word_cnt = 0;
	for (int i = 0; !b->crowd && i < b->cnt; i++) {
		const uint32_t *word =
		    wi_slot_word(&b->cs[i]->ch->ring, b->cs[i]->next);

		add_word(b, word, wi_load_relaxed_32(word), false);
	}
	for (int i = 0; b->crowd && i < b->store_cnt; i++) {
		struct weir_store *st = b->stores[i];
		const uint32_t *word = &st->participants[st->idx].crowd;

		if (!st->read_only)
			add_word(b, word, wi_load_relaxed_32(word), false);
	}
	named = b->word_cnt;
	add_word(b, &wi_interrupts, wi_load_relaxed_32(&wi_interrupts), true);
	for (int i = 0; i < b->store_cnt; i++) {
		const uint32_t *word = &b->stores[i]->control->change;

		add_word(b, word, wi_load_relaxed_32(word), false);
	}
	b->first_bell = b->word_cnt;
	for (int i = 0; i < b->store_cnt; i++)
		if (!b->stores[i]->read_only) /* else could not pass it on */
			b->words[b->word_cnt++] =
			    wi_bell_word(b->stores[i]->control);
	b->end_bells = b->word_cnt;
	for (int i = 0; i < named; i++)
		add_word(b, b->words[i].word, b->words[i].val, true);
	wi_fence_acquire(); /* these values before the look for news */
}

static void
pass_bells_on(const struct bed *b)
{
	for (int i = 0; i < b->store_cnt; i++)
		if (!b->stores[i]->read_only)
			wi_change(&b->stores[i]->waker);
}

/* Between two sleeps: what others must see of these sleepers, as it should be.
 * Somebody may have written over it, and a consumer that sleeps under a wrong
 * cursor would hold producers up for as long.
 * Return: false if a record is missing, so that there is no use in waiting. */
static bool
renew(const struct bed *b)
{
	for (int i = 0; i < b->cnt; i++) {
		struct weir_consumer *c = b->cs[i];

		if (wi_is_missing(c))
			return false;
		if (c->cell &&
		    wi_load_relaxed(&c->cell->cursor) != c->published)
			c->published = 0; /* publish it again */
	}
	mark_all(b);
	return true;
}

static int
sleep_in(struct bed *b, int64_t deadline)
{
	int64_t look = b->crowd ? WI_CROWD_NS : WI_LOOK_NS;
	int64_t nap = 1000000; /* observers look again, ever less often */
	int rc;

	for (;;) {
		int64_t now, until;

		/* an observer's words may have gone with their channel */
		if (b->observers && any_news(b->cs, b->cnt))
			return 0;
		look_at_words(b);
		if (any_news(b->cs, b->cnt))
			return 0;
		now = wi_clock_mono();
		if (now >= deadline)
			return -EAGAIN;
		if (b->observers) {
			look = nap;
			nap = nap < 25000000 ? nap * 2 : 50000000;
		}
		until = deadline - now < look ? deadline : now + look;
		rc = wi_futex_wait(b->words, b->word_cnt, until);
		if (rc >= b->first_bell && rc < b->end_bells)
			pass_bells_on(b);
		if (rc == -EINTR)
			return -EINTR;
		if (!any_news(b->cs, b->cnt) && !renew(b))
			return 0;
	}
}

/* A signal handler ended the wait; if it has also called weir_interrupt(), that
 * was for this wait, not for the next. */
static void
interrupt_is_over(struct weir_consumer *const *cs, int cnt)
{
	for (int i = 0; i < cnt; i++) {
		if (wi_load_relaxed_32(&cs[i]->interrupted)) {
			wi_store_relaxed_32(&cs[i]->interrupted, 0);
			return;
		}
	}
}

int
wi_await(struct weir_consumer *const *cs, int cnt, int64_t timeout_ns,
	 int64_t *until)
{
	int64_t deadline;
	struct bed b;
	bool is_read_only;
	uintptr_t old = 0;
	int rc;

	if (timeout_ns == 0)
		return -EAGAIN;
	/* Something came and was nothing to read: that may go on for ever,
	 * where somebody writes nonsense. */
	if (*until && wi_clock_mono() >= *until)
		return -EAGAIN;
	if (!*until)
		*until = wi_deadline(timeout_ns);
	deadline = *until;
	if (any_news(cs, cnt) || spin(cs, cnt, deadline))
		return 0;
	b.cs = cs;
	b.cnt = cnt;
	b.word_cnt = b.store_cnt = 0;
	b.stores[0] = NULL;
	b.observers = false;
	rc = prepare(&b);
	if (rc != 0)
		return rc;
	/* A sleeper that the bell wakes may die before it has passed it on;
	 * a thread can arm one bell, and the first store's is the one. */
	is_read_only = b.stores[0]->read_only;
	if (!is_read_only)
		old = wi_bell_arm(&b.stores[0]->control->bell);
	mark_all(&b);
	probe_sleep(&b);
	rc = sleep_in(&b, deadline);
	probe_wake(&b, rc);
	unmark_all(&b);
	if (rc == -EINTR)
		interrupt_is_over(cs, cnt);
	if (!is_read_only)
		wi_bell_disarm(old);
	return rc;
}

int
weir_wait(weir_consumer *const *cs, int cnt, int64_t timeout_ns, uint8_t *ready)
{
	int64_t until = 0;
	int rc, n = 0;

	if (!cs || cnt < 1)
		return -EINVAL;
	for (int i = 0; i < cnt; i++) {
		if (!cs[i])
			return -EINVAL;
		if (wi_mine(cs[i]->ch->st) != 0)
			return WEIR_EFORKED;
	}
	if (timeout_ns == 0)
		rc = any_news(cs, cnt) ? 0 : -EAGAIN;
	else
		rc = wi_await(cs, cnt, timeout_ns, &until);
	if (rc != 0)
		return rc;
	for (int i = 0; i < cnt; i++) {
		bool news = wi_has_news(cs[i]) || wi_is_missing(cs[i]);

		if (wi_load_relaxed_32(&cs[i]->interrupted)) {
			wi_store_relaxed_32(&cs[i]->interrupted, 0);
			return -EINTR;
		}
		if (ready)
			ready[i] = news;
		n += news;
	}
	return n ? n : -EAGAIN;
}

void
weir_interrupt(weir_consumer *c)
{
	if (!c)
		return;
	wi_store_relaxed_32(&c->interrupted, 1);
	wi_fetch_add_32(&wi_interrupts, 1);
	wi_futex_wake(&wi_interrupts, 0, true);
}

/* ---- handlers
 * ---------------------------------------------------------------------- */

/* Everything that one consumer has now, but not what keeps coming for ever.
 * Each record is read just before its call, so a handler that ends this loses
 * none. */
static int
dispatch_one(weir_consumer *c, weir_handler *fn, void *arg, int *calls)
{
	weir_record rec, none = {.kind = WEIR_NONE, .producer = ""};
	bool tell_none = c->tell_none;
	uint64_t most =
	    (uint64_t)c->ch->ring.g.slot_cnt + c->ch->ring.g.lane_cnt;
	int rc = 0, n = 1;

	while (rc == 0 && most-- && (n = weir_read(c, &rec, 1, 0)) == 1) {
		tell_none = false;
		++*calls;
		rc = fn(c, &rec, arg);
	}
	if (rc != 0 || n == 1)
		return rc;
	if (n == -EAGAIN && tell_none) {
		++*calls;
		return fn(c, &none, arg);
	}
	return n == -EAGAIN ? 0 : n;
}

int
weir_dispatch(weir_consumer *const *cs, int cnt, weir_handler *fn, void *arg,
	      int64_t timeout_ns)
{
	int64_t until = 0;
	int calls = 0, rc;

	if (!cs || cnt < 1 || !fn)
		return -EINVAL;
	for (;;) {
		for (int i = 0; i < cnt; i++) {
			if (!cs[i])
				return -EINVAL;
			rc = dispatch_one(cs[i], fn, arg, &calls);
			if (rc != 0)
				return rc;
		}
		if (calls)
			return calls;
		rc = wi_await(cs, cnt, timeout_ns, &until);
		if (rc != 0)
			return rc;
	}
}
