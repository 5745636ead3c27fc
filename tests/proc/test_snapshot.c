/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_snapshot.c - copies that are taken while the store is written to.
 *
 * Producers publish as fast as they can, records that tell whether they are
 * whole; each copy must verify, and every record in it be the one that its
 * number says.
 */
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/inspect.h>

#define COPIES 60

struct busy {
	const char *store;
	uint32_t overflow, producers;
	bool short_lanes;
	unsigned me;
};

/* Until the pipe says so: records of one producer, long and short. */
static int
publish_on(struct proc *me, void *arg)
{
	struct busy *b = arg;
	weir_channel *ch = kit_channel_find(kit_store(b->store), "c");
	struct rng rng = {b->me + 1};
	uint8_t buf[KIT_REC_MAX];
	char id[16];
	weir_producer *p;

	snprintf(id, sizeof(id), "p%u", b->me);
	p = kit_producer(ch, id, -1);
	proc_tell(me, 'r');
	for (uint64_t i = 1; i; i++) {
		size_t len = rng_one_in(&rng, 4) ? rng_range(&rng, 24, 1400)
						 : rng_range(&rng, 24, 90);

		proc_check(weir_publish(p, buf, kit_rec(buf, b->me, i, len),
					NULL) > 0);
	}
	return 0;
}

static int
say(const weir_damage *d, void *arg)
{
	(void)arg;
	fprintf(stderr, "# %s: %s: %s\n", d->channel, d->place, d->message);
	return 0;
}

/* A copy at @path, whose last six bytes are made anew.  Return: 0 or what went
 * wrong, which is said. */
static int
copy_to(char *path, weir_store *st)
{
	weir_diag diag = {.message = ""};
	int fd, rc;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	rc = fd < 0 ? -errno : weir_store_snapshot(st, fd, &diag);
	if (rc != 0)
		printf("# %s: %s\n", path, diag.message);
	close(fd);
	return rc;
}

/* All records of the copy; how many. */
static unsigned
look_at(const char *path, unsigned producer_cnt)
{
	weir_store_opts so = {.size = sizeof(so), .flags = WEIR_READ_ONLY};
	weir_consumer_opts co = {.size = sizeof(co), .from = WEIR_FROM_OLDEST};
	uint64_t last[4] = {0}, seq = 0, no;
	unsigned cnt = 0;
	weir_store *st;
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;
	uint32_t who;
	int rc;

	proc_check(weir_store_open(path, &so, &st, NULL) == 0);
	proc_check(weir_store_verify(st, say, NULL) == 0);
	proc_check(weir_channel_open(st, "c", NULL, &ch, NULL) == 0);
	proc_check(weir_consumer_open(ch, NULL, &co, &c, NULL) == 0);
	while ((rc = weir_read(c, &rec, 1, 0)) == 1) {
		proc_check(kit_rec_ok(rec.data, rec.len, &who, &no));
		proc_check(rec.seq > seq);
		proc_check(who < producer_cnt);
		if (producer_cnt == 1)
			proc_check(no == rec.seq);
		proc_check(no > last[who]);
		last[who] = no;
		seq = rec.seq;
		cnt++;
	}
	proc_check(rc == -EAGAIN);
	weir_store_close(st);
	return cnt;
}

static int
copy_and_look(struct proc *me, void *arg)
{
	struct busy *b = arg;
	unsigned n = b->producers == WEIR_EXCLUSIVE ? 1 : 2, most = 0, cnt;
	char path[] = "/tmp/weir-test-copy-XXXXXX";
	weir_store *st;

	(void)me;
	st = tmpstore_open(b->store, WEIR_READ_ONLY);
	for (int i = 0; i < COPIES; i++) {
		proc_check(copy_to(path, st) == 0);
		cnt = look_at(path, n);
		unlink(path);
		if (cnt > most)
			most = cnt;
	}
	proc_check(most > 8); /* there is something in them */
	weir_store_close(st);
	return 0;
}

static void
run(struct busy b)
{
	unsigned n = b.producers == WEIR_EXCLUSIVE ? 1 : 2;
	struct proc p[2], copier;
	weir_store *st;

	st = tmpstore_new(&b.store);
	if (b.short_lanes)
		kit_channel_of_short_lanes(st, "c", b.overflow, b.producers);
	else
		kit_channel(st, "c", b.overflow, b.producers, 64);
	for (b.me = 0; b.me < n; b.me++) {
		CU_ASSERT_FATAL(proc_start(&p[b.me], publish_on, &b) == 0);
		CU_ASSERT_EQUAL(proc_hear(&p[b.me]), 'r');
	}
	CU_ASSERT_FATAL(proc_start(&copier, copy_and_look, &b) == 0);
	CU_ASSERT_EQUAL(proc_wait(&copier), 0);
	for (unsigned i = 0; i < n; i++)
		CU_ASSERT_EQUAL(proc_kill(&p[i]), -SIGKILL);
	weir_store_close(st);
}

static void
of_a_shared_channel(void)
{
	run((struct busy){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_SHARED});
}

static void
of_an_exclusive_channel(void)
{
	run((struct busy){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_EXCLUSIVE});
}

