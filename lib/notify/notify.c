/* SPDX-License-Identifier: BSD-2-Clause */
#include "notify/notify.h"

void
wi_sleep_mark(const struct wi_ring *r, uint32_t idx, uint64_t t)
{
	wi_store_release(&r->cells[idx].await, t);
	wi_fetch_or(&r->ch->sleepers[idx / 64], 1ull << idx % 64); /* W1 */
}

void
wi_sleep_unmark(const struct wi_ring *r, uint32_t idx)
{
	wi_fetch_and(&r->ch->sleepers[idx / 64], ~(1ull << idx % 64));
}

void
wi_sleep_fence(const struct wi_waker *k)
{
	if (wi_load_relaxed_32(&k->control->need_fence))
		return; /* publishers do it */
	if (wi_membarrier() != 0) {
		wi_store_relaxed_32(&k->control->need_fence, 1);
		wi_fence_sc();
	}
}

/* Wake the owner of one marked cell, if what it waits for has come. */
static void
wake_cell(const struct wi_ring *r, const struct wi_waker *k, uint32_t idx,
	  uint64_t newest, uint64_t *woken)
{
	const struct wi_shm_cell *c = &r->cells[idx];
	uint64_t await = wi_load_acquire(&c->await);
	uint64_t t = await & ~WI_CROWD;
	uint32_t who;

	if (t > newest || await == woken[idx])
		return;
	woken[idx] = await;
	if (!(await & WI_CROWD)) {
		wi_futex_wake(wi_slot_word(r, t), 0, false);
		return;
	}
	who = wi_word_idx(wi_load_relaxed(&c->tag.word));
	if (who >= k->participant_cnt)
		return;
	wi_fetch_add_32(&k->participants[who].crowd, 1);
	wi_futex_wake(&k->participants[who].crowd, 0, false);
}

void
wi_wake(const struct wi_ring *r, const struct wi_waker *k, uint64_t newest,
	uint64_t *woken)
{
	for (uint32_t i = 0; i * 64 < r->g.cell_cnt; i++) {
		uint64_t bits = wi_load_relaxed(&r->ch->sleepers[i]);

		for (; bits; bits &= bits - 1) {
			uint32_t idx = i * 64 + (uint32_t)__builtin_ctzll(bits);

			if (idx < r->g.cell_cnt)
				wake_cell(r, k, idx, newest, woken);
		}
	}
}

struct wi_wait_word
wi_bell_word(struct wi_shm_control *control)
{
	if (wi_load_relaxed_32(&control->bell))
		wi_store_relaxed_32(&control->bell, 0);
	return (struct wi_wait_word){&control->bell, 0, false};
}

void
wi_change(const struct wi_waker *k)
{
	uintptr_t old = wi_bell_arm(&k->control->bell);

	wi_fetch_add_32(&k->control->change, 1);
	wi_futex_wake(&k->control->change, 0, false);
	wi_bell_disarm(old);
}
