/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fault_damage_scribble.c - a process writes nonsense into a store while
 * others are at work in it: readers, gating readers, producers, observers,
 * those who come and go, and the command.
 *
 * They get errors, begin again, and go on; none gets a signal, reads outside
 * of the store, or does not end when it is told to.  Now and then all is as it
 * was at first, which to those who are in it is more of the same.
 *
 *     # fault_damage_scribble: W words written, R rounds of N processes, ...
 */
#include "fault/damage.h"
#include "fault/damage_work.h"
#include "support/harness.h"
#include "support/procs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS	     3
#define LONG_SECONDS 120

struct role {
	const char *name;
	void (*round)(const struct role *me);
	const char *channel;
	uint32_t flags; /* of a consumer */
};

static struct damage base;

/* What all processes see. */
static struct {
	int stop;
	unsigned long words, restored;
	unsigned long rounds[16], worked[16];
} * all;

static int
stopped(void)
{
	return __atomic_load_n(&all->stop, __ATOMIC_RELAXED);
}

/* ---- those who work
 * ------------------------------------------------------------ */

static weir_store *
attach(uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_store *st = NULL;

	damage_answer(weir_store_open(base.name, &o, &st, NULL));
	return st;
}

static weir_channel *
channel(weir_store *st, const char *name)
{
	weir_channel *ch = NULL;

	if (st)
		damage_answer(weir_channel_open(st, name, NULL, &ch, NULL));
	return ch;
}

static void worked(const struct role *me);

/* Read until there is an error. */
static void
consume(const struct role *me)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .flags = me->flags, .from = WEIR_FROM_OLDEST};
	weir_store *st = attach(0);
	weir_channel *ch = channel(st, me->channel);
	weir_consumer *c = NULL;
	weir_record rec;
	int rc = 0;

	if (ch)
		damage_answer(weir_consumer_open(ch, me->name, &o, &c, NULL));
	for (int i = 0;
	     c && !stopped() && (rc >= 0 || rc == -EAGAIN) && i < 400; i++) {
		rc = work_read(c, (me->flags & WEIR_CHECK) != 0);
		if (rc == -EAGAIN)
			rc = (int)damage_answer(weir_read(c, &rec, 1, 2000000));
		if (rc > 0)
			worked(me);
		if (rc == -EBUSY)
			break;
	}
	weir_store_close(st);
}

static void
produce(const struct role *me)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = 1000000};
	weir_store *st = attach(0);
	weir_channel *ch = channel(st, me->channel);
	weir_producer *p = NULL;
	uint8_t msg[4] = {0xa3, 'x', 'y', 'z'};
	int64_t rc = 0;

	if (ch)
		damage_answer(weir_producer_open(ch, me->name, &o, &p, NULL));
	for (int i = 0;
	     p && !stopped() && (rc >= 0 || rc == -EAGAIN) && i < 400; i++) {
		work_publish(p);
		rc = damage_answer(weir_publish(p, msg, sizeof(msg), NULL));
		if (rc > 0)
			worked(me);
		if (i % 16 == 0)
			proc_nap_ms(1);
	}
	weir_store_close(st);
}

static void
look(const struct role *me)
{
	weir_store *st = attach(WEIR_READ_ONLY);

	if (st) {
		worked(me);
		work_look(st, NULL);
	}
	weir_store_close(st);
}

static void
come_and_go(const struct role *me)
{
	weir_store *st = attach(0);

	for (int i = 0; st && i < DAMAGE_CHANNELS && !stopped(); i++) {
		weir_channel *ch = channel(st, damage_channels[i]);

		if (!ch)
			continue;
		worked(me);
		work_join(ch);
		weir_channel_close(ch);
	}
	if (st)
		work_change(st, "gate");
	weir_store_close(st);
}

/* The command, which has exit codes of its own and no others. */
static void
command(const struct role *me)
{
	static const char *const verbs[] = {"ls", "dump", "info", "get", "sub"};
	static unsigned turn;
	const char *weir = getenv("WEIR");
	const char *verb = verbs[turn++ % 5];
	int status = 0;
	pid_t pid;

	if (!weir)
		weir = "build/release/weir";
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		setenv("ASAN_OPTIONS", "exitcode=99", 1);
		setenv("UBSAN_OPTIONS", "exitcode=99", 1);
		if (*verb == 's')
			execl(weir, weir, verb, "wide", "--store", base.name,
			      "-t", "0", "-f", "oldest", NULL);
		else if (*verb == 'i' || *verb == 'g')
			execl(weir, weir, verb, "wide", "--store", base.name,
			      NULL);
		else
			execl(weir, weir, verb, "--store", base.name, NULL);
		_exit(127);
	}
	damage_must(pid > 0 && waitpid(pid, &status, 0) == pid);
	damage_must(WIFEXITED(status));
	if (WEXITSTATUS(status) == 127)
		_exit(77);
	damage_must(WEXITSTATUS(status) <= 6);
	worked(me);
}

