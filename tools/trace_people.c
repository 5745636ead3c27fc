/* SPDX-License-Identifier: BSD-2-Clause
 *
 * trace_people.c - events that come from looking at the places of producers
 * and consumers again and again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "facts.h"
#include "trace.h"

/* A consumer that closes leaves a cursor far beyond the newest record. */
#define FAR (UINT64_C(1) << 30)

#define PATIENCE_NS 1000000000u /* and twice as long each time after */

/* How long ago record @seq was published; TRACE_NONE: it is gone, or has no
 * time stamp. */
static int64_t
age(weir_channel *ch, uint64_t seq, uint64_t now)
{
	uint64_t got = seq, ns;

	if (facts_time(ch, &got, &ns) < 0 || got != seq || !ns)
		return TRACE_NONE;
	return (int64_t)(now - ns);
}

static void
put(const struct followed *f, enum trace_what what, uint64_t records,
    const weir_producer_info *p, const weir_consumer_info *c)
{
	struct trace_event e = {.what = what,
				.time_ns = (uint64_t)clock_real(),
				.channel = f->name,
				.records = records,
				.producer = p,
				.consumer = c,
				.lag_ns = TRACE_NONE,
				.within_ns = TRACE_NONE};

	trace_put(&e);
}

/* READ, BEHIND and STANDING: what is said of a consumer's cursor. */
static void
put_cursor(const struct followed *f, enum trace_what what, uint64_t seq,
	   uint64_t records, const weir_consumer_info *c)
{
	uint64_t now = (uint64_t)clock_real();
	struct trace_event e = {.what = what,
				.time_ns = now,
				.channel = f->name,
				.seq = seq,
				.records = records,
				.consumer = c,
				.lag_ns = TRACE_NONE,
				.within_ns = TRACE_NONE};

	if (c->lag)
		e.lag_ns = age(f->ch, c->cursor, now);
	if (what == TRACE_READ)
		e.within_ns = age(f->ch, seq, now);
	trace_put(&e);
}

static int
is_there(uint32_t life)
{
	return life != WEIR_GONE;
}

/* ---- the places, as lists ---- */

/* What cannot be seen of a channel that ends just now is left out. */
static int
list_producers(weir_channel *ch, weir_producer_info **list, size_t *cnt)
{
	return facts_producers(ch, list, cnt) == -ENOMEM ? -ENOMEM : 0;
}

static int
list_consumers(weir_channel *ch, struct traced_consumer **list, size_t *cnt)
{
	weir_consumer_info *infos;
	int rc = facts_consumers(ch, &infos, cnt);

	*list = rc == -ENOMEM ? NULL : malloc((*cnt + 1) * sizeof(**list));
	for (size_t i = 0; *list && i < *cnt; i++)
		(*list)[i] = (struct traced_consumer){
		    infos[i], (uint64_t)clock_real(), PATIENCE_NS};
	free(infos);
	return *list ? 0 : -ENOMEM;
}

static weir_producer_info *
find_producer(weir_producer_info *list, size_t cnt, const weir_producer_info *p)
{
	for (size_t i = 0; i < cnt; i++)
		if (list[i].idx == p->idx && strcmp(list[i].id, p->id) == 0)
			return &list[i];
	return NULL;
}

/* The same process under the same id, as far as can be seen: the pid of one
 * that is gone may be lost. */
static struct traced_consumer *
find_consumer(struct traced_consumer *list, size_t cnt,
	      const weir_consumer_info *c)
{
	for (size_t i = 0; i < cnt; i++)
		if (list[i].is.idx == c->idx &&
		    (list[i].is.pid == c->pid || !c->pid) &&
		    strcmp(list[i].is.id, c->id) == 0)
			return &list[i];
	return NULL;
}

/* ---- what has changed ---- */

static void
compare_producer(const struct followed *f, const weir_producer_info *old,
		 const weir_producer_info *p)
{
	int was_there = old && is_there(old->life);
	uint64_t refused = old ? old->refused : 0;

	if (is_there(p->life) && (!was_there || p->pid != old->pid))
		put(f, TRACE_JOINED, 0, p, NULL);
	if (p->refused > refused)
		put(f, TRACE_REFUSED, p->refused - refused, p, NULL);
	if (was_there && !is_there(p->life))
		put(f, p->killed ? TRACE_KILLED : TRACE_LEFT, 0, p, NULL);
}

static int
look_at_producers(struct traced *t, const struct followed *f, const char *only)
{
	weir_producer_info *list;
	size_t cnt;
	int rc = list_producers(f->ch, &list, &cnt);

	if (rc < 0) {
		free(list);
		return rc;
	}
	for (size_t i = 0; i < cnt; i++)
		if (!only || strcmp(list[i].id, only) == 0)
			compare_producer(f,
					 find_producer(t->producers,
						       t->producer_cnt,
						       &list[i]),
					 &list[i]);
	for (size_t i = 0; i < t->producer_cnt; i++) {
		const weir_producer_info *p = &t->producers[i];

		if (is_there(p->life) && !find_producer(list, cnt, p) &&
		    (!only || strcmp(p->id, only) == 0))
			put(f, TRACE_LEFT, 0, p, NULL);
	}
	free(t->producers);
	t->producers = list;
	t->producer_cnt = cnt;
	return 0;
}

