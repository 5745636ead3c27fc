/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic.h"
#include "platform/clock.h"

/* Kernel headers before 5.16 do not have these. */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef FUTEX_32
#define FUTEX_32 2
#endif

/* struct futex_waitv, as the kernel reads it */
struct wait_entry {
	uint64_t val;
	uint64_t addr;
	uint32_t flags;
	uint32_t zero;
};

/* How long a sleep on one word of several may be. */
#define SLICE_NS 50000000
/* And a sleep on none. */
#define NAP_NS 1000000

/* ---- sleeping and waking
 * ----------------------------------------------------- */

/* Process-wide; what one thread has found out is true for all. */
static uint32_t waitv_absent;

void
wi_futex_waitv_absent(bool absent)
{
	wi_store_relaxed_32(&waitv_absent, absent);
}

/* No deadline is one in 292 years: a timed sleep is interrupted by every
 * signal handler, another one only by those without SA_RESTART. */
static struct timespec
timespec_of(int64_t ns)
{
	struct timespec t = {0};

	if (ns > 0) {
		t.tv_sec = ns / 1000000000;
		t.tv_nsec = ns % 1000000000;
	}
	return t;
}

/* Anything else is a kernel, or a filter, that would not let us sleep. */
static bool
is_answer(int r)
{
	return r >= 0 || r == -EAGAIN || r == -ETIMEDOUT || r == -EINTR;
}

static int
wait_one(const struct wi_wait_word *w, int64_t deadline_ns)
{
	struct timespec t = timespec_of(deadline_ns);
	int op = FUTEX_WAIT_BITSET | (w->is_private ? FUTEX_PRIVATE_FLAG : 0);
	int r = 0;

	if (syscall(SYS_futex, w->word, op, w->val, &t, NULL,
		    FUTEX_BITSET_MATCH_ANY) < 0)
		r = -errno;
	if (is_answer(r))
		return r;
	/* callers look again and again, and should not do so all the time */
	r = wi_sleep_until(wi_deadline(NAP_NS));
	return r == -EINTR ? r : -EAGAIN;
}

static int
wait_many(const struct wi_wait_word *words, int cnt, int64_t deadline_ns)
{
	struct timespec t = timespec_of(deadline_ns);
	struct wait_entry entries[WI_WAIT_MAX];
	long r;

	for (int i = 0; i < cnt; i++)
		entries[i] = (struct wait_entry){
		    .val = words[i].val,
		    .addr = (uintptr_t)words[i].word,
		    .flags = FUTEX_32 |
			     (words[i].is_private ? FUTEX_PRIVATE_FLAG : 0),
		};
	r = syscall(SYS_futex_waitv, entries, cnt, 0, &t, CLOCK_MONOTONIC);
	return r < 0 ? -errno : (int)r;
}

/* The first word only, and not for long. */
static int
wait_slice(const struct wi_wait_word *words, int cnt, int64_t deadline_ns)
{
	int64_t slice_ns = wi_deadline(SLICE_NS);
	int r;

	for (int i = 1; i < cnt; i++)
		if (wi_load_relaxed_32(words[i].word) != words[i].val)
			return -EAGAIN;
	if (deadline_ns <= slice_ns)
		return wait_one(words, deadline_ns);
	r = wait_one(words, slice_ns);
	return r == -ETIMEDOUT ? -EAGAIN : r;
}

int
wi_futex_wait(const struct wi_wait_word *words, int cnt, int64_t deadline_ns)
{
	int r;

	if (cnt < 1 || cnt > WI_WAIT_MAX)
		return -EINVAL;
	if (cnt == 1)
		return wait_one(words, deadline_ns);
	if (wi_load_relaxed_32(&waitv_absent))
		return wait_slice(words, cnt, deadline_ns);
	r = wait_many(words, cnt, deadline_ns);
	if (is_answer(r))
		return r;
	if (r == -ENOSYS || r == -EPERM)
		wi_futex_waitv_absent(true);
	return wait_slice(words, cnt, deadline_ns);
}

int
wi_futex_wake(const uint32_t *word, int cnt, bool is_private)
{
	int op = FUTEX_WAKE | (is_private ? FUTEX_PRIVATE_FLAG : 0);
	int saved = errno; /* not ours, if this runs in a signal handler */
	long r = syscall(SYS_futex, word, op, cnt > 0 ? cnt : INT_MAX, NULL,
			 NULL, 0);
	int err = r < 0 ? -errno : 0;

	errno = saved;
	return err ? err : (int)r;
}

/* ---- the bell
 * ---------------------------------------------------------------- */

_Thread_local struct wi_bell_home wi_bell_home
    __attribute__((tls_model("initial-exec")));

/* After fork libc keeps the list where it was, for the thread that is left. */
void
wi_bell_ask(void)
{
	struct robust_list_head *head = NULL;
	size_t len = 0;

	_Static_assert(sizeof(head->list_op_pending) == sizeof(uintptr_t),
		       "the kernel's pointer");
	if (syscall(SYS_get_robust_list, 0, &head, &len) == 0 && head &&
	    len >= sizeof(*head)) {
		wi_bell_home.pending = (uintptr_t *)&head->list_op_pending;
		wi_bell_home.offset = (uintptr_t)head->futex_offset;
	}
	wi_bell_home.is_asked = true;
}

/* ---- fences on the far side
 * -------------------------------------------------- */

static int
membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0) < 0 ? -errno : 0;
}

int
wi_membarrier_register(void)
{
	return membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

int
wi_membarrier(void)
{
	return membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}
