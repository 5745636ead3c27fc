/* SPDX-License-Identifier: BSD-2-Clause
 *
 * doctor.h - where `weir doctor` looks.  Each of these prints what it finds
 * and returns 0, or why it could not look.
 */
#ifndef WI_TOOLS_DOCTOR_H
#define WI_TOOLS_DOCTOR_H

#include <weir.h>

int doctor_damage(weir_store *store);
int doctor_left(weir_store *store);   /* what killed processes left */
int doctor_tables(weir_store *store); /* what is full */
int doctor_channels(weir_store *store, const weir_store_info *info);

/* doctor_place - the file system, the rights of the files, the kernel. */
int doctor_place(const weir_store_info *info);

/* doctor_held - processes that have a store of this name open which has no
 * name any more. */
int doctor_held(void);

/* doctor_dir - where the store's file is, without a slash at the end. */
const char *doctor_dir(void);

/* doctor_command - reach_command(), an option as it is to be typed, and an
 * operand; both may be NULL.  A store that has no name can only be looked at:
 * then it is weir dump. */
const char *doctor_command(const char *verb, const char *option,
			   const char *operand);

/* doctor_close - what to type so that not everybody may write to the store,
 * nor lock its places. */
const char *doctor_close(void);

/* doctor_who - what to type to see who that is. */
const char *doctor_who(uint32_t pid);

#endif
