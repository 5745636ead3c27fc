/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

/* The next character, as it may be written.  Return: what comes after it. */
static const char *
character(const char *s, const char **out, size_t *len)
{
	static const char *locale;
	wchar_t c = 0;
	size_t n;

	/* without it, what is not ASCII is not UTF-8 either */
	if (!locale && !(locale = setlocale(LC_CTYPE, "C.UTF-8")))
		locale = "C";
	n = mbrtowc(&c, s, strlen(s), &(mbstate_t){0});
	*out = s;
	*len = n;
	if (n == (size_t)-1 || n == (size_t)-2)
		n = 1;
	else if (c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0xfffe &&
		 c != 0xffff)
		return s + n;
	*out = "\xef\xbf\xbd";
	*len = 3;
	return s + n;
}

void
text_html(FILE *f, const char *s, size_t most)
{
	const char *out;
	size_t len;

	while (*s) {
		s = character(s, &out, &len);
		if (most-- == 1 && *s) {
			fputs("\xe2\x80\xa6", f);
			return;
		}
		if (*out == '<')
			fputs("&lt;", f);
		else if (*out == '>')
			fputs("&gt;", f);
		else if (*out == '&')
			fputs("&amp;", f);
		else if (*out == '"')
			fputs("&quot;", f);
		else
			fwrite(out, 1, len, f);
	}
}

void
text_md(FILE *f, const char *s)
{
	const char *out;
	size_t len;

	while (*s) {
		s = character(s, &out, &len);
		if (strchr("\\`*_[]<>|&#~", *out))
			fputc('\\', f);
		fwrite(out, 1, len, f);
	}
}

const char *
text_number(char buf[TEXT_NUMBER], double v, enum unit unit)
{
	static const struct {
		double size;
		const char *name;
	} scales[][4] = {
	    [UNIT_NS] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " µs"}, {1, " ns"}},
	    [UNIT_RATE] = {{1e9, " G/s"},
			   {1e6, " M/s"},
			   {1e3, " k/s"},
			   {1, " /s"}},
	    [UNIT_BYTES] = {{1 << 30, " GiB"},
			    {1 << 20, " MiB"},
			    {1 << 10, " KiB"},
			    {1, " B"}},
	};
	const char *name = "";

	if (unit == UNIT_NONE) {
		snprintf(buf, TEXT_NUMBER, "%.0f", v);
		return buf;
	}
	if (unit != UNIT_RATIO) {
		int i = 0;

		while (i < 3 && v < scales[unit][i].size)
			i++;
		v /= scales[unit][i].size;
		name = scales[unit][i].name;
	}
	if (v < 1e6)
		snprintf(buf, TEXT_NUMBER, "%.*f%s",
			 v > 0 && v < 0.00995  ? 4
			 : v > 0 && v < 0.0995 ? 3
			 : v < 9.995	       ? 2
			 : v < 99.95	       ? 1
					       : 0,
			 v, name);
	else
		snprintf(buf, TEXT_NUMBER, "%.2e%s", v, name);
	return buf;
}
