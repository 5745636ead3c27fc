/* SPDX-License-Identifier: BSD-2-Clause
 *
 * formats.h - formats of a schema that ask for nothing, mistyped ones first
 * of all.
 */
#ifndef WI_TOOLS_FORMATS_H
#define WI_TOOLS_FORMATS_H

#include <stddef.h>

/* formats_say - name those in the text of a schema that are not checked;
 * @where begins the sentence. */
void formats_say(const char *where, const char *text, size_t len);

#endif
