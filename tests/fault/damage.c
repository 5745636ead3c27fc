/* SPDX-License-Identifier: BSD-2-Clause
 *
 * damage.c - see damage.h: the file, and the loop
 */
#include "fault/damage.h"
#include "fault/guard.h"
#include "support/harness.h"
#include "support/tmpstore.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "format/block.h"

#define PIECE_CPU_S  5	/* of the processor, for one piece of damage */
#define PIECE_WALL_S 30 /* nothing in it waits that long */
#define BAD_MOST     8	/* after so many, the sweep ends */

void
damage_need(int64_t rc, const char *what)
{
	if (rc >= 0)
		return;
	printf("damage: %s: %s\n", what, weir_strerror((int)rc));
	fflush(NULL);
	exit(1);
}

/* ---- the file
 * ---------------------------------------------------------------- */

/* The last byte that a channel has. */
static size_t
used_len(const uint8_t *map)
{
	const struct wi_shm_header *h = (const void *)map;
	const struct wi_shm_entry *e = (const void *)(map + h->channels_off);
	size_t end = h->heap_off;

	for (uint32_t i = 0; i < h->channel_cnt; i++)
		if (wi_word_state(e[i].tag.word) != WI_FREE &&
		    e[i].off + e[i].len > end)
			end = e[i].off + e[i].len;
	return end;
}

void
damage_sign(struct damage *d)
{
	struct wi_shm_header *h = (void *)d->map;

	h->sum = wi_hash(h, offsetof(struct wi_shm_header, sum));
}

/* The names of a store go with it: whoever comes to one that is marked as
 * destroyed removes them.  A second link keeps each file. */
static void
keep(struct damage *d)
{
	snprintf(d->lock, sizeof(d->lock), "%s.%016" PRIx64 ".lock", d->path,
		 ((const struct wi_shm_header *)(void *)d->image)->store_id);
	snprintf(d->keep[0], sizeof(d->keep[0]), "%s.keep-data", d->path);
	snprintf(d->keep[1], sizeof(d->keep[1]), "%s.keep-locks", d->path);
	if (link(d->path, d->keep[0]) < 0 || link(d->lock, d->keep[1]) < 0)
		damage_need(-errno, "link");
}

void
damage_make(struct damage *d, uint64_t seed)
{
	struct wi_shm_header *h;
	struct stat st;

	memset(d, 0, sizeof(*d));
	d->rng.state = seed;
	d->name = tmpstore_name();
	damage_fill(d->name);
	snprintf(d->path, sizeof(d->path), "%s", tmpstore_path(d->name));
	d->fd = open(d->path, O_RDWR | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st) < 0)
		damage_need(-errno, d->path);
	d->map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED, d->fd, 0);
	if (d->map == MAP_FAILED)
		damage_need(-errno, "mmap");
	d->len = used_len(d->map);
	h = (void *)d->map;
	h->seg_len = d->len;
	damage_sign(d);
	munmap(d->map, (size_t)st.st_size);
	if (ftruncate(d->fd, (off_t)d->len) < 0)
		damage_need(-errno, "truncate");
	d->map =
	    mmap(NULL, d->len, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
	d->image = aligned_alloc(WI_PAGE, d->len);
	if (d->map == MAP_FAILED || !d->image)
		damage_need(-ENOMEM, "image");
	memcpy(d->image, d->map, d->len);
	keep(d);
	damage_list(d);
}

void
damage_free(struct damage *d)
{
	munmap(d->map, d->len);
	close(d->fd);
	free(d->image);
	free(d->fields);
}

static void
name_again(const char *kept, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 && link(kept, path) < 0)
		damage_need(-errno, path);
}

void
damage_restore(struct damage *d)
{
	name_again(d->keep[0], d->path);
	name_again(d->keep[1], d->lock);
	if (ftruncate(d->fd, (off_t)d->len) < 0)
		damage_need(-errno, "truncate");
	memcpy(d->map, d->image, d->len);
}

size_t
damage_field_variants(const struct damage *d)
{
	return d->field_cnt * DAMAGE_HOWS;
}

const struct damage_field *
damage_field_of(const struct damage *d, size_t variant)
{
	return &d->fields[variant / DAMAGE_HOWS];
}

void
damage_field_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	static const char *const hows[] = {"zero", "ones", "one more",
					   "one less", "random"};

	snprintf(buf, cap, "%s: %s", damage_field_of(d, variant)->name,
		 hows[variant % DAMAGE_HOWS]);
}

