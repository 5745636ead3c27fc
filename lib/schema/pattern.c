/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/error.h>

#include "schema/regex.h"

/* For back-tracking points; pages that are not needed are never touched. */
#define BLOCK_LEN ((size_t)16 << 20)
#define BUCKETS	  64
#define WIDEST	  160 /* bytes of translation for a byte of pattern */

struct wi_pattern {
	struct wi_pattern *next, *chain;
	pcre2_code *code;
	uint32_t len;
	uint8_t text[];
};

/* The block gives out at most two pieces, one from each end: PCRE2 copies
 * its points from one to the next when they grow. */
struct block {
	uint8_t *base;
	size_t low, high; /* bytes of the piece at either end */
};

struct wi_patterns {
	struct wi_pattern *all;
	struct wi_pattern *bucket[BUCKETS];
	uint32_t cnt, bytes;
	struct block block;
	pcre2_general_context *memory;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	/* of the search that runs */
	uint64_t *steps;
	size_t last;
};

static void *
block_get(size_t len, void *arg)
{
	struct block *b = arg;

	if (!b->base) /* not yet a search: contexts */
		return malloc(len);
	len = (len + 63) & ~(size_t)63;
	if (len > BLOCK_LEN - b->low - b->high)
		return NULL;
	if (!b->low) {
		b->low = len;
		return b->base;
	}
	if (!b->high) {
		b->high = len;
		return b->base + BLOCK_LEN - len;
	}
	return NULL;
}

static void
block_put(void *ptr, void *arg)
{
	struct block *b = arg;
	uint8_t *p = ptr;

	if (!p || !b->base || p < b->base || p >= b->base + BLOCK_LEN)
		free(p);
	else if (p == b->base)
		b->low = 0;
	else
		b->high = 0;
}

static int
charge(pcre2_callout_block *at, void *arg)
{
	struct wi_patterns *ps = arg;
	size_t pos = at->current_position;
	size_t moved = pos > ps->last ? pos - ps->last : ps->last - pos;

	ps->last = pos;
	if (*ps->steps <= moved + 1) {
		*ps->steps = 0;
		return PCRE2_ERROR_CALLOUT;
	}
	*ps->steps -= moved + 1;
	return 0;
}

struct wi_patterns *
wi_patterns_new(void)
{
	struct wi_patterns *ps = calloc(1, sizeof(*ps));

	if (!ps)
		return NULL;
	ps->memory =
	    pcre2_general_context_create(block_get, block_put, &ps->block);
	if (!ps->memory)
		goto fail;
	ps->limits = pcre2_match_context_create(ps->memory);
	ps->data = pcre2_match_data_create(1, ps->memory);
	ps->block.base = malloc(BLOCK_LEN);
	if (!ps->limits || !ps->data || !ps->block.base)
		goto fail;
	pcre2_set_callout(ps->limits, charge, ps);
	/* ours are the callout and the block */
	pcre2_set_match_limit(ps->limits, UINT32_MAX);
	pcre2_set_depth_limit(ps->limits, UINT32_MAX);
	pcre2_set_heap_limit(ps->limits, BLOCK_LEN / 1024);
	return ps;
fail:
	wi_patterns_free(ps);
	return NULL;
}

void
wi_patterns_free(struct wi_patterns *ps)
{
	struct wi_pattern *pat, *next;

	if (!ps)
		return;
	for (pat = ps->all; pat; pat = next) {
		next = pat->next;
		pcre2_code_free(pat->code);
		free(pat);
	}
	pcre2_match_data_free(ps->data);
	pcre2_match_context_free(ps->limits);
	pcre2_general_context_free(ps->memory);
	free(ps->block.base);
	free(ps);
}

static struct wi_pattern **
bucket_of(struct wi_patterns *ps, const uint8_t *text, uint32_t len)
{
	uint32_t h = len;

	for (uint32_t i = 0; i < len; i++)
		h = h * 31 + text[i];
	return &ps->bucket[(h ^ h >> 16) % BUCKETS];
}

static int
compile(struct wi_pattern *pat, char *why, size_t cap)
{
	size_t dst_cap = (size_t)pat->len * WIDEST + 64, at = 0;
	char *dst = malloc(dst_cap);
	const char *reason = "";
	PCRE2_SIZE offset;
	int64_t n;
	int err;

	if (!dst)
		return -ENOMEM;
	n = wi_regex_translate(pat->text, pat->len, dst, dst_cap, &reason, &at);
	if (n < 0) {
		snprintf(why, cap, "%s, at byte %zu", reason, at);
		free(dst);
		return WEIR_EBADSCHEMA;
	}
	pat->code =
	    pcre2_compile((PCRE2_SPTR)dst, (PCRE2_SIZE)n,
			  PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY,
			  &err, &offset, NULL);
	free(dst);
	if (pat->code)
		return 0;
	if (err == PCRE2_ERROR_NOMEMORY || err == 121)
		return -ENOMEM;
	if (pcre2_get_error_message(err, (PCRE2_UCHAR *)why, cap) < 0 && cap)
		why[cap - 1] = 0;
	return WEIR_EBADSCHEMA;
}

int
wi_patterns_add(struct wi_patterns *ps, const uint8_t *text, uint32_t len,
		const struct wi_pattern **out, char *why, size_t cap)
{
	struct wi_pattern **bucket = bucket_of(ps, text, len), *pat;
	int ret;

	for (pat = *bucket; pat; pat = pat->chain) {
		if (pat->len == len && !memcmp(pat->text, text, len)) {
			*out = pat;
			return 0;
		}
	}
	if (ps->cnt >= WI_PATTERN_MAX || len > WI_PATTERN_LEN ||
	    ps->bytes + len > WI_PATTERN_BYTES) {
		snprintf(why, cap,
			 "at most %u patterns, %u bytes each, %u in all",
			 WI_PATTERN_MAX, WI_PATTERN_LEN, WI_PATTERN_BYTES);
		return WEIR_EBADSCHEMA;
	}
	pat = calloc(1, sizeof(*pat) + len);
	if (!pat)
		return -ENOMEM;
	pat->len = len;
	memcpy(pat->text, text, len);
	ret = compile(pat, why, cap);
	if (ret) {
		free(pat);
		return ret;
	}
	pat->next = ps->all;
	ps->all = pat;
	pat->chain = *bucket;
	*bucket = pat;
	ps->cnt++;
	ps->bytes += len;
	*out = pat;
	return 0;
}

struct wi_text
wi_pattern_text(const struct wi_pattern *pat)
{
	return wi_text(pat->text, pat->len);
}

enum wi_found
wi_pattern_search(struct wi_patterns *ps, const struct wi_pattern *pat,
		  const uint8_t *ptr, size_t len, uint64_t *steps)
{
	uint64_t cost = 1 + len / 64;
	int ret;

	/* PCRE2 may see that there is no match before it gets to a callout */
	if (*steps <= cost) {
		*steps = 0;
		return WI_FOUND_LIMIT;
	}
	*steps -= cost;
	ps->steps = steps;
	ps->last = 0;
	ret = pcre2_match(pat->code, ptr, len, 0, PCRE2_NO_UTF_CHECK, ps->data,
			  ps->limits);
	if (ret >= 0)
		return WI_FOUND_YES;
	if (ret == PCRE2_ERROR_NOMATCH)
		return WI_FOUND_NO;
	*steps = 0;
	return WI_FOUND_LIMIT;
}
