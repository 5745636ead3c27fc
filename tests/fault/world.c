/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world.c - see world.h
 */
#include "fault/world.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "support/tmpstore.h"

#define MS		  INT64_C(1000000)
#define FOR_ID_NS	  (2000 * MS)
#define PUBLISH_WITHIN_NS (10000 * MS)

void
world_fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	w->failures++;
	if (w->shown++ >= 12)
		return;
	printf("%s: at %llu: ", w->op, (unsigned long long)w->point);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* ---- the world --------------------------------------------------------------
 */

weir_channel_opts
world_channel(const struct world *w)
{
	weir_channel_opts o = {
	    .size = sizeof(o),
	    .overflow = w->o.block ? WEIR_BLOCK : WEIR_OVERWRITE,
	    .producers = w->o.exclusive ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .orphans = w->o.evict ? WEIR_EVICT : WEIR_KEEP,
	    .capacity = w->o.capacity ? w->o.capacity : 256,
	    .max_producers = w->o.exclusive ? 1
			     : w->o.lanes   ? w->o.lanes
					    : 4,
	    .max_consumers = 8,
	    .max_record = REC_MAX,
	};

	return o;
}

/* The other channels. */
static int
make_others(struct world *w, weir_diag *d)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 4,
			       .max_producers = 1,
			       .max_consumers = SLEEPERS * CROWD,
			       .max_record = 64};
	weir_channel *ch;
	int rc = 0;

	if (w->o.crowd)
		rc = weir_channel_open(w->st, "quiet", &o, &ch, d);
	if (rc != 0 || !w->o.block)
		return rc;
	rc = weir_channel_open(w->st, "beside", &o, &ch, d);
	if (rc == 0)
		rc = weir_producer_open(ch, "p", NULL, &w->beside.p, d);
	if (rc == 0)
		rc = weir_consumer_open(ch, "c", NULL, &w->beside.c, d);
	return rc;
}

/* The memory that the store's file takes. */
static int64_t
blocks(const struct world *w)
{
	struct stat st;

	return stat(tmpstore_path(w->name), &st) == 0 ? st.st_blocks : -1;
}

weir_store *
world_attach(const struct world *w)
{
	return tmpstore_open(w->name, 0);
}

int
world_make(struct world *w, const struct world_opts *o)
{
	weir_store_opts so = {.size = sizeof(so),
			      .flags = WEIR_CREATE,
			      .max_bytes = 4 << 20,
			      .max_channels = 8,
			      .max_participants = 16};
	weir_consumer_opts co = {.size = sizeof(co),
				 .flags = o->block ? WEIR_GATE : 0,
				 .from = WEIR_FROM_OLDEST};
	weir_channel_opts ho;
	weir_diag d = {.message = ""};
	const char *op = w->op;
	void *page;

	memset(w, 0, sizeof(*w));
	w->op = op;
	w->o = *o;
	w->name = tmpstore_name();
	page = mmap(NULL, sizeof(*w->board), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -1;
	w->board = page;
	ho = world_channel(w);
	if (weir_store_open(w->name, &so, &w->st, &d) != 0 ||
	    weir_channel_open(w->st, "c", &ho, &w->ch, &d) != 0 ||
	    weir_consumer_open(w->ch, "watch", &co, &w->watch, &d) != 0 ||
	    make_others(w, &d) != 0) {
		world_fail(w, "no world: %s", d.message);
		return -1;
	}
	if (!w->o.exclusive && !(w->other = world_producer(w, OTHER)))
		return -1;
	for (uint32_t i = 0; i < (o->young ? 2 : ho.capacity + 2); i++)
		world_say(w, i % 8 ? REC_SHORT : REC_LONG);
	if (sleepers_start(w) != 0)
		return -1;
	w->blocks_at_first = blocks(w);
	w->at_first.size = sizeof(w->at_first);
	return weir_store_stat(w->st, &w->at_first);
}

void
world_drop(struct world *w)
{
	sleepers_kill(w);
	weir_store_close(w->st);
	if (w->name)
		tmpstore_drop(w->name);
	if (w->board)
		munmap(w->board, sizeof(*w->board));
}

/* ---- looks ------------------------------------------------------------------
 */

int64_t
world_publish(struct world *w, weir_producer *p, enum who who, size_t len)
{
	uint8_t buf[REC_MAX];

	rec_make(buf, len, who, w->of[who].cnt + 1);
	return weir_publish(p, buf, len, NULL);
}

bool
world_try_again(struct world *w, int rc, int64_t since_ns)
{
	if (rc != WEIR_EINUSE || proc_now_ns() > since_ns + FOR_ID_NS)
		return false;
	w->retries++;
	proc_nap_ms(1);
	return true;
}

weir_producer *
world_producer_for(struct world *w, enum who who, int64_t timeout_ns)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = timeout_ns};
	int64_t since = proc_now_ns();
	weir_diag d = {.message = ""};
	weir_producer *p;
	int rc;

	do
		rc = weir_producer_open(w->ch, who_id[who], &o, &p, &d);
	while (world_try_again(w, rc, since));
	if (rc == 0)
		return p;
	world_fail(w, "cannot open producer %s: %d %s", who_id[who], rc,
		   d.message);
	return NULL;
}

weir_producer *
world_producer(struct world *w, enum who who)
{
	return world_producer_for(w, who, PUBLISH_WITHIN_NS);
}

static enum who
who_of(const weir_record *rec)
{
	for (int i = 0; i < WHO_CNT; i++)
		if (strcmp(rec->producer, who_id[i]) == 0)
			return (enum who)i;
	return WHO_CNT;
}

