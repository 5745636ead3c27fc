/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_container.c - processes that share nothing but a directory.
 *
 * As containers do that mount one tmpfs: each of them sees it under another
 * path, in namespaces of its own, one of them read-only.
 */
#include "kit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 50

struct site {
	char root[64];
	char a[80], b[80], c[80]; /* the tmpfs, the same, the same read-only */
	uint64_t *ready;
};

static weir_store *
open_in(const char *dir, uint32_t flags, int *rc)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags, .dir = dir};
	weir_diag diag = {.message = ""};
	weir_store *st = NULL;

	*rc = weir_store_open("shared", &o, &st, &diag);
	if (*rc != 0)
		t_log("%s: %s: %s\n", dir, weir_strerror(*rc), diag.message);
	return st;
}

/* Fork into namespaces of our own.  Return: as fork(), -1 also if it may
 * not. */
static pid_t
contain(void)
{
	pid_t pid = fork();
	int status;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC) < 0)
		_exit(77);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return 0;
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		_exit(1);
	_exit(WEXITSTATUS(status));
}

/* Answers each record of "out", through the path b. */
static void
answer(const struct site *s)
{
	int rc;
	weir_store *st = open_in(s->b, 0, &rc);
	weir_channel *ch;
	weir_consumer *c;
	weir_producer *p;
	uint8_t buf[64];
	weir_record rec;

	proc_check(rc == 0);
	/* only b is known here */
	proc_check(umount2(s->a, MNT_DETACH) == 0);
	proc_check(access(s->a, F_OK) == 0);
	proc_check(open_in(s->a, 0, &rc) == NULL && rc == -ENOENT);
	ch = kit_channel_find(st, "c");
	c = kit_consumer(ch, "in", WEIR_GATE, WEIR_FROM_OLDEST);
	p = kit_producer(ch, "in", -1);
	kit_set(s->ready, 1);
	for (;;) {
		proc_check(weir_read(c, &rec, 1, 20 * KIT_S) == 1);
		if (strcmp(rec.producer, "out") == 0)
			proc_check(weir_publish(p, buf,
						kit_rec(buf, 1, rec.seq, 40),
						NULL) > 0);
	}
}

static void
observe(const struct site *s)
{
	weir_producer_info pi = {.size = sizeof(pi)};
	weir_channel *ch;
	weir_consumer *c;
	weir_record rec;
	weir_store *st;
	int rc;

	st = open_in(s->c, 0, &rc);
	proc_check(!st && rc == -EROFS);
	st = open_in(s->c, WEIR_CREATE, &rc);
	proc_check(!st && rc == -EROFS);
	st = open_in(s->c, WEIR_READ_ONLY, &rc);
	proc_check(rc == 0);
	ch = kit_channel_find(st, "c");
	c = kit_consumer(ch, NULL, 0, WEIR_FROM_OLDEST);
	for (uint64_t i = 1; i <= 2 * ROUNDS; i++) {
		proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1);
		proc_check(rec.seq == i);
		proc_check(kit_rec_ok(rec.data, rec.len, NULL, NULL));
	}
	while (weir_producer_next(ch, &pi) == 1)
		proc_check(pi.life != WEIR_GONE || pi.records == 0);
	weir_store_close(st);
	_exit(0);
}

static int
mounts(struct site *s)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("weir-test", s->a, "tmpfs", 0, "size=8m") < 0 ||
	    mount(s->a, s->b, NULL, MS_BIND, NULL) < 0 ||
	    mount(s->a, s->c, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, s->c, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		return 77;
	return 0;
}

/* Everything happens in here, so that no mount is left. */
static int
outside(struct proc *me, void *arg)
{
	struct site *s = arg;
	weir_consumer *c;
	weir_producer *p;
	weir_channel *ch;
	pid_t in, eye;
	weir_store *st;
	uint8_t buf[64];
	weir_record rec;
	int rc, status;

	(void)me;
	if (mounts(s) != 0)
		return 77;
	st = open_in(s->a, WEIR_CREATE, &rc);
	proc_check(rc == 0);
	ch = kit_channel(st, "c", WEIR_BLOCK, WEIR_SHARED, 256);
	in = contain();
	if (in == 0)
		answer(s);
	eye = contain();
	if (eye == 0)
		observe(s);
	proc_check(in > 0 && eye > 0);
	for (int i = 0; !kit_get(s->ready); i++) {
		if (waitpid(in, &status, WNOHANG) == in)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		proc_check(i < PROC_PATIENCE_S * 1000);
		proc_nap_ms(1);
	}
	p = kit_producer(ch, "out", -1);
	c = kit_consumer(ch, "out", 0, WEIR_FROM_NEW);
	for (int i = 0; i < ROUNDS; i++) {
		proc_check(weir_publish(p, buf, kit_rec(buf, 0, 1, 40), NULL) >
			   0);
		proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1);
		proc_check(weir_read(c, &rec, 1, 10 * KIT_S) == 1);
		proc_check(strcmp(rec.producer, "in") == 0);
	}
	proc_check(waitpid(eye, &status, 0) == eye && status == 0);
	/* life and death are seen across */
	proc_check(kit_use(st).participants == 2);
	proc_check(kill(in, SIGKILL) == 0 && waitpid(in, &status, 0) == in);
	while (kit_use(st).participants == 2)
		proc_nap_ms(1);
	weir_producer_close(kit_producer(ch, "in", 0));
	/* and it holds nobody up: more than the ring has room for */
	for (int i = 0; i < 600; i++)
		proc_check(weir_publish(p, buf, kit_rec(buf, 0, 1, 40), NULL) >
			   0);
	weir_store_close(st);
	proc_check(weir_store_destroy(
		       "shared",
		       &(weir_store_opts){.size = sizeof(weir_store_opts),
					  .dir = s->b},
		       NULL) == 0);
	return 0;
}

static void
container_shares_a_directory(void)
{
	struct site s = {.root = "/tmp/weir-test-XXXXXX"};
	struct proc p;
	int rc;

	s.ready = kit_shared(8);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s.root));
	snprintf(s.a, sizeof(s.a), "%s/a", s.root);
	snprintf(s.b, sizeof(s.b), "%s/b", s.root);
	snprintf(s.c, sizeof(s.c), "%s/c", s.root);
	CU_ASSERT(mkdir(s.a, 0700) == 0 && mkdir(s.b, 0700) == 0 &&
		  mkdir(s.c, 0700) == 0);
	CU_ASSERT_FATAL(proc_start(&p, outside, &s) == 0);
	rc = proc_wait(&p);
	if (rc == 77)
		t_skip("no namespaces or mounts here");
	else
		CU_ASSERT_EQUAL(rc, 0);
	CU_ASSERT(rmdir(s.a) == 0 && rmdir(s.b) == 0 && rmdir(s.c) == 0 &&
		  rmdir(s.root) == 0);
	kit_unshared(s.ready, 8);
}

SUITE("container", TEST(container_shares_a_directory));
