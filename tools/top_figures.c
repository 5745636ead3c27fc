/* SPDX-License-Identifier: BSD-2-Clause */
#include "top_figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

const struct top_channel *
top_find(const struct top_figures *f, const char *name)
{
	for (size_t i = 0; i < f->cnt; i++)
		if (strcmp(f->channels[i].now->info.name, name) == 0)
			return &f->channels[i];
	return NULL;
}

double
top_rate(const struct top_figures *f, uint64_t amount)
{
	return f->window_ns > 0 ? (double)amount * 1e9 / (double)f->window_ns
				: 0;
}

/* Counters of a place begin anew with who takes it. */
weir_producer_info
top_producer_before(const struct top_channel *c, const weir_producer_info *p)
{
	const struct facts_channel *b = c->before;

	for (size_t i = 0; b && i < b->producer_cnt; i++) {
		const weir_producer_info *was = &b->producers[i];

		if (was->idx == p->idx && strcmp(was->id, p->id) == 0 &&
		    was->records <= p->records && was->bytes <= p->bytes &&
		    was->refused <= p->refused)
			return *was;
	}
	return (weir_producer_info){.records = 0};
}

static uint64_t
lost_before(const struct top_channel *c, const weir_consumer_info *k)
{
	const struct facts_channel *b = c->before;

	for (size_t i = 0; i < b->consumer_cnt; i++) {
		const weir_consumer_info *was = &b->consumers[i];

		if (was->idx == k->idx && strcmp(was->id, k->id) == 0 &&
		    was->pid == k->pid && was->lost <= k->lost)
			return was->lost;
	}
	return 0;
}

static void
compare(struct top_channel *c)
{
	const struct facts_channel *n = c->now;

	if (!c->before)
		return;
	c->records = n->info.newest_seq - c->before->info.newest_seq;
	for (size_t i = 0; i < n->producer_cnt; i++) {
		weir_producer_info was =
		    top_producer_before(c, &n->producers[i]);

		c->bytes += n->producers[i].bytes - was.bytes;
		c->refused += n->producers[i].refused - was.refused;
	}
	for (size_t i = 0; i < n->consumer_cnt; i++)
		c->lost +=
		    n->consumers[i].lost - lost_before(c, &n->consumers[i]);
}

/* The same channel, and no other that was made under its name? */
static int
is_same(const weir_channel_info *now, const weir_channel_info *was)
{
	return !now->damaged && !was->damaged && now->idx == was->idx &&
	       now->created_ns == was->created_ns &&
	       now->newest_seq >= was->newest_seq &&
	       strcmp(now->name, was->name) == 0;
}

static int
fill_in(struct top_figures *f)
{
	struct top_channel *grown;
	size_t b = 0;

	grown = realloc(f->channels, (f->now.cnt + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	f->channels = grown;
	f->cnt = f->now.cnt;
	for (size_t i = 0; i < f->cnt; i++) {
		const struct facts_channel *n = &f->now.channels[i];
		struct top_channel c = {
		    .now = n, .sum = facts_sum(n), .age_ns = INT64_MAX};

		/* both are in the order of the table */
		while (b < f->before.cnt &&
		       f->before.channels[b].info.idx < n->info.idx)
			b++;
		if (b < f->before.cnt &&
		    is_same(&n->info, &f->before.channels[b].info))
			c.before = &f->before.channels[b];
		if (n->info.newest_seq)
			c.kept = n->info.newest_seq - n->info.oldest_seq + 1;
		if (n->newest_ns)
			c.age_ns = facts_age(n->newest_ns);
		compare(&c);
		f->channels[i] = c;
	}
	return 0;
}

int
top_take(struct top_figures *f, weir_store *store)
{
	struct facts look = {.cnt = 0};
	int64_t at_ns = clock_mono();
	int rc = facts_look(&look, store);

	if (rc == 0 && look.store.is_retired)
		rc = WEIR_ERETIRED;
	if (rc < 0) {
		facts_forget(&look);
		return rc;
	}
	facts_forget(&f->before);
	f->before = f->now;
	f->now = look;
	f->window_ns = f->taken_ns ? at_ns - f->taken_ns : 0;
	f->taken_ns = at_ns;
	rc = fill_in(f);
	if (rc < 0)
		f->cnt = 0; /* they point to what is gone */
	return rc;
}

void
top_forget(struct top_figures *f)
{
	facts_forget(&f->now);
	facts_forget(&f->before);
	free(f->channels);
	*f = (struct top_figures){.cnt = 0};
}
