/* SPDX-License-Identifier: BSD-2-Clause */
#include "bridge/job.h"

#include <errno.h>
#include <string.h>
#include <weir/bridge.h>

#include "base/diag.h"

static bool
is_text(const weir_record *in, const char *pointer, const char *want)
{
	weir_value v;

	return weir_record_find(in, pointer, &v) == 0 && v.type == WEIR_STR &&
	       v.len == strlen(want) && memcmp(v.ptr, want, v.len) == 0;
}

bool
wi_job_is_completed(const weir_record *in, const char *job)
{
	return is_text(in, "/jobId", job) &&
	       is_text(in, "/status", "completed");
}

int64_t
wi_job_result(const weir_record *in, void *buf, size_t cap, weir_diag *why)
{
	weir_value v;
	int64_t n;

	if (weir_record_find(in, "/result", &v) != 0)
		return wi_fail(why, -ENOENT, "the update has no result");
	if (v.type == WEIR_STR) {
		n = weir_json_to_msgpack(v.ptr, v.len, buf, cap, why);
		if (n != -ENOBUFS)
			return n;
	} else if (v.raw_len <= cap) {
		memcpy(buf, v.raw, v.raw_len);
		return (int64_t)v.raw_len;
	}
	return wi_fail(why, -EMSGSIZE,
		       "the result is longer than the %zu bytes that the "
		       "target takes",
		       cap);
}

static const char schema[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
    "\"title\":\"Updates of jobs\",\"type\":\"object\",\"properties\":{"
    "\"jobId\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128},"
    "\"type\":{\"type\":\"string\"},"
    "\"status\":{\"enum\":[\"queued\",\"running\",\"progress\","
    "\"completed\",\"failed\",\"cancelled\"]},"
    "\"progress\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
    "\"message\":{\"type\":\"string\"},"
    "\"result\":true,"
    "\"error\":{\"type\":\"string\"},"
    "\"startedAt\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"finishedAt\":{\"type\":\"string\",\"format\":\"date-time\"}},"
    "\"required\":[\"jobId\",\"status\"]}";

int
weir_jobs_open(weir_store *store, weir_channel **out, weir_diag *diag)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 1024,
			       .max_producers = 32,
			       .max_record = 1u << 16,
			       .lane_bytes = 1u << 18,
			       .orphans = WEIR_EVICT,
			       .schema = schema};
	int rc = weir_channel_open(store, WEIR_BRIDGE_FROM, NULL, out, diag);

	/* one that is there may have been made otherwise, by whoever knows why
	 */
	return rc == -ENOENT
		   ? weir_channel_open(store, WEIR_BRIDGE_FROM, &o, out, diag)
		   : rc;
}
