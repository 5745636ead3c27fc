/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_verify.c - each field that others rely on, damaged, is found, and its
 * place is named; what is only unusual is not.
 */
#include "support/sys.h"
#include "store/internal.h"
#include "unit/fix.h"

#include <sys/wait.h>
#include <unistd.h>

#include <weir/inspect.h>

static const char *name;
static weir_store *st;
static weir_channel *shared, *excl, *block;
static weir_producer *pub;

static void
before(void)
{
	st = tmpstore_new(&name);
	shared = fix_channel(st, "shared",
			     CH_OPTS(.capacity = 8, .max_producers = 4,
				     .max_consumers = 4,
				     .schema = "{\"type\":\"integer\"}"));
	excl = fix_channel(st, "excl",
			   CH_OPTS(.capacity = 4, .producers = WEIR_EXCLUSIVE));
	block = fix_channel(
	    st, "block",
	    CH_OPTS(.capacity = 4, .overflow = WEIR_BLOCK, .max_consumers = 4));
	pub = fix_producer(shared, "p");
	fix_producer(shared, "q");
	for (uint64_t i = 1; i <= 20; i++)
		fix_must_put(pub, i);
}

static void
after(void)
{
	weir_store_close(st);
	tmpstore_drop(name);
}

/* ---- what is found
 * ------------------------------------------------------------ */

static weir_damage first;
static int told;

static int
note(const weir_damage *d, void *arg)
{
	(void)arg;
	CU_ASSERT_EQUAL(d->size, sizeof(*d));
	CU_ASSERT(*d->place != 0 && *d->message != 0);
	t_log("%s: %s at %llu: %s\n", d->channel, d->place,
	      (unsigned long long)d->offset, d->message);
	if (told++ == 0)
		first = *d;
	return 0;
}

static int
verify(void)
{
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	int rc, again;

	told = 0;
	rc = weir_store_verify(ro, note, NULL);
	CU_ASSERT_EQUAL(rc, told);
	again = told;
	weir_store_close(ro);
	/* the same through a handle that may write */
	told = 0;
	rc = weir_store_verify(st, note, NULL);
	CU_ASSERT_EQUAL(rc, told);
	CU_ASSERT_EQUAL(again, told);
	return rc;
}

/* One finding, about this. */
static bool
found(const char *channel, const char *place, const void *at)
{
	bool ok = verify() >= 1 && strcmp(first.channel, channel) == 0 &&
		  strcmp(first.place, place) == 0 &&
		  first.offset ==
		      (at ? (uint64_t)((const uint8_t *)at - st->base) : 0);

	if (!ok)
		t_log("not found: %s of %s\n", place, channel);
	return ok;
}

/* Put a value there for one look. */
#define DAMAGED(channel, place, where, field, value)                           \
	do {                                                                   \
		uint64_t was_ = (field);                                       \
		(field) = (__typeof__(field))(value);                          \
		CU_ASSERT(found(channel, place, where));                       \
		(field) = (__typeof__(field))was_;                             \
		CU_ASSERT_EQUAL(verify(), 0);                                  \
	} while (0)

static void
nothing_is_damaged(void)
{
	weir_consumer *c;
	void *buf;

	CU_ASSERT_EQUAL(verify(), 0);
	/* a record under way, a lane that was given up, a gate, a sleeper, a
	 * clear, a channel that was removed and is open */
	fix_must_put(fix_producer(excl, "e"), 1);
	CU_ASSERT_EQUAL(weir_loan(excl->first_producer, 9, &buf), 0);
	CU_ASSERT(weir_clear(pub) > 0);
	weir_producer_close(pub);
	c = fix_consumer_with(block, "g", CO_OPTS(.flags = WEIR_GATE));
	CU_ASSERT(weir_fd(c) >= 0);
	pub = fix_producer(block, "b");
	for (uint64_t i = 1; i <= 4; i++)
		fix_must_put(pub, i);
	CU_ASSERT_EQUAL(fix_put(pub, 5), -EAGAIN);
	fix_channel(st, "removed", NULL);
	CU_ASSERT_EQUAL(weir_channel_remove(st, "removed", NULL), 0);
	CU_ASSERT_EQUAL(verify(), 0);
	/* closing, it puts its cursor out of the way first */
	c->cell->cursor = c->next + (1ull << 31);
	CU_ASSERT_EQUAL(verify(), 0);
}

