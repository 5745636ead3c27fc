/* SPDX-License-Identifier: BSD-2-Clause
 *
 * current.h - the current value, in a buffer that is large enough.
 */
#ifndef WI_TOOLS_CURRENT_H
#define WI_TOOLS_CURRENT_H

#include <weir.h>

/* current_value - as weir_current(); *@buf is the caller's to free, also
 * after a failure. */
int current_value(weir_channel *ch, const char *producer, void **buf,
		  weir_record *rec);

#endif