/* ---- the scribbler
 * ------------------------------------------------------------- */

/* One word, mostly one that steers something.  A damaged header keeps all
 * away, so there is little of that. */
static void
write_nonsense(void)
{
	size_t variant = rng_below(&base.rng, damage_field_variants(&base));
	size_t at = rng_below(&base.rng, base.len - 8);

	if (rng_one_in(&base.rng, 6))
		rng_fill(&base.rng, base.map + at, 8);
	else if (damage_field_of(&base, variant)->off >= 4096 ||
		 rng_one_in(&base.rng, 30))
		damage_field_apply(&base, variant);
	all->words++;
}

static void
scribble(const struct role *me)
{
	unsigned burst = 1 + (unsigned)rng_below(&base.rng, 20);

	while (burst--)
		write_nonsense();
	worked(me);
	if (rng_one_in(&base.rng, 3)) {
		damage_restore(&base);
		all->restored++;
		proc_nap_ms((unsigned)rng_below(&base.rng, 8));
	}
	proc_nap_ms((unsigned)rng_below(&base.rng, 3));
}

/* ---- all of them
 * --------------------------------------------------------------- */

static const struct role roles[] = {
    {"scribbler", scribble, NULL, 0},
    {"slot-p", produce, "slot", 0},
    {"long-p", produce, "long", 0},
    {"wide-p", produce, "wide", 0},
    {"gate-p", produce, "gate", 0},
    {"slot-c", consume, "slot", 0},
    {"wide-c", consume, "wide", 0},
    {"gate-g", consume, "gate", WEIR_GATE},
    {"long-v", consume, "long", WEIR_GATE | WEIR_CHECK},
    {"observer", look, NULL, 0},
    {"visitor", come_and_go, NULL, 0},
    {"command", command, NULL, 0},
};
#define ROLES (sizeof(roles) / sizeof(*roles))

static void
worked(const struct role *me)
{
	all->worked[me - roles]++;
}

static int
play(struct proc *proc, void *arg)
{
	const struct role *me = arg;

	(void)proc;
	while (!stopped()) {
		me->round(me);
		all->rounds[me - roles]++;
		if (me->round == consume || me->round == produce)
			proc_nap_ms(1);
	}
	return 0;
}

static void
everybody_goes_on(void)
{
	struct proc procs[ROLES];
	unsigned seconds = t_torture() ? LONG_SECONDS : SECONDS;

	damage_make(&base, t_seed(7));
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_FATAL(all != MAP_FAILED);
	for (size_t i = 0; i < ROLES; i++)
		CU_ASSERT_EQUAL(
		    proc_start(&procs[i], play, (void *)(uintptr_t)&roles[i]),
		    0);
	for (unsigned ms = 0; ms < seconds * 1000; ms += 50) {
		proc_nap_ms(50);
		for (size_t i = 0; i < ROLES; i++)
			if (roles[i].round != command && proc_ended(&procs[i]))
				ms = seconds * 1000; /* it should not */
	}
	__atomic_store_n(&all->stop, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < ROLES; i++) {
		int rc = proc_wait(&procs[i]);

		t_log("%-10s %6lu rounds, %6lu with something done%s\n",
		      roles[i].name, all->rounds[i], all->worked[i],
		      rc ? ": ended badly" : "");
		if (rc == 77 && roles[i].round == command)
			continue; /* no command was built */
		if (rc != 0)
			t_log("%s: %d\n", roles[i].name, rc);
		CU_ASSERT_EQUAL(rc, 0);
		CU_ASSERT(all->worked[i] > 0);
	}
	t_log("# fault_damage_scribble: %lu words written, %lu times restored, "
	      "%zu processes, %u s\n",
	      all->words, all->restored, ROLES, seconds);
	damage_restore(&base);
}

SUITE("fault_damage_scribble", TEST(everybody_goes_on));