static void
damaged_head(void)
{
	struct wi_shm_header *h = (void *)st->base;
	struct wi_shm_control *c = st->control;

	/* a newcomer does not get in at all */
	h->channel_cnt++;
	told = 0;
	CU_ASSERT_EQUAL(weir_store_verify(st, note, NULL), 1);
	CU_ASSERT_STRING_EQUAL(first.place, "header");
	h->channel_cnt--;
	DAMAGED("", "control", &c->retired, c->retired, 2);
	DAMAGED("", "control", &c->need_fence, c->need_fence, 7);
	DAMAGED("", "control", &c->bell, c->bell, 1);
	DAMAGED("", "participant 9", &st->participants[9],
		st->holds[9 * st->head.hold_cnt], 6);
}

static void
damaged_entries(void)
{
	struct wi_shm_entry *a = wi_entry(st, 0), *b = wi_entry(st, 1);
	uint64_t off = b->off;

	DAMAGED("", "entry 0", a, a->tag.word, a->tag.word | 15);
	DAMAGED("", "entry 0", a, a->tag.word,
		(a->tag.word & ~(WI_WHO_MASK)) | wi_who(1000, 1));
	DAMAGED("", "entry 0", a, a->tag.word,
		(a->tag.word & ~(WI_WHO_MASK)) | wi_who(0, 4711));
	DAMAGED("", "entry 1", b, b->tag.len, 0);
	DAMAGED("", "entry 1", b, b->tag.len, 3);
	DAMAGED("", "entry 1", b, b->tag.hash, 1);
	DAMAGED("", "entry 1", b, b->tag.text[1], '\n');
	DAMAGED("", "entry 0", &a->off, a->off, 8);
	DAMAGED("", "entry 0", &a->off, a->off, a->off + 64);
	DAMAGED("", "entry 0", &a->off, a->len, UINT64_MAX);
	/* bytes that are another channel's, too */
	b->off = a->off;
	CU_ASSERT(verify() > 0);
	CU_ASSERT(first.place[0] == 'e');
	CU_ASSERT(strstr(first.message, "are also entry") != NULL);
	b->off = off;
	CU_ASSERT_EQUAL(verify(), 0);
	/* and its name */
	struct wi_shm_tag tag = b->tag;

	memcpy(&b->tag.hash, &a->tag.hash, sizeof(tag) - 8);
	CU_ASSERT(found("", "entry 1", b));
	CU_ASSERT(strstr(first.message, "same name") != NULL);
	b->tag = tag;
	a = wi_entry(st, 2);
	DAMAGED("block", "entry 2", &a->len, a->len, a->len + 4096);
}

static void
damaged_block(void)
{
	struct wi_shm_channel *c = shared->ring.ch;
	uint8_t *schema = st->base + shared->off + shared->ring.g.schema_off;

	DAMAGED("shared", "block", NULL, c->magic, 0);
	DAMAGED("shared", "block", NULL, c->slot_cnt, 7);
	DAMAGED("shared", "block", NULL, c->lanes_off, 64);
	DAMAGED("shared", "schema", schema, *schema, '[');
}

static void
damaged_words(void)
{
	struct wi_shm_channel *c = shared->ring.ch, *b = block->ring.ch;

	DAMAGED("shared", "ring", &c->tail_seq, c->tail_seq, 1000);
	DAMAGED("shared", "ring", &c->settled_seq, c->settled_seq, 21);
	DAMAGED("shared", "ring", &c->settled_seq, c->settled_seq, 11);
	DAMAGED("block", "ring", &b->want_seq, b->want_seq, 2);
	DAMAGED("block", "ring", &b->safe_seq, b->safe_seq, 9);
	DAMAGED("block", "ring", &b->want_seq, b->want_seq, 0);
	DAMAGED("shared", "sleepers", &c->sleepers[1], c->sleepers[1], 1);
}

