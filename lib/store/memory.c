/* SPDX-License-Identifier: BSD-2-Clause
 *
 * memory.c - WEIR_HUGE_PAGES, WEIR_LOCK_MEMORY, WEIR_PREFAULT: what is done
 * with the memory that a handle is going to use.
 *
 * A store is mostly hole, and the channels that come are not known when it is
 * opened.  So this is asked for twice: for the tables when the store is opened,
 * and for a channel's block when that is.  Nothing else is touched, locked, or
 * counted against RLIMIT_MEMLOCK.  Memory that is locked cannot be given back
 * (MADV_REMOVE refuses it), so a block is unlocked before it is let go.
 *
 * Not for observers: these are about memory that is there, and of a channel
 * that is being removed they could make more of it.
 */
#include "store/internal.h"

#include <errno.h>
#include <inttypes.h>

#include "platform/pages.h"

int
wi_memory_lock(struct weir_store *st, uint64_t off, uint64_t len,
	       weir_diag *diag)
{
	uint64_t most;
	int rc;

	if (!(st->wishes & WEIR_LOCK_MEMORY))
		return 0;
	rc = wi_pages_lock(st->base + off, len);
	if (rc == 0)
		return 0;
	most = wi_pages_lock_limit();
	if ((rc != -ENOMEM && rc != -EPERM) || most == UINT64_MAX)
		return wi_fail(diag, rc,
			       "cannot lock %" PRIu64 " bytes in memory", len);
	return wi_fail(diag, rc,
		       "cannot lock %" PRIu64 " bytes in memory: this process "
		       "may lock %" PRIu64 " in all (RLIMIT_MEMLOCK): raise it "
		       "(ulimit -l; systemd: LimitMEMLOCK=; docker: "
		       "--ulimit memlock=), or give it CAP_IPC_LOCK",
		       len, most);
}

void
wi_memory_unlock(struct weir_store *st, uint64_t off, uint64_t len)
{
	if (st->wishes & WEIR_LOCK_MEMORY)
		wi_pages_unlock(st->base + off, len);
}

int
wi_memory_ready(struct weir_store *st, uint64_t off, uint64_t len,
		weir_diag *diag)
{
	int rc = 0;

	if (st->wishes & WEIR_HUGE_PAGES)
		wi_huge_make(st->base + off, len);
	if (st->wishes & WEIR_PREFAULT)
		rc = wi_pages_fault(st->base + off, len);
	return rc ? wi_fail(
			diag, rc,
			"cannot fault in %" PRIu64 " bytes of the store%s", len,
			rc == -EFAULT ? ": a part of them has no memory" : "")
		  : 0;
}
