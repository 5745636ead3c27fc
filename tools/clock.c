/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"

#include <time.h>

static int64_t
now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t
clock_mono(void)
{
	return now(CLOCK_MONOTONIC);
}

int64_t
clock_real(void)
{
	return now(CLOCK_REALTIME);
}
