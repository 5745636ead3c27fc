/* SPDX-License-Identifier: BSD-2-Clause */
#include "bridge/job.h"

#include <errno.h>
#include <string.h>

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
