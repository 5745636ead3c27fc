/* SPDX-License-Identifier: BSD-2-Clause
 *
 * deeds_produce.c - deeds of producers.
 */
#include <errno.h>
#include <string.h>

#include "fault/deed.h"

#define MS INT64_C(1000000)

static int
have_channel(struct actor *a, enum scene_channel i)
{
	return weir_channel_open(a->st, scene_name[i], NULL, &a->ch, &a->diag);
}

static int64_t
open_it(struct actor *a)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = 20 * MS};

	return weir_producer_open(a->ch, "actor", &o, &a->p, &a->diag);
}

static int
have_producer(struct actor *a, enum scene_channel i)
{
	return have_channel(a, i) != 0 || open_it(a) != 0 ? -1 : 0;
}

/* ---- open and close ---------------------------------------------------- */

static int
have_shared(struct actor *a)
{
	return have_channel(a, SHARED);
}

static int
have_exclusive(struct actor *a)
{
	return have_channel(a, EXCLUSIVE);
}

static void
say_shared(struct actor *a)
{
	if (actor_say(a, SHARED) <= 0)
		actor_problem(a, "cannot publish: %s", a->diag.message);
}

static void
say_exclusive(struct actor *a)
{
	if (actor_say(a, EXCLUSIVE) <= 0)
		actor_problem(a, "cannot publish: %s", a->diag.message);
}

/* Both lanes with values of those who are gone. */
static int
have_full(struct actor *a)
{
	if (have_channel(a, EVICTING) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (weir_producer_open(a->ch, i ? "b" : "a", NULL, &a->p,
				       &a->diag) != 0 ||
		    weir_publish_json(a->p, "1", 1, &a->diag) <= 0)
			return -1;
		weir_producer_close(a->p);
	}
	return 0;
}

static int
have_shared_producer(struct actor *a)
{
	return have_producer(a, SHARED);
}

static int
have_exclusive_producer(struct actor *a)
{
	return have_producer(a, EXCLUSIVE);
}

static int64_t
close_it(struct actor *a)
{
	weir_producer_close(a->p);
	a->p = NULL;
	return 0;
}

/* ---- publish ----------------------------------------------------------- */

static int64_t
publish_shared(struct actor *a)
{
	return actor_say(a, SHARED);
}

static int64_t
publish_exclusive(struct actor *a)
{
	return actor_say(a, EXCLUSIVE);
}

static int64_t
loan(struct actor *a)
{
	static const uint8_t rec[] = {0x81, 0xa1, 'n', 7};
	void *buf;
	int64_t rc = weir_loan(a->p, sizeof(rec), &buf);

	if (rc != 0)
		return rc;
	memcpy(buf, rec, sizeof(rec));
	rc = weir_commit(a->p, sizeof(rec), &a->diag);
	a->sc->board->said[SHARED] += rc > 0;
	return rc;
}

static int64_t
batch(struct actor *a)
{
	static uint8_t rec[] = {0x81, 0xa1, 'n', 7};
	struct iovec recs[] = {
	    {rec, sizeof(rec)}, {rec, sizeof(rec)}, {rec, sizeof(rec)}};
	int64_t rc = weir_publish_batch(a->p, recs, 3, &a->diag);

	a->sc->board->said[EXCLUSIVE] += rc > 0 ? 3 : a->diag.index;
	return rc;
}

static int64_t
refused(struct actor *a)
{
	int64_t rc = weir_publish_json(a->p, "{\"n\":\"no\"}", 10, &a->diag);

	return rc == WEIR_ESCHEMA ? 0 : -EIO;
}

static int
have_value(struct actor *a)
{
	return have_producer(a, SHARED) != 0 || actor_say(a, SHARED) <= 0 ? -1
									  : 0;
}

static int64_t
clear(struct actor *a)
{
	return weir_clear(a->p);
}

static void
has_no_value(struct actor *a)
{
	weir_record rec;
	uint8_t buf[64];

	if (weir_current(a->ch, "actor", buf, sizeof(buf), &rec) != -ENOENT)
		actor_problem(a, "the value is still there");
}

/* ---- wait for space ---------------------------------------------------- */

static int
have_no_space(struct actor *a)
{
	if (have_channel(a, BLOCKING) != 0 ||
	    weir_producer_open(a->ch, "actor", NULL, &a->p, &a->diag) != 0)
		return -1;
	while (actor_say(a, BLOCKING) > 0)
		;
	weir_producer_close(a->p);
	return (int)open_it(a);
}

/* It is there when the survivor reads, or never. */
static int64_t
publish_in_vain(struct actor *a)
{
	int64_t rc = actor_say(a, BLOCKING);

	memset(&a->diag, 0, sizeof(a->diag));
	return rc == -EAGAIN ? 0 : rc;
}

static int
have_no_space_yet(struct actor *a)
{
	weir_producer_opts o = {.size = sizeof(o), .timeout_ns = 20000 * MS};

	if (have_no_space(a) != 0)
		return -1;
	weir_producer_close(a->p);
	return weir_producer_open(a->ch, "actor", &o, &a->p, &a->diag);
}

static int64_t
publish_late(struct actor *a)
{
	return actor_say(a, BLOCKING);
}

const struct deed deeds_produce[] = {
    {.name = "open a producer",
     .may = {-ENOMEM},
     .prepare = have_shared,
     .act = open_it,
     .after = say_shared},
    {.name = "open a producer, exclusive",
     .may = {-ENOMEM},
     .prepare = have_exclusive,
     .act = open_it,
     .after = say_exclusive},
    {.name = "open a producer in place of one who is gone",
     .may = {-ENOMEM},
     .prepare = have_full,
     .act = open_it},
    {.name = "close a producer",
     .prepare = have_shared_producer,
     .act = close_it},
    {.name = "publish", .prepare = have_shared_producer, .act = publish_shared},
    {.name = "publish, exclusive",
     .prepare = have_exclusive_producer,
     .act = publish_exclusive},
    {.name = "publish what is refused",
     .prepare = have_shared_producer,
     .act = refused},
    {.name = "publish and wake",
     .sleeper = true,
     .prepare = have_shared_producer,
     .act = publish_shared},
    {.name = "publish and wake, exclusive",
     .sleeper = true,
     .prepare = have_exclusive_producer,
     .act = publish_exclusive},
    {.name = "loan, commit and wake",
     .sleeper = true,
     .prepare = have_shared_producer,
     .act = loan},
    {.name = "publish a batch and wake",
     .sleeper = true,
     .prepare = have_exclusive_producer,
     .act = batch},
    {.name = "clear and wake",
     .sleeper = true,
     .prepare = have_value,
     .act = clear,
     .after = has_no_value},
    {.name = "wait for space in vain",
     .may = {-EINTR},
     .prepare = have_no_space,
     .act = publish_in_vain},
    {.name = "wait for space",
     .may = {-EINTR},
     .prepare = have_no_space_yet,
     .act = publish_late,
     .asleep = scene_drain},
    {.name = NULL},
};
