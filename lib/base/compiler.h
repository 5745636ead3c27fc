/* SPDX-License-Identifier: BSD-2-Clause
 *
 * compiler.h - what we ask of the compiler beyond C11.
 */
#ifndef WI_BASE_COMPILER_H
#define WI_BASE_COMPILER_H

#define WI_LINE 64 /* bytes that travel between cores together */

#define wi_likely(x)   __builtin_expect(!!(x), 1)
#define wi_unlikely(x) __builtin_expect(!!(x), 0)

/* For the few functions on the way of every record. */
#define wi_inline static inline __attribute__((always_inline))

/* Run when the library is loaded, before main() or within dlopen(). */
#define wi_at_load __attribute__((constructor))

#define WI_CNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
