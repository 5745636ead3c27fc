/* SPDX-License-Identifier: BSD-2-Clause
 *
 * others.c - workers that neither publish nor follow a stream; workers.h
 */
#include "soak/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "soak/plan.h"
#include "soak/record.h"

/* ---- looking ----------------------------------------------------------------
 */

static void
look_at_value(struct soak *s, weir_channel *ch, uint32_t plan, uint64_t gen)
{
	static uint8_t buf[16384];
	const struct soak_plan *p = &soak_plans[plan];
	uint64_t known = soak_newest(s->t, gen);
	struct soak_record r;
	weir_record rec;
	int rc = weir_current(ch, NULL, buf, sizeof(buf), &rec);

	soak_event(s, "current", plan, rc);
	if (rc == -EAGAIN || (rc == WEIR_EREMOVED && p->removable) ||
	    (rc == -ENOENT && (p->clears || !known)))
		return;
	if (rc != 0)
		soak_fail(s, "channel %s: current: %d %s", p->name, rc,
			  weir_strerror(rc));
	if (!soak_record_ok(rec.data, rec.len, &r) ||
	    !soak_note(s->t, gen, rec.seq, soak_record_digest(rec.seq, &r)))
		soak_fail(s,
			  "channel %s: the current value, seq %llu, is not "
			  "what was published",
			  p->name, (unsigned long long)rec.seq);
	if (rec.seq < known && !p->clears)
		soak_fail(s,
			  "channel %s: the current value has seq %llu, but "
			  "%llu was published before",
			  p->name, (unsigned long long)rec.seq,
			  (unsigned long long)known);
}

/* Everything that tools walk over ends, and says nothing impossible. */
static void
look_at_channel(struct soak *s, weir_channel *ch, uint32_t plan, uint64_t gen)
{
	const struct soak_plan *p = &soak_plans[plan];
	uint64_t known = soak_newest(s->t, gen);
	weir_channel_info ci = {.size = sizeof(ci)};
	weir_producer_info pi = {.size = sizeof(pi)};
	weir_consumer_info ni = {.size = sizeof(ni)};
	weir_slot_info si = {.size = sizeof(si)};
	weir_ring_info ri = {.size = sizeof(ri)};
	int rc = weir_channel_stat(ch, &ci);

	if (rc == 0 && (ci.newest_seq < known || ci.damaged))
		soak_fail(s,
			  "channel %s: newest %llu, damaged %u; %llu was "
			  "published",
			  p->name, (unsigned long long)ci.newest_seq,
			  ci.damaged, (unsigned long long)known);
	for (int n = 0; (rc = weir_slot_next(ch, &si)) == 1; n++)
		if (si.state == WEIR_SLOT_DAMAGED || n > 4096)
			soak_fail(s, "channel %s: slot %u, seq %llu: damaged",
				  p->name, si.idx, (unsigned long long)si.seq);
	for (int n = 0; weir_producer_next(ch, &pi) == 1; n++)
		if (n > 64)
			soak_fail(s, "channel %s: producers", p->name);
	for (int n = 0; weir_consumer_next(ch, &ni) == 1; n++)
		if (n > 64)
			soak_fail(s, "channel %s: consumers", p->name);
	rc = weir_ring_stat(ch, &ri);
	if (rc == 0 && (ri.want > ri.tail + (1 << 20) || ri.safe > ri.want))
		soak_fail(s, "channel %s: want %llu, safe %llu", p->name,
			  (unsigned long long)ri.want,
			  (unsigned long long)ri.safe);
	if (rc != 0 && (rc != WEIR_EREMOVED || !p->removable))
		soak_fail(s, "channel %s: %d %s", p->name, rc,
			  weir_strerror(rc));
}

