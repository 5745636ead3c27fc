/* SPDX-License-Identifier: BSD-2-Clause
 *
 * watch.c - file descriptors that tell of records, for event loops.
 *
 * One thread per process sleeps on behalf of all consumers that have a
 * descriptor, and writes to the eventfd of those for whom something came.
 * The consumer's own thread marks the consumer as asleep and says which word
 * to sleep on, each time a read finds nothing; the watcher then owes it one
 * event, and never touches the consumer itself.
 *
 * All state here is this process's and guarded by one mutex, which fork
 * waits for.  The watcher uses words of mappings outside the mutex; who takes
 * a watch away therefore waits until it has come round.
 */
#include "store/internal.h"

#include <errno.h>
#include <stdlib.h>

#define OBSERVER_NS 20000000 /* nobody wakes observers: look this often */

struct wi_watch {
	struct wi_watch *next;
	struct weir_store *st;
	int fd;
	bool is_armed, is_observer;
	const uint64_t *entry; /* the channel's owner word ... */
	uint64_t entry_val;    /* ... while it is there */
	const uint32_t *word, *change;
	uint32_t val, change_val;
};

static struct wi_mutex mutex = WI_MUTEX;
static struct {
	struct wi_watch *first;
	int fork_err;  /* why the fork handlers are not there; or 0 */
	bool runs;     /* the thread is there */
	bool sleeps;   /* and may be using words of mappings */
	uint32_t kick; /* counts up: the list has changed */
	uint32_t kick_seen;
	uint32_t round; /* counts up: the thread has come round */
} w;

static void
fork_prepare(void)
{
	wi_mutex_lock(&mutex);
}

static void
fork_parent(void)
{
	wi_mutex_unlock(&mutex);
}

/* The thread is not in the child, and the watches are of no use there. */
static void
fork_child(void)
{
	w.first = NULL;
	w.runs = w.sleeps = false;
	wi_mutex_unlock(&mutex);
}

/* At load: later, another thread might fork with the mutex locked before the
 * handlers are known. */
wi_at_load static void
set_up(void)
{
	w.fork_err = wi_at_fork(fork_prepare, fork_parent, fork_child);
}

/* What the armed watches of a store last saw of its `change`: the oldest
 * look counts, so that none misses one. */
static uint32_t
change_seen(const struct weir_store *st)
{
	uint32_t now = wi_load_relaxed_32(&st->control->change), seen = now;

	for (struct wi_watch *o = w.first; o; o = o->next)
		if (o->is_armed && o->st == st &&
		    (int32_t)(o->change_val - seen) < 0)
			seen = o->change_val;
	return seen;
}

/* What the watcher sleeps on. */
struct bed {
	struct wi_wait_word words[WI_WAIT_MAX];
	int cnt, first_bell, end_bells;
	struct weir_store *stores[WI_WAIT_MAX];
	int store_cnt;
	const uint32_t *own_bell; /* the one that is armed; NULL: none */
	int64_t look;
};

static void
add_word(struct bed *b, const uint32_t *word, uint32_t val, bool is_private)
{
	b->words[b->cnt++] = (struct wi_wait_word){word, val, is_private};
}

static bool
knows(const struct bed *b, const struct weir_store *st)
{
	for (int i = 0; i < b->store_cnt; i++)
		if (b->stores[i] == st)
			return true;
	return false;
}

/* The words of the armed watches, in the order that notify.h asks for. */
static void
collect(struct bed *b)
{
	int named;

	b->cnt = b->store_cnt = 0;
	b->own_bell = NULL;
	b->look = WI_LOOK_NS;
	for (struct wi_watch *o = w.first; o; o = o->next) {
		bool known = knows(b, o->st);

		if (!o->is_armed)
			continue;
		if (2 * (b->cnt + b->store_cnt + 2) + 1 > WI_WAIT_MAX) {
			b->look = OBSERVER_NS; /* too many: look at the rest */
			break;
		}
		if (o->is_observer)
			b->look = OBSERVER_NS;
		add_word(b, o->word, o->val, false);
		if (!known)
			b->stores[b->store_cnt++] = o->st;
	}
	named = b->cnt;
	add_word(b, &w.kick, w.kick_seen, true);
	for (int i = 0; i < b->store_cnt; i++)
		add_word(b, &b->stores[i]->control->change,
			 change_seen(b->stores[i]), false);
	b->first_bell = b->cnt;
	for (int i = 0; i < b->store_cnt; i++)
		if (!b->stores[i]->read_only) {
			b->own_bell = &b->stores[i]->control->bell;
			b->words[b->cnt++] =
			    wi_bell_word(b->stores[i]->control);
		}
	b->end_bells = b->cnt;
	for (int i = 0; i < named; i++)
		add_word(b, b->words[i].word, b->words[i].val, true);
}

