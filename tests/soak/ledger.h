/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ledger.h - what one consumer has seen, and whether that can be right.
 *
 * Each record must be whole, of the channel that it came from, and the same
 * that everybody else saw under its seq.  Seqs follow each other but for what
 * is told as lost.  Each producer's own count rises by one, with holes no
 * larger than what was lost in between.  What the producer was told to be
 * published is there.
 */
#ifndef WI_TESTS_SOAK_LEDGER_H
#define WI_TESTS_SOAK_LEDGER_H

#include "soak/plan.h"
#include "soak/record.h"

#define LEDGER_LIVES 1024u

struct soak_ledger {
	struct soak *s;
	struct soak_hand *hand;
	const struct soak_plan *plan;
	uint64_t gen;
	uint32_t gating;
	uint32_t from;	 /* enum weir_from */
	uint64_t at;	 /* WEIR_FROM_SEQ */
	uint64_t joined; /* by the table's clock, after the open */
	/* figures of the channel before and after the open */
	uint64_t newest_before, newest_after, oldest_before;

	int begun;	 /* the stream has */
	uint64_t value;	 /* seq of the last value before the stream */
	uint64_t next;	 /* the seq that comes next */
	uint64_t lost;	 /* in all, since the start */
	uint64_t taken;	 /* records since the open, over all starts */
	uint64_t forgot; /* the highest life that is no longer remembered */
	struct {
		uint64_t who, n, lost;
	} lives[LEDGER_LIVES];
};

/* Before the open or seek, and after it. */
void soak_ledger_open(struct soak_ledger *l, struct soak *s, uint32_t hand,
		      uint32_t plan, uint64_t gen, uint32_t gating);
void soak_ledger_before(struct soak_ledger *l, weir_channel *ch, uint32_t from,
			uint64_t at);
void soak_ledger_after(struct soak_ledger *l, weir_channel *ch);

/* A record has come.  @asked_ns: when the wait for it began; 0: there was
 * none, or others came before it in the same call. */
void soak_ledger_take(struct soak_ledger *l, const weir_record *rec,
		      int64_t asked_ns);

/* The newest that must be there, and is nothing found: is that right? */
uint64_t soak_ledger_known(const struct soak_ledger *l);
void soak_ledger_none(struct soak_ledger *l, uint64_t known, const char *what);

/* Do the library's own figures say the same? */
void soak_ledger_close(struct soak_ledger *l, weir_consumer *c);

#endif
