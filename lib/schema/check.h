/* SPDX-License-Identifier: BSD-2-Clause
 *
 * check.h - does a record pass a program?
 *
 * One pass over the bytes, without recursion and without a notion of where
 * it is; report.h finds the place afterwards, and only if somebody asks.
 *
 * What the schema constrains is checked for well-formedness on the way:
 * heads, UTF-8, and duplicate keys among the names that the schema knows.
 * Where it leaves values or names open, the pass says so, and the caller
 * has the codec look at the whole record.
 */
#ifndef WI_SCHEMA_CHECK_H
#define WI_SCHEMA_CHECK_H

#include "codec/walk.h"
#include "schema/program.h"

struct wi_verdict {
	const struct wi_node *node; /* that refused */
	const uint8_t *at;	    /* the value that it refused */
	uint32_t keyword;	    /* enum wi_keyword */
	uint32_t open; /* passed, but the codec must look at it, too */
};

/* wi_check_run - run @s over msg[0 .. len).
 * Return: 0, or WEIR_ESCHEMA: then @v says why, unless the record is not
 * well-formed, which must be found out first. */
int wi_check_run(struct weir_schema *s, const uint8_t *msg, size_t len,
		 struct wi_verdict *v);

/* wi_check_at - the same for one node of it.  Takes what it costs from
 * *@steps, which is what wi_steps_for() gave for the whole record at first:
 * questions that go together share it. */
int wi_check_at(struct weir_schema *s, const struct wi_node *node,
		const uint8_t *msg, size_t len, uint64_t *steps,
		struct wi_verdict *v);

static inline uint64_t
wi_steps_for(size_t len)
{
	return WI_STEPS_BASE + (uint64_t)len * WI_STEPS_PER_BYTE;
}

/* wi_length_broken - the keyword that a string breaks by its length, in
 * characters; WI_KW_CNT: none. */
static inline unsigned
wi_length_broken(const struct wi_strings *s, const uint8_t *ptr, uint32_t len)
{
	uint64_t cnt;

	/* A character has one to four bytes: mostly there is no need to
	 * count. */
	if (len <= s->max && (len + 3ull) / 4 >= s->min)
		return WI_KW_CNT;
	cnt = wi_utf8_count(ptr, len);
	return cnt < s->min   ? WI_KW_MIN_LENGTH
	       : cnt > s->max ? WI_KW_MAX_LENGTH
			      : WI_KW_CNT;
}

/* wi_prop_find - the index of a name in the props of @obj, which is likely
 * @guess; or obj->prop_cnt. */
uint32_t wi_prop_find(const struct wi_object *obj, const struct wi_name *name,
		      uint32_t guess);

#endif