static struct wi_shm_slot *
slot(const weir_channel *ch, uint64_t t)
{
	return wi_slot(&ch->ring, t);
}

static void
damaged_slots(void)
{
	struct wi_pair *s = &slot(shared, 18)->commit;
	struct wi_shm_record *r;

	/* 18 mod 8 is 2 */
	DAMAGED("shared", "slot 2", s, s->seq, 0);
	DAMAGED("shared", "slot 2", s, s->seq, 2 * 10);
	DAMAGED("shared", "slot 2", s, s->word, wi_desc(900, 0));
	DAMAGED("shared", "slot 2", s, s->word, wi_desc(1, 64));
	r = (void *)(shared->ring.bytes + wi_desc_position(s->word));
	DAMAGED("shared", "slot 2", s, r->position, 16);
	DAMAGED("shared", "slot 2", s, r->kind, 9);
	/* of another slot: the newest cannot be found either */
	s->seq = 2 * 19;
	CU_ASSERT_EQUAL(verify(), 1);
	CU_ASSERT_STRING_EQUAL(first.place, "slot 2");
	s->seq = 2 * 18;
	/* the slots where the next records come */
	s = &slot(shared, 21)->commit;
	s->seq = 2 * 22;
	CU_ASSERT_EQUAL(verify(), 2);
	CU_ASSERT_STRING_EQUAL(first.place, "ring");
	s->seq = 2 * 13;
	CU_ASSERT_EQUAL(verify(), 0);

	fix_must_put(fix_producer(excl, "e"), 1);
	s = &slot(excl, 1)->commit;
	DAMAGED("excl", "slot 1", s, s->word, s->word | 0xffffffull << 32);
	s = &slot(excl, 3)->commit;
	DAMAGED("excl", "slot 3", s, s->seq, 2 * 3 - 1);
}

static void
many_damaged_slots(void)
{
	weir_channel *ch = fix_channel(st, "many", CH_OPTS(.capacity = 64));
	weir_producer *p = fix_producer(ch, "p");

	for (uint64_t i = 1; i <= 64; i++)
		fix_must_put(p, i);
	for (uint64_t i = 1; i <= 40; i++)
		slot(ch, i)->commit.word = wi_desc(900, 0);
	CU_ASSERT_EQUAL(verify(), 17);
	CU_ASSERT_STRING_EQUAL(first.place, "slot 1");
	CU_ASSERT_STRING_EQUAL(first.channel, "many");
}

static void
damaged_lanes(void)
{
	struct wi_shm_lane *l = &shared->ring.lanes[0];
	struct wi_shm_lane *q = &shared->ring.lanes[1];

	CU_ASSERT_FATAL(l->last.seq > 0);
	DAMAGED("shared", "lane 0", &l->last, l->last.seq, 21);
	DAMAGED("shared", "lane 0", &l->last, l->last.word, l->last.word + 8);
	DAMAGED("shared", "lane 0", &l->last, l->last.word, 1ull << 40);
	DAMAGED("shared", "lane 0", &l->last, l->last.word, l->last.word + 16);
	DAMAGED("shared", "lane 1", q, q->tag.word, q->tag.word | 15);
	DAMAGED("shared", "lane 1", q, q->tag.len, 200);
	DAMAGED("shared", "lane 1", q, q->tag.text[0], 'p');
	memcpy(&q->tag.hash, &l->tag.hash, sizeof(q->tag) - 8);
	CU_ASSERT(found("shared", "lane 1", q));
	CU_ASSERT(strstr(first.message, "same name") != NULL);
}

static void
damaged_places(void)
{
	weir_consumer *c = fix_consumer(shared, "c", WEIR_FROM_NEW);

	DAMAGED("shared", "place 0", c->cell, c->cell->gating, 1);
	DAMAGED("shared", "place 0", c->cell, c->cell->cursor, UINT64_MAX);
	DAMAGED("shared", "place 0", c->cell, c->cell->tag.word,
		(c->word & ~15ull) | WI_IDLE);
	DAMAGED("shared", "place 0", c->cell, c->cell->tag.text[0], 0x80);
}

