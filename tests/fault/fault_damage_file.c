/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_damage_file.c - the files of a store, treated badly: cut, made longer,
 * with holes in them, replaced by something else, gone.
 *
 * A file that is cut under a live mapping is not in here: whoever touches what
 * is gone gets SIGBUS, as the README says.
 */
#include "fault/damage.h"
#include "fault/damage_work.h"
#include "support/harness.h"
#include "support/tmpstore.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/layout.h"

static struct damage base;

/* What attaching says; what can be opened is used. */
static int
attach(uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_store *st;
	int rc = (int)damage_answer(weir_store_open(base.name, &o, &st, NULL));

	if (rc == 0) {
		weir_channel *ch;

		work_look(st, NULL);
		for (int i = 0; !flags && i < DAMAGE_CHANNELS; i++)
			if (damage_answer(weir_channel_open(
				st, damage_channels[i], NULL, &ch, NULL)) ==
			    0) {
				work_join(ch);
				weir_channel_close(ch);
			}
	}
	weir_store_close(st);
	return rc;
}

/* ---- lengths
 * ---------------------------------------------------------------- */

#define CUTS 64

static size_t
cut_at(size_t variant)
{
	static const size_t first[] = {0, 1, 7, 8, 9, 271, 272, 4095, 4096};
	size_t n = sizeof(first) / sizeof(*first);

	return variant < n ? first[variant]
			   : base.len - 1 - (variant - n) * (base.len / CUTS);
}

static void
cut(struct damage *d, size_t variant)
{
	size_t at = cut_at(variant);

	damage_must(ftruncate(d->fd, (off_t)at) == 0);
	for (uint32_t flags = 0; flags <= WEIR_READ_ONLY;
	     flags += WEIR_READ_ONLY)
		damage_must(attach(flags) ==
			    (at < 8 ? WEIR_ENOTSTORE : WEIR_ETRUNC));
}

static void
cut_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	(void)d;
	snprintf(buf, cap, "cut at %zu", cut_at(variant));
}

static void
sweep(damage_use *use, damage_name *name, size_t cnt)
{
	unsigned long tried;
	int bad = damage_sweep(&base, use, name, cnt, 1, &tried);

	t_log("# fault_damage_file: %lu damaged stores, %d ended badly\n",
	      tried, bad);
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_EQUAL(tried, cnt);
}

static void
file_cut(void)
{
	sweep(cut, cut_name, CUTS);
}

static void
longer(struct damage *d, size_t variant)
{
	uint8_t junk[5000];

	rng_fill(&d->rng, junk, sizeof(junk));
	damage_must(pwrite(d->fd, junk, sizeof(junk), (off_t)d->len) ==
		    (ssize_t)sizeof(junk));
	damage_must(attach(variant ? WEIR_READ_ONLY : 0) == 0);
}

static void
longer_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	(void)d;
	snprintf(buf, cap, "longer, %s", variant ? "observed" : "attached");
}

static void
file_with_more_behind_it(void)
{
	sweep(longer, longer_name, 2);
}

/* ---- holes
 * ------------------------------------------------------------------ */

static void
punch(struct damage *d, size_t variant)
{
	memset(d->map + variant * WI_PAGE, 0, WI_PAGE);
	damage_must(fallocate(d->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)(variant * WI_PAGE), WI_PAGE) == 0);
}

static void
hole(struct damage *d, size_t variant)
{
	int rc;

	punch(d, variant);
	rc = attach(WEIR_READ_ONLY);
	damage_must(variant ? rc == 0 : rc == WEIR_ENOTSTORE);
	rc = attach(0);
	damage_must(variant ? rc == 0 : rc == WEIR_ENOTSTORE);
}

static void
hole_below(struct damage *d, size_t variant)
{
	weir_store_opts o = {.size = sizeof(o)};
	weir_channel *ch[DAMAGE_CHANNELS];
	weir_store *st;

	damage_must(weir_store_open(d->name, &o, &st, NULL) == 0);
	for (int i = 0; i < DAMAGE_CHANNELS; i++)
		damage_must(weir_channel_open(st, damage_channels[i], NULL,
					      &ch[i], NULL) == 0);
	punch(d, variant);
	for (int i = 0; i < DAMAGE_CHANNELS; i++) {
		work_look_channel(ch[i]);
		work_join(ch[i]);
	}
	work_change(st, "wide");
	weir_store_close(st);
}

