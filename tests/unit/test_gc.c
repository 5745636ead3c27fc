/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_gc.c - what killed processes leave is given back, and nothing else.
 */
#include "support/sys.h"
#include "store/internal.h"
#include "support/procs.h"
#include "unit/fix.h"

#include <stdlib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *name;
static weir_store *st;

static void
before(void)
{
	st = tmpstore_new(&name);
}

static void
after(void)
{
	weir_store_close(st);
	tmpstore_drop(name);
}

/* What it does, or would do. */
static weir_gc_info
gc(weir_store *with, uint32_t flags)
{
	weir_gc_info g = {.size = sizeof(g)};

	fix_rc(weir_store_gc(with, flags, &g, &fix_diag), "gc");
	return g;
}

static void
found_nothing(weir_store *with, uint32_t flags)
{
	weir_gc_info g = gc(with, flags), none = {.size = sizeof(none)};

	CU_ASSERT_EQUAL(memcmp(&g, &none, sizeof(g)), 0);
}

/* Would do, in the eyes of one who only looks: the same. */
static weir_gc_info
seen(void)
{
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	weir_gc_info a = gc(ro, WEIR_DRY_RUN), b = gc(st, WEIR_DRY_RUN);

	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	weir_store_close(ro);
	return b;
}

/* Whoever is killed while he has all this open. */
static int
victim(struct proc *me, void *arg)
{
	weir_store *mine = tmpstore_open(name, 0);
	weir_channel *ch = fix_channel(mine, "a", NULL);
	weir_consumer *c = fix_consumer(ch, "reader", WEIR_FROM_NEW);

	(void)arg;
	fix_must_put(fix_producer(ch, "with"), 1);
	fix_producer(ch, "without");
	/* as asleep */
	wi_sleep_mark(&ch->ring, c->idx, 2);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
kill_one(int (*fn)(struct proc *me, void *arg))
{
	struct proc p;

	CU_ASSERT_EQUAL_FATAL(proc_start(&p, fn, NULL), 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
}

static void
gc_of_nothing(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");
	weir_consumer *c = fix_consumer(ch, "c", WEIR_FROM_NEW);
	weir_record rec;

	found_nothing(st, WEIR_DRY_RUN);
	found_nothing(st, 0);
	fix_must_put(p, 1);
	found_nothing(st, 0);
	CU_ASSERT_EQUAL(weir_read(c, &rec, 1, 0), 1);
	weir_producer_close(p);
	weir_consumer_close(c);
	found_nothing(st, 0);
	CU_ASSERT_EQUAL(fix_current(ch, "p"), 1);
}

static void
gc_of_a_killed_participant(void)
{
	weir_participant_info pi = {.size = sizeof(pi)};
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	weir_ring_info r = {.size = sizeof(r)};
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_gc_info g;

	kill_one(victim);
	g = seen();
	CU_ASSERT_EQUAL(g.participants, 1);
	CU_ASSERT_EQUAL(g.producers, 1);
	CU_ASSERT_EQUAL(g.consumers, 1);
	CU_ASSERT_EQUAL(g.marks, 1);
	CU_ASSERT_EQUAL(g.channels, 0);
	CU_ASSERT_EQUAL(g.values, 1);
	CU_ASSERT_EQUAL(g.held, 0);
	while (weir_participant_next(st, &pi) == 1)
		CU_ASSERT_EQUAL(pi.channel_cnt, 1);
	while (weir_producer_next(ch, &p) == 1)
		CU_ASSERT_EQUAL(p.killed, 1);
	p.next = 0;
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.participants, 1);
	CU_ASSERT_EQUAL(g.producers, 1);
	CU_ASSERT_EQUAL(g.consumers, 1);
	CU_ASSERT_EQUAL(g.marks, 1);
	CU_ASSERT_EQUAL(g.values, 1);

	/* what is left: the living, and the value */
	g = seen();
	CU_ASSERT_EQUAL(g.values, 1);
	g.values = 0;
	CU_ASSERT_EQUAL(g.participants + g.producers + g.consumers + g.marks,
			0);
	pi.next = 0;
	while (weir_participant_next(st, &pi) == 1)
		CU_ASSERT_EQUAL(pi.channel_cnt, pi.life == WEIR_ALIVE ? 1 : 0);
	CU_ASSERT_EQUAL(weir_consumer_next(ch, &c), 0);
	CU_ASSERT_EQUAL(weir_ring_stat(ch, &r), 0);
	CU_ASSERT_EQUAL(r.sleepers, 0);
	while (weir_producer_next(ch, &p) == 1) {
		CU_ASSERT_EQUAL(p.has_value, strcmp(p.id, "with") == 0);
		CU_ASSERT_EQUAL(p.killed, p.has_value);
	}
	CU_ASSERT_EQUAL(fix_current(ch, "with"), 1);
	CU_ASSERT_EQUAL(weir_channel_clear_orphans(ch, NULL, NULL), 1);
	found_nothing(st, WEIR_DRY_RUN);
}

/* A mark that is left on a place that somebody else has given back. */
static void
gc_of_a_mark_alone(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_gc_info g;

	wi_sleep_mark(&ch->ring, 3, 1);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.marks, 1);
	CU_ASSERT_EQUAL(g.consumers, 0);
	found_nothing(st, 0);
}

