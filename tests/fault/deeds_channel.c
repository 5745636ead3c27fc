/* SPDX-License-Identifier: BSD-2-Clause
 *
 * deeds_channel.c - deeds with channels, and without a store.
 */
#include <errno.h>
#include <string.h>
#include <weir/inspect.h>

#include "fault/deed.h"

static const char schema[] =
    "{\"$defs\":{\"text\":{\"type\":\"string\",\"pattern\":\"^[a-z]+[0-9]*$\"}"
    "},\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":"
    "{\"$ref\":\"#/$defs/text\"},\"b\":{\"enum\":[1,2,{\"x\":[]}]},\"c\":"
    "{\"prefixItems\":[{\"minimum\":3},{\"type\":\"null\"}],\"items\":"
    "{\"const\":\"d\"}}},\"additionalProperties\":{\"maxLength\":3}}";
static const char good[] =
    "{\"a\":\"ab1\",\"b\":{\"x\":[]},\"c\":[4,null,\"d\"],\"e\":\"f\"}";
static const char bad[] = "{\"a\":\"AB\"}";

static int
open_made(struct actor *a, bool create)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .flags = create ? 0 : WEIR_MUST_EXIST,
			       .capacity = 16,
			       .schema = schema};

	return weir_channel_open(a->st, "made", &o, &a->ch, &a->diag);
}

/* A new channel is empty, also where another was; it works. */
static void
use_fresh(struct actor *a)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_consumer_opts o = {.size = sizeof(o), .flags = WEIR_CHECK};
	weir_record rec;

	if (weir_channel_stat(a->ch, &info) != 0 || info.newest_seq != 0 ||
	    info.producer_cnt || info.consumer_cnt || info.orphan_cnt ||
	    weir_current(a->ch, "p", NULL, 0, &rec) != -ENOENT)
		actor_problem(a, "the new channel is not empty");
	if (weir_consumer_open(a->ch, "c", &o, &a->c, &a->diag) != 0 ||
	    weir_producer_open(a->ch, "p", NULL, &a->p, &a->diag) != 0 ||
	    weir_publish_json(a->p, good, strlen(good), &a->diag) != 1 ||
	    weir_publish_json(a->p, bad, strlen(bad), &a->diag) !=
		WEIR_ESCHEMA ||
	    weir_read(a->c, &rec, 1, 0) != 1 || rec.seq != 1)
		actor_problem(a, "the new channel cannot be used: %s",
			      a->diag.message);
	weir_producer_close(a->p);
	weir_consumer_close(a->c);
}

static void
use_and_remove(struct actor *a)
{
	use_fresh(a);
	if (weir_channel_remove(a->st, "made", &a->diag) != 0)
		actor_problem(a, "it cannot be removed: %s", a->diag.message);
	weir_channel_close(a->ch);
}

static int64_t
make(struct actor *a)
{
	return open_made(a, true);
}

/* With records, a value, and a sleeping consumer's mark. */
static int
have_used(struct actor *a)
{
	if (make(a) != 0 ||
	    weir_producer_open(a->ch, "p", NULL, &a->p, &a->diag) != 0 ||
	    weir_consumer_open(a->ch, "c", NULL, &a->c, &a->diag) != 0)
		return -1;
	for (int i = 0; i < 20; i++)
		if (weir_publish_json(a->p, good, strlen(good), &a->diag) <= 0)
			return -1;
	weir_producer_close(a->p);
	weir_consumer_close(a->c);
	return 0;
}

static int
left_used(struct actor *a)
{
	if (have_used(a) != 0)
		return -1;
	weir_channel_close(a->ch);
	return 0;
}

static int64_t
open_used(struct actor *a)
{
	return open_made(a, false);
}

static void
remove_used(struct actor *a)
{
	uint8_t buf[64];
	weir_record rec;

	if (weir_current(a->ch, "p", buf, sizeof(buf), &rec) != 0 ||
	    rec.seq != 20)
		actor_problem(a, "its value is not there");
	weir_channel_close(a->ch);
	weir_channel_remove(a->st, "made", NULL);
}

static int64_t
remove_it(struct actor *a)
{
	return weir_channel_remove(a->st, "made", &a->diag);
}

/* The next one gets the same place. */
static void
make_anew(struct actor *a)
{
	if (make(a) != 0)
		actor_problem(a, "it cannot be made again: %s",
			      a->diag.message);
	else
		use_and_remove(a);
}

static int
have_removed(struct actor *a)
{
	return have_used(a) != 0 || remove_it(a) != 0 ? -1 : 0;
}