/* Tell those whose word has changed. */
static void
tell(void)
{
	for (struct wi_watch *o = w.first; o; o = o->next) {
		/* the entry first: an observer's channel may have gone, and
		 * its words with it */
		if (!o->is_armed ||
		    (wi_load_relaxed(o->entry) == o->entry_val &&
		     wi_load_relaxed_32(o->change) == o->change_val &&
		     wi_load_relaxed_32(o->word) == o->val))
			continue;
		o->is_armed = false;
		wi_event_set(o->fd);
	}
}

/* Sleep, and pass on what the bell says.  If we die in between, our own rings
 * for those behind us; a thread can arm one, so it is that of one store. */
static void
sleep_in(const struct bed *b)
{
	uintptr_t old = 0;
	int rc;

	if (b->own_bell)
		old = wi_bell_arm(b->own_bell);
	rc = wi_futex_wait(b->words, b->cnt, wi_deadline(b->look));
	if (rc >= b->first_bell && rc < b->end_bells)
		for (int i = 0; i < b->store_cnt; i++)
			if (!b->stores[i]->read_only)
				wi_change(&b->stores[i]->waker);
	if (b->own_bell)
		wi_bell_disarm(old);
}

static void
watcher(void *arg)
{
	struct bed b;

	(void)arg;
	wi_mutex_lock(&mutex);
	while (w.first) {
		w.kick_seen = wi_load_relaxed_32(&w.kick);
		tell();
		collect(&b);
		w.sleeps = true;
		wi_mutex_unlock(&mutex);
		sleep_in(&b);
		wi_mutex_lock(&mutex);
		w.sleeps = false;
		wi_fetch_add_32(&w.round, 1);
		wi_futex_wake(&w.round, 0, true);
	}
	w.runs = false;
	wi_mutex_unlock(&mutex);
}

static void
kick(void)
{
	wi_fetch_add_32(&w.kick, 1);
	wi_futex_wake(&w.kick, 0, true);
}

int
weir_fd(weir_consumer *c)
{
	struct wi_watch *o;
	int rc = 0;

	if (!c)
		return -EINVAL;
	if (wi_mine(c->ch->st) != 0)
		return WEIR_EFORKED;
	if (c->watch)
		return c->watch->fd;
	if (w.fork_err)
		return w.fork_err;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->st = c->ch->st;
	o->is_observer = c->observer;
	o->entry = c->ch->word_now;
	o->entry_val = c->ch->word;
	o->change = &o->st->control->change;
	o->fd = wi_event_new();
	if (o->fd < 0) {
		rc = o->fd;
		free(o);
		return rc;
	}
	wi_mutex_lock(&mutex);
	o->next = w.first;
	w.first = o;
	if (!w.runs) {
		rc = wi_thread_start(watcher, NULL);
		w.runs = rc == 0;
	}
	if (rc != 0)
		w.first = o->next;
	wi_mutex_unlock(&mutex);
	if (rc != 0) {
		wi_fd_close(o->fd);
		free(o);
		return rc;
	}
	c->watch = o;
	wi_watch_rearm(c);
	return o->fd;
}

void
wi_watch_rearm(struct weir_consumer *c)
{
	struct wi_watch *o = c->watch;

	wi_event_clear(o->fd);
	if (c->cell) {
		wi_sleep_mark(&c->ch->ring, c->idx, c->next); /* W1 */
		if (wi_is_exclusive(&c->ch->ring))
			wi_sleep_fence(&c->ch->st->waker);
	}
	wi_mutex_lock(&mutex);
	o->word = wi_slot_word(&c->ch->ring, c->next);
	o->val = wi_load_relaxed_32(o->word);
	o->change_val = wi_load_relaxed_32(o->change);
	wi_fence_acquire();
	o->is_armed = !wi_has_news(c) && !c->tell_none;
	if (!o->is_armed)
		wi_event_set(o->fd);
	wi_mutex_unlock(&mutex);
	kick();
}

void
wi_watch_look(struct weir_consumer *c)
{
	wi_sleep_mark(&c->ch->ring, c->idx, c->next); /* W1 */
	if (wi_is_exclusive(&c->ch->ring))
		wi_sleep_fence(&c->ch->st->waker);
	kick();
}

void
wi_watch_end(struct weir_consumer *c)
{
	struct wi_watch *o = c->watch, **at;
	uint32_t round;

	if (!o)
		return;
	c->watch = NULL;
	if (wi_mine(c->ch->st) == 0) {
		wi_mutex_lock(&mutex);
		for (at = &w.first; *at != o; at = &(*at)->next)
			;
		*at = o->next;
		round = wi_load_relaxed_32(&w.round);
		while (w.sleeps && wi_load_relaxed_32(&w.round) == round) {
			struct wi_wait_word word = {&w.round, round, true};

			wi_mutex_unlock(&mutex);
			kick();
			wi_futex_wait(&word, 1, wi_deadline(WI_LOOK_NS));
			wi_mutex_lock(&mutex);
		}
		wi_mutex_unlock(&mutex);
		kick();
		if (c->cell)
			wi_sleep_unmark(&c->ch->ring, c->idx);
	}
	wi_fd_close(o->fd);
	free(o);
}