/* Somebody has come to the place since it was found to be a dead one's. */
static void
gc_leaves_a_newcomer_alone(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	uint32_t removed;

	CU_ASSERT_EQUAL(wi_participant_reap(st, st->idx), 0);
	CU_ASSERT_EQUAL(wi_holds_of(st, st->idx, &removed), 1);
	weir_channel_close(ch);
	CU_ASSERT_EQUAL(wi_holds_of(st, st->idx, &removed), 0);
}

/* Somebody is taking the place just now: he empties the row himself, and it is
 * not counted twice. */
static void
gc_leaves_a_place_that_is_being_taken(void)
{
	struct wi_life taking = {NULL};
	uint64_t byte = (1ull << 61) + 1;

	kill_one(victim);
	CU_ASSERT_EQUAL(wi_life_take(&taking, st->lock_fd, byte), 0);
	CU_ASSERT_EQUAL(wi_participant_reap(st, 1), 0);
	wi_life_drop(&taking, false);
	CU_ASSERT_EQUAL(wi_participant_reap(st, 1), 1);
	CU_ASSERT_EQUAL(wi_participant_reap(st, 1), 0);
}

/* Who opens a store may get the place of one that was killed: told all the
 * same, once. */
static void
gc_tells_of_its_own_place(void)
{
	weir_gc_info g;

	weir_store_close(st);
	kill_one(victim);
	st = tmpstore_open(name, 0);
	CU_ASSERT_EQUAL(st->idx, 0);
	g = gc(st, WEIR_DRY_RUN);
	CU_ASSERT_EQUAL(g.participants, 1);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.participants, 1);
	CU_ASSERT_EQUAL(g.consumers, 1);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.participants, 0);
}

/* ---- channels
 * ---------------------------------------------------------------- */

/* Killed with an entry of each kind that it was about to fill or to free. */
static int
builder(struct proc *me, void *arg)
{
	weir_store *mine = tmpstore_open(name, 0);
	uint64_t word, off;
	uint32_t idx;

	(void)arg;
	proc_check(
	    wi_block_alloc(mine, 8192, "half", &idx, &word, &off, NULL) == 0);
	memset(mine->base + off, 1, 8192);
	proc_check(
	    wi_block_alloc(mine, 4096, "other", &idx, &word, &off, NULL) == 0);
	wi_entry(mine, idx)->tag.word =
	    wi_word_next(word, WI_FREEING, mine->who);
	proc_check(
	    wi_block_alloc(mine, 4096, "third", &idx, &word, &off, NULL) == 0);
	wi_block_free(mine, idx, word);
	wi_entry(mine, idx)->tag.word =
	    wi_word_next(word, WI_RESERVED, mine->who);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static uint64_t
real_bytes(void)
{
	weir_store_info i = {.size = sizeof(i)};

	CU_ASSERT_EQUAL(weir_store_stat(st, &i), 0);
	return i.real_bytes;
}

static void
gc_of_half_made_channels(void)
{
	uint64_t was = real_bytes();
	weir_gc_info g;

	if (!sys_heeds(MADV_REMOVE))
		return;
	kill_one(builder);
	CU_ASSERT(real_bytes() >= was + 12288);
	g = seen();
	CU_ASSERT_EQUAL(g.channels, 3);
	CU_ASSERT_EQUAL(g.channel_bytes, 12288);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.channels, 3);
	CU_ASSERT_EQUAL(g.channel_bytes, 12288);
	CU_ASSERT_EQUAL(real_bytes(), was);
	found_nothing(st, 0);
}

static int
remover(struct proc *me, void *arg)
{
	weir_store *mine = tmpstore_open(name, 0);

	(void)arg;
	fix_channel(mine, "a", NULL);
	proc_tell(me, 'r');
	return proc_hear(me);
}

static void
gc_of_removed_channels(void)
{
	weir_participant_info pi = {.size = sizeof(pi)};
	struct proc p;
	uint64_t was;
	weir_gc_info g;

	if (!sys_heeds(MADV_REMOVE))
		return;
	CU_ASSERT_EQUAL_FATAL(proc_start(&p, remover, NULL), 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	was = real_bytes();
	CU_ASSERT_EQUAL(weir_channel_remove(st, "a", NULL), 0);
	g = seen();
	CU_ASSERT_EQUAL(g.held, 1);
	CU_ASSERT(g.held_bytes > 4096);
	CU_ASSERT_EQUAL(g.channels, 0);
	CU_ASSERT_EQUAL(gc(st, 0).held, 1);
	CU_ASSERT_EQUAL(real_bytes(), was);
	while (weir_participant_next(st, &pi) == 1)
		CU_ASSERT_EQUAL(pi.removed_cnt, pi.idx == st->idx ? 0 : 1);
	proc_kill(&p);
	g = seen();
	CU_ASSERT_EQUAL(g.held, 0);
	CU_ASSERT_EQUAL(g.channels, 1);
	CU_ASSERT_EQUAL(g.participants, 1);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.channels, 1);
	CU_ASSERT_EQUAL(real_bytes(), was - g.channel_bytes);
	found_nothing(st, 0);
}

