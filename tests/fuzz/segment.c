/* SPDX-License-Identifier: BSD-2-Clause
 *
 * segment.c - see segment.h
 */
#include "fuzz/segment.h"
#include <errno.h>
#include <string.h>
#include <weir/inspect.h>

#include "store/internal.h"

const char *const segment_channels[SEGMENT_CHANNELS] = {"a", "b", "c", "d"};

static weir_channel *
open_channel(weir_store *st, int i)
{
	weir_channel_opts o = {
	    .size = sizeof(o),
	    .producers = i < 2 ? WEIR_EXCLUSIVE : WEIR_SHARED,
	    .overflow = i & 1 ? WEIR_BLOCK : WEIR_OVERWRITE,
	    .orphans = i == 3 ? WEIR_EVICT : WEIR_KEEP,
	    .stamps = i == 2 ? WEIR_OFF : WEIR_ON,
	    .capacity = i & 2 ? 4 : 2,
	    .max_consumers = 2,
	    .max_producers = i < 2 ? 1 : 2,
	    .max_record = i == 0 ? 40 : 64,
	    .inline_bytes = i < 2 ? 112 : 0,
	    .lane_bytes = i == 0 ? 0 : 512,
	};
	weir_channel *ch = NULL;

	MUST(weir_channel_open(st, i < 4 ? segment_channels[i] : "gone", &o,
			       &ch, NULL) == 0);
	return ch;
}

static void
put(weir_channel *ch, const char *id, int cnt, size_t len, int clear)
{
	uint8_t msg[64];
	weir_producer *p = NULL;

	memset(msg, 'x', sizeof(msg));
	msg[0] = 0xd9;
	msg[1] = (uint8_t)(len - 2);
	MUST(weir_producer_open(ch, id, NULL, &p, NULL) == 0);
	while (cnt--)
		MUST(weir_publish(p, msg, len, NULL) > 0);
	if (clear)
		MUST(weir_clear(p) > 0);
	weir_producer_close(p);
}

uint8_t *
segment_fill(weir_store *st, size_t *used)
{
	weir_channel *gone = open_channel(st, 4), *ch;
	weir_consumer *c;

	*used = 0;
	for (int i = 0; i < SEGMENT_CHANNELS; i++) {
		ch = open_channel(st, i);
		put(ch, "p", 3, 20, 0);
		if (i >= 2)
			put(ch, "q", 2, 50, i == 3);
		put(ch, "p", 1, i == 0 ? 30 : 60, 0);
		MUST(weir_consumer_open(ch, "c", NULL, &c, NULL) == 0);
		weir_consumer_close(c);
		if (ch->off + ch->ring.g.block_len > *used)
			*used = ch->off + ch->ring.g.block_len;
		weir_channel_close(ch);
	}
	weir_channel_close(gone);
	MUST(weir_channel_remove(st, "gone", NULL) == 0);
	return st->base;
}

static void
add(uint32_t *offs, size_t *n, size_t cap, size_t from, size_t to)
{
	for (; from + 8 <= to && *n < cap; from += 8)
		offs[(*n)++] = (uint32_t)from;
}

size_t
segment_words(const uint8_t *image, size_t used, size_t from, uint32_t *offs,
	      size_t cap)
{
	const struct wi_shm_header *h = (const void *)image;
	const struct wi_shm_entry *e = (const void *)(image + h->channels_off);
	struct wi_geom g;
	size_t n = 0;

	if (from < sizeof(*h))
		add(offs, &n, cap, from, sizeof(*h));
	add(offs, &n, cap, h->control_off, h->control_off + 136);
	add(offs, &n, cap, h->participants_off,
	    h->channels_off + h->channel_cnt * sizeof(*e));
	for (uint32_t i = 0; i < h->channel_cnt; i++) {
		if (wi_word_state(e[i].tag.word) != WI_LIVE)
			continue;
		MUST(wi_block_read(image + e[i].off, e[i].len, &g) == 0);
		add(offs, &n, cap, e[i].off, e[i].off + g.bytes_off);
		/* of the lanes, what was written */
		for (size_t at = e[i].off + g.bytes_off;
		     at + 8 <= e[i].off + g.block_len && at < used; at += 8)
			if (memcmp(image + at, "\0\0\0\0\0\0\0", 8) != 0)
				add(offs, &n, cap, at, at + 8);
	}
	return n;
}

int64_t
segment_answer(int64_t rc)
{
	MUST(rc != -ENOMEM && rc != -EFAULT);
	return rc;
}

static void
touch(const weir_record *rec)
{
	static volatile uint8_t sum;
	const uint8_t *p = rec->data;
	char json[256];

	for (size_t i = 0; p && i < rec->len; i++)
		sum = (uint8_t)(sum + p[i]);
	MUST(strnlen(rec->producer, 133) < 133);
	weir_record_json(rec, json, sizeof(json));
}

void
segment_read(weir_channel *ch, const char *id, uint32_t from, uint32_t flags)
{
	weir_consumer_opts o = {.size = sizeof(o),
				.from = from,
				.seq = 2,
				.flags = flags,
				.buffer_bytes = 64};
	weir_record recs[2];
	weir_consumer *c;
	int rc = 1;

	if (segment_answer(weir_consumer_open(ch, id, &o, &c, NULL)))
		return;
	for (int i = 0; rc > 0 && i < 8; i++) {
		rc = flags & WEIR_GATE ? weir_view(c, recs, 2, 0)
				       : weir_read(c, recs, 2, 0);
		segment_answer(rc);
		MUST(rc <= 2);
		for (int k = 0; k < rc; k++)
			touch(&recs[k]);
		if (rc > 0 && (flags & WEIR_GATE))
			weir_release(c, recs[rc - 1].seq);
	}
	weir_consumer_close(c);
}

void
segment_look(weir_channel *ch)
{
	weir_channel_info info = {.size = sizeof(info)};
	weir_producer_info p = {.size = sizeof(p)};
	weir_consumer_info c = {.size = sizeof(c)};
	weir_slot_info s = {.size = sizeof(s)};
	weir_ring_info r = {.size = sizeof(r)};
	static const char *const ids[] = {NULL, "p", "q"};
	uint8_t buf[64];
	weir_record rec;
	int n = 0;

	segment_answer(weir_channel_stat(ch, &info));
	while (segment_answer(weir_producer_next(ch, &p)) == 1)
		MUST(n++ < 100 && strnlen(p.id, sizeof(p.id)) < sizeof(p.id));
	while (segment_answer(weir_consumer_next(ch, &c)) == 1)
		MUST(n++ < 100 && strnlen(c.id, sizeof(c.id)) < sizeof(c.id));
	while (segment_answer(weir_slot_next(ch, &s)) == 1)
		MUST(n++ < 1000);
	segment_answer(weir_ring_stat(ch, &r));
	for (int i = 0; i < 3; i++)
		if (segment_answer(
			weir_current(ch, ids[i], buf, sizeof(buf), &rec)) == 0)
			touch(&rec);
}