void
soak_looker(struct soak *s)
{
	weir_store *st =
	    soak_attach(s, rng_one_in(&s->rng, 2) ? WEIR_READ_ONLY : 0);

	while (st && !soak_over(s)) {
		weir_channel_info it = {.size = sizeof(it)};
		weir_participant_info pi = {.size = sizeof(pi)};
		uint32_t plan = (uint32_t)rng_below(&s->rng, SOAK_PLANS);
		weir_channel *ch;
		uint64_t gen;

		while (weir_channel_next(st, &it) == 1)
			if (it.damaged)
				soak_fail(s, "channel %s is damaged", it.name);
		while (weir_participant_next(st, &pi) == 1)
			if (pi.idx >= SOAK_PLACES)
				soak_fail(s, "participant %u", pi.idx);
		if (soak_open(s, st, plan, 0, &ch, &gen) == 0) {
			look_at_channel(s, ch, plan, gen);
			look_at_value(s, ch, plan, gen);
			weir_channel_close(ch);
		}
		s->me->n.looks++;
		kit_nap(&s->rng, 5000);
	}
	weir_store_close(st);
}

/* ---- removing
 * ----------------------------------------------------------------- */

static void
clear_guests(struct soak *s, weir_store *st)
{
	weir_channel *ch;
	uint64_t gen;
	int rc;

	for (uint32_t i = 0; i < SOAK_PLANS; i++) {
		if (!soak_plans[i].strangers ||
		    soak_open(s, st, i, 0, &ch, &gen) != 0)
			continue;
		rc = weir_channel_clear_orphans(ch, NULL, NULL);
		soak_event(s, "clear orphans", i, rc);
		if (rc < 0)
			soak_fail(s, "channel %s: clear orphans: %d %s",
				  soak_plans[i].name, rc, weir_strerror(rc));
		weir_channel_close(ch);
	}
}

/* Give back what the dead have left, while the living go on. */
static void
collect(struct soak *s, weir_store *st)
{
	weir_gc_info i = {.size = sizeof(i)};
	weir_diag d = {.message = ""};
	int rc = weir_store_gc(st, rng_one_in(&s->rng, 4) ? WEIR_DRY_RUN : 0,
			       &i, &d);

	soak_event(s, "gc", i.channels, rc);
	if (rc != 0)
		soak_fail(s, "gc: %s: %s", weir_strerror(rc), d.message);
	s->me->n.gcs++;
}

void
soak_remover(struct soak *s)
{
	weir_store *st = soak_attach(s, 0);

	while (st && !soak_over(s)) {
		uint32_t i = (uint32_t)rng_below(&s->rng, SOAK_PLANS);
		int rc;

		if (!soak_plans[i].removable)
			continue;
		if (kit_get(&s->t->calm_ns)) {
			proc_nap_ms(10);
			continue;
		}
		if (rng_one_in(&s->rng, 4))
			clear_guests(s, st);
		if (rng_one_in(&s->rng, 2))
			collect(s, st);
		rc = weir_channel_remove(st, soak_plans[i].name, NULL);
		soak_event(s, "remove", i, rc);
		if (rc != 0 && rc != -ENOENT)
			soak_fail(s, "remove %s: %d %s", soak_plans[i].name, rc,
				  weir_strerror(rc));
		s->me->n.removals += rc == 0;
		kit_nap(&s->rng, rng_one_in(&s->rng, 4) ? 5000 : 600000);
	}
	weir_store_close(st);
}

/* ---- coming and going
 * ---------------------------------------------------------- */

