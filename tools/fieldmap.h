/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fieldmap.h - a record made of parts of another one: "--set POINTER=VALUE".
 *
 *     /title="Summary"      a JSON value
 *     /content=@/result     what is there in the other record
 *     /meta/by=@/jobId      an object in the object
 */
#ifndef WI_TOOLS_FIELDMAP_H
#define WI_TOOLS_FIELDMAP_H

#include <weir/record.h>

#include "opts.h"

struct fieldmap;

/* fieldmap_parse - from the values of --set.
 * Return: 0; X_USAGE after having said what is wrong; X_FAILED. */
int fieldmap_parse(const struct opt_list *sets, struct fieldmap **out);
void fieldmap_free(struct fieldmap *m);

/* fieldmap_make - the record as msgpack in buf[cap], from @in.
 * Return: its length; -ENOENT, -EMSGSIZE or WEIR_EMSGPACK, and why. */
int64_t fieldmap_make(const struct fieldmap *m, const weir_record *in,
		      void *buf, size_t cap, weir_diag *why);

#endif
