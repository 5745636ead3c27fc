/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_pairs.c - what the pairs of ring/ carry, for tsan to see.
 *
 * Bytes in the segment are copied with relaxed atomics under tsan, because
 * readers look at them while they are written over.  So a commit that released
 * nothing would go unnoticed there.  Here each producer writes plain memory
 * beside the ring before it commits, and who has read the record reads that;
 * views in place are plain reads of the segment itself.
 */
#include "unit/ringfix.h"

#include <pthread.h>
#include <sched.h>
#include <weir/error.h>

#include "ring/claim.h"

#define WRITERS 2
#define EACH	2000
#define LONG	160 /* not inline */
#define SHORT	40

static struct blk b;
static uint32_t writers_left;

/* Constant once it is written, before the record of that number is. */
static uint64_t beside[WRITERS][EACH];

struct body {
	uint64_t lane, no;
};

static void
after(void)
{
	blk_close(&b);
}

static uint64_t
secret(uint64_t lane, uint64_t no)
{
	return (lane + 1) * 1000003 + no;
}

/* Whoever read this record knows what its producer did before. */
static bool
is_known(const void *data)
{
	struct body body;

	memcpy(&body, data, sizeof(body));
	return body.lane < WRITERS && body.no < EACH &&
	       beside[body.lane][body.no] == secret(body.lane, body.no);
}

struct job {
	uint32_t idx, len;
	bool exclusive, failed;
	pthread_t thread;
};

static int
put(struct wr *w, uint64_t lane, uint64_t no, uint32_t len)
{
	uint8_t buf[LONG] = {0};
	struct body body = {lane, no};

	beside[lane][no] = secret(lane, no);
	memcpy(buf, &body, sizeof(body));
	return wi_write_record(&w->w, WEIR_DATA, 0, 0, buf, len);
}

static void *
write_all(void *arg)
{
	struct job *j = arg;
	struct wi_slowest slow;
	struct wr w;

	j->failed = wr_open(&w, &b, j->idx) != 0;
	for (uint64_t i = 0; i < EACH && !j->failed; i++) {
		int rc;

		while ((rc = put(&w, j->idx, i, j->len)) == WI_BLOCKED)
			while (wi_gate_round(&b.r, w.w.blocked_on, w.w.newest,
					     &slow) == WI_GATED)
				sched_yield();
		j->failed |= rc != 0;
	}
	wr_close(&w);
	wi_fetch_add_32(&writers_left, UINT32_MAX);
	return NULL;
}

/* The stream, by number. */
static void *
read_all(void *arg)
{
	struct job *j = arg;
	uint8_t buf[LONG];
	uint64_t t = 1;

	while (wi_load_relaxed_32(&writers_left)) {
		struct wi_rec rec = {.len = 0};

		switch (wi_ring_read(&b.r, t, &rec, buf, sizeof(buf))) {
		case WI_READ_OK:
			j->failed |= !is_known(buf);
			t++;
			break;
		case WI_READ_EMPTY:
			sched_yield();
			break;
		case WI_READ_LAPPED:
		case WI_READ_LOST:
			t++;
			break;
		default:
			j->failed = true;
		}
	}
	return NULL;
}

/* What is current, as one who has just come. */
static void *
join_often(void *arg)
{
	struct job *j = arg;
	struct wi_pair scratch[WRITERS];
	uint8_t buf[LONG];

	while (wi_load_relaxed_32(&writers_left)) {
		struct wi_rec rec = {.len = 0};
		uint64_t t = 0;

		j->failed |= wi_newest(&b.r, &t) != 0;
		if (wi_value_current(&b.r, t, &rec, buf, sizeof(buf),
				     scratch) == WI_VALUE)
			j->failed |= !is_known(buf);
		if (j->exclusive || wi_values_find(&b.r, t, scratch) != 0)
			continue;
		for (uint32_t i = 0; i < WRITERS; i++)
			if (wi_value_of(&b.r, i, scratch[i], &rec, buf,
					sizeof(buf)) == WI_VALUE)
				j->failed |= !is_known(buf);
	}
	return NULL;
}

/* In place, behind a cursor. */
static void *
view_all(void *arg)
{
	struct job *j = arg;
	struct wi_shm_cell *c = &b.r.cells[j->idx];
	uint64_t newest = 0, t;

	wi_store_relaxed(&c->cursor, 1);
	wi_store_relaxed_32(&c->gating, 1);
	wi_store_release(&c->tag.word, wi_word_next(0, WI_LIVE, wi_who(1, 1)));
	j->failed |= wi_gate_join(&b.r, j->idx, 1, 0, &newest, &t) != 0;
	while (wi_load_relaxed_32(&writers_left)) {
		struct wi_rec rec = {.len = 0};
		enum wi_read got = wi_ring_read(&b.r, t, &rec, NULL, 0);

		if (got == WI_READ_EMPTY) {
			sched_yield();
			continue;
		}
		j->failed |= got != WI_READ_OK || !is_known(rec.data);
		wi_store_release(&c->cursor, ++t);
	}
	wi_cas(&c->tag.word, c->tag.word, 0);
	return NULL;
}

