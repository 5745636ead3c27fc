/* SPDX-License-Identifier: BSD-2-Clause
 *
 * heapseam.h - a place to stand: in front of the allocator.
 *
 * A program that includes this, in one file, has its own malloc() and kin,
 * which count (heap.h), fail when they are told to, and leave the work to
 * those of the C library, or of the sanitizer.
 */
#ifndef WI_TESTS_FAULT_HEAPSEAM_H
#define WI_TESTS_FAULT_HEAPSEAM_H

#include <errno.h>
#include <stddef.h>

#include "fault/heap.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEAP_REAL(name) __interceptor_##name
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_REAL(name) __interceptor_##name
#endif
#endif
#ifdef HEAP_REAL
#define HEAP_IS_SLOW true
#else
#define HEAP_REAL(name) __libc_##name
#define HEAP_IS_SLOW	false
#endif

void *HEAP_REAL(malloc)(size_t len);
void *HEAP_REAL(calloc)(size_t cnt, size_t len);
void *HEAP_REAL(realloc)(void *p, size_t len);
void HEAP_REAL(free)(void *p);

/* May this one be made? */
static bool
heap_may(void)
{
	uint64_t n = __atomic_add_fetch(&heap.made, 1, __ATOMIC_RELAXED);

	if (!heap.fail_at ||
	    (heap.from_then ? n < heap.fail_at : n != heap.fail_at))
		return true;
	errno = ENOMEM;
	return false;
}

static void *
heap_count(void *p, int64_t was)
{
	__atomic_add_fetch(&heap.live, (p != NULL) - was, __ATOMIC_RELAXED);
	return p;
}

void *malloc(size_t len);
void *calloc(size_t cnt, size_t len);
void *realloc(void *p, size_t len);
void free(void *p);

void *
malloc(size_t len)
{
	return heap_may() ? heap_count(HEAP_REAL(malloc)(len), 0) : NULL;
}

void *
calloc(size_t cnt, size_t len)
{
	return heap_may() ? heap_count(HEAP_REAL(calloc)(cnt, len), 0) : NULL;
}

void *
realloc(void *p, size_t len)
{
	void *q;

	if (!heap_may())
		return NULL;
	q = HEAP_REAL(realloc)(p, len);
	if (q)
		heap_count(q, p != NULL);
	return q;
}

void
free(void *p)
{
	if (p)
		heap_count(NULL, 1);
	HEAP_REAL(free)(p);
}

#endif
