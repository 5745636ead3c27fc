/* SPDX-License-Identifier: BSD-2-Clause
 *
 * show.h - what is known about channels, producers and consumers, as fields
 * of a row; the same keys in every verb.
 */
#ifndef WI_TOOLS_SHOW_H
#define WI_TOOLS_SHOW_H

#include <weir.h>

const char *show_life(uint32_t life); /* alive, gone, unknown */

/* show_choice - the @n-th of "one|two", from 1. */
const char *show_choice(const char *words, uint32_t n);

/* show_config - the fields as in a configuration file, slot_len, bytes. */
void show_config(const weir_channel_info *ch);
void show_figures(const weir_channel_info *ch);
void show_producer(const weir_producer_info *p);
void show_consumer(const weir_consumer_info *c);

/* show_envelope - seq, time, producer, kind, lost (in text if any were),
 * current, origin. */
void show_envelope(const weir_record *rec);

/* show_record - the same, and the value; of a clear, what is current now.
 * Returns 0, or why the payload is no value. */
int show_record(const weir_record *rec);

#endif
