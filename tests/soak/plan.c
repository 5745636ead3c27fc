/* SPDX-License-Identifier: BSD-2-Clause
 *
 * plan.c - see plan.h
 */
#include "soak/plan.h"
#include "soak/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* @most: max_record */
#define OPTS(most, ...)                                                        \
	.opts = {.size = sizeof(weir_channel_opts),                            \
		 .max_record = (most),                                         \
		 .max_consumers = 24,                                          \
		 __VA_ARGS__}
#define SHARED	  .producers = WEIR_SHARED, .max_producers = 12
#define EXCLUSIVE .producers = WEIR_EXCLUSIVE
#define OVERWRITE .overflow = WEIR_OVERWRITE
#define BLOCK	  .overflow = WEIR_BLOCK

/* Small rings, where everything meets everything, and some of the usual
 * size; lanes that hold more records than the ring, and fewer. */
const struct soak_plan soak_plans[SOAK_PLANS] = {
    {"fast", OPTS(512, OVERWRITE, EXCLUSIVE, .capacity = 256)},
    {"tiny", OPTS(512, OVERWRITE, SHARED, .capacity = 2)},
    {"many", OPTS(512, OVERWRITE, SHARED, .capacity = 16), .clears = 1},
    {"wide",
     OPTS(12000, OVERWRITE, SHARED, .capacity = 1024, .lane_bytes = 65536)},
    {"pipe", OPTS(512, BLOCK, EXCLUSIVE, .capacity = 4, .inline_bytes = 48)},
    {"meet", OPTS(512, BLOCK, SHARED, .capacity = 2)},
    {"queue", OPTS(1500, BLOCK, SHARED, .capacity = 256, .lane_bytes = 8192),
     .clears = 1},
    {"comes", OPTS(512, OVERWRITE, SHARED, .capacity = 16), .removable = 1},
    {"goes", OPTS(512, BLOCK, SHARED, .capacity = 16), .removable = 1,
     .clears = 1},
    {"flips",
     OPTS(512, OVERWRITE, EXCLUSIVE, .capacity = 4, .inline_bytes = 1000,
	  .stamps = WEIR_OFF),
     .removable = 1},
    {"guests",
     OPTS(512, OVERWRITE, SHARED, .capacity = 16, .orphans = WEIR_EVICT),
     .clears = 1, .strangers = 1},
    {"turns",
     OPTS(512, OVERWRITE, EXCLUSIVE, .capacity = 2, .inline_bytes = 240),
     .clears = 1},
};

size_t
soak_pad_max(const struct soak_plan *p)
{
	return p->opts.max_record - SOAK_HEAD;
}

weir_store *
soak_attach(struct soak *s, uint32_t flags)
{
	weir_store_opts o = {.size = sizeof(o), .flags = flags};
	weir_diag d = {.message = ""};
	weir_store *st;
	int rc;

	/* The dead hold their place until the kernel has done with them. */
	while ((rc = weir_store_open(s->t->store, &o, &st, &d)) == WEIR_EFULL) {
		if (soak_over(s))
			return NULL;
		proc_nap_ms(2);
	}
	if (rc != 0)
		soak_fail(s, "attach: %s: %s", weir_strerror(rc), d.message);
	s->me->n.attaches++;
	return st;
}

static uint64_t
gen_of(struct soak *s, weir_channel *ch)
{
	size_t len = 0;
	const char *text = weir_channel_schema(ch, &len);
	uint64_t gen;
	char end;

	if (!text ||
	    sscanf(text, "{\"title\":\"%" SCNu64 "%c", &gen, &end) != 2 ||
	    end != '"')
		soak_fail(s, "the schema of a channel is not what it was "
			     "made with");
	return gen;
}

int
soak_open(struct soak *s, weir_store *st, uint32_t plan, int make,
	  weir_channel **ch, uint64_t *gen)
{
	const struct soak_plan *p = &soak_plans[plan];
	weir_channel_opts o = p->opts;
	weir_diag d = {.message = ""};
	char schema[512];
	int rc;

	rc = weir_channel_open(st, p->name, NULL, ch, &d);
	if (rc == -ENOENT && make) {
		snprintf(schema, sizeof(schema),
			 "{\"title\":\"%" PRIu64 "\",\"type\":\"object\","
			 "\"required\":[\"who\",\"n\",\"t\",\"sum\"],"
			 "\"additionalProperties\":false,\"properties\":{"
			 "\"who\":{\"type\":\"integer\",\"minimum\":1},"
			 "\"n\":{\"type\":\"integer\",\"minimum\":1},"
			 "\"t\":{\"type\":\"integer\"},"
			 "\"sum\":{\"type\":\"integer\"},"
			 "\"pad\":{\"type\":\"string\"}}}",
			 soak_new_gen(s->t, plan));
		o.schema = schema;
		rc = weir_channel_open(st, p->name, &o, ch, &d);
		if (rc == 0)
			s->me->n.makes++;
	}
	soak_event(s, "channel open", plan, rc);
	if (rc == 0) {
		*gen = gen_of(s, *ch);
		return 0;
	}
	/* somebody else was faster with another title; or those that have
	 * gone are still held by somebody who is frozen */
	if (rc == WEIR_ECONFIG || rc == -ENOENT || rc == -ENOSPC)
		return rc;
	soak_fail(s, "channel %s: open: %s: %s", p->name, weir_strerror(rc),
		  d.message);
}

void
soak_producer_id(char *id, const struct soak_plan *p, uint32_t slot,
		 uint64_t who)
{
	if (p->strangers)
		snprintf(id, SOAK_ID, "g%" PRIu64, who);
	else
		snprintf(id, SOAK_ID, "p%u", slot);
}
