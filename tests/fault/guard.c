/* SPDX-License-Identifier: BSD-2-Clause
 *
 * guard.c - see guard.h
 *
 * The program's own mmap() and munmap() take the place of libc's.
 */
#include "fault/guard.h"
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
/* on either side: the lane of a damaged slot, up to 2047, is 2 MiB away */
#define FENCE ((size_t)16 << 20)
#define ROOM  64

static struct {
	uint8_t *at;
	size_t len; /* whole pages; 0: unused */
} fenced[ROOM];

static void *
raw_map(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)syscall(SYS_mmap, at, len, prot, flags, fd, off);
}

static void
note(uint8_t *at, size_t len)
{
	for (int i = 0; i < ROOM; i++) {
		size_t none = 0;

		if (__atomic_compare_exchange_n(&fenced[i].len, &none, len, 0,
						__ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST)) {
			fenced[i].at = at;
			return;
		}
	}
}

void *
mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	size_t whole = (len + PAGE - 1) & ~(PAGE - 1);
	uint8_t *all;
	void *map;

	if (at || fd < 0 || whole <= PAGE || !(flags & MAP_SHARED))
		return raw_map(at, len, prot, flags, fd, off);
	all = raw_map(NULL, whole + 2 * FENCE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (all == MAP_FAILED)
		return MAP_FAILED;
	map = raw_map(all + FENCE, len, prot, flags | MAP_FIXED, fd, off);
	if (map == MAP_FAILED) {
		int err = errno;

		syscall(SYS_munmap, all, whole + 2 * FENCE);
		errno = err;
		return MAP_FAILED;
	}
	note(map, whole);
	return map;
}

int
munmap(void *at, size_t len)
{
	for (int i = 0; i < ROOM; i++) {
		size_t whole = fenced[i].len;

		if (whole == 0 || fenced[i].at != at)
			continue;
		fenced[i].at = NULL;
		__atomic_store_n(&fenced[i].len, 0, __ATOMIC_SEQ_CST);
		return (int)syscall(SYS_munmap, (uint8_t *)at - FENCE,
				    whole + 2 * FENCE);
	}
	return (int)syscall(SYS_munmap, at, len);
}

size_t
guard_cnt(void)
{
	size_t n = 0;

	for (int i = 0; i < ROOM; i++)
		n += fenced[i].len != 0;
	return n;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BY_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define BY_ASAN 1
#endif

#ifdef BY_ASAN
const char *__asan_default_options(void);

/* asan asks for it by this name. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=64:"
	       "quarantine_size_mb=4";
}
#endif

int
guard_by_asan(void)
{
#ifdef BY_ASAN
	return 1;
#else
	return 0;
#endif
}
