/* SPDX-License-Identifier: BSD-2-Clause */
#include "current.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 16 /* the value can grow between two, or move under our eyes */

int
current_value(weir_channel *ch, const char *producer, void **buf,
	      weir_record *rec)
{
	size_t cap = 1 << 16;
	int rc = -EAGAIN, i;

	*buf = NULL;
	for (i = 0; i < TRIES; i++) {
		free(*buf);
		*buf = malloc(cap);
		if (!*buf)
			return -ENOMEM;
		memset(rec, 0, sizeof(*rec));
		rc = weir_current(ch, producer, *buf, cap, rec);
		if (rc != -ENOBUFS && rc != -EAGAIN)
			break;
		if (rc == -ENOBUFS && rec->len > cap)
			cap = rec->len;
	}
	return rc;
}