void
damage_field_apply(struct damage *d, size_t variant)
{
	const struct damage_field *f = damage_field_of(d, variant);
	enum damage_how how = variant % DAMAGE_HOWS;
	uint8_t *p = d->map + f->off;
	size_t n = f->len < 8 ? f->len : 8;
	uint64_t v = 0;

	switch (how) {
	case DAMAGE_ZERO:
	case DAMAGE_ONES:
		memset(p, how == DAMAGE_ONES ? 0xff : 0, f->len);
		return;
	case DAMAGE_PLUS:
	case DAMAGE_MINUS:
		memcpy(&v, p, n);
		v += how == DAMAGE_PLUS ? 1u : UINT64_MAX;
		memcpy(p, &v, n);
		return;
	default:
		rng_fill(&d->rng, p, f->len);
	}
}

/* ---- the loop
 * ---------------------------------------------------------------- */

/* What both processes see. */
struct report {
	size_t variant;
	const char *step; /* of this program's text, which is in both */
};

static struct report no_report, *report = &no_report;

void
damage_step(const char *step)
{
	report->step = step;
}

void
damage_must_at(int ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	printf("%s:%d: %s\n", file, line, what);
	fflush(NULL);
	_exit(95);
}

int64_t
damage_answer_at(int64_t rc, const char *what, const char *file, int line)
{
	bool means =
	    rc >= 0 ||
	    (rc >= INT32_MIN && rc != -ENOMEM && rc != -EFAULT &&
	     strcmp(weir_strerror((int)rc), weir_strerror(INT32_MIN)) != 0);

	if (!means)
		printf("answer: %lld\n", (long long)rc);
	damage_must_at(means, what, file, line);
	return rc;
}

/* A damaged size must not become a wish for memory: there is little. */
#define MEMORY_MOST (512u << 20)

static void
limit_memory(void)
{
	struct rlimit r = {MEMORY_MOST, MEMORY_MOST};

	/* asan takes terabytes of addresses, and has a limit of its own */
	if (!guard_by_asan())
		setrlimit(RLIMIT_AS, &r);
}

static void
limit_time(void)
{
	struct itimerval cpu = {.it_value = {.tv_sec = PIECE_CPU_S}};
	struct itimerval wall = {.it_value = {.tv_sec = PIECE_WALL_S}};

	setitimer(ITIMER_PROF, &cpu, NULL);
	setitimer(ITIMER_REAL, &wall, NULL);
}

static void
piece(struct damage *d, damage_use *use, size_t variant)
{
	size_t fenced = guard_cnt();
	struct rng rng = d->rng;

	report->variant = variant;
	report->step = "begin";
	/* the same random bytes wherever a sweep begins */
	d->rng.state += variant * 0x9e3779b97f4a7c15u;
	limit_time();
	damage_restore(d);
	use(d, variant);
	damage_must(guard_cnt() == fenced); /* all unmapped that was mapped */
	d->rng = rng;
}

static void
say(const struct damage *d, damage_name *name, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char buf[128];

	name(d, report->variant, buf, sizeof(buf));
	t_log("%s: in \"%s\": ", buf, report->step);
	if (sig == SIGPROF)
		t_log("%d s of the processor, and no end\n", PIECE_CPU_S);
	else if (sig == SIGALRM)
		t_log("%d s, and no end\n", PIECE_WALL_S);
	else if (sig)
		t_log("signal %d\n", sig);
	else
		t_log("exit %d\n", WEXITSTATUS(status));
}

void
damage_no_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	(void)d;
	(void)variant;
	snprintf(buf, cap, "nothing");
}

int
damage_sweep(struct damage *d, damage_use *use, damage_name *name, size_t cnt,
	     unsigned stride, unsigned long *tried)
{
	size_t at = d->rng.state % stride;
	int status, bad = 0;
	pid_t pid;

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		return 1;
	*tried = 0;
	while (at < cnt && bad < BAD_MOST) {
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			limit_memory();
			for (; at < cnt; at += stride)
				piece(d, use, at);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			bad++;
			break;
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			*tried += (cnt - at + stride - 1) / stride;
			break;
		}
		bad++;
		say(d, name, status);
		*tried += (report->variant - at) / stride + 1;
		at = report->variant + stride;
	}
	damage_restore(d);
	munmap(report, sizeof(*report));
	report = &no_report;
	return bad;
}
