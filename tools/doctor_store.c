/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor_store.c - what is damaged, left behind, or full.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <weir/inspect.h>

#include "doctor.h"
#include "finding.h"

static int
damage(const weir_damage *d, void *arg)
{
	struct about a = {
	    .channel = d->channel, .place = d->place, .offset = d->offset};

	(void)arg;
	finding(FIND_DAMAGE, &a,
		*d->channel ? doctor_command("channel rm", NULL, d->channel)
			    : doctor_command("destroy", NULL, NULL),
		"%s", d->message);
	return 0;
}

int
doctor_damage(weir_store *store)
{
	int rc = weir_store_verify(store, damage, NULL);

	return rc < 0 ? rc : 0;
}

static int
participants(weir_store *store)
{
	weir_participant_info p = {.size = sizeof(p)};
	struct about a = {.pid = 0};
	int rc;

	while ((rc = weir_participant_next(store, &p)) > 0) {
		a.pid = p.pid;
		if (p.life == WEIR_GONE && p.channel_cnt)
			finding(FIND_PARTICIPANT_KILLED, &a,
				doctor_command("gc", NULL, NULL),
				"participant %" PRIu32 " (%s, pid %" PRIu32
				") ended without closing; channels that it "
				"had open: %" PRIu32,
				p.idx, p.command, p.pid, p.channel_cnt);
		if (p.life == WEIR_ALIVE && p.removed_cnt)
			finding(FIND_CHANNEL_HELD, &a, doctor_who(p.pid),
				"participant %" PRIu32 " (%s, pid %" PRIu32
				") keeps the memory of removed channels that "
				"it has open: %" PRIu32,
				p.idx, p.command, p.pid, p.removed_cnt);
	}
	return rc;
}

int
doctor_left(weir_store *store)
{
	weir_gc_info g = {.size = sizeof(g)};
	struct about a = {.bytes = 0};
	const char *gc;
	int rc = participants(store);

	if (rc == 0)
		rc = weir_store_gc(store, WEIR_DRY_RUN, &g, NULL);
	if (rc != 0)
		return rc == WEIR_ERETIRED ? 0 : rc;
	gc = doctor_command("gc", NULL, NULL);
	a.bytes = g.channel_bytes;
	if (g.channels)
		finding(FIND_CHANNEL_LEFT, &a, gc,
			"left half made, or removed and not freed: %" PRIu32
			", with %" PRIu64 " bytes",
			g.channels, g.channel_bytes);
	a.bytes = g.stray_bytes;
	if (g.stray_bytes)
		finding(FIND_MEMORY_STRAY, &a, gc,
			"%" PRIu64 " bytes of memory are in no channel",
			g.stray_bytes);
	if (g.marks > g.consumers)
		finding(FIND_MARK_LEFT, NULL, gc,
			"places that nobody has are marked as asleep, which "
			"costs each publish a look: %" PRIu32,
			g.marks);
	if (g.lock_files)
		finding(FIND_LOCK_STALE, NULL, gc,
			"lock files of this name that belong to no store: "
			"%" PRIu32,
			g.lock_files);
	return 0;
}

int
doctor_tables(weir_store *store)
{
	weir_store_info i = {.size = sizeof(i)};
	int64_t need = weir_channel_footprint(NULL, NULL);
	struct about a = {.bytes = 0};
	uint64_t left;
	int rc = weir_store_stat(store, &i);

	if (rc != 0)
		return rc;
	if (i.is_copy) {
		finding(FIND_STORE_COPY, NULL, NULL,
			"this is a copy: who lived cannot be told any more");
		return 0;
	}
	if (i.participant_cnt >= i.max_participants)
		finding(FIND_PARTICIPANTS_FULL, NULL,
			doctor_command("dump", NULL, NULL),
			"all %" PRIu32 " places are taken by live processes: "
			"nobody else can open the store for writing",
			i.max_participants);
	if (i.channel_cnt >= i.max_channels)
		finding(FIND_CHANNELS_FULL, NULL,
			doctor_command("ls", NULL, NULL),
			"there is room for %" PRIu32
			" channels, and they are all there",
			i.max_channels);
	left = i.used_bytes < i.max_bytes ? i.max_bytes - i.used_bytes : 0;
	a.bytes = left;
	if (need > 0 && left < (uint64_t)need)
		finding(FIND_STORE_FULL, &a, doctor_command("ls", NULL, NULL),
			"%" PRIu64 " of %" PRIu64 " bytes are free, an "
			"ordinary channel needs %" PRId64,
			left, i.max_bytes, need);
	return 0;
}
