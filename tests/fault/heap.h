/* SPDX-License-Identifier: BSD-2-Clause
 *
 * heap.h - what was allocated, and allocations that fail; in programs that
 * include heapseam.h.
 */
#ifndef WI_TESTS_FAULT_HEAP_H
#define WI_TESTS_FAULT_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct heap {
	int64_t live;	  /* allocated and not freed */
	uint64_t made;	  /* allocations so far */
	uint64_t fail_at; /* that one fails, counted as by made; 0: none */
	bool from_then;	  /* and all after it */
};

extern struct heap heap;

#endif