/* One record against the ledger. */
static void
enter(struct world *w, const weir_record *rec)
{
	enum who who = who_of(rec);
	struct account *a;
	uint64_t cnt;

	if (rec->seq != w->seq + 1 + rec->lost)
		world_fail(w, "record %llu after %llu, %llu lost",
			   (unsigned long long)rec->seq,
			   (unsigned long long)w->seq,
			   (unsigned long long)rec->lost);
	if (rec->lost && w->o.block)
		world_fail(w, "a gating consumer has lost records");
	w->seq = rec->seq;
	if (rec->kind == WEIR_CLEAR) {
		w->cleared++;
		/* a name that is gone is his who is gone */
		w->of[who < WHO_CNT ? who : GONE].value_seq = 0;
		return;
	}
	if (!rec_whole(rec, &who, &cnt)) {
		world_fail(w, "record %llu is torn",
			   (unsigned long long)rec->seq);
		return;
	}
	if (rec->producer[0] != '~' && strcmp(rec->producer, who_id[who]) != 0)
		world_fail(w, "record %llu of %s says it is %s's",
			   (unsigned long long)rec->seq, who_id[who],
			   rec->producer);
	a = &w->of[who];
	/* what was lost in a small ring was of the one who published since */
	if (cnt != a->cnt + 1 + rec->lost)
		world_fail(w, "%s: number %llu after %llu", who_id[who],
			   (unsigned long long)cnt, (unsigned long long)a->cnt);
	a->cnt = cnt;
	a->value_seq = rec->seq;
	a->value_cnt = cnt;
}

void
world_drain(struct world *w)
{
	weir_record recs[16];
	int n;

	while ((n = weir_read(w->watch, recs, 16, 0)) > 0)
		for (int i = 0; i < n; i++)
			enter(w, &recs[i]);
	if (n != -EAGAIN)
		world_fail(w, "reading gives %d", n);
}

void
world_say(struct world *w, size_t len)
{
	weir_producer *p = w->other ? w->other : world_producer(w, OTHER);
	uint64_t cnt = w->of[OTHER].cnt;
	int64_t rc;

	if (!p)
		return;
	rc = world_publish(w, p, OTHER, len);
	if (!w->other)
		weir_producer_close(p);
	if (rc <= 0)
		world_fail(w, "another cannot publish: %lld", (long long)rc);
	world_drain(w);
	if (w->of[OTHER].cnt != cnt + 1 ||
	    (int64_t)w->of[OTHER].value_seq != rc)
		world_fail(w, "what another published is not there");
}

/* weir_current() of one id, or of all, against the ledger. */
static void
value_is(struct world *w, const char *id, const struct account *a)
{
	weir_record rec = {.seq = 0};
	uint8_t buf[REC_MAX];
	enum who who;
	uint64_t cnt;
	int rc = weir_current(w->ch, id, buf, sizeof(buf), &rec);

	if (!id)
		id = "the channel";
	/* A producer that waited for the dead one may publish just now.  Then
	 * what the ledger says is old, and the record must be there to read. */
	if (rc == 0 && rec.seq > w->seq) {
		world_drain(w);
		if (rec.seq > w->seq)
			world_fail(w,
				   "the value of %s is a record that "
				   "nobody can read",
				   id);
		return;
	}
	if (!a || !a->value_seq) {
		if (rc != -ENOENT)
			world_fail(w, "the value of %s: %d, expected none", id,
				   rc);
		return;
	}
	if (rc != 0)
		world_fail(w, "the value of %s: %d, expected record %llu", id,
			   rc, (unsigned long long)a->value_seq);
	else if (!rec_whole(&rec, &who, &cnt))
		world_fail(w, "the value of %s is torn", id);
	else if (rec.seq != a->value_seq || cnt != a->value_cnt)
		world_fail(w, "the value of %s is record %llu, not %llu", id,
			   (unsigned long long)rec.seq,
			   (unsigned long long)a->value_seq);
}

void
world_values(struct world *w)
{
	const struct account *newest = NULL;

	for (int i = 0; i < WHO_CNT; i++) {
		const struct account *a = &w->of[i];

		/* the value of an exclusive channel is its last record */
		if (a->value_seq &&
		    (w->o.exclusive
			 ? a->value_seq == w->seq
			 : !newest || a->value_seq > newest->value_seq))
			newest = a;
	}
	value_is(w, NULL, newest);
	for (int i = 0; i < WHO_CNT; i++) {
		const struct account *a = &w->of[i];

		if (w->o.exclusive && a != newest)
			a = NULL;
		if (a == NULL || a->cnt)
			value_is(w, who_id[i], a);
	}
}

void
world_figures(struct world *w)
{
	weir_store_info now = {.size = sizeof(now)};
	const weir_store_info *was = &w->at_first;
	int64_t limit = proc_now_ns() + FOR_ID_NS;

	do
		if (weir_store_stat(w->st, &now) != 0)
			world_fail(w, "weir_store_stat fails");
	while (now.participant_cnt != was->participant_cnt &&
	       proc_now_ns() < limit);
	if (now.participant_cnt != was->participant_cnt)
		world_fail(w, "%u participants, there were %u",
			   now.participant_cnt, was->participant_cnt);
	if (blocks(w) != w->blocks_at_first)
		world_fail(w, "the file takes %lld blocks, it took %lld",
			   (long long)blocks(w), (long long)w->blocks_at_first);
	if (now.channel_cnt != was->channel_cnt ||
	    now.used_bytes != was->used_bytes)
		world_fail(w,
			   "%u channels in %llu bytes, there were %u in "
			   "%llu",
			   now.channel_cnt, (unsigned long long)now.used_bytes,
			   was->channel_cnt,
			   (unsigned long long)was->used_bytes);
}
