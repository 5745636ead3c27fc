/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/keywords.h"

#include <string.h>

const struct wi_keyword_row wi_keyword_rows[] = {
#define X(id, name, shape, use, vocab)                                         \
	{name, sizeof(name) - 1, WI_SHAPE_##shape, WI_USE_##use,               \
	 WI_VOCAB_##vocab},
    WI_KEYWORDS(X)
#undef X
};

const char *
wi_vocab_name(unsigned vocab)
{
	static const char *const names[] = {
#define X(id, name) name,
	    WI_VOCABULARIES(X)
#undef X
	};

	return names[vocab];
}

const char *
wi_keyword_name(unsigned kw)
{
	return kw < WI_KW_CNT ? wi_keyword_rows[kw].name : "";
}

unsigned
wi_keyword_find(const struct wi_head *h)
{
	unsigned kw;

	/* the first and the last letter tell nearly all of them apart */
	for (kw = 0; kw < WI_KW_CNT; kw++) {
		const struct wi_keyword_row *row = &wi_keyword_rows[kw];

		if (row->len == h->len &&
		    row->name[row->len - 1] == (char)h->ptr[h->len - 1] &&
		    !memcmp(row->name, h->ptr, h->len))
			break;
	}
	return kw;
}
