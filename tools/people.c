/* SPDX-License-Identifier: BSD-2-Clause */
#include "people.h"

#include <inttypes.h>
#include <string.h>

#include "out.h"
#include "row.h"
#include "show.h"

/* Whom a list is about. */
enum which {
	THERE, /* alive, or not known to be gone */
	KEPT,  /* gone, but a value of theirs is kept */
	REST,
};

static enum which
which_producer(const weir_producer_info *p)
{
	if (p->life != WEIR_GONE)
		return THERE;
	return p->has_value ? KEPT : REST;
}

static void
name_and_life(unsigned number, const char *id, const char *role, uint32_t life,
	      uint32_t pid, int details)
{
	out_fmt("    %u. ", number);
	out_text(id, strlen(id));
	out_fmt(" (%s", role);
	if (life != WEIR_ALIVE || details)
		out_fmt(", %s", show_life(life));
	if (details && pid)
		out_fmt(", pid %" PRIu32, pid);
	out_fmt(")");
}

/* One list of producers; nothing if it would be empty and @title_if_none is
 * not set. */
static int
producers(weir_channel *ch, const char *title, enum which which, int details,
	  int even_if_none)
{
	weir_producer_info p = {.size = sizeof(p)};
	unsigned cnt = 0, i = 0;
	int rc;

	while ((rc = weir_producer_next(ch, &p)) > 0)
		cnt += *p.id && which_producer(&p) == which;
	if (rc < 0 || (cnt == 0 && !even_if_none))
		return rc;
	out_fmt("  %s: %u\n", title, cnt);
	p.next = 0;
	while (i < cnt && (rc = weir_producer_next(ch, &p)) > 0) {
		if (!*p.id || which_producer(&p) != which)
			continue;
		name_and_life(++i, p.id, "producer", p.life, p.pid, details);
		if (details)
			out_fmt(": %" PRIu64 " %s, %" PRIu64 " %s, %" PRIu64
				" refused, last seq %" PRIu64 "%s",
				p.records,
				p.records == 1 ? "record" : "records", p.bytes,
				p.bytes == 1 ? "byte" : "bytes", p.refused,
				p.last_seq, p.has_value ? ", has a value" : "");
		out_fmt("\n");
	}
	return rc < 0 ? rc : 0;
}

static int
consumers(weir_channel *ch, int details)
{
	weir_consumer_info c = {.size = sizeof(c)};
	unsigned cnt = 0, i = 0;
	int rc;

	while ((rc = weir_consumer_next(ch, &c)) > 0)
		cnt += c.life != WEIR_GONE;
	if (rc < 0)
		return rc;
	out_fmt("  Consumers: %u\n", cnt);
	c.next = 0;
	while (i < cnt && (rc = weir_consumer_next(ch, &c)) > 0) {
		if (c.life == WEIR_GONE)
			continue;
		name_and_life(++i, c.id, "consumer", c.life, c.pid, details);
		if (details)
			out_fmt(": %snext seq %" PRIu64 ", lag %" PRIu64
				", %" PRIu64 " delivered, %" PRIu64
				" lost, %" PRIu64 " invalid%s",
				c.gating ? "gating, " : "", c.cursor, c.lag,
				c.delivered, c.lost, c.invalid,
				c.asleep ? ", asleep" : "");
		out_fmt("\n");
	}
	return rc < 0 ? rc : 0;
}

int
people_text(weir_channel *ch, int details)
{
	int rc = producers(ch, "Producers", THERE, details, 1);

	if (!rc)
		rc = producers(ch, "Gone, value kept", KEPT, details, 0);
	if (!rc && details)
		rc = producers(ch, "Gone", REST, details, 0);
	if (!rc)
		rc = consumers(ch, details);
	return rc;
}

int
people_json(weir_channel *ch)
{
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	int rc;

	row_open("producers", '[');
	while ((rc = weir_producer_next(ch, &p)) > 0) {
		if (!*p.id)
			continue;
		row_open(NULL, '{');
		show_producer(&p);
		row_close();
	}
	row_close();
	if (rc < 0)
		return rc;
	row_open("consumers", '[');
	while ((rc = weir_consumer_next(ch, &c)) > 0) {
		row_open(NULL, '{');
		show_consumer(&c);
		row_close();
	}
	row_close();
	return rc;
}
