/* SPDX-License-Identifier: BSD-2-Clause
 *
 * meta.h - the meta-schemas of 2020-12, for schemas that refer to them.
 *
 * Made from keywords.h, which says the same in a shorter form, and not copies
 * of the documents under those URIs: they accept and refuse the same schemas,
 * but for a fragment in $schema, which is refused here, and for keywords that
 * only earlier drafts have, which are not looked at.  What is in the $defs of
 * the documents is not there.  Who needs those hands them in.
 */
#ifndef WI_SCHEMA_META_H
#define WI_SCHEMA_META_H

#include <stddef.h>

#define WI_META_CNT 9 /* the schema, and one for each vocabulary */
#define WI_META_LEN 4096
#define WI_META_URI_LEN 80

/* wi_meta_text - write number @i to @buf and its URI to @uri.
 * Return: bytes. */
size_t wi_meta_text(unsigned i, char buf[WI_META_LEN],
		    char uri[WI_META_URI_LEN]);

#endif
