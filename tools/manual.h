/* SPDX-License-Identifier: BSD-2-Clause
 *
 * manual.h - what the manual takes from the tables, as mdoc(7): so that no
 * option and no verb is written down twice.
 */
#ifndef WI_TOOLS_MANUAL_H
#define WI_TOOLS_MANUAL_H

#include <stdio.h>

#include "cmd.h"

#define MANUAL_PARTS "verbs|synopsis|options"

/* manual_put - a part of the manual, from 1: all verbs with the pages that they
 * are on; how @c is called; its options, or without it (NULL) those that all
 * verbs with a store share. */
void manual_put(FILE *to, uint32_t part, const struct cmd *c);

#endif
