/* SPDX-License-Identifier: BSD-2-Clause */
#include "page.h"

#include <stdint.h>

#include "text.h"

static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#5b6470;"
    "--line:#d8dde3;--a:#0b62c4;--b:#b3540a;--c:#6b7480;--floor:#c01f4e}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e6e9ec;"
    "--soft:#9aa4af;--line:#343b43;--a:#62a8ff;--b:#f0a050;--c:#98a2ae;"
    "--floor:#ff6b93}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1rem;max-width:76rem;background:var(--paper);"
    "color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.25rem;"
    "margin:2.5rem 0 .25rem;border-top:1px solid var(--line);"
    "padding-top:1rem}\n"
    "p{max-width:46rem;margin:.5rem 0}\n"
    ".charts{display:grid;gap:1.5rem;margin:1rem 0;align-items:start;"
    "grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}\n"
    "figure{margin:0;min-width:0}figcaption{font-weight:600}\n"
    "svg{display:block;width:100%;max-width:32rem;height:auto}\n"
    "svg text{font:11px system-ui,sans-serif;fill:var(--ink)}\n"
    "svg .soft{fill:var(--soft)}svg .value{text-anchor:end;"
    "font-variant-numeric:tabular-nums}\n"
    "svg path{fill:none;stroke:currentColor}svg .grid{stroke:var(--line)}\n"
    "svg .thin{stroke-width:1.5}svg .thick{stroke-width:5}\n"
    "svg .floor{stroke:var(--floor);stroke-width:2.5}\n"
    "svg circle,svg rect{fill:currentColor}\n"
    ".a{color:var(--a)}.b{color:var(--b)}.c{color:var(--c)}\n"
    ".table{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-size:.875rem;"
    "font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}\n"
    "th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);"
    "text-align:right;vertical-align:top;white-space:nowrap}\n"
    "th:first-child{text-align:left;padding-left:0;font-weight:400;"
    "white-space:normal;min-width:9rem}\n"
    "thead th,thead th:first-child{font-weight:600}\n"
    ".facts td{text-align:left;white-space:normal;overflow-wrap:anywhere}\n"
    ".facts th:first-child{min-width:6rem}\n";

void
page_begin(struct page *p, const char *title)
{
	fputs("<!DOCTYPE html>\n"
	      "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
	      "<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" "
	      "content=\"width=device-width,initial-scale=1\"/>\n<title>",
	      p->html);
	text_html(p->html, title, SIZE_MAX);
	fprintf(p->html, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>",
		style);
	text_html(p->html, title, SIZE_MAX);
	fputs("</h1>\n", p->html);
	fputs("# ", p->md);
	text_md(p->md, title);
	fputs("\n", p->md);
}

static void
both(struct page *p, const char *before, const char *text, const char *after)
{
	fputs(before, p->html);
	text_html(p->html, text, SIZE_MAX);
	fputs(after, p->html);
}

void
page_heading(struct page *p, const char *text)
{
	both(p, "<h2>", text, "</h2>\n");
	fputs("\n## ", p->md);
	text_md(p->md, text);
	fputc('\n', p->md);
}

void
page_text(struct page *p, const char *text)
{
	both(p, "<p>", text, "</p>\n");
	fputc('\n', p->md);
	text_md(p->md, text);
	fputc('\n', p->md);
}

void
page_table(struct page *p, const char *caption, const char *const *heads,
	   size_t cols)
{
	p->cols = cols;
	p->at = 0;
	both(p,
	     "<div class=\"table\" role=\"region\" tabindex=\"0\" "
	     "aria-label=\"",
	     caption, "\">\n");
	both(p, cols == 2 ? "<table class=\"facts\">" : "<table>", "", "");
	both(p, "<caption>", caption, "</caption>\n<thead><tr>");
	fputs("\n|", p->md);
	for (size_t i = 0; i < cols; i++) {
		both(p, "<th scope=\"col\">", heads[i], "</th>");
		fputc(' ', p->md);
		text_md(p->md, heads[i]);
		fputs(" |", p->md);
	}
	fputs("</tr></thead>\n<tbody>\n", p->html);
	fputs("\n|", p->md);
	for (size_t i = 0; i < cols; i++)
		fputs(i && cols > 2 ? "---:|" : "---|", p->md);
	fputc('\n', p->md);
}

void
page_cell(struct page *p, const char *text)
{
	if (p->at == 0)
		both(p, "<tr><th scope=\"row\">", text, "</th>");
	else
		both(p, "<td>", text, "</td>");
	fputs(p->at ? " " : "| ", p->md);
	text_md(p->md, text);
	fputs(" |", p->md);
	if (++p->at < p->cols)
		return;
	p->at = 0;
	fputs("</tr>\n", p->html);
	fputc('\n', p->md);
}

void
page_table_end(struct page *p)
{
	fputs("</tbody></table></div>\n", p->html);
}

void
page_end(struct page *p)
{
	fputs("</body>\n</html>\n", p->html);
}
