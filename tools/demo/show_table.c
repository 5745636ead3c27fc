/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show_table.c - a consumer of table-data: each table, whatever is in it.
 *
 *     show_table STORE
 */
#include <weir.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/demo.h"

#define COLUMNS 8
#define CELL	24

static weir_consumer *panel;

static void
on_stop(void)
{
	weir_interrupt(panel);
}

/* How many elements the array at @pointer has. */
static uint32_t
elements(const weir_record *rec, const char *pointer)
{
	weir_value v;

	if (weir_record_find(rec, pointer, &v) != 0 || v.type != WEIR_ARRAY)
		return 0;
	return v.cnt;
}

/* One line of cells: the array at @pointer. */
static void
show_row(const weir_record *rec, const char *pointer)
{
	char line[COLUMNS * (CELL + 16)] = "", cell[CELL + 1], at[64];
	uint32_t cnt = elements(rec, pointer);
	size_t len = 0;

	for (uint32_t i = 0; i < cnt && i < COLUMNS; i++) {
		snprintf(at, sizeof(at), "%s/%u", pointer, i);
		demo_text(rec, at, cell, sizeof(cell));
		len += (size_t)snprintf(line + len, sizeof(line) - len,
					"  %-16s", cell);
	}
	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	demo_say("%s", line);
}

static void
show(const weir_record *rec)
{
	char title[64], at[32];
	uint32_t rows = elements(rec, "/rows");

	if (rec->kind == WEIR_CLEAR) {
		demo_say("%s has withdrawn its table", rec->producer);
		return;
	}
	demo_say("%s", demo_text(rec, "/title", title, sizeof(title)));
	show_row(rec, "/headers");
	for (uint32_t i = 0; i < rows; i++) {
		snprintf(at, sizeof(at), "/rows/%u", i);
		show_row(rec, at);
	}
}

int
main(int argc, char **argv)
{
	struct demo_count count = {0};
	weir_store *store = NULL;
	weir_channel *ch = NULL;
	weir_diag diag = {0};
	weir_record rec;
	int rc;

	if (argc != 2)
		return 2;
	demo_begin("table", on_stop);
	if ((rc = weir_store_open(argv[1], NULL, &store, &diag)) < 0 ||
	    (rc = weir_channel_open(store, "table-data", NULL, &ch, &diag)) <
		0 ||
	    (rc = weir_consumer_open(ch, "table-panel", NULL, &panel, &diag)) <
		0)
		return demo_fail("cannot register", rc, &diag);

	while ((rc = weir_read(panel, &rec, 1, demo_stop ? 0 : -1)) > 0 ||
	       rc == -EINTR) {
		if (rc < 0)
			continue;
		demo_count(&count, &rec);
		show(&rec);
	}
	if (rc != -EAGAIN)
		return demo_fail("read", rc, NULL);

	demo_report(panel, "table-data", &count);
	weir_consumer_close(panel);
	weir_channel_close(ch);
	weir_store_close(store);
	return 0;
}
