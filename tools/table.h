/* SPDX-License-Identifier: BSD-2-Clause
 *
 * table.h - rows of cells in columns as wide as what is in them.
 *
 *     table_begin("<>");             left, right
 *     table_cell("NAME", 4);
 *     table_fmt("%s", "BYTES");
 *     table_cell(name, strlen(name));
 *     table_fmt("%u", bytes);
 *     table_end();                   prints
 *
 * What is in a cell passes as through out_text().  A long table can be
 * printed piece by piece.
 */
#ifndef WI_TOOLS_TABLE_H
#define WI_TOOLS_TABLE_H

#include <stddef.h>

/* table_begin - as many columns, up to TABLE_COLUMNS_MAX, as @aligns, which
 * stays the caller's, has characters: '<' left, '>' right, '=' numbers right and
 * all else left. */
#define TABLE_COLUMNS_MAX 300

void table_begin(const char *aligns);

/* The next cell, left to right and then in the next row. */
void table_cell(const char *s, size_t len);
void table_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* table_flush - print what is there, as wide as all rows so far.
 * Return: 0, or -ENOMEM: nothing was printed. */
int table_flush(void);

/* table_end - the same, and that was all.  Return: 0, or -ENOMEM: nothing was printed. */
int table_end(void);

#endif
