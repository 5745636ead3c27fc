/* SPDX-License-Identifier: BSD-2-Clause
 *
 * wanted.h - programs that run the rows of a table, or those whose name has
 * one of the arguments in it.
 */
#ifndef WI_TESTS_SUPPORT_WANTED_H
#define WI_TESTS_SUPPORT_WANTED_H

#include <stdbool.h>
#include <string.h>

static inline bool
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

#endif
