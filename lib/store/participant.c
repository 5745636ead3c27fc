/* SPDX-License-Identifier: BSD-2-Clause
 *
 * participant.c - places in the store, and who in them lives.
 *
 * The lock byte of (generation, index) is generation x places + index.  A
 * newcomer to an index first locks a byte that says that it is taking this
 * place; a second newcomer goes on to another.  Then, if the cell says
 * generation g and the byte of g is free, it locks the byte of g + 1, and
 * only then raises the cell to g + 1.  So at most one process holds an index,
 * and an identity that has died is never alive again: nobody but the one
 * newcomer locks the byte of a generation, and each only once.
 *
 * So who holds the taking byte of a place whose generation is dead has its row
 * of `holds` to himself, and may clean it without becoming its holder.
 *
 * Crash.  A lock without the cell raised goes with its process; a cell
 * raised without its fields filled shows old hints for people, nothing more.
 */
#include "store/internal.h"

#include <errno.h>
#include <string.h>

static uint64_t
lock_byte(const struct weir_store *st, uint32_t idx, uint64_t gen)
{
	return (gen & 0x3ffffffu) * st->head.participant_cnt + idx;
}

/* Who takes a place holds this byte + its index meanwhile. */
#define BYTE_TAKING (1ull << 61)

/* The next generation; its 26 bits are never all 0, which would be nobody. */
static uint64_t
next_gen(uint64_t gen)
{
	return (gen + 1) & 0x3ffffffu ? gen + 1 : gen + 2;
}

/* The next holder of place @idx, which only we are taking. */
static int
take_alone(struct weir_store *st, uint32_t idx)
{
	struct wi_shm_participant *p = &st->participants[idx];
	uint64_t gen = wi_load_acquire(&p->gen), next = next_gen(gen);
	int rc;

	if (gen &&
	    wi_life_probe(st->lock_fd, &st->lock_id, lock_byte(st, idx, gen)))
		return WI_HELD;
	rc = wi_life_take(&st->life, st->lock_fd, lock_byte(st, idx, next));
	if (rc != 0)
		return rc;
	if (!wi_cas(&p->gen, gen, next)) {
		wi_life_drop(&st->life, false);
		return WI_HELD;
	}
	st->idx = idx;
	st->who = wi_who(idx, next);
	return 0;
}

/* Try to become the next holder of place @idx.
 * Return: 0, WI_HELD, -errno. */
static int
take(struct weir_store *st, uint32_t idx)
{
	struct wi_life taking = {NULL};
	uint64_t gen = wi_load_acquire(&st->participants[idx].gen);
	int rc;

	if (gen &&
	    wi_life_probe(st->lock_fd, &st->lock_id, lock_byte(st, idx, gen)))
		return WI_HELD; /* the usual case, without two locks */
	rc = wi_life_take(&taking, st->lock_fd, BYTE_TAKING + idx);
	if (rc != 0)
		return rc;
	rc = take_alone(st, idx);
	wi_life_drop(&taking, false);
	return rc;
}

int
wi_participant_take(struct weir_store *st, weir_diag *diag)
{
	uint32_t cnt = st->head.participant_cnt;
	struct wi_shm_participant *p;
	uint8_t command[sizeof(p->command)];
	int rc = WI_HELD;

	for (uint32_t i = 0; i < cnt && rc == WI_HELD; i++)
		rc = take(st, i);
	if (rc == WI_HELD)
		return wi_fail(diag, WEIR_EFULL,
			       "all %u places for participants are taken by "
			       "live processes: make the store with more",
			       cnt);
	if (rc == -EOPNOTSUPP)
		return wi_fail(diag, rc,
			       "this file system does not keep a lock for a "
			       "mapping (overlayfs does not): nobody could "
			       "tell who lives; use a tmpfs");
	if (rc != 0)
		return wi_fail(diag, rc, "cannot lock a place in the store");
	p = &st->participants[st->idx];
	wi_command(command, sizeof(command));
	wi_copy_in(p->command, command, sizeof(command));
	wi_store_relaxed_32(&p->pid, wi_pid());
	wi_store_relaxed(&p->attached_ns, wi_clock_real());
	/* what the last holder had open, it has no longer */
	st->inherited = wi_unhold_all(st, st->idx);
	return 0;
}

