/* SPDX-License-Identifier: BSD-2-Clause
 *
 * atomic.h - every memory operation that more than one process may see.
 *
 * No other file names a memory order, a barrier or volatile.  The names say
 * the order; the pairs that they form are tabled where they are used (the
 * heads of ring/, notify/ and store/ files).
 *
 * Two bodies: Concurrency Kit's ck_pr in every build but tsan, where inline
 * assembly is opaque to the tool and the same names stand on __atomic.  What
 * is 16 bytes is aligned to 16; where several may change it at once they use
 * wi_cas_128, where one alone may, it stores the halves in order.  There
 * is no 16-byte load, because on x86-64 it would be a locked write, which
 * faults on a read-only mapping.  Readers load seq, payload word, seq again.
 */
#ifndef WI_BASE_ATOMIC_H
#define WI_BASE_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* {seq, word}: what one wi_cas_128 changes. */
struct wi_pair {
	uint64_t seq;
	uint64_t word;
} __attribute__((aligned(16)));

#ifdef WI_TSAN

static inline uint32_t
wi_load_relaxed_32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint64_t
wi_load_relaxed(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint64_t
wi_load_acquire(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void
wi_store_relaxed_32(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void
wi_store_relaxed(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void
wi_store_release(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* tsan knows no stand-alone fences; these keep the code's meaning on x86 and
 * the tool sees the synchronisation of the loads and stores around them. */
static inline void
wi_fence_acquire(void)
{
	__asm__ __volatile__("" ::: "memory");
}

static inline void
wi_fence_release(void)
{
	__asm__ __volatile__("" ::: "memory");
}

static inline void
wi_fence_sc(void)
{
	uint32_t word = 0;

	__atomic_fetch_add(&word, 0, __ATOMIC_SEQ_CST);
}

static inline bool
wi_cas(uint64_t *p, uint64_t old, uint64_t val)
{
	return __atomic_compare_exchange_n(p, &old, val, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline uint64_t
wi_fetch_or(uint64_t *p, uint64_t bits)
{
	return __atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST);
}

static inline uint64_t
wi_fetch_and(uint64_t *p, uint64_t bits)
{
	return __atomic_fetch_and(p, bits, __ATOMIC_SEQ_CST);
}

static inline uint32_t
wi_fetch_add_32(uint32_t *p, uint32_t n)
{
	return __atomic_fetch_add(p, n, __ATOMIC_SEQ_CST);
}

static inline bool
wi_cas_128(struct wi_pair *p, struct wi_pair old, struct wi_pair val)
{
	__extension__ typedef unsigned __int128 u128;
	u128 o, v;

	memcpy(&o, &old, sizeof(o));
	memcpy(&v, &val, sizeof(v));
	return __atomic_compare_exchange_n((u128 *)p, &o, v, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline void
wi_pause(void)
{
}

/* For the compiler only: no load or store is moved across. */
static inline void
wi_barrier(void)
{
	__asm__ __volatile__("" ::: "memory");
}

/* Records are copied out while a producer may be overwriting them, and then
 * thrown away if it did: a race that is meant, so the tool must see relaxed
 * atomics. */
static inline void
wi_copy_out(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;

	for (size_t i = 0; i < len; i++)
		d[i] = __atomic_load_n(s + i, __ATOMIC_RELAXED);
}

static inline void
wi_copy_in(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;

	for (size_t i = 0; i < len; i++)
		__atomic_store_n(d + i, s[i], __ATOMIC_RELAXED);
}

#else

#include <ck_pr.h>

/* ck_pr's read-modify-write operations are relaxed on weakly ordered
 * machines; on x86-64 the lock prefix is the whole fence. */
#if defined(__x86_64__)
#define WI_RMW_FENCE() ck_pr_barrier()
#else
#define WI_RMW_FENCE() ck_pr_fence_strict_memory()
#endif

static inline uint32_t
wi_load_relaxed_32(const uint32_t *p)
{
	return ck_pr_load_32(p);
}

static inline uint64_t
wi_load_relaxed(const uint64_t *p)
{
	return ck_pr_load_64(p);
}

static inline uint64_t
wi_load_acquire(const uint64_t *p)
{
	uint64_t v = ck_pr_load_64(p);

	ck_pr_fence_acquire();
	return v;
}

static inline void
wi_store_relaxed_32(uint32_t *p, uint32_t v)
{
	ck_pr_store_32(p, v);
}

static inline void
wi_store_relaxed(uint64_t *p, uint64_t v)
{
	ck_pr_store_64(p, v);
}

static inline void
wi_store_release(uint64_t *p, uint64_t v)
{
	ck_pr_fence_release();
	ck_pr_store_64(p, v);
}

static inline void
wi_fence_acquire(void)
{
	ck_pr_fence_acquire();
}

static inline void
wi_fence_release(void)
{
	ck_pr_fence_release();
}

/* A locked add to the own stack orders stores before later loads as mfence
 * does, in about half the time; no non-temporal stores are in play. */
static inline void
wi_fence_sc(void)
{
#if defined(__x86_64__)
	uint32_t word = 0;

	ck_pr_add_32(&word, 0);
#else
	ck_pr_fence_strict_memory();
#endif
}

static inline bool
wi_cas(uint64_t *p, uint64_t old, uint64_t val)
{
	bool done;

	WI_RMW_FENCE();
	done = ck_pr_cas_64(p, old, val);
	WI_RMW_FENCE();
	return done;
}

static inline uint64_t
wi_fetch_or(uint64_t *p, uint64_t bits)
{
	uint64_t old;

	do
		old = ck_pr_load_64(p);
	while (!wi_cas(p, old, old | bits));
	return old;
}

static inline uint64_t
wi_fetch_and(uint64_t *p, uint64_t bits)
{
	uint64_t old;

	do
		old = ck_pr_load_64(p);
	while (!wi_cas(p, old, old & bits));
	return old;
}

static inline uint32_t
wi_fetch_add_32(uint32_t *p, uint32_t n)
{
	uint32_t old;

	WI_RMW_FENCE();
	old = ck_pr_faa_32(p, n);
	WI_RMW_FENCE();
	return old;
}

static inline bool
wi_cas_128(struct wi_pair *p, struct wi_pair old, struct wi_pair val)
{
	bool done;

	WI_RMW_FENCE();
	done =
	    ck_pr_cas_64_2((uint64_t *)p, (uint64_t *)&old, (uint64_t *)&val);
	WI_RMW_FENCE();
	return done;
}

static inline void
wi_pause(void)
{
	ck_pr_stall();
}

/* For the compiler only: no load or store is moved across. */
static inline void
wi_barrier(void)
{
	ck_pr_barrier();
}

/* The copy may race with a producer that overwrites; the caller finds out
 * afterwards and throws it away. */
static inline void
wi_copy_out(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len);
}

static inline void
wi_copy_in(void *dst, const void *src, size_t len)
{
	/* A C library may copy very long blocks with stores that pass by
	 * earlier ones; those say that these bytes are not to be trusted. */
	if (len >= 1u << 16)
		wi_fence_sc();
	memcpy(dst, src, len);
}

#endif

/* Raise *p to v; never lower it. */
static inline void
wi_raise(uint64_t *p, uint64_t v)
{
	uint64_t old = wi_load_relaxed(p);

	while ((int64_t)(v - old) > 0 && !wi_cas(p, old, v))
		old = wi_load_relaxed(p);
}

/* Records go in and out in pieces of 16 bytes up to a length, without a call.
 * They lie at multiples of 16, so no piece straddles two lines, as wider ones
 * would: where both sides are at work on the lines, each that does waits for
 * both. */
#define WI_PIECES_MOST 256

typedef uint64_t wi_piece
    __attribute__((vector_size(16), aligned(16), may_alias));

static inline void
wi_move_piece(void *dst, const void *src)
{
	wi_piece v;

	memcpy(&v, src, 16);
	memcpy(dst, &v, 16);
	wi_barrier(); /* keeps many from becoming a call after all */
}

static inline void
wi_move(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;

	for (; len >= 64; len -= 64, s += 64, d += 64) {
		wi_move_piece(d, s);
		wi_move_piece(d + 16, s + 16);
		wi_move_piece(d + 32, s + 32);
		wi_move_piece(d + 48, s + 48);
	}
	for (; len >= 16; len -= 16, s += 16, d += 16)
		wi_move_piece(d, s);
	if (len & 8) {
		memcpy(d, s, 8);
		d += 8;
		s += 8;
	}
	if (len & 4) {
		memcpy(d, s, 4);
		d += 4;
		s += 4;
	}
	for (len &= 3; len; len--)
		*d++ = *s++;
}

static inline void
wi_put(void *dst, const void *src, size_t len)
{
#ifndef WI_TSAN
	if (len <= WI_PIECES_MOST) {
		wi_move(dst, src, len);
		return;
	}
#endif
	wi_copy_in(dst, src, len);
}

static inline void
wi_get(void *dst, const void *src, size_t len)
{
#ifndef WI_TSAN
	if (len <= WI_PIECES_MOST) {
		wi_move(dst, src, len);
		return;
	}
#endif
	wi_copy_out(dst, src, len);
}

/* Ask for the line at @p for writing, before it is written.  The compiler's
 * own prefetch asks for a shared copy on plain x86-64, which costs one more
 * transfer; processors without the instruction ignore it. */
static inline void
wi_want_write(const void *p)
{
#if defined(__x86_64__)
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1, 3);
#endif
}

/* All lines of the @len bytes at @p, for writing; for reading. */
static inline void
wi_prefetch_write(const void *p, size_t len)
{
	const char *at = (const char *)((uintptr_t)p & ~(uintptr_t)63);
	const char *end = (const char *)p + len;

	for (; at < end; at += 64)
		wi_want_write(at);
}

static inline void
wi_prefetch_read(const void *p, size_t len)
{
	const char *at = (const char *)((uintptr_t)p & ~(uintptr_t)63);
	const char *end = (const char *)p + len;

	for (; at < end; at += 64)
		__builtin_prefetch(at, 0, 3);
}

#endif
