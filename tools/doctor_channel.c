/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor_channel.c - who is on a channel and should not be, who is gone and
 * should not be.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "finding.h"
#include "reach.h"

/* Lanes by what keeps them. */
struct lanes {
	uint32_t alive, orphaned, kept;
	char some[160]; /* ids of those kept */
};

static void
remember(struct lanes *l, const char *id)
{
	size_t at = strlen(l->some);

	if (at + strlen(id) + 8 < sizeof(l->some))
		snprintf(l->some + at, sizeof(l->some) - at, "%s%s",
			 at ? ", " : "", id);
	else if (at > 3 && strcmp(l->some + at - 3, "...") != 0)
		snprintf(l->some + at, sizeof(l->some) - at, ", ...");
}

static const char *
clear_id(const char *channel, const char *id)
{
	char option[4 * WEIR_CHANNEL_NAME_MAX + 8];

	snprintf(option, sizeof(option), "--id %s", reach_quoted(id));
	return doctor_command("clear", option, channel);
}

/* " (pid 12)", or nothing: the place may be somebody else's by now. */
static const char *
pid_text(uint32_t pid)
{
	static char text[24];

	text[0] = 0;
	if (pid)
		snprintf(text, sizeof(text), " (pid %" PRIu32 ")", pid);
	return text;
}

static int
producers(weir_channel *ch, const char *channel, struct lanes *l)
{
	weir_producer_info p = {.size = sizeof(p)};
	struct about a = {.channel = channel};
	int rc;

	while ((rc = weir_producer_next(ch, &p)) > 0) {
		a.id = p.id;
		a.pid = p.pid;
		if (p.life == WEIR_UNKNOWN)
			continue;
		if (p.life == WEIR_ALIVE) {
			l->alive++;
		} else if (p.killed && p.has_value && *p.id) {
			l->orphaned++;
			finding(FIND_VALUE_ORPHANED, &a,
				clear_id(channel, p.id),
				"producer %s%s ended without closing, and its "
				"value, seq %" PRIu64 ", has outlived it: "
				"start it again, or withdraw the value",
				p.id, pid_text(p.pid), p.last_seq);
		} else if (p.killed) {
			finding(FIND_PRODUCER_KILLED, &a,
				doctor_command("gc", NULL, NULL),
				*p.id ? "producer %s%s ended without closing; "
					"it has no value"
				      : "a producer%s%s ended while it took "
					"its place",
				p.id, pid_text(p.pid));
		} else if (p.has_value) {
			l->kept++;
			remember(l, p.id);
		}
	}
	return rc;
}

static void
lanes(const weir_channel_info *i, const struct lanes *l)
{
	struct about a = {.channel = i->name};
	const char *clear = doctor_command("clear", "--orphans", i->name);

	if (l->kept)
		finding(FIND_VALUE_KEPT, &a, clear,
			"values of producers that closed: %" PRIu32 " (%s)",
			l->kept, l->some);
	if (i->producers != WEIR_SHARED ||
	    l->alive + l->kept + l->orphaned < i->max_producers)
		return;
	if (l->alive == i->max_producers)
		finding(FIND_PRODUCERS_FULL, &a,
			doctor_command("info", NULL, i->name),
			"all %" PRIu32 " places for producers are taken by "
			"live ones",
			i->max_producers);
	else if (i->orphans == WEIR_KEEP)
		finding(
		    FIND_LANES_FULL, &a, clear,
		    "a new producer is refused: of %" PRIu32
		    " places, values of producers that are gone hold %" PRIu32,
		    i->max_producers, l->kept + l->orphaned);
}

/* Is the process stopped, as far as its pid can be looked at? */
static int
is_stopped(uint32_t pid)
{
	char path[32], line[256], *end;
	int is = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f) && (end = strrchr(line, ')')))
		is = strncmp(end, ") T", 3) == 0 || strncmp(end, ") t", 3) == 0;
	fclose(f);
	return is;
}

static void
behind(const weir_channel_info *i, const weir_consumer_info *c)
{
	struct about a = {.channel = i->name, .id = c->id, .pid = c->pid};
	int stopped = is_stopped(c->pid);
	char cont[32];

	snprintf(cont, sizeof(cont), "kill -CONT %" PRIu32, c->pid);
	finding(FIND_CONSUMER_BEHIND, &a,
		stopped ? cont : doctor_command("info", NULL, i->name),
		"producers wait for consumer %s%s, which %s; records that it "
		"has still to read: %" PRIu64,
		c->id, pid_text(c->pid), stopped ? "is stopped" : "lives",
		c->lag);
}

static int
consumers(weir_channel *ch, const weir_channel_info *i)
{
	weir_consumer_info c = {.size = sizeof(c)};
	struct about a = {.channel = i->name};
	int rc;

	while ((rc = weir_consumer_next(ch, &c)) > 0) {
		a.id = c.id;
		a.pid = c.pid;
		if (c.life == WEIR_GONE)
			finding(FIND_CONSUMER_KILLED, &a,
				doctor_command("gc", NULL, NULL),
				"consumer %s%s ended without closing%s", c.id,
				pid_text(c.pid),
				c.gating ? "; producers that come to wait for "
					   "it will find that"
					 : "");
		else if (c.life == WEIR_ALIVE && c.gating &&
			 c.lag >= i->capacity)
			behind(i, &c);
	}
	return rc;
}

int
doctor_channels(weir_store *store, const weir_store_info *info)
{
	weir_channel_info i = {.size = sizeof(i)};
	int rc;

	if (info->is_copy)
		return 0;
	while ((rc = weir_channel_next(store, &i)) > 0) {
		struct lanes l = {.alive = 0};
		weir_channel *ch;

		/* what is damaged was told already */
		if (i.damaged ||
		    weir_channel_open(store, i.name, NULL, &ch, NULL) != 0)
			continue;
		if (producers(ch, i.name, &l) == 0)
			lanes(&i, &l);
		consumers(ch, &i);
		weir_channel_close(ch);
	}
	return rc;
}