/* ---- the files
 * ---------------------------------------------------------------- */

static void
damaged_files(void)
{
	char lock[256], aside[264];
	FILE *f;

	snprintf(lock, sizeof(lock), "%s.%016llx.lock", tmpstore_path(name),
		 (unsigned long long)st->head.store_id);
	snprintf(aside, sizeof(aside), "%s.aside", lock);
	CU_ASSERT_EQUAL(rename(lock, aside), 0);
	CU_ASSERT(found("", "lock file", NULL));
	CU_ASSERT(strstr(first.message, "is gone") != NULL);
	f = fopen(lock, "w");
	CU_ASSERT_FATAL(f != NULL);
	fclose(f);
	CU_ASSERT(found("", "lock file", NULL));
	CU_ASSERT(strstr(first.message, "not the file") != NULL);
	CU_ASSERT_EQUAL(rename(aside, lock), 0);
	CU_ASSERT_EQUAL(verify(), 0);
	/* nothing behind the end is touched */
	CU_ASSERT_EQUAL(truncate(tmpstore_path(name), 4096), 0);
	told = 0;
	CU_ASSERT_EQUAL(weir_store_verify(st, note, NULL), 1);
	CU_ASSERT_STRING_EQUAL(first.place, "file");
	/* or we could not even close it */
	CU_ASSERT_EQUAL(truncate(tmpstore_path(name), 1 << 30), 0);
}

/* Somebody's descriptor is a way to a store without a name. */
static void
store_without_a_name(void)
{
	weir_store_info i = {.size = sizeof(i)};
	weir_store *ro = NULL;
	char path[64];

	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(),
		 st->data_fd);
	fix_rc(weir_store_open(path, STORE_OPTS(.flags = WEIR_READ_ONLY), &ro,
			       &fix_diag),
	       path);
	CU_ASSERT_EQUAL(weir_store_stat(ro, &i), 0);
	CU_ASSERT_STRING_EQUAL(i.name, name);
	CU_ASSERT_EQUAL(i.is_copy, 0);
	CU_ASSERT_EQUAL(i.is_retired, 1);
	CU_ASSERT_EQUAL(i.participant_cnt, 1);
	told = 0;
	CU_ASSERT_EQUAL(weir_store_verify(ro, note, NULL), 0);
	weir_store_close(ro);
	/* and no other symlink is */
	CU_ASSERT_EQUAL(symlink(path, tmpstore_path(name)), 0);
	CU_ASSERT_EQUAL(weir_store_open(tmpstore_path(name),
					STORE_OPTS(.flags = WEIR_READ_ONLY),
					&ro, NULL),
			WEIR_EUNSAFE);
}

/* ---- what it answers
 * ----------------------------------------------------------- */

static int
stop(const weir_damage *d, void *arg)
{
	(void)d;
	++*(int *)arg;
	return 42;
}

static void
verify_returns(void)
{
	int cnt = 0, status = 0;
	pid_t pid;

	CU_ASSERT_EQUAL(weir_store_verify(NULL, note, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_verify(st, NULL, NULL), -EINVAL);
	st->control->bell = 1;
	st->control->retired = 3;
	CU_ASSERT_EQUAL(weir_store_verify(st, stop, &cnt), 42);
	CU_ASSERT_EQUAL(cnt, 1);
	st->control->bell = st->control->retired = 0;
	if (!sys_heeds(MADV_WIPEONFORK))
		return;
	pid = fork();
	if (pid == 0)
		_exit(weir_store_verify(st, note, NULL) == WEIR_EFORKED ? 0
									: 1);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

SUITE_WITH("verify", before, after, TEST(nothing_is_damaged),
	   TEST(damaged_head), TEST(damaged_entries), TEST(damaged_block),
	   TEST(damaged_words), TEST(damaged_slots), TEST(many_damaged_slots),
	   TEST(damaged_lanes), TEST(damaged_places), TEST(damaged_files),
	   TEST(store_without_a_name), TEST(verify_returns));