/* ---- memory that is nobody's
 * -------------------------------------------------- */

static void
gc_of_stray_memory(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");
	uint64_t was = real_bytes(), end = ch->off + ch->ring.g.block_len;
	volatile uint8_t *gap = st->base + end;
	weir_gc_info g;

	if (!sys_heeds(MADV_REMOVE))
		return;
	fix_must_put(p, 7);
	gap[5 * 4096] = 1;
	gap[9 * 4096] = 1;
	gap[10 * 4096] = 1;
	g = seen();
	CU_ASSERT_EQUAL(g.stray_bytes, 3 * 4096);
	g = gc(st, 0);
	CU_ASSERT_EQUAL(g.stray_bytes, 3 * 4096);
	CU_ASSERT_EQUAL(real_bytes(), was);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 7);
	found_nothing(st, 0);
}

/* An entry that points elsewhere: its block looks like nobody's, and is in
 * use. */
static void
gc_frees_no_memory_of_a_damaged_table(void)
{
	weir_channel *ch = fix_channel(st, "a", NULL);
	weir_producer *p = fix_producer(ch, "p");
	struct wi_shm_entry *e = wi_entry(st, ch->idx);

	fix_must_put(p, 7);
	e->off += ch->ring.g.block_len;
	CU_ASSERT_EQUAL(gc(st, 0).stray_bytes, 0);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), 7);
	e->off -= ch->ring.g.block_len;
}

/* ---- lock files, and what it answers
 * ------------------------------------------- */

static void
gc_of_lock_files(void)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s.0123456789abcdef.lock",
		 tmpstore_path(name));
	f = fopen(path, "w");
	CU_ASSERT_FATAL(f != NULL);
	fclose(f);
	CU_ASSERT_EQUAL(seen().lock_files, 1);
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	CU_ASSERT_EQUAL(gc(st, 0).lock_files, 1);
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
	found_nothing(st, 0);
	/* its own is still there */
	weir_store_close(tmpstore_open(name, 0));
}

static void
gc_of_a_copy(void)
{
	char path[256], command[600];
	weir_store *copy = NULL;

	fix_channel(st, "a", NULL);
	kill_one(victim);
	snprintf(path, sizeof(path), "%s-copy", tmpstore_path(name));
	snprintf(command, sizeof(command), "cp --sparse=always %s %s",
		 tmpstore_path(name), path);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
	fix_rc(weir_store_open(path, STORE_OPTS(.flags = WEIR_READ_ONLY), &copy,
			       &fix_diag),
	       path);
	unlink(path);
	found_nothing(copy, WEIR_DRY_RUN);
	weir_store_close(copy);
}

static void
gc_bad_arguments(void)
{
	weir_gc_info g = {.size = sizeof(g)};
	weir_store *ro = tmpstore_open(name, WEIR_READ_ONLY);
	weir_diag d = {.code = 0};

	CU_ASSERT_EQUAL(weir_store_gc(NULL, 0, &g, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_gc(st, 0, NULL, NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_gc(st, 2, &g, &d), -EINVAL);
	CU_ASSERT_EQUAL(d.code, -EINVAL);
	CU_ASSERT_EQUAL(weir_store_gc(ro, 0, &g, &d), -EROFS);
	CU_ASSERT_EQUAL(d.code, -EROFS);
	weir_store_close(ro);
	g.size = 8;
	CU_ASSERT_EQUAL(weir_store_gc(st, 0, &g, NULL), -EINVAL);
	g.size = sizeof(g);
	CU_ASSERT_EQUAL(weir_store_destroy(name, NULL, NULL), 0);
	CU_ASSERT_EQUAL(weir_store_gc(st, 0, &g, &d), WEIR_ERETIRED);
}

static void
gc_after_fork(void)
{
	weir_gc_info g = {.size = sizeof(g)};
	int status = 0;
	pid_t pid;

	if (!sys_heeds(MADV_WIPEONFORK))
		return;
	pid = fork();
	if (pid == 0)
		_exit(weir_store_gc(st, 0, &g, NULL) == WEIR_EFORKED ? 0 : 1);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

SUITE_WITH("gc", before, after, TEST(gc_of_nothing),
	   TEST(gc_of_a_killed_participant), TEST(gc_of_a_mark_alone),
	   TEST(gc_leaves_a_newcomer_alone),
	   TEST(gc_leaves_a_place_that_is_being_taken),
	   TEST(gc_tells_of_its_own_place), TEST(gc_of_half_made_channels),
	   TEST(gc_of_removed_channels), TEST(gc_of_stray_memory),
	   TEST(gc_frees_no_memory_of_a_damaged_table), TEST(gc_of_lock_files),
	   TEST(gc_of_a_copy), TEST(gc_bad_arguments), TEST(gc_after_fork));
