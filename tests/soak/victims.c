/* SPDX-License-Identifier: BSD-2-Clause
 *
 * victims.c - see victims.h
 */
#include "soak/victims.h"

#include <poll.h>
#include <string.h>

weir_channel *
victim_channel(weir_store *st, const char *name, uint32_t overflow,
	       uint32_t producers)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .overflow = overflow,
			       .producers = producers,
			       .capacity = 4,
			       .max_producers =
				   producers == WEIR_SHARED ? 3 : 0,
			       .max_consumers = 3,
			       .max_record = 300,
			       .lane_bytes = 4096,
			       .schema = "{\"minimum\":0}"};
	weir_channel *ch;

	proc_check(weir_channel_open(st, name, &o, &ch, NULL) == 0);
	return ch;
}

weir_channel *
victim_shared(weir_store *st)
{
	return victim_channel(st, "shared", WEIR_OVERWRITE, WEIR_SHARED);
}

weir_channel *
victim_exclusive(weir_store *st)
{
	return victim_channel(st, "exclusive", WEIR_OVERWRITE, WEIR_EXCLUSIVE);
}

weir_channel *
victim_blocking(weir_store *st)
{
	return victim_channel(st, "block", WEIR_BLOCK, WEIR_SHARED);
}

/* The dead hold their places until the kernel has done with them. */
weir_store *
victim_attach(const char *store)
{
	weir_store *st;
	int rc;

	while ((rc = weir_store_open(store, NULL, &st, NULL)) == WEIR_EFULL)
		proc_nap_ms(1);
	proc_check(rc == 0);
	return st;
}

weir_producer *
victim_producer(weir_channel *ch)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = -1};
	weir_producer *p;

	proc_check(weir_producer_open(ch, "victim", &o, &p, NULL) == 0);
	return p;
}

weir_consumer *
victim_consumer(weir_channel *ch, uint32_t flags)
{
	weir_consumer_opts o = {
	    .size = sizeof(o), .flags = flags, .spin_ns = -1};
	weir_consumer *c;

	proc_check(weir_consumer_open(ch, "victim", &o, &c, NULL) == 0);
	return c;
}

/* ---- the states: each says 'r' when it is near, and never ends -------------
 */

/* @ch: close and open the producer now and then. */
static void
publish_on(struct proc *me, weir_producer *p, weir_channel *ch)
{
	uint8_t buf[400];

	proc_tell(me, 'r');
	for (uint64_t n = 1;; n++) {
		size_t len = n % 3 ? 1 : 200;

		buf[0] = (uint8_t)(n & 0x7f);
		if (len > 1) { /* a text is no number: any will do */
			buf[0] = 0xd9;
			buf[1] = (uint8_t)(len - 2);
			memset(buf + 2, 'a', len - 2);
		}
		proc_check(weir_publish(p, buf, len, NULL) > 0);
		if (n % 7 == 0)
			proc_check(weir_clear(p) > 0);
		if (ch && n % 5 == 0) {
			weir_producer_close(p);
			p = victim_producer(ch);
		}
	}
}

static void
in_publish_shared(struct proc *me, const char *store)
{
	publish_on(me, victim_producer(victim_shared(victim_attach(store))),
		   NULL);
}

static void
in_publish_exclusive(struct proc *me, const char *store)
{
	publish_on(me, victim_producer(victim_exclusive(victim_attach(store))),
		   NULL);
}

static void
in_producer_open(struct proc *me, const char *store)
{
	weir_channel *ch = victim_shared(victim_attach(store));

	publish_on(me, victim_producer(ch), ch);
}

static void
in_wait_for_space(struct proc *me, const char *store)
{
	weir_store *st = victim_attach(store);
	weir_channel *ch = victim_blocking(st);
	weir_consumer_opts o = {.size = sizeof(o), .flags = WEIR_GATE};
	weir_producer *p = victim_producer(ch);
	weir_consumer *c;

	/* its own gate, through a second handle, which is read by nobody */
	proc_check(weir_consumer_open(victim_blocking(victim_attach(store)),
				      "gate", &o, &c, NULL) == 0);
	publish_on(me, p, NULL);
}

