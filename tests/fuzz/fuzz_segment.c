/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_segment.c - a store in use, some of whose words are changed, before
 * and after a channel of it is opened: it is looked at, read, joined and
 * published to.
 *
 *   byte 0   which channel; where reading starts
 *   byte 1   what is done, two things, so that there are many short runs
 *   then     edits (edits.h)
 *
 * The store is a private one of 40 KB behind which nothing is mapped; what was
 * written to it is put back after each input.
 */
#include "fuzz/edits.h"
#include "fuzz/segment.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "store/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	DO_LOOK = 1,
	DO_READ = 2,
	DO_JOIN = 4,
	DO_PUBLISH = 8,
	DO_CHANGE = 16,
	DO_LIST = 32,
	DO_GATE = 64,
	DO_KEEP =
	    128, /* a producer and a consumer are there before the edits */
};

static struct {
	weir_store *st;
	uint8_t *map;
	uint8_t image[1 << 16];
	size_t used;
	uint32_t offs[1 << 13];
	size_t cnt;
} base;

static void
set_up(void)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_PRIVATE,
			     .max_bytes = 1u << 20,
			     .max_channels = 5,
			     .max_participants = 2};

	MUST(weir_store_open(NULL, &o, &base.st, NULL) == 0);
	base.map = segment_fill(base.st, &base.used);
	MUST(base.used <= sizeof(base.image));
	memcpy(base.image, base.map, base.used);
	base.cnt =
	    segment_words(base.image, base.used, sizeof(struct wi_shm_header),
			  base.offs, sizeof(base.offs) / sizeof(*base.offs));
	/* the store ends where its last channel does, and so does memory */
	base.st->head.seg_len = base.used;
	MUST(mprotect(base.map + base.used, (1u << 20) - base.used,
		      PROT_NONE) == 0);
}

static void
publish(weir_producer *p)
{
	static const uint8_t msg[60] = {0xd9, 58, 'x'};
	static const uint8_t brief[4] = {0xa3, 'a', 'b', 'c'};
	struct iovec recs[2] = {{(void *)(uintptr_t)brief, 4},
				{(void *)(uintptr_t)brief, 4}};
	void *buf;

	segment_answer(weir_publish(p, brief, 4, NULL));
	segment_answer(
	    weir_publish(p, msg, p->ch->ring.g.max_record < 60 ? 0 : 60, NULL));
	segment_answer(weir_publish_batch(p, recs, 2, NULL));
	if (segment_answer(weir_loan(p, 20, &buf)) == 0) {
		memcpy(buf, brief, 4);
		segment_answer(weir_commit(p, 4, NULL));
	}
	segment_answer(weir_clear(p));
}

static void
list(void)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_participant_info p = {.size = sizeof(p)};
	weir_channel_info c = {.size = sizeof(c)};
	int n = 0;

	segment_answer(weir_store_stat(base.st, &info));
	while (segment_answer(weir_participant_next(base.st, &p)) == 1)
		MUST(n++ < 10);
	while (segment_answer(weir_channel_next(base.st, &c)) == 1)
		MUST(n++ < 20);
}

static void
change(const char *name)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .capacity = 2,
			       .lane_bytes = 256,
			       .max_producers = 1,
			       .max_consumers = 1};
	weir_channel *ch;

	if (segment_answer(weir_channel_open(base.st, "n", &o, &ch, NULL)) == 0)
		weir_channel_close(ch);
	segment_answer(weir_channel_remove(base.st, name, NULL));
}

/* With the channel open. */
static void
use(weir_channel *ch, unsigned what, uint32_t from, struct edits e)
{
	weir_producer *p = NULL, *q = NULL;
	weir_consumer *c = NULL;
	weir_record rec;

	if (what & DO_KEEP) {
		segment_answer(weir_producer_open(ch, "p", NULL, &p, NULL));
		segment_answer(weir_consumer_open(ch, "c", NULL, &c, NULL));
	}
	edits_apply(e, 1, base.map, base.offs, base.cnt);
	if (what & DO_LOOK)
		segment_look(ch);
	if (what & DO_READ)
		segment_read(ch, NULL, from, WEIR_CHECK);
	if (what & DO_JOIN)
		segment_read(
		    ch, "d", from,
		    what & DO_GATE && wi_is_block(&ch->ring) ? WEIR_GATE : 0);
	if (what & DO_PUBLISH) {
		segment_answer(weir_producer_open(ch, "r", NULL, &q, NULL));
		if (q)
			publish(q);
		if (p)
			publish(p);
		segment_answer(weir_channel_clear_orphans(ch, NULL, NULL));
	}
	for (int i = 0; c && i < 8; i++)
		if (segment_answer(weir_read(c, &rec, 1, 0)) != 1)
			break;
	weir_producer_close(q);
	weir_producer_close(p);
	weir_consumer_close(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct edits e;
	const char *name;
	weir_channel *ch;
	uint32_t from;
	unsigned what;

	if (len < 2)
		return 0;
	if (!base.st)
		set_up();
	e = (struct edits){data + 2, data + len};
	name = segment_channels[data[0] % SEGMENT_CHANNELS];
	from = data[0] / SEGMENT_CHANNELS % (WEIR_FROM_SEQ + 1u);
	what = 1u << (data[1] & 7) | 1u << (data[1] >> 4 & 7);
	if (what & DO_GATE)
		what |= DO_JOIN;
	edits_apply(e, 0, base.map, base.offs, base.cnt);
	if (what & DO_LIST)
		list();
	if (segment_answer(weir_channel_open(base.st, name, NULL, &ch, NULL)) ==
	    0) {
		use(ch, what, from, e);
		if (what & DO_CHANGE)
			change(name);
		weir_channel_close(ch);
	} else if (what & DO_CHANGE) {
		change(name);
	}
	memcpy(base.map, base.image, base.used);
	return 0;
}
