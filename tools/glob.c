/* SPDX-License-Identifier: BSD-2-Clause */
#include "glob.h"

#include <fnmatch.h>
#include <string.h>

int
glob_any(const char *const *patterns, size_t cnt, const char *name)
{
	for (size_t i = 0; i < cnt; i++)
		if (strcmp(patterns[i], name) == 0 ||
		    fnmatch(patterns[i], name, 0) == 0)
			return 1;
	return cnt == 0;
}
