/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rec.h - records that say who made them and which of his they are, and carry
 * a sum of their bytes, so that loss, doubles, tears and disorder all show.
 */
#ifndef WI_TESTS_FAULT_REC_H
#define WI_TESTS_FAULT_REC_H

#include <stdbool.h>
#include <weir/consumer.h>

/* Whose records there are. */
enum who { OTHER, VICTIM, GONE, WHO_CNT };
extern const char *const who_id[WHO_CNT]; /* their ids */

#define REC_SHORT 40  /* lies in a slot of an exclusive channel */
#define REC_LONG  700 /* lies in a lane */
#define REC_MAX	  1024

/* @len bytes of msgpack: record number @cnt of @who. */
void rec_make(uint8_t *buf, size_t len, enum who who, uint64_t cnt);
bool rec_whole(const weir_record *rec, enum who *who, uint64_t *cnt);

#endif