static void
in_gate(struct proc *me, const char *store)
{
	weir_channel *ch = victim_blocking(victim_attach(store));
	weir_consumer *c = victim_consumer(ch, WEIR_GATE);
	weir_producer *p = victim_producer(ch);
	weir_record recs[3];

	proc_check(weir_publish(p, "\x01", 1, NULL) > 0);
	proc_check(weir_publish(p, "\x02", 1, NULL) > 0);
	proc_check(weir_view(c, recs, 3, KIT_S) > 0);
	proc_tell(me, 'r');
	proc_hear(me);
}

static void
asleep(struct proc *me, weir_consumer *c)
{
	weir_record rec;

	proc_tell(me, 'r');
	for (;;)
		weir_read(c, &rec, 1, -1);
}

static void
asleep_shared(struct proc *me, const char *store)
{
	asleep(me, victim_consumer(victim_shared(victim_attach(store)), 0));
}

static void
asleep_exclusive(struct proc *me, const char *store)
{
	asleep(me, victim_consumer(victim_exclusive(victim_attach(store)), 0));
}

static void
asleep_as_gate(struct proc *me, const char *store)
{
	asleep(me, victim_consumer(victim_blocking(victim_attach(store)),
				   WEIR_GATE));
}

static void
asleep_on_many(struct proc *me, const char *store)
{
	weir_store *st = victim_attach(store);
	weir_consumer *cs[] = {victim_consumer(victim_shared(st), 0),
			       victim_consumer(victim_exclusive(st), 0),
			       victim_consumer(victim_blocking(st), 0)};
	weir_record rec;

	proc_tell(me, 'r');
	for (;;)
		if (weir_wait(cs, 3, -1, NULL) > 0)
			for (int i = 0; i < 3; i++)
				weir_read(cs[i], &rec, 1, 0);
}

static void
asleep_on_descriptor(struct proc *me, const char *store)
{
	weir_consumer *c =
	    victim_consumer(victim_shared(victim_attach(store)), 0);
	struct pollfd fd = {weir_fd(c), POLLIN, 0};
	weir_record rec;

	proc_check(fd.fd >= 0);
	proc_tell(me, 'r');
	for (;;)
		if (poll(&fd, 1, -1) > 0)
			weir_read(c, &rec, 1, 0);
}

static void
in_consumer_open(struct proc *me, const char *store)
{
	weir_channel *ch = victim_blocking(victim_attach(store));

	proc_tell(me, 'r');
	for (;;)
		weir_consumer_close(victim_consumer(ch, WEIR_GATE));
}

static void
in_loan(struct proc *me, const char *store)
{
	weir_producer *p = victim_producer(victim_shared(victim_attach(store)));
	void *buf;

	proc_tell(me, 'r');
	for (;;) {
		proc_check(weir_loan(p, 100, &buf) == 0);
		memset(buf, 1, 100);
		proc_check(weir_commit(p, 1, NULL) > 0);
	}
}

static void
in_channel_make(struct proc *me, const char *store)
{
	weir_store *st = victim_attach(store);

	proc_tell(me, 'r');
	for (;;) {
		weir_channel *ch =
		    victim_channel(st, "made", WEIR_OVERWRITE, WEIR_SHARED);

		weir_producer_close(victim_producer(ch));
		proc_check(weir_channel_remove(st, "made", NULL) == 0);
		weir_channel_close(ch);
	}
}

static void
in_attach(struct proc *me, const char *store)
{
	proc_tell(me, 'r');
	for (;;)
		weir_store_close(victim_attach(store));
}

static const struct {
	void (*run)(struct proc *me, const char *store);
	const char *name;
} states[VICTIM_STATES] = {
    {in_publish_shared, "publishing"},
    {in_publish_exclusive, "publishing, exclusive"},
    {in_producer_open, "opening producers"},
    {in_wait_for_space, "waiting for space"},
    {in_gate, "holding a gate"},
    {asleep_shared, "asleep"},
    {asleep_exclusive, "asleep, exclusive"},
    {asleep_as_gate, "asleep, gating"},
    {asleep_on_many, "asleep on many"},
    {asleep_on_descriptor, "asleep on a descriptor"},
    {in_consumer_open, "opening consumers"},
    {in_loan, "in a loan"},
    {in_channel_make, "making channels"},
    {in_attach, "attaching"},
};

int
victim_run(struct proc *me, void *arg)
{
	const struct victim *v = arg;

	states[v->state].run(me, v->store);
	return 0;
}

const char *
victim_state_name(uint32_t state)
{
	return states[state].name;
}
