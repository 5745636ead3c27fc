/* SPDX-License-Identifier: BSD-2-Clause
 *
 * probe.h - places where tracers (bpftrace, perf, gdb, systemtap) can look in:
 * USDT probes of the provider "weir".
 *
 *     WI_PROBE4(publish, channel, producer, seq, len);
 *
 * A probe is a nop and a note in the file that says where it is and where its
 * arguments lie just then.  So what is given should be at hand anyway: what
 * is computed for a probe alone is computed by everybody.  Names are pointers
 * to text that ends in a NUL.
 *
 * The probes and their arguments are part of the interface: weir-trace(1), PROBES.
 *
 * Where <sys/sdt.h> (systemtap-sdt-dev) is missing there are none.
 */
#ifndef WI_BASE_PROBE_H
#define WI_BASE_PROBE_H

#if defined(__has_include)
#if __has_include(<sys/sdt.h>)
#ifdef __clang__ /* given the choice, it copies what it has to the stack */
#define STAP_SDT_ARG_CONSTRAINT nr
#endif
#include <sys/sdt.h>
#endif
#endif

#ifdef STAP_PROBE4
#ifdef __clang__ /* its macros are GNU's, and clang tells whoever uses them */
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#endif
#define WI_PROBE3(name, a, b, c)    STAP_PROBE3(weir, name, a, b, c)
#define WI_PROBE4(name, a, b, c, d) STAP_PROBE4(weir, name, a, b, c, d)
#else
#define WI_PROBE3(name, a, b, c)    ((void)(a), (void)(b), (void)(c))
#define WI_PROBE4(name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#endif
