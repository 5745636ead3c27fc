/* SPDX-License-Identifier: BSD-2-Clause
 *
 * segment.h - the smallest store that has something of everything in it, for
 * fuzz programs that damage it.
 */
#ifndef WI_TESTS_FUZZ_SEGMENT_H
#define WI_TESTS_FUZZ_SEGMENT_H

#include <stddef.h>
#include <stdint.h>
#include <weir.h>

#define SEGMENT_CHANNELS 4
extern const char *const segment_channels[SEGMENT_CHANNELS];

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			__builtin_trap();                                      \
	} while (0)

/* Fill a new store; its mapping.  *@used: bytes up to the end of the last
 * channel. */
uint8_t *segment_fill(weir_store *st, size_t *used);

/* The offsets of all words that mean something: tables, rings, heads of
 * records; from @from on.  Return: how many, at most @cap. */
size_t segment_words(const uint8_t *image, size_t used, size_t from,
		     uint32_t *offs, size_t cap);

/* Look at a channel; all that is handed out is touched. */
void segment_look(weir_channel *ch);

/* Read from @from on, a few records. */
void segment_read(weir_channel *ch, const char *id, uint32_t from,
		  uint32_t flags);

/* An answer that means something. */
int64_t segment_answer(int64_t rc);

#endif