/* It has read from @from to before c->cursor; @passed of these it did not get.
 */
static void
tell_reading(const struct traced *t, const struct followed *f, const char *only,
	     uint64_t from, uint64_t passed, const weir_consumer_info *c)
{
	uint64_t seq = only ? t->chosen_seq : c->cursor - 1;
	uint64_t cnt = c->cursor > from ? c->cursor - from : 0;

	if (cnt > passed && seq >= from && seq < c->cursor)
		put_cursor(f, TRACE_READ, seq, cnt - passed, c);
}

/* It stands where it stood at the last look, @old. */
static void
tell_standstill(const struct followed *f, const struct traced_consumer *old,
		struct traced_consumer *k)
{
	k->still_ns = old->still_ns;
	k->patience_ns = old->patience_ns;
	if (!k->is.lag) {
		k->still_ns = (uint64_t)clock_real();
	} else if (is_there(k->is.life) &&
		   (uint64_t)clock_real() - k->still_ns >= k->patience_ns) {
		k->patience_ns *= 2;
		put_cursor(f, TRACE_BEHIND, k->is.cursor - 1, 0, &k->is);
	}
}

/* A record is shown before that it was read: up to there it may have come. */
static void
hold_back(const struct traced *t, const struct traced_consumer *old,
	  weir_consumer_info *c)
{
	if (c->cursor <= t->shown + 1)
		return;
	c->cursor =
	    old && c->cursor - t->shown > FAR ? old->is.cursor : t->shown + 1;
}

static void
compare_consumer(const struct traced *t, const struct followed *f,
		 const char *only, const struct traced_consumer *old,
		 struct traced_consumer *k)
{
	weir_consumer_info *c = &k->is;
	uint64_t lost = c->lost, invalid = c->invalid;
	int is_new = !old || c->delivered < old->is.delivered;

	if (is_new && !is_there(c->life))
		return;
	hold_back(t, old, c);
	if (!is_new) {
		lost -= old->is.lost;
		invalid -= old->is.invalid;
	} else {
		put(f, TRACE_JOINED, 0, NULL, c);
	}
	if (lost)
		put(f, TRACE_LOST, lost, NULL, c);
	if (invalid)
		put(f, TRACE_INVALID, invalid, NULL, c);
	if (is_new)
		tell_reading(t, f, only,
			     c->delivered < c->cursor ? c->cursor - c->delivered
						      : 1,
			     0, c);
	else if (c->cursor == old->is.cursor)
		tell_standstill(f, old, k);
	else
		tell_reading(t, f, only, old->is.cursor, lost + invalid, c);
	if (!is_new && is_there(old->is.life) && !is_there(c->life))
		put(f, TRACE_KILLED, 0, NULL, c);
}

static int
look_at_consumers(struct traced *t, const struct followed *f, const char *only)
{
	struct traced_consumer *list;
	size_t cnt;
	int rc = list_consumers(f->ch, &list, &cnt);

	if (rc < 0) {
		free(list);
		return rc;
	}
	for (size_t i = 0; i < cnt; i++)
		compare_consumer(
		    t, f, only,
		    find_consumer(t->consumers, t->consumer_cnt, &list[i].is),
		    &list[i]);
	for (size_t i = 0; i < t->consumer_cnt; i++)
		if (is_there(t->consumers[i].is.life) &&
		    !find_consumer(list, cnt, &t->consumers[i].is))
			put(f, TRACE_LEFT, 0, NULL, &t->consumers[i].is);
	free(t->consumers);
	t->consumers = list;
	t->consumer_cnt = cnt;
	return 0;
}

int
trace_look(struct traced *t, const struct followed *f, const char *producer,
	   int with_producers)
{
	int rc = with_producers ? look_at_producers(t, f, producer) : 0;

	return rc < 0 ? rc : look_at_consumers(t, f, producer);
}

int
trace_stand(struct traced *t, const struct followed *f, const char *producer,
	    int with_gone)
{
	int rc;

	trace_forget(t);
	rc = list_producers(f->ch, &t->producers, &t->producer_cnt);
	if (rc == 0)
		rc = list_consumers(f->ch, &t->consumers, &t->consumer_cnt);
	for (size_t i = 0; rc == 0 && i < t->producer_cnt; i++) {
		weir_producer_info *p = &t->producers[i];
		struct trace_event e = {.what = TRACE_STANDING,
					.time_ns = (uint64_t)clock_real(),
					.channel = f->name,
					.seq = p->last_seq,
					.producer = p};

		if ((with_gone || is_there(p->life)) &&
		    (!producer || strcmp(producer, p->id) == 0))
			trace_put(&e);
	}
	for (size_t i = 0; rc == 0 && i < t->consumer_cnt; i++) {
		weir_consumer_info *c = &t->consumers[i].is;

		if (with_gone || is_there(c->life))
			put_cursor(f, TRACE_STANDING, c->cursor - 1, 0, c);
	}
	return rc;
}

void
trace_forget(struct traced *t)
{
	free(t->producers);
	free(t->consumers);
	t->producers = NULL;
	t->consumers = NULL;
	t->producer_cnt = t->consumer_cnt = 0;
}
