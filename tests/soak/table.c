/* SPDX-License-Identifier: BSD-2-Clause
 *
 * table.c - see table.h
 */
#include "soak/table.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t term;

static void
on_term(int sig)
{
	(void)sig;
	term = 1;
}

void
soak_catch_term(void)
{
	/* without SA_RESTART: who waits for space is to come back */
	struct sigaction sa = {.sa_handler = on_term};

	term = 0;
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGINT, SIG_IGN); /* of the terminal: the conductor ends us */
}

int
soak_over(const struct soak *s)
{
	return term || kit_get(&s->t->stop);
}

void
soak_event(struct soak *s, const char *what, int64_t a, int64_t b)
{
	struct soak_event *e = &s->me->events[s->me->event_cnt++ % SOAK_EVENTS];

	*e = (struct soak_event){proc_now_ns(), what, a, b};
}

static void
say(struct soak_table *t, const char *who, const char *fmt, va_list ap)
{
	uint64_t i = kit_add(&t->fail_cnt, 1) - 1;
	int at;

	if (i >= SOAK_FAILS)
		return;
	at = snprintf(t->fails[i], SOAK_TEXT, "%s: ", who);
	vsnprintf(t->fails[i] + at, (size_t)(SOAK_TEXT - at), fmt, ap);
}

void
soak_fail(struct soak *s, const char *fmt, ...)
{
	char who[48];
	va_list ap;

	snprintf(who, sizeof(who), "slot %u, process %u (pid %ld)", s->slot,
		 s->turn, (long)getpid());
	va_start(ap, fmt);
	say(s->t, who, fmt, ap);
	va_end(ap);
	_exit(SOAK_FAILED);
}

void
soak_tell(struct soak_table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, "conductor", fmt, ap);
	va_end(ap);
}

uint64_t
soak_born(struct soak *s, uint32_t plan, uint64_t gen)
{
	uint64_t who = kit_add(&s->t->life_cnt, 1);
	struct soak_life *l = &s->t->lives[who % SOAK_LIVES];

	kit_set(&l->who, 0);
	l->gen = gen;
	l->tried = l->done = 0;
	l->slot = s->slot;
	l->plan = plan;
	l->born = kit_add(&s->t->clock, 1);
	kit_set(&l->who, who);
	return who;
}

struct soak_life *
soak_life(struct soak_table *t, uint64_t who)
{
	struct soak_life *l = &t->lives[who % SOAK_LIVES];

	return who && kit_get(&l->who) == who ? l : NULL;
}

#define SEQ_BITS 40
#define SEQ_MASK ((UINT64_C(1) << SEQ_BITS) - 1)

uint64_t
soak_new_gen(struct soak_table *t, uint32_t plan)
{
	return kit_add(&t->gen_cnt[plan], 1) * SOAK_PLANS + plan;
}

static struct soak_ground *
ground(struct soak_table *t, uint64_t gen)
{
	return &t->grounds[gen % SOAK_PLANS][gen / SOAK_PLANS % SOAK_GROUNDS];
}

void
soak_raise(struct soak_table *t, uint64_t gen, uint64_t seq)
{
	uint64_t *word = &ground(t, gen)->newest;
	uint64_t val = gen << SEQ_BITS | (seq & SEQ_MASK);
	uint64_t old = kit_get(word);

	while (old < val &&
	       !__atomic_compare_exchange_n(word, &old, val, 0,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

uint64_t
soak_newest(struct soak_table *t, uint64_t gen)
{
	uint64_t word = kit_get(&ground(t, gen)->newest);

	return word >> SEQ_BITS == gen ? word & SEQ_MASK : 0;
}

struct soak_will *
soak_will(struct soak_table *t, uint64_t gen, uint32_t slot)
{
	return &ground(t, gen)->wills[slot];
}

/* A word of digests: bits 48..63 the generation, 32..47 how often the places
 * have been used by seqs of it, 0..31 the digest. */
int
soak_note(struct soak_table *t, uint64_t gen, uint64_t seq, uint64_t digest)
{
	uint64_t *word = &ground(t, gen)->digests[seq % SOAK_SEQS];
	uint32_t age = (uint32_t)(gen << 16 | (seq / SOAK_SEQS & 0xffff));
	uint64_t val = (uint64_t)age << 32 | (uint32_t)(digest ^ digest >> 32);
	uint64_t old = kit_get(word);

	for (;;) {
		if (old >> 32 == age && old != 0)
			return old == val;
		if (old != 0 && (int32_t)(age - (uint32_t)(old >> 32)) < 0)
			return 2; /* we come late */
		if (__atomic_compare_exchange_n(
			word, &old, val, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return 2;
	}
}
