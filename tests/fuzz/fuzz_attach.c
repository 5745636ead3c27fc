/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_attach.c - a file with some of its words changed, opened by an observer
 * and looked at from end to end.
 *
 *   byte 0   bit 0: the header's sum is made right, as an enemy would;
 *            bit 1: only words of the header are changed; bit 2: the file is
 *            cut, too, at the next two bytes
 *   then     edits (edits.h)
 *
 * The file is a copy of a store of 40 KB, in the shared-memory directory.
 */
#include "fuzz/edits.h"
#include "fuzz/segment.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/internal.h"

/* This program maps with nothing on either side. */
#include "fault/guard.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	char path[64];
	int fd;
	uint8_t *map;
	uint8_t image[1 << 16];
	size_t used;
	uint32_t offs[1 << 13];
	size_t cnt, head_cnt;
} base;

static void
remove_file(void)
{
	unlink(base.path);
}

static void
sign(uint8_t *map)
{
	struct wi_shm_header *h = (void *)map;

	h->sum = wi_hash(h, offsetof(struct wi_shm_header, sum));
}

static void
set_up(void)
{
	weir_store_opts o = {.size = sizeof(o),
			     .flags = WEIR_PRIVATE,
			     .max_bytes = 1u << 20,
			     .max_channels = 5,
			     .max_participants = 2};
	weir_store *st;
	uint8_t *map;

	MUST(weir_store_open(NULL, &o, &st, NULL) == 0);
	map = segment_fill(st, &base.used);
	MUST(base.used <= sizeof(base.image));
	memcpy(base.image, map, base.used);
	weir_store_close(st);
	((struct wi_shm_header *)(void *)base.image)->seg_len = base.used;
	sign(base.image);
	base.cnt = segment_words(base.image, base.used, 0, base.offs,
				 sizeof(base.offs) / sizeof(*base.offs));
	base.head_cnt = sizeof(struct wi_shm_header) / 8;

	snprintf(base.path, sizeof(base.path), "/dev/shm/weir-test-%ld-fuzz",
		 (long)getpid());
	base.fd = open(base.path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	MUST(base.fd >= 0);
	atexit(remove_file);
	MUST(ftruncate(base.fd, (off_t)base.used) == 0);
	base.map = mmap(NULL, base.used, PROT_READ | PROT_WRITE, MAP_SHARED,
			base.fd, 0);
	MUST(base.map != MAP_FAILED);
	memcpy(base.map, base.image, base.used);
}

static void
look(weir_store *st)
{
	weir_store_info info = {.size = sizeof(info)};
	weir_participant_info p = {.size = sizeof(p)};
	weir_channel_info c = {.size = sizeof(c)};
	weir_channel *ch;
	int n = 0;

	segment_answer(weir_store_stat(st, &info));
	while (segment_answer(weir_participant_next(st, &p)) == 1)
		MUST(n++ < 10);
	while (segment_answer(weir_channel_next(st, &c)) == 1) {
		MUST(n++ < 20);
		if (segment_answer(
			weir_channel_open(st, c.name, NULL, &ch, NULL)) != 0)
			continue;
		segment_look(ch);
		segment_read(ch, NULL, (uint32_t)n % 5, WEIR_CHECK);
		weir_channel_close(ch);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	weir_store_opts o = {.size = sizeof(o), .flags = WEIR_READ_ONLY};
	struct edits e;
	size_t cut;
	weir_store *st;

	if (len < 1)
		return 0;
	if (!base.map)
		set_up();
	e = (struct edits){data + 1, data + len};
	cut = data[0] & 4 ? edits_take(&e, 2) % base.used : base.used;
	edits_apply(e, 0, base.map, base.offs,
		    data[0] & 2 ? base.head_cnt : base.cnt);
	if (data[0] & 1)
		sign(base.map);
	if (cut < base.used)
		MUST(ftruncate(base.fd, (off_t)cut) == 0);
	if (segment_answer(weir_store_open(base.path, &o, &st, NULL)) == 0)
		look(st);
	weir_store_close(st);
	if (cut < base.used)
		MUST(ftruncate(base.fd, (off_t)base.used) == 0);
	memcpy(base.map, base.image, base.used);
	return 0;
}