/* A store that several make, use and destroy at once. */
static void
visit_side(struct soak *s)
{
	weir_store_opts so = {
	    .size = sizeof(so), .flags = WEIR_CREATE, .max_bytes = 1 << 20};
	weir_channel_opts co = {.size = sizeof(co),
				.capacity = 4,
				.max_producers = 4,
				.max_consumers = 4,
				.max_record = 100};
	weir_diag d = {.message = ""};
	struct soak_record r = {.who = 1, .n = 1};
	uint8_t msg[SOAK_HEAD], buf[512];
	weir_channel *ch = NULL;
	weir_producer *p = NULL;
	weir_store *st;
	weir_record rec;
	char id[16] = "v";
	int64_t rc = weir_store_open(s->t->side, &so, &st, &d);

	soak_event(s, "side", 0, rc);
	if (rc == WEIR_ERETIRED) /* again and again */
		return;
	if (rc != 0)
		soak_fail(s, "side store: %s: %s", weir_strerror((int)rc),
			  d.message);
	id[1] = (char)('a' + s->slot % 26);
	rc = weir_channel_open(st, "c", &co, &ch, &d);
	if (rc == 0)
		rc = weir_producer_open(ch, id, NULL, &p, &d);
	if (rc == 0)
		rc = weir_publish(p, msg, soak_record_build(msg, &r, 0), &d);
	if (rc > 0)
		rc = weir_current(ch, NULL, buf, sizeof(buf), &rec);
	soak_event(s, "side used", 0, rc);
	/* whoever of the same id died may not be quite dead */
	if (rc < 0 && rc != WEIR_ERETIRED && rc != WEIR_EINUSE &&
	    rc != WEIR_EFULL && rc != -EAGAIN)
		soak_fail(s, "side store in use: %s: %s",
			  weir_strerror((int)rc), d.message);
	weir_store_close(st);
	if (rng_one_in(&s->rng, 3)) {
		rc = weir_store_destroy(s->t->side, NULL, &d);
		soak_event(s, "side destroyed", 0, rc);
		if (rc != 0 && rc != -ENOENT)
			soak_fail(s, "side store: destroy: %s: %s",
				  weir_strerror((int)rc), d.message);
	}
}

void
soak_visitor(struct soak *s)
{
	while (!soak_over(s)) {
		uint32_t plan = (uint32_t)rng_below(&s->rng, SOAK_PLANS);
		weir_channel *ch;
		weir_store *st;
		uint64_t gen;

		if (rng_one_in(&s->rng, 3)) {
			visit_side(s);
			continue;
		}
		st =
		    soak_attach(s, rng_one_in(&s->rng, 4) ? WEIR_READ_ONLY : 0);
		if (st && soak_open(s, st, plan, 0, &ch, &gen) == 0 &&
		    rng_one_in(&s->rng, 2))
			weir_channel_close(ch);
		weir_store_close(st);
		kit_nap(&s->rng, 3000);
	}
}

/* ---- the command
 * ----------------------------------------------------------------- */

static int
run(struct soak *s, char *const *argv)
{
	pid_t self = getpid(), pid = fork();
	int status, fd;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = open("/dev/null", O_RDWR);
		if (getppid() != self || fd < 0 || dup2(fd, 0) < 0 ||
		    dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(126);
		execv(s->t->command, argv);
		_exit(127);
	}
	if (pid < 0)
		return 0;
	while (waitpid(pid, &status, 0) < 0)
		kill(pid, SIGKILL); /* SIGTERM has come */
	return soak_over(s) ? 0 : status;
}

void
soak_command(struct soak *s)
{
	/* the first of them take no channel */
	static char verbs[][8] = {"ls", "dump", "doctor", "gc", "get", "info"};
	enum { DOCTOR = 2, GET = 4, VERBS = 6 };
	static char in_store[] = "--store", json[] = "--json";

	while (!soak_over(s)) {
		uint32_t verb = (uint32_t)rng_below(&s->rng, VERBS);
		uint32_t plan = (uint32_t)rng_below(&s->rng, SOAK_PLANS);
		char channel[32];
		char *argv[] = {s->t->command, verbs[verb], in_store,
				s->t->store,   json,	    NULL,
				NULL};
		int status;

		if (!s->t->command[0]) {
			proc_nap_ms(100);
			continue;
		}
		memcpy(channel, soak_plans[plan].name,
		       strlen(soak_plans[plan].name) + 1);
		if (verb >= GET)
			argv[5] = channel;
		status = run(s, argv);
		soak_event(s, verbs[verb], plan, status);
		s->me->n.commands++;
		/* 1: there are dead ones, there is no value; 3: there is no
		 * such channel now */
		if (!WIFEXITED(status) ||
		    (WEXITSTATUS(status) != 0 &&
		     !(WEXITSTATUS(status) == 1 &&
		       (verb == DOCTOR || verb == GET)) &&
		     !(WEXITSTATUS(status) == 3 && verb >= GET)))
			soak_fail(s, "weir %s %s: status 0x%x", verbs[verb],
				  verb >= GET ? channel : "", status);
		kit_nap(&s->rng, 100000);
	}
}