static int64_t
close_it(struct actor *a)
{
	weir_channel_close(a->ch);
	a->ch = NULL;
	return 0;
}

static int64_t
make_too_large(struct actor *a)
{
	weir_channel_opts o = {.size = sizeof(o), .capacity = 1 << 20};
	int rc = weir_channel_open(a->st, "large", &o, &a->ch, &a->diag);

	return rc == -ENOSPC ? 0 : rc;
}

/* ---- values of those who are gone -------------------------------------- */

static int
left_value(struct actor *a)
{
	if (weir_channel_open(a->st, scene_name[SHARED], NULL, &a->ch,
			      &a->diag) != 0 ||
	    weir_producer_open(a->ch, "actor", NULL, &a->p, &a->diag) != 0 ||
	    actor_say(a, SHARED) <= 0)
		return -1;
	weir_producer_close(a->p);
	return 0;
}

static int64_t
clear_orphans(struct actor *a)
{
	return weir_channel_clear_orphans(a->ch, "actor", &a->diag);
}

static void
is_cleared(struct actor *a)
{
	weir_record rec;
	uint8_t buf[64];

	if (weir_current(a->ch, "actor", buf, sizeof(buf), &rec) != -ENOENT)
		actor_problem(a, "the value is still there");
}

/* ---- figures ----------------------------------------------------------- */

static int64_t
figures(struct actor *a)
{
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	weir_channel_info info = {.size = sizeof(info)};
	weir_slot_info slot = {.size = sizeof(slot)};
	weir_ring_info ring = {.size = sizeof(ring)};
	int64_t rc = weir_channel_stat(a->ch, &info);

	while (rc == 0 && weir_producer_next(a->ch, &p) == 1)
		;
	while (rc == 0 && weir_consumer_next(a->ch, &c) == 1)
		;
	while (rc == 0 && weir_slot_next(a->ch, &slot) == 1)
		;
	return rc == 0 ? weir_ring_stat(a->ch, &ring) : rc;
}

static int
have_observed(struct actor *a)
{
	weir_store_opts o = scene_opts(a->sc, WEIR_READ_ONLY);

	return weir_store_open("main", &o, &a->other, &a->diag) != 0 ||
		       weir_channel_open(a->other, scene_name[SHARED], NULL,
					 &a->ch, &a->diag) != 0
		   ? -1
		   : 0;
}

/* ---- without a store --------------------------------------------------- */

static int64_t
compile(struct actor *a)
{
	return weir_schema_compile(schema, strlen(schema), NULL, &a->schema,
				   &a->diag);
}

static void
check_there(struct actor *a)
{
	uint8_t buf[128];
	int64_t n =
	    weir_json_to_msgpack(bad, strlen(bad), buf, sizeof(buf), &a->diag);

	if (n <= 0 || weir_schema_check(a->schema, buf, (size_t)n, &a->diag) !=
			  WEIR_ESCHEMA)
		actor_problem(a, "the schema does not refuse");
	n = weir_json_to_msgpack(good, strlen(good), buf, sizeof(buf),
				 &a->diag);
	if (n <= 0 || weir_schema_check(a->schema, buf, (size_t)n, &a->diag))
		actor_problem(a, "the schema refuses: %s", a->diag.message);
}

static int
have_schema(struct actor *a)
{
	return (int)compile(a);
}

static int64_t
check(struct actor *a)
{
	check_there(a);
	return 0;
}

#define MAKES .may = {-ENOSPC, -ENOMEM, -EBADF}, .system = true

const struct deed deeds_channel[] = {
    {.name = "make a channel", MAKES, .act = make, .after = use_and_remove},
    {.name = "make a channel that is too large", MAKES, .act = make_too_large},
    {.name = "open a channel",
     .may = {-ENOMEM},
     .prepare = left_used,
     .act = open_used,
     .after = remove_used},
    {.name = "remove a channel",
     .prepare = left_used,
     .act = remove_it,
     .after = make_anew},
    {.name = "close a removed channel",
     .prepare = have_removed,
     .act = close_it,
     .after = make_anew},
    {.name = "clear values of the gone",
     .may = {-ENOMEM},
     .sleeper = true,
     .prepare = left_value,
     .act = clear_orphans,
     .after = is_cleared},
    {.name = "figures of a channel", .prepare = left_value, .act = figures},
    {.name = "figures of a channel, observed",
     .prepare = have_observed,
     .act = figures},
    {.name = "compile a schema",
     .may = {-ENOMEM},
     .act = compile,
     .after = check_there},
    {.name = "check records", .prepare = have_schema, .act = check},
    {.name = NULL},
};