/* The bytes are written over while the order ring still names them. */
static void
of_short_lanes(void)
{
	run((struct busy){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_SHARED,
			  .short_lanes = true});
	run((struct busy){.overflow = WEIR_OVERWRITE,
			  .producers = WEIR_EXCLUSIVE,
			  .short_lanes = true});
}

/* A value that has left the ring is in the copy, whoever publishes on. */
static void
with_a_value_that_has_left_the_ring(void)
{
	struct busy b = {.overflow = WEIR_OVERWRITE, .producers = WEIR_SHARED};
	char path[] = "/tmp/weir-test-copy-XXXXXX";
	weir_store_opts so = {.size = sizeof(so), .flags = WEIR_READ_ONLY};
	uint8_t rec[KIT_REC_MAX], buf[KIT_REC_MAX];
	weir_store *st = tmpstore_new(&b.store), *copy;
	weir_channel *ch = kit_channel(st, "c", b.overflow, b.producers, 64);
	weir_producer *quiet = kit_producer(ch, "quiet", 0);
	weir_record got;
	struct proc p;
	size_t len;

	len = kit_rec(rec, 3, 1, 100);
	CU_ASSERT_EQUAL(weir_publish(quiet, rec, len, NULL), 1);
	CU_ASSERT_FATAL(proc_start(&p, publish_on, &b) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	for (int i = 0; i < COPIES; i++) {
		CU_ASSERT_EQUAL_FATAL(copy_to(path, st), 0);
		CU_ASSERT_FATAL(weir_store_open(path, &so, &copy, NULL) == 0);
		CU_ASSERT_FATAL(weir_channel_open(copy, "c", NULL, &ch, NULL) ==
				0);
		memset(&got, 0, sizeof(got));
		CU_ASSERT_EQUAL(
		    weir_current(ch, "quiet", buf, sizeof(buf), &got), 0);
		CU_ASSERT_EQUAL(got.seq, 1);
		CU_ASSERT(got.len == len && memcmp(buf, rec, len) == 0);
		weir_store_close(copy);
		unlink(path);
	}
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	weir_store_close(st);
}

/* Made and removed all the time: the copy has it, or not. */
static int
come_and_go(struct proc *me, void *arg)
{
	struct busy *b = arg;
	weir_store *st = kit_store(b->store);

	proc_tell(me, 'r');
	for (uint64_t i = 1; i; i++) {
		uint8_t buf[KIT_REC_MAX];
		weir_channel *ch =
		    kit_channel(st, "c", b->overflow, b->producers, 64);
		weir_producer *p = kit_producer(ch, "p", 0);

		proc_check(
		    weir_publish(p, buf, kit_rec(buf, 0, 1, 100), NULL) == 1);
		weir_channel_close(ch);
		proc_check(weir_channel_remove(st, "c", NULL) == 0);
	}
	return 0;
}

static void
of_channels_that_come_and_go(void)
{
	struct busy b = {.overflow = WEIR_OVERWRITE, .producers = WEIR_SHARED};
	char path[] = "/tmp/weir-test-copy-XXXXXX";
	weir_store_opts so = {.size = sizeof(so), .flags = WEIR_READ_ONLY};
	weir_store *st = tmpstore_new(&b.store), *copy;
	struct proc p;

	CU_ASSERT_FATAL(proc_start(&p, come_and_go, &b) == 0);
	CU_ASSERT_EQUAL(proc_hear(&p), 'r');
	for (int i = 0; i < 4 * COPIES; i++) {
		CU_ASSERT_EQUAL_FATAL(copy_to(path, st), 0);
		CU_ASSERT_FATAL(weir_store_open(path, &so, &copy, NULL) == 0);
		CU_ASSERT_EQUAL(weir_store_verify(copy, say, NULL), 0);
		weir_store_close(copy);
		unlink(path);
	}
	CU_ASSERT_EQUAL(proc_kill(&p), -SIGKILL);
	weir_store_close(st);
}

static void
what_is_no_file_for_it(void)
{
	weir_store *st = tmpstore_new(NULL);
	FILE *f = tmpfile();
	int fds[2];

	CU_ASSERT_EQUAL(weir_store_snapshot(NULL, fileno(f), NULL), -EINVAL);
	CU_ASSERT_EQUAL(weir_store_snapshot(st, -1, NULL), -EBADF);
	CU_ASSERT_FATAL(pipe(fds) == 0);
	CU_ASSERT_EQUAL(weir_store_snapshot(st, fds[1], NULL), -EINVAL);
	close(fds[0]);
	close(fds[1]);
	CU_ASSERT_EQUAL(weir_store_snapshot(st, fileno(f), NULL), 0);
	CU_ASSERT_EQUAL(weir_store_snapshot(st, fileno(f), NULL), -EINVAL);
	fclose(f);
	weir_store_close(st);
}

SUITE("snapshot", TEST(of_a_shared_channel), TEST(of_an_exclusive_channel),
      TEST(of_short_lanes), TEST(with_a_value_that_has_left_the_ring),
      TEST(of_channels_that_come_and_go), TEST(what_is_no_file_for_it));
