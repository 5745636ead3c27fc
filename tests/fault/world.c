/* SPDX-License-Identifier: BSD-2-Clause
 *
 * world.c - see world.h
 */
#include "fault/world.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "support/rng.h"
#include "support/tmpstore.h"

#define MS		  INT64_C(1000000)
#define LATE_NS		  (300 * MS)
#define TOO_LATE_NS	  (900 * MS)
#define FOR_ID_NS	  (100 * MS)
#define PUBLISH_WITHIN_NS (2000 * MS)

const char *const who_id[WHO_CNT] = {"other", "victim", "gone"};

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

/* ---- records ---------------------------------------------------------------
 */

struct body {
	uint32_t who, pad;
	uint64_t cnt, sum;
};

static void
fill(uint8_t *p, size_t len, uint32_t who, uint64_t cnt)
{
	struct rng r = {cnt * 8 + who};

	rng_fill(&r, p, len);
}

static uint64_t
sum_of(const uint8_t *p, size_t len, uint32_t who, uint64_t cnt)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ cnt << 8 ^ who ^ len << 48;

	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

void
rec_make(uint8_t *buf, size_t len, enum who who, uint64_t cnt)
{
	struct body b = {.who = who, .cnt = cnt};
	uint8_t *rest = buf + 3 + sizeof(b);
	size_t rest_len = len - 3 - sizeof(b);

	buf[0] = 0xc5; /* bin 16 */
	buf[1] = (uint8_t)((len - 3) >> 8);
	buf[2] = (uint8_t)(len - 3);
	fill(rest, rest_len, who, cnt);
	b.sum = sum_of(rest, rest_len, who, cnt);
	memcpy(buf + 3, &b, sizeof(b));
}

bool
rec_whole(const weir_record *rec, enum who *who, uint64_t *cnt)
{
	const uint8_t *p = rec->data;
	struct body b;

	if (!p || rec->len < 3 + sizeof(b) || p[0] != 0xc5 ||
	    ((size_t)p[1] << 8 | p[2]) != rec->len - 3)
		return false;
	memcpy(&b, p + 3, sizeof(b));
	if (b.who >= WHO_CNT ||
	    b.sum != sum_of(p + 3 + sizeof(b), rec->len - 3 - sizeof(b), b.who,
			    b.cnt))
		return false;
	*who = b.who;
	*cnt = b.cnt;
	return true;
}

int64_t
world_publish(struct world *w, weir_producer *p, enum who who, size_t len)
{
	uint8_t buf[REC_MAX];

	rec_make(buf, len, who, w->of[who].cnt + 1);
	return weir_publish(p, buf, len, NULL);
}

/* ---- sleepers --------------------------------------------------------------
 */

static void
on_stir(int sig)
{
	(void)sig;
}

static int
sleeper(struct proc *me, void *arg)
{
	const struct world *w = ((void **)arg)[0];
	uintptr_t i = (uintptr_t)((void **)arg)[1];
	weir_consumer_opts o = {
	    .size = sizeof(o), .from = WEIR_FROM_NEW, .spin_ns = -1};
	struct sigaction act = {.sa_handler = on_stir};
	char id[] = {'s', (char)('0' + i), 0};
	weir_store *st = world_attach(w);
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;
	enum who who;
	uint64_t cnt, last = 0;
	int rc;

	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, id, &o, &c, NULL) == 0);
	sigaction(SIGUSR1, &act, NULL);
	proc_tell(me, 'r');
	while ((rc = weir_read(c, &rec, 1, -1)) == 1 || rc == -EINTR) {
		bool ok;

		if (rc < 0) {
			__atomic_add_fetch(&w->board->sleeper[i].stirred, 1,
					   __ATOMIC_RELEASE);
			continue;
		}
		ok = rec.kind != WEIR_DATA || rec_whole(&rec, &who, &cnt);

		ok &= !last || rec.seq == last + 1 + rec.lost;
		last = rec.seq;
		w->board->sleeper[i].bad += !ok;
		w->board->sleeper[i].at_ns = proc_now_ns();
		__atomic_store_n(&w->board->sleeper[i].seq, rec.seq,
				 __ATOMIC_RELEASE);
	}
	__atomic_store_n(&w->board->sleeper[i].ended, rc, __ATOMIC_RELEASE);
	return 0;
}

static int
start_sleepers(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		void *arg[] = {w, (void *)(uintptr_t)i};

		w->board->sleeper[i].seq = w->seq;
		if (proc_start(&w->sleeper[i], sleeper, arg) != 0 ||
		    proc_hear(&w->sleeper[i]) != 'r') {
			world_fail(w, "cannot start a sleeper");
			return -1;
		}
	}
	return 0;
}

