/* SPDX-License-Identifier: BSD-2-Clause
 *
 * heap.c - see heap.h
 */
#include "fault/heap.h"

struct heap heap;
