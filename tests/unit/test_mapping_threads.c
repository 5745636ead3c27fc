/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_mapping_threads.c - several participants on one mapping, for tsan.
 *
 * Each handle on a store maps it for itself, so tsan, which goes by addresses,
 * sees nothing of what two of them do to each other.  Here the second and
 * third use the first one's mapping until they are closed, and make, use and
 * remove the same few channels at the same time.
 */
#include "unit/fix.h"

#include <pthread.h>
#include <sched.h>

#include "store/internal.h"

#define CREW   3
#define NAMES  2
#define ROUNDS 500

static struct seat {
	weir_store *st;
	weir_store own; /* as it was opened */
	unsigned me, failed, made, read;
	pthread_t thread;
} crew[CREW];

/* The parts of a handle that point into the mapping. */
static void
look_through(weir_store *st, const weir_store *other)
{
	st->base = other->base;
	st->control = other->control;
	st->participants = other->participants;
	st->holds = other->holds;
	st->channels = other->channels;
	st->waker = other->waker;
}

static void
before(void)
{
	const char *name;

	memset(crew, 0, sizeof(crew));
	for (unsigned i = 0; i < CREW; i++) {
		crew[i].st = i ? tmpstore_open(name, 0) : tmpstore_new(&name);
		crew[i].own = *crew[i].st;
		crew[i].me = i;
		look_through(crew[i].st, &crew[0].own);
	}
}

static void
after(void)
{
	for (unsigned i = CREW; i-- > 0;) {
		look_through(crew[i].st, &crew[i].own);
		weir_store_close(crew[i].st);
	}
}

/* What may become of a call while others remove channels. */
static bool
went_away(int64_t rc)
{
	return rc == WEIR_EREMOVED || rc == -EAGAIN || rc == -ENOENT;
}

/* One record in, at least one out. */
static int64_t
use(struct seat *s, weir_channel *ch, const char *id)
{
	weir_producer *p = NULL;
	weir_consumer *c = NULL;
	uint8_t msg = (uint8_t)(s->me + 1);
	weir_record rec;
	int64_t rc;

	rc = weir_consumer_open(ch, id, CO_OPTS(.from = WEIR_FROM_NEW), &c,
				NULL);
	if (rc == 0)
		rc = weir_producer_open(ch, id, NULL, &p, NULL);
	if (rc == 0)
		rc = weir_publish(p, &msg, 1, NULL);
	if (rc > 0)
		rc = weir_read(c, &rec, 1, 10000 * MS);
	if (rc == 1) {
		s->read++;
		s->failed +=
		    rec.kind == WEIR_DATA &&
		    (rec.len != 1 || *(const uint8_t *)rec.data > CREW);
		weir_clear(p);
	}
	weir_producer_close(p);
	weir_consumer_close(c);
	return rc;
}

static void *
work(void *arg)
{
	struct seat *s = arg;
	char name[8], id[8];

	snprintf(id, sizeof(id), "id%u", s->me);
	for (unsigned i = 0; i < ROUNDS; i++) {
		weir_channel *ch = NULL;
		int64_t rc;

		snprintf(name, sizeof(name), "c%u", (i + s->me) % NAMES);
		rc = weir_channel_open(s->st, name, CH_OPTS(.capacity = 8), &ch,
				       NULL);
		s->made += rc == 0;
		sched_yield(); /* others at it meanwhile */
		if (rc == 0)
			rc = use(s, ch, id);
		if (rc < 0 && !went_away(rc)) {
			t_log("%s: %s\n", name, weir_strerror((int)rc));
			s->failed++;
		}
		if (i % 3 == 0) {
			rc = weir_channel_remove(s->st, name, NULL);
			s->failed += rc != 0 && !went_away(rc);
		}
		weir_channel_close(ch);
	}
	return NULL;
}

static void
mapping_of_many_participants(void)
{
	weir_store_info use_of = {.size = sizeof(use_of)};

	for (unsigned i = 0; i < CREW; i++)
		CU_ASSERT_EQUAL_FATAL(
		    pthread_create(&crew[i].thread, NULL, work, &crew[i]), 0);
	for (unsigned i = 0; i < CREW; i++) {
		pthread_join(crew[i].thread, NULL);
		CU_ASSERT_EQUAL(crew[i].failed, 0);
		CU_ASSERT(crew[i].made > 0 && crew[i].read > 0);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		char name[8];

		snprintf(name, sizeof(name), "c%u", i);
		weir_channel_remove(crew[0].st, name, NULL);
	}
	CU_ASSERT_EQUAL(weir_store_stat(crew[0].st, &use_of), 0);
	CU_ASSERT_EQUAL(use_of.channel_cnt, 0);
}

SUITE_WITH("mapping", before, after, TEST(mapping_of_many_participants));
