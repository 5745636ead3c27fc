/* SPDX-License-Identifier: BSD-2-Clause
 *
 * refs.h - a schema in a file, and the documents that it refers to: --ref.
 */
#ifndef WI_TOOLS_REFS_H
#define WI_TOOLS_REFS_H

#include <weir/schema.h>

#include "opts.h"

#define REFS_OPT                                                               \
	{                                                                      \
		0, "ref", "URI=FILE",                                          \
		    "a document that the schema refers to by this URI; may\n"  \
		    "be given again",                                          \
		    OPT_LIST, &refs_args                                       \
	}

extern struct opt_list refs_args;

struct refs_text {
	char *text;
	size_t len;
	weir_schema_ref ref[OPT_LIST_MAX];
	size_t ref_cnt;
};

/* refs_read - read the schema at @path and what --ref names.
 * Returns 0, or an exit code after having said why. */
int refs_read(const char *path, struct refs_text *t);

/* refs_compile - weir_schema_compile() of it.  Returns the same. */
int refs_compile(const char *path, const struct refs_text *t, uint32_t flags,
		 weir_schema **out);

void refs_free(struct refs_text *t);

#endif
