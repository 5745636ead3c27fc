/* SPDX-License-Identifier: BSD-2-Clause
 *
 * marks.h - which elements or members of a container some keyword has
 * evaluated.
 *
 * A frame whose container is asked for what is left over, by its own schema
 * or by one that handed the value to it, has a bit for each.  The bits lie on
 * a stack beside that of the frames: who took them last drops them first,
 * whether it passed them on to its caller or failed.
 */
#ifndef WI_SCHEMA_MARKS_H
#define WI_SCHEMA_MARKS_H

#include <string.h>

#include "schema/program.h"

struct wi_marks {
	uint64_t *free, *end;
};

static inline struct wi_marks
wi_marks_of(const struct weir_schema *s)
{
	return (struct wi_marks){s->marks,
				 s->marks ? s->marks + WI_MARKS_LEN / 8 : NULL};
}

static inline uint32_t
wi_mark_words(const struct wi_frame *f)
{
	return (f->cnt + 63) / 64;
}

/* wi_marks_take - bits for the container in @f, none of them set; false: there
 * is no room for them. */
static inline bool
wi_marks_take(struct wi_marks *m, struct wi_frame *f)
{
	uint32_t words = wi_mark_words(f);

	if ((size_t)(m->end - m->free) < words)
		return false;
	f->marks = m->free;
	m->free += words;
	memset(f->marks, 0, words * sizeof(*f->marks));
	return true;
}

/* wi_marks_drop - @f was the last to take some. */
static inline void
wi_marks_drop(struct wi_marks *m, const struct wi_frame *f)
{
	m->free = f->marks;
}

static inline bool
wi_is_marked(const struct wi_frame *f, uint32_t i)
{
	return f->marks[i / 64] >> i % 64 & 1;
}

static inline void
wi_mark(struct wi_frame *f, uint32_t i)
{
	f->marks[i / 64] |= 1ull << i % 64;
}

static inline void
wi_mark_first(struct wi_frame *f, uint32_t cnt)
{
	for (uint32_t i = 0; i < cnt && i < f->cnt; i++)
		wi_mark(f, i);
}

/* wi_marks_give - what @f has found out counts for its caller, too. */
static inline void
wi_marks_give(struct wi_frame *f)
{
	for (uint32_t i = 0; i < wi_mark_words(f); i++)
		f[-1].marks[i] |= f->marks[i];
}

#endif
