/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sleepers.h - other processes of a world, which wait for its records.
 *
 * Whoever sleeps in weir_read() looks again after a second, which would bring
 * what nobody woke him for.  So these do not look, unless told to: what does
 * not wake them never comes, however slow or quick the machine is.
 */
#ifndef WI_TESTS_FAULT_SLEEPERS_H
#define WI_TESTS_FAULT_SLEEPERS_H

#include <stdbool.h>
#include <stdint.h>

#define SLEEPERS 2  /* at most */
#define CROWD	 62 /* others' news that one of a crowd waits for as well */

struct world;

/* Return: 0; -1 after a message. */
int sleepers_start(struct world *w);
void sleepers_kill(struct world *w);

/* Look after a second, or not.  (A crowd always looks, after 50 ms: publishers
 * who die leave it to that.) */
void sleepers_look(struct world *w, bool do_look);

/* In some other process: be as they are in this. */
void sleepers_join(const struct world *w);

/* Everybody has everything, in order.  How long that took since @since_ns is
 * noted, unless it is 0. */
void sleepers_have(struct world *w, int64_t since_ns);

/* Wait until they sleep again. */
void sleepers_rest(struct world *w);

/* Make them get up and lie down again, behind whoever sleeps now. */
void sleepers_stir(struct world *w);

#endif
