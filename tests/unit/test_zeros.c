/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_zeros.c - a new channel is all zeros, also on a system that takes no
 * memory back and does not say what is in memory.
 *
 * The three calls that could do it are refused in this program, as by a file
 * system without holes whose pages are swapped out.
 */
#include "unit/fix.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/internal.h"

static bool is_refused;

int
madvise(void *at, size_t len, int advice)
{
	if (is_refused && advice == MADV_REMOVE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_madvise, at, len, advice);
}

int
mincore(void *at, size_t len, unsigned char *vec)
{
	if (is_refused) {
		memset(vec, 0, (len + wi_page_len() - 1) / wi_page_len());
		return 0;
	}
	return (int)syscall(SYS_mincore, at, len, vec);
}

int
fallocate(int fd, int mode, off_t off, off_t len)
{
	if (is_refused && mode) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_fallocate, fd, mode, off, len);
}

static void
after(void)
{
	is_refused = false;
}

/* The channel's memory, copied. */
static uint8_t *
copy_of(weir_channel *ch, uint64_t *off, uint64_t *len)
{
	const struct wi_shm_entry *e = wi_entry(ch->st, ch->idx);
	uint8_t *copy;

	*off = e->off;
	*len = e->len;
	copy = malloc(*len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, (const uint8_t *)ch->st->base + *off, *len);
	return copy;
}

static void
new_channel_is_as_the_first(void)
{
	weir_store *st = fix_store();
	weir_channel *ch = fix_channel(st, "c", CH_OPTS(.capacity = 64));
	uint64_t off[2], len[2], differ = 0;
	uint8_t *was = copy_of(ch, &off[0], &len[0]), *is;
	weir_producer *p = fix_producer(ch, "p");

	for (int i = 0; i < 100; i++)
		fix_must_put(p, (uint8_t)(i & 0x7f));
	weir_producer_close(p);
	is_refused = true;
	CU_ASSERT_EQUAL_FATAL(weir_channel_remove(st, "c", NULL), 0);
	weir_channel_close(ch);
	ch = fix_channel(st, "c", CH_OPTS(.capacity = 64));
	is = copy_of(ch, &off[1], &len[1]);
	CU_ASSERT_EQUAL_FATAL(off[0], off[1]);
	CU_ASSERT_EQUAL_FATAL(len[0], len[1]);
	for (uint64_t i = 0; i < len[0]; i++)
		differ += was[i] != is[i];
	/* but for the time and place of birth */
	CU_ASSERT(differ <= 32);
	CU_ASSERT_EQUAL(fix_current(ch, NULL), UINT64_MAX);
	fix_must_put(fix_producer(ch, "p"), 5);
	CU_ASSERT_EQUAL(fix_current(ch, "p"), 5);
	free(was);
	free(is);
	weir_store_close(st);
}

SUITE_WITH("zeros", NULL, after, TEST(new_channel_is_as_the_first));
