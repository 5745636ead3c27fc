/* SPDX-License-Identifier: BSD-2-Clause
 *
 * books.h - what a store holds at a time when nobody uses it: to be the same
 * before and after, however many processes have died in between.
 */
#ifndef WI_TESTS_SOAK_BOOKS_H
#define WI_TESTS_SOAK_BOOKS_H

#include <weir.h>

struct books {
	uint32_t participants, channels;
	uint32_t producers, consumers; /* live ones, of all channels */
	uint32_t sleepers;	       /* marks */
	uint64_t used_bytes;	       /* of the heap */
	uint64_t real_bytes;	       /* of the tmpfs, for this file */
	uint32_t files;		       /* of this store: data and locks */
	uint32_t fds;		       /* of this process */
};

/* Take places until there are none, and give them back: each lane, each cell
 * and each place of a participant must be free for a newcomer.  @beside: how
 * many participants there are and stay.  Return: 0, or @why (cap bytes) says
 * what was not free. */
int books_fill(const char *store, uint32_t beside, char *why, size_t cap);

/* In a store without channels: what is in the heap must be zeros.  An observer
 * that reads what has just gone takes memory for it, but nobody may write
 * there.  Return and @why as above. */
int books_strays(weir_store *st, const char *store, char *why, size_t cap);

/* Then fill the heap with channels and remove them, which gives back all of
 * its memory. */
int books_heap(weir_store *st, char *why, size_t cap);

/* @st: a handle on the store, which counts. */
struct books books_take(weir_store *st, const char *store);

/* Return: 1 if they are the same, else 0 and @why says how they differ. */
int books_same(const struct books *a, const struct books *b, char *why,
	       size_t cap);

/* Files of /dev/shm that belong to this store. */
uint32_t books_files(const char *store);

#endif
