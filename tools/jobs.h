/* SPDX-License-Identifier: BSD-2-Clause
 *
 * jobs.h - the jobs of a store: what each said last, and whether anybody still
 * runs it.
 */
#ifndef WI_TOOLS_JOBS_H
#define WI_TOOLS_JOBS_H

#include <weir.h>

#define JOB_TEXT_MAX 512

struct job {
	char id[WEIR_ID_MAX + 1];
	char type[64];
	char status[16]; /* what it said, or "lost": it did not say that it
			    ended, and who ran it is gone */
	char message[JOB_TEXT_MAX]; /* or the error */
	double progress;	    /* < 0: not said */
	uint64_t seq, time_ns;
	uint32_t life; /* enum weir_life, of who runs it */
	uint32_t pid;
};

/* job_is_final - has it completed, failed, been cancelled, or got lost? */
int job_is_final(const struct job *j);

/* jobs_reach - the channel of updates, of a store that is there.  Return: 0, or
 * an exit code after having said why. */
int jobs_reach(uint32_t flags, weir_store **store, weir_channel **ch);

/* jobs_look - the job @id, or all, oldest update first.  *@list is the caller's
 * to free, also after a failure.  Return: 0 or -errno. */
int jobs_look(weir_channel *ch, const char *id, struct job **list, size_t *cnt);

#endif