static void
hole_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	(void)d;
	snprintf(buf, cap, "a hole at page %zu", variant);
}

static void
file_with_a_hole(void)
{
	sweep(hole, hole_name, base.len / WI_PAGE);
}

static void
file_with_a_hole_made_under_its_users(void)
{
	sweep(hole_below, hole_name, base.len / WI_PAGE);
}

/* ---- something else
 * ------------------------------------------------------------ */

enum {
	DATA_GONE,
	DATA_EMPTY,
	DATA_TEXT,
	DATA_DIR,
	DATA_FIFO,
	DATA_LINK,
	LOCK_GONE,
	LOCK_OTHER,
	LOCK_DIR,
	LOCK_FIFO,
	LOCK_LINK,
	LOCK_LONG,
	FILES
};

static const char *const file_names[] = {"no data file",
					 "an empty file",
					 "a text",
					 "a directory",
					 "a fifo",
					 "a symlink",
					 "no lock file",
					 "another lock file",
					 "locks: a directory",
					 "locks: a fifo",
					 "locks: a symlink",
					 "a lock file with something in it"};

static const int file_answers[FILES][2] = {
    /* attached, observed */
    [DATA_GONE] = {-ENOENT, -ENOENT},
    [DATA_EMPTY] = {WEIR_ENOTSTORE, WEIR_ENOTSTORE},
    [DATA_TEXT] = {WEIR_ENOTSTORE, WEIR_ENOTSTORE},
    [DATA_DIR] = {WEIR_EUNSAFE, WEIR_EUNSAFE},
    [DATA_FIFO] = {WEIR_EUNSAFE, WEIR_EUNSAFE},
    [DATA_LINK] = {WEIR_EUNSAFE, WEIR_EUNSAFE},
    [LOCK_GONE] = {WEIR_ECORRUPT, 0},
    [LOCK_OTHER] = {WEIR_ECORRUPT, 0},
    [LOCK_DIR] = {-EISDIR, 0},
    [LOCK_FIFO] = {WEIR_ECORRUPT, 0},
    [LOCK_LINK] = {-ELOOP, 0},
    [LOCK_LONG] = {0, 0},
};

static void
put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	damage_must(fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
other(struct damage *d, size_t variant)
{
	const char *path = variant < LOCK_GONE ? d->path : d->lock;
	int rc;

	if (variant != LOCK_LONG)
		damage_must(unlink(path) == 0);
	switch (variant) {
	case DATA_EMPTY:
	case LOCK_OTHER:
		put_file(path, "");
		break;
	case DATA_TEXT:
		put_file(path, "this is a text of more than eight bytes\n");
		break;
	case DATA_DIR:
	case LOCK_DIR:
		damage_must(mkdir(path, 0700) == 0);
		break;
	case DATA_FIFO:
	case LOCK_FIFO:
		damage_must(mkfifo(path, 0600) == 0);
		break;
	case DATA_LINK:
		damage_must(symlink(d->keep[0], path) == 0);
		break;
	case LOCK_LINK:
		damage_must(symlink(d->keep[1], path) == 0);
		break;
	case LOCK_LONG:
		put_file(path, "somebody wrote to the lock file");
	}
	rc = attach(0);
	if (rc != file_answers[variant][0])
		printf("attached: %d\n", rc);
	damage_must(rc == file_answers[variant][0]);
	rc = attach(WEIR_READ_ONLY);
	if (rc != file_answers[variant][1])
		printf("observed: %d\n", rc);
	damage_must(rc == file_answers[variant][1]);
	if (variant == LOCK_LONG)
		damage_must(truncate(path, 0) == 0);
	else
		remove(path);
}

static void
other_name(const struct damage *d, size_t variant, char *buf, size_t cap)
{
	(void)d;
	snprintf(buf, cap, "%s", file_names[variant]);
}

static void
file_that_is_something_else(void)
{
	sweep(other, other_name, FILES);
}

static void
make(void)
{
	if (!base.map)
		damage_make(&base, t_seed(1));
}

SUITE_WITH("fault_damage_file", make, NULL, TEST(file_cut),
	   TEST(file_with_more_behind_it), TEST(file_with_a_hole),
	   TEST(file_with_a_hole_made_under_its_users),
	   TEST(file_that_is_something_else));
