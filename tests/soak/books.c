/* SPDX-License-Identifier: BSD-2-Clause
 *
 * books.c - see books.h
 */
#include "soak/books.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <weir/inspect.h>

#include "support/tmpstore.h"

#define PLACES_MOST 128

uint32_t
books_files(const char *store)
{
	char pattern[128];
	glob_t found;
	uint32_t n = 0;

	snprintf(pattern, sizeof(pattern), "/dev/shm/weir.%s*", store);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *rest =
			    found.gl_pathv[i] + strlen(pattern) - 1;

			n += *rest == 0 || *rest == '.';
		}
		globfree(&found);
	}
	return n;
}

static uint32_t
fd_cnt(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint32_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void
take_channel(weir_store *st, const char *name, struct books *b)
{
	weir_channel_info i = {.size = sizeof(i)};
	weir_ring_info ri = {.size = sizeof(ri)};
	weir_channel *ch;

	if (weir_channel_open(st, name, NULL, &ch, NULL) != 0)
		return;
	if (weir_channel_stat(ch, &i) == 0) {
		b->producers += i.producer_cnt;
		b->consumers += i.consumer_cnt;
	}
	if (weir_ring_stat(ch, &ri) == 0)
		b->sleepers += (uint32_t)ri.sleepers;
	weir_channel_close(ch);
}

struct books
books_take(weir_store *st, const char *store)
{
	weir_channel_info it = {.size = sizeof(it)};
	weir_store_info i = {.size = sizeof(i)};
	struct books b = {.files = books_files(store), .fds = fd_cnt()};

	if (weir_store_stat(st, &i) == 0) {
		b.participants = i.participant_cnt;
		b.channels = i.channel_cnt;
		b.used_bytes = i.used_bytes;
		b.real_bytes = i.real_bytes;
	}
	while (weir_channel_next(st, &it) == 1)
		take_channel(st, it.name, &b);
	return b;
}

int
books_same(const struct books *a, const struct books *b, char *why, size_t cap)
{
	if (a->participants == b->participants && a->channels == b->channels &&
	    a->producers == b->producers && a->consumers == b->consumers &&
	    a->sleepers == b->sleepers && a->used_bytes == b->used_bytes &&
	    a->real_bytes == b->real_bytes && a->files == b->files &&
	    a->fds == b->fds)
		return 1;
	snprintf(
	    why, cap,
	    "participants %u -> %u, channels %u -> %u, producers %u -> %u, "
	    "consumers %u -> %u, sleepers %u -> %u, used %" PRIu64
	    " -> %" PRIu64 ", real %" PRIu64 " -> %" PRIu64
	    ", files %u -> %u, descriptors %u -> %u",
	    a->participants, b->participants, a->channels, b->channels,
	    a->producers, b->producers, a->consumers, b->consumers, a->sleepers,
	    b->sleepers, a->used_bytes, b->used_bytes, a->real_bytes,
	    b->real_bytes, a->files, b->files, a->fds, b->fds);
	return 0;
}

/* ---- every place can be taken ----------------------------------------------
 */

static int
fill_consumers(weir_channel *ch, const weir_channel_info *i, char *why,
	       size_t cap)
{
	weir_consumer *cs[PLACES_MOST] = {NULL};
	weir_diag d = {.message = ""};
	weir_record rec;
	uint32_t n;
	int rc = 0;
	char id[32];

	for (n = 0; rc == 0 && n < i->max_consumers && n < PLACES_MOST; n++) {
		snprintf(id, sizeof(id), "fill %u", n);
		rc = weir_consumer_open(ch, id, NULL, &cs[n], &d);
		if (rc == 0) /* which sets its mark, and takes it away */
			while (weir_read(cs[n], &rec, 1, 0) > 0)
				;
	}
	if (rc != 0)
		snprintf(why, cap, "channel %s: consumer %u of %u: %s", i->name,
			 n, i->max_consumers, d.message);
	while (n > 0)
		weir_consumer_close(cs[--n]);
	return rc;
}

/* Values of the dead hold lanes; they are withdrawn first. */
static int
fill_producers(weir_channel *ch, const weir_channel_info *i, char *why,
	       size_t cap)
{
	weir_producer *ps[PLACES_MOST] = {NULL};
	weir_diag d = {.message = ""};
	uint32_t n = 0;
	char id[32];
	int rc = weir_channel_clear_orphans(ch, NULL, &d);

	for (rc = rc < 0 ? rc : 0;
	     rc == 0 && n < i->max_producers && n < PLACES_MOST; n++) {
		snprintf(id, sizeof(id), "fill %u", n);
		rc = weir_producer_open(ch, id, NULL, &ps[n], &d);
	}
	if (rc != 0)
		snprintf(why, cap, "channel %s: producer %u of %u: %s", i->name,
			 n, i->max_producers, d.message);
	while (n > 0)
		weir_producer_close(ps[--n]);
	return rc;
}

static int
fill_participants(const char *store, uint32_t free, char *why, size_t cap)
{
	weir_store *sts[PLACES_MOST] = {NULL};
	weir_diag d = {.message = ""};
	uint32_t n;
	int rc = 0;

	for (n = 0; rc == 0 && n < free && n < PLACES_MOST; n++)
		rc = weir_store_open(store, NULL, &sts[n], &d);
	if (rc != 0)
		snprintf(why, cap, "participant %u of %u that are free: %s", n,
			 free, d.message);
	while (n > 0)
		weir_store_close(sts[--n]);
	return rc;
}

int
books_fill(const char *store, uint32_t beside, char *why, size_t cap)
{
	weir_channel_info it = {.size = sizeof(it)};
	weir_store_info i = {.size = sizeof(i)};
	weir_channel *ch;
	weir_store *st;
	int rc = weir_store_open(store, NULL, &st, NULL);

	if (rc != 0) {
		snprintf(why, cap, "cannot open the store: %s",
			 weir_strerror(rc));
		return rc;
	}
	while (rc == 0 && weir_channel_next(st, &it) == 1) {
		rc = weir_channel_open(st, it.name, NULL, &ch, NULL);
		if (rc != 0) {
			snprintf(why, cap, "channel %s: %s", it.name,
				 weir_strerror(rc));
			break;
		}
		rc = fill_consumers(ch, &it, why, cap);
		if (rc == 0)
			rc = fill_producers(ch, &it, why, cap);
		weir_channel_close(ch);
	}
	if (rc == 0 && weir_store_stat(st, &i) == 0)
		rc = fill_participants(store, i.max_participants - beside - 1,
				       why, cap);
	weir_store_close(st);
	return rc;
}

/* ---- the heap
 * ---------------------------------------------------------------- */

/* The first byte behind @from that is not zero; 0: none. */
static uint64_t
first_written(const char *store, uint64_t from)
{
	static uint8_t page[4096];
	int fd = open(tmpstore_path(store), O_RDONLY | O_CLOEXEC);
	uint64_t found = 0;
	off_t at = (off_t)from;
	ssize_t n = 1;

	while (fd >= 0 && !found && n > 0 &&
	       (at = lseek(fd, at, SEEK_DATA)) >= 0) {
		n = pread(fd, page, sizeof(page), at);
		for (ssize_t i = 0; i < n && !found; i++)
			found = page[i] ? (uint64_t)(at + i) : 0;
		at += n;
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/* One channel after the other, as large as fits; what is left then must be
 * too little for the smallest. */
static uint64_t
fill_heap(weir_store *st, int *made)
{
	weir_channel_opts o = {.size = sizeof(o),
			       .producers = WEIR_EXCLUSIVE,
			       .max_consumers = 1,
			       .max_record = 40,
			       .inline_bytes = 48};
	uint64_t all = 0;

	*made = 0;
	for (uint32_t slots = 1u << 20; slots >= 2;) {
		char name[32];
		weir_channel *ch;

		o.capacity = slots;
		snprintf(name, sizeof(name), "fill %d", *made);
		if (weir_channel_open(st, name, &o, &ch, NULL) != 0) {
			slots /= 2;
			continue;
		}
		all += (uint64_t)weir_channel_footprint(&o, NULL);
		weir_channel_close(ch);
		++*made;
	}
	return all;
}

int
books_strays(weir_store *st, const char *store, char *why, size_t cap)
{
	weir_store_info i = {.size = sizeof(i)};
	uint64_t at;

	if (weir_store_stat(st, &i) != 0 || i.channel_cnt) {
		snprintf(why, cap, "there are channels");
		return -1;
	}
	at = first_written(store, i.used_bytes);
	if (!at)
		return 0;
	snprintf(why, cap,
		 "byte %" PRIu64 " was written to, which belongs to no channel",
		 at);
	return -1;
}

int
books_heap(weir_store *st, char *why, size_t cap)
{
	weir_channel_opts least = {.size = sizeof(least),
				   .producers = WEIR_EXCLUSIVE,
				   .capacity = 2,
				   .max_consumers = 1,
				   .max_record = 40,
				   .inline_bytes = 48};
	weir_store_info i = {.size = sizeof(i)};
	uint64_t all;
	int made;

	weir_store_stat(st, &i);
	all = fill_heap(st, &made);
	for (int k = 0; k < made; k++) {
		char name[32];

		snprintf(name, sizeof(name), "fill %d", k);
		weir_channel_remove(st, name, NULL);
	}
	if (i.used_bytes + all > i.max_bytes ||
	    i.used_bytes + all +
		    (uint64_t)weir_channel_footprint(&least, NULL) <=
		i.max_bytes) {
		snprintf(why, cap,
			 "only %" PRIu64 " bytes of the heap could be used of "
			 "%" PRIu64,
			 all, i.max_bytes - i.used_bytes);
		return -1;
	}
	return 0;
}
