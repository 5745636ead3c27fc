/* SPDX-License-Identifier: BSD-2-Clause
 *
 * room.h - a small tmpfs of which any number of pages can be left free, and
 * a way to see that nothing in it has changed.
 *
 * Everything here ends the process (proc_check) when it cannot be done.
 */
#ifndef WI_TESTS_FAULT_ROOM_H
#define WI_TESTS_FAULT_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include <weir.h>

#define ROOM_PAGE 4096u

struct room {
	const char *dir;
	int ballast;
};

/* A tmpfs at @dir, for this process alone.  Return: 0 or 77. */
int room_enter(struct room *r, const char *dir, const char *options);

uint64_t room_free(const struct room *r); /* pages */

/* Fill it up but for @pages; ROOM_ALL: leave what there is. */
#define ROOM_ALL UINT64_MAX
void room_leave(struct room *r, uint64_t pages);

/* What the file system and, if @st is not NULL, the store say of
 * themselves: sizes, names, channels, places. */
struct room_view {
	uint64_t pages, files, names, blocks;
	uint64_t used, real, channels, participants, members;
};
struct room_view room_view(const struct room *r, weir_store *st);
bool room_same(const struct room_view *a, const struct room_view *b);

/* Does @diag say @code, and that @need bytes are needed and @left are free? */
bool room_says(const weir_diag *diag, int code, uint64_t need, uint64_t left);

#endif
