/* SPDX-License-Identifier: BSD-2-Clause */
#include "units.h"

#include <stdio.h>

static const char *
put(char buf[UNITS_MAX], double v, const char *const *units, int last)
{
	int i = 0;

	/* what would be printed as 1e+03 is one of the next */
	for (; (v >= 999.5 || v <= -999.5) && i < last; i++)
		v /= 1000;
	snprintf(buf, UNITS_MAX, "%.3g%s", v, units[i]);
	return buf;
}

const char *
units_time(char buf[UNITS_MAX], int64_t ns)
{
	static const char *const units[] = {" ns", " us", " ms"};
	double s = (double)ns / 1e9;

	if (s < 0.9995)
		return put(buf, (double)ns, units, 2);
	if (s < 600)
		snprintf(buf, UNITS_MAX, s < 100 ? "%.3g s" : "%.0f s", s);
	else if (s < 36000)
		snprintf(buf, UNITS_MAX, "%.0f min", s / 60);
	else if (s < 864000)
		snprintf(buf, UNITS_MAX, "%.0f h", s / 3600);
	else
		snprintf(buf, UNITS_MAX, "%.0f d", s / 86400);
	return buf;
}

const char *
units_bytes(char buf[UNITS_MAX], double bytes)
{
	static const char *const units[] = {" B", " kB", " MB", " GB", " TB"};

	return put(buf, bytes, units, 4);
}

const char *
units_count(char buf[UNITS_MAX], double cnt)
{
	static const char *const units[] = {"", "k", "M", "G", "T"};

	return put(buf, cnt, units, 4);
}