int
wi_participant_reap(struct weir_store *st, uint32_t idx)
{
	struct wi_life taking = {NULL};
	uint64_t gen;
	bool had = false;
	int rc = wi_life_take(&taking, st->lock_fd, BYTE_TAKING + idx);

	if (rc != 0)
		return rc == WI_HELD ? 0 : rc; /* a newcomer does it himself */
	/* Whoever holds it now has held it before: nobody takes it now. */
	gen = wi_load_acquire(&st->participants[idx].gen);
	if (!wi_alive(st, wi_who(idx, gen)))
		had = wi_unhold_all(st, idx);
	wi_life_drop(&taking, false);
	return had;
}

bool
wi_alive(const struct weir_store *st, uint64_t word)
{
	uint32_t idx = wi_word_idx(word);

	if ((word & WI_WHO_MASK) == 0)
		return false;
	if ((word & WI_WHO_MASK) == st->who || idx >= st->head.participant_cnt)
		return (word & WI_WHO_MASK) == st->who;
	return wi_life_probe(st->lock_fd, &st->lock_id,
			     lock_byte(st, idx, wi_word_gen(word))) != 0;
}

/* A look that misses somebody's byte is rare even among processes that do
 * nothing but lock; so many in a row are not. */
#define LOOKS 4

enum weir_life
wi_life_of(const struct weir_store *st, uint64_t word)
{
	uint64_t bytes[1024], want;

	if ((word & WI_WHO_MASK) == 0 ||
	    wi_word_idx(word) >= st->head.participant_cnt)
		return WEIR_GONE;
	if (!st->read_only)
		return wi_alive(st, word) ? WEIR_ALIVE : WEIR_GONE;
	if (st->is_copy)
		return WEIR_UNKNOWN;
	want = lock_byte(st, wi_word_idx(word), wi_word_gen(word));
	for (int looks = 0; looks < LOOKS; looks++) {
		int n = wi_life_list(&st->lock_id, bytes, (int)WI_CNT(bytes));

		if (n < 0 || n > (int)WI_CNT(bytes))
			return WEIR_UNKNOWN;
		while (n--)
			if (bytes[n] == want)
				return WEIR_ALIVE;
	}
	return WEIR_GONE;
}

uint32_t
wi_pid_of(const struct weir_store *st, uint64_t word)
{
	uint32_t idx = wi_word_idx(word);
	const struct wi_shm_participant *p = &st->participants[idx];

	if ((word & WI_WHO_MASK) == 0 || idx >= st->head.participant_cnt ||
	    (wi_load_acquire(&p->gen) & 0x3ffffffu) != wi_word_gen(word))
		return 0;
	return wi_load_relaxed_32(&p->pid);
}

int
weir_participant_next(weir_store *st, weir_participant_info *it)
{
	int rc;

	if (!st || !it || it->size < sizeof(*it))
		return -EINVAL;
	rc = wi_mine(st);
	if (rc != 0)
		return rc;
	for (uint32_t i = it->next; i < st->head.participant_cnt; i++) {
		const struct wi_shm_participant *p = &st->participants[i];
		uint64_t gen = wi_load_acquire(&p->gen);

		if (gen == 0)
			continue;
		it->next = i + 1;
		it->idx = i;
		it->generation = gen;
		it->life = wi_life_of(st, wi_who(i, gen));
		it->pid = wi_load_relaxed_32(&p->pid);
		it->attached_ns = wi_load_relaxed(&p->attached_ns);
		wi_copy_out(it->command, p->command, sizeof(it->command));
		it->command[sizeof(it->command) - 1] = 0;
		it->channel_cnt = wi_holds_of(st, i, &it->removed_cnt);
		return 1;
	}
	return 0;
}
