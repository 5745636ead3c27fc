/* SPDX-License-Identifier: BSD-2-Clause
 *
 * edits.h - a fuzzer's bytes as changes of a segment's words.
 *
 * An edit is {where: 2 bytes, how: 1 byte, value: as many as the way of it
 * takes}; `where` counts the words that may be changed.  So one changed byte
 * of an input is one other damage, not another segment altogether.
 */
#ifndef WI_TESTS_FUZZ_EDITS_H
#define WI_TESTS_FUZZ_EDITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EDITS_LATER 0x80 /* in `how`: once handles are open */

struct edits {
	const uint8_t *at, *end;
};

static inline uint64_t
edits_take(struct edits *e, size_t n)
{
	uint64_t v = 0;

	if (n > (size_t)(e->end - e->at))
		n = (size_t)(e->end - e->at);
	memcpy(&v, e->at, n);
	e->at += n;
	return v;
}

/* Apply all edits that are (@later) or are not to be done later to words of
 * @base; @offs: @cnt offsets of words. */
static inline void
edits_apply(struct edits e, int later, uint8_t *base, const uint32_t *offs,
	    size_t cnt)
{
	while (e.at < e.end) {
		uint64_t old, val, other;
		size_t where = edits_take(&e, 2) % cnt;
		unsigned how = (unsigned)edits_take(&e, 1);
		static const uint8_t len[8] = {8, 1, 1, 4, 4, 0, 2, 1};

		val = edits_take(&e, len[how & 7]);
		if (!(how & EDITS_LATER) != !later)
			continue;
		memcpy(&old, base + offs[where], 8);
		switch (how & 7) {
		case 0:
			break;
		case 1: /* a little more or less */
			val = old + (uint64_t)(int64_t)(int8_t)val;
			break;
		case 2:
			val = old ^ UINT64_C(1) << (val & 63);
			break;
		case 3:
			val |= old & ~UINT64_C(0xffffffff);
			break;
		case 4:
			val = val << 32 | (uint32_t)old;
			break;
		case 5:
			val = UINT64_MAX;
			break;
		case 6: /* what another word has */
			memcpy(&other, base + offs[val % cnt], 8);
			val = other;
			break;
		default:
			val = UINT64_C(1) << (val & 63);
		}
		memcpy(base + offs[where], &val, 8);
	}
}

#endif
