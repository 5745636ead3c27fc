/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the benchmarks printed, as one page of HTML and as Markdown.  Both are
 * there when all went well, and else neither is touched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chart.h"
#include "machine.h"
#include "page.h"
#include "rows.h"
#include "table.h"

#define FACTS 32

/* What is read first comes first; a program that is not here comes last. */
static const struct {
	const char *bench, *what;
} sections[] = {
    {"latency", "A record goes to another process, and one comes back. "
		"Polling: both look all the time. Blocking: both sleep."},
    {"throughput", "A stream from one process to one other."},
    {"fanout", "A publish beside many consumers that have read all, and "
	       "streams that many processes read at once."},
    {"wakeup", "A publish that wakes processes, which share one processor: "
	       "what it costs, and when the first and the last have the "
	       "record; and a publish while many sleep elsewhere."},
    {"contention", "Many producers on one channel at once: time per record "
		   "of all together."},
    {"peers", "The same round trips and streams through what one would pick "
	      "instead, and through weir by the same loops. A peer whose "
	      "library was not there is left out."},
    {"schema", "The check of a record, and a publish that checks."},
    {"scale", "A publish in a large store, and how long it takes to attach "
	      "to a store and open a channel."},
    {"memory", "What channels take, beside what is said before they are "
	       "made."},
};
#define SECTIONS (sizeof(sections) / sizeof(*sections))

static void
charts(struct page *p, const struct rows *rows, const char *bench)
{
	fputs("<div class=\"charts\">\n", p->html);
	for (size_t i = 0; i < rows->cnt; i++) {
		const struct row *r = &rows->row[i];
		size_t first = 0;

		while (!row_beside(&rows->row[first], r))
			first++;
		if (first == i && r->kind != ROW_BYTES &&
		    strcmp(r->bench, bench) == 0)
			chart_write(p->html, rows, r);
	}
	fputs("</div>\n", p->html);
}

/* Nothing, if @bench has no row or comes from row @from and had one before. */
static void
section(struct page *p, const struct rows *rows, const char *bench,
	const char *what)
{
	size_t i = 0;

	while (i < rows->cnt && strcmp(rows->row[i].bench, bench) != 0)
		i++;
	if (i == rows->cnt)
		return;
	page_heading(p, bench);
	if (what)
		page_text(p, what);
	charts(p, rows, bench);
	for (int kind = 0; kind < ROW_KINDS; kind++)
		table_write(p, rows, bench, (enum row_kind)kind);
}

static bool
has_section(const struct rows *rows, size_t i)
{
	for (size_t k = 0; k < SECTIONS; k++)
		if (strcmp(rows->row[i].bench, sections[k].bench) == 0)
			return true;
	for (size_t k = 0; k < i; k++)
		if (strcmp(rows->row[i].bench, rows->row[k].bench) == 0)
			return true;
	return false;
}

static void
write_all(struct page *p, const struct rows *rows, const char *const *facts,
	  size_t cnt)
{
	page_begin(p, "weir: benchmarks");
	page_text(p, "Each figure was measured between two measurements of its "
		     "floor: what two processes can do without any library. "
		     "Compare ratios, not times, and never times of two "
		     "reports: machines change while one looks.");
	machine_write(p, rows, facts, cnt);
	for (size_t k = 0; k < SECTIONS; k++)
		section(p, rows, sections[k].bench, sections[k].what);
	for (size_t i = 0; i < rows->cnt; i++)
		if (!has_section(rows, i))
			section(p, rows, rows->row[i].bench, NULL);
	page_end(p);
}

/* ---- files
 * -------------------------------------------------------------------------
 */

struct file {
	const char *path;
	char *aside; /* where it is until it is whole */
	FILE *f;
};

static int
complain(const char *path)
{
	fprintf(stderr, "report: %s: %s\n", path, strerror(errno));
	return -1;
}

static int
open_aside(struct file *x, const char *path)
{
	size_t len = strlen(path) + sizeof(".part");

	x->path = path;
	x->aside = malloc(len);
	if (x->aside) {
		snprintf(x->aside, len, "%s.part", path);
		x->f = fopen(x->aside, "w");
	}
	return x->f ? 0 : complain(path);
}

static int
close_whole(struct file *x)
{
	int bad = ferror(x->f);

	bad |= fclose(x->f);
	x->f = NULL;
	return bad ? complain(x->path) : 0;
}

static void
drop(struct file *x)
{
	if (x->f)
		fclose(x->f);
	if (x->aside)
		unlink(x->aside);
	free(x->aside);
}

static int
put(const struct rows *rows, const char *html, const char *md,
    const char *const *facts, size_t cnt)
{
	struct file x[2] = {0};
	int rc = open_aside(&x[0], html);

	if (rc == 0)
		rc = open_aside(&x[1], md);
	if (rc == 0) {
		struct page p = {.html = x[0].f, .md = x[1].f};

		write_all(&p, rows, facts, cnt);
		rc = close_whole(&x[0]);
	}
	if (rc == 0)
		rc = close_whole(&x[1]);
	for (int i = 0; rc == 0 && i < 2; i++)
		if (rename(x[i].aside, x[i].path) != 0)
			rc = complain(x[i].path);
	drop(&x[0]);
	drop(&x[1]);
	return rc;
}

static int
usage(void)
{
	fprintf(stderr, "usage: report [-f NAME=WHAT]... LINES HTML MARKDOWN\n"
			"  -f  a fact for the table of the machine\n");
	return 2;
}

int
main(int argc, char **argv)
{
	const char *facts[FACTS];
	struct rows rows;
	size_t cnt = 0;
	int o, rc;

	while ((o = getopt(argc, argv, "f:")) != -1) {
		if (o != 'f' || cnt == FACTS || !strchr(optarg, '='))
			return usage();
		facts[cnt++] = optarg;
	}
	if (argc - optind != 3)
		return usage();
	rc = rows_read(&rows, argv[optind]);
	if (rc == 0)
		rc = put(&rows, argv[optind + 1], argv[optind + 2], facts, cnt);
	rows_free(&rows);
	return rc == 0 ? 0 : 1;
}
