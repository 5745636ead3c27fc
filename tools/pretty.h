/* SPDX-License-Identifier: BSD-2-Clause
 *
 * pretty.h - JSON text in lines, indented.
 */
#ifndef WI_TOOLS_PRETTY_H
#define WI_TOOLS_PRETTY_H

#include <stddef.h>

/* pretty_json - the same value, two spaces for each level.
 * @text: JSON in one line without spaces, as weir_msgpack_to_json() writes
 *        it; may be cut anywhere
 * Return: the caller's to free; NULL: no memory */
char *pretty_json(const char *text, size_t len);

#endif
