/* SPDX-License-Identifier: BSD-2-Clause
 *
 * pattern.h - the patterns of one schema, and a search that ends.
 *
 * PCRE2 runs what regex.h has translated, interpreted: compiling to machine
 * code costs more than most channels will ever match, and needs executable
 * memory, which hardened processes do not have.
 *
 * Time.  The translation is full of callouts, each of which charges the
 * distance that the match has moved since the last one to the record's
 * steps, and ends the match when none are left.  PCRE2's own match limit
 * counts from anew at each starting place and does not see the length of
 * a repeat, so it bounds nothing that matters.
 *
 * Memory.  PCRE2 keeps its back-tracking points on the heap.  Here they come
 * from one block that is reserved when the schema is compiled and shared by
 * all its patterns; a match that wants more of it fails.
 */
#ifndef WI_SCHEMA_PATTERN_H
#define WI_SCHEMA_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "schema/uri.h"

struct wi_pattern;
struct wi_patterns;

/* Of one schema; the same pattern twice counts once. */
#define WI_PATTERN_MAX	 2048	    /* patterns */
#define WI_PATTERN_LEN	 (1u << 14) /* bytes in one */
#define WI_PATTERN_BYTES (1u << 18) /* bytes in all */

/* wi_patterns_new - no patterns yet; NULL if there is no memory. */
struct wi_patterns *wi_patterns_new(void);
void wi_patterns_free(struct wi_patterns *ps);

/* wi_patterns_add - compile the ECMA-262 pattern text[0 .. len).
 * Return: 0; -ENOMEM; WEIR_EBADSCHEMA: why[cap] says what and where. */
int wi_patterns_add(struct wi_patterns *ps, const uint8_t *text, uint32_t len,
		    const struct wi_pattern **out, char *why, size_t cap);

/* wi_pattern_text - as it was written; good as long as the pattern. */
struct wi_text wi_pattern_text(const struct wi_pattern *pat);

enum wi_found {
	WI_FOUND_NO,
	WI_FOUND_YES,
	WI_FOUND_LIMIT, /* out of steps or of memory for back-tracking */
};

/* wi_pattern_search - is @pat anywhere in ptr[0 .. len), which is valid
 * UTF-8?  Takes what it costs from *@steps; 0 is left at WI_FOUND_LIMIT. */
enum wi_found wi_pattern_search(struct wi_patterns *ps,
				const struct wi_pattern *pat,
				const uint8_t *ptr, size_t len,
				uint64_t *steps);

#endif
