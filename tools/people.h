/* SPDX-License-Identifier: BSD-2-Clause
 *
 * people.h - who is on a channel, as `ls` and `info` show it.
 */
#ifndef WI_TOOLS_PEOPLE_H
#define WI_TOOLS_PEOPLE_H

#include <weir.h>

/* people_text - producers and consumers, numbered.  @details: each with its
 * figures, and those that are gone too.
 * people_json - the same, as members of the object that is open.
 * Return: 0, or what an iterator said. */
int people_text(weir_channel *ch, int details);
int people_json(weir_channel *ch);

#endif