static void
run(uint32_t flags, uint32_t slots, uint32_t len, void *(*reader)(void *))
{
	uint32_t writers = flags & WI_CH_EXCLUSIVE ? 1 : WRITERS;
	struct job w[WRITERS], r[2];

	memset(beside, 0, sizeof(beside));
	blk_open(&b, flags, slots, writers, 2048, LONG);
	wi_store_relaxed_32(&writers_left, writers);
	for (uint32_t i = 0; i < 2; i++) {
		r[i] = (struct job){.idx = i,
				    .exclusive = flags & WI_CH_EXCLUSIVE};
		CU_ASSERT_EQUAL_FATAL(
		    pthread_create(&r[i].thread, NULL, reader, &r[i]), 0);
	}
	for (uint32_t i = 0; i < writers; i++) {
		w[i] = (struct job){.idx = i, .len = len};
		CU_ASSERT_EQUAL_FATAL(
		    pthread_create(&w[i].thread, NULL, write_all, &w[i]), 0);
	}
	for (uint32_t i = 0; i < writers; i++) {
		pthread_join(w[i].thread, NULL);
		CU_ASSERT(!w[i].failed);
	}
	for (uint32_t i = 0; i < 2; i++) {
		pthread_join(r[i].thread, NULL);
		CU_ASSERT(!r[i].failed);
	}
	blk_close(&b);
}

static void
pairs_stream(void)
{
	run(0, 8, SHORT, read_all);
	run(WI_CH_EXCLUSIVE, 8, SHORT, read_all);
	run(WI_CH_EXCLUSIVE, 8, LONG, read_all);
}

static void
pairs_current_value(void)
{
	run(0, 8, SHORT, join_often);
	run(WI_CH_EXCLUSIVE, 8, SHORT, join_often);
	run(WI_CH_EXCLUSIVE, 8, LONG, join_often);
}

static void
pairs_view_in_place(void)
{
	run(WI_CH_BLOCK, 8, SHORT, view_all);
	run(WI_CH_BLOCK | WI_CH_EXCLUSIVE, 8, SHORT, view_all);
	run(WI_CH_BLOCK | WI_CH_EXCLUSIVE, 8, LONG, view_all);
}

/* ---- names
 * ------------------------------------------------------------------ */

#define ROUNDS 2000

static struct wi_shm_entry entries[2];
static const struct wi_table table = {(uint8_t *)entries, sizeof(*entries), 2};
static uint64_t built[2]; /* behind entry i */
static uint32_t found_cnt;

#define FOUND 50

/* Builds, claims the name, takes it back. */
static void *
build(void *arg)
{
	struct job *j = arg;
	uint32_t self = j->idx, other;
	uint64_t who = wi_who(self, 1), word = 0;
	uint64_t *own = &wi_tag(&table, self)->word;

	for (uint64_t i = 1;
	     i <= ROUNDS || wi_load_relaxed_32(&found_cnt) < FOUND; i++) {
		uint64_t next = wi_word_next(word, WI_RESERVED, who);
		int rc;

		j->failed |= !wi_cas(own, word, next);
		word = next;
		wi_tag_set(wi_tag(&table, self), "name", 4);
		if (i == 1) /* constant from then on: others may be slow */
			built[self] = secret(self, 0);
		rc = wi_claim(&table, self, &word, who, WI_RESERVED,
			      WI_CLAIM_NAME, WI_LIVE, wi_name_clash, NULL,
			      &other);
		j->failed |= rc != 0 && rc != WI_CLASHED;
		sched_yield(); /* it stands for a while */
		next = wi_word_next(word, WI_FREE, 0);
		j->failed |= !wi_cas(own, word, next);
		word = next;
	}
	wi_fetch_add_32(&writers_left, UINT32_MAX);
	return NULL;
}

/* What stands with a name was built before. */
static void *
look(void *arg)
{
	struct job *j = arg;
	uint64_t word;

	while (wi_load_relaxed_32(&writers_left)) {
		uint32_t i = wi_find(&table, "name", 4, &word);

		if (i < 2) {
			j->failed |= built[i] != secret(i, 0);
			wi_store_relaxed_32(&found_cnt, found_cnt + 1);
		}
	}
	return NULL;
}

static void
pairs_name_of_what_was_built(void)
{
	struct job j[3] = {{.idx = 0}, {.idx = 1}, {.idx = 2}};

	memset(entries, 0, sizeof(entries));
	wi_store_relaxed_32(&found_cnt, 0);
	wi_store_relaxed_32(&writers_left, 2);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&j[i].thread, NULL,
						     i < 2 ? build : look,
						     &j[i]),
				      0);
	for (int i = 0; i < 3; i++) {
		pthread_join(j[i].thread, NULL);
		CU_ASSERT(!j[i].failed);
	}
}

SUITE_WITH("pairs", NULL, after, TEST(pairs_stream), TEST(pairs_current_value),
	   TEST(pairs_view_in_place), TEST(pairs_name_of_what_was_built));
