/* SPDX-License-Identifier: BSD-2-Clause
 *
 * job.h - what a bridge does with the updates of a job unless it is told
 * otherwise.
 */
#ifndef WI_BRIDGE_JOB_H
#define WI_BRIDGE_JOB_H

#include <stdbool.h>
#include <weir/record.h>

/* wi_job_is_completed - is it an update of @job, and the one that has its
 * result? */
bool wi_job_is_completed(const weir_record *in, const char *job);

/* wi_job_result - the update's result as msgpack in buf[cap]; text is read as
 * JSON.  Return: its length, or a negative error, of which @why has the
 * message. */
int64_t wi_job_result(const weir_record *in, void *buf, size_t cap,
		      weir_diag *why);

#endif