void
world_sleepers_have(struct world *w, int64_t since_ns, bool strict)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		uint64_t seq;
		int64_t took;

		do {
			seq = __atomic_load_n(&w->board->sleeper[i].seq,
					      __ATOMIC_ACQUIRE);
			took = proc_now_ns() - since_ns;
			if (seq < w->seq)
				proc_nap_ms(0);
		} while (seq < w->seq && took < 2 * TOO_LATE_NS);
		if (seq < w->seq)
			world_fail(w, "sleeper %u has %llu of %llu", i,
				   (unsigned long long)seq,
				   (unsigned long long)w->seq);
		if (w->board->sleeper[i].bad)
			world_fail(w, "sleeper %u: torn or out of order", i);
		w->board->sleeper[i].bad = 0;
		if (!strict)
			continue;
		if (took > w->longest_ns)
			w->longest_ns = took;
		w->late += took > LATE_NS;
		if (took > TOO_LATE_NS)
			world_fail(w, "sleeper %u waited %lld ms", i,
				   (long long)(took / MS));
	}
}

void
world_sleepers_rest(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++)
		if (proc_await_asleep(&w->sleeper[i]) != 0)
			world_fail(w, "sleeper %u does not sleep", i);
}

void
world_sleepers_stir(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++) {
		const uint32_t *n = &w->board->sleeper[i].stirred;
		uint32_t was = __atomic_load_n(n, __ATOMIC_ACQUIRE);
		int64_t limit = proc_now_ns() + TOO_LATE_NS;

		kill(w->sleeper[i].pid, SIGUSR1);
		while (__atomic_load_n(n, __ATOMIC_ACQUIRE) == was &&
		       proc_now_ns() < limit)
			proc_nap_ms(0);
	}
	world_sleepers_rest(w);
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
	    weir_consumer_open(w->ch, "watch", &co, &w->watch, &d) != 0) {
		world_fail(w, "no world: %s", d.message);
		return -1;
	}
	if (!w->o.exclusive && !(w->other = world_producer(w, OTHER)))
		return -1;
	for (uint32_t i = 0; i < (o->young ? 2 : ho.capacity + 2); i++)
		world_say(w, i % 8 ? REC_SHORT : REC_LONG);
	if (start_sleepers(w) != 0)
		return -1;
	w->at_first.size = sizeof(w->at_first);
	return weir_store_stat(w->st, &w->at_first);
}

void
world_drop(struct world *w)
{
	for (uint32_t i = 0; i < w->o.sleepers; i++)
		proc_kill(&w->sleeper[i]);
	weir_store_close(w->st);
	if (w->name)
		tmpstore_drop(w->name);
	if (w->board)
		munmap(w->board, sizeof(*w->board));
}

/* ---- looks ------------------------------------------------------------------
 */

weir_producer *
world_producer(struct world *w, enum who who)
{
	weir_producer_opts o = {.size = sizeof(o),
				.timeout_ns = PUBLISH_WITHIN_NS};
	int64_t limit = proc_now_ns() + FOR_ID_NS;
	weir_diag d = {.message = ""};
	weir_producer *p;
	int rc;

	/* The kernel gives a dead process's lock back when its memory goes;
	 * somebody who reads its /proc may hold that a moment longer. */
	while ((rc = weir_producer_open(w->ch, who_id[who], &o, &p, &d)) ==
		   WEIR_EINUSE &&
	       proc_now_ns() < limit) {
		w->retries++;
		proc_nap_ms(1);
	}
	if (rc == 0)
		return p;
	world_fail(w, "cannot open producer %s: %d %s", who_id[who], rc,
		   d.message);
	return NULL;
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
	int64_t rc, since = proc_now_ns();

	if (!p)
		return;
	rc = world_publish(w, p, OTHER, len);
	if (!w->other)
		weir_producer_close(p);
	if (rc <= 0)
		world_fail(w, "another cannot publish: %lld", (long long)rc);
	if (proc_now_ns() - since > TOO_LATE_NS)
		world_fail(w, "another published only after %lld ms",
			   (long long)((proc_now_ns() - since) / MS));
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
			world_fail(w, "the value of %s is a record that "
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
	if (now.channel_cnt != was->channel_cnt ||
	    now.used_bytes != was->used_bytes)
		world_fail(w,
			   "%u channels in %llu bytes, there were %u in "
			   "%llu",
			   now.channel_cnt, (unsigned long long)now.used_bytes,
			   was->channel_cnt,
			   (unsigned long long)was->used_bytes);
}
