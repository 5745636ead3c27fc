/* SPDX-License-Identifier: BSD-2-Clause
 *
 * trial.c - see trial.h
 */
#include "fault/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault/heap.h"
#include "platform/futex.h"

/* ---- what the actor has ------------------------------------------------ */

/* One line of /proc/self/maps. */
static uint64_t
bytes_of(const char *line)
{
	unsigned long long from, to;
	char path[256];

	if (sscanf(line, "%llx-%llx %*s %*s %*s %*s %255s", &from, &to, path) !=
	    3)
		return 0;
	return strncmp(path, "/dev/shm/", 9) == 0 ||
		       strncmp(path, "/memfd:", 7) == 0
		   ? to - from
		   : 0;
}

static uint64_t
shared_bytes(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char buf[4096], *line, *end;
	uint64_t sum = 0;
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 &&
	       (n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0) {
		len += (size_t)n;
		buf[len] = 0;
		for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			sum += bytes_of(line);
		}
		len -= (size_t)(line - buf);
		memmove(buf, line, len);
	}
	if (fd >= 0)
		close(fd);
	return sum;
}

static void
look_at(struct belongings *b)
{
	memset(b, 0, sizeof(*b));
	for (int fd = 0; fd < 512; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			b->fds[fd / 64] |= UINT64_C(1) << fd % 64;
	b->shared = shared_bytes();
	b->heap = heap.live;
}

/* ---- in the actor ------------------------------------------------------ */

int
trial_prepare(void *trial)
{
	struct trial *t = trial;
	weir_store_opts o = scene_opts(t->sc, 0);

	look_at(&t->before);
	if (weir_store_open("main", &o, &t->a.st, &t->a.diag) != 0 ||
	    (t->d->prepare && t->d->prepare(&t->a) != 0)) {
		actor_problem(&t->a, "not prepared: %s", t->a.diag.message);
		return 0;
	}
	memset(&t->a.diag, 0, sizeof(t->a.diag));
	/* as in a thread that has published nothing yet */
	memset(&wi_bell_home, 0, sizeof(wi_bell_home));
	return 0;
}

/* Once more, if it has failed. */
static void
do_again(struct trial *t)
{
	struct board *b = t->sc->board;

	b->code = t->a.diag.code;
	memcpy(b->message, t->a.diag.message, sizeof(b->message));
	if (b->rc >= 0)
		return;
	memset(&t->a.diag, 0, sizeof(t->a.diag));
	b->again = t->d->act(&t->a);
	if (b->again < 0)
		actor_problem(&t->a, "done again it fails with %lld: %s",
			      (long long)b->again, t->a.diag.message);
}

static void
close_all(struct actor *a)
{
	weir_store_close(a->other);
	weir_store_close(a->st);
	weir_schema_free(a->schema);
}

static void
compare(struct trial *t)
{
	struct board *b = t->sc->board;
	int64_t limit = proc_now_ns() + INT64_C(2000000000);
	struct belongings now;

	/* a thread of the library may be about to end */
	do
		look_at(&now);
	while (now.heap != t->before.heap && proc_now_ns() < limit);
	b->left_fds = memcmp(now.fds, t->before.fds, sizeof(now.fds)) != 0;
	b->left_bytes = (int64_t)(now.shared - t->before.shared);
	b->left_heap = now.heap - t->before.heap;
}

void
trial_act(void *trial)
{
	struct trial *t = trial;
	struct board *b = t->sc->board;
	uint64_t made = heap.made;

	if (b->problem[0])
		return;
	if (b->fail_at)
		heap.fail_at = made + b->fail_at;
	heap.from_then = b->fail_all;
	__atomic_store_n(&b->is_on, 1, __ATOMIC_SEQ_CST);
	b->rc = t->d->act(&t->a);
	__atomic_store_n(&b->is_on, 0, __ATOMIC_SEQ_CST);
	heap.fail_at = 0;
	b->allocations = heap.made - made;
	do_again(t);
	if (t->d->after && !b->problem[0])
		t->d->after(&t->a);
	close_all(&t->a);
	compare(t);
	b->is_over = 1;
}

/* ---- in the survivor --------------------------------------------------- */

void
trial_begin(struct trial *t)
{
	struct board *b = t->sc->board;
	uint64_t slept = b->sleeper_seq;

	memset(b, 0, sizeof(*b));
	b->sleeper_seq = slept;
	memset(&t->a, 0, sizeof(t->a));
	t->a.sc = t->sc;
}

bool
trial_may(const struct deed *d, int64_t rc, int err)
{
	for (int i = 0; d->may[i]; i++)
		if (d->may[i] == rc)
			return true;
	return d->system && rc == -err;
}

static void
check_words(struct scene *sc, const struct board *b)
{
	const char *text = weir_strerror((int)b->rc);

	if (strcmp(text, "system error") == 0 ||
	    strcmp(text, "unknown error") == 0)
		scene_fail(sc, "there are no words for %lld", (long long)b->rc);
	if (b->code && b->code != b->rc)
		scene_fail(sc, "it returns %lld, the diag says %d: %s",
			   (long long)b->rc, b->code, b->message);
	if (b->code && !b->message[0])
		scene_fail(sc, "no message with %lld", (long long)b->rc);
}

void
trial_end(struct trial *t, unsigned leaves)
{
	struct scene *sc = t->sc;
	const struct board *b = sc->board;

	if (b->problem[0])
		scene_fail(sc, "%s (it returned %lld: %s)", b->problem,
			   (long long)b->rc, b->message);
	else if (!b->is_over)
		scene_fail(sc, "the actor did not come to the end");
	if (b->rc < 0)
		check_words(sc, b);
	if (b->left_fds && !(leaves & TRIAL_LEAVES_FD))
		scene_fail(sc, "other descriptors are open than before");
	if (b->left_bytes && !(leaves & TRIAL_LEAVES_MAP))
		scene_fail(sc, "%lld bytes are left mapped",
			   (long long)b->left_bytes);
	if (b->left_heap)
		scene_fail(sc, "%lld allocations are left",
			   (long long)b->left_heap);
	scene_look(sc);
}
